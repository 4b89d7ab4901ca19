#!/bin/bash
# Stories of the keys that sign access tokens: they change while people sign in, and nothing else opens the door.
cd "$(dirname "$0")"
. ./lib.sh
. ./stack.sh

# --- tokens by hand ---

part() {	# base64url of standard input
	basenc --base64url -w0 | tr -d =
}

unpart() {	# and back
	text=$(cat)
	printf '%s%s' "$text" "$(printf '====' | head -c $(((4 - ${#text} % 4) % 4)))" | basenc --base64url -d
}

hexadecimal() {
	basenc --base16 -w0
}

# What openssl writes as two integers is 32 bytes each in a token.
raw_signature() {
	openssl asn1parse -inform DER | awk -F: '/INTEGER/ { print $NF }' | while read -r number; do
		printf '%64s' "$number" | tr ' ' 0
	done | basenc --base16 -d
}

kid_in_state() {	# STATE
	ctl keys --json | jq -r --arg state "$1" '.[] | select(.state == $state) | .kid'
}

active_kid() {
	kid_in_state active
}

claims() {	# JQ-FILTER: of a good token of $user_id, changed by the filter
	jq -cn --arg iss "$BASE" --arg sub "$user_id" --argjson now "$(date +%s)" \
	    '{ typ: "at+jwt", iss: $iss, aud: "marquee", sub: $sub, sid: "0190a2b4-5c6d-7e8f-9a0b-1c2d3e4f5a6c",
	       jti: "0190a2b4-5c6d-7e8f-9a0b-1c2d3e4f5a6d", name: "forged", roles: ["user"],
	       iat: $now, nbf: $now, exp: ($now + 60) } | '"${1:-.}"
}

header_part() {	# JQ-FILTER
	jq -cn --arg kid "$kid" '{ alg: "ES256", kid: $kid, typ: "JWT" } | '"${1:-.}" | tr -d '\n' | part
}

# forge [HEADER-FILTER [CLAIMS-FILTER]]: rightly signed with the stack's own private key.
forge() {
	text=$(header_part "${1:-.}").$(claims "${2:-.}" | tr -d '\n' | part)
	printf '%s.%s' "$text" "$(printf %s "$text" |
		openssl dgst -sha256 -sign "$state/secrets/token/$kid.pem" | raw_signature | part)"
}

# The public key's file as the secret: what a library that trusts "alg" would take.
forge_hmac() {
	text=$(header_part '.alg = "HS256"').$(claims | tr -d '\n' | part)
	printf '%s.%s' "$text" "$(printf %s "$text" | openssl dgst -sha256 -mac HMAC \
		-macopt "hexkey:$(hexadecimal <"$state/keys/$kid.pem")" -binary | part)"
}

kid_of() {	# TOKEN
	printf %s "${1%%.*}" | unpart | jq -r .kid
}

# --- what it is tried on ---

buyer() {	# NAME: a person with a purchase, on a pool that is not users
	person "$1"
	expect 200 GET '/api/demo/items?limit=1'
	expect 201 POST /api/demo/purchases "{\"item_id\":\"$(json '[0].item_id')\",\"quantity\":1}" -H "$as"
	purchase=/api/demo/purchases/$(json purchase_id)
}

answers_of() {	# TOKEN PATH TIMES: each status once; all workers are asked
	load "$3" "$2" -H "Authorization: Bearer $1" | awk '{ print $1 }' | paste -sd ' '
}

# Signs in again and again; each token is shown at once where it was not made.
sign_in_all_the_time() {
	while [[ -e $scratch/loading ]]; do
		call POST /api/users/login "{\"username\":\"$name\",\"password\":\"correct horse\"}"
		echo "$status log-in"
		[[ $status = 200 ]] || continue
		call GET "$purchase" -H "Authorization: Bearer $(json token)"
		echo "$status new"
	done
}

read_all_the_time() {
	while [[ -e $scratch/loading ]]; do
		load 50 "$purchase" -H "$as" | sed 's/$/ old/'
	done
}

has_more() {	# FILE LINES
	[[ $(wc -l <"$scratch/$1") -ge $2 ]]
}

go_on() {
	until_true 30 has_more sign-ins $(($(wc -l <"$scratch/sign-ins") + 6))
}

rotation_under_load_fails_nobody() {
	buyer rita
	: | tee "$scratch/loading" "$scratch/sign-ins" >"$scratch/reads"
	MARQUEE_ANSWERS='' sign_in_all_the_time >"$scratch/sign-ins" &
	signing=$!
	read_all_the_time >"$scratch/reads" &
	reading=$!
	go_on
	for round in 1 2 3 4; do
		ctl keys rotate >"$scratch/rotate" || fail "rotation $round"
		go_on
	done
	rm "$scratch/loading"
	wait "$signing" "$reading"
	same "sign-ins" "200" "$(awk '{ print $1 }' "$scratch/sign-ins" | sort -u)"
	same "reads" "200" "$(awk '{ print $1 }' "$scratch/reads" | sort -u)"
}

