# status: shows what runs, and how far the standbys are.
# shellcheck shell=bash
# shellcheck disable=SC2154

usage()
{
	cat <<-USAGE
	usage: $called status [--json]

	Shows every process group of the stack: its state, address, and memory (PSS,
	children included); of Postgres and the bus also the role, how commits wait for
	it, and how far it lags.  Succeeds when everything runs.
	USAGE
}

main()
{
	local form=table name rows='' all_up=yes

	(($# < 2)) || bad_usage "status: '$2' is not understood."
	case ${1:-} in
	'')	;;
	--json)	form=json ;;
	*)	bad_usage "status: '$1' is not understood." ;;
	esac
	open_cluster
	open_bus
	processes_now=$(ps -e -o pid=,ppid=)
	replication=$(ask_replication)
	for name in $(expected_names); do
		rows+=$(status_row "$name")$'\n'
		running "$name" || all_up=no
	done
	print_"$form" "${rows%$'\n'}"
	[[ $all_up = yes ]]
}

# With --small there are no standbys to miss.
expected_names()
{
	local name

	for name in $(all_names); do
		if [[ $name != n? || $name = "$primary" || -s $state/pg/synchronous ]] || running "$name"; then
			echo "$name"
		fi
	done
}

ask_replication()
{
	running "$primary" || return 0
	sql "$primary" "select application_name, state, sync_state,
			coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn), 0),
			coalesce(round(extract(epoch from replay_lag) * 1000, 1), 0)
		from pg_stat_replication" 2>/dev/null || true
}

# name|state|pid|address|PSS in kB|role|sync|lag in bytes|lag in ms
status_row()	# NAME
{
	local word=down number='' memory=0

	if running "$1"; then
		word=up number=$pid memory=$(memory_kb "$pid")
	fi
	echo "$1|$word|$number|$(address "$1")|$memory|$(node_columns "$1")"
}

address()	# NAME
{
	case $1 in
	nginx)	echo "https://localhost:$port" ;;
	n?)	echo "127.0.0.1:${ports[$1]}" ;;
	redis|bus*|cache*|realtime)	echo "run/$1.sock" ;;
	*)	(cd "$state" && compgen -G "run/$1.*.sock" | grep -v "\.relay\.sock$" | sort -V | paste -sd ' ') || true ;;
	esac
}

node_columns()	# NAME
{
	local line

	if [[ $1 = bus* ]] && running "$1"; then
		bus_columns "$1"
	elif [[ $1 != n? ]] || not_running "$1"; then
		echo "|||"
	elif ! is_standby "$1"; then
		echo "primary|||"
	elif line=$(grep "^$1|" <<<"$replication"); then
		awk -F'|' '{ print "standby|" ($2 == "streaming" ? $3 : $2) "|" $4 "|" $5 }' <<<"$line"
	else
		echo "standby|away||"
	fi
}

# Nothing waits for the replica of a bus.
bus_columns()	# NAME
{
	local position

	if [[ $1 = "$bus" ]]; then
		echo "primary|||"
	elif [[ $(replication_of "$1" master_link_status) = up ]]; then
		position=$(replication_of "$1" slave_repl_offset)
		echo "standby|async|$(($(replication_of "$bus" master_repl_offset) - position))|"
	else
		echo "standby|away||"
	fi
}

# Of a process and all below it.
memory_kb()	# PID
{
	local files

	files=$(awk -v top="$1" '
		{ parent[$1] = $2 }
		END {
			for (pid in parent) {
				for (up = pid; up in parent && up != top; up = parent[up])
					;
				if (up == top)
					print "/proc/" pid "/smaps_rollup"
			}
		}' <<<"$processes_now")
	# shellcheck disable=SC2086
	awk '/^Pss:/ { sum += $2 } END { print sum + 0 }' $files 2>/dev/null || echo 0
}

print_table()	# ROWS
{
	awk -F'|' '
		BEGIN {
			form = "%-16s %-5s %8s %9s  %-8s %-9s %-18s %s\n"
			printf form, "NAME", "STATE", "PID", "PSS", "ROLE", "SYNC", "LAG", "ADDRESS"
		}
		{
			lag = $8 == "" ? "" : $9 == "" ? $8 " B" : $8 " B, " $9 " ms"
			printf form, $1, $2, $3, $2 == "up" ? sprintf("%.1f MB", $5 / 1024) : "", $6, $7, lag, $4
			sum += $5
		}
		END { printf form, "all", "", "", sprintf("%.1f MB", sum / 1024), "", "", "", "" }' <<<"$1" |
		sed 's/ *$//'
}

print_json()	# ROWS
{
	jq -R -n --arg state "$state" --arg port "$port" '
		def number: if . == "" then null else tonumber end;
		def word: if . == "" then null else . end;
		{ state: $state, port: ($port | tonumber), processes: [
			inputs | split("|") | {
				name: .[0], state: .[1], pid: (.[2] | number), address: .[3], pss_kb: (.[4] | number)
			} + if .[5] == "" then {} else {
				role: .[5], sync: (.[6] | word), lag_bytes: (.[7] | number), lag_ms: (.[8] | number)
			} end ] }' <<<"$1"
}
