#!/bin/bash
# All that is known of a person, asked for, put together and fetched.
# shellcheck disable=SC2154 # lib.sh and stack.sh set them
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/stack.sh
. "$(dirname "$0")/stack.sh"

nobody=01890000-0000-7000-8000-000000000000

# exporter NAME: a person who asked; sets $export.
exporter() {
	person "$1"
	expect 202 POST /api/users/exports '{}' -H "$as"
	export=$(json export_id)
}

# expecting DOMAINS: as if the setting named them when it was asked for.
expecting() {
	sql "update users.export set domains = string_to_array('$1', ' '), status = 'pending', archive = null,
	    ready_at = null, expires_at = null where export_id = '$export'"
}

is() {	# STATUS
	call GET "/api/users/exports/$export" -H "$as"
	[[ $status = 200 && $(json status) = "$1" ]]
}

fetch() {
	expect 200 GET "/api/users/exports/$export/archive" -H "$as"
	cp "$scratch/body" "$scratch/archive.zip"
}

unzipped() {	# NAME
	python3 -c 'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None
sys.stdout.write(z.read(sys.argv[2]).decode())' "$scratch/archive.zip" "$1"
}

names() {
	python3 -c 'import sys, zipfile; print(*sorted(zipfile.ZipFile(sys.argv[1]).namelist()))' "$scratch/archive.zip"
}

# deliver STATUS SERVICE DOMAIN BODY
deliver() {
	internal_status=$(curl -sS --unix-socket "$state/run/internal.sock" -o "$scratch/body" -w '%{http_code}' -X PUT \
	    "http://users/internal/exports/$export/parts/$3" -H 'Content-Type: application/json' \
	    -H "Authorization: Bearer $(ctl token --role service --name "$2")" --data-binary "$4")
	[[ $internal_status = "$1" ]] || fail "part of $3 by $2: $internal_status instead of $1: $(body)"
}

an_export_holds_what_the_api_shows() {
	person ann
	note=$(unique note)
	expect 201 POST /api/probe/notes "{\"text\":\"$note\"}" -H "$as"
	expect 202 POST /api/users/exports '{}' -H "$as"
	export=$(json export_id)
	same keys '["expires_at","export_id","missing","ready_at","requested_at","size","status"]' \
	    "$(jq -c keys "$scratch/body")"
	same event "$user_id|t" "$(sql "select data ->> 'user_id', data -> 'domains' @> '[\"users\", \"probe\"]' from users.outbox
	    where type = 'users.export_requested' and aggregate_id = '$export'")"
	until_true 20 is ready
	size=$(json size)
	same missing '[]' "$(jq -c .missing "$scratch/body")"
	fetch
	same type application/zip "$(header Content-Type)"
	same size "$size" "$(stat -c %s "$scratch/archive.zip")"
	same caching "private, no-store" "$(header Cache-Control)"
	header Content-Disposition | grep -qE '^attachment; filename="marquee-[0-9-]{10}\.zip"$' || fail "$(header Content-Disposition)"
	same files "README.txt $(sql "select string_agg(d || '.json', ' ' order by d)
	    from users.export, unnest(domains) d where export_id = '$export'")" "$(names)"
	same "what another domain knows" "$note" "$(unzipped probe.json | jq -r '.note[].text')"
	unzipped users.json >"$scratch/users.json"
	expect 200 GET "/api/users/$user_id" -H "$as"
	for key in user_id username email preferences roles; do
		same "$key" "$(jq -c ".data.$key" "$scratch/body")" "$(jq -c ".account.$key" "$scratch/users.json")"
	done
	same sessions 1 "$(jq '.sessions | length' "$scratch/users.json")"
	same "an event" 1 "$(sql "select count(*) from users.outbox
	    where type = 'users.export_ready' and aggregate_id = '$export'")"
	same "a mail" 1 "$(sql "select count(*) from users.mail where user_id = '$user_id' and subject = 'Your data is ready'")"
	same "second factor" false "$(jq .second_factor "$scratch/users.json")"
	same device curl "$(jq -r '.sessions[0].device' "$scratch/users.json")"
	! grep -q 'argon2\|password_hash\|refresh_hash' "$scratch/users.json" || fail "a secret is in it"
}

