/*
 * Scope: an arena of blocks, the first of which serves one unit of work after
 * another, and the first failure.
 */
#include <sanitizer/asan_interface.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"

/* Block sizes with their heads. Most requests need the first block only. */
#define FIRST_BLOCK	4096
#define NEXT_BLOCK	32768
#define ALIGNMENT	16
#define MOST_ERRORS	100

/* Under ASan a strip that nobody may touch follows each allocation. */
#ifdef __SANITIZE_ADDRESS__
#define GAP		ALIGNMENT
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define GAP		ALIGNMENT
#endif
#endif
#ifndef GAP
#define GAP		0
#endif

struct scope_block {
	struct scope_block	*next;
	size_t			 used, size;
	_Alignas(ALIGNMENT) char data[];
};

struct scope_deferred {
	struct scope_deferred	*next;
	void			(*release)(void *);
	void			*object;
};

static void __attribute__((noreturn))
no_memory(struct scope *scope)
{
	static const struct failure failure = {
		.status = 503,
		.code = "out_of_memory",
		.detail = "There is no memory for this now.",
		.retry_after_s = 1,
	};

	if (!scope_failed(scope))
		scope->failure = failure;
	if (scope->escape == NULL) {
		fputs("out of memory\n", stderr);
		abort();
	}
	longjmp(*(jmp_buf *)scope->escape, 1);
}

