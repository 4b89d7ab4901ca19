/* The calendar: days since 1970 and dates of the Gregorian one, also before it was in use. */
#ifndef BASE_CIVIL_H
#define BASE_CIVIL_H

#include <stdbool.h>
#include <stdint.h>

/* Of year 1 and later. */
int64_t	 civil_to_days(int year, int month, int day);
int	 civil_month_days(int year, int month);

#define CIVIL_DATE_LENGTH	10	/* 2026-07-01 */
#define CIVIL_TIME_LENGTH	19	/* 2026-07-01T12:30:00 */

/* In UTC, without a NUL. False outside of the years 0 to 9999, which RFC 3339 cannot say. */
bool	 civil_print_date(char out[CIVIL_DATE_LENGTH], int64_t days_since_1970);
bool	 civil_print_time(char out[CIVIL_TIME_LENGTH], int64_t unix_s);

#endif
