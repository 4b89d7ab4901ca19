#!/bin/bash
# Stories of what is kept in Redis: standings, on a ring of nodes that have replicas.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/stack.sh
. "$(dirname "$0")/stack.sh"

nodes="cache1 cache2 cache3"

ask() {	# NODE COMMAND...
	redis-cli -s "$state/run/$1.sock" "${@:2}"
}

followed() {	# NODE
	[[ $(ask "$1" info replication | tr -d '\r' | grep -c 'state=online') = 1 ]]
}

# A season without games; sets $season and $path.
new_season() {
	sql "insert into sports.category (name) values ('Curling') on conflict do nothing" >/dev/null
	season=$(sql "with made as (
	        insert into sports.competition (category_id, name)
	        select category_id, '$(unique cup)' from sports.category where name = 'Curling' returning competition_id)
	    insert into sports.season (competition_id, name) select competition_id, '2026' from made returning season_id")
	path=/api/sports/seasons/$season/standings
}

# Sets $node, the one that has what is asked by $path; $key is its name there.
is_kept() {
	key="cache:$path?"
	for node in $nodes; do
		[[ $(ask "$node" exists "$key") = 0 ]] || return 0
	done
	return 1
}

every_node_has_its_replica() {
	for node in $nodes bus; do
		until_true 20 followed "$node"
	done
}

a_replica_is_for_who_has_the_key() {
	! redis-cli -h 127.0.0.1 -p $((MARQUEE_TEST_PORT + 5)) ping >"$scratch/plain" 2>&1 || ! grep -q PONG "$scratch/plain" ||
		fail "without TLS: $(cat "$scratch/plain")"
	! redis-cli -h 127.0.0.1 -p $((MARQUEE_TEST_PORT + 5)) --tls --insecure ping >"$scratch/tls" 2>&1 ||
		! grep -q PONG "$scratch/tls" || fail "without a certificate: $(cat "$scratch/tls")"
}

standings_are_kept_as_they_were_answered() {
	new_season
	expect 200 GET "$path"
	is_kept || fail "no node has it"
	same body "$(body)" "$(ask "$node" get "$key")"
	left=$(ask "$node" ttl "$key")
	[[ $left -ge 1 && $left -le 60 ]] || fail "it is kept for $left s"
}

what_is_kept_is_answered_with_its_time() {
	new_season
	expect 200 GET "$path"
	is_kept
	ask "$node" set "$key" "$(body | sed 's/"as_of":"[^"]*"/"as_of":"2026-01-02T03:04:05.678Z"/')" >/dev/null
	# Another address of the same pool, so that nginx does not have it yet.
	expect 200 GET "$path" -H 'Host: localhost' --http1.1 -H 'Accept-Language: xx'
	until_true 20 says_that_time
}

says_that_time() {
	call GET "$path"
	[[ $(json as_of) = 2026-01-02T03:04:05.678Z ]]
}

what_is_not_there_is_not_kept() {
	path=/api/sports/seasons/01890000-0000-7000-8000-000000000000/standings
	expect 404 GET "$path"
	! is_kept || fail "$node has it"
}

dead_nodes_change_no_answer() {
	trap mend EXIT
	for node in $nodes; do
		kill -9 "$(master "$node")" "$(master "${node}r")"
	done
	for _ in 1 2 3; do
		new_season
		expect 200 GET "$path"
	done
}

tell every_node_has_its_replica \
    a_replica_is_for_who_has_the_key \
    standings_are_kept_as_they_were_answered \
    what_is_kept_is_answered_with_its_time \
    what_is_not_there_is_not_kept \
    dead_nodes_change_no_answer
