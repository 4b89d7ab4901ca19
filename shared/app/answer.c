/* The text that tells an answer's keys, read as a JSON Schema. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "app/answer.h"

static json_t *
kind_schema(const char *kind, size_t n)
{
	static const struct { const char *kind, *type, *format; } known[] = {
		{ "text", "string", NULL }, { "id", "string", "uuid" }, { "int", "integer", NULL },
		{ "number", "number", NULL }, { "money", "number", NULL }, { "bool", "boolean", NULL },
		{ "time", "string", "date-time" }, { "date", "string", "date" },
	};

	if (n == 3 && strncmp(kind, "any", n) == 0)
		return json_object();
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strlen(known[i].kind) == n && strncmp(kind, known[i].kind, n) == 0)
			return json_pack("{s:s,s:s*}", "type", known[i].type, "format", known[i].format);
	return NULL;
}

static json_t *
maybe_null(json_t *schema, bool optional)
{
	json_t *type = optional && schema != NULL ? json_object_get(schema, "type") : NULL;

	if (type != NULL)
		json_object_set_new(schema, "type", json_pack("[O,s]", type, "null"));
	return schema;
}

static json_t *read_keys(const char **at, char end);

/* What follows a key: ":kind", ":[kind]", "{keys}", "[keys]" or nothing. */
static json_t *
read_value(const char **at, bool *money)
{
	const char *s = *at;
	json_t *inner;
	size_t n;

	*money = false;
	if (*s == '{' || *s == '[') {
		*at = s + 1;
		inner = read_keys(at, *s == '{' ? '}' : ']');
		return inner == NULL || *s == '{' ? inner : json_pack("{s:s,s:o}", "type", "array", "items", inner);
	}
	if (*s != ':')
		return kind_schema("text", 4);
	s += 1 + (s[1] == '[');
	n = strspn(s, "abcdefghijklmnopqrstuvwxyz");
	inner = kind_schema(s, n);
	*money = n == 5 && strncmp(s, "money", n) == 0;
	if (s[-1] == '[') {
		if (s[n] != ']') {
			json_decref(inner);
			return NULL;
		}
		n++;
		inner = inner != NULL ? json_pack("{s:s,s:o}", "type", "array", "items", inner) : NULL;
	}
	*at = s + n;
	return inner;
}

static bool
read_key(const char **at, json_t *properties, json_t *required)
{
	size_t n = strspn(*at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
	char key[64], minor[72];
	bool optional, money;
	json_t *schema;

	if (n == 0 || n >= sizeof(key))
		return false;
	memcpy(key, *at, n);
	key[n] = '\0';
	*at += n;
	schema = read_value(at, &money);
	if ((optional = **at == '?'))
		(*at)++;
	if (schema == NULL || json_object_set_new(properties, key, maybe_null(schema, optional)) != 0)
		return false;
	if (!optional)
		json_array_append_new(required, json_string(key));
	if (!money)
		return true;
	snprintf(minor, sizeof(minor), "%s_minor", key);
	json_object_set_new(properties, minor, maybe_null(kind_schema("int", 3), optional));
	return optional || json_array_append_new(required, json_string(minor)) == 0;
}

static json_t *
read_keys(const char **at, char end)
{
	json_t *properties = json_object(), *required = json_array();
	bool good = true;

	for (*at += strspn(*at, " "); good && **at != end && **at != '\0'; *at += strspn(*at, " "))
		good = read_key(at, properties, required);
	if (!good || **at != end) {
		json_decref(properties);
		json_decref(required);
		return NULL;
	}
	*at += end != '\0';
	return json_pack("{s:s,s:o,s:o}", "type", "object", "properties", properties, "required", required);
}

json_t *
answer_schema(const char *text)
{
	return read_keys(&text, '\0');
}
