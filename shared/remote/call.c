/* Calls from pool to pool, by libcurl, and the token that they show. */
#include <curl/curl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/token.h"
#include "base/clock.h"
#include "base/scope.h"
#include "base/writer.h"
#include "http/json.h"
#include "remote/call.h"

#define USUAL_BYTES	(64 * 1024)
#define EARLY_MS	60000	/* a token is renewed before it ends */

struct call_source {
	struct call_settings	 settings;
	pthread_mutex_t		 lock;		/* of what follows */
	char			 token[TOKEN_MAX_SIZE + 1];
	int64_t			 token_until_ms;
};

struct call_line {
	struct call_source	*source;
	CURL			*curl;
	char			*data;		/* of the answer under way */
	size_t			 size, room, most;
	char			 problem[CURL_ERROR_SIZE];
};

struct call_source *
call_source_new(const struct call_settings *settings)
{
	struct call_source *source = calloc(1, sizeof(*source));

	if (source == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		free(source);
		return NULL;
	}
	source->settings = *settings;
	pthread_mutex_init(&source->lock, NULL);
	return source;
}

void
call_source_free(struct call_source *source)
{
	if (source == NULL)
		return;
	pthread_mutex_destroy(&source->lock);
	free(source);
	curl_global_cleanup();
}

/* --- one exchange --- */

/* Not the scope's memory: who runs out of it leaves by a jump, and libcurl would be left half done. */
static size_t
take(char *bytes, size_t one, size_t count, void *arg)
{
	struct call_line *line = arg;
	size_t n = one * count, room = line->room;
	char *grown;

	if (n > line->most - line->size)
		return 0;
	while (room < line->size + n)
		room = room == 0 ? 4096 : 2 * room;
	if (room > line->room) {
		if ((grown = realloc(line->data, room)) == NULL)
			return 0;
		line->data = grown;
		line->room = room;
	}
	memcpy(line->data + line->size, bytes, n);
	line->size += n;
	return n;
}

static bool
is_socket(const struct call_source *source)
{
	return source->settings.internal[0] == '/';
}

