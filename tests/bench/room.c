/*
 * Many people in one room, by TLS through nginx: how long from the POST of a
 * message to each socket, and whether each gets every message, once, in order.
 *
 *   room PORT CERTIFICATE TOKEN CLIENTS SECONDS RATE CHATROOM
 *
 * Prints {"p50_ms":...,"p99_ms":...,"wrong":0}; wrong are messages lost, doubled
 * or out of order, over all sockets.
 */
#include <arpa/inet.h>
#include <curl/curl.h>
#include <err.h>
#include <fcntl.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST_FRAME = 2048, PATIENCE_MS = 5000 };

struct person {
	SSL		*tls;
	size_t		 head_size, left, size;
	uint8_t		 head[4];
	char		 text[MOST_FRAME];
	int		 next;			/* message that is due */
};

static const char *port, *certificate, *token, *room;
static int clients, seconds, rate;
static struct person *people;
static uint32_t *times_us;
static size_t time_count;
static long long wrong;
static volatile int sent;			/* messages; -1 before the first one */

static int64_t
now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* --- who listens --- */

static int
connect_to_nginx(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		err(1, "port %s", port);
	return fd;
}

/* Until it has joined: what comes from then on counts. */
static void
enter(struct person *p, SSL_CTX *context)
{
	char text[8192];
	size_t size = 0;
	int n;

	p->tls = SSL_new(context);
	SSL_set_fd(p->tls, connect_to_nginx());
	if (SSL_connect(p->tls) != 1)
		errx(1, "no TLS");
	n = snprintf(text, sizeof(text), "GET /ws?channels=room:%s HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
	    "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
	    "Authorization: Bearer %s\r\n\r\n", room, token);
	if (SSL_write(p->tls, text, n) != n)
		errx(1, "the request was not taken");
	do {
		if ((n = SSL_read(p->tls, text + size, (int)(sizeof(text) - 1 - size))) <= 0)
			errx(1, "closed before it had joined: %s", text);
		size += (size_t)n;
		text[size] = '\0';
	} while (memmem(text, size, "\"joined\"", 8) == NULL && memmem(text, size, "\"error\"", 7) == NULL);
	if (strncmp(text, "HTTP/1.1 101 ", 13) != 0 || memmem(text, size, "\"error\"", 7) != NULL)
		errx(1, "%s", text);
	fcntl(SSL_get_fd(p->tls), F_SETFL, O_NONBLOCK);
}

/* The content is its number and when it was sent. */
static void
take_message(struct person *p)
{
	const char *content;
	long long at;
	int number;

	p->text[p->size] = '\0';
	if ((content = strstr(p->text, "\"content\": \"")) == NULL || sscanf(content + 12, "%d %lld", &number, &at) != 2)
		return;
	wrong += number != p->next;
	p->next = number + 1;
	times_us[time_count++] = (uint32_t)(now_us() - at);
}

static void
take_bytes(struct person *p, const uint8_t *bytes, size_t size)
{
	for (; size > 0; bytes++, size--) {
		if (p->left > 0) {
			p->text[p->size++] = (char)*bytes;
			if (--p->left == 0)
				take_message(p);
			continue;
		}
		p->head[p->head_size++] = *bytes;
		if (p->head_size == 2 && p->head[1] < 126)
			p->left = p->head[1];
		else if (p->head_size == 4)
			p->left = (size_t)p->head[2] << 8 | p->head[3];
		else
			continue;
		if (p->left >= MOST_FRAME)
			errx(1, "a frame of %zu bytes", p->left);
		p->head_size = p->size = 0;
	}
}

static void
read_all(struct person *p)
{
	uint8_t bytes[16384];
	int n;

	while ((n = SSL_read(p->tls, bytes, sizeof(bytes))) > 0)
		take_bytes(p, bytes, (size_t)n);
	if (SSL_get_error(p->tls, n) != SSL_ERROR_WANT_READ)
		errx(1, "a socket was closed");
}

/* --- who speaks --- */

static size_t
drop(void *bytes, size_t size, size_t count, void *unused)
{
	(void)bytes, (void)unused;
	return size * count;
}

