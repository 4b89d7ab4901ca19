-- The tables that every domain has, made in its first migration:
--
--   select platform.make_domain_tables();
--
-- A change here does not reach schemas that have them: migrate those too.
create or replace function platform.make_domain_tables()
returns void
language plpgsql
as $$
begin
	if current_schema() in ('platform', 'public') then
		raise exception 'make_domain_tables() belongs into a migration of a domain';
	end if;

	-- Events, and messages of channels, that left with the transaction that caused them; an hour longer than it takes to publish them.
	create table outbox (
		id		bigint		generated always as identity primary key,
		event_id	uuid		not null default platform.uuid_v7(),
		type		text,
		aggregate_id	uuid,
		version		bigint,
		channel		text,
		data		jsonb		not null,
		traceparent	text,
		created_at	timestamptz	not null default now(),
		published_at	timestamptz,
		constraint outbox_event_or_message check (num_nulls(type, aggregate_id, version) = case when channel is null then 0 else 3 end)
	);
	create index outbox_unpublished on outbox (id) where published_at is null;
	-- What is looked for when a person goes: an event of his says user_id.
	create index outbox_user_id on outbox ((data ->> 'user_id')) where data ->> 'user_id' is not null;

	-- Who was erased a moment ago: a token may have outrun the news.
	create table gone_person (
		person		uuid		primary key,
		gone_at		timestamptz	not null default now()
	);

	-- Parts of exports that users waits for.
	create table export_due (
		export_id	uuid		primary key,
		user_id		uuid		not null,
		attempts	integer		not null default 0,
		next_try_at	timestamptz	not null default now()
	);

	-- What it is published to: another course of the bus' data may lack what was published last.
	create table bus (
		history		text		not null
	);
	create unique index bus_is_one on bus ((true));
	-- Turns of the relay. Not rolled back: one that failed has told something, perhaps.
	create sequence bus_turn;

	-- Events of others that this domain has taken in.
	create table inbox (
		event_id	uuid		primary key,
		received_at	timestamptz	not null default now()
	);
	create index inbox_received_at on inbox using brin (received_at);

	-- Those that it could not take in: tried again, and dead in the end.
	create table failed_event (
		event_id	uuid		primary key,
		event		text		not null,
		error		text		not null,
		attempts	integer		not null default 1,
		failed_at	timestamptz	not null default now(),
		next_try_at	timestamptz,
		created_at	timestamptz	not null default now()
	);
	create index failed_event_due on failed_event (next_try_at) where next_try_at is not null;

	-- Answers to be repeated for the same Idempotency-Key.
	create table idempotency (
		user_id		uuid		not null,
		route		text		not null,
		key		text		not null,
		request_hash	bytea		not null,
		status		integer,
		content_type	text,
		body		bytea,
		created_at	timestamptz	not null default now(),
		primary key (user_id, route, key)
	);
	create index idempotency_created_at on idempotency (created_at);

	-- When the domain's jobs are due; the one who holds a row does the work.
	create table timer (
		name		text		primary key,
		due_at		timestamptz	not null,
		ran_at		timestamptz
	);

	-- Rows that are gone, for whoever copies tables by changed_xid.
	create table tombstone (
		id		bigint		generated always as identity primary key,
		table_name	text		not null,
		key		jsonb		not null,
		deleted_at	timestamptz	not null default now(),
		changed_xid	xid8		not null default pg_current_xact_id()
	);
	create index tombstone_changed_xid on tombstone (changed_xid);

	-- Lines of files on their way in (app/imports.h). Filled and emptied within the transaction of an import: nobody else ever sees a row.
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

	perform platform.make_audit();
end
$$;
