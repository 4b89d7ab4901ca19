# feed: plays a real match through the feed (feed replay).
# shellcheck shell=bash
# shellcheck disable=SC2154

usage()
{
	cat <<-USAGE
	usage: $called feed replay FILE --game GAME [--speed N]

	Plays a match of an openfootball file as if it were on now, through the feed, as
	a provider named replay: kick-off, goals, breaks, the end.  Each replay is a game
	of its own in "NAME (replay)", so that results and tables stay as they are.
	One that is broken off is abandoned.

	  --game GAME   as France-Croatia, or its number in the file, from 1
	  --speed N     seconds of the match in one second (60); 0: all of it at once
	USAGE
}

main()
{
	local file='' game='' speed=60

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
	load progress replay
	pool_here sports
	pool_here users
	find_match "$file" "$game"
	new_match_id
	replay_match "$file" "$number" "$speed"
}
