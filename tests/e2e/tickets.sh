#!/bin/bash
# Events and their tickets: announcing, finding, setting seats aside, and getting them back.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/stack.sh
. "$(dirname "$0")/stack.sh"

nothing=01890000-0000-7000-8000-000000000000
later=2034-05-06T18:30:00Z

# organiser NAME: as person, with the role from the machine.
organiser()
{
	name=$(unique "$1")
	printf 'correct horse\n' | ctl user add "$name" --email "$name@example.org" --role organiser --password-stdin >/dev/null
	log_in_as "$name"
}

# event_with MEMBER...: the JSON of an event, with these members instead of the usual ones; null leaves one out.
event_with()
{
	jq -n --arg name "${event_name:-$(unique concert)}" --arg place "$(unique hall)" --arg later "$later" '
		{ name: $name, description: "An evening.", date_time: $later, total_seats: 10, price: 19.99, currency: "EUR",
		  venue: { name: $place, location: "Moscow", capacity: 500 } } * $ARGS.positional[0]
		| with_entries(select(.value != null))' --jsonargs "${1:-{\}}"
}

# an_event [MEMBERS]: announced by an organiser; sets $event_id.
an_event()
{
	[[ -n ${organiser_as:-} ]] || { organiser org; organiser_as=$as; }
	expect 201 POST /api/tickets/event "$(event_with "$@")" -H "$organiser_as"
	event_id=$(json id)
}

order_of()	# QUANTITY
{
	printf '{"event_id":"%s","quantity":%s}' "$event_id" "$1"
}

free_seats()
{
	sql "select total_seats - reserved - sold from tickets.event where event_id = '$event_id'"
}

shows_free()	# SEATS: once the second is over that it may be kept
{
	expect 200 GET "/api/tickets/event/$event_id"
	[[ $(json available_seats) = "$1" ]]
}

shows_status()	# STATUS: likewise
{
	expect 200 GET "/api/tickets/event/$event_id"
	[[ $(json event_status) = "$1" ]]
}

# What the counters say is what the orders say, of every event, at any time.
sums_hold()
{
	same "events whose seats are not their orders'" 0 "$(sql "
		select count(*)
		  from tickets.event
		  left join (
		       select event_id, sum(quantity) filter (where status = 'pending_payment') as reserved,
		              sum(quantity) filter (where status = 'paid') as sold
		         from tickets.ticket_order
		        group by event_id) ordered using (event_id)
		 where event.reserved <> coalesce(ordered.reserved, 0) or event.sold <> coalesce(ordered.sold, 0)")"
}

# --- events ---

an_organiser_announces_an_event_and_everyone_sees_it()
{
	organiser org
	expect 201 POST /api/tickets/event "$(event_with '{"id":"mine","available_seats":3}')" -H "$as"
	same keys '["id","name","description","date_time","venue","available_seats","total_seats","price","price_minor","currency","event_status"]' \
		"$(jq -c keys_unsorted "$scratch/body")"
	same venue '["id","name","location","capacity"]' "$(jq -c '.venue | keys_unsorted' "$scratch/body")"
	grep -q '"price":19.99,"price_minor":1999,"currency":"EUR"' "$scratch/body" || fail "the price: $(body)"
	same seats '[10,10,500]' "$(jq -c '[.available_seats, .total_seats, .venue.capacity]' "$scratch/body")"
	same date_time "$later" "$(json date_time)"
	same event_status on_sale "$(json event_status)"
	body >"$scratch/made"
	expect 200 GET "/api/tickets/event/$(json id)"
	cmp -s "$scratch/made" "$scratch/body" || fail "another event: $(body)"
	same caching "max-age=1, stale-while-revalidate=1" "$(header Cache-Control)"
	expect 404 GET "/api/tickets/event/$nothing"
	expect 404 GET /api/tickets/event/anything
}

only_organisers_and_administrators_announce()
{
	expect 401 POST /api/tickets/event "$(event_with)"
	person ann
	expect 403 POST /api/tickets/event "$(event_with)" -H "$as"
	administrator root
	expect 201 POST /api/tickets/event "$(event_with)" -H "$as"
}

