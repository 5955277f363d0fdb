/* SPDX-License-Identifier: Apache-2.0 */
/* terminal_link.c — messages to the centre: the same bytes until there is an answer (PD-19, PD-22). */
#include "terminal.h"

#include <card/secret.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RETRY_MS 500

/* Send until answered; 503 is "try again" too. */
static enum card_error send_bytes(flow_terminal_t *t, const char *method, const char *path,
				  struct card_bytes body, card_buf_t *answer, int *status)
{
	const int64_t until = t->w.now(t->w.ctx) + t->message_seconds;

	for (;;) {
		enum card_error err = t->w.exchange(t->w.ctx, method, path, body, answer, status);

		if (err == CARD_OK && *status != 503)
			return CARD_OK;
		card_buf_clear(answer);
		if ((err != CARD_OK && err != CARD_ERR_NO_SERVICE) || t->w.now(t->w.ctx) >= until)
			return err != CARD_OK ? err : CARD_ERR_NO_SERVICE;
		t->w.wait(t->w.ctx, RETRY_MS);
	}
}

static enum card_error send_json(flow_terminal_t *t, const char *method, const char *path,
				 json_t *body, card_buf_t *answer, int *status)
{
	char *text = NULL;
	enum card_error err;

	if (body != NULL) {
		text = json_dumps(body, JSON_COMPACT);
		json_decref(body);
		if (text == NULL)
			return CARD_ERR_NO_MEMORY;
	}
	err = send_bytes(t, method, path, card_bytes(text, text != NULL ? strlen(text) : 0), answer,
			 status);
	if (text != NULL)
		card_wipe(text, strlen(text));
	free(text);
	return err;
}

enum card_error link_plain(flow_terminal_t *t, const char *method, const char *path, json_t *body,
			   json_t **json, int *status)
{
	card_buf_t raw = {0};
	enum card_error err = send_json(t, method, path, body, &raw, status);

	*json = NULL;
	if (err == CARD_OK && raw.n > 0)
		*json = json_loadb((const char *)raw.p, raw.n, JSON_REJECT_DUPLICATES, NULL);
	card_buf_free(&raw);
	return err;
}

static void copy_key(const json_t *json, const char *key, char *out, size_t cap)
{
	const char *text = flow_issue_text(json, key, cap - 1);

	snprintf(out, cap, "%s", text != NULL ? text : "");
}

/* What every answer tells, into the result. */
static enum card_error take_answer(struct errand *e, int status)
{
	const json_t *json;

	if (flow_issue_message_read(&e->answer, card_buf_bytes(&e->raw)) != CARD_OK)
		return CARD_ERR_MALFORMED;
	json = e->answer.json;
	if (status != 200) {
		const char *code = flow_issue_text(json_object_get(json, "error"), "code", 32);

		return code != NULL && strcmp(code, "BAD_STATE") == 0 ? CARD_ERR_BAD_STATE
								      : CARD_ERR_DENIED;
	}
	copy_key(json, "transaction", e->out->transaction, sizeof e->out->transaction);
	copy_key(json, "inquiry", e->out->inquiry, sizeof e->out->inquiry);
	copy_key(json, "state", e->out->state, sizeof e->out->state);
	copy_key(json, "code", e->out->code, sizeof e->out->code);
	e->out->charged = json_is_true(json_object_get(json, "charged"));
	if (e->out->state[0] == '\0')
		return CARD_ERR_MALFORMED;
	if (e->transaction[0] != '\0' && strcmp(e->transaction, e->out->transaction) != 0)
		return CARD_ERR_MALFORMED; /* the answer to somebody else */
	return CARD_OK;
}

static enum card_error post(struct errand *e, const char *path, json_t *body)
{
	enum card_error err;
	int status = 0;

	flow_issue_message_free(&e->answer);
	card_buf_clear(&e->raw);
	err = send_json(e->t, "POST", path, body, &e->raw, &status);
	return err == CARD_OK ? take_answer(e, status) : err;
}

enum card_error link_post(struct errand *e, const char *message, json_t *body)
{
	char path[128];
	enum card_error err;

	if (body == NULL || json_object_set_new(body, "session", json_string(e->t->session)) != 0 ||
	    json_object_set_new(body, "seq", json_integer(++e->seq)) != 0)
		return CARD_ERR_NO_MEMORY;
	snprintf(path, sizeof path, "/v1/transactions/%s/%s", e->transaction, message);
	err = post(e, path, body);
	/* The answer to another message is none. */
	if (err == CARD_OK &&
	    json_integer_value(json_object_get(e->answer.json, "seq")) != (json_int_t)e->seq)
		err = CARD_ERR_MALFORMED;
	if (err == CARD_ERR_BAD_STATE)
		e->seq--; /* it was not counted there */
	return err;
}

enum card_error link_open(struct errand *e, json_t *body)
{
	enum card_error err = body == NULL ? CARD_ERR_NO_MEMORY : post(e, "/v1/transactions", body);

	if (err != CARD_OK)
		return err;
	memcpy(e->transaction, e->out->transaction, sizeof e->transaction);
	return flow_issue_hex(e->answer.json, "transaction", e->id, FLOW_ISSUE_ID);
}

bool link_state(const struct errand *e, const char *state)
{
	return strcmp(e->out->state, state) == 0;
}
