# Steps as a person sees them: a mark and seconds on a terminal, plain lines elsewhere.
# shellcheck shell=sh

step_text=

centiseconds()
{
	read -r step_up _ </proc/uptime
	echo "${step_up%.*}${step_up#*.}"
}

step_terminal()
{
	[ -t 1 ] && [ "${TERM:-dumb}" != dumb ]
}

step()	# TEXT: a step begins
{
	step_text=$1
	step_began=$(centiseconds)
	if step_terminal; then
		printf '  … %s' "$step_text"
	else
		printf '%s ... ' "$step_text"
	fi
}

# A line of its own in the middle of a step.
note()	# TEXT
{
	if [ -n "$step_text" ] && step_terminal; then
		printf '\r\033[K%s\n  … %s' "$1" "$step_text"
	elif [ -n "$step_text" ]; then
		printf '\n%s\n%s ... ' "$1" "$step_text"
	else
		echo "$1"
	fi
}

step_line()	# MARK WORD
{
	step_took=$(($(centiseconds) - step_began))
	if step_terminal; then
		printf '\r\033[K  %s %-44s %3d.%d s\n' "$1" "$step_text" $((step_took / 100)) $((step_took / 10 % 10))
	else
		printf '%s, %d.%d s\n' "$2" $((step_took / 100)) $((step_took / 10 % 10))
	fi
	step_text=
}

step_done()
{
	step_line ✓ "done"
}

# For the trap on EXIT: a step that is still open has failed.
step_failed()
{
	[ -z "$step_text" ] || step_line ✗ "failed"
}

# Output goes to FILE, which a failure names and shows the end of.
logged()	# FILE COMMAND...
{
	step_log=$1
	shift
	printf '$ %s\n' "$*" >>"$step_log"
	step_log_before=$(wc -c <"$step_log")
	if ! "$@" >>"$step_log" 2>&1; then
		step_failed
		{
			echo "This failed: $*"
			tail -c "+$((step_log_before + 1))" "$step_log" | tail -n 20 | sed 's/^/    /'
			echo "All of it is in $step_log"
		} >&2
		return 1
	fi
}
