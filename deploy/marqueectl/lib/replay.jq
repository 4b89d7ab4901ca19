# A match of an openfootball file as it happens: a line of tab-separated values for each event,
# with the second of the match, what to show of it, and the event as the feed takes it.
# $number is the match's, from 0; $speed the seconds of it in one, 0 when it has just ended; $id names the replay.
# Beside its goals a match may have "events" (minute, offset, type, team as 1 or 2, name, text), and the kicks of
# its "shootout" in their order (team, name, scored, text).
def period_of: if . <= 45 then 0 elif . <= 90 then 1 elif . <= 105 then 2 else 3 end;
def times: [[0, 45, "First half", "Half-time"], [45, 90, "Second half", "End of the second half"],
	[90, 105, "First half of extra time", "Break of extra time"],
	[105, 120, "Second half of extra time", "End of extra time"]];
def clock: if .offset then "\(.minute)+\(.offset)" else "\(.minute)" end;

.name as $name | .matches[$number] | . as $match
| [.team1, .team2] as $teams
| [(.goals1 // [] | .[] + { side: 0 }), (.goals2 // [] | .[] + { side: 1 })] as $goals
| (.events // []) as $events
| (.shootout // []) as $kicks
| (.score.et // .score.ft // error("it has no result")) as $result
| if ($goals | length) != ($result | add) then error("its goals are not known") else . end
| (if .score.et then 4 else 2 end) as $periods
# How many seconds each lasts, and when it begins.
| [range($periods) as $p | times[$p] as $t
	| ($t[1] - $t[0]) * 60 + 60
	+ ([($goals + $events)[] | select(.minute == $t[1]) | .offset // 0] | max // 0) * 60] as $lasts
| [range($periods) as $p | [$lasts[:$p][] + 60] | add // 0] as $begins
| ($begins[-1] + $lasts[-1]) as $played
| ($played + if $kicks == [] then 0 else ($kicks | length) * 60 + 90 end) as $over
| def second: (.minute | period_of) as $p
	| $begins[$p] + (.minute - times[$p][0]) * 60 - 30 + (.offset // 0) * 60;
[
	(range($periods) as $p | times[$p] as $t
	| { at: $begins[$p], type: (if $p == 0 then "kick_off" else "period_start" end),
	    clock: "\($t[0])", text: $t[2] },
	  ({ at: ($begins[$p] + $lasts[$p]), type: "period_end", clock: "\($t[1])", text: $t[3] }
	   | select(.at < $over))),
	($goals[]
	| { at: second,
	    type: (if .owngoal then "own_goal" elif .penalty then "penalty_goal" else "goal" end),
	    clock: clock, player: .name,
	    team: $teams[if .owngoal then 1 - .side else .side end], side }),
	($events[]
	| { at: second, type, clock: clock, player: .name, text }
	  + if .team then { team: $teams[.team - 1] } else {} end),
	($kicks | to_entries[]
	| { at: ($played + (.key + 1) * 60), type: (if .value.scored then "shootout_goal" else "shootout_miss" end),
	    clock: times[$periods - 1][1] | tostring, player: .value.name, text: .value.text,
	    team: $teams[.value.team - 1], kicker: (.value.team - 1) }),
	(select(.score.p and $kicks == []) | { at: ($over - 1), type: "comment",
	    text: "On penalties: \($teams[0]) \(.score.p[0]), \($teams[1]) \(.score.p[1])" }),
	{ at: $over, type: "full_time", clock: (times[$periods - 1][1] | tostring), text: "Full time" }
]
| map(with_entries(select(.value != null)))
| sort_by(.at)
| (now - (if $speed == 0 then $over else 0 end)) as $start
| def moment: ($start + . / (if $speed == 0 then 1 else $speed end))
	| (floor | strftime("%Y-%m-%dT%H:%M:%S")) + "." + ("00\((. - floor) * 1000 | floor)"[-3:]) + "Z";
def kind: { own_goal: " (own goal)", penalty_goal: " (penalty)", card_yellow: " (yellow card)", card_red: " (red card)",
	shootout_goal: " scores", shootout_miss: " does not score" }[.] // "";
def shown: if .text then .text else "\(.clock)'  \(.player)\(.type | kind)" end;
def standing: "\($teams[0]) \(.score[0]):\(.score[1]) \($teams[1])"
	+ if .kicked then " (\(.kicks[0]):\(.kicks[1]))" else "" end;

reduce .[] as $told ({ score: [0, 0], kicks: [0, 0], kicked: false, lines: [] };
	(.lines | length) as $place
	| (if $told.side then .score[$told.side] += 1 else . end)
	| (if $told.kicker then .kicked = true else . end)
	| (if $told.type == "shootout_goal" then .kicks[$told.kicker] += 1 else . end)
	| .lines += [[$told.at, "\(standing)  \($told | shown)",
		($told | del(.at, .side, .kicker) + {
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
