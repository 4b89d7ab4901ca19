# migrate: brings the schemas to what is installed.
# shellcheck shell=bash
# shellcheck disable=SC2154

usage()
{
	cat <<-USAGE
	usage: $called migrate [ARGUMENT...]

	Runs the migrations that this database has not seen, on the primary of a
	running stack.  $called up does so by itself.
	USAGE
}

main()
{
	lock_stack
	open_cluster
	running "$primary" || fail "$primary does not run; $called up starts it."
	migrate "$@"
}
