-- Finders: the row of what somebody calls by a name.

-- Every name that a team is told by. What is called for each batch is plpgsql, which keeps its plans.
create function names_of(wanted uuid)
returns text[]
language plpgsql
stable
set search_path from current
as $$
begin
	return array(
		select lower(name) from team where team_id = wanted
		 union all
		select lower(code) from team where team_id = wanted and code is not null
		 union all
		select lower(name) from former_name where team_id = wanted);
end
$$;

-- Each of these finds a row by its name, or makes one.
create function category_for(wanted text)
returns uuid
language plpgsql
set search_path from current
as $$
declare
	found_id uuid;
begin
	insert into category (name)
	select wanted
	 where not exists (select from category where lower(name) = lower(wanted))
	on conflict do nothing;
	select category_id into found_id from category where lower(name) = lower(wanted);
	return found_id;
end
$$;

create function competition_for(category uuid, wanted text)
returns uuid
language plpgsql
set search_path from current
as $$
declare
	called text := name_here(category, 'competition', wanted);
	found_id uuid;
begin
	insert into competition (category_id, name)
	select category, called
	 where not exists (select from competition where category_id = category and lower(name) = lower(called))
	on conflict do nothing;
	select competition_id into found_id
	  from competition where category_id = category and lower(name) = lower(called);
	return found_id;
end
$$;

-- The season that has games about that day; else the one of that year.
create function season_for(competition uuid, wanted date)
returns uuid
language plpgsql
set search_path from current
as $$
declare
	year text := extract(year from wanted)::text;
	found_id uuid;
begin
	select g.season_id into found_id
	  from season s
	  join game g on g.season_id = s.season_id and g.day between wanted - 45 and wanted + 45
	 where s.competition_id = competition
	 order by abs(g.day - wanted), g.game_id
	 limit 1;
	if found then
		return found_id;
	end if;
	insert into season (competition_id, name)
	select competition, year
	 where not exists (select from season where competition_id = competition and lower(name) = year)
	on conflict do nothing;
	select season_id into found_id from season where competition_id = competition and lower(name) = year;
	return found_id;
end
$$;

create function team_for(category uuid, wanted text, played date)
returns uuid
language plpgsql
set search_path from current
as $$
declare
	called text := team_name_here(category, wanted, played);
	found_id uuid;
begin
	insert into team (category_id, name)
	select category, called
	 where not exists (select from team where category_id = category and lower(name) = lower(called))
	on conflict do nothing;
	select team_id into found_id from team where category_id = category and lower(name) = lower(called);
	return found_id;
end
$$;

-- "Luzhniki Stadium, Moscow" is a stadium in a city.
create function venue_for(wanted text)
returns uuid
language plpgsql
set search_path from current
as $$
declare
	site text := left(regexp_replace(wanted, ', [^,]*$', ''), 160);
	place text := left(coalesce(substring(wanted from ', ([^,]*)$'), ''), 120);
	found_id uuid;
begin
	select venue_id into found_id
	  from venue
	 where lower(name) = lower(wanted) or (lower(name) = lower(site) and lower(city) = lower(place))
	 order by lower(name) = lower(wanted) desc, venue_id
	 limit 1;
	if found then
		return found_id;
	end if;
	insert into venue (name, city) values (site, place) on conflict do nothing;
	select venue_id into found_id
	  from venue where lower(name) = lower(site) and lower(city) = lower(place) and country = '';
	return found_id;
end
$$;

-- Ours, of two teams in a competition at about that time. Days differ by time zones;
-- a day off is taken when the times agree, or when none is known and it is the only one.
-- A provider has one id for a game, so its second id is another game.
create function find_game(told_by text, competition uuid, home uuid, away uuid, start timestamptz)
returns uuid
language sql
stable
set search_path from current
as $$
	with near as (
		select g.game_id, g.day = (start at time zone 'UTC')::date as that_day,
		       g.starts_at, abs(extract(epoch from g.starts_at - start)) as seconds_off,
		       g.team_1 = home as in_order
		  from game g
		  join season s on s.season_id = g.season_id and s.competition_id = competition
		 where (g.team_1, g.team_2) in ((home, away), (away, home))
		   and g.day between (start at time zone 'UTC')::date - 1 and (start at time zone 'UTC')::date + 1
		   and not exists (select from game_source known where known.game_id = g.game_id and known.provider = told_by offset 0)
	)
	select game_id
	  from near
	 where that_day or seconds_off < 12 * 60 * 60 or (starts_at is null and (select count(*) from near) = 1)
	 order by that_day desc, seconds_off nulls last, in_order desc, game_id
	 limit 1
$$;
