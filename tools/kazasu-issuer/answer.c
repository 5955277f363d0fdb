/* SPDX-License-Identifier: Apache-2.0 */
/* answer.c — one request, one decision, one document, one record of it (flows K17…K22). */
#include "answer.h"

#include "inflight.h"
#include "request.h"
#include "say.h"
#include "text_check.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RIGHT    "right" /* a PIN of a kind that was only checked */
#define PATIENCE 10      /* seconds for a worker, or for the first of equal requests */

/* What an attempt came to: a certificate, or one of the two codes of the kind PIN. */
struct result {
	struct flow_certificate c;
	const char *code; /* "made", or of the refusal */
	int tries_left;
	char digest[65];
};

void answer_error(struct answer *out, unsigned status, const char *code)
{
	char text[64];

	card_buf_clear(&out->body);
	snprintf(text, sizeof text, "{\"error\":{\"code\":\"%s\"}}", code);
	if (card_buf_append(&out->body, card_bytes(text, strlen(text))) != CARD_OK)
		status = 500;
	out->status = status;
}

static void busy(struct answer *out)
{
	answer_error(out, 503, "BUSY");
}

static void write_answer(const struct request *r, const struct result *x, struct answer *out)
{
	const struct flow_issue_part front = {"front", "application/pdf", card_buf_bytes(&x->c.pdf),
					      x->digest[0] != '\0' ? x->digest : NULL};
	const bool made = strcmp(x->code, "made") == 0;
	const bool right = strcmp(x->code, RIGHT) == 0;
	json_t *j = json_pack("{s:s, s:i, s:s}", "transaction", r->transaction, "attempt",
			      r->attempt, "binding", r->binding);

	if (made) {
		json_object_set_new(j, "outcome", json_string("made"));
		json_object_set_new(j, "kind", json_string(flow_certificate_name(r->kind)));
		json_object_set(j, "options", json_object_get(r->message.json, "options"));
		json_object_set_new(j, "pages", json_integer((json_int_t)x->c.pages));
	} else if (right) {
		json_object_set_new(j, "outcome", json_string(RIGHT));
	} else {
		json_object_set_new(j, "outcome", json_string("refused"));
		json_object_set_new(j, "code", json_string(x->code));
		json_object_set_new(j, "tries_left",
				    x->tries_left >= 0 ? json_integer(x->tries_left) : json_null());
	}
	out->status = 200;
	out->slow = strcmp(x->code, flow_outcome_name(FLOW_OUTCOME_NOT_AVAILABLE)) == 0;
	if (flow_issue_message_write(j, &front, made ? 1 : 0, &out->body) != CARD_OK)
		answer_error(out, 503, "RECORDS");
	json_decref(j);
}

/* The PIN of the kind comes as TRANSACTION:SEQ:PIN, sealed to this municipality. */
static enum card_error open_pin(const struct office *o, const struct request *r, card_secret_t *pin)
{
	char *clear = NULL, wanted[64];
	const char *colon;
	enum card_error err = o->pin_key != NULL
				      ? journal_unseal_text(o->pin_key, r->kind_pin, &clear)
				      : CARD_ERR_UNSUPPORTED;

	if (err != CARD_OK)
		return CARD_ERR_MALFORMED;
	colon = strrchr(clear, ':');
	err = CARD_ERR_MALFORMED;
	/* Of this message and no other: docs/issuance.md. */
	snprintf(wanted, sizeof wanted, "%s:%d:", r->transaction, r->attempt);
	if (colon != NULL && strncmp(clear, wanted, strlen(wanted)) == 0 &&
	    (size_t)(colon - clear) + 1 == strlen(wanted))
		err = card_secret_set(pin, card_bytes(colon + 1, strlen(colon + 1)));
	card_wipe(clear, strlen(clear));
	free(clear);
	return err;
}

static enum card_error compare_pin(const struct office *o, struct worker *w,
				   const struct request *r, const card_secret_t *pin,
				   struct result *x)
{
	char atena[FLOW_RECORD_ATENA];
	struct flow_kind_attempt a = {
		.atena = atena, .transaction = r->transaction, .attempt = r->attempt};
	enum card_error err = flow_record_find(w->records, r->by_certificate ? r->key : NULL,
					       r->by_certificate ? NULL : r->key,
					       card_date_in_japan(r->received), atena);

