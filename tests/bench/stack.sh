# The stack under test, in a tree of its own, and the peers beside it.
# shellcheck shell=bash
# shellcheck disable=SC2154

tree=$work/tree
state=$work/stack
peers=(go fastify express flask)
peer_pids=()
size=

# How far each port is from the first, and what is asked there; Marquee's list goes around nginx's cache.
declare -A offset=([marquee]=10 [marquee_tls]=0 [return_200]=10 [static]=10 [blocking]=10
	[go]=11 [go_nginx]=12 [fastify]=13 [express]=14 [flask]=15)
declare -A path=([one]=/api/demo/items [list]='/api/demo/items?limit=20' [cached]='/api/demo/items?limit=20'
	[nothing]=/api/demo/nothing [marquee/list]='/uncached?limit=20' [blocking/one]=/api/demo/blocking
	[return_200/nothing]=/return_200 [static/cached]=/list.json)

address()	# CONTENDER
{
	echo "127.0.0.1:$((port + offset[$1]))"
}

url()	# CONTENDER KIND
{
	local scheme=http

	[[ $1 != *_tls ]] || scheme=https
	REPLY=$scheme://$(address "$1")${path[$1/$2]-${path[$2]}}
}

need_tools()
{
	local tool

	for tool in wrk taskset python3 go node npm gunicorn; do
		command -v "$tool" >/dev/null || fail "$tool is missing; all of it (Debian):" \
			"apt-get install wrk python3 golang-go golang-github-jackc-pgx-v4-dev nodejs npm" \
			"gunicorn python3-flask python3-psycopg2"
	done
}

# Of this tree, each with a NUL.
source_files()
{
	if git -C "$root" rev-parse >/dev/null 2>&1; then
		git -C "$root" ls-files -z -co --exclude-standard | (cd "$root" && xargs -0 stat -L --printf='%n\0' 2>/dev/null)
	else
		(cd "$root" && find . -type f -not -path './.git/*' -print0)
	fi
}

# The copy keeps times, so that a second run builds only what has changed; its data are new.
make_tree()
{
	say "a copy of the tree, with a domain to measure"
	rm -rf "$tree"
	mkdir -p "$tree" "$state"
	find "$state" -mindepth 1 -maxdepth 1 ! -name build ! -name usr -exec rm -rf {} +
	source_files | tar -C "$root" --null -T - -cf - | tar -C "$tree" -xf -
	cd "$tree" || exit
	[[ -d fcgi-apps/demo ]] || fcgi-apps/new-domain demo >/dev/null
	cp "$here/bench.c" fcgi-apps/demo/
	sed -i 's/items\.c/& %D%\/bench.c/' fcgi-apps/demo/module.am
	sed -i 's/^extern .*item_routes\[\];/&\nextern const struct route bench_routes[];/' fcgi-apps/demo/demo.h
	sed -i 's/item_routes,/& bench_routes,/; s/\.timers = /.handlers = bench_handlers, &/' fcgi-apps/demo/main.c
	sed -i 's/^extern .*bench_routes\[\];/&\nextern const struct event_handler bench_handlers[];/' fcgi-apps/demo/demo.h
	go_behind_nginx >>nginx/sites/internal.conf
	cd "$root" || exit
}

go_behind_nginx()
{
	cat <<-NGINX
	upstream bench_go {
		server $(address go);
		keepalive 32;
	}
	server {
		listen $(address go_nginx);
		keepalive_requests 100000000;
		access_log off;
		location / {
			proxy_pass http://bench_go;
			proxy_http_version 1.1;
			proxy_set_header Connection "";
		}
	}
	NGINX
}

# The public server as it is, also without TLS, and five more locations.
more_of_nginx()
{
	cat <<-NGINX
	listen $(address marquee);
	keepalive_requests 100000000;
	access_log off;
	location = /return_200 {
		default_type application/json;
		return 200 '{"message":"Nothing was done."}';
	}
	location = /list.json {
		root $state/public;
	}
	location = /ongoing.json {
		root $state/public;
	}
	location = /game.json {
		root $state/public;
	}
	location = /uncached {
		include parts/parameters.conf;
		fastcgi_param MARQUEE_SERVER public;
		fastcgi_param REQUEST_URI /api/demo/items?\$args;
		fastcgi_pass marquee_demo;
	}
	NGINX
}

