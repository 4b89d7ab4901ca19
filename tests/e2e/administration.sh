#!/bin/bash
# What administrators do with accounts, and the log of what they did.
# shellcheck disable=SC2154 # lib.sh and stack.sh set them
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/stack.sh
. "$(dirname "$0")/stack.sh"

nobody=01890000-0000-7000-8000-000000000000

# acts TARGET [FILTER]: how many rows the log has of it.
acts() {
	expect 200 GET "/api/users/audit?target=$1${2:+&$2}" -H "$admin"
	jq length "$scratch/body"
}

roles_of() {
	sql "select array_to_string(roles, ' ') from users.account where user_id = '$1'"
}

roles_are_given_by_an_administrator_and_kept_in_order() {
	person ann
	hers=$user_id
	administrator ada
	admin=$as
	for _ in 1 2; do
		expect 200 PUT "/api/users/$hers/roles" '{"roles":["producer","organiser","producer"]}' -H "$admin"
		same roles '["user","organiser","producer"]' "$(jq -c .roles "$scratch/body")"
		same keys '["roles","user_id","username"]' "$(jq -c keys "$scratch/body")"
	done
	same events 1 "$(sql "select count(*) from users.outbox where aggregate_id = '$hers' and type = 'users.roles_changed'")"
	same event '["user", "organiser", "producer"]' "$(sql "select data -> 'roles' from users.outbox
	    where aggregate_id = '$hers' and type = 'users.roles_changed'")"
}

an_added_role_leaves_the_session_and_a_lost_one_ends_it() {
	person ann
	hers=$user_id her_header=$as
	administrator ada
	expect 200 PUT "/api/users/$hers/roles" '{"roles":["organiser"]}' -H "$as"
	expect 200 GET "/api/users/$hers" -H "$her_header"
	expect 200 PUT "/api/users/$hers/roles" '{"roles":[]}' -H "$as"
	for _ in 1 2 3 4 5 6; do
		expect 401 GET "/api/users/$hers" -H "$her_header"
	done
}

roles_that_make_no_sense_change_nothing() {
	person ann
	hers=$user_id
	administrator ada
	for roles in '["service"]' '["king"]' '[1]' '"admin"' '["organiser","service"]' null; do
		expect 422 PUT "/api/users/$hers/roles" "{\"roles\":$roles}" -H "$as"
	done
	expect 422 PUT "/api/users/$hers/roles" '{"roles":["service"]}' -H "$as"
	expect_problem invalid 'roles[0]'
	expect 404 PUT "/api/users/$nobody/roles" '{"roles":["organiser"]}' -H "$as"
	expect 404 PUT /api/users/anything/roles '{"roles":["organiser"]}' -H "$as"
	same roles user "$(roles_of "$hers")"
}

nobody_but_an_administrator_gets_in() {
	person ann
	service="Authorization: Bearer $(service_token)"
	for route in "PUT /api/users/$user_id/roles" "PUT /api/users/$user_id/status" "GET /api/users/audit"; do
		method=${route% *} path=${route#* }
		case $path in
		*roles)		body='{"roles":["admin"]}' ;;
		*status)	body='{"status":"active","reason":"because"}' ;;
		*)		body='' ;;
		esac
		expect 401 "$method" "$path" ${body:+"$body"}
		expect 403 "$method" "$path" ${body:+"$body"} -H "$as"
		expect_problem forbidden
		expect 403 "$method" "$path" ${body:+"$body"} -H "$service"
	done
	same roles user "$(roles_of "$user_id")"
}

a_closed_account_is_signed_out_and_stays_out_until_it_is_opened() {
	person ann
	hers=$user_id her_header=$as her_name=$name
	administrator ada
	admin=$as
	for _ in 1 2; do
		expect 200 PUT "/api/users/$hers/status" '{"status":"disabled","reason":"spam"}' -H "$admin"
		same answer "[\"$hers\",\"$her_name\",\"disabled\"]" "$(jq -c '[.user_id, .username, .status]' "$scratch/body")"
	done
	same events 1 "$(sql "select count(*) from users.outbox where aggregate_id = '$hers' and type = 'users.status_changed'")"
	expect 401 GET "/api/users/$hers" -H "$her_header"
	expect 401 POST /api/users/login "{\"username\":\"$her_name\",\"password\":\"correct horse\"}"
	expect_problem wrong_credentials
	expect 200 PUT "/api/users/$hers/status" '{"status":"active","reason":"mistaken"}' -H "$admin"
	log_in_as "$her_name"
}

