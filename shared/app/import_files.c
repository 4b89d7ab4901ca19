/* Files of an import: which one each is, and its lines, checked one by one and copied to where statements find them. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/imports.h"
#include "base/csv.h"
#include "base/text.h"
#include "data/copy.h"
#include "http/json.h"

enum { MAX_BYTES = 1 << 30 };	/* of a file */

/* --- cells --- */

static bool
is_day(const char *text)
{
	char time[32];
	int64_t us;

	snprintf(time, sizeof(time), "%.20sT00:00:00Z", text);
	return text_to_time(&us, time);
}

static bool
is_number(const char *text, int most)
{
	size_t length = strlen(text);

	return length > 0 && length < 9 && strspn(text, "0123456789") == length && atoi(text) <= most;
}

static bool
is_flag(const char *text)
{
	return strcmp(text, "TRUE") == 0 || strcmp(text, "FALSE") == 0 || strcmp(text, "0") == 0 || strcmp(text, "1") == 0;
}

static bool
is_time(const char *text)
{
	int64_t us;

	return text_to_time(&us, text);
}

/* Why a cell cannot be taken, or NULL. */
static const char *
cell_problem(struct scope *sc, const struct import_column *column, const char *text)
{
	switch (column->kind) {
	case CELL_NAME:
		if (text[strspn(text, " \t\r\n")] == '\0')
			return scope_printf(sc, "%s is empty", column->name);
		/* fall through */
	case CELL_TEXT:
		return text_length(text) <= (size_t)column->most ? NULL :
		    scope_printf(sc, "%s is longer than %d characters", column->name, column->most);
	case CELL_DAY:
		return is_day(text) ? NULL : scope_printf(sc, "%s is no day", column->name);
	case CELL_NUMBER_OR_NA:
		if (strcmp(text, "NA") == 0)
			return NULL;
		/* fall through */
	case CELL_NUMBER:
		return is_number(text, column->most) ? NULL :
		    scope_printf(sc, "%s is no number from 0 to %d", column->name, column->most);
	case CELL_FLAG:
		return is_flag(text) ? NULL : scope_printf(sc, "%s is neither TRUE nor FALSE", column->name);
	case CELL_TIME:
		return is_time(text) ? NULL :
		    scope_printf(sc, "%s is no time with its offset, as 2030-12-31T20:00:00Z", column->name);
	}
	abort();
}

/* --- files --- */

static char *
read_file(struct scope *sc, const char *path, size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st = { 0 };
	char *data = NULL;
	ssize_t n = 0;

	*size = 0;
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= MAX_BYTES) {
		data = scope_alloc(sc, (size_t)st.st_size + 1);
		while (*size < (size_t)st.st_size && (n = read(fd, data + *size, (size_t)st.st_size - *size)) > 0)
			*size += (size_t)n;
	}
	if (data == NULL || n < 0)
		scope_fail(sc, 422, "unreadable", "%s cannot be read: %s.", path,
		    fd < 0 || n < 0 ? strerror(errno) : "it is no file, or larger than 1 GB");
	if (fd >= 0)
		close(fd);
	return scope_failed(sc) ? NULL : data;
}

static int
column_place(const struct csv *header, const char *name)
{
	for (int i = 0; i < header->count; i++)
		if (strcmp(header->cells[i], name) == 0)
			return i;
	return -1;
}

/* Where each of a file's columns stands; the number of them, or 0 when one is missing. */
static int
map_columns(const struct csv *header, const struct import_file *file, int places[CSV_MAX_CELLS])
{
	int count = 0;

	for (const struct import_column *c = file->columns; c->name != NULL; c++)
		if ((places[count++] = column_place(header, c->name)) < 0)
			return 0;
	return count;
}

/* Which file of the format it is, and how many columns are wanted of it. */
static const struct import_file *
recognise(struct import *import, const struct csv *header, const char *path, int places[CSV_MAX_CELLS], int *count)
{
	for (const struct import_file *file = import->format->files; file->name != NULL; file++)
		if (header->problem == NULL && file->objects_in == NULL && (*count = map_columns(header, file, places)) > 0)
			return file;
	scope_fail(import->scope, 422, "unknown_file", "%s is no file of %s: its first line names other columns.", path,
	    import->format->name);
	return NULL;
}

/* --- lines --- */

/* A file on its way. */
struct staging {
	struct import		*import;
	const struct import_file *file;
	struct import_outcome	*outcome;
	struct copy		*copy;
	long			 before;
	int			 count;		/* columns */
};

static const char *
record_problem(struct import *import, const struct import_file *file, const char **cells)
{
	const char *problem = NULL;

	for (int i = 0; problem == NULL && file->columns[i].name != NULL; i++)
		problem = cell_problem(import->scope, &file->columns[i], cells[i]);
	if (problem == NULL && file->problem != NULL)
		problem = file->problem(cells);
	return problem == NULL && file->prepare != NULL ? file->prepare(import->scope, cells) : problem;
}

