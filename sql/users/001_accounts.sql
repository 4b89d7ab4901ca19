-- Accounts and their sessions.

select platform.make_domain_tables();

create table account (
	user_id		uuid		primary key,
	username	text		not null
			constraint account_username_length check (octet_length(username) between 1 and 64),
	email		text		not null
			constraint account_email_length check (char_length(email) between 3 and 254),
	password_hash	text
			constraint account_password_hash_length check (char_length(password_hash) <= 128),
	roles		text[]		not null default '{user}'
			constraint account_roles_known check (
				cardinality(roles) > 0 and
				roles <@ array['user', 'organiser', 'producer', 'admin', 'service']),
	notifications_enabled boolean	not null default true,
	notification_types text[]	not null default '{}'
			constraint account_notification_types_count check (cardinality(notification_types) <= 100),
	status		text		not null default 'active'
			constraint account_status_known check (status in ('active', 'disabled', 'erased')),
	version		bigint		not null default 1,
	created_at	timestamptz	not null default now(),
	updated_at	timestamptz	not null default now(),
	-- Only who is erased has none.
	constraint account_password_kept check (status = 'erased' or password_hash is not null)
);
create unique index account_username_key on account (lower(username));
create unique index account_email_key on account (lower(email));
select platform.track_changes('account');

-- A log-in of a person, or a token made for a service.
create table session (
	session_id	uuid		primary key,
	user_id		uuid		references account,
	kind		text		not null default 'user'
			constraint session_kind_known check (kind in ('user', 'service')),
	name		text
			constraint session_name_length check (octet_length(name) between 1 and 64),
	refresh_hash	bytea
			constraint session_refresh_hash_length check (octet_length(refresh_hash) = 32),
	address		inet,
	user_agent	text,
	created_at	timestamptz	not null default now(),
	expires_at	timestamptz	not null,
	ended_at	timestamptz,
	constraint session_has_bearer check (
		case kind when 'user' then user_id is not null else name is not null end)
);
-- Whose sessions are open; also what an account's removal looks for.
create index session_user_id on session (user_id, created_at);
create unique index session_refresh_hash_key on session (refresh_hash);
-- Those whose tokens must be refused still.
create index session_ended_at on session (ended_at) where ended_at is not null;
-- Those that may be forgotten.
create index session_over_at on session (least(ended_at, expires_at));
select platform.track_changes('session');
