#!/bin/bash
# Chatrooms: coming and going, speaking in order, moderation, and rooms that open and close with games.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/stack.sh
. "$(dirname "$0")/stack.sh"
# shellcheck source=tests/e2e/talk
. "$(dirname "$0")/talk"

# --- what sports tells, and the list ---

# tell_of_game VERSION STATE: of $game and $category.
tell_of_game()
{
	event_of_sports sports.game_changed "$game" "$1" "$(jq -nc --arg game "$game" --arg category "$category" --arg state "$2" '
		{ game_id: $game, category_id: $category, competition_id: $category, state: $state, state_before: "scheduled",
		  team_1: { id: $game, name: "Black" }, team_2: { id: $category, name: "White" }, score_1: 0, score_2: 0, events: [] }')"
}

# listed FILTER: the rooms of all pages that jq's FILTER selects.
listed()
{
	local next="$rooms?limit=100"

	while [[ -n $next ]]; do
		expect 200 GET "$next"
		jq -c ".data[] | select($1)" "$scratch/body"
		next=$(header Link | sed -n 's|^<\([^>]*\)>; rel="next"$|\1|p')
		next=${next#"$BASE"}
	done
}

is_listed()	# FILTER
{
	[[ -n $(listed "$1") ]]
}

is_not_listed()
{
	! is_listed "$1"
}

# due TIMER: it runs at the next look of the jobs.
due()
{
	sql "update chat.timer set due_at = now() where name = '$1'" >/dev/null
}

# --- coming and going ---

every_sport_has_a_room_that_everyone_sees()
{
	a_room
	until_true 5 is_listed ".category_id == \"$category\""
	listed ".category_id == \"$category\"" >"$scratch/listed"
	same room "[\"$room\",\"$room\",\"$category\",\"$sport\",\"Everything about $sport.\",0]" \
		"$(jq -c '[.lchatroom_id, .chatroom_id, .category_id, .chatroom_name, .description, .active_users]' "$scratch/listed")"
	expect 200 GET "$rooms?limit=1"
	same envelope success "$(json status)"
	same caching "max-age=1, stale-while-revalidate=1" "$(header Cache-Control)"
	event_of_sports sports.category_added "$category" 2 "{\"category_id\":\"$category\",\"name\":\"$sport 2\"}"
	until_true 10 has_room "category_id = '$category' and name = '$sport 2'"
	same rooms 1 "$(sql "select count(*) from chat.room where category_id = '$category'")"
}

who_joins_meets_who_is_there()
{
	a_room
	expect 401 POST "$rooms/$category" "{\"chatroom_id\":\"$room\"}"
	person ann
	ann=$name
	join
	same keys '["status","message","chatroom_details"]' "$(jq -c keys_unsorted "$scratch/body")"
	same message "Joined the chatroom successfully" "$(json message)"
	same details "{\"chatroom_id\":\"$room\",\"category_id\":\"$category\",\"chatroom_name\":\"$sport\",\"current_users\":[\"$ann\"]}" \
		"$(jq -c .chatroom_details "$scratch/body")"
	member bob
	same "who is there" "[\"$name\",\"$ann\"]" "$(jq -c .chatroom_details.current_users "$scratch/body")"
	join
	same "joining twice is joining once" "[\"$name\",\"$ann\"]" "$(jq -c .chatroom_details.current_users "$scratch/body")"
	expect 200 DELETE "$rooms/$room/members/me" -H "$as"
	expect 404 DELETE "$rooms/$room/members/me" -H "$as"
	log_in_as "$ann"
	join
	same "after one left" "[\"$ann\"]" "$(jq -c .chatroom_details.current_users "$scratch/body")"
}

nobody_joins_what_is_not_there_or_for_somebody_else()
{
	a_room
	person ann
	ann=$user_id
	expect 404 POST "$rooms/$category" "{\"chatroom_id\":\"$nothing\"}" -H "$as"
	expect 404 POST "$rooms/$nothing" "{\"chatroom_id\":\"$room\"}" -H "$as"
	expect 422 POST "$rooms/$category" "{\"chatroom_id\":\"$room\",\"category_id\":\"$nothing\"}" -H "$as"
	expect_problem invalid category_id
	expect 422 POST "$rooms/$category" '{}' -H "$as"
	expect_problem invalid chatroom_id
	expect 200 POST "$rooms/$category" "{\"chatroom_id\":\"$room\",\"user_id\":\"$name\"}" -H "$as"
	person bob
	expect 403 POST "$rooms/$category" "{\"chatroom_id\":\"$room\",\"user_id\":\"$ann\"}" -H "$as"
	expect_problem not_yours
	bob=$user_id
	administrator root
	expect 200 POST "$rooms/$category" "{\"chatroom_id\":\"$room\",\"user_id\":\"$bob\"}" -H "$as"
	expect 422 POST "$rooms/$category" "{\"chatroom_id\":\"$room\",\"user_id\":\"somebody\"}" -H "$as"
	expect_problem invalid user_id
}

counts()	# NUMBER: active users of $room in the list
{
	is_listed ".chatroom_id == \"$room\" and .active_users == $1"
}

the_list_counts_who_is_present()
{
	a_room
	later=$(($(date +%s) + 600))
	redis-cli -s "$state/run/bus-primary.sock" ZADD "presence:room:$room" "$later" one "$later" two 1000 gone >/dev/null
	until_true 10 counts 2
	redis-cli -s "$state/run/bus-primary.sock" ZREM "presence:room:$room" one >/dev/null
	until_true 10 counts 1
}

# --- speaking ---

what_is_said_is_read_and_heard_as_it_was_given()
{
	a_room
	member ann
	text=$(printf ' "Zug\\" <b>\t\n  \360\237\230\200 ')
	say "$text"
	same content "$text"x "$(json data.content)"x
	same sender "$name" "$(json data.sender)"
	message=$(json data.message_id)
	expect 200 GET "$rooms/$room/messages" -H "$as"
	same read "$text"x "$(json 'data[0].content')"x
	same keys '["message_id","user_id","sender","content","sent_at"]' "$(jq -c '.data[0] | keys_unsorted' "$scratch/body")"
	until_true 10 pushed "room:$room" ".message_id == \"$message\""
	same heard "$text"x "$(frames "room:$room" | jq -r .content)"x
	same frame "[\"message\",\"$name\",\"room:$room\",1]" "$(frames "room:$room" | jq -c '[.type, .sender, .channel, .seq]')"
	expect 422 POST "$rooms/$room/messages" '{"message":""}' -H "$as"
	expect_problem invalid message
	expect 422 POST "$rooms/$room/messages" "{\"message\":\"$(printf 'x%.0s' {1..2001})\"}" -H "$as"
	expect 404 POST "$rooms/$nothing/messages" '{"message":"hello"}' -H "$as"
	expect 404 GET "$rooms/$nothing/messages" -H "$as"
}

speak_fifteen_times()
{
	for ((i = 0; i < 15; i++)); do
		# shellcheck disable=SC2086
		$CURL -o "$scratch/$speaker" -H "$as" -H 'Content-Type: application/json' -d "{\"message\":\"$speaker $i\"}" \
		    "$BASE$rooms/$room/messages"
	done
}

all_heard()	# NUMBER
{
	[[ $(frames "room:$room" | wc -l) = "$1" ]]
}

history_and_channel_have_one_order_however_many_speak_at_once()
{
	a_room
	for speaker in ann bob cid; do
		member "$speaker"
		speak_fifteen_times &
	done
	wait
	until_true 10 all_heard 45
	frames "room:$room" | jq -r '"\(.seq) \(.message_id)"' >"$scratch/heard"
	same numbers "$(seq 45 | paste -sd ' ')" "$(cut -d ' ' -f 1 "$scratch/heard" | paste -sd ' ')"
	: >"$scratch/read"
	next="$rooms/$room/messages?limit=20"
	pages=0
	while [[ -n $next ]]; do
		expect 200 GET "$next" -H "$as"
		jq -r '.data[].message_id' "$scratch/body" >>"$scratch/read"
		pages=$((pages + 1))
		next=$(header Link | sed -n 's|^<\([^>]*\)>; rel="next"$|\1|p')
		next=${next#"$BASE"}
	done
	same pages 3 "$pages"
	tac "$scratch/read" | cmp -s - <(cut -d ' ' -f 2 "$scratch/heard") || fail "read in another order than heard"
}

who_has_not_joined_neither_reads_nor_speaks()
{
	a_room
	member ann
	say hello
	person bob
	expect 403 GET "$rooms/$room/messages" -H "$as"
	expect_problem not_a_member
	expect 403 POST "$rooms/$room/messages" '{"message":"hello"}' -H "$as"
	expect_problem not_a_member
	expect 401 GET "$rooms/$room/messages"
	join
	expect 200 GET "$rooms/$room/messages" -H "$as"
	same heard hello "$(json 'data[0].content')"
	expect 200 DELETE "$rooms/$room/members/me" -H "$as"
	expect 403 GET "$rooms/$room/messages" -H "$as"
	expect 403 POST "$rooms/$room/messages" '{"message":"hello"}' -H "$as"
}

a_message_is_taken_back_by_its_author_or_an_administrator()
{
	a_room
	member ann
	ann=$name
	say first
	first=$(json data.message_id)
	say second
	second=$(json data.message_id)
	member bob
	expect 403 DELETE "$rooms/$room/messages/$first" -H "$as"
	expect_problem not_yours
	log_in_as "$ann"
	expect 404 DELETE "$rooms/$nothing/messages/$first" -H "$as"
	expect 200 DELETE "$rooms/$room/messages/$first" -H "$as"
	expect 404 DELETE "$rooms/$room/messages/$first" -H "$as"
	expect 200 GET "$rooms/$room/messages" -H "$as"
	same left second "$(jq -r '[.data[].content] | join(" ")' "$scratch/body")"
	until_true 10 pushed "room:$room" ".type == \"deleted\" and .message_id == \"$first\""
	administrator root
	expect 200 DELETE "$rooms/$room/messages/$second" -H "$as"
	expect 200 GET "$rooms/$room/messages" -H "$as"
	same left 0 "$(jq '.data | length' "$scratch/body")"
}

is_forgotten()	# MESSAGE
{
	[[ -z $(sql "select message_id from chat.room_message where message_id = '$1'") ]]
}

a_message_that_was_taken_back_is_forgotten_after_a_week()
{
	a_room
	member ann
	for text in old new; do
		say "$text"
		message=$(json data.message_id)
		expect 200 DELETE "$rooms/$room/messages/$message" -H "$as"
		[[ $text = new ]] || old=$message
	done
	sql "update chat.room_message set deleted_at = now() - interval '8 days' where message_id = '$old'" >/dev/null
	due 'forget deleted messages'
	until_true 10 is_forgotten "$old"
	! is_forgotten "$message" || fail "the other is forgotten too"
}

# --- moderation ---

# access USER: what the gateway is told; sets $allowed and $reason.
access()
{
	local answer

	answer=$(curl -s --unix-socket "$state/run/internal.sock" -H "Authorization: Bearer $(service_token)" \
	    "http://chat/internal/rooms/$room/access?user_id=$1")
	allowed=$(jq -r .allowed <<<"$answer") reason=$(jq -r '.reason // ""' <<<"$answer")
}

expect_access()	# USER ALLOWED REASON
{
	access "$1"
	same "access" "$2 $3" "$allowed $reason"
}

who_may_listen_is_told_to_the_gateway()
{
	a_room
	person ann
	expect_access "$user_id" false not_a_member
	join
	expect_access "$user_id" true ''
	expect 200 DELETE "$rooms/$room/members/me" -H "$as"
	expect_access "$user_id" false not_a_member
	until_true 10 pushed control ".kick == { channel: \"room:$room\", user_id: \"$user_id\", reason: \"left\" }"
	room=$nothing
	expect_access "$user_id" null ''
}

who_is_muted_reads_and_is_silent_until_then()
{
	a_room
	member ann
	ann=$user_id ann_as=$as
	administrator root
	expect 422 PUT "$rooms/$room/mutes/$ann" '{"until":"2020-01-01T00:00:00Z"}' -H "$as"
	expect_problem invalid until
	expect 404 PUT "$rooms/$nothing/mutes/$ann" '{}' -H "$as"
	expect 200 PUT "$rooms/$room/mutes/$ann" '{"until":"2034-05-06T18:30:00Z","reason":"spam"}' -H "$as"
	same mute '["mute","2034-05-06T18:30:00Z","spam"]' "$(jq -c '[.data.kind, .data.until, .data.reason]' "$scratch/body")"
	expect 200 GET "$rooms/$room/sanctions" -H "$as"
	same listed "$ann" "$(jq -r '.data[].user_id' "$scratch/body")"
	expect 403 POST "$rooms/$room/messages" '{"message":"hello"}' -H "$ann_as"
	expect_problem muted
	same detail "You are to be silent in this chatroom until 2034-05-06T18:30:00Z." "$(json detail)"
	expect 200 GET "$rooms/$room/messages" -H "$ann_as"
	expect 200 DELETE "$rooms/$room/mutes/$ann" -H "$as"
	expect 404 DELETE "$rooms/$room/mutes/$ann" -H "$as"
	expect 201 POST "$rooms/$room/messages" '{"message":"hello"}' -H "$ann_as"
	expect 200 PUT "$rooms/$room/mutes/$ann" '{}' -H "$as"
	same "for good" null "$(jq .data.until "$scratch/body")"
	expect 403 POST "$rooms/$room/messages" '{"message":"hello"}' -H "$ann_as"
	same detail "You are to be silent in this chatroom." "$(json detail)"
	sql "update chat.sanction set ends_at = now() where user_id = '$ann'" >/dev/null
	expect 201 POST "$rooms/$room/messages" '{"message":"hello"}' -H "$ann_as"
	expect 403 PUT "$rooms/$room/mutes/$user_id" '{}' -H "$ann_as"
}

who_is_banned_is_out_until_it_is_lifted()
{
	a_room
	member ann
	ann=$user_id ann_as=$as ann_name=$name
	administrator root
	expect 200 PUT "$rooms/$room/bans/$ann" '{"reason":"threats"}' -H "$as"
	until_true 10 pushed control ".kick == { channel: \"room:$room\", user_id: \"$ann\", reason: \"banned\" }"
	expect_access "$ann" false banned
	expect 403 POST "$rooms/$room/messages" '{"message":"hello"}' -H "$ann_as"
	expect_problem banned
	expect 403 GET "$rooms/$room/messages" -H "$ann_as"
	expect 403 POST "$rooms/$category" "{\"chatroom_id\":\"$room\"}" -H "$ann_as"
	expect_problem banned
	expect 200 DELETE "$rooms/$room/bans/$ann" -H "$as"
	expect 403 POST "$rooms/$room/messages" '{"message":"hello"}' -H "$ann_as"
	expect_problem not_a_member
	log_in_as "$ann_name"
	join
	say hello
}

in_slow_mode_everyone_waits_even_who_left_and_came_back()
{
	a_room
	member ann
	ann_as=$as
	administrator root
	expect 422 PUT "$rooms/$room/slow-mode" '{"seconds":3601}' -H "$as"
	expect 404 PUT "$rooms/$nothing/slow-mode" '{"seconds":1}' -H "$as"
	expect 200 PUT "$rooms/$room/slow-mode" '{"seconds":600}' -H "$as"
	same seconds 600 "$(json data.slow_mode_s)"
	until_true 10 pushed "room:$room" '.type == "slow_mode" and .seconds == 600'
	as=$ann_as
	say first
	expect 429 POST "$rooms/$room/messages" '{"message":"second"}' -H "$as"
	expect_problem slow_mode
	wait_s=$(header Retry-After)
	((wait_s > 590 && wait_s <= 600)) || fail "wait for $wait_s seconds"
	expect 200 DELETE "$rooms/$room/members/me" -H "$as"
	expect 200 POST "$rooms/$category" "{\"chatroom_id\":\"$room\"}" -H "$as"
	expect 429 POST "$rooms/$room/messages" '{"message":"second"}' -H "$as"
	sql "update chat.member set last_sent_at = now() - interval '601 seconds' where chatroom_id = '$room'" >/dev/null
	say second
	expect 403 PUT "$rooms/$room/slow-mode" '{"seconds":0}' -H "$as"
}

who_speaks_too_often_is_told_to_wait()
{
	a_room
	member ann
	said=0
	while ((said <= 60)); do
		call POST "$rooms/$room/messages" '{"message":"again"}' -H "$as"
		[[ $status = 201 ]] || break
		said=$((said + 1))
	done
	same said 60 "$said"
	same status 429 "$status"
	expect_problem too_many
	[[ $(header Retry-After) -ge 1 ]] || fail "no Retry-After"
	member bob
	say "not I"
}

a_message_that_somebody_minds_is_settled_by_an_administrator()
{
	a_room
	member ann
	say "an insult"
	message=$(json data.message_id) ann=$name ann_as=$as
	person bob
	expect 403 POST "$rooms/$room/messages/$message/reports" '{"reason":"rude"}' -H "$as"
	join
	expect 201 POST "$rooms/$room/messages/$message/reports" '{"reason":"rude"}' -H "$as"
	report=$(json data.report_id)
	expect 201 POST "$rooms/$room/messages/$message/reports" '{"reason":"very rude"}' -H "$as"
	same "twice is once" "$report" "$(json data.report_id)"
	expect 404 POST "$rooms/$room/messages/$nothing/reports" '{}' -H "$as"
	expect 403 GET "$rooms/reports" -H "$as"
	expect 200 DELETE "$rooms/$room/messages/$message" -H "$ann_as"
	administrator root
	find_report
	same report "[\"$ann\",\"an insult\",true,\"very rude\"]" "$(jq -c '[.author, .content, .deleted, .reason]' <<<"$found")"
	expect 200 DELETE "$rooms/reports/$report" -H "$as"
	expect 404 DELETE "$rooms/reports/$report" -H "$as"
	find_report
	same "settled" '' "$found"
}

# Sets $found: $report among those that wait.
find_report()
{
	local next="$rooms/reports?limit=100"

	found=
	while [[ -n $next && -z $found ]]; do
		expect 200 GET "$next" -H "$as"
		found=$(jq -c ".data[] | select(.report_id == \"$report\")" "$scratch/body")
		next=$(header Link | sed -n 's|^<\([^>]*\)>; rel="next"$|\1|p')
		next=${next#"$BASE"}
	done
}

# --- games ---

a_live_game_has_a_room_until_it_ends()
{
	a_room
	game=$(sql 'select platform.uuid_v7()')
	tell_of_game 1 scheduled
	tell_of_game 2 live
	until_true 10 has_room "game_id = '$game'"
	until_true 5 is_listed ".chatroom_id == \"$room\""
	same room "[\"Black - White\",\"$sport, while the game is on.\",\"$category\",\"$game\"]" \
		"$(listed ".chatroom_id == \"$room\"" | jq -c '[.chatroom_name, .description, .category_id, .game_id]')"
	member ann
	say "what a move"
	tell_of_game 4 ended
	until_true 10 has_room "game_id = '$game' and closed_at is not null"
	until_true 10 pushed "room:$room" '.type == "closed"'
	until_true 5 is_not_listed ".chatroom_id == \"$room\""
	expect 409 POST "$rooms/$room/messages" '{"message":"more"}' -H "$as"
	expect_problem room_closed
	expect 200 GET "$rooms/$room/messages" -H "$as"
	same "what was said" "what a move" "$(json 'data[0].content')"
	person bob
	expect 409 POST "$rooms/$category" "{\"chatroom_id\":\"$room\"}" -H "$as"
	expect_problem room_closed
}

what_comes_late_of_a_game_opens_nothing()
{
	a_room
	game=$(sql 'select platform.uuid_v7()')
	tell_of_game 2 live
	tell_of_game 5 ended
	tell_of_game 3 live
	other=$game game=$(sql 'select platform.uuid_v7()')
	tell_of_game 1 live
	until_true 10 has_room "game_id = '$game'"
	same "room of the game that ended" t "$(sql "select closed_at is not null from chat.room where game_id = '$other'")"
}

the_room_of_a_game_that_nobody_tells_of_is_closed()
{
	a_room
	game=$(sql 'select platform.uuid_v7()')
	tell_of_game 1 live
	until_true 10 has_room "game_id = '$game'"
	sql "update chat.room set told_at = now() - interval '13 hours' where category_id = '$category'" >/dev/null
	due 'close rooms of silent games'
	until_true 10 has_room "game_id = '$game' and closed_at is not null"
	same "the sport's room" t "$(sql "select closed_at is null from chat.room where category_id = '$category' and game_id is null")"
}

tell \
	every_sport_has_a_room_that_everyone_sees \
	who_joins_meets_who_is_there \
	nobody_joins_what_is_not_there_or_for_somebody_else \
	the_list_counts_who_is_present \
	what_is_said_is_read_and_heard_as_it_was_given \
	history_and_channel_have_one_order_however_many_speak_at_once \
	who_has_not_joined_neither_reads_nor_speaks \
	a_message_is_taken_back_by_its_author_or_an_administrator \
	who_may_listen_is_told_to_the_gateway \
	who_is_muted_reads_and_is_silent_until_then \
	who_is_banned_is_out_until_it_is_lifted \
	in_slow_mode_everyone_waits_even_who_left_and_came_back \
	who_speaks_too_often_is_told_to_wait \
	a_message_that_somebody_minds_is_settled_by_an_administrator \
	a_live_game_has_a_room_until_it_ends \
	what_comes_late_of_a_game_opens_nothing \
	the_room_of_a_game_that_nobody_tells_of_is_closed \
	a_message_that_was_taken_back_is_forgotten_after_a_week