a_venue_is_made_once_and_then_known_by_its_id()
{
	an_event '{"venue":{"name":"Arena '"$(unique v)"'","location":"Berlin","capacity":50}}'
	venue=$(jq -c .venue "$scratch/body")
	an_event "{\"venue\":$(jq -c '.name |= ascii_upcase | del(.id)' <<<"$venue")}"
	same "the same venue" "$venue" "$(jq -c .venue "$scratch/body")"
	an_event "{\"venue\":$(jq -c '{id, name: null, location: null, capacity: null}' <<<"$venue")}"
	same "by its id" "$venue" "$(jq -c .venue "$scratch/body")"
	an_event "{\"venue\":$(jq -c '.capacity = 60 | del(.id)' <<<"$venue")}"
	[[ $(json venue.id) != "$(jq -r .id <<<"$venue")" ]] || fail "its capacity changed"
	expect 422 POST /api/tickets/event "$(event_with "{\"venue\":$venue}")" -H "$organiser_as"
	expect_problem invalid venue
	bare_id='{id, name: null, location: null, capacity: null}'
	expect 422 POST /api/tickets/event "$(event_with "{\"total_seats\":51,\"venue\":$(jq -c "$bare_id" <<<"$venue")}")" -H "$organiser_as"
	expect_problem invalid total_seats
	expect 422 POST /api/tickets/event "$(event_with "{\"venue\":$(jq -nc "{id: \"$nothing\"} | $bare_id")}")" -H "$organiser_as"
	expect_problem invalid venue.id
}

a_venue_that_seats_nobody_knows_how_many_wants_its_capacity()
{
	venue=$(sql "insert into tickets.venue (name, location, capacity) values ('$(unique town)', 'Greece', 0) returning venue_id")
	an_event
	expect 422 POST /api/tickets/event "$(event_with | jq -c ".venue = { id: \"$venue\" }")" -H "$organiser_as"
	expect_problem invalid venue.id
}

# refused FIELD MEMBERS: the event with these members is 422 and names the field.
refused()
{
	expect 422 POST /api/tickets/event "$(event_with "$2")" -H "$organiser_as"
	expect_problem invalid "$1"
}

an_event_that_makes_no_sense_is_refused_by_its_field()
{
	an_event
	refused name '{"name":null}'
	refused name '{"name":" "}'
	refused date_time '{"date_time":"2020-01-01T00:00:00Z"}'
	refused date_time '{"date_time":"tomorrow"}'
	refused total_seats '{"total_seats":501}'
	refused total_seats '{"total_seats":0}'
	refused total_seats '{"total_seats":1.5}'
	refused venue '{"venue":null}'
	refused venue '{"venue":"here"}'
	refused venue.name '{"venue":{"name":null}}'
	refused venue.location '{"venue":{"location":null}}'
	refused venue.capacity '{"venue":{"capacity":-1}}'
	refused venue.colour '{"venue":{"colour":"red"}}'
	refused game_id '{"game_id":"final"}'
	refused sold '{"sold":3}'
	expect 400 POST /api/tickets/event '{"name":' -H "$organiser_as"
}

# priced PRICE CURRENCY: the body as written, for jq would write the number anew.
priced()
{
	event_with | jq -c --arg currency "$2" '.price = 0 | .currency = $currency' | sed "s/\"price\":0/\"price\":$1/"
}

money_is_exact_or_refused()
{
	an_event
	for good in '19.99 EUR 1999' '"19.99" EUR 1999' '0.1 EUR 10' '20 EUR 2000' '1050 JPY 1050' '1.234 KWD 1234' \
	    '999999999999.99 EUR 99999999999999' '0 EUR 0' '8.20 EUR 820' '19.9900 EUR 1999'; do
		read -r price currency minor <<<"$good"
		expect 201 POST /api/tickets/event "$(priced "$price" "$currency")" -H "$organiser_as"
		same "$good" "$minor" "$(json price_minor)"
	done
	for bad in '19.999 EUR' '"19.999" EUR' '10.5 JPY' '-1 EUR' '-0.01 EUR' '"-1" EUR' '1e2 EUR' '1e-400 EUR' '"1e2" EUR' \
	    '1000000000000 EUR' 'true EUR' '"" EUR' '"NaN" EUR' '19.990000000000000000001 EUR' '19.990000000001 EUR'; do
		read -r price currency <<<"$bad"
		expect 422 POST /api/tickets/event "$(priced "$price" "$currency")" -H "$organiser_as"
		expect_problem invalid price
	done
	expect 400 POST /api/tickets/event "$(priced 1e400 EUR)" -H "$organiser_as"
	refused price '{"price":null}'
	refused currency '{"currency":"eur"}'
	an_event '{"currency":null}'
	same "the configured one" EUR "$(json currency)"
}

