-- Messages between two people.

create table direct_chat (
	chat_id		uuid		primary key default platform.uuid_v7(),
	low_id		uuid		not null,
	high_id		uuid		not null,
	last_position	bigint		not null default 0,
	last_message_at	timestamptz	not null default now(),
	constraint direct_chat_pair unique (low_id, high_id),
	constraint direct_chat_of_two check (low_id < high_id)
);

create table participant (
	chat_id		uuid		not null references direct_chat on delete cascade,
	user_id		uuid		not null,
	-- Up to here he has read.
	read_position	bigint		not null default 0,
	primary key (chat_id, user_id)
);
create index participant_user on participant (user_id);

create table direct_message (
	message_id	uuid		primary key,
	chat_id		uuid		not null references direct_chat on delete cascade,
	position	bigint		not null,
	user_id		uuid		not null,
	content		text		not null
			constraint direct_message_length check (char_length(content) between 1 and 4000),
	sent_at		timestamptz	not null
);
create unique index direct_message_order on direct_message (chat_id, position);
create index direct_message_user on direct_message (user_id);

create table block (
	user_id		uuid		not null,
	blocked_id	uuid		not null,
	created_at	timestamptz	not null default now(),
	primary key (user_id, blocked_id)
);

-- As may_read_room() in 002.
create function may_read_chat(chat uuid, person uuid)
returns boolean
language plpgsql
stable
set search_path from current
as $$
begin
	if not exists (select from direct_chat c where c.chat_id = chat) then
		raise exception using errcode = 'check_violation', message = 'no such chat', constraint = 'chat_is_there';
	elsif not exists (select from participant p where p.chat_id = chat and p.user_id = person) then
		raise exception using errcode = 'check_violation', message = 'not of the two', constraint = 'chat_participants_only';
	end if;
	return true;
end
$$;

-- A history is for the person alone.
create function may_read_history(person uuid, caller uuid)
returns boolean
language plpgsql
stable
as $$
begin
	if person <> caller then
		raise exception using errcode = 'check_violation', message = 'of someone else', constraint = 'history_is_own';
	end if;
	return true;
end
$$;

-- One message in one round trip, as say() in 003. The chat is locked for its order.
create function send_direct(message uuid, sender uuid, sender_name text, receiver uuid, words text, trace text,
	out refusal text, out chat uuid)
language plpgsql
set search_path from current
as $$
declare
	place bigint;
	moment timestamptz;
	before record;
begin
	if exists (select from block b where b.user_id = receiver and b.blocked_id = sender) then
		refusal := 'not_accepted';
		return;
	elsif exists (select from block b where b.user_id = sender and b.blocked_id = receiver) then
		refusal := 'blocked';
		return;
	end if;

	insert into direct_chat (low_id, high_id)
	values (least(sender, receiver), greatest(sender, receiver))
	on conflict (low_id, high_id) do nothing;
	select c.chat_id, c.last_position + 1 into chat, place
	  from direct_chat c
	 where c.low_id = least(sender, receiver) and c.high_id = greatest(sender, receiver)
	   for no key update;
	select m.chat_id, m.content into before from direct_message m where m.message_id = message;
	if found then
		if (before.chat_id, before.content) <> (chat, words) then
			refusal := 'idempotency_key_reused';
		end if;
		return;
	end if;
	moment := clock_timestamp();

	perform know_person(sender, sender_name), know_person(receiver, null);
	update direct_chat c set last_position = place, last_message_at = moment where c.chat_id = chat;
	insert into direct_message (message_id, chat_id, position, user_id, content, sent_at)
	values (message, chat, place, sender, words, moment);
	-- Who answers has read.
	insert into participant (chat_id, user_id, read_position)
	values (chat, sender, place), (chat, receiver, 0)
	on conflict (chat_id, user_id) do update set read_position = excluded.read_position
	 where participant.user_id = sender;

	insert into outbox (channel, data)
	values ('chat:' || receiver, jsonb_build_object('type', 'real-time message',
	       'message', 'New message from ' || name_of(sender), 'chat_id', chat, 'message_id', message,
	       'sender', name_of(sender), 'content', words, 'sent_at', platform.rfc3339(moment)));
	insert into outbox (type, aggregate_id, version, data, traceparent)
	values ('chat.direct_message_sent', chat, place, jsonb_build_object('user_id', receiver,
	       'sender_id', sender, 'sender', name_of(sender), 'chat_id', chat, 'message_id', message), nullif(trace, ''));
end
$$;
