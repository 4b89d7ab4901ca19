#!/bin/bash
# Stories of WebSockets and event streams: who may open one, what comes, what clients may say.
# Messages are published as relays do, by tests/fixtures/publish.
cd "$(dirname "$0")"
. ./lib.sh
. ./stack.sh
. ../fixtures/sockets.sh

person alice
alice=$user_id as_alice=$as

# --- who may ---

strangers_are_refused_before_a_socket_opens() {
	local path

	for path in /ws /ws/rooms "/ws/notifications/$alice" "/ws/chat/$alice" /api/tickets/notification /api/tickets/subscribe/event; do
		opens "nobody${path//\//-}" "$path"
		hears "nobody${path//\//-}" '^status 401 .*"code":"sign_in"'
	done
	opens forged /ws -H 'Authorization: Bearer eyJhbGciOiJub25lIn0.e30.'
	hears forged '^status 401 '
	opens cookie /ws -H "Cookie: token=$token"
	hears cookie '^status 401 '
	opens leaky "/ws?token=$token"
	hears leaky '^status 422 '
}

pages_of_other_origins_are_refused() {
	opens other /ws -H "$as_alice" -H 'Origin: https://example.org'
	hears other '^status 403 '
	opens sandbox /ws -H "$as_alice" -H 'Origin: null'
	hears sandbox '^status 403 '
	opens own /ws -H "$as_alice" -H "Origin: $BASE"
	hears own '^open$'
}

what_is_no_socket_says_how_it_would_be_one() {
	expect 426 GET /ws -H "$as_alice" --http1.1
	expect_problem upgrade_required
	same Upgrade websocket "$(header Upgrade)"
	expect 426 GET /ws -H "$as_alice" --http2
	expect_problem upgrade_required
	same "in the contract" 6 "$($CURL -f "$BASE/api/openapi.json" | jq '[.paths[].get | select(.responses["101"])] | length')"
	expect 405 POST /ws -H "$as_alice"
	expect 404 GET /ws/elsewhere -H "$as_alice"
	expect 404 GET /ws/chat/me -H "$as_alice" -H 'Accept: text/event-stream'
	expect 422 GET '/ws?after=7' -H "$as_alice" -H 'Accept: text/event-stream'
	expect_problem invalid after
}

ones_own_channels_are_nobody_elses() {
	local other=$alice

	person bob
	for path in notifications chat; do
		opens "own-$path" "/ws/$path/$user_id" -H "$as"
		hears "own-$path" "\"type\":\"joined\",\"channel\":\"$path:$user_id\""
		opens "foreign-$path" "/ws/$path/$other" -H "$as"
		hears "foreign-$path" '^status 403 .*"code":"forbidden"'
	done
	opens tickets /api/tickets/notification -H "$as"
	hears tickets "\"joined\",\"channel\":\"notifications:$user_id\""
	says tickets "{\"action\":\"join\",\"channel\":\"chat:$other\"}"
	hears tickets '"code":"forbidden"'
	publish "notifications:$user_id" 1 2 >/dev/null
	counts_to own-notifications 1 2
	never_heard own-chat '"n":'
}

a_ticket_opens_one_socket_once() {
	local ticket

	expect 401 POST /api/users/ws-ticket
	expect 200 POST /api/users/ws-ticket -H "$as_alice"
	ticket=$(json ticket)
	same expires_in 30 "$(json expires_in)"
	expect 401 GET /api/users/sessions -H "Authorization: Bearer $ticket"
	opens with-ticket "/ws/chat/$alice?ticket=$ticket"
	hears with-ticket '"type":"joined"'
	opens again "/ws/chat/$alice?ticket=$ticket"
	hears again '^status 401 '
	opens token-as-ticket "/ws?ticket=$token"
	hears token-as-ticket '^status 401 '
}

