/* A Redis of a test's own, to be killed and started again. */
#ifndef REDIS_SERVER_H
#define REDIS_SERVER_H

#include <sys/types.h>

struct redis_server {
	pid_t	 pid;			/* 0: it does not run */
	char	 folder[40], path[60];	/* its socket */
};

void	 redis_server_make(struct redis_server *);
/* With options beside those of all, ended by NULL, or NULL. Waits until it answers. */
void	 redis_server_start(struct redis_server *, const char *const *options);
/* By force. */
void	 redis_server_end(struct redis_server *);
void	 redis_server_remove(struct redis_server *);

#endif
