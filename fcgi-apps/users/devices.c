/* Devices: a name out of a User-Agent, a network out of an address. */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "devices.h"

#define LOOKED_AT	512	/* bytes of a User-Agent; browsers say who they are long before */
#define TOKEN_MAX	32	/* of the name of another program */

struct sign {
	const char	*text, *name;
};

/* Most browsers also call themselves by older names, so the newest comes first. */
static const struct sign browsers[] = {
	{ "Edg/", "Edge" },
	{ "EdgA/", "Edge" },
	{ "EdgiOS/", "Edge" },
	{ "OPR/", "Opera" },
	{ "SamsungBrowser/", "Samsung Internet" },
	{ "FxiOS/", "Firefox" },
	{ "Firefox/", "Firefox" },
	{ "CriOS/", "Chrome" },
	{ "Chrome/", "Chrome" },
	{ "Safari/", "Safari" },
	{ NULL, "Browser" }
};

/* Likewise: an iPhone is "like Mac OS X", Android is a Linux. */
static const struct sign systems[] = {
	{ "iPhone", "iPhone" },
	{ "iPad", "iPad" },
	{ "Android", "Android" },
	{ "CrOS", "ChromeOS" },
	{ "Windows", "Windows" },
	{ "Mac OS X", "macOS" },
	{ "Linux", "Linux" },
	{ NULL, NULL }
};

static const char *
find(const struct sign *sign, const char *text)
{
	while (sign->text != NULL && strstr(text, sign->text) == NULL)
		sign++;
	return sign->name;
}

/* A product name (RFC 9110, 10.1.5) is a token: letters, digits and some signs. */
static size_t
token_length(const char *text)
{
	return strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~");
}

void
device_name(char out[DEVICE_NAME_SIZE], const char *user_agent)
{
	char text[LOOKED_AT + 1];
	const char *system;
	size_t length;

	snprintf(text, sizeof(text), "%s", user_agent != NULL ? user_agent : "");
	if (strncmp(text, "Mozilla/", 8) == 0) {
		system = find(systems, text);
		snprintf(out, DEVICE_NAME_SIZE, "%s%s%s", find(browsers, text), system != NULL ? " on " : "",
		    system != NULL ? system : "");
		return;
	}
	length = token_length(text);
	if (length == 0)
		snprintf(out, DEVICE_NAME_SIZE, "Unknown device");
	else
		snprintf(out, DEVICE_NAME_SIZE, "%.*s", (int)(length < TOKEN_MAX ? length : TOKEN_MAX), text);
}

static void
keep_bits(uint8_t *address, int size, int bits)
{
	for (int i = 0; i < size; i++, bits -= 8)
		if (bits < 8)
			address[i] &= bits > 0 ? (uint8_t)(0xff00 >> bits) : 0;
}

void
device_network(char out[DEVICE_NETWORK_SIZE], const char *address, int bits_v4, int bits_v6)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	uint8_t v4[4], v6[16];
	char text[INET6_ADDRSTRLEN];

	out[0] = '\0';
	if (address == NULL)
		return;
	if (inet_pton(AF_INET6, address, v6) == 1) {
		if (memcmp(v6, mapped, sizeof(mapped)) != 0) {
			keep_bits(v6, 16, bits_v6);
			snprintf(out, DEVICE_NETWORK_SIZE, "%s/%d", inet_ntop(AF_INET6, v6, text, sizeof(text)), bits_v6);
			return;
		}
		memcpy(v4, v6 + sizeof(mapped), sizeof(v4));
	} else if (inet_pton(AF_INET, address, v4) != 1)
		return;
	keep_bits(v4, 4, bits_v4);
	snprintf(out, DEVICE_NETWORK_SIZE, "%s/%d", inet_ntop(AF_INET, v4, text, sizeof(text)), bits_v4);
}
