/* A domain's program: its options, and which of master, worker, jobs or verb it is. */
#include <err.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/app.h"
#include "app/event_verbs.h"
#include "app/jobs.h"
#include "app/master.h"
#include "app/openapi.h"
#include "app/pool.h"
#include "app/settings.h"
#include "app/worker.h"
#include "auth/password.h"
#include "base/config.h"
#include "base/log.h"

struct options {
	const char		*files[SETTINGS_MAX_FILES + 1];
	int			 file_count;
	const char		*worker;	/* "slot,listener,memory" */
	const struct verb	*verb;
	enum { SERVE, SHOW_CONFIG, SHOW_OPENAPI, RUN_JOBS } mode;
};

/* Of a program that is no pool. */
static void
usage_alone(const struct app *app, FILE *out)
{
	fprintf(out, "usage: marquee-%s [-c FILE]... [--config | --help]\n\n"
	    "Without an option it serves in the foreground, logs JSON lines on stderr and drains on SIGTERM.\n\n"
	    "  -c FILE      read this configuration instead of %s/marquee/{marquee,%s}.conf\n"
	    "  --config     print every setting with its value and meaning\n"
	    "  --version    print the version\n", app->name, SYSCONFDIR, app->name);
}

static void
usage(const struct app *app, FILE *out)
{
	if (app->serve != NULL) {
		usage_alone(app, out);
		return;
	}
	fprintf(out, "usage: marquee-%s [-c FILE]... [--jobs | --config | --openapi | --help]\n\n"
	    "Without an option it serves the pool \"%s\" in the foreground, logs JSON lines on stderr,\n"
	    "replaces its workers on SIGHUP and drains on SIGTERM.\n\n"
	    "  -c FILE      read this configuration instead of %s/marquee/{marquee,%s}.conf\n"
	    "  --jobs       run the domain's timers and its jobs, as mails\n"
	    "  --config     print every setting with its value and meaning\n"
	    "  --openapi    print the OpenAPI document of its endpoints\n"
	    "  --version    print the version\n", app->name, app->name, SYSCONFDIR, app->name);
	for (const struct verb *v = event_verbs; v->name != NULL; v++)
		fprintf(out, "  --%s %s\n               %s\n", v->name, v->arguments, v->summary);
	for (const struct verb *v = app->verbs; v != NULL && v->name != NULL; v++)
		fprintf(out, "  --%s %s\n               %s\n", v->name, v->arguments, v->summary);
}

static const struct verb *
verb_among(const struct verb *verbs, const char *argument)
{
	for (const struct verb *v = verbs; v != NULL && v->name != NULL && argument != NULL; v++)
		if (strncmp(argument, "--", 2) == 0 && strcmp(argument + 2, v->name) == 0)
			return v;
	return NULL;
}

static const struct verb *
find_verb(const struct app *app, const char *argument)
{
	const struct verb *verb = verb_among(event_verbs, argument);

	return verb != NULL ? verb : verb_among(app->verbs, argument);
}

/* A verb ends the options; what follows it is its own. */
static void
parse(const struct app *app, int argc, char **argv, struct options *o)
{
	static const struct option known[] = {
		{ "config", no_argument, NULL, 'C' }, { "openapi", no_argument, NULL, 'o' }, { "jobs", no_argument, NULL, 'j' },
		{ "worker", required_argument, NULL, 'w' }, { "help", no_argument, NULL, 'h' }, { "version", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 }
	};
	int c;

	while ((o->verb = find_verb(app, argv[optind])) == NULL && (c = getopt_long(argc, argv, "+c:", known, NULL)) != -1)
		switch (c) {
		case 'c':
			if (o->file_count == SETTINGS_MAX_FILES)
				errx(2, "at most %d files", SETTINGS_MAX_FILES);
			o->files[o->file_count++] = optarg;
			break;
		case 'C':
			o->mode = SHOW_CONFIG;
			break;
		case 'o':
			o->mode = SHOW_OPENAPI;
			break;
		case 'j':
			o->mode = RUN_JOBS;
			break;
		case 'w':
			o->worker = optarg;
			break;
		case 'h':
			usage(app, stdout);
			exit(0);
		case 'v':
			puts(PACKAGE_STRING);
			exit(0);
		default:
			usage(app, stderr);
			exit(2);
		}
	if ((o->verb == NULL && optind < argc) || (app->serve != NULL && o->mode != SERVE && o->mode != SHOW_CONFIG)) {
		usage(app, stderr);
		exit(2);
	}
}

