/* SPDX-License-Identifier: Apache-2.0 */
/* pay.c — message 6 and refunds (K24–K31, K38, K39). */
#include "exchange.h"

#include <stdio.h>
#include <string.h>

/* idle, sheets for all copies, ready (toner, no jam, covers closed). */
static bool printer_ready(const struct exchange *x, const json_t *printer)
{
	int64_t sheets;
	bool idle, ready;

	return exchange_bool(printer, "idle", &idle) && exchange_bool(printer, "ready", &ready) &&
	       exchange_number(printer, "sheets", 0, 100000, &sheets) && idle && ready &&
	       sheets >= (int64_t)x->row.t.copies * x->row.t.pages;
}

static enum card_error confirm(struct exchange *x, flow_store_t *db)
{
	struct fresh fresh;
	bool gone, journal, stopped;
	int64_t amount;
	char payment[33];
	enum card_error err = fresh_make(&fresh, 0);

	if (err == CARD_OK)
		err = flow_issue_stopped(db, x->row.municipality, x->row.kind, x->terminal,
					 &stopped);
	if (err != CARD_OK)
		return err;
	if (!exchange_bool(x->json, "card_gone", &gone) ||
	    !exchange_bool(x->json, "journal", &journal) ||
	    !exchange_number(x->json, "amount", 0, 10000000, &amount))
		return CARD_ERR_MALFORMED;
	if (x->row.t.state == FLOW_ISSUE_DELIVERED &&
	    amount != x->row.t.fee * (long)x->row.t.copies)
		return CARD_ERR_MALFORMED;
	if (stopped)
		return exchange_step(x, db, FLOW_ISSUE_ON_STOPPED, NULL);
	/* Payment opens only when the card is gone (PD-20). */
	if (!gone)
		return exchange_step(x, db, FLOW_ISSUE_ON_CARD_LEFT, NULL);
	if (!journal || !printer_ready(x, json_object_get(x->json, "printer")))
		return exchange_step(x, db, FLOW_ISSUE_ON_NOT_READY, NULL);
	err = exchange_step(
		x, db, x->row.t.fee > 0 ? FLOW_ISSUE_ON_CONFIRMED : FLOW_ISSUE_ON_CONFIRMED_FREE,
		&fresh.facts);
	if (err == CARD_OK && x->row.t.state == FLOW_ISSUE_PAYING) {
		flow_issue_hex_text(x->row.t.payment, 16, payment);
		x->answer = json_pack("{s:{s:s,s:I}}", "payment", "id", payment, "amount",
				      (json_int_t)amount);
	}
	return err;
}

void exchange_confirm(struct exchange *x, struct center_reply *reply)
{
	exchange_finish(x, confirm, reply);
}

/* A payment that nobody waited for: its own refund, and nothing else changes (K31). */
static enum card_error surplus(struct exchange *x, flow_store_t *db, const char *payment,
			       long amount)
{
	char refund[33], is[33];
	enum card_error err = flow_issue_random_hex(16, refund);

	if (err == CARD_OK && amount <= 0)
		return CARD_ERR_MALFORMED;
	if (err == CARD_OK)
		err = exchange_step(x, db, FLOW_ISSUE_ON_SURPLUS, NULL);
	if (err == CARD_OK)
		err = flow_issue_surplus_add(db, refund, x->id, payment, amount, x->now, is);
	if (err == CARD_OK)
		x->answer = json_pack("{s:{s:s,s:I}}", "surplus", "refund", is, "amount",
				      (json_int_t)amount);
	return err;
}

static enum flow_issue_event result(const char *text)
{
	static const struct {
		const char *text;
		enum flow_issue_event event;
	} known[] = {{"settled", FLOW_ISSUE_ON_PAID},
		     {"found_settled", FLOW_ISSUE_ON_FOUND_SETTLED},
		     {"declined", FLOW_ISSUE_ON_DECLINED},
		     {"not_settled", FLOW_ISSUE_ON_FOUND_NOT_SETTLED},
		     {"unknown", FLOW_ISSUE_ON_PAYMENT_UNKNOWN},
		     {"late", FLOW_ISSUE_ON_SURPLUS}};

