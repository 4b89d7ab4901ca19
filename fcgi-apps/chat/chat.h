/* Chat: rooms of sports and games, and messages between two people. */
#ifndef CHAT_H
#define CHAT_H

#include "app/app.h"

/*
 * Whom a text means, an id or a name; the id lives as long as the scope.
 * Outside of a transaction: users may be asked.  NULL after failing the scope:
 * 422 of that field, or 404 without one, when there is no such person, 503 for
 * a name that only users could tell and does not.  An id is believed while
 * users is away.
 */
const char	*people_find(struct request *, const char *field, const char *who);
/* Whether the text is the caller's own id or name. */
bool		 people_is_caller(const struct request *, const char *who);
/* A job's step: asks users for names that nobody has told. */
bool		 people_ask(const struct app_state *, struct db *, struct scope *);
/* Of users' events. */
extern const struct statement person_named;

/* Counts how many are in each open room, by the presence that the gateway keeps on the bus; 0 while that does not answer. */
void		 presence_count(const struct app_state *, struct db *, struct scope *);

/* What is done by the clock. */
extern const struct statement room_close_silent, room_message_forget_deleted;

extern const struct route room_routes[];
extern const struct route room_message_routes[];
extern const struct route moderation_routes[];
extern const struct route report_routes[];
extern const struct route direct_routes[];
extern const struct route block_routes[];
extern const struct constraint chat_constraints[];
extern const struct event_handler source_handlers[];

#endif
