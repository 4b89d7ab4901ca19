#!/bin/sh
# Accounts, log-in and preferences as a client sees them.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

sign_up_body() {
	printf '{"username":"%s","email":"%s@example.org","password":"correct horse"}' "$1" "$1"
}

blames() {
	for field do
		expect_problem invalid "$field"
	done
}

# Every way a body can be bad, for a route that takes one: METHOD PATH [-H HEADER].
refuses_bad_bodies() {
	method=$1 path=$2
	shift 2
	expect 400 "$method" "$path" '{"username":' "$@"
	expect 400 "$method" "$path" '{"password":"correct horse","password":"correct horse"}' "$@"
	expect 400 "$method" "$path" '{"password":"correct\u0000horse"}' "$@"
	printf '{"password":"correct\0horse"}' | expect 400 "$method" "$path" @- "$@"
	printf '{"password":"correct\377horse"}' | expect 400 "$method" "$path" @- "$@"
	expect 400 "$method" "$path" "{\"password\":$(printf '%040d' 0 | tr 0 '[')$(printf '%040d' 0 | tr 0 ']')}" "$@"
	expect 422 "$method" "$path" '{"is_admin":true}' "$@"
	expect_problem invalid is_admin
	expect 400 "$method" "$path" '[]' "$@"
	printf '{"password":"%066000d"}' 0 | expect 413 "$method" "$path" @- "$@"
	expect 415 "$method" "$path" "$@" --data-binary '{}' -H 'Content-Type: text/plain'
}

an_account_is_used_as_soon_as_it_is_made() {
	name=$(unique ann)
	expect 201 POST /api/users/register "$(sign_up_body "$name")"
	same body '{"status":"success","message":"Registration successful"}' "$(body)"
	log_in_as "$name"
	same token "$token" "$(json access_token)"
	expect 200 GET "/api/users/$user_id" -H "Authorization: Bearer $token"
	same username "$name" "$(json data.username)"
	same email "$name@example.org" "$(json data.email)"
	same "notifications by default" '{"enabled":true,"types":[]}' \
	    "$(jq -c .data.preferences.notifications "$scratch/body")"
	same caching "private, no-store" "$(header Cache-Control)"
}

the_shop_gets_exactly_its_keys() {
	name=$(unique sam)
	expect 201 POST /api/shop/register "$(sign_up_body "$name")"
	same body '{"message":"Registration successful."}' "$(body)"
	expect 200 POST /api/shop/login "{\"username\":\"$name\",\"password\":\"correct horse\"}"
	same keys '["access_token","refresh_token","user_id"]' "$(jq -c keys "$scratch/body")"
}

an_account_of_the_beats_market_logs_in_everywhere() {
	name=$(unique bea)
	expect 201 POST /api/users/signup "$(sign_up_body "$name")"
	expect 200 POST /api/users/login "{\"email\":\"$name@example.org\",\"password\":\"correct horse\"}"
	same keys '["access_token","refresh_token","status","token","user_id"]' "$(jq -c keys "$scratch/body")"
	expect 200 POST /api/users/login "{\"username\":\"$name\",\"password\":\"correct horse\"}"
	expect 200 POST /api/shop/login "{\"username\":\"$name\",\"password\":\"correct horse\"}"
}

a_name_and_an_address_are_taken_whatever_their_case() {
	name=$(unique tom)
	upper=$(printf %s "$name" | tr '[:lower:]' '[:upper:]')
	expect 201 POST /api/users/register "$(sign_up_body "$name")"
	expect 409 POST /api/users/register \
	    "{\"username\":\"$upper\",\"email\":\"other$name@example.org\",\"password\":\"correct horse\"}"
	expect_problem username_taken username
	expect 409 POST /api/shop/register \
	    "{\"username\":\"x$name\",\"email\":\"$upper@EXAMPLE.ORG\",\"password\":\"correct horse\"}"
	expect_problem email_taken email
	expect 200 POST /api/users/login "{\"username\":\"$upper\",\"password\":\"correct horse\"}"
}

