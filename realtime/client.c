/* Clients: reading, queues, one sendmsg() for each in a turn. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app/app.h"
#include "app/pool.h"
#include "asks.h"
#include "auth/revocations.h"
#include "base/clock.h"
#include "base/text.h"
#include "channels.h"
#include "client.h"
#include "handshake.h"
#include "history.h"
#include "people.h"
#include "websocket.h"

#define MOST_COUNT	512		/* packets; a client that asks and does not read */
#define BEHIND_COUNT	128
#define BEHIND_BYTES	(64 * 1024)
#define ROOM_COUNT	32		/* packets that may still wait when a page is added */
#define VECTORS		16
#define HEAD_WAIT_S	10
#define CLOSE_WAIT_S	3
#define PONG_WAIT_S	10

static void	 ready(struct watcher *, uint32_t events);

void
client_new(struct gateway *gateway, int fd)
{
	struct client *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		close(fd);
		return;
	}
	*c = (struct client){ .watcher.ready = ready, .gateway = gateway, .fd = fd,
	    .heard_s = (uint32_t)gateway->wheel.now_s, .next = gateway->connections, .at = &gateway->connections };
	if (c->next != NULL)
		c->next->at = &c->next;
	gateway->connections = c;
	gateway->counters.connections++;
	wheel_set(&gateway->wheel, &c->alarm, HEAD_WAIT_S);
	if (!gateway_watch(gateway, fd, EPOLLIN | EPOLLRDHUP, &c->watcher))
		client_end(c);
}

void
client_belongs(struct client *c, const struct caller *caller)
{
	c->expires_s = (uint32_t)caller->expires_s;
	text_to_uuid(c->session_id, caller->session_id);
}

/* Never later than its token expires. */
static void
set_alarm(struct client *c, int wait_s)
{
	int64_t left_s = (int64_t)c->expires_s - clock_unix_us() / 1000000;

	wheel_set(&c->gateway->wheel, &c->alarm, left_s < wait_s ? (int)left_s : wait_s);
}

/* --- what it gets --- */

static void
mark_dirty(struct client *c)
{
	if (c->is_dirty || (c->wants_write && !c->is_over))
		return;
	c->is_dirty = true;
	c->next_dirty = c->gateway->dirty;
	c->gateway->dirty = c;
}

void
client_send(struct client *c, struct packet *packet)
{
	if (c->state == CLIENT_DEAD || c->state == CLIENT_CLOSING || c->is_over)
		return;
	/* Not at once: who sends goes on with its channels. */
	if (packet == NULL || c->queue.count >= MOST_COUNT || !queue_add(&c->queue, packet))
		c->is_over = true;
	mark_dirty(c);
}

void
client_wake(struct client *c)
{
	if (c->state != CLIENT_DEAD)
		mark_dirty(c);
}

void
client_give(struct client *c, struct packet *packet)
{
	client_send(c, packet);
	packet_release(packet);
}

void
client_tell(struct client *c, const char *text, size_t size, const char *place)
{
	client_give(c, packet_new(c->form, text, size, place));
}

bool
client_is_behind(const struct client *c)
{
	return c->queue.count >= BEHIND_COUNT || c->queue.bytes >= BEHIND_BYTES;
}

bool
client_is_full(const struct client *c)
{
	return c->queue.count >= BEHIND_COUNT;
}

bool
client_has_room(const struct client *c)
{
	return c->queue.count <= ROOM_COUNT && c->queue.bytes < BEHIND_BYTES;
}

static void
want_write(struct client *c, bool wanted)
{
	if (c->wants_write == wanted)
		return;
	c->wants_write = wanted;
	gateway_change(c->gateway, c->fd, EPOLLIN | EPOLLRDHUP | (wanted ? EPOLLOUT : 0), &c->watcher);
}

