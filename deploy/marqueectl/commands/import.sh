# import: takes in files of games that others have collected.
# shellcheck shell=bash
# shellcheck disable=SC2154

usage()
{
	cat <<-USAGE
	usage: $called import [--json] FORMAT FILE...
	       $called import --totals FORMAT

	Takes in files of a public collection or of your own, in any order: each is
	known by what is in it.  All of it happens or nothing.

	  intl         international football since 1872: intl_results.csv,
	               intl_goalscorers.csv, intl_shootouts.csv,
	               intl_former_names.csv
	  openfootball editions of competitions as JSON documents of that project, any
	               number of them: 2018/worldcup.json, 2022-23/en.1.json
	  wcdb         World Cups of men and women: wcdb_matches.csv, wcdb_goals.csv,
	               wcdb_bookings.csv, wcdb_substitutions.csv, wcdb_stadiums.csv
	  events       programmes of your own, with tickets: CSV with a first line of
	               name,description,date_time,venue,location,capacity,
	               total_seats,price,currency
	               date_time as 2030-12-31T20:00:00+01:00, price as 19.99; an event
	               is known again by its name, date_time and venue
	  conferences  JSON documents of confs.tech, of a year and a topic each; they
	               are announced, without tickets
	  stadiums     venues: worldcup.stadiums.json of openfootball, wcdb_stadiums.csv

	Lines that were taken before are left as they are.  A malformed one is refused
	by its number, in a document that of the record, and the others are taken; one
	that tells of a game that is not there waits for it, and the next import tries
	again.  A game that another collection told of is the same game; it keeps its
	first source until another one gives all its goals.

	  --json     what became of every file and line, and the totals, for scripts
	  --totals   counts what there is of a format, as JSON

	Ends with 0; with 3 when lines were refused, and the others taken; with 1 when
	nothing was.
	USAGE
}

# The stack's user works in / where root started it: names of files must say it all.
whole_paths=()
for argument in "${@:2}"; do
	[[ ! -f $argument ]] || argument=$(realpath "$argument")
	whole_paths+=("$argument")
done
set -- "$1" "${whole_paths[@]}"

main()
{
	local verb=--import options=() domain

	while [[ ${1:-} = --* ]]; do
		case $1 in
		--json)		options=(--json) ;;
		--totals)	verb=--import-totals ;;
		*)		bad_usage "import: '$1' is not understood." ;;
		esac
		shift
	done
	domain=$(domain_of "${1:-}") || bad_usage "import: there is no format '${1:-}'."
	if [[ $verb = --import-totals ]]; then
		[[ $# = 1 && ${#options[@]} = 0 ]] || bad_usage "import --totals: it wants a format and nothing more."
	else
		(($# > 1)) || bad_usage "import: files are missing."
	fi
	pool_here "$domain"
	pool "$domain" "$verb" "${options[@]}" "$@"
}

domain_of()	# FORMAT
{
	case $1 in
	intl|openfootball|wcdb)	echo sports ;;
	conferences|events|stadiums)	echo tickets ;;
	*)	return 1 ;;
	esac
}
