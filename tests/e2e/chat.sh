#!/bin/bash
# Direct messages: two people and nobody else, blocks, names, and what chat forgets; pools that are away.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/stack.sh
. "$(dirname "$0")/stack.sh"
# shellcheck source=tests/e2e/talk
. "$(dirname "$0")/talk"

# --- two people ---

two_people_write_to_each_other_by_name_or_id()
{
	person bob
	bob=$name bob_id=$user_id bob_as=$as
	person ann
	ann=$name ann_id=$user_id ann_as=$as
	write_to "$bob" 'Guten Tag! "so"'
	same keys '["chat_id","message_id"]' "$(jq -c keys_unsorted "$scratch/body")"
	chat=$(json chat_id) message=$(json message_id)
	until_true 10 pushed "chat:$bob_id" ".message_id == \"$message\""
	same frame "[\"real-time message\",\"New message from $ann\",\"$chat\",\"$ann\"]" \
		"$(frames "chat:$bob_id" | jq -c '[.type, .message, .chat_id, .sender]')"
	same event "$bob_id" "$(sql "select data ->> 'user_id' from chat.outbox
		where type = 'chat.direct_message_sent' and data ->> 'message_id' = '$message'")"
	expect 200 POST /api/chat/send "{\"sender\":\"$bob_id\",\"receiver\":\"${ann_id^^}\",\"message\":\"hello\",\"chat_id\":\"x\"}" -H "$bob_as"
	same "the same chat" "$chat" "$(json chat_id)"
	expect 200 GET "/api/chat/messages/$chat" -H "$ann_as"
	same messages "{\"chat_id\":\"$chat\",\"messages\":[{\"sender\":\"$bob\",\"content\":\"hello\"},{\"sender\":\"$ann\",\"content\":\"Guten Tag! \\\"so\\\"\"}]}" \
		"$(jq -c '.messages |= map({sender, content})' "$scratch/body")"
	expect 200 GET "/api/chat/messages/$chat?limit=1" -H "$ann_as"
	next=$(header Link | sed -n 's|^<\([^>]*\)>; rel="next"$|\1|p')
	expect 200 GET "${next#"$BASE"}" -H "$ann_as"
	same "the page before" "$message" "$(jq -r '.messages[].message_id' "$scratch/body")"
	expect 200 GET "/api/chat/history/$ann_id" -H "$ann_as"
	same history "[\"$ann_id\",1,\"$chat\"]" "$(jq -c '[.user_id, (.chats | length), .chats[0].chat_id]' "$scratch/body")"
	same participants "$(printf '%s\n' "$ann" "$bob" | sort | paste -sd ' ')" \
		"$(jq -r '.chats[0].participants | sort | join(" ")' "$scratch/body")"
}

a_chat_is_for_its_two_people_alone()
{
	person bob
	bob=$name
	person ann
	ann_id=$user_id
	write_to "$bob" hello
	chat=$(json chat_id)
	person mallory
	expect 403 GET "/api/chat/messages/$chat" -H "$as"
	expect_problem not_yours
	expect 403 POST "/api/chat/$chat/read" '{}' -H "$as"
	expect 403 GET "/api/chat/history/$ann_id" -H "$as"
	expect 403 POST /api/chat/send "{\"sender\":\"$ann_id\",\"receiver\":\"$bob\",\"message\":\"I am ann\"}" -H "$as"
	expect_problem not_yours
	expect 404 GET "/api/chat/messages/$nothing" -H "$as"
	expect 404 POST "/api/chat/$nothing/read" '{}' -H "$as"
	expect 401 GET "/api/chat/messages/$chat"
	administrator root
	expect 403 GET "/api/chat/messages/$chat" -H "$as"
}

