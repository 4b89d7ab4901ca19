#!/bin/bash
# What people are told: by services, by what happens elsewhere, by mail and on open connections.
# shellcheck disable=SC2154 # lib.sh and stack.sh set them
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/stack.sh
. "$(dirname "$0")/stack.sh"

nobody=01890000-0000-7000-8000-000000000000
service="Authorization: Bearer $(service_token)"

# tell_person TYPE MESSAGE: by a service, to $user_id.
tell_person() {
	expect 200 POST /api/notifications "{\"user_id\":\"$user_id\",\"type\":\"$1\",\"message\":\"$2\"}" -H "$service"
}

# What $as was told, newest first: "type: message" lines.
told() {
	expect 200 GET "/api/notifications?limit=100" -H "$as"
	jq -r '.notifications[] | "\(.type): \(.message)"' "$scratch/body"
}

is_told() {	# LINE
	told | grep -qxF -- "$1"
}

is_told_of() {	# TYPE COUNT
	[[ $(told | grep -c "^$1: ") = "$2" ]]
}

id() {
	sql 'select platform.uuid_v7()'
}

# happens TYPE AGGREGATE VERSION DATA: on the bus, as its domain would tell it; sets $happened.
happens() {
	happened=$(id)
	redis-cli -s "$state/run/bus.sock" XADD "events:${1%%.*}" '*' event "{\"specversion\":\"1.0\",\"id\":\"$happened\",
	    \"source\":\"/marquee/${1%%.*}\",\"type\":\"$1\",\"subject\":\"$2\",\"time\":\"2026-01-01T00:00:00Z\",\"version\":$3,
	    \"data\":$4}" >/dev/null
}

# What happened last, and so all before it of that domain.
taken_in() {
	[[ $(sql "select count(*) from notifications.inbox where event_id = '$happened'") = 1 ]]
}

timer() {	# NAME: is due now
	sql "update notifications.timer set due_at = now() where name = '$1'"
}

# --- telling and reading ---

what_a_service_tells_is_readable_at_once() {
	person ann
	tell_person purchase 'Your beat was bought'
	same answer '{"status":"success","message":"Notification sent successfully"}' "$(body)"
	expect 200 GET /api/notifications -H "$as"
	same user "$user_id" "$(json user_id)"
	same caching "private, no-store" "$(header Cache-Control)"
	jq -e '.notifications | length == 1 and (.[0] | .type == "purchase" and .message == "Your beat was bought" and .status == "unread"
	    and (.notification_id | length == 36) and (.created_at | endswith("Z")) and .subject == {})' "$scratch/body" >/dev/null ||
		fail "$(body)"
	administrator ada
	admin=$as
	person bob
	expect 200 POST /api/notifications "{\"user_id\":\"$user_id\",\"type\":\"news\",\"message\":\"Hello\"}" -H "$admin"
	is_told 'news: Hello' || fail "$(body)"
	expect 200 POST /api/tickets/notification "{\"user_id\":\"$user_id\",\"message\":\"Please pay\"}" -H "$service"
	same answer "{\"user_id\":\"$user_id\",\"message\":\"Please pay\"}" "$(body)"
	is_told 'payment: Please pay' || fail "$(body)"
}

only_services_and_administrators_tell() {
	person ann
	for path in /api/notifications /api/tickets/notification; do
		expect 401 POST $path "{\"user_id\":\"$user_id\",\"type\":\"news\",\"message\":\"Hello\"}"
		expect 403 POST $path "{\"user_id\":\"$user_id\",\"type\":\"news\",\"message\":\"Hello\"}" -H "$as"
	done
	expect 401 GET /api/notifications
	is_told_of news 0 || fail "$(body)"
}

