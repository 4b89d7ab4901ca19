# shellcheck shell=bash
# shellcheck disable=SC2154
# What tests and drills stand on: a copy of the tree, and a stack of its own; sourced, with source set to the tree.

work=$MARQUEE_STATE/test
tree=$work/tree
stack_port=$((MARQUEE_PORT + 100))

# shellcheck source=../deploy/marqueectl/lib/progress.sh
. "$source/deploy/marqueectl/lib/progress.sh"

# One run at a time; its stack ends with it.
prepare_ground()
{
	exec 8>"$MARQUEE_STATE/test.lock"
	flock -n 8 || { echo "Tests of this tree run already." >&2; exit 1; }
	mkdir -p "$work/log"
	trap end_stack EXIT
	step "copy of the tree, with a domain of its own"
	logged "$work/log/tree.log" copy_tree
	step_done
	cd "$tree" || exit
}

# Files keep their times, so that only what changed is compiled again.
copy_tree()
{
	rm -rf "$tree"
	mkdir -p "$tree" "$work/log"
	cd "$source" || exit
	if git rev-parse >/dev/null 2>&1; then
		git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' file; do
			[[ ! -e $file ]] || printf '%s\0' "$file"
		done
	else
		find . -type f -not -path './.git/*' -print0
	fi | tar -c --null -T - | tar -x -C "$tree"
	cd "$tree" || exit
	{ [[ -d fcgi-apps/demo ]] || fcgi-apps/new-domain demo; } && tests/fixtures/probe/add "$tree" && ./autogen.sh
}

stack()
{
	env LIMITS=off MARQUEE_STATE="$work/stack" MARQUEE_PORT="$stack_port" "$tree/marquee" "$@"
}

# What an earlier run left goes, but for what it built.
clear_stack()
{
	[[ -d $work/stack ]] || return 0
	[[ ! -x $work/stack/usr/bin/marqueectl ]] || logged "$work/log/stack.log" stack down
	find "$work/stack" -mindepth 1 -maxdepth 1 ! -name build ! -name usr -exec rm -rf {} +
}

# For the layers that need one; what tests find in their environment.
need_stack()
{
	export MARQUEE_TREE=$tree MARQUEE_TEST_STATE=$work/stack MARQUEE_TEST_PORT=$stack_port
	export BASE=https://localhost:$stack_port
	export CURL="curl -sS --cacert $work/stack/tls/localhost.pem"
	[[ -z ${stack_is_up:-} ]] || return 0
	step "test stack: build and start"
	clear_stack
	logged "$work/log/stack.log" stack up -d --no-demo
	step_done
	stack_is_up=yes
}

end_stack()
{
	[[ -z ${stack_is_up:-} ]] || stack down >>"$work/log/stack.log" 2>&1 || true
}
