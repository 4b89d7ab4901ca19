/*
 * Log lines as JSON on stderr, one object a line.
 *
 * Lines of one thread are kept until log_flush() or until they fill 4 kB, so
 * that a loop that answers sixty requests in a turn writes once.  When nobody
 * reads them they are dropped and counted: no request waits for a log.  Never give a
 * secret to this.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdint.h>

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

struct log_field {
	const char	*name;		/* NULL ends the list */
	const char	*text;		/* NULL: it is the number */
	int64_t		 number;
};

#define LOG_TEXT(n, t)	{ .name = (n), .text = (t) != NULL ? (t) : "" }
#define LOG_INT(n, i)	{ .name = (n), .number = (i) }
/* log_event(LOG_INFO, "worker started", LOG_INT("pid", pid)) */
#define log_event(level, message, ...)					\
	log_fields(level, message, (const struct log_field[]){ __VA_ARGS__ __VA_OPT__(,) { .name = NULL } })

void	 log_open(const char *domain, enum log_level least);
void	 log_fields(enum log_level, const char *message, const struct log_field *);
void	 log_flush(void);

#endif
