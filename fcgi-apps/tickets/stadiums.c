/* Stadiums become venues: of openfootball, in JSON, and of the World Cup database. */
#include "app/imports.h"
#include "tickets.h"

/* --- files --- */

static const struct import_column of_tournaments[] = {
	{ "name", CELL_NAME, 160 },
	{ "city", CELL_NAME, 240 },
	{ "capacity", CELL_NUMBER, 10000000 },
	{ "coords", CELL_TEXT, 100 },
	{ 0 }
};

static const struct import_column of_world_cups[] = {
	{ "stadium_name", CELL_NAME, 160 },
	{ "city_name", CELL_NAME, 120 },
	{ "stadium_capacity", CELL_NUMBER, 10000000 },
	{ "country_name", CELL_NAME, 118 },
	{ 0 }
};

/* The cells of the other file. */
static const char *
join_place(struct scope *scope, const char **cells)
{
	cells[1] = scope_printf(scope, "%s, %s", cells[1], cells[3]);
	cells[3] = "";
	return NULL;
}

static const struct import_file files[] = {
	{ "stadium", of_tournaments },
	{ "world cup stadium", of_world_cups, .prepare = join_place },
	{ 0 }
};

static const char *
read_stadiums(struct import_sheet *sheet, const json_t *document)
{
	const json_t *stadiums = json_object_get(document, "stadiums");

	if (!json_is_array(stadiums))
		return "it has no list of stadiums";
	import_take_objects(sheet, stadiums);
	return NULL;
}

/* --- venues --- */

static const struct statement refuse_coordinates = { SQL(
	delete from import_line
	 where cells[4] <> '' and to_position(cells[4]) is null
	returning file, line, 'coords are no place on Earth as 22°54''44"S 43°13''49"W or 5.826936°S 35.212371°W' as reason
) };

/* Of two stadiums in a city the file says "Moscow (1)" and "Moscow (2)". What was told with less gets its position. */
static const struct statement make_venues = { SQL(
	with told as (
		select distinct on (lower(name), lower(location), capacity)
		       file, name, location, capacity, position[1] as latitude, position[2] as longitude
		  from (select file, line, cells[1] as name, regexp_replace(cells[2], ' [(][0-9]+[)]$', '') as location,
		               cells[3]::integer as capacity, to_position(cells[4]) as position
		          from import_line) l
		 order by lower(name), lower(location), capacity, position is null, file, line
	), made as (
		insert into venue as v (name, location, capacity, latitude, longitude)
		select name, location, capacity, latitude, longitude from told
		on conflict (lower(name), lower(location), capacity) do update
		   set latitude = excluded.latitude, longitude = excluded.longitude
		 where v.latitude is null and excluded.latitude is not null
		returning lower(v.name) as name, lower(v.location) as location, v.capacity
	)
	select told.file, count(*)
	  from told
	  join made on made.name = lower(told.name) and made.location = lower(told.location) and made.capacity = told.capacity
	 group by told.file
) };

static const struct import_step steps[] = {
	{ "looking at coordinates", &refuse_coordinates, STEP_REFUSED },
	{ "making venues", &make_venues, STEP_TAKEN },
	{ 0 }
};

/* A venue is a venue, whoever told of it first. */
static const struct statement totals = { SQL(
	select json_build_object(
	       'venues', count(*),
	       'with_capacity', count(*) filter (where capacity > 0),
	       'with_position', count(latitude))::text as totals
	  from venue
) };

const struct import_format import_stadiums = {
	.name = "stadiums",
	.files = files,
	.many = true,
	.read = read_stadiums,
	.steps = steps,
	.totals = &totals,
};
