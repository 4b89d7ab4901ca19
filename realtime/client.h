/* A client: its socket, what it is to get, and how it ends. */
#ifndef REALTIME_CLIENT_H
#define REALTIME_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway.h"
#include "packet.h"
#include "queue.h"
#include "wheel.h"

struct caller;
struct message;
struct person;
struct subscriber;

enum client_state {
	CLIENT_HEAD,	/* its request is awaited */
	CLIENT_SOCKET,
	CLIENT_EVENTS,	/* server-sent */
	CLIENT_CLOSING,	/* all was said; what it still sends is not read */
	CLIENT_DEAD
};

/* Codes of a close frame that are ours (RFC 6455, 7.4.2). */
enum {
	CLOSE_GOING_AWAY = 1001, CLOSE_BINARY = 1003, CLOSE_POLICY = 1008, CLOSE_TOO_SLOW = 1013,
	CLOSE_SIGNED_OUT = 4001
};

/* Idle, it takes less than 300 bytes, and 120 for each channel. */
struct client {
	struct watcher		 watcher;
	struct gateway		*gateway;
	/* What a delivery looks at stands together. */
	int			 fd;
	uint8_t			 state, form;
	bool			 is_dirty, wants_write, is_pinged;
	bool			 catches_up;	/* some channel is to be read on once it has taken what it got */
	bool			 decodes;	/* input is what websocket.c reads with */
	uint32_t		 blocked_s;	/* of the wheel's clock; 0, or since when it takes nothing */
	struct queue		 queue;
	struct client		*next_dirty;	/* or dead */
	struct client		*next, **at;	/* of all */
	struct alarm		 alarm;
	struct subscriber	*subscribers;
	struct person		*person;	/* NULL before the request was read */
	void			*input;		/* half a request, or what websocket.c reads with; NULL while there is nothing */
	uint32_t		 heard_s;	/* of the wheel's clock */
	uint32_t		 expires_s;	/* since 1970: its token */
	uint16_t		 asks;		/* that chat has not answered */
	uint8_t			 session_id[16];
};

/* Takes the descriptor. */
void	 client_new(struct gateway *, int fd);
/* Queued, sent at the end of the turn. NULL: there was no memory for it, and that ends the client. */
void	 client_send(struct client *, struct packet *);
/* And gives the caller's reference away. */
void	 client_give(struct client *, struct packet *);
/* JSON that is for this client alone; the place is for what says one, else NULL. */
void	 client_tell(struct client *, const char *text, size_t, const char *place);
/* So much is queued that live messages had better wait in the channel's history. */
bool	 client_is_behind(const struct client *);
/* There is room for a page of history. */
bool	 client_has_room(const struct client *);
/* A person has opened it with a token of that caller. */
void	 client_belongs(struct client *, const struct caller *);
/* Says why by a close frame, then ends; an event stream just ends. */
void	 client_close(struct client *, int code, const char *reason);
/* Once what is queued is sent. */
void	 client_finish(struct client *);
/* At once; its memory lives until the end of the turn. */
void	 client_end(struct client *);
/* Its alarm rang. */
void	 client_ring(struct client *);

/* At the end of a turn: sends what is queued, frees who is gone. */
void	 clients_flush(struct gateway *);
/* Ends those whose session has ended. */
void	 clients_check(struct gateway *);

#endif
