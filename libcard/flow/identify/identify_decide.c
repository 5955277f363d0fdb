/* SPDX-License-Identifier: Apache-2.0 */
/* identify_decide.c — the operator's answer, the number, documents, the decision (C20–C25). */
#include "identify_internal.h"

#include <card/text.h>

#include <stdio.h>
#include <string.h>

static const char *why_not(enum flow_face face, enum flow_seen seen)
{
	static const char *const codes[] = {NULL, "attribute_differs", "face_tampered",
					    "address_not_endorsed"};

	if (seen != FLOW_SEEN_SAME)
		return codes[seen];
	return face == FLOW_FACE_DIFFERENT ? "face_different" : "face_unsure";
}

enum card_error flow_identify_answer(flow_identify_t *id, enum flow_face face, enum flow_seen seen)
{
	enum card_error err = idcheck_expect(id, IN(FLOW_COMPARING));

	if (err != CARD_OK)
		return err;
	if ((unsigned)face > FLOW_FACE_UNSURE || (unsigned)seen > FLOW_SEEN_ADDRESS)
		return CARD_ERR_INVALID_ARGUMENT;
	if (seen == FLOW_SEEN_SAME && id->v.check[FLOW_CHECK_CONSISTENCY] == CARD_CHECK_FAIL)
		seen = FLOW_SEEN_TEXT;
	if (face == FLOW_FACE_SAME && seen == FLOW_SEEN_SAME) {
		id->v.person = FLOW_PERSON_CONFIRMED;
		return idcheck_step(id, "C20", id->with_number ? FLOW_NUMBER : FLOW_DECIDED,
				    JOURNAL_OK, "face_same");
	}
	/* C21 */
	id->v.person = face == FLOW_FACE_DIFFERENT ? FLOW_PERSON_REFUSED : FLOW_PERSON_UNDETERMINED;
	id->v.supervisor = true;
	idcheck_wipe(id);
	return idcheck_step(id, "C21", FLOW_EVIDENCE,
			    face == FLOW_FACE_DIFFERENT ? JOURNAL_REFUSED : JOURNAL_UNDETERMINED,
			    why_not(face, seen));
}

/* ---------------------------------------------------------------- the number */

struct number {
	char digits[13];
	bool at_secret;
	int tries;
	struct card_authenticity auth;
};

static enum card_error read_number(struct flow_identify *id, card_channel_t *ch, enum card_pin pin,
				   const card_secret_t *secret, unsigned flags, struct number *n)
{
	struct card_authenticity_input in = {.challenge = false};
	card_buf_t record = {0};
	enum card_error err;

	n->at_secret = true;
	err = card_pin_verify(ch, pin, secret, flags, &n->tries);
	if (err != CARD_OK)
		return err;
	n->at_secret = false;
	err = card_text_read_number(ch, id->grant, &record, n->digits);
	in.text_number = card_buf_bytes(&record);
	/* rules 8.2: a wrong check digit is refused before any other step. */
	if (err == CARD_OK && card_number_valid(n->digits))
		err = card_authenticity_text(ch, id->setup.cas, &in, &n->auth);
	card_buf_free(&record);
	return err;
}

/* The number as written on a form. */
static enum card_error typed_number(struct flow_identify *id, const card_secret_t *secret,
				    const char *atena)
{
	const struct card_bytes p = card_secret_bytes(secret);
	char digits[13] = "";
	enum card_error err;

	if (p.n == 12)
		memcpy(digits, p.p, 12);
	if (!card_number_valid(digits))
		return CARD_ERR_PIN_FORMAT;
	err = idcheck_registers(id, digits, atena, false);
	card_wipe(digits, sizeof digits);
	return err;
}

