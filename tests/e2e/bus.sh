#!/bin/bash
# Stories of the bus and its replica: one is promoted in place of the other, or comes back without what it was told last.
cd "$(dirname "$0")"
. ./lib.sh
. ./stack.sh
. ../fixtures/notes.sh
. ../fixtures/sockets.sh

service="Authorization: Bearer $(service_token)"

# --- what is told, and what of it arrives ---

note() {	# TEXT: an event that comes back once
	expect 201 POST /api/probe/notes "{\"text\":\"$1\"}" -H "$service"
}

message() {	# N: to the listener
	expect 200 POST /api/notifications "{\"user_id\":\"$listener\",\"type\":\"news\",\"message\":\"number $1.\"}" -H "$service"
}

both() {	# FIRST LAST
	local n

	for ((n = $1; n <= $2; n++)); do
		note "$text"
		message "$n"
	done
}

somebody_listens() {
	text=$(unique note)
	person ann
	listener=$user_id
	rm -f "$scratch/ann.in"
	opens ann "/ws/notifications/$listener" -H "$as"
	hears ann '"joined"'
}

# Numbers follow each other in an epoch, or a reload says where they go on. What was not heard is what a reload is for.
what_ann_heard_makes_sense() {	# MESSAGES
	grep '^{' "$scratch/ann" | jq -rs --argjson count "$1" '
		reduce .[] as $f ({ place: null, heard: [], reloads: 0, wrong: [] };
			if $f.type == "joined" then .place = [$f.epoch, $f.seq]
			elif $f.type == "reload" then .place = [$f.epoch, $f.seq] | .reloads += 1
			else
				(if .place[1] + 1 == $f.seq and (.place[0] == $f.epoch or .place[0] == "") then . else .wrong += [[.place, $f.epoch, $f.seq]] end)
				| .place = [$f.epoch, $f.seq] | .heard += [$f.message]
			end)
		| ([range(1; $count + 1) | "number \(.)."] - .heard | length) as $missing
		| if .wrong != [] then "wrong: \(.wrong)" elif $missing > 0 and .reloads == 0 then "\($missing) missing"
		  else "good, \(.reloads) reloads, \($missing) not heard" end' >"$scratch/sense"
	echo "# $(cat "$scratch/sense")"
	grep -q '^good' "$scratch/sense" || fail "$(cat "$scratch/sense")"
}

# By a message, or by a reload behind it.
ann_is_up_to_date() {
	[[ $(sql "select count(*) from notifications.outbox where published_at is null") = 0 ]] &&
		[[ $(grep '^{' "$scratch/ann" | tail -n 1 | jq -r '.epoch, .seq') = "$(on_bus hmget "channel:notifications:$listener" epoch seq)" ]]
}

# --- the two ---

roles() {
	ctl status --json | jq -r '[.processes[] | select(.name | startswith("bus")) | "\(.name) \(.role // "down") \(.sync // "")"] | join(", ")'
}

have_roles() {	# WANTED
	[[ $(roles) = "$1" ]]
}

kill_bus() {	# NAME
	kill -KILL "$(master "$1")"
}

run() {	# ARGUMENT...: of marqueectl
	ctl "$@" >"$scratch/ctl" 2>&1 || fail "$*: $(cat "$scratch/ctl")"
}

as_before() {
	if [[ $(readlink "$bus") = bus2.sock ]]; then
		run promote --force bus
	fi
	run up -d --no-demo
	until_true 20 have_roles 'bus primary , bus2 standby async'
}

the_replica_takes_over_under_load() {
	trap 'as_before; kill $(jobs -p) 2>/dev/null || :' EXIT
	somebody_listens
	both 1 150 >/dev/null &
	writer=$!
	hears ann 'number 40\.'
	kill_bus bus
	run promote bus2
	run up -d --no-demo
	wait "$writer" || fail "a write failed"
	until_true 30 all_came_back "$text" 150
	message 151
	until_true 20 ann_is_up_to_date
	what_ann_heard_makes_sense 151
	until_true 20 have_roles 'bus standby async, bus2 primary '
	redis-cli -s "$state/run/bus.sock" set intruder 1 2>&1 | grep -q READONLY || fail "the old one takes writes"
}

a_bus_that_answers_is_replaced_by_force_alone() {
	trap 'as_before; kill $(jobs -p) 2>/dev/null || :' EXIT
	somebody_listens
	! ctl promote bus2 >"$scratch/ctl" 2>&1 || fail "it ends a bus that answers"
	grep -q 'bus still answers; --force' "$scratch/ctl" || fail "$(cat "$scratch/ctl")"
	! ctl promote bus >"$scratch/ctl" 2>&1 || fail "it promotes the bus"
	both 1 20
	hears ann 'number 20\.'
	run promote --force bus2
	both 21 40
	until_true 20 all_came_back "$text" 40
	counts_messages 1 40
	never_heard ann '"reload"'
	what_ann_heard_makes_sense 40
}

counts_messages() {	# FIRST LAST
	hears ann "number $2\."
	same "what ann heard" "$(seq -s ' ' "$1" "$2")" "$(grep -o 'number [0-9]*\.' "$scratch/ann" | grep -o '[0-9]*' | paste -sd ' ')"
}

# Events are told and taken in by nobody; a message that ann has heard goes with them.
what_will_be_lost() {
	both 1 10
	until_true 20 all_came_back "$text" 10
	counts_messages 1 10
	"$@"
	until_true 5 nobody_takes_in
	both 11 15
	counts_messages 1 15
	until_true 10 all_are_told
	same "came back" "0 5, 1 10" "$(came_back "$text")"
}