a_status_that_makes_no_sense_changes_nothing() {
	person ann
	hers=$user_id
	administrator ada
	expect 422 PUT "/api/users/$hers/status" '{"status":"erased","reason":"because"}' -H "$as"
	expect_problem invalid status
	expect 422 PUT "/api/users/$hers/status" '{"status":"disabled"}' -H "$as"
	expect_problem invalid reason
	expect 404 PUT "/api/users/$nobody/status" '{"status":"disabled","reason":"because"}' -H "$as"
	expect 409 PUT "/api/users/$user_id/status" '{"status":"disabled","reason":"because"}' -H "$as"
	expect_problem yourself
	same status active "$(sql "select status from users.account where user_id = '$hers'")"
}

an_act_stands_in_the_log_with_who_when_and_what() {
	person ann
	hers=$user_id
	administrator ada
	admin=$as
	before=$(date -u +%Y-%m-%dT%H:%M:%SZ)
	same "before" 0 "$(acts "$hers")"
	expect 200 PUT "/api/users/$hers/status" '{"status":"disabled","reason":"spam"}' -H "$admin"
	request=$(header X-Request-Id)
	same "after" 1 "$(acts "$hers")"
	same act "[\"$user_id\",null,[\"user\",\"admin\"],\"PUT /api/users/{user_id}/status\",[\"$hers\"],200,\"spam\"]" \
	    "$(jq -c '.[0] | [.actor_id, .actor_name, .actor_roles, .action, .target, .status, .details.reason]' "$scratch/body")"
	same "request" "$request" "$(jq -r '.[0].request_id' "$scratch/body")"
	same "by that one" 1 "$(acts "$hers" "actor_id=$user_id&from=$before")"
	same "by another" 0 "$(acts "$hers" "actor_id=$hers")"
	same "until then" 0 "$(acts "$hers" "to=$before")"
}

what_was_refused_is_not_in_the_log() {
	administrator ada
	admin=$as
	expect 404 PUT "/api/users/$nobody/roles" '{"roles":["organiser"]}' -H "$admin"
	expect 409 PUT "/api/users/$user_id/status" '{"status":"disabled","reason":"because"}' -H "$admin"
	same "acts" 0 "$(acts "$user_id" "actor_id=$user_id")"
	same "acts" 0 "$(acts "$nobody" "actor_id=$user_id")"
}

what_a_person_does_is_not_in_the_log() {
	person ann
	hers=$user_id
	expect 200 PUT "/api/users/$hers/preferences/notifications" '{"enabled":false,"types":[]}' -H "$as"
	administrator ada
	admin=$as
	same "acts" 0 "$(acts "$hers")"
	expect 200 PUT "/api/users/$hers/preferences/notifications" '{"enabled":true,"types":[]}' -H "$admin"
	same "acts" 1 "$(acts "$hers")"
}

the_log_is_paged_from_the_newest() {
	person ann
	hers=$user_id
	administrator ada
	for roles in '["organiser"]' '["producer"]' '[]'; do
		expect 200 PUT "/api/users/$hers/roles" "{\"roles\":$roles}" -H "$as"
	done
	seen='' path="/api/users/audit?target=$hers&limit=2"
	while [[ -n $path ]]; do
		expect 200 GET "$path" -H "$as"
		seen+=$(jq -r '.[] | .details.roles' "$scratch/body")$'\n'
		path=$(header Link | sed -n 's|^<https://[^/]*\(/[^>]*\)>.*|\1|p')
	done
	same acts '["user"]|["user","producer"]|["user","organiser"]' "$(sed '/^$/d' <<<"$seen" | paste -sd '|')"
	expect 422 GET '/api/users/audit?from=yesterday' -H "$as"
	expect_problem invalid from
}

nobody_changes_what_stands_in_the_log() {
	id=$(sql "insert into users.audit (actor_name, action, status) values ('probe', '$(unique probe)', 200) returning id")
	for change in "update users.audit set actor_name = 'other' where id = $id" \
	    "update users.audit set details = '{\"a\":1}' where id = $id" "delete from users.audit where id = $id"; do
		! sql "begin; set local role users; $change; commit" 2>"$scratch/error" || fail "done: $change"
		grep -q 'what stands in the audit log stays' "$scratch/error" || fail "$(cat "$scratch/error")"
	done
}

acts_are_kept_for_400_days() {
	action=$(unique probe)
	sql "insert into users.audit (at, actor_name, action, status)
	    select now() - days * interval '1 day', 'probe', '$action', 200 from unnest(array[399, 401]) days;
	    update users.timer set due_at = now() where name = 'forget old acts'"
	until_true 20 one_is_left "$action"
}

