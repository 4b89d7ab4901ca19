/* People: who is behind ids and names, as other domains ask. */
#include <string.h>

#include "base/text.h"
#include "users.h"

#define MOST	100	/* of each */

struct people {
	const char	*ids, *names;
};

/* Calls good() for what stands between commas; a sentence when one is not, or there are too many. */
static const char *
list_problem(const char *list, bool (*good)(const char *, size_t), const char *sentence)
{
	int count = 0;
	size_t n;

	for (;; list += n + 1) {
		n = strcspn(list, ",");
		if (!good(list, n))
			return sentence;
		if (++count > MOST)
			return "Has at most 100.";
		if (list[n] == '\0')
			return NULL;
	}
}

static bool
is_id(const char *text, size_t n)
{
	uint8_t id[16];
	char copy[37];

	if (n != sizeof(copy) - 1)
		return false;
	memcpy(copy, text, n);
	copy[n] = '\0';
	return text_to_uuid(id, copy);
}

static bool
is_name(const char *text, size_t n)
{
	(void)text;
	return n > 0;
}

static const char *
ids_problem(const char *ids)
{
	return list_problem(ids, is_id, "Must be ids with commas between.");
}

static const char *
names_problem(const char *names)
{
	return list_problem(names, is_name, "Must be names with commas between.");
}

static const struct field people_fields[] = {
	TEXT_FIELD(FROM_QUERY, people, ids, .min = 1, .check = ids_problem),
	TEXT_FIELD(FROM_QUERY, people, names, .min = 1, .check = names_problem),
	{ 0 }
};

/* A closed account has its name still; an erased one has none. */
static const struct read read_people = {
	.statement = { SQL(
		select coalesce(jsonb_agg(jsonb_build_object('user_id', user_id, 'username', username, 'version', version)), '[]')
		       as people
		  from account
		 where status <> 'erased'
		   and (user_id = any (string_to_array($1, ',')::uuid[])
		    or lower(username) = any (string_to_array(lower($2), ',')))
	) },
	.shape = ONE,
};

const struct route people_routes[] = {
	{ GET, "/internal/people", INPUT(people), .read = &read_people,
	  .audience = INTERNAL, .unlogged = true,
	  .answer = "people[user_id:id username version:int]",
	  .summary = "Who is behind ids and names, those that there are" },
	{ 0 }
};
