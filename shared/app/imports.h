/*
 * Imports: what is known of a format, which is its files, their columns and
 * the statements that take them in; and one import as it goes.  A domain says
 * its formats in its struct app, and has the tables of platform.make_import_tables().
 *
 * A row is known again by its provider, which is the format, and its line in
 * the file, or by the id that the file gives it, or by what it says.  Of JSON
 * a line is an object, by its number.
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
	/* As problem, after it; may put another text for a cell, as the statements want it. */
	const char	*(*prepare)(struct scope *, const char **cells);
	/*
	 * Not of comma-separated values: objects in JSON, in an array that is this
	 * member of the whole, or the whole, "".  Their keys are the columns; of
	 * one that is absent or null the cell is empty.
	 */
	const char	*objects_in;
	bool		 many;		/* of one import; lines count on from file to file, so none may wait */
};

/* In their order, all in one transaction. */
struct import_step {
	const char	*label;		/* what it does, while it does; NULL ends the list */
	const struct statement *statement;
	enum {
		STEP_WORK,
		STEP_TAKEN,		/* gives rows of file, count */
		STEP_WAITING,		/* of file, line, reason: kept until what they tell of is there */
		STEP_REFUSED,		/* likewise */
	}		 gives;
};

struct import_format {
	const char	*name;		/* also the provider of what is imported */
	const struct import_file *files;
	const struct import_step *steps;
	const struct statement	*totals;	/* one row: totals, a JSON object */
};

#define IMPORT_MAX_FILES	16	/* of a format */

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
	const char	*path;		/* NULL: it was not given, though lines of it may have waited */
	int		 parts;
	long		 lines, taken;
	long		 last_line;
	struct import_remarks refused, waiting;
};

/* One of the files that are given. */
struct import_part {
	const char	*path;
	const struct import_file *file;
	long		 before;	/* lines of the parts before it, of the same file of the format */
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
	struct import_outcome	 outcomes[IMPORT_MAX_FILES];
	struct import_part	*parts;
	int			 part_count;
	const char		*totals;
};

/* Copies the lines of a file to import_line; those that are malformed become remarks. */
void	 import_stage(struct import *, const char *path);
/* Of the format's files the one that these objects are of, and the array of them; NULL: none is. */
const struct import_file *import_recognise_objects(const struct import_format *, const json_t *whole, const json_t **objects);
/* Cells of an object in the order of the columns; why it has none, or NULL. */
const char *import_object_cells(struct scope *, const struct import_file *, const json_t *object, const char **cells);
void	 import_remark(struct import *, struct import_remarks *, long line, const char *reason);
/* On a terminal, once it takes its time: what is done now, and at which line. */
void	 import_show(struct import *, const char *what, long line);
void	 import_hide(struct import *);
/* The summary; the exit status. */
int	 import_report(struct import *);

/* --import and --import-totals, of the formats of the domain. */
extern const struct verb import_verbs[];

#endif
