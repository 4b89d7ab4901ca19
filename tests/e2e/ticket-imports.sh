#!/bin/bash
# Stories of imports for tickets: a programme goes on sale, conferences are announced, stadiums become venues.
cd "$(dirname "$0")"
# shellcheck source=tests/e2e/lib.sh
. ./lib.sh
# shellcheck source=tests/e2e/stack.sh
. ./stack.sh

data=${MARQUEE_DATA:-}/tickets
# The stack may run as a user of its own, who has to read what is made here.
chmod 755 "$scratch"

# import STATUS FORMAT FILE...: with its summary in $scratch/summary.
import()
{
	local wanted=$1 format=$2 code=0

	shift 2
	ctl import --json "$format" "$@" >"$scratch/summary" 2>"$scratch/said" || code=$?
	same "exit status" "$wanted" "$code ($(cat "$scratch/said"))"
}

good='0 ()'
some_refused='3 ()'

# Of all files: lines, taken, repeated, refused.
counts()
{
	jq -r '.files | [(map(.lines) | add), (map(.taken) | add), (map(.repeated) | add), (map(.refused[]) | length)] |
	    join(" ")' "$scratch/summary"
}

refusals()
{
	jq -r '.files[].refused[] | "\(.line) \(.reason)"' "$scratch/summary"
}

# What anything that was written would have changed.
newest_change()
{
	sql "select max(x) from (
	    select max(changed_xid::text::bigint) as x from tickets.event union all
	    select max(changed_xid::text::bigint) from tickets.venue) s"
}

# the_event WORDS: the one that they find.
the_event()
{
	expect 200 GET "/api/tickets/event?q=$1"
	same "events found" 1 "$(jq length "$scratch/body")"
	jq -c '.[0]' "$scratch/body" >"$scratch/event"
}

of_event()	# FILTER
{
	jq -cr "$1" "$scratch/event"
}

order_is_refused()	# CODE
{
	person ann
	expect 409 POST /api/tickets/order "{\"event_id\":\"$(of_event .id)\",\"quantity\":1}" -H "$as"
	expect_problem "$1"
}

# --- a programme ---

columns=name,description,date_time,venue,location,capacity,total_seats,price,currency

programme()	# FILE: of the lines of standard input
{
	{
		echo "$columns"
		cat
	} >"$scratch/$1"
}

a_programme_goes_on_sale_once_however_often_it_is_given()
{
	word=$(unique opera)
	programme first.csv <<-CSV
		Aida $word,"Four acts, in Italian",2034-01-01T19:30:00+02:00,House $word,"Square 1, Vienna",1700,1200,89.90,EUR
		aida $word,"Four acts, in Italian",2034-01-01T17:30:00Z,HOUSE $word,"square 1, vienna",1700,1200,89.9000,EUR
	CSV
	programme second.csv <<-CSV
		Noh $word,,2034-01-02T19:30:00+09:00,Stage $word,Kyoto,400,400,5400,JPY
	CSV
	import "$good" events "$scratch/first.csv" "$scratch/second.csv"
	same counts '3 2 1 0' "$(counts)"
	the_event "aida%20$word"
	same event '["Four acts, in Italian","2034-01-01T17:30:00Z",1200,1200,89.9,8990,"EUR","on_sale"]' \
		"$(of_event '[.description, .date_time, .available_seats, .total_seats, .price, .price_minor, .currency, .event_status]')"
	same venue "[\"House $word\",\"Square 1, Vienna\",1700]" "$(of_event '[.venue.name, .venue.location, .venue.capacity]')"
	same venue_keys '["id","name","location","capacity"]' "$(of_event '.venue | keys_unsorted')"
	person ann
	expect 201 POST /api/tickets/order "{\"event_id\":\"$(of_event .id)\",\"quantity\":2}" -H "$as"
	same total 179.8 "$(json total_price)"
	the_event "noh%20$word"
	same price 5400 "$(of_event .price_minor)"
	before=$(newest_change)
	import "$good" events "$scratch/second.csv" "$scratch/first.csv"
	same "counts again" '3 0 3 0' "$(counts)"
	same changes "$before" "$(newest_change)"
}

