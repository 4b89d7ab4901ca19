/* Passwords that others have listed as common (configure --with-common-passwords), made into a table by the build. */
#ifndef PASSWORD_LIST_H
#define PASSWORD_LIST_H

#include <stddef.h>

/* In lower case and in order, of 8 characters and more. */
extern const char *const password_list[];
extern const size_t password_list_count;

#endif
