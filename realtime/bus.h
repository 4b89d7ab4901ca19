/* The connections to the Redis that carries messages: one that hears, one that asks. */
#ifndef REALTIME_BUS_H
#define REALTIME_BUS_H

#include <hiredis/hiredis.h>
#include <stdbool.h>

struct bus;
struct gateway;

/* NULL: the address is malformed, or there is no memory. Connects at the first tick. */
struct bus	*bus_new(struct gateway *, const char *address);
/* Some ten times a second: connects, again and again, and gives up who does not answer. */
void		 bus_tick(struct bus *);
/* It does not answer as it should: begins anew. */
void		 bus_give_up(struct bus *, const char *why);
/* All messages are heard, and questions are answered. */
bool		 bus_is_up(const struct bus *);
/*
 * Sends a command, written as for redisCommand(); took gets its reply, or NULL
 * when there is none.  False: it was not sent, and took is not called.
 */
bool		 bus_command(struct bus *, void (*took)(void *arg, const redisReply *), void *arg, const char *format, ...);
/* One whose answer is of no interest. */
void		 bus_tell(struct bus *, int argc, const char **argv);

#endif
