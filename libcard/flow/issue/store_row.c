/* SPDX-License-Identifier: Apache-2.0 */
/* store_row.c — a transaction out of the store. */
#include "store_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *number_text(struct number *n, int64_t value)
{
	snprintf(n->text, sizeof n->text, "%lld", (long long)value);
	return n->text;
}

void take_text(char *out, size_t cap, const char *column)
{
	snprintf(out, cap, "%s", column != NULL ? column : "");
}

enum card_error one_text_row(void *ctx, const char *const *column, size_t n)
{
	struct one_text *t = ctx;

	(void)n;
	take_text(t->out, t->cap, column[0]);
	t->found = true;
	return CARD_OK;
}

static void take_id(uint8_t out[16], const char *hex)
{
	card_buf_t b = card_buf_fixed(out, 16);

	memset(out, 0, 16);
	if (hex != NULL)
		(void)card_hex_decode(hex, &b);
}

/* Rows and codes of the table are static texts: the same pointers again. */
static void take_step(struct flow_issue_transaction *t, const char *row, const char *code)
{
	const struct flow_issue_rule *r;

	t->row = t->code = NULL;
	for (size_t i = 0; (r = flow_issue_rule(i)) != NULL; i++) {
		if (row != NULL && t->row == NULL && strcmp(r->row, row) == 0)
			t->row = r->row;
		if (code != NULL && r->code != NULL && t->code == NULL &&
		    strcmp(r->code, code) == 0)
			t->code = r->code;
	}
}

/* In this order in LOAD. */
enum column {
	C_ID,
	C_SESSION,
	C_TERMINAL,
	C_APPLICATION,
	C_INQUIRY,
	C_MUNICIPALITY,
	C_KIND,
	C_METHOD,
	C_OPTIONS,
	C_LANGUAGE,
	C_CONSENT,
	C_STATE,
	C_ROW,
	C_CODE,
	C_RESUMED,
	C_COPIES,
	C_PAGES,
	C_FEE,
	C_PAYMENT,
	C_MONEY,
	C_PAID,
	C_REFUND,
	C_REFUND_STATE,
	C_REFUND_AMOUNT,
	C_PERMIT,
	C_SEQ,
	C_REQUEST,
	C_ANSWER,
	C_NONCE,
	C_NONCE_UNTIL,
	C_ATTEMPT,
	C_OPENED,
	C_RECEIVED,
	C_CHANGED,
	C_DEADLINE,
	C_DAY,
	C_BINDING,
	C_CARD,
	C_KEY,
	C_RESIDENT,
	C_RECENT,
	C_EVENTS,
	C_COUNT
};

#define LOAD                                                                                       \
	"SELECT id, session, terminal, application, inquiry, municipality, kind, method, options," \
	" language, consent, state, flow_row, code, resumed, copies, pages, fee, payment, money,"  \
	" paid, refund, refund_state, refund_amount, permit, seq, request, answer, nonce,"         \
	" nonce_until, attempt, opened, received, changed, deadline, day, binding, card, doc_key," \
	" resident, recent, events FROM issue_transaction WHERE id = $1"

struct load {
	struct flow_issue_row *row;
	bool found;
};

static int64_t number(const char *column)
{
	return column != NULL ? strtoll(column, NULL, 10) : 0;
}

static void take_machine(struct flow_issue_transaction *t, const char *const *c)
{
	t->state = flow_issue_state_of(c[C_STATE]);
	take_step(t, c[C_ROW], c[C_CODE]);
	t->resumed = number(c[C_RESUMED]) != 0;
	t->copies = (unsigned)number(c[C_COPIES]);
	t->pages = (unsigned)number(c[C_PAGES]);
	t->fee = (long)number(c[C_FEE]);
	take_id(t->payment, c[C_PAYMENT]);
	take_id(t->refund, c[C_REFUND]);
	take_id(t->permit, c[C_PERMIT]);
	t->money = (enum flow_issue_money)number(c[C_MONEY]);
	t->paid = (long)number(c[C_PAID]);
	t->refund_state = (enum flow_issue_refund)number(c[C_REFUND_STATE]);
	t->refund_amount = (long)number(c[C_REFUND_AMOUNT]);
}

static enum card_error take_row(void *ctx, const char *const *c, size_t n)
{
	struct load *l = ctx;
	struct flow_issue_row *r = l->row;

