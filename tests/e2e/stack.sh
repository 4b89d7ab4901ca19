# shellcheck shell=bash
# shellcheck disable=SC2154
# What stories that hurt the stack share; sourced after lib.sh.  The stack is
# the test's own, in MARQUEE_TEST_STATE.
: "${MARQUEE_TEST_STATE:?the folder of the running test stack}" "${MARQUEE_TEST_PORT:?its port}"

state=$MARQUEE_TEST_STATE

ctl()
{
	MARQUEE_STATE=$state MARQUEE_PORT=$MARQUEE_TEST_PORT "$state/usr/bin/marqueectl" "$@"
}

# For one in the background, which takes signals.
become_ctl()
{
	MARQUEE_STATE=$state MARQUEE_PORT=$MARQUEE_TEST_PORT exec "$state/usr/bin/marqueectl" "$@"
}

# What ended starts again; without the demo, whose games would be counted by later stories.
mend()
{
	ctl up -d --no-demo >"$scratch/up" 2>&1 || fail "up: $(tail -n 5 "$scratch/up")"
}

master()	# POOL
{
	awk '{ print $1 }' "$state/run/$1.process"
}

workers()	# POOL
{
	pgrep -P "$(master "$1")"
}

# until_true SECONDS COMMAND...: waits for the condition, not for the time.
until_true()
{
	local limit=$((SECONDS + $1))

	shift
	until "$@"; do
		((SECONDS < limit)) || fail "never became true: $*"
		sleep 0.05
	done
}

# load COUNT PATH [CURL ARGUMENT...]: so many requests, 16 side by side; "STATUS COUNT" lines.
# Over HTTP/1.1, where curl knows which request a connection that nginx closes has taken.
load()
{
	local count=$1 path=$2 urls

	shift 2
	urls=$(mktemp "$scratch/urls.XXXXXX")
	for ((i = 0; i < count; i++)); do
		printf 'url = "%s"\noutput = /dev/null\n' "$BASE$path"
	done >"$urls"
	# shellcheck disable=SC2086
	$CURL --http1.1 -Z --parallel-max 16 --no-progress-meter -w '%{http_code}\n' "$@" -K "$urls" 2>>"$scratch/errors" |
		sort | uniq -c | awk '{ print $2, $1 }'
}

# A service's token, which any signed-in row takes.
service_token()
{
	ctl token --role service --name tester
}

sql()	# STATEMENT: on the primary, as owner
{
	ctl psql primary -X -q -At -c "$1"
}

# administrator NAME: as person, with the role from the machine.
administrator()
{
	name=$(unique "$1")
	printf 'correct horse\n' | ctl user add "$name" --email "$name@example.org" --role admin --password-stdin >/dev/null
	log_in_as "$name"
}
