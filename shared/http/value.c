/* Values without parts: what each kind takes, and the sentences for what it does not. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "base/scope.h"
#include "base/text.h"
#include "base/writer.h"
#include "http/money.h"
#include "http/value.h"

#define MOST_OF_ANYTHING	10000	/* characters or elements, where a field says nothing */

bool
value_is_absent(struct value v)
{
	return v.json != NULL ? json_is_null(v.json) : v.text == NULL;
}

/* --- limits --- */

/* "Must have at least 3 characters." */
static const char *
bound_text(struct scope *scope, const char *least_or_most, int64_t n, const char *what)
{
	return scope_printf(scope, "Must have at %s %lld %s%s.", least_or_most, (long long)n, what, n == 1 ? "" : "s");
}

const char *
value_size_problem(struct scope *scope, const struct field *f, size_t size, const char *what)
{
	int64_t most = f->max != 0 ? f->max : MOST_OF_ANYTHING;

	if ((int64_t)size < f->min)
		return bound_text(scope, "least", f->min, what);
	if ((int64_t)size > most)
		return bound_text(scope, "most", most, what);
	return NULL;
}

static bool
is_choice(const char *choices, const char *text)
{
	size_t size = strlen(text), word;

	for (; *choices != '\0'; choices += word + strspn(choices + word, " ")) {
		word = strcspn(choices, " ");
		if (word == size && memcmp(choices, text, size) == 0)
			return true;
	}
	return false;
}

static const char *
choices_text(struct scope *scope, const char *choices)
{
	struct writer w;

	writer_begin(&w, scope, 64);
	writer_literal(&w, "Must be one of ");
	for (; *choices != '\0'; choices++)
		writer_bytes(&w, *choices == ' ' ? ", " : choices, *choices == ' ' ? 2 : 1);
	return scope_printf(scope, "%.*s.", (int)w.length, w.data);
}

/* --- kinds --- */

/* NULL when it is none. */
static const char *
text_of(struct value v)
{
	return v.json != NULL ? json_string_value(v.json) : v.text;
}

bool
value_integer(int64_t *out, const char *text)
{
	const char *digits = text + (*text == '-');
	size_t count = strspn(digits, "0123456789");

	if (count == 0 || digits[count] != '\0' || (*digits == '0' && count > 1))
		return false;
	errno = 0;
	*out = strtoll(text, NULL, 10);
	return errno == 0;
}

static const char *
read_integer(struct scope *scope, const struct field *f, struct value v, void *out)
{
	int64_t *n = out;

	if (json_is_integer(v.json))
		*n = json_integer_value(v.json);
	else if (v.json != NULL || !value_integer(n, v.text))
		return "Must be a whole number.";
	if ((f->min != 0 || f->max != 0) && *n < f->min)
		return scope_printf(scope, "Must be at least %lld.", (long long)f->min);
	if (f->max != 0 && *n > f->max)
		return scope_printf(scope, "Must be at most %lld.", (long long)f->max);
	return NULL;
}

static const char *
read_boolean(struct value v, bool *out)
{
	bool is_true = v.json != NULL ? json_is_true(v.json) : strcmp(v.text, "true") == 0;

	if (!is_true && (v.json != NULL ? !json_is_false(v.json) : strcmp(v.text, "false") != 0))
		return "Must be true or false.";
	*out = is_true;
	return NULL;
}

static const char *
read_text(struct scope *scope, const struct field *f, struct value v, const char **out)
{
	const char *text = text_of(v), *problem;

	if (text == NULL)
		return "Must be a text.";
	if (text_has_controls(text))
		return "Must not have control characters.";
	if ((problem = value_size_problem(scope, f, text_length(text), "character")) != NULL)
		return problem;
	if (f->choices != NULL && !is_choice(f->choices, text))
		return choices_text(scope, f->choices);
	*out = text;
	return f->check != NULL ? f->check(text) : NULL;
}

static const char *
read_id(struct scope *scope, struct value v, const char **out)
{
	const char *text = text_of(v);
	uint8_t bytes[16];
	char *id;

	if (text == NULL || !text_to_uuid(bytes, text))
		return "Must be an id, a UUID.";
	*out = id = scope_alloc(scope, ID_SIZE);
	text_from_uuid(id, bytes);
	return NULL;
}

/* Postgres takes fewer offsets than RFC 3339 has: in UTC there is none. */
static const char *
read_time(struct scope *scope, struct value v, const char **out)
{
	const char *text = text_of(v);
	int64_t unix_us;
	struct writer w;

	if (text == NULL || !text_to_time(&unix_us, text))
		return "Must be a time like 2030-01-31T18:30:00Z.";
	writer_begin(&w, scope, 32);
	writer_time(&w, unix_us);
	*out = scope_copy(scope, w.data + 1, w.length - 2);	/* without the quotes */
	return NULL;
}

static const char *
read_date(struct value v, const char **out)
{
	const char *text = text_of(v);
	int64_t days;

	if (text == NULL || !text_to_date(&days, text))
		return "Must be a date like 2030-01-31.";
	*out = text;
	return NULL;
}

static const char *
read_money(struct scope *scope, struct value v, const char **out)
{
	const char *text = json_is_integer(v.json) ?
	    scope_printf(scope, "%lld", (long long)json_integer_value(v.json)) : text_of(v);

	if (text == NULL || !money_is_amount(text))
		return "Must be an amount like 19.99, not negative, with at most 12 digits before the point.";
	*out = text;
	return NULL;
}

const char *
value_read(struct scope *scope, const struct field *f, struct value v, void *out)
{
	switch (f->kind) {
	case INTEGER:
		return read_integer(scope, f, v, out);
	case BOOLEAN:
		return read_boolean(v, out);
	case TEXT:
		return read_text(scope, f, v, out);
	case ID:
		return read_id(scope, v, out);
	case TIME:
		return read_time(scope, v, out);
	case DATE:
		return read_date(v, out);
	case MONEY:
		return read_money(scope, v, out);
	default:
		return NULL;	/* DECIDED: whatever it is */
	}
}
