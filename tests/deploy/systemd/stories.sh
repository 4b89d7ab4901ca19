#!/bin/bash
# Stories of the units under load, told inside the booted server.
BASE=https://localhost
CURL="curl -sS --cacert /etc/marquee/tls/cert.pem"
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/../../e2e/lib.sh"

pool=marquee@probe.service
program=/usr/sbin/marquee-probe
token=$(cd /etc/marquee/secrets && marquee-users --issue-token tester service)
as="Authorization: Bearer $token"
expect 201 POST /api/probe/notes '{"text":"first"}' -H "$as"
note=/api/probe/notes/$(json note_id)

until_true() {	# SECONDS COMMAND...
	limit=$((SECONDS + $1))
	shift
	until "$@"; do
		((SECONDS < limit)) || fail "never became true: $*"
		sleep 0.05
	done
}

master() {
	systemctl show --property MainPID --value "$pool"
}

is_active() {
	[[ $(systemctl is-active "$pool") = active ]]
}

is_up_again() {	# OLD
	is_active && [[ $(master) != "$1" ]]
}

notes() {
	psql -d marquee -X -q -At -c 'select count(*) from probe.note'
}

# requests NAME PATH [CURL ARGUMENT...]: side by side until the load ends; "STATUS SECONDS" lines.
requests() {
	name=$1 path=$2
	shift 2
	for ((i = 0; i < 200; i++)); do
		printf 'url = "%s"\noutput = /dev/null\n' "$BASE$path"
	done >"$scratch/$name.urls"
	while [[ -e $scratch/loading ]]; do
		# shellcheck disable=SC2086
		$CURL -Z --parallel-max 16 --no-progress-meter -w '%{http_code} %{time_total}\n' "$@" \
		    -K "$scratch/$name.urls" 2>>"$scratch/errors" || :
	done >"$scratch/$name"
}

has_lines() {	# NAME COUNT
	[[ $(wc -l <"$scratch/$1") -ge $2 ]]
}

both_go_on() {
	for name in reads writes; do
		until_true 20 has_lines "$name" $(($(wc -l <"$scratch/$name") + 400))
	done
}

counted() {	# NAME
	cut -d ' ' -f 1 "$scratch/$1" | sort | uniq -c | awk '{ printf "%s%s %s", sep, $2, $1; sep = ", " }'
}

# Up to a second of it is a pause of curl's own.
slowest() {	# NAME
	sort -k 2 -n "$scratch/$1" | tail -n 1 | cut -d ' ' -f 2
}

# Reads and writes go on before, while and after the command runs.
under_load() {
	before=$(notes)
	: | tee "$scratch/loading" "$scratch/errors" "$scratch/reads" >"$scratch/writes"
	requests reads "$note" &
	reads=$!
	requests writes /api/probe/notes -H "$as" -H 'Content-Type: application/json' -d '{"text":"on the way"}' &
	writes=$!
	until_true 20 has_lines reads 400
	until_true 20 has_lines writes 400
	"$@"
	both_go_on
	rm "$scratch/loading"
	wait "$reads" "$writes"
	printf '#   reads: %s, slowest %s s; writes: %s, slowest %s s; notes %s\n' "$(counted reads)" "$(slowest reads)" \
	    "$(counted writes)" "$(slowest writes)" "$(($(notes) - before))"
}

nothing_was_lost() {
	same reads 200 "$(cut -d ' ' -f 1 "$scratch/reads" | sort -u)"
	same writes 201 "$(cut -d ' ' -f 1 "$scratch/writes" | sort -u)"
	same "notes kept" $((before + $(wc -l <"$scratch/writes"))) "$(notes)"
}

restart() {
	old=$(master)
	systemctl restart "$pool"
	is_up_again "$old" || fail "the pool was not restarted"
}

rolls() {
	journalctl --quiet --unit "$pool" --grep '"message":"rolled"' --output cat --no-pager | wc -l
}

has_rolled() {	# BEFORE
	[[ $(rolls) -gt $1 ]]
}

reload() {
	rolled=$(rolls)
	systemctl reload "$pool"
	until_true 30 has_rolled "$rolled"
}

put_release() {	# FILE: as a package does, by a rename
	cp -p "$1" "$program.new"
	mv "$program.new" "$program"
}

stop_and_start() {
	old=$(master)
	systemctl stop "$pool" 2>/dev/null
	systemctl start "$pool"
	until_true 20 is_up_again "$old"
}

kill_master() {
	old=$(master)
	kill -KILL "$old"
	until_true 20 is_up_again "$old"
}

stop_master() {
	old=$(master)
	kill -STOP "$old"
	until_true 40 is_up_again "$old"
}

