/* SPDX-License-Identifier: Apache-2.0 */
/* terminal_restart.c — what an earlier session left open: unit and printer are asked, the centre is
 * told, and nothing prints (K27, K30, K33, K36, K40). */
#include "terminal.h"

#include <card/date.h>
#include <stdio.h>
#include <string.h>

static bool is_state(const json_t *one, const char *state)
{
	const char *text = flow_issue_text(one, "state", 16);

	return text != NULL && strcmp(text, state) == 0;
}

/* ---- K30: the unit is asked by payment id ---- */

static const char *ask_unit(flow_terminal_t *t, const char *payment, int64_t amount)
{
	const int64_t until = t->w.now(t->w.ctx) + t->message_seconds;
	int64_t paid = 0;

	for (;;) {
		switch (t->w.payment(t->w.ctx, payment, &paid)) {
		case FLOW_PAYMENT_SETTLED: /* another amount is a surplus, and no payment (K31) */
			return paid == amount ? "settled" : "not_settled";
		case FLOW_PAYMENT_DECLINED:
			return "declined";
		case FLOW_PAYMENT_NOT_SETTLED:
			return "not_settled";
		default:
			break;
		}
		if (t->w.now(t->w.ctx) >= until)
			return "unknown";
		t->w.wait(t->w.ctx, 1000);
	}
}

static void look_at_payment(flow_terminal_t *t, json_t *one)
{
	json_t *payment = json_object_get(one, "payment");
	const char *id = flow_issue_text(payment, "id", 32);
	const int64_t amount = json_integer_value(json_object_get(payment, "amount"));
	const char *result = flow_issue_text(payment, "result", 16);

	/* What was told once is not asked again. */
	if (is_state(one, "paying") && id != NULL && result != NULL &&
	    strcmp(result, "unknown") == 0)
		json_object_set_new(payment, "result", json_string(ask_unit(t, id, amount)));
}

/* ---- K36: job and sheet counter ---- */

static int64_t sheets_sent(const json_t *copies)
{
	const json_t *one;
	int64_t n = 0;
	size_t i;

	json_array_foreach(copies, i, one) n += json_integer_value(json_object_get(one, "sheets"));
	return n;
}

/* How many sheets came out, once no more will; -1: not knowable. */
static int64_t ask_printer(flow_terminal_t *t, const char *name, int64_t all)
{
	int64_t quiet_since = t->w.now(t->w.ctx), sheets = 0;
	struct flow_print_job job = {FLOW_PRINT_WAITING, -1, 0};
	bool ended = false;

	for (;; t->w.wait(t->w.ctx, 300)) {
		const int64_t now = t->w.now(t->w.ctx);

		if (t->w.job(t->w.ctx, 0, name, &job) == CARD_OK) {
			if (job.progress == FLOW_PRINT_COMPLETE)
				return job.sheets < 0 || job.sheets >= all ? all : -1;
			if (job.progress == FLOW_PRINT_ENDED)
				return job.sheets;
			if (job.sheets > sheets)
				quiet_since = now;
			sheets = job.sheets > sheets ? job.sheets : sheets;
		}
		if (now - quiet_since < TERMINAL_SILENT)
			continue;
		/* It must not go on when its fault is cleared: nobody would stand there. */
		if (ended || job.number <= 0 || t->w.end_job(t->w.ctx, job.number) != CARD_OK)
			return -1;
		ended = true;
		quiet_since = now;
	}
}

/* Copies in the order in which they are printed; one counts only with all its sheets. */
static void put_sheets(json_t *copies, int64_t out)
{
	json_t *one;
	size_t i;

	json_array_foreach(copies, i, one)
	{
		const int64_t pages = json_integer_value(json_object_get(one, "sheets"));
		const int64_t here = out < pages ? out : pages;

		json_object_set_new(one, "sheets", json_integer((json_int_t)here));
		json_object_set_new(one, "complete", json_boolean(pages > 0 && here == pages));
		out -= here;
	}
}

static enum card_error look_at_print(flow_terminal_t *t, json_t *one)
{
	json_t *copies = json_object_get(one, "copies");
	const char *transaction = flow_issue_text(one, "transaction", 32);
	char name[64];
	int64_t out;
	enum card_error err = CARD_OK;

