/*
 * A scope is one unit of work: a request, an event, a job step.
 *
 * What it allocates lives in its arena and goes away with it; nothing is freed
 * one by one.  Its first failure wins: once set, shared calls on the scope do
 * nothing and the answer is that failure, so callers need not test each step.
 *
 * When memory runs out the scope fails with 503 and control leaves through
 * scope_run(); outside of it the process aborts.  So hand what must be
 * released to scope_defer() before the next allocation.
 */
#ifndef BASE_SCOPE_H
#define BASE_SCOPE_H

#include <stdbool.h>
#include <stdarg.h>
#include <stddef.h>

struct field_error {
	const char		*field;		/* "products[0].quantity" */
	const char		*message;	/* one sentence */
	struct field_error	*next;
};

struct failure {
	int			 status;	/* HTTP status; 0 while all is well */
	const char		*code;		/* stable, for programs: "seat_taken" */
	const char		*detail;	/* for people; never names tables or hosts */
	int			 retry_after_s;	/* 0: say nothing */
	bool			 retryable;	/* nothing happened: the unit of work may run again */
	struct field_error	*errors;	/* in the order they were found */
	const char		*extra_name;	/* one more number that programs may want: "remaining" */
	long long		 extra;
};

struct scope_block;
struct scope_deferred;

struct scope {
	struct failure		 failure;
	struct scope_block	*blocks;	/* newest first; the first one ever is kept for reuse */
	struct scope_deferred	*deferred;
	void			*escape;	/* jmp_buf of scope_run() */
};

/* Zeroed, aligned to 16, never NULL. */
void	*scope_alloc(struct scope *, size_t) __attribute__((returns_nonnull, malloc));
/* Grows the newest allocation in place when it can; else copies. What is new is not zeroed; NULL grows from nothing. */
void	*scope_grow(struct scope *, void *, size_t old_size, size_t new_size) __attribute__((returns_nonnull));
char	*scope_copy(struct scope *, const char *, size_t);	/* adds a NUL */
char	*scope_printf(struct scope *, const char *, ...) __attribute__((format(printf, 2, 3)));
/* release(object) runs when the scope ends, newest first. */
void	 scope_defer(struct scope *, void (*release)(void *), void *object);

bool	 scope_failed(const struct scope *);
/* The first failure is kept, later ones are ignored. */
void	 scope_fail(struct scope *, int status, const char *code, const char *, ...)
	    __attribute__((format(printf, 4, 5)));
/* A failure of one input field: 422 "invalid"; all of them are reported together, the first 100 that is. */
void	 scope_bad_field(struct scope *, const char *field, const char *, ...)
	    __attribute__((format(printf, 3, 4)));
/* As scope_fail(), and one field is to blame; code and sentence outlive the scope. */
void	 scope_fail_field(struct scope *, int status, const char *code, const char *field, const char *sentence);
/* Forgets the failure, for another try of the same unit of work. */
void	 scope_retry(struct scope *);

/* Calls fn(arg). False, with the scope failed, when memory ran out in it: what it made may be half done. */
bool	 scope_run(struct scope *, void (*fn)(void *), void *arg);
/* Ends the unit of work; the scope is as new, its first block is kept. */
void	 scope_end(struct scope *);
/* As scope_end(), and gives back the last block too. */
void	 scope_free(struct scope *);

#endif
