#!/bin/sh
# A domain sees its own schema and nothing else.
# shellcheck source=tests/sql/story
. "$(dirname "$0")/story"

domains=$(owner -c 'select distinct domain from platform.migration order by domain')
[ -n "$domains" ] || fail "no domain is migrated there"

# Each pair of a domain and a thing, as "domain thing" lines of what it may do.
none() {	# WHAT SQL
	same "$1" '' "$(owner -c "with domain (name) as (select distinct domain from platform.migration) $2" | paste -sd ' ')"
}

# refused DOMAIN SQL: for want of a right, and for nothing else. What it needs was made before, all is undone.
refused() {
	{
		printf 'begin;\n%s\nset local role "%s";\n\\set VERBOSITY sqlstate\n' "${made-}" "$1"
		printf '%s;\nrollback;\n' "$2"
	} >"$scratch/sql"
	! owner -f - <"$scratch/sql" >"$scratch/out" 2>&1 || fail "$1 may: $2"
	says "$scratch/out" 'ERROR:  42501'
}

a_domain_reads_and_writes_its_own_tables() {
	none "rights that lack" "
		select format('%s: %s %s', d.name, wanted, c.relname)
		  from domain d
		  join pg_class c on c.relnamespace = d.name::regnamespace and c.relkind in ('r', 'p')
		 cross join unnest(array['select', 'insert', 'update', 'delete']) wanted
		 where not has_table_privilege(d.name, c.oid, wanted)"
	for domain in $domains; do
		owner >"$scratch/out" <<-SQL
			begin;
			set local role "$domain";
			insert into "$domain".outbox (event_id, type, aggregate_id, version, data)
			values (platform.uuid_v7(), 'test', platform.uuid_v7(), 1, '{}') returning version;
			delete from "$domain".idempotency;
			rollback;
		SQL
		same "$domain's insert" 1 "$(cat "$scratch/out")"
	done
}

a_domain_enters_no_other_schema() {
	none "schemas that are open" "
		select format('%s: %s', d.name, n.nspname)
		  from domain d
		 cross join pg_namespace n
		 where n.nspname not in (d.name, 'platform', 'pg_catalog', 'information_schema')
		   and has_schema_privilege(d.name, n.oid, 'usage')"
	none "tables that are open" "
		select format('%s: %s %s', d.name, wanted, c.oid::regclass)
		  from domain d
		  join pg_class c on c.relkind in ('r', 'p', 'v', 'm', 'S')
		  join pg_namespace n on n.oid = c.relnamespace
		 cross join unnest(array['select', 'update']) wanted
		 where n.nspname not in (d.name, 'pg_catalog', 'information_schema', 'pg_toast')
		   and case when c.relkind = 'S' then has_sequence_privilege(d.name, c.oid, wanted)
		            else has_table_privilege(d.name, c.oid, wanted) end"
}

a_domain_cannot_read_a_table_of_another() {
	made='create schema stranger; create table stranger.secret (text text);'
	for domain in $domains; do
		refused "$domain" 'select text from stranger.secret'
		for other in $domains; do
			[ "$other" = "$domain" ] || refused "$domain" "select id from \"$other\".outbox"
		done
	done
}

a_domain_cannot_read_the_ledger() {
	for domain in $domains; do
		refused "$domain" 'select name from platform.migration'
		refused "$domain" 'select name from platform.file'
	done
}

a_domain_cannot_make_or_empty_anything() {
	none "places to create" "
		select format('%s: %s', d.name, n.nspname)
		  from domain d
		 cross join pg_namespace n
		 where has_schema_privilege(d.name, n.oid, 'create')"
	for domain in $domains; do
		refused "$domain" 'create temporary table t ()'
		refused "$domain" 'create schema s'
		refused "$domain" "create table \"$domain\".t ()"
		refused "$domain" "truncate \"$domain\".outbox"
		refused "$domain" "alter table \"$domain\".outbox add column x int"
	done
}

a_domain_calls_nothing_but_what_is_made_for_it() {
	none "functions that are open" "
		select format('%s: %s', d.name, p.oid::regprocedure)
		  from domain d
		 cross join pg_proc p
		  join pg_namespace n on n.oid = p.pronamespace
		 where n.nspname not in (d.name, 'pg_catalog', 'information_schema')
		   and p.oid <> all (array['platform.uuid_v7()', 'platform.rfc3339(timestamptz)', 'platform.personal_tables()',
		       'platform.tell_person(uuid)', 'platform.forget_person(uuid, name[])']::regprocedure[])
		   and has_function_privilege(d.name, p.oid, 'execute')
		   and has_schema_privilege(d.name, n.oid, 'usage')"
}

a_domain_is_nobody_special() {
	none "roles with more than they need" "
		select d.name
		  from domain d
		  join pg_roles r on r.rolname = d.name
		 where rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls or rolinherit or not rolcanlogin"
	none "members of roles" "
		select d.name
		  from domain d
		  join pg_auth_members m on m.member = d.name::regrole or m.roleid = d.name::regrole"
	none "owners" "
		select d.name
		  from domain d
		  join pg_class c on c.relowner = d.name::regrole"
}

a_stranger_cannot_connect() {
	same "may strangers connect" f "$(owner -c "
		select coalesce(bool_or(a.grantee = 0), false)
		  from pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
		 where d.datname = current_database()")"
}

a_connection_of_a_domain_is_at_home_and_bounded() {
	none "settings that lack" "
		select format('%s: %s', d.name, wanted)
		  from domain d
		 cross join lateral unnest(array['search_path=' || d.name, 'statement_timeout=5s', 'lock_timeout=2s',
		       'idle_in_transaction_session_timeout=10s']) wanted
		 where not exists (
		       select
		         from pg_db_role_setting s
		        where s.setrole = d.name::regrole
		          and s.setdatabase = (select oid from pg_database where datname = current_database())
		          and wanted = any (s.setconfig))"
}

tell \
	a_domain_reads_and_writes_its_own_tables \
	a_domain_enters_no_other_schema \
	a_domain_cannot_read_a_table_of_another \
	a_domain_cannot_read_the_ledger \
	a_domain_cannot_make_or_empty_anything \
	a_domain_calls_nothing_but_what_is_made_for_it \
	a_domain_is_nobody_special \
	a_stranger_cannot_connect \
	a_connection_of_a_domain_is_at_home_and_bounded
