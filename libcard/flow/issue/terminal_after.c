/* SPDX-License-Identifier: Apache-2.0 */
/* terminal_after.c — what an earlier session left open is gone on with: printing, money, clearing
 * (K37–K40). */
#include "terminal.h"

#include <card/secret.h>
#include <stdio.h>
#include <string.h>

/* The notes' entry of a transaction, or NULL. */
static const json_t *note_of(const flow_terminal_t *t, const char *transaction)
{
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(t->note, "open"), i, one)
	{
		const char *id = flow_issue_text(one, "transaction", 32);

		if (id != NULL && strcmp(id, transaction) == 0)
			return one;
	}
	return NULL;
}

static void copy_text(const json_t *json, const char *key, char *out, size_t cap)
{
	const char *text = flow_issue_text(json, key, cap - 1);

	snprintf(out, cap, "%s", text != NULL ? text : "");
}

/* An errand as the centre left it. */
static enum card_error take_up(struct errand *e, const json_t *left)
{
	const json_t *note;
	enum card_error err = terminal_begin(e);

	if (err == CARD_OK)
		err = flow_issue_hex(left, "transaction", e->id, FLOW_ISSUE_ID);
	if (err != CARD_OK)
		return err;
	flow_issue_hex_text(e->id, FLOW_ISSUE_ID, e->transaction);
	memcpy(e->out->transaction, e->transaction, sizeof e->transaction);
	copy_text(left, "inquiry", e->out->inquiry, sizeof e->out->inquiry);
	copy_text(left, "state", e->out->state, sizeof e->out->state);
	copy_text(left, "code", e->out->code, sizeof e->out->code);
	e->seq = (unsigned)json_integer_value(json_object_get(left, "next")) - 1;
	e->out->charged = true;
	note = note_of(e->t, e->transaction);
	e->out->copies = (unsigned)json_array_size(json_object_get(note, "copies"));
	e->attempt = (unsigned)json_integer_value(json_object_get(note, "attempt"));
	copy_text(json_object_get(note, "payment"), "id", e->payment, sizeof e->payment);
	e->amount = json_integer_value(json_object_get(json_object_get(note, "payment"), "amount"));
	e->out->paid = e->amount;
	return CARD_OK;
}

/* The state of one that was left, as it is now. */
static void put_left(const struct errand *e)
{
	json_t *one;
	size_t i;

	json_array_foreach(e->t->left, i, one)
	{
		const char *id = flow_issue_text(one, "transaction", 32);

		if (id == NULL || strcmp(id, e->transaction) != 0)
			continue;
		json_object_set_new(one, "state", json_string(e->out->state));
		json_object_set_new(one, "next", json_integer((json_int_t)e->seq + 1));
		if (link_state(e, "refund_due") &&
		    json_is_object(json_object_get(e->answer.json, "refund")))
			json_object_set(one, "refund", json_object_get(e->answer.json, "refund"));
	}
}

/* ---- K37 ---- */

/* Any card that fits is looked at; whether it is the same one the centre knows. */
static enum card_error show_card(struct errand *e, bool *fits)
{
	const char *code = "card_unusable";
	enum card_error err = method_again(e);

	if (err == CARD_ERR_NO_SERVICE || err == CARD_ERR_DENIED || err == CARD_ERR_BAD_STATE)
		return err;
	if (err == CARD_OK)
		err = method_show(e);

	*fits = err == CARD_OK;
	if (err == CARD_ERR_PIN_LOCKED)
		code = "locked";
	else if (err == CARD_ERR_UNTRUSTED)
		code = "seal_unknown";
	else if (err == CARD_ERR_CANCELLED)
		code = "cancelled";
	else if (err == CARD_ERR_TIMEOUT || err == CARD_ERR_NO_CARD)
		code = "idle";
	if (!*fits)
		snprintf(e->out->code, sizeof e->out->code, "%s", code);
	return CARD_OK;
}

/* Errors of the card leave everything as it is. */
static enum card_error go_on(struct errand *e)
{
	bool fits = false;
	enum card_error err = show_card(e, &fits);

	if (err != CARD_OK || !fits)
		return err;
	err = step_resume(e);
	if (link_state(e, "print_failed") && err != CARD_OK && err != CARD_ERR_NO_SERVICE &&
	    err != CARD_ERR_DENIED) {
		snprintf(e->out->code, sizeof e->out->code, "%s",
			 err == CARD_ERR_PIN_LOCKED ? "locked"
			 : err == CARD_ERR_TIMEOUT  ? "idle"
						    : "cancelled");
		return CARD_OK;
	}
	/* Permitted to print what is not what was paid for: nothing is printed, the money goes back. */
	if (link_state(e, "resumed") && err == CARD_ERR_MALFORMED)
		return step_refund(e, NULL);
	if (err == CARD_OK)
		err = step_end(e);
	if (err == CARD_OK && link_state(e, "refund_due"))
		err = step_refund(e, json_object_get(e->answer.json, "refund"));
	return err;
}

