/*
 * Input as a table: where each value comes from, its kind and limits, and
 * where it goes in a C struct.  All bad fields are reported at once.
 */
#ifndef HTTP_FIELD_H
#define HTTP_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct request;

enum field_source {
	FROM_PATH = 1, FROM_QUERY, FROM_BODY,
	FROM_CALLER,	/* user_id of who calls, NULL for a stranger; of a BOOLEAN, whether it is an admin */
	FROM_SESSION,	/* session_id of who calls */
};

/*
 * A value that is absent, or null in a body, is .otherwise, NULL, an empty list
 * or an object whose members are absent.  None is ever changed to fit its limits.
 */
enum field_kind {
	INTEGER,	/* int64_t; 1.0 and 1e3 are none, nor is 007 in a query */
	BOOLEAN,	/* bool */
	TEXT,		/* const char *; no control characters but tab and line ends; "" is a text */
	ID,		/* const char *: a UUID, given on in lower case */
	TIME,		/* const char *: RFC 3339, given on in UTC */
	DATE,		/* const char *: 2026-07-01 */
	MONEY,		/* const char *: an exact decimal, a number or a text as it was written; for money_minor() */
	OBJECT,		/* a struct inside the struct */
	LIST_OF,	/* struct list of const char * or of structs */
	DECIDED,	/* the server decides it; taken and ignored */
};

/* An array of the input: count elements, const char * or structs one after another. */
struct list {
	size_t		 count;
	void		*items;
};

struct field {
	enum field_source	 source;
	enum field_kind		 kind;
	const char		*name;		/* NULL ends the table */
	size_t			 offset;
	bool			 required;
	/* Of a number (both 0: any), the characters of a text, the elements of a list; max 0: none for numbers, 10,000 else. */
	int64_t			 min, max;
	int64_t			 otherwise;	/* when an optional number or boolean is absent */
	/* Of a TEXT and of each text of a list. */
	const char		*choices;			/* "red green blue" */
	const char		*(*check)(const char *);	/* a sentence when it will not do, else NULL */
	const struct field	*fields;	/* of an OBJECT, or of the structs of a list */
	size_t			 size;		/* of one struct of a list; 0: texts */
	bool			 secret;	/* shown as a password in OpenAPI */
};

/* _Generic turns a member of the wrong type into a compile error. */
#define FIELD_AT(type, member, ctype)	_Generic(((struct type *)0)->member, ctype: offsetof(struct type, member))
#define INT_FIELD(from, type, member, ...)	{ from, INTEGER, #member, FIELD_AT(type, member, int64_t), __VA_ARGS__ }
#define BOOL_FIELD(from, type, member, ...)	{ from, BOOLEAN, #member, FIELD_AT(type, member, bool), __VA_ARGS__ }
#define TEXT_FIELD(from, type, member, ...)	{ from, TEXT, #member, FIELD_AT(type, member, const char *), __VA_ARGS__ }
#define ID_FIELD(from, type, member, ...)	{ from, ID, #member, FIELD_AT(type, member, const char *), __VA_ARGS__ }
#define TIME_FIELD(from, type, member, ...)	{ from, TIME, #member, FIELD_AT(type, member, const char *), __VA_ARGS__ }
#define DATE_FIELD(from, type, member, ...)	{ from, DATE, #member, FIELD_AT(type, member, const char *), __VA_ARGS__ }
#define MONEY_FIELD(from, type, member, ...)	{ from, MONEY, #member, FIELD_AT(type, member, const char *), __VA_ARGS__ }
#define OBJECT_FIELD(type, member, table, ...)	{ FROM_BODY, OBJECT, #member, offsetof(struct type, member), .fields = table, __VA_ARGS__ }
#define TEXTS_FIELD(type, member, ...)		{ FROM_BODY, LIST_OF, #member, FIELD_AT(type, member, struct list), __VA_ARGS__ }
#define LIST_FIELD(type, member, element, ...)	\
	{ FROM_BODY, LIST_OF, #member, FIELD_AT(type, member, struct list), .fields = element##_fields, .size = sizeof(struct element), __VA_ARGS__ }
#define DECIDED_FIELD(from, name)		{ from, DECIDED, name }

/* INPUT(own): a row that is asked for one's own and nothing else. */
struct own {
	const char	*user_id;
};
extern const struct field own_fields[];

/*
 * Fills rq->input from path, query, body and caller, and of a PAGE the limit
 * (1-100, else 20) and the keys it starts after.  Or fails:
 *   404 not_found		a value of the path does not fit its field: nothing can be there
 *   400 bad_query		the query is malformed, not UTF-8 or has a NUL
 *   400 unexpected_body	the row takes none
 *   413 body_too_large, 415 unsupported_media_type
 *   400 bad_json		not an object; see http/json.h
 *   422 invalid		with all fields that are wrong, missing or not known, in query and body
 * An empty body is as one without members; nobody asks for its type.
 */
void	 field_bind(struct request *);

#endif
