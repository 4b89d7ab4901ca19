/* Text from outside: checks and conversions, each by its standard and nothing beside it. */
#include <string.h>

#include "base/civil.h"
#include "base/scope.h"
#include "base/text.h"

#define EACH(byte)	(UINT64_C(0x0101010101010101) * (byte))

#define SECOND_US	INT64_C(1000000)
#define DAY_US		(86400 * SECOND_US)

static const char hex_digits[] = "0123456789abcdef";

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_alphanumeric(char c)
{
	return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* Bytes of the well-formed character of several bytes at p, 0 when there is none (RFC 3629, 4). */
static size_t
multibyte_length(const unsigned char *p, size_t left)
{
	unsigned char low = 0x80, high = 0xbf;	/* of the second byte */
	size_t length;

	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	length = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (p[0] == 0xe0)
		low = 0xa0;		/* no longer than needed */
	else if (p[0] == 0xed)
		high = 0x9f;		/* no surrogate */
	else if (p[0] == 0xf0)
		low = 0x90;
	else if (p[0] == 0xf4)
		high = 0x8f;		/* U+10FFFF is the last */
	if (left < length || p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < length; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return length;
}

bool
text_is_utf8(const char *text, size_t size)
{
	const unsigned char *p = (const unsigned char *)text, *end = p + size;
	uint64_t eight;
	size_t length;

	while (p < end) {
		for (; end - p >= 8; p += 8) {
			memcpy(&eight, p, 8);
			if (((eight | (eight - EACH(1))) & EACH(0x80)) != 0)
				break;	/* not ASCII, or a NUL */
		}
		for (; p < end && *p != 0 && *p < 0x80; p++)
			continue;
		if (p == end)
			return true;
		if ((length = multibyte_length(p, (size_t)(end - p))) == 0)
			return false;
		p += length;
	}
	return true;
}

size_t
text_length(const char *text)
{
	size_t length = 0;

	for (; *text != '\0'; text++)
		length += (*text & 0xc0) != 0x80;
	return length;
}

bool
text_has_controls(const char *text)
{
	for (; *text != '\0'; text++)
		if (((unsigned char)*text < 0x20 && strchr("\t\n\r", *text) == NULL) || *text == 0x7f)
			return true;
	return false;
}

char *
text_unescape(struct scope *scope, const char *text, size_t n, bool plus_is_space)
{
	char *copy = scope_copy(scope, text, n), *out = copy;
	int high, low;

	for (size_t i = 0; i < n; i++) {
		if (text[i] == '+' && plus_is_space) {
			*out++ = ' ';
		} else if (text[i] == '%') {
			if (n - i < 3)
				return NULL;
			high = hex_value(text[i + 1]);
			low = hex_value(text[i + 2]);
			if (high < 0 || low < 0)
				return NULL;
			*out++ = (char)(high << 4 | low);
			i += 2;
		} else {
			*out++ = text[i];
		}
	}
	*out = '\0';
	return text_is_utf8(copy, (size_t)(out - copy)) ? copy : NULL;
}

void
text_to_base64url(char *out, const void *bytes, size_t n)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	const unsigned char *p = bytes;
	uint32_t bits;

	for (; n >= 3; n -= 3, p += 3) {
		bits = (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
		for (int shift = 18; shift >= 0; shift -= 6)
			*out++ = alphabet[bits >> shift & 63];
	}
	if (n > 0) {
		bits = (uint32_t)p[0] << 16 | (n == 2 ? (uint32_t)p[1] << 8 : 0);
		for (int shift = 18; shift >= (n == 2 ? 6 : 12); shift -= 6)
			*out++ = alphabet[bits >> shift & 63];
	}
	*out = '\0';
}

static int
base64url_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (is_digit(c))
		return c - '0' + 52;
	return c == '-' ? 62 : c == '_' ? 63 : -1;
}

long
text_from_base64url(void *out, size_t room, const char *text, size_t n)
{
	unsigned char *p = out;
	uint32_t bits = 0;
	int value, held = 0;	/* bits read and not yet written */

	if (n % 4 == 1 || n / 4 * 3 + n % 4 * 3 / 4 > room)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if ((value = base64url_value(text[i])) < 0)
			return -1;
		bits = bits << 6 | (uint32_t)value;
		if ((held += 6) >= 8)
			*p++ = (unsigned char)(bits >> (held -= 8));
	}
	if ((bits & ((1u << held) - 1)) != 0)
		return -1;
	return (long)(p - (unsigned char *)out);
}

bool
text_to_uuid(uint8_t out[16], const char *text)
{
	int high, low, n = 0;

	for (int i = 0; i < 36; i++) {
		if (i == 8 || i == 13 || i == 18 || i == 23) {
			if (text[i] != '-')
				return false;
			continue;
		}
		if ((high = hex_value(text[i])) < 0 || (low = hex_value(text[++i])) < 0)
			return false;
		out[n++] = (uint8_t)(high << 4 | low);
	}
	return text[36] == '\0';
}

void
text_from_uuid(char out[37], const uint8_t id[16])
{
	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*out++ = '-';
		*out++ = hex_digits[id[i] >> 4];
		*out++ = hex_digits[id[i] & 15];
	}
	*out = '\0';
}

/* Takes so many digits off the text; -1 when they are not there. */
static int
take_digits(const char **text, int count)
{
	int value = 0;

	for (; count > 0; count--, (*text)++) {
		if (!is_digit(**text))
			return -1;
		value = value * 10 + (**text - '0');
	}
	return value;
}

