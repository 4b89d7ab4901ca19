# Processes of the stack: each has run/NAME.pid, run/NAME.process (its number and
# when it began) and log/NAME.log.
# shellcheck shell=bash
# shellcheck disable=SC2154

boot=$(</proc/sys/kernel/random/boot_id)

# Sets process_start, which tells process PID from a later one with the same number.
process_began()	# PID
{
	local stat fields

	process_start=
	{ read -r stat </proc/"$1"/stat; } 2>/dev/null || return 1
	read -ra fields <<<"${stat##*) }"
	[[ ${fields[0]} != Z ]] || return 1
	process_start=$boot:${fields[19]}
}

# Sets pid.
running()	# NAME
{
	local began

	pid=
	[[ -e $run/$1.process ]] && read -r pid began <"$run/$1.process" || return 1
	process_began "$pid" && [[ $process_start = "$began" ]]
}

not_running()
{
	! running "$1"
}

# The process writes its own files before it becomes COMMAND, so that one who is
# killed here leaves nothing unknown behind.  It keeps no file of ours open, our
# lock and our caller's least of all.
spawn()	# NAME COMMAND...
{
	local name=$1

	shift
	end_remains "$name"
	keep_log_short "$name"
	# shellcheck disable=SC2016
	setsid bash -c '
		read -r stat </proc/$$/stat
		read -ra fields <<<"${stat##*) }"
		echo $$ >"$2.pid"
		echo "$$ $1:${fields[19]}" >"$2.new"
		mv "$2.new" "$2.process"
		shift 2
		for fd in /proc/$$/fd/*; do
			fd=${fd##*/}
			((fd < 3)) || eval "exec $fd>&-"
		done
		exec "$@"' spawn "$boot" "$run/$name" "$@" \
		</dev/null >>"$log/$name.log" 2>&1 &
	wait_until 10 test -e "$run/$name.process"
}

keep_log_short()	# NAME
{
	local file=$log/$1.log

	if [[ -e $file ]] && (($(stat -c %s "$file") > 16 << 20)); then
		mv "$file" "$file.1"
	fi
}

# Ends it with SIGNAL, by force after SECONDS.
stop()	# NAME SIGNAL SECONDS
{
	if running "$1"; then
		kill "-$2" "$pid" 2>/dev/null || true
		# A stopped process takes no signal but this.
		kill -CONT "$pid" 2>/dev/null || true
		if ! wait_until "$3" not_running "$1"; then
			echo "$1 (process $pid) did not end in $3 s: killed." >&2
			kill -KILL -- "-$pid" 2>/dev/null || true
			wait_until 10 not_running "$1" || fail "$1 (process $pid) cannot be ended."
		fi
	fi
	end_remains "$1"
}

# Children of one that was killed: they are in its group, whose number nobody
# else can get while they live.
end_remains()	# NAME, which does not run
{
	local number

	if [[ -e $run/$1.process ]] && read -r number _ <"$run/$1.process" && [[ ! -e /proc/$number/exe ]]; then
		pkill -KILL -g "$number" -r D,R,S,T || true
	fi
	rm -f "$run/$1.process" "$run/$1.pid"
}

log_tail()	# NAME
{
	echo "The end of $log/$1.log:" >&2
	tail -n 15 "$log/$1.log" | cut -c 1-300 | sed 's/^/    /' >&2
}

# Waits for COMMAND, but not longer than NAME lives.
wait_ready()	# NAME SECONDS COMMAND...
{
	local name=$1 seconds=$2

	shift 2
	if ! wait_until "$seconds" ready_or_gone "$name" "$@" || not_running "$name"; then
		step_failed
		log_tail "$name"
		if not_running "$name"; then
			fail "$name ended instead of getting ready."
		fi
		fail "$name was not ready in $seconds s.${answer:+ It last said: $answer}"
	fi
}

ready_or_gone()	# NAME COMMAND...
{
	not_running "$1" || "${@:2}"
}
