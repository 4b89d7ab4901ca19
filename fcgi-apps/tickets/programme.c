/* A programme of the house's own: events with their seats and prices, as a file of one line each. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "app/imports.h"
#include "base/scope.h"
#include "data/rows.h"
#include "http/money.h"
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

/* --- events at their venues --- */

static const struct statement make_venues = { SQL(
	insert into venue (name, location, capacity)
	select distinct on (lower(venue), lower(location), capacity) venue, location, capacity
	  from programme_line
	 order by lower(venue), lower(location), capacity, file, line
	on conflict (lower(name), lower(location), capacity) do nothing
) };

static const struct statement make_events = { SQL(
	with told as (
		select distinct on (lower(p.name), p.starts_at, v.venue_id)
		       p.file, p.name, p.description, p.starts_at, v.venue_id, p.total_seats, p.price_minor, p.currency
		  from programme_line p
		  join venue v on lower(v.name) = lower(p.venue) and lower(v.location) = lower(p.location) and v.capacity = p.capacity
		 order by lower(p.name), p.starts_at, v.venue_id, p.file, p.line
	), made as (
		insert into event (name, description, starts_at, venue_id, total_seats, price_minor, currency, provider)
		select name, description, starts_at, venue_id, total_seats, price_minor, currency, 'events' from told
		on conflict (provider, lower(name), starts_at, venue_id) where provider is not null do nothing
		returning lower(name) as name, starts_at, venue_id
	)
	select told.file, count(*)
	  from told
	  join made on made.name = lower(told.name) and made.starts_at = told.starts_at and made.venue_id = told.venue_id
	 group by told.file
) };

/* A price is not changed by a file: there may be orders. */
static const struct statement refuse_others = { SQL(
	delete from import_line l
	 using programme_line p, event e, venue v
	 where (l.file, l.line) = (p.file, p.line) and v.venue_id = e.venue_id
	   and e.provider = 'events' and lower(e.name) = lower(p.name) and e.starts_at = p.starts_at
	   and lower(v.name) = lower(p.venue) and lower(v.location) = lower(p.location) and v.capacity = p.capacity
	   and (e.description, e.total_seats, e.price_minor, e.currency) is distinct from
	       (p.description, p.total_seats, p.price_minor, p.currency)
	returning l.file, l.line, 'it was told with another description, number of seats or price before' as reason
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