a_token_of_before_a_rotation_works_after_it() {
	buyer otto
	before=$token old=$(active_kid)
	same "kid" "$old" "$(kid_of "$before")"
	ctl keys rotate >"$scratch/rotate"
	log_in_as "$name"
	same "kid of the new token" "$(active_kid)" "$(kid_of "$token")"
	[[ $(active_kid) != "$old" ]] || fail "nothing was rotated"
	for it in "$before" "$token"; do
		same "on users" 200 "$(answers_of "$it" "/api/users/$user_id" 40)"
		same "on another pool" 200 "$(answers_of "$it" "$purchase" 40)"
	done
}

# The key is younger than any worker's last look at the folder.
a_token_of_a_brand_new_key_is_taken_by_every_worker() {
	buyer nina
	for round in 1 2 3; do
		ctl keys rotate >"$scratch/rotate"
		kid=$(awk '$2 == "next" { print $1 }' "$state/keys/states")
		it=$(forge)
		same "on users" 200 "$(answers_of "$it" "/api/users/$user_id" 8)"
		same "on another pool" "404" "$(answers_of "$it" "/api/demo/purchases/$user_id" 8)"
	done
}

tells() {	# KID...: whether the answer has them all
	expect 200 GET /.well-known/jwks.json
	for told; do
		jq -e --arg kid "$told" 'any(.keys[]; .kid == $kid)' "$scratch/body" >/dev/null || return 1
	done
}

anyone_can_check_our_tokens_with_the_published_keys() {
	person jo
	kid=$(kid_of "$token")
	# shellcheck disable=SC2046
	until_true 5 tells $(ctl keys --json | jq -r '.[].kid')
	same "Content-Type" application/json "$(header Content-Type)"
	[[ $(header Cache-Control) = max-age=* ]] || fail "not to be cached: $(header Cache-Control)"
	key=$(jq -c --arg kid "$kid" '.keys[] | select(.kid == $kid)' "$scratch/body")
	same "members" 'EC P-256 ES256 sig' "$(jq -r '"\(.kty) \(.crv) \(.alg) \(.use)"' <<<"$key")"
	# SubjectPublicKeyInfo of P-256 (RFC 5480) up to the point, then 4, x, y.
	{
		printf 3059301306072A8648CE3D020106082A8648CE3D03010703420004
		for coordinate in x y; do
			jq -j ".$coordinate" <<<"$key" | unpart | hexadecimal
		done
	} | basenc --base16 -d | openssl pkey -pubin -inform DER -out "$scratch/public.pem"
	signature=$(printf %s "${token##*.}" | unpart | hexadecimal)
	printf 'asn1=SEQUENCE:two\n[two]\nr=INTEGER:0x%s\ns=INTEGER:0x%s\n' "${signature:0:64}" "${signature:64}" |
		openssl asn1parse -genconf /dev/stdin -noout -out "$scratch/signature"
	printf %s "${token%.*}" >"$scratch/signed"
	same "openssl says" "Verified OK" \
	    "$(openssl dgst -sha256 -verify "$scratch/public.pem" -signature "$scratch/signature" "$scratch/signed")"
}

is_refused_everywhere() {	# TOKEN
	[[ "$(answers_of "$1" "/api/users/$user_id" 20) $(answers_of "$1" "$purchase" 20)" = '401 401' ]]
}

a_dropped_keys_tokens_end_within_a_second() {
	buyer dora
	dropped=$token kid=$(active_kid)
	same "kid" "$kid" "$(kid_of "$token")"
	# Remembered by every worker.
	same "before, on users" 200 "$(answers_of "$dropped" "/api/users/$user_id" 40)"
	same "before, on another pool" 200 "$(answers_of "$dropped" "$purchase" 40)"
	ctl keys drop "$kid" >"$scratch/drop"
	began=${EPOCHREALTIME/./}
	until_true 5 is_refused_everywhere "$dropped"
	took=$((${EPOCHREALTIME/./} - began))
	((took < 1000000)) || fail "it took $took us"
	is_refused_everywhere "$dropped" || fail "it came back"
	! grep -q "^$kid " "$state/keys/states" || fail "$kid still has a state"
	[[ ! -e $state/secrets/token/$kid.pem && ! -e $state/keys/$kid.pem ]] || fail "a half of $kid is still there"
	log_in_as "$name"
	same "after, on users" 200 "$(answers_of "$token" "/api/users/$user_id" 40)"
	same "after, on another pool" 200 "$(answers_of "$token" "$purchase" 40)"
}

