/* A programme of the house's own: events with their seats and prices, as a file of one line each. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "data/rows.h"
#include "http/money.h"
#include "imported.h"
#include "tickets.h"

/* --- files --- */

enum { CAPACITY = 5, TOTAL_SEATS, PRICE, CURRENCY };

static const struct import_column columns[] = {
	{ "name", CELL_NAME, 200 },
	{ "description", CELL_TEXT, 10000 },
	{ "date_time", CELL_TIME },
	{ "venue", CELL_NAME, 160 },
	{ "location", CELL_NAME, 240 },
	{ "capacity", CELL_NUMBER, 10000000 },
	{ "total_seats", CELL_NUMBER, 1000000 },
	{ "price", CELL_NAME, 30 },
	{ "currency", CELL_NAME, 3 },
	{ 0 }
};

static const char *
event_problem(const char *const *cells)
{
	int seats = atoi(cells[TOTAL_SEATS]);

	if (seats == 0)
		return "total_seats is nought";
	return seats > atoi(cells[CAPACITY]) ? "total_seats is more than the capacity" : NULL;
}

static bool
has_too_many_decimals(const char *amount, const char *currency)
{
	const char *point = strchr(amount, '.');
	size_t digits = (size_t)currency_digits(currency);

	return point != NULL && strlen(point + 1) > digits && point[1 + digits + strspn(point + 1 + digits, "0")] != '\0';
}

/* The price in minor units. */
static const char *
price_in_minor(struct scope *scope, const char **cells)
{
	const char *price = cells[PRICE], *currency = cells[CURRENCY];

	if (money_currency_problem(currency) != NULL)
		return "currency is no ISO 4217 code like EUR";
	if (!money_is_amount(price))
		return "price is no amount like 19.99";
	if (has_too_many_decimals(price, currency))
		return scope_printf(scope, "price has more decimals than %s", currency);
	cells[PRICE] = scope_printf(scope, "%" PRId64, money_minor(scope, "price", price, currency));
	return NULL;
}

static const struct import_file files[] = {
	{ "event", columns, event_problem, price_in_minor },
	{ 0 }
};

/* --- lines become events --- */

static const struct statement read_lines = { SQL(
	insert into import_event (file, line, provider, name, description, starts_at, venue, location, capacity, total_seats,
	                          price_minor, currency)
	select file, line, 'events', cells[1], cells[2], cells[3]::timestamptz, cells[4], cells[5], cells[6]::integer,
	       cells[7]::integer, cells[8]::bigint, cells[9]
	  from import_line
) };

static const struct statement refuse_others = { SQL(
	delete from import_event n
	 using event e
	 where e.event_id = n.event_id
	   and (e.description, e.total_seats, e.price_minor, e.currency) is distinct from
	       (n.description, n.total_seats, n.price_minor, n.currency)
	returning n.file, n.line, 'it was told with another description, number of seats or price before' as reason
) };

static const struct import_step steps[] = {
	{ "reading events", &read_lines },
	{ .steps = imported_steps },
	{ "comparing", &refuse_others, STEP_REFUSED },
	{ "clearing up", &imported_empty },
	{ 0 }
};

static const struct statement totals = { SQL(
	select json_build_object(
	       'events', count(*),
	       'venues', count(distinct venue_id),
	       'total_seats', coalesce(sum(total_seats), 0),
	       'to_come', count(*) filter (where starts_at > now()))::text as totals
	  from event
	 where provider = 'events'
) };

const struct import_format import_events = {
	.name = "events",
	.files = files,
	.many = true,
	.steps = steps,
	.totals = &totals,
};
