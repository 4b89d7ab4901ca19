/* Verbs about events that could not be taken in: which there are, and to try them again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/app.h"
#include "app/event_verbs.h"
#include "base/text.h"

static const struct statement list_failed = { SQL(
	select json_build_object('domain', current_schema(), 'event_id', event_id, 'type', event::json ->> 'type',
	       'state', case when next_try_at is null then 'dead' else 'waiting' end, 'attempts', attempts, 'error', error,
	       'failed_at', platform.rfc3339(failed_at), 'event', event::json)::text as line
	  from failed_event
	 order by created_at, event_id
) };

static int
list(const struct app_state *state, struct db *db, struct scope *scope, int argc, char **argv)
{
	struct rows *rows;

	(void)state, (void)scope, (void)argv;
	if (argc != 0)
		return 2;
	rows = db_query(db, &list_failed);
	for (int row = 0; row < rows_count(rows); row++)
		puts(row_text(rows, row, "line"));
	return EXIT_SUCCESS;
}

static const struct statement replay_failed = { SQL(
	update failed_event
	   set next_try_at = now(), attempts = case when next_try_at is null then 0 else attempts end
	 where $1::uuid is null or event_id = $1::uuid
	returning event_id
) };

struct replaying {
	struct db	*db;
	const char	*event_id;	/* NULL: all */
	int		 count;
};

static void
replay_one(void *arg)
{
	struct replaying *r = arg;

	r->count = rows_count(db_query(r->db, &replay_failed, p_text(r->event_id)));
}

static int
replay(const struct app_state *state, struct db *db, struct scope *scope, int argc, char **argv)
{
	bool all = argc == 1 && strcmp(argv[0], "all") == 0;
	struct replaying r = { .db = db, .event_id = all || argc != 1 ? NULL : argv[0] };
	uint8_t id[16];

	(void)state;
	if (argc != 1 || (!all && !text_to_uuid(id, argv[0]))) {
		fputs("--replay-events wants the id of an event, or all\n", stderr);
		return 2;
	}
	db_tx(db, replay_one, &r);
	if (!scope_failed(scope))
		printf("%d\n", r.count);
	return EXIT_SUCCESS;
}

const struct verb event_verbs[] = {
	{ "failed-events", "", "events that could not be taken in, as JSON lines", list },
	{ "replay-events", "ID|all", "have them tried again; prints how many", replay },
	{ 0 }
};
