/* Tickets: a kind of token of their own, taken once. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/token.h"
#include "unit.h"
#include "used_tickets.h"
#include "world.h"

static struct caller
somebody(void)
{
	return (struct caller){ .user_id = WORLD_USER, .session_id = WORLD_SESSION, .name = "alice", .roles = ROLE_USER,
	    .expires_s = world_now_s() + 100 };
}

START_TEST(a_ticket_says_who_asked_and_how_long_the_socket_may_live)
{
	struct world world;
	struct caller alice = somebody();
	struct ticket ticket;
	char *text;

	world_begin(&world);
	ck_assert(token_sign_ticket(world.keys, &alice, &text));
	ck_assert(token_verify_ticket(world.keys, text, &ticket));
	ck_assert_str_eq(ticket.caller.user_id, WORLD_USER);
	ck_assert_str_eq(ticket.caller.session_id, WORLD_SESSION);
	ck_assert_int_eq(ticket.caller.expires_s, alice.expires_s);
	ck_assert_int_le(llabs(ticket.expires_s - world_now_s() - TOKEN_TICKET_LIFETIME_S), 2);
	ck_assert_int_le(llabs(ticket.issued_s - world_now_s()), 2);
	ck_assert_uint_eq(strlen(ticket.id), ID_SIZE - 1);
	free(text);
	world_end(&world);
}
END_TEST

START_TEST(a_ticket_is_no_token_and_a_token_is_no_ticket)
{
	struct world world;
	struct caller alice = somebody(), caller;
	struct ticket ticket;
	char *text;

	world_begin(&world);
	ck_assert(token_sign_ticket(world.keys, &alice, &text));
	ck_assert(!token_verify(world.keys, text, &caller));
	ck_assert(!token_verify_ticket(world.keys, world.good, &ticket));
	ck_assert_str_eq(ticket.caller.user_id, "");
	free(text);
	world_end(&world);
}
END_TEST

START_TEST(a_ticket_of_a_token_that_ended_is_refused)
{
	struct world world;
	struct caller alice = somebody();
	struct ticket ticket;
	char *text;

	world_begin(&world);
	alice.expires_s = world_now_s() - 1;
	ck_assert(token_sign_ticket(world.keys, &alice, &text));
	ck_assert(!token_verify_ticket(world.keys, text, &ticket));
	free(text);
	world_end(&world);
}
END_TEST

START_TEST(each_ticket_is_taken_once_for_as_long_as_it_lives)
{
	struct used_tickets *used = used_tickets_new();
	struct ticket first = { .id = "0190a2b4-5c6d-7e8f-9a0b-1c2d3e4f5a6b" };
	struct ticket second = { .id = "0190a2b4-5c6d-7e8f-9a0b-1c2d3e4f6a6b" };

	for (int64_t start_s = 1000; start_s < 9000; start_s += 97) {
		snprintf(first.id, ID_SIZE, "0190a2b4-5c6d-7e8f-9a0b-%012x", (unsigned)start_s);
		ck_assert(used_tickets_take(used, &first, start_s));
		for (int64_t now_s = start_s; now_s <= start_s + TOKEN_TICKET_LIFETIME_S; now_s += 10)
			ck_assert(!used_tickets_take(used, &first, now_s));
	}
	ck_assert(used_tickets_take(used, &second, 20000));
	ck_assert(!used_tickets_take(used, &second, 20000));
	used_tickets_free(used);
}
END_TEST

SUITE("ticket", a_ticket_says_who_asked_and_how_long_the_socket_may_live, a_ticket_is_no_token_and_a_token_is_no_ticket,
    a_ticket_of_a_token_that_ended_is_refused, each_ticket_is_taken_once_for_as_long_as_it_lives)
