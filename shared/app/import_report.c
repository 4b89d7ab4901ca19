/* What an import says: where it is, and at its end what became of every line. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/imports.h"
#include "base/clock.h"
#include "base/writer.h"

enum {
	PROGRESS_AFTER_MS = 2000,
	SHOWN = 20,			/* lines of a file that are named; all of them in JSON */
	STATUS_REFUSED = 3,		/* some lines were; the others are in */
};

/* --- what is said meanwhile --- */

void
import_show(struct import *import, const char *what, long lines)
{
	if (clock_ms() - import->began_ms < PROGRESS_AFTER_MS || !isatty(STDERR_FILENO))
		return;
	fprintf(stderr, "\r\033[K%lld s: %s", (long long)(clock_ms() - import->began_ms) / 1000, what);
	if (lines > 0)
		fprintf(stderr, ", line %ld", lines);
	import->showed = true;
}

void
import_hide(struct import *import)
{
	if (import->showed)
		fputs("\r\033[K", stderr);
	import->showed = false;
}

void
import_remark(struct import *import, struct import_remarks *remarks, long line, const char *reason)
{
	if (remarks->count == remarks->room) {
		size_t room = remarks->room > 0 ? 2 * remarks->room : 32;

		remarks->list = scope_grow(import->scope, remarks->list, remarks->room * sizeof(*remarks->list),
		    room * sizeof(*remarks->list));
		remarks->room = room;
	}
	remarks->list[remarks->count++] = (struct import_remark){ line, reason };
}

/* --- what is said at the end --- */

static int
compare_remarks(const void *a, const void *b)
{
	const struct import_remark *x = a, *y = b;

	return (x->line > y->line) - (x->line < y->line);
}

static void
sort_remarks(struct import_remarks *remarks)
{
	if (remarks->count > 0)
		qsort(remarks->list, remarks->count, sizeof(*remarks->list), compare_remarks);
}

/* What was neither made nor put aside was there. */
static long
repeated(const struct import_outcome *o)
{
	long left = o->lines - o->taken - (long)o->refused.count - (long)o->waiting.count;

	/* Lines of another time, which had waited, may have been taken beside those of the file. */
	return left > 0 ? left : 0;
}

static void
print_remarks(const struct import_remarks *remarks, const char *record, const char *what)
{
	for (size_t i = 0; i < remarks->count && i < SHOWN; i++)
		printf("    %s %ld %s: %s\n", record, remarks->list[i].line, what, remarks->list[i].reason);
	if (remarks->count > SHOWN)
		printf("    and %zu more %s\n", remarks->count - SHOWN, what);
}

static void
print_outcome(const struct import_outcome *o)
{
	const char *record = o->record != NULL ? o->record : "line";

	printf("%s: %ld %ss, %ld taken, %ld repeated", o->path != NULL ? o->path : o->name, o->lines, record, o->taken,
	    repeated(o));
	if (o->waiting.count > 0)
		printf(", %zu waiting", o->waiting.count);
	if (o->refused.count > 0)
		printf(", %zu refused", o->refused.count);
	putchar('\n');
	print_remarks(&o->waiting, record, "waits");
	print_remarks(&o->refused, record, "refused");
}

static void
write_remarks(struct writer *w, const char *key, const struct import_remarks *remarks)
{
	writer_literal(w, ",");
	writer_key(w, key);
	writer_literal(w, "[");
	for (size_t i = 0; i < remarks->count; i++) {
		writer_text(w, i > 0 ? ",{" : "{");
		writer_member_integer(w, "line", remarks->list[i].line);
		writer_member(w, "reason", remarks->list[i].reason);
		writer_literal(w, "}");
	}
	writer_literal(w, "]");
}

static void
write_outcome(struct writer *w, const struct import_outcome *o)
{
	writer_literal(w, "{");
	writer_member(w, "name", o->name);
	if (o->path != NULL)
		writer_member(w, "path", o->path);
	writer_member_integer(w, "lines", o->lines);
	writer_member_integer(w, "taken", o->taken);
	writer_member_integer(w, "repeated", repeated(o));
	write_remarks(w, "waiting", &o->waiting);
	write_remarks(w, "refused", &o->refused);
	writer_literal(w, "}");
}

static void
print_json(struct import *import)
{
	const char *comma = "";
	struct writer w;

	writer_begin(&w, import->scope, 4096);
	writer_literal(&w, "{");
	writer_member(&w, "format", import->format->name);
	writer_member_integer(&w, "took_ms", clock_ms() - import->began_ms);
	writer_literal(&w, ",\"files\":[");
	for (int i = 0; i < import->outcome_count; i++) {
		if (import->outcomes[i].path == NULL && import->outcomes[i].taken == 0)
			continue;
		writer_text(&w, comma);
		write_outcome(&w, &import->outcomes[i]);
		comma = ",";
	}
	writer_literal(&w, "]");
	writer_member_json(&w, "totals", import->totals);
	writer_literal(&w, "}");
	puts(writer_copy(&w));
}

static void
print_summary(struct import *import)
{
	for (int i = 0; i < import->outcome_count; i++)
		if (import->outcomes[i].path != NULL || import->outcomes[i].taken > 0)
			print_outcome(&import->outcomes[i]);
	printf("%.1f s\n", (double)(clock_ms() - import->began_ms) / 1000);
}

int
import_report(struct import *import)
{
	size_t refused = 0;

	for (int i = 0; i < import->outcome_count; i++) {
		sort_remarks(&import->outcomes[i].refused);
		sort_remarks(&import->outcomes[i].waiting);
		refused += import->outcomes[i].refused.count;
	}
	if (import->json)
		print_json(import);
	else
		print_summary(import);
	return refused > 0 ? STATUS_REFUSED : EXIT_SUCCESS;
}
