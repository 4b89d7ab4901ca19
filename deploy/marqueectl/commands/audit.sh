# audit: shows what administrators and services did.
# shellcheck shell=bash
# shellcheck disable=SC2154

usage()
{
	cat <<-USAGE
	usage: $called audit [--domain DOMAIN] [--since TIME] [--json]

	Shows what administrators and services did, oldest first, in every domain if
	nothing else is said: when (UTC), domain, who, what they did, to whom or what,
	status, details.  Keys are not in it.  TIME is whatever date(1) reads as one:
	yesterday, 14:00, '5 minutes ago', '2026-11-20 14:00+01'.

	  --json   an object a line, with all that is kept
	USAGE
}

main()
{
	local domain='' since=-infinity form=lines

	while (($#)); do
		case $1 in
		--domain|--since)
			(($# > 1)) || bad_usage "audit: $1 needs a value."
			[[ $1 = --domain ]] && domain=$2 || since=$2
			shift ;;
		--json)	form=json ;;
		*)	bad_usage "audit: '$1' is not understood." ;;
		esac
		shift
	done
	[[ $domain =~ ^[a-z0-9_]*$ ]] || bad_usage "audit: '$domain' is no domain."
	if [[ $since != -infinity ]]; then
		since=$(date -u -d "${since:-no}" +%FT%T.%NZ 2>/dev/null) || bad_usage "audit: --since is no time."
	fi
	open_cluster
	running "$primary" || fail "the database, $primary, does not run; $called up starts it."
	show_acts "$domain" "$since" "$form"
}

show_acts()	# DOMAIN SINCE FORM
{
	local acts

	acts=$(audited_schemas "$1" "$2") || fail "the database cannot be asked."
	[[ -n $acts ]] || fail "there is no audit log of ${1:-any domain}."
	# psql says what is wrong; a reader who has enough, as head, is no failure to speak of.
	sql "$primary" "with act as ($acts) $(form_"$3")" marquee || exit 1
}

# One statement that reads the table of each domain, or of one.
audited_schemas()	# DOMAIN SINCE
{
	sql "$primary" "
		select string_agg(format('select %L as domain, audit.* from %I.audit where at >= %L',
		                         nspname, nspname, '$2'), ' union all ' order by nspname)
		  from pg_namespace n
		  join pg_class c on c.relnamespace = n.oid and c.relname = 'audit' and c.relkind = 'r'
		 where '$1' in ('', nspname)" marquee
}

# What a path had in it is shown on its one line.
form_lines()
{
	echo "select regexp_replace(concat_ws('  ', to_char(at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), domain,
	                coalesce(actor_name, actor_id::text), action, nullif(array_to_string(target, ' '), ''),
	                status, nullif(details, '{}')), '[[:cntrl:]]', '?', 'g')
	        from act order by at, domain, id"
}

form_json()
{
	echo "select to_json(act) from act order by at, domain, id"
}
