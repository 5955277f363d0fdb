/* SPDX-License-Identifier: Apache-2.0 */
/*
 * identify_secret.c — what happens with a card and a secret (C11–C19).
 *
 * Commands, one transaction, cleared at its end: route number B: surface 3 + 1 a block of the face + 4,
 * text 3 + 1 + 9 (card/authenticity.h), certificate 1 + 1 a block where its status is required; route
 * PIN: the same without the surface. Its status is asked for after the card was left; a source of card
 * states reads what it wants inside the transaction (card_status.c of the command: 2).
 */
#include "identify_internal.h"

#include <stdio.h>
#include <string.h>

struct second {
	bool at_secret;
	int tries;
	struct card_authenticity surface, text;
	enum flow_status status;
};

static enum card_error present(card_channel_t *ch, enum card_pin pin, const card_secret_t *secret,
			       unsigned flags, struct second *s)
{
	enum card_error err;

	s->at_secret = true;
	err = card_pin_verify(ch, pin, secret, flags, &s->tries);
	s->at_secret = err != CARD_OK;
	return err;
}

static enum card_error read_surface(struct flow_identify *id, card_channel_t *ch, struct second *s)
{
	const struct card_authenticity_input in = {
		.face = &id->face, .challenge = idcheck_requires(id, FLOW_CHECK_CARD_CHALLENGE)};
	enum card_error err = card_surface_read_face(ch, id->grant, &id->face_bytes, &id->face);

	if (err != CARD_OK)
		return err;
	id->v.face = &id->face;
	id->read |= FLOW_ATTR_PHOTO;
	return card_authenticity_surface(ch, id->setup.cas, &in, &s->surface);
}

/* The record comes as a whole; the rest of it is compared, never shown (C19, R1-10). */
static void show_permitted(struct flow_identify *id)
{
	id->shown = (struct card_text_attributes){.sex = '\0'};
	if ((id->attributes & FLOW_ATTR_NAME) != 0)
		id->shown.name = id->text.name;
	if ((id->attributes & FLOW_ATTR_ADDRESS) != 0)
		id->shown.address = id->text.address;
	if ((id->attributes & FLOW_ATTR_BIRTH_DATE) != 0)
		id->shown.birth = id->text.birth;
	if ((id->attributes & FLOW_ATTR_SEX) != 0)
		id->shown.sex = id->text.sex;
	id->v.attributes = &id->shown;
}

static enum card_error read_text(struct flow_identify *id, card_channel_t *ch, struct second *s)
{
	const struct card_authenticity_input in = {
		.attributes = &id->text,
		.challenge = idcheck_requires(id, FLOW_CHECK_CARD_CHALLENGE)};
	enum card_error err = card_text_read_attributes(ch, id->grant, &id->text_bytes, &id->text);

	if (err != CARD_OK)
		return err;
	show_permitted(id);
	id->read |= id->attributes &
		    (FLOW_ATTR_NAME | FLOW_ATTR_ADDRESS | FLOW_ATTR_BIRTH_DATE | FLOW_ATTR_SEX);
	return card_authenticity_text(ch, id->setup.cas, &in, &s->text);
}

static enum card_error dialogue(struct flow_identify *id, card_channel_t *ch, enum flow_route route,
				const card_secret_t *secret, unsigned flags, struct second *s)
{
	enum card_error err = CARD_OK;

	if (route == FLOW_ROUTE_NUMBER_B) {
		err = present(ch, CARD_PIN_SURFACE_NUMBER_B, secret, flags, s);
		if (err == CARD_OK)
			err = read_surface(id, ch, s);
	}
	if (err == CARD_OK)
		err = present(ch, route == FLOW_ROUTE_PIN ? CARD_PIN_TEXT : CARD_PIN_TEXT_NUMBER_B,
			      secret, flags, s);
	if (err == CARD_OK)
		err = read_text(id, ch, s);
	if (err == CARD_OK && idcheck_wants_certificate(id) && id->setup.verify != NULL)
		err = idcheck_certificate(id, ch);
	if (err == CARD_OK && idcheck_wants_state(id) && id->setup.status != NULL)
		s->status = id->setup.status(id->setup.status_ctx, ch);
	return err;
}

/* C11–C13 */
static enum card_error secret_failed(struct flow_identify *id, enum flow_route route,
				     const struct second *s, enum card_error why)
{
	enum flow_state next = FLOW_SECRET;
	enum card_error err;

	idcheck_wipe(id);
	id->v.tries = s->tries;
	if (why == CARD_ERR_PIN_FORMAT)
		return why;
	if (why == CARD_ERR_PIN_LOCKED || (why == CARD_ERR_PIN_WRONG && s->tries == 0)) {
		id->locked[route] = true;
		/* The other route, unless that is locked too. */
		if (id->locked[FLOW_ROUTE_NUMBER_B] && id->locked[FLOW_ROUTE_PIN])
			next = FLOW_EVIDENCE;
		err = idcheck_step(id, "C11", next, JOURNAL_REFUSED, "locked");
		why = CARD_ERR_PIN_LOCKED;
	} else if (why == CARD_ERR_LAST_TRY) {
		err = idcheck_step(id, "C12", next, JOURNAL_REFUSED, "last_try");
	} else {
		err = idcheck_step(id, "C13", next, JOURNAL_REFUSED, "secret_wrong");
	}
	return err == CARD_OK ? why : err;
}

