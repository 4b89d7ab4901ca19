/* The settings that every pool has, and what a process makes of them. */
#ifndef APP_SETTINGS_H
#define APP_SETTINGS_H

#include "app/app.h"

#define SETTINGS_MAX_FILES	8

/* Reads the given files, or the two default ones; NULL and *problem. */
struct config	*settings_read(const struct app *, const char *const *files, char problem[256]);
/* NULL and *problem; without a pool its shared parts are private memory. */
struct app_state *state_new(const struct app *, const struct config *, struct pool *, char problem[256]);
/* For the process of its jobs: what relays its events and takes in others'. False: no memory. */
bool		 state_add_events(struct app_state *);
void		 state_free(struct app_state *);

#endif
