-- Who wants to be reminded of which event of the ticket shop.

create table reminder (
	user_id		uuid		not null,
	event_id	uuid		not null,
	name		text		not null,
	starts_at	timestamptz	not null,
	told_day_before	boolean		not null default false,
	told_hour_before boolean	not null default false,
	created_at	timestamptz	not null default now(),
	primary key (user_id, event_id)
);
create index reminder_day on reminder (starts_at) where not told_day_before;
create index reminder_hour on reminder (starts_at) where not told_hour_before;
create index reminder_starts_at on reminder (starts_at);
