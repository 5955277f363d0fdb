/* SPDX-License-Identifier: Apache-2.0 */
/* document.c — messages 3, 4 and 5: from the municipality to the terminal (K17–K22). */
#include "exchange.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- message 3 ---- */

json_t *center_message3(struct exchange *x, const char *only)
{
	const char *pin = flow_issue_text(x->json, "kind_pin", 8192);
	struct flow_issue_terminal t = {x->terminal, "", ""};
	json_t *who;
	char received[26];

	if (center_resident(x, &who) != CARD_OK)
		return NULL;
	(void)flow_issue_catalogue_terminal(x->rules->catalogue, x->terminal,
					    card_date_in_japan(x->now), &t);
	card_time_format_japan(x->row.received, received);
	return json_pack("{s:s,s:I,s:s,s:s,s:s,s:s,s:o,s:i,s:s,s:o,s:s?,s:{s:s,s:s},s:s,s:s*}",
			 "transaction", x->id, "attempt", (json_int_t)x->seq, "session", x->session,
			 "binding", x->row.binding, "municipality", x->row.municipality, "kind",
			 x->row.kind, "options", json_loads(x->row.options, 0, NULL), "copies",
			 (int)x->row.t.copies, "method", x->row.method, "resident", who, "kind_pin",
			 pin, "terminal", "id", x->terminal, "place", t.place, "received", received,
			 "only", only);
}

/* ---- message 4 ---- */

static enum flow_issue_event refusal(const char *code)
{
	static const struct {
		const char *code;
		enum flow_issue_event event;
	} known[] = {{"no_seal_registration", FLOW_ISSUE_ON_NO_SEAL_REGISTRATION},
		     {"under_age", FLOW_ISSUE_ON_UNDER_AGE},
		     {"no_use_registration", FLOW_ISSUE_ON_NO_USE_REGISTRATION},
		     {"not_available_here", FLOW_ISSUE_ON_NOT_AVAILABLE},
		     {"kind_pin_wrong", FLOW_ISSUE_ON_KIND_PIN_WRONG},
		     {"kind_pin_locked", FLOW_ISSUE_ON_KIND_PIN_LOCKED}};

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		if (strcmp(known[i].code, code) == 0)
			return known[i].event;
	}
	return FLOW_ISSUE_ON_DOCUMENT_ERROR;
}

/* ---- message 5 ---- */

struct backs {
	card_buf_t pdf[FLOW_ISSUE_COPIES_MAX];
	char name[FLOW_ISSUE_COPIES_MAX][12];
	struct flow_issue_part part[FLOW_ISSUE_COPIES_MAX + 1];
	size_t n;
};

static enum card_error make_backs(struct exchange *x, const struct flow_issue_row *row,
				  struct card_bytes front, const char *front_sha256,
				  struct backs *backs, json_t *copies)
{
	char issued[26];
	enum card_error err = CARD_OK;

	card_time_format_japan(x->now, issued);
	backs->part[0] = (struct flow_issue_part){"front", "application/pdf", front, front_sha256};
	for (unsigned place = 1; place <= row->t.copies && err == CARD_OK; place++) {
		const struct flow_issue_copy *copy = flow_issue_copy_at(&row->t, place);
		const struct center_back b = {row->id,   copy->number, row->municipality,
					      row->kind, row->binding, front_sha256,
					      issued,    row->t.pages, front};
		const size_t i = backs->n;

		if (copy->state != FLOW_ISSUE_COPY_PLANNED)
			continue;
		snprintf(backs->name[i], sizeof backs->name[i], "back-%u", place % 100);
		err = x->c->back(x->c, &b, &backs->pdf[i]);
		if (err == CARD_OK && backs->pdf[i].n == 0)
			err = CARD_ERR_NOT_FOUND;
		backs->part[i + 1] = (struct flow_issue_part){backs->name[i], "application/pdf",
							      card_buf_bytes(&backs->pdf[i]), NULL};
		json_array_append_new(copies, json_pack("{s:s,s:i,s:i,s:s}", "copy", copy->number,
							"place", (int)place, "sheets",
							(int)row->t.pages, "back", backs->name[i]));
		backs->n++;
	}
	return err;
}

enum card_error center_compose(struct exchange *x, const struct flow_issue_row *row,
			       struct card_bytes front, card_buf_t *out)
{
	struct backs *backs = calloc(1, sizeof *backs);
	json_t *answer = exchange_answer(row, row->t.code, x->now), *copies = json_array();
	uint8_t digest[32];
	char front_sha256[65];
	enum card_error err = CARD_ERR_NO_MEMORY;

	if (backs != NULL && answer != NULL &&
	    EVP_Digest(front.p, front.n, digest, NULL, EVP_sha256(), NULL) == 1) {
		flow_issue_hex_text(digest, sizeof digest, front_sha256);
		err = make_backs(x, row, front, front_sha256, backs, copies);
	}
	if (err == CARD_OK)
		json_object_update_new(
			answer,
			json_pack("{s:s,s:o,s:O,s:i,s:I,s:I,s:s,s:s}", "kind", row->kind, "options",
				  json_loads(row->options, 0, NULL), "copies", copies, "pages",
				  (int)row->t.pages, "fee", (json_int_t)row->t.fee, "amount",
				  (json_int_t)row->t.fee * (json_int_t)row->t.copies, "binding",
				  row->binding, "front_sha256", front_sha256));
	if (err == CARD_OK)
		err = flow_issue_message_write(answer, backs->part, backs->n + 1, out);
	json_decref(answer);
	json_decref(copies);
	for (size_t i = 0; backs != NULL && i < FLOW_ISSUE_COPIES_MAX; i++)
		card_buf_free(&backs->pdf[i]);
	free(backs);
	return err;
}

