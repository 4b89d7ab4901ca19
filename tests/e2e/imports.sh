#!/bin/bash
# Stories of imports: files that others collected become games, once and as a whole.
cd "$(dirname "$0")"
. ./lib.sh
. ./stack.sh

data=${MARQUEE_DATA:-}/sports
# The stack may run as a user of its own, who has to read what is made here.
chmod 755 "$scratch"

# --- files made here ---

# Rows are known by their lines: those of made files stand far behind the real ones.
behind=200000

# made FILE HEADER: the rows of standard input, behind so many empty lines.
made() {
	{
		echo "$2"
		yes '' | head -n $((behind - 1))
		cat
	} >"$scratch/$1"
}

results=date,home_team,away_team,home_score,away_score,tournament,city,country,neutral
goals=date,home_team,away_team,team,scorer,minute,own_goal,penalty

# Rows of results, a new pair of teams each day; the first is of line $behind + 1.
many_results() {	# COUNT
	awk -v count="$1" 'BEGIN {
		for (i = 0; i < count; i++)
			printf "%04d-%02d-%02d,Import %d,Import %d,%d,0,Import Cup,Importville,Importland,FALSE\n",
			    1800 + int(i / 336), 1 + i / 28 % 12, 1 + i % 28, i % 50, 50 + i % 50, i % 5
	}'
}

forget_made() {
	sql "create temporary table gone as
	    select game_id from sports.game join sports.team on team_id in (team_1, team_2) where name like 'Import %';
	    delete from sports.match_event where game_id in (select game_id from gone);
	    delete from sports.game_source where game_id in (select game_id from gone);
	    delete from sports.game where game_id in (select game_id from gone);
	    delete from sports.import_waiting where line > $behind" >/dev/null
}

# import STATUS FILE...: with its summary in $scratch/summary; the format is intl, or that of the documents.
import() {
	wanted=$1
	shift
	code=0
	format=intl
	[[ $1 != *.json ]] || format=openfootball
	ctl import --json "$format" "${@/#/$scratch/}" >"$scratch/summary" 2>"$scratch/said" || code=$?
	same "exit status" "$wanted" "$code ($(cat "$scratch/said"))"
}

counts() {	# NAME
	jq -r --arg name "$1" '.files[] | select(.name == $name) |
	    [.lines, .taken, .repeated, (.waiting | length), (.refused | length)] | join(" ")' "$scratch/summary"
}

game() {	# LINE COLUMNS
	sql "select $2 from sports.game g join sports.game_source s using (game_id)
	      where s.provider = 'intl' and s.provider_game_id = '$(($1 + behind))'"
}

# --- stories ---

good_status='0 ()'

lines_that_are_wrong_are_named_and_the_others_are_taken() {
	forget_made
	{
		echo '1900-01-01,Import 1,Import 2,1,0,Import Cup,Importville,Importland,FALSE'
		echo '1900-01-02,Import 1,Import 2,one,0,Import Cup,Importville,Importland,FALSE'
		echo '1900-02-30,Import 1,Import 2,1,0,Import Cup,Importville,Importland,FALSE'
		echo '1900-01-03,Import 1,import 1,1,0,Import Cup,Importville,Importland,FALSE'
		echo '1900-01-04,Import 1,Import 2,1,0,Import Cup,Importville,Importland'
		echo '1900-01-05,"Import 1,Import 2,1,0,Import Cup,Importville,Importland,FALSE'
		printf '1900-01-06,Import \377,Import 2,1,0,Import Cup,Importville,Importland,FALSE\n'
		echo '1900-01-07,Import 1,Import 2,1,0,,Importville,Importland,FALSE'
		printf '1900-01-08,Import 1,"Import ""2""",1,0,Import Cup,"Import,ville",Importland,TRUE\r\n'
	} | made results.csv "$results"
	import '3 ()' results.csv
	same counts "9 2 0 0 7" "$(counts results)"
	same "lines refused" "2 3 4 5 6 7 8" \
	    "$(jq -r ".files[].refused | map(.line - $behind) | join(\" \")" "$scratch/summary")"
	same "the first reason" "home_score is no number from 0 to 999" "$(jq -r '.files[0].refused[0].reason' "$scratch/summary")"
	same "the last game" "2|Import,ville|t" "$(sql "select g.score_1 + 1, v.city, g.neutral
	    from sports.game g join sports.game_source using (game_id) join sports.venue v using (venue_id)
	    join sports.team t on t.team_id = g.team_2
	    where t.name = 'Import \"2\"' and provider_game_id = '$((behind + 9))'")"
	code=0
	ctl import intl "$scratch/results.csv" >"$scratch/text" || code=$?
	same "exit status" 3 "$code"
	grep -q "line $((behind + 3)) refused: date is no day" "$scratch/text" || fail "$(cat "$scratch/text")"
	grep -q '9 lines, 0 taken, 2 repeated, 7 refused' "$scratch/text" || fail "$(cat "$scratch/text")"
	forget_made
}

