#!/bin/sh
# No finding of cppcheck, apart from those whose kind cppcheck.suppressions excuses.
set -eu
cd "$(dirname "$0")/../.."
root=$PWD

. tests/lint/files.sh
need cppcheck

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# cppcheck 2.10 cannot read __VA_OPT__: it gets a copy in which the end of a list stands first.
files -name '*.[ch]' >"$scratch/files"
expect_files "$(wc -l <"$scratch/files")" 20
while read -r file; do
	mkdir -p "$scratch/tree/$(dirname "$file")"
	sed 's/__VA_ARGS__ __VA_OPT__(,) \({.*}\) }/\1, __VA_ARGS__ }/' "$file" >"$scratch/tree/$file"
done <"$scratch/files"
if grep -rn __VA_OPT__ "$scratch/tree"; then
	echo "written in a way that the line above does not know"
	exit 1
fi

cd "$scratch/tree"
cppcheck --quiet --error-exitcode=1 -j 2 --enable=warning,style,performance,portability \
	--std=c11 --library=posix -D_GNU_SOURCE= -D__has_feature\(x\)=0 -I shared \
	--suppressions-list="$root/tests/lint/cppcheck.suppressions" --template='{file}:{line}: {id}: {message}' .
