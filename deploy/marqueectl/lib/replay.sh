# A match of an openfootball file, told through the feed as if it were on now.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154

provider=replay
# How long the feed may be away, in seconds.
patience=60
token=
due=()

# Sets number, from 0.
find_match()	# FILE GAME
{
	local found

	found=$(jq -r --arg game "$2" '
		.matches | to_entries[]
		| select(if $game | test("^[0-9]+$") then .key + 1 == ($game | tonumber)
		         else "\(.value.team1)-\(.value.team2)" | ascii_downcase == ($game | ascii_downcase) end)
		| .key' "$1" 2>/dev/null) || fail "$1 is no file of openfootball."
	[[ -n $found ]] || fail "there is no match $2 in $1."
	[[ $found != *$'\n'* ]] ||
		fail "$2 is played more than once there; --game takes one of the numbers $(paste -sd ' ' <<<"$(awk '{ print $1 + 1 }' <<<"$found")")."
	number=$found
}

new_match_id()
{
	match_id=$(date -u +%FT%T.%3NZ)-$$
}

# As a new game, by match_id, which is closed when nobody will go on to tell of it.
replay_match()	# FILE NUMBER SPEED
{
	local schedule

	schedule=$(make_schedule "$@") || fail "that match cannot be played: ${schedule#jq: error (*): }"
	trap 'break_off 130' INT
	trap 'break_off 143' TERM HUP
	play "$3"
	trap - INT TERM HUP
}

# A line for each event: second of the match, what to show of it, its event.
make_schedule()	# FILE NUMBER SPEED
{
	jq -r -f "$here/lib/replay.jq" --argjson number "$2" --argjson speed "$3" --arg id "$match_id" "$1" 2>&1
}

# Tells what has come due, waits for the next, until the match has ended.
play()	# SPEED
{
	local began=${EPOCHREALTIME/./} second text event wait_us

	while IFS=$'\t' read -r second text event; do
		if (($1 > 0)); then
			wait_us=$((second * 1000000 / $1 - (${EPOCHREALTIME/./} - began)))
			if ((wait_us > 0)); then
				tell_due
				wait_a_while "$(microseconds_as_seconds "$wait_us")"
			fi
		fi
		# @tsv wrote a backslash as two.
		due+=("${event//\\\\/\\}")
		show "$text"
	done <<<"$schedule"
	tell_due
	! step_terminal || printf '\n'
}

microseconds_as_seconds()
{
	printf '%d.%06d' $(($1 / 1000000)) $(($1 % 1000000))
}

# A signal ends it at once, which would have to wait for a command that is waited for.
wait_a_while()	# SECONDS
{
	sleep "$1" &
	wait $!
}

show()	# TEXT
{
	if step_terminal; then
		printf '\r\033[K  %s' "$1"
	else
		printf '%s\n' "$1"
	fi
}

tell_due()
{
	((${#due[@]} > 0)) || return 0
	tell "${due[@]}"
	[[ $(jq '.refused | length' <<<"$answer") = 0 ]] || fail "the feed refuses: $(jq -c .refused <<<"$answer")"
	due=()
}

# What was told and not answered is told again: it counts once.
tell()	# EVENT...
{
	local batch

	batch=$(printf '%s\n' "$@" | jq -cs --arg provider "$provider" '{ provider: $provider, events: . }')
	wait_until "$patience" told || fail "the feed does not take it: ${answer:0:600}"
}

# Sets answer.
told()
{
	local status

	[[ -n $token ]] || token=$(pool users --issue-token "$provider" service 2>/dev/null) || {
		answer="there is no token for it."
		sleep 0.3
		return 1
	}
	answer=$(curl -s -m 10 -w '\n%{http_code}' --cacert "$certificate" \
		-K <(printf 'header = "Authorization: Bearer %s"\n' "$token") -H 'Content-Type: application/json' \
		--data-binary @- "https://localhost:$port/api/sports/feed" <<<"$batch") || true
	status=${answer##*$'\n'} answer=${answer%$'\n'*}
	case $status in
	200)	return 0 ;;
	# Tokens run for a day, and end with the key that signed them.
	401)	token= ;;
	429)	;;
	4*)	fail "the feed says $status: ${answer:0:600}" ;;
	esac
	sleep 0.3
	return 1
}

# One that the feed does not know, or that has ended, stays as it is.
close_game()	# ID
{
	tell "$(jq -cn --arg id "$1" '{ provider_event_id: "\($id)/end", provider_game_id: $id, type: "abandoned",
		occurred_at: (now | todate), text: "The replay was broken off" }')"
}

break_off()	# STATUS
{
	trap '' INT TERM HUP
	# shellcheck disable=SC2046
	kill $(jobs -p) 2>/dev/null || true
	patience=5
	tell_due
	close_game "$match_id"
	exit "$1"
}
