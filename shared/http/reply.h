/*
 * What a handler returns.  Each of these gives the scope's failure as a
 * problem (RFC 9457) when there is one.
 */
#ifndef HTTP_REPLY_H
#define HTTP_REPLY_H

#include <stddef.h>
#include <stdint.h>

#include "base/writer.h"
#include "data/rows.h"

struct request;
struct statement;

/* The reason phrase of a status (RFC 9110, 15). */
const char	*status_text(int status);

struct header {
	const char	*name, *value;
	struct header	*next;
};

struct reply {
	int		 status;
	const char	*type;
	const char	*body;		/* not NUL-terminated */
	size_t		 size;
	size_t		 data_at;	/* where in it the data begin, behind as_of; 0: all of it is data */
	struct header	*headers;
};

/*
 * The entity tag of a body (RFC 9110, 8.8.3): weak where as_of stands in it,
 * since that is another one with each reading of the same data.
 */
#define REPLY_TAG_SIZE	40
void		 reply_tag(const struct reply *, char tag[REPLY_TAG_SIZE]);

/*
 * Status of success is the row's; 200 when it says none.  In STATUS_DATA the
 * answer of a cached row says when it was read: "as_of", beside the data.
 */
struct reply	*reply_message(struct request *, const char *message);	/* {"message":...} in the row's envelope */
/* The first row in the row's envelope; none: 404 with that sentence; another's: 403. */
struct reply	*reply_row(struct request *, const struct statement *, const struct rows *, const char *missing);
/* The same with a shape that is at hand, of the first count rows; a NULL shape gives the scope's failure. */
struct reply	*reply_one(struct request *, const struct rows *, const struct row_shape *, const char *missing);
struct reply	*reply_list(struct request *, const struct rows *, const struct row_shape *, int count);
/* An answer of the handler's own: begin, write the object's keys, end. */
struct writer	*reply_begin(struct request *);
struct reply	*reply_end(struct request *, struct writer *);
/* A body that this row answered before, with the as_of of then. */
struct reply	*reply_again(struct request *, const char *body, size_t);
struct reply	*reply_bytes(struct request *, const char *type, const void *, size_t);
void		 reply_header(struct request *, struct reply *, const char *name, const char *value);
/* What the scope failed with. */
struct reply	*reply_failure(struct request *);
/* What is said when there is no memory to say more; not to be changed. */
struct reply	*reply_out_of_memory(void);
struct reply	*problem(struct request *, int status, const char *code, const char *, ...)
		    __attribute__((format(printf, 4, 5)));
/* As problem(), with one more number for programs: "remaining":3. */
struct reply	*problem_with(struct request *, int status, const char *code, const char *name, long long number,
		    const char *, ...) __attribute__((format(printf, 6, 7)));

#endif