/* ---- the message ---- */

struct delivery {
	enum flow_issue_event event;
	struct fresh fresh;
	unsigned pages;
	long tries_left;
	card_buf_t sealed;
	const char *why; /* of a document that was not taken */
};

static enum card_error deliver(struct exchange *x, flow_store_t *db)
{
	struct delivery *d = x->ctx;
	enum card_error err;

	x->row.attempt = (unsigned)x->seq;
	/* The transaction ended while the municipality was asked (K22). */
	if (flow_issue_ended(x->row.t.state))
		return exchange_step(x, db, FLOW_ISSUE_ON_LATE_ANSWER, NULL);
	if (x->row.t.state != FLOW_ISSUE_VERIFIED)
		return CARD_ERR_BAD_STATE;
	if (d->event == FLOW_ISSUE_ON_DOCUMENT)
		x->row.t.pages = d->pages;
	err = exchange_step(x, db, d->event, &d->fresh.facts);
	/* What exactly was wrong with message 4 is for the people of both sides, not for the screen. */
	if (err == CARD_OK && d->why != NULL)
		err = flow_issue_event_add(db, x->id, x->now, x->terminal, "message-4", d->why,
					   x->c->config.name);
	if (err != CARD_OK)
		return err;
	if (d->event == FLOW_ISSUE_ON_DOCUMENT) {
		x->answer_document = true;
		return flow_issue_document_put(db, x->id, card_buf_bytes(&d->sealed));
	}
	if (d->event == FLOW_ISSUE_ON_KIND_PIN_WRONG)
		x->answer = json_pack("{s:I}", "tries_left", (json_int_t)d->tries_left);
	return CARD_OK;
}

/* What the row will be, so that message 5 can be made before the store is touched. */
static enum card_error compose(struct exchange *x, struct delivery *d,
			       const struct center_document *got, card_buf_t *out)
{
	struct flow_issue_row *next = malloc(sizeof *next);
	uint8_t key[32];
	enum card_error err = CARD_ERR_NO_MEMORY;

	if (next == NULL)
		return err;
	*next = x->row;
	next->t.pages = d->pages = got->pages;
	next->seq = x->seq;
	err = flow_issue_step(&next->t, FLOW_ISSUE_ON_DOCUMENT, &d->fresh.facts, NULL);
	if (err == CARD_OK)
		err = center_compose(x, next, card_buf_bytes(&got->front), out);
	if (err == CARD_OK)
		err = center_key_open(x->c, x->id, x->row.key, key);
	if (err == CARD_OK)
		err = flow_issue_seal(key, x->id, card_buf_bytes(out), &d->sealed);
	OPENSSL_cleanse(key, sizeof key);
	free(next);
	return err;
}

static enum flow_issue_event ask(struct exchange *x, struct center_document *got)
{
	struct flow_issue_municipality m;
	json_t *message = NULL;
	enum card_error err = CARD_ERR_NOT_FOUND;

	if (flow_issue_catalogue_municipality(x->rules->catalogue, x->row.municipality,
					      card_date_in_japan(x->now), &m))
		message = center_message3(x, NULL);
	if (message != NULL)
		err = x->c->ask(x->c, &m, &x->row, message, got);
	json_decref(message);
	if (err == CARD_ERR_TIMEOUT)
		return FLOW_ISSUE_ON_NO_ANSWER;
	if (err == CARD_OK && got->refusal == NULL)
		err = x->c->front(x->c, x->rules, x->row.municipality, card_buf_bytes(&got->front),
				  got->pages, &got->why);
	if (err != CARD_OK) {
		if (got->why == NULL)
			got->why = "answer";
		return FLOW_ISSUE_ON_DOCUMENT_ERROR;
	}
	return got->refusal != NULL ? refusal(got->refusal) : FLOW_ISSUE_ON_DOCUMENT;
}

static enum card_error bad_state(struct exchange *x, flow_store_t *db)
{
	(void)x;
	(void)db;
	return CARD_ERR_BAD_STATE;
}

void exchange_document(struct exchange *x, struct center_reply *reply)
{
	struct center_document got = {.tries_left = -1};
	struct delivery d = {0};
	enum card_error err = exchange_look(x);

	if (err == CARD_OK &&
	    (x->error != NULL || x->repeated || x->row.t.state != FLOW_ISSUE_VERIFIED)) {
		exchange_finish(x, bad_state, reply);
		return;
	}
	if (err == CARD_OK)
		err = fresh_make(&d.fresh, x->row.t.copies);
	if (err != CARD_OK) {
		center_reply_store(reply, x->c);
		return;
	}
	d.event = ask(x, &got);
	d.tries_left = got.tries_left;
	d.why = got.why;
	x->now = center_now(x->c);
	if (d.event == FLOW_ISSUE_ON_DOCUMENT && compose(x, &d, &got, &reply->body) != CARD_OK)
		d.event = FLOW_ISSUE_ON_DOCUMENT_ERROR;
	if (d.event == FLOW_ISSUE_ON_DOCUMENT) {
		reply->status = 200;
		reply->type = FLOW_ISSUE_MESSAGE_TYPE;
	} else {
		card_buf_free(&reply->body);
	}
	x->ctx = &d;
	exchange_finish(x, deliver, reply);
	x->ctx = NULL;
	card_buf_free(&d.sealed);
	card_buf_free(&got.front);
}
