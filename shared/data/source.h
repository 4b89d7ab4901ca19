/* Inside data/: what db.c needs of a db_source beside its public face. */
#ifndef DATA_SOURCE_H
#define DATA_SOURCE_H

#include "data/db.h"

const struct db_settings *db_source_settings(const struct db_source *);
/* After every host failed: for so long nobody tries again, all are told at once. */
void		 db_source_silent(struct db_source *, enum reads, int64_t for_ms);
bool		 db_source_is_silent(const struct db_source *, enum reads);
/* Takes over a connection whose COMMIT has no answer yet. */
void		 db_source_keep_waiting(struct db_source *, PGconn *);

/* Wakes who listens to announcements. */
void		 db_source_announce(const struct db_source *);

/* Given up by Postgres for another's sake, as a read that a standby's replay ran into: worth asking again. */
bool		 db_cancelled(const PGresult *);

#endif
