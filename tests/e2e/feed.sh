#!/bin/bash
# Stories of the feed: what providers tell of games, in any order, once or more often.
cd "$(dirname "$0")"
. ./lib.sh
. ./stack.sh

# A new match with its teams and its provider; nothing of it is told yet.
a_match()
{
	as="Authorization: Bearer $(service_token)"
	provider=$(unique provider)
	match=$(unique match)
	home=$(unique 'Home ') away=$(unique 'Away ')
	competition=$(unique 'Cup ')
	start=$(date -u +%Y-%m-%dT%H:%M:%SZ)
	game=$(jq -cn --arg competition "$competition" --arg home "$home" --arg away "$away" --arg start "$start" '{ game: {
		sport_category: "Football", $competition, team_1: $home, team_2: $away, start_time: $start, venue: "The Field, Town"
	} }')
}

# event ID TYPE MINUTE [MEMBERS]: one event of the match as JSON; its time goes with its minute.
event()
{
	jq -cn --arg id "$match/$1" --arg match "$match" --arg type "$2" --arg minute "$3" --argjson more "${4:-{\}}" \
		--arg at "$(date -u -d "$start + ${3%+*} minutes" +%Y-%m-%dT%H:%M:%SZ)" \
		'{ provider_event_id: $id, provider_game_id: $match, $type, occurred_at: $at, clock: $minute } + $more'
}

goal()	# ID MINUTE TEAM [TYPE]
{
	event "$1" "${4:-goal}" "$2" "$(jq -cn --arg team "$3" '{ $team }')"
}

kick_off()
{
	event start kick_off 0 "$game"
}

# batch EVENT...: the document
batch()
{
	printf '%s\n' "$@" | jq -cs --arg provider "$provider" '{ $provider, events: . }'
}

# tell_of ACCEPTED REPEATED REFUSED EVENT...
tell_of()
{
	local counts=$1/$2/$3

	shift 3
	expect 200 POST /api/sports/feed "$(batch "$@")" -H "$as"
	same "accepted/repeated/refused" "$counts" "$(jq -r '"\(.accepted)/\(.repeated)/\(.refused | length)"' "$scratch/body")"
}

of_game()	# COLUMNS
{
	sql "select $1 from sports.game join sports.game_source using (game_id)
		where game_source.provider = '$provider' and provider_game_id = '$match'"
}

score_is()	# SCORE
{
	same score "$1" "$(of_game "game.score_1 || ':' || game.score_2")"
}

reason_of()	# ID
{
	jq -r --arg id "$match/$1" '.refused[] | select(.provider_event_id == $id) | .reason' "$scratch/body"
}

# --- who may, and what is no document ---

only_services_and_administrators_tell()
{
	a_match
	document=$(batch "$(kick_off)")
	expect 401 POST /api/sports/feed "$document"
	person ann
	expect 403 POST /api/sports/feed "$document" -H "$as"
	same "games" 0 "$(sql "select count(*) from sports.game_source where provider = '$provider'")"
	administrator ada
	expect 200 POST /api/sports/feed "$document" -H "$as"
	same body '{"accepted":1,"repeated":0,"refused":[]}' "$(body)"
}

blames()	# FIELD JQ: what the edit of a good document is blamed for
{
	batch "$(kick_off)" "$(event a comment 1)" | jq -c "$2" >"$scratch/document"
	expect 422 POST /api/sports/feed "@$scratch/document" -H "$as"
	expect_problem invalid "$1"
}

what_is_no_document_is_refused_as_a_whole()
{
	a_match
	blames provider 'del(.provider)'
	blames provider '.provider = ""'
	blames events 'del(.events)'
	blames events '.events = []'
	blames events '.events = {}'
	blames 'events[1]' '.events[1] = 7'
	blames 'events[1].provider_event_id' 'del(.events[1].provider_event_id)'
	blames 'events[1].provider_event_id' '.events[1].provider_event_id = 7'
	blames 'events[1].occurred_at' '.events[1].occurred_at = "yesterday"'
	blames 'events[1].clock' '.events[1].clock = 45'
	blames 'events[1].text' '.events[1].text = "x" * 1001'
	blames 'events[1].score' '.events[1].score = "1:0"'
	blames 'events[0].game.start_time' '.events[0].game.start_time = "2018-13-01T00:00:00Z"'
	blames 'events[0].game.city' '.events[0].game.city = "Paris"'
	blames 'source' '.source = 1'
	# shellcheck disable=SC2016 # a name of jq
	blames events '.events[1] as $e | .events = [range(1001) | $e]'
	expect 400 POST /api/sports/feed '{"provider":' -H "$as"
	expect 400 POST /api/sports/feed '{"provider":"a","provider":"b","events":[]}' -H "$as"
	same "games" 0 "$(sql "select count(*) from sports.game_source where provider = '$provider'")"
}

