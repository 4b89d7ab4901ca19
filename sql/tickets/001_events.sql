-- What people go to, and where it takes place.

select platform.make_domain_tables();

create table venue (
	venue_id	uuid		primary key default platform.uuid_v7(),
	name		text		not null
			constraint venue_name_length check (char_length(name) between 1 and 160),
	-- "Luzhniki Stadium, Moscow": as people find it.
	location	text		not null
			constraint venue_location_length check (char_length(location) between 1 and 240),
	capacity	integer		not null
			constraint venue_capacity_counts check (capacity >= 0),
	created_at	timestamptz	not null default now()
);
-- A hall that seats more people for one thing than for another is two venues.
create unique index venue_key on venue (lower(name), lower(location), capacity);

create table event (
	event_id	uuid		primary key default platform.uuid_v7(),
	name		text		not null
			constraint event_name_length check (char_length(name) between 1 and 200),
	description	text		not null default ''
			constraint event_description_length check (char_length(description) <= 10000),
	starts_at	timestamptz	not null,
	venue_id	uuid		not null references venue,
	total_seats	integer		not null
			constraint event_seats_count check (total_seats between 1 and 1000000),
	-- By orders that are not paid yet, and by those that are.
	reserved	integer		not null default 0,
	sold		integer		not null default 0,
	price_minor	bigint		not null
			-- A hundred of them are an amount that a bigint holds.
			constraint event_price_counts check (price_minor between 0 and 10000000000000000),
	currency	text		not null
			constraint event_currency_form check (currency ~ '^[A-Z]{3}$'),
	state		text		not null default 'on_sale'
			constraint event_state_known check (state in ('on_sale', 'cancelled')),
	-- Null: one that came with an import.
	organiser_id	uuid,
	-- The game that it admits to.
	game_id		uuid,
	version		bigint		not null default 1,
	created_at	timestamptz	not null default now(),
	updated_at	timestamptz	not null default now(),
	constraint event_not_oversold check (reserved >= 0 and sold >= 0 and reserved + sold <= total_seats)
);
create unique index event_order on event (starts_at, event_id);
create index event_venue on event (venue_id);
create index event_organiser on event (organiser_id);
create unique index event_game on event (game_id) where game_id is not null;

-- What is found by words, beside the event: every sale writes that row anew, and would index its text again.
create table event_text (
	event_id	uuid		primary key references event on delete cascade,
	words		tsvector	not null
);
create index event_text_words on event_text using gin (words);

create function keep_event_text()
returns trigger
language plpgsql
set search_path from current
as $$
begin
	insert into event_text (event_id, words)
	values (new.event_id, to_tsvector('simple', new.name || ' ' || new.description))
	on conflict (event_id) do update set words = excluded.words;
	return null;
end
$$;
create trigger keep_event_text after insert or update of name, description on event
	for each row execute function keep_event_text();

select platform.track_changes('venue');
select platform.track_changes('event');
