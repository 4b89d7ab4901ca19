/* Seats: how many are free, to those who listen to the channel of an event. */
#include "tickets.h"

static const struct statement push_seats = { SQL(
	select push_seats() as pushed
) };

/* May run again from its start. */
static void
push(void *arg)
{
	struct db *db = arg;
	struct rows *rows = db_query(db, &push_seats);

	if (rows_count(rows) == 1 && row_integer(rows, 0, "pushed") > 0)
		db_announce(db);
}

bool
seats_tell(const struct app_state *state, struct db *db, struct scope *scope)
{
	(void)state;
	(void)scope;
	db_tx(db, push, db);
	return false;
}
