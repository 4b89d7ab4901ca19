# clean: ends the stack and removes its data.
# shellcheck shell=bash
# shellcheck disable=SC2154

usage()
{
	cat <<-USAGE
	usage: $called clean [--all] [--yes]

	Ends the stack and removes its databases, secrets, settings and logs.  Asks
	first when a person is there.

	  --all   also what was built from the source tree, the whole folder
	  --yes   do not ask
	USAGE
}

# As root it removes what belongs to root and to the stack's user.
needs_nothing()
{
	:
}

main()
{
	local all=no yes=no answer

	while (($#)); do
		case $1 in
		--all)	all=yes ;;
		--yes)	yes=yes ;;
		*)	bad_usage "clean: '$1' is not understood." ;;
		esac
		shift
	done
	[[ -d $run ]] || fail "there is no stack in $state."
	if [[ $yes = no && -t 0 ]]; then
		read -rp "Remove all data of the stack in $state? [y/N] " answer
		[[ $answer = [yY]* ]] || exit 1
	fi
	bash "$bindir/marqueectl" down
	for name in etc keys tls log nginx pg public redis run var secrets; do
		rm -rf "${state:?}/$name"
	done
	[[ $all = no ]] || rm -rf "${state:?}"
	echo "Removed."
}
