-- Sports, their competitions and seasons, who plays and where.

select platform.make_domain_tables();

-- A sport: "Football".
create table category (
	category_id	uuid		primary key default platform.uuid_v7(),
	name		text		not null
			constraint category_name_length check (char_length(name) between 1 and 80)
);
create unique index category_name_key on category (lower(name));

create table competition (
	competition_id	uuid		primary key default platform.uuid_v7(),
	category_id	uuid		not null references category,
	name		text		not null
			constraint competition_name_length check (char_length(name) between 1 and 160),
	-- Who is level on points is told apart by the games against each other, before all goals.
	head_to_head_first boolean	not null default false
);
create unique index competition_name_key on competition (category_id, lower(name));
create index competition_order on competition (lower(name), competition_id);

-- One edition of a competition: "2018", "2022/23"; of one without editions there is a season a year.
create table season (
	season_id	uuid		primary key default platform.uuid_v7(),
	competition_id	uuid		not null references competition,
	name		text		not null
			constraint season_name_length check (char_length(name) between 1 and 80),
	-- Null is what was usual in its sport and year: points_of_season().
	points_for_win	smallint
			constraint season_points_for_win_range check (points_for_win between 1 and 10)
);
create unique index season_name_key on season (competition_id, lower(name));

create table team (
	team_id		uuid		primary key default platform.uuid_v7(),
	category_id	uuid		not null references category,
	name		text		not null
			constraint team_name_length check (char_length(name) between 1 and 120),
	code		text
			constraint team_code_length check (char_length(code) between 1 and 8)
);
create unique index team_name_key on team (category_id, lower(name));
create index team_order on team (lower(name), team_id);

-- What a team was called for some time; a team that has the name now is meant before one that had it.
create table former_name (
	team_id		uuid		not null references team,
	name		text		not null
			constraint former_name_length check (char_length(name) between 1 and 120),
	since		date		not null default '-infinity',
	until		date		not null default 'infinity',
	primary key (team_id, name, since),
	constraint former_name_ends check (since <= until)
);
create index former_name_name on former_name (lower(name));

create table venue (
	venue_id	uuid		primary key default platform.uuid_v7(),
	name		text		not null default ''
			constraint venue_name_length check (char_length(name) <= 160),
	city		text		not null default ''
			constraint venue_city_length check (char_length(city) <= 120),
	country		text		not null default ''
			constraint venue_country_length check (char_length(country) <= 120),
	capacity	integer
			constraint venue_capacity_counts check (capacity >= 0),
	latitude	double precision
			constraint venue_latitude_range check (latitude between -90 and 90),
	longitude	double precision
			constraint venue_longitude_range check (longitude between -180 and 180)
);
create unique index venue_key on venue (lower(name), lower(city), lower(country));

select platform.track_changes('category');
select platform.track_changes('competition');
select platform.track_changes('season');
select platform.track_changes('team');
select platform.track_changes('venue');
