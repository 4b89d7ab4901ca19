# audit: shows what administrators and services did.
# shellcheck shell=bash
# shellcheck disable=SC2154

usage()
{
	cat <<-USAGE
	usage: $called audit [--domain DOMAIN] [--since TIME] [--json]

	Shows what administrators and services did, oldest first, in every domain if
	nothing else is said.  TIME is a date, a time, or whatever Postgres reads as
	one: yesterday, 2026-11-20 14:00+01.

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
	[[ $since =~ ^[A-Za-z0-9:.+\ -]+$ ]] || bad_usage "audit: '$since' is no time."
	open_cluster
	running "$primary" || fail "$primary does not run; $called up starts it."
	show_acts "$domain" "$since" "$form"
}

show_acts()	# DOMAIN SINCE FORM
{
	local acts

	acts=$(audited_schemas "$1" "$2") || fail "the database cannot be asked."
	[[ -n $acts ]] || fail "there is no audit log of ${1:-any domain}."
	sql "$primary" "with act as ($acts) $(form_"$3")" marquee || fail "the log cannot be read; is '$2' a time?"
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

form_lines()
{
	echo "select concat_ws('  ', to_char(at, 'YYYY-MM-DD HH24:MI:SS'), domain, coalesce(actor_name, actor_id::text),
	                action, nullif(array_to_string(target, ' '), ''), status, nullif(details, '{}'))
	        from act order by at, domain, id"
}

form_json()
{
	echo "select to_json(act) from act order by at, domain, id"
}
