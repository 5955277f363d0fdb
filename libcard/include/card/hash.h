/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hash.h — the hash functions that signatures use, and their DigestInfo (RFC 8017 §9.2,
 * card-spec 4.3). Pure.
 */
#ifndef CARD_HASH_H
#define CARD_HASH_H

#include <card/bytes.h>

#ifdef __cplusplus
extern "C" {
#endif

enum card_hash { CARD_SHA1 = 0, CARD_SHA256, CARD_SHA384, CARD_SHA512 };

#define CARD_HASH_MAX        64u /* longest digest */
#define CARD_DIGEST_INFO_MAX 83u /* longest DigestInfo */

/* Length of a digest in bytes; 0 for an unknown hash. */
CARD_API size_t card_hash_length(enum card_hash hash);

/* "SHA-256"; "" for an unknown hash. Static. */
CARD_API const char *card_hash_name(enum card_hash hash);

/* The DigestInfo of a digest. CARD_ERR_INVALID_ARGUMENT: digest.n is not the hash's length. */
CARD_API enum card_error card_digest_info_encode(enum card_hash hash, struct card_bytes digest,
						 uint8_t out[CARD_DIGEST_INFO_MAX], size_t *len);

#ifdef __cplusplus
}
#endif
#endif
