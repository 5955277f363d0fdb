/* SPDX-License-Identifier: Apache-2.0 */
/* paper_key.h — signing with, and finding, the keys of papers (ES256, RFC 7518 3.4). */
#ifndef CARDFLOW_PAPER_KEY_H
#define CARDFLOW_PAPER_KEY_H

#include <cardflow/paper.h>

#define PAPER_SIGNATURE 64 /* r ‖ s */

/* 16 hex digits: the first 8 bytes of SHA-256 over the public key (SPKI, DER). */
const char *paper_key_id(const flow_paper_key_t *k);

/* CARD_ERR_CRYPTO. */
enum card_error paper_sign(const flow_paper_key_t *k, struct card_bytes text,
			   uint8_t signature[PAPER_SIGNATURE]);

/* PASS, FAIL, or UNDETERMINED: no trusted key of that name. */
enum card_check paper_check(const flow_paper_trust_t *t, const char *key_id, struct card_bytes text,
			    const uint8_t signature[PAPER_SIGNATURE]);

/* Base64url without padding (RFC 4648 5). The text is appended; decoding is strict. */
enum card_error paper_base64url(struct card_bytes in, card_buf_t *out);
enum card_error paper_unbase64url(struct card_bytes text, card_buf_t *out);

#endif