nobody_opens_sockets_without_end() {
	local n

	person greedy
	for ((n = 1; n <= 20; n++)); do
		opens "greedy$n" /ws -H "$as"
		hears "greedy$n" '^open$'
	done
	opens greedy21 /ws -H "$as"
	hears greedy21 '^status 429 .*"code":"too_many"'
	says greedy1 '!close'
	hears greedy1 '^end$'
	opens greedy22 /ws -H "$as"
	hears greedy22 '^open$'
}

# --- what comes ---

rooms_of_the_lab_are_heard_by_all_who_joined() {
	local n first=$EPOCHSECONDS	# no earlier run has used these

	for n in 1 2 3; do
		opens "lab$n" /ws/rooms -H "$as_alice"
		says "lab$n" '{"action":"join","room":"notify-upload"}'
		hears "lab$n" '"joined","channel":"lab:notify-upload"'
	done
	publish lab:notify-upload "$first" 20 >/dev/null
	for n in 1 2 3; do
		counts_to "lab$n" "$first" $((first + 19))
	done
	says lab1 '{"action":"leave","channel":"lab:notify-upload"}'
	hears lab1 '"left","channel":"lab:notify-upload","reason":"asked"'
	publish lab:notify-upload $((first + 20)) 1 >/dev/null
	hears lab2 "\"n\":$((first + 20))"
	says lab1 '{"action":"ping"}'
	hears lab1 '"type":"pong"'
	never_heard lab1 "\"n\":$((first + 20))"
}

who_comes_back_gets_what_was_missed_and_nothing_twice() {
	local channel place

	channel=$(new_channel)
	publish "$channel" 1 300 >"$scratch/place"
	read -r place <"$scratch/place"
	opens missed "/ws?channels=$channel&after=${place%.*}.7" -H "$as_alice"
	counts_to missed 8 300
	hears missed "\"joined\",\"channel\":\"$channel\",\"epoch\":\"${place%.*}\",\"seq\":7"
	opens current /ws -H "$as_alice"
	says current "{\"action\":\"join\",\"channel\":\"$channel\",\"after\":\"$place\"}"
	hears current '"joined"'
	opens fresh "/ws?channels=$channel" -H "$as_alice"
	hears fresh "\"joined\",.*\"seq\":300"
	publish "$channel" 301 5 >/dev/null
	counts_to missed 8 305
	counts_to current 301 305
	counts_to fresh 301 305
}

history_that_is_gone_is_said() {
	local channel place epoch

	channel=$(new_channel)
	place=$(publish "$channel" 1 200)
	epoch=${place%.*}
	on_bus xtrim "channel:$channel:log" maxlen 20 >/dev/null
	opens trimmed "/ws?channels=$channel&after=$epoch.3" -H "$as_alice"
	hears trimmed "\"reload\",\"channel\":\"$channel\",\"epoch\":\"$epoch\",\"seq\":200"
	opens other-epoch "/ws?channels=$channel&after=00000000000000aa.3" -H "$as_alice"
	hears other-epoch "\"reload\",\"channel\":\"$channel\",\"epoch\":\"$epoch\",\"seq\":200"
	opens ahead "/ws?channels=$channel&after=$epoch.999" -H "$as_alice"
	hears ahead "\"reload\",.*\"seq\":200"
	publish "$channel" 201 3 >/dev/null
	for name in trimmed other-epoch ahead; do
		counts_to "$name" 201 203
	done
	on_bus del "channel:$channel" "channel:$channel:log" >/dev/null
	publish "$channel" 204 3 >/dev/null
	hears trimmed "\"reload\",\"channel\":\"$channel\",\"epoch\":\"[^\"]*\",\"seq\":[1-3]"
	publish "$channel" 207 1 >/dev/null
	hears trimmed '"n":207'
}

one_number_missing_on_the_way_is_fetched() {
	local channel

	channel=$(new_channel)
	opens gap "/ws?channels=$channel" -H "$as_alice"
	hears gap '"joined"'
	publish "$channel" 1 2 >/dev/null
	hears gap '"n":2'
	keep_untold "$channel" 3
	publish "$channel" 4 1 >/dev/null
	counts_to gap 1 4
}

