/* Listening sockets: made at a path, or taken over from systemd (sd_listen_fds(3)). */
#ifndef APP_LISTENER_H
#define APP_LISTENER_H

#define LISTENER_GIVEN	3	/* the first one of systemd's */

/* For that group alone; "": that of this program. -1 after logging why. Unlinks what a crash left there. */
int	 listener_open(const char *path, const char *group);
/* How many systemd gave; once, since they are no children's. */
int	 listener_given(void);

#endif
