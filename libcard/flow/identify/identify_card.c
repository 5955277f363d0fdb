/* SPDX-License-Identifier: Apache-2.0 */
/*
 * identify_card.c — what happens with a card (C06–C19).
 *
 * Commands: the first step at most 6 (token, common record, tries); the second, route number B:
 * surface 3 + 1 a 256 bytes of the face + 4, text 3 + 1 + 9 (card/authenticity.h); route PIN: the
 * text part alone. Each step is one transaction, cleared at its end (design decision 2).
 */
#include "identify_internal.h"

#include <stdio.h>
#include <string.h>

enum card_error flow_identify_no_card(flow_identify_t *id)
{
	const enum card_error err = idcheck_expect(id, IN(FLOW_CARD_WAITING) | IN(FLOW_SECRET));

	if (err != CARD_OK)
		return err;
	if (id->v.state == FLOW_CARD_WAITING)
		id->v.card = FLOW_CARD_NOT_USED;
	return idcheck_step(id, "C06", FLOW_EVIDENCE, JOURNAL_OK, "card_not_used");
}

/* The card left, or another program took it. */
static bool is_gone(enum card_error err)
{
	return err == CARD_ERR_REMOVED || err == CARD_ERR_RESET || err == CARD_ERR_OUTCOME_UNKNOWN ||
	       err == CARD_ERR_NO_CARD || err == CARD_ERR_READER_BUSY;
}

static enum card_error gone(struct flow_identify *id, enum card_error why)
{
	enum card_error err;

	idcheck_wipe(id);
	/* Whatever was known came from a card that may not be the next one. */
	id->v.card = FLOW_CARD_NOT_USED;
	memset(id->v.check, 0, sizeof id->v.check);
	id->v.reasons = 0;
	err = idcheck_step(id, "C17", FLOW_CARD_WAITING, JOURNAL_UNDETERMINED,
			    why == CARD_ERR_OUTCOME_UNKNOWN ? "outcome_unknown" : "card_removed");
	return err == CARD_OK ? why : err;
}

struct first {
	enum card_token_kind kind;
	bool record;
	int tries;
};

/* Of the secret that is presented first. Number B has a second counter in the text application, which
 * is read before it is presented there: asking for it here too would cost two commands and tell no more. */
static enum card_error read_tries(card_channel_t *ch, enum flow_route route, int *tries)
{
	*tries = CARD_TRIES_UNKNOWN;
	if (route == FLOW_ROUTE_CERTIFICATE)
		return CARD_OK;
	return card_pin_tries(ch, route == FLOW_ROUTE_PIN ? CARD_PIN_TEXT : CARD_PIN_SURFACE_NUMBER_B, tries);
}

static enum card_error look(struct flow_identify *id, card_channel_t *ch, enum flow_route route,
			    struct first *f)
{
	enum card_error err = card_token_identify(ch, &f->kind, NULL);

	if (err != CARD_OK || f->kind != CARD_TOKEN_CARD)
		return err;
	err = card_common_record(ch, &id->record);
	f->record = err == CARD_OK;
	return err == CARD_OK ? read_tries(ch, route, &f->tries) : err;
}

/* One transaction around the work. */
static enum card_error transact(card_channel_t *ch, enum card_error begun, enum card_error worked)
{
	const enum card_error ended = begun == CARD_OK ? card_channel_end(ch) : CARD_OK;

	(void)ended; /* that the card went after everything was done spoils nothing */
	return begun != CARD_OK ? begun : worked;
}

/* C08 */
static enum card_error other_token(struct flow_identify *id, enum card_token_kind kind)
{
	static const struct card_date last = {2025, 12, 31}; /* PD-10 */
	const char *code = "other_token";

	if (kind == CARD_TOKEN_UNKNOWN)
		return CARD_ERR_WRONG_TOKEN;
	if (kind == CARD_TOKEN_JUKI && card_date_compare(idcheck_today(id), last) > 0)
		code = "abolished";
	id->v.card = FLOW_CARD_NOT_USED;
	idcheck_code(id, card_token_kind_name(kind));
	return idcheck_step(id, "C08", FLOW_EVIDENCE, JOURNAL_OK, code);
}

/* Route certificate: its status only. It proves neither card nor person. */
static enum card_error certificate_only(struct flow_identify *id, card_channel_t *ch)
{
	enum flow_status told = FLOW_STATUS_UNKNOWN;
	enum card_error err = card_channel_begin(ch, 0);

	if (err == CARD_OK) {
		err = idcheck_certificate(id, ch);
		if (err == CARD_OK && id->setup.status != NULL)
			told = id->setup.status(id->setup.status_ctx, ch);
		card_channel_end(ch);
	}
	if (is_gone(err))
		return gone(id, err);
	if (err == CARD_OK)
		err = idcheck_verify(id);
	if (err != CARD_OK)
		return err;
	id->v.card = FLOW_CARD_UNDETERMINED;
	if (told == FLOW_STATUS_REVOKED || told == FLOW_STATUS_ON_HOLD || told == FLOW_STATUS_SUSPENDED ||
	    id->v.check[FLOW_CHECK_REVOCATION] == CARD_CHECK_FAIL)
		idcheck_code(id, "status_not_good");
	return idcheck_step(id, "C09", FLOW_EVIDENCE, JOURNAL_UNDETERMINED, "route_certificate");
}

