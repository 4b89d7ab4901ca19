#!/bin/bash
# Passwords changed and reset, addresses changed, as a person does it who reads the mails.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/stack.sh
. "$(dirname "$0")/stack.sh"

# Of users, as owner.
sql() {
	ctl psql primary -X -q -At -c 'set search_path = users' -c "$1"
}

# The newest mail to ADDRESS with that SUBJECT.
find_mail() {	# ADDRESS SUBJECT
	mail=$(grep -lsx "To: $1"$'\r' "$state"/mail/*.eml | xargs -r grep -lx "Subject: $2"$'\r' | sort | tail -n 1)
	[ -n "$mail" ]
}

# Waits for it and sets $mail, its file.
read_mail() {	# ADDRESS SUBJECT
	until_true 10 find_mail "$1" "$2"
}

# The token on a line of its own in $mail, the same as in its link.
token_in_mail() {
	tr -d '\r' <"$mail" | sed -n 's/^    \([A-Za-z0-9_-]\{43\}\)$/\1/p'
}

change() {	# STATUS CURRENT NEW [-H HEADER]
	change_status=$1 change_body="{\"current_password\":\"$2\",\"password\":\"$3\"}"
	shift 3
	expect "$change_status" PUT /api/users/password "$change_body" "$@"
}

log_in_with() {	# STATUS PASSWORD
	expect "$1" POST /api/users/login "{\"username\":\"$name\",\"password\":\"$2\"}"
}

# All stories ask from the same machine.
forget_limit() {	# NAME
	redis-cli -s "$state/run/redis.sock" --scan --pattern "limit:$1:*" |
		xargs -r -d '\n' redis-cli -s "$state/run/redis.sock" del >/dev/null
}

# Sets $reset, the token that was mailed.
ask_reset() {	# ADDRESS
	forget_limit 'reset by client'
	expect 202 POST /api/users/password/reset "{\"email\":\"$1\"}"
	read_mail "$1" 'Set a new password'
	reset=$(token_in_mail)
}

confirm() {	# STATUS TOKEN PASSWORD
	expect "$1" POST /api/users/password/reset/confirm "{\"token\":\"$2\",\"password\":\"$3\"}"
}

refuses_bad_bodies() {	# METHOD PATH [-H HEADER]
	method=$1 path=$2
	shift 2
	expect 400 "$method" "$path" '{"password":' "$@"
	expect 400 "$method" "$path" '[]' "$@"
	expect 400 "$method" "$path" '{"password":"a\u0000b"}' "$@"
	expect 422 "$method" "$path" '{"is_admin":true}' "$@"
	expect_problem invalid is_admin
	expect 413 "$method" "$path" "{\"password\":\"$(printf '%066000d' 0)\"}" "$@"
	expect 415 "$method" "$path" "$@" --data-binary '{}' -H 'Content-Type: text/plain'
}

a_new_password_ends_all_sessions_but_this_one() {
	person pam
	other=$as
	log_in_as "$name"
	change 200 'correct horse' 'battery staple' -H "$as"
	same body '{"status":"success","message":"Password changed"}' "$(body)"
	for _ in 1 2 3 4 5 6; do
		expect 401 GET "/api/users/$user_id" -H "$other"
		expect 200 GET "/api/users/$user_id" -H "$as"
	done
	log_in_with 401 'correct horse'
	log_in_with 200 'battery staple'
	read_mail "$name@example.org" 'Your password was changed'
	grep -q 'If it was not you' "$mail"
	same event 1 "$(sql "select count(*) from outbox
	    where type = 'users.password_changed' and aggregate_id = '$user_id' and version = 2")"
}

the_old_password_must_be_known() {
	person pam
	change 401 'correct horse' 'battery staple'
	change 403 'wrong horse' 'battery staple' -H "$as"
	expect_problem wrong_password
	log_in_with 200 'correct horse'
}

guessing_the_old_password_is_slowed_down() {
	person pam
	for _ in 1 2 3 4 5; do
		change 403 'wrong horse' 'battery staple' -H "$as"
	done
	change 429 'correct horse' 'battery staple' -H "$as"
	expect_problem too_many
	[ "$(header Retry-After)" -gt 0 ] || fail "it does not say when"
	# Others are not held up.
	person pia
	change 200 'correct horse' 'battery staple' -H "$as"
}

a_password_that_is_no_better_is_refused() {
	person pam
	for new in 'correct horse' password123 'P@ssw0rd!' 12345678 "$name" "${name}1" short; do
		change 422 'correct horse' "$new" -H "$as"
		expect_problem invalid password
	done
	expect 422 PUT /api/users/password '{}' -H "$as"
	expect_problem invalid password
	expect_problem invalid current_password
	refuses_bad_bodies PUT /api/users/password -H "$as"
}

a_common_password_opens_no_account() {
	name=$(unique pat)
	expect 422 POST /api/users/register \
	    "{\"username\":\"$name\",\"email\":\"$name@example.org\",\"password\":\"sunshine1\"}"
	expect_problem invalid password
	same sentence 'Is too common: anyone would guess it.' "$(json 'errors[0].message')"
	! printf 'sunshine1\n' | ctl user add "$name" --email "$name@example.org" --password-stdin >"$scratch/added" 2>&1 ||
		fail "user add takes it"
	grep -q 'too common' "$scratch/added" || fail "it says $(cat "$scratch/added")"
}

only_people_have_passwords() {
	change 403 'correct horse' 'battery staple' -H "Authorization: Bearer $(service_token)"
	expect_problem no_account
}

of_two_changes_at_once_one_is_made() {
	person pam
	for new in 'battery staple' 'paper clip shop' 'battery charger' 'paper tiger shop'; do
		# shellcheck disable=SC2086
		$CURL -o /dev/null -w '%{http_code}\n' -X PUT "$BASE/api/users/password" -H "$as" -H 'Content-Type: application/json' \
		    -d "{\"current_password\":\"correct horse\",\"password\":\"$new\"}" >"$scratch/change.$new" &
		calls+=($!)
	done
	wait "${calls[@]}"
	same "changes" 1 "$(cat "$scratch"/change.* | grep -cx 200)"
	same "what the others are told" 3 "$(cat "$scratch"/change.* | grep -cxE '403|409|429')"
	log_in_with 401 'correct horse'
}

who_reads_the_mails_sets_a_new_password() {
	person rob
	ask_reset "$name@example.org"
	same body '{"status":"success","message":"If there is an account with this address, a mail is on its way to it"}' "$(body)"
	grep -q "^    $BASE/reset-password?token=$reset"$'\r'"\$" "$mail" || fail "no link in $(cat "$mail")"
	confirm 200 "$reset" 'battery staple'
	same "it signs nobody in" '{"status":"success","message":"Password changed"}' "$(body)"
	expect 401 GET "/api/users/$user_id" -H "$as"
	log_in_with 401 'correct horse'
	log_in_with 200 'battery staple'
	read_mail "$name@example.org" 'Your password was changed'
	confirm 422 "$reset" 'paper clip shop'
	expect_problem invalid token
	log_in_with 200 'battery staple'
}

an_address_that_nobody_has_gets_the_same_answer_and_no_mail() {
	person rob
	ask_reset "$name@example.org"
	known=$(body)
	nobody=$(unique nobody)@example.org
	expect 202 POST /api/users/password/reset "{\"email\":\"$nobody\"}"
	same body "$known" "$(body)"
	# Answered in their order: when the next one has his mail, nobody would have had his.
	ask_reset "$name@example.org"
	until_true 10 nothing_is_asked "$nobody"
	! find_mail "$nobody" 'Set a new password' || fail "somebody got a mail"
}

nothing_is_asked() {	# ADDRESS
	[ "$(sql "select count(*) from reset_request where email = '$1'")" = 0 ]
}

an_address_is_the_same_in_any_case() {
	person rob
	expect 202 POST /api/users/password/reset "{\"email\":\"${name^^}@Example.ORG\"}"
	read_mail "$name@example.org" 'Set a new password'
}

a_token_is_good_for_an_hour() {
	person rob
	ask_reset "$name@example.org"
	sql "update reset_token set expires_at = created_at where user_id = '$user_id'"
	confirm 422 "$reset" 'battery staple'
	expect_problem invalid token
	sql "update timer set due_at = now() where name = 'forget old resets'"
	until_true 10 has_no_token
}

has_no_token() {
	[ "$(sql "select count(*) from reset_token where user_id = '$user_id'")" = 0 ]
}

the_token_itself_is_stored_nowhere_once_it_was_sent() {
	person rob
	ask_reset "$name@example.org"
	until_true 10 all_sent
	! ctl psql primary -X -At -c 'select * from users.reset_token' -c 'select * from users.mail' | grep -qF -- "$reset" ||
		fail "there it is"
}

all_sent() {
	[ "$(sql "select count(*) from mail where user_id = '$user_id' and sent_at is null")" = 0 ]
}

of_many_who_show_a_token_at_once_one_succeeds() {
	person rob
	ask_reset "$name@example.org"
	for number in 1 2 3 4 5 6; do
		# shellcheck disable=SC2086
		$CURL -o /dev/null -w '%{http_code}\n' "$BASE/api/users/password/reset/confirm" -H 'Content-Type: application/json' \
		    -d "{\"token\":\"$reset\",\"password\":\"battery staple $number\"}" >"$scratch/confirm.$number" &
		calls+=($!)
	done
	wait "${calls[@]}"
	same outcomes "$(printf '200\n422\n422\n422\n422\n422')" "$(sort "$scratch"/confirm.?)"
	winner=$(grep -lx 200 "$scratch"/confirm.?)
	log_in_with 200 "battery staple ${winner##*.}"
}

a_new_password_voids_the_other_tokens() {
	person rob
	ask_reset "$name@example.org"
	first=$reset
	sql "delete from mail where user_id = '$user_id'"
	rm -f "$mail"
	ask_reset "$name@example.org"
	[ "$first" != "$reset" ] || fail "twice the same token"
	confirm 200 "$reset" 'battery staple'
	confirm 422 "$first" 'paper clip shop'
	expect_problem invalid token
}

a_poor_password_does_not_use_up_the_token() {
	person rob
	ask_reset "$name@example.org"
	for new in password1 "$name" short; do
		confirm 422 "$reset" "$new"
		expect_problem invalid password
	done
	confirm 200 "$reset" 'battery staple'
}

a_closed_account_gets_no_token() {
	person rob
	ask_reset "$name@example.org"
	sql "update account set status = 'disabled' where user_id = '$user_id'"
	confirm 422 "$reset" 'battery staple'
	sql "delete from reset_token where user_id = '$user_id'"
	expect 202 POST /api/users/password/reset "{\"email\":\"$name@example.org\"}"
	until_true 10 nothing_is_asked "$name@example.org"
	has_no_token || fail "it got one"
}

# As it could be signed up once; Postgres counts the line separator among the spaces.
an_address_that_no_mail_can_be_sent_to_keeps_nobody_waiting() {
	odd=$(printf 'x\342\200\250%s@example.org' "$(unique odd)")
	expect 422 POST /api/users/register "{\"username\":\"$(unique odd)\",\"email\":\"$odd\",\"password\":\"correct horse\"}"
	expect_problem invalid email
	person odd
	sql "update account set email = '$odd' where user_id = '$user_id'"
	sql "insert into reset_request (reset_request_id, email) values (platform.uuid_v7(), '$odd')"
	person pat
	ask_reset "$name@example.org"
}

# The answer to a request, while an erasure holds the account and has not committed yet.
who_is_just_being_erased_gets_no_token() {
	person pat
	sql "begin; select 1 from account where user_id = '$user_id' for update; select pg_sleep(1);
	    update account set status = 'erased' where user_id = '$user_id'; commit" >/dev/null &
	until_true 5 is_locked
	sql "insert into reset_request (reset_request_id, email) values (platform.uuid_v7(), '$name@example.org')"
	wait $!
	until_true 10 nothing_is_asked "$name@example.org"
	same tokens 0 "$(sql "select count(*) from reset_token where user_id = '$user_id'")"
	same mails 0 "$(sql "select count(*) from mail where user_id = '$user_id'")"
}

is_locked() {
	[ -z "$(sql "select 1 from account where user_id = '$user_id' for update skip locked")" ]
}

nobody_is_flooded_with_resets() {
	forget_limit 'reset by client'
	for address in "$(unique nobody)@example.org" "$(person rob >/dev/null; printf '%s@example.org' "$name")"; do
		for _ in 1 2 3; do
			expect 202 POST /api/users/password/reset "{\"email\":\"$address\"}"
		done
		expect 429 POST /api/users/password/reset "{\"email\":\"${address^^}\"}"
		expect_problem too_many
		[ "$(header Retry-After)" -gt 0 ] || fail "it does not say when"
	done
	for _ in $(seq 12); do
		expect 202 POST /api/users/password/reset "{\"email\":\"$(unique nobody)@example.org\"}"
	done
	expect 429 POST /api/users/password/reset "{\"email\":\"$(unique nobody)@example.org\"}"
}

resets_refuse_what_makes_no_sense() {
	refuses_bad_bodies POST /api/users/password/reset
	refuses_bad_bodies POST /api/users/password/reset/confirm
	expect 422 POST /api/users/password/reset '{"email":"nobody"}'
	expect_problem invalid email
	expect 422 POST /api/users/password/reset '{"email":"a@example.org\r\nBcc: b@example.org"}'
	expect_problem invalid email
	for wrong in '' x "$(printf '%043d' 0)" "$(printf '%0200d' 0)" "' or true --" 'ÄÖÜ'; do
		confirm 422 "$wrong" 'battery staple'
		expect_problem invalid token
	done
}

# Sets $new, the address asked for, and $change, the token that was mailed there.
ask_address() {
	new=$(unique new)@example.org
	expect 200 PUT /api/users/profile/update "{\"email\":\"$new\"}" -H "$as"
	same "address for now" "$name@example.org" "$(json email)"
	same "the one to come" "$new" "$(json pending_email)"
	read_mail "$new" 'Confirm your new address'
	change=$(token_in_mail)
}

confirm_address() {	# STATUS TOKEN
	expect "$1" POST /api/users/email/confirm "{\"token\":\"$2\"}"
}

an_address_changes_when_the_new_one_is_confirmed() {
	person ada
	ask_address
	grep -q "^    $BASE/confirm-address?token=$change"$'\r'"\$" "$mail" || fail "no link in $(cat "$mail")"
	read_mail "$name@example.org" 'Your address is about to change'
	same "token told to the old one" '' "$(token_in_mail)"
	confirm_address 200 "$change"
	same body '{"status":"success","message":"Address changed"}' "$(body)"
	expect 200 GET /api/users/profile -H "$as"
	same email "$new" "$(json email)"
	same "nothing is to come" null "$(jq -r .pending_email "$scratch/body")"
	read_mail "$name@example.org" 'Your address was changed'
	expect 200 POST /api/users/login "{\"email\":\"$new\",\"password\":\"correct horse\"}"
	expect 401 POST /api/users/login "{\"email\":\"$name@example.org\",\"password\":\"correct horse\"}"
	confirm_address 422 "$change"
	expect_problem invalid token
	same event 1 "$(sql "select count(*) from outbox
	    where type = 'users.email_changed' and aggregate_id = '$user_id' and version = 2")"
}

a_newer_address_replaces_the_one_before() {
	person ada
	ask_address
	first=$change
	ask_address
	confirm_address 422 "$first"
	confirm_address 200 "$change"
}

a_token_of_an_address_is_good_for_a_day() {
	person ada
	ask_address
	sql "update email_change set expires_at = created_at where user_id = '$user_id'"
	confirm_address 422 "$change"
	expect 200 GET /api/users/profile -H "$as"
	same "nothing is to come" null "$(jq -r .pending_email "$scratch/body")"
}

an_address_that_somebody_else_has_is_refused() {
	person eve
	taken=$name@example.org
	person ada
	expect 409 PUT /api/users/profile/update "{\"email\":\"$taken\"}" -H "$as"
	expect_problem email_taken
	ask_address
	# Somebody else is faster.
	expect 201 POST /api/users/register "{\"username\":\"$(unique eve)\",\"email\":\"$new\",\"password\":\"correct horse\"}"
	confirm_address 409 "$change"
	expect_problem email_taken email
	expect 200 GET /api/users/profile -H "$as"
	same email "$name@example.org" "$(json email)"
}

a_thief_of_a_session_does_not_get_the_address() {
	person ada
	ask_address
	ask_reset "$name@example.org"
	confirm 200 "$reset" 'battery staple'
	confirm_address 422 "$change"
	expect_problem invalid token
	log_in_with 200 'battery staple'
}

who_reads_the_old_address_resets_nothing_any_more() {
	person ada
	ask_address
	ask_reset "$name@example.org"
	confirm_address 200 "$change"
	confirm 422 "$reset" 'battery staple'
	expect_problem invalid token
}

nobody_floods_others_by_changing_addresses() {
	person ada
	for _ in 1 2 3 4 5 6; do
		expect 200 PUT /api/users/profile/update "{\"email\":\"$(unique new)@example.org\"}" -H "$as"
	done
	expect 429 PUT /api/users/profile/update "{\"email\":\"$(unique new)@example.org\"}" -H "$as"
	expect_problem too_many
	same Retry-After 3600 "$(header Retry-After)"
}

many_accounts_flood_nobody_either() {
	stranger=$(unique stranger)@example.org
	for _ in 1 2 3 4 5; do
		person ada
		expect 200 PUT /api/users/profile/update "{\"email\":\"$stranger\"}" -H "$as"
	done
	person ada
	expect 429 PUT /api/users/profile/update "{\"email\":\"${stranger^^}\"}" -H "$as"
	expect_problem too_many
}

a_confirmation_refuses_what_makes_no_sense() {
	refuses_bad_bodies POST /api/users/email/confirm
	for wrong in '' x "$(printf '%043d' 0)" "$(printf '%0200d' 0)"; do
		confirm_address 422 "$wrong"
		expect_problem invalid token
	done
}

tell \
	a_new_password_ends_all_sessions_but_this_one \
	the_old_password_must_be_known \
	guessing_the_old_password_is_slowed_down \
	a_password_that_is_no_better_is_refused \
	a_common_password_opens_no_account \
	only_people_have_passwords \
	of_two_changes_at_once_one_is_made \
	who_reads_the_mails_sets_a_new_password \
	an_address_that_nobody_has_gets_the_same_answer_and_no_mail \
	an_address_is_the_same_in_any_case \
	a_token_is_good_for_an_hour \
	the_token_itself_is_stored_nowhere_once_it_was_sent \
	of_many_who_show_a_token_at_once_one_succeeds \
	a_new_password_voids_the_other_tokens \
	a_poor_password_does_not_use_up_the_token \
	a_closed_account_gets_no_token \
	an_address_that_no_mail_can_be_sent_to_keeps_nobody_waiting \
	who_is_just_being_erased_gets_no_token \
	nobody_is_flooded_with_resets \
	resets_refuse_what_makes_no_sense \
	an_address_changes_when_the_new_one_is_confirmed \
	a_newer_address_replaces_the_one_before \
	a_token_of_an_address_is_good_for_a_day \
	an_address_that_somebody_else_has_is_refused \
	a_thief_of_a_session_does_not_get_the_address \
	who_reads_the_old_address_resets_nothing_any_more \
	nobody_floods_others_by_changing_addresses \
	many_accounts_flood_nobody_either \
	a_confirmation_refuses_what_makes_no_sense
