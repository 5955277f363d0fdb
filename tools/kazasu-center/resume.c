/* SPDX-License-Identifier: Apache-2.0 */
/* resume.c — after a print that failed: the same card and PIN again, once (K37). */
#include "exchange.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum card_error challenge(struct exchange *x, flow_store_t *db)
{
	char expires[26];
	enum card_error err;

	(void)db;
	if (x->row.t.state != FLOW_ISSUE_PRINT_FAILED || x->row.t.resumed)
		return CARD_ERR_BAD_STATE;
	err = flow_issue_random_hex(FLOW_ISSUE_NONCE, x->row.nonce);
	x->row.nonce_until = x->now + atomic_load(&x->c->idle_seconds);
	card_time_format_japan(x->row.nonce_until, expires);
	if (err == CARD_OK)
		x->answer = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "nonce", x->row.nonce, "expires",
				      expires, "audience", x->c->config.audience, "method",
				      x->row.method, "municipality", x->row.municipality, "kind",
				      x->row.kind);
	return err;
}

void exchange_challenge(struct exchange *x, struct center_reply *reply)
{
	exchange_finish(x, challenge, reply);
}

struct resumption {
	struct fresh fresh;
	struct proof proof;
	bool proven;       /* the same card, valid now */
	bool document;     /* message 5 could be made */
	card_buf_t stored; /* message 5 of the first attempt, sealed */
	card_buf_t sealed; /* the new one */
	char binding[65];
	const char *refusal; /* of the PIN of the kind, or NULL */
	long tries_left;
};

static enum card_error read_stored(void *ctx, flow_store_t *db)
{
	struct exchange *x = ctx;
	struct resumption *r = x->ctx;

	card_buf_clear(&r->stored);
	return flow_issue_document_get(db, x->id, &r->stored);
}

/* The same card is known by its HMAC under the key of this transaction. */
static enum card_error prove(struct exchange *x, struct resumption *r, const uint8_t key[32])
{
	struct proof *const p = &r->proof;
	uint8_t id[16], session[16], binding[32];
	card_buf_t a = card_buf_fixed(id, sizeof id), b = card_buf_fixed(session, sizeof session);
	char tag[65];
	enum card_error err = CARD_ERR_MALFORMED;

	if (strcmp(x->row.method, "current") != 0 ||
	    flow_issue_text(x->json, "kind_pin", 8192) != NULL)
		err = center_prove(x, p);

	if (err == CARD_OK && p->event == FLOW_ISSUE_ON_VALID) {
		center_hmac(key, "same card", card_buf_bytes(&p->identity), tag);
		r->proven = CRYPTO_memcmp(tag, x->row.card, sizeof tag) == 0;
	}
	if (err == CARD_OK && r->proven) {
		err = card_hex_decode(x->id, &a);
		if (err == CARD_OK)
			err = card_hex_decode(x->session, &b);
		if (err == CARD_OK)
			err = flow_issue_binding(id, session, card_buf_bytes(&p->identity),
						 binding);
		if (err == CARD_OK)
			flow_issue_hex_text(binding, sizeof binding, r->binding);
	}
	return err;
}

/* 現行方式 has no PIN on the card: that of the kind is shown once more, to the municipality. */
static void check_kind_pin(struct exchange *x, struct resumption *r)
{
	struct center_document got = {.tries_left = -1};
	struct flow_issue_municipality m;
	json_t *message = NULL;
	enum card_error err = CARD_ERR_NOT_FOUND;

	if (flow_issue_catalogue_municipality(x->rules->catalogue, x->row.municipality,
					      card_date_in_japan(x->now), &m))
		message = center_message3(x, "kind_pin");
	if (message != NULL)
		err = x->c->ask(x->c, &m, &x->row, message, &got);
	json_decref(message);
	card_buf_free(&got.front);
	x->now = center_now(x->c);
	r->proven = err == CARD_OK && got.refusal == NULL;
	r->tries_left = got.tries_left;
	/* Of all other reasons nothing is told. */
	if (err == CARD_OK && got.refusal != NULL && strncmp(got.refusal, "kind_pin_", 9) == 0)
		r->refusal = got.refusal;
}

