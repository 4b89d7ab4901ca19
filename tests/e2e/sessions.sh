#!/bin/bash
# Sessions as a client sees them: log-in in every spelling, renewal, where they are used, and their end.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/stack.sh
. "$(dirname "$0")/stack.sh"

nobody=01890000-0000-7000-8000-000000000000
firefox='Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'

# refresh_with TOKEN STATUS: sets $refreshed to the new refresh token.
refresh_with()
{
	expect "$2" POST /api/users/refresh "{\"refresh_token\":\"$1\"}"
	if [[ $2 = 200 ]]; then
		refreshed=$(json refresh_token) token=$(json access_token)
		as="Authorization: Bearer $token"
	else
		expect_problem invalid_refresh_token
	fi
}

# A person who has just logged in: beside the usual, $refresh and $session_id.
person_with_session()	# NAME
{
	person "$1"
	refresh=$(json refresh_token)
	session_id=$(session_of "$token")
}

session_of()	# ACCESS-TOKEN
{
	local claims

	claims=$(cut -d. -f2 <<<"$1" | tr '_-' '/+')
	while ((${#claims} % 4)); do claims+='='; done
	base64 -d <<<"$claims" | jq -r .sid
}

log_in_with()	# USER-AGENT
{
	expect 200 POST /api/users/login "{\"username\":\"$name\",\"password\":\"correct horse\"}" -A "$1"
	token=$(json access_token) refresh=$(json refresh_token)
	session_id=$(session_of "$token") as="Authorization: Bearer $token"
}

# Its last renewal happened so long ago that nobody repeats it innocently.
let_time_pass()	# SESSION-ID
{
	sql "update users.session set refreshed_at = refreshed_at - interval '11 seconds' where session_id = '$1'" >/dev/null
}

is_over()	# SESSION-ID
{
	same "sessions that are over" 1 "$(sql "select count(*) from users.session where session_id = '$1' and ended_at is not null")"
}

is_open()	# SESSION-ID
{
	same "sessions that go on" 1 "$(sql "select count(*) from users.session where session_id = '$1' and ended_at is null")"
}

# Bytes of a token, changed: OFFSET HEX.
forged()	# TOKEN OFFSET HEX
{
	local hex

	hex=$(base64 -d <<<"$(tr '_-' '/+' <<<"$1")==" 2>/dev/null | od -An -v -tx1 | tr -d ' \n')
	hex=${hex:0:$2 * 2}$3${hex:$2 * 2 + ${#3}}
	# Every byte by its number.
	# shellcheck disable=SC2001,SC2059
	printf "$(sed 's/../\\x&/g' <<<"$hex")" | base64 -w0 | tr '+/' '-_' | tr -d =
}

every_spelling_logs_in_accounts_of_all_others()
{
	local sign_up log_in

	for sign_up in users/register users/signup shop/register tickets/user/register tickets/user/signup beats-lab/user/signup; do
		name=$(unique all)
		call POST "/api/$sign_up" "{\"username\":\"$name\",\"email\":\"$name@example.org\",\"password\":\"correct horse\"}"
		# Spellings come with their domains.
		[[ $status != 404 ]] || continue
		same "status of $sign_up" 201 "$status"
		for log_in in users/login tickets/user/login beats-lab/user/login shop/login; do
			expect 200 POST "/api/$log_in" "{\"email\":\"$name@example.org\",\"password\":\"correct horse\"}"
			expect 200 GET "/api/users/$(json user_id)" -H "Authorization: Bearer $(json access_token)"
			same username "$name" "$(json data.username)"
		done
	done
}

each_spelling_of_log_in_answers_with_its_keys()
{
	local path

	person kay
	for path in users tickets/user beats-lab/user; do
		expect 200 POST "/api/$path/login" "{\"email\":\"$name@example.org\",\"password\":\"correct horse\"}"
		same keys '["access_token","refresh_token","status","token","user_id"]' "$(jq -c keys "$scratch/body")"
		expect 401 POST "/api/$path/login" "{\"email\":\"$name@example.org\",\"password\":\"wrong horse\"}"
		expect_problem wrong_credentials
		expect 422 POST "/api/$path/login" '{"password":"correct horse"}'
		expect_problem invalid username
	done
	expect 200 POST /api/shop/login "{\"username\":\"$name\",\"password\":\"correct horse\"}"
	same keys '["access_token","refresh_token","user_id"]' "$(jq -c keys "$scratch/body")"
}

a_session_is_renewed_again_and_again()
{
	person_with_session ren
	for _ in 1 2 3; do
		refresh_with "$refresh" 200
		[[ $refreshed != "$refresh" ]] || fail "the same refresh token again"
		refresh=$refreshed
		same session "$session_id" "$(session_of "$token")"
		expect 200 GET "/api/users/$user_id" -H "$as"
	done
	same keys '["access_token","refresh_token","status","token","user_id"]' \
	    "$(expect 200 POST /api/users/refresh "{\"refresh_token\":\"$refresh\"}" && jq -c keys "$scratch/body")"
}

the_shop_renews_with_exactly_its_keys()
{
	person_with_session sho
	expect 200 POST /api/shop/refresh "{\"refresh_token\":\"$refresh\"}"
	same keys '["access_token","refresh_token","user_id"]' "$(jq -c keys "$scratch/body")"
}

a_renewal_pushes_the_end_of_the_session_out()
{
	person_with_session out
	sql "update users.session set expires_at = now() + interval '1 minute' where session_id = '$session_id'" >/dev/null
	refresh_with "$refresh" 200
	same "days left" t "$(sql "select expires_at > now() + interval '29 days' from users.session where session_id = '$session_id'")"
}

a_token_that_ran_out_does_not_hinder_its_renewal()
{
	person_with_session run
	expect 200 POST /api/users/refresh "{\"refresh_token\":\"$refresh\"}" -H "Authorization: Bearer ${token}x"
}

parallel_renewals_agree()
{
	local i

	person_with_session par
	for i in {1..12}; do
		$CURL -o "$scratch/parallel.$i" -H 'Content-Type: application/json' \
		    -d "{\"refresh_token\":\"$refresh\"}" "$BASE/api/users/refresh" &
	done
	wait
	same "successors" 1 "$(jq -r .refresh_token "$scratch"/parallel.* | sort -u | wc -l)"
	refresh_with "$(jq -r .refresh_token "$scratch/parallel.1")" 200
	is_open "$session_id"
}

a_lost_answer_is_given_again_for_ten_seconds()
{
	person_with_session los
	refresh_with "$refresh" 200
	first=$refreshed
	refresh_with "$refresh" 200
	same successor "$first" "$refreshed"
	expect 200 GET "/api/users/$user_id" -H "$as"
	let_time_pass "$session_id"
	refresh_with "$refresh" 401
	is_over "$session_id"
}

a_token_used_again_ends_the_session_for_thief_and_owner()
{
	person_with_session thi
	refresh_with "$refresh" 200
	let_time_pass "$session_id"
	refresh_with "$refresh" 401
	for _ in 1 2 3 4 5 6 7 8; do
		expect 401 GET "/api/users/$user_id" -H "$as"
	done
	refresh_with "$refreshed" 401
}

a_great_grandparent_used_again_ends_the_session()
{
	person_with_session gra
	oldest=$refresh
	for _ in 1 2 3 4; do
		refresh_with "$refresh" 200
		refresh=$refreshed
	done
	# At once: a client that repeats itself knows nothing so old.
	refresh_with "$oldest" 401
	is_over "$session_id"
	refresh_with "$refresh" 401
}

nobody_ends_a_session_by_guessing()
{
	person_with_session gue
	parent=$refresh
	refresh_with "$refresh" 200
	let_time_pass "$session_id"
	refresh=$refreshed
	refresh_with "$(forged "$parent" 51 00)" 401
	refresh_with "$(forged "$parent" 51 01)" 401
	refresh_with "$(forged "$refresh" 20 0000000000000000)" 401
	refresh_with "$(forged "$parent" 16 00000001)" 401
	refresh_with "$(forged "$refresh" 16 00000000)" 401
	refresh_with "$(forged "$refresh" 16 00000002)" 401
	refresh_with "$(forged "$refresh" 16 7fffffff)" 401
	refresh_with "$(forged "$refresh" 16 80000000)" 401
	refresh_with "$(forged "$refresh" 16 ffffffff)" 401
	refresh_with "$(forged "$refresh" 0 00000000000000000000000000000000)" 401
	is_open "$session_id"
	expect 200 GET "/api/users/$user_id" -H "$as"
	refresh_with "$refresh" 200
}

what_is_no_refresh_token_is_refused_alike()
{
	local wrong

	person_with_session bad
	for wrong in x "${refresh%?}" "${refresh}A" "$refresh=" "$token" "$(printf '%01024d' 0)" ' ' "$refresh$refresh"; do
		refresh_with "$wrong" 401
		jq -c 'del(.request_id)' "$scratch/body" >>"$scratch/alike"
	done
	same "different answers" 1 "$(sort -u "$scratch/alike" | wc -l)"
	expect 422 POST /api/users/refresh "{\"refresh_token\":\"$(printf '%01025d' 0)\"}"
	expect_problem invalid refresh_token
	expect 422 POST /api/users/refresh '{}'
	expect_problem invalid refresh_token
	expect 422 POST /api/users/refresh "{\"refresh_token\":\"$refresh\",\"scope\":\"all\"}"
	expect_problem invalid scope
	expect 422 POST /api/users/refresh '{"refresh_token":7}'
	expect 422 POST /api/users/refresh '{"refresh_token":""}'
	expect 400 POST /api/users/refresh '{"refresh_token":"a\u0000b"}'
	expect 415 POST /api/users/refresh --data-binary '{}' -H 'Content-Type: text/plain'
	printf '{"refresh_token":"%01048576d"}' 0 | expect 413 POST /api/users/refresh @-
	refresh_with "$refresh" 200
}

the_generation_cannot_run_over()
{
	person_with_session gen
	sql "update users.session set refresh_generation = 2147483647 where session_id = '$session_id'" >/dev/null
	refresh_with "$(forged "$refresh" 16 7fffffff)" 401
	is_open "$session_id"
}

nothing_is_renewed_after_log_out()
{
	person_with_session lou
	expect 200 POST /api/users/logout -H "$as"
	refresh_with "$refresh" 401
	expect 401 POST /api/shop/refresh "{\"refresh_token\":\"$refresh\"}"
}

nothing_is_renewed_after_its_time()
{
	person_with_session old
	sql "update users.session set expires_at = now() - interval '1 second' where session_id = '$session_id'" >/dev/null
	refresh_with "$refresh" 401
}

a_closed_account_neither_renews_nor_logs_in()
{
	local closed

	for closed in disabled erased; do
		person_with_session clo
		sql "update users.account set status = '$closed' where user_id = '$user_id'" >/dev/null
		refresh_with "$refresh" 401
		expect 401 POST /api/users/login "{\"username\":\"$name\",\"password\":\"correct horse\"}"
		expect_problem wrong_credentials
	done
}

a_renewal_reads_the_roles_anew()
{
	person_with_session rol
	sql "update users.account set roles = '{user,producer}' where user_id = '$user_id'" >/dev/null
	refresh_with "$refresh" 200
	same roles '["user","producer"]' "$(cut -d. -f2 <<<"$token" | tr '_-' '/+' | base64 -d 2>/dev/null | jq -c .roles)"
}

# A log-in whose account changes between the check of the password and its session.
log_in_while()	# ASSIGNMENT
{
	person_with_session rac
	rm -f "$scratch/waits"
	: >"$scratch/held"
	# The lock is taken first, so the log-in meets it after its hash.
	{
		echo "begin; update users.account set $1 where user_id = '$user_id'; select 'held';"
		until_true 10 test -e "$scratch/waits"
		echo "update users.session set ended_at = now() where user_id = '$user_id'; commit;"
	} | ctl psql primary -X -q -At >"$scratch/held" &
	until_true 10 grep -q held "$scratch/held"
	$CURL -o "$scratch/raced" -w '%{http_code}' -H 'Content-Type: application/json' \
	    -d "{\"username\":\"$name\",\"password\":\"correct horse\"}" "$BASE/api/users/login" >"$scratch/status" &
	until_true 10 log_in_waits
	: >"$scratch/waits"
	wait
	same "answer to the log-in" 401 "$(cat "$scratch/status")"
	same code wrong_credentials "$(jq -r .code "$scratch/raced")"
	same "sessions that are left" 0 "$(sql "select count(*) from users.session where user_id = '$user_id' and ended_at is null")"
}

log_in_waits()
{
	[[ $(sql "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like '%for share%' and application_name <> 'psql'") != 0 ]]
}

a_log_in_during_a_change_of_password_fails()
{
	log_in_while "password_hash = 'changed'"
}

a_log_in_while_the_account_is_disabled_fails()
{
	log_in_while "status = 'disabled'"
}

a_session_tells_where_it_is_used()
{
	person ann
	log_in_with "$firefox"
	expect 200 GET /api/users/sessions -H "$as"
	same "keys" '["address","created_at","current","device","expires_at","last_used_at","network","place","session_id"]' \
	    "$(jq -c '.[0] | keys' "$scratch/body")"
	same sessions '[["Firefox on Linux",true],["curl",false]]' "$(jq -c 'map([.device, .current])' "$scratch/body")"
	same "session" "$session_id" "$(jq -r '.[0].session_id' "$scratch/body")"
	[[ $(jq -r '.[0].network' "$scratch/body") = */* ]] || fail "no network: $(body)"
	same caching "private, no-store" "$(header Cache-Control)"
	refresh_with "$refresh" 200
	expect 200 GET /api/users/sessions -H "$as"
	same "used since it began" true "$(jq '.[0].last_used_at > .[0].created_at' "$scratch/body")"
}

many_sessions_come_in_pages()
{
	person pag
	sql "insert into users.session (session_id, user_id, device, expires_at)
	     select gen_random_uuid(), '$user_id', 'curl', now() + interval '1 day' from generate_series(1, 30)" >/dev/null
	expect 200 GET /api/users/sessions -H "$as"
	same "first page" 20 "$(jq length "$scratch/body")"
	jq -r '.[].session_id' "$scratch/body" >"$scratch/seen"
	next=$(header Link | sed -n 's/.*<\([^>]*\)>; *rel="next".*/\1/p')
	expect 200 GET "${next#"$BASE"}" -H "$as"
	same "second page" 11 "$(jq length "$scratch/body")"
	jq -r '.[].session_id' "$scratch/body" >>"$scratch/seen"
	same "sessions in all" 31 "$(sort -u "$scratch/seen" | wc -l)"
}

# Whoever had a hundred thousand could end them at once, and all pools would refuse everybody.
an_account_has_a_hundred_open_sessions_at_most()
{
	person_with_session ada
	first=$session_id first_as=$as
	sql "insert into users.session (session_id, user_id, refresh_hash, expires_at, created_at)
	    select platform.uuid_v7(), '$user_id', sha256('x'), now() + interval '1 day', now() + interval '1 second'
	      from generate_series(1, 99)" >/dev/null
	log_in_with "$firefox"
	same open 100 "$(sql "select count(*) from users.session where user_id = '$user_id' and ended_at is null")"
	is_over "$first"
	expect 401 GET /api/users/profile -H "$first_as"
	expect 200 GET /api/users/profile -H "$as"
}

sessions_of_another_do_not_exist()
{
	person_with_session ann
	hers=$session_id her_token=$as
	expect 401 GET /api/users/sessions
	expect 401 DELETE /api/users/sessions
	expect 401 DELETE "/api/users/sessions/$hers"
	person_with_session bob
	expect 200 GET /api/users/sessions -H "$as"
	same "his own" 1 "$(jq length "$scratch/body")"
	expect 404 DELETE "/api/users/sessions/$hers" -H "$as"
	jq -S 'del(.request_id)' "$scratch/body" >"$scratch/hers"
	expect 404 DELETE "/api/users/sessions/$nobody" -H "$as"
	same body "$(cat "$scratch/hers")" "$(jq -S 'del(.request_id)' "$scratch/body")"
	expect 404 DELETE /api/users/sessions/anything -H "$as"
	expect 200 GET /api/users/sessions -H "$her_token"
}

a_session_that_is_ended_is_over_at_once()
{
	person_with_session end
	first=$session_id first_as=$as first_refresh=$refresh
	log_in_with "$firefox"
	expect 200 DELETE "/api/users/sessions/$first" -H "$as"
	same body '{"status":"success","message":"Session ended"}' "$(body)"
	for _ in 1 2 3 4 5 6 7 8; do
		expect 401 GET "/api/users/$user_id" -H "$first_as"
	done
	refresh_with "$first_refresh" 401
	log_in_with "$firefox"
	expect 200 DELETE "/api/users/sessions/$first" -H "$as"
	expect 200 GET /api/users/sessions -H "$as"
	same "sessions" 2 "$(jq length "$scratch/body")"
}

all_sessions_end_or_all_but_this_one()
{
	person_with_session eva
	first_as=$as
	log_in_with "$firefox"
	expect 422 DELETE '/api/users/sessions?others=perhaps' -H "$as"
	expect_problem invalid others
	expect 422 DELETE '/api/users/sessions?mine=true' -H "$as"
	for _ in 1 2; do
		expect 200 DELETE '/api/users/sessions?others=true' -H "$as"
		expect 401 GET "/api/users/$user_id" -H "$first_as"
		expect 200 GET "/api/users/$user_id" -H "$as"
	done
	expect 200 DELETE /api/users/sessions -H "$as"
	expect 401 GET "/api/users/$user_id" -H "$as"
	refresh_with "$refresh" 401
}

events_of()	# USER-ID
{
	sql "select count(*) from users.outbox where type = 'users.new_device' and data ->> 'user_id' = '$1'"
}

a_new_device_is_told_of_and_an_old_one_is_not()
{
	person new
	same "of the first device" 0 "$(events_of "$user_id")"
	log_in_as "$name"
	same "of the same device" 0 "$(events_of "$user_id")"
	log_in_with "$firefox"
	same "of a new device" 1 "$(events_of "$user_id")"
	log_in_with "$firefox"
	same "of the same again" 1 "$(events_of "$user_id")"
	same device "Firefox on Linux" "$(sql "select data ->> 'device' from users.outbox where type = 'users.new_device' and data ->> 'user_id' = '$user_id'")"
	sql "update users.session set network = '203.0.113.0/24' where user_id = '$user_id'" >/dev/null
	log_in_with "$firefox"
	same "of another network" 2 "$(events_of "$user_id")"
}

mail_to()	# ADDRESS
{
	mail=$(grep -rlF "To: $1" "$state/mail" | head -n 1)
	[[ -n $mail ]]
}

a_new_device_is_told_of_by_mail()
{
	person mai
	log_in_with "$firefox"
	until_true 20 mail_to "$name@example.org"
	grep -q 'Firefox on Linux' "$mail" || fail "no device in: $(cat "$mail")"
	grep -q "/api/users/sessions/$session_id" "$mail" || fail "no way to end it in: $(cat "$mail")"
}

# fail_to_log_in TIMES [CURL ARGUMENT...]
fail_to_log_in()
{
	local times=$1 i

	shift
	for ((i = 0; i < times; i++)); do
		expect 401 POST /api/users/login "{\"username\":\"$name\",\"password\":\"wrong horse\"}" "$@"
		expect_problem wrong_credentials
	done
}

refused_log_in()	# [CURL ARGUMENT...]
{
	expect 429 POST /api/shop/login "{\"email\":\"$name@example.org\",\"password\":\"correct horse\"}" "$@"
	expect_problem too_many
	[[ $(header Retry-After) -gt 0 ]] || fail "no Retry-After: $(cat "$scratch/headers")"
}

# Anyone may open an account with the address of a stranger, who did not ask for its mails.
nobody_is_flooded_by_log_ins()
{
	person ada
	for number in $(seq 16); do
		log_in_with "thing$number/1"
	done
	same mails 12 "$(sql "select count(*) from users.mail where user_id = '$user_id'")"
	same events 16 "$(sql "select count(*) from users.outbox where data ->> 'user_id' = '$user_id' and type = 'users.new_device'")"
	expect 202 POST /api/users/password/reset "{\"email\":\"$name@example.org\"}" --interface "127.0.6.$((RANDOM % 250 + 1))"
	until_true 10 mailed 'Set a new password'
}

mailed()	# SUBJECT
{
	[[ $(sql "select count(*) from users.mail where user_id = '$user_id' and subject = '$1'") = 1 ]]
}

five_failures_shut_an_account_for_this_address_alone()
{
	person fai
	fail_to_log_in 5
	refused_log_in
	expect 200 POST /api/users/login "{\"username\":\"$name\",\"password\":\"correct horse\"}" --interface 127.0.0.77
	refused_log_in
	person fai
	log_in_as "$name"
}

a_log_in_forgets_the_failures_before_it()
{
	person fog
	for _ in 1 2; do
		fail_to_log_in 4
		log_in_as "$name"
	done
	fail_to_log_in 5
	refused_log_in
}

an_unknown_name_is_counted_as_a_known_one()
{
	name=$(unique nob)
	fail_to_log_in 4
	name=$(tr '[:lower:]' '[:upper:]' <<<"$name")
	fail_to_log_in 1
	expect 429 POST /api/users/login "{\"username\":\"$name\",\"password\":\"wrong horse\"}"
}

# A name never has an @: shown as one, an address is nobody's, and must not be counted as the address itself.
the_limit_does_not_tell_which_addresses_have_an_account()
{
	person ada
	for address in "$name@example.org" "$(unique nobody)@example.org"; do
		for _ in 1 2 3 4 5; do
			expect 401 POST /api/users/login "{\"username\":\"$address\",\"password\":\"wrong\"}"
		done
		expect 429 POST /api/users/login "{\"username\":\"$address\",\"password\":\"wrong\"}"
		expect 401 POST /api/users/login "{\"email\":\"$address\",\"password\":\"wrong\"}"
	done
}

many_addresses_together_shut_an_account_for_all()
{
	local host

	person bot
	for host in {1..20}; do
		fail_to_log_in 5 --interface "127.0.1.$host"
	done
	refused_log_in --interface 127.0.2.1
}

# The network of the person's earlier log-in, 127.0.0.0/24, is known.
many_addresses_shut_nobody_out_at_home()
{
	many_addresses_together_shut_an_account_for_all
	fail_to_log_in 4 --interface 127.0.0.9
	expect 200 POST /api/users/login "{\"username\":\"$name\",\"password\":\"correct horse\"}" --interface 127.0.0.9
	person bot
	fail_to_log_in 5 --interface 127.0.0.9
	refused_log_in --interface 127.0.0.9
}

a_hostile_user_agent_logs_in()
{
	local agent

	person age
	for agent in "$(printf '%03000d' 0)" "$(printf '\377\376')" "Mozilla/5.0 $(printf '%02000d' 0) Firefox/1" '<script>'; do
		log_in_with "$agent"
	done
	expect 200 GET /api/users/sessions -H "$as"
	same devices '["Unknown device","Browser","Unknown device","00000000000000000000000000000000","curl"]' \
	    "$(jq -c 'map(.device)' "$scratch/body")"
}

tell \
	every_spelling_logs_in_accounts_of_all_others \
	each_spelling_of_log_in_answers_with_its_keys \
	a_session_is_renewed_again_and_again \
	the_shop_renews_with_exactly_its_keys \
	a_renewal_pushes_the_end_of_the_session_out \
	a_token_that_ran_out_does_not_hinder_its_renewal \
	parallel_renewals_agree \
	a_lost_answer_is_given_again_for_ten_seconds \
	a_token_used_again_ends_the_session_for_thief_and_owner \
	a_great_grandparent_used_again_ends_the_session \
	nobody_ends_a_session_by_guessing \
	what_is_no_refresh_token_is_refused_alike \
	the_generation_cannot_run_over \
	nothing_is_renewed_after_log_out \
	nothing_is_renewed_after_its_time \
	a_closed_account_neither_renews_nor_logs_in \
	a_renewal_reads_the_roles_anew \
	a_log_in_during_a_change_of_password_fails \
	a_log_in_while_the_account_is_disabled_fails \
	a_session_tells_where_it_is_used \
	many_sessions_come_in_pages \
	an_account_has_a_hundred_open_sessions_at_most \
	sessions_of_another_do_not_exist \
	a_session_that_is_ended_is_over_at_once \
	all_sessions_end_or_all_but_this_one \
	a_new_device_is_told_of_and_an_old_one_is_not \
	a_new_device_is_told_of_by_mail \
	nobody_is_flooded_by_log_ins \
	five_failures_shut_an_account_for_this_address_alone \
	a_log_in_forgets_the_failures_before_it \
	an_unknown_name_is_counted_as_a_known_one \
	the_limit_does_not_tell_which_addresses_have_an_account \
	many_addresses_together_shut_an_account_for_all \
	many_addresses_shut_nobody_out_at_home \
	a_hostile_user_agent_logs_in
