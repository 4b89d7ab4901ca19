/* Commands to one Redis server, over connections that threads share. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/breaker.h"
#include "base/clock.h"
#include "base/log.h"
#include "data/redis.h"

#define MOST_IDLE	8

struct redis {
	char		*host;			/* or the path of a socket */
	int		 port;			/* 0: a socket */
	struct timeval	 timeout;
	struct breaker	 breaker;
	pthread_mutex_t	 mutex;			/* of what follows */
	redisContext	*idle[MOST_IDLE];
	int		 idle_count;
};

bool
redis_address(const char *address, char **host, int *port)
{
	const char *colon = strrchr(address, ':');
	bool bracketed = *address == '[';
	char *end;
	long number;

	*port = 0;
	if (*address == '/')
		return (*host = strdup(address)) != NULL;
	if (colon == NULL || colon == address || (bracketed && colon[-1] != ']'))
		return false;
	number = strtol(colon + 1, &end, 10);
	if (*end != '\0' || number < 1 || number > 65535)
		return false;
	*port = (int)number;
	*host = strndup(address + bracketed, (size_t)(colon - address) - 2 * bracketed);
	return *host != NULL;
}

struct redis *
redis_new(const char *address, int timeout_ms)
{
	struct redis *redis = calloc(1, sizeof(*redis));

	if (redis == NULL)
		return NULL;
	if (!redis_address(address, &redis->host, &redis->port)) {
		free(redis);
		return NULL;
	}
	redis->timeout = (struct timeval){ timeout_ms / 1000, timeout_ms % 1000 * 1000 };
	breaker_init(&redis->breaker);
	pthread_mutex_init(&redis->mutex, NULL);
	return redis;
}

void
redis_free(struct redis *redis)
{
	if (redis == NULL)
		return;
	while (redis->idle_count > 0)
		redisFree(redis->idle[--redis->idle_count]);
	pthread_mutex_destroy(&redis->mutex);
	breaker_destroy(&redis->breaker);
	free(redis->host);
	free(redis);
}

static redisContext *
take(struct redis *redis)
{
	redisContext *connection = NULL;

	pthread_mutex_lock(&redis->mutex);
	if (redis->idle_count > 0)
		connection = redis->idle[--redis->idle_count];
	pthread_mutex_unlock(&redis->mutex);
	return connection;
}

static void
give_back(struct redis *redis, redisContext *connection)
{
	pthread_mutex_lock(&redis->mutex);
	if (redis->idle_count < MOST_IDLE) {
		redis->idle[redis->idle_count++] = connection;
		connection = NULL;
	}
	pthread_mutex_unlock(&redis->mutex);
	if (connection != NULL)
		redisFree(connection);
}

/* Nothing is owed on an idle connection: one that can be read has been closed by a server that is gone. */
static bool
is_alive(const redisContext *connection)
{
	struct pollfd fd = { .fd = connection->fd, .events = POLLIN };

	return poll(&fd, 1, 0) == 0;
}

static redisContext *
connect_to(const struct redis *redis)
{
	redisContext *connection = redis->port == 0 ?
	    redisConnectUnixWithTimeout(redis->host, redis->timeout) :
	    redisConnectWithTimeout(redis->host, redis->port, redis->timeout);

	if (connection != NULL && connection->err == 0)
		redisSetTimeout(connection, redis->timeout);
	return connection;
}

static void
failed(struct redis *redis, bool is_gone, const char *why)
{
	if (breaker_failed(&redis->breaker, is_gone, clock_ms()))
		log_event(LOG_WARNING, "Redis does not answer", LOG_TEXT("address", redis->host), LOG_TEXT("error", why));
}

/* A connection that is up, or NULL and the breaker knows. */
static redisContext *
get_connection(struct redis *redis)
{
	redisContext *connection;

	while ((connection = take(redis)) != NULL) {
		if (is_alive(connection))
			return connection;
		redisFree(connection);
	}
	errno = 0;
	connection = connect_to(redis);
	if (connection != NULL && connection->err == 0)
		return connection;
	failed(redis, errno != ETIMEDOUT, connection != NULL ? connection->errstr : "out of memory");
	if (connection != NULL)
		redisFree(connection);
	return NULL;
}

redisContext *
redis_take(struct redis *redis)
{
	return breaker_allows(&redis->breaker, clock_ms()) ? get_connection(redis) : NULL;
}

void
redis_give_back(struct redis *redis, redisContext *connection, const char *problem)
{
	if (problem != NULL) {
		failed(redis, false, problem);
		redisFree(connection);
		return;
	}
	if (breaker_succeeded(&redis->breaker))
		log_event(LOG_INFO, "Redis answers again", LOG_TEXT("address", redis->host));
	give_back(redis, connection);
}

redisReply *
redis_command(struct redis *redis, const char *format, ...)
{
	redisContext *connection = redis_take(redis);
	redisReply *reply;
	va_list ap;

	if (connection == NULL)
		return NULL;
	va_start(ap, format);
	reply = redisvCommand(connection, format, ap);
	va_end(ap);
	if (reply != NULL && reply->type != REDIS_REPLY_ERROR) {
		redis_give_back(redis, connection, NULL);
		return reply;
	}
	redis_give_back(redis, connection, reply != NULL ? reply->str : connection->errstr);
	freeReplyObject(reply);
	return NULL;
}
