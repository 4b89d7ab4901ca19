/*
 * What a domain knows of a person, when he wants it or is gone: every domain
 * but users answers both events, by the rows of its tables that have a user_id.
 */
#ifndef APP_PERSONAL_H
#define APP_PERSONAL_H

#include "app/app.h"

/* Of users.erased and users.export_requested. */
extern const struct event_handler personal_handlers[];
/* Job: gives users a part of an export. */
bool	 personal_deliver(const struct app_state *, struct db *, struct scope *);

#endif
