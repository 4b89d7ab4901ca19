#!/bin/bash
# Stories of WebSockets: slow clients, and how sockets end.
# Messages are published as relays do, by tests/fixtures/publish.
cd "$(dirname "$0")"
. ./lib.sh
. ./stack.sh
. ../fixtures/sockets.sh

person alice
as_alice=$as

# Until the story is over, however it ends.
with_settings() {	# PROGRAM LINE
	# shellcheck disable=SC2064
	trap "rm '$state/etc/marquee/$1.local'; mend; kill \$(jobs -p) 2>/dev/null || :" EXIT
	echo "$2" >"$state/etc/marquee/$1.local"
	mend
}

a_slow_client_holds_up_nobody_and_gets_all_in_the_end() {
	local channel before

	with_settings realtime 'slow_s = 60'
	channel=$(new_channel)
	before=$(metric slow_total)
	opens slow "/ws?channels=$channel" -H "$as_alice"
	opens quick "/ws?channels=$channel" -H "$as_alice"
	hears slow '"joined"'
	hears quick '"joined"'
	says slow '!deaf'
	publish "$channel" 1 900 0 16000 >/dev/null
	counts_to quick 1 900
	(($(metric slow_total) > before)) || fail "nobody was slow"
	never_heard slow '"n":900'
	says slow '!hear'
	counts_to slow 1 900
}

a_log_out_closes_the_sockets_of_that_session() {
	person carol
	opens here "/ws/chat/$user_id" -H "$as"
	hears here '"joined"'
	first=$as
	log_in_as "$name"
	opens there "/ws/chat/$user_id" -H "$as"
	hears there '"joined"'
	expect 200 POST /api/users/logout -H "$first"
	hears here '^close 4001 session ended'
	publish "chat:$user_id" 1 1 >/dev/null
	counts_to there 1 1
	expect 401 GET /ws -H "$first" -H 'Accept: text/event-stream'
}

a_client_that_takes_nothing_is_given_up() {
	local channel before

	with_settings realtime 'slow_s = 1'
	channel=$(new_channel)
	before=$(metric dropped_total)
	opens deaf "/ws?channels=$channel" -H "$as_alice"
	hears deaf '"joined"'
	says deaf '!deaf'
	publish "$channel" 1 900 0 16000 >/dev/null
	until_true 10 dropped_since "$before"
	says deaf '!hear'
	hears deaf '^close 1013 too slow'
}

who_is_far_behind_in_many_channels_gets_all_of_it() {
	local channel place

	opens far /ws -H "$as_alice"
	hears far '^open$'
	says far '!deaf'
	for _ in {1..12}; do
		channel=$(new_channel)
		place=$(publish "$channel" 1 70 0 16000)
		says far "{\"action\":\"join\",\"channel\":\"$channel\",\"after\":\"${place%.*}.0\"}"
	done
	says far '!hear'
	until_true 15 heard_last far 12
	same "what far heard" "$(for _ in {1..12}; do seq 70; done | sort -n)" "$(grep -o '"n":[0-9]*' "$scratch/far" | cut -d : -f 2 | sort -n)"
}

heard_last() {	# NAME TIMES
	(($(grep -c '"n":70,' "$scratch/$1") == $2))
}

who_asks_on_and_on_and_takes_no_answer_is_given_up() {
	local channel before

	with_settings realtime $'slow_s = 60\nframes_per_s = 5000'
	channel=$(new_channel)
	before=$(metric dropped_total)
	opens asking "/ws?channels=$channel" -H "$as_alice"
	hears asking '"joined"'
	says asking '!deaf'
	publish "$channel" 1 900 0 16000 >/dev/null
	says asking '!flood 600'
	until_true 10 dropped_since "$before"
	says asking '!hear'
	hears asking '^close 1013 too slow'
}

dropped_since() {
	(($(metric dropped_total) > $1))
}

a_token_that_expires_takes_its_socket_with_it() {
	with_settings users 'token_lifetime_s = 10'
	person dave
	until_true 10 has_a_brief_token
	opens brief /ws -H "$as"
	expect 200 POST /api/users/ws-ticket -H "$as"
	opens briefer "/ws?ticket=$(json ticket)"
	hears brief '^close 4001 token expired'
	hears briefer '^close 4001 token expired'
}

# A worker that drains may still give the usual one.
has_a_brief_token() {
	log_in_as "$name"
	jq -eR 'split(".")[1] | gsub("-"; "+") | gsub("_"; "/") | @base64d | fromjson | .exp - .iat == 10' <<<"$token" >/dev/null
}

a_reload_of_nginx_keeps_sockets() {
	local channel

	channel=$(new_channel)
	opens through "/ws?channels=$channel" -H "$as_alice"
	hears through '"joined"'
	before=$(pgrep -P "$(master nginx)" | sort | paste -sd ' ')
	kill -HUP "$(master nginx)"
	until_true 10 reloaded "$before"
	publish "$channel" 1 5 >/dev/null
	counts_to through 1 5
}

reloaded() {	# WORKERS: there are others beside them, or in their place
	[[ $(pgrep -P "$(master nginx)" | sort | paste -sd ' ') != "$1" ]]
}

a_restart_tells_clients_to_come_back() {
	opens sent-away /ws -H "$as_alice"
	hears sent-away '^open$'
	kill -TERM "$(master realtime)"
	hears sent-away '"type":"reconnect","after_ms":'
	hears sent-away '^close 1001'
	mend
	opens back /ws -H "$as_alice"
	hears back '^open$'
}

tell a_slow_client_holds_up_nobody_and_gets_all_in_the_end \
    a_log_out_closes_the_sockets_of_that_session \
    a_client_that_takes_nothing_is_given_up \
    who_is_far_behind_in_many_channels_gets_all_of_it \
    who_asks_on_and_on_and_takes_no_answer_is_given_up \
    a_token_that_expires_takes_its_socket_with_it \
    a_reload_of_nginx_keeps_sockets \
    a_restart_tells_clients_to_come_back