# The same answer for all of them, but for its number.
is_no_token() {	# WHAT TOKEN
	for path in "/api/users/$user_id" "$purchase"; do
		printf 'Authorization: Bearer %s' "$2" >"$scratch/token"
		expect 401 GET "$path" -H "@$scratch/token"
		same "the answer to $1" "$nothing" "$(jq -c 'del(.request_id)' "$scratch/body")"
	done
}

a_token_in_any_wrong_form_is_answered_as_none_is() {
	buyer mal
	kid=$(active_kid) good=$(forge)
	expect 200 GET "/api/users/$user_id" -H "Authorization: Bearer $good"
	expect 401 GET "$purchase"
	nothing=$(jq -c 'del(.request_id)' "$scratch/body")
	body=${good#*.} body=${body%.*}
	is_no_token "alg none" "$(header_part '.alg = "none"').$body."
	is_no_token "alg none with a signature" "$(header_part '.alg = "none"').$body.${good##*.}"
	is_no_token "HS256 by the public key" "$(forge_hmac)"
	is_no_token "no kid" "$(forge 'del(.kid)')"
	is_no_token "an unknown kid" "$(forge '.kid = "unknown"')"
	for hostile in "../../secrets/token/$kid" "/etc/passwd" "$kid.pem" "$kid/." "%2e%2e%2f$kid" "states" "' or '1'='1"; do
		is_no_token "kid $hostile" "$(forge ".kid = \"$hostile\"")"
	done
	is_no_token "a kid with a NUL" "$(forge '.kid += "\u0000"')"
	is_no_token "a kid that is a list" "$(forge '.kid = [.kid]')"
	is_no_token "a long kid" "$(forge '.kid *= 128')"
	is_no_token "jku" "$(forge '.jku = "https://localhost/keys"')"
	is_no_token "jwk" "$(forge '.jwk = { kty: "EC" }')"
	is_no_token "crit" "$(forge '.crit = ["exp"]')"
	is_no_token "another typ in the header" "$(forge '.typ = "at+jwt"')"
	is_no_token "an expired one" "$(forge . '.exp = .iat - 1 | .iat -= 60 | .nbf -= 60')"
	is_no_token "a future nbf" "$(forge . '.nbf += 30')"
	is_no_token "a future iat" "$(forge . '.iat += 30')"
	is_no_token "another iss" "$(forge . '.iss += "/"')"
	is_no_token "another aud" "$(forge . '.aud = "other"')"
	is_no_token "a list for aud" "$(forge . '.aud = [.aud]')"
	is_no_token "another typ" "$(forge . '.typ = "JWT"')"
	is_no_token "two days" "$(forge . '.exp = .iat + 172800')"
	for cut in "${good%%.*}" "${good%%.*}." "${good%.*}" "${good%.*}." ".$body.${good##*.}" "$good." "$good.x"; do
		is_no_token "a part too few or many" "$cut"
	done
	expect 200 GET "/api/users/$user_id" -H "Authorization: Bearer $good"
}

# What does not fit is nginx' to refuse, before anyone reads it.
refuses_unread() {	# FILE
	$CURL --http1.1 -o "$scratch/body" -w '%{http_code}' -H "@$1" "$BASE/api/users/$user_id"
	sed 's/[0-9a-f]\{32\}//' "$scratch/body" >>"$scratch/refusals"
}

a_token_of_a_megabyte_is_refused_and_harms_nobody() {
	person max
	{ printf 'Authorization: Bearer '; head -c 10000 /dev/zero | tr '\0' A; } >"$scratch/ten"
	{ printf 'Authorization: Bearer '; head -c 1000000 /dev/zero | tr '\0' A; } >"$scratch/thousand"
	: >"$scratch/refusals"
	for size in ten ten thousand thousand; do
		refuses_unread "$scratch/$size"
		echo
	done >"$scratch/statuses"
	same "statuses" 431 "$(sort -u "$scratch/statuses")"
	same "answers" 1 "$(sort -u "$scratch/refusals" | wc -l)"
	same "others" 200 "$(answers_of "$token" "/api/users/$user_id" 20)"
}

# --- steps that are broken off ---

# keys_here ARGUMENT...: in folders of its own, where the so-manyth mv or rm is the last thing it does.
keys_here() {
	(
		PATH=$scratch/shims:$PATH "$state/usr/bin/marqueectl" keys "$@" \
		    --keys "$scratch/public" --private "$scratch/private" || exit
	) >"$scratch/here" 2>&1
}