what_makes_no_sense_is_refused_by_field() {
	person ann
	expect 422 POST /api/notifications '{"user_id":"ann","type":"two words","message":""}' -H "$service"
	for field in user_id type message; do
		expect_problem invalid $field
	done
	expect 422 POST /api/notifications "{\"user_id\":\"$user_id\",\"type\":\"news\"}" -H "$service"
	expect_problem invalid message
	expect 422 POST /api/notifications "{\"user_id\":\"$user_id\",\"type\":\"news\",\"message\":\"Hello\",\"colour\":\"red\"}" -H "$service"
	expect_problem invalid colour
	expect 400 POST /api/notifications '{"user_id":' -H "$service"
	expect 422 POST /api/notifications/mark-as-read '{"notification_id":"first"}' -H "$as"
	expect_problem invalid notification_id
	expect 422 POST /api/notifications/mark-as-read '{}' -H "$as"
	expect 422 GET '/api/notifications?cursor=nonsense' -H "$as"
	expect_problem invalid cursor
	expect 422 GET '/api/notifications?limit=0' -H "$as"
	expect_problem invalid limit
	expect 404 DELETE /api/notifications/first -H "$as"
	expect 422 PUT /api/notifications/preferences '{"mail":["a b"],"quiet_hours":{"from":"24:00","until":"7"}}' -H "$as"
	expect_problem invalid 'mail[0]'
	expect_problem invalid quiet_hours.from
	expect_problem invalid quiet_hours.until
	expect 422 PUT /api/notifications/preferences '{"mail":[],"quiet_hours":{"from":"22:00"}}' -H "$as"
	expect_problem invalid quiet_hours.until
	expect_problem invalid quiet_hours.time_zone
	for zone in Mars/Phobos foo3 CET-1 europe/berlin; do
		expect 422 PUT /api/notifications/preferences \
		    "{\"mail\":[],\"quiet_hours\":{\"from\":\"22:00\",\"until\":\"07:00\",\"time_zone\":\"$zone\"}}" -H "$as"
		expect_problem invalid quiet_hours.time_zone
	done
}

the_newest_come_first_page_by_page() {
	person ann
	for n in 1 2 3 4 5; do
		tell_person news "Number $n"
	done
	expect 200 GET '/api/notifications?limit=2' -H "$as"
	pages=$(jq -c '[.notifications[].message]' "$scratch/body")
	while next=$(header Link | sed -n 's|^<\([^>]*\)>; rel="next"$|\1|p') && [[ -n $next ]]; do
		expect 200 GET "${next#"$BASE"}" -H "$as"
		pages+=$(jq -c '[.notifications[].message]' "$scratch/body")
	done
	same pages '["Number 5","Number 4"]["Number 3","Number 2"]["Number 1"]' "$pages"
}

what_was_read_says_so_and_what_is_unread_is_counted() {
	person ann
	tell_person news One
	tell_person payment Two
	tell_person news Three
	expect 200 GET '/api/notifications/unread-count' -H "$as"
	same unread 3 "$(json unread)"
	expect 200 GET /api/notifications -H "$as"
	one=$(jq -r '.notifications[] | select(.message == "One").notification_id' "$scratch/body")
	for _ in 1 2; do
		expect 200 POST /api/notifications/mark-as-read "{\"notification_id\":\"$one\"}" -H "$as"
	done
	expect 200 GET /api/notifications -H "$as"
	same status '["Three unread","Two unread","One read"]' "$(jq -c '[.notifications[] | "\(.message) \(.status)"]' "$scratch/body")"
	expect 200 GET '/api/notifications?unread=true&kind=news' -H "$as"
	same filtered '["Three"]' "$(jq -c '[.notifications[].message]' "$scratch/body")"
	expect 200 POST /api/notifications/mark-all-as-read -H "$as"
	expect 200 GET '/api/notifications/unread-count' -H "$as"
	same unread 0 "$(json unread)"
	expect 200 DELETE "/api/notifications/$one" -H "$as"
	expect 404 DELETE "/api/notifications/$one" -H "$as"
	is_told_of news 1 || fail "$(body)"
}

