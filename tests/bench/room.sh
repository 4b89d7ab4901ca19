# A thousand people in one room, through nginx with TLS: from a POST to each socket.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154

listeners=1000
words_a_second=20
words_s=20

bench_room()
{
	local said

	need_stack full
	cc -O2 -D_GNU_SOURCE -o "$work/room" "$here/room.c" -lssl -lcrypto -lcurl -lpthread ||
		fail "room.c needs a compiler, OpenSSL and libcurl"
	printf 'sockets_per_user = 10000\njoins_per_user = 100000\n' >"$state/etc/marquee/realtime.local"
	echo 'room_messages = 4095' >"$state/etc/marquee/chat.local"
	echo 'log_requests = off' >"$state/etc/marquee/marquee.local"
	up full
	make_people
	sign_in 1
	enter_room
	say "room: $listeners people, $words_a_second messages a second"
	said=$(taskset -c "$client_cpus" "$work/room" "$port" "$state/tls/localhost.pem" "$(<"$work/access_token")" \
		"$listeners" "$words_s" "$words_a_second" "$room") || fail "the room does not work"
	value "message to socket, p50" ms "$(jq -c '{ value: .p50_ms }' <<<"$said")"
	value "message to socket, p99" ms "$(jq -c '{ value: .p99_ms }' <<<"$said")"
	value "messages lost or doubled" messages "$(jq -c '{ value: .wrong }' <<<"$said")"
}

bench_call()
{
	curl -sSf --cacert "$state/tls/localhost.pem" -H "Authorization: Bearer $(<"$work/access_token")" \
		-H 'Content-Type: application/json' "$@"
}

# That of a sport, which chat hears of by an event.  Sets room.
enter_room()
{
	local url=https://localhost:$port/api/sports/chatrooms category deadline=$((SECONDS + 20))

	marquee psql primary -X -q -c "insert into sports.category (name) values ('Curling') on conflict do nothing"
	until read -r room category < <(bench_call "$url" | jq -r '.data[] | select(.chatroom_name | test("Curling")) | "\(.chatroom_id) \(.category_id)"'); do
		((SECONDS < deadline)) || fail "there is no room"
		sleep 0.2
	done
	bench_call -o /dev/null "$url/$category" \
		-d "{\"user_id\":\"${path[account]##*/}\",\"chatroom_id\":\"$room\",\"category_id\":\"$category\"}"
}
