# user: makes an account (user add).
# shellcheck shell=bash
# shellcheck disable=SC2154

usage()
{
	cat <<-USAGE
	usage: $called user add NAME --email ADDRESS [--role ROLE] --password-stdin

	Makes an account.  ROLE is user, organiser, producer or admin; user if nothing
	else is said.  The password is the first line of standard input.
	USAGE
}

main()
{
	local name='' email='' role=user password=no

	[[ ${1:-} = add ]] || bad_usage "user: add is the one thing it does."
	shift
	while (($#)); do
		case $1 in
		--email|--role)
			(($# > 1)) || bad_usage "user add: $1 needs a value."
			[[ $1 = --email ]] && email=$2 || role=$2
			shift ;;
		--password-stdin)
			password=yes ;;
		-*)	bad_usage "user add: '$1' is not understood." ;;
		*)	[[ -z $name ]] || bad_usage "user add: one name."
			name=$1 ;;
		esac
		shift
	done
	[[ -n $name ]] || bad_usage "user add: the account's name is missing."
	[[ -n $email ]] || bad_usage "user add: --email is missing."
	[[ $password = yes ]] || bad_usage "user add: --password-stdin is missing."
	pool_here users
	pool users --add-user "$name" "$email" "$role"
}
