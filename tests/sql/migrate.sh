#!/bin/bash
# Migrations on a scratch database in the cluster of the given one.
# shellcheck source=tests/sql/story
. "$(dirname "$0")/story"

source=$(cd "$(dirname "$0")/../../sql" && pwd -P)
database=marquee_migrations
domain=migrationtest

PGHOST=$(owner -c 'show unix_socket_directories')
PGPORT=$(owner -c 'show port')
PGUSER=$(owner -c 'select current_user')
export PGHOST PGPORT PGUSER PGDATABASE=$database PGOPTIONS='-c synchronous_commit=local'

sql() {
	psql -X -q -At -v ON_ERROR_STOP=1 -c "$1"
}

# A tree with one domain and one migration, and a database that knows neither.
new_tree() {
	rm -rf "$scratch/sql"
	mkdir -p "$scratch/sql/$domain" "$scratch/secrets"
	cp -r "$source/migrate" "$source/roles.sql" "$source/grants.sql" "$source/functions" "$scratch/sql/"
	write 001_things <<-'SQL'
		select platform.make_domain_tables();
		create table thing (thing_id int, part int, name text, primary key (thing_id, part));
		select platform.track_changes('thing');
	SQL
	echo first >"$scratch/secrets/$domain.password"
	drop
	PGDATABASE=postgres sql "create database $database"
}

drop() {
	PGDATABASE=postgres sql "drop database if exists $database (force)" 2>"$scratch/drop"
	PGDATABASE=postgres sql "drop role if exists $domain" 2>"$scratch/drop"
}

write() {	# NAME: from stdin
	cat >"$scratch/sql/$domain/$1.sql"
}

migrate() {
	"$scratch/sql/migrate" --secrets "$scratch/secrets" "$@" >"$scratch/out" 2>&1
}

migrated() {
	migrate "$@" || fail "$(cat "$scratch/out")"
}

refused() {	# PATTERN
	! migrate || fail "it went through: $(cat "$scratch/out")"
	says "$scratch/out" "$1"
}

until_true() {	# SECONDS COMMAND...
	local limit=$((SECONDS + $1))

	until "${@:2}"; do
		((SECONDS < limit)) || fail "never became true: ${*:2}"
		sleep 0.05
	done
}

asleep() {
	[[ $(sql "select count(*) from pg_stat_activity where datname = '$database' and wait_event = 'PgSleep'") = 1 ]]
}

nobody_migrates() {
	[[ $(sql "select count(*) from pg_stat_activity where datname = '$database' and application_name = 'marquee-migrate'") = 0 ]]
}

a_new_database_is_brought_up_step_by_step() {
	new_tree
	migrated
	says "$scratch/out" '^roles: migrationtest$'
	says "$scratch/out" '^functions/track_changes.sql$'
	says "$scratch/out" '^migrationtest/001_things.sql$'
	same "last step" grants "$(tail -n 1 "$scratch/out")"
	same rows 0 "$(sql "set role $domain; select count(*) from $domain.thing")"
}

a_second_run_finds_nothing_to_do() {
	new_tree
	migrated
	migrated
	same answer "Nothing to do." "$(cat "$scratch/out")"
}

asking_changes_nothing() {
	new_tree
	migrated --status
	says "$scratch/out" '^pending .*migrationtest/001_things.sql$'
	migrated --dry-run
	says "$scratch/out" '^would apply migrationtest/001_things.sql$'
	same "schemas made" 0 "$(sql "select count(*) from pg_namespace where nspname in ('platform', '$domain')")"
	migrated
	echo '-- now another' >>"$scratch/sql/$domain/001_things.sql"
	migrated --status
	says "$scratch/out" '^changed .*migrationtest/001_things.sql$'
}

a_changed_migration_is_refused_by_its_name() {
	new_tree
	migrated
	echo '-- now another' >>"$scratch/sql/$domain/001_things.sql"
	echo 'create table other ();' | write 002_other
	refused 'migrationtest/001_things.sql was changed after it was applied'
	same "tables made" 0 "$(sql "select count(*) from pg_class where relname = 'other'")"
}

a_migration_that_is_gone_is_refused_by_its_name() {
	new_tree
	echo 'create table other ();' | write 002_other
	migrated
	rm "$scratch/sql/$domain/002_other.sql"
	refused 'migrationtest/002_other.sql was applied but is missing here'
}

a_migration_that_comes_too_late_is_refused() {
	new_tree
	echo 'create table third ();' | write 003_third
	migrated
	echo 'create table second ();' | write 002_second
	refused 'migrationtest/002_second.sql would come after a later one'
}

two_migrations_with_one_number_are_refused() {
	new_tree
	echo 'create table second ();' | write 002_second
	echo 'create table other ();' | write 002_other
	refused '002_second.sql: there are two with this number'
}

a_migration_that_fails_leaves_nothing_behind() {
	new_tree
	printf 'create table other ();\nselect 1 / 0;\n' | write 002_other
	refused '002_other.sql:2: ERROR:  division by zero'
	same "tables made" 0 "$(sql "select count(*) from pg_class where relname = 'other'")"
	echo 'create table other ();' | write 002_other
	migrated
	same "tables made" 1 "$(sql "select count(*) from pg_class where relname = 'other'")"
}

