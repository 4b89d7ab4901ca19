/*
 * Settings: one table says name, kind, default and meaning; values come from
 * files of `name = value` lines, later files win, '#' starts a comment.
 */
#ifndef BASE_CONFIG_H
#define BASE_CONFIG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum setting_kind { SETTING_TEXT, SETTING_INTEGER, SETTING_BOOL, SETTING_FILE /* a path; its first line is the value, a secret */ };

struct setting {
	const char		*name;		/* NULL ends the table */
	enum setting_kind	 kind;
	const char		*otherwise;	/* default, as it would stand in a file */
	const char		*text;		/* one sentence, units included */
	int64_t			 min, max;	/* of an INTEGER; both 0: any */
};

struct config;

/* Never NULL; aborts when memory runs out at start. */
struct config	*config_new(const struct setting *);
/* Reads a file; one that is absent is skipped when optional. False: *problem says file, line and why. */
bool		 config_read(struct config *, const char *path, bool optional, char problem[256]);
/* Each of these aborts when the table has no such name: a slip of ours, not of the file. */
const char	*config_text(const struct config *, const char *name);	/* of a FILE: its contents; "" when not set */
int64_t		 config_integer(const struct config *, const char *name);
bool		 config_bool(const struct config *, const char *name);
/* Every setting with its text and effective value, as a file that could be read again; no secret. */
void		 config_print(const struct config *, FILE *);
void		 config_free(struct config *);

#endif
