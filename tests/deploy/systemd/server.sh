#!/bin/bash
# Runs as a job of the booted server: installs as deploy/README.md says, then tells the stories.
# usage: server.sh TESTS INSTALLED, both folders of the host
set -eu
export LC_ALL=C.UTF-8 HOME=/root
tests=$1 installed=$2

say()
{
	printf '# %4d s  %s\n' "$SECONDS" "$*"
}

# All pools that are installed: the tree of the tests has more than the README knows.
domains()
{
	find "$installed/root/usr/sbin" -name 'marquee-*' ! -name marquee-realtime -printf '%f\n' | sed 's/^marquee-//' | sort | paste -sd ' '
}

# What the README tells to run, with the test's own name and pools.
readme()
{
	awk '/^```sh$/ { runs = 1; next } /^```$/ { runs = 0 } runs' "$installed/deploy/README.md" |
		sed "s/^name=.*/name=localhost domains='$(domains)'/"
}

say "systemd $(systemctl --version | awk 'NR == 1 { print $2 }') is up"
cp -a "$installed/root/." /
install -d /etc/marquee/tls
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
	-addext 'subjectAltName=DNS:localhost' -keyout /etc/marquee/tls/key.pem -out /etc/marquee/tls/cert.pem 2>/dev/null
readme >/root/readme.sh
bash -eux /root/readme.sh >/root/readme.log 2>&1 || {
	say "a step of the README fails:"
	tail -n 30 /root/readme.log
	journalctl --no-pager -n 30
	exit 1
}
say "Marquee is installed and runs"
exec "$tests/deploy/systemd/stories.sh"
