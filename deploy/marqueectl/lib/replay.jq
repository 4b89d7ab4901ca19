# A match of an openfootball file as it happens: a line of tab-separated values for each event,
# with the second of the match, what to show of it, and the event as the feed takes it.
# $number is the match's, from 0; $speed the seconds of it in one, 0 when it has just ended; $id names the replay.
def period_of: if . <= 45 then 0 elif . <= 90 then 1 elif . <= 105 then 2 else 3 end;
def times: [[0, 45, "First half", "Half-time"], [45, 90, "Second half", "End of the second half"],
	[90, 105, "First half of extra time", "Break of extra time"],
	[105, 120, "Second half of extra time", "End of extra time"]];
def clock: if .offset then "\(.minute)+\(.offset)" else "\(.minute)" end;

.name as $name | .matches[$number] | . as $match
| [.team1, .team2] as $teams
| [(.goals1 // [] | .[] + { side: 0 }), (.goals2 // [] | .[] + { side: 1 })] as $goals
| (.score.et // .score.ft // error("it has no result")) as $result
| if ($goals | length) != ($result | add) then error("its goals are not known") else . end
| (if .score.et then 4 else 2 end) as $periods
# How many seconds each lasts, and when it begins.
| [range($periods) as $p | times[$p] as $t
	| ($t[1] - $t[0]) * 60 + 60
	+ ([$goals[] | select(.minute == $t[1]) | .offset // 0] | max // 0) * 60] as $lasts
| [range($periods) as $p | [$lasts[:$p][] + 60] | add // 0] as $begins
| ($begins[-1] + $lasts[-1]) as $over
| [
	(range($periods) as $p | times[$p] as $t
	| { at: $begins[$p], type: (if $p == 0 then "kick_off" else "period_start" end),
	    clock: "\($t[0])", text: $t[2] },
	  { at: ($begins[$p] + $lasts[$p]), type: (if $p == $periods - 1 then "full_time" else "period_end" end),
	    clock: "\($t[1])", text: (if $p == $periods - 1 then "Full time" else $t[3] end) }),
	($goals[] | (.minute | period_of) as $p
	| { at: ($begins[$p] + (.minute - times[$p][0]) * 60 - 30 + (.offset // 0) * 60),
	    type: (if .owngoal then "own_goal" elif .penalty then "penalty_goal" else "goal" end),
	    clock: clock, player: .name,
	    team: $teams[if .owngoal then 1 - .side else .side end], side }),
	(select(.score.p) | { at: ($over - 1), type: "comment",
	    text: "On penalties: \($teams[0]) \(.score.p[0]), \($teams[1]) \(.score.p[1])" })
]
| sort_by(.at)
| (now - (if $speed == 0 then $over else 0 end)) as $start
| def moment: ($start + . / (if $speed == 0 then 1 else $speed end))
	| (floor | strftime("%Y-%m-%dT%H:%M:%S")) + "." + ("00\((. - floor) * 1000 | floor)"[-3:]) + "Z";
def shown: if .player then "\(.clock)'  \(.player)\({ own_goal: " (own goal)", penalty_goal: " (penalty)" }[.type] // "")"
	else .text end;

reduce .[] as $told ({ score: [0, 0], lines: [] };
	(.lines | length) as $place
	| (if $told.side then .score[$told.side] += 1 else . end)
	| .lines += [[$told.at, "\($teams[0]) \(.score[0]):\(.score[1]) \($teams[1])  \($told | shown)",
		($told | del(.at, .side) + {
			provider_event_id: "\($id)/\($place)",
			provider_game_id: $id,
			occurred_at: ($told.at | moment)
		} + if $told.type == "kick_off" then { game: ({
			sport_category: "Football",
			competition: "\($name) (replay)",
			team_1: $teams[0], team_2: $teams[1],
			start_time: (0 | moment),
			venue: $match.ground
		} | with_entries(select(.value))) } else {} end | tojson)]])
| .lines[] | @tsv