enum card_error flow_identify_number(flow_identify_t *id, card_channel_t *ch, enum card_pin pin,
				     const card_secret_t *secret, unsigned flags, const char *atena,
				     int *tries)
{
	struct number n = {.tries = CARD_TRIES_UNKNOWN};
	enum card_error err = idcheck_expect(id, IN(FLOW_NUMBER)), begun;

	if (tries != NULL)
		*tries = CARD_TRIES_UNKNOWN;
	if (err != CARD_OK)
		return err;
	if (secret == NULL || (ch != NULL && pin != CARD_PIN_TEXT && pin != CARD_PIN_TEXT_NUMBER_A))
		return CARD_ERR_INVALID_ARGUMENT;
	id->last = idcheck_now(id);
	if (ch == NULL)
		return typed_number(id, secret, atena);
	if (id->v.agent) {
		/* The card on the reader is the agent's. */
		err = idcheck_note(id, "read-refused", JOURNAL_EVENT, JOURNAL_REFUSED,
				   "number_of_the_agent");
		return err == CARD_OK ? CARD_ERR_DENIED : err;
	}
	begun = card_channel_begin(ch, 0);
	err = begun == CARD_OK ? read_number(id, ch, pin, secret, flags, &n) : begun;
	if (begun == CARD_OK)
		card_channel_end(ch);
	if (tries != NULL)
		*tries = n.tries;
	if (err != CARD_OK) {
		const enum card_error noted =
			idcheck_note(id, "identity-check", JOURNAL_EVENT, JOURNAL_FAILED,
				     n.at_secret ? "secret_wrong" : "number_not_read");

		card_wipe(&n, sizeof n);
		return noted == CARD_OK ? err : noted;
	}
	if (!card_number_valid(n.digits) || n.auth.record == CARD_CHECK_FAIL ||
	    n.auth.chain == CARD_CHECK_FAIL) {
		id->v.number = FLOW_NUMBER_MISMATCH;
		id->v.supervisor = true;
		err = idcheck_step(id, "C22", FLOW_DECIDED, JOURNAL_REFUSED,
				   card_number_valid(n.digits) ? "number_not_authentic"
							       : "number_check_digit");
	} else {
		err = idcheck_registers(id, n.digits, atena,
					id->v.card == FLOW_CARD_VALID &&
						n.auth.record == CARD_CHECK_PASS &&
						n.auth.chain == CARD_CHECK_PASS);
	}
	card_wipe(&n, sizeof n);
	return err;
}

/* ---------------------------------------------------------------- documents */

/* rules 3.6: kind, expiry, reference with all but its end hidden, and what it counted for. */
static void write_documents(struct flow_identify *id, const struct flow_document *documents,
			    size_t n)
{
	size_t used = 0;

	for (size_t i = 0; i < n && used < sizeof id->documents - 80; i++) {
		char expiry[11], reference[FLOW_REFERENCE_TEXT];

		card_date_format(documents[i].expiry, expiry);
		flow_reference_mask(documents[i].reference, reference);
		used += (size_t)snprintf(id->documents + used, sizeof id->documents - used,
					 "%s%.30s%s%s%s%s=%s", i > 0 ? ";" : "", documents[i].kind,
					 *expiry != '\0' ? ":" : "", expiry,
					 *reference != '\0' ? ":" : "", reference,
					 flow_document_result_name(id->evidence.document[i]));
	}
}

/* Steps 2 and 2b of the ladder. */
static void climb(struct flow_identify *id, const struct flow_document *documents, size_t n)
{
	if (!id->with_number)
		return;
	for (size_t i = 0; i < n; i++) {
		const bool counts =
			id->evidence.document[i] == FLOW_DOC_ACCEPTED && id->evidence.number_proven;
		const bool notice = strcmp(documents[i].kind, "tsuchi-card") == 0;

		if (notice || strcmp(documents[i].kind, "juminhyo-bango") == 0)
			idcheck_ladder(id, notice ? FLOW_LADDER_NOTICE : FLOW_LADDER_COPY,
				       counts ? FLOW_LADDER_CONFIRMED : FLOW_LADDER_REFUSED);
	}
}