what_administrators_did_to_a_person_is_in_it() {
	person ann
	expect 403 PUT "/api/users/$user_id/roles" '{"roles":["organiser"]}' -H "$as"
	hers=$user_id her_header=$as
	expect 200 PUT "/api/users/$hers/roles" '{"roles":["organiser"]}' \
	    -H "Authorization: Bearer $(ctl token --role admin --name "$(unique adm)")"
	as=$her_header
	expect 202 POST /api/users/exports -H "$as"
	export=$(json export_id)
	until_true 20 is ready
	fetch
	same act '["PUT /api/users/{user_id}/roles"]' "$(unzipped users.json | jq -c '[.acts[].action]')"
}

asking_twice_is_once_and_there_is_one_a_day() {
	exporter ann
	until_true 20 is ready
	expecting "users other"
	expect 202 POST /api/users/exports '{}' -H "$as"
	same "the same" "$export" "$(json export_id)"
	deliver 200 other other '{}'
	until_true 20 is ready
	expect 429 POST /api/users/exports '{}' -H "$as"
	expect_problem too_many
	wait_s=$(header Retry-After)
	[[ $wait_s -gt 86000 && $wait_s -le 86400 ]] || fail "Retry-After: $wait_s"
	sql "update users.export set requested_at = requested_at - interval '25 hours' where export_id = '$export'"
	expect 202 POST /api/users/exports '{}' -H "$as"
	[[ $(json export_id) != "$export" ]] || fail "the old one"
	expect 200 GET /api/users/exports -H "$as"
	same "exports" 2 "$(jq length "$scratch/body")"
}

an_export_is_its_owners_alone() {
	exporter ann
	until_true 20 is ready
	person bob
	for path in "/api/users/exports/$export" "/api/users/exports/$export/archive"; do
		expect 401 GET "$path"
		expect 404 GET "$path" -H "$as"
		expect 403 GET "$path" -H "Authorization: Bearer $(service_token)"
		expect 404 GET "$path" -H "Authorization: Bearer $(admin_token)"
	done
	expect 404 GET "/api/users/exports/$nobody" -H "$as"
	expect 200 GET /api/users/exports -H "$as"
	same "his" '[]' "$(jq -c . "$scratch/body")"
	expect 401 GET /api/users/exports
	expect 401 POST /api/users/exports '{}'
	expect 403 POST /api/users/exports '{}' -H "Authorization: Bearer $(service_token)"
	expect 422 POST /api/users/exports '{"user_id":"me"}' -H "$as"
}

# An administrator with an account.
admin_token() {
	who=$(unique adm)
	printf 'correct horse\n' | ctl user add "$who" --email "$who@example.org" --role admin --password-stdin >/dev/null
	expect 200 POST /api/users/login "{\"username\":\"$who\",\"password\":\"correct horse\"}"
	json token
}

it_waits_for_every_domain_and_takes_each_part_once() {
	exporter ann
	until_true 20 is ready
	expecting "users sports"
	is pending || fail "$(body)"
	expect 409 GET "/api/users/exports/$export/archive" -H "$as"
	expect_problem not_ready
	deliver 200 sports sports '{"follows":["ajax"]}'
	deliver 200 sports sports '{"follows":["psv"]}'
	until_true 20 is ready
	fetch
	same files "README.txt sports.json users.json" "$(names)"
	same "the first" '{"follows":["ajax"]}' "$(unzipped sports.json)"
	deliver 200 sports sports '{"follows":[]}'
	same "parts kept" 0 "$(sql "select count(*) from users.export_part where export_id = '$export'")"
}