a_letter_needs_somebody_else_who_is_there()
{
	person ann
	expect 422 POST /api/chat/send "{\"sender\":\"$name\",\"receiver\":\"$(unique nobody)\",\"message\":\"hello\"}" -H "$as"
	expect_problem invalid receiver
	expect 422 POST /api/chat/send "{\"sender\":\"$name\",\"receiver\":\"$nothing\",\"message\":\"hello\"}" -H "$as"
	expect_problem invalid receiver
	expect 422 POST /api/chat/send "{\"sender\":\"$name\",\"receiver\":\"a&names=b\",\"message\":\"hello\"}" -H "$as"
	expect_problem invalid receiver
	expect 422 POST /api/chat/send "{\"sender\":\"$name\",\"receiver\":\"$name\",\"message\":\"hello\"}" -H "$as"
	expect_problem invalid receiver
	expect 422 POST /api/chat/send "{\"sender\":\"$name\"}" -H "$as"
	expect_problem invalid message
}

unread()	# NUMBER: in the only chat of who is signed in
{
	expect 200 GET "/api/chat/history/$user_id" -H "$as"
	same unread "$1" "$(jq '.chats[0].unread' "$scratch/body")"
}

what_was_read_is_marked()
{
	person bob
	bob=$name
	person ann
	for text in one two three; do
		write_to "$bob" "$text"
		[[ $text != two ]] || second=$(json message_id)
	done
	chat=$(json chat_id)
	unread 0
	log_in_as "$bob"
	unread 3
	expect 200 POST "/api/chat/$chat/read" "{\"message_id\":\"$second\"}" -H "$as"
	same "left to read" 1 "$(json unread)"
	expect 422 POST "/api/chat/$chat/read" "{\"message_id\":\"$nothing\"}" -H "$as"
	expect_problem invalid message_id
	expect 200 POST "/api/chat/$chat/read" -H "$as"
	same "left to read" 0 "$(json unread)"
	expect 200 POST "/api/chat/$chat/read" "{\"message_id\":\"$second\"}" -H "$as"
	same "what was read stays read" 0 "$(json unread)"
}

who_is_blocked_is_told_no_more_than_that()
{
	person bob
	bob=$name bob_id=$user_id bob_as=$as
	person ann
	ann=$name ann_as=$as
	write_to "$bob" hello
	expect 404 DELETE "/api/chat/blocks/$ann" -H "$bob_as"
	expect 200 POST "/api/chat/blocks/$ann" -H "$bob_as"
	same username "$ann" "$(json username)"
	expect 200 POST "/api/chat/blocks/$ann" -H "$bob_as"
	expect 403 POST /api/chat/send "{\"sender\":\"$ann\",\"receiver\":\"$bob\",\"message\":\"why?\"}" -H "$as"
	expect_problem not_accepted
	same detail "The message was not accepted." "$(json detail)"
	expect 409 POST /api/chat/send "{\"sender\":\"$bob\",\"receiver\":\"$ann\",\"message\":\"because\"}" -H "$bob_as"
	expect_problem blocked
	expect 200 GET /api/chat/blocks -H "$bob_as"
	same blocks "[\"$ann\"]" "$(jq -c 'map(.username)' "$scratch/body")"
	expect 200 GET /api/chat/blocks -H "$ann_as"
	same "blocks of the other" '[]' "$(jq -c . "$scratch/body")"
	expect 404 POST "/api/chat/blocks/$(unique nobody)" -H "$bob_as"
	expect 409 POST "/api/chat/blocks/$bob_id" -H "$bob_as"
	expect 200 DELETE "/api/chat/blocks/$ann" -H "$bob_as"
	write_to "$bob" "hello again"
	same pushed 2 "$(sql "select count(*) from chat.direct_message where chat_id = '$(json chat_id)'")"
}

who_writes_too_often_is_told_to_wait()
{
	person bob
	bob=$name
	person ann
	for ((i = 0; i < 60; i++)); do
		write_to "$bob" again
	done
	expect 429 POST /api/chat/send "{\"sender\":\"$name\",\"receiver\":\"$bob\",\"message\":\"again\"}" -H "$as"
	expect_problem too_many
}

