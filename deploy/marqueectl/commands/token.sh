# token: prints an access token for a service or an administrator.
# shellcheck shell=bash
# shellcheck disable=SC2154

usage()
{
	cat <<-USAGE
	usage: $called token --role service|admin --name NAME

	Prints an access token that runs for 24 hours.  Who has it acts as NAME.
	USAGE
}

main()
{
	local role='' name=''

	while (($#)); do
		case $1 in
		--role|--name)
			(($# > 1)) || bad_usage "token: $1 needs a value."
			[[ $1 = --role ]] && role=$2 || name=$2
			shift ;;
		*)	bad_usage "token: '$1' is not understood." ;;
		esac
		shift
	done
	[[ -n $role ]] || bad_usage "token: --role is missing."
	[[ $role = service || $role = admin ]] || bad_usage "token: --role is service or admin, not '$role'."
	[[ -n $name ]] || bad_usage "token: --name is missing."
	pool_here users
	pool users --issue-token "$name" "$role"
}