status_says() {
	[[ $(systemctl show --property StatusText --value "$pool") = "$1" ]]
}

a_restart_under_load_loses_nothing() {
	under_load restart
	nothing_was_lost
}

a_reload_under_load_loses_nothing() {
	old=$(master)
	under_load reload
	nothing_was_lost
	same master "$old" "$(master)"
}

an_upgrade_and_a_restart_under_load_lose_nothing() {
	cp -p "$program" "$scratch/next"
	printf 'next' >>"$scratch/next"
	put_release "$scratch/next"
	under_load restart
	nothing_was_lost
	# The link says "(deleted)" of a program that was replaced.
	same "program of the master" "$program" "$(readlink "/proc/$(master)/exe")"
}

a_release_that_does_not_start_changes_nothing() {
	cp -p "$program" "$scratch/good"
	old=$(pgrep -P "$(master)" | paste -sd ' ')
	printf '#!/bin/sh\nexit 1\n' >"$scratch/broken"
	chmod 0755 "$scratch/broken"
	put_release "$scratch/broken"
	systemctl reload "$pool"
	until_true 20 status_says 'The last reload was given up: a new worker did not start.'
	put_release "$scratch/good"
	same workers "$old" "$(pgrep -P "$(master)" | paste -sd ' ')"
	expect 200 GET "$note"
}

requests_wait_in_the_sockets_of_a_stopped_pool() {
	under_load stop_and_start
	nothing_was_lost
}

the_first_request_starts_a_stopped_pool() {
	systemctl stop "$pool" 2>/dev/null
	same state inactive "$(systemctl is-active "$pool" || :)"
	expect 200 GET "$note"
	until_true 10 is_active
}

a_master_killed_under_load_loses_nothing() {
	under_load kill_master
	nothing_was_lost
}

the_watchdog_replaces_a_stuck_master_and_loses_nothing() {
	under_load stop_master
	nothing_was_lost
	journalctl --quiet --unit "$pool" --grep 'Watchdog timeout' --output cat --no-pager | grep -q . ||
		fail "it was not the watchdog"
}

a_pool_sees_no_secret_but_its_own() {
	inside="nsenter --target $(master) --mount setpriv --reuid marquee --regid marquee --clear-groups"
	same "secrets it is given" "marquee@probe.service/probe.password marquee@probe.service/probe.service" \
	    "$($inside find /run/credentials -type f -printf '%P\n' | sort | paste -sd ' ')"
	! $inside cat /etc/marquee/secrets/probe.password 2>/dev/null || fail "it reads the folder of root"
	same "who may connect" "660 root www-data" "$(stat -c '%a %U %G' /run/marquee/probe.1.sock)"
}

active_kid() {
	marqueectl keys --json | jq -r '.[] | select(.state == "active") | .kid'
}

signs_with() {	# KID: a person who signs in now
	log_in_as "$name"
	header=$(printf %s "${token%%.*}" | tr -- '-_' '+/')
	same "kid of a new token" "$1" "$(printf '%s==' "$header" | base64 -di 2>/dev/null | jq -r .kid)"
}

keys_rotate_once_without_a_restart_and_again_after_one() {
	person kay
	first=$(active_kid)
	signs_with "$first"
	old_token=$as
	marqueectl keys rotate >"$scratch/rotate" || fail "$(cat "$scratch/rotate")"
	grep -q 'systemctl restart marquee@users' "$scratch/rotate" || fail "it says nothing of a restart"
	second=$(active_kid)
	[[ $second != "$first" ]] || fail "nothing was rotated"
	signs_with "$second"
	expect 200 GET "/api/users/$user_id" -H "$old_token"
	! marqueectl keys rotate 2>"$scratch/refusal" || fail "it rotates to a key that the pool has not got"
	grep -q 'systemctl restart marquee@users' "$scratch/refusal" || fail "$(cat "$scratch/refusal")"
	systemctl restart marquee@users
	marqueectl keys rotate >"$scratch/rotate" || fail "$(cat "$scratch/rotate")"
	signs_with "$(active_kid)"
	expect 200 GET "/api/users/$user_id" -H "$old_token"
}

# --- what is told live, and the bus ---

listens() {	# [CURL ARGUMENT...]: the person, to $scratch/heard
	: >"$scratch/heard"
	# shellcheck disable=SC2086
	$CURL -N -H "$as" -H 'Accept: text/event-stream' "$@" "$BASE/ws/notifications/$user_id" >"$scratch/heard" 2>/dev/null &
	listener=$!
	until_true 20 heard '"type":"joined"'
}

heard() {	# PATTERN
	grep -qE -- "$1" "$scratch/heard"
}

