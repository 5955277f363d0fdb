/* SPDX-License-Identifier: Apache-2.0 */
/*
 * identify_card.c — what happens with a card before a secret is asked for (C06–C10, C17).
 *
 * Commands: at most 6 (common record, tries), one transaction, cleared at its end (design decision 2).
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
bool idcheck_gone_error(enum card_error err)
{
	return err == CARD_ERR_REMOVED || err == CARD_ERR_RESET ||
	       err == CARD_ERR_OUTCOME_UNKNOWN || err == CARD_ERR_NO_CARD ||
	       err == CARD_ERR_READER_BUSY;
}

enum card_error idcheck_gone(struct flow_identify *id, enum card_error why)
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
	int tries[2];
};

static enum card_error read_tries(card_channel_t *ch, enum flow_route route, int tries[2])
{
	enum card_error err;

	tries[0] = tries[1] = CARD_TRIES_UNKNOWN;
	if (route == FLOW_ROUTE_CERTIFICATE)
		return CARD_OK;
	if (route == FLOW_ROUTE_PIN)
		return card_pin_tries(ch, CARD_PIN_TEXT, &tries[0]);
	/* Number B is presented to two applications, each with its own counter. */
	err = card_pin_tries(ch, CARD_PIN_SURFACE_NUMBER_B, &tries[0]);
	return err == CARD_OK ? card_pin_tries(ch, CARD_PIN_TEXT_NUMBER_B, &tries[1]) : err;
}

/* Only a My Number Card has the common record (card-spec 3.5), so the label of the token is asked for
 * only where there is none. */
static enum card_error look(struct flow_identify *id, card_channel_t *ch, enum flow_route route,
			    struct first *f)
{
	enum card_error err = card_common_record(ch, &id->record), told;

	if (err == CARD_OK) {
		f->kind = CARD_TOKEN_CARD;
		f->record = true;
		return read_tries(ch, route, f->tries);
	}
	if (idcheck_gone_error(err))
		return err;
	told = card_token_identify(ch, &f->kind, NULL);
	if (told != CARD_OK)
		return told;
	return f->kind == CARD_TOKEN_CARD ? err : CARD_OK;
}

/* One transaction around the work. */
enum card_error idcheck_transact(card_channel_t *ch, enum card_error begun, enum card_error worked)
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

static int fewer(const int tries[2])
{
	if (tries[1] < 0)
		return tries[0];
	return tries[0] < 0 || tries[1] < tries[0] ? tries[1] : tries[0];
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
	if (idcheck_gone_error(err))
		return idcheck_gone(id, err);
	if (err == CARD_OK)
		err = idcheck_verify(id);
	if (err != CARD_OK)
		return err;
	id->v.card = FLOW_CARD_UNDETERMINED;
	if (told == FLOW_STATUS_SUSPENDED || told == FLOW_STATUS_ABOLISHED)
		idcheck_code(id, told == FLOW_STATUS_SUSPENDED ? "suspended" : "card_abolished");
	if (told == FLOW_STATUS_REVOKED || told == FLOW_STATUS_ON_HOLD ||
	    id->v.check[FLOW_CHECK_REVOCATION] == CARD_CHECK_FAIL)
		idcheck_code(id, "status_not_good");
	return idcheck_step(id, "C09", FLOW_EVIDENCE, JOURNAL_UNDETERMINED, "route_certificate");
}

static enum card_error after_first(struct flow_identify *id, card_channel_t *ch,
				   enum flow_route route, const struct first *f)
{
	id->v.record = &id->record;
	id->read |= FLOW_ATTR_EXPIRY;
	id->v.tries = fewer(f->tries);
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
	err = idcheck_transact(ch, begun, begun == CARD_OK ? look(id, ch, route, &f) : begun);
	if (idcheck_gone_error(err))
		return idcheck_gone(id, err);
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
