#!/bin/bash
# Stories of the demo: its data are there once, and its final is played as it was.
cd "$(dirname "$0")"
. ./lib.sh
. ./stack.sh

# of_replays COLUMNS: of the games that the demo began since $before.
of_replays()
{
	sql "select $1 from sports.game g join sports.season using (season_id) join sports.competition c using (competition_id)
		where c.name = 'World Cup 2022 (replay)' and g.created_at > '$before' order by g.game_id"
}

stands_at()	# SCORE
{
	[ "$(of_replays "score_1 || ':' || score_2" | tail -n 1)" = "$1" ]
}

what_is_there()
{
	sql "select (select count(*) from sports.game), (select max(changed_xid) from sports.game),
		(select count(*) from sports.match_event), (select count(*) from tickets.event),
		(select string_agg(name || starts_at, ' ' order by name) from tickets.event)"
}

loading_twice_changes_nothing()
{
	ctl demo load >"$scratch/said" 2>&1 || fail "$(cat "$scratch/said")"
	expect 200 GET '/api/sports/games?team=France&from=2022-12-18&to=2022-12-18'
	same "the final" 'Argentina 3:3 France (4:2)' "$(jq -r '.data[] | select(.competition | endswith("(replay)") | not)
		| "\(.team_1) \(.score_team_1):\(.score_team_2) \(.team_2) (\(.shootout_team_1):\(.shootout_team_2))"' "$scratch/body")"
	same "events to come" 12 "$(sql "select count(*) from tickets.event where starts_at > now() and name in (
		'$(cut -d '"' -f 2 "$state/usr/share/marquee/demo/events.csv" | tail -n +2 | paste -sd , | sed "s/,/','/g")')")"
	before=$(what_is_there)
	ctl demo load >"$scratch/said" 2>&1 || fail "$(cat "$scratch/said")"
	same "what is there" "$before" "$(what_is_there)"
}

the_final_grows_and_ends_on_penalties()
{
	before=$(sql "select now()")
	become_ctl demo play --once --speed 1500 >"$scratch/shown" 2>&1 &
	for score in 1:0 2:0 2:2 3:2 3:3; do
		until_true 20 stands_at "$score"
	done
	same state live "$(of_replays state)"
	expect 200 GET /api/sports/ongoing-events
	jq -e 'any(.data[]; .competition == "World Cup 2022 (replay)" and .team_1 == "Argentina")' "$scratch/body" >/dev/null ||
		fail "it is not among those that are on: $(head -c 600 "$scratch/body")"
	wait $! || fail "$(cat "$scratch/shown")"
	same "the end" 'ended|Full time|3|3|4|2' "$(of_replays 'state, period, score_1, score_2, shootout_1, shootout_2')"
	same "what was shown last" 'Argentina 3:3 France (4:2)  Full time' "$(tail -n 1 "$scratch/shown" | sed 's/^ *//')"
	expect 200 GET "/api/sports/games/$(of_replays game_id)"
	same "kicks, cards, changes" '8 7 13' "$(jq -r '[.data.event_details[].event_type] |
		[map(select(startswith("shootout_"))), map(select(startswith("card_"))), map(select(. == "substitution"))]
		| map(length) | join(" ")' "$scratch/body")"
}

two_have_begun()
{
	[ "$(of_replays game_id | wc -l)" -ge 2 ]
}

it_is_played_over_and_over_and_what_is_on_is_abandoned_at_its_end()
{
	before=$(sql "select now()")
	become_ctl demo play --speed 3000 --pause 0 >"$scratch/shown" 2>&1 &
	until_true 30 two_have_begun
	kill -TERM $!
	wait $! || true
	same "games" 'ended abandoned' "$(of_replays state | paste -sd ' ')"
}

a_game_that_a_killed_player_left_is_closed_by_the_next()
{
	before=$(sql "select now()")
	become_ctl demo play --speed 600 >"$scratch/shown" 2>&1 &
	until_true 20 stands_at 1:0
	kill -KILL $!
	wait $! 2>/dev/null || true
	same "left" live "$(of_replays state)"
	become_ctl demo play --speed 600 >"$scratch/shown" 2>&1 &
	until_true 20 two_have_begun
	kill -TERM $!
	wait $! || true
	same "both" 'abandoned abandoned' "$(of_replays state | paste -sd ' ')"
}

feeds_in_vain()
{
	grep '"path":"/api/sports/feed"' "$state/log/access.log" | grep -c '"status":50' || true
}

one_more_in_vain()
{
	[ "$(feeds_in_vain)" -gt "$vain" ]
}

# The feed is away: the workers of sports stand still, and then go on.
it_tells_again_what_a_pool_did_not_take()
{
	before=$(sql "select now()")
	become_ctl demo play --once --speed 1500 >"$scratch/shown" 2>&1 &
	player=$!
	until_true 20 stands_at 1:0
	vain=$(feeds_in_vain)
	mapfile -t away < <(workers sports)
	kill -STOP "${away[@]}"
	until_true 30 one_more_in_vain
	kill -CONT "${away[@]}" 2>/dev/null || true
	wait "$player" || fail "$(cat "$scratch/shown")"
	same "the end" 'ended|3|3|4|2' "$(of_replays 'state, score_1, score_2, shootout_1, shootout_2')"
}

state_of_live_game()
{
	ctl status --json | jq -r '.processes[] | select(.name == "live-game") | .state' || true
}

# Stands for down, too, which others would miss: both end it before nginx.
up_keeps_a_game_live_until_it_is_told_otherwise()
{
	before=$(sql "select now()")
	same "without the demo" '' "$(state_of_live_game)"
	ctl up -d >"$scratch/up" 2>&1 || fail "$(cat "$scratch/up")"
	same "its state" up "$(state_of_live_game)"
	same "its game" live "$(of_replays state)"
	grep -q "$BASE/api/sports/ongoing-events" "$scratch/up" || fail "its address is not said: $(cat "$scratch/up")"
	player=$(master live-game)
	ctl up -d >"$scratch/up" 2>&1 || fail "$(cat "$scratch/up")"
	same "the same process" "$player" "$(master live-game)"
	ctl up -d --no-demo >"$scratch/up" 2>&1 || fail "$(cat "$scratch/up")"
	same "told otherwise" '' "$(state_of_live_game)"
	same "its game" abandoned "$(of_replays state)"
}

tell loading_twice_changes_nothing \
    the_final_grows_and_ends_on_penalties \
    it_is_played_over_and_over_and_what_is_on_is_abandoned_at_its_end \
    a_game_that_a_killed_player_left_is_closed_by_the_next \
    it_tells_again_what_a_pool_did_not_take \
    up_keeps_a_game_live_until_it_is_told_otherwise