/* The problem is one that it has had from the start, or NULL. */
static void
stage_line(struct staging *staging, long line, const char **cells, const char *problem)
{
	struct import_outcome *outcome = staging->outcome;

	line += staging->before;
	outcome->last_line = line;
	if (problem == NULL)
		problem = record_problem(staging->import, staging->file, cells);
	if (++outcome->lines % 10000 == 0)
		import_show(staging->import, outcome->path, line);
	if (problem != NULL) {
		import_remark(staging->import, &outcome->refused, line, problem);
		return;
	}
	copy_row(staging->copy, 3);
	copy_text(staging->copy, staging->file->name);
	copy_integer(staging->copy, (int32_t)line);
	copy_texts(staging->copy, cells, (size_t)staging->count);
}

/* False: of this file of the format another one was given. */
static bool
stage_begin(struct staging *staging, struct import *import, const struct import_file *file, const char *path)
{
	struct import_outcome *outcome = &import->outcomes[file - import->format->files];

	if (outcome->path != NULL && !file->many) {
		scope_fail(import->scope, 422, "given_twice", "%s and %s are both the %s of %s.", outcome->path, path,
		    file->name, import->format->name);
		return false;
	}
	if (outcome->parts++ == 0)
		outcome->path = path;
	import->parts[import->part_count++] = (struct import_part){ path, file, outcome->last_line };
	*staging = (struct staging){ .import = import, .file = file, .outcome = outcome, .before = outcome->last_line };
	while (file->columns[staging->count].name != NULL)
		staging->count++;
	staging->copy = copy_begin(import->db, import->scope,
	    "copy import_line (file, line, cells) from stdin (format binary)");
	return true;
}

static void
stage_records(struct import *import, const char *path, char *data, size_t size)
{
	int places[CSV_MAX_CELLS], count = 0;
	const char *cells[CSV_MAX_CELLS], *problem;
	const struct import_file *file;
	struct staging staging;
	struct csv csv;

	csv_begin(&csv, data, size);
	csv_next(&csv);
	if ((file = recognise(import, &csv, path, places, &count)) == NULL || !stage_begin(&staging, import, file, path))
		return;
	csv.wanted = csv.count;
	while (!scope_failed(import->scope) && csv_next(&csv)) {
		problem = csv.problem != NULL ? scope_copy(import->scope, csv.problem, strlen(csv.problem)) : NULL;
		for (int i = 0; i < count && problem == NULL; i++)
			cells[i] = csv.cells[places[i]];
		stage_line(&staging, csv.line, cells, problem);
	}
	copy_end(staging.copy);
}

/* What is no JSON is told with its line and column. */
static bool
parse_whole(struct scope *scope, const char *path, const char *data, size_t size, json_t **whole)
{
	const char *why;

	if (json_parse(scope, data, size, whole))
		return true;
	if (scope->failure.status == 400) {
		why = scope->failure.detail;
		scope_retry(scope);
		scope_fail(scope, 422, "unreadable", "%s: %s", path, why);
	}
	return false;
}

static void
stage_objects(struct import *import, const char *path, const char *data, size_t size)
{
	const char *cells[CSV_MAX_CELLS], *problem;
	const json_t *objects = NULL;
	const struct import_file *file;
	struct staging staging;
	json_t *whole;

	if (!parse_whole(import->scope, path, data, size, &whole))
		return;
	if ((file = import_recognise_objects(import->format, whole, &objects)) == NULL) {
		scope_fail(import->scope, 422, "unknown_file", "%s is no file of %s: its objects have other keys.", path,
		    import->format->name);
		return;
	}
	if (!stage_begin(&staging, import, file, path))
		return;
	for (size_t i = 0; i < json_array_size(objects); i++) {
		problem = import_object_cells(import->scope, file, json_array_get(objects, i), cells);
		stage_line(&staging, (long)i + 1, cells, problem);
	}
	copy_end(staging.copy);
}

/* A first line of names never begins so in a format that has files of objects. */
static bool
is_of_objects(const struct import_format *format, const char *data)
{
	char first = data[strspn(data, " \t\r\n")];

	for (const struct import_file *file = format->files; file->name != NULL; file++)
		if (file->objects_in != NULL)
			return first == '[' || first == '{';
	return false;
}

void
import_stage(struct import *import, const char *path)
{
	size_t size;
	char *data = scope_failed(import->scope) ? NULL : read_file(import->scope, path, &size);

	if (data == NULL)
		return;
	if (is_of_objects(import->format, data))
		stage_objects(import, path, data, size);
	else
		stage_records(import, path, data, size);
}
