/* Reads comma-separated values in place. */
#include <stdio.h>
#include <string.h>

#include "base/csv.h"
#include "base/text.h"

void
csv_begin(struct csv *csv, char *data, size_t size)
{
	*csv = (struct csv){ .next = data, .end = data + size, .next_line = 1 };
	*csv->end = '\n';
	if (size >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0)
		csv->next += 3;
}

static bool
ends_line(const char *p)
{
	return p[0] == '\n' || (p[0] == '\r' && p[1] == '\n');
}

/* --- the first pass finds the end of a record and whether it is well-formed, and writes nothing --- */

static const char *
malformed(struct csv *csv, const char *problem)
{
	csv->problem = problem;
	return NULL;
}

/* p is behind the opening quote. */
static const char *
quoted_end(struct csv *csv, const char *p)
{
	const char *limit = csv->end - csv->next > CSV_MAX_RECORD ? csv->next + CSV_MAX_RECORD : csv->end;

	while (p < limit && (p = memchr(p, '"', (size_t)(limit - p))) != NULL) {
		if (p[1] != '"')
			return p[1] == ',' || ends_line(p + 1) ? p + 1 : malformed(csv, "text follows a closing quote");
		p += 2;
	}
	return malformed(csv, "a quote is not closed");
}

static const char *
cell_end(struct csv *csv, const char *p)
{
	if (*p == '"')
		return quoted_end(csv, p + 1);
	for (; *p != ',' && !ends_line(p); p++)
		if (*p == '"' || *p == '\r')
			return malformed(csv, *p == '"' ? "a quote is inside of a cell that does not begin with one"
			                                : "a carriage return is without its line feed");
	return p;
}

static const char *
check_count(struct csv *csv, int count)
{
	if (count > CSV_MAX_CELLS)
		snprintf(csv->sentence, sizeof(csv->sentence), "it has more than %d cells", CSV_MAX_CELLS);
	else if (csv->wanted > 0 && count != csv->wanted)
		snprintf(csv->sentence, sizeof(csv->sentence), "it has %d cells instead of %d", count, csv->wanted);
	else
		return "";
	return malformed(csv, csv->sentence);
}

/* Where the record's line ends; NULL: it is malformed. */
static const char *
record_end(struct csv *csv)
{
	const char *p = csv->next;
	int count = 0;

	for (;; p++) {
		if ((p = cell_end(csv, p)) == NULL)
			return NULL;
		count++;
		if (*p != ',')
			break;
	}
	if (!text_is_utf8(csv->next, (size_t)(p - csv->next)))
		return malformed(csv, "it is not UTF-8");
	return check_count(csv, count) != NULL ? p : NULL;
}

/* --- the second one takes it apart --- */

/* Copies a cell to where out is, which is never behind p, and moves both behind it. */
static void
take_cell(char **out, char **p)
{
	char *from = *p, *to = *out;

	if (*from == '"') {
		for (from++; from[0] != '"' || from[1] == '"'; *to++ = *from++)
			if (*from == '"')
				from++;
		from++;
	} else {
		while (*from != ',' && !ends_line(from))
			*to++ = *from++;
	}
	*out = to;
	*p = from;
}

static void
take_record(struct csv *csv, const char *end)
{
	char *p = csv->next, *out = p;
	bool more;

	for (csv->count = 0;; p++) {
		csv->cells[csv->count++] = out;
		take_cell(&out, &p);
		more = p < end;
		*out++ = '\0';
		if (!more)
			break;
	}
}

static long
lines_between(const char *p, const char *end)
{
	long lines = 0;

	while ((p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		lines++;
		p++;
	}
	return lines;
}

static void
skip_empty_lines(struct csv *csv)
{
	for (; csv->next < csv->end && ends_line(csv->next); csv->next_line++)
		csv->next += *csv->next == '\r' ? 2 : 1;
}

bool
csv_next(struct csv *csv)
{
	const char *end;
	char *next;

	skip_empty_lines(csv);
	if (csv->next >= csv->end)
		return false;
	csv->problem = NULL;
	csv->count = 0;
	csv->line = csv->next_line;
	if ((end = record_end(csv)) == NULL)
		end = memchr(csv->next, '\n', (size_t)(csv->end - csv->next) + 1);
	next = (char *)end + (*end == '\r' ? 2 : 1);
	csv->next_line += lines_between(csv->next, next);
	if (csv->problem == NULL)
		take_record(csv, end);
	csv->next = next;
	return true;
}
