-- Second factors and recovery codes.

-- What an authenticator shares with us, from when it was shown; it counts once a code has confirmed it.
create table second_factor (
	user_id		uuid		primary key references account,
	-- Encrypted: a nonce of 24 bytes, 20 of secret, 16 of tag.
	secret		bytea		not null
			constraint second_factor_secret_length check (octet_length(secret) = 60),
	-- The time step of the last code that was taken: a code is good once.
	last_step	bigint		not null default 0,
	created_at	timestamptz	not null default now(),
	confirmed_at	timestamptz
);

-- For the day the authenticator is lost; a used one is deleted.
create table recovery_code (
	user_id		uuid		references second_factor on delete cascade,
	code_hash	bytea
			constraint recovery_code_hash_length check (octet_length(code_hash) = 32),
	primary key (user_id, code_hash)
);
