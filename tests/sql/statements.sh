#!/bin/bash
# Every statement of every domain prepares on the migrated schema, as the
# domain's own role: a typo, a dropped column or a missing right fails here and
# not in a request. The statements are those of the sources; what is in shared/
# is every domain's.
# shellcheck source=tests/sql/story
. "$(dirname "$0")/story"
set -o pipefail

cd "$(dirname "$0")/../.."

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

for folder in fcgi-apps/*/; do
	domain=$(basename "$folder")
	[[ -d sql/$domain ]] || continue
	eval "every_statement_of_${domain}_prepares() { check_domain $domain; }"
	stories+=("every_statement_of_${domain}_prepares")
done

check_domain() {	# DOMAIN
	local shared=(shared/*/*.c)

	grep -q make_import_tables sql/"$1"/*.sql || shared=("${shared[@]/#shared\/app\/imports.c/\/dev\/null}")
	tests/sql/extract fcgi-apps/"$1"/*.c "${shared[@]}" >"$scratch/statements"
	[[ -s $scratch/statements ]] || fail "$1 has no statements"
	prepare_all "$1" <"$scratch/statements" >"$scratch/sql"
	owner -f - <"$scratch/sql" >"$scratch/prepared" 2>"$scratch/problems" || fail "$(cat "$scratch/problems")"
	[[ ! -s $scratch/problems ]] || fail "$(grep WARNING "$scratch/problems" | sed 's/.*WARNING:  //')"
	same "statements prepared" "$(tr -cd '\0' <"$scratch/statements" | wc -c)" "$(cat "$scratch/prepared")"
}

tell "${stories[@]}"