announcing_again_with_the_same_key_is_announcing_once()
{
	organiser org
	key="Idempotency-Key: $(unique key)"
	event_with >"$scratch/event"
	expect 201 POST /api/tickets/event "@$scratch/event" -H "$as" -H "$key"
	body >"$scratch/first"
	expect 201 POST /api/tickets/event "@$scratch/event" -H "$as" -H "$key"
	cmp -s "$scratch/first" "$scratch/body" || fail "another answer: $(body)"
	expect 422 POST /api/tickets/event "$(event_with)" -H "$as" -H "$key"
}

# found QUERY WANTED: the names that a search gives, in their order.
found()
{
	expect 200 GET "/api/tickets/event?$1"
	same "$1" "$2" "$(jq -r 'map(.name | split(" ")[0]) | join(" ")' "$scratch/body")"
}

events_are_found_by_date_place_and_words()
{
	place=$(unique Place) word=$(unique word)
	for day in 03 01 02; do
		event_name="N$day $word" an_event "{\"date_time\":\"2034-05-${day}T12:00:00Z\",\"venue\":{\"location\":\"$place, Spain\"}}"
	done
	found "place=${place,,}" 'N01 N02 N03'
	found "place=$place%2C%20spain&from=2034-05-02T12:00:00Z" 'N02 N03'
	found "place=$place&from=2034-05-01T12:00:01Z&to=2034-05-03T12:00:00Z" N02
	found "place=$place&from=2034-05-02&to=2034-05-03" N02
	found "q=${word^^}" 'N01 N02 N03'
	found "q=$word%20n02" N02
	found "q=$word&place=elsewhere-$word" ''
	found "place=%25" ''
	expect 422 GET '/api/tickets/event?from=soon'
	expect_problem invalid from
	expect 422 GET '/api/tickets/event?to=2034-02-30'
	expect_problem invalid to
	expect 422 GET '/api/tickets/event?place=%20&q=%20%09'
	expect_problem invalid place
	expect_problem invalid q
	expect 422 GET '/api/tickets/event?color=red'
	expect_problem invalid color
	expect 422 GET '/api/tickets/event?q='
	expect_problem invalid q
	expect 200 GET "/api/tickets/event?q=$word&limit=2"
	same "caching" "max-age=1, stale-while-revalidate=1" "$(header Cache-Control)"
	next=$(header Link | sed -n 's|^<\([^>]*\)>; rel="next"$|\1|p')
	expect 200 GET "${next#"$BASE"}"
	same "the second page" "N03 $word" "$(jq -r '.[].name' "$scratch/body")"
	same "no third page" '' "$(header Link)"
}

# --- orders ---

an_order_is_its_buyers_alone()
{
	an_event
	expect 401 POST /api/tickets/order "$(order_of 2)"
	person ann
	expect 201 POST /api/tickets/order "$(order_of 2)" -H "$as"
	same keys '["id","user_id","event_id","quantity","total_price","total_price_minor","currency","order_status","payment_details","expires_at","created_at"]' \
		"$(jq -c keys_unsorted "$scratch/body")"
	same payment '{"method":null,"status":null}' "$(jq -c .payment_details "$scratch/body")"
	same order "[\"$user_id\",\"$event_id\",2,\"EUR\",\"pending_payment\"]" \
		"$(jq -c '[.user_id, .event_id, .quantity, .currency, .order_status]' "$scratch/body")"
	grep -q '"total_price":39.98,"total_price_minor":3998' "$scratch/body" || fail "the total: $(body)"
	same minutes 15 "$(jq '(.expires_at | sub("\\..*"; "Z") | fromdate) - (.created_at | sub("\\..*"; "Z") | fromdate) | . / 60' "$scratch/body")"
	body >"$scratch/made"
	order="/api/tickets/order/$(json id)"
	expect 200 GET "$order" -H "$as"
	cmp -s "$scratch/made" "$scratch/body" || fail "another order: $(body)"
	same caching "private, no-store" "$(header Cache-Control)"
	expect 401 GET "$order"
	expect 404 GET "/api/tickets/order/$nothing" -H "$as"
	expect 404 GET /api/tickets/order/anything -H "$as"
	person bob
	expect 403 GET "$order" -H "$as"
	expect 403 GET "$order" -H "$organiser_as"
	administrator root
	expect 200 GET "$order" -H "$as"
	until_true 5 shows_free 8
	same "told to others" 2 "$(sql "
		select data ->> 'quantity' from tickets.outbox
		 where type = 'tickets.order_placed' and aggregate_id = '${order##*/}' and version = 1")"
	sums_hold
}

