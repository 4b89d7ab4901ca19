-- Notifications: what people were told, what they want to be told, and the mails that wait.

select platform.make_domain_tables();

create table notification (
	notification_id	uuid		primary key default platform.uuid_v7(),
	user_id		uuid		not null,
	kind		text		not null
			constraint notification_kind_length check (char_length(kind) between 1 and 40),
	message		text		not null
			constraint notification_message_length check (char_length(message) between 1 and 1000),
	-- Ids of what it tells of: {"order_id": "..."}.
	subject		jsonb		not null default '{}',
	-- The same thing is told to the same person once: "goal:<game>:<event>".
	dedupe		text,
	created_at	timestamptz	not null default now(),
	read_at		timestamptz
);
create unique index notification_dedupe on notification (dedupe, user_id) where dedupe is not null;
create index notification_user_id on notification (user_id, notification_id);
create index notification_unread on notification (user_id, notification_id) where read_at is null;
create index notification_read_at on notification (read_at) where read_at is not null;
create index notification_unread_since on notification (created_at) where read_at is null;

-- Who has no row has the defaults.
create table preference (
	user_id		uuid		primary key,
	-- As users says, by its version; no types are all of them.
	enabled		boolean		not null default true,
	types		text[]		not null default '{}',
	version		bigint		not null default 0,
	-- Ours: which come by mail too, and when none may.
	mail_types	text[]		not null default '{}',
	quiet_from	time,
	quiet_until	time,
	time_zone	text
			constraint preference_time_zone_length check (char_length(time_zone) <= 64),
	constraint preference_quiet_is_whole check (num_nulls(quiet_from, quiet_until, time_zone) in (0, 3))
);

-- One that is to be mailed too, until users has taken it.
create table mail (
	notification_id	uuid		primary key references notification on delete cascade,
	attempts	integer		not null default 0,
	-- Also the end of the lease of who hands it over just now.
	next_try_at	timestamptz	not null default now(),
	created_at	timestamptz	not null default now()
);
create index mail_due on mail (next_try_at);

-- Postgres takes what the files of its time zones name, in any case, and abbreviations; those are not meant.
create function is_time_zone(name text)
returns boolean
language plpgsql
stable
set search_path from current
as $$
begin
	perform now() at time zone name;
	return name ~ '^(UTC|[A-Z][A-Za-z_]+(/[A-Z][A-Za-z0-9_+-]+)+)$';
exception
	when invalid_parameter_value then
		return false;
end
$$;

-- When quiet hours that this moment lies in end; the moment itself when it lies in none.
create function after_quiet(moment timestamptz, quiet_from time, quiet_until time, zone text)
returns timestamptz
language sql
stable
set search_path from current
as $$
	select case
		when quiet_from is null then moment
		when quiet_from <= quiet_until and not (at >= quiet_from and at < quiet_until) then moment
		when quiet_from > quiet_until and not (at >= quiet_from or at < quiet_until) then moment
		else (day + (quiet_until <= at)::integer + quiet_until) at time zone zone
	end
	  from (select (moment at time zone zone)::time as at, (moment at time zone zone)::date as day) here
$$;

-- For sentences.
create function say_time(moment timestamptz)
returns text
language sql
stable
as $$
	select to_char(moment at time zone 'UTC', 'FMDD FMMonth YYYY, HH24:MI "UTC"')
$$;

-- Tells all these people the same: those who want to hear of that kind and were not told of it before.
-- Row, message to open clients and mail are one statement, however many people they are. How many were told.
-- A look-up of each one's preference: a plan that suits few people, or a table that was empty, would be kept.
create function notify_people(people uuid[], about text, sentence text, ids jsonb, once text)
returns bigint
language plpgsql
set search_path from current
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set plan_cache_mode = force_generic_plan
as $$
declare
	told bigint;
begin
	with wanted as (
		select person.user_id
		  from (select distinct unnest(people) as user_id) person
		  left join preference p on p.user_id = person.user_id
		 where about = 'security' or p.user_id is null or p.enabled and (p.types = '{}' or about = any (p.types))
	), added as (
		insert into notification (user_id, kind, message, subject, dedupe)
		select user_id, about, sentence, ids, once
		  from wanted
		on conflict (dedupe, user_id) where dedupe is not null do nothing
		returning notification_id, user_id, created_at
	), pushed as (
		insert into outbox (event_id, channel, data)
		select notification_id, 'notifications:' || user_id,
		       jsonb_build_object('type', 'real-time notification', 'message', sentence, 'status', 'unread',
				'notification_id', notification_id, 'kind', about, 'created_at',
				platform.rfc3339(created_at))
		  from added
	), mailed as (
		insert into mail (notification_id)
		select notification_id
		  from added
		  join preference p on p.user_id = added.user_id
		 where about = any (p.mail_types)
	)
	select count(*) into told from added;
	return told;
end
$$;
