/* What an administrator does with events that could not be taken in; marqueectl events calls them. */
#ifndef APP_EVENT_VERBS_H
#define APP_EVENT_VERBS_H

struct verb;

extern const struct verb event_verbs[];

#endif
