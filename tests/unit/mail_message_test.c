/* A message as it travels: exact bytes, short lines, and no way to slip in a header. */
#include <string.h>

#include "base/scope.h"
#include "base/writer.h"
#include "remote/mail.h"
#include "unit.h"

#define FRIDAY_US	INT64_C(1795177784000000)	/* 2026-11-20T12:29:44Z */

static struct scope scope;

static struct message
message(const char *subject, const char *text)
{
	return (struct message){ "0190a2b4", "ann@example.org", subject, text, FRIDAY_US };
}

/* NULL: it was refused, and nothing was written. */
static const char *
written(struct message m, const char *from, const char *host)
{
	struct writer w;

	scope_end(&scope);
	writer_begin(&w, &scope, 0);
	if (!mail_write(&w, &m, from, host)) {
		ck_assert_uint_eq(w.length, 0);
		return NULL;
	}
	return scope_copy(&scope, w.data, w.length);
}

static const char *
mail_of(const char *subject, const char *text)
{
	const char *mail = written(message(subject, text), "no-reply@example.org", "example.org");

	ck_assert_ptr_nonnull(mail);
	return mail;
}

#define HAS(mail, part)	ck_assert_msg(strstr(mail, part) != NULL, "no %s in\n%s", part, mail)

START_TEST(a_plain_mail_is_exactly_this)
{
	ck_assert_str_eq(mail_of("Set a new password", "Hello ann,\n\n    a=b\n.\n"),
	    "Date: Fri, 20 Nov 2026 12:29:44 +0000\r\n"
	    "From: Marquee <no-reply@example.org>\r\n"
	    "To: ann@example.org\r\n"
	    "Subject: Set a new password\r\n"
	    "Message-ID: <0190a2b4@example.org>\r\n"
	    "MIME-Version: 1.0\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: 7bit\r\n"
	    "Auto-Submitted: auto-generated\r\n"
	    "\r\n"
	    "Hello ann,\r\n\r\n    a=b\r\n.\r\n");
}
END_TEST

START_TEST(a_text_that_is_not_ASCII_is_quoted)
{
	const char *mail = mail_of("x", "Zwölf = 12 \nende\t");

	HAS(mail, "Content-Transfer-Encoding: quoted-printable\r\n");
	HAS(mail, "\r\n\r\nZw=C3=B6lf =3D 12=20\r\nende=09\r\n");
	HAS(mail_of("x", "a\r\nb\rc"), "\r\n\r\na\r\nb=0Dc\r\n");
}
END_TEST

/* Of a mail without CR or LF alone, the longest line. */
static size_t
longest_line(const char *mail)
{
	size_t longest = 0, length;

	for (; *mail != '\0'; mail += length + 2) {
		length = strcspn(mail, "\r\n");
		ck_assert_int_eq(strncmp(mail + length, "\r\n", 2), 0);
		longest = length > longest ? length : longest;
	}
	return longest;
}

START_TEST(no_line_is_longer_than_it_may_be)
{
	char text[3001];
	size_t i;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	ck_assert_uint_eq(longest_line(mail_of("x", text)), 76);
	for (i = 0; i < sizeof(text) - 1; i++)
		text[i] = "\xc3\xb6"[i % 2];
	ck_assert_uint_le(longest_line(mail_of("x", text)), 76);
	text[200] = '\0';
	ck_assert_uint_le(longest_line(mail_of(text, "x")), 76);
	text[998] = '\0';
	memset(text, 'x', 998);
	ck_assert_uint_eq(longest_line(mail_of("x", text)), 998);
}
END_TEST

START_TEST(a_subject_that_is_not_ASCII_is_encoded_in_whole_characters)
{
	HAS(mail_of("Käthe", "x"), "Subject: =?utf-8?B?S8OkdGhl?=\r\n");
	HAS(mail_of("=?utf-8?B?S8OkdGhl?=", "x"), "Subject: =?utf-8?B?PT91dGYtOD9CP1M4T2tkR2hsPz0=?=\r\n");
	/* 38 bytes and a character of three: it goes into the next word as a whole. */
	HAS(mail_of("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx€", "x"),
	    "=?utf-8?B?eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg=?=\r\n =?utf-8?B?4oKs?=\r\n");
}
END_TEST

START_TEST(nothing_slips_in_a_header)
{
	static const char *const hostile[] = {
		"a\r\nBcc: b@example.org", "a\nBcc: b@example.org", "a\rb", "a\r\n\r\nb", "a\x7f", "a\xff", "a\x01",
	};

	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		struct message m = message(hostile[i], "x");

		ck_assert_ptr_null(written(m, "f@example.org", "example.org"));
		m = message("x", "x");
		m.recipient = hostile[i];
		ck_assert_ptr_null(written(m, "f@example.org", "example.org"));
		m = message("x", "x");
		m.message_id = hostile[i];
		ck_assert_ptr_null(written(m, "f@example.org", "example.org"));
		ck_assert_ptr_null(written(message("x", "x"), hostile[i], "example.org"));
		ck_assert_ptr_null(written(message("x", "x"), "f@example.org", hostile[i]));
	}
	for (size_t i = 0; i < 3; i++) {
		struct message m = message("x", "x");

		m.recipient = (const char *const []){ "a@example.org> b@example.org", "<a@example.org", "" }[i];
		ck_assert_ptr_null(written(m, "f@example.org", "example.org"));
	}
	ck_assert_ptr_null(written(message("x", "\xff"), "f@example.org", "example.org"));
}
END_TEST

START_TEST(the_host_of_an_address_is_without_its_port)
{
	scope_end(&scope);
	ck_assert_str_eq(mail_host(&scope, "https://localhost:8443"), "localhost");
	ck_assert_str_eq(mail_host(&scope, "https://marquee.example.org"), "marquee.example.org");
	ck_assert_str_eq(mail_host(&scope, "https://[::1]:8443/"), "[::1]");
}
END_TEST

SUITE("mail_message",
    a_plain_mail_is_exactly_this,
    a_text_that_is_not_ASCII_is_quoted,
    no_line_is_longer_than_it_may_be,
    a_subject_that_is_not_ASCII_is_encoded_in_whole_characters,
    nothing_slips_in_a_header,
    the_host_of_an_address_is_without_its_port);
