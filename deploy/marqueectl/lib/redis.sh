# Redis: the bus and its replica, the cache's nodes, and the one that counts.
# shellcheck shell=bash
# shellcheck disable=SC2154

# The bus loses nothing when it is killed, and forgets nothing for want of room.
bus_terms='256mb noeviction yes'

# Sets bus, the one on record, whatever it is just now, and bus_replica.
open_bus()
{
	bus=bus bus_replica=bus2
	[[ "$(cat "$state/redis/primary" 2>/dev/null)" != bus2 ]] || bus=bus2 bus_replica=bus
}

# Written before the other one is promoted, so that a broken off promotion is finished by up.
record_bus()	# NAME
{
	echo "$1" | keep "$state/redis/primary" 0644
	open_bus
}

# Pools and the gateway find it by this name, each time they connect.
point_to_bus()	# NAME
{
	ln -sfn "$1.sock" "$run/bus-primary.new"
	mv -T "$run/bus-primary.new" "$run/bus-primary.sock"
}

bus_up()
{
	open_bus
	[[ -e $state/redis/$bus/appendonlydir || ! -e $state/redis/$bus_replica/appendonlydir ]] ||
		fail "$bus is the bus on record, but its files are gone, and an empty one would empty $bus_replica: $called promote $bus_replica."
	point_to_bus "$bus"
	start_redis "$bus" $((port + 4)) 0 "$bus_terms"
	start_redis "$bus_replica" 0 $((port + 4)) "$bus_terms"
}

redis_up()	# small: one that is the bus too; else '' for all of them
{
	local number name

	if [[ $1 = small ]]; then
		: >"$etc/one-redis"
		ln -sfn redis.sock "$run/bus.sock"
		point_to_bus redis
		start_redis redis 0 0 '256mb volatile-lru yes'
	else
		rm -f "$etc/one-redis"
		[[ ! -L $run/bus.sock ]] || rm "$run/bus.sock"
		start_redis redis 0 0 '64mb allkeys-lru no'
		bus_up
		for number in 1 2 3; do
			start_redis "cache$number" $((port + 4 + number)) 0 '64mb allkeys-lru no'
			start_redis "cache${number}r" 0 $((port + 4 + number)) '64mb allkeys-lru no'
		done
	fi
	for name in $(redis_names); do
		wait_ready "$name" 10 redis_answers "$name"
	done
}

redis_names()
{
	if [[ -e $etc/one-redis ]]; then
		echo redis
	else
		printf '%s\n' redis bus bus2 cache1 cache1r cache2 cache2r cache3 cache3r
	fi
}

# All are asked by their sockets.  Replicas come by TLS with a certificate that
# only the stack has: nobody else on this machine can connect.
write_redis()	# NAME PORT PRIMARY 'MEMORY POLICY LOG'; a port of 0: none. Sets settings, their sum.
{
	local memory policy keeps

	read -r memory policy keeps <<<"$4"
	install -d -m 0700 "$state/redis/$1"
	{
		cat <<-CONF
		port 0
		tls-port $2
		bind 127.0.0.1
		tls-cert-file $secrets/redis.pem
		tls-key-file $secrets/redis.pem
		tls-ca-cert-file $secrets/redis.pem
		tls-replication yes
		unixsocket $run/$1.sock
		unixsocketperm 660
		dir $state/redis/$1
		save ""
		databases 1
		maxmemory $memory
		maxmemory-policy $policy
		appendonly $keeps
		appendfsync everysec
		CONF
		[[ $3 = 0 ]] || echo "replicaof 127.0.0.1 $3"
		[[ $keeps = no ]] || keeping_settings
	} | keep_changed "$state/etc/$1.conf" 0600
	settings=$(cksum <"$state/etc/$1.conf")
}

# Most channels have a message or two.  A log that is made anew soon keeps nobody's
# words for long; it grows by a kilobyte a second when nothing happens.
keeping_settings()
{
	cat <<-CONF
	stream-node-max-bytes 1024
	auto-aof-rewrite-min-size 4mb
	CONF
}

start_redis()	# as write_redis
{
	local settings

	write_redis "$@"
	[[ $settings = "$(cat "$run/$1.release" 2>/dev/null)" ]] || stop "$1" TERM 10
	running "$1" || spawn "$1" redis-server "$state/etc/$1.conf"
	echo "$settings" | keep "$run/$1.release" 0644
}

redis_answers()	# NAME
{
	[[ $(ask_redis "$1" ping) = PONG ]]
}

ask_redis()	# NAME WORD...; an error is an answer too
{
	timeout 5 redis-cli -s "$run/$1.sock" "${@:2}" 2>/dev/null || true
}

# A member of INFO replication.
replication_of()	# NAME MEMBER
{
	ask_redis "$1" info replication | tr -d '\r' | sed -n "s/^$2://p"
}

# As the setting has them: PRIMARY,REPLICA with spaces between.
cache_nodes()
{
	if [[ -e $etc/one-redis ]]; then
		echo "$run/redis.sock"
	else
		echo "$run/cache1.sock,$run/cache1r.sock $run/cache2.sock,$run/cache2r.sock $run/cache3.sock,$run/cache3r.sock"
	fi
}
