/* Who is in a room: presence:room:ID on the bus, each member with the time it is forgotten unless told again. */
#ifndef REALTIME_PRESENCE_H
#define REALTIME_PRESENCE_H

struct channel;
struct gateway;

/* Nothing for channels that are no rooms. */
void	 presence_enter(struct gateway *, struct channel *, const char *user_id);
/* After it has left: nothing while another socket of that person is there. */
void	 presence_leave(struct gateway *, struct channel *, const char *user_id);
/* Each second: all who are here are told of again every ten. */
void	 presence_tick(struct gateway *);

#endif