static enum log_level
level_of(const char *name)
{
	static const char *const names[] = { "error", "warning", "info", "debug" };

	for (int i = 0; i < 4; i++)
		if (strcmp(name, names[i]) == 0)
			return (enum log_level)i;
	errx(2, "log_level: \"%s\" is not error, warning, info or debug", name);
}

static int
run_worker(const struct app *app, const struct config *config, const char *where)
{
	int slot, listener, memory;
	struct app_state *st;
	struct pool *pool;
	char problem[256];

	if (sscanf(where, "%d,%d,%d", &slot, &listener, &memory) != 3 || slot < 0 || slot >= POOL_SLOTS)
		errx(2, "--worker is for the master's own use");
	/* With another layout the memory means something else: a roll to such a release is given up. */
	if ((pool = pool_map(memory)) == NULL || pool->layout != pool_layout())
		errx(1, "the master is of another release: restart it");
	if ((st = state_new(app, config, pool, problem)) == NULL)
		errx(1, "%s", problem);
	return worker_run(st, slot, listener);
}

static int
run_verb(const struct app *app, const struct config *config, const struct verb *verb, int argc, char **argv)
{
	struct scope sc = { 0 };
	struct app_state *st;
	char problem[256];
	struct db *db;
	int status;

	if ((st = state_new(app, config, NULL, problem)) == NULL || (db = db_new(st->source)) == NULL)
		errx(1, "%s", problem);
	db_attach(db, &sc, PRIMARY, 60000);
	status = verb->run(st, db, &sc, argc, argv);
	if (scope_failed(&sc)) {
		fprintf(stderr, "%s\n", sc.failure.detail);
		for (const struct field_error *e = sc.failure.errors; e != NULL; e = e->next)
			fprintf(stderr, "  %s: %s\n", e->field, e->message);
		status = 1;
	}
	db_detach(db);
	db_free(db);
	scope_free(&sc);
	state_free(st);
	return status;
}

/* Its own path as it was when it started: after an upgrade the new release stands there. */
static const char *
program_path(void)
{
	static char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (n < 0)
		err(1, "/proc/self/exe");
	path[n] = '\0';
	return path;
}

/* The master checks what its workers will need, so that a slip in a file is said at once. */
static int
run_service(const struct app *app, const struct config *config, char **argv)
{
	char problem[256];
	struct app_state *st = state_new(app, config, NULL, problem);

	if (st == NULL)
		errx(1, "%s", problem);
	if (app->serve != NULL)
		_exit(app->serve(st));	/* its threads may still be at work */
	state_free(st);
	return master_run(app, config, program_path(), argv);
}

int
app_main(const struct app *app, int argc, char **argv)
{
	struct options o = { .mode = SERVE };
	struct config *config;
	char problem[256];
	int status = 0;

	/* For a worker's own use: auth/hasher.c. */
	if (argc == 2 && strcmp(argv[1], "--hash") == 0)
		return password_serve(STDIN_FILENO);
	parse(app, argc, argv, &o);
	if (sodium_init() < 0)
		errx(1, "libsodium does not start");
	if (o.mode == SHOW_OPENAPI)
		return openapi_print(app, stdout);
	if ((config = settings_read(app, o.files, problem)) == NULL)
		errx(2, "%s", problem);
	/* Who hangs up fails his own call, not the process. */
	signal(SIGPIPE, SIG_IGN);
	log_open(app->name, level_of(config_text(config, "log_level")));
	if (o.verb != NULL)
		status = run_verb(app, config, o.verb, argc - optind - 1, argv + optind + 1);
	else if (o.mode == SHOW_CONFIG)
		config_print(config, stdout);
	else if (o.mode == RUN_JOBS)
		status = jobs_run(app, config);
	else if (o.worker != NULL)
		_exit(run_worker(app, config, o.worker));	/* its threads may still be at work */
	else
		status = run_service(app, config, argv);
	config_free(config);
	return status;
}
