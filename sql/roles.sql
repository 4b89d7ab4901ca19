-- The owner of everything, and a role and a schema for each domain.
-- The domains are in marquee.domains; passwords are set by ./migrate.

do $$
declare
	domain text;
begin
	if not exists (select from pg_roles where rolname = 'marquee_owner') then
		create role marquee_owner nologin;
	end if;
	execute format('grant connect, create, temporary on database %I to marquee_owner', current_database());

	foreach domain in array string_to_array(current_setting('marquee.domains'), ' ') loop
		if not exists (select from pg_roles where rolname = domain) then
			execute format('create role %I', domain);
		end if;
		execute format('alter role %I login nocreatedb nocreaterole noinherit', domain);
		execute format('create schema if not exists %I authorization marquee_owner', domain);
	end loop;
end
$$;

-- What a domain's connections begin with. A pool sets narrower limits of its own.
do $$
declare
	domain text;
	setting text;
begin
	foreach domain in array string_to_array(current_setting('marquee.domains'), ' ') loop
		foreach setting in array array[
			format('search_path = %I', domain),
			'statement_timeout = ''5s''',
			'lock_timeout = ''2s''',
			'idle_in_transaction_session_timeout = ''10s''',
			'timezone = ''UTC''',
			'jit = off'
		] loop
			execute format('alter role %I in database %I set %s', domain, current_database(), setting);
		end loop;
	end loop;
end
$$;
