/* What a caller may do, and ids for what a request makes. */
#include <sodium.h>
#include <string.h>

#include "base/text.h"
#include "http/request.h"

bool
request_has_role(const struct request *rq, unsigned roles)
{
	return (rq->caller.roles & roles) != 0;
}

/* Of version 8 (RFC 9562, 5.8): a hash. */
void
request_new_id(const struct request *rq, char out[ID_SIZE])
{
	const char *parts[] = { rq->caller.user_id, rq->route->path, rq->idempotency_key };
	crypto_generichash_state state;
	uint8_t id[16];

	if (rq->idempotency_key == NULL) {
		id_new(out);
		return;
	}
	crypto_generichash_init(&state, NULL, 0, sizeof(id));
	for (int i = 0; i < 3; i++)
		crypto_generichash_update(&state, (const unsigned char *)parts[i], strlen(parts[i]) + 1);
	crypto_generichash_final(&state, id, sizeof(id));
	id[6] = (uint8_t)(0x80 | (id[6] & 0x0f));
	id[8] = (uint8_t)(0x80 | (id[8] & 0x3f));
	text_from_uuid(out, id);
}
