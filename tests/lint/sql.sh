#!/bin/sh
# Every file in sql/ is named in a module.am; what is not is neither installed nor in the tarball.
set -eu
cd "$(dirname "$0")/../.."
. tests/lint/files.sh

# shellcheck disable=SC2046	# no file of ours has a space in its name
set -- $(find sql -mindepth 2 -name '*.sql' | sort)
expect_files $# 4

status=0
for file in "$@"; do
	find . -name module.am -exec grep -qF -- "/${file#sql/}" {} + || {
		echo "$file: no module.am names it"
		status=1
	}
done
exit $status