lines_that_make_no_sense_are_refused_by_their_number()
{
	word=$(unique odd)
	programme odd.csv <<-CSV
		$word,,2034-01-01T19:30:00,Stage,$word,400,400,1.00,EUR
		$word,,2034-01-01T19:30:00Z,Stage,$word,400,401,1.00,EUR
		$word,,2034-01-01T19:30:00Z,Stage,$word,400,0,1.00,EUR
		$word,,2034-01-01T19:30:00Z,Stage,$word,400,400,1.001,EUR
		$word,,2034-01-01T19:30:00Z,Stage,$word,400,400,100.5,JPY
		$word,,2034-01-01T19:30:00Z,Stage,$word,400,400,-1,EUR
		$word,,2034-01-01T19:30:00Z,Stage,$word,400,400,1.00,eur
		 ,,2034-01-01T19:30:00Z,Stage,$word,400,400,1.00,EUR
		$word,,2034-01-01T19:30:00Z,Stage,$word,400,400,1.00
		$word,,2034-01-01T19:30:00Z,Stage,$word,400,400,1.00,EUR
	CSV
	import "$some_refused" events "$scratch/odd.csv"
	same counts '10 1 0 9' "$(counts)"
	same refusals "2 date_time is no time with its offset, as 2030-12-31T20:00:00Z
3 total_seats is more than the capacity
4 total_seats is nought
5 price has more decimals than EUR
6 price has more decimals than JPY
7 price is no amount like 19.99
8 currency is no ISO 4217 code like EUR
9 name is empty
10 it has 8 cells instead of 9" "$(refusals)"
	the_event "$word"
	same price 1 "$(of_event .price)"
}

an_event_that_was_told_otherwise_before_stays_as_it_is()
{
	word=$(unique twice)
	programme before.csv <<<"$word,,2034-01-01T19:30:00Z,Stage,$word,400,400,10,EUR"
	programme after.csv <<-CSV
		$word,,2034-01-01T19:30:00Z,Stage,$word,400,400,11,EUR
		$word,,2034-01-01T19:30:00Z,Stage,$word,500,400,11,EUR
	CSV
	import "$good" events "$scratch/before.csv"
	import "$some_refused" events "$scratch/after.csv" "$scratch/before.csv"
	same counts '3 1 1 1' "$(counts)"
	same line "$scratch/after.csv 2" "$(jq -r '.files[] | "\(.path) \(.refused[].line)"' "$scratch/summary")"
	expect 200 GET "/api/tickets/event?q=$word"
	same "prices by the hall" '{"400":1000,"500":1100}' \
		"$(jq -c 'map({ key: "\(.venue.capacity)", value: .price_minor }) | sort_by(.key) | from_entries' "$scratch/body")"
}

an_event_of_the_past_is_shown_and_not_sold()
{
	word=$(unique past)
	programme past.csv <<<"$word,,1969-08-15T17:00:00-04:00,Farm,$word,400000,186000,18,USD"
	import "$good" events "$scratch/past.csv"
	the_event "$word"
	same date_time 1969-08-15T21:00:00Z "$(of_event .date_time)"
	same event_status over "$(of_event .event_status)"
	order_is_refused event_over
}

# --- conferences ---

conference()	# NAME MEMBERS
{
	jq -n --arg name "$1" '{ name: $name, url: "https://example.org/\($name)", startDate: "2034-03-04", endDate: "2034-03-06",
		city: "Athens", country: "Greece", online: false } * $ARGS.positional[0] | with_entries(select(.value != null))' \
	    --jsonargs "${2:-{\}}"
}

a_conference_of_several_topics_is_one_event_that_is_announced()
{
	word=$(unique conf)
	{ conference "$word a"; conference "$word b" '{"online":true}'; } | jq -s . >"$scratch/data.json"
	{ conference "$word c" '{"city":null,"country":null,"online":true}'; conference "$word A"
		conference "$word a" '{"city":"Oslo","country":"Norway"}'; } | jq -s . >"$scratch/devops.json"
	sed -i "s|example.org/$word A|example.org/$word a|" "$scratch/devops.json"
	echo '[]' >"$scratch/empty.json"
	import "$good" conferences "$scratch/data.json" "$scratch/empty.json" "$scratch/devops.json"
	same counts '5 4 1 0' "$(counts)"
	before=$(newest_change)
	import "$good" conferences "$scratch/devops.json" "$scratch/data.json"
	same "counts again" '5 0 5 0' "$(counts)"
	same changes "$before" "$(newest_change)"

	the_event "$word%20b"
	same keys '["id","name","description","url","date_time","end_date","venue","available_seats","total_seats","price","price_minor","currency","event_status"]' \
		"$(of_event keys_unsorted)"
	same event "[\"Also online.\",\"https://example.org/$word b\",\"2034-03-04T00:00:00Z\",\"2034-03-06\",0,0,null,null,null,\"announced\"]" \
		"$(of_event '[.description, .url, .date_time, .end_date, .available_seats, .total_seats, .price, .price_minor, .currency, .event_status]')"
	same venue '["Athens","Athens, Greece",0]' "$(of_event '[.venue.name, .venue.location, .venue.capacity]')"
	order_is_refused not_on_sale
	the_event "$word%20c"
	same "where it is" Online "$(of_event .venue.location)"
}