a_batch_has_up_to_a_thousand_events()
{
	a_match
	batch "$(kick_off)" "$(event a comment 1)" |
		jq -c '.events[1] as $e | .events += [range(998) | tostring as $n | $e + { provider_event_id: ($e.provider_event_id + $n),
			text: ("ten words " * 90) }]' >"$scratch/large"
	expect 200 POST /api/sports/feed "@$scratch/large" -H "$as"
	same accepted 1000 "$(json accepted)"
	same "last seq" 1000 "$(of_game last_seq)"
}

of_a_batch_that_is_half_bad_the_good_half_is_kept()
{
	a_match
	tell_of 3 0 11 "$(kick_off)" \
		"$(goal good 10 "$home")" \
		"$(goal stranger 11 'Nobody United')" \
		"$(event teamless goal 12)" \
		"$(event typeless goal 13 | jq -c 'del(.type)')" \
		"$(event 'bad type' 'Goal!' 14)" \
		"$(event timeless comment 15 | jq -c 'del(.occurred_at)')" \
		"$(event gameless comment 16 | jq -c 'del(.provider_game_id)')" \
		"$(event unknown comment 17 '{"provider_game_id":"another"}')" \
		"$(event partial comment 18 '{"provider_game_id":"another","game":{"team_1":"A"}}')" \
		"$(event oneself comment 19 '{"provider_game_id":"another","game":{"sport_category":"Football","competition":"Cup","team_1":"Self FC","team_2":"self fc","start_time":"2020-01-01T00:00:00Z"}}')" \
		"$(event pointless correction 20)" \
		"$(event itself comment 21 "{\"supersedes\":\"$match/itself\"}")" \
		"$(goal late 90+2 "$(tr '[:lower:]' '[:upper:]' <<<"$away")" | jq -c --arg at "$start" '.occurred_at = $at')"
	same stranger 'The team does not play in this game.' "$(reason_of stranger)"
	same teamless 'A goal needs team.' "$(reason_of teamless)"
	same typeless 'type is missing.' "$(reason_of typeless)"
	same "bad type" 'type must be a word of a-z, 0-9 and _.' "$(reason_of 'bad type')"
	same timeless 'occurred_at is missing.' "$(reason_of timeless)"
	same gameless 'provider_game_id is missing.' "$(reason_of gameless)"
	same unknown 'The game is not known; its first mention carries game.' "$(reason_of unknown)"
	same partial 'game needs sport_category, competition, two teams and start_time.' "$(reason_of partial)"
	same oneself 'game needs sport_category, competition, two teams and start_time.' "$(reason_of oneself)"
	same pointless 'A correction needs supersedes.' "$(reason_of pointless)"
	same itself 'It supersedes itself.' "$(reason_of itself)"
	score_is 1:1
	same "minute and stoppage" '90|2' "$(sql "select minute, stoppage from sports.match_event
		where provider = '$provider' and provider_event_id = '$match/late'")"
}

nothing_more_happens_in_a_cancelled_game()
{
	a_match
	tell_of 1 0 0 "$(event a comment 0 "$game")"
	sql "update sports.game set state = 'cancelled' where game_id = '$(of_game game_id)'"
	tell_of 0 1 1 "$(event a comment 0)" "$(goal b 1 "$home")"
	same reason 'The game is cancelled.' "$(reason_of b)"
}

# --- once, in any order ---

what_is_told_again_counts_once()
{
	a_match
	tell_of 2 0 0 "$(kick_off)" "$(goal a 10 "$home")"
	before=$(of_game 'version, last_seq')
	tell_of 0 2 0 "$(kick_off)" "$(goal a 10 "$home")"
	same "version and seq" "$before" "$(of_game 'version, last_seq')"
	tell_of 1 1 0 "$(goal b 20 "$away")" "$(goal b 20 "$away")"
	tell_of 0 0 1 "$(goal b 20 "$home")"
	same reason 'It was told before with other content.' "$(reason_of b)"
	tell_of 1 0 1 "$(goal c 30 "$away")" "$(goal c 31 "$away")"
	score_is 1:2
}