static bool
take_char(const char **text, char wanted)
{
	if (**text != wanted && **text != (wanted | 0x20))
		return false;
	(*text)++;
	return true;
}

/* "2026-07-01" as days since 1970. */
static bool
take_date(const char **text, int64_t *days)
{
	int year, month, day;

	if ((year = take_digits(text, 4)) < 1 || !take_char(text, '-'))
		return false;
	if ((month = take_digits(text, 2)) < 1 || month > 12 || !take_char(text, '-'))
		return false;
	if ((day = take_digits(text, 2)) < 1 || day > civil_month_days(year, month))
		return false;
	*days = civil_to_days(year, month, day);
	return true;
}

/* "12:30:00.25" as microseconds since midnight; digits past the sixth are dropped. */
static bool
take_clock(const char **text, int64_t *us, bool *leap)
{
	int hour, minute, second, fraction = 0;

	if ((hour = take_digits(text, 2)) < 0 || hour > 23 || !take_char(text, ':'))
		return false;
	if ((minute = take_digits(text, 2)) < 0 || minute > 59 || !take_char(text, ':'))
		return false;
	if ((second = take_digits(text, 2)) < 0 || second > 60)
		return false;
	if (take_char(text, '.')) {
		if (!is_digit(**text))
			return false;
		for (int weight = 100000; is_digit(**text); weight /= 10)
			fraction += weight * (*(*text)++ - '0');
	}
	*leap = second == 60;
	*us = ((hour * 60 + minute) * INT64_C(60) + second) * SECOND_US + fraction;
	return true;
}

static bool
take_offset(const char **text, int64_t *us)
{
	int sign, hours, minutes;

	*us = 0;
	if (take_char(text, 'Z'))
		return true;
	sign = **text == '-' ? -1 : 1;
	if (**text != '+' && **text != '-')
		return false;
	(*text)++;
	if ((hours = take_digits(text, 2)) < 0 || hours > 23 || !take_char(text, ':'))
		return false;
	if ((minutes = take_digits(text, 2)) < 0 || minutes > 59)
		return false;
	*us = sign * (hours * 60 + minutes) * 60 * SECOND_US;
	return true;
}

bool
text_to_date(int64_t *days, const char *text)
{
	return take_date(&text, days) && *text == '\0';
}

bool
text_to_time(int64_t *unix_us, const char *text)
{
	int64_t days, clock, offset, us;
	bool leap;

	if (!take_date(&text, &days) || !take_char(&text, 'T'))
		return false;
	if (!take_clock(&text, &clock, &leap) || !take_offset(&text, &offset) || *text != '\0')
		return false;
	us = days * DAY_US + clock - offset;
	/* UTC has them at the end of a day only; to Unix it is the second after, as to Postgres. */
	if (leap && (us % DAY_US + DAY_US) % DAY_US >= SECOND_US)
		return false;
	if (us < civil_to_days(1, 1, 1) * DAY_US || us >= civil_to_days(10000, 1, 1) * DAY_US)
		return false;
	*unix_us = us;
	return true;
}

/* Labels of letters, digits and inner hyphens, or of other scripts; two or more. */
static bool
is_domain(const char *domain)
{
	size_t length;
	int labels = 0;

	for (;; domain += length + 1) {
		length = strcspn(domain, ".");
		if (length == 0 || length > 63 || domain[0] == '-' || domain[length - 1] == '-')
			return false;
		for (size_t i = 0; i < length; i++)
			if (!is_alphanumeric(domain[i]) && domain[i] != '-' && (unsigned char)domain[i] < 0x80)
				return false;
		labels++;
		if (domain[length] == '\0')
			return labels > 1;
	}
}

/* Beyond ASCII: controls, spaces and what changes the direction of text. It shows nothing, so it only deceives. */
static bool
is_invisible(uint32_t c)
{
	static const struct { uint32_t first, last; } ranges[] = {
		{ 0x80, 0xa0 }, { 0xad, 0xad }, { 0x61c, 0x61c }, { 0x1680, 0x1680 }, { 0x180e, 0x180e },
		{ 0x2000, 0x200f }, { 0x2028, 0x202f }, { 0x205f, 0x206f }, { 0x3000, 0x3000 }, { 0xfeff, 0xfeff },
		{ 0xfff9, 0xfffb }, { 0xe0000, 0xe007f },
	};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (c >= ranges[i].first && c <= ranges[i].last)
			return true;
	return false;
}

/* Of UTF-8. */
static bool
has_invisible(const char *text)
{
	uint32_t c = 0;

	for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++) {
		if (*p < 0x80)
			continue;
		if (*p >= 0xc0)
			c = *p & (*p < 0xe0 ? 0x1f : *p < 0xf0 ? 0x0f : 0x07);
		else
			c = c << 6 | (*p & 0x3f);
		if ((p[1] & 0xc0) != 0x80 && is_invisible(c))
			return true;
	}
	return false;
}

bool
text_is_email(const char *text)
{
	const char *at = strchr(text, '@');
	size_t length = strlen(text);

	if (at == NULL || at == text || at - text > 64 || length > 254 || !text_is_utf8(text, length) ||
	    has_invisible(text))
		return false;
	/* What only a quoted local part may hold, and what could end a header line. */
	for (const char *p = text; p < at; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f || strchr("\"(),:;<>[\\]", *p) != NULL)
			return false;
	return is_domain(at + 1);
}
