/* SPDX-License-Identifier: Apache-2.0 */
/*
 * identify.c — the dialogue of the identity check.
 *
 * Step 1 (no secret): the common record, and the tries when a person will be asked (flows C09,
 * C11, C12). Step 2, one transaction: the secret, the records, their signatures, the challenge
 * (C13–C16), cleared at its end. Commands of step 2 on route number B: surface 3 + 1 per 256 bytes
 * of the face + 4, text 3 + 1 + 9 (card/authenticity.h); on route PIN the text part alone. On both
 * routes the authentication certificate follows: 1 + 1 per 256 bytes. Its path and status are
 * looked at after the card was left (C18).
 */
#include "identify.h"

#include <string.h>

#include "output.h"
#include "secret_entry.h"

#include <card/jpki.h>

static bool in_force(const struct identify *id)
{
	return card_date_compare(id->record.expiry, card_date_in_japan(id->now)) >= 0;
}

/* The common record is missing on phones; everything else about them is told later. */
static enum card_error read_record(struct kz_session *card, struct identify *id)
{
	enum card_error err = card_common_record(card->ch, &id->record);

	id->has_record = err == CARD_OK;
	if (id->has_record && card_date_valid(id->record.expiry))
		id->check[CHECK_IN_FORCE] = in_force(id) ? CARD_CHECK_PASS : CARD_CHECK_FAIL;
	return err == CARD_ERR_NOT_FOUND ? CARD_OK : err;
}

static enum card_error tries_of_text(struct kz_session *card, const struct identify *id, int *tries)
{
	*tries = CARD_TRIES_UNKNOWN;
	if (id->route != IDENTIFY_NUMBER_B)
		return CARD_OK;
	return card_pin_tries(card->ch, CARD_PIN_TEXT_NUMBER_B, tries);
}

/* What is known without a secret. */
static int first_step(struct kz *kz, struct kz_session *card, struct identify *id)
{
	int text_tries = CARD_TRIES_UNKNOWN;
	enum card_error err = kz_session_begin(kz, card);

	if (err == CARD_OK) {
		err = read_record(card, id);
		if (err == CARD_OK && kz->opt.pin_fd < 0)
			err = tries_of_text(card, id, &text_tries);
		err = kz_session_end(card, err);
	}
	if (err != CARD_OK)
		return kz_session_fail(kz, card, err);
	/* Number B is presented to two applications, each with its own counter. The surface's is
	 * looked at when the number is asked for. */
	if (text_tries == 0)
		return kz_secret_fail(kz, card, CARD_PIN_TEXT_NUMBER_B, CARD_ERR_PIN_LOCKED, 0);
	if (text_tries == 1 && !id->last_try)
		return kz_secret_fail(kz, card, CARD_PIN_TEXT_NUMBER_B, CARD_ERR_LAST_TRY, 1);
	return KZ_GO;
}

/* What the second step stopped at: the secret and its tries, for the report. */
struct stop {
	bool at_secret;
	enum card_pin pin;
	int tries;
};

static enum card_error present(struct kz *kz, struct kz_session *card,
			       const struct kz_secret *secret, enum card_pin pin, struct stop *stop)
{
	enum card_error err;

	stop->at_secret = true;
	stop->pin = pin;
	stop->tries = CARD_TRIES_UNKNOWN;
	err = kz_secret_present(kz, card, pin, secret, &stop->tries);
	if (err == CARD_OK)
		stop->at_secret = false;
	return err;
}

static enum card_error read_surface(struct kz_session *card, const card_cvca_t *cas,
				    const card_grant_t *grant, struct identify *id)
{
	struct card_authenticity_input in = {.face = &id->face, .challenge = true};
	enum card_error err = card_surface_read_face(card->ch, grant, &id->face_bytes, &id->face);

	if (err != CARD_OK)
		return err;
	id->has_face = true;
	return card_authenticity_surface(card->ch, cas, &in, &id->surface);
}

static enum card_error read_text(struct kz_session *card, const card_cvca_t *cas,
				 const card_grant_t *grant, struct identify *id)
{
	struct card_authenticity_input in = {.attributes = &id->attributes, .challenge = true};
	enum card_error err =
		card_text_read_attributes(card->ch, grant, &id->text_bytes, &id->attributes);

	if (err != CARD_OK)
		return err;
	id->has_attributes = true;
	return card_authenticity_text(card->ch, cas, &in, &id->text);
}

/* A certificate that is not there, or not to be had without another secret, is a note (C09). */
static enum card_error read_certificate(struct kz_session *card, const card_grant_t *grant,
					struct identify *id)
{
	enum card_error err =
		card_jpki_certificate(card->ch, CARD_JPKI_AUTH, grant, &id->certificate);