batches_of_the_same_events_side_by_side_count_once()
{
	a_match
	batch "$(kick_off)" "$(goal a 10 "$home")" "$(goal b 20 "$away")" "$(goal c 30 "$home")" >"$scratch/batch"
	for racer in 1 2 3 4 5 6; do
		# shellcheck disable=SC2086
		$CURL -o "$scratch/racer$racer" -H "$as" -H 'Content-Type: application/json' -d @"$scratch/batch" \
			"$BASE/api/sports/feed" &
	done
	wait
	same "accepted and repeated" "4 20" "$(jq -rs '"\(map(.accepted) | add) \(map(.repeated) | add)"' "$scratch"/racer?)"
	score_is 2:1
	same "games" 1 "$(sql "select count(*) from sports.game join sports.team on team_id = team_1 where team.name = '$home'")"
	same "seq" '1 2 3 4' "$(sql "select string_agg(seq::text, ' ' order by seq) from sports.match_event
		where provider = '$provider'")"
}

# The same six events: a goal, one that is taken back, one whose team is corrected, the end.
told_in_order()	# PLACE...
{
	local events=() place chosen=()

	a_match
	events=(
		"$(event start kick_off 0 "$game")"
		"$(goal one 10 "$home" | jq -c --argjson game "$game" '. + $game')"
		"$(goal two 20 "$away" own_goal | jq -c --argjson game "$game" '. + $game')"
		"$(event back correction 22 "{\"supersedes\":\"$match/one\"}" | jq -c --argjson game "$game" '. + $game')"
		"$(goal three 25 "$home" | jq -c --argjson game "$game" --arg two "$match/two" '. + $game + { supersedes: $two }')"
		"$(event end full_time 90+3 "$game" | jq -c --arg at "$(date -u -d "$start + 93 minutes" +%FT%TZ)" '.occurred_at = $at')"
	)
	for place; do
		chosen+=("${events[place]}")
	done
	if ((${one_by_one:-0})); then
		for place in "${chosen[@]}"; do
			tell_of 1 0 0 "$place"
		done
	else
		tell_of 6 0 0 "${chosen[@]}"
	fi
	score_is 1:0
	same "state, clock, period" 'ended|90+3|Full time' "$(of_game 'state, clock, period')"
}

the_order_of_telling_changes_nothing()
{
	told_in_order 0 1 2 3 4 5
	told_in_order 5 4 3 2 1 0
	one_by_one=1
	told_in_order 5 4 3 2 1 0
	told_in_order 3 5 0 4 1 2
}

late_events_do_not_turn_a_game_back()
{
	a_match
	tell_of 1 0 0 "$(event line_up comment 0 "$game")"
	same "before" 'scheduled' "$(of_game state)"
	tell_of 1 0 0 "$(goal one 50 "$home")"
	same "a goal before its kick-off" 'live|50' "$(of_game 'state, clock')"
	tell_of 2 0 0 "$(event break period_end 46 '{"text":"Half-time"}')" "$(event second period_start 47 '{"text":"Second half"}')"
	same "the second half" 'live|50|Second half' "$(of_game 'state, clock, period')"
	tell_of 1 0 0 "$(event end full_time 94)"
	tell_of 2 0 0 "$(kick_off)" "$(event card card_yellow 60)"
	same "the end" 'ended|94|Full time' "$(of_game 'state, clock, period')"
	tell_of 1 0 0 "$(event undone correction 95 "{\"supersedes\":\"$match/end\"}")"
	same "reopened" 'live|60|Second half' "$(of_game 'state, clock, period')"
}

what_happened_elsewhere_is_not_superseded()
{
	a_match
	tell_of 2 0 0 "$(kick_off)" "$(goal one 10 "$home")"
	first=$match one=$match/one
	match=$(unique match)
	game=$(jq -c '.game.team_1 += " II"' <<<"$game")
	tell_of 1 0 1 "$(kick_off)" "$(event foul correction 11 "{\"supersedes\":\"$one\"}")"
	same reason 'It supersedes an event of another game.' "$(reason_of foul)"
	match=$first
	score_is 1:0
}

# --- games ---

