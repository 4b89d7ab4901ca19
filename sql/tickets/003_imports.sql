-- What is read of lines of files on their way in.

-- 22°54'44"S and 5.826936°S, as degrees to a tenth of a metre; null of anything else.
create function to_degrees(angle text)
returns double precision
language sql
immutable
return (
	select case when part[4] in ('S', 'W') then -1 else 1 end
	       * round(part[1]::numeric + coalesce(part[2]::numeric, 0) / 60 + coalesce(part[3]::numeric, 0) / 3600, 6)
	  from regexp_match(angle, '^(\d{1,3}(?:\.\d+)?)°(?:([0-5]?\d)''(?:([0-5]?\d(?:\.\d+)?)")?)?([NSEW])$') match (part)
);

-- Latitude and longitude; null of what does not tell both.
create function to_position(coordinates text)
returns double precision[]
language sql
immutable
set search_path from current
return (
	select case when angle[1] ~ '[NS]$' and angle[2] ~ '[EW]$' and cardinality(angle) = 2
	             and abs(to_degrees(angle[1])) <= 90 and abs(to_degrees(angle[2])) <= 180
	            then array[to_degrees(angle[1]), to_degrees(angle[2])] end
	  from regexp_split_to_array(btrim(coordinates), '\s+') angle
);

-- A conference is at a place, of which nobody tells how many it seats, or nowhere but online.
create view conference_line as
select file, line, cells[1] as title, cells[2] as url,
       cells[3]::timestamp at time zone 'UTC' as starts_at, cells[4]::date as end_day,
       case when cells[5] = '' then 'Online' else cells[5] end as name,
       case when cells[5] = '' then 'Online' else concat_ws(', ', cells[5], nullif(cells[6], '')) end as location,
       case when cells[5] <> '' and cells[7] = 'TRUE' then 'Also online.' else '' end as description
  from import_line;

create view programme_line as
select file, line, cells[1] as name, cells[2] as description, cells[3]::timestamptz as starts_at,
       cells[4] as venue, cells[5] as location, cells[6]::integer as capacity,
       cells[7]::integer as total_seats, cells[8]::bigint as price_minor, cells[9] as currency
  from import_line;
