/* The settings that every pool has, and what a process makes of them. */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "app/operations.h"
#include "app/personal.h"
#include "app/pool.h"
#include "app/settings.h"
#include "auth/password.h"
#include "auth/revocations.h"
#include "base/config.h"
#include "data/limits.h"
#include "data/redis.h"
#include "events/bus.h"
#include "events/relay.h"
#include "remote/call.h"

static const struct setting common[] = {
	{ "public_url", SETTING_TEXT, "https://localhost:8443", "Address of the platform as clients see it; issuer of its tokens." },
	{ "sockets", SETTING_TEXT, "/run/marquee", "Folder of the pools' listening sockets; no more than 80 characters." },
	{ "socket_group", SETTING_TEXT, "", "Group that may connect to them, that of nginx; empty: this program's." },
	{ "processes", SETTING_INTEGER, "2", "Worker processes, each with a socket of its own.", 1, POOL_MAX_PROCESSES },
	{ "threads", SETTING_INTEGER, "4", "Blocking threads of a worker.", 1, POOL_MAX_THREADS },
	{ "slow_threads", SETTING_INTEGER, "1", "Threads of a worker for password hashes and other heavy work.", 1, 8 },
	{ "hashes", SETTING_INTEGER, "0", "Passwords that a pool hashes at once, 64 MiB each; 0: one for every two CPUs.", 0, PASSWORD_MOST_PLACES },
	{ "database", SETTING_TEXT, "dbname=marquee", "libpq conninfo of primary and standbys: host=a,b port=1,2 dbname=... user=..." },
	{ "replica", SETTING_TEXT, "", "libpq conninfo for reads that may lag, best host first; empty: the primary." },
	{ "database_password", SETTING_FILE, "", "File with the password of this pool's role." },
	{ "statement_timeout_ms", SETTING_INTEGER, "2000", "Postgres gives up a statement of a blocking thread after so long.", 10, 600000 },
	{ "database_wait_ms", SETTING_INTEGER, "2300", "A request waits for Postgres so long in all; less than nginx waits for a pool.", 10, 600000 },
	{ "commit_timeout_ms", SETTING_INTEGER, "2000", "A commit that waits longer for a standby is answered as unknown.", 10, 600000 },
	{ "lane_timeout_ms", SETTING_INTEGER, "100", "The read lane gives its batch to the blocking threads after so long without an answer.", 10, 60000 },
	{ "lane_statement_timeout_ms", SETTING_INTEGER, "50", "A read slower than this leaves the read lane.", 1, 60000 },
	{ "redis", SETTING_TEXT, "", "Redis that counts limits: path of its socket, or host:port; empty: each pool counts for itself." },
	{ "redis_timeout_ms", SETTING_INTEGER, "20", "Redis is given up after so long; 5 trips on a busy machine.", 1, 1000 },
	{ "bus", SETTING_TEXT, "", "Address of the Redis that carries events: the path of a socket or host:port." },
	{ "token_keys", SETTING_TEXT, "", "Folder of <kid>.pem, the public keys that access tokens are checked with, and of their states." },
	{ "token_signing_keys", SETTING_TEXT, "", "Folder of private <kid>.pem, or what is before _<kid>.pem in their paths; for the users pool alone." },
	{ "token_lifetime_s", SETTING_INTEGER, "600", "Seconds an access token is good for.", 10, 86400 },
	{ "service_secret", SETTING_FILE, "", "File with the secret that this pool gets its own token for." },
	{ "internal", SETTING_TEXT, "", "nginx' internal server: a socket, or http(s)://host:port; empty: internal.sock among the sockets." },
	{ "drain_s", SETTING_INTEGER, "25", "A worker that was told to end serves its open connections for so long.", 1, 600 },
	{ "hung_s", SETTING_INTEGER, "10", "A worker whose loop stands still for so long is killed.", 2, 600 },
	{ "log_level", SETTING_TEXT, "info", "error, warning, info or debug." },
	{ "log_requests", SETTING_BOOL, "true", "A log line for every request." },
	{ NULL }
};

/* The common settings and the domain's own, as one table; lives as long as the process. */
static const struct setting *
table_of(const struct app *app)
{
	static struct setting table[64];
	size_t n = sizeof(common) / sizeof(common[0]) - 1;

	memcpy(table, common, sizeof(common));
	for (const struct setting *s = app->settings; s != NULL && s->name != NULL; s++) {
		if (n == sizeof(table) / sizeof(table[0]) - 1)
			errx(1, "more settings than there is room for");
		table[n++] = *s;
	}
	table[n].name = NULL;
	return table;
}

struct config *
settings_read(const struct app *app, const char *const *files, char problem[256])
{
	struct config *config = config_new(table_of(app));
	char path[512];
	bool good = true;

	if (files[0] != NULL) {
		for (; *files != NULL && good; files++)
			good = config_read(config, *files, false, problem);
	} else {
		good = config_read(config, SYSCONFDIR "/marquee/marquee.conf", true, problem);
		snprintf(path, sizeof(path), SYSCONFDIR "/marquee/%s.conf", app->name);
		good = good && config_read(config, path, true, problem);
	}
	if (good)
		return config;
	config_free(config);
	return NULL;
}

