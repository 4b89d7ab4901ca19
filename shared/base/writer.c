/* JSON text, appended: strings are copied and searched for escapes eight bytes at a time. */
#include <math.h>
#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/digits.h"
#include "base/scope.h"
#include "base/text.h"
#include "base/writer.h"

#define LEAST_ROOM	256
#define LONGEST_ESCAPE	6		/* \u001f */
#define INTEGER_SIZE	20		/* -9223372036854775808 */
#define MOST_DECIMALS	18

/* The same byte in all eight places. */
#define EACH(byte)	(UINT64_C(0x0101010101010101) * (byte))

/* The letter after the backslash; 'u' for \u00xx; 0 for bytes that stand for themselves. */
static const char escapes[256] = {
	'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'b', 't', 'n', 'u', 'f', 'r', 'u', 'u',
	'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u',
	['"'] = '"', ['\\'] = '\\',
};

static void __attribute__((noinline))
grow(struct writer *w, size_t more)
{
	size_t room = w->length + more > w->room * 2 ? w->length + more : w->room * 2;

	w->data = scope_grow(w->scope, w->data, w->room, room);
	w->room = room;
}

/* Where the next bytes go; at least so many fit. */
static inline char *
reserve(struct writer *w, size_t more)
{
	if (w->room - w->length < more)
		grow(w, more);
	return w->data + w->length;
}

void
writer_begin(struct writer *w, struct scope *scope, size_t room)
{
	if (room < LEAST_ROOM)
		room = LEAST_ROOM;
	*w = (struct writer){ .scope = scope, .data = scope_grow(scope, NULL, 0, room), .room = room };
}

void
writer_bytes(struct writer *w, const void *bytes, size_t size)
{
	memcpy(reserve(w, size), bytes, size);
	w->length += size;
}

void
writer_text(struct writer *w, const char *text)
{
	writer_bytes(w, text, strlen(text));
}

/* Whether one of eight bytes is below 0x20, a quote or a backslash. */
static inline bool
needs_escape(uint64_t eight)
{
	uint64_t control = eight - EACH(0x20);
	uint64_t quote = eight ^ EACH('"');
	uint64_t backslash = eight ^ EACH('\\');

	return (((control & ~eight) | ((quote - EACH(1)) & ~quote) | ((backslash - EACH(1)) & ~backslash)) & EACH(0x80)) != 0;
}

static char *
escape(char *out, unsigned char byte)
{
	static const char hex[] = "0123456789abcdef";

	*out++ = '\\';
	*out++ = escapes[byte];
	if (escapes[byte] != 'u')
		return out;
	memcpy(out, "00", 2);
	out[2] = hex[byte >> 4];
	out[3] = hex[byte & 15];
	return out + 4;
}

void
writer_string(struct writer *w, const char *text, size_t size)
{
	char *out = reserve(w, size + 2);
	const char *end = text + size;
	uint64_t eight;

	*out++ = '"';
	while (text < end) {
		for (; end - text >= 8; text += 8, out += 8) {
			memcpy(&eight, text, 8);
			if (needs_escape(eight))
				break;
			memcpy(out, &eight, 8);
		}
		while (text < end && escapes[(unsigned char)*text] == 0)
			*out++ = *text++;
		if (text == end)
			break;
		/* Room was for the text as it is; an escape is longer. */
		w->length = (size_t)(out - w->data);
		out = reserve(w, (size_t)(end - text) + LONGEST_ESCAPE + 1);
		out = escape(out, (unsigned char)*text++);
	}
	*out++ = '"';
	w->length = (size_t)(out - w->data);
}

void
writer_key(struct writer *w, const char *name)
{
	writer_string(w, name, strlen(name));
	writer_bytes(w, ":", 1);
}

/* Writes the digits of a value so that they end at end; returns where they start. */
static char *
digits_before(char *end, uint64_t value)
{
	for (; value >= 100; value /= 100)
		digits_two(end -= 2, (unsigned)(value % 100));
	if (value >= 10)
		digits_two(end -= 2, (unsigned)value);
	else
		*--end = (char)('0' + value);
	return end;
}

static uint64_t
magnitude(int64_t value)
{
	return value < 0 ? -(uint64_t)value : (uint64_t)value;
}