one_is_left() {
	[[ $(sql "select count(*) from users.audit where action = '$1'") = 1 ]]
}

the_machine_and_services_stand_in_the_log_by_name() {
	administrator ada
	same "made by" "marqueectl --add-user" "$(ctl audit --domain users --json |
		jq -r --arg id "$user_id" 'select(.target == [$id]) | "\(.actor_name) \(.action)"')"
	service=$(unique svc)
	ctl token --role admin --name "$service" >"$scratch/token"
	same "issued by" "marqueectl --issue-token" "$(ctl audit --json |
		jq -r --arg name "$service" 'select(.target == [$name]) | "\(.actor_name) \(.action)"')"
	expect 200 PUT "/api/users/$user_id/roles" '{"roles":["admin"]}' -H "Authorization: Bearer $(cat "$scratch/token")"
	ctl audit --since yesterday | grep -q "users  $service  PUT /api/users/{user_id}/roles  $user_id  200" ||
		fail "not shown: $service"
	same "of tomorrow" '' "$(ctl audit --since tomorrow)"
	ctl audit --since '5 minutes ago' --json | jq -es 'length > 0' >/dev/null || fail "nothing in 5 minutes"
	! ctl audit --since nonsense 2>"$scratch/error" || fail "a time that there is not"
	! ctl audit --domain nothing 2>"$scratch/error" || fail "a domain that there is not"
}

services_that_come_and_go_stand_in_the_log_and_one_that_stays_does_not() {
	service=$(unique svc) secret=$(unique secret)$(unique secret)
	for _ in 1 2; do
		printf '%s\n' "$secret" | ctl service add "$service" --secret-stdin >/dev/null
	done
	ctl service end "$service"
	same acts '--add-service --end-service' "$(ctl audit --json |
		jq -r --arg name "$service" 'select(.target == [$name]) | .action' | paste -sd ' ')"
}

an_administrator_may_leave_when_another_stays() {
	administrator ada
	first=$as first_id=$user_id
	administrator bob
	expect 200 PUT "/api/users/$first_id/roles" '{"roles":[]}' -H "$first"
	expect 401 GET "/api/users/$first_id" -H "$first"
}

# Of the others the role is taken, and given back: other stories and people have theirs.
of_two_administrators_who_take_each_others_role_one_stays() {
	administrator ada
	ada=$user_id as_ada=$as
	administrator bob
	bob=$user_id as_bob=$as
	others=$(sql "with taken as (update users.account set roles = array_remove(roles, 'admin')
	    where 'admin' = any (roles) and user_id not in ('$ada', '$bob') returning user_id)
	    select coalesce(string_agg(quote_literal(user_id), ','), 'null') from taken")
	trap 'sql "update users.account set roles = array_append(roles, '\''admin'\'') where user_id in ($others)"' EXIT
	for pair in "$as_ada|$bob" "$as_bob|$ada"; do
		# shellcheck disable=SC2086
		$CURL -o /dev/null -w '%{http_code}\n' -X PUT "$BASE/api/users/${pair#*|}/roles" -H "${pair%|*}" \
		    -H 'Content-Type: application/json' -d '{"roles":[]}' >>"$scratch/statuses" &
	done
	wait
	same "one was taken" 1 "$(grep -c 200 "$scratch/statuses")"
	same "administrators" 1 "$(sql "select count(*) from users.account
	    where 'admin' = any (roles) and user_id in ('$ada', '$bob')")"
	if [[ $(roles_of "$ada") = *admin* ]]; then last=$ada as=$as_ada; else last=$bob as=$as_bob; fi
	expect 409 PUT "/api/users/$last/roles" '{"roles":[]}' -H "$as"
	expect_problem last_admin
}

tell \
	roles_are_given_by_an_administrator_and_kept_in_order \
	an_added_role_leaves_the_session_and_a_lost_one_ends_it \
	roles_that_make_no_sense_change_nothing \
	nobody_but_an_administrator_gets_in \
	a_closed_account_is_signed_out_and_stays_out_until_it_is_opened \
	a_status_that_makes_no_sense_changes_nothing \
	an_act_stands_in_the_log_with_who_when_and_what \
	what_was_refused_is_not_in_the_log \
	what_a_person_does_is_not_in_the_log \
	the_log_is_paged_from_the_newest \
	nobody_changes_what_stands_in_the_log \
	acts_are_kept_for_400_days \
	the_machine_and_services_stand_in_the_log_by_name \
	services_that_come_and_go_stand_in_the_log_and_one_that_stays_does_not \
	an_administrator_may_leave_when_another_stays \
	of_two_administrators_who_take_each_others_role_one_stays
