# up: starts the stack and waits until it answers.
# shellcheck shell=bash
# shellcheck disable=SC2154

usage()
{
	cat <<-USAGE
	usage: $called up [-d] [--small] [--no-demo]

	Starts Postgres (a primary and two standbys), Redis, the pools and nginx, and
	waits until they answer.  Loads the demo, once, and keeps a game live by
	playing it again and again.  It stays in the foreground, prints what goes wrong,
	and ends the stack on Ctrl-C.  What runs already is left alone; pools whose
	program or settings changed are rolled.

	  -d, --detach   leave the stack running and return
	  --small        one Postgres node instead of three
	  --no-demo      no results, events and live game to look at
	USAGE
}

makes_state()
{
	:
}

main()
{
	local detach=no size='' demo_wanted=yes

	while (($#)); do
		case $1 in
		-d|--detach)	detach=yes ;;
		--small)	size=small ;;
		--no-demo)	demo_wanted=no ;;
		*)		bad_usage "up: '$1' is not understood." ;;
		esac
		shift
	done
	load progress demo
	lock_stack
	open_cluster
	was_up=no
	if [[ -e $run/up ]] && something_runs; then
		was_up=yes
		same_port
		echo "The stack in $state runs already; what is missing or changed is brought up."
	elif something_runs; then
		same_port
		echo "An earlier start was broken off; it is completed."
	else
		free_ports
	fi
	[[ $was_up = yes ]] || rm -f "$run/up"
	port_before=$(cat "$etc/port" 2>/dev/null || true)
	# A signal may come while a command's output goes into its log.
	exec {out}>&1 {err}>&2
	trap 'ended_early' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	echo "$port" | keep_changed "$etc/port" 0644

	step "secrets and certificate"
	make_secrets
	step_done
	step "Redis"
	redis_up
	step_done
	step "Postgres${size:+, one node}"
	cluster_up "$size"
	step_done
	step "schemas"
	logged "$log/migrate.log" migrate
	step_done
	step "pools and nginx"
	write_pools
	register_pools
	start_pools
	nginx_up
	pools_ready
	roll_pools
	stop_strangers
	make_demo_account
	step_done
	if [[ $demo_wanted = yes ]]; then
		bring_demo
	else
		stop live-game TERM 15
	fi

	: >"$run/up"
	unlock_stack
	greet
	if [[ $detach = no && $was_up = no ]]; then
		watch_stack
	fi
	trap - EXIT
}

# A start that is broken off leaves nothing running that it started.
ended_early()
{
	local status=$?

	trap '' INT TERM HUP
	exec 1>&"$out" 2>&"$err"
	step_failed
	# shellcheck disable=SC2046
	kill $(jobs -p) 2>/dev/null || true
	if [[ $was_up = no ]]; then
		[[ -n $lock ]] || lock_stack
		echo "Ending the stack."
		[[ -e $run/up ]] || forget_port
		rm -f "$run/up"
		services_down
		cluster_down
	fi
	exit "$status"
}

# One that did not work is not for the next start.
forget_port()
{
	if [[ -n $port_before ]]; then
		echo "$port_before" | keep_changed "$etc/port" 0644
	else
		rm -f "$etc/port"
	fi
}

same_port()
{
	local running_port

	running_port=$(cat "$etc/port" 2>/dev/null || echo "$port")
	((port == running_port)) ||
		fail "the stack in $state runs on port $running_port; $called down ends it, then it can move to $port."
}

free_ports()
{
	local taken

	for taken in "$port" $((port + 1)) $((port + 2)) $((port + 3)); do
		if (: <>/dev/tcp/127.0.0.1/"$taken") 2>/dev/null; then
			fail "port $taken is taken by another program; MARQUEE_PORT moves the stack (it uses $port to $((port + 3)))."
		fi
	done
}

# The account is made once; afterwards its password may have been changed.
make_demo_account()
{
	if [[ ! -e $secrets/demo-account.made && -x $sbindir/marquee-users ]]; then
		tr -d '\n' <"$secrets/demo-account.password" |
			logged "$log/demo-account.log" pool users --add-user demo demo@example.org user
		: >"$secrets/demo-account.made"
	fi
}

# A stack is of use without it, and the next start tries again.
bring_demo()
{
	if ! demo_is_loaded; then
		step "demo: results and events"
		if load_demo; then
			step_done
		else
			echo "The demo is not complete; $called demo load tries again." >&2
		fi
	fi
	step "demo: a live game"
	if live_game_up; then
		step_done
	else
		step_failed
		log_tail live-game
		echo "There is no live game." >&2
	fi
}

greet()
{
	local url=https://localhost:$port password

	password=$(<"$secrets/demo-account.password")
	cat <<-GREETING

	Marquee answers at $url
	  account   demo, password $password
	  mails     files in $state/mail
	  try       curl --cacert $certificate $url/api/users/login \\
	                -H 'Content-Type: application/json' \\
	                -d '{"username":"demo","password":"$password"}'
	GREETING
	! running live-game ||
		echo "  live      curl --cacert $certificate $url/api/sports/ongoing-events"
}

problems='^==> .* <==$|"level":"(error|warning)"| (FATAL|PANIC): |\[(error|crit|alert|emerg)\]'

# Until a signal comes or everything was ended elsewhere; one process that ends is said, not replaced.
watch_stack()
{
	local name said=''

	echo "  stop      Ctrl-C"
	echo
	follow_problems $$ 2>/dev/null &
	while something_runs; do
		for name in $(all_names); do
			if [[ -e $run/$name.process && $said != *" $name "* ]] && not_running "$name"; then
				said+=" $name "
				echo "$name ended; its log is $log/$name.log"
			fi
		done
		# A signal ends the wait, not the sleep.
		sleep 0.5 &
		wait $! || true
	done
	echo "The stack was ended."
}

# Pools log JSON, Postgres and nginx words of their own.  grep keeps the lines
# of every request away from the shell.
follow_problems()	# PID: until it ends
{
	local line name=''

	while IFS= read -r line; do
		case $line in
		'==> '*)	name=${line##*/} name=${name%.log*} ;;
		*)		echo "$name: $line" ;;
		esac
	done < <(tail --pid="$1" -n 0 -F "$log"/*.log 2>/dev/null | grep --line-buffered -E "$problems")
}
