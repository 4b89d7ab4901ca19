/* Messages: their places, and their packets. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"

#define EPOCH_DIGITS	16
#define NUMBER_DIGITS	18

bool
place_read_epoch(uint64_t *epoch, const char *text, size_t size)
{
	char digits[EPOCH_DIGITS + 1] = "";

	*epoch = 0;
	if (size == 0)
		return true;
	if (size != EPOCH_DIGITS)
		return false;
	memcpy(digits, text, size);
	if (strspn(digits, "0123456789abcdef") != EPOCH_DIGITS)
		return false;
	*epoch = strtoull(digits, NULL, 16);
	return *epoch != 0;
}

/* How many digits; 0: none, or too many. */
static size_t
read_number(uint64_t *number, const char *text)
{
	size_t digits = strspn(text, "0123456789");

	if (digits == 0 || digits > NUMBER_DIGITS)
		return 0;
	*number = strtoull(text, NULL, 10);
	return digits;
}

/* What a client was told when there was nothing yet, it may send: ".0". */
bool
place_read(struct place *place, const char *text)
{
	size_t epoch = strcspn(text, "."), digits;

	if (text[epoch] != '.' || !place_read_epoch(&place->epoch, text, epoch))
		return false;
	digits = read_number(&place->number, text + epoch + 1);
	return digits > 0 && text[epoch + 1 + digits] == '\0' && (place->epoch != 0 || place->number == 0);
}

void
place_write(char out[PLACE_SIZE], const struct place *place)
{
	if (place->epoch == 0)
		snprintf(out, PLACE_SIZE, ".0");
	else
		snprintf(out, PLACE_SIZE, "%016" PRIx64 ".%" PRIu64, place->epoch, place->number);
}

bool
place_follows(const struct place *place, const struct place *next)
{
	return next->number == place->number + 1 && (next->epoch == place->epoch || place->epoch == 0);
}

/* Moves behind the text if it comes next. */
static bool
skip(const char **at, const char *end, const char *text, size_t size)
{
	if ((size_t)(end - *at) < size || memcmp(*at, text, size) != 0)
		return false;
	*at += size;
	return true;
}

#define SKIP(at, end, literal)	skip(at, end, literal, sizeof(literal) - 1)

bool
message_read(struct message *message, const char *channel, const char *text, size_t size)
{
	const char *at = text, *end = text + size;
	char number[NUMBER_DIGITS + 2] = "";
	size_t digits;

	*message = (struct message){ .text = text, .size = size };
	if (!SKIP(&at, end, "{\"channel\":\"") || !skip(&at, end, channel, strlen(channel)) ||
	    !SKIP(&at, end, "\",\"epoch\":\"") || end - at < EPOCH_DIGITS ||
	    !place_read_epoch(&message->place.epoch, at, EPOCH_DIGITS))
		return false;
	at += EPOCH_DIGITS;
	if (!SKIP(&at, end, "\",\"seq\":") || end[-1] != '}' || memchr(text, '\n', size) != NULL)
		return false;
	memcpy(number, at, (size_t)(end - at) < sizeof(number) - 1 ? (size_t)(end - at) : sizeof(number) - 1);
	digits = read_number(&message->place.number, number);
	return digits > 0 && message->place.number > 0 && (at[digits] == ',' || at[digits] == '}');
}

struct packet *
message_packet(struct message *message, enum form form)
{
	char place[PLACE_SIZE];

	if (message->packets[form] == NULL) {
		place_write(place, &message->place);
		message->packets[form] = packet_new(form, message->text, message->size, place);
	}
	return message->packets[form];
}

void
message_end(struct message *message)
{
	for (int form = 0; form < FORMS; form++)
		packet_release(message->packets[form]);
}
