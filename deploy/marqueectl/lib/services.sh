# The pools and nginx: their settings, start, roll and end.
# shellcheck shell=bash
# shellcheck disable=SC2154

processes=2

# What is installed: the pools, and the gateway of WebSockets.
programs()
{
	local program

	for program in "$sbindir"/marquee-*; do
		[[ ! -x $program ]] || echo "${program##*/marquee-}"
	done
}

# Every pool is a domain.
domains()
{
	programs | sed '/^realtime$/d'
}

# Every folder of migrations is a schema and a role, mostly that of a pool.
schemas()
{
	find "$pkgdatadir/sql" -name '[0-9][0-9][0-9]_*.sql' -printf '%P\n' | sed 's|/.*||' | sort -u
}

# Hosts and ports of NODES as libpq takes them, in their order.
conninfo()	# ROLE NODE...
{
	local role=$1 node hosts='' numbers=''

	shift
	for node; do
		hosts+="${hosts:+,}127.0.0.1"
		numbers+="${numbers:+,}${ports[$node]}"
	done
	echo "host=$hosts port=$numbers dbname=marquee user=$role"
}

# A file of the administrator's own lines, etc/marquee/NAME.local, has the last word.
write_settings()	# NAME: takes the generated ones from stdin
{
	{
		echo "# Written by marqueectl: put lines of your own into $1.local."
		cat
		[[ ! -r $etc/$1.local ]] || cat "$etc/$1.local"
	} | keep_changed "$etc/$1.conf" 0644
}

write_pools()
{
	local domain

	write_settings marquee <<-CONF
	public_url = https://localhost:$port
	sockets = $run
	processes = $processes
	redis = $run/redis.sock
	bus = $run/bus-primary.sock
	cache_nodes = $(cache_nodes)
	token_keys = $keys
	CONF
	for domain in $(domains); do
		write_domain "$domain" | write_settings "$domain"
	done
	write_settings realtime <<-CONF
	service_secret = $secrets/realtime.service
	CONF
}

# The last good host goes first.  Reads of the replica leave n3 to the ETL.
write_domain()	# DOMAIN
{
	local replica=n2

	if [[ -s $state/pg/synchronous ]]; then
		[[ $primary != n2 ]] || replica=n1
		# shellcheck disable=SC2046
		echo "database = $(conninfo "$1" "$primary" $(others "$primary"))"
		echo "replica = $(conninfo "$1" "$replica" "$primary")"
	else
		echo "database = $(conninfo "$1" "$primary")"
	fi
	echo "database_password = $secrets/$1.password"
	echo "service_secret = $secrets/$1.service"
	if [[ $1 = users ]]; then
		echo "token_signing_keys = $signing_keys"
		echo "secret = $secrets/users.secret"
		echo "mail_folder = $state/mail"
		echo "export_domains = $(domains | paste -sd ' ')"
	fi
}

pool()	# DOMAIN [ARGUMENT...]
{
	"$sbindir/marquee-$1" -c "$etc/marquee.conf" -c "$etc/$1.conf" "${@:2}"
}

# Each pool signs in at users as a service of its name; told again when a secret is new.
register_pools()
{
	local domain names=() sum

	[[ -x $sbindir/marquee-users ]] || return 0
	mapfile -t names < <(programs)
	sum=$(for domain in "${names[@]}"; do cksum "$secrets/$domain.service"; done)
	if [[ $sum != "$(cat "$secrets/services.made" 2>/dev/null)" ]]; then
		for domain in "${names[@]}"; do
			echo "$(<"$secrets/$domain.service")"
		done | logged "$log/services.log" pool users --add-service "${names[@]}"
		echo "$sum" | keep "$secrets/services.made" 0600
	fi
}

# What a pool runs with: its program and its settings.
release()	# DOMAIN
{
	cksum <"$sbindir/marquee-$1"
	cksum <"$etc/marquee.conf"
	cksum <"$etc/$1.conf"
}

# New releases wait until nginx runs: roll_pools.
start_pools()
{
	local domain

	for domain in $(domains); do
		start_pool "$domain" "$domain"
		start_pool "$domain" "$domain-jobs" --jobs
	done
}

start_pool()	# DOMAIN NAME [ARGUMENT...]
{
	if ! running "$2"; then
		spawn "$2" "$sbindir/marquee-$1" -c "$etc/marquee.conf" -c "$etc/$1.conf" "${@:3}"
		release "$1" | keep "$run/$2.release" 0644
	fi
}

is_current()	# DOMAIN NAME
{
	[[ $(release "$1") = "$(cat "$run/$2.release" 2>/dev/null)" ]]
}

# Jobs keep nobody waiting: theirs is stopped and started.
roll_pools()
{
	local domain

	for domain in $(domains); do
		if ! is_current "$domain" "$domain"; then
			roll_pool "$domain"
		fi
		if ! is_current "$domain" "$domain-jobs"; then
			stop "$domain-jobs" TERM 30
			start_pool "$domain" "$domain-jobs" --jobs
		fi
	done
}

# Its clients come back and miss nothing: a new release takes the place of the old one.
gateway_up()
{
	is_current realtime realtime || stop realtime TERM 30
	start_pool realtime realtime
	wait_ready realtime 30 pool_ready realtime
}

