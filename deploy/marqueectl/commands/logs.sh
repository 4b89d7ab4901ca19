# logs: shows the end of the logs, and follows them with -f.
# shellcheck shell=bash
# shellcheck disable=SC2154

usage()
{
	cat <<-USAGE
	usage: $called logs [-f] [-n LINES] [NAME]

	Shows the end of every log, or of NAME's: a pool or its jobs (users,
	users-jobs), realtime, n1, n2, n3, redis, bus, cache1, nginx, migrate, live-game.

	  -f, --follow   go on with what is written from now on
	  -n LINES       so many lines of each (10; of one log 100)
	USAGE

	! names=$(log_names) || echo "There are: $names"
}

log_names()
{
	cd "$log" 2>/dev/null && compgen -G '*.log' | sort | sed 's/\.log$//' | paste -sd ' '
}

main()
{
	local lines='' name='' follow=()

	while (($#)); do
		case $1 in
		-f|--follow)	follow=(-F) ;;
		-n)		[[ ${2:-} =~ ^[0-9]+$ ]] || bad_usage "logs: -n needs a number."
				lines=$2
				shift ;;
		-*)		bad_usage "logs: '$1' is not understood." ;;
		*)		[[ -z $name ]] || bad_usage "logs: one name at most."
				name=$1 ;;
		esac
		shift
	done
	if [[ -n $name && ! -e $log/$name.log ]]; then
		fail "there is no log '$name'; there are: $(log_names || echo none)"
	fi
	if [[ -n $name ]]; then
		exec tail -n "${lines:-100}" "${follow[@]}" "$log/$name.log"
	fi
	log_names >/dev/null || fail "there are no logs yet."
	exec tail -n "${lines:-10}" "${follow[@]}" "$log"/*.log
}
