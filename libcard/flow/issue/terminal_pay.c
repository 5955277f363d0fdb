/* SPDX-License-Identifier: Apache-2.0 */
/* terminal_pay.c — the card is gone, the printer has all sheets; then, and only then, money (K23–K31). */
#include "terminal.h"

#include <stdio.h>
#include <string.h>

/* Seconds of flows K23. */
#define CARD_ALARM 30
#define CARD_END   90

static enum card_error wait_for_card(struct errand *e)
{
	enum card_error err;

	if (e->t->w.card_gone(e->t->w.ctx, CARD_ALARM))
		return CARD_OK;
	terminal_say(e, FLOW_SCREEN_CARD_LEFT, 0);
	err = link_post(e, "alarm", json_pack("{s:s}", "alarm", "card_left"));
	if (err != CARD_OK || e->t->w.card_gone(e->t->w.ctx, CARD_END))
		return err;
	err = terminal_cancel(e, "forgotten_card");
	if (err == CARD_OK)
		err = notes_block(e->t, "card", e->out->inquiry);
	(void)step_clear(e, TERMINAL_ATTENDANT);
	return err;
}

static json_t *printer_json(const struct flow_printer_state *s, bool answered)
{
	bool ready = answered && s->accepting && s->two_sided && s->fault == FLOW_PRINT_OK;

	return json_pack("{s:b, s:I, s:b, s:[s]}", "idle", answered && s->idle, "sheets",
			 (json_int_t)(s->sheets > 0 ? s->sheets : 0), "ready", ready, "reasons",
			 s->reasons);
}

/* What the store has to see to (K26): one word. */
static const char *missing(const struct errand *e, const struct flow_printer_state *s,
			   bool answered, bool noted)
{
	if (!noted)
		return "journal";
	if (!answered)
		return "printer_silent";
	if (s->fault != FLOW_PRINT_OK)
		return flow_print_fault_code(s->fault);
	if (s->sheets < (int64_t)e->paper.pages * e->paper.copies)
		return "paper";
	return !s->two_sided ? "two_sided" : !s->accepting ? "stopped" : "busy";
}

/* Everything is looked at in the moment before money is asked for (K24–K26). */
static enum card_error confirm(struct errand *e)
{
	struct flow_printer_state printer = {0};
	bool answered = e->t->w.printer(e->t->w.ctx, &printer) == CARD_OK;
	bool noted;
	const char *word;
	enum card_error err;
	bool unready;

	/* An earlier payment id is dead (K29). */
	e->payment[0] = '\0';
	noted = notes_put(e, "delivered", NULL) == CARD_OK;
	word = missing(e, &printer, answered, noted);
	err = link_post(e, "confirm",
			json_pack("{s:b, s:o, s:b, s:I}", "card_gone", 1, "printer",
				  printer_json(&printer, answered), "journal", noted, "amount",
				  (json_int_t)e->amount));
	unready = err == CARD_OK && strcmp(e->out->code, "not_ready") == 0;

	if (unready)
		terminal_event(e->t, "not_ready", word, e->out->inquiry);
	(void)notes_missing(e->t, unready ? word : NULL, e->out->inquiry);
	return err;
}

static enum card_error tell(struct errand *e, const char *result, int64_t amount)
{
	return link_post(e, "payment",
			 json_pack("{s:s, s:s, s:I}", "payment", e->payment, "result", result,
				   "amount", (json_int_t)amount));
}

/* Money that nobody waited for goes back at once, under a record of its own (K31). */
static enum card_error return_surplus(struct errand *e, const char *payment)
{
	const json_t *surplus = json_object_get(e->answer.json, "surplus");
	const char *refund = flow_issue_text(surplus, "refund", 32);
	int64_t amount = json_integer_value(json_object_get(surplus, "amount"));
	enum card_error err;
	char id[33];
	bool paid;

	if (refund == NULL || amount <= 0)
		return CARD_OK;
	snprintf(id, sizeof id, "%s", refund);
	paid = money_returning(e, id) == CARD_OK && e->t->w.give_back(e->t->w.ctx, id, amount);
	terminal_say(e, FLOW_SCREEN_SURPLUS, amount);
	err = link_post(e, "refunded",
			json_pack("{s:s, s:b, s:s}", "refund", id, "paid", paid, "means", "cash"));
	if (err == CARD_OK)
		money_returned(e, id, payment);
	return err;
}

static enum card_error surpluses(struct errand *e)
{
	struct flow_payment_surplus s;
	enum card_error err = CARD_OK;

	while (err == CARD_OK && e->t->w.surplus(e->t->w.ctx, &s)) {
		/* Of somebody before: told at the next start, and not given to who stands here. */
		if (!money_is_of(e, s.id))
			continue;
		err = link_post(e, "payment",
				json_pack("{s:s, s:s, s:I}", "payment", s.id, "result", "late",
					  "amount", (json_int_t)s.amount));
		if (err == CARD_OK)
			err = return_surplus(e, s.id);
	}
	return err;
}