a_game_is_in_full_exactly_when_its_goals_give_its_score() {
	forget_made
	{
		echo '1900-01-01,Import 1,Import 2,2,1,Import Cup,Importville,Importland,FALSE'
		echo '1900-01-02,Import 1,Import 2,2,1,Import Cup,Importville,Importland,FALSE'
		echo '1900-01-03,Import 1,Import 2,0,0,Import Cup,Importville,Importland,FALSE'
	} | made results.csv "$results"
	{
		echo '1900-01-01,Import 1,Import 2,Import 2,Late,80,TRUE,FALSE'
		echo '1900-01-01,Import 1,Import 2,Import 1,NA,NA,FALSE,FALSE'
		echo '1900-01-01,Import 1,Import 2,Import 1,Early,3,FALSE,TRUE'
		echo '1900-01-02,Import 1,Import 2,Import 1,Alone,9,FALSE,FALSE'
	} | made goals.csv "$goals"
	import "$good_status" goals.csv results.csv
	same counts "4 4 0 0 0" "$(counts goals)"
	same "a game with all its goals" "full|2|1|3" "$(game 1 "detail, g.score_1, g.score_2, last_seq")"
	same "a game with some" "result_only|2|1|1" "$(game 2 "detail, g.score_1, g.score_2, last_seq")"
	same "a game without any" "full|0|0|0" "$(game 3 "detail, g.score_1, g.score_2, last_seq")"
	same "its goals in their order" "1 penalty_goal 3 1 Early, 2 own_goal 80 1 Late, 3 goal - 1 -" \
	    "$(sql "select string_agg(concat_ws(' ', seq, type, coalesce(minute::text, '-'), team, coalesce(player, '-')), ', ' order by seq)
	        from sports.match_event where game_id = '$(game 1 game_id)'")"
	forget_made
}

a_goal_waits_for_its_game() {
	forget_made
	echo '1900-01-01,Import 1,Import 2,Import 2,Late,80,FALSE,FALSE' | made goals.csv "$goals"
	echo '1900-01-01,Import 1,Import 2,0,1,Import Cup,Importville,Importland,FALSE' | made results.csv "$results"
	import "$good_status" goals.csv
	same counts "1 0 0 1 0" "$(counts goals)"
	import "$good_status" goals.csv
	same "counts again" "1 0 1 0 0" "$(counts goals)"
	import "$good_status" results.csv
	same "counts of the game" "1 1 0 0 0" "$(counts results)"
	same "the game" "full|1" "$(game 1 "detail, last_seq")"
	import "$good_status" goals.csv results.csv
	same "counts at last" "1 0 1 0 0" "$(counts goals)"
	same "waiting" 0 "$(sql "select count(*) from sports.import_waiting where line > $behind")"
	forget_made
}

a_goal_of_one_of_two_games_on_a_day_is_refused() {
	forget_made
	for score in 2,1 1,2; do
		echo "1900-01-01,Import 1,Import 2,$score,Import Cup,Importville,Importland,FALSE"
	done | made results.csv "$results"
	echo '1900-01-01,Import 1,Import 2,Import 2,Late,80,FALSE,FALSE' | made goals.csv "$goals"
	import '3 ()' goals.csv results.csv
	same "counts of games" "2 2 0 0 0" "$(counts results)"
	same "counts of goals" "1 0 0 0 1" "$(counts goals)"
	forget_made
}

a_line_that_tells_something_else_than_before_is_refused() {
	forget_made
	many_results 5 | made results.csv "$results"
	import "$good_status" results.csv
	many_results 5 | sed '3s/Import 52/Import 53/' | made results.csv "$results"
	import '3 ()' results.csv
	same counts "5 0 4 0 1" "$(counts results)"
	same line $((behind + 3)) "$(jq '.files[0].refused[0].line' "$scratch/summary")"
	forget_made
}