# --- names ---

is_called()	# NAME: in the only chat of who is signed in
{
	expect 200 GET "/api/chat/history/$user_id" -H "$as"
	jq -e --arg name "$1" '.chats[0].participants | index($name) != null' "$scratch/body" >/dev/null
}

a_new_name_is_seen_wherever_the_old_one_was()
{
	person bob
	bob=$name bob_as=$as
	person ann
	write_to "$bob" hello
	renamed=$(unique rob)
	expect 200 PUT /api/users/profile/update "{\"username\":\"$renamed\"}" -H "$bob_as"
	until_true 10 is_called "$renamed"
	write_to "$renamed" hello
	expect 422 POST /api/chat/send "{\"sender\":\"$name\",\"receiver\":\"$bob\",\"message\":\"hello\"}" -H "$as"
}

users_is_away()
{
	[[ $(curl -s -m 3 -o /dev/null -w '%{http_code}' --unix-socket "$state/run/internal.sock" \
	    -H "Authorization: Bearer $service" "http://users/internal/people?names=x") = 50? ]]
}

# A projection that lacks someone, as of accounts older than chat.
while_users_is_away_an_id_is_believed_and_a_name_comes_later()
{
	service=$(service_token)
	person bob
	bob=$name bob_id=$user_id
	until_true 10 knows "$bob_id"
	person ann
	sql "delete from chat.person where user_id = '$bob_id'" >/dev/null
	trap mend EXIT
	kill -TERM "$(master users)"
	until_true 20 users_is_away
	write_to "$bob_id" hello
	is_called "Could not be retrieved." || fail "another name: $(body)"
	expect 503 POST /api/chat/send "{\"sender\":\"$name\",\"receiver\":\"$bob\",\"message\":\"hello\"}" -H "$as"
	expect_problem unavailable
	mend
	until_true 30 is_called "$bob"
	write_to "$bob" hello
}

knows()	# USER
{
	[[ $(sql "select count(*) from chat.person where user_id = '$1'") = 1 ]]
}

an_account_that_chat_has_not_heard_of_is_asked_for()
{
	person bob
	bob=$name bob_id=$user_id
	until_true 10 knows "$bob_id"
	person ann
	sql "delete from chat.person where user_id = '$bob_id'" >/dev/null
	write_to "${bob^^}" hello
	is_called "$bob" || fail "another name: $(body)"
}

# asked QUERY: of users, as a service; sets $status.
asked()
{
	status=$(curl -s -o "$scratch/body" -w '%{http_code}' --unix-socket "$state/run/internal.sock" \
	    -H "Authorization: Bearer ${2:-$service}" "http://users/internal/people?$1")
}

services_are_told_who_is_behind_ids_and_names()
{
	service=$(service_token)
	person bob
	bob=$name bob_id=$user_id
	person ann
	asked "ids=$nothing,${user_id^^}&names=${bob^^},nobody"
	same people "$(printf '%s\n' "$bob_id $bob" "$user_id $name" | sort)" \
		"$(jq -r '.people[] | "\(.user_id) \(.username)"' "$scratch/body" | sort)"
	asked "ids=$bob_id" "$token"
	same "a person asks" 403 "$status"
	for bad in ids=x "ids=$bob_id," 'names=,' "ids=$(printf "$nothing,%.0s" {1..100})$nothing"; do
		asked "$bad"
		same "$bad" 422 "$status"
	done
}

an_answer_of_users_is_believed_for_a_minute()
{
	person bob
	bob=$name bob_id=$user_id
	until_true 10 knows "$bob_id"
	person ann
	sql "update chat.person set username = 'ghost', asked_at = now() - interval '2 minutes' where user_id = '$bob_id'" >/dev/null
	write_to "$bob_id" hello
	is_called "$bob" || fail "another name: $(body)"
}

# --- what is written ---

