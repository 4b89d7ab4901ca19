/* The jobs of a domain: its timers, in a process of their own beside the pool. */
#ifndef APP_JOBS_H
#define APP_JOBS_H

struct app;
struct config;

/* Runs until SIGTERM or SIGINT; the exit status.  Several side by side share the work. */
int	 jobs_run(const struct app *, const struct config *);

#endif
