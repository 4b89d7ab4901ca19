/* Parameters of a statement, as text. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/scope.h"
#include "data/db.h"

struct param
p_int(int64_t n)
{
	struct param p = { 0 };

	snprintf(p.digits, sizeof(p.digits), "%lld", (long long)n);
	return p;
}

struct param
p_bool(bool b)
{
	return (struct param){ .text = b ? "t" : "f" };
}

struct param
p_text(const char *s)
{
	return (struct param){ .text = s };
}

struct param
p_bytes(struct scope *sc, const void *bytes, size_t size)
{
	char *text = scope_alloc(sc, 2 * size + 3);

	memcpy(text, "\\x", 2);
	sodium_bin2hex(text + 2, 2 * size + 1, bytes, size);
	return p_text(text);
}

struct param
p_texts(struct scope *sc, const char *const *texts, size_t count)
{
	size_t size = 3;
	char *array, *out;

	for (size_t i = 0; i < count; i++)
		size += 2 * strlen(texts[i]) + 3;
	array = out = scope_alloc(sc, size);
	*out++ = '{';
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			*out++ = ',';
		*out++ = '"';
		for (const char *c = texts[i]; *c != '\0'; c++) {
			if (*c == '"' || *c == '\\')
				*out++ = '\\';
			*out++ = *c;
		}
		*out++ = '"';
	}
	*out = '}';
	return p_text(array);
}
