/* SPDX-License-Identifier: Apache-2.0 */
/* exchange.c — the envelope of a message: session, order, repetition, and one durable step. */
#include "exchange.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool exchange_bool(const json_t *json, const char *key, bool *out)
{
	const json_t *value = json_object_get(json, key);

	*out = json_is_true(value);
	return json_is_boolean(value);
}

bool exchange_number(const json_t *json, const char *key, int64_t least, int64_t most, int64_t *out)
{
	const json_t *value = json_object_get(json, key);

	*out = 0;
	if (!json_is_integer(value) || json_integer_value(value) < least ||
	    json_integer_value(value) > most)
		return false;
	*out = json_integer_value(value);
	return true;
}

bool exchange_begin(struct exchange *x, struct center *c, struct center_rules *rules,
		    const char *terminal, const char *id, const struct flow_issue_message *message,
		    struct card_bytes body, struct center_reply *reply)
{
	uint8_t raw[16], digest[32];
	int64_t seq;

	memset(x, 0, sizeof *x);
	x->c = c;
	x->rules = rules;
	x->terminal = terminal;
	x->message = message;
	x->json = message->json;
	x->now = center_now(c);
	snprintf(x->id, sizeof x->id, "%s", id);
	if (flow_issue_hex(x->json, "session", raw, sizeof raw) != CARD_OK ||
	    !exchange_number(x->json, "seq", 1, 1000, &seq) ||
	    EVP_Digest(body.p, body.n, digest, NULL, EVP_sha256(), NULL) != 1) {
		center_reply_error(reply, 400, "MALFORMED", NULL);
		return false;
	}
	flow_issue_hex_text(raw, sizeof raw, x->session);
	flow_issue_hex_text(digest, sizeof digest, x->digest);
	x->seq = (long)seq;
	return true;
}

static void refuse(struct exchange *x, unsigned status, const char *code)
{
	x->status = status;
	x->error = code;
}

/* Whose transaction, which session, which place in the order. */
static enum card_error check(struct exchange *x, flow_store_t *db)
{
	char current[33];
	enum card_error err = flow_issue_session_get(db, x->terminal, current);

	if (err != CARD_OK && err != CARD_ERR_NOT_FOUND)
		return err;
	if (err == CARD_ERR_NOT_FOUND || strcmp(current, x->session) != 0 ||
	    (!x->any_session && strcmp(x->row.session, x->session) != 0))
		refuse(x, 409, "SESSION");
	else if (x->seq == x->row.seq && strcmp(x->digest, x->row.request) == 0)
		x->repeated = true;
	else if (x->seq == x->row.seq)
		refuse(x, 409, "CONFLICT");
	else if (x->seq < x->row.seq)
		refuse(x, 409, "REPLAYED");
	else if (x->seq > x->row.seq + 1)
		refuse(x, 409, "REORDERED");
	return CARD_OK;
}

static enum card_error load(struct exchange *x, flow_store_t *db, bool lock)
{
	const enum card_error err = flow_issue_row_load(db, x->id, lock, &x->row);

	x->error = NULL;
	x->repeated = false;
	if (err == CARD_ERR_NOT_FOUND ||
	    (err == CARD_OK && strcmp(x->row.terminal, x->terminal) != 0)) {
		refuse(x, 404, "UNKNOWN");
		return CARD_OK;
	}
	return err != CARD_OK ? err : check(x, db);
}

static enum card_error look(void *ctx, flow_store_t *db)
{
	return load(ctx, db, false);
}

enum card_error exchange_look(struct exchange *x)
{
	return flow_issue_store_read(x->c->store, look, x);
}

/* ---- a step ---- */

static enum card_error erase(flow_store_t *db, struct flow_issue_row *row)
{
	if (row->key[0] == '\0' && row->t.pages == 0)
		return CARD_OK;
	row->key[0] = row->resident[0] = row->card[0] = row->nonce[0] = '\0';
	return flow_issue_document_erase(db, row->id);
}

/* Issue record for the municipality: it knows what became of its document. */
static enum card_error tell_issuer(flow_store_t *db, struct flow_issue_row *row, const char *status,
				   int64_t now)
{
	json_t *copies = json_array();
	char time[26], *body;
	enum card_error err = CARD_ERR_NO_MEMORY;

	for (unsigned place = 1; place <= row->t.copies; place++) {
		for (size_t i = 0; i < row->t.numbers; i++) {
			const struct flow_issue_copy *copy = &row->t.copy[i];

			if (copy->place == place)
				json_array_append_new(
					copies,
					json_pack("{s:s,s:b}", "copy", copy->number, "valid",
						  copy->state == FLOW_ISSUE_COPY_VALID));
		}
	}
	card_time_format_japan(now, time);
	{
		json_t *json = json_pack("{s:s,s:s,s:o,s:s}", "transaction", row->id, "status",
					 status, "copies", copies, "time", time);

		body = json != NULL ? json_dumps(json, JSON_COMPACT) : NULL;
		json_decref(json);
	}
	if (body != NULL)
		err = flow_issue_outbox_add(db, row->id, row->municipality, body, now);
	free(body);
	return err;
}

