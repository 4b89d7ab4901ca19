-- Lines of files on their way in.

-- What the lines of any format come to, before it is found or made: games, by the names that the provider gives them.
create unlogged table import_game (
	file		text		not null,
	line		integer		not null,
	provider	text		not null,
	provider_game_id text		not null,
	competition	text		not null,
	season		text		not null,
	day		date		not null,
	starts_at	timestamptz,
	team_1		text		not null,
	team_2		text		not null,
	code_1		text,
	code_2		text,
	stadium		text		not null default '',
	city		text		not null default '',
	country		text		not null default '',
	neutral		boolean		not null default false,
	round		text,
	state		text		not null default 'ended',
	score_1		integer,
	score_2		integer,
	shootout_1	integer,
	shootout_2	integer,
	-- Ours, or the one that is made; known is one that this provider told of before.
	game_id		uuid		not null default platform.uuid_v7(),
	is_new		boolean		not null default true,
	known		boolean		not null default false,
	reversed	boolean		not null default false,
	primary key (file, line)
);

-- And what happened in them. A game is named by its id, or by the day and the teams.
create unlogged table import_event (
	file		text		not null,
	line		integer		not null,
	provider	text		not null,
	provider_event_id text		not null,
	provider_game_id text,
	day		date,
	team_1		text,
	team_2		text,
	type		text		not null,
	minute		integer,
	stoppage	integer,
	team		smallint	not null,
	player		text,
	text		text,
	game_id		uuid,
	reversed	boolean
);

-- The games of a provider by what its other files name them by. Of two on one day nobody can tell which is meant.
create view imported_pairing as
select s.provider, g.day,
       lower(case when s.reversed then t2.name else t1.name end) as name_1,
       lower(case when s.reversed then t1.name else t2.name end) as name_2,
       array_agg(g.game_id) as games, bool_or(s.reversed) as reversed
  from game_source s
  join game g on g.game_id = s.game_id
  join team t1 on t1.team_id = g.team_1
  join team t2 on t2.team_id = g.team_2
 group by 1, 2, 3, 4;

-- A game is in full exactly when its goals give the score that its provider says; whoever counts them later finds the
-- same. The first that told of a game stays its provider, unless it gave no more than a result, or not even that.
create function settle_imported(of_provider text, of_games uuid[])
returns void
language sql
set search_path from current
as $$
	with counted as (
		select t.game_id, coalesce(max(e.seq), 0) as last_seq,
		       count(e.seq) filter (where e.type in ('goal', 'penalty_goal', 'own_goal')
		                              and (e.team = 1) = (e.type <> 'own_goal')) as goals_1,
		       count(e.seq) filter (where e.type in ('goal', 'penalty_goal', 'own_goal')
		                              and (e.team = 2) = (e.type <> 'own_goal')) as goals_2
		  from (select distinct game_id from unnest(of_games) t (game_id)) t
		  left join match_event e on e.game_id = t.game_id and e.provider = of_provider
		 group by t.game_id
	), told as (
		select c.game_id, c.last_seq,
		       case when s.reversed then s.score_2 else s.score_1 end as score_1,
		       case when s.reversed then s.score_1 else s.score_2 end as score_2,
		       c.goals_1, c.goals_2
		  from counted c
		  join game_source s on s.game_id = c.game_id and s.provider = of_provider
	), settled as (
		select g.game_id, greatest(g.last_seq, t.last_seq) as last_seq,
		       case when r.is_source then of_provider else g.provider end as provider,
		       case when not r.is_source then g.detail when f.in_full then 'full' else 'result_only' end as detail,
		       case when r.is_source then t.score_1 else g.score_1 end as score_1,
		       case when r.is_source then t.score_2 else g.score_2 end as score_2
		  from told t
		  join game g on g.game_id = t.game_id
		 cross join lateral (select ((t.score_1, t.score_2) = (t.goals_1, t.goals_2)) is true as in_full) f
		 cross join lateral (
			select g.provider = of_provider or (g.detail = 'result_only' and
			       (f.in_full or (g.score_1 is null and t.score_1 is not null))) as is_source) r
	)
	update game g
	   set last_seq = s.last_seq, provider = s.provider, detail = s.detail, score_1 = s.score_1, score_2 = s.score_2,
	       version = g.version + 1, updated_at = now()
	  from settled s
	 where g.game_id = s.game_id
	   and (g.last_seq, g.provider, g.detail, g.score_1, g.score_2)
	       is distinct from (s.last_seq, s.provider, s.detail, s.score_1, s.score_2)
$$;