notifications_are_their_owners_alone() {
	person ann
	tell_person news Secret
	expect 200 GET /api/notifications -H "$as"
	hers=$(json 'notifications[0].notification_id') ann_header=$as
	person bob
	expect 200 GET /api/notifications -H "$as"
	same "bob's" '[]' "$(jq -c .notifications "$scratch/body")"
	expect 404 POST /api/notifications/mark-as-read "{\"notification_id\":\"$hers\"}" -H "$as"
	expect 404 DELETE "/api/notifications/$hers" -H "$as"
	expect 200 POST /api/notifications/mark-all-as-read -H "$as"
	expect 200 GET /api/notifications -H "$ann_header"
	same status unread "$(json 'notifications[0].status')"
}

# The messages of a channel, as a gateway catches up on them.
log_of() {
	redis-cli -s "$state/run/bus.sock" --json XRANGE "channel:$1:log" - + | jq -c '.[][1][1] | fromjson'
}

logged() {	# CHANNEL COUNT
	[[ $(log_of "$1" | wc -l) = "$2" ]]
}

it_is_pushed_to_open_connections() {
	person ann
	tell_person news 'Look \"here\"'
	until_true 10 logged "notifications:$user_id" 1
	expect 200 GET /api/notifications -H "$as"
	same frame "$(jq -c --arg user "$user_id" '.notifications[0] | ["notifications:\($user)", 1, "real-time notification", .message, "unread",
	    .notification_id, .type, .created_at]' "$scratch/body")" \
	    "$(log_of "notifications:$user_id" | jq -c '[.channel, .seq, .type, .message, .status, .notification_id, .kind, .created_at]')"
}

# --- preferences ---

prefers() {	# FILTER
	expect 200 GET /api/notifications/preferences -H "$as"
	jq -e "$1" "$scratch/body" >/dev/null
}

wants() {	# ENABLED TYPES
	expect 200 PUT "/api/users/$user_id/preferences/notifications" "{\"enabled\":$1,\"types\":$2}" -H "$as"
	until_true 10 prefers ".enabled == $1 and .in_app == $2"
}

only_what_is_wanted_comes_and_security_always() {
	person ann
	prefers '. == {"enabled":true,"in_app":[],"mail":[]}' || fail "$(body)"
	wants true '["news"]'
	tell_person score_update 'Goal'
	tell_person news 'News'
	tell_person security 'Somebody logged in'
	same told 'security: Somebody logged in
news: News' "$(told)"
	wants false '[]'
	tell_person news 'More news'
	tell_person security 'Somebody else did'
	is_told_of news 1 || fail "$(body)"
	is_told_of security 2 || fail "$(body)"
	until_true 10 logged "notifications:$user_id" 3
}

an_older_choice_does_not_undo_a_newer_one() {
	person ann
	wants true '["news"]'
	wants false '["payment"]'
	happens users.preferences_changed "$user_id" 1 "{\"user_id\":\"$user_id\",\"enabled\":true,\"types\":[]}"
	until_true 10 taken_in
	prefers '.enabled == false and .in_app == ["payment"]' || fail "$(body)"
}

what_was_chosen_for_mails_is_kept_as_it_was_said() {
	person ann
	expect 200 PUT /api/notifications/preferences \
	    '{"mail":["payment","news"],"quiet_hours":{"from":"22:30","until":"06:00","time_zone":"Europe/Berlin"}}' -H "$as"
	wanted='{"enabled":true,"in_app":[],"mail":["payment","news"],"quiet_hours":{"from":"22:30","until":"06:00","time_zone":"Europe/Berlin"}}'
	same answer "$wanted" "$(body)"
	expect 200 GET /api/notifications/preferences -H "$as"
	same kept "$wanted" "$(body)"
	expect 200 PUT /api/notifications/preferences '{"mail":[],"quiet_hours":null}' -H "$as"
	same answer '{"enabled":true,"in_app":[],"mail":[]}' "$(body)"
}

# --- what happens elsewhere ---

a_new_device_is_told_of() {
	person ann
	expect 200 POST /api/users/login "{\"username\":\"$name\",\"password\":\"correct horse\"}" \
	    -A 'Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0'
	until_true 10 is_told_of security 1
	told | grep -q '^security: New log-in: Firefox on Linux' || fail "$(body)"
}

