#!/bin/bash
# Sign-up in every spelling, and what an account shows of itself, as clients see it.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/stack.sh
. "$(dirname "$0")/stack.sh"

password='correct horse'
nobody=01890000-0000-7000-8000-000000000000

# sign_up PATH NAME: in the spelling of that path, which takes all three.
sign_up() {
	expect 201 POST "$1" "{\"username\":\"$2\",\"email\":\"$2@example.org\",\"password\":\"$password\"}"
}

an_account_of_any_spelling_works_in_the_others() {
	for path in users/register users/signup shop/register beats-lab/user/signup tickets/user/signup \
	    tickets/user/register; do
		name=$(unique any)
		sign_up "/api/$path" "$name"
		log_in_as "$name"
		expect 200 GET "/api/users/$user_id" -H "$as"
		same username "$name" "$(json data.username)"
		expect 200 POST /api/shop/login "{\"username\":\"$name\",\"password\":\"$password\"}"
		for again in users/register users/signup shop/register beats-lab/user/signup tickets/user/signup \
		    tickets/user/register; do
			expect 409 POST "/api/$again" \
			    "{\"username\":\"$name\",\"email\":\"x$name@example.org\",\"password\":\"$password\"}"
			expect_problem username_taken username
		done
	done
}

every_spelling_answers_in_its_own_words() {
	for path in users/signup beats-lab/user/signup tickets/user/signup; do
		sign_up "/api/$path" "$(unique own)"
		same body '{"status":"success","message":"Registration successful"}' "$(body)"
	done
	name=$(unique own)
	sign_up /api/tickets/user/register "$name"
	same keys '["id","email","username"]' "$(jq -c keys_unsorted "$scratch/body")"
	same email "$name@example.org" "$(json email)"
	same username "$name" "$(json username)"
}

every_spelling_refuses_what_the_others_refuse() {
	for path in users/register users/signup shop/register beats-lab/user/signup tickets/user/signup; do
		expect 422 POST "/api/$path" '{"email":"nobody","password":"short","id":7}'
		for field in username email password id; do
			expect_problem invalid "$field"
		done
	done
	expect 422 POST /api/tickets/user/register '{"username":"-x","email":"nobody","password":"short","is_admin":true}'
	for field in username email password is_admin; do
		expect_problem invalid "$field"
	done
	expect 422 POST /api/tickets/user/register '{}'
	expect_problem invalid email
	expect_problem invalid password
	expect 400 POST /api/tickets/user/register '{"email":'
	expect 415 POST /api/tickets/user/register --data-binary '{}' -H 'Content-Type: text/plain'
}

the_id_of_a_ticket_account_is_decided_here() {
	name=$(unique tia)
	expect 201 POST /api/tickets/user/register \
	    "{\"id\":\"mine\",\"email\":\"$name@example.org\",\"password\":\"$password\"}"
	id=$(json id)
	log_in_as "$name"
	same id "$id" "$user_id"
}

# made_of LOCAL_PART: the name that an account with this address is given.
made_of() {
	expect 201 POST /api/tickets/user/register "{\"email\":\"$1\",\"password\":\"$password\"}"
	json username
}

matches() {
	printf %s "$2" | grep -Eqx "$1" || fail "'$2' is not like $1"
}

a_name_is_made_of_the_address() {
	domain=$(unique d).example.org
	word=$(unique w)
	same plain "$word" "$(made_of "$word@$domain")"
	matches "$word-[a-z0-9]{6}" "$(made_of "$word@other.$domain")"
	matches "$word-[a-z0-9]{6}" "$(made_of "$word+shop@$domain")"
	same 'without its tag' "x$word" "$(made_of "x$word+news@$domain")"
	same 'what no name may have' "y$word" "$(made_of "_.y*$word@$domain")"
	matches "a-[a-z0-9]{6}" "$(made_of "a@$domain")"
	matches "user-[a-z0-9]{6}" "$(made_of "{}@$domain")"
	matches "user-[a-z0-9]{6}" "$(made_of "žš@$domain")"
	matches "user-[a-z0-9]{6}" "$(made_of "+@$domain")"
	long=$(printf 'l%s%040d' "$word" 0)
	same length 32 "$(made_of "$long@$domain" | tr -d '\n' | wc -c)"
	matches "l$word.{13}-[a-z0-9]{6}" "$(made_of "$long@other.$domain")"
}