	(void)o;
	/* Nobody's card: refused like every other that is not available. */
	if (err != CARD_OK || *atena == '\0')
		return err;
	a.kind = flow_certificate_name(r->kind);
	err = flow_kind_pin_check(w->records, w->ledger, &a, pin, &x->tries_left);
	snprintf(x->c.atena, sizeof x->c.atena, "%s", atena);
	if (err == CARD_ERR_PIN_WRONG)
		x->code = "kind_pin_wrong";
	else if (err == CARD_ERR_PIN_LOCKED)
		x->code = "kind_pin_locked";
	else if (err == CARD_ERR_NOT_FOUND) {
		x->c.outcome = FLOW_OUTCOME_NOT_AVAILABLE;
		x->c.why = FLOW_WHY_NO_RECORD;
		x->code = flow_outcome_name(x->c.outcome);
	} else {
		return err;
	}
	return CARD_OK;
}

static enum card_error check_pin(const struct office *o, struct worker *w, const struct request *r,
				 struct result *x)
{
	card_secret_t *pin = NULL;
	enum card_error err = card_secret_new(&pin);

	if (err == CARD_OK)
		err = open_pin(o, r, pin);
	if (err == CARD_OK)
		err = compare_pin(o, w, r, pin, x);
	card_secret_free(&pin);
	return err;
}

static enum card_error finish_document(const struct office *o, const struct request *r,
				       struct result *x)
{
	uint8_t digest[32];
	unsigned n = sizeof digest;
	enum card_error err;

	if (!text_check(card_buf_bytes(&x->c.pdf), x->c.pages, card_buf_bytes(&x->c.drawn))) {
		x->c.outcome = FLOW_OUTCOME_DOCUMENT_ERROR;
		x->c.why = FLOW_WHY_DIFFERS;
		return CARD_OK;
	}
	err = flow_issue_signer_sign(o->signer, r->received, &x->c.pdf);
	if (err != CARD_OK) {
		say_log("signing-failed", "error=%s", card_error_name(err));
		return err;
	}
	if (EVP_Digest(x->c.pdf.p, x->c.pdf.n, digest, &n, EVP_sha256(), NULL) != 1)
		return CARD_ERR_CRYPTO;
	flow_issue_hex_text(digest, sizeof digest, x->digest);
	return CARD_OK;
}

static enum card_error make(const struct office *o, struct worker *w, const struct request *r,
			    struct result *x)
{
	const struct flow_certificate_request q = {.kind = r->kind,
						   .options = r->options,
						   .time = r->received,
						   .certificate_key =
							   r->by_certificate ? r->key : NULL,
						   .user_key = r->by_certificate ? NULL : r->key};
	enum card_error err = flow_certificate_make(w->records, w->fonts, &o->names, &q, &x->c);

	if (err == CARD_OK && x->c.outcome == FLOW_OUTCOME_MADE)
		err = finish_document(o, r, x);
	if (err == CARD_OK)
		x->code = flow_outcome_name(x->c.outcome);
	return err;
}

static enum card_error record(const struct office *o, struct worker *w, const struct request *r,
			      const struct result *x)
{
	char received[26], now[26], place[REQUEST_TEXT + 80], detail[16] = "";
	struct flow_ledger_entry e = {.transaction = r->transaction,
				      .attempt = r->attempt,
				      .request = r->digest,
				      .received = received,
				      .kind = flow_certificate_name(r->kind),
				      .options = r->options_text,
				      .method = r->method,
				      .atena = x->c.atena,
				      .member = x->c.member,
				      .outcome = x->code,
				      .why = flow_why_name(x->c.why),
				      .concerned = x->c.concerned,
				      .detail = detail,
				      .tries_left = x->tries_left,
				      .digest = x->digest,
				      .pages = (int)x->c.pages,
				      .state = strcmp(x->code, "made") == 0 ? "made" : "refused",
				      .changed = now};
	char *sealed = NULL;
	enum card_error err;

	card_time_format_japan(r->received, received);
	card_time_format_japan((int64_t)time(NULL), now);
	if (x->c.missing != 0)
		snprintf(detail, sizeof detail, "U+%04X", (unsigned)x->c.missing);
	snprintf(place, sizeof place, "%s %s", r->terminal, r->place != NULL ? r->place : "");
	err = journal_seal_text(o->audit, place, &sealed);
	e.terminal = sealed;
	if (err == CARD_OK)
		err = flow_ledger_add(w->ledger, &e);
	free(sealed);
	return err;
}

