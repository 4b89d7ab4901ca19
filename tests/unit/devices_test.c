/* Devices: names that people know, whatever a client says of itself. */
#include <string.h>

#include "devices.h"
#include "unit.h"

static const char *
name(const char *user_agent)
{
	static char out[DEVICE_NAME_SIZE];

	memset(out, 'x', sizeof(out));
	device_name(out, user_agent);
	ck_assert_ptr_nonnull(memchr(out, '\0', sizeof(out)));
	return out;
}

static const char *
network(const char *address, int bits_v4, int bits_v6)
{
	static char out[DEVICE_NETWORK_SIZE];

	memset(out, 'x', sizeof(out));
	device_network(out, address, bits_v4, bits_v6);
	return out;
}

#define WEBKIT	"AppleWebKit/605.1.15 (KHTML, like Gecko) "

START_TEST(a_browser_is_told_by_its_name_and_its_system)
{
	static const struct {
		const char	*user_agent, *name;
	} known[] = {
		{ "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox on Linux" },
		{ "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) " WEBKIT "Version/17.5 Mobile/15E148 Safari/604.1",
		  "Safari on iPhone" },
		{ "Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) " WEBKIT "CriOS/126.0 Mobile/15E148 Safari/604.1",
		  "Chrome on iPad" },
		{ "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) " WEBKIT "FxiOS/127.0 Mobile/15E148 Safari/605.1.15",
		  "Firefox on iPhone" },
		{ "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) " WEBKIT "Version/17.4.1 Safari/605.1.15", "Safari on macOS" },
		{ "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0",
		  "Edge on Windows" },
		{ "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/125.0 Safari/537.36 OPR/111.0", "Opera on Windows" },
		{ "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36",
		  "Chrome on Android" },
		{ "Mozilla/5.0 (Linux; Android 13; SM-S918B) AppleWebKit/537.36 SamsungBrowser/25.0 Chrome/121.0 Safari/537.36",
		  "Samsung Internet on Android" },
		{ "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 Chrome/126.0 Safari/537.36",
		  "Chrome on ChromeOS" },
		{ "Mozilla/5.0 (Haiku)", "Browser" },
		{ "Mozilla/5.0 (Haiku) Firefox/1", "Firefox" },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		ck_assert_str_eq(name(known[i].user_agent), known[i].name);
}
END_TEST

START_TEST(another_program_is_told_by_its_product)
{
	ck_assert_str_eq(name("curl/8.5.0"), "curl");
	ck_assert_str_eq(name("python-requests/2.31 (x)"), "python-requests");
	ck_assert_str_eq(name("Marquee app"), "Marquee");
}
END_TEST

START_TEST(any_bytes_give_a_short_name_in_ascii)
{
	char text[100000];

	ck_assert_str_eq(name(NULL), "Unknown device");
	ck_assert_str_eq(name(""), "Unknown device");
	ck_assert_str_eq(name("\xff\xfe"), "Unknown device");
	ck_assert_str_eq(name("<script>alert(1)</script>"), "Unknown device");
	ck_assert_str_eq(name("app\r\nX: y"), "app");
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	ck_assert_uint_eq(strlen(name(text)), 32);
	memcpy(text, "Mozilla/", 8);
	strcpy(text + sizeof(text) - 20, "Firefox/1");
	ck_assert_str_eq(name(text), "Browser");
	for (int byte = 1; byte < 256; byte++) {
		memset(text, byte, 200);
		text[200] = '\0';
		for (const char *c = name(text); *c != '\0'; c++)
			ck_assert(*c >= ' ' && *c < 0x7f);
	}
}
END_TEST

START_TEST(a_network_is_an_address_without_its_last_bits)
{
	ck_assert_str_eq(network("203.0.113.77", 24, 48), "203.0.113.0/24");
	ck_assert_str_eq(network("203.0.113.77", 32, 64), "203.0.113.77/32");
	ck_assert_str_eq(network("203.0.255.77", 20, 48), "203.0.240.0/20");
	ck_assert_str_eq(network("2001:db8:1:2:3:4:5:6", 24, 48), "2001:db8:1::/48");
	ck_assert_str_eq(network("2001:db8:1:2:3:4:5:6", 24, 64), "2001:db8:1:2::/64");
	ck_assert_str_eq(network("2001:db8:1:2:3:4:5:6", 24, 128), "2001:db8:1:2:3:4:5:6/128");
	ck_assert_str_eq(network("::ffff:203.0.113.77", 24, 48), "203.0.113.0/24");
	ck_assert_str_eq(network("::1", 24, 48), "::/48");
	ck_assert_uint_lt(strlen(network("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", 24, 128)), DEVICE_NETWORK_SIZE);
}
END_TEST

START_TEST(what_is_no_address_has_no_network)
{
	ck_assert_str_eq(network(NULL, 24, 48), "");
	ck_assert_str_eq(network("unix:", 24, 48), "");
	ck_assert_str_eq(network("", 24, 48), "");
	ck_assert_str_eq(network("203.0.113", 24, 48), "");
	ck_assert_str_eq(network("203.0.113.7/24", 24, 48), "");
	ck_assert_str_eq(network("fe80::1%eth0", 24, 48), "");
}
END_TEST

SUITE("devices",
    a_browser_is_told_by_its_name_and_its_system,
    another_program_is_told_by_its_product,
    any_bytes_give_a_short_name_in_ascii,
    a_network_is_an_address_without_its_last_bits,
    what_is_no_address_has_no_network);
