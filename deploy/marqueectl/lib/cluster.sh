# Primary and standbys: brought to the wanted shape from whatever state they are in.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154

# What a broken off promotion or an old primary left running must not take writes.
fence_others()
{
	local node

	for node in $(others "$primary"); do
		if running "$node" && ! is_standby "$node"; then
			stop_node "$node"
		fi
	done
}

# A primary on record that is still a standby: its promotion was interrupted.
finish_promotion()
{
	if is_standby "$primary"; then
		sql "$primary" "select pg_promote(true, 60)" >/dev/null
		wait_until 10 says "$primary" f "select pg_is_in_recovery()" || fail "$primary does not become the primary."
	fi
}

start_primary()
{
	if ! node_exists "$primary"; then
		! compgen -G "$state/pg/n?/PG_VERSION" >/dev/null ||
			fail "$primary is the primary on record, but $state/pg/$primary is gone: $called promote another node."
		init_node "$primary"
		record_primary "$primary"
	fi
	fence_others
	start_node "$primary"
	node_ready "$primary"
	reload_node "$primary"
	finish_promotion
}

# Asynchronously, or it would wait for standbys that cannot log in before it.
make_database()
{
	sql "$primary" "set synchronous_commit = local;
		select 'create role $replicator replication login'
			where not exists (select from pg_roles where rolname = '$replicator') \\gexec
		alter role $replicator password '$(<"$secrets/$replicator.password")';
		select 'create database marquee' where not exists (select from pg_database where datname = 'marquee') \\gexec"
}

make_slot()	# NODE
{
	sql "$primary" "select pg_drop_replication_slot(slot_name) from pg_replication_slots
			where slot_name = '$1' and wal_status = 'lost' and not active;
		select pg_create_physical_replication_slot('$1', true)
			where not exists (select from pg_replication_slots where slot_name = '$1')" >/dev/null
}

# A slot that nobody reads holds WAL back, also on a standby.
drop_slots()	# NODE [KEPT...]
{
	local node=$1

	shift
	sql "$node" "select pg_drop_replication_slot(slot_name) from pg_replication_slots
		where slot_type = 'physical' and not active and slot_name <> all (string_to_array('$*', ' '))" >/dev/null
}

# A slot is in use for a moment after its standby has ended.
no_slots()	# NODE
{
	drop_slots "$1"
	says "$1" 0 "select count(*) from pg_replication_slots"
}

copy_primary()	# NODE
{
	local new=$state/pg/$1.new

	rm -rf "$new"
	logged "$log/$1.log" "$pgbin/pg_basebackup" -D "$new" -X stream -S "$1" -c fast --no-sync \
		-h "$run/pg" -p "${ports[$primary]}" -U "$owner"
	touch "$new/standby.signal"
	rm -rf "${state:?}/pg/$1"
	mv "$new" "$state/pg/$1"
}

# An old primary: what only it knew is given up.  Until pg_rewind has succeeded
# there is no standby.signal, so that an interrupted one begins again.
rewind()	# NODE
{
	stop_node "$1"
	forget_postmaster "$1"
	# pg_rewind compares the timelines in the control files.
	sql "$primary" checkpoint
	write_node "$1"
	if "$pgbin/pg_rewind" -D "$state/pg/$1" --config-file="$state/etc/postgres/$1.conf" \
	    --source-server="host=$run/pg port=${ports[$primary]} user=$owner dbname=postgres" >>"$log/$1.log" 2>&1; then
		touch "$state/pg/$1/standby.signal"
	else
		copy_primary "$1"
	fi
}

start_standby()	# NODE
{
	local node=$1 lost=no

	if running "$node" && is_standby "$node" && streams "$node"; then
		reload_node "$node"
		return
	fi
	! slot_lost "$node" || lost=yes
	make_slot "$node"
	if ! node_exists "$node"; then
		copy_primary "$node"
	elif [[ $lost = yes ]]; then
		stop_node "$node"
		copy_primary "$node"
	elif ! is_standby "$node"; then
		rewind "$node"
	fi
	start_node "$node"
	if (step_text=; node_ready "$node"); then
		reload_node "$node"
		wait_until 10 streams_or_cannot "$node" || true
		streams "$node" || { ! cannot_follow "$node" && wait_until 5 streams "$node"; } || copy_again "$node"
	else
		copy_again "$node"
	fi
	drop_slots "$node"
}

# Its files are damaged, it has gone another way than the primary, or the
# primary's log does not reach back to it.
copy_again()	# NODE
{
	note "$1 cannot follow the primary: it is copied anew."
	stop_node "$1"
	copy_primary "$1"
	start_node "$1"
	node_ready "$1"
	if ! wait_until 20 streams "$1"; then
		log_tail "$1"
		fail "$1 does not follow the primary."
	fi
}

# After a promotion it stops once more where the old primary's timeline ends.
streams_or_cannot()	# NODE
{
	streams "$1" || cannot_follow "$1"
}

# The primary has thrown away what it needs next.
cannot_follow()	# NODE
{
	tail -n 4 "$log/$1.log" | grep -q 'WAL segment .* has already been removed'
}

slot_lost()	# NODE
{
	says "$primary" 1 "select 1 from pg_replication_slots where slot_name = '$1' and wal_status = 'lost'"
}

streams()	# NODE
{
	says "$primary" 1 "select 1 from pg_stat_replication where application_name = '$1' and state = 'streaming'"
}

# Side by side; a failure of one shows when all have ended.
start_standbys()
{
	local node job jobs=() failed=0

	for node in $(others "$primary"); do
		( start_standby "$node" ) &
		jobs+=($!)
	done
	for job in "${jobs[@]}"; do
		wait "$job" || failed=1
	done
	((failed == 0)) || fail "the standbys did not start."
}

# Commits wait for VALUE from now on; empty: for nobody.
set_synchronous()	# VALUE
{
	printf '%s' "$1" | keep "$state/pg/synchronous" 0644
	reload_node "$primary"
	wait_until 10 says "$primary" "$1" "show synchronous_standby_names" || fail "$primary does not take its new settings."
}

wait_for_any_other()
{
	set_synchronous "ANY 1 ($(others "$primary" | paste -sd , | sed 's/,/, /'))"
}

cluster_up()	# [small]
{
	local node

	write_access
	start_primary
	make_database
	if [[ ${1:-} = small ]]; then
		set_synchronous ''
		for node in $(others "$primary"); do
			stop_node "$node"
		done
		wait_until 5 no_slots "$primary" || fail "$primary keeps the slots of standbys that are gone."
	else
		start_standbys
		wait_for_any_other
	fi
}

# The primary first: it ends when the standbys have all of it.
cluster_down()
{
	local node

	stop_node "$primary"
	for node in $(others "$primary"); do
		stop_node "$node" &
	done
	wait
}
