#!/bin/bash
# Stories of events: from a pool over the bus into a domain, whatever dies on the way.
cd "$(dirname "$0")"
. ./lib.sh
. ./stack.sh

token=$(service_token)
as="Authorization: Bearer $token"

metric() {	# NAME: of the probe
	curl -s --unix-socket "$state/run/ops.sock" http://localhost/probe/metrics | awk -v name="$1{" 'index($1, name) == 1 { print $NF }'
}

write_note() {	# TEXT
	expect 201 POST /api/probe/notes "{\"text\":\"$1\"}" -H "$as"
}

# How often each note that was written came back: "times notes", for each number of times.
came_back() {
	sql "select coalesce(string_agg(times || ' ' || notes, ', ' order by times), '')
	     from (select times, count(*) as notes
	             from (select note_id, count(t.note_id) as times
	                     from probe.note n left join probe.taken t using (note_id)
	                    where n.text = '$1' group by note_id) one
	            group by times) t"
}

all_came_back() {	# TEXT NUMBER
	[[ $(came_back "$1") = "1 $2" ]]
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
	redis-cli -s "$state/run/bus.sock" XREVRANGE events:probe + - COUNT 200 | grep -F "$note" >"$scratch/event"
	jq -e --arg note "$note" --arg text "$text" '.specversion == "1.0" and .source == "/marquee/probe" and .type == "probe.noted"
	    and .subject == $note and .version == 1 and .data.text == $text and (.time | endswith("Z")) and (.id | length == 36)
	    and (.traceparent | startswith("00-"))' "$scratch/event" >/dev/null || fail "$(cat "$scratch/event")"
}

a_message_of_a_channel_is_numbered() {
	before=$(redis-cli -s "$state/run/bus.sock" HGET channel:probe:notes seq)
	text=$(unique note)
	write_note "$text"
	note=$(json note_id)
	until_true 10 all_came_back "$text" 1
	redis-cli -s "$state/run/bus.sock" XREVRANGE channel:probe:notes:log + - COUNT 1 | tail -n 1 >"$scratch/frame"
	jq -e --arg note "$note" --argjson seq "$((before + 1))" \
	    '.channel == "probe:notes" and .seq == $seq and .note_id == $note and (.epoch | length == 16)' "$scratch/frame" >/dev/null ||
		fail "$(cat "$scratch/frame")"
}

# The seed says in which order; RANDOM is bash's own generator.
nothing_is_lost_or_doubled_when_processes_are_killed() {
	text=$(unique note)
	: "${SEED:=$(date +%s)}"
	echo "# SEED=$SEED"
	RANDOM=$SEED
	(
		for ((i = 0; i < 400; i++)); do
			write_note "$text" >/dev/null
		done
	) &
	writer=$!
	for ((round = 0; round < 6; round++)); do
		victims=(bus probe-jobs)
		victim=${victims[RANDOM % 2]}
		kill_process "$victim"
		ctl up -d --no-demo >"$scratch/up" 2>&1 || fail "$(cat "$scratch/up")"
	done
	wait "$writer"
	until_true 60 all_came_back "$text" 400
	until_true 20 no_leftovers
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
}

all_wait() {
	[[ $(metric marquee_outbox_unpublished) -ge 100 ]]	# each note is an event and a message
}

all_are_confirmed() {
	[[ $(curl -s --unix-socket "$state/run/ops.sock" http://localhost/probe/metrics |
		sed -n 's/^marquee_events_unconfirmed{pool="probe",group="probe"} //p') = 0 ]]
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
    an_event_that_fails_is_kept_and_can_be_replayed \
    nothing_is_lost_or_doubled_when_processes_are_killed
