/* What a worker does by the clock, in a thread of its own beside the requests. */
#ifndef APP_BACKGROUND_H
#define APP_BACKGROUND_H

#include <stdbool.h>

struct app_state;

/* It runs until the process ends. False: no thread. */
bool	 background_begin(const struct app_state *);

#endif
