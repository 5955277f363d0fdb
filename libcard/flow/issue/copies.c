/* SPDX-License-Identifier: Apache-2.0 */
/* copies.c — what a step does to a transaction's copies and money (rules PD-17, PD-18). */
#include <cardflow/issue_transaction.h>

#include <string.h>

unsigned flow_issue_valid(const struct flow_issue_transaction *t)
{
	unsigned n = 0;

	for (size_t i = 0; i < t->numbers; i++)
		n += t->copy[i].state == FLOW_ISSUE_COPY_VALID;
	return n;
}

long flow_issue_owed(const struct flow_issue_transaction *t)
{
	return t->fee * (long)(t->copies - flow_issue_valid(t));
}

const struct flow_issue_copy *flow_issue_copy_at(const struct flow_issue_transaction *t,
						 unsigned place)
{
	for (size_t i = t->numbers; i > 0; i--) {
		if (t->copy[i - 1].place == place)
			return &t->copy[i - 1];
	}
	return NULL;
}

/* Every place without valid paper gets a new number. */
static enum card_error number_copies(struct flow_issue_transaction *t,
				     const struct flow_issue_facts *f, unsigned attempt)
{
	size_t used = 0;

	for (unsigned place = 1; place <= t->copies; place++) {
		const struct flow_issue_copy *old = flow_issue_copy_at(t, place);
		struct flow_issue_copy *c = &t->copy[t->numbers];

		if (old != NULL && old->state == FLOW_ISSUE_COPY_VALID)
			continue;
		if (f == NULL || used == f->numbers || f->number[used][0] == '\0' ||
		    t->numbers == 2u * FLOW_ISSUE_COPIES_MAX)
			return CARD_ERR_INVALID_ARGUMENT;
		memset(c, 0, sizeof *c);
		memcpy(c->number, f->number[used++], sizeof c->number);
		c->number[FLOW_ISSUE_NUMBER] = '\0';
		c->place = place;
		c->attempt = attempt;
		c->state = FLOW_ISSUE_COPY_PLANNED;
		t->numbers++;
	}
	return CARD_OK;
}

static void end_copies(struct flow_issue_transaction *t, const struct flow_issue_facts *f,
		       unsigned effects)
{
	for (size_t i = 0; i < t->numbers; i++) {
		struct flow_issue_copy *c = &t->copy[i];

		if (c->state != FLOW_ISSUE_COPY_PLANNED)
			continue;
		if (f != NULL && f->sheets != NULL)
			c->sheets = f->sheets[c->place - 1];
		if ((effects & FLOW_ISSUE_DO_FINISH) != 0 &&
		    ((effects & FLOW_ISSUE_DO_VOID) == 0 ||
		     (f != NULL && f->complete != NULL && f->complete[c->place - 1])))
			c->state = FLOW_ISSUE_COPY_VALID;
		else if ((effects & FLOW_ISSUE_DO_VOID) != 0)
			c->state = FLOW_ISSUE_COPY_VOID;
	}
}

/* A fault after which every copy is complete is no fault: the caller asks for that event. */
static bool contradicts(const struct flow_issue_transaction *t, const struct flow_issue_facts *f,
			unsigned effects)
{
	const unsigned both = FLOW_ISSUE_DO_FINISH | FLOW_ISSUE_DO_VOID;

	if ((effects & both) != both)
		return false;
	for (unsigned place = 1; place <= t->copies; place++) {
		const struct flow_issue_copy *c = flow_issue_copy_at(t, place);

		if (c == NULL || (c->state == FLOW_ISSUE_COPY_PLANNED &&
				  (f == NULL || f->complete == NULL || !f->complete[place - 1])))
			return false;
	}
	return true;
}