what_the_server_decides_of_an_order_is_ignored_and_a_price_is_not_known()
{
	an_event
	person ann
	ordered=$(order_of 3 | jq -c --arg user "$user_id" '. + { id: 7, order_id: "x", user_id: $user, total_price: 0.01,
		order_status: "paid", status: "paid", payment_details: { method: "card", status: "paid" } }')
	expect 201 POST /api/tickets/order "$ordered" -H "$as"
	same "what it is" '[59.97,"pending_payment",null]' "$(jq -c '[.total_price, .order_status, .payment_details.method]' "$scratch/body")"
	expect 201 POST /api/tickets/order "$(order_of 1 | jq -c --arg name "$name" '.user_id = $name')" -H "$as"
	same user_id "$user_id" "$(json user_id)"
	expect 422 POST /api/tickets/order "$(order_of 1 | jq -c '.price = 1')" -H "$as"
	expect_problem invalid price
	ann=$user_id
	person bob
	expect 403 POST /api/tickets/order "$(order_of 1 | jq -c --arg user "$ann" '.user_id = $user')" -H "$as"
	expect_problem not_yours
	administrator root
	expect 201 POST /api/tickets/order "$(order_of 1 | jq -c --arg user "$ann" '.user_id = $user')" -H "$as"
	same "by an administrator for ann" "$ann" "$(json user_id)"
	expect 422 POST /api/tickets/order "$(order_of 1 | jq -c '.user_id = "ann"')" -H "$as"
	expect_problem invalid user_id
}

an_order_that_cannot_be_says_why()
{
	an_event
	person ann
	for quantity in 0 -1 101 1.5 '"2"' null 99999999999; do
		expect 422 POST /api/tickets/order "$(order_of "$quantity")" -H "$as"
		expect_problem invalid quantity
	done
	expect 400 POST /api/tickets/order "$(order_of 99999999999999999999)" -H "$as"
	expect 422 POST /api/tickets/order '{"event_id":"x"}' -H "$as"
	expect_problem invalid event_id
	expect_problem invalid quantity
	expect 422 POST /api/tickets/order "{\"event_id\":\"$nothing\",\"quantity\":1}" -H "$as"
	expect_problem invalid event_id
	expect 409 POST /api/tickets/order "$(order_of 11)" -H "$as"
	expect_problem sold_out
	same remaining 10 "$(json remaining)"
	sql "update tickets.event set starts_at = now() - interval '1 second' where event_id = '$event_id'" >/dev/null
	expect 409 POST /api/tickets/order "$(order_of 1)" -H "$as"
	expect_problem event_over
	until_true 5 shows_status over
	sql "update tickets.event set state = 'cancelled' where event_id = '$event_id'" >/dev/null
	expect 409 POST /api/tickets/order "$(order_of 1)" -H "$as"
	expect_problem event_cancelled
	until_true 5 shows_status cancelled
	same "seats set aside" 10 "$(free_seats)"
}

of_twenty_who_race_for_ten_seats_ten_get_one()
{
	an_event
	person ann
	for racer in {1..20}; do
		# shellcheck disable=SC2086
		$CURL -o "$scratch/racer$racer" -H "$as" -H 'Content-Type: application/json' -d "$(order_of 1)" \
		    "$BASE/api/tickets/order" &
	done
	wait
	same ordered 10 "$(jq -s 'map(select(.order_status == "pending_payment")) | length' "$scratch"/racer*)"
	same "told that none is left" 10 "$(jq -s 'map(select(.code == "sold_out" and .remaining == 0)) | length' "$scratch"/racer*)"
	same left 0 "$(free_seats)"
	sums_hold
}

