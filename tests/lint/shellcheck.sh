#!/bin/sh
# No finding of shellcheck in any shell script of the tree, by name or by first line.
set -eu
cd "$(dirname "$0")/../.."
. tests/lint/files.sh
need shellcheck

# What autotools and make leave here is not ours.
find . \( -name .git -o -name node_modules -o -name build-aux -o -name 'autom4te.cache' -o -name 'build*' \
	-o -name 'marquee-[0-9]*' -o -name 'configure*' -o -name 'config.status' \) -prune -o -type f -print |
	sort | while read -r file; do
	case $file in
	*.sh | *.sh.in)
		echo "$file" ;;
	*)
		! head -n 1 "$file" | grep -aqE '^#!.*[/ ](ba|da)?sh( |$)' || echo "$file" ;;
	esac
done | {
	scripts=
	while read -r file; do
		scripts="$scripts $file"
	done
	# shellcheck disable=SC2086	# no script of ours has a space in its name
	set -- $scripts
	expect_files $# 5
	shellcheck --external-sources --source-path=SCRIPTDIR --source-path=. --source-path=tests/e2e "$@"
}