a_migration_that_ends_its_transaction_is_found_out() {
	new_tree
	printf 'create table other ();\ncommit;\n' | write 002_other
	refused '002_other.sql:2:commit'
	printf 'create table other ();\ncommit work;\n' | write 002_other
	refused '002_other.sql is not one transaction'
}

a_run_that_was_killed_is_finished_by_the_next() {
	new_tree
	printf 'create table other ();\nselect pg_sleep(60);\n' | write 002_other
	setsid "$scratch/sql/migrate" --secrets "$scratch/secrets" >"$scratch/killed" 2>&1 &
	until_true 10 asleep
	kill -KILL -- "-$!"
	{ wait "$!" || true; } 2>"$scratch/wait"
	sql "select pg_terminate_backend(pid) from pg_stat_activity where datname = '$database' and wait_event = 'PgSleep'" >"$scratch/out"
	until_true 10 nobody_migrates
	same "tables made" 0 "$(sql "select count(*) from pg_class where relname = 'other'")"
	echo 'create table other ();' | write 002_other
	migrated
	same "steps" 'roles: migrationtest migrationtest/002_other.sql grants' "$(paste -sd ' ' "$scratch/out")"
}

of_two_runs_at_once_one_waits_and_finds_it_done() {
	new_tree
	printf 'create table other ();\nselect pg_sleep(1);\n' | write 002_other
	"$scratch/sql/migrate" --secrets "$scratch/secrets" >"$scratch/first" 2>&1 &
	until_true 10 asleep
	migrated
	wait "$!" || fail "$(cat "$scratch/first")"
	says "$scratch/out" 'Another migration runs'
	says "$scratch/first" '^migrationtest/002_other.sql$'
	! grep -q 002_other "$scratch/out" || fail "both applied it"
}

a_changed_function_is_applied_again() {
	new_tree
	migrated
	sed -i 's/^-- A UUIDv7/-- One UUIDv7/' "$scratch/sql/functions/uuid_v7.sql"
	migrated
	same "steps" 'roles: migrationtest functions/uuid_v7.sql grants' "$(paste -sd ' ' "$scratch/out")"
}

a_function_of_a_domain_may_name_its_tables() {
	new_tree
	mkdir "$scratch/sql/$domain/functions"
	cat >"$scratch/sql/$domain/functions/things.sql" <<-'SQL'
		create or replace function things() returns bigint language sql as 'select count(*) from thing';
	SQL
	migrated
	same things 0 "$(sql "set role $domain; set search_path = $domain; select things()")"
}

a_new_password_is_taken() {
	new_tree
	migrated
	before=$(sql "select rolpassword from pg_authid where rolname = '$domain'")
	echo second >"$scratch/secrets/$domain.password"
	migrated
	after=$(sql "select rolpassword from pg_authid where rolname = '$domain'")
	[[ $before = SCRAM-SHA-256* && $after = SCRAM-SHA-256* && $before != "$after" ]] || fail "'$before', then '$after'"
}

a_restored_database_gets_its_roles_back() {
	new_tree
	migrated
	sql "drop owned by $domain; drop role $domain"
	migrated
	says "$scratch/out" '^grants$'
	same rows 0 "$(sql "set role $domain; select count(*) from $domain.thing")"
}

what_changes_and_goes_can_be_told_by_transaction() {
	new_tree
	migrated
	sql "insert into $domain.thing select n, 0, 'one' from generate_series(1, 4) n"
	written=$(sql "select distinct changed_xid from $domain.thing")
	sql "update $domain.thing set name = 'two' where thing_id = 1"
	same "rows changed since" 1 "$(sql "select thing_id from $domain.thing where changed_xid > '$written'")"
	sql "set role $domain; delete from $domain.thing where thing_id in (2, 3)"
	same tombstones 'thing {"part": 0, "thing_id": 2} thing {"part": 0, "thing_id": 3}' \
	    "$(psql -X -At -F ' ' -c "select table_name, key from $domain.tombstone
	        where changed_xid > '$written' order by key" | paste -sd ' ')"
	! sql "update $domain.thing set part = 1" 2>"$scratch/out" || fail "a key changed"
	says "$scratch/out" 'the key of thing does not change'
	sql "update $domain.thing set part = 0"
}

trap 'drop; rm -rf "$scratch"' EXIT
tell \
	a_new_database_is_brought_up_step_by_step \
	a_second_run_finds_nothing_to_do \
	asking_changes_nothing \
	a_changed_migration_is_refused_by_its_name \
	a_migration_that_is_gone_is_refused_by_its_name \
	a_migration_that_comes_too_late_is_refused \
	two_migrations_with_one_number_are_refused \
	a_migration_that_fails_leaves_nothing_behind \
	a_migration_that_ends_its_transaction_is_found_out \
	a_run_that_was_killed_is_finished_by_the_next \
	of_two_runs_at_once_one_waits_and_finds_it_done \
	a_changed_function_is_applied_again \
	a_function_of_a_domain_may_name_its_tables \
	a_new_password_is_taken \
	a_restored_database_gets_its_roles_back \
	what_changes_and_goes_can_be_told_by_transaction
