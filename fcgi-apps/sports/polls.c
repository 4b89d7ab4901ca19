/* Polls on a game: a question, two to ten answers, one vote each, counted live. */
#include <string.h>

#include "base/id.h"
#include "sports.h"

#define MOST_OPTIONS	10	/* poll_option says the same */

#define POLL	"poll_id:id game_id:id question closes_at:time is_open:bool votes:int" \
		" options[option:int text votes:int] your_option:int? created_at:time"

/* --- making one --- */

struct new_poll {
	const char	*game_id, *question, *closes_at;
	struct list	 options;
};

static const char *
check_option(const char *text)
{
	return text[0] == '\0' || strlen(text) > 4 * 120 ? "Must have 1 to 120 characters." : NULL;
}

static const struct field new_poll_fields[] = {
	ID_FIELD   (FROM_PATH, new_poll, game_id, .required = true),
	TEXT_FIELD (FROM_BODY, new_poll, question, .required = true, .min = 1, .max = 300),
	TIME_FIELD (FROM_BODY, new_poll, closes_at, .required = true),
	TEXTS_FIELD(new_poll, options, .required = true, .min = 2, .max = MOST_OPTIONS, .check = check_option),
	{ 0 }
};

static const struct statement insert_poll = { SQL(
	with added as (
		insert into poll (poll_id, game_id, question, closes_at)
		values ($1, $2, $3, $4)
	)
	insert into poll_option (poll_id, option, text)
	select $1, option, text
	  from unnest($5::text[]) with ordinality o (text, option)
) };

/* --- reading --- */

static const struct statement read_poll = { SQL(
	select p.poll_id, p.game_id, p.question, p.closes_at, p.is_open, p.votes, p.options,
	       v.option as "your_option?", p.created_at
	  from listed_poll p
	  left join poll_vote v on v.poll_id = p.poll_id and v.user_id = $2
	 where p.poll_id = $1
) };

struct polls_ref {
	const char	*game_id, *user_id;
};

static const struct field polls_ref_fields[] = {
	ID_FIELD  (FROM_PATH, polls_ref, game_id, .required = true),
	TEXT_FIELD(FROM_CALLER, polls_ref, user_id),
	{ 0 }
};

static const struct page_key poll_order[] = {
	{ "poll_id", ID, "ffffffff-ffff-ffff-ffff-ffffffffffff" },
	{ 0 }
};

static const struct read list_polls = {
	.statement = { SQL(
		select p.poll_id, p.game_id, p.question, p.closes_at, p.is_open, p.votes, p.options,
		       v.option as "your_option?", p.created_at
		  from listed_poll p
		  left join poll_vote v on v.poll_id = p.poll_id and v.user_id = $2
		 where p.game_id = $1 and p.poll_id < $3
		 order by p.poll_id desc
		 limit $4::bigint
	) },
	.shape = PAGE,
	.keys = poll_order,
};

static struct reply *
show_poll(struct request *rq, const char *poll_id)
{
	return reply_row(rq, &read_poll, db_query(rq->db, &read_poll, p_text(poll_id), p_text(rq->caller.user_id)),
	    "There is no such poll.");
}

static struct reply *
make_poll(struct request *rq)
{
	const struct new_poll *in = rq->input;
	char poll_id[ID_SIZE];

	id_new(poll_id);
	db_query(rq->db, &insert_poll, p_text(poll_id), p_text(in->game_id), p_text(in->question), p_text(in->closes_at),
	    p_texts(&rq->scope, in->options.items, in->options.count));
	return show_poll(rq, poll_id);
}

/* --- voting --- */

struct vote {
	const char	*poll_id;
	int64_t		 option;
};

static const struct field vote_fields[] = {
	ID_FIELD (FROM_PATH, vote, poll_id, .required = true),
	INT_FIELD(FROM_BODY, vote, option, .required = true, .min = 1, .max = MOST_OPTIONS),
	{ 0 }
};

/* A second vote fails on poll_vote_once, an option that is none on poll_vote_option. */
static const struct statement insert_vote = { SQL(
	with voted as (
		insert into poll_vote (poll_id, user_id, option)
		select poll_id, $2, $3
		  from poll
		 where poll_id = $1 and closes_at > now()
		returning poll_id, option
	)
	update poll_option
	   set votes = votes + 1
	  from voted
	 where poll_option.poll_id = voted.poll_id and poll_option.option = voted.option
	returning poll_option.option
) };

static struct reply *
vote(struct request *rq)
{
	const struct vote *in = rq->input;
	struct rows *counted = db_query(rq->db, &insert_vote, p_text(in->poll_id), p_text(rq->caller.user_id), p_int(in->option));
	struct rows *poll;

	if (scope_failed(&rq->scope) || rows_count(counted) == 1)
		return show_poll(rq, in->poll_id);
	poll = db_query(rq->db, &read_poll, p_text(in->poll_id), p_text(rq->caller.user_id));
	if (!scope_failed(&rq->scope) && rows_count(poll) == 1)
		return problem(rq, 409, "poll_closed", "The poll is closed.");
	return reply_row(rq, &read_poll, poll, "There is no such poll.");
}

const struct constraint poll_constraints[] = {
	{ "poll_game", 404, "not_found", NULL, "There is no such game." },
	{ "poll_closes_later", 422, "invalid", "closes_at", "Must be later than now." },
	{ "poll_option_text_length", 422, "invalid", "options", "Must have 1 to 120 characters." },
	{ "poll_option_text_once", 422, "invalid", "options", "Must differ from each other." },
	{ "poll_vote_once", 409, "voted_before", NULL, "Nobody votes twice." },
	{ "poll_vote_option", 422, "invalid", "option", "The poll has no such option." },
	{ 0 }
};

const struct route poll_routes[] = {
	{ GET, "/api/sports/games/{game_id}/polls", INPUT(polls_ref), .read = &list_polls,
	  .envelope = STATUS_DATA,
	  .answer = POLL, .summary = "Polls on a game and what they say, the latest first" },
	{ POST, "/api/sports/games/{game_id}/polls", make_poll, INPUT(new_poll), .roles = ROLE_SERVICE | ROLE_ADMIN,
	  .envelope = STATUS_DATA, .status = 201,
	  .answer = POLL, .summary = "Ask those who watch a game" },
	{ POST, "/api/sports/polls/{poll_id}/votes", vote, INPUT(vote),
	  .envelope = STATUS_DATA, .status = 201, .unaudited = true,
	  .answer = POLL, .summary = "Vote, once" },
	{ 0 }
};