tell_person() {	# MESSAGE
	expect 200 POST /api/notifications "{\"user_id\":\"$user_id\",\"type\":\"news\",\"message\":\"$1\"}" -H "$service"
}

is_gone() {	# PID
	! kill -0 "$1" 2>/dev/null
}

an_event_stream_goes_on_after_a_restart_of_the_gateway() {
	service=$as
	person lee
	listens
	tell_person first
	until_true 20 heard '"message": ?"first"'
	id=$(sed -n 's/^id: //p' "$scratch/heard" | tail -n 1)
	systemctl restart marquee-realtime
	until_true 20 is_gone "$listener"
	heard '^retry: ' || fail "it was not told when to come back"
	tell_person second
	listens -H "Last-Event-ID: $id"
	until_true 20 heard '"message": ?"second"'
	! heard '"message": ?"first"' || fail "it hears again what it has"
}

# What the README says, where systemd.sh has put it.
readme() {	# NAME of the block
	awk -v begin="\`\`\`sh $1" '$0 == begin { runs = 1; next } /^```$/ { runs = 0 } runs' /installed/deploy/README.md
}

run_readme() {
	readme "$1" >"$scratch/$1.sh"
	[[ -s $scratch/$1.sh ]] || fail "the README says nothing of a $1"
	bash -eux "$scratch/$1.sh" >"$scratch/$1.log" 2>&1 || fail "$(cat "$scratch/$1.log")"
}

all_notes_came_back() {
	[[ $(psql -d marquee -X -q -At -c 'select count(*) from probe.note n
	    where (select count(*) from probe.taken t where t.note_id = n.note_id) <> 1') = 0 ]]
}

role() {	# ADDRESS
	redis-cli -h "$1" -p 6380 role | head -n 1
}

has_role() {	# ADDRESS ROLE
	[[ $(role "$1") = "$2" ]]
}

master_link_is_up() {	# ADDRESS
	redis-cli -h "$1" -p 6380 info replication | grep -q '^master_link_status:up'
}

another_bus_is_promoted_and_all_follow_without_a_restart() {
	service=$as
	until_true 60 all_notes_came_back
	until_true 20 master_link_is_up 127.0.0.2
	pids=$(pgrep -x 'marquee-probe|marquee-realtim' | paste -sd ' ')
	person lee
	listens
	tell_person before
	until_true 20 heard '"message": ?"before"'
	run_readme promotion
	expect 201 POST /api/probe/notes '{"text":"by the other bus"}' -H "$service"
	tell_person after
	until_true 30 heard '"message": ?"after"'
	until_true 30 all_notes_came_back
	same processes "$pids" "$(pgrep -x 'marquee-probe|marquee-realtim' | paste -sd ' ')"
	run_readme return
	until_true 20 has_role 127.0.0.1 slave
	until_true 20 master_link_is_up 127.0.0.1
	same "role of the new one" master "$(role 127.0.0.2)"
	kill "$listener"
}

the_units_are_sound() {
	same verify "" "$(systemd-analyze verify "$pool" marquee@probe.socket marquee-jobs@probe.service \
	    marquee-realtime.socket marquee-realtime.service marquee-nginx.service marquee.target 2>&1)"
	for unit in "$pool" marquee-jobs@probe.service marquee-realtime.service; do
		systemd-analyze security --no-pager --threshold 12 "$unit" >"$scratch/security" ||
			fail "$(grep ✗ "$scratch/security")"
		printf '#   %s\n' "$(grep Overall "$scratch/security")"
	done
}

# A relay's is taken over by the next one.
nothing_is_left() {
	! pgrep -u marquee >/dev/null && [[ -z $(find /run/marquee -name '*.sock' ! -name '*.relay.sock') ]]
}

the_target_stops_and_starts_it_all() {
	systemctl stop marquee.target
	until_true 40 nothing_is_left
	systemctl start marquee.target
	expect 200 GET "$note"
}

tell the_units_are_sound \
    a_pool_sees_no_secret_but_its_own \
    keys_rotate_once_without_a_restart_and_again_after_one \
    a_restart_under_load_loses_nothing \
    a_reload_under_load_loses_nothing \
    an_upgrade_and_a_restart_under_load_lose_nothing \
    a_release_that_does_not_start_changes_nothing \
    requests_wait_in_the_sockets_of_a_stopped_pool \
    the_first_request_starts_a_stopped_pool \
    a_master_killed_under_load_loses_nothing \
    the_watchdog_replaces_a_stuck_master_and_loses_nothing \
    an_event_stream_goes_on_after_a_restart_of_the_gateway \
    another_bus_is_promoted_and_all_follow_without_a_restart \
    the_target_stops_and_starts_it_all