static void conclude(struct flow_identify *id, enum flow_route route, const struct second *s)
{
	enum card_check *c = id->v.check;

	c[FLOW_CHECK_CARD_CHAIN] = s->text.chain;
	c[FLOW_CHECK_RECORD_SIGNATURE] = s->text.record;
	c[FLOW_CHECK_CARD_CHALLENGE] = s->text.challenge;
	if (route == FLOW_ROUTE_NUMBER_B) {
		c[FLOW_CHECK_CARD_CHAIN] = card_check_and(s->text.chain, s->surface.chain);
		c[FLOW_CHECK_RECORD_SIGNATURE] = card_check_and(s->text.record, s->surface.record);
		c[FLOW_CHECK_CARD_CHALLENGE] =
			card_check_and(s->text.challenge, s->surface.challenge);
	}
	id->v.test = id->v.test || s->text.test || s->surface.test;
	if (s->status == FLOW_STATUS_SUSPENDED || s->status == FLOW_STATUS_ABOLISHED)
		c[FLOW_CHECK_IN_FORCE] = CARD_CHECK_FAIL;
	if (idcheck_wants_certificate(id) && s->status != FLOW_STATUS_UNKNOWN &&
	    (id->setup.verify == NULL || s->status != FLOW_STATUS_GOOD))
		c[FLOW_CHECK_REVOCATION] =
			s->status == FLOW_STATUS_GOOD ? CARD_CHECK_PASS : CARD_CHECK_FAIL;
	idcheck_compare(id);
}

/* C16 */
static enum card_error forged(struct flow_identify *id)
{
	static const char *const codes[] = {"card_chain_broken", "record_signature_wrong",
					    "card_challenge_wrong"};
	enum card_error err;

	for (size_t i = 0; i < 3; i++) {
		if (id->v.check[i] == CARD_CHECK_FAIL)
			idcheck_code(id, codes[i]);
	}
	id->v.card = FLOW_CARD_INVALID;
	id->v.supervisor = true;
	idcheck_ladder(id, FLOW_LADDER_CARD, FLOW_LADDER_REFUSED);
	idcheck_mask(id);
	err = idcheck_end(id, "C16", FLOW_CLOSED, JOURNAL_REFUSED, "suspected_forgery");
	return err == CARD_OK ? CARD_ERR_DENIED : err;
}

static enum card_error judge(struct flow_identify *id, enum flow_status s)
{
	struct idcheck_status st;
	enum card_error err = idcheck_note(id, "card-read", JOURNAL_EVENT, JOURNAL_OK, "card_read");

	if (err != CARD_OK)
		return err;
	/* C14: the secret was right; C15, C16 */
	for (size_t i = 0; i <= FLOW_CHECK_CARD_CHALLENGE; i++) {
		if (id->v.check[i] == CARD_CHECK_FAIL)
			return forged(id);
	}
	st = idcheck_status(id, s);
	idcheck_mask(id);
	if (st.code != NULL) {
		id->v.card = st.invalid ? FLOW_CARD_INVALID : FLOW_CARD_UNDETERMINED;
		id->v.supervisor |= st.supervisor;
		idcheck_ladder(id, FLOW_LADDER_CARD,
			       st.invalid ? FLOW_LADDER_REFUSED : FLOW_LADDER_UNDETERMINED);
		idcheck_wipe(id);
		return idcheck_step(id, "C18", FLOW_EVIDENCE,
				    st.invalid ? JOURNAL_REFUSED : JOURNAL_UNDETERMINED, st.code);
	}
	id->v.card = FLOW_CARD_VALID;
	if (id->v.check[FLOW_CHECK_CONSISTENCY] == CARD_CHECK_FAIL &&
	    (id->v.procedure->required_checks & 1u << FLOW_CHECK_CONSISTENCY))
		id->v.card = FLOW_CARD_INVALID;
	return idcheck_step(id, "C19", FLOW_COMPARING, JOURNAL_OK, NULL);
}

enum card_error flow_identify_secret(flow_identify_t *id, card_channel_t *ch, enum flow_route route,
				     const card_secret_t *secret, unsigned flags, int *tries)
{
	struct second s = {.tries = CARD_TRIES_UNKNOWN};
	enum card_error err = idcheck_expect(id, IN(FLOW_SECRET)), begun;

	if (tries != NULL)
		*tries = CARD_TRIES_UNKNOWN;
	if (err != CARD_OK)
		return err;
	if (ch == NULL || secret == NULL || (unsigned)route > FLOW_ROUTE_PIN)
		return CARD_ERR_INVALID_ARGUMENT;
	id->last = idcheck_now(id);
	if (route == FLOW_ROUTE_NUMBER_B && card_secret_bytes(secret).n == 14)
		snprintf(id->number_b, sizeof id->number_b, "%.10s",
			 (const char *)card_secret_bytes(secret).p);
	begun = card_channel_begin(ch, 0);
	err = idcheck_transact(
		ch, begun, begun == CARD_OK ? dialogue(id, ch, route, secret, flags, &s) : begun);
	if (tries != NULL)
		*tries = s.tries;
	if (idcheck_gone_error(err))
		return idcheck_gone(id, err);
	if (err != CARD_OK && s.at_secret)
		return secret_failed(id, route, &s, err);
	if (err != CARD_OK) {
		/* A record that cannot be read in the middle: as a chip that cannot. */
		idcheck_wipe(id);
		id->unreadable++;
		idcheck_step(id, "C07", FLOW_CARD_WAITING, JOURNAL_FAILED, "record_unreadable");
		return err;
	}
	id->v.row = "C15";
	conclude(id, route, &s);
	err = idcheck_verify(id);
	if (err != CARD_OK) {
		idcheck_wipe(id);
		idcheck_step(id, "C18", FLOW_EVIDENCE, JOURNAL_FAILED, "status_unknown");
		return err;
	}
	return judge(id, s.status);
}
