/*
 * A connection from nginx and the request on it: FastCGI in, FastCGI out.
 *
 * libfcgi does the protocol.  Its blocking accept starves kept connections
 * (each idle one holds a thread), so the loop owns the descriptors and hands a
 * readable one to libfcgi, with ipcFd set by hand.
 */
#ifndef APP_EXCHANGE_H
#define APP_EXCHANGE_H

#include <fcgiapp.h>
#include <stdbool.h>
#include <stdint.h>

#include "app/app.h"

/* First member of whatever is in the epoll set: what an event is about. */
enum ready { READY_LISTENER, READY_SIGNAL, READY_LANE, READY_EXCHANGE };

struct exchange {
	enum ready		 ready;
	int			 fd;
	FCGX_Request		 fcgi;
	struct request		 rq;
	struct exchange		*next;		/* in whatever queue it stands */
	int64_t			 start_us;	/* when the request was read */
	int64_t			 database_us;
	int			 tries;		/* times the lane sent it */
	bool			 asked_primary;	/* a replica did not have it */
	int			 value_count;	/* of a declared read */
	const char		*values[DB_MAX_PARAMS];
};

/* NULL: no memory, and the descriptor is closed. */
struct exchange	*exchange_new(int fd, const struct app_state *);
void		 exchange_free(struct exchange *);
/* Reads the next request, which is on its way. False: nginx closed, or sent what is no FastCGI; free it. */
bool		 exchange_receive(struct exchange *);
/* A request without a traceparent of use begins a trace of its own. */
void		 exchange_begin_trace(struct exchange *);
/* Reads the body into the request, at most what its row takes, or fails its scope with 413 or 400. */
void		 exchange_read_body(struct exchange *);
/* Sends the reply and ends the request. False: the connection is gone; free it. */
bool		 exchange_answer(struct exchange *, const struct reply *, bool log);

#endif
