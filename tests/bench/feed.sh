# One provider that tells batches of twenty events, each answered before the next one leaves.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154

batches=1000

# Answered is durable: on the primary and on a standby.
bench_feed()
{
	need_stack full
	say "feed: $batches batches of 20"
	make_batches
	value feed "events/s" "$(feed_rate)"
}

# Games of 200 events; every tenth is a goal.
make_batches()
{
	local number token

	token=$(marquee token --role service --name bench)
	rm -rf "$work/feed"
	mkdir "$work/feed"
	jq -cn --argjson batches "$batches" 'range($batches) as $batch | ($batch / 10 | floor) as $game | {
		provider: "bench",
		events: [range(20) as $n | ($batch * 20 + $n) as $id | {
			provider_event_id: "\($id)", provider_game_id: "\($game)", clock: "\($batch % 10 * 9 + 1)",
			type: (if $batch % 10 == 0 and $n == 0 then "kick_off" elif $n % 10 == 5 then "goal" else "comment" end),
			team: "Home \($game)", text: "Something happens in the middle of the field, as so often.",
			occurred_at: (1800000000 + $id | todate),
			game: { sport_category: "Football", competition: "Bench", team_1: "Home \($game)",
				team_2: "Away \($game)", start_time: (1800000000 | todate) }
		}]
	}' | split -l 1 -a 4 -d - "$work/feed/"
	for ((number = 0; number < batches; number++)); do
		((number == 0)) || echo next
		printf 'url = "%s"\ndata = "@%s"\noutput = "%s"\nfail\ncacert = "%s"\n' "https://localhost:$port/api/sports/feed" \
			"$work/feed/$(printf %04d "$number")" "$work/feed/answer" "$state/tls/localhost.pem"
		printf 'header = "Content-Type: application/json"\nheader = "Authorization: Bearer %s"\n' "$token"
	done >"$work/feed.curl"
}

feed_rate()
{
	local began=${EPOCHREALTIME/./}

	taskset -c "$client_cpus" curl -sS --fail-early -K "$work/feed.curl" || fail "the feed does not take its batches"
	jq -e '.accepted == 20' "$work/feed/answer" >/dev/null || fail "the last batch was not taken: $(<"$work/feed/answer")"
	awk -v us=$((${EPOCHREALTIME/./} - began)) -v events=$((batches * 20)) 'BEGIN { printf "{\"value\":%d}", events * 1e6 / us }'
}