# event NAME DATE: of the ticket shop; sets $event.
event() {
	expect 201 POST /api/tickets/event "{\"name\":\"$1\",\"date_time\":\"$2\",\"total_seats\":50,\"price\":20,
	    \"venue\":{\"name\":\"$1\",\"location\":\"Here\",\"capacity\":50}}" \
	    -H "Authorization: Bearer $(ctl token --role admin --name tester)"
	event=$(json id)
}

an_order_that_waits_for_its_payment_is_told_of_and_so_is_its_end() {
	name_of=$(unique Gala)
	event "$name_of" 2035-01-01T20:00:00Z
	person ann
	expect 201 POST /api/tickets/order "{\"event_id\":\"$event\",\"quantity\":3}" -H "$as"
	order=$(json id)
	until_true 10 is_told_of payment 1
	told | grep -q "^payment: Order $order (3 x $name_of) waits for payment until .* UTC\$" || fail "$(body)"
	same subject "{\"event_id\":\"$event\",\"order_id\":\"$order\"}" "$(jq -cS '.notifications[0].subject' "$scratch/body")"
	sql "update tickets.ticket_order set expires_at = now() where order_id = '$order'"
	until_true 10 is_told "order: Order $order (3 x $name_of) was not paid in time; its seats are free again"
}

a_direct_message_is_told_of_once() {
	person ann
	message=$(id)
	for _ in 1 2; do
		happens chat.direct_message_sent "$message" 1 "{\"user_id\":\"$user_id\",\"sender_id\":\"$nobody\",\"sender\":\"bob\",
		    \"chat_id\":\"$nobody\",\"message_id\":\"$message\"}"
	done
	until_true 10 is_told 'message: New message from bob'
	is_told_of message 1 || fail "$(body)"
}

who_is_erased_is_not_named_any_more() {
	person bob
	sender=$name sender_id=$user_id sender_header=$as
	person ann
	message=$(id)
	happens chat.direct_message_sent "$message" 1 "{\"user_id\":\"$user_id\",\"sender_id\":\"$sender_id\",\"sender\":\"$sender\",
	    \"chat_id\":\"$nobody\",\"message_id\":\"$message\"}"
	until_true 10 is_told "message: New message from $sender"
	expect 200 POST "/api/users/$sender_id/erasure" '{"password":"correct horse"}' -H "$sender_header"
	until_true 10 is_told 'message: New message from somebody'
}

what_a_person_was_told_is_part_of_the_export_and_goes_with_the_person() {
	person ann
	tell_person news "About $name"
	expect 202 POST /api/users/exports '{}' -H "$as"
	export=$(json export_id)
	until_true 20 export_is_ready
	expect 200 GET "/api/users/exports/$export/archive" -H "$as"
	same "what is in it" "About $name" "$(python3 -c 'import sys, zipfile
print(zipfile.ZipFile(sys.argv[1]).read("notifications.json").decode())' "$scratch/body" | jq -r '.notification[].message')"
	expect 200 POST "/api/users/$user_id/erasure" '{"password":"correct horse"}' -H "$as"
	until_true 10 knows_nothing
}

export_is_ready() {
	call GET "/api/users/exports/$export" -H "$as"
	[[ $status = 200 && $(json status) = ready ]]
}

knows_nothing() {
	[[ $(sql "select count(*) from notifications.notification where user_id = '$user_id'") = 0 ]]
}

# --- games ---

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
	       from notifications.follow where target_id = '$home'" | redis-cli -s "$state/run/bus.sock" >/dev/null
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

# --- reminders ---

who_asks_for_it_is_reminded_a_day_and_an_hour_before() {
	name_of=$(unique Final)
	event "$name_of" "$(date -u -d '+3 days' +%Y-%m-%dT%H:%M:%SZ)"
	person ann
	for _ in 1 2; do
		expect 200 POST /api/tickets/subscribe/event "{\"event_id\":\"$event\"}" -H "$as"
	done
	same "name, event" "$name_of $event" "$(json name) $(json event_id)"
	timer 'remind of events'
	until_true 10 has_run 'remind of events'
	is_told_of reminder 0 || fail "$(body)"
	for hours in 23.9 0.9; do
		sql "update notifications.reminder set starts_at = now() + $hours * interval '1 hour' where event_id = '$event'"
		for _ in 1 2; do
			timer 'remind of events'
			until_true 10 has_run 'remind of events'
		done
	done
	same reminders "reminder: $name_of begins soon, on
reminder: $name_of begins on" "$(told | sed 's/ on [0-9].*/ on/')"
}