what_is_no_file_of_the_format_is_said_and_nothing_happens() {
	forget_made
	many_results 5 | made results.csv "$results"
	printf 'a,b\n1,2\n' >"$scratch/other.csv"
	: >"$scratch/empty.csv"
	import "1 ($scratch/other.csv is no file of intl: its first line names other columns.)" results.csv other.csv
	import "1 ($scratch/empty.csv is no file of intl: its first line names other columns.)" results.csv empty.csv
	import "1 ($scratch/none.csv cannot be read: No such file or directory.)" results.csv none.csv
	cp "$scratch/results.csv" "$scratch/twice.csv"
	import "1 ($scratch/results.csv and $scratch/twice.csv are both the results of intl.)" results.csv twice.csv
	same "games" "" "$(game 1 game_id)"
	same "usage" 2 "$(ctl import nothing x >/dev/null 2>&1 || echo $?)"
}

# Documents: an edition and its matches.
document() {	# FILE NAME MATCH...
	jq -n --arg name "$2" '{name: $name, matches: $ARGS.positional}' --jsonargs "${@:3}" >"$scratch/$1"
}

counts_of() {	# FILE
	counts "$scratch/$1"
}

told() {	# TEAM_1 COLUMNS: of the made games where it plays first
	sql "select $2 from sports.listed_game l join sports.game g using (game_id)
	      where l.team_1 = '$1' and concat(l.team_1, l.team_2) like '%Import %' order by g.day"
}

with_goals='{"date": "1900-02-01", "time": "17:00 UTC-3", "round": "Matchday 1", "group": "Group A", "ground": "Import Park, Importville",
    "team1": {"name": "Import 1", "code": "IMP"}, "team2": "Import 2", "score": {"ft": [1, 1], "et": [2, 1], "p": [4, 3]},
    "goals1": [{"name": "Own", "minute": 90, "offset": 4, "owngoal": true}, {"name": "Late", "minute": 118}],
    "goals2": [{"name": "Early", "minute": 3, "penalty": true}]}'
result_only='{"date": "1900-02-02", "round": "Matchday 1", "team1": "Import 3", "team2": "Import 4", "score": {"ft": [2, 0]}}'
not_played='{"date": "1900-02-03", "time": "20:00", "round": "Final", "team1": "Import 5", "team2": "Import 6"}'

a_document_is_an_edition_with_its_games() {
	forget_made
	document cup.json 'Import League 1900/01' "$with_goals" "$result_only" "$not_played"
	jq -n --argjson match "$(jq '.date = "1901-02-01"' <<<"$result_only")" \
	    '{name: "Import League 1901/02", rounds: [{name: "Round 1", matches: [$match | del(.round)]}]}' >"$scratch/rounds.json"
	import "$good_status" cup.json rounds.json
	same counts "3 3 0 0 0" "$(counts_of cup.json)"
	same "counts of the other" "1 1 0 0 0" "$(counts_of rounds.json)"
	same "a game with goals" "Import League|1900/01|Group A, Matchday 1|full|ended|2|1|4|3|1900-02-01 20:00:00" \
	    "$(told 'Import 1' "competition, season, l.round, l.detail, g.state, g.score_1, g.score_2, g.shootout_1, g.shootout_2,
	        g.starts_at at time zone 'UTC'")"
	same "its goals" "3 - penalty_goal 2 Early, 90 4 own_goal 2 Own, 118 - goal 1 Late" "$(sql "
	    select string_agg(concat_ws(' ', minute, coalesce(stoppage::text, '-'), type, team, player), ', ' order by seq)
	      from sports.match_event where game_id = '$(told 'Import 1' game_id)'")"
	same "games with a result only" "1900/01|Matchday 1|result_only|2|0 1901/02|Round 1|result_only|2|0" \
	    "$(told 'Import 3' "season, l.round, l.detail, g.score_1, g.score_2" | paste -sd' ')"
	same "a game to come" "scheduled|result_only||" "$(told 'Import 5' "g.state, l.detail, g.score_1, g.starts_at")"
	before=$(newest_change)
	import "$good_status" rounds.json cup.json
	same "counts again" "3 0 3 0 0" "$(counts_of cup.json)"
	same changes "$before" "$(newest_change)"
	document cup.json 'Import League 1900/01' "$(jq '.score.ft = [0, 1]' <<<"$not_played")"
	import "$good_status" cup.json
	same "counts of the result" "1 1 0 0 0" "$(counts_of cup.json)"
	same "a game that was played" "ended|0|1" "$(told 'Import 5' "g.state, g.score_1, g.score_2")"
	forget_made
}

