/* SPDX-License-Identifier: Apache-2.0 */
/* timestamp.h — RFC 3161 inside the library; the public part is cardflow/timestamp.h. */
#ifndef DOCUMENT_TIMESTAMP_H
#define DOCUMENT_TIMESTAMP_H

#include <cardflow/timestamp.h>

/*
 * Ask for a timestamp over data (SHA-256), verify the answer as timestamp_check does, and append the token to *token.
 * CARD_ERR_MALFORMED: no such answer; CARD_ERR_DENIED: the authority refused;
 * CARD_ERR_UNTRUSTED; CARD_ERR_SIGNATURE: the token is of other data or does not hold.
 */
enum card_error timestamp_get(const struct flow_tsa *tsa, struct card_bytes data,
			      card_buf_t *token);

/*
 * Check a token over data of some ranges of a file (NULL: over `data`). *time receives the proven
 * instant. CARD_ERR_MALFORMED, CARD_ERR_SIGNATURE: it does not hold; CARD_ERR_UNTRUSTED: no
 * installed root is its issuer, or trust is NULL; CARD_ERR_CRYPTO.
 */
struct timestamp_subject {
	struct card_bytes data;
	const flow_file_t *file;
	const struct flow_range *ranges;
	size_t n;
};
enum card_error timestamp_check(const flow_tsa_trust_t *trust, struct card_bytes token,
				const struct timestamp_subject *subject, int64_t *time);

#endif
