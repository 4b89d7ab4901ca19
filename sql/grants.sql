-- What each role may do: a domain reads and writes the tables of its own schema
-- and calls what is made for all; nothing else. Whatever was granted before goes.

do $$
declare
	domain text;
begin
	execute format('revoke all on database %I from public', current_database());
	revoke all on schema public, platform from public;
	revoke all on all tables in schema platform from public;
	revoke all on all functions in schema platform from public;

	foreach domain in array string_to_array(current_setting('marquee.domains'), ' ') loop
		execute format('revoke all on database %I from %I', current_database(), domain);
		execute format('revoke all on all tables in schema platform from %I', domain);
		execute format('revoke all on all functions in schema platform from %I', domain);
		execute format('revoke all on schema %1$I from public, %1$I', domain);
		execute format('revoke all on all tables in schema %1$I from public, %1$I', domain);
		execute format('revoke all on all sequences in schema %1$I from public, %1$I', domain);
		execute format('revoke all on all functions in schema %1$I from public, %1$I', domain);

		execute format('grant connect on database %I to %I', current_database(), domain);
		execute format('grant usage on schema platform to %I', domain);
		execute format('grant execute on function platform.uuid_v7(), platform.personal_tables(),
			platform.forget_person(uuid, name[]), platform.tell_person(uuid) to %I', domain);
		execute format('grant usage on schema %1$I to %1$I', domain);
		execute format('grant select, insert, update, delete on all tables in schema %1$I to %1$I', domain);
		execute format('grant usage on all sequences in schema %1$I to %1$I', domain);
		execute format('grant execute on all functions in schema %1$I to %1$I', domain);
	end loop;
end
$$;
