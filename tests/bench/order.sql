\set n random(1, 1000)
begin;
with taken as (
	update event
	   set reserved = reserved + 1
	 where event_id = ('00000000-0000-7000-8000-' || lpad(to_hex(:n::integer), 12, '0'))::uuid
	   and state = 'on_sale' and starts_at > now() and reserved + sold + 1 <= total_seats
	returning event_id, price_minor, currency
)
insert into ticket_order (order_id, user_id, event_id, quantity, total_minor, currency, expires_at)
select gen_random_uuid(), '00000000-0000-7000-9000-000000000000', event_id, 1, price_minor, currency, now() + interval '15 minutes'
  from taken
returning order_id, user_id, event_id, quantity, total_minor, currency, status, expires_at, created_at;
insert into outbox (type, aggregate_id, version, data)
values ('tickets.order_placed', gen_random_uuid(), 1,
	'{"order_id": "00000000-0000-7000-9000-000000000000", "user_id": "00000000-0000-7000-9000-000000000000", "quantity": 1}');
commit;
