#!/bin/sh
# The look of C files, in two parts.
#
# Spaces and braces are as clang-format has them. Compared are its result and
# the file with the blanks between words made one and with the line breaks that
# hand-made tables choose left out: clang-format 14 knows no columns by tabs,
# and would take every aligned struct and every table of rows apart.
#
# What is left out there, indentation first of all, the second part checks.
set -eu
cd "$(dirname "$0")/../.."

. tests/lint/files.sh
need clang-format

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# One statement a line; preprocessor lines are left out.
statements()
{
	awk '
	{
		directive = continued || /^[ \t]*#/
		continued = directive && /\\$/
		if (directive)
			next
		gsub(/[ \t]+/, " ")
		gsub(/^ | $/, "")
		gsub(/_FIELD \(/, "_FIELD(")
		gsub(/const \[\]/, "const[]")
		breaks = last ~ /[;{}\/]$/ || last ~ /^(case .*|default|[a-z_]+):$/ || last == "" || /^(\{|$|\/\*)/ || /^\}( (else|while).*)?$/
		if (last ~ /^case .*:$/ && /^case /)
			breaks = 0
		if (last ~ /,$/ && /^\{/)
			breaks = 0
		printf "%s%s", breaks ? "\n" : " ", $0
		last = $0
	}
	END { print "" }
	' "$1" | awk '
	# struct { int a; } on one line is as good as on three.
	{ text = text $0 "\n" }
	END {
		while (match(text, /struct ([a-z0-9_]+ )?\{[^{}]*\}/)) {
			inside = substr(text, RSTART, RLENGTH)
			gsub(/[ \n]+/, " ", inside)
			sub(/\{/, "<", inside)
			sub(/\}$/, ">", inside)
			text = substr(text, 1, RSTART - 1) inside substr(text, RSTART + RLENGTH)
		}
		printf "%s", text
	}'
}

check_spacing()
{
	clang-format --style=file "$1" >"$scratch/formatted.c"
	statements "$1" >"$scratch/is"
	statements "$scratch/formatted.c" >"$scratch/should"
	diff -U 0 --label "$1" "$scratch/is" --label "clang-format $1" "$scratch/should"
}

check_layout()
{
	awk '
	function bad(what)
	{
		printf "%s:%d: %s\n", FILENAME, FNR, what
		status = 1
	}
	# A block stands one tab further in than the line that opens it.
	function open_and_close(code, indent,    i, c)
	{
		for (i = 1; i <= length(code); i++) {
			c = substr(code, i, 1)
			if (c == "{")
				opened[++depth] = indent
			else if (c == "}")
				depth--
			else if (c == "(" || c == ")")
				parens += c == "(" ? 1 : -1
		}
	}
	FNR == 1 { depth = parens = comment = continued = named = 0; last = ";" }
	/[ \t]$/ { bad("blanks at the end") }
	/\r/ { bad("a carriage return") }
	/^\t* +\t/ || /^\t* {8}/ || /^ {1,3}[^ *]/ { bad("indented with spaces; a statement goes on after tabs and four spaces") }
	{
		wide = $0
		while ((at = index(wide, "\t")) > 0)
			wide = substr(wide, 1, at - 1) sprintf("%" (8 - (at - 1) % 8) "s", "") substr(wide, at + 1)
		if (length(wide) > 140 && !/^[ \t]*(\{|#)/)
			bad("longer than 140 columns; 120 are the aim")
	}
	/^$/ && empty { bad("two empty lines") }
	{ empty = /^$/ }
	{
		directive = continued || /^[ \t]*#/
		continued = directive && /\\$/
		code = $0
		gsub(/\\./, "", code)
		gsub(/"[^"]*"/, "\"\"", code)
		gsub(/\047[^\047]*\047/, "0", code)
		gsub(/\/\*.*\*\//, "", code)
		if (!comment && sub(/\/\*.*/, "", code))
			comment = starts = 1
		else if (comment && sub(/.*\*\//, "", code))
			comment = 0
		else if (comment)
			code = ""
		sub(/[ \t]+$/, "", code)
	}
	directive || code == "" { starts = 0; next }
	{
		indent = match(code, /[^\t]/) - 1
		wanted = depth == 0 ? 0 : opened[depth] + (code !~ /^\t*(\}|(case .*|default):)/)
		label = code ~ /^[a-z_]+:$/
		# An else stands where its if does, which may be under a for without braces.
		if (parens == 0 && last ~ /[;{}]$/ && !label && code !~ /^\t*else/ && indent != wanted)
			bad("indented by " indent " tabs instead of " wanted)
		if (code == "{" && depth == 0 && !named)
			bad("a return type stands on a line of its own, the name of the function begins the next")
		named = depth == 0 && (named || code ~ /^[A-Za-z0-9_]+\(/) && code !~ /[;}]$/
		open_and_close(code, indent)
		last = code
	}
	END { exit status }
	' "$@"
}

# The last byte of each file.
check_ends()
{
	for file in "$@"; do
		[ -z "$(tail -c 1 "$file")" ] || {
			echo "$file: no newline at the end"
			return 1
		}
	done
}

# shellcheck disable=SC2046	# no file of ours has a space in its name
set -- $(files -name '*.[ch]')
expect_files $# 20

status=0
for file in "$@"; do
	check_spacing "$file" || status=1
done
check_layout "$@" || status=1
check_ends "$@" || status=1
exit $status