/* False: it takes no more just now, or is gone. */
static bool
send_some(struct client *c)
{
	struct iovec vectors[VECTORS];
	struct msghdr message = { .msg_iov = vectors };
	size_t wanted;
	ssize_t sent;

	message.msg_iovlen = (size_t)queue_vectors(&c->queue, vectors, VECTORS, &wanted);
	sent = sendmsg(c->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (sent < 0 && errno != EAGAIN && errno != EINTR) {
		client_end(c);
		return false;
	}
	if (sent > 0)
		queue_drop(&c->queue, (size_t)sent);
	return sent >= 0 && (size_t)sent == wanted;
}

/* Its messages wait in the history of their channels; if that lasts, it is too slow (client_ring()). */
static void
blocked(struct client *c)
{
	want_write(c, true);
	if (c->blocked_s == 0 && c->state != CLIENT_CLOSING) {
		c->blocked_s = (uint32_t)c->gateway->wheel.now_s;
		set_alarm(c, c->gateway->terms.slow_s);
	}
}

static void
flush(struct client *c)
{
	while (c->queue.count > 0)
		if (!send_some(c)) {
			if (c->state != CLIENT_DEAD)
				blocked(c);
			return;
		}
	want_write(c, false);
	c->blocked_s = 0;
	if (c->state == CLIENT_CLOSING)
		shutdown(c->fd, SHUT_WR);
	else if (c->catches_up)
		history_resume(c);
}

/* --- how it ends --- */

void
client_end(struct client *c)
{
	if (c->state == CLIENT_DEAD)
		return;
	c->state = CLIENT_DEAD;
	wheel_unset(&c->alarm);
	close(c->fd);
	channels_leave_all(c);
	if (c->asks > 0)
		asks_forget(c->gateway->asks, c);
	person_leave(c->gateway->people, c->person);
	*c->at = c->next;
	if (c->next != NULL)
		c->next->at = c->at;
	c->gateway->counters.connections--;
	if (c->is_dirty)
		return;		/* clients_flush() finds it there */
	c->next_dirty = c->gateway->dead;
	c->gateway->dead = c;
}

void
client_finish(struct client *c)
{
	if (c->state == CLIENT_DEAD)
		return;
	channels_leave_all(c);
	c->state = CLIENT_CLOSING;
	c->blocked_s = 0;
	mark_dirty(c);
	wheel_set(&c->gateway->wheel, &c->alarm, CLOSE_WAIT_S);
}

void
client_close(struct client *c, int code, const char *reason)
{
	if (c->state == CLIENT_SOCKET)
		client_give(c, packet_close(code, reason));
	client_finish(c);
}

/* Between two frames, so that the last one says why. */
static void
give_up(struct client *c)
{
	queue_give_up(&c->queue);
	c->gateway->counters.dropped++;
	c->is_over = false;
	client_close(c, CLOSE_TOO_SLOW, "too slow");
}

/* --- the clock --- */

static void
ping(struct client *c)
{
	if (c->state == CLIENT_SOCKET) {
		client_give(c, packet_frame(OPCODE_PING, "", 0));
		c->is_pinged = true;
		set_alarm(c, PONG_WAIT_S);
	} else {
		client_give(c, packet_raw(":\n\n", 3));
		c->heard_s = (uint32_t)c->gateway->wheel.now_s;
		set_alarm(c, c->gateway->terms.ping_s);
	}
}

void
client_ring(struct client *c)
{
	const struct terms *terms = &c->gateway->terms;
	int silent_s = (int)(c->gateway->wheel.now_s - c->heard_s), blocked_s = 0;

	if (c->blocked_s != 0)
		blocked_s = (int)(c->gateway->wheel.now_s - c->blocked_s);
	if (c->state == CLIENT_HEAD || c->state == CLIENT_CLOSING || (c->is_pinged && silent_s > terms->ping_s))
		client_end(c);
	else if (c->expires_s <= clock_unix_us() / 1000000)
		client_close(c, CLOSE_SIGNED_OUT, "token expired");
	else if (blocked_s >= terms->slow_s)
		give_up(c);
	else if (c->blocked_s != 0)
		set_alarm(c, terms->slow_s - blocked_s);
	else if (silent_s < terms->ping_s)
		set_alarm(c, terms->ping_s - silent_s);
	else
		ping(c);
}

static bool
has_ended(struct client *c)
{
	char session_id[ID_SIZE];

	text_from_uuid(session_id, c->session_id);
	return revocations_refuses(c->gateway->state->revoked, session_id, c->expires_s);
}

void
clients_check(struct gateway *gateway)
{
	uint64_t news = gateway->state->pool->poll_news;
	struct client *next;

	if (news == gateway->poll_news)
		return;
	gateway->poll_news = news;
	for (struct client *c = gateway->connections; c != NULL; c = next) {
		next = c->next;
		if ((c->state == CLIENT_SOCKET || c->state == CLIENT_EVENTS) && has_ended(c))
			client_close(c, CLOSE_SIGNED_OUT, "session ended");
	}
}

/* --- the turn --- */

static void
read_some(struct client *c)
{
	struct gateway *gateway = c->gateway;
	ssize_t size = recv(c->fd, gateway->input, GATEWAY_INPUT, MSG_DONTWAIT);

	if (size < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (size <= 0) {
		client_end(c);
		return;
	}
	gateway->input[size] = '\0';
	c->heard_s = (uint32_t)gateway->wheel.now_s;
	c->is_pinged = false;
	if (c->state == CLIENT_HEAD)
		handshake_input(c, gateway->input, (size_t)size);
	else if (c->state == CLIENT_SOCKET)
		websocket_input(c, gateway->input, (size_t)size);
}

static void
ready(struct watcher *watcher, uint32_t events)
{
	struct client *c = (struct client *)watcher;

	if (c->state != CLIENT_DEAD && (events & EPOLLOUT) != 0)
		flush(c);
	if (c->state != CLIENT_DEAD && (events & ~(uint32_t)EPOLLOUT) != 0)
		read_some(c);
}

static void
release(struct client *c)
{
	queue_clear(&c->queue);
	websocket_release(c);
	free(c->input);
	free(c);
}

void
clients_flush(struct gateway *gateway)
{
	struct client *c;

	while ((c = gateway->dirty) != NULL) {
		gateway->dirty = c->next_dirty;
		c->is_dirty = false;
		if (c->is_over && c->state != CLIENT_DEAD && c->state != CLIENT_CLOSING)
			give_up(c);
		if (c->state != CLIENT_DEAD)
			flush(c);
		else {
			c->next_dirty = gateway->dead;
			gateway->dead = c;
		}
	}
	while ((c = gateway->dead) != NULL) {
		gateway->dead = c->next_dirty;
		release(c);
	}
}
