-- Lines of files on their way in.

-- The games of a provider by what other files name them by. Of two on one day nobody can tell which is meant.
create view imported_pairing as
select s.provider, g.day, lower(t1.name) as name_1, lower(t2.name) as name_2, array_agg(g.game_id) as games
  from game_source s
  join game g on g.game_id = s.game_id
  join team t1 on t1.team_id = g.team_1
  join team t2 on t2.team_id = g.team_2
 group by s.provider, g.day, lower(t1.name), lower(t2.name);

-- A game is in full exactly when its goals give the score that the provider says; whoever counts them later finds the same.
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
	), settled as (
		select c.game_id, s.score_1, s.score_2, greatest(g.last_seq, c.last_seq) as last_seq,
		       case when (s.score_1, s.score_2) = (c.goals_1, c.goals_2) then 'full' else 'result_only' end as detail
		  from counted c
		  join game g on g.game_id = c.game_id and g.provider = of_provider
		  join game_source s on s.game_id = c.game_id and s.provider = of_provider
	)
	update game g
	   set last_seq = s.last_seq, detail = s.detail, score_1 = s.score_1, score_2 = s.score_2,
	       version = g.version + 1, updated_at = now()
	  from settled s
	 where g.game_id = s.game_id
	   and (g.last_seq, g.detail, g.score_1, g.score_2) is distinct from (s.last_seq, s.detail, s.score_1, s.score_2)
$$;
