/* Links: the event of the ticket shop that admits to a game. */
#include "sports.h"

struct link {
	const char	*game_id, *event_id;
};

static const struct field link_fields[] = {
	ID_FIELD(FROM_PATH, link, game_id, .required = true),
	ID_FIELD(FROM_BODY, link, event_id, .required = true),
	{ 0 }
};

/* Telling it twice is telling it once. */
static const struct statement link_event = { SQL(
	with linked as (
		update game
		   set event_id = $2, version = version + 1, updated_at = now()
		 where game_id = $1 and event_id is distinct from $2
	)
	select game_id, $2::uuid as event_id
	  from game
	 where game_id = $1
) };

static struct reply *
set_event(struct request *rq)
{
	const struct link *in = rq->input;

	return reply_row(rq, &link_event, db_query(rq->db, &link_event, p_text(in->game_id), p_text(in->event_id)),
	    "There is no such game.");
}

const struct route link_routes[] = {
	{ PUT, "/internal/games/{game_id}/event", set_event, INPUT(link),
	  .audience = INTERNAL, .roles = ROLE_SERVICE, .unaudited = true,
	  .answer = "game_id:id event_id:id", .summary = "Which event of the ticket shop admits to a game" },
	{ 0 }
};
