/* Who is connected, and how much of the gateway one account may take. */
#ifndef REALTIME_PEOPLE_H
#define REALTIME_PEOPLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/id.h"

struct gateway;

struct person {
	struct person	*next;		/* in its bucket */
	char		 user_id[ID_SIZE];
	int		 sockets, joins;
	int		 frames;	/* said in that second */
	int64_t		 frames_s;
};

struct people;

struct people	*people_new(void);	/* NULL: no memory */
/* Of one more socket. NULL: there are too many, or there is no memory. */
struct person	*person_enter(struct gateway *, const char *user_id);
/* NULL is nobody. */
void		 person_leave(struct people *, struct person *);
/* Counts one more frame of this second. */
bool		 person_may_speak(const struct gateway *, struct person *);

#endif
