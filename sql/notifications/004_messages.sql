-- What is told of direct messages: it names somebody else, who may want to be forgotten one day.

-- The person whom a notification of somebody else names.
create table mention (
	user_id		uuid		not null,
	notification_id	uuid		not null references notification on delete cascade,
	primary key (user_id, notification_id)
);
create index mention_notification_id on mention (notification_id);

-- Who goes leaves no name behind.
create function forget_name()
returns trigger
language plpgsql
set search_path from current
as $$
begin
	update notification
	   set message = 'New message from somebody'
	  from gone
	 where notification.notification_id = gone.notification_id;
	return null;
end
$$;
create trigger forget_name after delete on mention
	referencing old table as gone
	for each statement execute function forget_name();

create function tell_message(sent jsonb)
returns void
language plpgsql
set search_path from current
as $$
declare
	once text := 'message:' || (sent ->> 'message_id');
begin
	perform notify_people(array[(sent ->> 'user_id')::uuid], 'message', 'New message from ' || (sent ->> 'sender'),
		jsonb_build_object('chat_id', sent ->> 'chat_id', 'message_id', sent ->> 'message_id'), once);
	insert into mention (user_id, notification_id)
	select (sent ->> 'sender_id')::uuid, notification_id
	  from notification
	 where dedupe = once
	on conflict do nothing;
end
$$;
