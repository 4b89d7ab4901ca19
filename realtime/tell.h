/* What the gateway itself says to a client, beside the messages of channels; README.md has all of it. */
#ifndef REALTIME_TELL_H
#define REALTIME_TELL_H

struct client;
struct place;

/* {"type":TYPE,"channel":...,"epoch":...,"seq":...}: joined, or reload. */
void	 tell_place(struct client *, const char *type, const char *channel, const struct place *);
void	 tell_left(struct client *, const char *channel, const char *reason);
/* channel: as the client wrote it, or NULL. */
void	 tell_error(struct client *, const char *code, const char *detail, const char *channel);
void	 tell_pong(struct client *);
/* To come again, after so long. */
void	 tell_reconnect(struct client *, int after_ms);

#endif
