/* SPDX-License-Identifier: Apache-2.0 */
/*
 * identify.h — the identity check: is this card genuine and in force? (flows C06–C21)
 *
 * identify.c reads and checks, identify_report.c says what came out. The verdict speaks of the
 * card: valid only if every required check passed, invalid if one failed, else undetermined.
 */
#ifndef KAZASU_IDENTIFY_H
#define KAZASU_IDENTIFY_H

#include "session.h"

#include <card/authenticity.h>
#include <card/common.h>
#include <card/verify.h>

/* The certificate alone proves neither card nor person: that route never ends in "valid". */
enum identify_route { IDENTIFY_NUMBER_B, IDENTIFY_PIN, IDENTIFY_CERTIFICATE };

enum identify_check {
	CHECK_CHAIN,       /* card-verifiable certificates to a CA key */
	CHECK_RECORD,      /* signatures over the records */
	CHECK_CHALLENGE,   /* the card signed our challenge */
	CHECK_PATH,        /* certificate to a trusted root */
	CHECK_REVOCATION,  /* not revoked */
	CHECK_IN_FORCE,    /* the card's own date */
	CHECK_CONSISTENCY, /* surface, text and number B agree */
	CHECK_COUNT
};

/* Fields that two sources on the card tell differently. */
enum identify_difference {
	DIFFER_BIRTH_TEXT,    /* surface and text */
	DIFFER_BIRTH_NUMBER,  /* surface and number B */
	DIFFER_SEX_TEXT,      /* surface and text */
	DIFFER_EXPIRY_RECORD, /* surface and the common record */
	DIFFER_EXPIRY_NUMBER, /* surface and number B */
	DIFFER_COUNT
};

/* The operator's answer about the face (--face). */
enum identify_face { FACE_NOT_ASKED, FACE_SAME, FACE_DIFFERENT, FACE_UNSURE };

struct identify {
	enum identify_route route;
	bool last_try;
	int64_t now;

	bool has_record;
	struct card_common_record record;
	bool has_face;
	card_buf_t face_bytes; /* face points into it */
	struct card_surface_face face;
	bool has_attributes;
	card_buf_t text_bytes; /* attributes point into it */
	struct card_text_attributes attributes;

	/* The authentication certificate is free to read on the plastic card. It tells whether the
	 * card is in force for its issuer; phones keep it behind their PIN. */
	card_verify_t *verify; /* the caller's */
	card_buf_t certificate;
	bool has_certificate;
	bool certificate_expired; /* a note, not a refusal: flows C09 */
	card_reasons_t reasons;   /* of path and revocation */

	struct card_authenticity surface, text;
	enum card_check check[CHECK_COUNT];
	bool differs[DIFFER_COUNT];
};

enum identify_verdict { VERDICT_VALID, VERDICT_INVALID, VERDICT_UNDETERMINED };

/* Read and check. KZ_GO if there is something to say, or the exit code. */
int identify_run(struct kz *kz, struct kz_session *card, const card_cvca_t *cas,
		 struct identify *id);
void identify_free(struct identify *id);

/* Path and status of the certificate that was read. CARD_OK: checks and reasons are set.
 * Exposed for tests. */
enum card_error identify_certificate(struct identify *id);

/* Compare what was read. digits: the 14 digits of number B, or n = 0. Exposed for tests. */
void identify_compare(struct identify *id, struct card_bytes digits);

/* The verdict over the checks. Exposed for tests. */
enum identify_verdict identify_verdict(const struct identify *id);

/* The result "person" (flows C20, C21): confirmed only by the operator's answer about a card whose
 * data is proven. Exposed for tests. */
const char *identify_person(const struct identify *id, enum identify_face face);

/* Say it. photo: the file that was written, or NULL. Returns the exit code of the verdict. */
int identify_report(struct kz *kz, const struct kz_session *card, const struct identify *id,
		    enum identify_face face, const char *photo);

#endif
