#!/bin/bash
# events: whatever dies, no write, event or message is lost, doubled or out of order.
set -eu -o pipefail

usage()
{
	cat <<-USAGE
	usage: ./marquee drill events [--seed N] [--kills N]

	While people talk in the room of a live game, a provider tells its goals and
	sockets listen, processes are killed by SIGKILL, one to three at a time: jobs
	(relay and consumer of a domain), the gateway, the bus and its replica (in the
	first half), nodes of the cache, nginx, pools and their workers.  "marquee up" brings them back.  In the end:

	  - what was acknowledged is in the database, once, and nothing else
	  - every event is in effect, once; none waits, has failed or is dead
	  - every socket has heard every message of its channels, in order, once
	  - cached standings are those of the database

	  --seed N    the order of victims, to try it again; each run says its own
	  --kills N   how many are killed (30)
	USAGE
}

bad_usage()
{
	echo "drill events: $*" >&2
	usage >&2
	exit 2
}

seed=${SEED:-$(date +%s)} kills=${KILLS:-30}
while (($#)); do
	case $1 in
	--help)	usage; exit ;;
	--seed|--kills)
		[[ ${2:-} =~ ^[0-9]{1,10}$ ]] || bad_usage "$1 is a number."
		[[ $1 = --seed ]] && seed=$2 || kills=$2
		shift 2 ;;
	*)	bad_usage "'$1' is not understood." ;;
	esac
done

cd "$(dirname "$0")/../e2e"
. ./lib.sh
. ./stack.sh
. ./talk
. ../fixtures/sockets.sh
. ../../deploy/marqueectl/lib/progress.sh
. ../drills/events/load.sh
. ../drills/events/kills.sh
. ../drills/events/checks.sh

echo "Seed $seed; $kills kills."
RANDOM=$((seed % 32768))
settings=()

fail()
{
	step_failed
	printf '%s\n' "$*" >&2
	exit 1
}

trap 'step_failed; clear_up' EXIT

step "people, a game and its room"
people_meet
step_done
load_begins
kill_at_random
step "load ends"
load_ends
step_done
step "all that was told is taken in"
until_true 60 all_is_published
until_true 60 all_is_taken_in
step_done
for check in "${checks[@]}"; do
	step "${check//_/ }"
	"$check"
	step_done
done
summary
