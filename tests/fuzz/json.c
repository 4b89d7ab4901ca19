/* JSON from outside: refused with 400, or a value that prints and reads back the same. */
#include <string.h>

#include "base/scope.h"
#include "base/text.h"
#include "fuzz.h"
#include "http/json.h"

static void
check_text(const char *text, size_t size)
{
	promise(text_is_utf8(text, size));
	promise(strlen(text) == size);
}

static void
check_value(json_t *value, int levels)
{
	levels += json_is_object(value) || json_is_array(value);
	promise(levels <= JSON_MOST_LEVELS);
	for (void *i = json_object_iter(value); i != NULL; i = json_object_iter_next(value, i)) {
		check_text(json_object_iter_key(i), json_object_iter_key_len(i));
		check_value(json_object_iter_value(i), levels);
	}
	for (size_t i = 0; i < json_array_size(value); i++)
		check_value(json_array_get(value, i), levels);
	if (json_is_string(value))
		check_text(json_string_value(value), json_string_length(value));
}

static void
check_refusal(const struct failure *failure)
{
	int line, column;

	promise(failure->status == 400);
	promise(strcmp(failure->code, "bad_json") == 0);
	promise(sscanf(failure->detail, "Line %d, column %d of the body: ", &line, &column) == 2);
	promise(line >= 1 && column >= 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct scope scope;
	json_t *value, *again;
	char *text;

	if (json_parse(&scope, (const char *)bytes, size, &value)) {
		promise(memchr(bytes, '\0', size) == NULL);
		check_value(value, 0);
		promise((text = json_dumps(value, JSON_ENCODE_ANY)) != NULL);
		promise(json_parse(&scope, text, strlen(text), &again));
		promise(json_equal(value, again));
		free(text);
	} else {
		check_refusal(&scope.failure);
	}
	scope_end(&scope);
	return 0;
}
