/* The calendar, counted from 1 March so that the leap day is a year's last. */
#include "base/civil.h"
#include "base/digits.h"

enum {
	DAY_S = 86400,
	ERA_DAYS = 146097,		/* 400 years, after which the calendar repeats */
	EPOCH_DAYS = 719468,		/* from 0000-03-01 to 1970-01-01 */
};

#define FIRST_DAY	((int64_t)-719528)	/* 0000-01-01 */
#define LAST_DAY	((int64_t)2932896)	/* 9999-12-31 */

int64_t
civil_to_days(int year, int month, int day)
{
	int64_t years = month <= 2 ? (int64_t)year - 1 : year;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return years * 365 + years / 4 - years / 100 + years / 400 + day_of_year - EPOCH_DAYS;
}

int
civil_month_days(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return month == 2 && leap ? 29 : days[month - 1];
}

bool
civil_print_date(char out[CIVIL_DATE_LENGTH], int64_t days)
{
	unsigned n, era, day_of_era, year_of_era, day_of_year, shifted, month, year;

	if (days < FIRST_DAY || days > LAST_DAY)
		return false;
	n = (unsigned)(days + EPOCH_DAYS + ERA_DAYS);	/* one era later, so that year 0 is no negative number */
	era = n / ERA_DAYS;
	day_of_era = n % ERA_DAYS;
	year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	shifted = (5 * day_of_year + 2) / 153;
	month = shifted < 10 ? shifted + 3 : shifted - 9;
	year = year_of_era + era * 400 - 400 + (month <= 2);
	digits_two(out, year / 100);
	digits_two(out + 2, year % 100);
	out[4] = '-';
	digits_two(out + 5, month);
	out[7] = '-';
	digits_two(out + 8, day_of_year - (153 * shifted + 2) / 5 + 1);
	return true;
}

bool
civil_print_time(char out[CIVIL_TIME_LENGTH], int64_t unix_s)
{
	int64_t days = unix_s / DAY_S - (unix_s % DAY_S < 0);
	unsigned second;

	if (!civil_print_date(out, days))
		return false;
	second = (unsigned)(unix_s - days * DAY_S);
	out[10] = 'T';
	digits_two(out + 11, second / 3600);
	out[13] = ':';
	digits_two(out + 14, second / 60 % 60);
	out[16] = ':';
	digits_two(out + 17, second % 60);
	return true;
}
