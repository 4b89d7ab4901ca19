-- Renewal of sessions, and where they are used.

-- The generation tells how often a session was renewed; refresh_hash is that of the current secret alone.
alter table session
	add refresh_generation integer not null default 0
			constraint session_refresh_generation_counts check (refresh_generation >= 0),
	add refreshed_at timestamptz,
	-- What its bearer used when it began, as people know it. Sessions of services have none.
	add device	text
			constraint session_device_length check (char_length(device) between 1 and 64),
	add network	cidr,
	add place	text
			constraint session_place_length check (char_length(place) between 1 and 128);
-- A session is found by its own key, which its refresh token tells.
drop index session_refresh_hash_key;
