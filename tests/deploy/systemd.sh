#!/bin/bash
# Boots a Debian 12 server with systemd in a container, installs Marquee there as
# deploy/README.md says, and tells stories of its units under load.  As root.
set -eu -o pipefail
export LC_ALL=C.UTF-8
: "${MARQUEE_TEST_STATE:?the folder of the test stack}"

source=$(cd "$(dirname "$0")/../.." && pwd -P)
work=${MARQUEE_TEST_STATE%/*}/systemd
packages=systemd,systemd-sysv,dbus,nginx-light,postgresql,redis-server,libfcgi0ldbl,libpq5,libjansson4,libjwt0,libsodium23,libssl3,libcurl4,libhiredis0.14,libzip4,libmaxminddb0,libwslay1,openssl,curl,jq,procps
machine=marquee-$$
limit_s=240

skip()
{
	echo "skipped: $*"
	exit 77
}

say()
{
	printf '# %4d s  %s\n' "$SECONDS" "$*"
}

# --- what it stands on ---

# Sources of this machine, if they are Debian 12: it may have a mirror of its own.
sources()
{
	local file

	for file in /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list; do
		if grep -qs '^[^#]*bookworm' "$file"; then
			echo "$file"
			return
		fi
	done
}

# A server as the installer leaves it, with the packages that the README names.  Kept from run to run.
make_server()
{
	if [[ "$(cat "$work/server.packages" 2>/dev/null)" = "$packages" ]]; then
		return
	fi
	say "makes a Debian server, once"
	rm -rf "$work/server" "$work/server.packages"
	# shellcheck disable=SC2046
	mmdebstrap --quiet --variant=essential --include="$packages" \
		--aptopt='Apt::Install-Recommends "false"' --aptopt='Acquire::Languages "none"' \
		--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		bookworm "$work/server" $(sources) >"$work/server.log" 2>&1 || {
			tail -n 20 "$work/server.log"
			exit 1
		}
	echo "$packages" >"$work/server.packages"
}

# As a package builder does.
build()
{
	say "builds for /usr"
	mkdir -p "$work/build"
	cd "$work/build"
	{
		[[ -e Makefile ]] || "$source/configure" --prefix=/usr --sysconfdir=/etc --localstatedir=/var
		make -s -j"$(nproc)"
		rm -rf "$work/installed"
		make -s install DESTDIR="$work/installed/root"
	} >"$work/build.log" 2>&1 || {
		tail -n 20 "$work/build.log"
		exit 1
	}
	cp -r "$source/deploy" "$work/installed/"
}

# --- the machine ---

# Where systemd is not the first process, nspawn wants a control group made for it.
control_groups()
{
	local group

	for group in /sys/fs/cgroup/systemd /sys/fs/cgroup/unified /sys/fs/cgroup; do
		[[ ! -e $group/cgroup.procs ]] || echo "$group"
	done
}

make_groups()
{
	local group

	[[ ! -d /run/systemd/system ]] || return 0
	for group in $(control_groups); do
		mkdir -p "$group/$machine" 2>/dev/null || skip "no control group can be made here."
	done
}

enter_groups()
{
	local group

	[[ ! -d /run/systemd/system ]] || return 0
	for group in $(control_groups); do
		echo "$BASHPID" >"$group/$machine/cgroup.procs"
	done
}

remove_groups()
{
	local group

	for group in $(control_groups); do
		[[ ! -d $group/$machine ]] || find "$group/$machine" -depth -type d -exec rmdir {} + 2>/dev/null || true
	done
}

write_job()
{
	rm -rf "$work/out"
	mkdir -p "$work/out"
	: >"$work/out/log"
	cat >"$work/job.service" <<-JOB
	[Unit]
	Description=Stories of Marquee
	After=multi-user.target
	[Service]
	Type=oneshot
	ExecStart=/bin/bash -c '/tests/deploy/systemd/server.sh /tests /installed >/out/log 2>&1; echo \$? >/out/status; systemctl exit 0'
	JOB
}

boot()
{
	local keep=()

	[[ -d /run/systemd/system ]] || keep=(--keep-unit)
	(
		enter_groups
		exec timeout --kill-after=10 "$limit_s" systemd-nspawn --quiet --directory="$work/server" --volatile=overlay --register=no "${keep[@]}" \
			--private-network --machine="$machine" --console=pipe \
			--bind-ro="$source/tests:/tests" --bind-ro="$work/installed:/installed" --bind="$work/out:/out" \
			--bind-ro="$work/job.service:/etc/systemd/system/job.service" \
			--boot systemd.wants=job.service </dev/null >"$work/console.log" 2>&1
	) &
	server=$!
	tail -n +1 -f --pid="$server" "$work/out/log" &
	reader=$!
}

# The first signal asks it to halt, the second is for now.
finish()
{
	while [[ -n ${server:-} ]] && kill "$server" 2>/dev/null; do
		sleep 0.2
	done
	remove_groups
	rmdir "/run/systemd/nspawn/propagate/$machine" 2>/dev/null || true
}

((EUID == 0)) || skip "not root."
for program in systemd-nspawn mmdebstrap; do
	command -v "$program" >/dev/null || skip "$program is not installed."
done
mkdir -p "$work"
trap finish EXIT
trap 'exit 130' INT TERM
make_groups
make_server
build
say "boots"
write_job
boot
wait "$server" || true
wait "$reader"
[[ -e $work/out/status ]] || {
	echo "The server ended before its stories did:"
	tail -n 20 "$work/console.log"
	exit 1
}
say "the server is off"
[[ $(<"$work/out/status") = 0 ]]