/* What the issue record says about an attempt that came before. */
struct earlier {
	bool there, same, made, made_now;
	int tries_left;
	char code[40], digest[65];
};

struct looking {
	struct earlier *e;
	const char *request;
};

static enum card_error take_earlier(void *ctx, const struct flow_ledger_entry *entry)
{
	const struct looking *l = ctx;
	struct earlier *e = l->e;

	e->there = true;
	e->same = strcmp(entry->request, l->request) == 0;
	e->made = strcmp(entry->outcome, "made") == 0;
	e->made_now = strcmp(entry->state, "made") == 0;
	e->tries_left = entry->tries_left;
	snprintf(e->code, sizeof e->code, "%s", entry->outcome);
	snprintf(e->digest, sizeof e->digest, "%s", entry->digest);
	return CARD_OK;
}

/* The same request again: the same answer. A document is made anew: it is not kept (flows "What always
 * holds" 2), and the same record gives the same bytes. */
static enum card_error repeat(const struct office *o, struct worker *w, const struct request *r,
			      const struct earlier *e, struct result *x)
{
	char now[26];
	enum card_error err;

	x->tries_left = e->tries_left;
	if (!e->made) {
		x->code = e->code;
		return CARD_OK;
	}
	if (!e->made_now) {
		/* Withdrawn or given out meanwhile: not once more. */
		x->code = flow_outcome_name(FLOW_OUTCOME_DOCUMENT_ERROR);
		return CARD_OK;
	}
	err = make(o, w, r, x);
	if (err != CARD_OK || strcmp(x->digest, e->digest) == 0 || *x->digest == '\0')
		return err;
	card_time_format_japan((int64_t)time(NULL), now);
	return flow_ledger_remade(w->ledger, r->transaction, r->attempt, x->digest, now);
}

static enum card_error first_time(const struct office *o, struct worker *w, const struct request *r,
				  struct result *x)
{
	enum card_error err = r->kind_pin != NULL ? check_pin(o, w, r, x) : CARD_OK;

	if (err == CARD_OK && x->code == NULL)
		err = make(o, w, r, x);
	return err == CARD_OK ? record(o, w, r, x) : err;
}

/* K37, 現行方式: the same person goes on with what was made. Nothing is made, and nothing recorded but
 * the attempt at the PIN, which counts as any other. */
static void only_pin(struct office *o, struct worker *w, const struct request *r,
		     struct answer *out)
{
	struct result x = {.tries_left = -1};
	enum card_error err = check_pin(o, w, r, &x);

	if (err == CARD_OK && x.code == NULL)
		x.code = x.c.atena[0] != '\0' ? RIGHT
					      : flow_outcome_name(FLOW_OUTCOME_NOT_AVAILABLE);
	if (err == CARD_OK)
		write_answer(r, &x, out);
	else if (err == CARD_ERR_MALFORMED || err == CARD_ERR_INVALID_ARGUMENT)
		answer_error(out, 400, "MALFORMED");
	else
		answer_error(out, 503, "RECORDS");
	say_log("kind-pin", "transaction=%s attempt=%d outcome=%s", r->transaction, r->attempt,
		x.code != NULL ? x.code : card_error_name(err));
	flow_certificate_free(&x.c);
}