/* How long the centre waits for the next message; the terminal's own time-outs come first (PD-22). */
static int64_t deadline(struct center *c, const struct flow_issue_row *row, int64_t now)
{
	const unsigned message = atomic_load(&c->message_seconds),
		       idle = atomic_load(&c->idle_seconds);

	switch (row->t.state) {
	case FLOW_ISSUE_CARD_READ:
	case FLOW_ISSUE_APPLIED:
	case FLOW_ISSUE_VERIFIED:
	case FLOW_ISSUE_DELIVERED:
		return now + idle + message;
	case FLOW_ISSUE_PAYING:
		return now + idle + 2 * (int64_t)message;
	case FLOW_ISSUE_PAID:
	case FLOW_ISSUE_RESUMED:
		return now + 2 * (int64_t)message;
	default:
		return 0;
	}
}

static enum card_error compensate(flow_store_t *db, struct flow_issue_row *row,
				  const struct flow_issue_rule *rule, int64_t now)
{
	enum card_error err = CARD_OK;

	if ((rule->effects & FLOW_ISSUE_DO_ISSUED) != 0)
		err = tell_issuer(db, row, flow_issue_valid(&row->t) > 0 ? "issued" : "void", now);
	if (err == CARD_OK && (rule->effects & FLOW_ISSUE_DO_WITHDRAWN) != 0)
		err = tell_issuer(db, row, "withdrawn", now);
	if (err == CARD_OK && (rule->effects & FLOW_ISSUE_DO_ERASE) != 0)
		err = erase(db, row);
	/* What came to nothing is not what the resident is asked about in 5 minutes. */
	if (err == CARD_OK && row->recent[0] != '\0' && flow_issue_ended(row->t.state) &&
	    !flow_issue_charged(row->t.state))
		err = flow_issue_recent_release(db, row->recent, row->id);
	return err;
}

/* The row itself is written by the caller. */
static enum card_error step(struct center *c, flow_store_t *db, struct flow_issue_row *row,
			    enum flow_issue_event event, const struct flow_issue_facts *facts,
			    int64_t now)
{
	const struct flow_issue_rule *rule = NULL;
	enum card_error err = flow_issue_step(&row->t, event, facts, &rule);

	if (err != CARD_OK)
		return err;
	row->changed = now;
	row->deadline = deadline(c, row, now);
	err = compensate(db, row, rule, now);
	if (err == CARD_OK)
		err = flow_issue_row_note(db, row, flow_issue_event_name(event), c->config.name);
	/* A free certificate owes nothing: it ends at once. */
	if (err == CARD_OK && row->t.state == FLOW_ISSUE_REFUND_DUE && row->t.refund_amount == 0)
		err = step(c, db, row, FLOW_ISSUE_ON_RETURNED, NULL, now);
	return err;
}

enum card_error center_step(struct center *c, flow_store_t *db, struct flow_issue_row *row,
			    enum flow_issue_event event, const struct flow_issue_facts *facts,
			    int64_t now)
{
	const enum card_error err = step(c, db, row, event, facts, now);

	return err != CARD_OK ? err : flow_issue_row_write(db, row);
}

enum card_error exchange_step(struct exchange *x, flow_store_t *db, enum flow_issue_event event,
			      const struct flow_issue_facts *facts)
{
	x->event = flow_issue_event_name(event);
	return step(x->c, db, &x->row, event, facts, x->now);
}

enum card_error fresh_make(struct fresh *f, unsigned copies)
{
	uint8_t *const ids[] = {f->payment, f->refund, f->permit};
	uint8_t random[3 * 16];
	enum card_error err = CARD_OK;

	memset(f, 0, sizeof *f);
	if (copies > FLOW_ISSUE_COPIES_MAX)
		return CARD_ERR_INVALID_ARGUMENT;
	if (RAND_bytes(random, sizeof random) != 1)
		return CARD_ERR_CRYPTO;
	for (size_t i = 0; i < 3; i++)
		memcpy(ids[i], random + 16 * i, 16);
	for (size_t i = 0; i < copies && err == CARD_OK; i++)
		err = flow_issue_number_make(3, f->number[i]);
	f->facts = (struct flow_issue_facts){(const char(*)[FLOW_ISSUE_NUMBER + 1]) f->number,
					     copies,
					     f->payment,
					     f->refund,
					     f->permit,
					     NULL,
					     NULL};
	return err;
}

/* ---- the unit of work ---- */

json_t *exchange_answer(const struct flow_issue_row *row, const char *code, int64_t now)
{
	char time[26];

	card_time_format_japan(now, time);
	return json_pack("{s:s,s:s,s:I,s:s,s:s?,s:s?,s:b,s:s}", "transaction", row->id, "inquiry",
			 row->inquiry, "seq", (json_int_t)row->seq, "state",
			 flow_issue_state_name(row->t.state), "row", row->t.row, "code", code,
			 "charged", flow_issue_charged(row->t.state) && row->t.fee > 0, "time",
			 time);
}

