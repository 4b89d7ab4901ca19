# psql: opens psql on the primary or a replica.
# shellcheck shell=bash
# shellcheck disable=SC2154

usage()
{
	cat <<-USAGE
	usage: $called psql [primary|replica|n1|n2|n3] [PSQL-ARGUMENT...]

	Opens psql as the owner of the schemas, on the primary if nothing else is
	said.  Arguments after the name go to psql: $called psql replica -c 'select 1'
	USAGE
}

main()
{
	local node

	open_cluster
	node=$primary
	case ${1:-primary} in
	primary)	;;
	replica)	node=$(pick_replica) || fail "no standby runs." ;;
	n[123])		node=$1 ;;
	-*)		set -- primary "$@" ;;
	*)		bad_usage "psql: there is no database '$1'." ;;
	esac
	running "$node" || fail "the database, $node, does not run; $called up starts it."
	export PSQL_HISTORY=$state/var/psql_history
	exec "$pgbin/psql" -h "$run/pg" -p "${ports[$node]}" -U "$owner" -d marquee "${@:2}"
}

# The one that REPLICA reads go to: n2, or n1 once n2 is the primary.
pick_replica()
{
	local node

	for node in n2 n1 n3; do
		if [[ $node != "$primary" ]] && running "$node"; then
			echo "$node"
			return
		fi
	done
	return 1
}