# as_another [SECONDS]: the same match, told by another provider whose clock of the start is so much off.
as_another()
{
	provider=$(unique other)
	match=$(unique match)
	game=$(jq -c --arg start "$(date -u -d "$start + ${1:-0} seconds" +%FT%TZ)" '.game.start_time = $start' <<<"$game")
}

games_of_the_match()
{
	sql "select count(*) from sports.game join sports.team t on t.team_id = team_1 where t.name = '$home'"
}

a_game_is_the_same_whoever_tells_of_it()
{
	a_match
	tell_of 1 0 0 "$(kick_off)"
	ours=$(of_game game_id)
	as_another 300
	tell_of 1 0 0 "$(kick_off)"
	same "the other provider's" "$ours" "$(of_game game_id)"
	# Another name in another case, the teams the other way round.
	as_another -3600
	game=$(jq -c '.game |= (.team_1 as $one | .team_1 = (.team_2 | ascii_upcase) | .team_2 = $one)' <<<"$game")
	tell_of 1 0 0 "$(kick_off)"
	same "the third's" "$ours" "$(of_game game_id)"
	same "games" 1 "$(games_of_the_match)"
	# A provider that has two ids has two games; and two days later is another day.
	match=$(unique match)
	tell_of 1 0 0 "$(kick_off)"
	as_another $((48 * 3600))
	tell_of 1 0 0 "$(kick_off)"
	same "games" 3 "$(sql "select count(*) from sports.game join sports.team t on t.team_id in (team_1, team_2) where t.name = '$home'")"
}

a_game_of_a_list_becomes_live_when_it_is_told()
{
	a_match
	tell_of 1 0 0 "$(event early comment 0 "$game")"
	ours=$(of_game game_id)
	# As an import leaves it: a day, no time, a former name of the team, nothing told.
	sql "alter table sports.match_event disable trigger user;
		delete from sports.match_event where game_id = '$ours';
		alter table sports.match_event enable trigger user;
		delete from sports.game_source where game_id = '$ours';
		update sports.game set starts_at = null, day = day - 1, detail = 'result_only', provider = 'list', score_1 = null,
			score_2 = null, provider_seen_at = now() where game_id = '$ours';
		insert into sports.former_name (team_id, name) select team_1, 'Old $home' from sports.game where game_id = '$ours'"
	as_another
	game=$(jq -c '.game.team_1 |= "Old " + .' <<<"$game")
	tell_of 2 0 0 "$(kick_off)" "$(goal one 1 "Old $home")"
	same "the game" "$ours|live|full" "$(of_game 'game_id, state, detail')"
	score_is 1:0
}

the_second_provider_counts_when_the_first_is_silent()
{
	a_match
	tell_of 2 0 0 "$(kick_off)" "$(goal one 10 "$home")"
	first=$provider first_match=$match ours=$(of_game game_id)
	as_another
	tell_of 3 0 0 "$(kick_off)" "$(goal one 10 "$home")" "$(goal two 20 "$home")"
	score_is 1:0
	same "the clock is the first's" 10 "$(of_game clock)"
	sql "update sports.game set provider_seen_at = now() - interval '1 day' where game_id = '$ours'"
	tell_of 1 0 0 "$(goal three 30 "$away")"
	score_is 2:1
	same "source and clock" "$provider|30" "$(of_game 'game.provider, clock')"
	# The first one comes back, and is the second now.
	provider=$first match=$first_match
	tell_of 1 0 0 "$(goal two 33 "$away")"
	score_is 2:1
	same "seq" "7" "$(of_game last_seq)"
}

an_ended_game_keeps_its_source()
{
	a_match
	tell_of 2 0 0 "$(kick_off)" "$(event end full_time 90)"
	ours=$(of_game game_id)
	sql "update sports.game set provider_seen_at = now() - interval '1 day' where game_id = '$ours'"
	as_another
	tell_of 2 0 0 "$(kick_off)" "$(goal one 10 "$home")"
	score_is 0:0
	same state ended "$(of_game state)"
}

kick()	# ID TEAM [TYPE]
{
	event "$1" "${3:-shootout_goal}" 120 "$(jq -cn --arg team "$2" '{ $team }')"
}

shootout_is()	# SCORE
{
	same "shoot-out" "$1" "$(of_game "coalesce(game.shootout_1 || ':' || game.shootout_2, 'none')")"
}

