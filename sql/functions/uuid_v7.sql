-- A UUIDv7 (RFC 9562, 5.7), for rows that SQL makes by itself.
create or replace function platform.uuid_v7()
returns uuid
language sql
volatile
parallel safe
as $$
	-- 48 bits of milliseconds over a random UUID, whose version 4 becomes 7 by two bits.
	select encode(
		set_bit(set_bit(
			overlay(uuid_send(gen_random_uuid())
				placing substring(int8send(floor(extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
				from 1 for 6),
			52, 1), 53, 1),
		'hex')::uuid
$$;