ordering_again_with_the_same_key_is_ordering_once()
{
	an_event
	person ann
	key="Idempotency-Key: $(unique key)"
	expect 201 POST /api/tickets/order "$(order_of 2)" -H "$as" -H "$key"
	body >"$scratch/first"
	for ((i = 0; i < 3; i++)); do
		expect 201 POST /api/tickets/order "$(order_of 2)" -H "$as" -H "$key"
		cmp -s "$scratch/first" "$scratch/body" || fail "another answer: $(body)"
	done
	same left 8 "$(free_seats)"
	expect 422 POST /api/tickets/order "$(order_of 3)" -H "$as" -H "$key"
	same "left then" 8 "$(free_seats)"
}

has_status()	# STATUS: of $order
{
	expect 200 GET "/api/tickets/order/$order" -H "$as"
	[[ $(json order_status) = "$1" ]]
}

seats_that_are_not_paid_for_come_back()
{
	an_event
	person ann
	expect 201 POST /api/tickets/order "$(order_of 7)" -H "$as"
	order=$(json id)
	expect 201 POST /api/tickets/order "$(order_of 3)" -H "$as"
	kept=$(json id)
	expect 409 POST /api/tickets/order "$(order_of 1)" -H "$as"
	same remaining 0 "$(json remaining)"
	sql "update tickets.ticket_order set expires_at = now() where order_id = '$order'" >/dev/null
	until_true 10 has_status expired
	same left 7 "$(free_seats)"
	until_true 5 shows_free 7
	expect 201 POST /api/tickets/order "$(order_of 7)" -H "$as"
	order=$kept
	has_status pending_payment || fail "the other order is $(json order_status)"
	same "told to others" 7 "$(sql "
		select data ->> 'quantity' from tickets.outbox
		 where type = 'tickets.order_expired' and version = 2 and data ->> 'event_id' = '$event_id'")"
	sums_hold
}

# Orders by four at once that are due as soon as they are placed, until there is an end.
order_and_expire()
{
	while [[ ! -e $scratch/end ]]; do
		# shellcheck disable=SC2086
		$CURL -s -o /dev/null -H "$as" -H 'Content-Type: application/json' -d "$(order_of 1)" "$BASE/api/tickets/order" || :
		sql "update tickets.ticket_order set expires_at = now() where event_id = '$event_id' and status = 'pending_payment'" >/dev/null
	done
}

some_expired()
{
	(($(sql "select count(*) from tickets.ticket_order where event_id = '$event_id' and status = 'expired'") > ${1:-0}))
}

all_is_free()
{
	[[ $(free_seats) = 10 ]]
}

seats_and_orders_agree_after_processes_died()
{
	an_event
	person ann
	for ((i = 0; i < 4; i++)); do
		order_and_expire &
	done
	until_true 20 some_expired
	for pid in $(workers tickets) $(master tickets-jobs); do
		kill -KILL "$pid"
	done
	before=$(sql "select count(*) from tickets.ticket_order where event_id = '$event_id' and status = 'expired'")
	mend
	until_true 20 some_expired "$before"
	touch "$scratch/end"
	wait
	sql "update tickets.ticket_order set expires_at = now() where event_id = '$event_id' and status = 'pending_payment'" >/dev/null
	until_true 10 all_is_free
	sums_hold
}

# --- games ---

link_is()	# CONDITION
{
	[[ $(sql "select $1 from tickets.game_link where event_id = '$event_id'") = t ]]
}

a_game_that_sports_does_not_know_is_asked_for_again_and_given_up_after_a_day()
{
	game_id=$(sql 'select platform.uuid_v7()')
	an_event "{\"game_id\":\"$game_id\"}"
	same game_id "$game_id" "$(json game_id)"
	expect 409 POST /api/tickets/event "$(event_with "{\"game_id\":\"$game_id\"}")" -H "$organiser_as"
	expect_problem game_taken game_id
	until_true 10 link_is 'attempts > 1'
	link_is 'told_at is null and gave_up_at is null' || fail "it is given up too early"
	sql "update tickets.game_link set created_at = now() - interval '2 days', next_try_at = now() where event_id = '$event_id'" >/dev/null
	until_true 15 link_is 'gave_up_at is not null and told_at is null'
}

