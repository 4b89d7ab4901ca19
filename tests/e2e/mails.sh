#!/bin/bash
# How mails are delivered: to a server that takes them, refuses, hangs or is away.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/stack.sh
. "$(dirname "$0")/stack.sh"

# Of users, as owner.
sql() {
	ctl psql primary -X -q -At -c 'set search_path = users' -c "$1"
}

here=$(cd "$(dirname "$0")/.." && pwd)

# A server of our own, and jobs that know no other; those of the stack stand still meanwhile.
begin() {
	story=$(mktemp -d "$scratch/story.XXXXXX")
	stack_jobs=$(master users-jobs)
	# shellcheck disable=SC2064 # the process of now
	trap "kill -CONT $stack_jobs; kill -9 \$(jobs -p) 2>/dev/null || :" EXIT
	kill -STOP "$stack_jobs"
	"$here/fixtures/smtp-sink" "$story" &
	until_true 10 test -e "$story/port"
	deliver_to "smtp://127.0.0.1:$(cat "$story/port")"
}

deliver_to() {	# URL [SETTING...]
	printf '%s\n' "mail_folder =" "smtp = $1" "${@:2}" >"$story/jobs.conf"
}

answers() {
	printf '%s\n' "$@" >"$story/answers.new"
	mv "$story/answers.new" "$story/answers"
}

# Sets $jobs.
start_jobs() {
	"$state/usr/sbin/marquee-users" -c "$state/etc/marquee/marquee.conf" -c "$state/etc/marquee/users.conf" \
	    -c "$story/jobs.conf" --jobs 2>>"$story/log" &
	jobs=$!
}

