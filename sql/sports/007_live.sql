-- What is told on the channel of a game, "game:<game_id>", while it is played. Rows of game_push (005_feed.sql)
-- say of which games there is something new.

-- What happened since the last frame, in the order in which it was told: 200 at once, the rest in the next frame.
-- What takes back or replaces names what it supersedes; what was superseded before it came says so.
create function fresh_events(of_game uuid, told_by text, after_seq integer, name_1 text, name_2 text)
returns table (last_seq integer, is_all boolean, events jsonb)
language plpgsql
stable
set search_path from current
as $$
#variable_conflict use_column
begin
	return query
	with fresh as (
		select e.seq, e.provider_event_id, e.type, e.clock, e.occurred_at, e.team, e.player, e.text, e.supersedes
		  from match_event e
		 where e.game_id = of_game and e.seq > after_seq and e.provider = told_by
		 order by e.seq
		 limit 200
	)
	select max(fresh.seq), count(*) < 200,
	       coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
			'seq', fresh.seq, 'provider_event_id', fresh.provider_event_id, 'type', fresh.type, 'clock', fresh.clock,
			'occurred_at', to_char(fresh.occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
			'team', fresh.team, 'player', fresh.player,
			'description', coalesce(fresh.text,
				describe_event(fresh.type, fresh.player, case fresh.team when 1 then name_1 when 2 then name_2 end)),
			'supersedes', fresh.supersedes, 'supersedes_seq', old.seq, 'superseded_by_seq', earlier.seq)) order by fresh.seq), '[]')
	  from fresh
	  left join lateral (
		select e.seq
		  from match_event e
		 where e.provider = told_by and e.provider_event_id = fresh.supersedes and e.game_id = of_game
		offset 0) old on true
	  left join lateral (
		select min(e.seq) as seq
		  from match_event e
		 where e.provider = told_by and e.supersedes = fresh.provider_event_id and e.game_id = of_game and e.seq < fresh.seq
		offset 0) earlier on true;
end
$$;

-- A frame for each of up to 100 games that are due; how many. What it says and that it was said are one transaction.
-- Games are locked in the order of their ids, as by who tells of them, and read only when they are locked.
-- After another provider took over, what was shown before may be wrong: "reload" asks to read the game again.
create function push_games()
returns integer
language plpgsql
set search_path from current
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
	due uuid[] := array(select game_id from game_push where due_at <= now() order by due_at limit 100);
	pushed integer;
begin
	if due = '{}' then
		return 0;
	end if;
	due := array(select game_id from game_push where game_id = any (due) and due_at <= now() order by game_id for update);
	with news as materialized (
		select g.game_id, g.provider, coalesce(f.last_seq, p.pushed_seq) as seq, f.is_all, jsonb_strip_nulls(jsonb_build_object(
				'type', 'game', 'game_id', g.game_id, 'score_team_1', coalesce(g.score_1, 0),
				'score_team_2', coalesce(g.score_2, 0), 'shootout_team_1', g.shootout_1, 'shootout_team_2', g.shootout_2,
				'event_status', g.state, 'current_period', coalesce(g.period, ''), 'clock', g.clock,
				'last_seq', coalesce(f.last_seq, p.pushed_seq), 'events', f.events,
				'reload', case when p.provider <> g.provider then true end)) as frame
		  from game_push p
		  join game g on g.game_id = p.game_id
		  join team one on one.team_id = g.team_1
		  join team two on two.team_id = g.team_2
		 cross join lateral fresh_events(g.game_id, g.provider, p.pushed_seq, one.name, two.name) f
		 where p.game_id = any (due)
	), said as (
		update game_push
		   set pushed_seq = news.seq, provider = news.provider, pushed_at = now(),
		       due_at = case when not news.is_all then next_push(now()) end
		  from news
		 where game_push.game_id = news.game_id
	)
	insert into outbox (channel, data)
	select 'game:' || game_id, frame
	  from news;
	get diagnostics pushed = row_count;
	return pushed;
end
$$;
