/* Inside app/: one import as it goes, and what becomes of every line. */
#ifndef APP_IMPORT_RUN_H
#define APP_IMPORT_RUN_H

#include "app/imports.h"

struct import_remark {
	long		 line;
	const char	*reason;
};

struct import_remarks {
	struct import_remark	*list;
	size_t			 count, room;
};

/* What became of a file's lines. */
struct import_outcome {
	const char	*name;		/* import_line.file */
	const char	*record;	/* "line", or what a document calls its own */
	const char	*path;		/* NULL: it was not given, though lines of it may have waited */
	long		 lines, taken;
	struct import_remarks refused, waiting;
};

struct import {
	struct db		*db;
	struct scope		*scope;
	const struct import_format *format;
	char			**paths;
	int			 count;
	bool			 json;
	int64_t			 began_ms;
	bool			 showed;
	struct import_outcome	*outcomes;	/* of a document each; else of each of the format's files */
	int			 outcome_count;
	const char		*totals;
};

/* A file while its records are taken. */
struct import_sheet {
	struct import		*import;
	const struct import_file *file;
	struct import_outcome	*outcome;
	struct copy		*copy;
	int			 count;		/* of cells */
};

/* By the name that statements give; there is one for each file. */
struct import_outcome	*import_outcome_of(struct import *, const char *name);
/* Copies the lines of a file to import_line; those that are malformed become remarks. */
void	 import_stage(struct import *, const char *path);
/* Fails the scope when there are too many of them: it is another kind of file. */
void	 import_remark(struct import *, struct import_remarks *, long line, const char *reason);
/* On a terminal, once it takes its time: what is done now, and at which line. */
void	 import_show(struct import *, const char *what, long line);
void	 import_hide(struct import *);
/* The summary; the exit status. */
int	 import_report(struct import *);

#endif
