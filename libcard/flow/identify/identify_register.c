/* SPDX-License-Identifier: Apache-2.0 */
/* identify_register.c — steps 3 and 4 of the ladder: the number, and who it belongs to (C22). */
#include "identify_internal.h"

#include <cardflow/case.h>

#include <card/secret.h>

#include <stdio.h>
#include <string.h>

void idcheck_ladder(struct flow_identify *id, enum flow_ladder_step step,
		    enum flow_ladder_result result)
{
	id->v.ladder[step] = result;
}

/* The person of this card, if it is the subject's. */
struct holder {
	char name[512];
	struct card_date birth;
	bool known;
};

static void look_at_card(const struct flow_identify *id, struct holder *h)
{
	if (id->v.agent || id->v.attributes == NULL || id->text.name.n == 0 ||
	    id->text.name.n >= sizeof h->name)
		return;
	memcpy(h->name, id->text.name.p, id->text.name.n);
	h->birth = id->text.birth;
	h->known = true;
}

static enum card_error ask(struct flow_identify *id, flow_register_t *reg,
			   enum flow_ladder_step step, const char *digits, const char *atena,
			   const struct holder *h, struct flow_register_answer *a)
{
	const struct flow_procedure *p = id->v.procedure;
	struct flow_register_query q = {.procedure = p,
					.day = idcheck_today(id),
					.atena = atena,
					.number = digits,
					.strong = id->strong,
					.operator_id = id->who.id,
					.txn = id->txn};

	if (h->known) {
		q.attributes = (p->attributes & (FLOW_ATTR_NAME | FLOW_ATTR_BIRTH_DATE)) |
			       FLOW_ATTR_FORMER_NAME;
		q.name = h->name;
		q.birth = h->birth;
	}
	if (step == FLOW_LADDER_JUKINET) {
		purpose_check(id->setup.rules->purposes, p->purpose, q.day, 0, &q.purpose);
		if (q.purpose != NULL)
			q.attributes &= q.purpose->attributes;
	}
	return flow_register_ask(reg, id->setup.journal, id->setup.rules->purposes, &q, a);
}

/* Is it the same person? Differences that are passed over are marked (R1-17). */
static bool same_person(struct flow_identify *id, const struct holder *h,
			const struct flow_register_answer *a)
{
	bool same = true;

	if (!h->known)
		return true;
	if (a->name[0] != '\0') {
		id->v.name_compared = true;
		id->v.name_differs = !flow_name_compare(h->name, a->name, a->former_name, a->alias,
							&id->v.name_marks);
		same = !id->v.name_differs;
		if (id->v.name_differs)
			idcheck_code(id, "name_differs");
		else if (id->v.name_marks != 0)
			idcheck_code(id, "name_marked");
	}
	if (card_date_valid(a->birth) && card_date_compare(a->birth, h->birth) != 0) {
		idcheck_code(id, "birth_differs");
		same = false;
	}
	return same;
}

static enum card_error open_case(struct flow_identify *id)
{
	struct flow_case c = {
		.kind = "number_changed", .opened = idcheck_today(id), .since = id->v.number_since};
	enum card_error err;

	snprintf(c.id, sizeof c.id, "%s", id->record_id);
	snprintf(c.subject, sizeof c.subject, "%s", id->subject);
	snprintf(c.organ, sizeof c.organ, "%s", id->who.organ);
	snprintf(c.by, sizeof c.by, "%s", id->who.id);
	err = idcheck_note(id, "correction-case", JOURNAL_EVENT, JOURNAL_OK,
			   "old_card_to_be_collected");
	return err == CARD_OK ? flow_case_open(id->setup.store, &c) : err;
}

/* What one register said. */
static enum card_error conclude(struct flow_identify *id, enum flow_ladder_step step, bool same,
				const struct flow_register_answer *a, const char **code,
				enum journal_result *result)
{
	if (!same) {
		id->v.supervisor = true;
		idcheck_ladder(id, step, FLOW_LADDER_UNDETERMINED);
		*code = "attribute_differs";
		return CARD_OK;
	}
	switch (a->number) {
	case FLOW_NUMBER_EQUAL:
		id->v.number = FLOW_NUMBER_CONFIRMED;
		idcheck_ladder(id, step, FLOW_LADDER_CONFIRMED);
		*code = "number_equal";
		*result = JOURNAL_OK;
		return CARD_OK;
	case FLOW_NUMBER_EARLIER:
		id->v.number = FLOW_NUMBER_CHANGED;
		id->v.number_since = a->number_since;
		memcpy(id->v.history, a->history, sizeof id->v.history);
		id->v.periods = a->periods;
		idcheck_ladder(id, step, FLOW_LADDER_CHANGED);
		*code = "number_changed";
		return open_case(id);
	case FLOW_NUMBER_DIFFERENT:
		id->v.number = FLOW_NUMBER_MISMATCH;
		id->v.supervisor = true;
		idcheck_ladder(id, step, FLOW_LADDER_MISMATCH);
		*code = "number_mismatch";
		*result = JOURNAL_REFUSED;
		return CARD_OK;
	default:
		idcheck_ladder(id, step, FLOW_LADDER_UNDETERMINED);
		return CARD_OK;
	}
}

enum card_error idcheck_registers(struct flow_identify *id, const char *digits, const char *atena,
				  bool from_card)
{
	flow_register_t *const all[] = {id->setup.reg, id->setup.juki, id->setup.jukinet};
	struct flow_register_answer a = {.number = FLOW_NUMBER_SILENT};
	struct holder h = {.known = false};
	const char *code = "number_undetermined";
	enum journal_result result = JOURNAL_UNDETERMINED;
	enum card_error err = CARD_OK;
	bool connected = false;

	id->read |= FLOW_ATTR_MY_NUMBER;
	id->v.number = FLOW_NUMBER_UNDETERMINED;
	idcheck_ladder(id, FLOW_LADDER_CARD,
		       from_card ? FLOW_LADDER_CONFIRMED : FLOW_LADDER_UNDETERMINED);
	look_at_card(id, &h);
	/* Each step only if the one before could not tell. */
	for (size_t i = 0; i < 3 && err == CARD_OK && a.number == FLOW_NUMBER_SILENT; i++) {
		const enum flow_ladder_step step = (enum flow_ladder_step)(FLOW_LADDER_ATENA + i);

		if (all[i] == NULL)
			continue;
		connected = true;
		err = ask(id, all[i], step, digits, atena, &h, &a);
		if (err == CARD_ERR_DENIED) {
			idcheck_code(id, a.refused);
			idcheck_ladder(id, step, FLOW_LADDER_REFUSED);
			a.number = FLOW_NUMBER_SILENT;
			err = CARD_OK;
		} else if (err == CARD_OK) {
			err = conclude(id, step, same_person(id, &h, &a), &a, &code, &result);
		}
	}
	if (!connected && from_card) {
		/* No register belongs to this place: ladder step 1 is all there is. */
		id->v.number = FLOW_NUMBER_CONFIRMED;
		code = "number_by_card";
		result = JOURNAL_OK;
	}
	card_wipe(&a, sizeof a);
	card_wipe(&h, sizeof h);
	return err == CARD_OK ? idcheck_step(id, "C22", FLOW_DECIDED, result, code) : err;
}
