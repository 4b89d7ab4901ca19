# clean: ends the stack and removes its data.
# shellcheck shell=bash
# shellcheck disable=SC2154

usage()
{
	cat <<-USAGE
	usage: $called clean [--all] [--yes]

	Ends the stack and removes its databases, secrets, settings, mails and
	logs.  Asks first when a person is there.  What was built stays.

	  --all   the whole folder, with what was built, tested and measured in it
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
	if [[ $all = yes ]]; then
		[[ -d $state ]] || fail "there is no $state."
		only_ours
	else
		[[ -d $run ]] || fail "there is no stack in $state."
	fi
	[[ ! -e $state/test.lock ]] || flock -n "$state/test.lock" true || fail "tests run in $state just now."
	if [[ $yes = no && -t 0 ]]; then
		read -rp "Remove all data of the stack in $state? [y/N] " answer
		[[ $answer = [yY]* ]] || exit 1
	fi
	if [[ -x $bindir/marqueectl && -d $run ]]; then
		bash "$bindir/marqueectl" down
	else
		nothing_runs
	fi
	for name in $data; do
		rm -rf "${state:?}/$name"
	done
	if [[ $all = yes ]]; then
		end_inner_stacks
		rm -rf "${state:?}"
	fi
	echo "Removed."
}

data="etc keys tls log mail nginx pg public redis run var secrets"

# A folder of something else may have been named by mistake.
only_ours()
{
	local other

	other=$(find "$state" -mindepth 1 -maxdepth 1 -printf '%f\n' |
		grep -vxF -f <(tr ' ' '\n' <<<"$data build usr test test.lock bench") | head -n 1) || true
	[[ -z $other ]] || fail "$state/$other is not the stack's; move it, or remove $state by hand."
}

nothing_runs()
{
	local file name

	load process
	for file in "$run"/*.process; do
		name=${file##*/} name=${name%.process}
		not_running "$name" ||
			fail "$name (process $pid) runs, and what would end it is not installed; $called build brings it."
	done
}

# Those of tests and benches that were broken off.
end_inner_stacks()
{
	local inner

	for inner in "$state"/{test,bench}/stack*; do
		if [[ -d $inner/run && -x $inner/usr/bin/marqueectl ]]; then
			MARQUEE_STATE=$inner bash "$inner/usr/bin/marqueectl" down
		fi
	done
}