marquee()
{
	(cd "$tree" && MARQUEE_STATE=$state MARQUEE_PORT=$port LIMITS=off taskset -c "$server_cpus" ./marquee "$@")
}

up()	# small or full
{
	local option=

	[[ $1 = full ]] || option=--small
	# shellcheck disable=SC2086
	marquee up -d --no-demo $option >"$work/up.log" 2>&1 || { tail -n 20 "$work/up.log" >&2; fail "up failed."; }
	size=$1
}

down()
{
	stop_peers
	if [[ -x $state/usr/bin/marqueectl && -d $state/run ]]; then
		MARQUEE_STATE=$state "$state/usr/bin/marqueectl" down >"$work/down.log" 2>&1 || fail "down failed: $work/down.log"
	fi
	size=
}

need_stack()	# small or full
{
	[[ $1 != "$size" ]] || return 0
	down
	say "a $1 stack"
	up "$1"
	if [[ $1 = small ]]; then
		fill
	fi
}

# 100,000 rows, listeners for the bench, no log lines.
fill()
{
	say "100,000 rows"
	marquee psql primary -q -v ON_ERROR_STOP=1 <"$here/fill.sql" >/dev/null
	echo 'log_requests = off' >"$state/etc/marquee/marquee.local"
	more_of_nginx >"$state/nginx/extra/bench.conf"
	mkdir -p "$state/public"
	curl -skf "https://127.0.0.1:$port${path[list]}" >"$state/public/list.json"
	up small
}

start_peers()
{
	local peer address

	for peer in "${peers[@]}"; do
		say "starting $peer"
		address=$(address "$peer")
		DSN="postgres://demo:$(<"$state/secrets/demo.password")@127.0.0.1:$((port + 1))/marquee" \
			PORT=${address#*:} BUILD=$work/peers/$peer \
			taskset -c "$server_cpus" "$here/peers/$peer/start" >"$work/$peer.log" 2>&1 </dev/null &
		peer_pids+=($!)
		echo $! >"$work/$peer.pid"
	done
	for peer in "${peers[@]}"; do
		url "$peer" list
		until curl -sf -o /dev/null "$REPLY"; do
			kill -0 "$(<"$work/$peer.pid")" 2>/dev/null || fail "$peer ended: $(tail -n 5 "$work/$peer.log")"
			sleep 0.2
		done
	done
}

stop_peers()
{
	local pid

	for pid in "${peer_pids[@]}"; do
		kill "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	peer_pids=()
	rm -f "$work"/*.pid
}

same_answers()	# CONTENDER...
{
	local contender answers=()

	for contender; do
		url "$contender" one
		answers+=("$contender" "$REPLY")
		url "$contender" list
		answers+=("$REPLY")
	done
	python3 "$here/compare.py" "${answers[@]}" || fail "contenders that answer differently are not timed."
}

# Sets REPLY.
seconds_of()	# COMMAND...
{
	local began=${EPOCHREALTIME/./}

	"$@"
	REPLY="{\"value\":$(((${EPOCHREALTIME/./} - began) / 1000))e-3}"
}

versions()
{
	nginx -v 2>&1 | sed 's|.*/|nginx |'
	postgres=$(printf '%s\n' /usr/lib/postgresql/*/bin/postgres | tail -n 1)
	"$postgres" --version | sed 's/.*) \([0-9.]*\).*/PostgreSQL \1/'
	go version | sed 's/go version go\([^ ]*\).*/Go \1/'
	echo "pgx v4"
	echo "Node $(node --version)"
	sed -n 's/^\t\t"\(.*\)": "\(.*\)",*/\1 \2/p' "$here"/peers/*/package.json | sort -u
	# gunicorn's own, where another comes first in PATH.
	/usr/bin/python3 -c 'import sys, flask, psycopg2, gunicorn
print("Python", sys.version.split()[0]); print("Flask", flask.__version__)
print("psycopg2", psycopg2.__version__.split()[0]); print("gunicorn", gunicorn.__version__)'
	wrk -v 2>&1 | sed -n 's/^wrk \([^ ]*\).*/wrk \1/p'
}

end()
{
	down || true
}
