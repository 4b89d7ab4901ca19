#!/bin/sh
# Which folder may include which: arrows point down. Nothing else may lead up
# either: no link into another folder, no function declared by hand.
set -eu
cd "$(dirname "$0")/../.."

rules='
shared/base	base
shared/data	data base
shared/auth	auth base
shared/remote	remote http auth base
shared/events	events data base
shared/http	http auth data base
shared/app	app http auth events remote data base
domain		app http auth events remote data base
'

set -- shared fcgi-apps
for folder in realtime etl; do
	[ ! -d "$folder" ] || set -- "$@" "$folder"
done

check_includes()
{
	find "$@" -type f -name '*.[ch]' -exec awk -v rules="$rules" '
	function bad(what)
	{
		printf "%s:%d: %s\n", FILENAME, FNR, what
		status = 1
	}
	BEGIN {
		n = split(rules, line, "\n")
		for (i = 1; i <= n; i++) {
			folder = line[i]
			sub(/\t.*/, "", folder)
			sub(/^[^\t]*\t+/, "", line[i])
			may[folder] = " " line[i] " "
			if (sub(/^shared\//, "", folder))
				ours[folder] = 1
		}
	}
	FNR == 1 {
		split(FILENAME, part, "/")
		folder = part[1] == "shared" ? part[1] "/" part[2] : "domain"
		own = FILENAME
		sub(/[^\/]*$/, "", own)
		if (!(folder in may))
			bad("no rule says what " folder " may include")
	}
	/^[ \t]*#[ \t]*include/ {
		header = $0
		angle = header ~ /</
		gsub(/^[^"<]*["<]|[">].*$/, "", header)
		target = header
		slash = sub(/\/.*/, "", target)
		if (header ~ /(^|\/)\.\.?\//)
			bad("include \"" header "\" climbs; name it from shared/ or from its own folder")
		else if (slash && target in ours && index(may[folder], " " target " ") == 0)
			bad(folder " may not include " header)
		else if (!angle && slash && !(target in ours))
			bad("there is no folder shared/" target)
		else if (!angle && !slash && folder != "domain")
			bad("write the folder too: \"" part[2] "/" header "\"")
		else if (!angle && !slash && (getline text < (own header)) < 0)
			bad(header " is not in " own)
	}
	FILENAME ~ /\.c$/ && /^extern / {
		bad("include the header that declares it")
	}
	END { exit status }
	' {} +
}

check_links()
{
	links=$(find "$@" -type l)
	[ -z "$links" ] || {
		printf '%s: a link; include the header where it is\n' "$links"
		return 1
	}
}

status=0
check_includes "$@" || status=1
check_links "$@" || status=1
exit $status
