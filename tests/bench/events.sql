-- A thousand events that never sell out.
set search_path = tickets;
insert into venue (venue_id, name, location, capacity)
values ('00000000-0000-7000-8000-000000000000', 'Everywhere', 'Everywhere', 1000000);
insert into event (event_id, name, starts_at, venue_id, total_seats, price_minor, currency)
select ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'Evening number ' || n,
	now() + interval '1 year', '00000000-0000-7000-8000-000000000000', 1000000, 1999, 'EUR'
  from generate_series(1, 1000) n;
analyze event;