# In the history alone, as when the bus drops what it should have pushed.
keep_untold() {	# CHANNEL NUMBER
	on_bus eval "local seq = redis.call('HINCRBY', KEYS[1], 'seq', 1)
		redis.call('XADD', KEYS[2], seq .. '-0', 'frame', '{\"channel\":\"' .. ARGV[1] .. '\",\"epoch\":\"' ..
		redis.call('HGET', KEYS[1], 'epoch') .. '\",\"seq\":' .. seq .. ',\"n\":' .. ARGV[2] .. '}')" 2 \
		"channel:$1" "channel:$1:log" "$1" "$2" >/dev/null
}

what_was_told_while_the_bus_was_away_comes_when_it_is_back() {
	local channel

	channel=$(new_channel)
	opens waits "/ws?channels=$channel" -H "$as_alice"
	hears waits '"joined"'
	publish "$channel" 1 2 >/dev/null
	hears waits '"n":2'
	keep_untold "$channel" 3
	on_bus client kill type pubsub >/dev/null
	counts_to waits 1 3
}

an_event_stream_goes_on_where_it_was() {
	local channel id

	channel=$(new_channel)
	publish "$channel" 1 3 >/dev/null
	$CURL -N -H "$as_alice" -H 'Accept: text/event-stream' "$BASE/ws?channels=$channel" >"$scratch/events" &
	events=$!
	hears events '"joined"'
	publish "$channel" 4 3 >/dev/null
	counts_to events 4 6
	kill "$events"
	id=$(sed -n 's/^id: //p' "$scratch/events" | tail -n 3 | head -n 1)
	publish "$channel" 7 2 >/dev/null
	$CURL -N -H "$as_alice" -H 'Accept: text/event-stream' -H "Last-Event-ID: $id" "$BASE/ws?channels=$channel" >"$scratch/resumed" &
	events=$!
	counts_to resumed 5 8
	kill "$events"
}

# --- what clients do ---

fragments_and_pings_between_are_understood() {
	opens parts /ws -H "$as_alice"
	says parts '!fragments {"action" : "ping"}'
	hears parts '"type":"pong"'
	says parts '!ping'
	hears parts '^pong$'
	says parts '{"action":"sing"}'
	hears parts '"code":"invalid"'
	says parts 'no json'
	hears parts '"code":"bad_json"'
	says parts '{"action":"join","channel":"nonsense"}'
	hears parts '"code":"not_found"'
	says parts '{"action":"leave","channel":"game:1"}'
	hears parts '"code":"not_joined"'
	says parts '!close'
	hears parts '^close 1000'
}

a_breach_of_the_protocol_is_closed_with_its_code() {
	local breach

	for breach in 'invalid 1007' 'binary 1003' 'unmasked 1002' 'big 1009 5000' 'big 1009 1000000'; do
		# shellcheck disable=SC2086
		set -- $breach
		opens "breach-$1-${3-}" /ws -H "$as_alice"
		says "breach-$1-${3-}" "!$1 ${3-}"
		hears "breach-$1-${3-}" "^close $2"
		hears "breach-$1-${3-}" '^end$'
	done
}

a_flood_of_frames_is_closed() {
	opens flood /ws -H "$as_alice"
	says flood '!flood 500'
	hears flood '^close 1008 too many frames'
}

# --- rooms, whose members chat knows ---

# In place of the chat pool: what chat answers.
who_takes_requests() {
	pgrep -P "$(master nginx)" -fx 'nginx: worker process'
}

others_take_requests() {	# WHO DID
	! who_takes_requests | grep -qxF "$1"
}

chat_says() {	# LINE OF NGINX
	local before

	mkdir -p "$state/nginx/extra/http"
	# shellcheck disable=SC2064
	trap "rm '$state/nginx/extra/http/chat.conf'; kill -HUP \$(master nginx); kill \$(jobs -p) 2>/dev/null || :" EXIT
	cat >"$state/nginx/extra/http/chat.conf" <<-NGINX
	server {
		listen unix:$state/run/internal.sock;
		server_name chat;
		default_type application/json;
		location /internal/rooms/ { $1 }
	}
	NGINX
	before=$(who_takes_requests)
	kill -HUP "$(master nginx)"
	until_true 10 others_take_requests "$before"
}

