# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154
# Who talks and who listens while the drill kills; sourced by events.sh.

people=(ann bob cleo dan)
declare -A id_of header_of name_of writer_of pid_of
match=$(unique match) provider=$(unique provider) home=$(unique Home) away=$(unique Away)
service="Authorization: Bearer $(service_token)"
kicked_off=$(date -u +%FT%TZ)

# Tokens outlive the drill, and it may speak as fast as it likes.
people_meet()
{
	local one

	settings=("$state"/etc/marquee/{chat,users}.local)
	printf 'room_messages = 4095\ndirect_messages = 4095\n' >"${settings[0]}"
	echo 'token_lifetime_s = 7200' >"${settings[1]}"
	mend
	game_begins
	for one in "${people[@]}"; do
		person "$one"
		id_of[$one]=$user_id header_of[$one]=$as name_of[$one]=$name
		join
		expect 201 POST /api/sports/follows "{\"target_kind\":\"game\",\"target_id\":\"$game\"}" -H "$as"
		until_true 20 follow_is_known
	done
}

# As a body of the feed; {n} is left for who tells it.
told()	# ID TYPE [MEMBERS]
{
	jq -cn --arg provider "$provider" --arg match "$match" --arg id "$match/$1" --arg type "$2" --arg at "$kicked_off" --argjson more "${3:-{\}}" \
	    '{ $provider, events: [{ provider_event_id: $id, provider_game_id: $match, $type, occurred_at: $at } + $more] }'
}

# Sets game, season, category and room.
game_begins()
{
	expect 200 POST /api/sports/feed "$(told kick-off kick_off "$(jq -cn --arg sport "$(unique Sport)" --arg cup "$(unique Cup)" \
	    --arg home "$home" --arg away "$away" --arg at "$kicked_off" \
	    '{ game: { sport_category: $sport, competition: $cup, team_1: $home, team_2: $away, start_time: $at } }')")" -H "$service"
	read -r game season category < <(sql "select g.game_id, g.season_id, t.category_id
	    from sports.game_source s join sports.game g using (game_id) join sports.team t on t.team_id = g.team_1
	    where s.provider = '$provider'" | tr '|' ' ')
	until_true 20 has_room "game_id = '$game'"
}

follow_is_known()
{
	[[ $(sql "select count(*) from notifications.follow where user_id = '$user_id' and is_on") = 1 ]]
}

# --- listening ---

channels_of()	# PERSON
{
	echo "game:$game room:$room notifications:${id_of[$1]} chat:${id_of[$1]}"
}

stays()	# PERSON
{
	opens "$1" "/ws?channels=$(channels_of "$1" | tr ' ' ,)" -H "${header_of[$1]}" --stay
}

has_joined()	# PERSON: all its channels
{
	[[ $(grep -c '"type":"joined"' "$scratch/$1") = 4 ]]
}

# --- talking ---

# posts NAME HEADER SECONDS PATH BODY: over and over; what was taken goes to $scratch/NAME.taken.
posts()
{
	local fd

	mkfifo "$scratch/$1.in"
	"$fixtures/post" --cacert "$state/tls/localhost.pem" -H "$2" --every "$3" "$BASE$4" "$match-$1" "$5" \
		<"$scratch/$1.in" >"$scratch/$1.taken" 2>"$scratch/$1.refused" &
	pid_of[$1]=$!
	exec {fd}>"$scratch/$1.in"
	writer_of[$1]=$fd
}

taken()	# NAME FILTER: of each that was acknowledged
{
	jq -r "$2" "$scratch/$1.taken"
}

load_begins()
{
	local one

	for one in "${people[@]}"; do
		stays "$one"
	done
	for one in "${people[@]}"; do
		until_true 20 has_joined "$one"
	done
	for one in "${people[@]}"; do
		posts "$one-speaks" "${header_of[$one]}" 0.1 "$rooms/$room/messages" "{\"message\":\"$match $one {n}\"}"
	done
	posts letters "${header_of[ann]}" 0.3 /api/chat/send \
		"{\"sender\":\"${name_of[ann]}\",\"receiver\":\"${name_of[bob]}\",\"message\":\"$match letter {n}\"}"
	posts goals "$service" 0.2 /api/sports/feed "$(told 'goal {n}' goal "{\"team\":\"$home\"}")"
	posts notes "$service" 0.05 /api/probe/notes "{\"text\":\"$match note {n}\"}"
	read_standings &
	reader=$!
}

# So that they are in the ring when it is hurt.
read_standings()
{
	while :; do
		$CURL -o /dev/null "$BASE/api/sports/seasons/$season/standings" 2>/dev/null || :
		sleep 0.1
	done
}

# Each ends when its last one was taken.
load_ends()
{
	local one fd

	kill "$reader"
	for one in "${!writer_of[@]}"; do
		fd=${writer_of[$one]}
		exec {fd}>&-
	done
	for one in "${!writer_of[@]}"; do
		wait "${pid_of[$one]}" || fail "$one: $(cat "$scratch/$one.refused")"
	done
	until_true 20 the_feed_takes "$(told end full_time)"
}

the_feed_takes()	# BODY
{
	call POST /api/sports/feed "$1" -H "$service"
	[[ $status = 200 ]]
}

clear_up()
{
	# shellcheck disable=SC2046
	kill $(jobs -p) 2>/dev/null || :
	rm -f "${settings[@]}"
	mend
	rm -rf "$scratch"
}