make_shims() {
	rm -rf "$scratch/shims" "$scratch/public" "$scratch/private"
	mkdir "$scratch/shims" "$scratch/public" "$scratch/private"
	for program in mv rm; do
		cat >"$scratch/shims/$program" <<-SHIM
		#!/bin/sh
		left=\$((\$(cat $scratch/left) - 1))
		echo \$left >$scratch/left
		/bin/$program "\$@"
		[ \$left != 0 ] || kill -KILL \$PPID
		SHIM
		chmod +x "$scratch/shims/$program"
	done
}

# What signs is verified by all, and is no key that was dropped.
keys_are_sound() {
	kid=$(awk '$2 == "active" { print $1 }' "$scratch/public/states")
	same "active keys" 1 "$(echo "$kid" | wc -w)"
	[[ -s $scratch/public/$kid.pem && -s $scratch/private/$kid.pem ]] || fail "$kid has not both halves"
	for public in "$scratch"/public/*.pem; do
		openssl pkey -pubin -in "$public" -noout || fail "$public is no key"
	done
	[[ $kid != "${dropped:-}" ]] || fail "a dropped key signs"
}

break_off() {	# KEYS-ARGUMENT...: after each of its steps; true: it was, false: it came to its end
	echo "$step" >"$scratch/left"
	! keys_here "$@"
}

a_command_that_is_killed_leaves_keys_that_work() {
	make_shims
	echo 0 >"$scratch/left"
	keys_here make
	for step in 1 2 3 4 5; do
		if break_off rotate; then
			keys_are_sound
		fi
		echo 0 >"$scratch/left"
		keys_here rotate || fail "$(cat "$scratch/here")"
		keys_are_sound
	done
	for step in 1 2 3 4 5 6 7 8; do
		dropped=$(awk '$2 == "active" { print $1 }' "$scratch/public/states")
		if break_off drop "$dropped" && ((step >= 3)); then
			keys_are_sound
		fi
		echo 0 >"$scratch/left"
		[[ ! -e $scratch/public/$dropped.pem ]] || keys_here drop "$dropped" || fail "$(cat "$scratch/here")"
		keys_here rotate || fail "$(cat "$scratch/here")"
		keys_are_sound
		[[ ! -e $scratch/public/$dropped.pem && ! -e $scratch/private/$dropped.pem ]] || fail "$dropped is there"
	done
	same "keys without a state" 0 "$(keys_here list --json; jq '[.[] | select(.state == "unlisted")] | length' "$scratch/here")"
}

a_retiring_key_goes_when_its_last_token_has_expired() {
	make_shims
	echo 0 >"$scratch/left"
	keys_here make
	keys_here rotate
	keys_here rotate
	old=$(awk '$2 == "retiring" { print $1; exit }' "$scratch/public/states")
	sed -i "s/^$old .*/$old retiring $(date -u -d '-24 hours' +%Y-%m-%dT%H:%M:%SZ)/" "$scratch/public/states"
	keys_here retire
	[[ -e $scratch/public/$old.pem ]] || fail "tokens of a service may still run"
	sed -i "s/^$old .*/$old retiring $(date -u -d '-25 hours' +%Y-%m-%dT%H:%M:%SZ)/" "$scratch/public/states"
	keys_here retire
	[[ ! -e $scratch/public/$old.pem && ! -e $scratch/private/$old.pem ]] || fail "it is still there"
	same "keys" 3 "$(wc -l <"$scratch/public/states")"
}

a_single_key_of_before_is_carried_over() {
	make_shims
	echo 0 >"$scratch/left"
	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$scratch/private/-old_key.pem" 2>/dev/null
	openssl pkey -in "$scratch/private/-old_key.pem" -pubout -out "$scratch/public/-old_key.pem"
	keys_here make
	same "active" -old_key "$(awk '$2 == "active" { print $1 }' "$scratch/public/states")"
	same "states" "active next" "$(awk '{ print $2 }' "$scratch/public/states" | sort | paste -sd ' ')"
}

tell rotation_under_load_fails_nobody \
    a_token_of_before_a_rotation_works_after_it \
    a_token_of_a_brand_new_key_is_taken_by_every_worker \
    anyone_can_check_our_tokens_with_the_published_keys \
    a_dropped_keys_tokens_end_within_a_second \
    a_token_in_any_wrong_form_is_answered_as_none_is \
    a_token_of_a_megabyte_is_refused_and_harms_nobody \
    a_command_that_is_killed_leaves_keys_that_work \
    a_retiring_key_goes_when_its_last_token_has_expired \
    a_single_key_of_before_is_carried_over
