/* Accounts with an open socket, found by their ids. */
#include <stdlib.h>
#include <string.h>

#include "gateway.h"
#include "people.h"

#define BUCKETS	16384	/* a power of two */

struct people {
	struct person	*buckets[BUCKETS];
};

struct people *
people_new(void)
{
	return calloc(1, sizeof(struct people));
}

/* The end of an id is random. */
static struct person **
bucket_of(struct people *people, const char *user_id)
{
	unsigned long tail = strtoul(user_id + ID_SIZE - 1 - 8, NULL, 16);

	return &people->buckets[tail & (BUCKETS - 1)];
}

static struct person *
person_new(struct people *people, const char *user_id)
{
	struct person **bucket = bucket_of(people, user_id), *person = calloc(1, sizeof(*person));

	if (person != NULL) {
		memcpy(person->user_id, user_id, ID_SIZE);
		person->next = *bucket;
		*bucket = person;
	}
	return person;
}

struct person *
person_enter(struct gateway *gateway, const char *user_id)
{
	struct person *person = *bucket_of(gateway->people, user_id);

	while (person != NULL && strcmp(person->user_id, user_id) != 0)
		person = person->next;
	if (person != NULL && person->sockets >= gateway->terms.sockets_per_user)
		return NULL;
	if (person == NULL && (person = person_new(gateway->people, user_id)) == NULL)
		return NULL;
	person->sockets++;
	return person;
}

void
person_leave(struct people *people, struct person *person)
{
	struct person **at;

	if (person == NULL || --person->sockets > 0)
		return;
	for (at = bucket_of(people, person->user_id); *at != person;)
		at = &(*at)->next;
	*at = person->next;
	free(person);
}

bool
person_may_speak(const struct gateway *gateway, struct person *person)
{
	if (person->frames_s != gateway->wheel.now_s) {
		person->frames_s = gateway->wheel.now_s;
		person->frames = 0;
	}
	return person->frames++ < gateway->terms.frames_per_s;
}
