# A Postgres node: its settings, its start, questions to it.
# shellcheck shell=bash
# shellcheck disable=SC2154

nodes=(n1 n2 n3)
owner=marquee_owner
replicator=marquee_replication

# Sets pgbin, ports and primary, the node on record, whatever it is just now.
# Under the lock, where one is taken: another command may promote.
open_cluster()
{
	local node

	find_postgres
	declare -gA ports
	for node in "${nodes[@]}"; do
		ports[$node]=$((port + ${node#n}))
	done
	primary=n1
	[[ ! -s $state/pg/primary ]] || primary=$(<"$state/pg/primary")
}

find_postgres()
{
	local found

	found=$(printf '%s\n' /usr/lib/postgresql/*/bin/postgres | sort -t/ -k5 -n | tail -n 1)
	if [[ -x $found ]]; then
		pgbin=${found%/postgres}
	elif found=$(command -v postgres); then
		pgbin=${found%/postgres}
	else
		fail "Postgres is not installed (Debian: postgresql)."
	fi
}

node_exists()	# NODE
{
	[[ -e $state/pg/$1/PG_VERSION ]]
}

is_standby()	# NODE
{
	[[ -e $state/pg/$1/standby.signal ]]
}

# Written before the node is promoted, so that a broken off promotion can be finished.
record_primary()	# NODE
{
	echo "$1" | keep "$state/pg/primary" 0644
	primary=$1
}

# All nodes but these.
others()	# NODE...
{
	local node

	for node in "${nodes[@]}"; do
		[[ " $* " = *" $node "* ]] || echo "$node"
	done
}

# Unix socket for the owner alone, by who asks; passwords for everyone else.
write_access()
{
	keep_changed "$state/etc/postgres/pg_hba.conf" 0600 <<-HBA
	local  all          $owner                     peer map=owner
	local  replication  $owner                     peer map=owner
	host   replication  $replicator  127.0.0.1/32  scram-sha-256
	host   all          $owner       127.0.0.1/32  reject
	host   all          all          127.0.0.1/32  scram-sha-256
	HBA
	keep_changed "$state/etc/postgres/pg_ident.conf" 0600 <<-IDENT
	owner  $(id -un)  $owner
	owner  root  $owner
	IDENT
	printf '127.0.0.1:*:*:%s:%s\n' "$replicator" "$(<"$secrets/$replicator.password")" |
		keep_changed "$secrets/pgpass" 0600
}

# Outside of the data folder, which base backups and pg_rewind copy between nodes.
write_node()	# NODE
{
	local node=$1 own=$state/etc/postgres

	keep_changed "$own/$node.conf" 0600 <<-CONF
	# Written by marqueectl: what is changed here is lost.
	cluster_name = '$node'
	listen_addresses = '127.0.0.1'
	port = ${ports[$node]}
	unix_socket_directories = '$run/pg'
	unix_socket_permissions = 0700
	hba_file = '$own/pg_hba.conf'
	ident_file = '$own/pg_ident.conf'
	max_connections = 300
	# Who does not log in leaves his place soon; rows stay out of the log.
	authentication_timeout = 3s
	log_error_verbosity = terse
	max_prepared_transactions = 64
	max_worker_processes = 4
	max_wal_senders = 10
	max_replication_slots = 10
	autovacuum_max_workers = 2
	shared_buffers = 32MB
	wal_level = replica
	wal_log_hints = on
	wal_keep_size = 64MB
	max_slot_wal_keep_size = 512MB
	min_wal_size = 80MB
	max_wal_size = 256MB
	jit = off
	timezone = 'UTC'
	log_timezone = 'UTC'
	log_line_prefix = '%m [%p] %q%u@%d '
	hot_standby = on
	wal_receiver_status_interval = 1s
	wal_retrieve_retry_interval = 200ms
	$(node_part "$node")
	CONF
}

# n3 is read by the ETL: its long reads wait for nothing and hold nothing back.
node_part()	# NODE
{
	local node=$1 from=${stream_from:-$primary}

	if [[ $node = n3 ]]; then
		echo "hot_standby_feedback = off"
		echo "max_standby_streaming_delay = -1"
	else
		echo "hot_standby_feedback = on"
	fi
	if [[ $node = "$primary" ]]; then
		echo "synchronous_standby_names = '$(cat "$state/pg/synchronous" 2>/dev/null)'"
		return
	fi
	# stream_from: a promotion takes from the other standby what only that one has.
	echo "primary_conninfo = 'host=127.0.0.1 port=${ports[$from]} user=$replicator passfile=$secrets/pgpass" \
		"application_name=$node sslmode=disable gssencmode=disable connect_timeout=2 tcp_user_timeout=5000'"
	[[ $from != "$primary" ]] || echo "primary_slot_name = '$node'"
}

# Answers -At; the text goes by stdin, where ps does not show it.
sql()	# NODE TEXT [DATABASE]
{
	PGCONNECT_TIMEOUT=2 "$pgbin/psql" -X -q -At -v ON_ERROR_STOP=1 \
		-h "$run/pg" -p "${ports[$1]}" -U "$owner" -d "${3:-postgres}" <<<"$2"
}

# For conditions: true when the answer is WANTED; no answer is no error.
says()	# NODE WANTED TEXT
{
	[[ $(sql "$1" "$3" 2>/dev/null) = "$2" ]]
}

# A stopped process would keep us waiting for ever.
answers()	# NODE
{
	PGCONNECT_TIMEOUT=2 timeout 3 "$pgbin/psql" -X -q -h "$run/pg" -p "${ports[$1]}" -U "$owner" -d postgres \
		-c 'select 1' >/dev/null 2>&1
}

start_node()	# NODE
{
	write_node "$1"
	if ! running "$1"; then
		forget_postmaster "$1"
		spawn "$1" "$pgbin/postgres" -D "$state/pg/$1" -c "config_file=$state/etc/postgres/$1.conf"
	fi
}

# A number left by a crash may be another program's by now, or one's that is
# dead but still listed; Postgres would not start.
forget_postmaster()	# NODE
{
	local file number

	for file in "$state/pg/$1/postmaster.pid" "$run/pg/.s.PGSQL.${ports[$1]}.lock"; do
		if [[ -e $file ]] && read -r number <"$file" && ! grep -qs "$state/pg/$1" "/proc/$number/cmdline"; then
			rm -f "$file"
		fi
	done
}

node_ready()	# NODE
{
	wait_ready "$1" 60 accepts "$1"
}

accepts()	# NODE
{
	"$pgbin/pg_isready" -q -h "$run/pg" -p "${ports[$1]}" -U "$owner" -d postgres
}

# Postgres takes new settings within moments; who needs them asks for the effect.
reload_node()	# NODE
{
	write_node "$1"
	if running "$1"; then
		kill -HUP "$pid"
	fi
}

stop_node()	# NODE
{
	stop "$1" INT 30
}

# Initialised aside and moved when complete, so that an interrupted one is not
# mistaken for a cluster.  Not synced file by file: the kernel writes within half
# a minute what a machine that fails before that has not missed yet.
init_node()	# NODE
{
	local new=$state/pg/$1.new

	rm -rf "$new"
	logged "$log/$1.log" "$pgbin/initdb" -D "$new" -U "$owner" -E UTF8 --locale=C.UTF-8 --data-checksums --no-sync \
		--auth-local=peer --auth-host=scram-sha-256
	mv "$new" "$state/pg/$1"
}
