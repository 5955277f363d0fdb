/* SPDX-License-Identifier: Apache-2.0 */
/* apply.c — message 2: who applies, and may he (K09, K11–K16). */
#include "exchange.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void center_proof_free(struct proof *p)
{
	card_buf_free(&p->identity);
	OPENSSL_cleanse(p, sizeof *p);
}

static enum flow_issue_event meaning(const struct card_verify_result *r)
{
	const card_reasons_t reasons = r->reasons;

	if (r->verdict == CARD_VERDICT_VALID)
		return FLOW_ISSUE_ON_VALID;
	switch (card_reasons_first(reasons)) {
	case CARD_REASON_CERT_EXPIRED:
		return FLOW_ISSUE_ON_CERTIFICATE_EXPIRED;
	case CARD_REASON_CERT_REVOKED:
		return FLOW_ISSUE_ON_CERTIFICATE_REVOKED;
	case CARD_REASON_CERT_ON_HOLD:
		return FLOW_ISSUE_ON_CERTIFICATE_ON_HOLD;
	default:
		return r->verdict == CARD_VERDICT_UNDETERMINED ? FLOW_ISSUE_ON_STATUS_UNKNOWN
							       : FLOW_ISSUE_ON_FORGED;
	}
}

static void take_certificate(struct proof *p, const struct card_verify_result *r)
{
	uint8_t authority[32];
	card_cert_t *cert = NULL;

	if (r->issuer == NULL || card_cert_new(&cert, card_buf_bytes(&p->identity)) != CARD_OK)
		return;
	if (card_crl_issuer_key(r->issuer, authority) == CARD_OK) {
		const struct card_bytes serial = card_cert_serial(cert);

		flow_issue_hex_text(authority, sizeof authority, p->authority);
		if (serial.n > 0 && serial.n <= 64)
			flow_issue_hex_text(serial.p, serial.n, p->serial);
	}
	card_cert_free(&cert);
}

static enum card_error by_certificate(struct exchange *x, struct proof *p)
{
	card_buf_t signature = {0};
	uint8_t digest[32];
	struct card_verify_request request = {.parts = CARD_VERIFY_ALL,
					      .use = CARD_USE_AUTH,
					      .at = x->now,
					      .hash = CARD_HASH_SHA256};
	struct card_verify_result result;
	card_verify_t *verify;
	size_t which;
	enum card_error err = flow_issue_base64(x->json, "certificate", &p->identity);

	if (err == CARD_OK)
		err = flow_issue_base64(x->json, "signature", &signature);
	if (err != CARD_OK) {
		card_buf_free(&signature);
		return err;
	}
	if (!center_challenge(x, digest)) {
		p->event = FLOW_ISSUE_ON_FORGED;
		card_buf_free(&signature);
		return CARD_OK;
	}
	request.certificate = card_buf_bytes(&p->identity);
	request.digest = card_bytes(digest, sizeof digest);
	request.signature = card_buf_bytes(&signature);
	verify = center_verify_take(x->c, x->rules, &which);
	err = card_verify(verify, &request, &result);
	center_verify_give(x->c, x->rules, which);
	/* A failure of our own proves nothing (K15). */
	p->event = err == CARD_OK ? meaning(&result) : FLOW_ISSUE_ON_STATUS_UNKNOWN;
	if (err == CARD_OK)
		take_certificate(p, &result);
	if (p->event == FLOW_ISSUE_ON_VALID && p->serial[0] == '\0')
		p->event = FLOW_ISSUE_ON_STATUS_UNKNOWN;
	if (p->event == FLOW_ISSUE_ON_VALID && strcmp(x->row.method, "conversion") == 0 &&
	    center_user_key(x->c, x->row.municipality, p->authority, p->serial, p->user_key) !=
		    CARD_OK)
		p->event = FLOW_ISSUE_ON_STATUS_UNKNOWN;
	card_buf_free(&signature);
	return CARD_OK;
}

