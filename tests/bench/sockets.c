/*
 * WebSockets by the thousand, on unix sockets, for so many seconds: one channel,
 * every client gets every message, and nobody is more than a window ahead.
 *
 *   sockets sender PATH
 *       the bare contender: sends each line of whoever says PUBLISH to all others
 *   sockets receive PATH TARGET TOKEN CLIENTS SECONDS CHANNEL BUS
 *       publishes on the Redis at BUS; "" is the sender at PATH
 *
 * Ends with a line of JSON, as wrk.lua does.
 */
#include <err.h>
#include <errno.h>
#include <hiredis/hiredis.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 20000, WINDOW = 64, BATCH = 16, BUFFER = 1 << 16, TIMES = 1 << 20 };

static const char upgrade[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\x81\x02{}";

static const char script[] =
    "local seq = redis.call('HINCRBY', KEYS[1], 'seq', 1) redis.call('HSETNX', KEYS[1], 'epoch', '00000000000000aa') "
    "local frame = '{\"channel\":\"' .. ARGV[1] .. '\",\"epoch\":\"00000000000000aa\",\"seq\":' .. seq .. ',' .. ARGV[2] "
    "redis.call('XADD', KEYS[2], 'MAXLEN', '~', 1000, seq .. '-0', 'frame', frame) redis.call('PUBLISH', KEYS[1], frame) "
    "return seq";

static char buffer[BUFFER];

static int64_t
now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static struct sockaddr_un
address_of(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	return address;
}

static void
watch(int epoll, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0)
		err(1, "epoll_ctl");
}

/* --- the sender --- */

static int receivers[MOST], receiver_count, publisher = -1;

static char batch[BATCH][1024];
static struct iovec vectors[BATCH];
static size_t batch_size;

/* One call a client. Who reads as fast as it can, and has a small window, leaves no buffer full. */
static void
broadcast(void)
{
	struct msghdr message = { .msg_iov = vectors, .msg_iovlen = batch_size };

	for (int i = 0; i < receiver_count && batch_size > 0; i++)
		if (sendmsg(receivers[i], &message, MSG_NOSIGNAL) < 0)
			receivers[i--] = receivers[--receiver_count];
	batch_size = 0;
}

static void
add_frame(const char *line, size_t size)
{
	const char head[4] = { (char)0x81, 126, (char)(size >> 8), (char)size };

	memcpy(batch[batch_size], head, sizeof(head));
	memcpy(batch[batch_size] + sizeof(head), line, size);
	vectors[batch_size] = (struct iovec){ batch[batch_size], sizeof(head) + size };
	if (++batch_size == BATCH)
		broadcast();
}

static void
take_lines(void)
{
	static char rest[2 * BUFFER];
	static size_t kept;
	ssize_t size = recv(publisher, rest + kept, BUFFER, 0);
	char *line = rest, *end;

	if (size <= 0) {
		close(publisher);
		publisher = -1;
		kept = 0;
		return;
	}
	kept += (size_t)size;
	while ((end = memchr(line, '\n', kept)) != NULL) {
		add_frame(line, (size_t)(end - line));
		kept -= (size_t)(end + 1 - line);
		line = end + 1;
	}
	memmove(rest, line, kept);
	broadcast();
}

static void
greet(int fd)
{
	ssize_t size = recv(fd, buffer, sizeof(buffer) - 1, 0);

	if (size <= 0) {
		close(fd);
		for (int i = 0; i < receiver_count; i++)
			if (receivers[i] == fd)
				receivers[i] = receivers[--receiver_count];
	} else if (memcmp(buffer, "PUBLISH", 7) == 0) {
		publisher = fd;
		send(fd, "ok", 2, MSG_NOSIGNAL);
	} else if (receiver_count < MOST && send(fd, upgrade, sizeof(upgrade) - 1, MSG_NOSIGNAL) > 0)
		receivers[receiver_count++] = fd;
}

