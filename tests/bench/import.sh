# How long an import takes: 44,840 results, 42,141 goals and what else the collection has, into empty tables.
# shellcheck shell=bash
# shellcheck disable=SC2154

collection=${MARQUEE_DATA:-${root%/*}/shared/data}/sports

bench_import()
{
	if [[ ! -e $collection/intl_results.csv ]]; then
		say "no collection under MARQUEE_DATA: imports are not measured"
		return
	fi
	need_stack full
	marquee psql primary -X -q -c "truncate sports.match_event, sports.game_source, sports.game,
	    sports.former_name, sports.season, sports.competition, sports.team, sports.venue, sports.category cascade"
	say "imports"
	seconds_of marquee import intl "$collection"/intl_*.csv >"$work/import.log"
	value "import" s "$REPLY"
	seconds_of marquee import intl "$collection"/intl_*.csv >>"$work/import.log"
	value "import again" s "$REPLY"
}
