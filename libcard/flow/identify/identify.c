/* SPDX-License-Identifier: Apache-2.0 */
/* identify.c — the frame of a check: beginning (C01–C05), steps, end. */
#include "identify_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int64_t idcheck_now(const struct flow_identify *id)
{
	return id->setup.clock != NULL ? id->setup.clock(id->setup.clock_ctx) : (int64_t)time(NULL);
}

struct card_date idcheck_today(const struct flow_identify *id)
{
	return card_date_in_japan(idcheck_now(id));
}

enum card_error flow_identify_new(flow_identify_t **out, const struct flow_identify_setup *setup)
{
	flow_identify_t *id;

	if (out == NULL || setup == NULL || setup->rules == NULL || setup->store == NULL ||
	    setup->journal == NULL || setup->terminal == NULL || setup->cas == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	id = calloc(1, sizeof *id);
	if (id == NULL)
		return CARD_ERR_NO_MEMORY;
	id->setup = *setup;
	id->v.row = "";
	id->v.missing = id->missing;
	id->v.operator_id = id->who.id;
	id->v.record_id = id->record_id;
	id->v.txn = id->txn;
	id->v.tries = CARD_TRIES_UNKNOWN;
	id->last = idcheck_now(id);
	*out = id;
	return CARD_OK;
}

void idcheck_wipe(struct flow_identify *id)
{
	card_buf_free(&id->face_bytes);
	card_buf_free(&id->text_bytes);
	card_buf_free(&id->certificate);
	card_wipe(&id->face, sizeof id->face);
	card_wipe(&id->text, sizeof id->text);
	card_wipe(&id->shown, sizeof id->shown);
	card_wipe(id->number_b, sizeof id->number_b);
	id->v.face = NULL;
	id->v.attributes = NULL;
}

void flow_identify_free(flow_identify_t **id)
{
	if (id == NULL || *id == NULL)
		return;
	if ((*id)->begun)
		flow_identify_cancel(*id);
	idcheck_wipe(*id);
	card_grant_free(&(*id)->grant);
	card_wipe(*id, sizeof **id);
	free(*id);
	*id = NULL;
}

struct flow_identify_view flow_identify_view(const flow_identify_t *id)
{
	return id->v;
}

void idcheck_code(struct flow_identify *id, const char *code)
{
	for (size_t i = 0; i < id->v.codes; i++) {
		if (strcmp(id->v.code[i], code) == 0)
			return;
	}
	if (id->v.codes < FLOW_CODES_MAX)
		id->v.code[id->v.codes++] = code;
}

enum card_error idcheck_note(struct flow_identify *id, const char *event, enum journal_phase phase,
			     enum journal_result result, const char *code)
{
	const struct flow_procedure *p = id->v.procedure;
	char basis[200] = "", attributes[128];
	const struct journal_record r = {.event = event,
					 .phase = phase,
					 .result = result,
					 .txn = id->txn,
					 .operator_id = id->who.id,
					 .role = id->who.roles,
					 .organ = id->who.organ,
					 .procedure = p != NULL ? p->id : "",
					 .purpose = p != NULL ? p->purpose : "",
					 .basis = basis,
					 .reason = id->presenter,
					 .subject = id->subject,
					 .attributes = attributes,
					 .code = code};
	enum card_error err;

	/* PD-29: which version of the rule was used. */
	if (p != NULL)
		snprintf(basis, sizeof basis, "%.150s (procedures.csv:%u)", p->number_law, p->line);
	flow_attributes_format(id->read, attributes);
	err = journal_append(id->setup.journal, &r, 1, NULL);
	if (err != CARD_OK) {
		idcheck_code(id, "journal_not_writable");
		idcheck_wipe(id);
		id->begun = false;
		id->v.state = FLOW_CLOSED;
	}
	return err;
}

enum card_error idcheck_step(struct flow_identify *id, const char *row, enum flow_state next,
			     enum journal_result result, const char *code)
{
	enum card_error err = CARD_OK;

	id->v.row = row;
	id->last = idcheck_now(id);
	if (code != NULL) {
		idcheck_code(id, code);
		err = idcheck_note(id, "identity-check", JOURNAL_EVENT, result, code);
	}
	if (err == CARD_OK)
		id->v.state = next;
	return err;
}

/* What a release of a suspended card is proven with (card_admin.h). */
static void add_proof(struct flow_identify *id)
{
	const size_t used = strlen(id->presenter);
	char proof[FLOW_CARDS_PROOF + 1];

	if (id->setup.proof_key != NULL && sizeof id->presenter - used > sizeof proof + 7 &&
	    flow_cards_proof(id->setup.proof_key, id->txn, id->subject, proof) == CARD_OK)
		snprintf(id->presenter + used, sizeof id->presenter - used, ";proof=%s", proof);
}

enum card_error idcheck_end(struct flow_identify *id, const char *row, enum flow_state next,
			    enum journal_result result, const char *code)
{
	char results[200];
	enum card_error err;

