# One stack: where its files are, who owns them, and what all commands share.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154

called=${MARQUEE_CALLED:-marqueectl}
# Where files that are named without a folder lie; root's command goes on elsewhere.
called_in=${MARQUEE_CALLED_IN:-$PWD}

# An installation of ./marquee lies inside its state folder.
default_state()
{
	local around=${sysconfdir%/etc}

	if [[ -n $around && $sysconfdir = "$around/etc" && $bindir = "$around/usr/bin" ]]; then
		REPLY=$around
	else
		REPLY=$localstatedir/lib/marquee
	fi
}

default_state
state=${MARQUEE_STATE:-$REPLY}
run=$state/run
log=$state/log
secrets=$state/secrets
etc=$state/etc/marquee
keys=$state/keys
certificate=$state/tls/localhost.pem
certificate_key=$secrets/localhost.key
system_user=marquee

# What runs has its port; only up may move a stack.
find_port()	# COMMAND
{
	if [[ -r $etc/port && ($1 != up || -z ${MARQUEE_PORT:-}) ]]; then
		port=$(<"$etc/port")
	else
		port=${MARQUEE_PORT:-8443}
	fi
}

fail()
{
	! declare -F step_failed >/dev/null || step_failed
	echo "$called: $*" >&2
	exit 1
}

bad_usage()
{
	echo "$called: $*" >&2
	# The explanations would push that out of sight.
	usage | sed '/^$/,$d' >&2
	echo "$called $command --help says more." >&2
	exit 2
}

# Polls until COMMAND succeeds, for SECONDS at most.
wait_until()	# SECONDS COMMAND...
{
	local deadline=$((${EPOCHREALTIME/./} + $1 * 1000000))

	shift
	until "$@"; do
		((${EPOCHREALTIME/./} < deadline)) || return 1
		sleep 0.03
	done
}

check_stack()
{
	local longest=$run/mediastatistics.99.sock lowest

	read -r lowest </proc/sys/net/ipv4/ip_unprivileged_port_start

	[[ $state =~ ^/[A-Za-z0-9/_.+-]+$ ]] ||
		fail "MARQUEE_STATE must be an absolute path of letters, digits and /_.+-, not '$state'."
	# A unix socket's path has 108 bytes with its final NUL.
	((${#longest} < 108)) ||
		fail "MARQUEE_STATE is too long for unix sockets: $((${#longest} - 107)) bytes over ($state)."
	[[ $port =~ ^[1-9][0-9]{0,4}$ && $port -lt 65529 ]] ||
		fail "MARQUEE_PORT must be a number from 1 to 65528, not '$port'."
	((port >= lowest)) ||
		fail "MARQUEE_PORT is $port, but ports below $lowest are root's, and the stack does not run as root."
}

# Root makes only these: nothing below a folder that another user owns.
top_folders()	# [INSTALL-OPTION...]
{
	local name

	for name in etc keys tls log nginx pg public redis var; do
		install -d -m 0755 "$@" "$state/$name"
	done
	# nginx lets anyone use its sockets who may enter.
	install -d -m 0750 "$@" "$run"
	install -d -m 0700 "$@" "$secrets" "$state/mail"
}

inner_folders()
{
	install -d -m 0755 "$etc" "$state/etc/postgres"
	install -d -m 0700 "$secrets/token" "$run/pg"
}

make_system_user()
{
	getent passwd "$system_user" >/dev/null ||
		useradd --system --user-group --home-dir /nonexistent --no-create-home \
			--shell /usr/sbin/nologin "$system_user"
}

# Root only makes the user and the folders; the rest is done as that user.
# The top folder stays root's: root runs the programs in it.
leave_root()
{
	make_system_user
	if declare -F makes_state >/dev/null; then
		install -d -m 0755 "$state"
		top_folders -o "$system_user" -g "$system_user"
	fi
	cd /
	exec setpriv --reuid "$system_user" --regid "$system_user" --clear-groups --no-new-privs \
		env HOME="$state/var" USER="$system_user" LOGNAME="$system_user" MARQUEE_STATE="$state" \
		MARQUEE_CALLED_IN="$called_in" \
		bash "$bindir/marqueectl" "$@"
}

# A command that makes the stack says so by makes_state, one that needs none by needs_nothing.
stack_enter()	# COMMAND [ARGUMENT...]
{
	check_stack
	if declare -F needs_nothing >/dev/null; then
		return
	fi
	if [[ ! -d $run ]] && ! declare -F makes_state >/dev/null; then
		[[ -e $etc/marquee.conf || ! -e $sysconfdir/marquee/users.conf ]] ||
			fail "this server runs under systemd, not as a stack; deploy/README.md says how it is asked."
		fail "there is no stack in $state; $called up makes one."
	fi
	if ((EUID == 0)); then
		leave_root "$@"
	fi
	if [[ -d $run && ! -O $run ]]; then
		fail "the stack in $state belongs to $(stat -c %U "$run")."
	fi
	if declare -F makes_state >/dev/null; then
		top_folders
		inner_folders
	fi
	load process secrets keys postgres cluster redis services
}

load()
{
	local name

	# A caller's PGHOST or PGOPTIONS must not reach our own clients.
	unset "${!PG@}"
	for name; do
		# shellcheck source=/dev/null
		. "$here/lib/$name.sh"
	done
}

# One command at a time changes a stack.  What it starts must close the lock.
lock_stack()
{
	exec {lock}>"$run/lock"
	if ! flock -n "$lock"; then
		echo "Another command works on this stack; waiting for it." >&2
		flock -w 120 "$lock" || fail "it did not end in two minutes."
	fi
}

unlock_stack()
{
	exec {lock}>&-
	lock=
}