of_many_with_one_local_part_at_once_everybody_gets_a_name() {
	word=$(unique sam)
	for i in 1 2 3 4 5 6; do
		$CURL -o "$scratch/many.$i" -w '%{http_code}\n' -H 'Content-Type: application/json' \
		    -d "{\"email\":\"$word@d$i.example.org\",\"password\":\"$password\"}" \
		    "$BASE/api/tickets/user/register" >"$scratch/many.$i.status" &
	done
	wait
	same created 6 "$(cat "$scratch"/many.*.status | grep -cx 201)"
	same names 6 "$(cat "$scratch"/many.[1-6] | jq -r .username | sort -u | grep -c "^$word")"
}

one_address_is_one_account_with_or_without_a_name() {
	word=$(unique one)
	made_of "$word@example.org" >/dev/null
	expect 409 POST /api/tickets/user/register "{\"email\":\"$word@EXAMPLE.org\",\"password\":\"$password\"}"
	expect_problem email_taken email
}

a_password_that_tells_the_name_is_refused() {
	name=$(unique pat)
	for bad in "my${name}1" "$(printf %s "$name" | tr '[:lower:]' '[:upper:]')"; do
		for path in users/register tickets/user/register; do
			expect 422 POST "/api/$path" \
			    "{\"username\":\"$name\",\"email\":\"x@$name.example.org\",\"password\":\"$bad\"}"
			expect_problem invalid password
		done
	done
	expect 422 POST /api/tickets/user/register "{\"email\":\"$name@example.org\",\"password\":\"123${name}456\"}"
	expect_problem invalid password
}

keys() {
	jq -c "${1:-.} | keys_unsorted" "$scratch/body"
}

# an_admin: sets $admin, the header's value of one.
an_admin() {
	admin="Authorization: Bearer $(ctl token --role admin --name tester)"
}

an_account_is_shown_to_others_without_what_is_private() {
	person ann
	hers=$user_id her_name=$name
	expect 200 GET "/api/users/$hers" -H "$as"
	same "own keys" '["user_id","username","email","roles","preferences","created_at"]' "$(keys .data)"
	same preferences '{"notifications":{"enabled":true,"types":[]}}' "$(jq -c .data.preferences "$scratch/body")"
	jq -S .data "$scratch/body" >"$scratch/own"
	expect 401 GET "/api/users/$hers"
	expect_problem sign_in
	person bob
	expect 200 GET "/api/users/$hers" -H "$as"
	same "keys for others" '["user_id","username","created_at"]' "$(keys .data)"
	same username "$her_name" "$(json data.username)"
	service="Authorization: Bearer $(ctl token --role service --name tester)"
	expect 200 GET "/api/users/$hers" -H "$service"
	same "keys for services" '["user_id","username","created_at"]' "$(keys .data)"
	an_admin
	expect 200 GET "/api/users/$hers" -H "$admin"
	same "as an admin sees it" "$(cat "$scratch/own")" "$(jq -S .data "$scratch/body")"
}

who_is_nobody_is_not_found() {
	person bob
	expect 404 GET "/api/users/$nobody" -H "$as"
	expect 404 GET /api/users/anything -H "$as"
	expect 400 GET "/api/users/$user_id%00" -H "$as"
	expect 422 GET "/api/users/$user_id?deep=1" -H "$as"
	expect_problem invalid deep
	expect 422 GET "/api/users/$user_id?is_admin=true" -H "$as"
	expect_problem invalid is_admin
}

a_closed_account_is_shown_to_nobody() {
	person ann
	hers=$user_id
	sql "update users.account set status = 'disabled' where user_id = '$hers'" >/dev/null
	person bob
	expect 404 GET "/api/users/$hers" -H "$as"
	an_admin
	expect 404 GET "/api/tickets/user/$hers" -H "$admin"
}