sign_up_names_every_bad_field_at_once() {
	expect 422 POST /api/users/register '{"username":"-x","email":"nobody","password":"short"}'
	blames username email password
	expect 422 POST /api/users/register '{}'
	blames username email password
	expect 422 POST /api/users/register '{"username":7,"email":["a@example.org"],"password":null}'
	blames username email password
	long=$(printf '%0300d' 0)
	expect 422 POST /api/users/register "{\"username\":\"$long\",\"email\":\"$long@example.org\",\"password\":\"$long\"}"
	blames username email password
	expect 422 POST /api/users/register '{"username":"käthe","email":"k@example.org","password":"correct horse"}'
	expect_problem invalid username
}

sign_up_refuses_every_bad_body() {
	refuses_bad_bodies POST /api/users/register
}

log_in_refuses_every_bad_body() {
	refuses_bad_bodies POST /api/users/login
}

the_query_of_a_post_is_checked_too() {
	expect 422 POST '/api/users/register?admin=1' "$(sign_up_body "$(unique qu)")"
	expect_problem invalid admin
}

an_unknown_name_and_a_wrong_password_look_alike() {
	person eve
	expect 401 POST /api/users/login "{\"username\":\"$name\",\"password\":\"wrong horse\"}"
	expect_problem wrong_credentials
	jq -S 'del(.request_id)' "$scratch/body" >"$scratch/wrong"
	expect 401 POST /api/users/login "{\"username\":\"x$name\",\"password\":\"wrong horse\"}"
	same body "$(cat "$scratch/wrong")" "$(jq -S 'del(.request_id)' "$scratch/body")"
}

log_in_wants_either_a_name_or_an_address() {
	expect 422 POST /api/users/login '{"password":"correct horse"}'
	expect_problem invalid username
	expect 422 POST /api/users/login '{"username":"a","email":"a@example.org","password":"correct horse"}'
	expect_problem invalid email
	expect 422 POST /api/users/login '{"username":"a"}'
	expect_problem invalid password
}

preferences_are_kept_and_setting_them_twice_is_once() {
	person pia
	preferences='{"enabled":false,"types":["news","score_update"]}'
	for _ in 1 2; do
		expect 200 PUT "/api/users/$user_id/preferences/notifications" "$preferences" -H "$as"
		same body '{"status":"success","message":"Preferences updated successfully"}' "$(body)"
	done
	expect 200 GET "/api/users/$user_id" -H "$as"
	same preferences "$preferences" "$(jq -c .data.preferences.notifications "$scratch/body")"
}

preferences_are_their_owners_alone() {
	person ann
	path=/api/users/$user_id/preferences/notifications
	expect 401 PUT "$path" '{"enabled":false,"types":[]}'
	person bob
	expect 403 PUT "$path" '{"enabled":false,"types":[]}' -H "$as"
	expect_problem not_yours
}

preferences_that_make_no_sense_change_nothing() {
	person pia
	path=/api/users/$user_id/preferences/notifications
	refuses_bad_bodies PUT "$path" -H "$as"
	expect 422 PUT "$path" '{"enabled":"yes","types":["two words","news","news"]}' -H "$as"
	expect_problem invalid enabled
	expect_problem invalid 'types[0]'
	expect 422 PUT "$path" '{"enabled":false,"types":["news","","news"]}' -H "$as"
	expect_problem invalid 'types[1]'
	expect 422 PUT "$path" '{"enabled":false,"types":["news","purchase","news"]}' -H "$as"
	expect_problem invalid 'types[2]'
	expect 422 PUT "$path" '{"enabled":false,"types":[1]}' -H "$as"
	expect_problem invalid 'types[0]'
	expect 422 PUT "$path" "{\"enabled\":false,\"types\":[$(seq -s, 51)]}" -H "$as"
	expect 200 GET "/api/users/$user_id" -H "$as"
	same "as before" '{"enabled":true,"types":[]}' "$(jq -c .data.preferences.notifications "$scratch/body")"
}

