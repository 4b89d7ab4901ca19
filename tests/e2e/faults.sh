#!/bin/bash
# Stories of servers that are slow, killed, stopped or gone, told on a stack of three nodes.
cd "$(dirname "$0")"
. ./lib.sh
. ./stack.sh

token=$(service_token)
as="Authorization: Bearer $token"
expect 201 POST /api/probe/notes '{"text":"first"}' -H "$as"
note=/api/probe/notes/$(json note_id)
replica_note=/api/probe/replica-notes/${note##*/}

only() {	# STATUS COUNT RESULT
	same "answers" "$1 $2" "$3"
}

write_note() {	# TEXT [KEY]: prints the status; the answer goes to $answer
	# shellcheck disable=SC2086
	$CURL -m 20 -o "${answer:-$scratch/body}" -w '%{http_code}' "$BASE/api/probe/notes" -H 'Content-Type: application/json' -H "$as" \
	    ${2:+-H "Idempotency-Key: $2"} -d "{\"text\":\"$1\"}"
}

node_pid() {
	head -n 1 "$state/pg/$1/postmaster.pid"
}

node_gone() {
	! kill -0 "$1" 2>/dev/null
}

stop_node() {
	local pid

	pid=$(node_pid "$1")
	kill "-${2:-INT}" "$pid"
	until_true 20 node_gone "$pid"
}

writes_work() {
	[[ $(write_note probe) = 201 ]]
}

standby_names() {
	ctl status --json | jq -r '.processes[] | select(.role == "standby" and (.name | startswith("bus") | not)) | .name'
}

primary_name() {
	ctl status --json | jq -r '.processes[] | select(.role == "primary" and (.name | startswith("bus") | not)) | .name'
}

a_slow_read_holds_up_nobody_else() {
	load 12 /api/probe/naps/2000 >"$scratch/slow" &
	slow=$!
	until_true 5 test "$(sql "select count(*) from pg_stat_activity where query like '%pg_sleep%' and state = 'active'")" != 0
	only 200 300 "$(load 300 "$note")"
	kill -0 "$slow" || fail "the slow reads were over before the quick ones"
	wait "$slow"
}

a_backend_killed_under_load_costs_no_read() {
	load 3000 "$note" >"$scratch/reads" &
	reads=$!
	killed=0
	while kill -0 "$reads" 2>/dev/null; do
		victims=$(idle_backends)
		((victims == 0)) || sql "select count(pg_terminate_backend(pid)) from pg_stat_activity
		    where usename = 'probe' and query <> ''" >/dev/null
		killed=$((killed + victims))
	done
	wait "$reads"
	only 200 3000 "$(cat "$scratch/reads")"
	((killed > 0)) || fail "no backend was killed"
}

# Those that served a read since the last ones were killed.
idle_backends() {
	sql "select count(*) from pg_stat_activity where usename = 'probe' and query like '%note_id%'"
}

a_worker_killed_under_load_costs_no_read() {
	load 4000 "$note" >"$scratch/reads" &
	reads=$!
	victim=$(workers probe | head -n 1)
	until_true 5 served_since_start "$victim"
	kill -KILL "$victim"
	wait "$reads"
	only 200 4000 "$(cat "$scratch/reads")"
	until_true 5 two_workers
}

# It wrote a line about a request.
served_since_start() {
	tail -n 400 "$state/log/probe.log" | grep -q "\"pid\":$1,\"message\":\"request\""
}

two_workers() {
	[[ $(workers probe | wc -l) = 2 ]]
}

a_stopped_worker_is_left_alone_and_replaced() {
	victim=$(workers probe | head -n 1)
	kill -STOP "$victim"
	only 200 200 "$(load 200 "$note")"
	only 200 200 "$(load 200 "$note")"
	until_true 20 node_gone "$victim"
	until_true 5 two_workers
}

# All processes of a node stand still: its sockets take what is sent and answer nothing.
node_processes() {
	node_pid "$1"
	pgrep -P "$(node_pid "$1")"
}

a_primary_that_stands_still_is_told_and_holds_up_no_replica_read() {
	old=$(primary_name)
	stopped=$(node_processes "$old" | paste -sd ' ')
	# shellcheck disable=SC2064,SC2086
	trap "kill -CONT $stopped 2>/dev/null" EXIT
	# shellcheck disable=SC2086
	kill -STOP $stopped
	load 40 "$note" >"$scratch/primary" &
	load 8 /api/probe/notes -H "$as" -H 'Content-Type: application/json' -d '{"text":"stuck"}' >"$scratch/writes" &
	only 200 300 "$(load 300 "$replica_note")"
	wait
	same "reads of the primary" "503 40" "$(cat "$scratch/primary")"
	same "writes" "503 8" "$(cat "$scratch/writes")"
	# shellcheck disable=SC2086
	kill -CONT $stopped
	until_true 10 writes_work
	until_true 10 reads_work
}

reads_work() {
	[[ $(load 100 "$note") = "200 100" ]]
}

a_write_without_any_standby_is_unknown_then_refused_and_reads_go_on() {
	text=$(unique waits)
	for node in $(standby_names); do
		stop_node "$node"
	done
	same "first write" 503 "$(write_note "$text" "key-$text")"
	same "its code" outcome_unknown "$(json code)"
	for n in 1 2 3 4; do
		answer=$scratch/answer.$n write_note "$text $n" >"$scratch/status.$n" &
	done
	wait
	until_true 10 refused_at_once
	only 200 200 "$(load 200 "$note")"
	ctl up -d --no-demo >"$scratch/up.log" 2>&1 || fail "up: $(tail -5 "$scratch/up.log")"
	until_true 20 writes_work
	same "the same key" 201 "$(write_note "$text" "key-$text")"
	same "notes of that key" 1 "$(sql "select count(*) from probe.note where text = '$text'")"
}

refused_at_once() {
	[[ $(write_note again) = 503 && $(json code) = writes_waiting ]]
}

redis_gone_is_noticed_by_nobody() {
	kill -KILL "$(master redis)"
	until_true 5 node_gone "$(master redis)"
	only 200 100 "$(load 100 "$note")"
	same "a write" 201 "$(write_note without-redis)"
	ctl up -d --no-demo >"$scratch/up.log" 2>&1 || fail "up: $(tail -5 "$scratch/up.log")"
}

limits_hold_while_redis_is_gone() {
	person forgetful
	wrong="{\"username\":\"$name\",\"password\":\"not this one\"}"
	kill -KILL "$(master redis)"
	for _ in 1 2 3 4 5; do
		expect 401 POST /api/users/login "$wrong"
	done
	expect 429 POST /api/users/login "$wrong"
	expect_problem too_many
	(($(header Retry-After) > 800)) || fail "Retry-After: $(header Retry-After)"
	person another
	ctl up -d --no-demo >"$scratch/up.log" 2>&1 || fail "up: $(tail -5 "$scratch/up.log")"
}

a_promoted_standby_has_all_that_was_acknowledged() {
	old=$(primary_name)
	(
		# The story writes beside this, and has its own.
		answer=$scratch/written
		n=0
		until [[ -e $scratch/enough || ! -d $scratch ]]; do
			n=$((n + 1))
			[[ $(write_note "acknowledged $n") != 201 ]] || jq -r .note_id "$answer" >>"$scratch/acknowledged"
		done
	) &
	writer=$!
	until_true 10 acknowledged_some
	stop_node "$old" KILL
	only 200 100 "$(load 100 "$replica_note")"
	same "a write without a primary" 503 "$(write_note nowhere)"
	ctl promote "$([[ $old = n2 ]] && echo n1 || echo n2)" >"$scratch/promote.log" 2>&1 || fail "promote: $(cat "$scratch/promote.log")"
	until_true 20 writes_work
	: >"$scratch/enough"
	wait "$writer"
	while read -r id; do
		same "the acknowledged note $id" 1 "$(sql "select count(*) from probe.note where note_id = '$id'")"
	done < <(head -n 200 "$scratch/acknowledged")
	ctl up -d --no-demo >"$scratch/up.log" 2>&1 || fail "up: $(tail -5 "$scratch/up.log")"
	until_true 20 writes_work
}

acknowledged_some() {
	[[ -e $scratch/acknowledged && $(wc -l <"$scratch/acknowledged") -ge 20 ]]
}

tell a_slow_read_holds_up_nobody_else \
    a_backend_killed_under_load_costs_no_read \
    a_worker_killed_under_load_costs_no_read \
    a_stopped_worker_is_left_alone_and_replaced \
    a_primary_that_stands_still_is_told_and_holds_up_no_replica_read \
    a_write_without_any_standby_is_unknown_then_refused_and_reads_go_on \
    redis_gone_is_noticed_by_nobody \
    limits_hold_while_redis_is_gone \
    a_promoted_standby_has_all_that_was_acknowledged
