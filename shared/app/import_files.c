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

enum {
	MAX_BYTES = 1 << 30,		/* of a file */
	MAX_DOCUMENT_BYTES = 4 << 20,	/* of one that is read as a whole: as a tree it takes up to 80 times as much */
};

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
		if (text_has_controls(text))
			return scope_printf(sc, "%s has control characters", column->name);
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
read_file(struct scope *sc, const char *path, size_t most, size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st = { 0 };
	char *data = NULL;
	ssize_t n = 0;

	*size = 0;
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (size_t)st.st_size <= most) {
		data = scope_alloc(sc, (size_t)st.st_size + 1);
		while (*size < (size_t)st.st_size && (n = read(fd, data + *size, (size_t)st.st_size - *size)) > 0)
			*size += (size_t)n;
	}
	if (data == NULL || n < 0)
		scope_fail(sc, 422, "unreadable", "%s cannot be read: %s.", path,
		    fd < 0 || n < 0 ? strerror(errno) : scope_printf(sc, "it is no file, or larger than %zu MB", most >> 20));
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
		if (header->problem == NULL && (*count = map_columns(header, file, places)) > 0)
			return file;
	scope_fail(import->scope, 422, "unknown_file", "%s is no file of %s: its first line names other columns.", path,
	    import->format->name);
	return NULL;
}

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

void
import_take(struct import_sheet *sheet, long line, const char **cells, const char *problem)
{
	struct import *import = sheet->import;

	if (problem == NULL)
		problem = record_problem(import, sheet->file, cells);
	if (++sheet->outcome->lines % 10000 == 0)
		import_show(import, sheet->outcome->path, line);
	if (problem != NULL) {
		import_remark(import, &sheet->outcome->refused, line, problem);
		return;
	}
	copy_row(sheet->copy, 3);
	copy_text(sheet->copy, sheet->outcome->name);
	copy_integer(sheet->copy, (int32_t)line);
	copy_texts(sheet->copy, cells, (size_t)sheet->count);
}

static struct import_outcome *
outcome_of(struct import *import, const struct import_file *file, const char *path)
{
	struct import_outcome *outcome = import->outcomes;

	if (!import->format->many)
		return &outcome[file - import->format->files];
	while (strcmp(outcome->name, path) != 0)
		outcome++;
	return outcome;
}

/* False when it was begun before: of each there is one. */
static bool
begin_sheet(struct import_sheet *sheet, const char *path, const char *record)
{
	struct import *import = sheet->import;

	if (sheet->outcome->path != NULL) {
		scope_fail(import->scope, 422, "given_twice", "%s and %s are both the %s of %s.", sheet->outcome->path, path,
		    sheet->outcome->name, import->format->name);
		return false;
	}
	sheet->outcome->path = path;
	sheet->outcome->record = record;
	sheet->copy = copy_begin(import->db, import->scope, "copy import_line (file, line, cells) from stdin (format binary)");
	return true;
}

static void
stage_values(struct import *import, const char *path, char *data, size_t size)
{
	struct import_sheet sheet = { .import = import };
	const char *cells[CSV_MAX_CELLS], *problem;
	int places[CSV_MAX_CELLS];
	struct csv csv;

	csv_begin(&csv, data, size);
	csv_next(&csv);
	if ((sheet.file = recognise(import, &csv, path, places, &sheet.count)) == NULL)
		return;
	sheet.outcome = outcome_of(import, sheet.file, path);
	if (!begin_sheet(&sheet, path, "line"))
		return;
	csv.wanted = csv.count;
	while (!scope_failed(import->scope) && csv_next(&csv)) {
		problem = csv.problem != NULL ? scope_copy(import->scope, csv.problem, strlen(csv.problem)) : NULL;
		for (int i = 0; i < sheet.count && problem == NULL; i++)
			cells[i] = csv.cells[places[i]];
		import_take(&sheet, csv.line, cells, problem);
	}
	copy_end(sheet.copy);
}

static void
stage_document(struct import *import, const char *path, const char *data, size_t size)
{
	const struct import_file *file = import->format->files;
	struct import_sheet sheet = { .import = import, .file = file, .outcome = outcome_of(import, file, path) };
	const char *problem;
	json_t *document;

	if (!json_parse(import->scope, data, size, &document)) {
		import->scope->failure.detail = scope_printf(import->scope, "%s: %s", path, import->scope->failure.detail);
		return;
	}
	while (sheet.file->columns[sheet.count].name != NULL)
		sheet.count++;
	if (!begin_sheet(&sheet, path, file->name))
		return;
	problem = import->format->read(&sheet, document);
	copy_end(sheet.copy);
	if (problem != NULL)
		scope_fail(import->scope, 422, "unknown_file", "%s is no file of %s: %s.", path, import->format->name, problem);
}

/* No first line of names begins so. */
static bool
is_document(const char *data)
{
	char first = data[strspn(data, " \t\r\n")];

	return first == '[' || first == '{';
}

void
import_stage(struct import *import, const char *path)
{
	size_t size, most = import->format->read != NULL ? MAX_DOCUMENT_BYTES : MAX_BYTES;
	char *data = scope_failed(import->scope) ? NULL : read_file(import->scope, path, most, &size);

	if (data != NULL && import->format->read != NULL && is_document(data))
		stage_document(import, path, data, size);
	else if (data != NULL)
		stage_values(import, path, data, size);
}