struct call_line *
call_line_new(struct call_source *source)
{
	struct call_line *line = calloc(1, sizeof(*line));

	if (line == NULL || (line->curl = curl_easy_init()) == NULL) {
		free(line);
		return NULL;
	}
	line->source = source;
	curl_easy_setopt(line->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(line->curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(line->curl, CURLOPT_PROXY, "");
	curl_easy_setopt(line->curl, CURLOPT_ERRORBUFFER, line->problem);
	curl_easy_setopt(line->curl, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(line->curl, CURLOPT_WRITEDATA, line);
	if (is_socket(source))
		curl_easy_setopt(line->curl, CURLOPT_UNIX_SOCKET_PATH, source->settings.internal);
	return line;
}

void
call_line_free(struct call_line *line)
{
	if (line == NULL)
		return;
	curl_easy_cleanup(line->curl);
	free(line->data);
	free(line);
}

static void
release(void *line)
{
	call_line_free(line);
}

struct call_line *
call_line_of(struct scope *scope, struct call_source *source)
{
	struct call_line *line = call_line_new(source);

	if (line != NULL)
		scope_defer(scope, release, line);
	return line;
}

const char *
call_problem(const struct call_line *line)
{
	return line->problem;
}

static int
unavailable(struct call_line *line, struct scope *scope, const char *why)
{
	if (line->problem[0] == '\0')
		snprintf(line->problem, sizeof(line->problem), "%s", why);
	scope_fail(scope, 503, "unavailable", "This needs a service that does not answer now; try again.");
	scope->failure.retry_after_s = 1;
	return 0;
}

/* Header lines; taken from the scope before libcurl begins. */
struct lines {
	const char	*text[5];
	int		 count;
};

static struct lines
lines_of(struct scope *scope, const struct call *call, const char *token)
{
	struct lines lines = { .count = 0 };

	lines.text[lines.count++] = scope_printf(scope, "Host: %s", call->pool);
	lines.text[lines.count++] = "Expect:";
	if (token != NULL)
		lines.text[lines.count++] = scope_printf(scope, "Authorization: Bearer %s", token);
	if (call->traceparent != NULL && *call->traceparent != '\0')
		lines.text[lines.count++] = scope_printf(scope, "traceparent: %s", call->traceparent);
	if (call->body != NULL)
		lines.text[lines.count++] = "Content-Type: application/json";
	return lines;
}

static CURLcode
perform(CURL *curl, const struct lines *lines)
{
	struct curl_slist *list = NULL, *longer;
	CURLcode result;
	int i;

	for (i = 0; i < lines->count && (longer = curl_slist_append(list, lines->text[i])) != NULL; i++)
		list = longer;
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
	result = i == lines->count ? curl_easy_perform(curl) : CURLE_OUT_OF_MEMORY;
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, NULL);
	curl_slist_free_all(list);
	return result;
}

/* The status, or 0 after failing the scope. */
static int
exchange(struct call_line *line, struct scope *scope, const struct call *call, const char *token, int64_t until_ms)
{
	const char *base = is_socket(line->source) ? "http://localhost" : line->source->settings.internal;
	const char *url = scope_printf(scope, "%s%s", base, call->path);
	struct lines lines = lines_of(scope, call, token);
	int64_t left_ms = until_ms - clock_ms();
	CURLcode result;
	long status = 0;

	line->size = 0;
	line->most = call->most_bytes != 0 ? call->most_bytes : USUAL_BYTES;
	line->problem[0] = '\0';
	if (left_ms <= 0)
		return unavailable(line, scope, "no time is left");
	curl_easy_setopt(line->curl, CURLOPT_URL, url);
	curl_easy_setopt(line->curl, CURLOPT_TIMEOUT_MS, (long)left_ms);
	if (call->body != NULL)
		curl_easy_setopt(line->curl, CURLOPT_COPYPOSTFIELDS, call->body);
	else
		curl_easy_setopt(line->curl, CURLOPT_HTTPGET, 1L);
	curl_easy_setopt(line->curl, CURLOPT_CUSTOMREQUEST, call->method);
	if ((result = perform(line->curl, &lines)) != CURLE_OK)
		return unavailable(line, scope, curl_easy_strerror(result));
	curl_easy_getinfo(line->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status < 200 || status >= 500)
		return unavailable(line, scope, scope_printf(scope, "it answered %ld", status));
	return (int)status;
}

/* What is no JSON is as no answer; one without a body is NULL. */
static bool
parse(struct call_line *line, struct scope *scope, json_t **answer)
{
	*answer = NULL;
	if (line->size == 0 || json_parse(scope, line->data, line->size, answer))
		return true;
	scope_retry(scope);
	return unavailable(line, scope, "it answered with what is no JSON");
}

/* --- our token --- */

static const char *
known_token(struct call_source *source, struct scope *scope)
{
	char token[TOKEN_MAX_SIZE + 1] = "";

	pthread_mutex_lock(&source->lock);
	if (clock_ms() < source->token_until_ms)
		memcpy(token, source->token, sizeof(token));
	pthread_mutex_unlock(&source->lock);
	return *token != '\0' ? scope_copy(scope, token, strlen(token)) : NULL;
}

static void
keep_token(struct call_source *source, const char *token, int64_t lifetime_s)
{
	int64_t early_ms = 2 * EARLY_MS < lifetime_s * 1000 ? EARLY_MS : lifetime_s * 500;

	pthread_mutex_lock(&source->lock);
	snprintf(source->token, sizeof(source->token), "%s", token);
	source->token_until_ms = clock_ms() + lifetime_s * 1000 - early_ms;
	pthread_mutex_unlock(&source->lock);
}

/* Unless another thread has a new one already. */
static void
forget_token(struct call_source *source, const char *token)
{
	pthread_mutex_lock(&source->lock);
	if (strcmp(source->token, token) == 0)
		source->token_until_ms = 0;
	pthread_mutex_unlock(&source->lock);
}

static const char *
credentials(struct scope *scope, const struct call_settings *settings)
{
	struct writer w;

	writer_begin(&w, scope, 256);
	writer_literal(&w, "{");
	writer_member(&w, "grant_type", "client_credentials");
	writer_member(&w, "client_id", settings->service);
	writer_member(&w, "client_secret", settings->secret);
	writer_literal(&w, "}");
	return writer_copy(&w);
}

/* NULL after failing the scope. */
static const char *
new_token(struct call_line *line, struct scope *scope, const char *traceparent, int64_t until_ms)
{
	const struct call_settings *settings = &line->source->settings;
	struct call call = { .pool = "users", .path = "/internal/token", .traceparent = traceparent };
	const char *token = NULL;
	json_int_t lifetime_s;
	json_t *answer;
	int status;

	call.body = credentials(scope, settings);
	if ((status = exchange(line, scope, &call, NULL, until_ms)) == 0 || !parse(line, scope, &answer))
		return NULL;
	if (status != 200 || json_unpack(answer, "{s:s, s:I}", "access_token", &token, "expires_in", &lifetime_s) != 0 ||
	    strlen(token) > TOKEN_MAX_SIZE) {
		unavailable(line, scope, scope_printf(scope, "users gives us no token: %d", status));
		return NULL;
	}
	keep_token(line->source, token, lifetime_s);
	return token;
}

int
call_make(struct call_line *line, struct scope *scope, const struct call *call, json_t **answer)
{
	int64_t until_ms = clock_ms() + call->timeout_ms;
	const char *token;
	int status = 401;

	/* A token may have been ended, or its key may be gone: once more with a new one. */
	for (int i = 0; i < 2 && status == 401 && !scope_failed(scope); i++) {
		if ((token = known_token(line->source, scope)) == NULL)
			token = new_token(line, scope, call->traceparent, until_ms);
		if (token == NULL || (status = exchange(line, scope, call, token, until_ms)) == 0)
			return 0;
		if (status == 401)
			forget_token(line->source, token);
	}
	if (scope_failed(scope))
		return 0;
	if (status == 401)
		return unavailable(line, scope, "our token is refused");
	return parse(line, scope, answer) ? status : 0;
}
