/* What all connections of a process share: hosts, and commits that wait. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "data/source.h"

#define MAX_HOSTS	8

/* The parameters that a conninfo gave, its hosts taken apart. */
struct target {
	PQconninfoOption	*options;
	char			*hosts, *ports;		/* cut in place */
	const char		*host[MAX_HOSTS], *port[MAX_HOSTS];
	int			 count;
	_Atomic int		 best;
	_Atomic int64_t		 down_until_ms;
};

struct waiting {
	struct waiting	*next;
	PGconn		*pg;
};

struct db_source {
	struct db_settings	 settings;
	struct target		 targets[2];
	char			 server_options[256];
	int			 announcer;	/* a socket to send datagrams from; -1: nobody listens */
	pthread_mutex_t		 lock;
	struct waiting		*waiting;
	int			 waiting_count;
};

/* Cuts "a,b,c" in place; an empty or missing list is one empty word. */
static int
cut(char *list, const char *words[MAX_HOSTS])
{
	int count = 0;
	char *rest = list, *word;

	while (count < MAX_HOSTS && (word = strsep(&rest, ",")) != NULL)
		words[count++] = word;
	if (count == 0)
		words[count++] = "";
	return count;
}

static const char *
option(const struct target *t, const char *keyword)
{
	for (const PQconninfoOption *o = t->options; o->keyword != NULL; o++)
		if (strcmp(o->keyword, keyword) == 0)
			return o->val != NULL ? o->val : "";
	return "";
}

static bool
target_read(struct target *t, const char *conninfo, char problem[256])
{
	char *why = NULL;
	int ports;

	if ((t->options = PQconninfoParse(conninfo, &why)) == NULL) {
		snprintf(problem, 256, "%s", why != NULL ? why : "out of memory");
		PQfreemem(why);
		return false;
	}
	t->hosts = strdup(option(t, "host"));
	t->ports = strdup(option(t, "port"));
	if (t->hosts == NULL || t->ports == NULL) {
		snprintf(problem, 256, "out of memory");
		return false;
	}
	t->count = cut(t->hosts, t->host);
	ports = cut(t->ports, t->port);
	if (ports != 1 && ports != t->count) {
		snprintf(problem, 256, "%d hosts, but %d ports", t->count, ports);
		return false;
	}
	for (int i = ports; i < t->count; i++)
		t->port[i] = t->port[0];
	return true;
}

struct db_source *
db_source_new(const struct db_settings *settings, char problem[256])
{
	struct db_source *source = calloc(1, sizeof(*source));
	const char *replica = *settings->replica != '\0' ? settings->replica : settings->primary;

	if (source == NULL) {
		snprintf(problem, 256, "out of memory");
		return NULL;
	}
	source->settings = *settings;
	source->announcer = settings->announcements != NULL && *settings->announcements != '\0' ?
	    socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0) : -1;
	pthread_mutex_init(&source->lock, NULL);
	/*
	 * A generic plan costs 27 us where planning anew costs 45; where data is
	 * skewed a statement says otherwise.  A row that someone holds for long must
	 * not hold all threads.
	 */
	snprintf(source->server_options, sizeof(source->server_options),
	    "-c timezone=UTC -c plan_cache_mode=force_generic_plan -c lock_timeout=1000");
	if (!target_read(&source->targets[PRIMARY], settings->primary, problem) ||
	    !target_read(&source->targets[REPLICA], replica, problem)) {
		db_source_free(source);
		return NULL;
	}
	return source;
}

void
db_source_free(struct db_source *source)
{
	struct waiting *w;

	if (source == NULL)
		return;
	while ((w = source->waiting) != NULL) {
		source->waiting = w->next;
		PQfinish(w->pg);
		free(w);
	}
	for (struct target *t = source->targets; t < source->targets + 2; t++) {
		PQconninfoFree(t->options);
		free(t->hosts);
		free(t->ports);
	}
	if (source->announcer >= 0)
		close(source->announcer);
	pthread_mutex_destroy(&source->lock);
	free(source);
}

const struct db_settings *
db_source_settings(const struct db_source *source)
{
	return &source->settings;
}

bool
db_source_has_replica(const struct db_source *source)
{
	return *source->settings.replica != '\0';
}

