# promote: makes a standby the primary, or the replica of the bus the bus.
# shellcheck shell=bash
# shellcheck disable=SC2154

usage()
{
	cat <<-USAGE
	usage: $called promote [--force] NODE|BUS

	Makes NODE (n1, n2 or n3) the primary: ends the old one, takes over what only
	the other standby has, and lets that one follow.  Commits wait for a standby
	again as soon as one follows.  Refuses while the old primary answers.

	Makes BUS (bus or bus2) the Redis that carries events, in place of the other
	one.  Pools and the gateway find it by themselves.  What the old one was told
	in its last moment is told again; then channels begin anew, and clients are
	told to read again.

	  --force   end the old one though it answers; promote NODE even if the other
	            standby cannot be asked for what it has
	USAGE
}

main()
{
	local node='' force=no

	while (($#)); do
		case $1 in
		--force)	force=yes ;;
		n[123]|bus|bus2)	node=$1 ;;
		*)		bad_usage "promote: '$1' is no node and no bus." ;;
		esac
		shift
	done
	[[ -n $node ]] || bad_usage "promote: which node?"
	load progress
	lock_stack
	open_cluster
	trap step_failed EXIT
	if [[ $node = bus* ]]; then
		promote_bus "$node" "$force"
	else
		promote_node "$node" "$force"
	fi
}

# --- Postgres ---

promote_node()	# NODE FORCE
{
	local node=$1 force=$2 old=$primary other

	[[ $node != "$old" ]] || fail "$node is the primary already; $called up starts it."
	is_standby "$node" || fail "$node is no standby."
	other=$(others "$node" "$old")
	may_end "$old" "$force"
	step "$old ends"
	end_primary "$old" "$force"
	step_done
	step "$node has all that was acknowledged"
	standby_runs "$node" || fail "$node does not start."
	gather "$node" "$other" "$force"
	step_done
	step "$node becomes the primary"
	printf '' | keep "$state/pg/synchronous" 0644
	record_primary "$node"
	reload_node "$node"
	finish_promotion
	sql "$node" checkpoint
	step_done
	if is_standby "$other"; then
		step "$other follows it"
		start_standby "$other"
		wait_for_any_other
		step_done
	fi
	write_pools
	echo "$node is the primary. $called up brings $old back as a standby."
}

# An answer that still comes means it is in use; what was only stopped, up starts.
may_end()	# NODE FORCE
{
	[[ $2 = no ]] || return 0
	if running "$1"; then
		! answers "$1" || fail "$1 still answers; --force ends it first."
	elif node_exists "$1" && ! something_runs; then
		fail "nothing of $state runs; $called up starts it with $1 as the primary."
	fi
}

# One that cannot answer is killed with its children.
end_primary()	# NODE FORCE
{
	if running "$1" && answers "$1"; then
		[[ $2 = yes ]] || fail "$1 answers again; --force ends it first."
		stop_node "$1"
	elif running "$1"; then
		kill_node "$1"
	fi
}

kill_node()	# NODE
{
	local children

	running "$1" || return 0
	children=$(pgrep -P "$pid" || true)
	# shellcheck disable=SC2086
	kill -KILL "$pid" $children 2>/dev/null || true
	wait_until 10 not_running "$1" || fail "$1 (process $pid) cannot be ended."
	end_remains "$1"
}

# Starts a standby that does not run, and lets it read all it has on disk.
standby_runs()	# NODE
{
	if ! running "$1"; then
		( start_node "$1" && node_ready "$1" ) || return 1
		wait_until 60 has_read_all "$1" || return 1
	fi
	answers "$1"
}

has_read_all()	# NODE
{
	says "$1" 1 "select count(*) from pg_stat_activity where backend_type = 'startup'
		and wait_event in ('RecoveryWalStream', 'RecoveryRetrieveRetryInterval')"
}

received()	# NODE
{
	sql "$1" "select greatest(coalesce(pg_last_wal_receive_lsn(), '0/0'), pg_last_wal_replay_lsn())"
}

# A commit is acknowledged by either standby, so NODE may miss what OTHER has:
# it streams that from OTHER before it is promoted.
gather()	# NODE OTHER FORCE
{
	local end

	if ! is_standby "$2"; then
		return
	fi
	if ! standby_runs "$2"; then
		[[ $3 = yes ]] || fail "$2 cannot be asked for what it has; --force promotes $1 without."
		return
	fi
	end=$(received "$2")
	if ! has_received "$1" "$end"; then
		stream_from=$2 reload_node "$1"
		wait_until 60 has_received "$1" "$end" || [[ $3 = yes ]] ||
			fail "$1 does not get from $2 what it misses, up to $end."
	fi
}

has_received()	# NODE POSITION
{
	says "$1" t "select greatest(coalesce(pg_last_wal_receive_lsn(), '0/0'), pg_last_wal_replay_lsn()) >= '$2'"
}

# --- the bus ---

promote_bus()	# NAME FORCE
{
	local old

	[[ ! -e $etc/one-redis ]] || fail "there is one Redis only, without a replica; $called up starts it."
	open_bus
	old=$bus
	[[ $1 != "$old" ]] || fail "$1 is the bus already; $called up starts it."
	[[ -e $state/redis/$1/appendonlydir ]] || fail "$1 has no files to be promoted with."
	may_end_bus "$old" "$2"
	step "$1 has what $old has"
	replica_runs "$1" "$old"
	step_done
	step "$old ends"
	end_bus "$old"
	step_done
	step "$1 becomes the bus"
	record_bus "$1"
	take_over "$1"
	point_to_bus "$1"
	step_done
	echo "$1 is the bus. $called up brings $old back as its replica."
}

may_end_bus()	# NAME FORCE
{
	[[ $2 = no ]] || return 0
	if running "$1"; then
		! redis_answers "$1" || fail "$1 still answers; --force ends it first."
	elif [[ -e $state/redis/$1/appendonlydir ]] && ! something_runs; then
		fail "nothing of $state runs; $called up starts it with $1 as the bus."
	fi
}

# One that answers lets its replica catch up before it ends; one that does not could wake up and write.
end_bus()	# NAME
{
	if running "$1" && ! redis_answers "$1"; then
		kill -KILL "$pid" 2>/dev/null || true
		wait_until 10 not_running "$1" || fail "$1 (process $pid) cannot be ended."
	fi
	stop "$1" TERM 15
}

# What the other one still has is waited for, if it answers.
replica_runs()	# NAME OLD
{
	running "$1" || start_redis "$1" 0 $((port + 4)) "$bus_terms"
	wait_ready "$1" 60 redis_answers "$1"
	if running "$2" && redis_answers "$2"; then
		wait_until 60 follows "$1" || fail "$1 does not follow $2, which answers: $called up mends that."
	fi
}

follows()	# NAME
{
	[[ $(replication_of "$1" master_link_status) = up ]]
}

# While it runs: it may be the only one that has what it has.
take_over()	# NAME
{
	local settings

	[[ $(ask_redis "$1" replicaof no one) = OK ]] || fail "$1 does not become the bus."
	[[ $(ask_redis "$1" config set tls-port $((port + 4))) = OK ]] || fail "$1 does not listen for its replica."
	write_redis "$1" $((port + 4)) 0 "$bus_terms"
	echo "$settings" | keep "$run/$1.release" 0644
}
