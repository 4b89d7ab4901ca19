/* The route tables of a domain, told as an OpenAPI 3.1 document. */
#ifndef APP_OPENAPI_H
#define APP_OPENAPI_H

#include <stdio.h>

struct app;

/* The exit status: 1 when an answer is told wrongly in its row. */
int	 openapi_print(const struct app *, FILE *);

#endif