static void work(struct office *o, struct worker *w, const struct request *r, struct answer *out)
{
	struct result x = {.tries_left = -1};
	struct earlier e = {.there = false};
	struct looking l = {&e, r->digest};
	enum card_error err =
		flow_ledger_find(w->ledger, r->transaction, r->attempt, take_earlier, &l);

	if (err == CARD_OK && e.there && !e.same) {
		say_log("conflict", "transaction=%s attempt=%d", r->transaction, r->attempt);
		err = CARD_ERR_MALFORMED;
	} else if (err == CARD_OK) {
		err = e.there ? repeat(o, w, r, &e, &x) : first_time(o, w, r, &x);
	}
	if (err == CARD_OK)
		write_answer(r, &x, out);
	else if (err == CARD_ERR_MALFORMED || err == CARD_ERR_INVALID_ARGUMENT)
		answer_error(out, 400, "MALFORMED");
	else
		answer_error(out, 503, "RECORDS");
	say_log("certificate", "transaction=%s attempt=%d kind=%s outcome=%s%s", r->transaction,
		r->attempt, flow_certificate_name(r->kind),
		x.code != NULL ? x.code : card_error_name(err), e.there ? " repeated" : "");
	flow_certificate_free(&x.c);
}

void answer_certificate(struct office *o, struct card_bytes body, struct answer *out)
{
	struct request r;
	struct worker *w;

	if (!request_read(&r, body, o->config.municipality,
			  card_bytes(o->secret, o->secret_length))) {
		answer_error(out, 400, "MALFORMED");
		request_free(&r);
		return;
	}
	if (!flow_list_has(o->config.methods, r.method)) {
		say_log("method-refused", "transaction=%s method=%s", r.transaction, r.method);
		answer_error(out, 400, "MALFORMED");
		request_free(&r);
		return;
	}
	if (!inflight_enter(r.transaction, PATIENCE)) {
		busy(out);
		request_free(&r);
		return;
	}
	w = office_worker(o, PATIENCE);
	if (w != NULL) {
		(r.only_pin ? only_pin : work)(o, w, &r, out);
		office_give_back(o, w);
	} else {
		busy(out);
	}
	inflight_leave(r.transaction);
	request_free(&r);
}

static void report(struct worker *w, const char *transaction, const json_t *j, struct answer *out)
{
	const char *named = flow_issue_text(j, "transaction", 32),
		   *status = flow_issue_text(j, "status", 16);
	const json_t *copies = json_object_get(j, "copies");
	char *text = json_dumps(copies, JSON_COMPACT);
	char now[26];
	enum card_error err = CARD_ERR_INVALID_ARGUMENT;

	card_time_format_japan((int64_t)time(NULL), now);
	if (named != NULL && strcmp(named, transaction) == 0 && status != NULL &&
	    (copies == NULL || json_is_array(copies)))
		err = flow_ledger_status(w->ledger, transaction, status, text != NULL ? text : "[]",
					 now);
	free(text);
	say_log("status", "transaction=%s status=%s result=%s", transaction,
		status != NULL ? status : "?", card_error_name(err));
	/* Nothing was made, or it is settled the other way: nothing to repeat, but it is told. */
	if (err == CARD_OK || err == CARD_ERR_NOT_FOUND || err == CARD_ERR_BAD_STATE) {
		json_t *a = json_pack("{s:s, s:s}", "transaction", transaction, "status",
				      err == CARD_OK              ? status
				      : err == CARD_ERR_NOT_FOUND ? "unknown"
								  : "issued");

		out->status = 200;
		if (flow_issue_message_write(a, NULL, 0, &out->body) != CARD_OK)
			answer_error(out, 503, "RECORDS");
		json_decref(a);
	} else if (err == CARD_ERR_INVALID_ARGUMENT) {
		answer_error(out, 400, "MALFORMED");
	} else {
		answer_error(out, 503, "RECORDS");
	}
}

void answer_status(struct office *o, const char *transaction, struct card_bytes body,
		   struct answer *out)
{
	struct flow_issue_message m = {.json = NULL};
	struct worker *w;

	if (!request_is_hex(transaction, 32) || flow_issue_message_read(&m, body) != CARD_OK) {
		answer_error(out, 400, "MALFORMED");
		return;
	}
	w = office_worker(o, PATIENCE);
	if (w != NULL) {
		report(w, transaction, m.json, out);
		office_give_back(o, w);
	} else {
		busy(out);
	}
	flow_issue_message_free(&m);
}
