# shellcheck shell=sh
# What every story by curl shares; sourced, with BASE and perhaps CURL set:
#
#   BASE=https://localhost:8443 CURL="curl -sS --cacert ca.pem" tests/e2e/users.sh
#
# A story is a function whose name is a sentence; `tell` runs each in a subshell
# of its own and reports in TAP.  It ends at the first expectation not met.

: "${BASE:?the address of a running stack, as https://localhost:8443}"
: "${CURL:=curl -sS}"
set -eu

scratch=$(mktemp -d "${TMPDIR:-/tmp}/marquee-e2e.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM

# call METHOD PATH [BODY] [-H HEADER ...]: sets $status.  BODY goes as JSON; @FILE and @- are read.
call() {
	call_method=$1 call_path=$2
	shift 2
	case ${1--} in
	-*)	;;
	*)	call_body=$1
		shift
		set -- --data-binary "$call_body" -H 'Content-Type: application/json' "$@" ;;
	esac
	# CURL is a command with its options.
	# shellcheck disable=SC2086
	status=$($CURL -X "$call_method" -o "$scratch/body" -D "$scratch/headers" -w '%{http_code}' \
	    "$@" "$BASE$call_path") || fail "$call_method $call_path: curl gave up"
	keep_answer
}

# For conforms, which holds all answers against what OpenAPI tells.
keep_answer() {
	[ -n "${MARQUEE_ANSWERS:-}" ] && [ "$call_method" != HEAD ] && [ "$status" != 304 ] || return 0
	{
		printf '%s %s %s %s\n' "$call_method" "$status" "$(header Content-Type)" "$call_path"
		cat "$scratch/body"
	} >"$(mktemp "$MARQUEE_ANSWERS/XXXXXXXX")"
}

# expect STATUS METHOD PATH ...: calls, and ends the story unless that is the status.
expect() {
	expect_status=$1
	shift
	call "$@"
	[ "$status" = "$expect_status" ] || fail "$1 $2: $status instead of $expect_status: $(head -c 600 "$scratch/body")"
}

# Of the last answer: a value by its path in the JSON, a header, the body as it came.
json() {
	jq -r ".$1 | if . == null then error(\"absent\") else . end" "$scratch/body" 2>/dev/null ||
		fail "no $1 in: $(head -c 600 "$scratch/body")"
}

header() {
	tr -d '\r' <"$scratch/headers" | awk -v name="$1" -F ': ' 'tolower($1) == tolower(name) { sub(/^[^:]*: /, ""); print }'
}

body() {
	cat "$scratch/body"
}

# same WHAT WANTED GOT
same() {
	[ "$2" = "$3" ] || fail "$1: '$3' instead of '$2'"
}

# The last answer is a problem with that code; with FIELD, it blames that one.
expect_problem() {
	same "Content-Type" "application/problem+json" "$(header Content-Type)"
	same "code" "$1" "$(json code)"
	[ $# -lt 2 ] || jq -e --arg field "$2" 'any(.errors[]; .field == $field)' "$scratch/body" >/dev/null ||
		fail "no error of $2 in: $(body)"
}

fail() {
	printf '# %s\n' "$*" >&2
	exit 1
}

# A word that no earlier run used, so that stories can be told again.
unique() {
	printf '%s%s' "$1" "$(od -An -N5 -tx1 /dev/urandom | tr -d ' \n')"
}

# person NAME: signs up and logs in; sets $name, $user_id, $token and $as, the header's value.
person() {
	name=$(unique "$1")
	expect 201 POST /api/users/register \
	    "{\"username\":\"$name\",\"email\":\"$name@example.org\",\"password\":\"correct horse\"}"
	log_in_as "$name"
}

log_in_as() {
	expect 200 POST /api/users/login "{\"username\":\"$1\",\"password\":\"correct horse\"}"
	# For the stories, which source this.
	# shellcheck disable=SC2034
	user_id=$(json user_id)
	token=$(json token)
	# shellcheck disable=SC2034
	as="Authorization: Bearer $token"
}

tell() {
	told=0 failed=0
	printf '1..%d\n' $#
	for story do
		told=$((told + 1))
		result=ok
		# Not in a condition: there the shell would forget set -e.
		set +e
		# What a broken story left in the background ends with it.
		(set -e; trap 'kill $(jobs -p) 2>/dev/null || :' EXIT; "$story")
		outcome=$?
		[ "$outcome" = 0 ] || { result='not ok' failed=$((failed + 1)); }
		set -e
		printf '%s %d - %s\n' "$result" "$told" "$(printf %s "$story" | tr _ ' ')"
	done
	[ "$failed" = 0 ]
}