log_out_ends_the_session_before_it_is_answered() {
	person lou
	expect 200 POST /api/users/logout '{}' -H "$as"
	same body '{"status":"success","message":"Logged out"}' "$(body)"
	# More calls than there are workers: each of them has to know.
	for _ in 1 2 3 4 5 6 7 8; do
		expect 401 GET "/api/users/$user_id" -H "$as"
	done
	expect 401 POST /api/users/logout '{}' -H "$as"
	log_in_as "$name"
	expect 200 GET "/api/users/$user_id" -H "Authorization: Bearer $token"
}

log_out_needs_no_body() {
	person lou
	expect 200 POST /api/users/logout -H "$as"
	expect 401 GET "/api/users/$user_id" -H "$as"
}

log_out_of_another_session_of_ones_own() {
	person lou
	first=$as old=$token
	log_in_as "$name"
	expect 200 POST /api/users/logout "{\"token\":\"$old\"}" -H "$as"
	expect 401 GET "/api/users/$user_id" -H "$first"
	expect 200 GET "/api/users/$user_id" -H "$as"
}

nobody_ends_the_session_of_another() {
	person ann
	hers=$token her_id=$user_id
	expect 401 POST /api/users/logout "{\"token\":\"$hers\"}"
	person bob
	expect 403 POST /api/users/logout "{\"token\":\"$hers\"}" -H "$as"
	expect_problem not_yours
	expect 422 POST /api/users/logout '{"token":"nonsense"}' -H "$as"
	expect_problem invalid token
	refuses_bad_bodies POST /api/users/logout -H "$as"
	expect 200 GET "/api/users/$her_id" -H "Authorization: Bearer $hers"
}

a_token_in_any_wrong_form_is_no_token() {
	person mal
	payload=$(printf %s "$token" | cut -d. -f2)
	none=$(printf '{"alg":"none","typ":"JWT"}' | basenc --base64url | tr -d =)
	for wrong in '' x "$token." "${token%???}" "$none.$payload." "$none.$payload" "$token$token" \
	    "$(printf '%05000d' 0)"; do
		expect 401 GET "/api/users/$user_id" -H "Authorization: Bearer $wrong"
	done
	expect 401 GET "/api/users/$user_id" -H "Authorization: Basic $token"
	expect 401 GET "/api/users/$user_id?access_token=$token"
}

another_method_is_told_which_ones_there_are() {
	person joe
	expect 405 DELETE /api/users/register
	same Allow POST "$(header Allow)"
	expect 405 POST "/api/users/$user_id" '{}' -H "$as"
	same Allow "GET, HEAD" "$(header Allow)"
	expect 404 GET "/api/users/$user_id/nothing" -H "$as"
}

tell \
	an_account_is_used_as_soon_as_it_is_made \
	the_shop_gets_exactly_its_keys \
	an_account_of_the_beats_market_logs_in_everywhere \
	a_name_and_an_address_are_taken_whatever_their_case \
	sign_up_names_every_bad_field_at_once \
	sign_up_refuses_every_bad_body \
	log_in_refuses_every_bad_body \
	the_query_of_a_post_is_checked_too \
	an_unknown_name_and_a_wrong_password_look_alike \
	log_in_wants_either_a_name_or_an_address \
	preferences_are_kept_and_setting_them_twice_is_once \
	preferences_are_their_owners_alone \
	preferences_that_make_no_sense_change_nothing \
	log_out_ends_the_session_before_it_is_answered \
	log_out_needs_no_body \
	log_out_of_another_session_of_ones_own \
	nobody_ends_the_session_of_another \
	a_token_in_any_wrong_form_is_no_token \
	another_method_is_told_which_ones_there_are
