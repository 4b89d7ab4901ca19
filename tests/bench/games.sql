-- Ten games that are on, each with ten events.
set search_path to sports;

insert into category (category_id, name) values ('00000000-0000-7000-8000-000000000000', 'Bench');
insert into competition (competition_id, category_id, name)
values ('00000000-0000-7000-8000-000000000000', '00000000-0000-7000-8000-000000000000', 'Bench');
insert into season (season_id, competition_id, name)
values ('00000000-0000-7000-8000-000000000000', '00000000-0000-7000-8000-000000000000', '2030');
insert into team (team_id, category_id, name)
select ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, '00000000-0000-7000-8000-000000000000', 'Team ' || n
  from generate_series(1, 20) n;
insert into game (game_id, season_id, team_1, team_2, day, starts_at, state, period, clock, detail, provider)
select ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, '00000000-0000-7000-8000-000000000000',
       ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
       ('00000000-0000-7000-8000-' || lpad(to_hex(n + 10), 12, '0'))::uuid,
       '2030-05-01', '2030-05-01T18:00:00Z', 'live', 'Second half', '73', 'full', 'table'
  from generate_series(1, 10) n;
insert into match_event (game_id, seq, provider, provider_event_id, type, clock, minute, occurred_at, team, player)
select g.game_id, n, 'table', g.game_id || ':' || n, case n % 5 when 0 then 'goal' else 'substitution' end, (n * 7)::text, n * 7,
       g.starts_at + n * interval '7 minutes', 1 + n % 2, 'Player ' || n
  from game g
 cross join generate_series(1, 10) n
 where g.provider = 'table';
