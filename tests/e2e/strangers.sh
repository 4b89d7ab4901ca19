#!/bin/sh
# Every operation of every pool, called by those it is not meant for.  The list
# is the running stack's own OpenAPI document: a new route is here by itself.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

tab=$(printf '\t')
operations=$scratch/operations
unknown=01890000-0000-7000-8000-$(od -An -N6 -tx1 /dev/urandom | tr -d ' \n')

# Whose things all the others are after.
person victim
victim=$name victim_id=$user_id victim_token=$token
expect 200 GET /api/users/sessions -H "Authorization: Bearer $victim_token"
victim_session=$(jq -r 'first(.. | .session_id? // empty)' "$scratch/body")

# A line for each: method, path, roles that may ("anyone", "signed-in" or names), the least body it takes.
# Ids are the victim's where they are of a person or a session, else of nothing. Sockets are tried in realtime.sh.
# shellcheck disable=SC2086
$CURL -f -o "$scratch/body" "$BASE/api/openapi.json"
jq -r --arg person "$victim_id" --arg session "$victim_session" --arg unknown "$unknown" '
	def id($name; $before):
		if $name | test("session_id$") then $session
		elif ($name | test("user_id$|^sender$|^receiver$")) or ($before | test("/users?/$")) then $person
		else $unknown end;
	def value($name; $before):
		if .enum then .enum[0]
		elif .const then .const
		elif .type == "integer" then .minimum // 1
		elif .type == "boolean" then true
		elif .type == "array" then .items as $items | [range(.minItems // 0) | $items | value($name; "")]
		elif .type == "object" then . as $schema | [.required[]? | { key: ., value: (. as $key | $schema.properties[$key] | value($key; "")) }] | from_entries
		elif .format == "uuid" then id($name; $before)
		elif .format == "date-time" then "2031-01-01T00:00:00Z"
		elif .format == "password" then "wide rivers run slowly"
		elif $name | test("email") then "\($unknown)@example.org"
		else "x" * ([.minLength // 1, 1] | max) end;
	def filled($path; $parameters):
		reduce ($parameters[] | select(.in == "path")) as $p ($path;
			(index("{\($p.name)}")) as $at | .[:$at] + ($p.schema | value($p.name; $path[:$at]) | tostring) + .[$at + ($p.name | length) + 2:])
		+ ([$parameters[] | select(.in == "query" and .required) | "\(.name)=\(.name as $n | .schema | value($n; "") | tostring | @uri)"]
			| if . == [] then "" else "?" + join("&") end);
	.paths | to_entries[] | .key as $path | .value | to_entries[] | select(.value.responses["101"] == null)
	| (.value.parameters // []) as $parameters
	| [(.key | ascii_upcase), filled($path; $parameters),
		(if .value.security == [] then "anyone" else [.value.security[].bearer[]] | if . == [] then "signed-in" else join(" ") end end),
		(.value.requestBody.content["application/json"].schema // null | if . == null then "-" else value(""; "") | tojson end)]
	| @tsv' "$scratch/body" >"$operations"

# each COMMAND: with method, path, audience and body of every operation.
each() {
	while IFS=$tab read -r each_method each_path each_audience each_body <&3; do
		"$@"
	done 3<"$operations"
}

# As a client may see it at any time: no failure of ours, no refusal without a reason, nothing of the victim's.
ask() {
	case $each_body in
	-)	call "$each_method" "$each_path" "$@" ;;
	*)	call "$each_method" "$each_path" "$each_body" "$@" ;;
	esac
	[ "$status" -lt 500 ] || refuse "an error of ours"
	[ "$status" -lt 400 ] || [ "$(header Content-Type)" = application/problem+json ] || refuse "no problem document"
	! grep -q "$victim@example.org" "$scratch/body" || refuse "the victim's address is told"
}

refuse() {
	fail "$each_method $each_path: $1: $status $(head -c 600 "$scratch/body")"
}

# Nobody is asked to sign in where anyone may come; everybody is elsewhere.
must_sign_in_unless_anyone() {
	ask "$@"
	case $each_audience in
	anyone)	[ "$status" != 401 ] || [ "$(json code)" != sign_in ] || refuse "is for anyone" ;;
	*)	[ "$status" = 401 ] || refuse "is for who is signed in"
		same "code of $each_method $each_path" sign_in "$(json code)" ;;
	esac
}

the_document_tells_of_operations_for_all_and_of_others() {
	for audience in anyone signed-in; do
		grep -q "$tab$audience$tab" "$operations" || fail "none is for $audience"
	done
	! grep '[{}]' "$operations" | cut -f 2 | grep '[{}]' || fail "a path is not filled"
}

a_stranger_gets_what_is_for_anyone_and_nothing_else() {
	each must_sign_in_unless_anyone
}

a_token_of_garbage_is_as_good_as_none() {
	each must_sign_in_unless_anyone -H 'Authorization: Bearer garbage'
	each must_sign_in_unless_anyone -H "Authorization: Bearer ${victim_token%?????}AAAAA"
	each must_sign_in_unless_anyone -H "Authorization: Basic $victim_token"
}

# Other pools hear of a log-out a moment later.
wait_for_refusal() {
	[ "$each_audience" != anyone ] || return 0
	tries=100
	ask "$@"
	while [ "$status" != 401 ] && [ "$tries" -gt 0 ]; do
		tries=$((tries - 1))
		sleep 0.05
		ask "$@"
	done
}

the_token_of_a_session_that_ended_is_as_good_as_none() {
	person gone
	expect 200 POST /api/users/logout -H "$as"
	each wait_for_refusal -H "$as"
	each must_sign_in_unless_anyone -H "$as"
}

# Some operation may have ended the session, or the account.
stay_signed_in() {
	if [ -n "${mallory:-}" ]; then
		call GET "/api/users/$mallory" -H "$as"
		[ "$status" != 200 ] || return 0
	fi
	person mallory
	mallory=$user_id
}

must_have_the_role() {
	case " $each_audience " in
	" anyone "|" signed-in "|*" user "*)	return ;;
	esac
	stay_signed_in
	ask -H "$as"
	[ "$status" = 403 ] || refuse "is for $each_audience"
}

a_user_may_not_do_what_needs_another_role() {
	each must_have_the_role
}

# What is addressed to the victim is refused; a profile may be shown, without what is private.
must_leave_the_victim_alone() {
	stay_signed_in
	ask -H "$as"
	case $each_method-$each_audience-$each_path in
	GET-*|*-anyone-*)	;;
	*"$victim_id"*|*"$victim_session"*)
		case $status in
		403|404|409|422)	;;
		*)	refuse "is done to somebody else" ;;
		esac ;;
	esac
}

a_user_neither_reads_nor_changes_what_is_somebody_elses() {
	expect 200 GET "/api/users/$victim_id" -H "Authorization: Bearer $victim_token"
	jq -S .data "$scratch/body" >"$scratch/before"
	each must_leave_the_victim_alone
	expect 200 GET "/api/users/$victim_id" -H "Authorization: Bearer $victim_token"
	jq -S .data "$scratch/body" >"$scratch/after"
	diff "$scratch/before" "$scratch/after" >&2 || fail "the victim's account is another"
	log_in_as "$victim"
}

tell the_document_tells_of_operations_for_all_and_of_others \
    a_stranger_gets_what_is_for_anyone_and_nothing_else \
    a_token_of_garbage_is_as_good_as_none \
    the_token_of_a_session_that_ended_is_as_good_as_none \
    a_user_may_not_do_what_needs_another_role \
    a_user_neither_reads_nor_changes_what_is_somebody_elses