has_run() {	# TIMER
	[[ $(sql "select due_at > now() from notifications.timer where name = '$1'") = t ]]
}

reminders_are_of_events_to_come_and_can_be_ended() {
	event "$(unique Final)" "$(date -u -d '+3 days' +%Y-%m-%dT%H:%M:%SZ)"
	person ann
	expect 401 POST /api/tickets/subscribe/event "{\"event_id\":\"$event\"}"
	expect 404 POST /api/tickets/subscribe/event "{\"event_id\":\"$nobody\"}" -H "$as"
	expect 422 POST /api/tickets/subscribe/event '{"event_id":"final"}' -H "$as"
	expect_problem invalid event_id
	expect 200 POST /api/tickets/subscribe/event "{\"event_id\":\"$event\"}" -H "$as"
	hers=$as
	person bob
	expect 404 DELETE "/api/tickets/subscribe/event/$event" -H "$as"
	expect 200 DELETE "/api/tickets/subscribe/event/$event" -H "$hers"
	expect 404 DELETE "/api/tickets/subscribe/event/$event" -H "$hers"
	sql "update tickets.event set starts_at = now() - interval '1 minute' where event_id = '$event'"
	expect 409 POST /api/tickets/subscribe/event "{\"event_id\":\"$event\"}" -H "$as"
	expect_problem event_over
	sql "update tickets.event set starts_at = now() + interval '1 day', state = 'cancelled' where event_id = '$event'"
	expect 409 POST /api/tickets/subscribe/event "{\"event_id\":\"$event\"}" -H "$as"
	expect_problem event_cancelled
}

# --- mails ---

mails_with() {	# TEXT: how many files have it
	grep -rlF -- "$1" "$state/mail" | wc -l
}

is_mailed() {	# TEXT COUNT
	[[ $(mails_with "$1") = "$2" ]]
}

mail_wanted() {	# TYPES [QUIET]
	expect 200 PUT /api/notifications/preferences "{\"mail\":$1,\"quiet_hours\":${2:-null}}" -H "$as"
}

what_is_wanted_by_mail_comes_by_mail_and_nothing_else_does() {
	person ann
	mail_wanted '["payment"]'
	text=$(unique word)
	tell_person news "News $text"
	tell_person payment "Pay $text"
	until_true 20 is_mailed "Pay $text" 1
	same news 0 "$(mails_with "News $text")"
	grep -rlF "Pay $text" "$state/mail" | xargs grep -q "^To: <*$name@example.org" || fail "to somebody else"
	same waiting 0 "$(sql "select count(*) from notifications.mail join notifications.notification using (notification_id)
	    where user_id = '$user_id'")"
}

in_quiet_hours_mails_wait() {
	person ann
	mail_wanted '["payment"]' "{\"from\":\"$(date -u -d '-1 hour' +%H:%M)\",\"until\":\"$(date -u -d '+1 hour' +%H:%M)\",\"time_zone\":\"UTC\"}"
	text=$(unique word)
	tell_person payment "Pay $text"
	is_told "payment: Pay $text" || fail "$(body)"
	until_true 10 it_waits "attempts = 0 and next_try_at between now() + interval '58 minutes' and now() + interval '61 minutes'"
	same mails 0 "$(mails_with "Pay $text")"
	mail_wanted '["payment"]' "{\"from\":\"$(date -u -d '+1 hour' +%H:%M)\",\"until\":\"$(date -u -d '+2 hours' +%H:%M)\",\"time_zone\":\"UTC\"}"
	sql "update notifications.mail set next_try_at = now() where notification_id in
	     (select notification_id from notifications.notification where user_id = '$user_id')"
	until_true 20 is_mailed "Pay $text" 1
}