/* The routes of every pool: those of the operations server, and the domain's. */
static struct router *
router_of(const struct app *app)
{
	const struct route **tables;
	struct router *router;
	size_t count = 0;

	while (app->resources[count] != NULL)
		count++;
	if ((tables = calloc(count + 2, sizeof(*tables))) == NULL)
		return NULL;
	tables[0] = operations_routes;
	memcpy(tables + 1, app->resources, count * sizeof(*tables));
	router = router_new(tables);
	free(tables);
	return router;
}

/* Where the jobs of the domain hear of commits. */
static const char *
announcements(const struct app *app, const struct config *c)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s.relay.sock", config_text(c, "sockets"), app->name);
	return path;
}

static struct db_source *
source_of(const struct app *app, const struct config *c, char problem[256])
{
	int threads = (int)config_integer(c, "threads");
	struct db_settings settings = {
		.domain = app->name,
		.primary = config_text(c, "database"),
		.replica = config_text(c, "replica"),
		.password = config_text(c, "database_password"),
		.statement_timeout_ms = (int)config_integer(c, "statement_timeout_ms"),
		.commit_timeout_ms = (int)config_integer(c, "commit_timeout_ms"),
		.most_waiting_commits = (threads + 1) / 2,
		.constraints = app->constraints,
	};

	settings.announcements = announcements(app, c);
	return db_source_new(&settings, problem);
}

static struct token_keys *
keys_of(const struct config *c, char problem[256])
{
	struct token_settings settings = {
		.issuer = config_text(c, "public_url"),
		.audience = "marquee",
		.keys = config_text(c, "token_keys"),
		.signing_keys = config_text(c, "token_signing_keys"),
		.lifetime_s = (int)config_integer(c, "token_lifetime_s"),
	};

	return token_keys_load(&settings, problem);
}

static struct call_source *
calls_of(const struct app *app, const struct config *c)
{
	static char socket[128];
	struct call_settings settings = {
		.service = app->name,
		.secret = config_text(c, "service_secret"),
		.internal = config_text(c, "internal"),
	};

	snprintf(socket, sizeof(socket), "%s/internal.sock", config_text(c, "sockets"));
	if (*settings.internal == '\0')
		settings.internal = socket;
	return call_source_new(&settings);
}

static struct limits *
limits_of(const struct config *c, struct pool *pool, char problem[256])
{
	struct limits *limits = limits_new(config_text(c, "redis"), (int)config_integer(c, "redis_timeout_ms"), pool_limits(pool));

	if (limits == NULL)
		snprintf(problem, 256, "redis = %.200s: not the path of a socket, nor host:port", config_text(c, "redis"));
	return limits;
}

/* False: the setting is malformed. */
static bool
bus_of(struct app_state *st, const struct config *c, char problem[256])
{
	const char *address = config_text(c, "bus");

	if (*address == '\0' || (st->bus = redis_new(address, BUS_TIMEOUT_MS)) != NULL)
		return true;
	snprintf(problem, 256, "bus = %.200s: not the path of a socket, nor host:port", address);
	return false;
}

bool
state_add_events(struct app_state *st)
{
	const struct app *app = st->app;
	int n = 0;

	if (st->bus == NULL)
		return true;
	st->relay = relay_new(app->name, st->bus, announcements(app, st->config));
	if (!app->knows_people)
		st->handlers[n++] = personal_handlers;
	if (app->handlers != NULL)
		st->handlers[n++] = app->handlers;
	if (n > 0)
		st->consumer = consumer_new(app->name, st->bus, st->handlers, st);
	return st->relay != NULL && (n == 0 || st->consumer != NULL);
}

struct app_state *
state_new(const struct app *app, const struct config *config, struct pool *pool, char problem[256])
{
	struct app_state *st = calloc(1, sizeof(*st));
	void *memory = pool;

	snprintf(problem, 256, "out of memory");
	if (st == NULL)
		return NULL;
	*st = (struct app_state){ .app = app, .config = config, .public_url = config_text(config, "public_url"),
	    .token_lifetime_s = (int)config_integer(config, "token_lifetime_s") };
	if (pool == NULL && (memory = mmap(NULL, pool_size(), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0)) == MAP_FAILED)
		goto fail;
	st->pool = memory;
	st->revoked = pool_revocations(st->pool);
	if (pool != NULL)
		password_places_use(pool_password_places(pool));
	if ((st->router = router_of(app)) == NULL || (st->tokens = token_cache_new(8192)) == NULL ||
	    (st->calls = calls_of(app, config)) == NULL ||
	    (st->keys = keys_of(config, problem)) == NULL || (st->source = source_of(app, config, problem)) == NULL ||
	    (st->limits = limits_of(config, st->pool, problem)) == NULL || !bus_of(st, config, problem))
		goto fail;
	return st;
fail:
	state_free(st);
	return NULL;
}

void
state_free(struct app_state *st)
{
	if (st == NULL)
		return;
	consumer_free(st->consumer);
	relay_free(st->relay);
	redis_free(st->bus);
	call_source_free(st->calls);
	limits_free(st->limits);
	db_source_free(st->source);
	token_keys_free(st->keys);
	token_cache_free(st->tokens);
	router_free(st->router);
	free(st);
}
