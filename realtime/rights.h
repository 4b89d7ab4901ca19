/* Names of channels, and who may join them. */
#ifndef REALTIME_RIGHTS_H
#define REALTIME_RIGHTS_H

enum right { MAY_JOIN, MAY_NOT_JOIN, ASK_CHAT, NO_CHANNEL };

#define CHANNEL_NAME_MAX	80

enum right	 right_to_join(const char *channel, const char *user_id);

#endif
