-- The rows every contender reads: the same on every machine.
set search_path = demo;
set client_min_messages = warning;
truncate item cascade;
insert into item (item_id, owner_id, name, description, price_minor, currency, available, starts_at)
select ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
	('00000000-0000-7000-9000-' || lpad(to_hex(n % 1000), 12, '0'))::uuid,
	'Evening number ' || n,
	case when n % 50 = 0 then e'"Quoted", a tab\t, a \\ and <Łódź & Malmö>: one row in fifty.'
		else 'An evening of the usual length in row ' || n || ', with nothing in it that must be escaped.' end,
	n * 7919 % 100000,
	(array['EUR', 'EUR', 'EUR', 'USD', 'JPY', 'KWD'])[n % 6 + 1],
	n % 500,
	timestamptz '2030-01-01 00:00:00+00' + n / 3 * interval '1 minute' + n % 7 * interval '1 millisecond'
from generate_series(1, 100000) n;
analyze item;