# a_game ID: as an import would make it.
a_game()
{
	sql "
		with category as (
			insert into sports.category (name) values ('$(unique chess)') returning category_id
		), competition as (
			insert into sports.competition (category_id, name) select category_id, 'Open' from category
			returning competition_id
		), season as (
			insert into sports.season (competition_id, name) select competition_id, '2034' from competition
			returning season_id
		), team as (
			insert into sports.team (category_id, name) select category_id, unnest(array['Black', 'White']) from category
			returning team_id
		)
		insert into sports.game (game_id, season_id, team_1, team_2, day, provider)
		select '$1', season_id, min(team_id::text)::uuid, max(team_id::text)::uuid, '2034-05-06', 'hand'
		  from season, team
		 group by season_id"
}

a_game_is_told_of_its_event_even_when_it_comes_later()
{
	game_id=$(sql 'select platform.uuid_v7()')
	an_event "{\"game_id\":\"$game_id\"}"
	until_true 10 link_is 'attempts > 0'
	a_game "$game_id"
	until_true 15 link_is 'told_at is not null'
	same "the game's event" "$event_id" "$(sql "select event_id from sports.game where game_id = '$game_id'")"
}

frames()	# of the event's channel, each a line
{
	redis-cli -s "$state/run/bus-primary.sock" --raw XRANGE "channel:event:$event_id:log" - + | grep '^{' || true
}

last_frame_is()	# SEATS
{
	[[ $(frames | tail -n 1 | jq -r '"\(.channel) \(.type) \(.event_id) \(.available_seats)"') = "event:$event_id seats $event_id $1" ]]
}

another_process_looks()
{
	sql 'select tickets.push_seats()' >/dev/null
}

# Frames of one event are as far apart as they must be, by the times of their transactions.
free_seats_are_told_to_those_who_listen()
{
	an_event
	person ann
	for _ in 1 2 3 4 5 6; do
		expect 201 POST /api/tickets/order "$(order_of 1)" -H "$as"
		another_process_looks
	done
	until_true 10 last_frame_is 4
	same "frames that are too near" 0 "$(sql "select count(*)
		from (select created_at - lag(created_at) over (order by id) as gap from tickets.outbox where channel = 'event:$event_id') frame
		where gap < interval '240 milliseconds'")"
	# What changes otherwise is looked at, and not told.
	sql "update tickets.event set updated_at = now() where event_id = '$event_id';
		update tickets.seats_look set looked_at = looked_at - interval '1 second'"
	another_process_looks
	sql "update tickets.ticket_order set expires_at = now() where order_id = '$(json id)'" >/dev/null
	until_true 10 last_frame_is 5
	same "frames that say the same" 0 "$(sql "select count(*)
		from (select data = lag(data) over (order by id) as repeats from tickets.outbox where channel = 'event:$event_id') frame
		where repeats")"
	an_event
	expect 201 POST /api/tickets/order "$(order_of 2)" -H "$as"
	until_true 10 last_frame_is 8
}

tell \
	an_organiser_announces_an_event_and_everyone_sees_it \
	only_organisers_and_administrators_announce \
	a_venue_is_made_once_and_then_known_by_its_id \
	a_venue_that_seats_nobody_knows_how_many_wants_its_capacity \
	an_event_that_makes_no_sense_is_refused_by_its_field \
	money_is_exact_or_refused \
	announcing_again_with_the_same_key_is_announcing_once \
	events_are_found_by_date_place_and_words \
	an_order_is_its_buyers_alone \
	what_the_server_decides_of_an_order_is_ignored_and_a_price_is_not_known \
	an_order_that_cannot_be_says_why \
	of_twenty_who_race_for_ten_seats_ten_get_one \
	ordering_again_with_the_same_key_is_ordering_once \
	seats_that_are_not_paid_for_come_back \
	free_seats_are_told_to_those_who_listen \
	seats_and_orders_agree_after_processes_died \
	a_game_that_sports_does_not_know_is_asked_for_again_and_given_up_after_a_day \
	a_game_is_told_of_its_event_even_when_it_comes_later
