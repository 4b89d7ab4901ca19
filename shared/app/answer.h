/*
 * What a row says of its answer, as a JSON Schema: "item_id:id name
 * price:money tags:[text] venue{id:id name} events[event_time event_type]".
 *
 * A key is text unless it says id, text, int, number, bool, time, date, money
 * or any; money stands for two keys, price and price_minor.  A key that may be
 * null or absent ends in '?'.
 */
#ifndef APP_ANSWER_H
#define APP_ANSWER_H

#include <jansson.h>

/* A new reference to the schema of the object; NULL when the text is not of that form. */
json_t	*answer_schema(const char *text);

#endif
