/* What clients ask for: joining and leaving channels. */
#ifndef REALTIME_ACTIONS_H
#define REALTIME_ACTIONS_H

#include <stddef.h>

struct client;
struct place;

/* A message of a client. */
void	 actions_take(struct client *, const char *, size_t);
/* Joins it, or says why not. after: as channel_join() takes it. */
void	 actions_join(struct client *, const char *channel, const struct place *after);

#endif