the_ticket_shop_shows_an_account_to_its_owner_and_admins() {
	person tim
	his=$user_id
	expect 200 GET "/api/tickets/user/$his" -H "$as"
	same body "{\"id\":\"$his\",\"email\":\"$name@example.org\",\"username\":\"$name\"}" "$(body)"
	body >"$scratch/own"
	expect 401 GET "/api/tickets/user/$his"
	an_admin
	expect 200 GET "/api/tickets/user/$his" -H "$admin"
	same "as an admin sees it" "$(cat "$scratch/own")" "$(body)"
	expect 404 GET "/api/tickets/user/$nobody" -H "$admin"
	expect 404 GET /api/tickets/user/me -H "$admin"
	person bob
	expect 403 GET "/api/tickets/user/$his" -H "$as"
	expect_problem not_yours
}

next_page() {
	header Link | sed -n 's/^<\(.*\)>; rel="next"$/\1/p'
}

admins_turn_the_pages_of_all_accounts() {
	person last
	an_admin
	expect 401 GET /api/tickets/user
	expect 403 GET /api/tickets/user -H "$as"
	expect 422 GET '/api/tickets/user?limit=0' -H "$admin"
	expect_problem invalid limit
	sql "select user_id from users.account where status = 'active' order by user_id" >"$scratch/all"
	count=$(wc -l <"$scratch/all")
	path="/api/tickets/user?limit=$((count / 2 < 100 ? count / 2 + 1 : 100))"
	: >"$scratch/seen"
	while [ -n "$path" ]; do
		expect 200 GET "$path" -H "$admin"
		same keys '["email","id","username"]' "$(jq -c 'map(keys) | unique[]' "$scratch/body")"
		jq -r '.[].id' "$scratch/body" >>"$scratch/seen"
		link=$(next_page)
		path=${link#"$BASE"}
	done
	same accounts "$(cat "$scratch/all")" "$(cat "$scratch/seen")"
}

ones_own_profile_has_the_keys_of_the_beats_market() {
	person pia
	expect 200 GET /api/users/profile -H "$as"
	same body "{\"username\":\"$name\",\"email\":\"$name@example.org\",\"purchased_beats\":[],\"second_factor\":false}" "$(body)"
	expect 401 GET /api/users/profile
	an_admin
	expect 404 GET /api/users/profile -H "$admin"
}

a_new_name_counts_at_once() {
	person old
	new=$(unique new)
	expect 200 PUT /api/users/profile/update "{\"username\":\"$new\"}" -H "$as"
	same username "$new" "$(json username)"
	same email "$name@example.org" "$(json email)"
	expect 200 GET /api/users/profile -H "$as"
	same username "$new" "$(json username)"
	expect 401 POST /api/users/login "{\"username\":\"$name\",\"password\":\"$password\"}"
	log_in_as "$new"
	# The old one is free for someone else.
	sign_up /api/users/register "x$name"
	expect 201 POST /api/users/register \
	    "{\"username\":\"$name\",\"email\":\"y$name@example.org\",\"password\":\"$password\"}"
	same events 1 "$(sql "select count(*) from users.outbox
	    where type = 'users.profile_changed' and aggregate_id = '$user_id'")"
}

a_name_set_twice_is_changed_once() {
	person sue
	new=$(unique new)
	for _ in 1 2; do
		expect 200 PUT /api/users/profile/update "{\"username\":\"$new\"}" -H "$as"
	done
	same events 1 "$(sql "select count(*) from users.outbox
	    where type = 'users.profile_changed' and aggregate_id = '$user_id'")"
	# Only its case.
	upper=$(printf %s "$new" | tr '[:lower:]' '[:upper:]')
	expect 200 PUT /api/users/profile/update "{\"username\":\"$upper\"}" -H "$as"
	same username "$upper" "$(json username)"
}

a_name_or_an_address_of_someone_else_is_refused() {
	person ann
	hers=$name
	person bob
	upper=$(printf %s "$hers" | tr '[:lower:]' '[:upper:]')
	expect 409 PUT /api/users/profile/update "{\"username\":\"$upper\"}" -H "$as"
	expect_problem username_taken username
	# Neither of both changes when one cannot.
	expect 409 PUT /api/users/profile/update "{\"username\":\"x$name\",\"email\":\"$upper@example.ORG\"}" -H "$as"
	expect_problem email_taken
	expect 200 GET /api/users/profile -H "$as"
	same username "$name" "$(json username)"
}

a_change_of_a_profile_that_makes_no_sense_changes_nothing() {
	person bob
	expect 401 PUT /api/users/profile/update '{"username":"anyone"}'
	expect 422 PUT /api/users/profile/update '{}' -H "$as"
	expect_problem invalid username
	expect 422 PUT /api/users/profile/update '{"username":"-","email":"nobody"}' -H "$as"
	expect_problem invalid username
	expect_problem invalid email
	expect 422 PUT /api/users/profile/update '{"username":"x","roles":["admin"]}' -H "$as"
	expect_problem invalid roles
	expect 400 PUT /api/users/profile/update '{"username":' -H "$as"
	an_admin
	expect 404 PUT /api/users/profile/update '{"username":"anyone"}' -H "$admin"
	expect 200 GET /api/users/profile -H "$as"
	same username "$name" "$(json username)"
}

a_new_address_waits_until_it_is_confirmed() {
	person eva
	new=$(unique new)@example.org
	expect 200 PUT /api/users/profile/update "{\"email\":\"$new\"}" -H "$as"
	same keys '["username","email","purchased_beats","second_factor","pending_email"]' "$(keys)"
	same email "$name@example.org" "$(json email)"
	same pending "$new" "$(json pending_email)"
	mails="select count(*) from users.mail where user_id = '$user_id'"
	same "mails to the new and the old address" 2 "$(sql "$mails")"
	expect 200 PUT /api/users/profile/update "{\"email\":\"$new\"}" -H "$as"
	same "mails of the same at once" 2 "$(sql "$mails")"
	sql "update users.email_change set created_at = now() - interval '1 minute' where user_id = '$user_id'" >/dev/null
	expect 200 PUT /api/users/profile/update "{\"email\":\"$new\"}" -H "$as"
	same "mails of the same later" 4 "$(sql "$mails")"
	expect 200 GET /api/users/profile -H "$as"
	same pending "$new" "$(json pending_email)"
	sql "update users.email_change set expires_at = now() where user_id = '$user_id'" >/dev/null
	expect 200 GET /api/users/profile -H "$as"
	same "too late" null "$(jq -c .pending_email "$scratch/body")"
}

the_same_address_again_sends_nothing() {
	person same
	upper=$(printf %s "$name" | tr '[:lower:]' '[:upper:]')
	expect 200 PUT /api/users/profile/update "{\"email\":\"$upper@example.org\"}" -H "$as"
	same pending null "$(jq -c .pending_email "$scratch/body")"
	same mails 0 "$(sql "select count(*) from users.mail where user_id = '$user_id'")"
	new=$(unique new)@example.org
	expect 200 PUT /api/users/profile/update "{\"email\":\"$new\"}" -H "$as"
	same pending "$new" "$(json pending_email)"
	expect 200 PUT /api/users/profile/update "{\"email\":\"$name@example.org\"}" -H "$as"
	same withdrawn null "$(jq -c .pending_email "$scratch/body")"
}

tell \
	an_account_of_any_spelling_works_in_the_others \
	every_spelling_answers_in_its_own_words \
	every_spelling_refuses_what_the_others_refuse \
	the_id_of_a_ticket_account_is_decided_here \
	a_name_is_made_of_the_address \
	of_many_with_one_local_part_at_once_everybody_gets_a_name \
	one_address_is_one_account_with_or_without_a_name \
	a_password_that_tells_the_name_is_refused \
	an_account_is_shown_to_others_without_what_is_private \
	who_is_nobody_is_not_found \
	a_closed_account_is_shown_to_nobody \
	the_ticket_shop_shows_an_account_to_its_owner_and_admins \
	admins_turn_the_pages_of_all_accounts \
	ones_own_profile_has_the_keys_of_the_beats_market \
	a_new_name_counts_at_once \
	a_name_set_twice_is_changed_once \
	a_name_or_an_address_of_someone_else_is_refused \
	a_change_of_a_profile_that_makes_no_sense_changes_nothing \
	a_new_address_waits_until_it_is_confirmed \
	the_same_address_again_sends_nothing
