/* SPDX-License-Identifier: Apache-2.0 */
/*
 * authenticity.h — is the data genuine, and is the card that carries it here? (card-spec 6)
 *
 * Three checks, all needed: the card-verifiable certificate chains to a known CA key; the records
 * carry that certificate's signature; the card itself signs a fresh challenge with the key in the
 * records. An unknown CA key id is "skipped", not a failure.
 */
#ifndef CARD_AUTHENTICITY_H
#define CARD_AUTHENTICITY_H

#include <card/check.h>
#include <card/cvc.h>
#include <card/surface.h>
#include <card/text.h>

#ifdef __cplusplus
extern "C" {
#endif

struct card_authenticity {
	enum card_check chain;     /* certificate of the application to a CA key */
	enum card_check record;    /* signatures over the records read */
	enum card_check challenge; /* the card signed our challenge */
	bool test;                 /* the chain ends in the test hierarchy */
	/* Why a check is not "pass": CARD_ERR_UNTRUSTED (unknown CA key), CARD_ERR_SIGNATURE,
	 * CARD_ERR_MALFORMED, CARD_ERR_NOT_FOUND, … ; CARD_OK where it passed or was not asked. */
	enum card_error chain_why, record_why, challenge_why;
};

/* What to check against the card: the records the caller has read; NULL members are left out. */
struct card_authenticity_input {
	const struct card_surface_face *face;          /* DF28, key DF24 */
	const struct card_surface_age *age;            /* DF13, key DF12 */
	const struct card_surface_number *number;      /* DF43, key DF42 */
	const struct card_text_attributes *attributes; /* DF32 digest and DF33 */
	struct card_bytes text_number; /* the 17 physical bytes of text 0001, or n = 0: DF31 */
	bool challenge;                /* ask the card to sign a challenge */
};

/*
 * Check records of the surface AP (face, age, number) or of the text AP (attributes,
 * text_number) in the running transaction, with the secret still presented where the text AP's
 * integrity record needs it. Reads EF 0004, for the text AP also 0003 and (for the challenge)
 * 0007. Commands: surface 3 + 1 for the challenge; text 5, with challenge 9.
 *
 * CARD_OK whenever the question could be answered, also with "fail". Errors mean that the
 * dialogue broke (channel errors) and out is all "skipped".
 */
CARD_API enum card_error card_authenticity_surface(card_channel_t *ch, const card_cvca_t *cas,
						   const struct card_authenticity_input *in,
						   struct card_authenticity *out);
CARD_API enum card_error card_authenticity_text(card_channel_t *ch, const card_cvca_t *cas,
						const struct card_authenticity_input *in,
						struct card_authenticity *out);

/* The card-level chain 00F8, 7F21 (card-spec 6.1 step 4): only chain is set. */
CARD_API enum card_error card_authenticity_card(card_channel_t *ch, const card_cvca_t *cas,
						struct card_authenticity *out);

#ifdef __cplusplus
}
#endif
#endif
