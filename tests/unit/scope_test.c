/* The unit of work: its memory, its first failure, what it releases. */
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "unit.h"

START_TEST(what_a_scope_allocates_is_zero_and_aligned_also_when_its_block_is_used_again)
{
	struct scope scope = { 0 };

	for (int turn = 0; turn < 3; turn++) {
		for (size_t size = 0; size < 3000; size += 7) {
			unsigned char *p = scope_alloc(&scope, size);

			ck_assert_uint_eq((uintptr_t)p % 16, 0);
			for (size_t i = 0; i < size; i++)
				ck_assert_int_eq(p[i], 0);
			memset(p, 0xa5, size);
		}
		scope_end(&scope);
	}
	scope_free(&scope);
}
END_TEST

START_TEST(the_first_block_serves_the_next_request)
{
	struct scope scope = { 0 };
	void *first = scope_alloc(&scope, 16);

	scope_alloc(&scope, 100000);
	scope_end(&scope);
	ck_assert_ptr_eq(scope_alloc(&scope, 16), first);
	scope_free(&scope);
	ck_assert_ptr_null(scope.blocks);
}
END_TEST

START_TEST(a_large_first_allocation_is_not_kept_for_ever)
{
	struct scope scope = { 0 };
	char *large = scope_alloc(&scope, 1 << 20);

	large[(1 << 20) - 1] = 1;
	scope_end(&scope);
	ck_assert_ptr_ne(scope_alloc(&scope, 16), large);
	scope_free(&scope);
}
END_TEST

START_TEST(the_newest_allocation_grows_in_place)
{
	struct scope scope = { 0 };
	char *p = scope_alloc(&scope, 10);

	memcpy(p, "0123456789", 10);
	ck_assert_ptr_eq(scope_grow(&scope, p, 10, 2000), p);
	ck_assert_ptr_ne(scope_alloc(&scope, 16), p);
	ck_assert_mem_eq(p, "0123456789", 10);
	memset(p, 'x', 2000);
	scope_free(&scope);
}
END_TEST

START_TEST(an_older_or_too_large_allocation_moves_and_keeps_its_bytes)
{
	struct scope scope = { 0 };
	char *p = scope_alloc(&scope, 10), *moved, *again;

	memcpy(p, "0123456789", 10);
	scope_alloc(&scope, 1);
	moved = scope_grow(&scope, p, 10, 20);
	ck_assert_ptr_ne(moved, p);
	ck_assert_mem_eq(moved, "0123456789", 10);
	again = scope_grow(&scope, moved, 20, 50000);
	ck_assert_ptr_ne(again, moved);
	ck_assert_mem_eq(again, "0123456789", 10);
	memset(again, 'x', 50000);
	scope_free(&scope);
}
END_TEST

START_TEST(printed_text_may_be_of_any_length)
{
	struct scope scope = { 0 };
	char *text;

	ck_assert_str_eq(scope_printf(&scope, "%s-%d", "seat", 12), "seat-12");
	for (int length = 250; length < 260; length++) {
		text = scope_printf(&scope, "%*d", length, 7);
		ck_assert_uint_eq(strlen(text), (size_t)length);
	}
	ck_assert_uint_eq(strlen(scope_printf(&scope, "%*d", 70000, 7)), 70000);
	ck_assert_str_eq(scope_copy(&scope, "abcdef", 3), "abc");
	scope_free(&scope);
}
END_TEST

START_TEST(the_first_failure_is_the_answer)
{
	struct scope scope = { 0 };

	ck_assert(!scope_failed(&scope));
	scope_fail(&scope, 409, "seat_taken", "Seat %s is not free.", "A1");
	scope_fail(&scope, 500, "internal", "Later.");
	scope_bad_field(&scope, "seat", "is late");
	ck_assert(scope_failed(&scope));
	ck_assert_int_eq(scope.failure.status, 409);
	ck_assert_str_eq(scope.failure.code, "seat_taken");
	ck_assert_str_eq(scope.failure.detail, "Seat A1 is not free.");
	ck_assert_ptr_null(scope.failure.errors);
	scope_retry(&scope);
	ck_assert(!scope_failed(&scope));
	scope_free(&scope);
}
END_TEST