enum card_error flow_terminal_resume(flow_terminal_t *t, const char *inquiry,
				     struct flow_terminal_result *out)
{
	struct errand e = {.t = t, .out = out};
	const json_t *left;
	enum card_error err;

	if (t == NULL || inquiry == NULL || out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	memset(out, 0, sizeof *out);
	left = restart_left(t, inquiry);
	if (left == NULL)
		return CARD_ERR_NOT_FOUND;
	err = take_up(&e, left);
	if (err == CARD_OK && !link_state(&e, "print_failed"))
		return CARD_ERR_NOT_FOUND;
	if (err == CARD_OK && flow_terminal_blocked(t) != NULL)
		snprintf(out->code, sizeof out->code, "blocked");
	else if (err == CARD_OK)
		err = go_on(&e);
	put_left(&e);
	return terminal_finish(&e, err);
}

/* ---- K38, K39 ---- */

/* Somebody else may have paid it since: the centre's word, at this moment. */
static enum card_error still_due(struct errand *e, bool *due)
{
	char path[64];
	json_t *answer;
	const char *state;
	int status;
	enum card_error err;

	snprintf(path, sizeof path, "/v1/transactions/%s", e->transaction);
	err = link_plain(e->t, "GET", path, NULL, &answer, &status);
	state = flow_issue_text(answer, "state", 15);
	*due = err == CARD_OK && status == 200 && state != NULL &&
	       strcmp(state, e->out->state) == 0;
	json_decref(answer);
	return err;
}

enum card_error flow_terminal_refund(flow_terminal_t *t, const char *inquiry,
				     struct flow_terminal_result *out)
{
	struct errand e = {.t = t, .out = out};
	const json_t *left;
	enum card_error err;
	bool due = false;

	if (t == NULL || inquiry == NULL || out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	memset(out, 0, sizeof *out);
	left = restart_left(t, inquiry);
	if (left == NULL)
		return CARD_ERR_NOT_FOUND;
	err = take_up(&e, left);
	if (err == CARD_OK && !link_state(&e, "refund_due") && !link_state(&e, "print_failed"))
		return CARD_ERR_NOT_FOUND;
	if (err == CARD_OK)
		err = still_due(&e, &due);
	if (err == CARD_OK && !due)
		return CARD_ERR_NOT_FOUND;
	if (err == CARD_OK)
		err = step_refund(&e, link_state(&e, "refund_due") ? json_object_get(left, "refund")
								   : NULL);
	put_left(&e);
	return terminal_finish(&e, err);
}

/* ---- K23, K35, K40 ---- */

/* Paper that lay there: it counts, and its transaction is closed. */
static enum card_error close_one(flow_terminal_t *t, const json_t *left)
{
	struct flow_terminal_result out = {0};
	struct errand e = {.t = t, .out = &out};
	enum card_error err = take_up(&e, left);

	if (err == CARD_OK && link_state(&e, "printed"))
		err = link_post(&e, "collected", json_pack("{s:b, s:b}", "taken", 0, "cleared", 1));
	if (err == CARD_OK)
		err = step_end(&e);
	put_left(&e);
	if (err == CARD_OK && link_state(&e, "closed"))
		err = notes_drop(&e);
	flow_issue_message_free(&e.answer);
	card_buf_free(&e.raw);
	card_wipe(&e, sizeof e);
	return err;
}

static bool is_left_paper(const json_t *left)
{
	const char *state = flow_issue_text(left, "state", 15);

	return state != NULL && (strcmp(state, "printed") == 0 || strcmp(state, "collected") == 0);
}

enum card_error flow_terminal_clear(flow_terminal_t *t,
				    const struct flow_terminal_clearing *clearing)
{
	const char *inquiry;
	const json_t *one;
	enum card_error err = CARD_OK;
	size_t i;

	if (t == NULL || clearing == NULL || clearing->by[0] == '\0')
		return CARD_ERR_INVALID_ARGUMENT;
	/* Whatever closed it: nothing may be left in this process or in files. */
	if (!t->w.erase(t->w.ctx))
		return CARD_ERR_INTERNAL;
	json_array_foreach(t->left, i, one)
	{
		if (err == CARD_OK && is_left_paper(one))
			err = close_one(t, one);
	}
	if (err != CARD_OK)
		return err;
	inquiry = flow_issue_text(flow_terminal_blocked(t), "inquiry", 63);
	terminal_event(t, "cleared", "attendant", inquiry);
	return notes_clear(t, clearing);
}