# said_again STATUS PATH TEXT BODY: says it twice with one key, and then something else; sets $message.
said_again()
{
	local key

	key=$(unique key)
	expect "$1" POST "$2" "$4" -H "$as" -H "Idempotency-Key: $key"
	message=$(jq -r '(.data // .).message_id' "$scratch/body")
	cp "$scratch/body" "$scratch/first"
	expect "$1" POST "$2" "$4" -H "$as" -H "Idempotency-Key: $key"
	same answer "$(cat "$scratch/first")" "$(body)"
	expect 422 POST "$2" "${4/$3/something else}" -H "$as" -H "Idempotency-Key: $key"
	expect_problem idempotency_key_reused
}

# A worker, too, asks again when its connection died over the answer.
a_message_that_comes_twice_is_written_once()
{
	a_room
	member ann
	said_again 201 "$rooms/$room/messages" hello '{"message":"hello"}'
	same position 1 "$(sql "select last_position from chat.room where chatroom_id = '$room'")"
	same pushed 1 "$(sql "select count(*) from chat.outbox where data ->> 'message_id' = '$message'")"
	ann=$name ann_as=$as
	person bob
	bob=$name as=$ann_as
	said_again 200 /api/chat/send hello "{\"sender\":\"$ann\",\"receiver\":\"$bob\",\"message\":\"hello\"}"
	same letters 1 "$(sql "select last_position from chat.direct_chat join chat.direct_message using (chat_id) where message_id = '$message'")"
}

is_gone()	# USER
{
	[[ $(sql "
		select (select count(*) from chat.person where user_id = '$1')
		     + (select count(*) from chat.room_message where user_id = '$1')
		     + (select count(*) from chat.direct_message where user_id = '$1')
		     + (select count(*) from chat.member where user_id = '$1')") = 0 ]]
}

who_is_erased_takes_his_words_along()
{
	a_room
	person bob
	bob=$name bob_as=$as bob_id=$user_id
	member ann
	ann=$user_id
	say "I was here"
	write_to "$bob" "and here"
	chat=$(json chat_id)
	expect 200 POST "/api/users/$ann/erasure" '{"password":"correct horse"}' -H "$as"
	until_true 20 is_gone "$ann"
	expect 200 GET "/api/chat/messages/$chat" -H "$bob_as"
	same letters 0 "$(jq '.messages | length' "$scratch/body")"
	as=$bob_as user_id=$bob_id
	is_called "Could not be retrieved." || fail "still called by name: $(body)"
	expect 422 POST /api/chat/send "{\"sender\":\"$bob\",\"receiver\":\"$ann\",\"message\":\"hello?\"}" -H "$as"
	expect_problem invalid receiver
}

# --- others ---

others_go_on_while_chat_is_down()
{
	trap mend EXIT
	kill -TERM "$(master chat)"
	until_true 20 chat_is_down
	person ann
	expect 200 GET /api/sports/categories
	expect 503 GET "/api/chat/history/$user_id" -H "$as"
	mend
	expect 200 GET "/api/chat/history/$user_id" -H "$as"
}

chat_is_down()
{
	call GET /api/chat/blocks
	[[ $status = 50? ]]
}

tell \
	a_message_that_comes_twice_is_written_once \
	who_is_erased_takes_his_words_along \
	two_people_write_to_each_other_by_name_or_id \
	a_chat_is_for_its_two_people_alone \
	a_letter_needs_somebody_else_who_is_there \
	what_was_read_is_marked \
	who_is_blocked_is_told_no_more_than_that \
	who_writes_too_often_is_told_to_wait \
	a_new_name_is_seen_wherever_the_old_one_was \
	an_account_that_chat_has_not_heard_of_is_asked_for \
	services_are_told_who_is_behind_ids_and_names \
	an_answer_of_users_is_believed_for_a_minute \
	while_users_is_away_an_id_is_believed_and_a_name_comes_later \
	others_go_on_while_chat_is_down
