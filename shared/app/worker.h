/* A worker process: one loop that reads requests and runs the read lane, and threads that may block. */
#ifndef APP_WORKER_H
#define APP_WORKER_H

#include "app/app.h"

/* Serves the listening socket until it is told to end and its connections are closed; the exit status. */
int	 worker_run(const struct app_state *, int slot, int listener);

#endif