# The probe's consumer finds that another process reads.
nobody_takes_in() {
	on_bus set lease:probe nobody ex 100 >/dev/null
	sleep 0.6
	[[ $(on_bus get lease:probe) = nobody ]]
}

all_are_told() {
	[[ $(sql "select count(*) from probe.outbox where published_at is null") = 0 ]]
}

is_made_good() {
	until_true 30 all_came_back "$text" 15
	hears ann '"reload"'
	both 16 20
	until_true 30 all_came_back "$text" 20
	until_true 10 ann_is_up_to_date
	what_ann_heard_makes_sense 20
	[[ $(grep -o '"epoch":"[0-9a-f]\{16\}"' "$scratch/ann" | sort -u | wc -l) -ge 2 ]] || fail "numbers went on in the same epoch"
}

cut_off() {
	redis-cli -s "$state/run/bus2.sock" replicaof 127.0.0.1 9 >/dev/null
}

# As if the bus had been away for so long.
two_hours_pass() {
	sql "update probe.outbox set published_at = published_at - interval '2 hours';
	     update probe.timer set due_at = now() where name = 'forget published events'"
	until_true 20 old_events_were_forgotten
}

old_events_were_forgotten() {
	[[ $(sql "select due_at > now() from probe.timer where name = 'forget published events'") = t ]]
}

a_replica_that_lacks_the_last_messages_begins_anew() {
	trap 'as_before; kill $(jobs -p) 2>/dev/null || :' EXIT
	somebody_listens
	what_will_be_lost cut_off
	kill_bus bus
	two_hours_pass
	run promote bus2
	is_made_good
}

log_of_bus() {
	find "$state/redis/bus/appendonlydir" -name '*.incr.aof' | sort -V | tail -n 1
}

remember_log() {
	size=$(stat -c %s "$(log_of_bus)")
}

# As after a loss of power: what was not yet on the disk is gone.
a_bus_that_lost_the_end_of_its_log_begins_anew() {
	trap 'as_before; kill $(jobs -p) 2>/dev/null || :' EXIT
	somebody_listens
	what_will_be_lost remember_log
	kill_bus bus
	truncate -s "$size" "$(log_of_bus)"
	run up -d --no-demo
	is_made_good
}

an_empty_bus_does_not_empty_its_replica() {
	trap 'as_before; kill $(jobs -p) 2>/dev/null || :' EXIT
	somebody_listens
	both 1 5
	until_true 20 all_came_back "$text" 5
	kill_bus bus
	mv "$state/redis/bus/appendonlydir" "$scratch/"
	! ctl up -d --no-demo >"$scratch/ctl" 2>&1 || fail "it starts with an empty bus"
	grep -q 'promote bus2' "$scratch/ctl" || fail "$(cat "$scratch/ctl")"
	run promote bus2
	run up -d --no-demo
	both 6 10
	until_true 20 all_came_back "$text" 10
	counts_messages 1 10
}

# By hand, while it runs on: whoever is connected to it would go on asking it.
make_a_replica_of_the_bus() {
	local port_of_bus

	port_of_bus=$(on_bus config get tls-port | tail -n 1)
	redis-cli -s "$state/run/bus2.sock" replicaof no one >/dev/null
	redis-cli -s "$state/run/bus.sock" config set tls-port 0 >/dev/null
	redis-cli -s "$state/run/bus2.sock" config set tls-port "$port_of_bus" >/dev/null
	redis-cli -s "$state/run/bus.sock" replicaof 127.0.0.1 "$port_of_bus" >/dev/null
	echo bus2 >"$state/redis/primary"
	ln -sfn bus2.sock "$bus"
}

one_that_has_become_a_replica_is_left_by_all() {
	trap 'as_before; kill $(jobs -p) 2>/dev/null || :' EXIT
	somebody_listens
	both 1 5
	counts_messages 1 5
	before=$(metric bus_reconnects_total)
	make_a_replica_of_the_bus
	until_true 20 reconnected_since "$before"
	both 6 10
	until_true 20 all_came_back "$text" 10
	hears ann 'number 10\.'
	what_ann_heard_makes_sense 10
}

reconnected_since() {
	(($(metric bus_reconnects_total) > $1))
}

is_in_no_log() {	# WORD
	! grep -rqF "$1" "$state/redis/bus/appendonlydir" "$state/redis/bus2/appendonlydir"
}

what_is_gone_from_the_bus_leaves_its_logs_soon() {
	local name padding n

	name=$(unique erased)
	padding=$(head -c 1000 /dev/zero | tr '\0' x)
	on_bus set passer-by "$name" >/dev/null
	until_true 10 grep -rqF "$name" "$state/redis/bus2/appendonlydir"
	on_bus del passer-by >/dev/null
	for ((n = 0; n < 10000; n++)); do
		echo "set passer-by $padding"
	done | on_bus --pipe >/dev/null
	on_bus del passer-by >/dev/null
	until_true 20 is_in_no_log "$name"
}

tell the_replica_takes_over_under_load \
    a_bus_that_answers_is_replaced_by_force_alone \
    a_replica_that_lacks_the_last_messages_begins_anew \
    a_bus_that_lost_the_end_of_its_log_begins_anew \
    an_empty_bus_does_not_empty_its_replica \
    one_that_has_become_a_replica_is_left_by_all \
    what_is_gone_from_the_bus_leaves_its_logs_soon
