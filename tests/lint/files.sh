# shellcheck shell=sh
# Which files the checks read; they source this. A folder that is not there yet has none.

# files EXPRESSION...: what find finds under the folders of code.
files()
{
	for folder in shared fcgi-apps tests realtime etl; do
		[ ! -d "$folder" ] || find "$folder" -type f "$@"
	done | sort
}

# A check that finds nothing to read has lost its way.
expect_files()
{
	[ "$1" -ge "$2" ] || {
		echo "found $1 files, which are fewer than $2"
		exit 1
	}
}

# need PROGRAM: the check is skipped without it.
need()
{
	command -v "$1" >/dev/null || {
		echo "$1 is not installed"
		exit 77
	}
}
