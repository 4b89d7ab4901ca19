#!/bin/bash
# Stories of events: from a pool over the bus into a domain. What dies on the way is for tests/drills/events.sh.
cd "$(dirname "$0")"
. ./lib.sh
. ./stack.sh
. ../fixtures/notes.sh

token=$(service_token)
as="Authorization: Bearer $token"

metric() {	# NAME: of the probe
	curl -s --unix-socket "$state/run/ops.sock" http://localhost/probe/metrics | awk -v name="$1{" 'index($1, name) == 1 { print $NF }'
}

write_note() {	# TEXT
	expect 201 POST /api/probe/notes "{\"text\":\"$1\"}" -H "$as"
}

kill_process() {	# NAME
	local pid

	read -r pid _ <"$state/run/$1.process"
	kill -9 "$pid"
}

an_event_is_taken_in_once() {
	text=$(unique note)
	write_note "$text"
	until_true 10 all_came_back "$text" 1
	until_true 5 no_leftovers
}

an_event_is_a_cloud_event() {
	text=$(unique note)
	write_note "$text"
	note=$(json note_id)
	until_true 10 all_came_back "$text" 1
	redis-cli -s "$state/run/bus-primary.sock" XREVRANGE events:probe + - COUNT 200 | grep -F "$note" >"$scratch/event"
	jq -e --arg note "$note" --arg text "$text" '.specversion == "1.0" and .source == "/marquee/probe" and .type == "probe.noted"
	    and .subject == $note and .version == 1 and .data.text == $text and (.time | endswith("Z")) and (.id | length == 36)
	    and (.traceparent | startswith("00-"))' "$scratch/event" >/dev/null || fail "$(cat "$scratch/event")"
}

a_message_of_a_channel_is_numbered() {
	before=$(redis-cli -s "$state/run/bus-primary.sock" HGET channel:probe:notes seq)
	text=$(unique note)
	write_note "$text"
	note=$(json note_id)
	until_true 10 all_came_back "$text" 1
	redis-cli -s "$state/run/bus-primary.sock" XREVRANGE channel:probe:notes:log + - COUNT 1 | tail -n 1 >"$scratch/frame"
	jq -e --arg note "$note" --argjson seq "$((before + 1))" \
	    '.channel == "probe:notes" and .seq == $seq and .note_id == $note and (.epoch | length == 16)' "$scratch/frame" >/dev/null ||
		fail "$(cat "$scratch/frame")"
}

no_leftovers() {
	[[ $(metric marquee_outbox_unpublished) = 0 ]]
}

a_consumer_that_was_away_catches_up() {
	trap 'ctl up -d --no-demo >/dev/null' EXIT
	text=$(unique note)
	kill_process probe-jobs
	for ((i = 0; i < 50; i++)); do
		write_note "$text"
	done
	same "came back" "0 50" "$(came_back "$text")"
	until_true 10 all_wait
	ctl up -d --no-demo >"$scratch/up" 2>&1
	until_true 20 all_came_back "$text" 50
	until_true 10 all_are_confirmed
	# As a bus says that died: it has forgotten how many it gave.
	on_bus XGROUP SETID events:probe probe '$' ENTRIESREAD 1
	same "events that wait" 0 "$(unconfirmed)"
}

all_wait() {
	[[ $(metric marquee_outbox_unpublished) -ge 100 ]]	# each note is an event and a message
}

all_are_confirmed() {
	[[ $(unconfirmed) = 0 ]]
}

unconfirmed() {
	curl -s --unix-socket "$state/run/ops.sock" http://localhost/probe/metrics |
		sed -n 's/^marquee_events_unconfirmed{pool="probe",group="probe"} //p'
}

# On a bus as it is then, for nobody waits so long: of two events, seventy minutes old, one was taken in.
a_consumer_that_was_away_for_an_hour_misses_nothing() {
	trap 'ctl up -d --no-demo >/dev/null' EXIT
	person ann
	kill_process notifications-jobs
	long_ago=$((($(date +%s) - 4200) * 1000))
	on_bus XTRIM events:chat MAXLEN 0
	on_bus XSETID events:chat "$long_ago-0"
	on_bus XADD events:chat "$long_ago-1" event '{}'
	on_bus XADD events:chat "$long_ago-2" event "{\"id\":\"$(new_id)\",\"type\":\"chat.direct_message_sent\",\"subject\":\"$user_id\",
	    \"time\":\"2026-01-01T00:00:00Z\",\"version\":1,\"data\":$(letter_from bob)}"
	on_bus XGROUP SETID events:chat notifications "$long_ago-1"
	# What is published has the bus forget what all have taken in.
	sql "insert into chat.outbox (event_id, type, aggregate_id, version, data)
	     values (gen_random_uuid(), 'chat.direct_message_sent', '$user_id', 1, '$(letter_from cid)')" >/dev/null
	until_true 20 bus_has_forgotten "$long_ago-1"
	ctl up -d --no-demo >"$scratch/up" 2>&1
	until_true 20 she_heard_from_both
}

on_bus() {
	redis-cli -s "$state/run/bus-primary.sock" "$@" >"$scratch/bus"
}

new_id() {
	sql 'select platform.uuid_v7()'
}

letter_from() {	# NAME
	echo "{\"user_id\":\"$user_id\",\"sender_id\":\"$user_id\",\"sender\":\"$1\",\"chat_id\":\"$user_id\",\"message_id\":\"$(new_id)\"}"
}

bus_has_forgotten() {	# ENTRY
	on_bus XRANGE events:chat "$1" "$1"
	[[ -z $(<"$scratch/bus") ]]
}

she_heard_from_both() {
	[[ $(sql "select string_agg(message, ', ' order by message) from notifications.notification where user_id = '$user_id'") = \
	    'New message from bob, New message from cid' ]]
}

an_event_that_fails_is_kept_and_can_be_replayed() {
	sql "delete from probe.note where text = 'antidote'; delete from probe.failed_event" >/dev/null
	write_note poison
	poison=$(json note_id)
	until_true 20 poison_is '"waiting"'
	same "dead ones" '' "$(ctl events dead --json)"
	same error "it is poison" "$(jq -r .error "$scratch/failed")"
	same domain probe "$(jq -r .domain "$scratch/failed")"
	# As after its last try.
	sql "update probe.failed_event set next_try_at = null, attempts = 8" >/dev/null
	until_true 20 poison_is '"dead"'
	same metric 1 "$(metric marquee_events_dead)"
	same "dead ones" "$poison" "$(ctl events dead --json | jq -r .event.subject)"
	write_note antidote
	ctl events replay "$(jq -r .event_id "$scratch/failed")" >"$scratch/replay"
	until_true 20 poison_came_back
}

poison_is() {	# STATE, in quotes
	ctl events failed --json | jq -e "select(.event.subject == \"$poison\" and .state == $1)" >"$scratch/failed"
}

poison_came_back() {
	[[ $(sql "select count(*) from probe.taken where note_id = '$poison'") = 1 ]]
}

tell an_event_is_taken_in_once \
    an_event_is_a_cloud_event \
    a_message_of_a_channel_is_numbered \
    a_consumer_that_was_away_catches_up \
    a_consumer_that_was_away_for_an_hour_misses_nothing \
    an_event_that_fails_is_kept_and_can_be_replayed
