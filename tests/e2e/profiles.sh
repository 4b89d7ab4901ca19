#!/bin/sh
# Sign-up in every spelling, and what an account shows of itself, as clients see it.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

password='correct horse'

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

tell \
	an_account_of_any_spelling_works_in_the_others \
	every_spelling_answers_in_its_own_words \
	every_spelling_refuses_what_the_others_refuse \
	the_id_of_a_ticket_account_is_decided_here \
	a_name_is_made_of_the_address \
	of_many_with_one_local_part_at_once_everybody_gets_a_name \
	one_address_is_one_account_with_or_without_a_name \
	a_password_that_tells_the_name_is_refused