	id->has_certificate = err == CARD_OK;
	if (err == CARD_ERR_NO_CERTIFICATE || err == CARD_ERR_NOT_FOUND ||
	    err == CARD_ERR_SECURITY_STATUS)
		return CARD_OK;
	return err;
}

static enum card_error dialogue(struct kz *kz, struct kz_session *card, const card_cvca_t *cas,
				const struct kz_secret *secret, struct identify *id,
				struct stop *stop)
{
	const card_grant_t *grant = card_grant_own_card();
	enum card_error err = CARD_OK;

	if (err == CARD_OK && id->route == IDENTIFY_NUMBER_B) {
		err = present(kz, card, secret, CARD_PIN_SURFACE_NUMBER_B, stop);
		if (err == CARD_OK)
			err = read_surface(card, cas, grant, id);
	}
	if (err == CARD_OK)
		err = present(kz, card, secret,
			      id->route == IDENTIFY_NUMBER_B ? CARD_PIN_TEXT_NUMBER_B
							     : CARD_PIN_TEXT,
			      stop);
	if (err == CARD_OK)
		err = read_text(card, cas, grant, id);
	return err == CARD_OK ? read_certificate(card, grant, id) : err;
}

static void conclude(struct identify *id)
{
	id->check[CHECK_CHAIN] = id->text.chain;
	id->check[CHECK_RECORD] = id->text.record;
	id->check[CHECK_CHALLENGE] = id->text.challenge;
	if (id->route == IDENTIFY_NUMBER_B) {
		id->check[CHECK_CHAIN] = card_check_and(id->text.chain, id->surface.chain);
		id->check[CHECK_RECORD] = card_check_and(id->text.record, id->surface.record);
		id->check[CHECK_CHALLENGE] =
			card_check_and(id->text.challenge, id->surface.challenge);
	}
}

/* Route certificate: the status of the certificate, without a secret (flows C09). */
static int certificate_only(struct kz *kz, struct kz_session *card, struct identify *id)
{
	enum card_error err = kz_session_begin(kz, card);

	if (err == CARD_OK)
		err = kz_session_end(card, read_certificate(card, card_grant_own_card(), id));
	if (err == CARD_OK)
		err = identify_certificate(id);
	return err == CARD_OK ? KZ_GO : kz_session_fail(kz, card, err);
}

int identify_run(struct kz *kz, struct kz_session *card, const card_cvca_t *cas,
		 struct identify *id)
{
	const bool number_b = id->route == IDENTIFY_NUMBER_B;
	/* Number B goes to two applications, so its digits are needed here. */
	const struct kz_entry entry = {.pin = number_b ? CARD_PIN_SURFACE_NUMBER_B : CARD_PIN_TEXT,
				       .last_try = id->last_try,
				       .no_pinpad = number_b};
	struct kz_secret secret;
	struct stop stop = {.at_secret = false};
	enum card_error err;
	int rc = first_step(kz, card, id);

	if (rc != KZ_GO)
		return rc;
	/* flows C10: past its date it counts no more, and no secret is asked for. */
	if (id->check[CHECK_IN_FORCE] == CARD_CHECK_FAIL)
		return KZ_GO;
	if (id->route == IDENTIFY_CERTIFICATE)
		return certificate_only(kz, card, id);
	rc = kz_secret_ask(kz, card, &entry, &secret);
	if (rc != KZ_GO)
		return rc;
	err = kz_session_begin(kz, card);
	if (err == CARD_OK)
		err = kz_session_end(card, dialogue(kz, card, cas, &secret, id, &stop));
	if (err == CARD_OK)
		err = identify_certificate(id);
	if (err == CARD_OK) {
		conclude(id);
		identify_compare(id,
				 number_b ? card_secret_bytes(secret.value) : card_bytes(NULL, 0));
	} else if (stop.at_secret) {
		rc = kz_secret_fail(kz, card, stop.pin, err, stop.tries);
	} else {
		rc = kz_session_fail(kz, card, err);
	}
	kz_secret_free(&secret);
	return rc;
}

void identify_free(struct identify *id)
{
	card_buf_free(&id->face_bytes);
	card_buf_free(&id->text_bytes);
	card_buf_free(&id->certificate);
	card_wipe(id, sizeof *id);
}

/* ---------------------------------------------------------------- judging */

