/*
 * One Redis server: connections, limits of time, and a breaker.
 *
 * Nothing of ours lives in Redis alone, so a caller always has something else
 * to do when there is no answer.  Finding that out costs at most timeout_ms to
 * connect and as much for the command, three times, and then nothing but one
 * try a second; how the breaker opens and closes is said in base/breaker.h.
 *
 * Threads share a few idle connections: there are as many as commands at the
 * same time, not as threads.  SIGPIPE must be ignored.
 */
#ifndef DATA_REDIS_H
#define DATA_REDIS_H

#include <hiredis/hiredis.h>
#include <stdbool.h>

struct redis;

/* The path of a socket, "host:port" or "[address]:port"; connects at first use. NULL: malformed, or no memory. */
struct redis	*redis_new(const char *address, int timeout_ms);
void		 redis_free(struct redis *);
/* Of the same form: a malloc'ed host, or a path and port 0. False: malformed, or no memory. */
bool		 redis_address(const char *address, char **host, int *port);
/*
 * Sends one command, written as for redisCommand(), and waits for its reply,
 * which is the caller's to freeReplyObject().  NULL: no answer, or one that is
 * an error; the command may have been done all the same.
 */
redisReply	*redis_command(struct redis *, const char *format, ...);

/*
 * For several commands in one round trip: a connection of one's own, to be
 * given back.  NULL: there is none, or nobody tries just now.
 */
redisContext	*redis_take(struct redis *);
/* problem: why it is of no more use; NULL when every reply was read. */
void		 redis_give_back(struct redis *, redisContext *, const char *problem);

#endif
