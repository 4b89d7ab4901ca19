# A thousand people in one room, through nginx with TLS: from a POST to each socket.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154

listeners=1000
words_a_second=20
words_s=20

bench_room()
{
	local said user_id

	need_stack full
	cc -O2 -D_GNU_SOURCE -o "$work/room" "$here/room.c" -lssl -lcrypto -lcurl -lpthread ||
		fail "room.c needs a compiler, OpenSSL and libcurl"
	printf 'sockets_per_user = 10000\njoins_per_user = 100000\n' >"$state/etc/marquee/realtime.local"
	echo 'room_messages = 4095' >"$state/etc/marquee/chat.local"
	echo 'log_requests = off' >"$state/etc/marquee/marquee.local"
	up full
	speaker_signs_in
	enter_room
	say "room: $listeners people, $words_a_second messages a second"
	said=$(taskset -c "$client_cpus" "$work/room" "$port" "$state/tls/localhost.pem" "$(<"$work/access_token")" \
		"$listeners" "$words_s" "$words_a_second" "$room") || fail "the room does not work"
	value "message to socket, p50" ms "$(jq -c '{ value: .p50_ms }' <<<"$said")"
	value "message to socket, p99" ms "$(jq -c '{ value: .p99_ms }' <<<"$said")"
	value "messages lost or doubled" messages "$(jq -c '{ value: .wrong }' <<<"$said")"
}

# Sets user_id.
speaker_signs_in()
{
	[[ -e $state/speaker ]] ||
		echo 'wide rivers run slowly' | marquee user add speaker --email speaker@example.org --role user --password-stdin >"$state/speaker"
	curl -sSf --cacert "$state/tls/localhost.pem" -H 'Content-Type: application/json' \
		-d '{"username":"speaker","password":"wide rivers run slowly"}' "https://localhost:$port/api/users/login" >"$work/speaker"
	jq -r .access_token "$work/speaker" >"$work/access_token"
	user_id=$(jq -r .user_id "$work/speaker")
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
		-d "{\"user_id\":\"$user_id\",\"chatroom_id\":\"$room\",\"category_id\":\"$category\"}"
}