static size_t
round_up(size_t size)
{
	return (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
}

static struct scope_block *
add_block(struct scope *scope, size_t room)
{
	size_t least = scope->blocks == NULL ? FIRST_BLOCK : NEXT_BLOCK;
	size_t size = room + sizeof(struct scope_block) > least ? room + sizeof(struct scope_block) : least;
	struct scope_block *block = malloc(size);

	if (block == NULL)
		return NULL;
	*block = (struct scope_block){ .next = scope->blocks, .size = size - sizeof(*block) };
	ASAN_POISON_MEMORY_REGION(block->data, block->size);
	scope->blocks = block;
	return block;
}

/* Not zeroed; NULL when memory has run out. */
static void *
take(struct scope *scope, size_t size)
{
	struct scope_block *block = scope->blocks;
	size_t room = round_up(size) + GAP;
	void *p;

	if (size > SIZE_MAX / 2)
		return NULL;
	/* The first block stays small, as it is kept: what does not fit goes into a second one. */
	if (block == NULL && (block = add_block(scope, 0)) == NULL)
		return NULL;
	if (block->size - block->used < room && (block = add_block(scope, room)) == NULL)
		return NULL;
	p = block->data + block->used;
	block->used += room;
	ASAN_UNPOISON_MEMORY_REGION(p, size);
	return p;
}

static void *
take_or_leave(struct scope *scope, size_t size)
{
	void *p = take(scope, size);

	if (p == NULL)
		no_memory(scope);
	return p;
}

void *
scope_alloc(struct scope *scope, size_t size)
{
	return memset(take_or_leave(scope, size), 0, size);
}

static bool
extend(struct scope_block *block, char *old, size_t old_size, size_t new_size)
{
	size_t start;

	if (block == NULL || old + round_up(old_size) + GAP != block->data + block->used)
		return false;
	start = (size_t)(old - block->data);
	if (new_size > block->size || block->size - start < round_up(new_size) + GAP)
		return false;
	block->used = start + round_up(new_size) + GAP;
	ASAN_POISON_MEMORY_REGION(old, block->used - start);
	ASAN_UNPOISON_MEMORY_REGION(old, new_size);
	return true;
}

void *
scope_grow(struct scope *scope, void *old, size_t old_size, size_t new_size)
{
	void *p;

	if (old != NULL && extend(scope->blocks, old, old_size, new_size))
		return old;
	p = take_or_leave(scope, new_size);
	if (old != NULL)
		memcpy(p, old, old_size < new_size ? old_size : new_size);
	return p;
}

char *
scope_copy(struct scope *scope, const char *text, size_t size)
{
	char *copy = take_or_leave(scope, size + 1);

	memcpy(copy, text, size);
	copy[size] = '\0';
	return copy;
}

static char *__attribute__((format(printf, 2, 0)))
print(struct scope *scope, const char *format, va_list arguments)
{
	char small[256], *text;
	va_list again;
	int length;

	va_copy(again, arguments);
	length = vsnprintf(small, sizeof(small), format, arguments);
	if (length < 0)
		no_memory(scope);
	text = take_or_leave(scope, (size_t)length + 1);
	if ((size_t)length < sizeof(small))
		memcpy(text, small, (size_t)length + 1);
	else
		vsnprintf(text, (size_t)length + 1, format, again);
	va_end(again);
	return text;
}

char *
scope_printf(struct scope *scope, const char *format, ...)
{
	va_list arguments;
	char *text;

	va_start(arguments, format);
	text = print(scope, format, arguments);
	va_end(arguments);
	return text;
}

void
scope_defer(struct scope *scope, void (*release)(void *), void *object)
{
	struct scope_deferred *deferred = take(scope, sizeof(*deferred));

	if (deferred == NULL) {
		release(object);
		no_memory(scope);
	}
	*deferred = (struct scope_deferred){ scope->deferred, release, object };
	scope->deferred = deferred;
}

bool
scope_failed(const struct scope *scope)
{
	return scope->failure.status != 0;
}

void
scope_fail(struct scope *scope, int status, const char *code, const char *format, ...)
{
	va_list arguments;
	const char *detail;

	if (scope_failed(scope))
		return;
	va_start(arguments, format);
	detail = print(scope, format, arguments);
	va_end(arguments);
	scope->failure = (struct failure){ .status = status, .code = code, .detail = detail };
}

/* The end of the list of errors, or NULL when it is long enough. */
static struct field_error **
last_error(struct failure *failure)
{
	struct field_error **end = &failure->errors;

	for (int n = 0; *end != NULL; end = &(*end)->next)
		if (++n == MOST_ERRORS)
			return NULL;
	return end;
}

void
scope_bad_field(struct scope *scope, const char *field, const char *format, ...)
{
	struct field_error *error, **end;
	va_list arguments;

	if (scope_failed(scope) && scope->failure.errors == NULL)
		return;
	if ((end = last_error(&scope->failure)) == NULL)
		return;
	error = scope_alloc(scope, sizeof(*error));
	error->field = scope_copy(scope, field, strlen(field));
	va_start(arguments, format);
	error->message = print(scope, format, arguments);
	va_end(arguments);
	scope_fail(scope, 422, "invalid", "Some fields are not valid.");
	*end = error;
}

void
scope_fail_field(struct scope *scope, int status, const char *code, const char *field, const char *sentence)
{
	if (scope_failed(scope))
		return;
	scope_bad_field(scope, field, "%s", sentence);
	scope->failure.status = status;
	scope->failure.code = code;
	scope->failure.detail = sentence;
}

void
scope_retry(struct scope *scope)
{
	scope->failure = (struct failure){ 0 };
}

bool
scope_run(struct scope *scope, void (*fn)(void *), void *arg)
{
	void *outer = scope->escape;
	jmp_buf here;

	volatile bool whole = false;

	if (setjmp(here) == 0) {
		scope->escape = &here;
		fn(arg);
		whole = true;
	}
	scope->escape = outer;
	return whole;
}

void
scope_end(struct scope *scope)
{
	struct scope_deferred *deferred;
	struct scope_block *block;

	while ((deferred = scope->deferred) != NULL) {
		scope->deferred = deferred->next;
		deferred->release(deferred->object);
	}
	while ((block = scope->blocks) != NULL && block->next != NULL) {
		scope->blocks = block->next;
		free(block);
	}
	if (block != NULL) {
		block->used = 0;
		ASAN_POISON_MEMORY_REGION(block->data, block->size);
	}
	scope->failure = (struct failure){ 0 };
}

void
scope_free(struct scope *scope)
{
	scope_end(scope);
	free(scope->blocks);
	scope->blocks = NULL;
}