static void
begin_member(struct writer *w, const char *key)
{
	if (w->length > 0 && w->data[w->length - 1] != '{' && w->data[w->length - 1] != ',')
		writer_literal(w, ",");
	writer_key(w, key);
}

void
writer_member(struct writer *w, const char *key, const char *text)
{
	begin_member(w, key);
	writer_string(w, text, strlen(text));
}

void
writer_member_integer(struct writer *w, const char *key, int64_t n)
{
	begin_member(w, key);
	writer_integer(w, n);
}

void
writer_member_json(struct writer *w, const char *key, const char *json)
{
	begin_member(w, key);
	writer_text(w, json);
}

void
writer_texts(struct writer *w, const char *const *texts, size_t count)
{
	writer_literal(w, "[");
	for (size_t i = 0; i < count; i++) {
		writer_text(w, i > 0 ? "," : "");
		writer_string(w, texts[i], strlen(texts[i]));
	}
	writer_literal(w, "]");
}

char *
writer_copy(const struct writer *w)
{
	return scope_copy(w->scope, w->data, w->length);
}

void
writer_integer(struct writer *w, int64_t value)
{
	char digits[INTEGER_SIZE], *end = digits + sizeof(digits);
	char *start = digits_before(end, magnitude(value));

	if (value < 0)
		*--start = '-';
	writer_bytes(w, start, (size_t)(end - start));
}

void
writer_bool(struct writer *w, bool value)
{
	writer_text(w, value ? "true" : "false");
}

void
writer_number(struct writer *w, double value)
{
	/* 15 digits survive a double, so trailing zeros apart they are the shortest; not so below DBL_MIN. */
	int precision = fabs(value) < DBL_MIN ? 1 : DBL_DIG;
	char text[32];
	int length;

	if (!isfinite(value)) {
		writer_literal(w, "null");
		return;
	}
	do
		length = snprintf(text, sizeof(text), "%.*g", precision, value);
	while (strtod(text, NULL) != value && ++precision <= DBL_DECIMAL_DIG);
	writer_bytes(w, text, (size_t)length);
}

void
writer_decimal(struct writer *w, int64_t minor, int decimals)
{
	char digits[INTEGER_SIZE + MOST_DECIMALS + 2], *end = digits + sizeof(digits), *start;
	uint64_t left = magnitude(minor);

	if (decimals <= 0 || decimals > MOST_DECIMALS) {
		writer_integer(w, minor);
		return;
	}
	start = end;
	for (int i = 0; i < decimals; i++, left /= 10)
		*--start = (char)('0' + left % 10);
	*--start = '.';
	start = digits_before(start, left);
	if (minor < 0)
		*--start = '-';
	writer_bytes(w, start, (size_t)(end - start));
}

/* ".25" of 250,000 microseconds, "" of none. */
static char *
print_fraction(char *out, unsigned us)
{
	if (us == 0)
		return out;
	*out = '.';
	digits_two(out + 1, us / 10000);
	digits_two(out + 3, us / 100 % 100);
	digits_two(out + 5, us % 100);
	for (out += 7; out[-1] == '0'; out--)
		continue;
	return out;
}

void
writer_time(struct writer *w, int64_t unix_us)
{
	int64_t seconds = unix_us / 1000000 - (unix_us % 1000000 < 0);
	char *start = reserve(w, CIVIL_TIME_LENGTH + 10), *out = start;

	*out++ = '"';
	if (!civil_print_time(out, seconds)) {
		writer_literal(w, "null");
		return;
	}
	out = print_fraction(out + CIVIL_TIME_LENGTH, (unsigned)(unix_us - seconds * 1000000));
	*out++ = 'Z';
	*out++ = '"';
	w->length += (size_t)(out - start);
}

void
writer_date(struct writer *w, int64_t days)
{
	char *out = reserve(w, CIVIL_DATE_LENGTH + 2);

	out[0] = '"';
	if (!civil_print_date(out + 1, days)) {
		writer_literal(w, "null");
		return;
	}
	out[CIVIL_DATE_LENGTH + 1] = '"';
	w->length += CIVIL_DATE_LENGTH + 2;
}

void
writer_uuid(struct writer *w, const uint8_t id[16])
{
	char *out = reserve(w, 39);	/* the NUL is written over */

	*out = '"';
	text_from_uuid(out + 1, id);
	out[37] = '"';
	w->length += 38;
}
