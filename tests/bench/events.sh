# Events of the example domain, from its outbox to its inbox: a relay and a consumer.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154

many_events=200000

bench_events()
{
	need_stack full
	say "events: $many_events at once"
	event_rate
	say "events: 1,000 a second"
	event_lag
}

bench_sql()	# STATEMENT
{
	marquee psql primary -X -q -At -v ON_ERROR_STOP=1 -c "$1"
}

none_left()
{
	[[ $(bench_sql "select count(*) from demo.inbox") = "$1" ]]
}

# Its jobs start when everything is there.
event_rate()
{
	local deadline=$((SECONDS + 120)) pid

	read -r pid _ <"$state/run/demo-jobs.process"
	kill "$pid"
	bench_sql "delete from demo.inbox; delete from demo.outbox;
		insert into demo.outbox (type, aggregate_id, version, data)
		select 'demo.measured', gen_random_uuid(), 1, '{\"text\": \"something that happened\"}'
		  from generate_series(1, $many_events)"
	up full
	until none_left "$many_events"; do
		((SECONDS < deadline)) || fail "the events do not arrive"
		sleep 0.3
	done
	value events "events/s" "{\"value\":$(bench_sql "
		select (count(*) / extract(epoch from max(received_at) - min(received_at)))::integer from demo.inbox")}"
}

# A transaction each, by eight clients.
event_lag()
{
	local pgbench

	bench_sql "delete from demo.inbox; delete from demo.outbox"
	pgbench=$(printf '%s\n' /usr/lib/postgresql/*/bin/pgbench | tail -n 1)
	echo "insert into outbox (type, aggregate_id, version, data)
		values ('demo.measured', gen_random_uuid(), 1, '{}');" >"$work/event.sql"
	export PGPASSWORD
	PGPASSWORD=$(<"$state/secrets/demo.password")
	"$pgbench" -n -c 8 -j 2 -R 1000 -T 10 \
		-f "$work/event.sql" "host=127.0.0.1 port=$((port + 1)) dbname=marquee user=demo" >"$work/events.log" 2>&1 ||
		fail "pgbench failed: $work/events.log"
	until none_left "$(bench_sql "select count(*) from demo.outbox")"; do
		sleep 0.3
	done
	value "event lag" ms "{\"value\":$(bench_sql "
		select round(1000 * percentile_cont(0.99) within group (order by extract(epoch from i.received_at - o.created_at))::numeric, 1)
		  from demo.inbox i join demo.outbox o using (event_id)")}"
}
