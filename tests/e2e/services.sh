#!/bin/bash
# Stories of sessions that end everywhere, and of services that sign in with a secret.
cd "$(dirname "$0")"
. ./lib.sh
. ./stack.sh

secret=$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')

# Of the demo pool, as whoever $as says; what it answers while the token is good.
ask_demo()
{
	$CURL -o /dev/null -w '%{http_code}' -X POST "$BASE/api/demo/purchases" -H "$as" \
		-H 'Content-Type: application/json' -d "{\"item_id\":\"$item\",\"quantity\":1}"
}

demo_answers()	# STATUS
{
	[[ $(ask_demo) = "$1" ]]
}

an_item()
{
	expect 200 GET '/api/demo/items?limit=1'
	item=$(json '[0].item_id')
}

log_out()
{
	expect 200 POST /api/users/logout -H "$as"
}

a_session_that_ends_is_over_on_every_pool()
{
	an_item
	person ann
	same "demo before" 201 "$(ask_demo)"
	log_out
	until_true 5 demo_answers 401
	expect 401 GET "/api/users/$user_id" -H "$as"
}

a_pool_whose_workers_were_killed_remembers()
{
	an_item
	person bob
	log_out
	until_true 5 demo_answers 401
	for pid in $(workers demo); do
		kill -KILL "$pid"
	done
	until_true 10 demo_answers 401
	for ((i = 0; i < 20; i++)); do
		same "demo after" 401 "$(ask_demo)"
	done
}

serves_strangers()
{
	[[ $($CURL -o /dev/null -w '%{http_code}' "$BASE/api/demo/items/$item") = 200 ]]
}

gone()	# POOL
{
	[[ ! -e /proc/$(master "$1")/exe ]]
}

# Its memory goes with it; nothing it is told may be believed before it asked what ended.
a_pool_that_starts_anew_trusts_nobody_before_it_knows_who_left()
{
	an_item
	person cid
	good=$as
	person cyd
	left=$as
	log_out
	pid=$(master demo)
	kill -TERM "$pid"
	until_true 30 gone demo
	pause_users
	ctl up -d --no-demo >"$scratch/up" 2>&1 &
	up=$!
	until_true 20 serves_strangers
	for as in "$left" "$good"; do
		expect 503 POST /api/demo/purchases "{\"item_id\":\"$item\",\"quantity\":1}" -H "$as"
		expect_problem starting
	done
	wake_users
	wait "$up" || fail "up: $(cat "$scratch/up")"
	same "who is signed in" 201 "$(ask_demo)"
	as=$left
	same "who left" 401 "$(ask_demo)"
}

users_processes()
{
	echo "$(master users) $(workers users | paste -sd ' ')"
}

# The master first: it would replace workers that hang.
pause_users()
{
	# shellcheck disable=SC2046
	kill -STOP $(users_processes)
}

wake_users()
{
	# shellcheck disable=SC2046
	kill -CONT $(users_processes)
}

# Seconds since the demo pool heard of users.
age()
{
	$CURL --unix-socket "$state/run/ops.sock" http://localhost/demo/metrics |
		awk '/^marquee_revocations_age_seconds/ { print $2 }'
}

is_older_than()
{
	(($(age) > $1))
}

is_fresh()
{
	(($(age) < 2))
}

without_users_their_tokens_go_on_elsewhere()
{
	an_item
	person dan
	pause_users
	until_true 10 is_older_than 2
	same "demo meanwhile" 201 "$(ask_demo)"
	wake_users
	until_true 10 is_fresh
	log_out
	until_true 5 demo_answers 401
}

# --- services ---

credentials()	# NAME SECRET
{
	printf '{"grant_type":"client_credentials","client_id":"%s","client_secret":"%s"}' "$1" "$2"
}

a_service_signs_in_with_its_secret_until_it_is_ended()
{
	an_item
	service=$(unique feed)
	ctl service add "$service" --secret-stdin <<<"$secret"
	expect 200 POST /api/users/token "$(credentials "$service" "$secret")"
	same keys '["access_token","expires_in","token_type"]' "$(jq -c keys "$scratch/body")"
	same "kind" Bearer "$(json token_type)"
	same "lifetime" 600 "$(json expires_in)"
	same caching "private, no-store" "$(header Cache-Control)"
	as="Authorization: Bearer $(json access_token)"
	same "demo before" 201 "$(ask_demo)"
	session=$(sql "select session_id from users.service where name = '$service'")
	expect 200 POST /api/users/token "$(credentials "$service" "$secret")"
	same "one session a day" "$session" "$(sql "select session_id from users.session where name = '$service'")"
	ctl service list | grep -q "^$service active " || fail "it is not listed"
	ctl service end "$service"
	expect 401 POST /api/users/token "$(credentials "$service" "$secret")"
	expect_problem wrong_credentials
	until_true 5 demo_answers 401
}

