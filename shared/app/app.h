/* A domain's program: its name, its endpoints, its rules, its timers and its verbs. */
#ifndef APP_APP_H
#define APP_APP_H

#include "data/db.h"
#include "events/consumer.h"
#include "http/reply.h"
#include "http/request.h"
#include "http/route.h"

struct app_state;
struct import_format;
struct setting;

/* Work done by `marquee-<domain> --jobs`: in one transaction, by one of such processes at a time. */
struct timer {
	const char	*name;		/* NULL ends the table */
	int		 every_s;
	const struct statement *statements[3];	/* what is to be done, in this order; NULL ends them */
	void		(*run)(const struct app_state *, struct db *, struct scope *);	/* and what takes more than statements */
};

/* Work without end done by `marquee-<domain> --jobs`, each in a thread of its own: mail, relays, consumers. */
struct job {
	const char	*name;		/* NULL ends the table */
	int		 idle_ms;	/* how long to wait when there was nothing to do, or it failed */
	/* One step, in transactions of its own; true: there may be more to do at once. */
	bool		(*run)(const struct app_state *, struct db *, struct scope *);
	/* Or a statement that leaves messages in the outbox and says how many it "pushed"; while there are some it runs again. */
	const struct statement *pushes;
};

/* `marquee-<domain> --name arguments`: for administrators, at the machine. */
struct verb {
	const char	*name;		/* NULL ends the table */
	const char	*arguments;	/* "NAME EMAIL ROLE" */
	const char	*summary;
	/* argv[0] is the verb's first argument; the exit status. */
	int		(*run)(const struct app_state *, struct db *, struct scope *, int argc, char **argv);
};

struct app {
	const char			*name;
	const char			*summary;		/* one line, for OpenAPI */
	const struct route		*const *resources;	/* NULL-ended tables of rows */
	const struct constraint		*constraints;
	const struct timer		*timers;
	const struct job		*jobs;
	const struct event_handler	*handlers;	/* of events from the bus */
	const char			*kept;		/* tables of a person's rows that stay when he is erased: "{order}"; NULL: none */
	bool				 knows_people;	/* it is users, which tells the others who is erased or wants an export */
	const struct verb		*verbs;
	const struct import_format	*const *imports;	/* for import_verbs; NULL ends them */
	const struct setting		*settings;		/* of this domain, beside the common ones */
	/* A program that is no pool: runs in place of master and workers; the exit status. */
	int				(*serve)(const struct app_state *);
};

/* What a process's threads share; nobody changes it once it is made. */
struct app_state {
	const struct app		*app;
	const struct config		*config;
	struct router			*router;
	struct db_source		*source;
	struct token_keys		*keys;
	struct token_cache		*tokens;
	struct pool			*pool;		/* shared by the pool's processes */
	struct revocations		*revoked;	/* likewise */
	struct limits			*limits;
	struct cache			*cache;		/* of what is dear to compute */
	struct redis			*bus;		/* NULL: none is set */
	struct relay			*relay;		/* of the jobs process, as the next one */
	struct consumer			*consumer;	/* NULL: the domain takes in nothing */
	const struct event_handler	*handlers[3];	/* of the consumer */
	struct call_source		*calls;		/* to other pools */
	const char			*public_url;	/* "https://host:port" */
	int				 token_lifetime_s;
};

int		 app_main(const struct app *, int argc, char **argv);

/*
 * One request from routing to reply, without FastCGI; tests call it.
 * rq->state and rq->db are set.  Blocks on Postgres.  Never NULL.
 */
struct reply	*app_handle(struct request *);

#endif
