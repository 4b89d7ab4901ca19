/*
 * Conferences become events that are announced: nobody told of seats or prices.
 *
 * A conference is in the file of each of its topics; it is one by its name, its
 * first day and its place.
 */
#include <string.h>

#include "imported.h"
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

/* --- lines become events --- */

/* At a place, of which nobody tells how many it seats, or nowhere but online. */
static const struct statement read_lines = { SQL(
	insert into import_event (file, line, provider, name, description, url, starts_at, end_day, venue, location, capacity, state)
	select file, line, 'conferences', cells[1], case when cells[5] <> '' and cells[7] = 'TRUE' then 'Also online.' else '' end,
	       cells[2], cells[3]::timestamp at time zone 'UTC', cells[4]::date,
	       case when cells[5] = '' then 'Online' else cells[5] end,
	       case when cells[5] = '' then 'Online' else concat_ws(', ', cells[5], nullif(cells[6], '')) end, 0, 'announced'
	  from import_line
) };

static const struct statement refuse_others = { SQL(
	delete from import_event n
	 using event e
	 where e.event_id = n.event_id and (e.url, e.end_day) is distinct from (n.url, n.end_day)
	returning n.file, n.line, 'it was told with another address or last day before' as reason
) };

static const struct import_step steps[] = {
	{ "reading conferences", &read_lines },
	{ .steps = imported_steps },
	{ "comparing", &refuse_others, STEP_REFUSED },
	{ "clearing up", &imported_empty },
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