static enum card_error move_money(struct flow_issue_transaction *t,
				  const struct flow_issue_facts *f, const struct flow_issue_rule *r)
{
	if ((r->effects & FLOW_ISSUE_DO_PREPARE_REFUND) != 0) {
		if (t->fee <= 0 || f == NULL || f->payment == NULL || f->refund == NULL)
			return CARD_ERR_INVALID_ARGUMENT;
		memcpy(t->payment, f->payment, 16);
		memcpy(t->refund, f->refund, 16);
		t->money = FLOW_ISSUE_MONEY_OPEN;
		t->refund_state = FLOW_ISSUE_REFUND_PREPARED;
		t->refund_amount = flow_issue_owed(t);
	}
	if (r->event == FLOW_ISSUE_ON_CONFIRMED_FREE && t->fee != 0)
		return CARD_ERR_INVALID_ARGUMENT;
	if (r->event == FLOW_ISSUE_ON_PAID || r->event == FLOW_ISSUE_ON_FOUND_SETTLED ||
	    r->event == FLOW_ISSUE_ON_SETTLED_AFTER_RESTART) {
		t->money = FLOW_ISSUE_MONEY_SETTLED;
		t->paid = t->fee * (long)t->copies;
	}
	if ((r->effects & FLOW_ISSUE_DO_CANCEL_REFUND) != 0 &&
	    t->refund_state == FLOW_ISSUE_REFUND_PREPARED) {
		t->refund_state = FLOW_ISSUE_REFUND_CANCELLED;
		t->refund_amount = 0;
		if (t->money == FLOW_ISSUE_MONEY_OPEN)
			t->money = FLOW_ISSUE_MONEY_DEAD;
	}
	if ((r->effects & FLOW_ISSUE_DO_EFFECT_REFUND) != 0 &&
	    t->refund_state == FLOW_ISSUE_REFUND_PREPARED) {
		t->refund_state = FLOW_ISSUE_REFUND_EFFECTIVE;
		t->refund_amount = flow_issue_owed(t);
	}
	if ((r->effects & FLOW_ISSUE_DO_PAY_REFUND) != 0 &&
	    t->refund_state == FLOW_ISSUE_REFUND_EFFECTIVE)
		t->refund_state = FLOW_ISSUE_REFUND_PAID;
	return CARD_OK;
}

enum card_error flow_issue_step(struct flow_issue_transaction *t, enum flow_issue_event event,
				const struct flow_issue_facts *facts,
				const struct flow_issue_rule **taken)
{
	const struct flow_issue_rule *r = flow_issue_find(t->state, event, t->resumed);
	struct flow_issue_transaction next = *t;
	enum card_error err = CARD_OK;

	if (r == NULL)
		return CARD_ERR_BAD_STATE;
	if (t->copies > FLOW_ISSUE_COPIES_MAX || t->fee < 0 || contradicts(t, facts, r->effects))
		return CARD_ERR_INVALID_ARGUMENT;
	if ((r->effects & FLOW_ISSUE_DO_COPIES) != 0)
		err = number_copies(&next, facts, r->event == FLOW_ISSUE_ON_RESUME ? 2 : 1);
	if (err == CARD_OK && (r->effects & FLOW_ISSUE_DO_PERMIT) != 0) {
		if (facts == NULL || facts->permit == NULL)
			return CARD_ERR_INVALID_ARGUMENT;
		memcpy(next.permit, facts->permit, sizeof next.permit);
	}
	end_copies(&next, facts, r->effects);
	if (err == CARD_OK)
		err = move_money(&next, facts, r);
	if (err != CARD_OK)
		return err;
	if (event == FLOW_ISSUE_ON_RESUME)
		next.resumed = true;
	if (r->to != FLOW_ISSUE_STATES_)
		next.state = r->to;
	if (next.state != FLOW_ISSUE_PRINTING)
		memset(next.permit, 0, sizeof next.permit);
	next.row = r->row;
	next.code = r->code;
	*t = next;
	if (taken != NULL)
		*taken = r;
	return CARD_OK;
}
