-- Sports, their competitions and seasons, who plays and where.

select platform.make_domain_tables();

-- A sport: "Football".
create table category (
	category_id	uuid		primary key default platform.uuid_v7(),
	name		text		not null
			constraint category_name_length check (char_length(name) between 1 and 80)
);
create unique index category_name_key on category (lower(name));

-- However a sport comes in, by a feed or an import, the others hear of it.
create function tell_category()
returns trigger
language plpgsql
set search_path from current
as $$
begin
	insert into outbox (type, aggregate_id, version, data)
	values ('sports.category_added', new.category_id, 1,
	        jsonb_build_object('category_id', new.category_id, 'name', new.name));
	return null;
end
$$;
create trigger tell_category after insert on category
	for each row execute function tell_category();

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

-- What providers call a competition or a team that has another name here, whether it is here already or not:
-- so they mean the same one, whoever comes first.
create table other_name (
	category	text		not null,
	kind		text		not null
			constraint other_name_kind_known check (kind in ('competition', 'team')),
	name		text		not null,
	means		text		not null
			constraint other_name_length check (char_length(means) between 1 and 120),
	since		date		not null default '-infinity',
	until		date		not null default 'infinity',
	primary key (category, kind, name, since),
	constraint other_name_ends check (since <= until)
);
create index other_name_name on other_name (lower(name));

insert into other_name (category, kind, name, means)
values ('Football', 'competition', 'World Cup', 'FIFA World Cup'),
       ('Football', 'competition', 'FIFA Men''s World Cup', 'FIFA World Cup'),
       ('Football', 'competition', 'Euro', 'UEFA Euro'),
       ('Football', 'competition', 'UEFA European Championship', 'UEFA Euro'),
       ('Football', 'team', 'USA', 'United States'),
       ('Football', 'team', 'Côte d''Ivoire', 'Ivory Coast'),
       ('Football', 'team', 'Bosnia-Herzegovina', 'Bosnia and Herzegovina'),
       ('Football', 'team', 'East Germany', 'German DR');
insert into other_name (category, kind, name, means, since, until)
values ('Football', 'team', 'West Germany', 'Germany', '1949-09-07', '1990-10-02'),
       ('Football', 'team', 'Soviet Union', 'Russia', '1922-12-30', '1991-12-25'),
       ('Football', 'team', 'Zaire', 'DR Congo', '1971-10-27', '1997-05-16'),
       ('Football', 'team', 'Dutch East Indies', 'Indonesia', '-infinity', '1949-12-26'),
       ('Football', 'team', 'Yugoslavia', 'Serbia', '1992-04-28', '2003-02-03'),
       ('Football', 'team', 'FR Yugoslavia', 'Serbia', '1992-04-28', '2003-02-03'),
       ('Football', 'team', 'Serbia and Montenegro', 'Serbia', '2003-02-04', '2006-07-09'),
       ('Football', 'team', 'Ireland', 'Republic of Ireland', '1956-04-12', 'infinity');

-- The name here of what is called so on that day.
create function name_here(of_category uuid, of_kind text, wanted text, played date default current_date)
returns text
language sql
stable
set search_path from current
as $$
	select coalesce((
		select o.means
		  from other_name o
		  join category c on c.category_id = of_category and lower(c.name) = lower(o.category)
		 where o.kind = of_kind and lower(o.name) = lower(wanted) and played between o.since and o.until
		 order by o.since desc
		 limit 1), wanted)
$$;

-- Likewise of a team: who has the name now is meant before who had it on that day.
create function team_name_here(of_category uuid, wanted text, played date)
returns text
language sql
stable
set search_path from current
as $$
	select coalesce(bearer.name, former.name, called.name)
	  from (select name_here(of_category, 'team', wanted, played) as name offset 0) called
	  left join team bearer on bearer.category_id = of_category and lower(bearer.name) = lower(called.name)
	  left join lateral (
		select t.name
		  from former_name f
		  join team t on t.team_id = f.team_id and t.category_id = of_category
		 where lower(f.name) = lower(called.name) and played between f.since and f.until
		 order by f.since desc, t.team_id
		 limit 1) former on true
$$;

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
