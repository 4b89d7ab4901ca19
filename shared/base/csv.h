/*
 * Comma-separated values (RFC 4180), in UTF-8: cells in quotes may have
 * commas, line ends and doubled quotes in them.  LF ends a line as CRLF does;
 * a byte order mark and empty lines are skipped.
 *
 * A record that is malformed is told with its line and reading goes on with
 * the next line, so that one stray quote does not take the rest of a file.
 */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include <stdbool.h>
#include <stddef.h>

#define CSV_MAX_CELLS	128
#define CSV_MAX_RECORD	65536	/* bytes: what is longer is most likely a quote that nobody closed */

struct csv {
	/* Of the record that was read last: */
	long		 line;			/* it begins here, from 1 */
	const char	*problem;		/* NULL: it is well-formed */
	const char	*cells[CSV_MAX_CELLS];	/* as long as the data they lie in */
	int		 count;

	int		 wanted;		/* cells that a record must have; 0: any number. The caller's to set */
	char		*next, *end;
	long		 next_line;
	char		 sentence[80];
};

/* The data is written over, also the byte behind its end. */
void	 csv_begin(struct csv *, char *data, size_t size);
/* The next record, well-formed or not; false: there is none. */
bool	 csv_next(struct csv *);

#endif