static enum card_error after_first(struct flow_identify *id, card_channel_t *ch, enum flow_route route,
				   const struct first *f)
{
	id->v.record = &id->record;
	id->read |= FLOW_ATTR_EXPIRY;
	id->v.tries = f->tries;
	if (card_date_valid(id->record.expiry)) {
		const bool past = card_date_compare(idcheck_today(id), id->record.expiry) > 0;

		id->v.check[FLOW_CHECK_IN_FORCE] = past ? CARD_CHECK_FAIL : CARD_CHECK_PASS;
		if (past) {
			id->v.card = FLOW_CARD_INVALID;
			idcheck_ladder(id, FLOW_LADDER_CARD, FLOW_LADDER_REFUSED);
			return idcheck_step(id, "C10", FLOW_EVIDENCE, JOURNAL_REFUSED, "expired");
		}
	}
	if (route != FLOW_ROUTE_CERTIFICATE)
		return idcheck_step(id, "C09", FLOW_SECRET, JOURNAL_OK, NULL);
	return certificate_only(id, ch);
}

enum card_error flow_identify_card(flow_identify_t *id, card_channel_t *ch, enum flow_route route)
{
	struct first f = {.kind = CARD_TOKEN_UNKNOWN};
	enum card_error err = idcheck_expect(id, IN(FLOW_CARD_WAITING)), begun;

	if (err != CARD_OK)
		return err;
	if (ch == NULL || (unsigned)route > FLOW_ROUTE_CERTIFICATE)
		return CARD_ERR_INVALID_ARGUMENT;
	id->last = idcheck_now(id);
	if (id->setup.block != 0)
		card_channel_set_block(ch, id->setup.block);
	begun = card_channel_begin(ch, 0);
	err = transact(ch, begun, begun == CARD_OK ? look(id, ch, route, &f) : begun);
	if (is_gone(err))
		return gone(id, err);
	id->v.token = f.kind;
	if (err == CARD_OK && f.kind != CARD_TOKEN_CARD)
		err = other_token(id, f.kind);
	else if (err == CARD_OK)
		return after_first(id, ch, route, &f);
	if (err != CARD_OK) {
		id->unreadable++;
		id->v.row = "C07";
	}
	return err;
}

enum card_error flow_identify_reader(flow_identify_t *id, bool second_card_works)
{
	enum card_error err = idcheck_expect(id, IN(FLOW_CARD_WAITING));

	if (err != CARD_OK)
		return err;
	if (id->unreadable < 2)
		return idcheck_expect(id, 0);
	if (!second_card_works) /* the reader, not the card: doctor */
		return idcheck_step(id, "C07", FLOW_CARD_WAITING, JOURNAL_FAILED, "reader_fault");
	id->unreadable_confirmed = true;
	id->v.card = FLOW_CARD_UNDETERMINED;
	return idcheck_step(id, "C07", FLOW_EVIDENCE, JOURNAL_UNDETERMINED, "chip_unreadable");
}

/* ---------------------------------------------------------------- with a secret */

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
		.attributes = &id->text, .challenge = idcheck_requires(id, FLOW_CHECK_CARD_CHALLENGE)};
	enum card_error err = card_text_read_attributes(ch, id->grant, &id->text_bytes, &id->text);

	if (err != CARD_OK)
		return err;
	show_permitted(id);
	id->read |= id->attributes & (FLOW_ATTR_NAME | FLOW_ATTR_ADDRESS | FLOW_ATTR_BIRTH_DATE |
				      FLOW_ATTR_SEX);
	return card_authenticity_text(ch, id->setup.cas, &in, &s->text);
}

static bool wants_status(const struct flow_identify *id)
{
	return idcheck_requires(id, FLOW_CHECK_CERTIFICATE_PATH) ||
	       idcheck_requires(id, FLOW_CHECK_REVOCATION);
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
		err = present(ch, route == FLOW_ROUTE_PIN ? CARD_PIN_TEXT : CARD_PIN_TEXT_NUMBER_B, secret,
			      flags, s);
	if (err == CARD_OK)
		err = read_text(id, ch, s);
	if (err == CARD_OK && wants_status(id) && id->setup.verify != NULL)
		err = idcheck_certificate(id, ch);
	if (err == CARD_OK && wants_status(id) && id->setup.status != NULL)
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
		c[FLOW_CHECK_CARD_CHALLENGE] = card_check_and(s->text.challenge, s->surface.challenge);
	}
	id->v.test = id->v.test || s->text.test || s->surface.test;
	if (wants_status(id) && s->status != FLOW_STATUS_UNKNOWN &&
	    (id->setup.verify == NULL || s->status != FLOW_STATUS_GOOD))
		c[FLOW_CHECK_REVOCATION] = s->status == FLOW_STATUS_GOOD ? CARD_CHECK_PASS : CARD_CHECK_FAIL;
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
	enum card_error err =
		idcheck_note(id, "card-read", JOURNAL_EVENT, JOURNAL_OK, "card_read");

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
	err = transact(ch, begun, begun == CARD_OK ? dialogue(id, ch, route, secret, flags, &s) : begun);
	if (tries != NULL)
		*tries = s.tries;
	if (is_gone(err))
		return gone(id, err);
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