a_conference_that_makes_no_sense_is_refused_by_its_number()
{
	word=$(unique odd)
	{
		conference "$word a" '{"city":null}'
		conference "$word b" '{"startDate":"2034-03-07"}'
		conference "$word c" '{"startDate":"soon"}'
		conference "$word d" '{"name":null}'
		conference "$word e" '{"city":["Athens"]}'
		conference "$word f" '{"online":"maybe"}'
		echo 7
		conference "$word h" '{"url":"javascript:alert(1)"}'
		conference "$word"$'\a'"i"
		conference "$word g"
		conference "$word g" '{"url":"https://example.org/other"}'
	} | jq -s . >"$scratch/odd.json"
	import "$some_refused" conferences "$scratch/odd.json"
	same counts '11 1 0 10' "$(counts)"
	same refusals "1 it is neither in a city nor online
2 it ends before it begins
3 startDate is no day
4 name is empty
5 city has parts
6 online is neither true nor false
7 it is no object
8 url is no address of a page
9 name has control characters
11 it was told with another address or last day before" "$(refusals)"
	code=0
	ctl import conferences "$scratch/odd.json" >"$scratch/text" || code=$?
	same "exit status" 3 "$code"
	grep -q '^    conference 3 refused: startDate is no day$' "$scratch/text" || fail "$(cat "$scratch/text")"
}

what_is_no_file_of_the_format_is_said_and_nothing_happens()
{
	word=$(unique none)
	conference "$word" | jq -s . >"$scratch/good.json"
	echo '[{"name":' >"$scratch/broken.json"
	echo '{"title":"x"}' >"$scratch/other.json"
	: >"$scratch/nothing.json"
	import "1 ($scratch/other.json is no file of conferences: it is no list.)" \
		conferences "$scratch/good.json" "$scratch/other.json"
	import "1 ($scratch/nothing.json is no file of conferences: its first line names other columns.)" \
		conferences "$scratch/good.json" "$scratch/nothing.json"
	code=0
	ctl import conferences "$scratch/good.json" "$scratch/broken.json" >/dev/null 2>"$scratch/said" || code=$?
	same "exit status" 1 "$code"
	grep -q "^$scratch/broken.json: Line [12], column .* it ends too early" "$scratch/said" || fail "$(cat "$scratch/said")"
	expect 200 GET "/api/tickets/event?q=$word"
	same events '[]' "$(body)"
}

# --- stadiums ---

stadium()	# NAME COORDS
{
	jq -n '{ name: $ARGS.positional[0], city: "Natal (2)", timezone: "UTC-3", capacity: 40000, coords: $ARGS.positional[1] }' \
	    --args "$@"
}

# position NAME: of the venue, as an event there shows it.
position()
{
	sql "select latitude, longitude from tickets.venue where name = '$1' and location = 'Natal' and capacity = 40000"
}