a_shoot_out_counts_beside_the_score()
{
	a_match
	tell_of 2 0 0 "$(kick_off)" "$(goal one 10 "$home")"
	shootout_is none
	tell_of 2 0 1 "$(kick a "$home")" "$(kick b "$away" shootout_miss)" "$(event c shootout_goal 120)"
	same "teamless" 'A kick needs team.' "$(reason_of c)"
	shootout_is 1:0
	same "state and period" 'live|Penalties' "$(of_game 'state, period')"
	tell_of 2 0 0 "$(kick d "$away")" "$(event back correction 120 "{\"supersedes\":\"$match/a\"}")"
	shootout_is 0:1
	score_is 1:0
	expect 200 GET "/api/sports/games/$(of_game game_id)"
	same "what is read" '0:1' "$(json data | jq -r '"\(.shootout_team_1):\(.shootout_team_2)"')"
	tell_of 1 0 0 "$(event back2 correction 120 "{\"supersedes\":\"$match/d\"}")"
	shootout_is 0:0
	tell_of 1 0 0 "$(event end full_time 120 '{"text":"Full time"}')"
	same "the end" 'ended|Full time' "$(of_game 'state, period')"
}

an_imported_shoot_out_stays()
{
	a_match
	tell_of 1 0 0 "$(kick_off)"
	sql "update sports.game set shootout_1 = 4, shootout_2 = 2 where game_id = '$(of_game game_id)'"
	tell_of 1 0 0 "$(goal one 10 "$home")"
	shootout_is 4:2
}

a_provider_tells_that_a_game_is_abandoned()
{
	a_match
	tell_of 3 0 0 "$(kick_off)" "$(goal one 10 "$home")" "$(event fog abandoned 20)"
	same state abandoned "$(of_game state)"
	tell_of 1 0 0 "$(goal two 9 "$away")"
	same "a late event" abandoned "$(of_game state)"
	tell_of 1 0 0 "$(event sun correction 21 "{\"supersedes\":\"$match/fog\"}")"
	same "taken back" live "$(of_game state)"
}

is_in()	# STATE
{
	[ "$(of_game state)" = "$1" ]
}

a_game_that_nobody_tells_of_is_abandoned_and_goes_on_with_the_next_event()
{
	a_match
	tell_of 1 0 0 "$(kick_off)"
	ours=$(of_game game_id)
	silent="update sports.game set provider_seen_at = now() - interval '1 day' where game_id = '$ours'"
	sql "$silent; update sports.timer set due_at = now() where name = 'abandon games that nobody tells of'"
	until_true 30 is_in abandoned
	same "told" 'abandoned 3' "$(sql "select data ->> 'state', version from sports.outbox where aggregate_id = '$ours'
		order by id desc limit 1" | tr '|' ' ')"
	tell_of 0 1 0 "$(kick_off)"
	same "what was known before" 'abandoned|3' "$(of_game 'state, game.version')"
	tell_of 1 0 0 "$(goal one 10 "$home")"
	same "a new event" 'live|4' "$(of_game 'state, game.version')"
	# Another provider may take it up, too.
	sql "$silent; update sports.game set state = 'abandoned' where game_id = '$ours'"
	as_another
	tell_of 2 0 0 "$(kick_off)" "$(goal one 10 "$away")"
	same "told by another" 'live' "$(of_game state)"
	score_is 0:1
}

a_providers_name_is_its_first_services()
{
	a_match
	tell_of 1 0 0 "$(kick_off)"
	other="Authorization: Bearer $(ctl token --role service --name "$(unique other)")"
	expect 403 POST /api/sports/feed "$(batch "$(goal one 10 "$home")")" -H "$other"
	expect_problem not_yours
	score_is 0:0
	administrator ada
	tell_of 1 0 0 "$(goal one 10 "$home")"
	score_is 1:0
	# What an administrator used first is still to be had.
	provider=$(unique provider)
	tell_of 0 0 1 "$(goal one 10 "$home")"
	as=$other
	tell_of 0 0 1 "$(goal one 10 "$home")"
}

names_of_imports_are_no_providers()
{
	a_match
	for provider in intl wcdb; do
		expect 422 POST /api/sports/feed "$(batch "$(kick_off)")" -H "$as"
		expect_problem invalid provider
	done
	administrator ada
	expect 422 POST /api/sports/feed "$(batch "$(kick_off)")" -H "$as"
	provider=intl2
	as="Authorization: Bearer $(service_token)"
	tell_of 1 0 0 "$(kick_off)"
}

