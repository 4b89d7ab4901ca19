/* Timers of a domain: each is a row of its table that one process at a time locks while it does the work. */
#ifndef APP_TIMERS_H
#define APP_TIMERS_H

#include <stdbool.h>

#include "app/app.h"

/* Makes their rows, those that every domain has too. False: some failed, which is logged. */
bool	 timers_introduce(const struct app_state *, struct db *);
/* Runs those that are due and that nobody else is at; failures are logged. */
void	 timers_run(const struct app_state *, struct db *);

#endif