enum card_error center_prove(struct exchange *x, struct proof *p)
{
	memset(p, 0, sizeof *p);
	return strcmp(x->row.method, "current") == 0 ? center_by_user_id(x, p)
						     : by_certificate(x, p);
}

/* ---- inside the unit ---- */

static enum card_error keep_binding(struct exchange *x, const struct proof *p)
{
	uint8_t id[16], session[16], binding[32];
	card_buf_t a = card_buf_fixed(id, sizeof id), b = card_buf_fixed(session, sizeof session);
	enum card_error err = card_hex_decode(x->id, &a);

	if (err == CARD_OK)
		err = card_hex_decode(x->session, &b);
	if (err == CARD_OK)
		err = flow_issue_binding(id, session, card_buf_bytes(&p->identity), binding);
	if (err == CARD_OK)
		flow_issue_hex_text(binding, sizeof binding, x->row.binding);
	return err;
}

static enum card_error keep_identity(struct exchange *x, const struct proof *p)
{
	uint8_t key[32];
	enum card_error err = center_key_new(x->c, x->id, key, x->row.key);

	if (err == CARD_OK) {
		center_hmac(key, "same card", card_buf_bytes(&p->identity), x->row.card);
		err = center_resident_keep(x, p, key);
	}
	OPENSSL_cleanse(key, sizeof key);
	return err != CARD_OK ? err : keep_binding(x, p);
}

/* The same resident and kind within 5 minutes? (PD-19) first: the id of that one, or "". */
static enum card_error recent(struct exchange *x, flow_store_t *db, const struct proof *p,
			      char first[33])
{
	char label[80], fresh[121], wrapped[121];
	uint8_t key[32];
	enum card_error err = flow_issue_day_key(db, x->row.day, NULL, wrapped);

	if (err == CARD_ERR_NOT_FOUND) {
		err = center_key_new(x->c, x->row.day, key, fresh);
		if (err == CARD_OK)
			err = flow_issue_day_key(db, x->row.day, fresh, wrapped);
	}
	if (err == CARD_OK)
		err = center_key_open(x->c, x->row.day, wrapped, key);
	if (err != CARD_OK)
		return err;
	snprintf(label, sizeof label, "recent/%s/%s", x->row.municipality, x->row.kind);
	center_hmac(key, label, card_buf_bytes(&p->identity), x->row.recent);
	OPENSSL_cleanse(key, sizeof key);
	return flow_issue_recent_claim(db, x->row.recent, x->id, x->now, x->now + 300, first);
}

enum card_error center_card_state(struct exchange *x, flow_store_t *db, const struct proof *p,
				  enum flow_issue_event *event)
{
	char key[65], state[17];
	enum card_error err;

	center_hmac(x->c->master, "card", card_buf_bytes(&p->identity), key);
	err = flow_issue_card_get(db, key, state);
	if (err == CARD_ERR_NOT_FOUND)
		return CARD_OK;
	if (err == CARD_OK)
		*event = strcmp(state, "suspended") == 0 ? FLOW_ISSUE_ON_CARD_SUSPENDED
							 : FLOW_ISSUE_ON_CARD_ABOLISHED;
	return err;
}

/* In the order of flows: hours, proof, card, stop, and the question. */
static enum card_error judge(struct exchange *x, flow_store_t *db, struct proof *p,
			     enum flow_issue_event *event, char first[33])
{
	struct flow_issue_offer offer;
	bool stopped;
	enum card_error err = CARD_OK;

	first[0] = '\0';
	flow_issue_catalogue_offer(x->rules->catalogue, x->row.municipality, x->row.kind, x->now,
				   &offer);
	*event = offer.code != NULL ? FLOW_ISSUE_ON_OUTSIDE_HOURS : p->event;
	/* A suspended card has its certificates on hold too, an abolished one has them revoked: what the
	 * card itself is says more (K14). */
	if (*event != FLOW_ISSUE_ON_VALID && *event != FLOW_ISSUE_ON_CERTIFICATE_ON_HOLD &&
	    *event != FLOW_ISSUE_ON_CERTIFICATE_REVOKED)
		return CARD_OK;
	err = center_card_state(x, db, p, event);
	if (err != CARD_OK || *event != FLOW_ISSUE_ON_VALID)
		return err;
	err = flow_issue_stopped(db, x->row.municipality, x->row.kind, x->terminal, &stopped);
	if (err == CARD_OK && stopped)
		*event = FLOW_ISSUE_ON_STOPPED;
	if (err != CARD_OK || stopped)
		return err;
	err = recent(x, db, p, first);
	if (err == CARD_OK && first[0] != '\0')
		*event = FLOW_ISSUE_ON_RECENT;
	return err;
}

