#!/bin/bash
# A person goes: what is left names nobody.
# shellcheck disable=SC2154 # lib.sh and stack.sh set them
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/stack.sh
. "$(dirname "$0")/stack.sh"

nobody=01890000-0000-7000-8000-000000000000
password='{"password":"correct horse"}'
reason='{"reason":"asked for by letter"}'

# The whole database and all of Redis, as text: bytes of bytea are hexadecimal there.
dump() {
	local pgbin

	pgbin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -t/ -k5 -n | tail -n 1)
	PATH=$PATH:$pgbin pg_dump -h "$state/run/pg" -p "$(sql 'show port')" -U marquee_owner marquee >"$scratch/postgres"
	dump_redis redis
	dump_redis bus
}

dump_redis() {	# NAME
	redis-cli -s "$state/run/$1.sock" config set rdbcompression no >/dev/null
	redis-cli -s "$state/run/$1.sock" --rdb "$scratch/$1" >/dev/null 2>&1
	redis-cli -s "$state/run/$1.sock" config set rdbcompression yes >/dev/null
	[[ -s $scratch/$1 ]] || fail "no dump of $1"
}

# How many of a text, whatever its case, plain or as hexadecimal.
found() {
	grep -a -i -c -e "$1" -e "$(printf %s "$1" | od -An -v -tx1 | tr -d ' \n')" "$scratch/postgres" "$scratch/redis" "$scratch/bus" |
		awk -F : '{ n += $NF } END { print n }'
}

is_ready() {
	call GET "/api/users/exports/$export" -H "$as"
	[[ $status = 200 && $(json status) = ready ]]
}

mail_is_gone() {
	[[ $(sql "select count(*) from users.mail where user_id = '$1'") = 0 ]]
}

# Other domains hear of it by an event.
is_nowhere() {
	dump
	[[ $(found "$zoe") = 0 ]]
}

an_erased_person_is_nowhere_in_any_store() {
	administrator ada
	admin=$as
	person zoe
	zoe=$name hers=$user_id
	expect 201 POST /api/probe/notes "{\"text\":\"by $zoe\"}" -H "$as"
	expect 200 PUT "/api/users/$hers/preferences/notifications" "{\"enabled\":true,\"types\":[\"word$zoe\"]}" -H "$as"
	expect 200 PUT "/api/users/$hers/status" "{\"status\":\"active\",\"reason\":\"is really $zoe\"}" -H "$admin"
	expect 202 POST /api/users/exports '{}' -H "$as" -H "Idempotency-Key: $zoe"
	export=$(json export_id)
	until_true 20 is_ready
	dump
	[[ $(found "$zoe") -gt 2 && $(found "$zoe@example.org") -gt 0 ]] || fail "was not there before"
	expect 200 POST "/api/users/$hers/erasure" "$password" -H "$as"
	same body '{"status":"success","message":"Account erased"}' "$(body)"
	until_true 30 mail_is_gone "$hers"
	until_true 20 is_nowhere
	same account "t erased {user} $hers@erased.invalid" "$(sql "select password_hash is null, status, roles, email
	    from users.account where user_id = '$hers'" | tr '|' ' ')"
	same "sessions with a trace" 0 "$(sql "select count(*) from users.session
	    where user_id = '$hers' and (ended_at is null or coalesce(refresh_hash::text, address::text, user_agent, device, network::text, place) is not null)")"
	same "exports" 0 "$(sql "select count(*) from users.export where user_id = '$hers'")"
	same "acts by id" 1 "$(sql "select count(*) from users.audit where target @> array['$hers']")"
}

the_event_is_the_last_of_the_account() {
	person zoe
	expect 200 PUT "/api/users/$user_id/preferences/notifications" '{"enabled":false,"types":[]}' -H "$as"
	expect 200 POST "/api/users/$user_id/erasure" "$password" -H "$as"
	same event "users.erased|{\"user_id\": \"$user_id\"}|t" "$(sql "
	    select type, data, version = (select version from users.account where user_id = aggregate_id)
	      from users.outbox where aggregate_id = '$user_id' order by version desc limit 1")"
	same "what was told before" "{\"user_id\": \"$user_id\"}" "$(sql "
	    select data from users.outbox where aggregate_id = '$user_id' and type = 'users.registered'")"
}

an_erased_person_is_unknown_from_then_on() {
	person zoe
	expect 200 POST "/api/users/$user_id/erasure" "$password" -H "$as"
	for _ in 1 2 3 4 5 6; do
		expect 401 GET "/api/users/$user_id" -H "$as"
	done
	expect 401 POST /api/users/login "{\"username\":\"$name\",\"password\":\"correct horse\"}"
	expect_problem wrong_credentials
	expect 401 POST /api/users/login "{\"email\":\"$user_id@erased.invalid\",\"password\":\"correct horse\"}"
	expect 401 POST "/api/users/$user_id/erasure" "$password" -H "$as"
	administrator ada
	expect 404 GET "/api/users/$user_id-" -H "$as"
	expect 404 POST "/api/users/$nobody/erasure" "$reason" -H "$as"
}

