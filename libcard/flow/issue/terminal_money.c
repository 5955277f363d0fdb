/* SPDX-License-Identifier: Apache-2.0 */
/* terminal_money.c — what must still be known about money after a power cut: whose payment it was, and
 * what was on its way back (K30, K31, K39). Money that comes late is never the next customer's, and what
 * was given is never owed again. */
#include "terminal.h"

#include <stdio.h>
#include <string.h>

/* Payments that are remembered: money comes minutes late, not days. */
#define PAYMENTS 50u

static json_t *list_of(const flow_terminal_t *t, const char *name)
{
	json_t *list = json_object_get(t->note, name);

	if (json_is_array(list))
		return list;
	list = json_array();
	return json_object_set_new(t->note, name, list) == 0 ? list : NULL;
}

static json_t *find(const json_t *list, const char *key, const char *id, size_t *at)
{
	for (*at = 0; *at < json_array_size(list); ++*at) {
		const char *text = flow_issue_text(json_array_get(list, *at), key, 32);

		if (text != NULL && strcmp(text, id) == 0)
			return json_array_get(list, *at);
	}
	return NULL;
}

/* ---- while it goes on ---- */

enum card_error money_begin(const struct errand *e)
{
	json_t *list = list_of(e->t, "payments");

	while (json_array_size(list) >= PAYMENTS)
		json_array_remove(list, 0);
	return json_array_append_new(list, json_pack("{s:s, s:s, s:I, s:b}", "payment", e->payment,
						     "transaction", e->transaction, "amount",
						     (json_int_t)e->amount, "told", 0)) == 0
		       ? CARD_OK
		       : CARD_ERR_NO_MEMORY;
}

bool money_is_of(const struct errand *e, const char *payment)
{
	size_t at;
	const json_t *one = find(list_of(e->t, "payments"), "payment", payment, &at);
	const char *id = flow_issue_text(one, "transaction", 32);

	return id != NULL && strcmp(id, e->transaction) == 0;
}

enum card_error money_returning(const struct errand *e, const char *refund)
{
	if (json_array_append_new(
		    list_of(e->t, "refunds"),
		    json_pack("{s:s, s:s}", "refund", refund, "transaction", e->transaction)) != 0)
		return CARD_ERR_NO_MEMORY;
	return notes_write(e->t);
}

/* Told: written with the next note, and harmless if it is told once more. */
void money_returned(const struct errand *e, const char *refund, const char *payment)
{
	json_t *list = list_of(e->t, "refunds"), *one;
	size_t at;

	if (find(list, "refund", refund, &at) != NULL)
		json_array_remove(list, at);
	one = payment != NULL ? find(list_of(e->t, "payments"), "payment", payment, &at) : NULL;
	if (one != NULL)
		json_object_set_new(one, "told", json_true());
}

/* ---- after a restart ---- */

/* The centre's list of what is left goes on from there. */
static void go_on(flow_terminal_t *t, const char *transaction, const json_t *answer, json_int_t seq)
{
	size_t at;
	json_t *one = find(t->left, "transaction", transaction, &at);
	json_t *state = json_object_get(answer, "state");

	if (one == NULL)
		return;
	json_object_set_new(one, "next", json_integer(seq + 1));
	if (json_is_string(state))
		json_object_set(one, "state", state);
}

/* One message about a transaction of an earlier session; takes body. True: the centre has
 * answered, and there is nothing to repeat. */
static bool tell(flow_terminal_t *t, const char *transaction, const char *message, json_t *body,
		 json_t **answer)
{
	char path[96];
	json_t *last = NULL;
	json_int_t seq;
	int status = 0;
	enum card_error err;

	snprintf(path, sizeof path, "/v1/transactions/%s", transaction);
	err = link_plain(t, "GET", path, NULL, &last, &status);
	seq = json_integer_value(json_object_get(last, "seq")) + 1;
	json_decref(last);
	if (err != CARD_OK || status != 200) {
		json_decref(body);
		*answer = NULL;
		return err == CARD_OK;
	}
	json_object_set_new(body, "session", json_string(t->session));
	json_object_set_new(body, "seq", json_integer(seq));
	snprintf(path, sizeof path, "/v1/transactions/%s/%s", transaction, message);
	err = link_plain(t, "POST", path, body, answer, &status);
	if (err == CARD_OK && status == 200)
		go_on(t, transaction, *answer, seq);
	return err == CARD_OK;
}

/* True: it was not given, or the centre knows that it was. */
static bool tell_returned(flow_terminal_t *t, const char *transaction, const char *refund)
{
	json_t *answer = NULL;
	bool told = !t->w.returned(t->w.ctx, refund) ||
		    tell(t, transaction, "refunded",
			 json_pack("{s:s, s:b, s:s}", "refund", refund, "paid", 1, "means", "cash"),
			 &answer);

	json_decref(answer);
	return told;
}

/* Money that is not the payment that was asked for: its own refund at the centre. Nobody who
 * stands here now gets it. */
static void tell_surplus(flow_terminal_t *t, json_t *one, int64_t amount)
{
	const char *payment = flow_issue_text(one, "payment", 32);
	const char *transaction = flow_issue_text(one, "transaction", 32), *refund;
	json_t *answer = NULL;

	if (payment == NULL || transaction == NULL || json_is_true(json_object_get(one, "told")))
		return;
	if (tell(t, transaction, "payment",
		 json_pack("{s:s, s:s, s:I}", "payment", payment, "result", "late", "amount",
			   (json_int_t)amount),
		 &answer)) {
		refund = flow_issue_text(json_object_get(answer, "surplus"), "refund", 32);
		if (refund == NULL || tell_returned(t, transaction, refund))
			json_object_set_new(one, "told", json_true());
	}
	json_decref(answer);
}

enum card_error money_restart(flow_terminal_t *t)
{
	json_t *refunds = list_of(t, "refunds"), *payments = list_of(t, "payments"), *one;
	struct flow_payment_surplus s;
	size_t i;

	if (refunds == NULL || payments == NULL)
		return CARD_ERR_NO_MEMORY;
	for (i = json_array_size(refunds); i-- > 0;) {
		const char *refund = flow_issue_text(json_array_get(refunds, i), "refund", 32);
		const char *id = flow_issue_text(json_array_get(refunds, i), "transaction", 32);

		if (refund == NULL || id == NULL || tell_returned(t, id, refund))
			json_array_remove(refunds, i);
	}
	while (t->w.surplus(t->w.ctx, &s)) {
		one = find(payments, "payment", s.id, &i);
		if (one != NULL)
			tell_surplus(t, one, s.amount);
	}
	json_array_foreach(payments, i, one)
	{
		const char *payment = flow_issue_text(one, "payment", 32);
		int64_t paid = 0;

		if (payment != NULL && !json_is_true(json_object_get(one, "told")) &&
		    t->w.payment(t->w.ctx, payment, &paid) == FLOW_PAYMENT_SETTLED &&
		    paid != json_integer_value(json_object_get(one, "amount")))
			tell_surplus(t, one, paid);
	}
	return notes_write(t);
}
