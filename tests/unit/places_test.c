/* Places: a database that the test makes (MaxMind DB File Format 2.0), whole and broken. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "places.h"
#include "unit.h"

#define FILE_NAME	"/tmp/marquee-places.XXXXXX"

struct database {
	uint8_t	 bytes[4096];
	size_t	 size;
};

enum { STRING = 2, UINT16 = 5, UINT32 = 6, MAP = 7 };

static void
put(struct database *db, int byte)
{
	db->bytes[db->size++] = (uint8_t)byte;
}

/* Type above, size below; longer strings say so in a byte of their own. */
static void
put_control(struct database *db, int type, size_t size)
{
	put(db, type << 5 | (int)(size < 29 ? size : 29));
	if (size >= 29)
		put(db, (int)size - 29);
}

static void
put_text(struct database *db, const char *text)
{
	put_control(db, STRING, strlen(text));
	while (*text != '\0')
		put(db, *text++);
}

static void
put_number(struct database *db, const char *name, int type, int number)
{
	put_text(db, name);
	put_control(db, type, 2);
	put(db, number >> 8);
	put(db, number & 0xff);
}

static void
put_names(struct database *db, const char *kind, const char *name)
{
	put_text(db, kind);
	put_control(db, MAP, 1);
	put_text(db, "names");
	put_control(db, MAP, 1);
	put_text(db, "en");
	put_text(db, name);
}

/* One network: a node for each of its bits, the other way leads nowhere. */
static void
put_tree(struct database *db, const uint8_t *address, int bits)
{
	for (int i = 0; i < bits; i++) {
		int way = address[i / 8] >> (7 - i % 8) & 1;
		int next = i + 1 < bits ? i + 1 : bits + 16;

		for (int side = 0; side < 2; side++) {
			put(db, 0);
			put(db, 0);
			put(db, side == way ? next : bits);
		}
	}
	for (int i = 0; i < 16; i++)
		put(db, 0);
}

static void
put_metadata(struct database *db, int bits, int version)
{
	for (const char *c = "\xab\xcd\xefMaxMind.com"; *c != '\0'; c++)
		put(db, (unsigned char)*c);
	put_control(db, MAP, 9);
	put_number(db, "binary_format_major_version", UINT16, 2);
	put_number(db, "binary_format_minor_version", UINT16, 0);
	put_number(db, "ip_version", UINT16, version);
	put_number(db, "record_size", UINT16, 24);
	put_number(db, "node_count", UINT32, bits);
	put_text(db, "database_type");
	put_text(db, "Test");
	put_text(db, "build_epoch");
	put(db, 1);
	put(db, 2);	/* an extended type: 64 bits */
	put(db, 1);
	put_text(db, "languages");
	put(db, 0);
	put(db, 4);	/* an array, empty */
	put_text(db, "description");
	put_control(db, MAP, 0);
}

/* city or country may be NULL. */
static void
make(struct database *db, const char *network, int bits, const char *city, const char *country)
{
	int family = strchr(network, ':') != NULL ? AF_INET6 : AF_INET;
	uint8_t address[16];

	db->size = 0;
	ck_assert_int_eq(inet_pton(family, network, address), 1);
	put_tree(db, address, bits);
	put_control(db, MAP, (city != NULL) + (country != NULL));
	if (city != NULL)
		put_names(db, "city", city);
	if (country != NULL)
		put_names(db, "country", country);
	put_metadata(db, bits, family == AF_INET6 ? 6 : 4);
}

/* Where the database has that address. */
static const char *
place(const struct database *db, const char *address)
{
	static char out[PLACE_SIZE];
	char name[] = FILE_NAME;
	int fd = mkstemp(name);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, db->bytes, db->size), (ssize_t)db->size);
	close(fd);
	memset(out, 'x', sizeof(out));
	place_find(out, name, address);
	unlink(name);
	return out;
}

START_TEST(an_address_is_in_a_city_or_a_country_or_nowhere)
{
	struct database db;

	make(&db, "203.0.113.0", 24, "Berlin", "Germany");
	ck_assert_str_eq(place(&db, "203.0.113.77"), "Berlin, Germany");
	ck_assert_str_eq(place(&db, "203.0.112.77"), "");
	ck_assert_str_eq(place(&db, "2001:db8::1"), "");
	make(&db, "203.0.113.0", 24, NULL, "Germany");
	ck_assert_str_eq(place(&db, "203.0.113.77"), "Germany");
	make(&db, "203.0.113.0", 24, "Berlin", NULL);
	ck_assert_str_eq(place(&db, "203.0.113.77"), "Berlin");
	make(&db, "203.0.113.0", 24, NULL, NULL);
	ck_assert_str_eq(place(&db, "203.0.113.77"), "");
	make(&db, "2001:db8::", 32, "Zürich", "Switzerland");
	ck_assert_str_eq(place(&db, "2001:db8:1::1"), "Zürich, Switzerland");
	ck_assert_str_eq(place(&db, "203.0.113.77"), "");
}
END_TEST

START_TEST(what_is_no_address_or_no_file_has_no_place)
{
	struct database db;
	char out[PLACE_SIZE] = "x";

	make(&db, "203.0.113.0", 24, "Berlin", "Germany");
	ck_assert_str_eq(place(&db, NULL), "");
	ck_assert_str_eq(place(&db, "unix:"), "");
	ck_assert_str_eq(place(&db, "example.org"), "");
	place_find(out, "", "203.0.113.77");
	ck_assert_str_eq(out, "");
	place_find(out, "/nonexistent", "203.0.113.77");
	ck_assert_str_eq(out, "");
}
END_TEST

START_TEST(a_name_that_is_no_text_or_too_long_is_left_out)
{
	struct database db;
	char longest[62];

	make(&db, "203.0.113.0", 24, "Berl\xffn", "Germany");
	ck_assert_str_eq(place(&db, "203.0.113.77"), "Germany");
	memset(longest, 'a', sizeof(longest) - 1);
	longest[61] = '\0';
	make(&db, "203.0.113.0", 24, longest, "Germany");
	ck_assert_str_eq(place(&db, "203.0.113.77"), "Germany");
	longest[60] = '\0';
	make(&db, "203.0.113.0", 24, longest, longest);
	ck_assert_uint_eq(strlen(place(&db, "203.0.113.77")), 122);
}
END_TEST

START_TEST(a_broken_file_gives_no_place_and_harms_nobody)
{
	struct database whole, db;

	make(&whole, "203.0.113.0", 24, "Berlin", "Germany");
	db = whole;
	for (db.size = 0; db.size < whole.size; db.size++)
		place(&db, "203.0.113.77");
	for (size_t i = 0; i < whole.size; i++) {
		db = whole;
		db.bytes[i] ^= 0xff;
		place(&db, "203.0.113.77");
	}
}
END_TEST

SUITE("places",
    an_address_is_in_a_city_or_a_country_or_nowhere,
    what_is_no_address_or_no_file_has_no_place,
    a_name_that_is_no_text_or_too_long_is_left_out,
    a_broken_file_gives_no_place_and_harms_nobody);
