#!/bin/bash
# What people are told: by services, by what happens elsewhere, in time, on open connections.
# shellcheck disable=SC2154 # lib.sh and stack.sh set them
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/stack.sh
. "$(dirname "$0")/stack.sh"
# shellcheck source=tests/e2e/told
. "$(dirname "$0")/told"

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
	redis-cli -s "$state/run/bus-primary.sock" --json XRANGE "channel:$1:log" - + | jq -c '.[][1][1] | fromjson'
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
	who_asks_for_it_is_reminded_a_day_and_an_hour_before \
	reminders_are_of_events_to_come_and_can_be_ended \
	the_lab_announces_log_ins_and_sign_ups_to_its_rooms \
	what_was_read_is_forgotten_after_a_month_and_the_rest_after_a_year
