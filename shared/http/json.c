/*
 * JSON from outside: the checks that jansson leaves to its callers, and its
 * errors as sentences of ours.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/scope.h"
#include "http/json.h"

/*
 * When its buffer cannot grow jansson loses a character of a text or a digit of
 * a number and goes on.  So malloc is watched: once it failed it fails for the
 * rest of that parse, and what comes out is not believed.
 */
static _Thread_local struct {
	bool	on, failed;
} watch;

static void *
watched_malloc(size_t size)
{
	void *p = watch.on && watch.failed ? NULL : malloc(size);

	if (p == NULL)
		watch.failed = true;
	return p;
}

/* The hook is the process's: whoever else uses jansson has plain malloc as before. */
static void __attribute__((constructor))
watch_malloc(void)
{
	json_set_alloc_funcs(watched_malloc, free);
}

static const char *const reasons[] = {
	[json_error_stack_overflow]		= "there are too many levels",
	[json_error_invalid_utf8]		= "this is not UTF-8",
	[json_error_premature_end_of_input]	= "it ends too early",
	[json_error_end_of_input_expected]	= "something follows the value",
	[json_error_invalid_syntax]		= "this is not JSON",
	[json_error_null_character]		= "NUL is not taken",
	[json_error_null_byte_in_key]		= "NUL is not taken",
	[json_error_duplicate_key]		= "this key was given before",
	[json_error_numeric_overflow]		= "this number is too large",
};

static bool
refuse(struct scope *scope, int line, int column, enum json_error_code code)
{
	const char *why = code < sizeof(reasons) / sizeof(*reasons) ? reasons[code] : NULL;

	scope_fail(scope, 400, "bad_json", "Line %d, column %d of the body: %s.", line, column,
	    why != NULL ? why : reasons[json_error_invalid_syntax]);
	return false;
}

static bool
refuse_at(struct scope *scope, const char *text, const char *end, enum json_error_code code)
{
	int line = 1, column = 1;

	for (; text < end; text++) {
		if (*text == '\n')
			line++, column = 1;
		else if (((unsigned char)*text & 0xc0) != 0x80)	/* characters, not bytes */
			column++;
	}
	return refuse(scope, line, column, code);
}

/*
 * Where there are too many levels, or NULL.  jansson recurses once a level and
 * allows 2048.  As long as the text is JSON this sees strings as it does.
 */
static const char *
too_deep(const char *text, const char *end)
{
	bool quoted = false;
	int levels = 0;

	for (; text < end; text++) {
		if (quoted) {
			if (*text == '\\')
				text++;
			else if (*text == '"')
				quoted = false;
		} else if (*text == '"')
			quoted = true;
		else if (*text == '[' || *text == '{') {
			if (++levels > JSON_MOST_LEVELS)
				return text;
		} else if (*text == ']' || *text == '}')
			levels--;
	}
	return NULL;
}

static void
release(void *value)
{
	json_decref(value);
}

static bool
out_of_memory(struct scope *scope)
{
	scope_fail(scope, 503, "out_of_memory", "There is no memory for this now.");
	scope->failure.retry_after_s = 1;
	return false;
}

/* *error is left zero when the text is not to blame. */
static json_t *
parse(const char *text, size_t size, json_error_t *error)
{
	json_t *value;

	memset(error, 0, sizeof(*error));	/* jansson does not clear the code */
	watch.on = true;
	watch.failed = false;
	value = json_loadb(text, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, error);
	watch.on = false;
	if (!watch.failed)
		return value;
	json_decref(value);
	memset(error, 0, sizeof(*error));
	return NULL;
}

bool
json_parse(struct scope *scope, const char *text, size_t size, json_t **out)
{
	enum json_error_code code;
	json_error_t error;
	const char *at;

	/* jansson steps over a NUL that ends a number. */
	if ((at = memchr(text, '\0', size)) != NULL)
		return refuse_at(scope, text, at, json_error_null_character);
	if ((at = too_deep(text, text + size)) != NULL)
		return refuse_at(scope, text, at, json_error_stack_overflow);
	if ((*out = parse(text, size, &error)) != NULL) {
		scope_defer(scope, release, *out);
		return true;
	}
	code = json_error_code(&error);
	if (code == json_error_unknown)
		return out_of_memory(scope);
	return refuse(scope, error.line, error.column, code);
}

/* Where *text begins outside of strings with a number; its end. Only for what jansson took. */
static const char *
next_number(const char **text, const char *end)
{
	static const char of_numbers[] = "+-.0123456789Ee";
	const char *c = *text, *after;
	bool quoted = false;

	for (; c < end && (quoted || strchr("-0123456789", *c) == NULL); c++)
		if (quoted && *c == '\\')
			c++;
		else if (*c == '"')
			quoted = !quoted;
	for (after = c; after < end && strchr(of_numbers, *after) != NULL; after++)
		continue;
	*text = c;
	return after;
}

/* How many reals come before that one, in the order of the text; true when it is in this part of the tree. */
static bool
count_before(const json_t *part, const json_t *real, size_t *count)
{
	json_t *object = (json_t *)part;	/* jansson's iterators know no const */

	if (part == real)
		return true;
	*count += json_is_real(part);
	for (size_t i = 0; i < json_array_size(part); i++)
		if (count_before(json_array_get(part, i), real, count))
			return true;
	for (void *i = json_object_iter(object); i != NULL; i = json_object_iter_next(object, i))
		if (count_before(json_object_iter_value(i), real, count))
			return true;
	return false;
}

const char *
json_real_text(struct scope *scope, const char *text, size_t size, const json_t *tree, const json_t *real)
{
	const char *end = text + size, *after;
	size_t count = 0, seen = 0;

	count_before(tree, real, &count);
	for (; (after = next_number(&text, end)) > text; text = after) {
		const char *sign = text;

		while (sign < after && strchr(".eE", *sign) == NULL)
			sign++;
		if (sign < after && seen++ == count)
			break;
	}
	return scope_copy(scope, text, (size_t)(after - text));
}

/* Takes "; name=value" (RFC 9110, 5.6.6); false when it is something else, or another charset. */
static bool
take_parameter(const char **rest)
{
	const char *name = *rest + 1 + strspn(*rest + 1, " \t"), *value;
	size_t name_size = strcspn(name, "=; \t\""), size;
	bool quoted;

	*rest = name;
	if (name_size == 0)
		return *name == ';' || *name == '\0';
	if (name[name_size] != '=')
		return false;
	value = name + name_size + 1;
	quoted = *value == '"';
	value += quoted;
	size = strcspn(value, quoted ? "\"" : "; \t\"");
	if (quoted && value[size] != '"')
		return false;
	*rest = value + size + quoted;
	if (name_size != strlen("charset") || strncasecmp(name, "charset", name_size) != 0)
		return true;
	return size == strlen("utf-8") && strncasecmp(value, "utf-8", size) == 0;
}

bool
json_is_type(const char *type)
{
	static const char json[] = "application/json";

	if (type == NULL || strncasecmp(type, json, sizeof(json) - 1) != 0)
		return false;
	type += sizeof(json) - 1;
	while (*(type += strspn(type, " \t")) == ';')
		if (!take_parameter(&type))
			return false;
	return *type == '\0';
}
