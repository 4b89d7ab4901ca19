/* Listening sockets: made at a path, or taken over from systemd. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "app/listener.h"
#include "base/log.h"

#define BACKLOG	4096

static int
fail(const char *what, const char *why)
{
	log_event(LOG_ERROR, what, LOG_TEXT("error", why));
	log_flush();
	return -1;
}

/* A socket that answers belongs to another pool; one that does not is left over from a crash. */
static bool
is_taken(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool taken = fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0;

	if (fd >= 0)
		close(fd);
	return taken;
}

/* Only nginx may connect: libfcgi can be made to abort by whoever can. */
static bool
restrict_socket(const char *path, const char *group)
{
	const struct group *g = *group != '\0' ? getgrnam(group) : NULL;

	if (*group != '\0' && (g == NULL || chown(path, (uid_t)-1, g->gr_gid) != 0))
		return false;
	return chmod(path, 0660) == 0;
}

int
listener_open(const char *path, const char *group)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	mode_t before;
	int fd, rc;

	if (strlen(path) >= sizeof(address.sun_path))
		return fail("socket path is too long", path);
	strcpy(address.sun_path, path);
	if (is_taken(&address))
		return fail("another pool listens there", path);
	unlink(path);
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0)
		return fail("socket", strerror(errno));
	before = umask(0117);
	rc = bind(fd, (struct sockaddr *)&address, sizeof(address));
	umask(before);
	if (rc != 0 || !restrict_socket(path, group) || listen(fd, BACKLOG) != 0) {
		close(fd);
		return fail(path, strerror(errno));
	}
	return fd;
}

int
listener_given(void)
{
	const char *fds = getenv("LISTEN_FDS"), *pid = getenv("LISTEN_PID");
	int given = fds != NULL && pid != NULL && atol(pid) == (long)getpid() ? atoi(fds) : 0;

	for (int i = 0; i < given; i++)
		fcntl(LISTENER_GIVEN + i, F_SETFD, FD_CLOEXEC);
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_PID");
	return given;
}
