/* SPDX-License-Identifier: Apache-2.0 */
/* pki_trust.h — the trust store, as pki/ sees it. */
#ifndef PKI_TRUST_H
#define PKI_TRUST_H

#include <card/path.h>
#include <card/trust.h>

#include "pki_cert.h"
#include "pki_engine.h"

struct pki_anchor {
	card_cert_t *cert;
	struct pki_key key;    /* prepared */
	card_buf_t canonical;  /* subject */
	uint8_t spki_hash[32]; /* SHA-256: what revocation data is keyed by */
	uint8_t fingerprint[32];
};

struct card_trust {
	struct pki_anchor **anchor;
	size_t n;
	unsigned flags;
};

/* Reasons that algorithms and key of a certificate give by themselves. */
card_reasons_t pki_algorithm_reasons(const struct card_cert *c);

/* As card_path_check on an engine of the caller; *anchor receives the issuer. */
enum card_error pki_path_check(struct pki_engine *e, const card_trust_t *trust,
			       const card_cert_t *cert, enum card_use use, int64_t at,
			       struct card_path_result *out, const struct pki_anchor **anchor);

/*
 * The anchors with this name, one after another: start with *next = 0; NULL at
 * the end. A name that differs in spelling only is the same name.
 */
const struct pki_anchor *pki_trust_next(const card_trust_t *t, struct card_bytes name,
					size_t *next);

/* Does the anchor match this authority key identifier? Absent parts match. */
bool pki_anchor_matches(const struct pki_anchor *a, const struct pki_authority *id);

/* Whole file into out. CARD_ERR_IO; CARD_ERR_TOO_LONG: above max. */
enum card_error pki_read_file(const char *path, size_t max, card_buf_t *out);

#endif