static void
wait_until(int64_t at_us)
{
	struct timespec until = { at_us / 1000000, at_us % 1000000 * 1000 };

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

static CURL *
line_to_chat(void)
{
	CURL *line = curl_easy_init();
	struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
	char text[4096];

	snprintf(text, sizeof(text), "Authorization: Bearer %s", token);
	headers = curl_slist_append(headers, text);
	snprintf(text, sizeof(text), "https://localhost:%s/api/sports/chatrooms/%s/messages", port, room);
	curl_easy_setopt(line, CURLOPT_URL, text);
	curl_easy_setopt(line, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(line, CURLOPT_CAINFO, certificate);
	curl_easy_setopt(line, CURLOPT_WRITEFUNCTION, drop);
	return line;
}

static void *
speak(void *unused)
{
	CURL *line = line_to_chat();
	int64_t began_us = now_us();
	char body[80];
	long status;

	for (int i = 0; i < rate * seconds; i++) {
		wait_until(began_us + i * 1000000LL / rate);
		snprintf(body, sizeof(body), "{\"message\":\"%d %lld\"}", i, (long long)now_us());
		curl_easy_setopt(line, CURLOPT_POSTFIELDS, body);
		if (curl_easy_perform(line) != CURLE_OK || curl_easy_getinfo(line, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK ||
		    status / 100 != 2)
			errx(1, "a message was not taken: %ld", status);
		sent = i + 1;
	}
	return unused;
}

/* --- together --- */

static int
by_time(const void *a, const void *b)
{
	uint32_t one = *(const uint32_t *)a, other = *(const uint32_t *)b;

	return (one > other) - (one < other);
}

static double
percentile_ms(int percent)
{
	return time_count == 0 ? 0 : times_us[(time_count - 1) * (size_t)percent / 100] / 1000.0;
}

static void
listen_to_all(int epoll)
{
	size_t all = (size_t)clients * (size_t)(rate * seconds);
	int64_t until_us = 0;

	while (time_count < all && (until_us == 0 || now_us() < until_us)) {
		struct epoll_event events[256];
		int n = epoll_wait(epoll, events, 256, 100);

		for (int i = 0; i < n; i++)
			read_all(events[i].data.ptr);
		if (until_us == 0 && sent == rate * seconds)
			until_us = now_us() + PATIENCE_MS * 1000;
	}
	for (const struct person *p = people; p < people + clients; p++)
		wrong += rate * seconds - p->next;
}

int
main(int argc, char **argv)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	int epoll = epoll_create1(0);
	struct rlimit files;
	pthread_t speaker;

	if (argc != 8)
		errx(2, "usage: room PORT CERTIFICATE TOKEN CLIENTS SECONDS RATE CHATROOM");
	port = argv[1], certificate = argv[2], token = argv[3], room = argv[7];
	clients = atoi(argv[4]), seconds = atoi(argv[5]), rate = atoi(argv[6]);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	people = calloc((size_t)clients, sizeof(*people));
	times_us = calloc((size_t)clients * (size_t)(rate * seconds) * 2, sizeof(*times_us));
	if (people == NULL || times_us == NULL || SSL_CTX_load_verify_locations(context, certificate, NULL) != 1)
		errx(1, "no memory, or no certificate");
	for (struct person *p = people; p < people + clients; p++) {
		struct epoll_event event = { .events = EPOLLIN, .data.ptr = p };

		enter(p, context);
		if (epoll_ctl(epoll, EPOLL_CTL_ADD, SSL_get_fd(p->tls), &event) != 0)
			err(1, "epoll_ctl");
	}
	curl_global_init(CURL_GLOBAL_DEFAULT);
	if (pthread_create(&speaker, NULL, speak, NULL) != 0)
		errx(1, "no thread");
	listen_to_all(epoll);
	qsort(times_us, time_count, sizeof(times_us[0]), by_time);
	printf("{\"p50_ms\":%.2f,\"p99_ms\":%.2f,\"wrong\":%lld}\n", percentile_ms(50), percentile_ms(99), wrong);
	return 0;
}