	for (size_t i = 0; text != NULL && i < sizeof known / sizeof known[0]; i++) {
		if (strcmp(known[i].text, text) == 0)
			return known[i].event;
	}
	return FLOW_ISSUE_EVENTS_;
}

static json_t *refund_of(const struct flow_issue_row *row)
{
	static const char *const states[] = {"none", "prepared", "effective", "cancelled", "paid"};
	char id[33];

	if (row->t.refund_state == FLOW_ISSUE_REFUND_NONE)
		return NULL;
	flow_issue_hex_text(row->t.refund, 16, id);
	return json_pack("{s:{s:s,s:I,s:s}}", "refund", "id", id, "amount",
			 (json_int_t)row->t.refund_amount, "state", states[row->t.refund_state]);
}

void exchange_add_refund(struct exchange *x)
{
	json_t *refund = refund_of(&x->row);

	if (x->answer == NULL)
		x->answer = refund;
	else if (refund != NULL)
		json_object_update_new(x->answer, refund);
}

static enum card_error payment(struct exchange *x, flow_store_t *db)
{
	const enum flow_issue_event event = result(flow_issue_text(x->json, "result", 16));
	const char *id = flow_issue_text(x->json, "payment", 32);
	uint8_t raw[16];
	int64_t amount;
	bool open, settled;
	enum card_error err;

	if (event == FLOW_ISSUE_EVENTS_ || flow_issue_hex(x->json, "payment", raw, 16) != CARD_OK ||
	    !exchange_number(x->json, "amount", 0, 10000000, &amount))
		return CARD_ERR_MALFORMED;
	open = x->row.t.state == FLOW_ISSUE_PAYING && memcmp(raw, x->row.t.payment, 16) == 0 &&
	       x->row.t.money == FLOW_ISSUE_MONEY_OPEN;
	settled = event == FLOW_ISSUE_ON_PAID || event == FLOW_ISSUE_ON_FOUND_SETTLED;
	if (event == FLOW_ISSUE_ON_SURPLUS ||
	    (settled && (!open || amount != x->row.t.refund_amount)))
		return surplus(x, db, id, (long)amount);
	if (!open)
		return CARD_ERR_BAD_STATE;
	err = exchange_step(x, db, event, NULL);
	if (err == CARD_OK && x->row.t.state == FLOW_ISSUE_REFUND_DUE)
		x->answer = refund_of(&x->row);
	return err;
}

void exchange_payment(struct exchange *x, struct center_reply *reply)
{
	exchange_finish(x, payment, reply);
}

static enum card_error refund(struct exchange *x, flow_store_t *db)
{
	const enum card_error err = exchange_step(x, db, FLOW_ISSUE_ON_REFUND_CHOSEN, NULL);

	if (err == CARD_OK)
		x->answer = refund_of(&x->row);
	return err;
}

void exchange_refund(struct exchange *x, struct center_reply *reply)
{
	exchange_finish(x, refund, reply);
}

/* Of this transaction: the main refund moves the machine, a surplus only its own record. */
static enum card_error refunded(struct exchange *x, flow_store_t *db)
{
	const char *id = flow_issue_text(x->json, "refund", 32);
	const char *means = flow_issue_text(x->json, "means", 40);
	uint8_t raw[16];
	bool paid;
	enum card_error err;

	if (flow_issue_hex(x->json, "refund", raw, 16) != CARD_OK || means == NULL ||
	    !exchange_bool(x->json, "paid", &paid))
		return CARD_ERR_MALFORMED;
	if (memcmp(raw, x->row.t.refund, 16) != 0) {
		err = paid ? flow_issue_refund_pay(db, id, x->id, means, x->now) : CARD_OK;
		return err == CARD_ERR_NOT_FOUND ? CARD_ERR_BAD_STATE : err;
	}
	err = exchange_step(x, db, paid ? FLOW_ISSUE_ON_RETURNED : FLOW_ISSUE_ON_NOT_RETURNABLE,
			    NULL);
	if (err == CARD_OK)
		x->answer = refund_of(&x->row);
	return err;
}

void exchange_refunded(struct exchange *x, struct center_reply *reply)
{
	exchange_finish(x, refunded, reply);
}
