#!/bin/bash
# Every statement of every pool prepares on the migrated schema, as the pool's
# own role: a typo, a dropped column or a missing right fails here and not in a
# request. `marquee-DOMAIN --statements` prints them, each ended by a NUL: its
# name on the first line, the SQL on the rest. Programs may be given after the
# conninfo.
# shellcheck source=tests/sql/story
. "$(dirname "$0")/story"
set -o pipefail

programs=("${@:2}")
if ((${#programs[@]} == 0)); then
	programs=("${MARQUEE_TEST_STATE:?}"/usr/sbin/marquee-*)
fi

# The text is quoted twice, so psql sees no variables in it; a comment in it ends with its line.
prepare_all() {	# DOMAIN
	local name sql count=0

	printf 'begin;\nset local role "%s";\nset local search_path = "%s";\n' "$1" "$1"
	while IFS= read -r -d '' record; do
		name=${record%%$'\n'*} sql=${record#*$'\n'}
		[[ $record = *$'\n'* && -n ${sql//[[:space:]]/} ]] || fail "a statement without a name or a text: $record"
		count=$((count + 1))
		# shellcheck disable=SC2016 # dollars of SQL
		printf 'do $_prepare_$ begin execute $_statement_$prepare "s%d" as %s\n$_statement_$;\n' "$count" "$sql"
		printf "exception when others then raise warning '%%: %%', \$_name_\$%s\$_name_\$, sqlerrm; end \$_prepare_\$;\n" "$name"
	done
	printf 'select count(*) from pg_prepared_statements;\nrollback;\n'
}

for program in "${programs[@]}"; do
	domain=${program##*/marquee-}
	eval "every_statement_of_${domain}_prepares() { check_pool $domain $program; }"
	stories+=("every_statement_of_${domain}_prepares")
done

check_pool() {	# DOMAIN PROGRAM
	"$2" --statements >"$scratch/statements" || fail "$2 does not list its statements"
	[[ -s $scratch/statements ]] || fail "$2 has no statements"
	prepare_all "$1" <"$scratch/statements" >"$scratch/sql"
	owner -f - <"$scratch/sql" >"$scratch/prepared" 2>"$scratch/problems" || fail "$(cat "$scratch/problems")"
	[[ ! -s $scratch/problems ]] || fail "$(grep WARNING "$scratch/problems" | sed 's/.*WARNING:  //')"
	same "statements prepared" "$(tr -cd '\0' <"$scratch/statements" | wc -c)" "$(cat "$scratch/prepared")"
}

tell "${stories[@]}"
