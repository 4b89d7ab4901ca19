/* A message as it travels: headers that nothing can slip into, and a text of short ASCII lines. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/scope.h"
#include "base/text.h"
#include "base/writer.h"
#include "remote/mail.h"

#define MICROSECONDS	1000000
#define LINE_MOST	998	/* RFC 5322, 2.1.1, without CRLF */
#define QUOTED_MOST	76	/* RFC 2045, 6.7 (5), the soft break's = included */
#define WORD_BYTES	39	/* in base64 an encoded word stays below 75 characters, its line below 76 */

/* Printable: no line end, no control character, nothing but UTF-8. */
static bool
is_one_line(const char *text)
{
	if (!text_is_utf8(text, strlen(text)))
		return false;
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}

static bool
is_word(const char *text)
{
	return *text != '\0' && is_one_line(text) && strpbrk(text, " <>") == NULL;
}

static bool
is_ascii(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text >= 0x80)
			return false;
	return true;
}

static void
header(struct writer *w, const char *name, const char *before, const char *value, const char *after)
{
	writer_text(w, name);
	writer_literal(w, ": ");
	writer_text(w, before);
	writer_text(w, value);
	writer_text(w, after);
	writer_literal(w, "\r\n");
}

static void
write_date(struct writer *w, int64_t unix_us)
{
	time_t seconds = unix_us / MICROSECONDS;
	char text[64] = "";
	struct tm tm;

	if (gmtime_r(&seconds, &tm) != NULL)
		strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S +0000", &tm);
	header(w, "Date", "", text, "");
}

/* Bytes of the text that fit into one encoded word: characters are not cut (RFC 2047, 5). */
static size_t
word_length(const char *text)
{
	size_t length = strlen(text);

	if (length <= WORD_BYTES)
		return length;
	for (length = WORD_BYTES; ((unsigned char)text[length] & 0xc0) == 0x80; length--)
		continue;
	return length;
}

static void
write_subject(struct writer *w, const char *subject)
{
	char word[sodium_base64_ENCODED_LEN(WORD_BYTES, sodium_base64_VARIANT_ORIGINAL)];
	size_t length;

	if (is_ascii(subject) && strstr(subject, "=?") == NULL && strlen(subject) < LINE_MOST / 2) {
		header(w, "Subject", "", subject, "");
		return;
	}
	writer_literal(w, "Subject:");
	for (; *subject != '\0'; subject += length) {
		length = word_length(subject);
		sodium_bin2base64(word, sizeof(word), (const uint8_t *)subject, length, sodium_base64_VARIANT_ORIGINAL);
		writer_literal(w, " =?utf-8?B?");
		writer_text(w, word);
		writer_text(w, subject[length] == '\0' ? "?=" : "?=\r\n");
	}
	writer_literal(w, "\r\n");
}

/* Goes as it is: what people read in a folder, and what they copy out of it, is not disguised. */
static bool
is_plain(const char *text)
{
	size_t column = 0;

	for (; *text != '\0'; text++) {
		column = *text == '\n' ? 0 : column + 1;
		if (column > LINE_MOST || (unsigned char)*text > '~' ||
		    ((unsigned char)*text < ' ' && *text != '\n' && *text != '\t'))
			return false;
	}
	return true;
}

static void
write_plain(struct writer *w, const char *text)
{
	size_t length;

	for (; *text != '\0'; text += length) {
		length = strcspn(text, "\n");
		writer_bytes(w, text, length);
		writer_literal(w, "\r\n");
		length += text[length] == '\n';
	}
}

/* A blank stands for itself unless a line ends after it (RFC 2045, 6.7 (3)). */
static bool
stands_for_itself(const char *p)
{
	if (*p == ' ' || *p == '\t')
		return p[1] != '\n' && p[1] != '\r' && p[1] != '\0';
	return *p > ' ' && *p <= '~' && *p != '=';
}

static void
write_quoted(struct writer *w, const char *text)
{
	size_t column = 0, length;
	char code[4];

	for (; *text != '\0'; text++) {
		if (*text == '\n' || (text[0] == '\r' && text[1] == '\n')) {
			text += *text == '\r';
			writer_literal(w, "\r\n");
			column = 0;
			continue;
		}
		length = stands_for_itself(text) ? 1 : 3;
		if (column + length > QUOTED_MOST - 1) {
			writer_literal(w, "=\r\n");
			column = 0;
		}
		if (length == 3)
			snprintf(code, sizeof(code), "=%02X", (unsigned char)*text);
		else
			code[0] = *text;
		writer_bytes(w, code, length);
		column += length;
	}
	writer_literal(w, "\r\n");
}

bool
mail_write(struct writer *w, const struct message *message, const char *from, const char *host)
{
	bool plain = is_plain(message->text);

	if (!is_word(message->recipient) || !is_word(message->message_id) || !is_word(from) || !is_word(host) ||
	    !is_one_line(message->subject) || !text_is_utf8(message->text, strlen(message->text)))
		return false;
	write_date(w, message->written_us);
	header(w, "From", "Marquee <", from, ">");
	header(w, "To", "", message->recipient, "");
	write_subject(w, message->subject);
	header(w, "Message-ID", "<", message->message_id, scope_printf(w->scope, "@%s>", host));
	header(w, "MIME-Version", "", "1.0", "");
	header(w, "Content-Type", "", "text/plain; charset=utf-8", "");
	header(w, "Content-Transfer-Encoding", "", plain ? "7bit" : "quoted-printable", "");
	/* Nobody's holiday notice answers it (RFC 3834). */
	header(w, "Auto-Submitted", "", "auto-generated", "");
	writer_literal(w, "\r\n");
	(plain ? write_plain : write_quoted)(w, message->text);
	return true;
}
