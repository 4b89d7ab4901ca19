#!/bin/bash
# Stories of a game as those see it who listen to its channel: what happens, each thing once and in order, and its polls.
cd "$(dirname "$0")"
. ./lib.sh
. ./stack.sh

service="Authorization: Bearer $(service_token)"

# A new match of which nothing is told yet.
a_match()
{
	provider=$(unique provider) match=$(unique match) home=$(unique 'Home ') away=$(unique 'Away ')
	start=$(date -u +%FT%TZ)
	game=$(jq -cn --arg cup "$(unique 'Cup ')" --arg home "$home" --arg away "$away" --arg start "$start" '{ sport_category: "Football",
		competition: $cup, team_1: $home, team_2: $away, start_time: $start }')
}

# event ID TYPE MINUTE [MEMBERS]
event()
{
	jq -cn --arg id "$match/$1" --arg match "$match" --arg type "$2" --arg minute "$3" --argjson more "${4:-{\}}" --argjson game "$game" \
		--arg at "$(date -u -d "$start + $3 minutes" +%FT%TZ)" \
		'{ provider_event_id: $id, provider_game_id: $match, $type, occurred_at: $at, clock: $minute, $game } + $more'
}

goal()	# ID MINUTE TEAM
{
	event "$1" goal "$2" "$(jq -cn --arg team "$3" '{ $team, player: "Ada" }')"
}

tell_of()	# EVENT...
{
	expect 200 POST /api/sports/feed "$(printf '%s\n' "$@" | jq -cs --arg provider "$provider" '{ $provider, events: . }')" -H "$service"
	same refused '[]' "$(jq -c .refused "$scratch/body")"
	game_id=$(sql "select game_id from sports.game_source where provider = '$provider' and provider_game_id = '$match'")
}

frames()	# of the channel, each a line
{
	redis-cli -s "$state/run/bus-primary.sock" --raw XRANGE "channel:game:$game_id:log" - + | grep '^{' || true
}

# shown JQ: what it makes of the frames, as one array
shown()
{
	frames | jq -rs "$1"
}

shows()	# WANTED JQ
{
	[ "$(shown "$2")" = "$1" ]
}

# Every event that was told is in a frame, once, in its order; and the numbers of the frames have no gap.
all_are_shown()	# NUMBER
{
	shows "$1" '[.[].events[]?] | length'
}

none_is_missing_and_none_twice()	# NUMBER
{
	until_true 20 all_are_shown "$1"
	same "events" "$(seq -s ' ' "$1")" "$(shown '[.[].events[]?.seq] | map(tostring) | join(" ")')"
	same "numbers of frames" true "$(shown '[.[].seq] == [range(1; length + 1)]')"
}

# --- what happens ---

an_event_is_on_the_channel_with_the_score()
{
	a_match
	tell_of "$(event start kick_off 0)" "$(goal one 10 "$home")"
	none_is_missing_and_none_twice 2
	shown '.[-1]' >"$scratch/frame"
	same "frame" "game:$game_id game $game_id 1 0 live In play 10 2" \
		"$(jq -r '"\(.channel) \(.type) \(.game_id) \(.score_team_1) \(.score_team_2) \(.event_status) \(.current_period) \(.clock) \(.last_seq)"' "$scratch/frame")"
	same "event" "2 $match/one goal 10 1 Ada Goal: Ada ($home)" \
		"$(jq -r '.events[-1] | "\(.seq) \(.provider_event_id) \(.type) \(.clock) \(.team) \(.player) \(.description)"' "$scratch/frame")"
	tell_of "$(event end full_time 90)"
	none_is_missing_and_none_twice 3
	same "the end" 'ended Full time' "$(shown '.[-1] | "\(.event_status) \(.current_period)"')"
}