	if (n < C_COUNT || flow_issue_state_of(c[C_STATE]) == FLOW_ISSUE_STATES_)
		return CARD_ERR_MALFORMED;
	l->found = true;
	take_text(r->id, sizeof r->id, c[C_ID]);
	take_text(r->session, sizeof r->session, c[C_SESSION]);
	take_text(r->terminal, sizeof r->terminal, c[C_TERMINAL]);
	take_text(r->application, sizeof r->application, c[C_APPLICATION]);
	take_text(r->inquiry, sizeof r->inquiry, c[C_INQUIRY]);
	take_text(r->municipality, sizeof r->municipality, c[C_MUNICIPALITY]);
	take_text(r->kind, sizeof r->kind, c[C_KIND]);
	take_text(r->method, sizeof r->method, c[C_METHOD]);
	take_text(r->options, sizeof r->options, c[C_OPTIONS]);
	take_text(r->language, sizeof r->language, c[C_LANGUAGE]);
	take_text(r->consent, sizeof r->consent, c[C_CONSENT]);
	take_machine(&r->t, c);
	r->seq = (long)number(c[C_SEQ]);
	take_text(r->request, sizeof r->request, c[C_REQUEST]);
	take_text(r->answer, sizeof r->answer, c[C_ANSWER]);
	take_text(r->nonce, sizeof r->nonce, c[C_NONCE]);
	r->nonce_until = number(c[C_NONCE_UNTIL]);
	r->attempt = (unsigned)number(c[C_ATTEMPT]);
	r->opened = number(c[C_OPENED]);
	r->received = number(c[C_RECEIVED]);
	r->changed = number(c[C_CHANGED]);
	r->deadline = number(c[C_DEADLINE]);
	take_text(r->day, sizeof r->day, c[C_DAY]);
	take_text(r->binding, sizeof r->binding, c[C_BINDING]);
	take_text(r->card, sizeof r->card, c[C_CARD]);
	take_text(r->key, sizeof r->key, c[C_KEY]);
	take_text(r->resident, sizeof r->resident, c[C_RESIDENT]);
	take_text(r->recent, sizeof r->recent, c[C_RECENT]);
	r->events = (long)number(c[C_EVENTS]);
	return CARD_OK;
}

static enum card_error take_copy(void *ctx, const char *const *c, size_t n)
{
	struct flow_issue_transaction *t = ctx;
	struct flow_issue_copy *copy = &t->copy[t->numbers];

	(void)n;
	if (t->numbers == 2u * FLOW_ISSUE_COPIES_MAX)
		return CARD_ERR_MALFORMED;
	take_text(copy->number, sizeof copy->number, c[0]);
	copy->place = (unsigned)number(c[1]);
	copy->attempt = (unsigned)number(c[2]);
	copy->state = (enum flow_issue_copy_state)number(c[3]);
	copy->sheets = (unsigned)number(c[4]);
	if (copy->place < 1 || copy->place > t->copies)
		return CARD_ERR_MALFORMED;
	t->numbers++;
	return CARD_OK;
}

enum card_error flow_issue_row_load(flow_store_t *db, const char *id, bool lock,
				    struct flow_issue_row *out)
{
	struct load l = {out, false};
	enum card_error err;

	memset(out, 0, sizeof *out);
	err = flow_store_run(db, lock && flow_store_is_postgresql(db) ? LOAD " FOR UPDATE" : LOAD,
			     &id, 1, take_row, &l);
	if (err == CARD_OK && !l.found)
		err = CARD_ERR_NOT_FOUND;
	/* Copies exist from the document on. */
	if (err == CARD_OK && out->t.pages > 0)
		err = flow_store_run(db,
				     "SELECT number, place, attempt, state, sheets FROM issue_copy"
				     " WHERE id = $1 ORDER BY attempt, place",
				     &id, 1, take_copy, &out->t);
	out->was = out->t;
	memcpy(out->was_day, out->day, sizeof out->was_day);
	return err;
}

static enum card_error find(flow_store_t *db, const char *sql, const char *const *params, size_t n,
			    char id[33])
{
	struct one_text t = {id, 33, false};
	const enum card_error err = flow_store_run(db, sql, params, n, one_text_row, &t);

	return err == CARD_OK && !t.found ? CARD_ERR_NOT_FOUND : err;
}

enum card_error flow_issue_row_by_application(flow_store_t *db, const char *terminal,
					      const char *application, char id[33])
{
	const char *const params[] = {terminal, application};

	return find(db, "SELECT id FROM issue_transaction WHERE terminal = $1 AND application = $2",
		    params, 2, id);
}

enum card_error flow_issue_row_by_inquiry(flow_store_t *db, const char *inquiry, char id[33])
{
	return find(db, "SELECT id FROM issue_transaction WHERE inquiry = $1", &inquiry, 1, id);
}