enum card_error flow_identify_evidence(flow_identify_t *id, const struct flow_document *documents,
				       size_t n)
{
	const char *policy;
	enum card_error err = idcheck_expect(id, IN(FLOW_EVIDENCE));

	if (err != CARD_OK)
		return err;
	for (size_t i = 0; i < n; i++) {
		if (documents == NULL || documents[i].kind == NULL)
			return CARD_ERR_INVALID_ARGUMENT;
	}
	policy = id->v.procedure->evidence_policy;
	/* C07: a card with a broken chip counts as a photo document if the procedure says so. */
	err = flow_evidence_judge(
		id->setup.rules->evidence, policy, idcheck_today(id), documents, n,
		id->unreadable_confirmed && id->v.procedure->unreadable_is_photo, &id->evidence);
	if (err != CARD_OK)
		return err;
	id->v.evidence = &id->evidence;
	snprintf(id->missing, sizeof id->missing, "%s", id->evidence.missing);
	write_documents(id, documents, n);
	climb(id, documents, n);
	err = idcheck_note(id, "identity-check", JOURNAL_EVENT,
			   id->evidence.fulfilled ? JOURNAL_OK : JOURNAL_REFUSED,
			   *id->documents != '\0' ? "documents" : "no_documents");
	if (err != CARD_OK)
		return err;
	/* Who was seen to be another does not become the same by a document. */
	if (!id->evidence.fulfilled || id->v.person == FLOW_PERSON_REFUSED) {
		err = idcheck_end(id, "C23", FLOW_CLOSED, JOURNAL_REFUSED,
				  "evidence_not_fulfilled");
		return err == CARD_OK ? CARD_ERR_DENIED : err;
	}
	id->v.person = FLOW_PERSON_CONFIRMED;
	if (id->with_number && id->evidence.number_proven)
		id->v.number = FLOW_NUMBER_CONFIRMED;
	return idcheck_step(id, "C23",
			    id->with_number && !id->evidence.number_proven ? FLOW_NUMBER
									   : FLOW_DECIDED,
			    JOURNAL_OK, "evidence_fulfilled");
}

/* ---------------------------------------------------------------- the decision */

static enum card_error keep_record(struct flow_identify *id, bool wait)
{
	const struct flow_procedure *p = id->v.procedure;
	struct flow_check_record r = {.version = 1, .received = idcheck_today(id)};
	size_t used;

	snprintf(r.id, sizeof r.id, "%s", id->record_id);
	snprintf(r.procedure, sizeof r.procedure, "%.63s", p->id);
	snprintf(r.organ, sizeof r.organ, "%s", id->who.organ);
	snprintf(r.receiver, sizeof r.receiver, "%s", id->who.id);
	snprintf(r.state, sizeof r.state, "%s", wait ? "received" : "closed");
	snprintf(r.double_check, sizeof r.double_check, "%s",
		 flow_double_check_name(p->double_check));
	snprintf(r.results, sizeof r.results, "card=%s;person=%s;number=%s",
		 flow_card_result_name(id->v.card), flow_person_result_name(id->v.person),
		 flow_number_result_name(id->v.number));
	used = (size_t)snprintf(r.detail, sizeof r.detail, "%.400s;%.400s", id->presenter,
				id->documents);
	for (int s = 0; s < FLOW_LADDER_COUNT_; s++) {
		if (id->v.ladder[s] != FLOW_LADDER_NOT_TRIED)
			used += (size_t)snprintf(r.detail + used, sizeof r.detail - used,
						 ";ladder-%s=%s",
						 flow_ladder_step_name((enum flow_ladder_step)s),
						 flow_ladder_result_name(id->v.ladder[s]));
	}
	for (size_t i = 0; i < id->v.codes && used < sizeof r.detail - 64; i++)
		used += (size_t)snprintf(r.detail + used, sizeof r.detail - used, ";%.50s",
					 id->v.code[i]);
	return flow_check_put(id->setup.store, &r);
}

enum card_error flow_identify_decide(flow_identify_t *id)
{
	enum card_error err = idcheck_expect(id, IN(FLOW_DECIDED));
	bool wait;

	if (err != CARD_OK)
		return err;
	wait = id->v.procedure->double_check != FLOW_DOUBLE_NONE;
	err = keep_record(id, wait);
	if (err != CARD_OK)
		return err;
	return idcheck_end(
		id, "C24", wait ? FLOW_RECEIVED : FLOW_CLOSED,
		id->v.person == FLOW_PERSON_CONFIRMED ? JOURNAL_OK : JOURNAL_UNDETERMINED, NULL);
}

enum card_error flow_identify_tick(flow_identify_t *id)
{
	if (id == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	if (!id->begun || idcheck_now(id) - id->last < FLOW_IDLE_SECONDS)
		return CARD_OK;
	if (id->v.state != FLOW_COMPARING)
		return flow_identify_cancel(id);
	/* C21: no answer. */
	id->v.supervisor = true;
	idcheck_wipe(id);
	return idcheck_step(id, "C21", FLOW_EVIDENCE, JOURNAL_UNDETERMINED, "no_answer");
}
