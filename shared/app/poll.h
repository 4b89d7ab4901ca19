/* Sessions that ended, asked of users twice a second, so that each pool refuses their tokens. */
#ifndef APP_POLL_H
#define APP_POLL_H

struct app_state;
struct call_line;

/* Asks, unless another worker of this pool did so just now. Blocks for two seconds at most. */
void	 poll_revocations(const struct app_state *, struct call_line *);

#endif
