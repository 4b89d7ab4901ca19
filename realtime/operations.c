/* Metrics, health and readiness of the gateway. */
#include <inttypes.h>
#include <string.h>

#include "app/app.h"
#include "app/pool.h"
#include "base/scope.h"
#include "bus.h"
#include "channels.h"
#include "gateway.h"
#include "http/reply.h"
#include "http/request.h"
#include "operations.h"

static void
line(struct writer *w, struct request *rq, const char *name, const char *kind, const char *text, uint64_t value)
{
	writer_text(w, scope_printf(&rq->scope, "# HELP marquee_realtime_%s %s\n# TYPE marquee_realtime_%s %s\n"
	    "marquee_realtime_%s %" PRIu64 "\n", name, text, name, kind, name, value));
}

static struct reply *
show_metrics(const struct gateway *gateway, struct request *rq)
{
	const struct counters *n = &gateway->counters;
	struct writer w;

	writer_begin(&w, &rq->scope, 4096);
	line(&w, rq, "connections", "gauge", "Sockets and event streams that are open.", n->connections);
	line(&w, rq, "channels", "gauge", "Channels that someone listens to.", channels_count(gateway->channels));
	line(&w, rq, "bus_up", "gauge", "Whether the bus answers.", bus_is_up(gateway->bus));
	line(&w, rq, "accepted_total", "counter", "Sockets and event streams that were opened.", n->accepted);
	line(&w, rq, "refused_total", "counter", "Requests for one that were refused.", n->refused);
	line(&w, rq, "frames_total", "counter", "Frames that clients sent.", n->frames);
	line(&w, rq, "received_total", "counter", "Messages that the bus brought.", n->received);
	line(&w, rq, "deliveries_total", "counter", "Messages given to clients.", n->deliveries);
	line(&w, rq, "catch_ups_total", "counter", "Pages of history that clients waited for.", n->catch_ups);
	line(&w, rq, "slow_total", "counter", "Times a client was too slow for live messages.", n->slow);
	line(&w, rq, "dropped_total", "counter", "Clients that were given up as too slow.", n->dropped);
	line(&w, rq, "gaps_total", "counter", "Messages that the bus left out, and that history brought.", n->gaps);
	line(&w, rq, "reloads_total", "counter", "Times history was gone, and the client was told to reload.", n->reloads);
	line(&w, rq, "bus_reconnects_total", "counter", "Times the bus came back.", n->bus_reconnects);
	return reply_bytes(rq, "text/plain; version=0.0.4", w.data, w.length);
}

static struct reply *
show_readiness(const struct gateway *gateway, struct request *rq)
{
	if (!gateway->state->pool->started)
		return problem(rq, 503, "starting", "It is not known yet which sessions ended.");
	if (!bus_is_up(gateway->bus))
		return problem(rq, 503, "bus_away", "The bus does not answer.");
	return reply_bytes(rq, "application/json", "{\"ready\":true}", 14);
}

bool
operations_know(const char *path)
{
	return strcmp(path, "/metrics") == 0 || strcmp(path, "/healthz") == 0 || strcmp(path, "/readyz") == 0;
}

struct reply *
operations_answer(struct gateway *gateway, struct request *rq, const char *path)
{
	if (strcmp(path, "/metrics") == 0)
		return show_metrics(gateway, rq);
	if (strcmp(path, "/readyz") == 0)
		return show_readiness(gateway, rq);
	return reply_bytes(rq, "application/json", "{\"healthy\":true}", 16);
}
