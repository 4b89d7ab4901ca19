-- What is said in rooms, and what somebody minds.

create table room_message (
	message_id	uuid		primary key,
	chatroom_id	uuid		not null references room on delete cascade,
	-- Counts within the room.
	position	bigint		not null,
	user_id		uuid		not null,
	content		text		not null
			constraint room_message_length check (char_length(content) between 1 and 2000),
	sent_at		timestamptz	not null,
	-- Nobody reads it any more but who settles a report; the row goes a week later.
	deleted_at	timestamptz
);
create unique index room_message_order on room_message (chatroom_id, position);
create index room_message_user on room_message (user_id);
create index room_message_deleted on room_message (deleted_at) where deleted_at is not null;

create table report (
	report_id	uuid		primary key default platform.uuid_v7(),
	message_id	uuid		not null references room_message on delete cascade,
	user_id		uuid		not null,
	reason		text		not null default ''
			constraint report_reason_length check (char_length(reason) <= 500),
	created_at	timestamptz	not null default now(),
	settled_at	timestamptz,
	-- Minded twice by the same person is minded once.
	constraint report_once unique (message_id, user_id)
);
create index report_user on report (user_id);
create index report_open on report (report_id) where settled_at is null;

-- One message in one round trip. The same id again is the same message: nothing is written twice.
--
-- The room's row is locked until COMMIT, before the position and the id of the
-- outbox row are taken: whoever speaks next gets higher ones, and the relay,
-- which goes by those ids, cannot see his message first. So history and the
-- numbers of the channel agree. Time is read under the lock for the same reason.
create function say(message uuid, chatroom uuid, person uuid, words text,
	out refusal text, out refused_until timestamptz, out wait_s integer, out sent_at timestamptz)
language plpgsql
set search_path from current
as $$
declare
	here record;
	before record;
	speaker record;
	moment timestamptz;
begin
	select r.slow_s, r.closed_at, r.last_position into here from room r where r.chatroom_id = chatroom for no key update;
	if not found then
		refusal := 'not_found';
		return;
	end if;
	select m.sent_at, m.content, m.chatroom_id into before from room_message m where m.message_id = message;
	if found then
		sent_at := before.sent_at;
		if (before.chatroom_id, before.content) <> (chatroom, words) then
			refusal := 'idempotency_key_reused';
		end if;
		return;
	end if;
	if here.closed_at is not null then
		refusal := 'room_closed';
		return;
	end if;
	moment := clock_timestamp();

	select case s.kind when 'ban' then 'banned' else 'muted' end, s.ends_at into refusal, refused_until
	  from sanction s
	 where s.chatroom_id = chatroom and s.user_id = person and s.ends_at > moment
	 order by s.kind
	 limit 1;
	if found then
		return;
	end if;

	select m.left_at, m.last_sent_at into speaker from member m where m.chatroom_id = chatroom and m.user_id = person;
	if not found or speaker.left_at is not null then
		refusal := 'not_a_member';
		return;
	end if;
	if here.slow_s > 0 then
		wait_s := ceil(extract(epoch from speaker.last_sent_at - moment) + here.slow_s);
		if wait_s > 0 then
			refusal := 'slow_mode';
			return;
		end if;
		update member m set last_sent_at = moment where m.chatroom_id = chatroom and m.user_id = person;
	end if;

	update room r set last_position = here.last_position + 1 where r.chatroom_id = chatroom;
	insert into room_message (message_id, chatroom_id, position, user_id, content, sent_at)
	values (message, chatroom, here.last_position + 1, person, words, moment);
	perform tell_room(chatroom, jsonb_build_object('type', 'message', 'message_id', message, 'user_id', person,
	        'sender', name_of(person), 'content', words, 'sent_at', platform.rfc3339(moment)));
	sent_at := moment;
end
$$;
