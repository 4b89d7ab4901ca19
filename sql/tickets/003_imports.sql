-- Lines of files on their way in.

-- What the lines of any format of events come to, before they are found or made.
create unlogged table import_event (
	file		text		not null,
	line		integer		not null,
	provider	text		not null,
	name		text		not null,
	description	text		not null,
	url		text,
	starts_at	timestamptz	not null,
	end_day		date,
	venue		text		not null,
	location	text		not null,
	capacity	integer		not null,
	total_seats	integer		not null default 0,
	price_minor	bigint,
	currency	text,
	state		text		not null default 'on_sale',
	event_id	uuid,
	primary key (file, line)
);

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