matches_that_are_wrong_are_named_and_the_others_are_taken() {
	forget_made
	document cup.json 'Import League 1900' "$with_goals" "$(jq 'del(.team2)' <<<"$result_only")" \
	    "$(jq '.score.ft = [1]' <<<"$result_only")" "$(jq '.goals1[0].minute = "90+4"' <<<"$with_goals")" 7 \
	    "$(jq '.goals1 = [{name: "Early", minute: 3}]' <<<"$not_played")" "$(jq '.status = "odd"' <<<"$not_played")" \
	    "$with_goals" "$result_only"
	import '3 ()' cup.json
	same counts "9 2 0 0 7" "$(counts_of cup.json)"
	same reasons "2 team2 is empty, 3 a score is not of two numbers, 4 a goal has no name or no minute from 0 to 150, \
5 it is no object, 6 it has goals and no score, 7 its status is not known, 8 an earlier one is the same game" \
	    "$(jq -r '.files[0].refused | map("\(.line) \(.reason)") | join(", ")' "$scratch/summary")"
	ctl import openfootball "$scratch/cup.json" >"$scratch/text" || :
	grep -q 'game 3 refused: a score' "$scratch/text" || fail "$(cat "$scratch/text")"
	document cup.json 'Import League 1900' "$(jq '.score.ft = [3, 0]' <<<"$result_only")"
	import '3 ()' cup.json
	same "another result" "1 it was another game or result when it was imported before" \
	    "$(jq -r '.files[0].refused | map("\(.line) \(.reason)") | join(", ")' "$scratch/summary")"
	forget_made
}

what_is_no_such_document_is_said_and_nothing_happens() {
	forget_made
	document cup.json 'Import League 1900' "$result_only"
	document nameless.json 'Import League' "$result_only"
	echo '{"name": "Import League 1900", "groups": []}' >"$scratch/groups.json"
	echo '{"name": "Import League 1900", "name": 2}' >"$scratch/twice.json"
	import "1 ($scratch/groups.json is no file of openfootball: it has no matches.)" cup.json groups.json
	import "1 ($scratch/nameless.json is no file of openfootball: its name ends in no edition, such as 2018 or 2022/23.)" \
	    cup.json nameless.json
	import "1 ($scratch/cup.json and $scratch/cup.json are both the $scratch/cup.json of openfootball.)" cup.json cup.json
	ctl import openfootball "$scratch/cup.json" "$scratch/twice.json" >/dev/null 2>"$scratch/said" && fail "it was taken"
	grep -q "^$scratch/twice.json: " "$scratch/said" || fail "$(cat "$scratch/said")"
	same games "" "$(told 'Import 3' game_id)"
}

a_game_that_several_tell_of_is_one_game() {
	forget_made
	echo '1960-02-01,Import 1,Germany,2,1,FIFA World Cup,Importville,Importland,TRUE' | made results.csv "$results"
	document cup.json 'World Cup 1960' '{"date": "1960-02-01", "round": "Final", "team1": "West Germany", "team2": "Import 1",
	    "score": {"ft": [1, 2]}, "goals1": [{"name": "Own", "minute": 10, "owngoal": true}],
	    "goals2": [{"name": "Early", "minute": 20}, {"name": "Late", "minute": 30}]}'
	{
		echo '1960-02-01,Import 1,Germany,Import 1,Early,20,FALSE,FALSE'
		echo '1960-02-01,Import 1,Germany,Import 1,Late,30,FALSE,FALSE'
		echo '1960-02-01,Import 1,Germany,Germany,Own,10,TRUE,FALSE'
	} | made goals.csv "$goals"
	score="g.team_1 <> l.team_2_id, l.detail, g.provider, g.score_1, g.score_2, l.round"

	import "$good_status" results.csv
	same "the first tells a result" "t|result_only|intl|2|1|" "$(told 'Import 1' "$score")"
	import "$good_status" cup.json
	same "the second tells it in full" "t|full|openfootball|2|1|Final" "$(told 'Import 1' "$score")"
	import "$good_status" goals.csv
	same "the first tells its goals" "t|full|openfootball|2|1|Final" "$(told 'Import 1' "$score")"
	same "events that count" "own_goal 1, goal 1, goal 1" "$(sql "select string_agg(type || ' ' || team, ', ' order by minute)
	    from sports.current_event where game_id = '$(told 'Import 1' game_id)'")"
	same sources "intl f 2, openfootball t 1" "$(sql "
	    select string_agg(concat_ws(' ', provider, reversed, score_1), ', ' order by provider)
	      from sports.game_source where game_id = '$(told 'Import 1' game_id)'")"

	forget_made
	import "$good_status" cup.json
	import "$good_status" results.csv goals.csv
	same "the other way round" "t|full|openfootball|1|2|Final" "$(told Germany "$score")"
	same "goals of the second" "own_goal 2, goal 2, goal 2" "$(sql "select string_agg(type || ' ' || team, ', ' order by minute)
	    from sports.match_event where provider = 'intl' and game_id = '$(told Germany game_id)'")"
	forget_made
}

