-- What people go to, and where it takes place.

select platform.make_domain_tables();

create table venue (
	venue_id	uuid		primary key default platform.uuid_v7(),
	name		text		not null
			constraint venue_name_length check (char_length(name) between 1 and 160),
	-- "Luzhniki Stadium, Moscow": as people find it.
	location	text		not null
			constraint venue_location_length check (char_length(location) between 1 and 240),
	-- Nought: nobody has said.
	capacity	integer		not null
			constraint venue_capacity_counts check (capacity >= 0),
	latitude	double precision
			constraint venue_latitude_degrees check (latitude between -90 and 90),
	longitude	double precision
			constraint venue_longitude_degrees check (longitude between -180 and 180),
	created_at	timestamptz	not null default now(),
	constraint venue_position_is_whole check ((latitude is null) = (longitude is null))
);
-- A hall that seats more people for one thing than for another is two venues.
create unique index venue_key on venue (lower(name), lower(location), capacity);

create table event (
	event_id	uuid		primary key default platform.uuid_v7(),
	name		text		not null
			constraint event_name_length check (char_length(name) between 1 and 200),
	description	text		not null default ''
			constraint event_description_length check (char_length(description) <= 10000),
	-- Where its makers tell more.
	url		text
			constraint event_url_form check (char_length(url) <= 2000 and url ~ '^https?://'),
	starts_at	timestamptz	not null,
	-- Of one that is known by its days only; it starts at the first second of the first one, in UTC.
	end_day		date,
	venue_id	uuid		not null references venue,
	total_seats	integer		not null
			constraint event_seats_count check (total_seats between 0 and 1000000),
	-- By orders that are not paid yet, and by those that are.
	reserved	integer		not null default 0,
	sold		integer		not null default 0,
	price_minor	bigint
			-- A hundred of them are an amount that a bigint holds.
			constraint event_price_counts check (price_minor between 0 and 10000000000000000),
	currency	text
			constraint event_currency_form check (currency ~ '^[A-Z]{3}$'),
	-- Announced: it takes place, and nothing is sold here.
	state		text		not null default 'on_sale'
			constraint event_state_known check (state in ('announced', 'on_sale', 'cancelled')),
	-- Null: one of the house, that came with an import.
	organiser_id	uuid,
	-- The format that it came with.
	provider	text,
	-- The game that it admits to.
	game_id		uuid,
	version		bigint		not null default 1,
	created_at	timestamptz	not null default now(),
	updated_at	timestamptz	not null default now(),
	constraint event_on_sale_has_seats_and_price
		check (state <> 'on_sale' or total_seats > 0 and price_minor is not null and currency is not null),
	constraint event_not_oversold check (reserved >= 0 and sold >= 0 and reserved + sold <= total_seats)
);
create unique index event_order on event (starts_at, event_id);
create index event_venue on event (venue_id);
create index event_organiser on event (organiser_id);
-- What a line of an import is known again by: the files have no ids.
create unique index event_imported on event (provider, lower(name), starts_at, venue_id) where provider is not null;
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

-- An event as it is shown, by the keys of the answers. It is over once it has begun, or its last day has passed.
create view listed_event as
select e.event_id as id, e.name, e.description, e.url as "url?", e.starts_at as date_time, e.end_day as "end_date?",
       v.venue_id as "venue.id", v.name as "venue.name", v.location as "venue.location", v.capacity as "venue.capacity",
       v.latitude as "venue.latitude?", v.longitude as "venue.longitude?",
       e.total_seats - e.reserved - e.sold as available_seats, e.total_seats, e.price_minor, e.currency,
       case when e.state <> 'cancelled' and coalesce((e.end_day + 1)::timestamptz, e.starts_at) <= now() then 'over'
            else e.state end as event_status, e.game_id as "game_id?"
  from event e
  join venue v on v.venue_id = e.venue_id;

select platform.track_changes('venue');
select platform.track_changes('event');