static json_t *about_first(flow_store_t *db, const char *id)
{
	struct flow_issue_row *first = malloc(sizeof *first);
	char time[26];
	json_t *json = NULL;

	if (first != NULL && flow_issue_row_load(db, id, false, first) == CARD_OK) {
		card_time_format_japan(first->received, time);
		json = json_pack("{s:{s:s,s:s}}", "first", "state",
				 flow_issue_state_name(first->t.state), "time", time);
	}
	free(first);
	return json;
}

static enum card_error apply(struct exchange *x, flow_store_t *db)
{
	struct proof *p = x->ctx;
	enum flow_issue_event event = FLOW_ISSUE_ON_STATUS_UNKNOWN;
	char first[33];
	enum card_error err;

	x->row.received = x->now;
	card_date_format(card_date_in_japan(x->now), x->row.day);
	err = exchange_step(x, db, FLOW_ISSUE_ON_APPLICATION, NULL);
	if (err == CARD_OK)
		err = judge(x, db, p, &event, first);
	if (err == CARD_OK && (event == FLOW_ISSUE_ON_VALID || event == FLOW_ISSUE_ON_RECENT))
		err = keep_identity(x, p);
	x->row.nonce[0] = '\0'; /* one use */
	if (err == CARD_OK)
		err = exchange_step(x, db, event, NULL);
	if (err == CARD_OK && event == FLOW_ISSUE_ON_RECENT)
		x->answer = about_first(db, first);
	if (err == CARD_OK && x->row.t.state == FLOW_ISSUE_VERIFIED)
		x->answer = json_pack("{s:s}", "binding", x->row.binding);
	return err;
}

static enum card_error nothing(struct exchange *x, flow_store_t *db)
{
	(void)x;
	(void)db;
	return CARD_ERR_BAD_STATE;
}

void exchange_apply(struct exchange *x, struct center_reply *reply)
{
	const char *method = flow_issue_text(x->json, "method", 16);
	struct proof p = {0};
	enum card_error err = exchange_look(x);

	if (err != CARD_OK) {
		center_reply_error(reply, 503, "STORE", NULL);
		return;
	}
	if (x->error != NULL || x->repeated || x->row.t.state != FLOW_ISSUE_CARD_READ) {
		exchange_finish(x, nothing, reply);
		return;
	}
	if (method == NULL || strcmp(method, x->row.method) != 0 ||
	    center_prove(x, &p) != CARD_OK) {
		center_proof_free(&p);
		center_reply_error(reply, 400, "MALFORMED", NULL);
		return;
	}
	x->ctx = &p;
	exchange_finish(x, apply, reply);
	x->ctx = NULL;
	center_proof_free(&p);
}

static enum card_error again(struct exchange *x, flow_store_t *db)
{
	const char *answer = flow_issue_text(x->json, "answer", 3);
	enum card_error err;

	if (answer == NULL || (strcmp(answer, "yes") != 0 && strcmp(answer, "no") != 0))
		return CARD_ERR_MALFORMED;
	err = exchange_step(x, db, answer[0] == 'y' ? FLOW_ISSUE_ON_AGAIN : FLOW_ISSUE_ON_NOT_AGAIN,
			    NULL);
	if (err == CARD_OK && x->row.t.state == FLOW_ISSUE_VERIFIED)
		x->answer = json_pack("{s:s}", "binding", x->row.binding);
	return err;
}

void exchange_again(struct exchange *x, struct center_reply *reply)
{
	exchange_finish(x, again, reply);
}