# --- what others hear of it ---

a_batch_tells_the_others_once_a_game()
{
	a_match
	tell_of 3 0 0 "$(kick_off)" "$(goal one 10 "$home")" "$(goal two 20 "$away" own_goal)"
	tell_of 1 3 0 "$(kick_off)" "$(goal one 10 "$home")" "$(goal two 20 "$away" own_goal)" "$(event end full_time 90)"
	tell_of 0 1 0 "$(kick_off)"
	sql "select jsonb_build_object('type', type, 'version', version) || data from sports.outbox
		where aggregate_id = '$(of_game game_id)' order by id" >"$scratch/told"
	same "what was told" "sports.game_changed 2 2:0 live 20 3 kick_off goal own_goal; sports.game_changed 3 2:0 ended 90 4 full_time" \
		"$(jq -rs 'map("\(.type) \(.version) \(.score_1):\(.score_2) \(.state) \(.clock) \(.seq) \([.events[].type] | join(" "))")
			| join("; ")' "$scratch/told")"
	same "who plays, and in what" "scheduled $home $away; live $home $away" \
		"$(jq -rs 'map("\(.state_before) \(.team_1.name) \(.team_2.name)") | join("; ")' "$scratch/told")"
	same "their ids" "$(of_game 'team_1, team_2, (select competition_id from sports.season s where s.season_id = game.season_id),
		(select category_id from sports.team t where t.team_id = game.team_1)')" \
		"$(jq -rs '.[0] | [.team_1.id, .team_2.id, .competition_id, .category_id] | join("|")' "$scratch/told")"
	same "when it was" "$(goal one 10 "$home" | jq -r .occurred_at)" "$(jq -rs '.[0].events[1].occurred_at' "$scratch/told")"
}

inside()	# GAME EVENT
{
	$CURL -o "$scratch/inside" -w '%{http_code}' --unix-socket "$state/run/internal.sock" -X PUT -H "$as" \
		-H 'Content-Type: application/json' -d "{\"event_id\":\"$2\"}" "http://sports/internal/games/$1/event"
}

the_ticket_shop_links_its_event()
{
	a_match
	tell_of 1 0 0 "$(kick_off)"
	ours=$(of_game game_id)
	same status 200 "$(inside "$ours" 01890000-0000-7000-8000-000000000001)"
	same answer "{\"game_id\":\"$ours\",\"event_id\":\"01890000-0000-7000-8000-000000000001\"}" "$(cat "$scratch/inside")"
	same "event" 01890000-0000-7000-8000-000000000001 "$(of_game event_id)"
	before=$(of_game version)
	same "again" 200 "$(inside "$ours" 01890000-0000-7000-8000-000000000001)"
	same "version" "$before" "$(of_game version)"
	same "unknown" 404 "$(inside 01890000-0000-7000-8000-000000000002 01890000-0000-7000-8000-000000000001)"
	same "no id" 422 "$(inside "$ours" x)"
	expect 404 PUT "/internal/games/$ours/event" '{}' -H "$as"
	person eve
	same "a person" 403 "$(inside "$ours" 01890000-0000-7000-8000-000000000001)"
}

tell only_services_and_administrators_tell \
    what_is_no_document_is_refused_as_a_whole \
    a_batch_has_up_to_a_thousand_events \
    of_a_batch_that_is_half_bad_the_good_half_is_kept \
    nothing_more_happens_in_a_cancelled_game \
    what_is_told_again_counts_once \
    batches_of_the_same_events_side_by_side_count_once \
    the_order_of_telling_changes_nothing \
    late_events_do_not_turn_a_game_back \
    what_happened_elsewhere_is_not_superseded \
    a_game_is_the_same_whoever_tells_of_it \
    a_game_of_a_list_becomes_live_when_it_is_told \
    the_second_provider_counts_when_the_first_is_silent \
    an_ended_game_keeps_its_source \
    a_shoot_out_counts_beside_the_score \
    an_imported_shoot_out_stays \
    a_provider_tells_that_a_game_is_abandoned \
    a_game_that_nobody_tells_of_is_abandoned_and_goes_on_with_the_next_event \
    a_providers_name_is_its_first_services \
    names_of_imports_are_no_providers \
    a_batch_tells_the_others_once_a_game \
    the_ticket_shop_links_its_event