a_stadium_is_a_venue_with_its_position_in_either_notation()
{
	word=$(unique arena)
	stadium "$word late" '' | jq -s '{ stadiums: . }' >"$scratch/before.json"
	{
		stadium "$word dms" "22°54'44\"S 43°13'49.5\"W"
		stadium "$word decimal" '5.826936°N 35.212371°E'
		stadium "$word late" "22°54'S 43°W"
		stadium "$word late" ''
		stadium "$word mars" '95.1°S 35.2°W'
		stadium "$word half" '5.1°S'
		stadium "$word swapped" '5.1°W 35.1°S'
		stadium "$word words" 'by the river'
	} | jq -s '{ name: "World Cup", stadiums: . }' >"$scratch/stadiums.json"
	printf 'stadium_id,stadium_name,city_name,country_name,stadium_capacity\nS-1,%s,Natal,Brazil,40000\n' "$word cup" \
		>"$scratch/stadiums.csv"
	import "$good" stadiums "$scratch/before.json"
	same "without a position" '|' "$(position "$word late")"
	import "$some_refused" stadiums "$scratch/stadiums.json" "$scratch/stadiums.csv"
	same counts '9 4 1 4' "$(counts)"
	same "refused" "5 6 7 8" "$(jq -r '.files[0].refused | map(.line) | join(" ")' "$scratch/summary")"
	same "degrees, minutes, seconds" '-22.912222|-43.230417' "$(position "$word dms")"
	same decimals '5.826936|35.212371' "$(position "$word decimal")"
	same "told later" '-22.9|-43' "$(position "$word late")"
	before=$(newest_change)
	import "$some_refused" stadiums "$scratch/stadiums.csv" "$scratch/stadiums.json" "$scratch/before.json"
	same "counts again" '10 0 6 4' "$(counts)"
	same changes "$before" "$(newest_change)"
	programme there.csv <<<"$word,,2034-01-01T19:30:00Z,$word dms,Natal,40000,100,1,BRL"
	import "$good" events "$scratch/there.csv"
	the_event "$word"
	same venue '[-22.912222,-43.230417]' "$(of_event '[.venue.latitude, .venue.longitude]')"
}

# --- the real ones ---

sum_of()	# WHAT: of all files of the summary
{
	jq "[.files[].$1] | add" "$scratch/summary"
}

stadiums_of_the_collection_are_venues_after_one_import_and_after_two()
{
	import "$good" stadiums "$data"/*stadiums*
	same lines 264 "$(sum_of lines)"
	before=$(newest_change)
	import "$good" stadiums "$data"/*stadiums*
	same "taken again" 0 "$(sum_of taken)"
	same changes "$before" "$(newest_change)"
	same "positions, all but one" 23 "$(jq -r '.stadiums[].name' "$data"/*stadiums.json | while IFS= read -r name; do
		printf "select count(*) from tickets.venue where latitude is not null and name = '%s';\n" "${name//\'/\'\'}"
	done | ctl psql primary -X -q -At | awk '{ sum += $1 } END { print sum }')"
	same "the decimal one" '-5.826936|-35.212371' \
		"$(sql "select latitude, longitude from tickets.venue where name = 'Arena das Dunas' and location = 'Natal' and latitude is not null")"
}

conferences_of_the_collection_are_as_they_were_counted_after_one_import_and_after_two()
{
	sql "delete from tickets.event where provider = 'conferences'" >/dev/null
	import "$some_refused" conferences "$data"/conferences/*.json
	same "rows, repeated" "$(jq -c '.conferences | [.rows, .dup_name_start]' "$MARQUEE_DATA/expected.json")" \
		"$(jq -c '.files | [(map(.lines) | add), (map(.repeated) | add)]' "$scratch/summary")"
	# One is nowhere; one has its name in other letters and another address in another file.
	same refused "26 it was told with another address or last day before
41 it is neither in a city nor online" "$(refusals)"
	same events 1898 "$(jq .totals.events "$scratch/summary")"
	same "countries, and none" "$(jq .conferences.countries "$MARQUEE_DATA/expected.json")" "$(sql "
		select count(distinct regexp_replace(v.location, '^.*, ', ''))
		  from tickets.event e join tickets.venue v using (venue_id) where provider = 'conferences'")"
	before=$(newest_change)
	import "$some_refused" conferences "$data"/conferences/*.json
	same "taken again" 0 "$(sum_of taken)"
	same changes "$before" "$(newest_change)"
	ctl import --totals conferences | jq -c . >"$scratch/totals"
	same totals "$(jq -c .totals "$scratch/summary")" "$(cat "$scratch/totals")"
}

stories=(a_programme_goes_on_sale_once_however_often_it_is_given
    lines_that_make_no_sense_are_refused_by_their_number
    an_event_that_was_told_otherwise_before_stays_as_it_is
    an_event_of_the_past_is_shown_and_not_sold
    a_conference_of_several_topics_is_one_event_that_is_announced
    a_conference_that_makes_no_sense_is_refused_by_its_number
    what_is_no_file_of_the_format_is_said_and_nothing_happens
    a_stadium_is_a_venue_with_its_position_in_either_notation)
if [[ -e $data/wcdb_stadiums.csv ]]; then
	stories+=(stadiums_of_the_collection_are_venues_after_one_import_and_after_two
	    conferences_of_the_collection_are_as_they_were_counted_after_one_import_and_after_two)
else
	echo "# skipped: no collection under MARQUEE_DATA"
fi
tell "${stories[@]}"
