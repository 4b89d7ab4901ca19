#!/bin/bash
# Stories of new releases under load: nothing that a client sent is lost.
cd "$(dirname "$0")/../e2e"
. ./lib.sh
. ./stack.sh

token=$(service_token)
as="Authorization: Bearer $token"
program=$state/usr/sbin/marquee-probe
cp -p "$program" "$scratch/release"
expect 201 POST /api/probe/notes '{"text":"first"}' -H "$as"
note=/api/probe/notes/$(json note_id)

put_release() {	# FILE: as a package does, by a rename
	cp -p "$1" "$program.new"
	mv "$program.new" "$program"
}

counter() {	# NAME
	$CURL --unix-socket "$state/run/ops.sock" http://localhost/probe/metrics | awk -v name="$1" 'index($1, name "{") == 1 { print $2 }'
}

rolled_since() {
	[[ $(counter marquee_rolls_total) -gt $1 ]]
}

two_workers() {
	[[ $(workers probe | wc -l) = 2 ]]
}

gave_up_since() {
	[[ $(counter marquee_failed_rolls_total) -gt $1 ]]
}

# Reads and writes go on while the command runs; then all of them were answered well.
under_load() {
	notes=$(sql 'select count(*) from probe.note')
	load 4000 "$note" >"$scratch/reads" &
	reads=$!
	load 1500 /api/probe/notes -H "$as" -H 'Content-Type: application/json' -d '{"text":"on the way"}' >"$scratch/writes" &
	writes=$!
	"$@"
	wait "$reads" "$writes"
	same reads "200 4000" "$(cat "$scratch/reads")"
	same writes "201 1500" "$(cat "$scratch/writes")"
	same "notes kept" $((notes + 1500)) "$(sql 'select count(*) from probe.note')"
}

roll() {
	before=$(counter marquee_rolls_total)
	kill -HUP "$(master probe)"
	until_true 60 rolled_since "$before"
}

a_roll_under_load_loses_nothing() {
	old=$(workers probe | sort | paste -sd ' ')
	under_load roll
	for pid in $old; do
		! kill -0 "$pid" 2>/dev/null || until_true 30 gone "$pid"
	done
}

gone() {
	! kill -0 "$1" 2>/dev/null
}

a_new_release_takes_over_under_load() {
	cp "$scratch/release" "$scratch/next"
	printf 'next' >>"$scratch/next"
	put_release "$scratch/next"
	under_load roll
	until_true 30 two_workers
	for pid in $(workers probe); do
		# The link says "(deleted)" of a program that was replaced.
		same "program of $pid" "$program" "$(readlink "/proc/$pid/exe")"
	done
	put_release "$scratch/release"
}

a_release_that_does_not_start_is_given_up() {
	until_true 30 two_workers
	old=$(workers probe | sort | paste -sd ' ')
	before=$(counter marquee_failed_rolls_total)
	printf '#!/bin/sh\nexit 1\n' >"$scratch/broken"
	chmod 0755 "$scratch/broken"
	put_release "$scratch/broken"
	kill -HUP "$(master probe)"
	until_true 20 gave_up_since "$before"
	put_release "$scratch/release"
	same "workers" "$old" "$(workers probe | sort | paste -sd ' ')"
	expect 200 GET "$note"
}

nginx_reloads() {
	kill -HUP "$(master nginx)"
}

# How many of a load had that status.
count() {	# STATUS FILE
	awk -v status="$1" '$1 == status { print $2; found = 1 } END { if (!found) print 0 }' "$2"
}

# nginx closes idle connections when it reloads, and HTTP/1.1 has no word for
# that: what a client sends on one at that moment meets a closed door, at most
# once on each of its 16. Whoever is answered is answered well.
a_reload_of_nginx_under_load_refuses_nobody_and_keeps_what_it_acknowledged() {
	notes=$(sql 'select count(*) from probe.note')
	load 4000 "$note" >"$scratch/reads" &
	reads=$!
	load 1500 /api/probe/notes -H "$as" -H 'Content-Type: application/json' -d '{"text":"on the way"}' >"$scratch/writes" &
	writes=$!
	nginx_reloads
	wait "$reads" "$writes"
	same "statuses of reads" 200 "$(awk '$1 != "000" { print $1 }' "$scratch/reads")"
	same "statuses of writes" 201 "$(awk '$1 != "000" { print $1 }' "$scratch/writes")"
	(($(count 000 "$scratch/reads") <= 16 && $(count 000 "$scratch/writes") <= 16)) ||
		fail "unanswered: $(cat "$scratch/reads" "$scratch/writes")"
	kept=$(($(sql 'select count(*) from probe.note') - notes))
	((kept >= $(count 201 "$scratch/writes") && kept <= 1500)) || fail "$kept notes of $(cat "$scratch/writes")"
}

tell a_roll_under_load_loses_nothing \
    a_new_release_takes_over_under_load \
    a_release_that_does_not_start_is_given_up \
    a_reload_of_nginx_under_load_refuses_nobody_and_keeps_what_it_acknowledged