/* Unfinished copies under new numbers, with back sides of their own. */
static enum card_error compose(struct exchange *x, struct resumption *r, const uint8_t key[32],
			       card_buf_t *out)
{
	struct flow_issue_row *next = malloc(sizeof *next);
	struct flow_issue_message old = {0};
	card_buf_t clear = {0};
	enum card_error err = next != NULL ? flow_issue_store_read(x->c->store, read_stored, x)
					   : CARD_ERR_NO_MEMORY;

	if (err == CARD_OK)
		err = flow_issue_open(key, x->id, card_buf_bytes(&r->stored), &clear);
	if (err == CARD_OK)
		err = flow_issue_message_read(&old, card_buf_bytes(&clear));
	if (err == CARD_OK) {
		*next = x->row;
		next->seq = x->seq;
		memcpy(next->binding, r->binding, sizeof r->binding);
		err = flow_issue_step(&next->t, FLOW_ISSUE_ON_RESUME, &r->fresh.facts, NULL);
	}
	if (err == CARD_OK)
		err = center_compose(x, next, flow_issue_message_part(&old, "front"), out);
	if (err == CARD_OK)
		err = flow_issue_seal(key, x->id, card_buf_bytes(out), &r->sealed);
	flow_issue_message_free(&old);
	card_buf_free(&clear);
	free(next);
	return err;
}

static bool printer_ready(const struct exchange *x)
{
	const json_t *printer = json_object_get(x->json, "printer");
	int64_t sheets;
	bool idle, ready;

	return exchange_bool(printer, "idle", &idle) && exchange_bool(printer, "ready", &ready) &&
	       exchange_number(printer, "sheets", 0, 100000, &sheets) && idle && ready &&
	       sheets >= (int64_t)(x->row.t.copies - flow_issue_valid(&x->row.t)) * x->row.t.pages;
}

static enum card_error resume(struct exchange *x, flow_store_t *db)
{
	struct resumption *r = x->ctx;
	enum flow_issue_event card = FLOW_ISSUE_ON_VALID;
	char today[11];
	bool stopped;
	enum card_error err =
		flow_issue_stopped(db, x->row.municipality, x->row.kind, x->terminal, &stopped);

	if (err != CARD_OK)
		return err;
	card_date_format(card_date_in_japan(x->now), today);
	x->row.nonce[0] = '\0';
	if (x->row.t.state != FLOW_ISSUE_PRINT_FAILED || x->row.t.resumed)
		return CARD_ERR_BAD_STATE;
	if (x->row.key[0] == '\0')
		return exchange_step(x, db, FLOW_ISSUE_ON_DOCUMENT_GONE, NULL);
	if (r->refusal != NULL) {
		x->code = r->refusal;
		x->answer = json_pack("{s:I}", "tries_left", (json_int_t)r->tries_left);
	}
	if (stopped)
		x->code = "stopped";
	if (r->proven)
		err = center_card_state(x, db, &r->proof, &card);
	if (err != CARD_OK)
		return err;
	if (!r->proven || card != FLOW_ISSUE_ON_VALID || !r->document || stopped ||
	    strcmp(today, x->row.day) != 0 || !printer_ready(x))
		return exchange_step(x, db, FLOW_ISSUE_ON_RESUME_REFUSED, NULL);
	memcpy(x->row.session, x->session, sizeof x->row.session);
	memcpy(x->row.binding, r->binding, sizeof r->binding);
	err = exchange_step(x, db, FLOW_ISSUE_ON_RESUME, &r->fresh.facts);
	if (err == CARD_OK)
		err = flow_issue_document_put(db, x->id, card_buf_bytes(&r->sealed));
	x->answer_document = err == CARD_OK;
	return err;
}

void exchange_resume(struct exchange *x, struct center_reply *reply)
{
	struct resumption r = {0};
	uint8_t key[32];
	enum card_error err = exchange_look(x);

	if (err == CARD_OK)
		err = fresh_make(&r.fresh, x->row.t.copies);
	if (err != CARD_OK) {
		center_reply_error(reply, 503, "STORE", NULL);
		return;
	}
	x->ctx = &r;
	if (x->error == NULL && !x->repeated && x->row.t.state == FLOW_ISSUE_PRINT_FAILED &&
	    center_key_open(x->c, x->id, x->row.key, key) == CARD_OK) {
		err = prove(x, &r, key);
		if (err == CARD_OK && r.proven && strcmp(x->row.method, "current") == 0)
			check_kind_pin(x, &r);
		r.document =
			err == CARD_OK && r.proven && compose(x, &r, key, &reply->body) == CARD_OK;
		OPENSSL_cleanse(key, sizeof key);
		if (err != CARD_OK) {
			center_proof_free(&r.proof);
			center_reply_error(reply, 400, "MALFORMED", NULL);
			x->ctx = NULL;
			return;
		}
	}
	if (r.document) {
		reply->status = 200;
		reply->type = FLOW_ISSUE_MESSAGE_TYPE;
	} else {
		card_buf_free(&reply->body);
	}
	exchange_finish(x, resume, reply);
	x->ctx = NULL;
	center_proof_free(&r.proof);
	card_buf_free(&r.stored);
	card_buf_free(&r.sealed);
}