it_waits() {	# CONDITION
	[[ $(sql "select $1 from notifications.mail join notifications.notification using (notification_id) where user_id = '$user_id'") = t ]]
}

quiet_hours_end_where_one_lives() {
	same ends '2026-07-02 05:00:00+00|2026-07-02 04:00:00+00|2026-07-01 12:00:00+00|2026-07-01 13:00:00+00' "$(sql "
	    set timezone = 'UTC'; set search_path = notifications;
	    select after_quiet('2026-07-01 21:00Z', '22:00', '07:00', 'Europe/Berlin'), after_quiet('2026-07-02 00:30Z', '22:00', '06:00', 'Europe/Berlin'),
	           after_quiet('2026-07-01 12:00Z', '22:00', '07:00', 'Europe/Berlin'), after_quiet('2026-07-01 12:30Z', '08:00', '09:00', 'America/New_York')")"
}

so_many_mails_an_hour_are_enough_and_the_others_wait() {
	person ann
	mail_wanted '["news"]'
	text=$(unique word)
	for n in 1 2 3 4 5 6 7 8 9; do
		tell_person news "News $text"
	done
	until_true 20 is_mailed "News $text" 8
	until_true 10 it_waits "attempts > 0"
	sql "update users.mail set created_at = now() - interval '2 hours' where user_id = '$user_id'"
	sql "update notifications.mail set next_try_at = now()"
	until_true 20 is_mailed "News $text" 9
}

# wanted STATUS BODY [TOKEN]: a mail that another pool wants.
wanted() {
	call_status=$(curl -sS --unix-socket "$state/run/internal.sock" -o "$scratch/body" -w '%{http_code}' http://users/internal/mails \
	    -H 'Content-Type: application/json' -H "${3:-$service}" -d "$2")
	[[ $call_status = "$1" ]] || fail "$call_status instead of $1: $(body)"
}

a_mail_that_a_pool_wants_is_sent_once_for_each_key() {
	person ann
	key=$(id) text=$(unique word)
	for _ in 1 2; do
		wanted 200 "{\"user_id\":\"$user_id\",\"key\":\"$key\",\"subject\":\"News\",\"text\":\"See $text\"}"
	done
	until_true 20 is_mailed "See $text" 1
	wanted 200 "{\"user_id\":\"$user_id\",\"key\":\"$key\",\"subject\":\"News\",\"text\":\"See $text\"}"
	same mails 1 "$(sql "select count(*) from users.mail where user_id = '$user_id'")"
	wanted 404 "{\"user_id\":\"$nobody\",\"key\":\"$key\",\"subject\":\"News\",\"text\":\"See\"}"
	wanted 422 '{"user_id":"ann","subject":"two\nlines","text":""}'
	for field in user_id key subject text; do
		jq -e --arg field $field 'any(.errors[]; .field == $field)' "$scratch/body" >/dev/null || fail "$field: $(body)"
	done
	wanted 403 '{}' "$as"
	expect 404 POST /internal/mails '{}' -H "$service"
}

nobody_is_told_twice_or_not_at_all_when_processes_are_killed() {
	text=$(unique word)
	: "${SEED:=$(date +%s)}"
	echo "# SEED=$SEED"
	RANDOM=$SEED
	people=()
	for ((i = 0; i < 6; i++)); do
		person ann
		mail_wanted '["message"]'
		people+=("$user_id")
	done
	for ((round = 0; round < 6; round++)); do
		for user_id in "${people[@]}"; do
			message=$(id)
			happens chat.direct_message_sent "$message" 1 "{\"user_id\":\"$user_id\",\"sender_id\":\"$nobody\",\"sender\":\"$text $round\",
			    \"chat_id\":\"$nobody\",\"message_id\":\"$message\"}"
		done
		victims=(notifications-jobs users-jobs)
		kill_process "${victims[RANDOM % 2]}"
		ctl up -d >"$scratch/up" 2>&1 || fail "$(cat "$scratch/up")"
	done
	until_true 60 all_told
	until_true 60 is_mailed "New message from $text" 36
	same waiting 0 "$(sql "select count(*) from notifications.mail join notifications.notification using (notification_id)
	    where message like '%$text%'")"
	same "told, people" "36|36" "$(sql "select count(*), count(distinct (user_id, message)) from notifications.notification where message like '%$text%'")"
	same mails 36 "$(mails_with "New message from $text")"
}