static enum card_error keep_answer(struct exchange *x, flow_store_t *db)
{
	json_t *answer =
		exchange_answer(&x->row, x->code != NULL ? x->code : x->row.t.code, x->now);
	char *text = NULL;
	enum card_error err = CARD_OK;

	if (answer == NULL || (x->answer != NULL && json_object_update(answer, x->answer) != 0))
		err = CARD_ERR_NO_MEMORY;
	if (err == CARD_OK && !x->answer_document)
		text = json_dumps(answer, JSON_COMPACT);
	if (err == CARD_OK && !x->answer_document &&
	    (text == NULL || strlen(text) >= sizeof x->row.answer))
		err = CARD_ERR_TOO_LONG;
	if (err == CARD_OK)
		snprintf(x->row.answer, sizeof x->row.answer, "%s", text != NULL ? text : "@");
	free(text);
	json_decref(answer);
	return err != CARD_OK ? err : flow_issue_row_write(db, &x->row);
}

static enum card_error unit(void *ctx, flow_store_t *db)
{
	struct exchange *x = ctx;
	enum card_error err = load(x, db, true);
	long before;

	json_decref(x->answer);
	x->answer = NULL;
	x->answer_document = false;
	x->code = NULL;
	if (err != CARD_OK || x->repeated)
		return err;
	/* K11: nothing changes, and it is remembered. */
	if (x->error != NULL)
		return flow_issue_event_add(db, x->id, x->now, x->terminal, "security", x->error,
					    x->c->config.name);
	before = x->row.seq;
	x->before = x->row.t.state;
	x->row.seq = x->seq;
	memcpy(x->row.request, x->digest, sizeof x->row.request);
	err = x->run(x, db);
	if (err == CARD_OK)
		return keep_answer(x, db);
	if (err == CARD_ERR_BAD_STATE || err == CARD_ERR_MALFORMED ||
	    err == CARD_ERR_INVALID_ARGUMENT) {
		x->row.seq = before;
		refuse(x, err == CARD_ERR_BAD_STATE ? 409 : 400,
		       err == CARD_ERR_BAD_STATE ? "BAD_STATE" : "MALFORMED");
	}
	return err;
}

/* An event without a row is journaled; the unit that tried it has left nothing. */
static enum card_error note_refusal(void *ctx, flow_store_t *db)
{
	struct exchange *x = ctx;

	return flow_issue_event_add(db, x->id, x->now, x->terminal, "refused", x->error,
				    x->c->config.name);
}

struct fetch {
	struct exchange *x;
	card_buf_t *sealed;
};

static enum card_error fetch_document(void *ctx, flow_store_t *db)
{
	struct fetch *f = ctx;

	card_buf_clear(f->sealed);
	return flow_issue_document_get(db, f->x->id, f->sealed);
}

/* The stored answer again: the same bytes. */
static void stored_answer(struct exchange *x, struct center_reply *reply)
{
	card_buf_t sealed = {0};
	struct fetch f = {x, &sealed};
	uint8_t key[32];
	enum card_error err = CARD_OK;

	reply->status = 200;
	reply->type = FLOW_ISSUE_MESSAGE_TYPE;
	if (strcmp(x->row.answer, "@") != 0) {
		err = card_buf_append(&reply->body,
				      card_bytes(x->row.answer, strlen(x->row.answer)));
		if (err == CARD_OK)
			err = card_buf_append_byte(&reply->body, '\n');
	} else {
		err = center_key_open(x->c, x->id, x->row.key, key);
		if (err == CARD_OK)
			err = flow_issue_store_read(x->c->store, fetch_document, &f);
		if (err == CARD_OK)
			err = flow_issue_open(key, x->id, card_buf_bytes(&sealed), &reply->body);
		OPENSSL_cleanse(key, sizeof key);
	}
	card_buf_free(&sealed);
	/* Erased since: the transaction has ended. */
	if (err == CARD_ERR_NOT_FOUND)
		center_reply_error(reply, 409, "BAD_STATE", flow_issue_state_name(x->row.t.state));
	else if (err != CARD_OK)
		center_reply_store(reply, x->c);
}

void exchange_finish(struct exchange *x, exchange_fn run, struct center_reply *reply)
{
	enum card_error err;
	const char *state;

	x->run = run;
	err = flow_issue_store_work(x->c->store, unit, x);
	state = x->error != NULL && strcmp(x->error, "BAD_STATE") == 0
			? flow_issue_state_name(x->before)
			: NULL;
	if (x->error != NULL && (err == CARD_ERR_BAD_STATE || err == CARD_ERR_MALFORMED ||
				 err == CARD_ERR_INVALID_ARGUMENT))
		err = flow_issue_store_work(x->c->store, note_refusal, x);
	if (err != CARD_OK)
		center_reply_store(reply, x->c);
	else if (x->error != NULL)
		center_reply_error(reply, x->status, x->error, state);
	else if (reply->status == 0 || !x->answer_document || x->repeated) {
		center_reply_free(reply);
		stored_answer(x, reply);
	}
	json_decref(x->answer);
	x->answer = NULL;
}
