#!/bin/bash
# Stories of what every pool does beside its answers: traces, logs, counters, timers.
cd "$(dirname "$0")"
. ./lib.sh
. ./stack.sh

token=$(service_token)
as="Authorization: Bearer $token"
trace=4bf92f3577b34da6a3ce929d0e0e4736

buy() {	# [CURL ARGUMENT...]
	expect 200 GET '/api/demo/items?limit=1'
	item=$(json '[0].item_id')
	expect 201 POST /api/demo/purchases "{\"item_id\":\"$item\",\"quantity\":1}" -H "$as" "$@"
}

event_of() {	# PURCHASE-ID: the trace of its event
	sql "select traceparent from demo.outbox where aggregate_id = '$1'"
}

a_callers_trace_goes_on_with_the_event() {
	buy -H "traceparent: 00-$trace-00f067aa0ba902b7-01"
	same traceparent "00-$trace-00f067aa0ba902b7-01" "$(event_of "$(json purchase_id)")"
}

a_trace_that_is_none_begins_anew() {
	buy -H "traceparent: 00-$trace-0000000000000000-01"
	same traceparent "00-$(header X-Request-Id)" "$(event_of "$(json purchase_id)" | cut -c 1-35)"
}

# Of the last answer.
log_line() {
	grep -h "\"request_id\":\"$(header X-Request-Id)\"" "$state/log/$1.log"
}

is_logged() {
	[[ -n $(log_line "$1") ]]
}

a_request_is_one_line_with_its_route_and_no_secret() {
	name=$(unique ann)
	expect 201 POST /api/users/register \
	    "{\"username\":\"$name\",\"email\":\"$name@example.org\",\"password\":\"a very secret thing\"}"
	until_true 5 is_logged users
	same "lines" 1 "$(log_line users | wc -l)"
	same "route" /api/users/register "$(log_line users | jq -r .route)"
	same "status" 201 "$(log_line users | jq -r .status)"
	expect 200 POST /api/users/login "{\"username\":\"$name\",\"password\":\"a very secret thing\"}"
	secret=$(json token)
	expect 200 POST /api/users/logout '{}' -H "Authorization: Bearer $secret"
	! grep -q -e 'a very secret thing' -e "${secret##*.}" "$state"/log/*.log || fail "a secret is in a log"
}

counted() {	# ROUTE
	$CURL --unix-socket "$state/run/ops.sock" http://localhost/probe/metrics |
		awk -v route="route=\"$1\"" '/^marquee_requests_total/ && index($0, route) { sum += $2 } END { print sum + 0 }'
}

counted_since() {
	[[ $(counted /api/probe/nothing) = "$1" ]]
}

counters_rise_with_requests_and_outlive_a_worker() {
	before=$(counted /api/probe/nothing)
	same answers "200 50" "$(load 50 /api/probe/nothing)"
	until_true 5 counted_since $((before + 50))
	for pid in $(workers probe); do
		kill -KILL "$pid"
	done
	until_true 10 answers_again
	until_true 10 counted_since $((before + 50))
}

answers_again() {
	[[ $($CURL -o /dev/null -w '%{http_code}' "$BASE/api/probe/count") = 200 ]]
}

ran() {	# TIMES: lines of two processes that say so
	grep -h 'forget idempotency keys' "$scratch/jobs.1" "$scratch/jobs.2" | grep -c 'timer ran' >"$scratch/ran" || :
	[[ $(cat "$scratch/ran") -ge $1 ]]
}

of_two_jobs_processes_one_does_the_work() {
	trap 'kill $(jobs -p) 2>/dev/null; mend' EXIT
	kill "$(master probe-jobs)"
	for n in 1 2; do
		as_stack "$state/usr/sbin/marquee-probe" -c "$state/etc/marquee/marquee.conf" -c "$state/etc/marquee/probe.conf" \
		    --jobs 2>"$scratch/jobs.$n" &
	done
	for n in 1 2 3; do
		sql "insert into probe.idempotency (user_id, route, key, request_hash, created_at)
		    values (gen_random_uuid(), 'old', 'key', '', now() - interval '2 days');
		    update probe.timer set due_at = now() where name = 'forget idempotency keys'"
		until_true 20 ran "$n"
		same "old keys" 0 "$(sql "select count(*) from probe.idempotency where route = 'old'")"
	done
	same "runs" 3 "$(cat "$scratch/ran")"
}

# As the user that the stack runs as; for the background, which becomes the program.
as_stack() {
	if [[ $(id -u) = 0 ]]; then
		exec setpriv --reuid marquee --regid marquee --init-groups "$@"
	else
		exec "$@"
	fi
}

tell a_callers_trace_goes_on_with_the_event \
    a_trace_that_is_none_begins_anew \
    a_request_is_one_line_with_its_route_and_no_secret \
    counters_rise_with_requests_and_outlive_a_worker \
    of_two_jobs_processes_one_does_the_work
