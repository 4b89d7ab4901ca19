/*
 * Log lines. A thread's buffer is as large as a write to a pipe that arrives
 * in one piece, so lines of processes that share stderr do not mix.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/civil.h"
#include "base/clock.h"
#include "base/digits.h"
#include "base/log.h"
#include "base/text.h"

#define BUFFER_SIZE	PIPE_BUF
#define END		"}\n"
#define LONGEST_ESCAPE		6	/* \u001f */
#define LONGEST_NUMBER		20	/* -9223372036854775808 */
/* A text that is cut short leaves so much for its quote and the line's end. */
#define RESERVE			(1 + sizeof(END))

struct line {
	char	 data[BUFFER_SIZE];
	size_t	 length;
};

/* Whole lines a thread has not written yet. */
static _Thread_local struct line pending;
static _Thread_local int64_t dropped;	/* lines that nobody read */
static _Thread_local bool watched;	/* flushed when the thread ends */

/* Set once, before there are threads. */
static const char *domain = "";
static enum log_level least = LOG_INFO;
static long pid;
static pthread_key_t ending;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
flush_ending(void *unused)
{
	(void)unused;
	log_flush();
}

/* A fork would double what the forking thread has not written; an exit would lose it. */
static void
watch(void)
{
	pthread_key_create(&ending, flush_ending);
	pthread_atfork(log_flush, NULL, NULL);
	atexit(log_flush);
}

void
log_open(const char *name, enum log_level level)
{
	domain = name;
	least = level;
	pid = getpid();
}

/* Whoever reads this may stand still; requests do not wait for it. */
static bool
has_reader(void)
{
	struct pollfd out = { .fd = STDERR_FILENO, .events = POLLOUT };

	return poll(&out, 1, 0) != 0;
}

void
log_flush(void)
{
	const char *p = pending.data;
	int64_t lost = dropped;
	ssize_t n;

	if (pending.length > 0 && !has_reader()) {
		for (; p < pending.data + pending.length; p++)
			dropped += *p == '\n';
		pending.length = 0;
		return;
	}
	while (pending.length > 0) {
		n = write(STDERR_FILENO, p, pending.length);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;		/* there is nowhere to say so */
		p += n;
		pending.length -= (size_t)n;
	}
	pending.length = 0;
	if (lost > 0) {
		dropped -= lost;
		log_event(LOG_WARNING, "log lines were dropped, nobody read them", LOG_INT("lines", lost));
	}
}

static void
add(struct line *line, const char *bytes, size_t size)
{
	memcpy(line->data + line->length, bytes, size);
	line->length += size;
}

static size_t
room(const struct line *line)
{
	return line->length < sizeof(line->data) - RESERVE ? sizeof(line->data) - RESERVE - line->length : 0;
}

static void
add_escaped(struct line *line, unsigned char byte)
{
	static const char hex[] = "0123456789abcdef";
	char text[LONGEST_ESCAPE] = "\\u00";

	if (byte == '"' || byte == '\\') {
		text[1] = (char)byte;
		add(line, text, 2);
		return;
	}
	text[4] = hex[byte >> 4];
	text[5] = hex[byte & 15];
	add(line, text, sizeof(text));
}

/* Bytes that stand for themselves. */
static size_t
plain_length(const char *text, bool utf8)
{
	const unsigned char *p = (const unsigned char *)text;

	while (*p >= ' ' && *p != '"' && *p != '\\' && (*p < 0x80 || utf8))
		p++;
	return (size_t)(p - (const unsigned char *)text);
}

/* As much of a text as fits. What is not UTF-8 is taken for Latin-1: the line must stay JSON. */
static void
add_string(struct line *line, const char *text)
{
	bool utf8 = text_is_utf8(text, strlen(text));
	size_t length;

	add(line, "\"", 1);
	for (;; text++) {
		length = plain_length(text, utf8);
		if (length > room(line)) {
			/* Not inside of a character. */
			for (length = room(line); length > 0 && (text[length] & 0xc0) == 0x80; length--)
				continue;
			add(line, text, length);
			break;
		}
		add(line, text, length);
		text += length;
		if (*text == '\0' || room(line) < LONGEST_ESCAPE)
			break;
		add_escaped(line, (unsigned char)*text);
	}
	add(line, "\"", 1);
}

static void
add_number(struct line *line, int64_t number)
{
	char digits[LONGEST_NUMBER], *end = digits + sizeof(digits), *start = end;
	uint64_t left = number < 0 ? -(uint64_t)number : (uint64_t)number;

	do
		*--start = (char)('0' + left % 10);
	while ((left /= 10) > 0);
	if (number < 0)
		*--start = '-';
	add(line, start, (size_t)(end - start));
}

/* A field for which there is no room at all is left out. */
static void
add_field(struct line *line, const struct log_field *field)
{
	size_t length = strlen(field->name);

	if (room(line) < length + sizeof(",\"\":\"") + LONGEST_NUMBER)
		return;
	add(line, ",\"", 2);
	add(line, field->name, length);
	add(line, "\":", 2);
	if (field->text != NULL)
		add_string(line, field->text);
	else
		add_number(line, field->number);
}

/* "2026-07-01T12:30:00.250Z" */
static void
add_time(struct line *line)
{
	int64_t ms = clock_unix_us() / 1000;
	char text[CIVIL_TIME_LENGTH + 5] = "";
	char *fraction = text + CIVIL_TIME_LENGTH;

	civil_print_time(text, ms / 1000);
	fraction[0] = '.';
	fraction[1] = (char)('0' + ms % 1000 / 100);
	digits_two(fraction + 2, (unsigned)(ms % 100));
	fraction[4] = 'Z';
	add(line, "{\"time\":\"", 9);
	add(line, text, sizeof(text));
	add(line, "\"", 1);
}

static void
keep(const struct line *line)
{
	if (sizeof(pending.data) - pending.length < line->length)
		log_flush();
	add(&pending, line->data, line->length);
	if (watched)
		return;
	pthread_once(&once, watch);
	pthread_setspecific(ending, &pending);
	watched = true;
}

void
log_fields(enum log_level level, const char *message, const struct log_field *fields)
{
	static const char *const names[] = { "error", "warning", "info", "debug" };
	struct line line;

	if (level > least)
		return;
	line.length = 0;
	add_time(&line);
	add_field(&line, &(struct log_field)LOG_TEXT("level", names[level]));
	add_field(&line, &(struct log_field)LOG_TEXT("domain", domain));
	add_field(&line, &(struct log_field)LOG_INT("pid", pid));
	add_field(&line, &(struct log_field)LOG_TEXT("message", message));
	for (; fields->name != NULL; fields++)
		add_field(&line, fields);
	add(&line, END, sizeof(END) - 1);
	keep(&line);
	if (level == LOG_ERROR)
		log_flush();
}
