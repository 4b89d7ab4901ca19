# The keys that sign access tokens, and which of them does: the file "states" beside the public ones.
# shellcheck shell=bash
# shellcheck disable=SC2154

# A token of a service runs for a day; ten minutes more for clocks that differ.
token_seconds=$((24 * 3600 + 600))
signing_keys=$secrets/token

# One command at a time changes keys.
with_keys_locked()	# COMMAND...
{
	local locked

	exec {locked}<"$keys"
	flock -w 60 "$locked" || fail "another command has worked on the keys for a minute."
	"$@"
	exec {locked}<&-
}

kids_in()	# STATE
{
	awk -v state="$1" '$2 == state { print $1 }' "$keys/states" 2>/dev/null || true
}

active_kid()
{
	kids_in active
}

is_listed()	# KID
{
	[[ -n $(awk -v kid="$1" '$1 == kid' "$keys/states" 2>/dev/null) ]]
}

# What a kill leaves of this is taken up by the next call: the private half is
# known by another name until its public half is there for everyone.  The kid is
# the start of the SHA-256 of the public key.
new_key()	# sets kid
{
	local private=$signing_keys/new

	if ! kid=$(kid_of "$private"); then
		(umask 077 && openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$private" 2>/dev/null)
		kid=$(kid_of "$private") || fail "openssl makes no key in $signing_keys."
	fi
	publish_key "$private"
	mv "$private" "$signing_keys/$kid.pem"
}

publish_key()	# PRIVATE-KEY
{
	local public

	public=$(openssl pkey -in "$1" -pubout) || fail "$1 is not a private key."
	echo "$public" | keep "$keys/$kid.pem" 0644
}

kid_of()	# PRIVATE-KEY
{
	local digest

	[[ -s $1 ]] && openssl pkey -in "$1" -noout 2>/dev/null || return 1
	digest=$(openssl pkey -in "$1" -pubout -outform DER | sha256sum)
	echo "${digest:0:16}"
}

# A key with both halves that has no state: one that was made before there were
# states, or whose maker was killed.  Sets kid.
unlisted_key()
{
	local file

	for file in "$signing_keys"/*.pem; do
		kid=${file##*/}
		kid=${kid%.pem}
		if [[ -s $file ]] && ! is_listed "$kid"; then
			[[ -s $keys/$kid.pem ]] || publish_key "$file"
			return 0
		fi
	done
	return 1
}

# Adds or changes a line; nothing else is touched.
put_states()	# KID=STATE...
{
	local change now

	now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
	{
		awk -v changes="$*" '
			BEGIN { n = split(changes, pair, / /); for (i = 1; i <= n; i++) { sub(/=.*/, "", pair[i]); changed[pair[i]] = 1 } }
			!($1 in changed)' "$keys/states" 2>/dev/null || true
		for change; do
			[[ $change = *= ]] || echo "${change%=*} ${change#*=} $now"
		done
	} | keep "$keys/states" 0644
}

# There is an active key and a next one, whatever there was before.
settle_keys()
{
	local kid

	if [[ -z $(active_kid) ]]; then
		kid=$(kids_in next)
		[[ -n $kid ]] || unlisted_key || new_key
		put_states "$kid=active"
	fi
	if [[ -z $(kids_in next) ]]; then
		unlisted_key || new_key
		put_states "$kid=next"
	fi
}

# The private half first: who has it in memory signs with the active one, and
# nobody takes the rest for a new key.
remove_key()	# KID
{
	rm -f "$signing_keys/$1.pem"
	rm -f "$keys/$1.pem"
	put_states "$1="
}

rotate_keys()
{
	local kid next

	settle_keys
	retire_keys
	next=$(kids_in next)
	unlisted_key || new_key
	put_states "$(active_kid)=retiring" "$next=active" "$kid=next"
}

# Those whose last token has expired; one a line.
retire_keys()
{
	local kid since oldest

	oldest=$(date -u -d "-$token_seconds seconds" +%Y-%m-%dT%H:%M:%SZ)
	while read -r kid since; do
		[[ $since < $oldest ]] || continue
		remove_key "$kid"
		echo "$kid is gone: its last token has expired."
	done < <(awk '$2 == "retiring" { print $1, $3 }' "$keys/states")
}

# Another one signs before this one ends, so that nobody gets a token in vain.
drop_key()	# KID
{
	local kid changes=("$1=retiring")

	settle_keys
	if is_listed "$1" && ! kids_in retiring | grep -qxF -e "$1"; then
		[[ $1 != "$(active_kid)" ]] || changes+=("$(kids_in next)=active")
		unlisted_key || new_key
		put_states "${changes[@]}" "$kid=next"
	fi
	remove_key "$1"
}