	/* Without an INTENT nothing went to the printer. */
	if (!is_state(one, "printing") || transaction == NULL) {
		put_sheets(copies, 0);
		return CARD_OK;
	}
	/* Told already, and the answer was lost. */
	if (json_is_boolean(json_object_get(json_array_get(copies, 0), "complete")))
		return CARD_OK;
	snprintf(name, sizeof name, "%s-%d", transaction,
		 (int)json_integer_value(json_object_get(one, "attempt")));
	out = ask_printer(t, name, sheets_sent(copies));
	/* What lies there is of nobody who stands here now (PD-20). */
	if (out != 0)
		err = notes_block(t, "sheets", flow_issue_text(one, "inquiry", 63));
	if (out < 0) {
		json_object_set_new(one, "copies", json_null());
		return err;
	}
	put_sheets(copies, out);
	if (err == CARD_OK)
		err = notes_count(t, out);
	json_object_set_new(one, "counter", json_integer((json_int_t)notes_counter(t)));
	return err;
}

/* ---- the centre is told ---- */

static json_t *note_of(const json_t *open, const char *transaction)
{
	json_t *one;
	size_t i;

	json_array_foreach(open, i, one)
	{
		const char *id = flow_issue_text(one, "transaction", 32);

		if (id != NULL && strcmp(id, transaction) == 0)
			return one;
	}
	return NULL;
}

/* From now on only what the centre holds open is noted; paper of a finished print lies there. */
static enum card_error take_left(flow_terminal_t *t)
{
	const json_t *old = json_object_get(t->note, "open");
	json_t *open = json_array(), *one;
	enum card_error err = CARD_OK;
	size_t i;

	json_array_foreach(t->left, i, one)
	{
		const char *id = flow_issue_text(one, "transaction", 32);
		const char *inquiry = flow_issue_text(one, "inquiry", 31);
		json_t *note = id != NULL ? json_deep_copy(note_of(old, id)) : NULL;

		if (note == NULL)
			note = json_pack("{s:s?, s:s?}", "transaction", id, "inquiry", inquiry);
		json_object_set(note, "state", json_object_get(one, "state"));
		json_object_set(note, "refund", json_object_get(one, "refund"));
		if (json_array_append_new(open, note) != 0)
			err = CARD_ERR_NO_MEMORY;
		if (err == CARD_OK && (is_state(one, "printed") || is_state(one, "collected")))
			err = notes_block(t, "paper", inquiry);
	}
	if (json_object_set_new(t->note, "open", open) != 0)
		return CARD_ERR_NO_MEMORY;
	return err == CARD_OK ? notes_write(t) : err;
}

static enum card_error look(flow_terminal_t *t)
{
	json_t *one;
	size_t i;
	enum card_error err = CARD_OK;

	json_array_foreach(json_object_get(t->note, "open"), i, one)
	{
		look_at_payment(t, one);
		if (err == CARD_OK)
			err = look_at_print(t, one);
	}
	/* Durable before it is told: the sheets are counted once. */
	return err == CARD_OK ? notes_write(t) : err;
}

enum card_error restart_begin(flow_terminal_t *t)
{
	json_t *answer = NULL, *body;
	char started[26];
	enum card_error err = look(t);
	int status = 0;

	if (err != CARD_OK)
		return err;
	card_time_format_japan(t->w.now(t->w.ctx), started);
	body = json_pack("{s:s, s:s, s:s, s:O}", "session", t->session, "started", started,
			 "program", "kazasu", "open", json_object_get(t->note, "open"));
	if (body == NULL)
		return CARD_ERR_NO_MEMORY;
	err = link_plain(t, "POST", "/v1/sessions", body, &answer, &status);
	if (err == CARD_OK && status == 403)
		err = CARD_ERR_DENIED;
	else if (err == CARD_OK &&
		 (status != 200 || !json_is_array(json_object_get(answer, "transactions"))))
		err = CARD_ERR_MALFORMED;
	if (err == CARD_OK) {
		t->left = json_incref(json_object_get(answer, "transactions"));
		err = take_left(t);
	}
	json_decref(answer);
	return err == CARD_OK ? money_restart(t) : err;
}

const json_t *restart_left(const flow_terminal_t *t, const char *inquiry)
{
	const json_t *one;
	size_t i;

	json_array_foreach(t->left, i, one)
	{
		const char *number = flow_issue_text(one, "inquiry", 31);

		if (number != NULL && strcmp(number, inquiry) == 0)
			return one;
	}
	return NULL;
}