/* The answer was lost: the unit is asked by payment id for 30 s (K30). */
static enum flow_payment_result find_out(struct errand *e, int64_t *paid)
{
	const int64_t until = e->t->w.now(e->t->w.ctx) + e->t->message_seconds;
	enum flow_payment_result r;

	terminal_say(e, FLOW_SCREEN_ASKING, 0);
	for (;;) {
		r = e->t->w.payment(e->t->w.ctx, e->payment, paid);
		if (r != FLOW_PAYMENT_UNKNOWN || e->t->w.now(e->t->w.ctx) >= until)
			return r;
		e->t->w.wait(e->t->w.ctx, 1000);
	}
}

/* One payment under one id. Afterwards the state says what is next. */
static enum card_error take_money(struct errand *e)
{
	const json_t *payment = json_object_get(e->answer.json, "payment");
	const char *id = flow_issue_text(payment, "id", 32);
	enum flow_payment_result r;
	enum card_error err;
	int64_t paid = 0;
	bool asked = false;

	if (id == NULL || json_integer_value(json_object_get(payment, "amount")) != e->amount)
		return terminal_cancel(e, "document_error");
	snprintf(e->payment, sizeof e->payment, "%s", id);
	/* Known after a power cut, before the first coin. */
	if (money_begin(e) != CARD_OK || notes_put(e, "paying", "unknown") != CARD_OK)
		return terminal_cancel(e, "journal");
	terminal_say(e, FLOW_SCREEN_PAY, e->amount);
	r = e->t->w.pay(e->t->w.ctx, e->payment, e->amount, &paid);
	if (r == FLOW_PAYMENT_UNKNOWN) {
		asked = true;
		r = find_out(e, &paid);
	}
	if (r == FLOW_PAYMENT_SETTLED && paid != e->amount) { /* K31, then as not paid */
		err = tell(e, "settled", paid);
		if (err == CARD_OK)
			err = return_surplus(e, e->payment);
		return err == CARD_OK ? tell(e, "declined", 0) : err;
	}
	if (r == FLOW_PAYMENT_SETTLED) {
		err = notes_put(e, "paying", "settled");
		if (err == CARD_OK)
			err = tell(e, asked ? "found_settled" : "settled", paid);
		e->out->paid = e->amount;
		return err;
	}
	if (r == FLOW_PAYMENT_DECLINED)
		return tell(e, "declined", 0);
	return tell(e, r == FLOW_PAYMENT_NOT_SETTLED ? "not_settled" : "unknown", 0);
}

enum card_error step_pay(struct errand *e)
{
	struct flow_terminal_say preview = {
		FLOW_SCREEN_PREVIEW, NULL,  e->out->inquiry, e->amount, e->paper.pages,
		e->paper.copies,     false, e->out->kind};
	enum card_error err;

	err = wait_for_card(e);
	for (unsigned i = 0; err == CARD_OK && link_state(e, "delivered"); i++) {
		if (i == TERMINAL_PAYMENTS)
			return terminal_cancel(e, "cancelled");
		err = e->t->w.confirm(e->t->w.ctx, &preview);
		if (err != CARD_OK)
			return terminal_cancel(e, err == CARD_ERR_TIMEOUT ? "idle" : "cancelled");
		err = confirm(e);
		if (err == CARD_OK && link_state(e, "paid"))
			terminal_say(e, FLOW_SCREEN_FREE, 0);
		if (err == CARD_OK && link_state(e, "paying"))
			err = take_money(e);
		if (err == CARD_OK)
			err = surpluses(e);
	}
	return err;
}

enum card_error step_refund(struct errand *e, const json_t *refund)
{
	const char *id = flow_issue_text(refund, "id", 32);
	char copy[33];
	enum card_error err;
	bool paid;

	if (id == NULL) {
		err = link_post(e, "refund", json_object());
		if (err != CARD_OK)
			return err;
		refund = json_object_get(e->answer.json, "refund");
		id = flow_issue_text(refund, "id", 32);
	}
	if (link_state(e, "refunded")) /* nothing was owed: it was free of charge */
		return CARD_OK;
	if (id == NULL)
		return CARD_ERR_MALFORMED;
	snprintf(copy, sizeof copy, "%s", id);
	e->out->refund = json_integer_value(json_object_get(refund, "amount"));
	paid = e->out->refund == 0 || (money_returning(e, copy) == CARD_OK &&
				       e->t->w.give_back(e->t->w.ctx, copy, e->out->refund));
	e->out->refund_open = !paid;
	terminal_say(e, FLOW_SCREEN_REFUND, e->out->refund);
	err = link_post(
		e, "refunded",
		json_pack("{s:s, s:b, s:s}", "refund", copy, "paid", paid, "means", "cash"));
	if (err == CARD_OK)
		money_returned(e, copy, NULL);
	return err;
}
