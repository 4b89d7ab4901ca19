-- What a domain knows of a person: rows of every table that has a user_id, so
-- that a table made later is in it too. A person's row names others by other columns.

create or replace function platform.personal_tables()
returns setof name
language sql
stable
as $$
	select c.relname
	  from pg_class c
	  join pg_attribute a on a.attrelid = c.oid and a.attname = 'user_id' and not a.attisdropped
	 where c.relnamespace = current_schema()::regnamespace
	   and c.relkind in ('r', 'p')
	 order by c.relname
$$;

-- Deletes them. Those of the tables that are kept stay, with the id, which is nobody's name any more.
create or replace function platform.forget_person(person uuid, kept name[] default '{}')
returns void
language plpgsql
as $$
declare
	emptied name;
begin
	for emptied in select t from platform.personal_tables() t where t <> all (kept) loop
		execute format('delete from %I where user_id = $1', emptied) using person;
	end loop;
	update outbox
	   set data = (
		select coalesce(jsonb_object_agg(key, value), '{}')
		  from jsonb_each(data)
		 where right(key, 3) = '_id' or key in ('roles', 'status', 'domains'))
	 where data ->> 'user_id' = person::text;
	delete from failed_event where event::json -> 'data' ->> 'user_id' = person::text;
	update audit set details = '{}' where target @> array[person::text] and details <> '{}';
end
$$;

-- All of it, by table. Answers that are kept for a day to be repeated are left out: they say what the rows say.
create or replace function platform.tell_person(person uuid)
returns json
language plpgsql
as $$
declare
	told name;
	part jsonb;
	parts jsonb := '{}';
begin
	for told in select t from platform.personal_tables() t where t not in ('idempotency', 'export_due') loop
		execute format('select coalesce(jsonb_agg(to_jsonb(t) - ''changed_xid''), ''[]'') from %I t where user_id = $1', told)
		   into part using person;
		parts := parts || jsonb_build_object(told, part);
	end loop;
	return parts;
end
$$;