static int
run_sender(const char *path)
{
	struct sockaddr_un address = address_of(path);
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), epoll = epoll_create1(0);
	struct epoll_event events[256];

	unlink(path);
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(listener, 4096) != 0)
		err(1, "%s", path);
	watch(epoll, listener);
	for (;;) {
		int n = epoll_wait(epoll, events, 256, -1);

		for (int i = 0; i < n; i++) {
			if (events[i].data.fd == listener)
				watch(epoll, accept(listener, NULL, NULL));
			else if (events[i].data.fd == publisher)
				take_lines();
			else
				greet(events[i].data.fd);
		}
	}
}

/* --- who receives --- */

struct receiver {
	int		 fd;
	uint64_t	 left;		/* bytes of the frame under way */
	size_t		 head_size;	/* bytes of the next frame's head that have come */
	uint8_t		 head[4];
};

static struct receiver *clients;
static int client_count;
static uint64_t frames, published;
static uint32_t times_us[TIMES];
static unsigned time_count;

static int
connect_to(const char *path)
{
	struct sockaddr_un address = address_of(path);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		err(1, "%s", path);
	return fd;
}

/* The first frame, which says that it has joined, comes with the answer or after it. */
static void
open_client(struct receiver *r, const char *path, const char *target, const char *token)
{
	char request[6000], *end;
	ssize_t size;

	r->fd = connect_to(path);
	snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
	    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer %s\r\n\r\n", target, token);
	if (send(r->fd, request, strlen(request), 0) < 0 || (size = recv(r->fd, buffer, sizeof(buffer) - 1, 0)) <= 0)
		err(1, "%s", path);
	buffer[size] = '\0';
	if (strncmp(buffer, "HTTP/1.1 101 ", 13) != 0 || (end = strstr(buffer, "\r\n\r\n")) == NULL)
		errx(1, "%s", buffer);
	while ((size_t)size <= (size_t)(end + 4 - buffer))
		size += recv(r->fd, buffer + size, sizeof(buffer) - (size_t)size, 0);
}

static void
note_time(const char *text, size_t size)
{
	const char *sent = memmem(text, size, "\"t\":", 4);

	if (sent != NULL && time_count < TIMES)
		times_us[time_count++] = (uint32_t)(now_us() - strtoll(sent + 4, NULL, 10));
}

/* Heads have two bytes, or four: nothing here is longer than 64 kB. */
static void
count_frames(struct receiver *r, const char *bytes, size_t size)
{
	while (size > 0) {
		if (r->left > 0) {
			size_t part = r->left < size ? r->left : size;

			r->left -= part;
			bytes += part;
			size -= part;
			frames += r->left == 0;
			continue;
		}
		r->head[r->head_size++] = (uint8_t)*bytes++;
		size--;
		if (r->head_size == 2 && r->head[1] < 126)
			r->left = r->head[1];
		else if (r->head_size == 4)
			r->left = (uint64_t)r->head[2] << 8 | r->head[3];
		else
			continue;
		r->head_size = 0;
		if (r == clients)
			note_time(bytes, size);
	}
}

static void
publish_on_bus(redisContext *bus, const char *channel)
{
	char key[128], log[160], content[160];

	snprintf(key, sizeof(key), "channel:%s", channel);
	snprintf(log, sizeof(log), "channel:%s:log", channel);
	snprintf(content, sizeof(content), "\"type\":\"game\",\"score_team_1\":2,\"score_team_2\":1,\"clock\":\"45+2\",\"t\":%lld}",
	    (long long)now_us());
	for (int i = 0; i < BATCH; i++)
		redisAppendCommand(bus, "EVAL %s 2 %s %s %s %s", script, key, log, channel, content);
	for (int i = 0; i < BATCH; i++) {
		redisReply *reply;

		if (redisGetReply(bus, (void **)&reply) != REDIS_OK || reply->type != REDIS_REPLY_INTEGER)
			errx(1, "the bus: %s", bus->err != 0 ? bus->errstr : reply->str);
		freeReplyObject(reply);
	}
}

