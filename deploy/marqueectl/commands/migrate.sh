# migrate: brings the schemas to what is installed.
# shellcheck shell=bash
# shellcheck disable=SC2154

usage()
{
	cat <<-USAGE
	usage: $called migrate [--status | --dry-run]

	Runs the migrations that this database has not seen, on the primary of a
	running stack.  $called up does so by itself.

	  --status    lists the migrations: applied, pending, changed
	  --dry-run   says what would be done
	USAGE
}

main()
{
	case $# in
	0)	;;
	1)	[[ $1 = --status || $1 = --dry-run ]] || bad_usage "migrate: '$1' is not understood." ;;
	*)	bad_usage "migrate: '$2' is not understood." ;;
	esac
	lock_stack
	open_cluster
	running "$primary" || fail "the database, $primary, does not run; $called up starts it."
	migrate "$@"
}
