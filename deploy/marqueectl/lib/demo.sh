# The demo: results and events to look at, and a game that is always on.
# shellcheck shell=bash
# shellcheck disable=SC2154

demo=$pkgdatadir/demo

demo_sum()	# NAME...
{
	(cd "$demo" && cksum "$@") | cksum | tr -s ' ' -
}

demo_is_loaded()
{
	[[ $(demo_sum worldcup_2022.json events.csv) = "$(cat "$state/var/demo.loaded" 2>/dev/null)" ]]
}

# What is there already stays as it is, so a load that was broken off is done again.
load_demo()
{
	pool_here sports
	pool_here tickets
	logged "$log/demo.log" pool sports --import openfootball "$demo/worldcup_2022.json" &&
		write_events "$state/var/demo-events-$(demo_sum events.csv).csv" &&
		logged "$log/demo.log" pool tickets --import events "$events" &&
		demo_sum worldcup_2022.json events.csv | keep "$state/var/demo.loaded" 0644
}

# Their days are counted from that of the first load; another load must find the same events.  Sets events.
write_events()	# FILE
{
	local line today

	events=$1
	[[ ! -e $events ]] || return 0
	today=$(date -u +%F)
	while IFS= read -r line; do
		if [[ $line =~ ,\+([0-9]+)d\ ([0-9]{2}:[0-9]{2}), ]]; then
			line=${line/"${BASH_REMATCH[0]}"/,$(date -u -d "$today ${BASH_REMATCH[2]}Z ${BASH_REMATCH[1]} days" +%FT%TZ),}
		fi
		printf '%s\n' "$line"
	done <"$demo/events.csv" | keep "$events" 0644
}

live_game_release()
{
	cat "$here"/lib/{demo.sh,replay.jq,replay.sh} "$here/commands/demo.sh" "$demo/worldcup_2022_final.json" | cksum
}

# Waits for the kick-off of one that it starts.
live_game_up()
{
	if running live-game; then
		[[ $(live_game_release) != "$(cat "$run/live-game.release" 2>/dev/null)" ]] || return 0
		stop live-game TERM 15
	fi
	spawn live-game env MARQUEE_STATE="$state" bash "$bindir/marqueectl" demo play
	live_game_release | keep "$run/live-game.release" 0644
	wait_until 30 ready_or_gone live-game a_replay_is_on && running live-game
}

a_replay_is_on()
{
	curl -s -m 3 --cacert "$certificate" "https://localhost:$port/api/sports/ongoing-events" |
		jq -e 'any(.data[]; .competition | endswith("(replay)"))' >/dev/null 2>&1
}
