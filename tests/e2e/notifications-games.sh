#!/bin/bash
# What people are told of the games that they follow.
# shellcheck disable=SC2154 # lib.sh and stack.sh set them
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/stack.sh
. "$(dirname "$0")/stack.sh"
# shellcheck source=tests/e2e/told
. "$(dirname "$0")/told"

# A game that nobody follows yet; game_is sends its course.
a_game() {
	game=$(id) home=$(id) away=$(id) competition=$(id) sport=$(id)
	version=0
}

follows() {	# KIND TARGET [VERSION]
	happens sports.followed "$user_id" "${3:-1}" \
	    "{\"user_id\":\"$user_id\",\"target_kind\":\"$1\",\"target_id\":\"$2\",\"name\":\"Something\"}"
}

game_is() {	# STATE BEFORE SCORE_1 SCORE_2 EVENTS [MORE]
	version=$((version + 1))
	happens sports.game_changed "$game" "$version" "{\"game_id\":\"$game\",\"team_1\":{\"id\":\"$home\",\"name\":\"Ajax\"},
	    \"team_2\":{\"id\":\"$away\",\"name\":\"PSV\"},\"competition_id\":\"$competition\",\"category_id\":\"$sport\",
	    \"state\":\"$1\",\"state_before\":\"$2\",\"score_1\":$3,\"score_2\":$4,\"events\":$5${6:+,$6}}"
}

who_follows_a_game_in_any_way_is_told_of_its_course_once() {
	a_game
	person ann
	follows team "$home"
	follows game "$game" 2
	follows competition "$competition" 3
	ann=$as
	person bob
	follows sport "$sport"
	bob=$as
	person eve
	follows team "$(id)"
	eve=$as
	until_true 10 taken_in
	game_is live scheduled 0 0 '[{"seq":1,"type":"kick_off","provider_event_id":"k"}]'
	game_is live live 1 0 '[{"seq":2,"type":"goal","team":1,"player":"Berg","clock":"23","provider_event_id":"g1"}]'
	game_is live live 1 0 '[{"seq":2,"type":"goal","team":1,"player":"Berg","clock":"23","provider_event_id":"g1"}]'
	game_is live live 1 1 '[{"seq":3,"type":"card_red","team":1,"provider_event_id":"c"},{"seq":4,"type":"own_goal","team":1,"provider_event_id":"g2"}]'
	game_is live live 1 1 '[{"seq":5,"type":"penalty_goal","clock":"45+2","provider_event_id":"g3"}]'
	game_is ended live 1 1 '[{"seq":6,"type":"full_time","provider_event_id":"f"}]'
	for as in "$ann" "$bob"; do
		until_true 10 is_told 'score_update: Full time: Ajax 1 : 1 PSV'
		same told "$(sort <<-LINES
			score_update: Ajax - PSV has begun
			score_update: Goal for Ajax (Berg, 23'): Ajax 1 : 0 PSV
			score_update: Goal for PSV (own goal): Ajax 1 : 1 PSV
			score_update: Goal (penalty, 45+2'): Ajax 1 : 1 PSV
			score_update: Full time: Ajax 1 : 1 PSV
		LINES
		)" "$(told | sort)"
	done
	as=$eve
	is_told_of score_update 0 || fail "$(body)"
}

a_shoot_out_is_told_with_its_score() {
	a_game
	person ann
	follows game "$game"
	until_true 10 taken_in
	game_is ended live 3 3 '[]' '"shootout_1":4,"shootout_2":2'
	until_true 10 is_told 'score_update: Full time: Ajax 3 : 3 PSV (4 : 2 on penalties)'
}

a_goal_that_is_taken_back_is_corrected_for_who_heard_of_it() {
	a_game
	person ann
	follows game "$game"
	ann=$as
	until_true 10 taken_in
	game_is live live 1 0 '[{"seq":1,"type":"goal","team":1,"player":"Berg","clock":"23","provider_event_id":"g1"}]'
	until_true 10 is_told "score_update: Goal for Ajax (Berg, 23'): Ajax 1 : 0 PSV"
	person bob
	follows game "$game"
	until_true 10 taken_in
	game_is live live 0 0 '[{"seq":2,"type":"correction","supersedes":"g1","provider_event_id":"x1"}]'
	game_is live live 0 1 '[{"seq":3,"type":"goal","team":2,"player":"Vos","provider_event_id":"g2"}]'
	game_is live live 0 1 '[{"seq":4,"type":"goal","team":2,"player":"Bos","supersedes":"g2","provider_event_id":"g3"}]'
	# The correction comes first, or with its goal.
	game_is live live 0 1 '[{"seq":5,"type":"correction","supersedes":"g4","provider_event_id":"x2"}]'
	game_is live live 0 1 '[{"seq":6,"type":"goal","team":2,"provider_event_id":"g4"}]'
	game_is live live 0 1 '[{"seq":7,"type":"goal","team":2,"provider_event_id":"g5"},{"seq":8,"type":"correction","supersedes":"g5","provider_event_id":"x3"}]'
	game_is ended live 0 1 '[]'
	until_true 10 is_told 'score_update: Full time: Ajax 0 : 1 PSV'
	same "bob is told" "$(sort <<-LINES
		score_update: Goal for PSV (Vos): Ajax 0 : 1 PSV
		score_update: Correction: Goal for PSV (Bos): Ajax 0 : 1 PSV
		score_update: Full time: Ajax 0 : 1 PSV
	LINES
	)" "$(told | sort)"
	as=$ann
	is_told 'score_update: Correction: Ajax 0 : 0 PSV' || fail "$(body)"
	is_told_of score_update 5 || fail "$(body)"
}

