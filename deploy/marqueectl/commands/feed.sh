# feed: plays a real match through the feed (feed replay).
# shellcheck shell=bash
# shellcheck disable=SC2154

provider=replay

usage()
{
	cat <<-USAGE
	usage: $called feed replay FILE --game GAME [--speed N]

	Plays a match of an openfootball file as if it were on now, through the feed, as
	a provider named $provider: kick-off, goals, breaks, the end.  Each replay is a game
	of its own in "NAME (replay)", so that results and tables stay as they are.

	  --game GAME   as France-Croatia, or its number in the file, from 1
	  --speed N     seconds of the match in one second (60); 0: all of it at once
	USAGE
}

main()
{
	local file='' game='' speed=60 schedule match_id token

	[[ ${1:-} = replay ]] || bad_usage "feed: replay is the one thing it does."
	shift
	while (($#)); do
		case $1 in
		--game|--speed)
			(($# > 1)) || bad_usage "feed replay: $1 needs a value."
			[[ $1 = --game ]] && game=$2 || speed=$2
			shift ;;
		-*)	bad_usage "feed replay: '$1' is not understood." ;;
		*)	[[ -z $file ]] || bad_usage "feed replay: one file."
			file=$1 ;;
		esac
		shift
	done
	[[ -n $file ]] || bad_usage "feed replay: the file is missing."
	[[ -n $game ]] || bad_usage "feed replay: --game is missing."
	[[ $speed =~ ^[0-9]{1,5}$ ]] || bad_usage "feed replay: --speed is a number of seconds, up to 99999."
	speed=$((10#$speed))
	[[ $file = /* ]] || file=$called_in/$file
	[[ -r $file ]] || fail "$file cannot be read${USER:+ by $USER}."
	load progress
	pool_here sports
	pool_here users
	find_match "$file" "$game"
	match_id=$(date -u +%FT%TZ)-$$
	schedule=$(make_schedule "$file" "$speed")
	token=$(pool users --issue-token "$provider" service)
	play "$speed"
}

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

# A line for each event: second of the match, its event, what to show of it.
make_schedule()	# FILE SPEED
{
	jq -r -f "$here/lib/replay.jq" --argjson number "$number" --argjson speed "$2" --arg id "$match_id" \
		"$1" 2>"$run/feed.error" ||
		fail "that match cannot be played: $(sed 's/^jq: error ([^)]*): //' "$run/feed.error")"
}

# Tells what has come due, waits for the next, until the match has ended.
play()	# SPEED
{
	local began=${EPOCHREALTIME/./} second text event due=() wait_us

	while IFS=$'\t' read -r second text event; do
		if (($1 > 0)); then
			wait_us=$(($(microseconds "$second") / $1 - (${EPOCHREALTIME/./} - began)))
			if ((wait_us > 0)); then
				tell_due
				sleep "$(microseconds_as_seconds "$wait_us")"
			fi
		fi
		# @tsv wrote a backslash as two.
		due+=("${event//\\\\/\\}")
		show "$text"
	done <<<"$schedule"
	tell_due
	! step_terminal || printf '\n'
}

microseconds()	# SECONDS, perhaps with a fraction
{
	awk -v seconds="$1" 'BEGIN { printf "%.0f", seconds * 1000000 }'
}

microseconds_as_seconds()
{
	printf '%d.%06d' $(($1 / 1000000)) $(($1 % 1000000))
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
	printf '%s\n' "${due[@]}" | jq -cs --arg provider "$provider" '{ provider: $provider, events: . }' >"$run/feed.batch"
	# What was told and not answered is told again: it counts once.
	wait_until 60 told || fail "the feed does not take it: $(head -c 600 "$run/feed.answer")"
	[[ $(jq '.refused | length' "$run/feed.answer") = 0 ]] || fail "the feed refuses: $(jq -c .refused "$run/feed.answer")"
	due=()
}

told()
{
	local status

	status=$(curl -s -m 10 -o "$run/feed.answer" -w '%{http_code}' --cacert "$certificate" \
		-K <(printf 'header = "Authorization: Bearer %s"\n' "$token") -H 'Content-Type: application/json' \
		--data-binary @"$run/feed.batch" "https://localhost:$port/api/sports/feed") || true
	[[ $status != 4* ]] || fail "the feed says $status: $(head -c 600 "$run/feed.answer")"
	[[ $status = 200 ]] || { sleep 0.3; return 1; }
}
