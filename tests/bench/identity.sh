# What identity costs: log-ins, those who are signed in, sessions that are renewed.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154

people=100		# who log in at once
renewers=32		# connections that renew a session each
hashes=				# at once
logins=				# the client behind "beside"
settle=

# Signed in, one row of the same table; one's own account.
offset+=([public]=10 [signed_in]=10 [alone]=10 [beside]=10)
path+=([signed_in/one]=/api/demo/signed_in [login]=/api/users/login [refresh]=/api/users/refresh)

bench_identity()
{
	need_stack small
	build_bare
	make_people
	compete "log-in" login 8 marquee bare
	sign_in "$people"
	compete "signed in" one 32 public signed_in
	compete "visitors" visit 32 alone beside
	compete "flat out" account 8 alone beside
	begin_logins
	value "pool at its peak" MB "$(python3 "$here/processes.py" --peak "$state/run/users.pid")"
	end_logins
	compete "refresh" refresh "$renewers" marquee bare
}

build_bare()
{
	hashes=$(setting hashes)
	((hashes > 0)) || hashes=$((($(nproc) + 1) / 2))
	cc -O2 -o "$work/bare" "$here/bare.c" -lsodium -ljwt -lpthread || fail "bare.c needs a compiler, libsodium and libjwt"
	[[ -s $work/es256.pem ]] || openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/es256.pem"
}

setting()	# NAME: of the users pool
{
	"$state/usr/sbin/marquee-users" -c "$state/etc/marquee/marquee.conf" -c "$state/etc/marquee/users.conf" --config |
		sed -n "s/^$1 = //p"
}

# post PATH FOLDER: every line of stdin, four at a time; each answer is a file.
post()
{
	local line number=0

	mkdir -p "$2"
	while IFS= read -r line; do
		((number == 0)) || echo next
		printf 'url = "http://%s"\njson = "%s"\noutput = "%s"\nfail\n' \
			"$(address marquee)$1" "${line//\"/\\\"}" "$2/$((++number))"
	done >"$2.curl"
	curl -Z --no-progress-meter --parallel-max 4 -K "$2.curl" || fail "$1: not all of $number"
}

make_people()
{
	local number

	[[ ! -e $state/people ]] || return 0
	say "$people accounts"
	for ((number = 0; number < people; number++)); do
		printf '{"username":"bench%d","email":"bench%d@example.org","password":"wide rivers run slowly %d"}\n' \
			"$number" "$number" "$number"
	done >"$work/people"
	post /api/users/signup "$work/signed_up" <"$work/people"
	touch "$state/people"
	sed -i 's/"email":"[^"]*",//' "$work/people"
}

# New sessions: the last round ended the refresh tokens of those before.
sign_in()	# COUNT
{
	rm -rf "$work/signed_in"
	head -n "$1" "$work/people" | post "${path[login]}" "$work/signed_in"
	jq -r .access_token "$work"/signed_in/* >"$work/access_tokens"
	jq -r .refresh_token "$work"/signed_in/* >"$work/refresh_tokens"
	jq -r .access_token "$work/signed_in/1" >"$work/access_token"
	path[account]=/api/users/$(jq -r .user_id "$work/signed_in/1")
}

# --- what a round runs: sets command ---

wrk_on()	# THREADS CONNECTIONS SECONDS URL ARGUMENT...
{
	command=(taskset -c "$client_cpus" wrk -t "$1" -c "$2" -d "$3" --timeout 30s -s "$here/wrk.lua" "$4" -- "${@:5}")
}

# A hash takes as long as a round of anything else.
load_login()	# CONNECTIONS SECONDS CONTENDER
{
	if [[ $3 = bare ]]; then
		command=(taskset -c "$server_cpus" "$work/bare" argon2id "$hashes" "$(($2 * 3))")
	else
		url marquee login
		wrk_on 2 "$1" "$(($2 * 3))" "$REPLY" login "$work/people"
		settle=yes
	fi
}

# As many as keep the pool busy for a quarter of what it can do.
load_visit()	# CONNECTIONS SECONDS CONTENDER
{
	load_account "$1" "$2" "$3" visit
}

load_account()	# CONNECTIONS SECONDS CONTENDER [KIND]
{
	url alone account
	wrk_on 2 "$1" "$2" "$REPLY" "${4:-get}" "$work/access_token"
	[[ $3 != beside ]] || begin_logins
}

load_refresh()	# CONNECTIONS SECONDS CONTENDER
{
	if [[ $3 = bare ]]; then
		command=(taskset -c "$server_cpus" "$work/bare" es256 2 "$2" "$work/es256.pem")
	else
		sign_in "$renewers"
		url marquee refresh
		wrk_on "$1" "$1" "$2" "$REPLY" refresh "$work/refresh_tokens"
	fi
}

begin_logins()
{
	local command

	url marquee login
	wrk_on 1 "$people" 600 "$REPLY" login "$work/people"
	"${command[@]}" >/dev/null &
	logins=$! settle=yes
	until (($(queued) >= people / 2)); do
		kill -0 "$logins" || fail "nobody logs in"
		sleep 0.1
	done
}

# Who still waits in the pool is served, or he would burden the next round.
end_logins()
{
	[[ -n $settle ]] || return 0
	if [[ -n $logins ]]; then
		kill "$logins" 2>/dev/null || true
		wait "$logins" 2>/dev/null || true
	fi
	logins='' settle=''
	until (($(queued) == 0)); do
		sleep 0.1
	done
	head -n 4 "$work/people" | post "${path[login]}" "$work/after"
}

queued()
{
	curl -sf --unix-socket "$state/run/ops.sock" http://localhost/users/metrics | sed -n 's/^marquee_requests_queued{.*} //p'
}