the_name_and_the_address_are_free_again() {
	person zoe
	old=$user_id
	expect 200 POST "/api/users/$user_id/erasure" "$password" -H "$as"
	expect 201 POST /api/users/register \
	    "{\"username\":\"$name\",\"email\":\"$name@example.org\",\"password\":\"correct horse\"}"
	log_in_as "$name"
	[[ $user_id != "$old" ]] || fail "the same account"
}

a_person_shows_the_password() {
	person zoe
	expect 403 POST "/api/users/$user_id/erasure" '{"password":"wrong horse"}' -H "$as"
	expect_problem wrong_password
	expect 422 POST "/api/users/$user_id/erasure" '{}' -H "$as"
	expect_problem invalid password
	expect 422 POST "/api/users/$user_id/erasure" '{"password":"correct horse","reason":"because"}' -H "$as"
	expect_problem invalid reason
	expect 401 POST "/api/users/$user_id/erasure" "$password"
	expect 200 GET "/api/users/$user_id" -H "$as"
}

nobody_erases_another() {
	person zoe
	hers=$user_id her_header=$as
	person bob
	expect 403 POST "/api/users/$hers/erasure" "$password" -H "$as"
	expect_problem not_yours
	expect 403 POST "/api/users/$hers/erasure" "$reason" -H "$as"
	expect 403 POST "/api/users/$hers/erasure" "$reason" -H "Authorization: Bearer $(service_token)"
	expect 200 GET "/api/users/$hers" -H "$her_header"
}

an_administrator_erases_with_a_reason_that_names_nobody() {
	person zoe
	hers=$user_id her_header=$as zoe=$name
	administrator ada
	expect 422 POST "/api/users/$hers/erasure" '{}' -H "$as"
	expect_problem invalid reason
	expect 422 POST "/api/users/$hers/erasure" "{\"reason\":\"letter of ${zoe^^}\"}" -H "$as"
	expect_problem invalid reason
	expect 422 POST "/api/users/$hers/erasure" '{"reason":"letter","password":"correct horse"}' -H "$as"
	expect_problem invalid password
	expect 200 GET "/api/users/$hers" -H "$her_header"
	expect 200 POST "/api/users/$hers/erasure" "$reason" -H "$as"
	expect 401 GET "/api/users/$hers" -H "$her_header"
	expect 404 POST "/api/users/$hers/erasure" "$reason" -H "$as"
	expect 404 PUT "/api/users/$hers/roles" '{"roles":["organiser"]}' -H "$as"
	expect 404 PUT "/api/users/$hers/status" '{"status":"active","reason":"because"}' -H "$as"
	same act "asked for by letter" "$(sql "select details ->> 'reason' from users.audit
	    where target @> array['$hers'] and action = 'POST /api/users/{user_id}/erasure'")"
}

a_closed_account_can_be_erased() {
	person zoe
	hers=$user_id
	administrator ada
	expect 200 PUT "/api/users/$hers/status" '{"status":"disabled","reason":"spam"}' -H "$as"
	expect 200 POST "/api/users/$hers/erasure" "$reason" -H "$as"
}

# Of the others the role is taken, and given back: other stories and people have theirs.
the_last_administrator_stays() {
	administrator ada
	others=$(sql "with taken as (update users.account set roles = array_remove(roles, 'admin')
	    where 'admin' = any (roles) and user_id <> '$user_id' returning user_id)
	    select coalesce(string_agg(quote_literal(user_id), ','), 'null') from taken")
	trap 'sql "update users.account set roles = array_append(roles, '\''admin'\'') where user_id in ($others)"' EXIT
	expect 409 POST "/api/users/$user_id/erasure" "$password" -H "$as"
	expect_problem last_admin
	expect 200 GET "/api/users/$user_id" -H "$as"
	same "mails" 0 "$(sql "select count(*) from users.mail where user_id = '$user_id' and subject = 'Your account is gone'")"
}

tell \
	an_erased_person_is_nowhere_in_any_store \
	the_event_is_the_last_of_the_account \
	an_erased_person_is_unknown_from_then_on \
	the_name_and_the_address_are_free_again \
	a_person_shows_the_password \
	nobody_erases_another \
	an_administrator_erases_with_a_reason_that_names_nobody \
	a_closed_account_can_be_erased \
	the_last_administrator_stays
