/* SPDX-License-Identifier: Apache-2.0 */
/* paper_token.h — the facts of a sheet as a JSON Web Signature (RFC 7515, compact, ES256). */
#ifndef CARDFLOW_PAPER_TOKEN_H
#define CARDFLOW_PAPER_TOKEN_H

#include "paper_key.h"

#define PAPER_DIGEST 32

/* A copy number: XXXX-XXXX-XXXX of 0-9 and A-Z without I, L, O, U. */
bool paper_is_copy(const char *text);

/* CARD_ERR_INVALID_ARGUMENT: facts out of their ranges. The text ends with NUL (not counted). */
enum card_error paper_token_make(const struct flow_paper_facts *facts,
				 const uint8_t front[PAPER_DIGEST], const flow_paper_key_t *key,
				 card_buf_t *out);

/*
 * Read and check a token. *signature: PASS, FAIL or UNDETERMINED (no such key trusted); the other
 * results are filled only if the token could be read. CARD_ERR_MALFORMED: no token of ours.
 */
enum card_error paper_token_read(const char *text, const flow_paper_trust_t *trust,
				 struct flow_paper_facts *facts, uint8_t front[PAPER_DIGEST],
				 char key_id[17], enum card_check *signature);

/* The seed of the dots: known to everyone who can read the token. */
enum card_error paper_seed(const struct flow_paper_facts *facts, uint8_t seed[PAPER_DIGEST]);

#endif
