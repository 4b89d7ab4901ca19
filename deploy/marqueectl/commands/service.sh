# service: makes, lists and ends services that sign in with a secret.
# shellcheck shell=bash
# shellcheck disable=SC2154

usage()
{
	cat <<-USAGE
	usage: $called service add NAME [--secret-stdin]
	       $called service list
	       $called service end NAME

	A service gets tokens of role service for its secret, by a POST of this JSON to
	/api/users/token:

	  {"grant_type":"client_credentials","client_id":NAME,"client_secret":SECRET}

	add makes one, or gives one a new secret instead of the old one: the first line
	of standard input, of at least 32 random characters, or else a fresh one that
	is printed once.
	end refuses its secret and its tokens from now on.
	list shows the pools too: up gives each its secret, nobody else may.
	USAGE
}

main()
{
	local action=${1:-} secret

	case $action:$# in
	list:1|end:2|add:2)	;;
	add:3)	[[ $3 = --secret-stdin ]] || bad_usage "service add: '$3' is not understood." ;;
	add:*|end:*|list:*)	bad_usage "service $action: wrong arguments." ;;
	*)	bad_usage "service: it is add, list or end." ;;
	esac
	[[ $action = list || $2 != -* ]] || bad_usage "service $action: a name is missing."
	pool_here users
	[[ $action = list ]] || refuse_pool "$2"
	case $action:$# in
	list:*)	pool users --list-services ;;
	end:*)	pool users --end-service "$2" ;;
	add:3)	pool users --add-service "$2" ;;
	add:2)	secret=$(random_word)$(random_word)
		pool users --add-service "$2" <<<"$secret"
		echo "$secret" ;;
	esac
}

# Without its secret a pool knows nothing of ended sessions, and does not start again.
refuse_pool()	# NAME
{
	[[ ! -x $sbindir/marquee-$1 ]] ||
		fail "$1 is a pool. For a new secret: $called down, remove $secrets/$1.service, $called up."
}
