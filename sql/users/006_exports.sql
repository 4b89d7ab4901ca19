-- Exports and erasures.

-- All that the platform knows of a person, asked for by that person and kept for a week.
create table export (
	export_id	uuid		primary key,
	user_id		uuid		not null references account,
	status		text		not null default 'pending'
			constraint export_status_known check (status in ('pending', 'ready', 'failed', 'expired')),
	-- Whose parts it is made of, and which of them did not come in time.
	domains		text[]		not null
			constraint export_has_domains check (cardinality(domains) > 0),
	missing		text[]		not null default '{}',
	archive		bytea,
	size		bigint,
	version		bigint		not null default 1,
	requested_at	timestamptz	not null default now(),
	ready_at	timestamptz,
	expires_at	timestamptz,
	constraint export_ready_is_whole check (
		status <> 'ready' or archive is not null and size is not null and expires_at is not null)
);
-- One at a time.
create unique index export_pending on export (user_id) where status = 'pending';
create index export_user_id on export (user_id, requested_at);
create index export_waiting on export (requested_at) where status = 'pending';
create index export_incomplete on export (export_id) where status = 'ready' and missing <> '{}';
create index export_expires_at on export (expires_at) where status = 'ready';
create index export_requested_at on export (requested_at) where status in ('expired', 'failed');

-- What a domain delivered, until it is in an archive that is complete or gone.
create table export_part (
	export_id	uuid		references export on delete cascade,
	domain		text
			constraint export_part_domain_length check (octet_length(domain) between 1 and 64),
	body		text		not null,
	received_at	timestamptz	not null default now(),
	primary key (export_id, domain)
);

-- The last mail to a person who is gone is written after that, and leaves when it was sent or given up.
create function forget_last_mail()
returns trigger
language plpgsql
set search_path from current
as $$
begin
	delete from mail
	 using account
	 where mail.mail_id = new.mail_id and account.user_id = new.user_id and account.status = 'erased';
	return null;
end
$$;
create trigger forget_last_mail after update on mail
	for each row when (new.sent_at is not null or new.gave_up_at is not null)
	execute function forget_last_mail();
