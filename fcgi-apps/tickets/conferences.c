/*
 * Conferences become events that are announced: nobody told of seats or prices.
 *
 * A conference is in the file of each of its topics; it is one by its name, its
 * first day and its place.
 */
#include <string.h>

#include "app/imports.h"
#include "tickets.h"

/* --- files --- */

static const struct import_column columns[] = {
	{ "name", CELL_NAME, 200 },
	{ "url", CELL_NAME, 2000 },
	{ "startDate", CELL_DAY },
	{ "endDate", CELL_DAY },
	{ "city", CELL_TEXT, 120 },
	{ "country", CELL_TEXT, 118 },
	{ "online", CELL_TEXT, 5 },
	{ 0 }
};

static const char *
conference_problem(const char *const *cells)
{
	bool online = strcmp(cells[6], "TRUE") == 0;

	if (strncmp(cells[1], "http://", 7) != 0 && strncmp(cells[1], "https://", 8) != 0)
		return "url is no address of a page";
	if (!online && *cells[6] != '\0' && strcmp(cells[6], "FALSE") != 0)
		return "online is neither true nor false";
	if (!online && *cells[4] == '\0')
		return "it is neither in a city nor online";
	return strcmp(cells[2], cells[3]) > 0 ? "it ends before it begins" : NULL;
}

static const struct import_file files[] = {
	{ "conference", columns, conference_problem },
	{ 0 }
};

static const char *
read_conferences(struct import_sheet *sheet, const json_t *document)
{
	if (!json_is_array(document))
		return "it is no list";
	import_take_objects(sheet, document);
	return NULL;
}

/* --- places, and what is on there --- */

static const struct statement make_venues = { SQL(
	insert into venue (name, location, capacity)
	select distinct on (lower(name), lower(location)) name, location, 0
	  from conference_line
	 order by lower(name), lower(location), file, line
	on conflict (lower(name), lower(location), capacity) do nothing
) };

static const struct statement make_events = { SQL(
	with told as (
		select distinct on (lower(c.title), c.starts_at, v.venue_id)
		       c.file, c.title, c.description, c.url, c.starts_at, c.end_day, v.venue_id
		  from conference_line c
		  join venue v on lower(v.name) = lower(c.name) and lower(v.location) = lower(c.location) and v.capacity = 0
		 order by lower(c.title), c.starts_at, v.venue_id, c.file, c.line
	), made as (
		insert into event (name, description, url, starts_at, end_day, venue_id, total_seats, state, provider)
		select title, description, url, starts_at, end_day, venue_id, 0, 'announced', 'conferences' from told
		on conflict (provider, lower(name), starts_at, venue_id) where provider is not null do nothing
		returning lower(name) as title, starts_at, venue_id
	)
	select told.file, count(*)
	  from told
	  join made on made.title = lower(told.title) and made.starts_at = told.starts_at and made.venue_id = told.venue_id
	 group by told.file
) };

static const struct statement refuse_others = { SQL(
	delete from import_line l
	 using conference_line c, event e, venue v
	 where (l.file, l.line) = (c.file, c.line) and v.venue_id = e.venue_id
	   and e.provider = 'conferences' and lower(e.name) = lower(c.title) and e.starts_at = c.starts_at
	   and lower(v.name) = lower(c.name) and lower(v.location) = lower(c.location) and v.capacity = 0
	   and (e.url, e.end_day) is distinct from (c.url, c.end_day)
	returning l.file, l.line, 'it was told with another address or last day before' as reason
) };

static const struct import_step steps[] = {
	{ "making venues", &make_venues },
	{ "making events", &make_events, STEP_TAKEN },
	{ "comparing", &refuse_others, STEP_REFUSED },
	{ 0 }
};

static const struct statement totals = { SQL(
	select json_build_object(
	       'events', count(*),
	       'online', count(*) filter (where v.name = 'Online' or e.description = 'Also online.'),
	       'places', count(distinct v.venue_id),
	       'first_day', min(e.starts_at at time zone 'UTC')::date,
	       'last_day', max(e.end_day))::text as totals
	  from event e
	  join venue v on v.venue_id = e.venue_id
	 where e.provider = 'conferences'
) };

const struct import_format import_conferences = {
	.name = "conferences",
	.files = files,
	.many = true,
	.read = read_conferences,
	.steps = steps,
	.totals = &totals,
};