a_correction_names_what_it_takes_back()
{
	a_match
	tell_of "$(event start kick_off 0)" "$(goal one 10 "$home")"
	none_is_missing_and_none_twice 2
	tell_of "$(event back correction 12 "{\"supersedes\":\"$match/one\"}")"
	none_is_missing_and_none_twice 3
	same "correction" "0 correction $match/one 2" \
		"$(shown '.[-1] | "\(.score_team_1) \(.events[-1].type) \(.events[-1].supersedes) \(.events[-1].supersedes_seq)"')"
	# One that comes before what it takes back.
	tell_of "$(event early correction 20 "{\"supersedes\":\"$match/late\"}")" "$(goal late 19 "$away")"
	none_is_missing_and_none_twice 5
	same "what came too late" "0 $match/late 4" \
		"$(shown '.[-1] | "\(.score_team_2) \(.events[-1].provider_event_id) \(.events[-1].superseded_by_seq)"')"
}

what_is_told_again_is_not_shown_again()
{
	a_match
	tell_of "$(event start kick_off 0)"
	tell_of "$(event start kick_off 0)" "$(goal one 10 "$home")"
	tell_of "$(goal one 10 "$home")"
	none_is_missing_and_none_twice 2
}

when_another_provider_takes_over_the_game_is_to_be_read_again()
{
	a_match
	tell_of "$(event start kick_off 0)" "$(goal one 10 "$home")"
	until_true 20 all_are_shown 2
	sql "update sports.game set provider_seen_at = now() - interval '1 day' where game_id = '$game_id'"
	ours=$game_id provider=$(unique provider) match=$(unique match)
	tell_of "$(event start kick_off 0)"
	same "the game" "$ours" "$game_id"
	until_true 20 all_are_shown 3
	same "reload" 'null true' "$(shown '"\(.[0].reload) \(.[-1].reload)"')"
	same "score" 0 "$(shown '.[-1].score_team_1')"
}

a_game_that_falls_silent_is_shown_as_abandoned()
{
	a_match
	tell_of "$(event start kick_off 0)"
	until_true 20 all_are_shown 1
	sql "update sports.game set provider_seen_at = now() - interval '1 day' where game_id = '$game_id'"
	until_true 30 shows abandoned '.[-1].event_status'
	same "what happened" 0 "$(shown '.[-1].events | length')"
}

# Frames are as far apart as they must be, by the times of their transactions: more of them than fit are one.
a_burst_is_a_few_frames()
{
	a_match
	for ((minute = 1; minute <= 40; minute++)); do
		tell_of "$(event "$minute" comment "$minute")"
	done
	none_is_missing_and_none_twice 40
	same "frames that are too near" 0 "$(sql "select count(*)
		from (select created_at - lag(created_at) over (order by id) as gap
		        from sports.outbox where channel = 'game:$game_id') frame
		where gap < interval '200 milliseconds'")"
	same "the last" 40 "$(shown '.[-1].last_seq')"
}

what_is_too_much_for_a_frame_is_in_the_next()
{
	a_match
	event a comment 1 | jq -c --arg provider "$provider" '. as $e | { $provider, events: [range(1000) | tostring as $n
		| $e + { provider_event_id: ($e.provider_event_id + $n) }] }' >"$scratch/large"
	expect 200 POST /api/sports/feed "@$scratch/large" -H "$service"
	game_id=$(sql "select game_id from sports.game_source where provider = '$provider'")
	none_is_missing_and_none_twice 1000
	same "the most of one frame" 200 "$(shown '[.[].events | length] | max')"
}

nothing_is_missing_or_twice_when_the_job_is_killed()
{
	a_match
	tell_of "$(event start kick_off 0)"
	(
		for ((minute = 1; minute < 120; minute++)); do
			tell_of "$(event "$minute" comment "$minute")"
		done
	) &
	writer=$!
	for round in 1 2 3 4; do
		kill -KILL "$(master sports-jobs)"
		mend
	done
	wait "$writer" || fail "round $round: the feed was not taken"
	none_is_missing_and_none_twice 120
}

# --- polls ---

# ask_poll STATUS [JQ]: a poll on the game, edited
ask_poll()
{
	expect "$1" POST "/api/sports/games/$game_id/polls" "$(jq -cn --arg closing "$(date -u -d '+1 hour' +%FT%TZ)" '{ question: "Who wins?",
		options: ["Home", "Away", "\"Nobody\", \\ {x}"], closes_at: $closing } | '"${2:-.}")" -H "$asker"
}

a_poll()
{
	a_match
	tell_of "$(event start kick_off 0)"
	asker=$service
	ask_poll 201
	poll_id=$(json data.poll_id)
}