	id->v.row = row;
	if (code != NULL)
		idcheck_code(id, code);
	snprintf(results, sizeof results, "card=%s;person=%s;number=%s%s%s",
		 flow_card_result_name(id->v.card), flow_person_result_name(id->v.person),
		 flow_number_result_name(id->v.number), code != NULL ? ";" : "",
		 code != NULL ? code : "");
	if (id->v.person == FLOW_PERSON_CONFIRMED)
		add_proof(id);
	err = idcheck_note(id, "identity-check", JOURNAL_OUTCOME, result, results);
	id->begun = false;
	idcheck_wipe(id);
	if (err == CARD_OK)
		id->v.state = next;
	return err;
}

enum card_error idcheck_expect(struct flow_identify *id, unsigned states)
{
	enum card_error err;

	if (id == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	if ((states & IN(id->v.state)) != 0)
		return CARD_OK;
	/* flows: an event without a row is a programming error: journaled, and nothing changes. */
	err = idcheck_note(id, "identity-check", JOURNAL_EVENT, JOURNAL_FAILED, "bad_state");
	return err == CARD_OK ? CARD_ERR_BAD_STATE : err;
}

/* C01 */
static enum card_error not_proven(struct flow_identify *id, enum flow_login why)
{
	const struct journal_record r = {
		.event = why == FLOW_LOGIN_TERMINAL ? "terminal-refused" : "login-failed",
		.result = JOURNAL_REFUSED,
		.operator_id = id->who.id[0] != '\0' ? id->who.id : "(no session)",
		.reason = id->setup.terminal,
		.code = flow_login_code(why)};
	const enum card_error err = journal_append(id->setup.journal, &r, 1, NULL);

	idcheck_code(id, flow_login_code(why));
	id->v.row = "C01";
	id->v.state = FLOW_CLOSED;
	return err == CARD_OK ? CARD_ERR_DENIED : err;
}

/* C03 */
static enum card_error not_permitted(struct flow_identify *id, const char *code)
{
	const enum card_error err =
		idcheck_note(id, "read-refused", JOURNAL_EVENT, JOURNAL_REFUSED, code);

	idcheck_code(id, code);
	id->v.row = "C03";
	id->v.state = FLOW_CLOSED;
	return err == CARD_OK ? CARD_ERR_DENIED : err;
}

/* NULL, or why this operator may not do this procedure today. */
static const char *why_not(struct flow_identify *id, const char *procedure, unsigned attributes,
			   bool with_number)
{
	const struct flow_procedure *p =
		flow_procedure_find(id->setup.rules->procedures, procedure, idcheck_today(id));
	char what[80];

	if (p == NULL)
		return "procedure_unknown";
	id->v.procedure = p;
	if (p->entity == FLOW_ENTITY_NUMBER_USER && id->setup.entity != FLOW_ENTITY_NUMBER_USER)
		return "entity_class";
	if (*p->purpose != '\0') {
		const enum purpose_answer a = purpose_check(id->setup.rules->purposes, p->purpose,
							    idcheck_today(id), 0, NULL);
		if (a != PURPOSE_OK)
			return purpose_answer_code(a);
	}
	if ((attributes & ~p->attributes) != 0)
		return "attribute_outside_procedure";
	if (with_number && !p->number)
		return "number_outside_procedure";
	snprintf(what, sizeof what, "procedure:%s", p->id);
	if (!flow_right_held(id->setup.store, id->who.id, what, "inquiry"))
		return "no_right";
	if (with_number && !flow_right_held(id->setup.store, id->who.id, what, "number"))
		return "no_right_to_number";
	return NULL;
}

enum card_error flow_identify_start(flow_identify_t *id, const char *token, const char *procedure,
				    unsigned attributes, bool with_number)
{
	struct journal_record intent = {.event = "identity-check"};
	enum card_error err = idcheck_expect(id, IN(FLOW_START));
	enum flow_login why = FLOW_LOGIN_NO_SESSION;
	const char *code;
	long seq;

	if (err != CARD_OK)
		return err;
	err = flow_session_check(id->setup.store, id->setup.terminal, token, idcheck_now(id),
				 &id->who, &id->strong, &why);
	if (err == CARD_ERR_DENIED)
		return not_proven(id, why);
	if (err != CARD_OK)
		return err;
	code = why_not(id, procedure, attributes, with_number);
	if (code != NULL)
		return not_permitted(id, code);
	id->attributes = attributes != 0 ? attributes : id->v.procedure->attributes;
	id->with_number = with_number;
	err = flow_procedure_grant(id->v.procedure, with_number, &id->grant);
	if (err != CARD_OK)
		return err;
	intent.operator_id = id->who.id;
	intent.role = id->who.roles;
	intent.organ = id->who.organ;
	intent.procedure = id->v.procedure->id;
	intent.purpose = id->v.procedure->purpose;
	intent.basis = id->v.procedure->number_law;
	err = journal_intent(id->setup.journal, &intent, id->txn, &seq);
	if (err != CARD_OK) {
		/* C02: without a durable INTENT no card is touched: paper form, late-entry. */
		idcheck_code(id, "journal_not_writable");
		id->v.row = "C02";
		id->v.state = FLOW_CLOSED;
		return err;
	}
	id->begun = true;
	snprintf(id->record_id, sizeof id->record_id, "%s-%ld", id->setup.terminal, seq);
	return idcheck_step(id, "C02", FLOW_AUTHORISED, JOURNAL_OK, NULL);
}

/* rules 3.6: the authority as kind, date and masked reference. */
static void write_authority(struct flow_identify *id, const struct flow_agent *a, bool legal)
{
	size_t used =
		(size_t)snprintf(id->presenter, sizeof id->presenter, "presenter=%s:%.4s:%.20s",
				 legal ? "legal-agent" : "agent", a->agent_case, a->who);

	for (size_t i = 0; i < a->n && used < sizeof id->presenter - 80; i++) {
		char day[11], reference[FLOW_REFERENCE_TEXT];

		card_date_format(a->documents[i].day, day);
		flow_reference_mask(a->documents[i].reference, reference);
		used += (size_t)snprintf(id->presenter + used, sizeof id->presenter - used,
					 "%s%.30s%s%s%s%s", i == 0 ? ";authority=" : "+",
					 a->documents[i].kind, *day != '\0' ? ":" : "", day,
					 *reference != '\0' ? ":" : "", reference);
	}
}

/* C05 */
static enum card_error agent_comes(struct flow_identify *id, const struct flow_agent *agent)
{
	struct flow_agent a = *agent;
	enum card_error err;