int
db_source_hosts(const struct db_source *source, enum reads reads)
{
	return source->targets[reads].count;
}

int
db_source_best(const struct db_source *source, enum reads reads)
{
	return source->targets[reads].best;
}

void
db_source_answered(struct db_source *source, enum reads reads, int host)
{
	source->targets[reads].best = host;
	source->targets[reads].down_until_ms = 0;
}

void
db_source_silent(struct db_source *source, enum reads reads, int64_t for_ms)
{
	source->targets[reads].down_until_ms = clock_ms() + for_ms;
}

bool
db_source_is_silent(const struct db_source *source, enum reads reads)
{
	return source->targets[reads].down_until_ms > clock_ms();
}

/*
 * tcp_user_timeout: without it a black-holed server hung a client for ten
 * minutes.  A replica of one host may be the primary itself, so only PRIMARY
 * asks what the server is.  gssencmode: libgssapi crashes when memory runs out.
 */
void
db_source_params(const struct db_source *source, enum reads reads, int host, bool writes, const char *options,
    const char *keywords[DB_CONNECT_PARAMS], const char *values[DB_CONNECT_PARAMS])
{
	const struct target *t = &source->targets[reads];
	const struct { const char *keyword, *value; } ours[] = {
		{ "host", t->host[host] }, { "port", t->port[host] }, { "password", source->settings.password },
		{ "application_name", source->settings.domain }, { "client_encoding", "UTF8" },
		{ "tcp_user_timeout", "1000" }, { "keepalives_idle", "5" }, { "keepalives_interval", "1" },
		{ "keepalives_count", "3" }, { "gssencmode", "disable" }, { "options", options },
		{ "target_session_attrs", writes ? "read-write" : reads == PRIMARY ? "primary" : "any" },
	};
	int n = 0;

	for (const PQconninfoOption *o = t->options; o->keyword != NULL && n < DB_CONNECT_PARAMS - 12; o++) {
		if (o->val == NULL || strcmp(o->keyword, "host") == 0 || strcmp(o->keyword, "port") == 0)
			continue;
		keywords[n] = o->keyword;
		values[n++] = o->val;
	}
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
		if (*ours[i].value == '\0')
			continue;
		keywords[n] = ours[i].keyword;
		values[n++] = ours[i].value;
	}
	keywords[n] = values[n] = NULL;
}

static void
log_notice(void *unused, const char *message)
{
	(void)unused;
	log_event(LOG_INFO, "database says", LOG_TEXT("notice", message));
}

void
db_source_listen(PGconn *pg)
{
	PQsetNoticeProcessor(pg, log_notice, NULL);
}

const char *
db_source_options(const struct db_source *source)
{
	return source->server_options;
}

/* A full socket means that he is awake. */
void
db_source_announce(const struct db_source *source)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (source->announcer < 0)
		return;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", source->settings.announcements);
	sendto(source->announcer, "", 1, 0, (struct sockaddr *)&address, sizeof(address));
}

/* --- commits that wait for a standby --- */

/*
 * A commit that no standby confirms cannot be cancelled; it is done here and
 * waits for its copy.  Its connection is kept aside: when it answers, standbys
 * are back.
 */
void
db_source_keep_waiting(struct db_source *source, PGconn *pg)
{
	struct waiting *w = malloc(sizeof(*w));

	if (w == NULL) {
		PQfinish(pg);
		return;
	}
	pthread_mutex_lock(&source->lock);
	*w = (struct waiting){ source->waiting, pg };
	source->waiting = w;
	source->waiting_count++;
	pthread_mutex_unlock(&source->lock);
	log_event(LOG_WARNING, "a commit waits for a standby");
}

static bool
still_waits(PGconn *pg)
{
	return PQconsumeInput(pg) == 1 && PQisBusy(pg);
}

int
db_source_waiting_commits(struct db_source *source)
{
	int count;

	pthread_mutex_lock(&source->lock);
	for (struct waiting **p = &source->waiting, *w; (w = *p) != NULL;) {
		if (still_waits(w->pg)) {
			p = &w->next;
			continue;
		}
		*p = w->next;
		PQfinish(w->pg);
		free(w);
		source->waiting_count--;
	}
	count = source->waiting_count;
	pthread_mutex_unlock(&source->lock);
	return count;
}
