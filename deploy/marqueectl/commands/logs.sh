# logs: shows the end of the logs, and follows them with -f.
# shellcheck shell=bash
# shellcheck disable=SC2154

usage()
{
	cat <<-USAGE
	usage: $called logs [-f] [NAME]

	Shows the end of every log, or of NAME's: a pool (users), n1, n2, n3, redis,
	nginx, migrate.

	  -f, --follow   go on with what is written from now on
	USAGE
}

main()
{
	local lines=10 name='' follow=()

	while (($#)); do
		case $1 in
		-f|--follow)	follow=(-F) ;;
		-*)		bad_usage "logs: '$1' is not understood." ;;
		*)		[[ -z $name ]] || bad_usage "logs: one name at most."
				name=$1 lines=100 ;;
		esac
		shift
	done
	if [[ -n $name && ! -e $log/$name.log ]]; then
		cd "$log" || exit
		printf '%s\n' *.log | sed 's/\.log$//' | paste -sd ' ' >&2
		fail "there is no log '$name', but those."
	fi
	if [[ -n $name ]]; then
		exec tail -n "$lines" "${follow[@]}" "$log/$name.log"
	fi
	exec tail -n "$lines" "${follow[@]}" "$log"/*.log
}