# It asks again until the new answer is there: an old worker of nginx may have given the one before.
asked_for() {	# NAME ROOM PATTERN
	says "$1" "{\"action\":\"join\",\"channel\":\"$2\"}"
	sleep 0.1
	grep -qE -- "$3" "$scratch/$1"
}

rooms_are_for_those_whom_chat_lets_in() {
	local room=room:01890000-0000-7000-8000-00000000000a

	opens member /ws -H "$as_alice"
	chat_says "return 404 '{}';"
	until_true 10 asked_for member "$room" '"code":"not_found"'
	chat_says "return 500;"
	until_true 10 asked_for member "$room" '"code":"unavailable"'
	chat_says "return 200 '{\"allowed\":false,\"reason\":\"banned\"}';"
	until_true 10 asked_for member "$room" '"code":"forbidden"'
	chat_says "return 200 '{\"allowed\":true}';"
	until_true 10 asked_for member "$room" '"joined"'
	until_true 5 is_present "$room"
	on_bus publish channel:control "{\"kick\":{\"channel\":\"$room\",\"user_id\":\"$alice\",\"reason\":\"banned\"}}" >/dev/null
	hears member "\"left\",\"channel\":\"$room\",\"reason\":\"banned\""
	until_true 5 is_absent "$room"
}

# A question that waits at chat, as it was answered before the ban and comes after it.  The pong: both joins have arrived.
who_is_put_out_while_he_asks_does_not_come_in() {
	local first=room:01890000-0000-7000-8000-00000000000b room=room:01890000-0000-7000-8000-00000000000c

	opens asking /ws -H "$as_alice"
	mkdir -p "$state/nginx/extra/http"
	echo "limit_req_zone \$server_name zone=slowly:32k rate=2r/s;" >"$state/nginx/extra/http/slowly.conf"
	chat_says "limit_req zone=slowly burst=9; try_files /none @yes; } location @yes { return 200 '{\"allowed\":true}';"
	# shellcheck disable=SC2064
	trap "rm '$state'/nginx/extra/http/{slowly,chat}.conf; kill -HUP \$(master nginx); kill \$(jobs -p) 2>/dev/null || :" EXIT
	until_true 10 asked_for asking "$first" '"joined"'
	says asking "{\"action\":\"join\",\"channel\":\"$first\"}"
	says asking "{\"action\":\"join\",\"channel\":\"$room\"}"
	says asking '{"action":"ping"}'
	hears asking '"pong"'
	forgets asking
	on_bus publish channel:control "{\"kick\":{\"channel\":\"$room\",\"user_id\":\"$alice\"}}" >/dev/null
	hears asking "\"(forbidden|left)\".*$room"
	publish "$room" 1 1 >/dev/null
	says asking '{"action":"ping"}'
	hears asking '"pong"'
	never_heard asking '"n":1'
}

is_present() {
	[[ -n $(on_bus zscore "presence:$1" "$alice") ]]
}

is_absent() {
	! is_present "$1"
}

tell strangers_are_refused_before_a_socket_opens \
    pages_of_other_origins_are_refused \
    what_is_no_socket_says_how_it_would_be_one \
    ones_own_channels_are_nobody_elses \
    a_ticket_opens_one_socket_once \
    nobody_opens_sockets_without_end \
    rooms_of_the_lab_are_heard_by_all_who_joined \
    who_comes_back_gets_what_was_missed_and_nothing_twice \
    history_that_is_gone_is_said \
    one_number_missing_on_the_way_is_fetched \
    what_was_told_while_the_bus_was_away_comes_when_it_is_back \
    an_event_stream_goes_on_where_it_was \
    fragments_and_pings_between_are_understood \
    a_breach_of_the_protocol_is_closed_with_its_code \
    a_flood_of_frames_is_closed \
    rooms_are_for_those_whom_chat_lets_in \
    who_is_put_out_while_he_asks_does_not_come_in
