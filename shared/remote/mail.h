/*
 * Mail: plain-text messages, one at a time, to an SMTP server (RFC 5321), or
 * as files into a folder where a developer reads them.
 *
 * The settings smtp, smtp_user, smtp_password, smtp_tls, mail_from and
 * mail_folder say where to; they stand in the table of the domain that sends.
 * It keeps the message until it is sent and tries again: a server may get one
 * twice, with the same Message-ID.
 */
#ifndef REMOTE_MAIL_H
#define REMOTE_MAIL_H

#include <stdbool.h>
#include <stdint.h>

struct config;
struct scope;
struct writer;

struct message {
	const char	*message_id;	/* the same for each try */
	const char	*recipient;	/* an address, without a name */
	const char	*subject, *text;	/* UTF-8; lines of the text end with \n */
	int64_t		 written_us;	/* since 1970 */
};

enum mail_outcome {
	MAIL_SENT,	/* the server has taken it */
	MAIL_LATER,	/* not now; try again */
	MAIL_NEVER,	/* it, or its recipient, was refused for good */
};

/* Keeps its connection from message to message and ends with the scope. NULL when no setting says where to send. */
struct mail_server;
struct mail_server *mail_open(struct scope *, const struct config *);

/* Blocks for at most 30 s, 10 of which to connect.  *problem says why it was not sent. */
#define MAIL_PROBLEM	256
enum mail_outcome mail_send(struct mail_server *, const struct message *, char problem[MAIL_PROBLEM]);

/*
 * The message as it travels (RFC 5322, 2045 to 2047), lines ended by CRLF.
 * False, with nothing written, when something in it could begin a header of
 * its own or is not UTF-8.
 */
bool		 mail_write(struct writer *, const struct message *, const char *from, const char *host);
/* The host of "https://host:port/": on its right hand a Message-ID is unique. */
char		*mail_host(struct scope *, const char *url);

#endif