roll_pool()	# DOMAIN
{
	local before

	before=$(rolls "$1")
	running "$1" && kill -HUP "$pid"
	if ! wait_until 60 rolled_since "$1" "$before" || [[ $(rolls "$1") != "$((${before% *} + 1)) "* ]]; then
		log_tail "$1"
		fail "$1 keeps its present workers, the new ones do not start: its log above says why. Mend that, then $called up."
	fi
	release "$1" | keep "$run/$1.release" 0644
	note "$1 was rolled to what is installed now."
}

# How many came through and how many were given up.
rolls()	# DOMAIN
{
	curl -s -m 3 --unix-socket "$run/ops.sock" "http://localhost/$1/metrics" | awk '
		/^marquee_rolls_total/ { good = $NF }
		/^marquee_failed_rolls_total/ { bad = $NF }
		END { print good + 0, bad + 0 }'
}

rolled_since()	# DOMAIN BEFORE
{
	[[ $(rolls "$1") != "$2" ]]
}

render_nginx()
{
	logged "$log/nginx.log" env PORT="$port" STATE="$state" DOMAINS="$(domains | paste -sd ' ')" \
		PROCESSES="$processes" CERT="$certificate" CERT_KEY="$certificate_key" DEVELOPMENT=1 \
		"$pkgdatadir/nginx/render" "$state/nginx"
}

rendered()
{
	find "$state/nginx" "$certificate" -type f -exec cksum {} + | sort | cksum
}

nginx_up()
{
	local program

	render_nginx
	openapi | keep_changed "$state/public/openapi.json" 0644
	program=$(command -v nginx || echo /usr/sbin/nginx)
	logged "$log/nginx.log" "$program" -p "$state/nginx" -c "$state/nginx/nginx.conf" -e "$log/nginx.log" -q -t
	if ! running nginx; then
		# It does not take the place of sockets that a killed one left.
		rm -f "$run/internal.sock" "$run/ops.sock"
		spawn nginx "$program" -p "$state/nginx" -c "$state/nginx/nginx.conf" -e "$log/nginx.log" -g 'daemon off;'
	elif [[ $(rendered) != "$(cat "$run/nginx.release" 2>/dev/null)" ]]; then
		kill -HUP "$pid"
	fi
	rendered | keep "$run/nginx.release" 0644
	wait_ready nginx 10 ask_operations ''
}

# Status of a path on the operations server; any answer shows that nginx runs.
ask_operations()	# PATH
{
	curl -s -o /dev/null -m 3 --unix-socket "$run/ops.sock" "http://localhost/$1"
}

# Keeps the answer for whoever has to say why not.
pool_ready()	# DOMAIN
{
	answer=$(curl -s -m 3 -w ' %{http_code}' --unix-socket "$run/ops.sock" "http://localhost/$1/readyz")
	[[ $answer = *' 200' ]]
}

pools_ready()
{
	local domain answer=''

	for domain in $(domains); do
		wait_ready "$domain" 30 pool_ready "$domain"
		running "$domain-jobs" || { log_tail "$domain-jobs"; fail "$domain-jobs ended."; }
	done
}

services_down()
{
	local name

	# It tells the end of its game.
	stop live-game TERM 15
	stop nginx TERM 10
	for name in $(pool_names) $(strangers); do
		stop "$name" TERM 30 &
	done
	wait
	for name in $(redis_names | tac); do
		stop "$name" TERM 10
	done
}

# In the order in which they start.
all_names()
{
	redis_names
	printf '%s\n' "${nodes[@]}"
	pool_names
	echo nginx
	# Of the demo; not every stack has it.
	[[ ! -e $run/live-game.process ]] || echo live-game
	strangers
}

pool_names()
{
	domains | sed 'p; s/$/-jobs/'
	echo realtime
}

# Pools of a domain that is no longer installed.
strangers()
{
	find "$run" -name '*.process' -printf '%f\n' | sed 's/\.process$//' |
		grep -vxF -f <(redis_names; printf '%s\n' nginx live-game "${nodes[@]}"; pool_names) || true
}

stop_strangers()
{
	local name

	for name in $(strangers); do
		stop "$name" TERM 30
	done
}

something_runs()
{
	local name

	for name in $(all_names); do
		! running "$name" || return 0
	done
	return 1
}

migrate()
{
	# What a migration did is not waited for by customers, and no standby may hold it up.
	PATH=$pgbin:$PATH PGHOST=$run/pg PGPORT=${ports[$primary]} PGUSER=$owner PGDATABASE=marquee \
		PGOPTIONS='-c synchronous_commit=local' \
		"$pkgdatadir/sql/migrate" --secrets "$secrets" "$@"
}

# What the commands of its program ask for is there: settings and the database.
pool_here()	# DOMAIN
{
	[[ -x $sbindir/marquee-$1 ]] || fail "the pool of $1 is not installed."
	[[ -r $etc/$1.conf ]] || fail "there are no settings for $1 yet; $called up writes them."
	open_cluster
	running "$primary" || fail "the database, $primary, does not run; $called up starts it."
}

# Every pool prints its own part; that of the gateway is a file.
openapi()
{
	local domain

	{
		for domain in $(domains); do
			"$sbindir/marquee-$domain" --openapi
		done
		cat "$pkgdatadir/realtime/openapi.json"
	} | jq -s '
		reduce .[] as $part ({};
			. as $all | $all * $part
			| if $all.tags or $part.tags then .tags = (($all.tags // []) + ($part.tags // []) | unique_by(.name)) else . end)'
}
