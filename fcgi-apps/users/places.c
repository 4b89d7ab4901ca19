/* Places: city and country of an address. */
#include <maxminddb.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/log.h"
#include "base/text.h"
#include "places.h"

#define PART_MAX	60	/* bytes; longer ones are no names of places */

/* "" for what the entry does not have, or has in no usable form. */
static void
name_of(char out[PART_MAX + 1], MMDB_entry_s *entry, const char *kind)
{
	MMDB_entry_data_s name;

	out[0] = '\0';
	if (MMDB_get_value(entry, &name, kind, "names", "en", NULL) != MMDB_SUCCESS || !name.has_data ||
	    name.type != MMDB_DATA_TYPE_UTF8_STRING || name.data_size > PART_MAX ||
	    !text_is_utf8(name.utf8_string, name.data_size))
		return;
	snprintf(out, PART_MAX + 1, "%.*s", (int)name.data_size, name.utf8_string);
}

static int
look_up(char out[PLACE_SIZE], const MMDB_s *database, const char *address)
{
	int no_address, problem;
	MMDB_lookup_result_s found = MMDB_lookup_string(database, address, &no_address, &problem);
	char city[PART_MAX + 1], country[PART_MAX + 1];

	/* An IPv6 address in a database of IPv4 is no fault of either. */
	if (no_address != 0 || problem == MMDB_IPV6_LOOKUP_IN_IPV4_DATABASE_ERROR)
		return MMDB_SUCCESS;
	if (problem != MMDB_SUCCESS || !found.found_entry)
		return problem;
	name_of(city, &found.entry, "city");
	name_of(country, &found.entry, "country");
	snprintf(out, PLACE_SIZE, "%s%s%s", city, *city != '\0' && *country != '\0' ? ", " : "", country);
	return MMDB_SUCCESS;
}

void
place_find(char out[PLACE_SIZE], const char *file, const char *address)
{
	MMDB_s database;
	int problem;

	out[0] = '\0';
	if (*file == '\0' || address == NULL)
		return;
	problem = MMDB_open(file, MMDB_MODE_MMAP, &database);
	if (problem == MMDB_SUCCESS) {
		problem = look_up(out, &database, address);
		MMDB_close(&database);
	}
	if (problem != MMDB_SUCCESS)
		log_event(LOG_WARNING, "the database of places cannot be read", LOG_TEXT("file", file),
		    LOG_TEXT("error", MMDB_strerror(problem)));
}