all_told() {
	[[ $(sql "select count(*) from notifications.notification where message like '%$text%'") -ge 36 ]]
}

kill_process() {	# NAME
	kill -9 "$(master "$1")"
}

# --- the rest ---

the_lab_announces_log_ins_and_sign_ups_to_its_rooms() {
	person ann
	for room in notify-login notify-signup; do
		before=$(log_of "lab:$room" | wc -l)
		expect 401 POST "/api/beats-lab/$room"
		expect 200 POST "/api/beats-lab/$room" -H "$as"
		expect 200 POST "/api/beats-lab/$room" '{"empty"}' -H "$as"
		expect 400 POST "/api/beats-lab/$room" '{"full"}' -H "$as"
		until_true 10 logged "lab:$room" $((before + 2))
		same frame "[\"$room\",\"$room\",\"lab:$room\"]" "$(log_of "lab:$room" | tail -n 1 | jq -c '[.type, .room, .channel]')"
	done
}

what_was_read_is_forgotten_after_a_month_and_the_rest_after_a_year() {
	person ann
	for text in Old Read Unread Ancient; do
		tell_person news $text
	done
	sql "update notifications.notification set read_at = now() - case message when 'Old' then interval '31 days' else interval '29 days' end
	      where user_id = '$user_id' and message in ('Old', 'Read');
	     update notifications.notification set created_at = now() - case message when 'Ancient' then interval '366 days' else interval '364 days' end
	      where user_id = '$user_id' and message in ('Ancient', 'Unread')"
	timer 'forget old notifications'
	until_true 10 has_run 'forget old notifications'
	same left "news: Unread news: Read" "$(told | paste -sd ' ')"
}

tell \
	what_a_service_tells_is_readable_at_once \
	only_services_and_administrators_tell \
	what_makes_no_sense_is_refused_by_field \
	the_newest_come_first_page_by_page \
	what_was_read_says_so_and_what_is_unread_is_counted \
	notifications_are_their_owners_alone \
	it_is_pushed_to_open_connections \
	only_what_is_wanted_comes_and_security_always \
	an_older_choice_does_not_undo_a_newer_one \
	what_was_chosen_for_mails_is_kept_as_it_was_said \
	a_new_device_is_told_of \
	an_order_that_waits_for_its_payment_is_told_of_and_so_is_its_end \
	a_direct_message_is_told_of_once \
	who_is_erased_is_not_named_any_more \
	what_a_person_was_told_is_part_of_the_export_and_goes_with_the_person \
	who_follows_a_game_in_any_way_is_told_of_its_course_once \
	a_shoot_out_is_told_with_its_score \
	a_goal_that_is_taken_back_is_corrected_for_who_heard_of_it \
	who_follows_no_longer_is_told_no_more \
	ten_thousand_followers_of_a_team_are_told_of_a_goal_once_each \
	who_follows_a_team_hears_what_the_feed_tells \
	who_asks_for_it_is_reminded_a_day_and_an_hour_before \
	reminders_are_of_events_to_come_and_can_be_ended \
	what_is_wanted_by_mail_comes_by_mail_and_nothing_else_does \
	in_quiet_hours_mails_wait \
	quiet_hours_end_where_one_lives \
	so_many_mails_an_hour_are_enough_and_the_others_wait \
	a_mail_that_a_pool_wants_is_sent_once_for_each_key \
	the_lab_announces_log_ins_and_sign_ups_to_its_rooms \
	what_was_read_is_forgotten_after_a_month_and_the_rest_after_a_year \
	nobody_is_told_twice_or_not_at_all_when_processes_are_killed