	a.visit = idcheck_today(id);
	a.procedure = id->v.procedure->id;
	err = flow_agent_check(id->setup.rules->evidence, &a, &id->authority);
	if (err != CARD_OK)
		return err;
	id->v.authority = &id->authority;
	write_authority(id, &a, id->authority.legal);
	if (id->authority.accepted) {
		id->v.agent = true;
		return idcheck_step(id, "C05", FLOW_CARD_WAITING, JOURNAL_OK, "agent_accepted");
	}
	snprintf(id->missing, sizeof id->missing, "%s", id->authority.missing);
	err = idcheck_step(id, "C05", FLOW_AUTHORISED, JOURNAL_REFUSED, id->authority.code);
	return err == CARD_OK ? CARD_ERR_NOT_FOUND : err;
}

enum card_error flow_identify_presenter(flow_identify_t *id, const struct flow_agent *agent,
					const char *subject)
{
	enum card_error err = idcheck_expect(id, IN(FLOW_AUTHORISED));

	if (err != CARD_OK)
		return err;
	/* With an agent presenter and subject are two: the other one has to be named. */
	if ((subject != NULL && strlen(subject) >= sizeof id->subject) ||
	    (agent != NULL && subject == NULL))
		return CARD_ERR_INVALID_ARGUMENT;
	id->missing[0] = '\0';
	snprintf(id->subject, sizeof id->subject, "%s", subject != NULL ? subject : "");
	if (agent != NULL)
		return agent_comes(id, agent);
	snprintf(id->presenter, sizeof id->presenter, "presenter=self");
	return idcheck_step(id, "C04", FLOW_CARD_WAITING, JOURNAL_OK, NULL);
}

enum card_error flow_identify_cancel(flow_identify_t *id)
{
	char how_far[40];
	enum card_error err =
		idcheck_expect(id, IN(FLOW_AUTHORISED) | IN(FLOW_CARD_WAITING) | IN(FLOW_SECRET) |
					   IN(FLOW_COMPARING) | IN(FLOW_NUMBER) |
					   IN(FLOW_EVIDENCE) | IN(FLOW_DECIDED));

	if (err != CARD_OK)
		return err;
	snprintf(how_far, sizeof how_far, "in %s", flow_state_name(id->v.state));
	snprintf(id->presenter + strlen(id->presenter),
		 sizeof id->presenter - strlen(id->presenter), " %s", how_far);
	return idcheck_end(id, "C25", FLOW_CLOSED, JOURNAL_REFUSED, "cancelled");
}
