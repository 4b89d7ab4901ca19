# keys: shows, rotates and removes the keys that sign access tokens.
# shellcheck shell=bash
# shellcheck disable=SC2154

usage()
{
	cat <<-USAGE
	usage: $called keys [list] [--json]
	       $called keys make
	       $called keys rotate
	       $called keys retire
	       $called keys drop KID

	Without a word, or with list, shows the keys.  The active one signs; the next
	one is known to all pools already; tokens of a retiring one still run.

	  make       makes an active and a next key where there is none, as up does
	  rotate     the next key becomes active, the active one retiring; makes
	             another next one; nobody notices
	  retire     removes retiring keys whose last token has expired (rotate does
	             so too)
	  drop KID   removes a compromised key at once: all its tokens end within a
	             second, and if it was active the next one signs

	  --keys DIR      folder of the public keys, the setting token_keys
	  --private DIR   folder of the private ones, the setting token_signing_keys

	On a server under systemd both are found by the settings.  The pool gets what
	rotate made when it is restarted, at the latest before the next rotation.
	USAGE
}

# A server under systemd has no stack, and its keys are root's.
on_server()
{
	[[ ! -e $etc/marquee.conf && -e $sysconfdir/marquee/users.conf ]]
}

if on_server || [[ " $* " = *" --private "* ]]; then
	needs_nothing()
	{
		:
	}
fi

main()
{
	local verb='' kid='' form=table public='' private=''

	while (($#)); do
		case $1 in
		--keys|--private)
			(($# > 1)) || bad_usage "keys: $1 needs a folder."
			[[ $1 = --keys ]] && public=$2 || private=$2
			shift ;;
		--json)	form=json ;;
		-*)	bad_usage "keys: '$1' is not understood." ;;
		*)	if [[ -z $verb ]]; then
				verb=$1
			elif [[ $verb = drop && -z $kid ]]; then
				kid=$1
			else
				bad_usage "keys $verb: '$1' is not understood."
			fi ;;
		esac
		shift
	done
	load process secrets keys
	find_folders "$public" "$private"
	case ${verb:=list} in
	list)		list_keys "$form" ;;
	make)		with_keys_locked settle_keys
			list_keys "$form" ;;
	rotate)		pool_can_follow
			with_keys_locked rotate_keys
			list_keys "$form"
			tell_restart ;;
	retire)		with_keys_locked retire_keys ;;
	drop)		[[ $kid =~ ^[A-Za-z0-9_-]{1,64}$ ]] || bad_usage "keys drop: the key's id is missing, or none."
			[[ -e $keys/$kid.pem ]] || is_listed "$kid" || fail "there is no key $kid in $keys."
			with_keys_locked drop_key "$kid"
			list_keys "$form"
			tell_restart ;;
	*)		bad_usage "keys: '$verb' is not understood." ;;
	esac
}

find_folders()	# PUBLIC PRIVATE, both perhaps empty
{
	local installed=$sysconfdir/marquee

	if [[ -z $1 || -z $2 ]] && on_server; then
		keys=$(setting "$installed/marquee.conf" token_keys)
		signing_keys=$(cd "$installed/secrets" && realpath -m "$(setting "$installed/users.conf" token_signing_keys)")
	fi
	keys=${1:-$keys} signing_keys=${2:-$signing_keys}
	[[ -d $keys ]] || fail "there is no folder of public keys${keys:+, $keys}; --keys says where it is."
	[[ -d $signing_keys ]] || fail "there is no folder of private keys${signing_keys:+, $signing_keys}; --private says where it is."
}

setting()	# FILE NAME
{
	sed -n "s/^[[:space:]]*$2[[:space:]]*=[[:space:]]*//p" "$1" | tail -n 1
}

# KID|STATE|SINCE|whether its private half is here; a key without a state is only verified with.
key_rows()
{
	local file name state since

	for file in "$keys"/*.pem; do
		[[ -e $file ]] || continue
		name=${file##*/} name=${name%.pem} state=unlisted since=
		read -r state since < <(awk -v kid="$name" '$1 == kid { print $2, $3 }' "$keys/states" 2>/dev/null) || true
		echo "$name|${state:-unlisted}|$since|$([[ -e $signing_keys/$name.pem ]] && echo yes || echo no)"
	done
}

list_keys()	# table|json
{
	if [[ $1 = json ]]; then
		key_rows | jq -R -n '[ inputs | split("|") |
			{ kid: .[0], state: .[1], since: (.[2] | if . == "" then null else . end), private: (.[3] == "yes") } ]'
	else
		{
			echo "KID|STATE|SINCE|PRIVATE HALF"
			key_rows
		} | awk -F'|' '{ printf "%-18s %-9s %-21s %s\n", $1, $2, $3, $4 }'
	fi
}

# When systemd last gave the pool its private keys, in seconds with a fraction; nothing where it does not run the pool.
pool_started()
{
	local began

	on_server || return 0
	began=$(systemctl show --timestamp=us --property ExecMainStartTimestamp --value marquee@users.service 2>/dev/null) || return 0
	[[ -z $began ]] || date -u -d "$began" +%s.%N
}

# Tokens must not be signed for ever by a key that retires.
pool_can_follow()
{
	local began made

	began=$(pool_started)
	made=$(stat -c %.9Y "$signing_keys/$(kids_in next).pem" 2>/dev/null) || true
	[[ -z $began || -z $made ]] || awk -v made="$made" -v began="$began" 'BEGIN { exit !(made < began) }' ||
		fail "the pool has not got the next key yet; first: systemctl restart marquee@users (no request is lost)."
}

tell_restart()
{
	! on_server || echo "Before the next rotation: systemctl restart marquee@users, which gives the pool the new key."
}
