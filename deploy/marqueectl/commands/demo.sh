# demo: loads the demo's data, and keeps a game live.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154

usage()
{
	cat <<-USAGE
	usage: $called demo load
	       $called demo play [--speed N] [--pause SECONDS] [--once]

	load takes in the World Cup of men of 2022 and a dozen events that begin in the
	days to come; again changes nothing.  play tells its final through the feed, over
	and over, each time as a new game of "World Cup 2022 (replay)".  "up" does both.

	  --speed N          seconds of the match in one second (5, half an hour); 0: all of it at once
	  --pause SECONDS    from the end to the next kick-off (20)
	  --once             one game only
	USAGE
}

main()
{
	local speed=5 pause=20 once=no

	case ${1:-} in
	load)
		(($# == 1)) || bad_usage "demo load: '$2' is not understood."
		load progress demo
		step "demo data"
		load_demo || exit 1
		step_done ;;
	play)
		shift
		read_options "$@"
		load progress replay demo
		pool_here sports
		pool_here users
		if [[ $once = yes ]]; then
			new_match_id
			replay_match "$demo/worldcup_2022_final.json" 0 "$speed"
		else
			play_on
		fi ;;
	*)	bad_usage "demo: it is load or play." ;;
	esac
}

# Sets speed, pause and once.
read_options()
{
	while (($#)); do
		case $1 in
		--speed|--pause)
			[[ ${2:-} =~ ^[0-9]{1,5}$ ]] || bad_usage "demo play: $1 is a number of seconds, up to 99999."
			[[ $1 = --speed ]] && speed=$((10#$2)) || pause=$((10#$2))
			shift ;;
		--once)	once=yes ;;
		*)	bad_usage "demo play: '$1' is not understood." ;;
		esac
		shift
	done
}

# A stack that is down comes back: it is waited for.  A game that a killed player left is closed first.
play_on()
{
	local last=$run/live-game.last

	patience=$((10 * 365 * 86400))
	[[ ! -s $last ]] || close_game "$(<"$last")"
	while :; do
		new_match_id
		echo "$match_id" >"$last"
		replay_match "$demo/worldcup_2022_final.json" 0 "$speed"
		rm -f "$last"
		wait_a_while "$pause"
	done
}
