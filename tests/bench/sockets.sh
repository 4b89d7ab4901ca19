# WebSockets: messages to a thousand clients beside a bare sender of the same frames, and what an idle one takes.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154

receivers=1000
idle_sockets=15000
sender=

bench_sockets()
{
	local pid bytes end

	need_stack small
	cc -O2 -D_GNU_SOURCE -o "$work/sockets" "$here/sockets.c" -lhiredis || fail "sockets.c needs a compiler and libhiredis"
	printf 'sockets_per_user = 20000\njoins_per_user = 100000\n' >"$state/etc/marquee/realtime.local"
	up small
	socket_token
	taskset -c "$server_cpus" "$work/sockets" sender "$work/sender.sock" &
	sender=$!
	echo "$sender" >"$work/sender.pid"
	compete deliveries deliveries "$receivers" marquee bare
	say "$idle_sockets idle sockets"
	read -r pid _ <"$state/run/realtime.process"
	coproc idle_clients { idle "$pid" unix "$state/run/realtime.sock"; }
	read -r bytes <&"${idle_clients[0]}" || fail "they do not open"
	value "idle socket" bytes "{\"value\":$bytes}"
	compete "deliveries beside idle" deliveries "$receivers" marquee bare
	pid=$idle_clients_PID end=${idle_clients[1]}
	exec {end}>&-
	wait "$pid"
	kill "$sender"
	rm "$work/sender.pid"
	read -r pid _ <"$state/run/nginx.process"
	value "idle socket, nginx" bytes "{\"value\":$(idle "$pid" tls "$port" "$state/tls/localhost.pem" </dev/null)}"
}

# Of a service: it may open as many as it likes to.
socket_token()
{
	marquee token --role service --name bench >"$work/socket_token"
}

load_deliveries()	# CONNECTIONS SECONDS CONTENDER
{
	local channel=game:01890000-0000-7000-8000-000000000000

	command=(taskset -c "$client_cpus" "$work/sockets" receive)
	if [[ $3 = bare ]]; then
		command+=("$work/sender.sock" /ws none "$1" "$2" "$channel" '')
	else
		command+=("$state/run/realtime.sock" "/ws?channels=$channel" "$(<"$work/socket_token")" "$1" "$2" "$channel" "$state/run/bus-primary.sock")
	fi
}

idle()	# PID unix|tls ADDRESS [CERTIFICATE]
{
	python3 "$here/idle.py" "$idle_sockets" "$work/socket_token" "$@"
}