a_new_secret_replaces_the_old_one()
{
	service=$(unique feed)
	ctl service add "$service" --secret-stdin <<<"$secret"
	fresh=$(ctl service add "$service")
	((${#fresh} >= 32)) || fail "a short secret: ${#fresh} characters"
	expect 401 POST /api/users/token "$(credentials "$service" "$secret")"
	expect 200 POST /api/users/token "$(credentials "$service" "$fresh")"
	ctl service add "$service" --secret-stdin <<<"$fresh"
	expect 200 POST /api/users/token "$(credentials "$service" "$fresh")"
}

an_unknown_service_and_a_wrong_secret_are_told_alike()
{
	expect 401 POST /api/users/token "$(credentials users "$secret")"
	wrong=$(jq -S 'del(.request_id)' "$scratch/body")
	expect 401 POST /api/users/token "$(credentials "$(unique nobody)" "$secret")"
	same "answer" "$wrong" "$(jq -S 'del(.request_id)' "$scratch/body")"
	expect 422 POST /api/users/token '{"grant_type":"password","client_id":"users"}'
	expect_problem invalid grant_type
	expect_problem invalid client_secret
}

a_service_has_a_name_and_a_secret_of_use()
{
	if ctl service add "$(unique feed)" --secret-stdin <<<'too short' 2>"$scratch/said"; then
		fail "it took a short secret"
	fi
	grep -q 'secret: Must have at least 32' "$scratch/said" || fail "$(cat "$scratch/said")"
	if ctl service add 'Not A Name' 2>"$scratch/said"; then
		fail "it took a bad name"
	fi
	if ctl service end "$(unique nobody)" 2>"$scratch/said"; then
		fail "it ended nobody"
	fi
}

nobody_ends_a_pool_as_a_service()
{
	for verb in add end; do
		if ctl service "$verb" users 2>"$scratch/said" >&2; then
			fail "service $verb users: done"
		fi
		grep -q 'users is a pool' "$scratch/said" || fail "$(cat "$scratch/said")"
	done
}

# --- the internal server ---

inside()	# CURL ARGUMENT...
{
	$CURL -o "$scratch/inside" -w '%{http_code}' --unix-socket "$state/run/internal.sock" "$@"
}

no_stranger_reaches_what_is_for_pools()
{
	person eve
	expect 404 GET '/internal/revocations?after=0'
	expect 404 GET '/internal/revocations?after=0' -H "$as"
	expect 404 POST /internal/token "$(credentials users "$(cat "$state/secrets/users.service")")"
	same "without a token" 401 "$(inside 'http://users/internal/revocations?after=0')"
	same "a person" 403 "$(inside 'http://users/internal/revocations?after=0' -H "$as")"
	same "a service" 200 "$(inside 'http://users/internal/revocations?after=0' -H "Authorization: Bearer $(service_token)")"
	same "another pool" 404 "$(inside http://demo/internal/revocations -H "Authorization: Bearer $(service_token)")"
	same "a public path" 404 "$(inside http://users/api/users/token -X POST)"
}

a_poll_tells_who_ended_since_the_last_one()
{
	bearer="Authorization: Bearer $(service_token)"
	inside 'http://users/internal/revocations' -H "$bearer" >/dev/null
	next=$(jq -r .next "$scratch/inside")
	person fay
	log_out
	same status 200 "$(inside "http://users/internal/revocations?after=$next" -H "$bearer")"
	ended=$(sql "select session_id from users.session where user_id = '$user_id'")
	jq -e --arg ended "$ended" '[.sessions[] | select(.session_id == $ended and .until > now)] | length == 1' \
		"$scratch/inside" >/dev/null || fail "it is not told: $(cat "$scratch/inside")"
	later=$(jq -r .next "$scratch/inside")
	inside "http://users/internal/revocations?after=$later" -H "$bearer" >/dev/null
	same "told again" 0 "$(jq --arg ended "$ended" '[.sessions[] | select(.session_id == $ended)] | length' "$scratch/inside")"
	# A place of another timeline is no place: all is told.
	inside "http://users/internal/revocations?after=$((later + (1 << 40)))" -H "$bearer" >/dev/null
	jq -e --arg ended "$ended" 'any(.sessions[]; .session_id == $ended)' "$scratch/inside" >/dev/null ||
		fail "a place of another server was believed"
}

# Its transaction is older than those that the next poll sees.
who_leaves_in_a_transaction_that_hangs_is_told_when_it_ends()
{
	bearer="Authorization: Bearer $(service_token)"
	person gil
	mkfifo "$scratch/hand"
	ctl psql primary -X -q -At <"$scratch/hand" >"$scratch/said" &
	exec 7>"$scratch/hand"
	echo "begin; update users.session set ended_at = now() where user_id = '$user_id' returning session_id;" >&7
	until_true 5 test -s "$scratch/said"
	person hal
	log_out
	inside 'http://users/internal/revocations' -H "$bearer" >/dev/null
	next=$(jq -r .next "$scratch/inside")
	echo "commit; select 'done';" >&7
	until_true 5 grep -q 'done' "$scratch/said"
	exec 7>&-
	inside "http://users/internal/revocations?after=$next" -H "$bearer" >/dev/null
	jq -e --arg ended "$(head -n 1 "$scratch/said")" 'any(.sessions[]; .session_id == $ended)' "$scratch/inside" >/dev/null ||
		fail "it is not told: $(cat "$scratch/inside")"
}

polls_are_in_no_log()
{
	! grep '"path":"/internal/revocations"' "$state/log/access.log" | grep -q '"status":200' || fail "nginx logs them"
	! grep -h '"route":"/internal/revocations"' "$state/log/users.log" | grep -q '"status":200' || fail "users logs them"
}

tell a_session_that_ends_is_over_on_every_pool \
    a_pool_whose_workers_were_killed_remembers \
    a_pool_that_starts_anew_trusts_nobody_before_it_knows_who_left \
    without_users_their_tokens_go_on_elsewhere \
    a_service_signs_in_with_its_secret_until_it_is_ended \
    a_new_secret_replaces_the_old_one \
    an_unknown_service_and_a_wrong_secret_are_told_alike \
    a_service_has_a_name_and_a_secret_of_use \
    nobody_ends_a_pool_as_a_service \
    no_stranger_reaches_what_is_for_pools \
    a_poll_tells_who_ended_since_the_last_one \
    who_leaves_in_a_transaction_that_hangs_is_told_when_it_ends \
    polls_are_in_no_log
