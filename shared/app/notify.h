/* What a service tells systemd (sd_notify(3)); nothing happens elsewhere. */
#ifndef APP_NOTIFY_H
#define APP_NOTIFY_H

#include <stdint.h>

/* "READY=1", "STATUS=...", several separated by newlines. */
void	 notify(const char *state);
/* How often the watchdog wants to hear of us, in milliseconds; 0: not at all. */
int64_t	 notify_watchdog_ms(void);

#endif