imports_now() {
	[[ $(sql "select count(*) from pg_stat_activity where state = 'active' and usename = 'sports' and query ~ 'import_line'") != 0 ]]
}

no_imports_now() {
	! imports_now
}

a_killed_import_leaves_nothing() {
	forget_made
	many_results 100000 | sed 's/Import Cup/Killed Cup/' | made results.csv "$results"
	ctl import intl "$scratch/results.csv" >/dev/null 2>&1 &
	until_true 20 imports_now
	pid=$(pgrep -f "marquee-sports .*--import intl $scratch/results.csv")
	kill -KILL "$pid"
	wait $! || :
	until_true 60 no_imports_now
	same "games" 0 "$(sql "select count(*) from sports.game_source where provider = 'intl' and provider_game_id::integer > $behind")"
	same "lines" 0 "$(sql "select count(*) from sports.import_line")"
	same "competitions" "" "$(sql "select name from sports.competition where name = 'Killed Cup'")"
}

is_locked() {
	[[ $(sql "select count(*) from pg_locks where locktype = 'advisory' and granted
	           and objid = (hashtext('sports import')::bigint & 4294967295)::oid") != 0 ]]
}

both_wait() {
	grep -q 'waiting for it' "$scratch/said.1" && grep -q 'waiting for it' "$scratch/said.2"
}

two_imports_at_once_take_each_line_once() {
	forget_made
	many_results 5000 | made results.csv "$results"
	{
		echo "begin; select pg_advisory_xact_lock(hashtext('sports import'));"
		until_true 20 is_locked
		for n in 1 2; do
			ctl import --json intl "$scratch/results.csv" >"$scratch/summary.$n" 2>"$scratch/said.$n" &
		done
		until_true 20 both_wait
		echo "commit;"
		wait
	} | ctl psql primary -X -q -At >/dev/null
	both_wait || fail "they did not wait: $(cat "$scratch"/said.?)"
	same "taken and repeated" "0 5000 5000 0" \
	    "$(cat "$scratch"/summary.? | jq -s 'map(.files[0]) | sort_by(.taken) | map(.taken, .repeated) | join(" ")' -r)"
	forget_made
}

# What anything that was written would have changed.
newest_change() {
	sql "select max(x) from (
	    select max(changed_xid::text::bigint) as x from sports.game union all
	    select max(changed_xid::text::bigint) from sports.match_event union all
	    select max(changed_xid::text::bigint) from sports.team union all
	    select max(changed_xid::text::bigint) from sports.venue union all
	    select max(changed_xid::text::bigint) from sports.season) s"
}

agrees() {	# FORMAT
	jq -S ".$1" "$MARQUEE_DATA/expected.json" >"$scratch/expected"
	ctl import --totals "$1" | jq -S . >"$scratch/totals"
	diff "$scratch/expected" "$scratch/totals" >"$scratch/difference" || fail "$(cat "$scratch/difference")"
}

games_of() {	# PROVIDER CONDITION
	sql "select count(*) from sports.game_source s join sports.listed_game g using (game_id) where s.provider = '$1' and $2"
}

international_football_is_as_it_was_counted_after_one_import_and_after_two() {
	forget_made
	ctl import --json intl "$data"/intl_shootouts.csv "$data"/intl_goalscorers.csv "$data"/intl_former_names.csv \
	    "$data"/intl_results.csv >"$scratch/summary"
	agrees intl
	before=$(newest_change)
	ctl import --json intl "$data"/intl_*.csv >"$scratch/summary"
	agrees intl
	same "changes" "$before" "$(newest_change)"
	for file in "results 44840" "goals 42141" "shootouts 580" "former_names 36"; do
		same "$file" "${file#* } 0 ${file#* } 0 0" "$(counts "${file% *}")"
	done
	# Of the others some are in full because another provider told of their goals.
	[[ $(games_of intl "detail = 'full'") -ge 17172 ]] || fail "$(games_of intl "detail = 'full'") games in full"
}

world_cups_are_as_they_were_counted_after_one_import_and_after_two() {
	files=()
	for name in bookings goals substitutions stadiums matches; do
		files+=("$data/wcdb_$name.csv")
	done
	ctl import --json wcdb "${files[@]}" >"$scratch/summary"
	agrees wcdb
	before=$(newest_change)
	ctl import --json wcdb "${files[@]}" >"$scratch/summary"
	agrees wcdb
	same "changes" "$before" "$(newest_change)"
	for file in "matches 1132" "goals 3319" "bookings 2825" "substitutions 8442" "stadiums 240"; do
		same "$file" "${file#* } 0 ${file#* } 0 0" "$(counts "${file% *}")"
	done
	same "games in full" 1132 "$(games_of wcdb "detail = 'full'")"
	same "games of men" 900 "$(games_of wcdb "competition = 'FIFA World Cup'")"
	same "games of women" 232 "$(games_of wcdb "competition = 'FIFA Women''s World Cup'")"
}

editions_are_as_their_documents_say_after_one_import_and_after_two() {
	documents=("$data"/openfootball_*_worldcup.json "$data"/openfootball_2020_euro.json "$data"/openfootball_202?-2?_*.json)
	ctl import --json openfootball "${documents[@]}" >"$scratch/summary"
	jq -s '[.[] | .matches // [.rounds[].matches[]] | .[]] | [.[].goals1[]?, .[].goals2[]?] as $goals | {
	    games: length,
	    without_result: map(select(.score == null)) | length,
	    goals_total: map(.score // {} | .et // .ft // [] | add // 0) | add,
	    goals: $goals | length,
	    own_goals: $goals | map(select(.owngoal)) | length,
	    penalties: $goals | map(select(.penalty)) | length,
	    stoppage_goals: $goals | map(select(.offset > 0)) | length,
	    score_vs_goals_mismatch: map(select(.goals1 and (.score.et // .score.ft) != [.goals1, .goals2 | length])) | length
	}' "${documents[@]}" | jq -S . >"$scratch/expected"
	ctl import --totals openfootball | jq -S . >"$scratch/totals"
	diff "$scratch/expected" "$scratch/totals" >"$scratch/difference" || fail "$(cat "$scratch/difference")"
	before=$(newest_change)
	ctl import --json openfootball "${documents[@]}" >"$scratch/summary"
	same "repeated" "3844" "$(jq '[.files[].repeated] | add' "$scratch/summary")"
	same "changes" "$before" "$(newest_change)"
}

world_cups_of_three_collections_are_the_same_games() {
	same "games of each" "900 900 901" "$(for of in intl wcdb openfootball; do
		games_of $of "competition = 'FIFA World Cup'"
	done | paste -sd' ')"
	same "games of all" 900 "$(sql "
	    select count(*) from (
	        select game_id from sports.game_source join sports.listed_game using (game_id)
	         where competition = 'FIFA World Cup' and provider in ('intl', 'wcdb', 'openfootball')
	         group by game_id having count(*) = 3) t")"
	same "games in full" 900 "$(sql "select count(*) from sports.listed_game where competition = 'FIFA World Cup' and detail = 'full'")"
	agrees intl
	agrees wcdb
}

stories=(lines_that_are_wrong_are_named_and_the_others_are_taken
    a_game_is_in_full_exactly_when_its_goals_give_its_score
    a_goal_waits_for_its_game
    a_goal_of_one_of_two_games_on_a_day_is_refused
    a_line_that_tells_something_else_than_before_is_refused
    what_is_no_file_of_the_format_is_said_and_nothing_happens
    a_document_is_an_edition_with_its_games
    matches_that_are_wrong_are_named_and_the_others_are_taken
    what_is_no_such_document_is_said_and_nothing_happens
    a_game_that_several_tell_of_is_one_game
    a_killed_import_leaves_nothing
    two_imports_at_once_take_each_line_once)
if [[ -e $data/intl_results.csv ]]; then
	stories+=(international_football_is_as_it_was_counted_after_one_import_and_after_two
	    world_cups_are_as_they_were_counted_after_one_import_and_after_two
	    editions_are_as_their_documents_say_after_one_import_and_after_two
	    world_cups_of_three_collections_are_the_same_games)
else
	echo "# skipped: no collection under MARQUEE_DATA"
fi
tell "${stories[@]}"
