/*
 * Imports: files of results and matches, taken once, however often they are given.
 *
 * Lines are checked one by one and copied to import_line; the statements of
 * the format make of them what they tell.  All of it is one transaction.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/app.h"
#include "app/imports.h"
#include "base/clock.h"

enum { MAX_TIME_MS = 3600000 };

/* --- the transaction --- */

/* Names are looked up by hash joins: nobody has counted the rows that came a moment ago, and loops would be chosen. */
static const struct statement plan_for_many = { SQL(
	select set_config('enable_nestloop', 'off', true), set_config('jit', 'off', true), set_config('work_mem', '64MB', true)
) };

static const struct statement try_lock = { SQL(
	select pg_try_advisory_xact_lock(hashtext(current_schema() || ' import')) as locked
) };

static const struct statement wait_lock = { SQL(
	select pg_advisory_xact_lock(hashtext(current_schema() || ' import'))
) };

static const struct statement stage_waiting = { SQL(
	insert into import_line (file, line, cells)
	select file, line, cells from import_waiting where provider = $1
	on conflict do nothing
) };

static const struct statement end_waiting = { SQL(
	delete from import_waiting w
	 using import_line l
	 where w.provider = $1 and l.file = w.file and l.line = w.line and l.found is not null
) };

static const struct statement empty = { SQL(
	delete from import_line
) };

static void
lock_others_out(struct import *import)
{
	struct rows *rows = db_query(import->db, &try_lock);

	if (rows_count(rows) != 1 || row_bool(rows, 0, "locked"))
		return;
	fputs("Another import runs; waiting for it.\n", stderr);
	db_query(import->db, &wait_lock);
}

/* An outcome for each file that is given where there may be many, else for each that the format has. */
static void
name_outcomes(struct import *import)
{
	const struct import_file *files = import->format->files;
	bool many = import->format->many;
	int count = import->count;

	if (!many)
		for (count = 0; files[count].name != NULL; count++)
			;
	import->outcomes = scope_alloc(import->scope, (size_t)count * sizeof(*import->outcomes));
	import->outcome_count = count;
	for (int i = 0; i < count; i++)
		import->outcomes[i].name = many ? import->paths[i] : files[i].name;
}

static struct import_outcome *
outcome_of(struct import *import, const char *name)
{
	struct import_outcome *outcome = import->outcomes;

	while (strcmp(outcome->name, name) != 0)
		outcome++;
	return outcome;
}

static void
run_step(struct import *import, const struct import_step *step)
{
	struct rows *rows;

	import_show(import, step->label, 0);
	rows = db_query(import->db, step->statement);
	for (int row = 0; step->gives != STEP_WORK && row < rows_count(rows); row++) {
		struct import_outcome *outcome = outcome_of(import, row_text(rows, row, "file"));

		if (step->gives == STEP_TAKEN)
			outcome->taken += (long)row_integer(rows, row, "count");
		else
			import_remark(import, step->gives == STEP_REFUSED ? &outcome->refused : &outcome->waiting,
			    (long)row_integer(rows, row, "line"), row_text(rows, row, "reason"));
	}
}

static void
run_steps(struct import *import, const struct import_step *steps)
{
	for (const struct import_step *step = steps; step->label != NULL || step->steps != NULL; step++)
		if (step->steps != NULL)
			run_steps(import, step->steps);
		else
			run_step(import, step);
}

static const char *
ask_totals(struct import *import)
{
	struct rows *rows;

	import_show(import, "counting", 0);
	rows = db_query(import->db, import->format->totals);
	return rows_count(rows) == 1 ? row_text(rows, 0, "totals") : "null";
}

/* May run again, from the start. */
static void
take_files(void *arg)
{
	struct import *import = arg;

	name_outcomes(import);
	db_take_time(import->db, MAX_TIME_MS);
	db_query(import->db, &plan_for_many);
	lock_others_out(import);
	for (int i = 0; i < import->count; i++)
		import_stage(import, import->paths[i]);
	db_query(import->db, &stage_waiting, p_text(import->format->name));
	run_steps(import, import->format->steps);
	db_query(import->db, &end_waiting, p_text(import->format->name));
	db_query(import->db, &empty);
	if (import->json)
		import->totals = ask_totals(import);
}

static void
count_totals(void *arg)
{
	struct import *import = arg;

	db_take_time(import->db, MAX_TIME_MS);
	db_query(import->db, &plan_for_many);
	import->totals = ask_totals(import);
}

/* --- verbs --- */

static const struct import_format *
find_format(const struct app *app, const char *name)
{
	const struct import_format *const *formats = app->imports;

	for (int i = 0; formats[i] != NULL; i++)
		if (name != NULL && strcmp(formats[i]->name, name) == 0)
			return formats[i];
	fputs("FORMAT is one of", stderr);
	for (int i = 0; formats[i] != NULL; i++)
		fprintf(stderr, " %s", formats[i]->name);
	fputc('\n', stderr);
	return NULL;
}

static int
import_files(const struct app_state *state, struct db *db, struct scope *scope, int argc, char **argv)
{
	struct import import = { .db = db, .scope = scope, .began_ms = clock_ms() };

	if (argc > 0 && strcmp(argv[0], "--json") == 0) {
		import.json = true;
		argc--, argv++;
	}
	if ((import.format = find_format(state->app, argc > 0 ? argv[0] : NULL)) == NULL)
		return 2;
	if (argc < 2) {
		fputs("--import wants FILES\n", stderr);
		return 2;
	}
	import.paths = argv + 1;
	import.count = argc - 1;
	db_tx(db, take_files, &import);
	import_hide(&import);
	return scope_failed(scope) ? EXIT_FAILURE : import_report(&import);
}

static int
print_totals(const struct app_state *state, struct db *db, struct scope *scope, int argc, char **argv)
{
	struct import import = { .db = db, .scope = scope, .began_ms = clock_ms() };

	if (argc != 1 || (import.format = find_format(state->app, argv[0])) == NULL)
		return 2;
	db_tx(db, count_totals, &import);
	import_hide(&import);
	if (!scope_failed(scope))
		puts(import.totals);
	return EXIT_SUCCESS;
}

const struct verb import_verbs[] = {
	{ "import", "[--json] FORMAT FILE...", "take in files of a format; what is there already is left as it is", import_files },
	{ "import-totals", "FORMAT", "print what there is of a format, as JSON", print_totals },
	{ 0 }
};
