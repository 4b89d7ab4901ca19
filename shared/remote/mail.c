/* Mail by SMTP, with libcurl; or into a folder. */
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/config.h"
#include "base/scope.h"
#include "base/writer.h"
#include "remote/mail.h"

#define CONNECT_TIMEOUT_MS	10000L
#define SEND_TIMEOUT_MS		30000L

struct mail_server {
	struct scope	*scope;
	CURL		*curl;		/* NULL: into the folder */
	const char	*folder;
	const char	*from, *host;
};

/* What curl has not read yet. */
struct upload {
	const char	*data;
	size_t		 left;
};

static size_t
read_upload(char *out, size_t size, size_t count, void *arg)
{
	struct upload *upload = arg;
	size_t length = size * count < upload->left ? size * count : upload->left;

	memcpy(out, upload->data, length);
	upload->data += length;
	upload->left -= length;
	return length;
}

static const char *
after_scheme(const char *url)
{
	const char *slashes = strstr(url, "://");

	return slashes == NULL ? url : slashes + 3;
}

char *
mail_host(struct scope *scope, const char *url)
{
	const char *host = after_scheme(url);
	/* An IPv6 address is in brackets, which a domain literal has too. */
	size_t length = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/");

	return scope_copy(scope, host, length);
}

/* What goes to this machine is seen by nobody else. */
static bool
is_loopback(const char *url)
{
	const char *host = after_scheme(url);

	return strncmp(host, "127.", 4) == 0 || strncmp(host, "[::1]", 5) == 0 ||
	    (strncmp(host, "localhost", 9) == 0 && strchr(":/", host[9]) != NULL);
}

static void
set_server(struct mail_server *server, const struct config *config)
{
	const char *url = config_text(config, "smtp"), *user = config_text(config, "smtp_user");
	CURL *curl = server->curl;

	/* The path of the address is the name we say at HELO. */
	if (strchr(after_scheme(url), '/') == NULL)
		url = scope_printf(server->scope, "%s/%s", url, server->host);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, SEND_TIMEOUT_MS);
	if (config_bool(config, "smtp_tls") && !is_loopback(url))
		curl_easy_setopt(curl, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
	if (*user != '\0') {
		curl_easy_setopt(curl, CURLOPT_USERNAME, user);
		curl_easy_setopt(curl, CURLOPT_PASSWORD, config_text(config, "smtp_password"));
	}
	curl_easy_setopt(curl, CURLOPT_READFUNCTION, read_upload);
	curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
}

struct mail_server *
mail_open(struct scope *scope, const struct config *config)
{
	struct mail_server *server;

	if (*config_text(config, "smtp") == '\0' && *config_text(config, "mail_folder") == '\0')
		return NULL;
	server = scope_alloc(scope, sizeof(*server));
	server->scope = scope;
	server->folder = config_text(config, "mail_folder");
	server->from = config_text(config, "mail_from");
	server->host = mail_host(scope, config_text(config, "public_url"));
	if (*server->from == '\0')
		server->from = scope_printf(scope, "no-reply@%s", server->host);
	if (*server->folder != '\0')
		return server;
	if ((server->curl = curl_easy_init()) == NULL)
		return NULL;
	scope_defer(scope, curl_easy_cleanup, server->curl);
	set_server(server, config);
	return server;
}

/* Renamed when it is whole, so that who watches the folder sees no half of it. */
static bool
keep_file(const char *path, const char *partial, const struct writer *content)
{
	int fd = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool good;

	if (fd == -1)
		return false;
	good = write(fd, content->data, content->length) == (ssize_t)content->length;
	return close(fd) == 0 && good && rename(partial, path) == 0;
}

static enum mail_outcome
put_into_folder(struct mail_server *server, const char *name, const struct writer *content, char problem[MAIL_PROBLEM])
{
	const char *path = scope_printf(server->scope, "%s/%s.eml", server->folder, name);
	const char *partial = scope_printf(server->scope, "%s/%s.partial", server->folder, name);

	errno = 0;
	if (keep_file(path, partial, content))
		return MAIL_SENT;
	snprintf(problem, MAIL_PROBLEM, "mail_folder: %s", errno != 0 ? strerror(errno) : "no space");
	return MAIL_LATER;
}

/* A refused log-in or sender is our mistake, and may be mended; a refused recipient or text stays so. */
static enum mail_outcome
outcome_of(CURLcode result, bool handed_over, const char *problem, long status)
{
	if (result == CURLE_OK)
		return MAIL_SENT;
	if (strncmp(problem, "RCPT failed: 5", 14) == 0 || (handed_over && status / 100 == 5))
		return MAIL_NEVER;
	return MAIL_LATER;
}

static enum mail_outcome
upload(struct mail_server *server, const char *recipient, const struct writer *content, char problem[MAIL_PROBLEM])
{
	struct upload source = { content->data, content->length };
	struct curl_slist *recipients = curl_slist_append(NULL, scope_printf(server->scope, "<%s>", recipient));
	char words[CURL_ERROR_SIZE] = "";
	CURL *curl = server->curl;
	CURLcode result;
	long status = 0;

	if (recipients == NULL) {
		snprintf(problem, MAIL_PROBLEM, "out of memory");
		return MAIL_LATER;
	}
	curl_easy_setopt(curl, CURLOPT_MAIL_FROM, scope_printf(server->scope, "<%s>", server->from));
	curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients);
	curl_easy_setopt(curl, CURLOPT_READDATA, &source);
	curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)content->length);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, words);
	result = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, NULL);
	curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, NULL);
	curl_slist_free_all(recipients);
	snprintf(problem, MAIL_PROBLEM, "%s (%ld)", words[0] != '\0' ? words : curl_easy_strerror(result), status);
	return outcome_of(result, source.left == 0, problem, status);
}

enum mail_outcome
mail_send(struct mail_server *server, const struct message *message, char problem[MAIL_PROBLEM])
{
	struct writer content;

	writer_begin(&content, server->scope, 2048);
	if (!mail_write(&content, message, server->from, server->host)) {
		snprintf(problem, MAIL_PROBLEM, "it would not be a mail: a line end or what is not UTF-8 in a header");
		return MAIL_NEVER;
	}
	if (server->curl == NULL)
		return put_into_folder(server, message->message_id, &content, problem);
	return upload(server, message->recipient, &content, problem);
}