# Sets $mail_id: a mail to a new person, as a change would write it.
write_mail() {	# [SUBJECT [TEXT]]
	[ -n "${user_id:-}" ] || person mia
	mail_id=$(sql "insert into mail (mail_id, user_id, recipient, subject, text)
	    select platform.uuid_v7(), user_id, email, \$s\$${1:-News}\$s\$, \$t\$${2:-Nothing much}\$t\$
	      from account where user_id = '$user_id' returning mail_id")
}

is() {	# CONDITION of the mail
	[ "$(sql "select 1 from mail where mail_id = '$mail_id' and $1")" = 1 ]
}

mails() {	# COUNT CONDITION, of that person
	[ "$(sql "select count(*) from mail where user_id = '$user_id' and $2")" = "$1" ]
}

received() {	# COUNT
	[ "$(find "$story" -name '*.mail' | wc -l)" = "$1" ]
}

was_sent() {
	is "sent_at is not null and text = '' and last_error is null"
}

due_now() {
	sql "update mail set next_try_at = now() where mail_id = '$mail_id'"
}

a_mail_arrives_as_it_was_written() {
	begin
	write_mail 'Grüße' '.
..two dots
Zwölf = 12'
	start_jobs
	until_true 10 was_sent
	received 1
	head -n 2 "$story/1.mail" | tr -d '\r' | sed 's/ SIZE=.*//' >"$story/envelope"
	same envelope "$(printf '%s\n' 'MAIL FROM:<no-reply@localhost>' "RCPT TO:<$name@example.org>")" "$(cat "$story/envelope")"
	python3 - "$story/1.mail" <<-'PYTHON' >"$story/read"
	import email, email.policy, sys
	mail = email.message_from_bytes(open(sys.argv[1], "rb").read().split(b"\n", 2)[2], policy=email.policy.default)
	print(mail["To"], mail["Subject"], mail["Message-ID"], mail["Auto-Submitted"], mail.get_content().replace("\r", ""), sep="\n", end="")
	PYTHON
	same mail "$(printf '%s\n' "$name@example.org" 'Grüße' "<$mail_id@localhost>" auto-generated . ..two\ dots 'Zwölf = 12')" \
	    "$(cat "$story/read")"
}

a_server_that_is_busy_is_asked_again_later_and_later() {
	begin
	answers 'RCPT 450 Busy'
	write_mail
	start_jobs
	until_true 10 is "attempts = 1 and last_error like '%450%'"
	is "text <> '' and next_try_at between now() + interval '50 seconds' and now() + interval '60 seconds'" ||
		fail "not a minute later"
	sql "update mail set attempts = 3, next_try_at = now() where mail_id = '$mail_id'"
	until_true 10 is "attempts = 4 and next_try_at > now() + interval '7 minutes' and next_try_at < now() + interval '9 minutes'"
	sql "update mail set attempts = 40, next_try_at = now() where mail_id = '$mail_id'"
	until_true 10 is "attempts = 41 and next_try_at between now() + interval '5 hours' and now() + interval '6 hours'"
	answers ''
	due_now
	until_true 10 was_sent
	received 1
}

a_mail_that_is_refused_for_good_is_given_up_at_once() {
	begin
	start_jobs
	for refused in 'RCPT 550 Nobody here' 'END 554 Not this'; do
		answers "$refused"
		write_mail
		until_true 10 is "gave_up_at is not null and attempts = 1 and text = '' and sent_at is null"
	done
}

a_refused_log_in_or_sender_is_no_fault_of_the_mail() {
	begin
	echo secret >"$story/password"
	deliver_to "smtp://127.0.0.1:$(cat "$story/port")" 'smtp_user = marquee' "smtp_password = $story/password"
	write_mail
	answers 'LOGIN 535 Who?'
	start_jobs
	until_true 10 is "attempts = 1 and last_error is not null and gave_up_at is null"
	answers 'MAIL 550 Not from you'
	due_now
	until_true 10 is "attempts = 2 and last_error like '%550%' and gave_up_at is null"
	answers ''
	due_now
	until_true 10 was_sent
	grep -q '^AUTH PLAIN' "$story/commands" || fail "it did not log in"
	! grep -q secret "$story/log" || fail "the password is in the log"
}

a_server_that_is_away_misses_nothing() {
	begin
	port=$(cat "$story/port")
	kill %1
	wait %1 || :
	deliver_to "smtp://127.0.0.1:$port"
	write_mail
	start_jobs
	until_true 10 is "attempts = 1 and last_error is not null"
	kill "$jobs"
	wait "$jobs" 2>/dev/null || :
	rm "$story/port"
	"$here/fixtures/smtp-sink" "$story" &
	until_true 10 test -e "$story/port"
	deliver_to "smtp://127.0.0.1:$(cat "$story/port")"
	start_jobs
	due_now
	until_true 10 was_sent
}

jobs_that_die_over_a_mail_send_it_again() {
	begin
	answers 'END hang'
	write_mail
	start_jobs
	until_true 10 received 1
	kill -9 "$jobs"
	wait "$jobs" 2>/dev/null || :
	is "sent_at is null and text <> ''" || fail "it counts as sent"
	is "next_try_at > now()" || fail "nobody leases it"
	answers ''
	# What a minute would bring.
	due_now
	start_jobs
	until_true 10 was_sent
	received 2
	same "both times" "$(cat "$story/1.mail")" "$(cat "$story/2.mail")"
}

several_jobs_send_every_mail_once() {
	begin
	write_mail
	sql "insert into mail (mail_id, user_id, recipient, subject, text)
	    select platform.uuid_v7(), '$user_id', '$name@example.org', 'Number ' || n, '$name' from generate_series(1, 60) as n"
	start_jobs
	start_jobs
	start_jobs
	until_true 20 mails 0 "sent_at is null"
	received 61
	same "different ones" 61 "$(cat "$story"/*.mail | grep -c '^Message-ID')"
	same "each once" 61 "$(cat "$story"/*.mail | grep '^Message-ID' | sort -u | wc -l)"
}

a_mail_goes_to_another_machine_by_tls_alone() {
	begin
	# An address that is this machine's, but does not say so.
	deliver_to "smtp://0.0.0.0:$(cat "$story/port")"
	write_mail
	start_jobs
	until_true 10 is "attempts = 1 and last_error is not null"
	received 0
	! grep -q '^MAIL' "$story/commands" || fail "the mail was begun in the clear"
}

without_a_server_mails_wait_and_that_is_said_once() {
	begin
	deliver_to ''
	write_mail
	start_jobs
	until_true 10 grep -qs 'mails wait' "$story/log"
	# A reset is asked for, and answered: the jobs have gone round again.
	expect 202 POST /api/users/password/reset "{\"email\":\"$name@example.org\"}"
	until_true 10 mails 2 true
	is "attempts = 0 and text <> ''" || fail "it did not wait"
	same warnings 1 "$(grep -c 'mails wait' "$story/log")"
}

what_is_over_is_forgotten_after_a_week() {
	person mia
	write_mail Old
	old=$mail_id
	sql "update mail set sent_at = now() - interval '8 days' where mail_id = '$old'"
	write_mail Young
	young=$mail_id
	sql "update mail set sent_at = now() - interval '6 days' where mail_id = '$young'"
	write_mail Stuck
	sql "update mail set created_at = now() - interval '4 days', next_try_at = now() + interval '1 hour',
	    sent_at = null, text = 'token' where mail_id = '$mail_id';
	    update timer set due_at = now() where name = 'forget old mails'"
	until_true 10 is "gave_up_at is not null and text = ''"
	same "what is left" "$(printf '%s\n' "$young" "$mail_id" | sort)" \
	    "$(sql "select mail_id from mail where user_id = '$user_id' order by 1")"
}

tell \
	a_mail_arrives_as_it_was_written \
	a_server_that_is_busy_is_asked_again_later_and_later \
	a_mail_that_is_refused_for_good_is_given_up_at_once \
	a_refused_log_in_or_sender_is_no_fault_of_the_mail \
	a_server_that_is_away_misses_nothing \
	jobs_that_die_over_a_mail_send_it_again \
	several_jobs_send_every_mail_once \
	a_mail_goes_to_another_machine_by_tls_alone \
	without_a_server_mails_wait_and_that_is_said_once \
	what_is_over_is_forgotten_after_a_week
