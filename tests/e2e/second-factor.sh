#!/bin/bash
# The second factor as a client sees it; codes are computed here by other means than the product's.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/stack.sh
. "$(dirname "$0")/stack.sh"

path=/api/users/second-factor
password='correct horse'

# code_at STEPS: what an authenticator with $secret shows so many half minutes from now (RFC 6238).
code_at() {
	python3 - "$secret" "$1" <<-'PYTHON'
		import base64, hashlib, hmac, struct, sys, time
		key = base64.b32decode(sys.argv[1])
		step = int(time.time()) // 30 + int(sys.argv[2])
		mac = hmac.new(key, struct.pack(">Q", step), hashlib.sha1).digest()
		at = mac[-1] & 15
		print("%06d" % ((struct.unpack(">I", mac[at:at + 4])[0] & 0x7fffffff) % 1000000))
	PYTHON
}

wrong_code() {
	printf '%06d' $(((10#$(code_at 0) + 7) % 1000000))
}

# As if the last code had been taken long ago.
forget_last_code() {
	sql "update users.second_factor set last_step = 0 where user_id = '$user_id'" >/dev/null
}

begin() {
	expect 200 POST $path "{\"password\":\"$password\"}" -H "$as"
	secret=$(json secret)
}

# someone_with_a_factor NAME: sets $secret and $codes, beside what person() does; no code is used.
someone_with_a_factor() {
	person "$1"
	begin
	expect 200 POST $path/confirm "{\"code\":\"$(code_at 0)\"}" -H "$as"
	codes=$(jq -r '.recovery_codes[]' "$scratch/body")
	forget_last_code
}

first_code() {
	printf '%s\n' "$codes" | sed -n 1p
}

# log_in STATUS [CODE]
log_in() {
	expect "$1" POST /api/users/login \
	    "{\"username\":\"$name\",\"password\":\"$password\"${2:+,\"code\":\"$2\"}}"
}

events_of() {	# TYPE
	sql "select count(*) from users.outbox where aggregate_id = '$user_id' and type = 'users.$1'"
}

mails_like() {	# PATTERN
	sql "select count(*) from users.mail where user_id = '$user_id' and subject like '$1'"
}

a_second_factor_counts_once_a_code_has_confirmed_it() {
	person amy
	expect 200 GET $path -H "$as"
	same "at first" '{"enabled":false,"recovery_codes_left":0}' "$(body)"
	begin
	same url "otpauth://totp/Marquee:$name?secret=$secret&issuer=Marquee&algorithm=SHA1&digits=6&period=30" "$(json url)"
	same "secret's length" 32 "${#secret}"
	expect 200 GET $path -H "$as"
	same "not yet" false "$(jq .enabled "$scratch/body")"
	log_in 200
	expect 403 POST $path/confirm "{\"code\":\"$(wrong_code)\"}" -H "$as"
	expect_problem wrong_code
	expect 200 POST $path/confirm "{\"code\":\"$(code_at 0)\"}" -H "$as"
	same "ten different codes" 10 "$(jq -r '.recovery_codes[]' "$scratch/body" | sort -u |
	    grep -Ecx '[a-hjkmnp-z02-9]{5}-[a-hjkmnp-z02-9]{5}')"
	expect 200 GET $path -H "$as"
	same keys '["enabled","confirmed_at","recovery_codes_left"]' "$(jq -c keys_unsorted "$scratch/body")"
	same enabled true "$(json enabled)"
	same left 10 "$(json recovery_codes_left)"
	expect 200 GET /api/users/profile -H "$as"
	same profile true "$(json second_factor)"
	same events 1 "$(events_of second_factor_enabled)"
	same mails 1 "$(mails_like 'Your account has a second factor')"
}

one_that_was_begun_twice_has_the_second_secret() {
	person amy
	begin
	first=$secret
	begin
	second=$secret secret=$first
	expect 403 POST $path/confirm "{\"code\":\"$(code_at 0)\"}" -H "$as"
	secret=$second
	expect 200 POST $path/confirm "{\"code\":\"$(code_at 0)\"}" -H "$as"
	expect 409 POST $path "{\"password\":\"$password\"}" -H "$as"
	expect_problem second_factor_enabled
	expect 409 POST $path/confirm "{\"code\":\"$(code_at 1)\"}" -H "$as"
	expect_problem second_factor_enabled
}

log_in_asks_for_a_code() {
	someone_with_a_factor bob
	log_in 401
	expect_problem second_factor_required
	log_in 401 "$(wrong_code)"
	expect_problem wrong_code
	log_in 200 "$(code_at 0)"
	# A wrong password is told first: who does not know it learns nothing of the factor.
	expect 401 POST /api/users/login "{\"username\":\"$name\",\"password\":\"wrong horse\"}"
	expect_problem wrong_credentials
	expect 401 POST /api/shop/login "{\"username\":\"$name\",\"password\":\"$password\"}"
	expect_problem second_factor_required
}

a_code_is_good_once_and_only_in_its_time() {
	someone_with_a_factor bob
	used=$(code_at 0) next=$(code_at 1)
	log_in 200 "$used"
	log_in 401 "$used"
	expect_problem wrong_code
	# An older one than the last is as good as used.
	log_in 200 "$next"
	log_in 401 "$(code_at 0)"
	forget_last_code
	log_in 401 "$(code_at -3)"
	log_in 401 "$(code_at 3)"
	log_in 200 "$(code_at 0 | sed 's/.../& /')"
}

two_codes_wait() {
	[[ $(sql "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and application_name <> 'psql'
	    and query ~ 'update second_factor|delete from recovery_code'") = 2 ]]
}

# Both have read that the code is good, and wait for the row, which another holds.
of_two_with_one_code_at_once_one_comes_in() {
	for kind in 'code_at 0' first_code; do
		someone_with_a_factor bob
		code=$($kind)
		rm -f "$scratch"/{waits,held}
		{
			echo "begin; select 'held' from users.second_factor left join users.recovery_code using (user_id)
			    where user_id = '$user_id' for update of second_factor;
			    select from users.recovery_code where user_id = '$user_id' for update;"
			until_true 10 test -e "$scratch/waits"
			echo "commit;"
		} | ctl psql primary -X -q -At >"$scratch/held" &
		until_true 10 grep -q held "$scratch/held"
		for i in 1 2; do
			$CURL -o /dev/null -w '%{http_code}\n' -H 'Content-Type: application/json' \
			    -d "{\"username\":\"$name\",\"password\":\"$password\",\"code\":\"$code\"}" \
			    "$BASE/api/users/login" >"$scratch/at-once.$i" &
		done
		until_true 10 two_codes_wait
		: >"$scratch/waits"
		wait
		same "one in, one out" '200 401 ' "$(sort "$scratch"/at-once.* | tr '\n' ' ')"
	done
}

codes_cannot_be_tried_for_long() {
	person mal
	begin
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		expect 403 POST $path/confirm "{\"code\":\"$(wrong_code)\"}" -H "$as"
	done
	for code in "$(wrong_code)" "$(code_at 0)"; do
		expect 429 POST $path/confirm "{\"code\":\"$code\"}" -H "$as"
		expect_problem too_many
		[[ $(header Retry-After) -gt 0 ]] || fail "no Retry-After"
	done
}

passwords_cannot_be_tried_there_either() {
	someone_with_a_factor mal
	for _ in 1 2; do
		expect 403 POST $path '{"password":"wrong horse"}' -H "$as"
		expect 403 DELETE $path '{"password":"wrong horse","code":"123456"}' -H "$as"
	done
	expect 403 POST $path/recovery-codes '{"password":"wrong horse","code":"123456"}' -H "$as"
	expect 429 POST $path/recovery-codes "{\"password\":\"$password\",\"code\":\"123456\"}" -H "$as"
	expect_problem too_many
}

a_recovery_code_is_good_once_and_its_use_is_mailed() {
	someone_with_a_factor rob
	log_in 200 "$(first_code)"
	log_in 401 "$(first_code)"
	expect_problem wrong_code
	expect 200 GET $path -H "$as"
	same left 9 "$(json recovery_codes_left)"
	same mails 1 "$(mails_like 'A recovery code was used')"
	# As someone may type it.
	log_in 200 "$(printf '%s\n' "$codes" | sed -n '2{s/-/ /;p}' | tr '[:lower:]' '[:upper:]')"
}

a_recovery_code_is_of_no_use_to_another() {
	someone_with_a_factor rob
	his=$(first_code)
	someone_with_a_factor sue
	log_in 401 "$his"
	expect_problem wrong_code
}

new_recovery_codes_void_the_old_ones() {
	someone_with_a_factor rob
	expect 403 POST $path/recovery-codes "{\"password\":\"wrong horse\",\"code\":\"$(code_at 0)\"}" -H "$as"
	expect_problem wrong_password
	expect 200 POST $path/recovery-codes "{\"password\":\"$password\",\"code\":\"$(code_at 0)\"}" -H "$as"
	same many 10 "$(jq '.recovery_codes | unique | length' "$scratch/body")"
	fresh=$(json 'recovery_codes[9]')
	log_in 401 "$(first_code)"
	log_in 200 "$fresh"
}

# Or they would be a way around the authenticator for who has a device of that person open.
new_recovery_codes_are_not_for_who_has_the_password_alone() {
	someone_with_a_factor rob
	expect 422 POST $path/recovery-codes "{\"password\":\"$password\"}" -H "$as"
	expect_problem invalid code
	expect 403 POST $path/recovery-codes "{\"password\":\"$password\",\"code\":\"$(wrong_code)\"}" -H "$as"
	expect_problem wrong_code
	expect 200 POST $path/recovery-codes "{\"password\":\"$password\",\"code\":\"$(first_code)\"}" -H "$as"
	expect 403 POST $path/recovery-codes "{\"password\":\"$password\",\"code\":\"$(first_code)\"}" -H "$as"
	expect 200 GET $path -H "$as"
	same left 10 "$(json recovery_codes_left)"
}

it_ends_for_who_has_both_password_and_code() {
	someone_with_a_factor eve
	expect 403 DELETE $path "{\"password\":\"wrong horse\",\"code\":\"$(code_at 0)\"}" -H "$as"
	expect_problem wrong_password
	expect 403 DELETE $path "{\"password\":\"$password\",\"code\":\"$(wrong_code)\"}" -H "$as"
	expect_problem wrong_code
	expect 200 GET $path -H "$as"
	same "still there" true "$(json enabled)"
	same "no code lost" 10 "$(json recovery_codes_left)"
	expect 200 DELETE $path "{\"password\":\"$password\",\"code\":\"$(code_at 0)\"}" -H "$as"
	same body '{"status":"success","message":"The second factor is off"}' "$(body)"
	log_in 200
	expect 200 GET $path -H "$as"
	same "as at first" '{"enabled":false,"recovery_codes_left":0}' "$(body)"
	same events 1 "$(events_of second_factor_disabled)"
	same mails 1 "$(mails_like '%no second factor any more')"
	expect 409 DELETE $path "{\"password\":\"$password\",\"code\":\"123456\"}" -H "$as"
	expect_problem second_factor_off
	expect 409 POST $path/recovery-codes "{\"password\":\"$password\",\"code\":\"123456\"}" -H "$as"
	begin
}

who_lost_the_authenticator_ends_it_by_a_recovery_code() {
	someone_with_a_factor eve
	expect 200 DELETE $path "{\"password\":\"$password\",\"code\":\"$(first_code)\"}" -H "$as"
	log_in 200
}

nothing_of_it_can_be_read_in_the_database() {
	someone_with_a_factor zoe
	plain=$(python3 -c 'import base64, sys; print(base64.b32decode(sys.argv[1]).hex())' "$secret")
	stored=$(sql "select encode(secret, 'hex') from users.second_factor where user_id = '$user_id'")
	[[ -n $stored && $stored != *"$plain"* ]] || fail "the secret is stored as it is"
	code=$(first_code | tr -d -)
	same hashes 0 "$(sql "select count(*) from users.recovery_code where code_hash in
	    (sha256('$code'), sha256('$(first_code)'), sha256('$user_id$code'))")"
	# Another account's secret does not open there.
	hers=$user_id
	someone_with_a_factor bob
	sql "update users.second_factor set secret = (select secret from users.second_factor where user_id = '$hers')
	    where user_id = '$user_id'" >/dev/null
	log_in 503 123456
}

strangers_and_services_have_none() {
	service="Authorization: Bearer $(service_token)"
	admin="Authorization: Bearer $(ctl token --role admin --name tester)"
	while read -r method where body; do
		expect 401 "$method" "$where" ${body:+"$body"}
		expect 403 "$method" "$where" ${body:+"$body"} -H "$service"
	done <<-ROUTES
		GET $path
		POST $path {"password":"x"}
		POST $path/confirm {"code":"123456"}
		POST $path/recovery-codes {"password":"x","code":"123456"}
		DELETE $path {"password":"x","code":"123456"}
	ROUTES
	expect 404 GET $path -H "$admin"
	expect 404 POST $path '{"password":"correct horse"}' -H "$admin"
}

what_makes_no_sense_names_its_field() {
	person amy
	expect 422 POST $path '{}' -H "$as"
	expect_problem invalid password
	expect 422 POST $path '{"password":7,"code":"123456"}' -H "$as"
	expect_problem invalid password
	expect_problem invalid code
	expect 422 DELETE $path '{"password":"correct horse"}' -H "$as"
	expect_problem invalid code
	expect 422 POST $path/confirm "{\"code\":\"$(printf '%040d' 0)\"}" -H "$as"
	expect_problem invalid code
	expect 400 POST $path/confirm '{"code":' -H "$as"
	expect 409 POST $path/confirm '{"code":"123456"}' -H "$as"
	expect_problem second_factor_not_begun
	expect 403 POST $path '{"password":"wrong horse"}' -H "$as"
	expect_problem wrong_password
}

tell \
	a_second_factor_counts_once_a_code_has_confirmed_it \
	one_that_was_begun_twice_has_the_second_secret \
	log_in_asks_for_a_code \
	a_code_is_good_once_and_only_in_its_time \
	of_two_with_one_code_at_once_one_comes_in \
	codes_cannot_be_tried_for_long \
	passwords_cannot_be_tried_there_either \
	a_recovery_code_is_good_once_and_its_use_is_mailed \
	a_recovery_code_is_of_no_use_to_another \
	new_recovery_codes_void_the_old_ones \
	new_recovery_codes_are_not_for_who_has_the_password_alone \
	it_ends_for_who_has_both_password_and_code \
	who_lost_the_authenticator_ends_it_by_a_recovery_code \
	nothing_of_it_can_be_read_in_the_database \
	strangers_and_services_have_none \
	what_makes_no_sense_names_its_field
