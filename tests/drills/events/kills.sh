# shellcheck shell=bash
# shellcheck disable=SC2154
# What the drill kills, and how it comes back; sourced by events.sh.

# Jobs most of all, for they have relay and consumer.
kinds=(jobs jobs jobs gateway bus cache nginx worker pool)
pools=(sports chat notifications probe users)
declare -A killed_of

# one_of WORD...: sets REPLY. Not in a subshell, which would have numbers of its own.
one_of()
{
	shift $((RANDOM % $#))
	REPLY=$1
}

# choose KIND: sets victim and pids.
choose()
{
	case $1 in
	jobs)	one_of "${pools[@]}"
		victim=$REPLY-jobs ;;
	gateway)
		victim=realtime ;;
	bus)	one_of bus bus bus2
		victim=$REPLY ;;
	cache)	one_of cache1 cache2 cache3 cache1r cache2r cache3r
		victim=$REPLY ;;
	nginx)	one_of nginx nginx-worker
		victim=$REPLY ;;
	worker)	one_of "${pools[@]}"
		victim=$REPLY-worker ;;
	pool)	one_of "${pools[@]}"
		victim=$REPLY ;;
	esac
}

process_of()	# VICTIM
{
	case $1 in
	*-worker)
		workers "${1%-worker}" | head -n 1 ;;
	*)	master "$1" ;;
	esac
}

kill_one()
{
	local kind pid

	one_of "${kinds[@]}"
	kind=$REPLY
	# One that comes back is told the last minutes again, which would hide what a relay lost.
	[[ $kind != bus ]] || ((killed < kills / 2)) || return 0
	choose "$kind"
	[[ ", $victims," != *", $victim,"* ]] && pid=$(process_of "$victim") || return 0
	kill -KILL "$pid" 2>/dev/null || return 0
	killed=$((killed + 1))
	killed_of[$kind]=$((${killed_of[$kind]:-0} + 1))
	victims+="${victims:+, }$victim"
}

# Masters bring back their workers; the rest is for marqueectl.
comes_back()
{
	local pool

	mend
	for pool in "${pools[@]}"; do
		until_true 20 two_workers "$pool"
	done
}

two_workers()	# POOL
{
	[[ $(workers "$1" | wc -l) = 2 ]]
}

kill_at_random()
{
	local killed=0 victims together pause

	while ((killed < kills)); do
		victims='' together=$((RANDOM % 3 + 1))
		while ((together-- > 0 && killed < kills)); do
			kill_one
		done
		[[ -n $victims ]] || continue
		step "$killed of $kills: $victims"
		comes_back
		step_done
		# Somewhere in the load, not where the last return left it.
		printf -v pause '0.%03d' $((RANDOM % 1000))
		sleep "$pause"
	done
}
