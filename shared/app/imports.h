/*
 * Imports: what is known of a format, which is its files, their columns and
 * the statements that take them in; and one import as it goes.  A domain says
 * its formats in its struct app.
 *
 * A row is known again by its provider, which is the format, and its line in
 * the file, or by the id that the file gives it.
 */
#ifndef APP_IMPORTS_H
#define APP_IMPORTS_H

#include <jansson.h>

#include "app/app.h"

/* A cell of a file; what does not fit is refused with its line. */
struct import_column {
	const char	*name;		/* in the file's first line; NULL ends the list */
	enum {
		CELL_NAME,		/* 1 to most characters */
		CELL_TEXT,		/* as CELL_NAME, or empty */
		CELL_DAY,		/* 2018-07-15 */
		CELL_NUMBER,		/* 0 to most */
		CELL_NUMBER_OR_NA,
		CELL_FLAG,		/* TRUE or FALSE, 1 or 0 */
		CELL_TIME,		/* 2018-07-15T18:00:00+03:00 */
	}		 kind;
	int		 most;
};

struct import_file {
	const char	*name;		/* "goals": import_line.file; NULL ends the list */
	/* A file that has them all, in any order and among others, is this one; the cells get their order. */
	const struct import_column *columns;
	/* Why cells that are good each by itself are not together, or NULL. */
	const char	*(*problem)(const char *const *cells);
	/* Puts other texts for cells that are good, as the statements want them; or says why not. */
	const char	*(*prepare)(struct scope *, const char **cells);
};

/* In their order, all in one transaction. */
struct import_step {
	const char	*label;		/* what it does, while it does; a step without label and steps ends the list */
	const struct statement *statement;
	enum {
		STEP_WORK,
		STEP_TAKEN,		/* gives rows of file, count */
		STEP_WAITING,		/* of file, line, reason: kept until what they tell of is there */
		STEP_REFUSED,		/* likewise */
	}		 gives;
	const struct import_step *steps;	/* these instead, which several formats have */
};

struct import_sheet;

struct import_format {
	const char	*name;		/* also the provider of what is imported */
	/* Of documents one: what it calls its records, and their cells. */
	const struct import_file *files;
	/* There may be many of a file: import_line.file is the path, and none of their lines may wait. */
	bool		 many;
	/*
	 * Its files may be JSON documents, as many; a line is then the place among
	 * its records.  Gives each to import_take(), or says why it is no such
	 * document.  NULL: files of comma-separated values.
	 */
	const char	*(*read)(struct import_sheet *, const json_t *document);
	const struct import_step *steps;
	const struct statement	*totals;	/* one row: totals, a JSON object */
};

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

/* Copies a record, or remarks why not: for the problem that is known already, or that one of its cells has. */
void	 import_take(struct import_sheet *, long line, const char **cells, const char *problem);
/* Takes the objects of an array; their keys are the columns, and of one that is absent or null the cell is empty. */
void	 import_take_objects(struct import_sheet *, const json_t *array);
/* Copies the lines of a file to import_line; those that are malformed become remarks. */
void	 import_stage(struct import *, const char *path);
void	 import_remark(struct import *, struct import_remarks *, long line, const char *reason);
/* On a terminal, once it takes its time: what is done now, and at which line. */
void	 import_show(struct import *, const char *what, long line);
void	 import_hide(struct import *);
/* The summary; the exit status. */
int	 import_report(struct import *);

/* --import and --import-totals, of the formats of the domain. */
extern const struct verb import_verbs[];

#endif
