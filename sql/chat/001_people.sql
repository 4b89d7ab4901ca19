-- What people are called: told by users, or asked of it.

select platform.make_domain_tables();

create table person (
	user_id		uuid		primary key,
	-- Null: users has not told yet.
	username	text,
	-- Of the account, as its events have it; 0: a token or an answer told the name.
	version		bigint		not null default 0,
	-- When users was asked; infinity: it knows no such person. Null: nobody had to ask.
	asked_at	timestamptz
);
create index person_username on person (lower(username));
create index person_nameless on person (user_id) where username is null;

-- For whoever is not known to us, and users does not answer.
create function name_of(person uuid)
returns text
language sql
stable
set search_path from current
as $$
	select coalesce((select username from person where user_id = $1), 'Could not be retrieved.')
$$;

-- A name from a token, or none: it is no older than what is not there. Whoever
-- is known is not locked, or all who write to one person would wait for each other.
create function know_person(person uuid, name text)
returns void
language sql
set search_path from current
as $$
	insert into person (user_id, username)
	select $1, $2
	 where not exists (select from person where user_id = $1 and (username is not null or $2 is null))
	on conflict (user_id) do update set username = excluded.username
	 where person.username is null
$$;
