-- Which event admits to which game: sports is told until it knows.

create table game_link (
	event_id	uuid		primary key references event on delete cascade,
	game_id		uuid		not null,
	attempts	integer		not null default 0,
	next_try_at	timestamptz	not null default now(),
	told_at		timestamptz,
	-- Sports knew no such game for a day.
	gave_up_at	timestamptz,
	created_at	timestamptz	not null default now()
);
create index game_link_due on game_link (next_try_at) where told_at is null and gave_up_at is null;
