#!/bin/bash
# What nginx answers by itself, and what it makes of a pool's answers. Told with
# a domain made by new-domain, called demo.
. "$(dirname "$0")/lib.sh"

here=${BASE#https://}
nothing=01890000-0000-7000-8000-000000000000

# answer HEADER: of the last answer, said once and not empty.
answer() {
	same "times it says $1" 1 "$(header "$1" | grep -c .)"
}

bears_our_headers() {
	local name

	for name in Strict-Transport-Security X-Content-Type-Options X-Frame-Options \
	    Content-Security-Policy Referrer-Policy X-Request-Id Cache-Control; do
		answer "$name"
	done
	same server nginx "$(header Server)"
}

# Sends what curl would not; prints the answer, which ends when nginx closes.
say() {	# NAME-IN-TLS TEXT
	# shellcheck disable=SC2059
	printf "$2" | timeout 10 openssl s_client -quiet -ign_eof -connect "$here" -servername "$1" 2>"$scratch/tls" || true
}

hears_nothing() {
	same "answer to $2" '' "$(say "$1" "$2")"
}

hears() {	# STATUS CODE NAME-IN-TLS TEXT
	say "$3" "$4" >"$scratch/said"
	grep -q "^HTTP/1.1 $1 " "$scratch/said" || fail "no $1 to $4: $(head -n 1 "$scratch/said")"
	grep -q "\"code\":\"$2\"" "$scratch/said" || fail "no $2 to $4: $(tail -n 1 "$scratch/said")"
}

every_answer_says_how_browsers_must_treat_it() {
	expect 200 GET /api/demo/items
	bears_our_headers
	expect 401 GET "/api/users/$nothing"
	bears_our_headers
	expect 404 GET /nowhere
	bears_our_headers
	expect 413 POST /api/users/login "$(printf '%065537d' 0)"
	bears_our_headers
}

what_is_nowhere_is_a_problem() {
	expect 404 GET /nowhere
	expect_problem not_found
	same type "$BASE/problems/not_found" "$(json type)"
	same status 404 "$(json status)"
	same request_id "$(header X-Request-Id)" "$(json request_id)"
}

what_is_for_operators_and_pools_is_not_public() {
	local path

	for path in /users/metrics /users/readyz /metrics /internal/revocations /nginx/status /problem/400; do
		expect 404 GET "$path"
		expect_problem not_found
	done
}

a_path_that_can_be_read_in_two_ways_leads_nowhere() {
	local path

	for path in /api/demo/../demo/items /api/demo/%2e%2e/demo/items /api/demo/%2E/items /api/demo//items \
	    //api/demo/items /api/demo%2fitems '/api/demo/a\b' /api/demo/a%5Cb /api/demo/items/. '/api/demo/..?a=1'; do
		expect 404 GET "$path" --path-as-is
		same "detail of $path" "There is nothing at this path." "$(json detail)"
	done
	expect 200 GET '/api/d%65mo/items' --path-as-is
}

too_much_is_refused_as_a_problem() {
	local long

	long=$(printf '%09000d' 0)
	expect 413 POST /api/users/login "$(printf '%065537d' 0)"
	expect_problem body_too_large
	# In HTTP/2 nginx ends the connection for it.
	expect 431 GET "/api/users/$nothing" -H "Authorization: Bearer $long" --http1.1
	expect_problem headers_too_large
	expect 414 GET "/api/users/$long" --http1.1
	expect_problem uri_too_long
}

what_is_not_http_is_told_so() {
	hears 400 bad_request localhost 'GARBAGE\r\n\r\n'
	hears 400 bad_request localhost 'GET /api/demo/items HTTP/1.1\r\n\r\n'
	hears 400 bad_request localhost 'GET /api/%%zz HTTP/1.1\r\nHost: localhost\r\n\r\n'
	hears 400 bad_request localhost 'GET /api/%%00 HTTP/1.1\r\nHost: localhost\r\n\r\n'
	hears 400 bad_request localhost 'POST /api/users/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'
	hears 501 not_implemented localhost 'POST /api/users/login HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n'
	hears 505 version_not_supported localhost 'GET / HTTP/3.1\r\nHost: localhost\r\n\r\n'
	hears 405 method_not_allowed localhost 'TRACE / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'
	grep -q '^Allow: GET' "$scratch/said" || fail "a 405 without Allow"
}

who_asks_for_another_host_or_none_gets_no_answer() {
	local name

	for name in localhost elsewhere.example; do
		hears_nothing "$name" 'GET /api/demo/items HTTP/1.1\r\nHost: elsewhere.example\r\n\r\n'
		hears_nothing "$name" 'GET http://elsewhere.example/api/demo/items HTTP/1.1\r\nHost: localhost\r\n\r\n'
		hears_nothing "$name" 'GET /api/demo/items HTTP/1.0\r\n\r\n'
		hears_nothing "$name" 'GET /api/demo/items\r\n'
		hears_nothing "$name" 'GET http://localhost/api/demo/items\r\n'
	done
}

plain_http_is_told_to_use_tls() {
	BASE=http://$here expect 400 GET /api/demo/items
	expect_problem tls_required
	same "HSTS without TLS" '' "$(header Strict-Transport-Security)"
}

old_tls_is_refused() {
	# Lowest security of our own, or the client would not even ask.
	! timeout 10 openssl s_client -connect "$here" -tls1_1 -cipher ALL:@SECLEVEL=0 </dev/null >"$scratch/tls" 2>&1 ||
		fail "TLS 1.1 was spoken"
	timeout 10 openssl s_client -connect "$here" -tls1_2 </dev/null >"$scratch/tls" 2>&1 || fail "TLS 1.2 was refused"
	expect 200 GET /api/demo/items --http2
	same protocol HTTP/2 "$(head -n 1 "$scratch/headers" | cut -d ' ' -f 1)"
}

a_callers_own_request_id_is_not_taken() {
	expect 404 GET "/api/demo/items/$nothing" -H 'X-Request-Id: mine'
	[[ $(header X-Request-Id) =~ ^[0-9a-f]{32}$ ]] || fail "request id '$(header X-Request-Id)'"
	same request_id "$(header X-Request-Id)" "$(json request_id)"
}

# A second may end between two requests, but not between all of them.
a_public_list_is_answered_from_the_cache() {
	local path tag tries=0

	path="/api/demo/items?limit=$((RANDOM % 100 + 1))"
	person ann
	until
		expect 200 GET "$path" -H "$as"
		[[ $(header X-Cache) = HIT ]]
	do
		tries=$((tries + 1))
		((tries < 10)) || fail "never answered from the cache: '$(header X-Cache)'"
	done
	tag=$(header ETag)
	rm "$scratch/body"
	expect 304 GET "$path" -H "If-None-Match: $tag"
	[[ ! -s $scratch/body ]] || fail "a 304 with a body"
	same tag "$tag" "$(header ETag)"
	bears_our_headers
	expect 200 GET "$path" -H 'If-None-Match: "another"'
}

what_is_not_public_is_never_kept() {
	local ann ann_as

	person ann
	ann=$user_id ann_as=$as
	expect 200 GET "/api/users/$ann" -H "$as"
	same caching "private, no-store" "$(header Cache-Control)"
	person bob
	expect 200 GET "/api/users/$ann" -H "$as"
	same "what others see" null "$(jq -c .data.email "$scratch/body")"
	expect 401 GET "/api/users/$ann"
	expect 200 GET "/api/users/$ann" -H "$ann_as"
}

operators_see_each_pool_through_their_own_socket() {
	local socket=${MARQUEE_TEST_STATE:?the folder of the running stack}/run/ops.sock

	curl -sS --unix-socket "$socket" http://ops/users/metrics >"$scratch/metrics"
	grep -q '^marquee_' "$scratch/metrics" || fail "no metrics: $(head -n 3 "$scratch/metrics")"
	same readiness 200 "$(curl -sS -o "$scratch/body" -w '%{http_code}' --unix-socket "$socket" http://ops/demo/readyz)"
	same "public paths there" 404 "$(curl -sS -o "$scratch/body" -w '%{http_code}' --unix-socket "$socket" http://ops/api/demo/items)"
}

pools_reach_only_what_is_internal_through_theirs() {
	local socket=${MARQUEE_TEST_STATE:?the folder of the running stack}/run/internal.sock

	same "public paths there" 404 "$(curl -sS -o "$scratch/body" -w '%{http_code}' --unix-socket "$socket" http://demo/api/demo/items)"
	same "unknown pools" 404 "$(curl -sS -o "$scratch/body" -w '%{http_code}' --unix-socket "$socket" http://nobody/internal/x)"
}

tell \
	every_answer_says_how_browsers_must_treat_it \
	what_is_nowhere_is_a_problem \
	what_is_for_operators_and_pools_is_not_public \
	a_path_that_can_be_read_in_two_ways_leads_nowhere \
	too_much_is_refused_as_a_problem \
	what_is_not_http_is_told_so \
	who_asks_for_another_host_or_none_gets_no_answer \
	plain_http_is_told_to_use_tls \
	old_tls_is_refused \
	a_callers_own_request_id_is_not_taken \
	a_public_list_is_answered_from_the_cache \
	what_is_not_public_is_never_kept \
	operators_see_each_pool_through_their_own_socket \
	pools_reach_only_what_is_internal_through_theirs
