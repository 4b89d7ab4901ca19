# Live sport from nginx's cache, beside files of the same size from the same nginx, both with TLS.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154

offset+=([static_tls]=0)
path+=([ongoing]=/api/sports/ongoing-events [game]=/api/sports/games/00000000-0000-7000-8000-000000000001
	[static_tls/ongoing]=/ongoing.json [static_tls/game]=/game.json)

bench_cache()
{
	local kind

	need_stack small
	marquee psql primary -q -v ON_ERROR_STOP=1 <"$here/games.sql" >/dev/null
	for kind in ongoing game; do
		make_file "$kind"
		compete "cache/$kind" "$kind" 32 marquee_tls static_tls
	done
}

# As long as what the cache has by then.
make_file()	# KIND
{
	local size file asked=0

	url marquee_tls "$1"
	until [[ $(ask "$REPLY" '%header{x-cache}') = HIT ]]; do
		((++asked < 100)) || fail "nginx does not keep $REPLY"
	done
	curl -sSkf -o "$state/public/$1.json" "$REPLY"
	size=$(ask "$REPLY" '%{size_download}')
	url static_tls "$1"
	file=$(ask "$REPLY" '%{size_download}')
	((file == size)) || fail "$1: $file bytes as a file, $size from the cache."
	say "$1: $size bytes"
}

ask()	# URL WHAT
{
	curl -sSkf -o "$work/answer" -w "$2" "$1"
}