enum card_error identify_certificate(struct identify *id)
{
	const card_reasons_t expiry = card_reason_bit(CARD_REASON_CERT_EXPIRED) |
				      card_reason_bit(CARD_REASON_ISSUER_EXPIRED);
	struct card_verify_result r;
	struct card_verify_request q = {
		.parts = CARD_VERIFY_PATH | CARD_VERIFY_REVOCATION,
		.certificate = card_buf_bytes(&id->certificate),
		.use = CARD_USE_AUTH,
		.at = id->now,
	};
	enum card_error err;

	if (!id->has_certificate || id->verify == NULL)
		return CARD_OK;
	err = card_verify(id->verify, &q, &r);
	if (err != CARD_OK)
		return err;
	id->check[CHECK_PATH] = r.path;
	id->check[CHECK_REVOCATION] = r.revocation;
	id->reasons = r.reasons;
	/* flows C09: a card outlives its certificates. What is wrong besides stays wrong. */
	id->certificate_expired = card_reasons_have(r.reasons, CARD_REASON_CERT_EXPIRED);
	if (id->certificate_expired &&
	    card_verdict_of(r.reasons & ~expiry) != CARD_VERDICT_INVALID) {
		id->check[CHECK_PATH] = CARD_CHECK_SKIPPED;
		id->check[CHECK_REVOCATION] = CARD_CHECK_SKIPPED;
	}
	return CARD_OK;
}

/* Two dates differ if they are not the same day; of two that are no dates nothing can be said. */
static bool dates_differ(struct card_date a, struct card_date b)
{
	if (!card_date_valid(a) && !card_date_valid(b))
		return false;
	return card_date_compare(a, b) != 0;
}

/* Number B begins with the era's year, month and day of birth and the year of expiry
 * (card-spec 5.1). */
static void compare_number(struct identify *id, struct card_bytes digits)
{
	char want[24];
	int era_year = 0;

	if (digits.n != 14 || !card_date_valid(id->face.birth) ||
	    card_date_era(id->face.birth, &era_year) == CARD_ERA_NONE)
		return;
	snprintf(want, sizeof want, "%02d%02d%02d", era_year % 100, id->face.birth.month,
		 id->face.birth.day);
	id->differs[DIFFER_BIRTH_NUMBER] = memcmp(want, digits.p, 6) != 0;
	if (!card_date_valid(id->face.expiry))
		return;
	snprintf(want, sizeof want, "%04d", id->face.expiry.year);
	id->differs[DIFFER_EXPIRY_NUMBER] = memcmp(want, digits.p + 6, 4) != 0;
}

void identify_compare(struct identify *id, struct card_bytes digits)
{
	id->check[CHECK_CONSISTENCY] = CARD_CHECK_SKIPPED;
	/* With the text record alone there is nothing to compare it with. */
	if (!id->has_face || !id->has_attributes)
		return;
	id->differs[DIFFER_BIRTH_TEXT] = dates_differ(id->face.birth, id->attributes.birth);
	id->differs[DIFFER_SEX_TEXT] = id->face.sex != id->attributes.sex;
	if (id->has_record)
		id->differs[DIFFER_EXPIRY_RECORD] =
			dates_differ(id->face.expiry, id->record.expiry);
	compare_number(id, digits);
	id->check[CHECK_CONSISTENCY] = CARD_CHECK_PASS;
	for (size_t i = 0; i < DIFFER_COUNT; i++) {
		if (id->differs[i])
			id->check[CHECK_CONSISTENCY] = CARD_CHECK_FAIL;
	}
}

/* A check that the route cannot make is not required of it. */
static bool required(const struct identify *id, size_t check)
{
	return check != CHECK_CONSISTENCY || id->route == IDENTIFY_NUMBER_B;
}

enum identify_verdict identify_verdict(const struct identify *id)
{
	enum identify_verdict verdict = VERDICT_VALID;

	for (size_t i = 0; i < CHECK_COUNT; i++) {
		if (id->check[i] == CARD_CHECK_FAIL)
			return VERDICT_INVALID;
		if (id->check[i] != CARD_CHECK_PASS && required(id, i))
			verdict = VERDICT_UNDETERMINED;
	}
	return verdict;
}

const char *identify_person(const struct identify *id, enum identify_face face)
{
	static const enum identify_check proof[] = {CHECK_CHAIN, CHECK_RECORD, CHECK_CHALLENGE,
						    CHECK_IN_FORCE};

	if (face == FACE_DIFFERENT)
		return "refused";
	if (face != FACE_SAME || identify_verdict(id) == VERDICT_INVALID)
		return "undetermined";
	for (size_t i = 0; i < sizeof proof / sizeof *proof; i++) {
		if (id->check[proof[i]] != CARD_CHECK_PASS)
			return "undetermined";
	}
	return "confirmed";
}
