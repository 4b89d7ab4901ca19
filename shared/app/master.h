/* The master of a pool: holds the sockets, keeps a worker behind each, rolls to a new release, drains. */
#ifndef APP_MASTER_H
#define APP_MASTER_H

#include "app/app.h"

struct config;

/*
 * Runs until SIGTERM or SIGINT; the exit status.  program and arguments are
 * what a worker is started with, "--worker SLOT,LISTENER,MEMORY" is added.
 * SIGHUP replaces the workers one at a time by what is installed under
 * program now, and gives up when the first new one does not become ready.
 */
int	 master_run(const struct app *, const struct config *, const char *program, char *const *arguments);

#endif
