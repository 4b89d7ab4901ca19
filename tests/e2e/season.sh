# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154
# A season to play with, written past the feed and the imports; sourced after stack.sh.

quote="'"

# What sql() wrote is on every replica.
settle() {
	written=$(sql "select pg_current_wal_lsn()")
	until_true 10 is_everywhere
}

is_everywhere() {
	[[ $(sql "select count(*) from pg_stat_replication where replay_lsn < '$written'") = 0 ]]
}

# A sport with one season and four teams: $sport, $cup, $season_id, $cup_id, $sport_id and ${team[A]} to ${team[D]}.
declare -A team
a_season() {
	local one

	sport=$(unique Sport) cup=$(unique Cup)
	sport_id=$(sql "insert into sports.category (name) values ('$sport') returning category_id")
	cup_id=$(sql "insert into sports.competition (category_id, name) values ('$sport_id', '$cup') returning competition_id")
	season_id=$(sql "insert into sports.season (competition_id, name) values ('$cup_id', '2031') returning season_id")
	for one in A B C D; do
		a_team "$one"
	done
}

a_team() {
	team[$1]=$(sql "insert into sports.team (category_id, name, code) values ('$sport_id', '$1 of $sport', '$1') returning team_id")
}

# game TEAM TEAM [COLUMN VALUE]...: sets $game_id. Of 2031-05-01, ended, its result alone known, if nothing else is said.
game() {
	local columns=season_id,team_1,team_2,provider values="'$season_id','${team[$1]}','${team[$2]}','test'"
	local -A more=([day]=2031-05-01 [state]=ended [detail]=result_only)

	shift 2
	while (($# > 0)); do
		more[$1]=$2
		shift 2
	done
	for column in "${!more[@]}"; do
		columns+=,$column values+=",'${more[$column]}'"
	done
	game_id=$(sql "insert into sports.game ($columns) values ($values) returning game_id")
}

# happens TYPE [COLUMN VALUE]...: the next event of $game_id; sets $happened, its name at the provider, which is $named if that is set.
happens() {
	local columns=game_id,seq,provider,provider_event_id,type values

	happened=${named:-$(unique event)}
	values="'$game_id',(select count(*) + 1 from sports.match_event where game_id = '$game_id'),'test','$happened','$1'"
	shift
	while (($# > 0)); do
		columns+=,$1 values+=",'${2//$quote/$quote$quote}'"
		shift 2
	done
	sql "insert into sports.match_event ($columns) values ($values)"
}

# is_so FILTER: of the last answer.
is_so() {
	jq -e "$1" "$scratch/body" >"$scratch/so" 2>&1 || fail "not so: $1: $(head -c 900 "$scratch/body")"
}

# fresh METHOD PATH: past what nginx kept, which it keeps by language.
fresh() {
	expect 200 "$@" -H "Accept-Language: $(tr -dc '[:lower:]' </dev/urandom | head -c 3)"
}

ids() {	# of the games in the last answer, in their order
	jq -r '.data[].game_id' "$scratch/body" | tr '\n' ' '
}

envelope='.status == "success" and (.as_of | test("^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\\.[0-9]{3}Z$"))'
event='(keys - ["event_time","event_type","description","team","player","occurred_at"] == [])
	and (.event_time | type) == "string" and (.event_type | type) == "string" and (.description | type) == "string"'
