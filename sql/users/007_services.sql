-- Services that get tokens for a secret.

-- One that a pool or a provider from outside signs in as.
create table service (
	name		text		primary key
			constraint service_name_form check (name ~ '^[a-z][a-z0-9_-]{0,31}$'),
	-- SHA-256: the secret is random, so nothing is gained by a slow hash.
	secret_hash	bytea		not null
			constraint service_secret_hash_length check (octet_length(secret_hash) = 32),
	status		text		not null default 'active'
			constraint service_status_known check (status in ('active', 'ended')),
	-- What its tokens belong to now; begun anew each day.
	session_id	uuid		references session on delete set null,
	created_at	timestamptz	not null default now(),
	updated_at	timestamptz	not null default now()
);
create index service_session_id on service (session_id);

-- Which sessions of services are to be ended.
create index session_service_name on session (name) where kind = 'service' and ended_at is null;
-- What ended since a pool asked last.
create index session_ended_xid on session (changed_xid) where ended_at is not null;
