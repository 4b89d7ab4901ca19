-- Polls on a game: who is asked chooses once. What they chose is counted with the options, and stays counted
-- when somebody's own row is forgotten.

create table poll (
	poll_id		uuid		primary key default platform.uuid_v7(),
	game_id		uuid		not null
			constraint poll_game references game,
	question	text		not null
			constraint poll_question_length check (char_length(question) between 1 and 300),
	closes_at	timestamptz	not null,
	-- What the last frame on the game's channel said; null: none left yet.
	pushed_votes	bigint,
	pushed_open	boolean,
	pushed_at	timestamptz,
	created_at	timestamptz	not null default now(),
	constraint poll_closes_later check (closes_at > created_at)
);
create index poll_game_order on poll (game_id, poll_id);
create index poll_closes_at on poll (closes_at);

create table poll_option (
	poll_id		uuid		not null references poll,
	option		integer		not null
			constraint poll_option_number check (option between 1 and 10),
	text		text		not null
			constraint poll_option_text_length check (char_length(text) between 1 and 120),
	votes		bigint		not null default 0,
	primary key (poll_id, option),
	constraint poll_option_text_once unique (poll_id, text)
);

create table poll_vote (
	poll_id		uuid		not null,
	user_id		uuid		not null,
	option		integer		not null,
	created_at	timestamptz	not null default now(),
	constraint poll_vote_once primary key (poll_id, user_id),
	constraint poll_vote_option foreign key (poll_id, option) references poll_option
);
create index poll_vote_user on poll_vote (user_id);

create function poll_results(of_poll uuid)
returns jsonb
language sql
stable
return (
	select jsonb_agg(jsonb_build_object('option', option, 'text', text, 'votes', votes) order by option)
	  from poll_option
	 where poll_id = of_poll
);

create view listed_poll as
select p.poll_id, p.game_id, p.question, p.closes_at, p.closes_at > now() as is_open,
       (select sum(o.votes)::bigint from poll_option o where o.poll_id = p.poll_id) as votes,
       poll_results(p.poll_id) as options, p.created_at
  from poll p;

-- A frame for each poll that is new, has new votes or has closed, five a second of each; how many.
-- Who voted just before the end may be committed after it, so a poll is looked at for a minute more.
create function push_polls()
returns integer
language plpgsql
set search_path from current
as $$
declare
	pushed integer;
begin
	with due as (
		select p.poll_id
		  from poll p
		 where p.closes_at > now() - interval '1 minute'
		   and (p.pushed_at is null or p.pushed_at <= now() - interval '200 milliseconds')
		   and (p.pushed_votes, p.pushed_open) is distinct from (
			(select sum(o.votes)::bigint from poll_option o where o.poll_id = p.poll_id), p.closes_at > now())
		 order by p.closes_at
		 limit 100
		   for update skip locked
	), news as materialized (
		select l.poll_id, l.game_id, l.votes, l.is_open, jsonb_build_object(
				'type', 'poll', 'game_id', l.game_id, 'poll_id', l.poll_id, 'question', l.question,
				'closes_at', platform.rfc3339(l.closes_at),
				'is_open', l.is_open, 'votes', l.votes, 'options', l.options) as frame
		  from due
		  join listed_poll l on l.poll_id = due.poll_id
	), said as (
		update poll
		   set pushed_votes = news.votes, pushed_open = news.is_open, pushed_at = now()
		  from news
		 where poll.poll_id = news.poll_id
	)
	insert into outbox (channel, data)
	select 'game:' || game_id, frame
	  from news;
	get diagnostics pushed = row_count;
	return pushed;
end
$$;
