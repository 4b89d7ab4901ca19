/*
 * What the formats of events have in common: venues and events, by their names.
 *
 * The files have no ids: an event is known again by its name, its time and its
 * venue.  What is there stays as it is, for there may be orders.
 */
#include "imported.h"

static const struct statement make_venues = { SQL(
	insert into venue (name, location, capacity)
	select distinct on (lower(venue), lower(location), capacity) venue, location, capacity
	  from import_event
	 order by lower(venue), lower(location), capacity, file, line
	on conflict (lower(name), lower(location), capacity) do nothing
) };

static const struct statement make_events = { SQL(
	with told as (
		select distinct on (lower(n.name), n.starts_at, v.venue_id)
		       n.file, n.provider, n.name, n.description, n.url, n.starts_at, n.end_day, v.venue_id, n.total_seats,
		       n.price_minor, n.currency, n.state
		  from import_event n
		  join venue v on lower(v.name) = lower(n.venue) and lower(v.location) = lower(n.location) and v.capacity = n.capacity
		 order by lower(n.name), n.starts_at, v.venue_id, n.file, n.line
	), made as (
		insert into event (name, description, url, starts_at, end_day, venue_id, total_seats, price_minor, currency, state,
		                   provider)
		select name, description, url, starts_at, end_day, venue_id, total_seats, price_minor, currency, state, provider
		  from told
		on conflict (provider, lower(name), starts_at, venue_id) where provider is not null do nothing
		returning lower(name) as name, starts_at, venue_id
	)
	select told.file, count(*)
	  from told
	  join made on made.name = lower(told.name) and made.starts_at = told.starts_at and made.venue_id = told.venue_id
	 group by told.file
) };

static const struct statement find_events = { SQL(
	update import_event n
	   set event_id = e.event_id
	  from venue v, event e
	 where lower(v.name) = lower(n.venue) and lower(v.location) = lower(n.location) and v.capacity = n.capacity
	   and e.venue_id = v.venue_id and e.provider = n.provider and lower(e.name) = lower(n.name) and e.starts_at = n.starts_at
) };

const struct import_step imported_steps[] = {
	{ "making venues", &make_venues },
	{ "making events", &make_events, STEP_TAKEN },
	{ "looking for events", &find_events },
	{ 0 }
};

const struct statement imported_empty = { SQL(
	delete from import_event
) };
