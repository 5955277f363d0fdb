/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cvc.h — the card-verifiable certificates of the card (card-spec 3.8) and the CA keys that
 * they chain to (card-spec 6.2).
 *
 * Key ids have 16 bytes and are compared whole. A first digit 5 is production, 6 is test.
 */
#ifndef CARD_CVC_H
#define CARD_CVC_H

#include <card/bytes.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CARD_KEY_ID_LENGTH 16u

/* An RSA public key as numbers, big-endian; views. */
struct card_rsa_key {
	struct card_bytes modulus; /* without leading zeros */
	struct card_bytes exponent;
};

/* One certificate; views into the input. */
struct card_cvc {
	struct card_bytes issuer;      /* 16 bytes: 証明者鍵ID */
	struct card_bytes subject;     /* 16 bytes: 被証明者鍵ID */
	struct card_rsa_key key;       /* of the subject */
	struct card_bytes signed_part; /* the 297 bytes */
	struct card_bytes signature;
};

/* Parse 7F21 with its header, or its bare contents (card-spec 3.7).
 * CARD_ERR_MALFORMED, CARD_ERR_TRUNCATED. Pure. */
CARD_API enum card_error card_cvc_parse(struct card_bytes in, struct card_cvc *out);

/* Parse a public key object (90 exponent, 91 modulus; card-spec 3.1). Same errors. */
CARD_API enum card_error card_rsa_key_parse(struct card_bytes in, struct card_rsa_key *out);

/* A set of CA keys. The built-in table holds the published ones. Reference only by id. */
typedef struct card_cvca card_cvca_t;

/* A set with the published keys. Test keys count only if test is true. */
CARD_API enum card_error card_cvca_new(card_cvca_t **out, bool test);

/* Add the keys of a CSV file in the format of the published table: key_id,name,use,hierarchy,
 * exponent,modulus. Production keys cannot be added by file (CARD_ERR_DENIED), test keys only to
 * a set made with test. CARD_ERR_IO, CARD_ERR_MALFORMED: nothing of the file is kept. */
CARD_API enum card_error card_cvca_load(card_cvca_t *set, const char *path);
CARD_API void card_cvca_free(card_cvca_t **set);

/* The key with this id. CARD_ERR_NOT_FOUND: unknown (which is no failure: card-spec 6.2), or a
 * test key in a set without test. */
CARD_API enum card_error card_cvca_find(const card_cvca_t *set, struct card_bytes key_id,
					struct card_rsa_key *out);

/* True for an id of the test hierarchy (first byte '6'). */
CARD_API bool card_key_id_is_test(struct card_bytes key_id);

/* Verify a certificate's signature with its issuer's key. CARD_ERR_SIGNATURE, CARD_ERR_CRYPTO. */
CARD_API enum card_error card_cvc_verify(const struct card_cvc *cert,
					 const struct card_rsa_key *issuer);

#ifdef __cplusplus
}
#endif
#endif
