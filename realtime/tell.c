/* The gateway's own frames. */
#include <inttypes.h>
#include <stdio.h>

#include "base/scope.h"
#include "base/writer.h"
#include "client.h"
#include "message.h"
#include "tell.h"

static void
begin(struct writer *w, struct scope *scope, const char *type)
{
	writer_begin(w, scope, 256);
	writer_literal(w, "{");
	writer_member(w, "type", type);
}

static void
end(struct writer *w, struct client *c, const char *place)
{
	writer_literal(w, "}");
	client_tell(c, w->data, w->length, place);
	scope_free(w->scope);
}

void
tell_place(struct client *c, const char *type, const char *channel, const struct place *place)
{
	char epoch[17] = "", text[PLACE_SIZE];
	struct scope scope = { 0 };
	struct writer w;

	if (place->epoch != 0)
		snprintf(epoch, sizeof(epoch), "%016" PRIx64, place->epoch);
	place_write(text, place);
	begin(&w, &scope, type);
	writer_member(&w, "channel", channel);
	writer_member(&w, "epoch", epoch);
	writer_member_integer(&w, "seq", (int64_t)place->number);
	end(&w, c, text);
}

void
tell_left(struct client *c, const char *channel, const char *reason)
{
	struct scope scope = { 0 };
	struct writer w;

	begin(&w, &scope, "left");
	writer_member(&w, "channel", channel);
	writer_member(&w, "reason", reason);
	end(&w, c, NULL);
}

void
tell_error(struct client *c, const char *code, const char *detail, const char *channel)
{
	struct scope scope = { 0 };
	struct writer w;

	begin(&w, &scope, "error");
	writer_member(&w, "code", code);
	writer_member(&w, "detail", detail);
	if (channel != NULL)
		writer_member(&w, "channel", channel);
	end(&w, c, NULL);
}

void
tell_pong(struct client *c)
{
	struct scope scope = { 0 };
	struct writer w;

	begin(&w, &scope, "pong");
	end(&w, c, NULL);
}

void
tell_reconnect(struct client *c, int after_ms)
{
	struct scope scope = { 0 };
	struct writer w;

	begin(&w, &scope, "reconnect");
	writer_member_integer(&w, "after_ms", after_ms);
	end(&w, c, NULL);
}