who_follows_no_longer_is_told_no_more() {
	a_game
	person ann
	follows game "$game" 1
	happens sports.unfollowed "$user_id" 2 "{\"user_id\":\"$user_id\",\"target_kind\":\"game\",\"target_id\":\"$game\"}"
	# An older one that comes late.
	follows game "$game" 1
	until_true 10 taken_in
	game_is live live 1 0 '[{"seq":1,"type":"goal","team":1,"provider_event_id":"g1"}]'
	until_true 10 taken_in
	is_told_of score_update 0 || fail "$(body)"
}

ten_thousand_followers_of_a_team_are_told_of_a_goal_once_each() {
	a_game
	sql "insert into notifications.follow (user_id, target_kind, target_id, is_on, version)
	     select gen_random_uuid(), 'team', '$home', true, 1 from generate_series(1, 10000)"
	for _ in 1 2; do
		game_is live scheduled 1 0 '[{"seq":1,"type":"goal","team":1,"provider_event_id":"g1"}]'
	done
	until_true 30 taken_in
	same "told, people, messages" "20000|10000|20000" "$(sql "
	    select count(*), count(distinct n.user_id), count(o.event_id) from notifications.notification n
	      left join notifications.outbox o on o.event_id = n.notification_id and o.channel = 'notifications:' || n.user_id
	     where dedupe in ('begin:$game', 'goal:$game:g1')")"
	until_true 60 all_pushed
	# They take room on the bus.
	sql "select 'DEL channel:notifications:' || user_id || ' channel:notifications:' || user_id || ':log'
	       from notifications.follow where target_id = '$home'" | redis-cli -s "$state/run/bus-primary.sock" >/dev/null
	sql "delete from notifications.notification where dedupe like '%$game%'; delete from notifications.follow where target_id = '$home'"
}

all_pushed() {
	[[ $(sql "select count(*) from notifications.outbox where published_at is null") = 0 ]]
}

# What sports tells by itself: a followed team, a feed.
feed() {	# EVENT...
	expect 200 POST /api/sports/feed "$(printf '%s\n' "$@" | jq -cs --arg provider "$provider" '{ $provider,
	    events: map(. + { provider_game_id: $provider, provider_event_id: ($provider + .provider_event_id) }
	      | if .supersedes then .supersedes |= $provider + . else . end) }')" -H "$service"
}

who_follows_a_team_hears_what_the_feed_tells() {
	provider=$(unique feed) home=$(unique Home) away=$(unique Away)
	start=$(date -u +%Y-%m-%dT%H:%M:00Z)
	feed "$(jq -cn --arg sport "$(unique Sport)" --arg home "$home" --arg away "$away" --arg start "$start" '{ provider_event_id: "0", type: "comment",
	    occurred_at: $start, game: { sport_category: $sport, competition: "Cup", team_1: $home, team_2: $away, start_time: $start } }')"
	person ann
	expect 201 POST /api/sports/follows "{\"target_kind\":\"team\",\"target_id\":\"$(sql "select team_id from sports.team where name = '$home'")\"}" -H "$as"
	until_true 10 follow_is_known
	feed "{\"provider_event_id\":\"1\",\"type\":\"kick_off\",\"occurred_at\":\"$start\"}"
	feed "{\"provider_event_id\":\"2\",\"type\":\"goal\",\"team\":\"$away\",\"player\":\"Berg\",\"clock\":\"23\",\"occurred_at\":\"$start\"}"
	feed "{\"provider_event_id\":\"3\",\"type\":\"correction\",\"supersedes\":\"2\",\"occurred_at\":\"$start\"}"
	feed "{\"provider_event_id\":\"4\",\"type\":\"full_time\",\"occurred_at\":\"$start\"}"
	until_true 10 is_told "score_update: Full time: $home 0 : 0 $away"
	same told "$(sort <<-LINES
		score_update: $home - $away has begun
		score_update: Goal for $away (Berg, 23'): $home 0 : 1 $away
		score_update: Correction: $home 0 : 0 $away
		score_update: Full time: $home 0 : 0 $away
	LINES
	)" "$(told | sort)"
}

follow_is_known() {
	[[ $(sql "select count(*) from notifications.follow where user_id = '$user_id' and is_on") = 1 ]]
}

tell \
	who_follows_a_game_in_any_way_is_told_of_its_course_once \
	a_shoot_out_is_told_with_its_score \
	a_goal_that_is_taken_back_is_corrected_for_who_heard_of_it \
	who_follows_no_longer_is_told_no_more \
	ten_thousand_followers_of_a_team_are_told_of_a_goal_once_each \
	who_follows_a_team_hears_what_the_feed_tells
