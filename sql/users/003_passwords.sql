-- Resets of passwords, changes of addresses, and the mails that tell of them.

-- Written with the change that causes it, sent by a job. All of it belongs to a person and goes with the account.
create table mail (
	mail_id		uuid		primary key,
	user_id		uuid		not null references account,
	recipient	text		not null
			constraint mail_recipient_plain check (
				char_length(recipient) between 3 and 254 and recipient !~ '[[:cntrl:][:space:]]'),
	subject		text		not null
			constraint mail_subject_plain check (char_length(subject) <= 200 and subject !~ '[[:cntrl:]]'),
	-- May hold a token: empty once it is sent or given up.
	text		text		not null
			constraint mail_text_length check (char_length(text) <= 10000),
	created_at	timestamptz	not null default now(),
	-- Also the end of the lease of who sends it just now.
	next_try_at	timestamptz	not null default now(),
	attempts	integer		not null default 0,
	sent_at		timestamptz,
	gave_up_at	timestamptz,
	last_error	text
			constraint mail_last_error_length check (char_length(last_error) <= 200)
);
create index mail_due on mail (next_try_at) where sent_at is null and gave_up_at is null;
create index mail_waiting on mail (created_at) where sent_at is null and gave_up_at is null;
create index mail_over_at on mail (least(sent_at, gave_up_at)) where sent_at is not null or gave_up_at is not null;
create index mail_user_id on mail (user_id);

-- What anyone may ask for, of an address that may be nobody's; a job makes a token and a mail of it, or nothing.
create table reset_request (
	reset_request_id uuid		primary key,
	email		text		not null
			constraint reset_request_email_length check (char_length(email) <= 254),
	created_at	timestamptz	not null default now()
);

-- Good once, for who reads the account's mails.
create table reset_token (
	token_hash	bytea		primary key
			constraint reset_token_hash_length check (octet_length(token_hash) = 32),
	user_id		uuid		not null references account,
	created_at	timestamptz	not null default now(),
	expires_at	timestamptz	not null
);
create index reset_token_user_id on reset_token (user_id);
create index reset_token_expires_at on reset_token (expires_at);

-- The address that an account will have once it is confirmed from there; a newer one replaces it.
create table email_change (
	user_id		uuid		primary key references account,
	email		text		not null
			constraint email_change_email_length check (char_length(email) between 3 and 254),
	token_hash	bytea		not null
			constraint email_change_token_hash_length check (octet_length(token_hash) = 32),
	created_at	timestamptz	not null default now(),
	expires_at	timestamptz	not null
);
create unique index email_change_token_hash_key on email_change (token_hash);
create index email_change_expires_at on email_change (expires_at);
