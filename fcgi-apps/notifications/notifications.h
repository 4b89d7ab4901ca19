/* Notifications: what people are told, at once, by mail, or as they want it. */
#ifndef NOTIFICATIONS_H
#define NOTIFICATIONS_H

#include "app/app.h"

/* A sentence unless it is one word of at most 40 characters; a .check of fields. */
const char	*kind_problem(const char *);

extern const struct route notification_routes[];
extern const struct route preference_routes[];
extern const struct route reminder_routes[];
extern const struct route lab_routes[];
extern const struct event_handler source_handlers[];
extern const struct job mail_jobs[];

/* By the clock. */
void		 notification_forget_old(const struct app_state *, struct db *, struct scope *);
extern const struct statement remind_day_before, remind_hour_before, reminder_forget_old;
extern const struct statement mail_give_up_old;
extern const struct statement source_forget_old;

#endif
