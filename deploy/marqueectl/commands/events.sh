# events: shows events that could not be taken in, and has them tried again.
# shellcheck shell=bash
# shellcheck disable=SC2154

usage()
{
	cat <<-USAGE
	usage: $called events failed|dead [--domain DOMAIN] [--json]
	       $called events replay [--domain DOMAIN] ID|all

	An event that a domain cannot take in is put aside and tried again, at last
	after two minutes; then it is dead, and waits for you.

	  failed   those that wait or are dead: domain, state, attempts, type, id, error
  dead     those that are dead
	  replay   has one tried again at once, or all of them

	  --json   an object a line, with the event itself
	USAGE
}

main()
{
	local action=${1:-} domain='' form=lines count

	(($#)) || bad_usage "events: failed, dead or replay?"
	shift
	while [[ ${1:-} = --* ]]; do
		case $1 in
		--domain)
			(($# > 1)) || bad_usage "events: $1 needs a value."
			domain=$2
			shift ;;
		--json)	form=json ;;
		*)	bad_usage "events: '$1' is not understood." ;;
		esac
		shift
	done
	case $action in
	failed|dead)
		(($# == 0)) || bad_usage "events $action: '$1' is not understood."
		each_domain "$domain" --failed-events | only_"$action" | form_"$form" ;;
	replay)
		(($# == 1)) || bad_usage "events replay: it wants the id of an event, or all."
		[[ $1 =~ ^(all|[0-9a-fA-F-]{36})$ ]] || bad_usage "events replay: '$1' is no id."
		count=$(each_domain "$domain" --replay-events "$1" | awk '{ sum += $1 } END { print sum + 0 }')
		echo "$count to be tried again" ;;
	*)	bad_usage "events: '$action' is not understood." ;;
	esac
}

each_domain()	# DOMAIN, or '' for all; VERB...
{
	local domain

	for domain in ${1:-$(domains)}; do
		pool_here "$domain"
		pool "$domain" "${@:2}"
	done
}

only_failed()
{
	cat
}

only_dead()
{
	jq -c 'select(.state == "dead")'
}

form_lines()
{
	jq -r '[.domain, .state, .attempts, .type, .event_id, .error] | map(tostring | gsub("[[:cntrl:]]"; "?")) | join("  ")'
}

form_json()
{
	cat
}
