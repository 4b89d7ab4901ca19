# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154
# What has to be so when the load has ended; sourced by events.sh.

checks=(
	what_was_acknowledged_is_there_once_and_nothing_else
	every_event_is_in_effect_once
	nothing_has_failed
	every_socket_heard_everything_in_order_once
	cached_standings_are_those_of_the_database
)

schemas()
{
	sql "select table_schema from information_schema.tables where table_name = 'outbox' order by 1"
}

# count_in_all TABLE CONDITION
count_in_all()
{
	local schema sum=0

	for schema in $(schemas); do
		sum=$((sum + $(sql "select count(*) from $schema.$1 where $2")))
	done
	echo "$sum"
}

all_is_published()
{
	[[ $(count_in_all outbox 'published_at is null') = 0 ]]
}

# Nothing that a group was not given, or has not confirmed.
all_is_taken_in()
{
	local pool

	for pool in "${pools[@]}"; do
		curl -s --unix-socket "$state/run/ops.sock" "http://localhost/$pool/metrics" >"$scratch/metrics"
		grep -q '^marquee_outbox_unpublished' "$scratch/metrics" || return 1
		[[ $(awk '/^marquee_events_unconfirmed/ { sum += $NF } END { print sum + 0 }' "$scratch/metrics") = 0 ]] || return 1
	done
}

# equal WHAT: what ought to be stands in $scratch/wanted, what is in $scratch/found, both a line each.
equal()
{
	[[ -s $scratch/wanted ]] || fail "$1: nothing to compare."
	cmp -s "$scratch/wanted" "$scratch/found" ||
		fail "$1: $(wc -l <"$scratch/wanted") wanted, $(wc -l <"$scratch/found") found; wanted <, found >:
$(diff "$scratch/wanted" "$scratch/found" | head -n 8 | cut -c 1-240)"
}

what_was_acknowledged_is_there_once_and_nothing_else()
{
	local one

	taken notes '.answer | "\(.text) \(.note_id)"' | sort >"$scratch/wanted"
	sql "select text || ' ' || note_id from probe.note where text like '$match %'" | sort >"$scratch/found"
	equal notes
	for one in "${people[@]}"; do
		taken "$one-speaks" '.answer.data | "\(.content) \(.message_id)"'
	done | sort >"$scratch/wanted"
	sql "select content || ' ' || message_id from chat.room_message where chatroom_id = '$room'" | sort >"$scratch/found"
	equal "the room's messages"
	taken letters '"'"$match"' letter \(.n) \(.answer.message_id)"' | sort >"$scratch/wanted"
	sql "select content || ' ' || message_id from chat.direct_message where content like '$match %'" | sort >"$scratch/found"
	equal "direct messages"
	{ printf '%s\n' "$match/end" "$match/kick-off"; taken goals '"'"$match"'/goal \(.n)"'; } | sort >"$scratch/wanted"
	sql "select provider_event_id from sports.match_event where game_id = '$game'" | sort >"$scratch/found"
	equal "what the provider told"
}

every_event_is_in_effect_once()
{
	local one

	taken notes .answer.note_id | sort >"$scratch/wanted"
	sql "select note_id from probe.taken join probe.note using (note_id) where text like '$match %'" | sort >"$scratch/found"
	equal "notes that came back"
	for one in "${people[@]}"; do
		{ echo "end:$game"; taken goals '"goal:'"$game:$match"'/goal \(.n)"'; } | sort >"$scratch/wanted"
		sql "select dedupe from notifications.notification where user_id = '${id_of[$one]}' and kind = 'score_update'" |
			sort >"$scratch/found"
		equal "what $one was told of the game"
	done
	taken letters '"message:\(.answer.message_id)"' | sort >"$scratch/wanted"
	sql "select dedupe from notifications.notification where user_id = '${id_of[bob]}' and kind = 'message'" | sort >"$scratch/found"
	equal "what bob was told of letters"
	same "closed rooms of the game" 1 "$(sql "select count(*) from chat.room where game_id = '$game' and closed_at is not null")"
}

nothing_has_failed()
{
	same "failed events" '' "$(ctl events failed)"
}

# frames_of PERSON CHANNEL: the numbers and messages that it heard.
frames_of()
{
	jq -cSR --arg channel "$2" 'fromjson? | select(.channel == $channel and .seq and (.type | IN("joined", "reload", "error") | not))
	    | [.seq, del(.channel, .epoch, .seq)]' "$scratch/$1"
}

# told_on PERSON CHANNEL: the same, as the domains told it since that person joined.
told_on()
{
	local schema first

	first=$(jq -R --arg channel "$2" 'fromjson? | select(.channel == $channel and .type == "joined").seq' "$scratch/$1" | sed -n 1p)
	for schema in chat notifications sports; do
		sql "select data from $schema.outbox where channel = '$2' order by id"
	done | jq -cS --argjson first "$first" '[input_line_number, .] | select(.[0] > $first)'
}

# hear_out PERSON CHANNEL COUNT: until so many have come, or no more will.
hear_out()
{
	local limit=$((SECONDS + 30))

	until frames_of "$1" "$2" >"$scratch/found" && (($(wc -l <"$scratch/found") >= $3 || SECONDS > limit)); do
		sleep 0.1
	done
}

every_socket_heard_everything_in_order_once()
{
	local one channel

	for one in "${people[@]}"; do
		for channel in $(channels_of "$one"); do
			told_on "$one" "$channel" >"$scratch/wanted"
			hear_out "$one" "$channel" "$(wc -l <"$scratch/wanted")"
			[[ $channel = chat:* && $one != bob ]] || equal "what $one heard of $channel"
		done
		never_heard "$one" '"type":"reload"'
	done
}

cached_standings_are_those_of_the_database()
{
	sql "select row_to_json(placed) from sports.standings_of('$season') placed" | jq -cS '[.team_name, .played, .goals_for, .points]' >"$scratch/wanted"
	until_true 40 standings_are_new
	same "goals of the winner" "$(taken goals .n | wc -l)" "$(jq -s '.[0][2]' "$scratch/found")"
}

standings_are_new()
{
	expect 200 GET "/api/sports/seasons/$season/standings"
	jq -cS '.data.standings[] | [.team_name, .played, .goals_for, .points]' "$scratch/body" >"$scratch/found"
	cmp -s "$scratch/wanted" "$scratch/found"
}

summary()
{
	local kind

	printf 'Killed:'
	for kind in "${!killed_of[@]}"; do
		printf ' %s %s' "$kind" "${killed_of[$kind]}"
	done
	cat "$scratch"/*.taken | jq -rs '"\nWritten: \(length), of which \(map(select(.tries > 1)) | length) were sent again"'
	for one in "${people[@]}"; do
		grep -c '"seq":' "$scratch/$one"
	done | awk '{ sum += $1 } END { print "Heard: " sum }'
}
