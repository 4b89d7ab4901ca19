# down: ends the stack; its data stay.
# shellcheck shell=bash
# shellcheck disable=SC2154

usage()
{
	cat <<-USAGE
	usage: $called down

	Ends nginx, the pools, the gateway, Redis and Postgres, in that order.  Only processes that
	this stack started are touched.  The data stay; $called clean removes them.
	USAGE
}

main()
{
	(($# == 0)) || bad_usage "down: '$1' is not understood."
	load progress
	lock_stack
	open_cluster
	if ! something_runs; then
		echo "Nothing of $state runs."
		return
	fi
	trap step_failed EXIT
	rm -f "$run/up"
	step "nginx, pools and Redis end"
	services_down
	step_done
	step "Postgres ends"
	cluster_down
	step_done
}
