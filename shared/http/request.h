/* One request while it is answered; everything in it ends with its scope. */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include <stdint.h>

#include "auth/token.h"
#include "base/id.h"
#include "base/scope.h"
#include "base/writer.h"
#include "http/route.h"

enum server { PUBLIC_SERVER, INTERNAL_SERVER, OPERATIONS_SERVER };

struct request {
	struct scope		 scope;
	struct db		*db;
	const struct app_state	*state;		/* what the process shares: settings, keys, router */
	const char		*public_url;	/* "https://host:port" */

	enum method		 method;	/* HEAD is GET; nginx leaves the body out */
	enum server		 server;	/* which nginx server it came through */
	const char		*path, *query;	/* as sent, still encoded; query may be "" */
	const char		*body;		/* NULL: none; not NUL-terminated */
	size_t			 body_size;
	const char		*content_type, *authorization, *idempotency_key, *address, *user_agent;	/* or NULL */
	const char		*request_id, *traceparent;	/* "" when nginx gave none */

	const struct route	*route;
	const char		*segments[MAX_SEGMENTS];	/* decoded values of the path's {names}, in order */
	const char		*allow;		/* of a 405 */
	struct caller		 caller;	/* empty for a stranger, and on cached rows */
	const void		*input;		/* the route's struct, checked */
	const char		*page_after[PAGE_MAX_KEYS];	/* of a PAGE: the keys of the last row seen */
	int64_t			 page_limit;
	struct writer		 audit_details;	/* what audit_note() told */
	bool			 audited;
	struct reply		*reply;
};

bool	 request_has_role(const struct request *, unsigned roles);
/*
 * For what is made: with an Idempotency-Key the same for each request of this
 * caller to this route, else a new one. Who inserts it sees a repetition by its
 * id, and should compare the contents.
 */
void	 request_new_id(const struct request *, char out[ID_SIZE]);

#endif
