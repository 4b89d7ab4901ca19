/* A Redis of a test's own. */
#include <err.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "data/redis.h"
#include "redis_server.h"

void
redis_server_make(struct redis_server *server)
{
	*server = (struct redis_server){ .pid = 0 };
	snprintf(server->folder, sizeof(server->folder), "/tmp/marquee-redis.XXXXXX");
	if (mkdtemp(server->folder) == NULL)
		err(2, "%s", server->folder);
	snprintf(server->path, sizeof(server->path), "%s/redis.sock", server->folder);
}

static bool
answers(const struct redis_server *server)
{
	struct redis *redis = redis_new(server->path, 1000);
	redisReply *pong = redis_command(redis, "PING");
	bool good = pong != NULL;

	freeReplyObject(pong);
	redis_free(redis);
	return good;
}

static void
become(const struct redis_server *server, const char *const *options)
{
	const char *words[32] = { "redis-server", "--port", "0", "--unixsocket", server->path, "--dir", server->folder,
	    "--save", "", "--logfile", "/dev/null" };

	for (size_t n = 11; options != NULL && *options != NULL && n < 31; n++)
		words[n] = *options++;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	execvp(words[0], (char *const *)words);
	err(127, "redis-server");
}

void
redis_server_start(struct redis_server *server, const char *const *options)
{
	if ((server->pid = fork()) == 0)
		become(server, options);
	while (!answers(server)) {
		if (waitpid(server->pid, NULL, WNOHANG) == server->pid)
			errx(2, "redis-server ends at once");
		sched_yield();
	}
}

void
redis_server_end(struct redis_server *server)
{
	if (server->pid <= 0)
		return;
	kill(server->pid, SIGKILL);
	waitpid(server->pid, NULL, 0);
	server->pid = 0;
}

void
redis_server_remove(struct redis_server *server)
{
	redis_server_end(server);
	unlink(server->path);
	rmdir(server->folder);
}
