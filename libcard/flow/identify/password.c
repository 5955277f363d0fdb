/* SPDX-License-Identifier: Apache-2.0 */
/* password.c — argon2id (RFC 9106), with parameters that a small counter PC bears: 19 MiB, two
 * passes, the least that OWASP's password storage guidance names. Hashes carry their parameters:
 * raising them here leaves old ones usable. */
#include "operator_internal.h"

#include <argon2.h>
#include <openssl/rand.h>
#include <string.h>

#define PASSES     2
#define MEMORY     19456 /* KiB */
#define LANES      1
#define SALT       16
#define TAG        32
#define LENGTH_MIN 8

enum card_error password_hash(const card_secret_t *password, char out[160])
{
	const struct card_bytes p = card_secret_bytes(password);
	uint8_t salt[SALT];

	if (RAND_bytes(salt, sizeof salt) != 1)
		return CARD_ERR_CRYPTO;
	return argon2id_hash_encoded(PASSES, MEMORY, LANES, p.p, p.n, salt, sizeof salt, TAG, out,
				     160) == ARGON2_OK
		       ? CARD_OK
		       : CARD_ERR_CRYPTO;
}

bool password_matches(const char *encoded, const card_secret_t *password)
{
	const struct card_bytes p = card_secret_bytes(password);

	return *encoded != '\0' && argon2id_verify(encoded, p.p, p.n) == ARGON2_OK;
}

enum card_error password_form(const char *id, const card_secret_t *password)
{
	const struct card_bytes p = card_secret_bytes(password);

	if (p.n < LENGTH_MIN || memmem(p.p, p.n, id, strlen(id)) != NULL)
		return CARD_ERR_DENIED;
	return CARD_OK;
}