START_TEST(a_conflict_may_name_its_field)
{
	struct scope scope = { 0 };

	scope_fail_field(&scope, 409, "taken", "name", "It is taken.");
	scope_fail_field(&scope, 422, "other", "mail", "It is not asked any more.");
	ck_assert_int_eq(scope.failure.status, 409);
	ck_assert_str_eq(scope.failure.code, "taken");
	ck_assert_str_eq(scope.failure.detail, "It is taken.");
	ck_assert_str_eq(scope.failure.errors->field, "name");
	ck_assert_str_eq(scope.failure.errors->message, "It is taken.");
	ck_assert_ptr_null(scope.failure.errors->next);
	scope_free(&scope);
}
END_TEST

START_TEST(all_bad_fields_are_told_in_their_order)
{
	struct scope scope = { 0 };
	char name[] = "first";

	scope_bad_field(&scope, name, "must be at most %d", 5);
	memset(name, 'x', 5);		/* a name may be made on the stack */
	scope_bad_field(&scope, "second", "is required");
	scope_fail(&scope, 409, "late", "Later.");
	ck_assert_int_eq(scope.failure.status, 422);
	ck_assert_str_eq(scope.failure.code, "invalid");
	ck_assert_str_eq(scope.failure.errors->field, "first");
	ck_assert_str_eq(scope.failure.errors->message, "must be at most 5");
	ck_assert_str_eq(scope.failure.errors->next->field, "second");
	ck_assert_ptr_null(scope.failure.errors->next->next);
	scope_free(&scope);
}
END_TEST

START_TEST(ten_thousand_bad_fields_are_told_as_a_hundred)
{
	struct scope scope = { 0 };
	int count = 0;

	for (int i = 0; i < 10000; i++)
		scope_bad_field(&scope, scope_printf(&scope, "items[%d]", i), "is no number");
	for (struct field_error *e = scope.failure.errors; e != NULL; e = e->next)
		count++;
	ck_assert_int_eq(count, 100);
	scope_free(&scope);
}
END_TEST

static int released[3], release_count;

static void
note_release(void *object)
{
	released[release_count++] = *(int *)object;
}

START_TEST(what_was_taken_last_is_released_first_and_once)
{
	static int numbers[] = { 1, 2, 3 };
	struct scope scope = { 0 };

	for (int i = 0; i < 3; i++)
		scope_defer(&scope, note_release, &numbers[i]);
	ck_assert_int_eq(release_count, 0);
	scope_end(&scope);
	scope_end(&scope);
	ck_assert_int_eq(release_count, 3);
	ck_assert_int_eq(released[0], 3);
	ck_assert_int_eq(released[2], 1);
	scope_free(&scope);
}
END_TEST

static void
use_too_much(void *arg)
{
	struct scope *scope = arg;

	scope_defer(scope, free, malloc(10));
	scope_alloc(scope, SIZE_MAX - 100);
	ck_abort_msg("went on without memory");
}

START_TEST(out_of_memory_ends_the_request_and_not_the_process)
{
	struct scope scope = { 0 };

	scope_run(&scope, use_too_much, &scope);
	ck_assert_int_eq(scope.failure.status, 503);
	ck_assert_str_eq(scope.failure.code, "out_of_memory");
	ck_assert_int_eq(scope.failure.retry_after_s, 1);
	ck_assert_ptr_null(scope.escape);
	scope_end(&scope);
	ck_assert(!scope_failed(&scope));
	ck_assert_ptr_nonnull(scope_alloc(&scope, 100));
	scope_free(&scope);
}
END_TEST

static void
run_inside(void *arg)
{
	struct scope *scope = arg;
	void *outer = scope->escape;

	scope_run(scope, use_too_much, scope);
	ck_assert_ptr_eq(scope->escape, outer);
}

START_TEST(an_inner_run_comes_back_to_the_outer_one)
{
	struct scope scope = { 0 };

	scope_run(&scope, run_inside, &scope);
	ck_assert_int_eq(scope.failure.status, 503);
	scope_free(&scope);
}
END_TEST

SUITE("scope",
    what_a_scope_allocates_is_zero_and_aligned_also_when_its_block_is_used_again,
    the_first_block_serves_the_next_request,
    a_large_first_allocation_is_not_kept_for_ever,
    the_newest_allocation_grows_in_place,
    an_older_or_too_large_allocation_moves_and_keeps_its_bytes,
    printed_text_may_be_of_any_length,
    the_first_failure_is_the_answer,
    a_conflict_may_name_its_field,
    all_bad_fields_are_told_in_their_order,
    ten_thousand_bad_fields_are_told_as_a_hundred,
    what_was_taken_last_is_released_first_and_once,
    out_of_memory_ends_the_request_and_not_the_process,
    an_inner_run_comes_back_to_the_outer_one);