vote()	# STATUS OPTION
{
	expect "$1" POST "/api/sports/polls/$poll_id/votes" "{\"option\":$2}" -H "$as"
}

who_watches_votes_once_and_sees_the_result()
{
	a_poll
	same options '["Home","Away","\"Nobody\", \\ {x}"]' "$(jq -c '[.data.options[].text]' "$scratch/body")"
	until_true 20 shows 1 '[.[] | select(.type == "poll")] | length'
	person ann
	vote 201 2
	same "the answer" '0 1 0 of 1, mine 2' "$(jq -r '.data | "\([.options[].votes] | map(tostring) | join(" ")) of \(.votes), mine \(.your_option)"' "$scratch/body")"
	vote 409 1
	expect_problem voted_before
	vote 409 2
	person bob
	vote 201 1
	until_true 20 shows '1 1 0' '[.[] | select(.type == "poll")][-1].options | map(.votes | tostring) | join(" ")'
	same "on the channel" "$poll_id $game_id Who wins? true 2" \
		"$(shown '[.[] | select(.type == "poll")][-1] | "\(.poll_id) \(.game_id) \(.question) \(.is_open) \(.votes)"')"
	expect 200 GET "/api/sports/games/$game_id/polls" -H "$as"
	same "the list" "$poll_id 2 1" "$(jq -r '.data[] | "\(.poll_id) \(.votes) \(.your_option)"' "$scratch/body")"
}

votes_at_once_count_once_each()
{
	a_poll
	person ann
	for racer in 1 2 3 4 5 6; do
		# shellcheck disable=SC2086
		$CURL -o /dev/null -w '%{http_code}\n' -H "$as" -H 'Content-Type: application/json' -d "{\"option\":1}" \
			"$BASE/api/sports/polls/$poll_id/votes" >"$scratch/racer$racer" &
	done
	wait
	same "answers" '1 201,5 409' "$(sort "$scratch"/racer? | uniq -c | sed 's/^ *//' | paste -sd ,)"
	expect 200 GET "/api/sports/games/$game_id/polls" -H "$as"
	same "votes" 1 "$(jq '.data[0].votes' "$scratch/body")"
}

a_poll_that_makes_no_sense_is_refused()
{
	a_poll
	ask_poll 422 '.options = ["One"]'
	expect_problem invalid options
	ask_poll 422 '.options = [range(11) | tostring]'
	expect_problem invalid options
	ask_poll 422 '.options[1] = .options[0]'
	expect_problem invalid options
	ask_poll 422 '.options[1] = ""'
	ask_poll 422 '.options[1] = "x" * 121'
	ask_poll 422 '.closes_at = "2020-01-01T00:00:00Z"'
	expect_problem invalid closes_at
	ask_poll 422 'del(.question)'
	expect_problem invalid question
	person ann
	vote 422 4
	expect_problem invalid option
	vote 422 0
	asker=$as
	ask_poll 403
	administrator ada
	asker=$as
	ask_poll 201
	game_id=01890000-0000-7000-8000-000000000000
	ask_poll 404
	poll_id=$game_id
	vote 404 1
}

a_closed_poll_takes_no_votes_and_says_so()
{
	a_poll
	person ann
	vote 201 1
	sql "update sports.poll set created_at = now() - interval '1 hour', closes_at = now() where poll_id = '$poll_id'"
	person bob
	vote 409 1
	expect_problem poll_closed
	until_true 20 shows 'false 1' '[.[] | select(.type == "poll")][-1] | "\(.is_open) \(.votes)"'
}

tell an_event_is_on_the_channel_with_the_score \
    a_correction_names_what_it_takes_back \
    what_is_told_again_is_not_shown_again \
    when_another_provider_takes_over_the_game_is_to_be_read_again \
    a_game_that_falls_silent_is_shown_as_abandoned \
    a_burst_is_a_few_frames \
    what_is_too_much_for_a_frame_is_in_the_next \
    nothing_is_missing_or_twice_when_the_job_is_killed \
    who_watches_votes_once_and_sees_the_result \
    votes_at_once_count_once_each \
    a_poll_that_makes_no_sense_is_refused \
    a_closed_poll_takes_no_votes_and_says_so
