# Orders for tickets, spread over a thousand events, beside pgbench with the same statements.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154

buyers=32		# connections of either
offset+=([pgbench]=1)	# Postgres itself
path+=([order]=/api/tickets/order)

bench_orders()
{
	need_stack small
	make_people
	sign_in 1
	marquee psql primary -q -v ON_ERROR_STOP=1 <"$here/events.sql" >/dev/null
	compete orders order "$buyers" marquee pgbench
}

load_order()	# CONNECTIONS SECONDS CONTENDER
{
	if [[ $3 = pgbench ]]; then
		export PGPASSWORD
		PGPASSWORD=$(<"$state/secrets/tickets.password")
		command=(taskset -c "$client_cpus" "$here/pgbench" "$work/pgbench" "$here/order.sql" "$1" "$2"
			"host=127.0.0.1 port=$((port + offset[pgbench])) dbname=marquee user=tickets")
	else
		url marquee order
		wrk_on 2 "$1" "$2" "$REPLY" order "$work/access_token"
	fi
}
