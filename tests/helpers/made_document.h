/* SPDX-License-Identifier: Apache-2.0 */
/*
 * made_document.h — a signer with a key in memory, its CA, and the ways to verify with it.
 */
#ifndef MADE_DOCUMENT_H
#define MADE_DOCUMENT_H

#include <card/trust.h>
#include <cardflow/sign.h>
#include <cardflow/verify_document.h>

#include "made_pki.h"

/* 2026-06-01T00:00:00Z: everything made here is in force then. */
#define MADE_NOW INT64_C(1780272000)

struct made_person {
	struct made_key ca, key;
	card_buf_t der;
	card_cert_t *cert;
	card_trust_t *trust;
	unsigned signs;         /* how often the key was used */
	enum card_error refuse; /* what the key answers instead of signing */
};

/* kind MADE_SIGN or MADE_AUTH; change (may be NULL) makes the certificate wrong in one place. */
void made_person(struct made_person *p, enum made_kind kind, void (*change)(struct made_cert *c));
void made_person_free(struct made_person *p);

/* Sign with it; the time is MADE_NOW. */
struct flow_signer made_signer(struct made_person *p);

/* Verify at MADE_NOW with the person's CA and fresh revocation data that says "not revoked". */
struct flow_verify made_verify(const struct made_person *p);
/* Answers of revocation: not revoked, revoked, nothing at all. */
flow_revocation_fn made_not_revoked, made_revoked, made_no_answer;

/* Verify bytes, detached content may be NULL; the report is the caller's. */
void made_verify_bytes(const struct flow_verify *how, struct card_bytes file,
		       const struct card_bytes *content, struct flow_report *out);

/* The verdict alone. */
enum card_verdict made_verdict(const struct flow_verify *how, struct card_bytes file,
			       const struct card_bytes *content);

/*
 * Every byte of a signed file changed, by one bit and to another value, must not be valid.
 * Only every step-th byte from `first` on is tried. Fails the test with the place.
 */
void made_mutations(const struct flow_verify *how, struct card_bytes file,
		    const struct card_bytes *content, size_t first, size_t last, size_t step);

/* A whole file. */
void made_read_file(const char *path, card_buf_t *out);

#endif