a_service_delivers_its_own_part_and_no_other() {
	exporter ann
	until_true 20 is ready
	expecting "users sports"
	deliver 403 chat sports '{}'
	deliver 404 chat chat '{}'
	deliver 400 sports sports '{"follows":'
	deliver 400 sports sports ''
	head -c 9000000 /dev/zero | tr '\0' 1 >"$scratch/large"
	deliver 413 sports sports "@$scratch/large"
	{ printf '["'; head -c 3000000 /dev/zero | tr '\0' a; printf '"]'; } >"$scratch/large"
	deliver 200 sports sports "@$scratch/large"
	until_true 20 is ready
	fetch
	same "all of it" "$(cksum <"$scratch/large")" "$(unzipped sports.json | cksum)"
	as_person=$(curl -sS --unix-socket "$state/run/internal.sock" -o /dev/null -w '%{http_code}' -X PUT \
	    "http://users/internal/exports/$export/parts/sports" -H "$as" -H 'Content-Type: application/json' -d '{}')
	same "a person" 403 "$as_person"
	expect 404 PUT "/internal/exports/$export/parts/sports" '{}' -H "Authorization: Bearer $(service_token)"
}

after_a_day_it_is_given_without_what_is_missing_and_completed_when_that_comes() {
	exporter ann
	until_true 20 is ready
	expecting "users sports chat"
	deliver 200 sports sports '{"follows":[]}'
	sql "update users.export set requested_at = now() - interval '25 hours' where export_id = '$export'"
	until_true 20 is ready
	same missing '["chat"]' "$(jq -c .missing "$scratch/body")"
	until=$(json expires_at)
	fetch
	same files "README.txt sports.json users.json" "$(names)"
	unzipped README.txt | grep -q 'chat' || fail "the README does not say what is missing"
	deliver 200 chat chat '{"messages":[]}'
	until_true 20 is_complete
	fetch
	same files "README.txt chat.json sports.json users.json" "$(names)"
	same "the end stays" "$until" "$(is ready; json expires_at)"
}

is_complete() {
	is ready && [[ $(jq -c .missing "$scratch/body") = '[]' ]]
}

nothing_at_all_after_a_day_is_a_failure_and_another_may_be_asked_for() {
	exporter ann
	until_true 20 is ready
	sql "update users.export set domains = '{sports}', status = 'pending', archive = null, ready_at = null,
	    expires_at = null, requested_at = now() - interval '25 hours' where export_id = '$export'"
	until_true 20 is failed
	expect 410 GET "/api/users/exports/$export/archive" -H "$as"
	expect 202 POST /api/users/exports '{}' -H "$as"
}

an_export_is_gone_after_a_week() {
	exporter ann
	until_true 20 is ready
	sql "update users.export set expires_at = now() - interval '1 second' where export_id = '$export';
	    update users.timer set due_at = now() where name = 'forget old exports'"
	until_true 20 is expired
	expect 410 GET "/api/users/exports/$export/archive" -H "$as"
	expect_problem gone
	same "bytes" '' "$(sql "select archive from users.export where export_id = '$export'")"
	sql "update users.export set requested_at = now() - interval '31 days' where export_id = '$export';
	    update users.timer set due_at = now() where name = 'forget old exports'"
	until_true 20 is_forgotten
}

is_forgotten() {
	call GET "/api/users/exports/$export" -H "$as"
	[[ $status = 404 ]]
}

tell \
	an_export_holds_what_the_api_shows \
	what_administrators_did_to_a_person_is_in_it \
	asking_twice_is_once_and_there_is_one_a_day \
	an_export_is_its_owners_alone \
	it_waits_for_every_domain_and_takes_each_part_once \
	a_service_delivers_its_own_part_and_no_other \
	after_a_day_it_is_given_without_what_is_missing_and_completed_when_that_comes \
	nothing_at_all_after_a_day_is_a_failure_and_another_may_be_asked_for \
	an_export_is_gone_after_a_week
