-- Makes a table one that can be copied by what changed since a transaction:
--
--   select platform.track_changes('seat');
--
-- It gets changed_xid, the transaction that wrote the row last, with an index;
-- a deleted row leaves its key in the schema's tombstone. The key must not
-- change, for the old one would be gone without a trace. A table emptied by
-- truncate leaves none.
create or replace function platform.track_changes(tracked regclass)
returns void
language plpgsql
as $$
declare
	key_columns text[];
	name text;
begin
	select array_agg(a.attname order by a.attnum), c.relname
	  into key_columns, name
	  from pg_index i
	  join pg_class c on c.oid = i.indrelid
	  join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
	 where i.indrelid = tracked and i.indisprimary
	 group by c.relname;
	if key_columns is null then
		raise exception '% has no primary key to remember deleted rows by', tracked;
	end if;

	execute format('alter table %s add column changed_xid xid8 not null default pg_current_xact_id()', tracked);
	execute format('create index %I on %s (changed_xid)', name || '_changed_xid', tracked);
	execute format('create trigger note_change before update on %s
		for each row execute function platform.note_change()', tracked);
	execute format('create trigger refuse_key_change before update of %s on %s
		for each row when (row(%s) is distinct from row(%s))
		execute function platform.refuse_key_change()',
		(select string_agg(format('%I', k), ', ') from unnest(key_columns) k), tracked,
		(select string_agg(format('old.%I', k), ', ') from unnest(key_columns) k),
		(select string_agg(format('new.%I', k), ', ') from unnest(key_columns) k));
	execute format('create trigger bury after delete on %s
		referencing old table as gone
		for each statement execute function platform.bury(%s)', tracked,
		(select string_agg(format('%L', k), ', ') from unnest(key_columns) k));
end
$$;

create or replace function platform.note_change()
returns trigger
language plpgsql
as $$
begin
	new.changed_xid := pg_current_xact_id();
	return new;
end
$$;

create or replace function platform.refuse_key_change()
returns trigger
language plpgsql
as $$
begin
	raise exception 'the key of % does not change', tg_table_name
		using errcode = 'restrict_violation';
end
$$;

-- Its arguments are the columns of the key.
create or replace function platform.bury()
returns trigger
language plpgsql
as $$
begin
	execute format('insert into %I.tombstone (table_name, key)
		select %L, jsonb_build_object(%s) from gone', tg_table_schema, tg_table_name,
		(select string_agg(format('%L, %I', k, k), ', ') from unnest(tg_argv) k));
	return null;
end
$$;