static void
publish_to_sender(int fd, const char *channel)
{
	char lines[BATCH * 300];
	int size = 0;

	for (int i = 0; i < BATCH; i++)
		size += snprintf(lines + size, sizeof(lines) - (size_t)size,
		    "{\"channel\":\"%s\",\"epoch\":\"00000000000000aa\",\"seq\":%llu,\"type\":\"game\",\"score_team_1\":2,"
		    "\"score_team_2\":1,\"clock\":\"45+2\",\"t\":%lld}\n",
		    channel, (unsigned long long)published + (unsigned)i, (long long)now_us());
	if (send(fd, lines, (size_t)size, 0) != size)
		err(1, "the sender");
}

static int
by_time(const void *a, const void *b)
{
	uint32_t one = *(const uint32_t *)a, other = *(const uint32_t *)b;

	return (one > other) - (one < other);
}

static double
percentile_ms(int percent)
{
	return time_count == 0 ? 0 : times_us[(uint64_t)(time_count - 1) * (unsigned)percent / 100] / 1000.0;
}

static void
read_ready(int epoll, int wait_ms)
{
	struct epoll_event events[256];
	int n = epoll_wait(epoll, events, 256, wait_ms);

	for (int i = 0; i < n; i++) {
		struct receiver *r = events[i].data.ptr;
		ssize_t size = recv(r->fd, buffer, sizeof(buffer), MSG_DONTWAIT);

		if (size == 0 || (size < 0 && errno != EAGAIN))
			errx(1, "a client was closed");
		if (size > 0)
			count_frames(r, buffer, (size_t)size);
	}
}

static void
run(int epoll, redisContext *bus, int sender, const char *channel, int seconds)
{
	int64_t began_us = now_us(), until_us = began_us + seconds * 1000000LL;

	while (now_us() < until_us) {
		if ((published + BATCH) * (uint64_t)client_count <= frames + (uint64_t)WINDOW * (unsigned)client_count) {
			if (bus != NULL)
				publish_on_bus(bus, channel);
			else
				publish_to_sender(sender, channel);
			published += BATCH;
		}
		read_ready(epoll, 10);
	}
	qsort(times_us, time_count, sizeof(times_us[0]), by_time);
	printf("{\"requests\":%llu,\"seconds\":%.3f,\"failed\":0,\"p50_ms\":%.3f,\"p99_ms\":%.3f}\n", (unsigned long long)frames,
	    (double)(now_us() - began_us) / 1e6, percentile_ms(50), percentile_ms(99));
}

static int
run_receivers(char **argv)
{
	redisContext *bus = *argv[7] != '\0' ? redisConnectUnix(argv[7]) : NULL;
	int epoll = epoll_create1(0), sender = -1;

	client_count = atoi(argv[4]);
	if ((clients = calloc((size_t)client_count, sizeof(*clients))) == NULL || (bus != NULL && bus->err != 0))
		errx(1, "no memory, or no bus");
	for (struct receiver *r = clients; r < clients + client_count; r++) {
		struct epoll_event event = { .events = EPOLLIN, .data.ptr = r };

		open_client(r, argv[1], argv[2], argv[3]);
		if (epoll_ctl(epoll, EPOLL_CTL_ADD, r->fd, &event) != 0)
			err(1, "epoll_ctl");
	}
	if (bus == NULL && (send(sender = connect_to(argv[1]), "PUBLISH", 7, 0) != 7 || recv(sender, buffer, 2, 0) != 2))
		err(1, "%s", argv[1]);
	run(epoll, bus, sender, argv[6], atoi(argv[5]));
	return 0;
}

int
main(int argc, char **argv)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	if (argc == 3 && strcmp(argv[1], "sender") == 0)
		return run_sender(argv[2]);
	if (argc == 9 && strcmp(argv[1], "receive") == 0)
		return run_receivers(argv + 1);
	errx(2, "usage: sockets sender PATH | sockets receive PATH TARGET TOKEN CLIENTS SECONDS CHANNEL BUS");
}
