-- The tables of a domain that imports files (shared/app/imports.h), made in a migration:
--
--   select platform.make_import_tables();
create or replace function platform.make_import_tables()
returns void
language plpgsql
as $$
begin
	-- Filled and emptied within the transaction of an import: nobody else ever sees a row.
	create unlogged table import_line (
		file		text		not null,
		line		integer		not null,
		cells		text[]		not null,
		-- What it tells of, such as a game; null as long as it is not found.
		found		uuid,
		primary key (file, line)
	);

	-- Lines that tell of something that was not there yet: the next import tries them again.
	create table import_waiting (
		provider	text		not null,
		file		text		not null,
		line		integer		not null,
		cells		text[]		not null,
		created_at	timestamptz	not null default now(),
		primary key (provider, file, line)
	);
end
$$;
