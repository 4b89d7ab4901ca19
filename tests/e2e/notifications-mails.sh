#!/bin/bash
# What people are told by mail, and when.
# shellcheck disable=SC2154 # lib.sh and stack.sh set them
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/stack.sh
. "$(dirname "$0")/stack.sh"
# shellcheck source=tests/e2e/told
. "$(dirname "$0")/told"

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
	for _ in 1 2 3 4 5 6 7 8 9; do
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
		kill -KILL "$(master "${victims[RANDOM % 2]}")"
		mend
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

tell \
	what_is_wanted_by_mail_comes_by_mail_and_nothing_else_does \
	in_quiet_hours_mails_wait \
	quiet_hours_end_where_one_lives \
	so_many_mails_an_hour_are_enough_and_the_others_wait \
	a_mail_that_a_pool_wants_is_sent_once_for_each_key \
	nobody_is_told_twice_or_not_at_all_when_processes_are_killed
