#!/bin/bash
# Stories of replays: a match of a file is played through the feed.
cd "$(dirname "$0")"
. ./lib.sh
. ./stack.sh

replayed()	# COLUMNS: of the latest replay
{
	sql "select $1 from sports.game g
		join sports.team one on one.team_id = team_1 join sports.team two on two.team_id = team_2
		where g.provider = 'replay' order by g.game_id desc limit 1"
}

# A small file of our own in that format.
a_file()
{
	cat >"$scratch/cup.json" <<-JSON
	{"name":"A Cup 1987","matches":[
		{"round":"Final","date":"1987-06-01","team1":"Reds","team2":"Blues","score":{"ft":[1,1],"et":[2,1]},
		 "goals1":[{"name":"A","minute":12,"owngoal":true},{"name":"B","minute":101}],
		 "goals2":[{"name":"C","minute":90,"offset":4,"penalty":true}],"ground":"Ground, Town"},
		{"date":"1987-06-02","team1":"Reds","team2":"Greens","score":{"ft":[1,1]}}]}
	JSON
	chmod a+rx "$scratch"
}

a_match_is_replayed_from_a_file()
{
	a_file
	ctl feed replay "$scratch/cup.json" --game Reds-Blues --speed 0 >"$scratch/shown"
	same "the end" 'Reds 2:1 Blues  Full time' "$(tail -n 1 "$scratch/shown" | sed 's/^ *//')"
	same "the game" 'Reds|Blues|2|1|ended' "$(replayed 'one.name, two.name, score_1, score_2, state')"
	first=$(replayed game_id)
	ctl feed replay "$scratch/cup.json" --game 1 --speed 0 >/dev/null
	[ "$first" != "$(replayed game_id)" ] || fail "a second replay told of the same game"
	(cd "$scratch" && ctl feed replay cup.json --game 1 --speed 99999 >/dev/null) || fail "a file in this folder is not found"
	same "played on" 'ended' "$(replayed state)"
}

# at_goals GOALS: the game that the replay began stands at so many.
at_goals()
{
	[ "$(sql "select coalesce(sum(g.score_1 + g.score_2), -1) from sports.game g join sports.game_source using (game_id)
		where game_source.provider = 'replay' and g.game_id > '$before'")" = "$1" ]
}

a_replay_that_is_broken_off_abandons_its_game()
{
	a_file
	for signal in TERM HUP; do
		before=$(sql "select coalesce(max(game_id::text), '00000000-0000-0000-0000-000000000000') from sports.game")
		become_ctl feed replay "$scratch/cup.json" --game 1 --speed 1500 >/dev/null 2>"$scratch/said" &
		replay=$!
		until_true 20 at_goals 1
		kill "-$signal" "$replay"
		wait "$replay" || true
		same "its game" abandoned "$(sql "select state from sports.game where provider = 'replay' and game_id > '$before'")"
	done
	[ ! -s "$scratch/said" ] || fail "$(cat "$scratch/said")"
}

what_cannot_be_replayed_is_said()
{
	a_file
	for wrong in 'Reds-Whites' 3 2; do
		! ctl feed replay "$scratch/cup.json" --game "$wrong" --speed 0 >/dev/null 2>"$scratch/said" || fail "it played $wrong"
		[ -s "$scratch/said" ] || fail "nothing was said of $wrong"
	done
	grep -q 'its goals are not known' "$scratch/said" || fail "$(cat "$scratch/said")"
	! ctl feed replay "$scratch/none.json" --game 1 2>/dev/null || fail "it played a file that is not there"
}

the_final_of_2018_ends_as_it_did()
{
	cup=${MARQUEE_DATA:-/nonexistent}/sports/openfootball_2018_worldcup.json
	if [ ! -r "$cup" ]; then
		echo "# skipped: no data in MARQUEE_DATA"
		return
	fi
	ctl feed replay "$cup" --game France-Croatia --speed 0 >/dev/null
	same "the final" 'France|Croatia|4|2|ended' "$(replayed 'one.name, two.name, score_1, score_2, state')"
	same "its first goal" 'own_goal|Mandžukić|2' "$(sql "select type, player, team from sports.match_event
		where game_id = '$(replayed game_id)' and type ~ 'goal' order by seq limit 1")"
}

tell a_match_is_replayed_from_a_file \
    a_replay_that_is_broken_off_abandons_its_game \
    what_cannot_be_replayed_is_said \
    the_final_of_2018_ends_as_it_did
