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
	sql "delete from sports.match_event where provider = 'intl' and split_part(provider_event_id, ':', 2)::integer > $behind;
	    with gone as (
	        delete from sports.game_source where provider = 'intl' and provider_game_id::integer > $behind returning game_id)
	    delete from sports.game g using gone where g.game_id = gone.game_id;
	    delete from sports.import_waiting where line > $behind" >/dev/null
}

# import STATUS FILE...: with its summary in $scratch/summary.
import() {
	wanted=$1
	shift
	code=0
	ctl import --json intl "${@/#/$scratch/}" >"$scratch/summary" 2>"$scratch/said" || code=$?
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

stories=(lines_that_are_wrong_are_named_and_the_others_are_taken
    a_game_is_in_full_exactly_when_its_goals_give_its_score
    a_goal_waits_for_its_game
    a_goal_of_one_of_two_games_on_a_day_is_refused
    a_line_that_tells_something_else_than_before_is_refused
    what_is_no_file_of_the_format_is_said_and_nothing_happens
    a_killed_import_leaves_nothing
    two_imports_at_once_take_each_line_once)
if [[ -e $data/intl_results.csv ]]; then
	stories+=(international_football_is_as_it_was_counted_after_one_import_and_after_two
	    world_cups_are_as_they_were_counted_after_one_import_and_after_two)
else
	echo "# skipped: no collection under MARQUEE_DATA"
fi
tell "${stories[@]}"
