/* SPDX-License-Identifier: Apache-2.0 */
/* Sources of revocation status and what counts as an answer. */
#include <stdlib.h>
#include <string.h>

#include <openssl/rand.h>

#include "pki_verify.h"

/* Clocks differ a little, in seconds. */
#define CLOCK_SKEW 300
/* An OCSP answer that names no end counts this long unless max_age says less. */
#define OCSP_AGE_DEFAULT 3600

static void undetermined(struct card_revocation_answer *out, enum card_reason why)
{
	out->status = CARD_REVOCATION_UNDETERMINED;
	out->reasons |= card_reason_bit(why);
}

static void revoked(struct card_revocation_answer *out, int64_t at, enum card_crl_reason reason)
{
	out->status = CARD_REVOCATION_REVOKED;
	out->revoked_at = at;
	out->reason = reason;
	out->reasons = card_reason_bit(reason == CARD_CRL_HOLD ? CARD_REASON_CERT_ON_HOLD
							       : CARD_REASON_CERT_REVOKED);
}

/* Dates of an answer against the time asked for; true if it is fresh. */
static bool fresh(const struct card_verify_config *c, int64_t at, int64_t skew,
		  struct card_revocation_answer *out)
{
	if (out->this_update > at + skew) {
		undetermined(out, CARD_REASON_REVOCATION_FUTURE);
		return false;
	}
	bool late = out->next_update ? out->next_update < at : c->max_age == 0;
	if (c->max_age > 0 && at - out->this_update > c->max_age)
		late = true;
	if (late)
		undetermined(out, CARD_REASON_REVOCATION_STALE);
	return !late;
}

/* ---- the store ---- */

static enum card_error scope_of(card_verify_t *v, const card_cert_t *c, uint8_t scope[32])
{
	struct card_bytes der = c->dist_point;
	if (der.n == 0 || der.n > PKI_SCOPE_DER)
		return pki_crl_scope(der, c->dist_point_uri, scope);
	uint32_t hash = 0;
	for (size_t i = der.n > 48 ? der.n - 48 : 0; i < der.n; i++)
		hash = (hash ^ der.p[i]) * 0x9E3779B1u;
	struct pki_scope *s = &v->scope[hash >> 24 & (PKI_SCOPES - 1)];
	if (s->n != der.n || memcmp(s->der, der.p, der.n) != 0) {
		enum card_error err = pki_crl_scope(der, c->dist_point_uri, s->scope);
		s->n = 0;
		if (err)
			return err;
		memcpy(s->der, der.p, der.n);
		s->n = (uint16_t)der.n;
	}
	memcpy(scope, s->scope, 32);
	return CARD_OK;
}

/*
 * One index. A listed certificate is refused whatever the age of the list: it
 * does not come back (JPKI lifts no hold). Only a list made after the time asked
 * for may name a later revocation, which says nothing about that time.
 */
static void ask_index(card_verify_t *v, const card_crl_index_t *x, struct card_bytes serial,
		      int64_t at, struct card_revocation_answer *out)
{
	struct card_crl_entry e;
	*out = (struct card_revocation_answer){.method = CARD_REVOCATION_BY_CRL,
					       .reason = CARD_CRL_NO_REASON,
					       .this_update = x->info.this_update,
					       .next_update = x->info.next_update,
					       .number_n = x->info.number_n};
	memcpy(out->number, x->info.number, sizeof(out->number));
	bool in_time = fresh(&v->config, at, 0, out);
	bool listed = card_crl_index_lookup(x, serial, &e);
	if (listed && (e.revoked_at <= at || x->info.this_update <= at))
		revoked(out, e.revoked_at, e.reason);
	else if (in_time)
		out->status = CARD_REVOCATION_GOOD;
}

static void ask_store(card_verify_t *v, const uint8_t issuer_key[32], const uint8_t scope[32],
		      struct card_bytes serial, int64_t at, struct card_revocation_answer *out)
{
	static const uint8_t whole[32] = {0};
	struct card_revocation_answer one;
	*out = (struct card_revocation_answer){.reason = CARD_CRL_NO_REASON};
	/* The list of the municipality, then that of the whole CA. */
	bool any = false;
	for (int i = 0; i < 2; i++) {
		const uint8_t *which = i == 0 ? scope : whole;
		if (i == 1 && memcmp(scope, whole, 32) == 0)
			break;
		const card_crl_index_t *x = card_crl_store_find(v->store, issuer_key, which);
		if (!x)
			continue;
		ask_index(v, x, serial, at, &one);
		/* A revocation decides; a fresh list is better than none or an old one. */
		if (!any || one.status == CARD_REVOCATION_REVOKED ||
		    (out->status == CARD_REVOCATION_UNDETERMINED &&
		     one.status == CARD_REVOCATION_GOOD))
			*out = one;
		any = true;
		if (out->status == CARD_REVOCATION_REVOKED)
			break;
	}
	if (!any)
		undetermined(out, CARD_REASON_REVOCATION_MISSING);
}

enum card_error pki_ask_store(card_verify_t *v, const struct card_revocation_query *q,
			      const uint8_t issuer_key[32], struct card_revocation_answer *out)
{
	uint8_t scope[32];
	*out = (struct card_revocation_answer){.reason = CARD_CRL_NO_REASON};
	enum card_error err = scope_of(v, q->cert, scope);
	if (err)
		return err;
	ask_store(v, issuer_key, scope, q->cert->serial, q->at, out);
	return CARD_OK;
}

enum card_error card_verify_serial(card_verify_t *v, const uint8_t issuer_key[32],
				   const uint8_t scope[32], struct card_bytes serial, int64_t at,
				   struct card_revocation_answer *out)
{
	if (!v || !issuer_key || !scope || !out || (!serial.p && serial.n))
		return CARD_ERR_INVALID_ARGUMENT;
	*out = (struct card_revocation_answer){.reason = CARD_CRL_NO_REASON};
	if (v->store)
		ask_store(v, issuer_key, scope, serial, at, out);
	else
		undetermined(out, CARD_REASON_REVOCATION_MISSING);
	return CARD_OK;
}

/* ---- OCSP ---- */

static void take_ocsp(card_verify_t *v, const struct card_revocation_query *q,
		      const struct card_ocsp_answer *a, struct card_revocation_answer *out)
{
	out->this_update = a->this_update;
	out->next_update = a->next_update;
	struct card_verify_config c = v->config;
	if (!a->next_update && c.max_age == 0)
		c.max_age = OCSP_AGE_DEFAULT;
	bool in_time = fresh(&c, q->at, CLOCK_SKEW, out);
	if (a->produced_at > q->at + CLOCK_SKEW && in_time) {
		undetermined(out, CARD_REASON_REVOCATION_FUTURE);
		in_time = false;
	}
	if (a->status == CARD_OCSP_REVOKED && (in_time || a->revoked_at <= q->at))
		revoked(out, a->revoked_at, a->reason);
	else if (a->status == CARD_OCSP_GOOD && in_time)
		out->status = CARD_REVOCATION_GOOD;
	else if (a->status == CARD_OCSP_UNKNOWN)
		undetermined(out, CARD_REASON_REVOCATION_MISSING);
}

static void judge_ocsp(card_verify_t *v, const struct card_revocation_query *q,
		       struct card_bytes bytes, struct card_bytes nonce,
		       struct card_revocation_answer *out)
{
	struct card_ocsp_answer a;
	enum card_error err = card_ocsp_check(bytes, q->cert, q->issuer, nonce, q->at, &a);
	if (!err && nonce.n > 0 && v->config.ocsp_nonce_required && !a.nonce)
		err = CARD_ERR_DENIED;
	if (!err)
		take_ocsp(v, q, &a, out);
	else if (err == CARD_ERR_UNDETERMINED || err == CARD_ERR_NOT_FOUND)
		undetermined(out, CARD_REASON_REVOCATION_MISSING);
	else
		undetermined(out, CARD_REASON_REVOCATION_DAMAGED);
}

static enum card_error fetch_ocsp(card_verify_t *v, const struct card_revocation_query *q,
				  struct card_revocation_answer *out)
{
	uint8_t nonce[CARD_OCSP_NONCE];
	char url[1024];
	struct card_bytes from = q->cert->ocsp_uri;
	if (v->ocsp_url)
		from = card_bytes(v->ocsp_url, strlen(v->ocsp_url));
	if (!v->config.fetch || from.n == 0 || from.n >= sizeof(url)) {
		undetermined(out, CARD_REASON_REVOCATION_MISSING);
		return CARD_OK;
	}
	memcpy(url, from.p, from.n);
	url[from.n] = '\0';
	if (RAND_bytes(nonce, sizeof(nonce)) != 1)
		return CARD_ERR_CRYPTO;
	struct card_bytes n = card_bytes(nonce, sizeof(nonce));
	card_buf_t request = {0}, answer = {0};
	enum card_error err = card_ocsp_request(q->cert, q->issuer, CARD_HASH_SHA1, n,
						v->config.ocsp_signer, &request);
	if (!err) {
		err = v->config.fetch(v->config.fetch_ctx, url, CARD_OCSP_REQUEST_TYPE,
				      card_buf_bytes(&request), &answer);
		if (!err)
			judge_ocsp(v, q, card_buf_bytes(&answer), n, out);
		else
			undetermined(out, CARD_REASON_REVOCATION_MISSING);
		err = CARD_OK;
	}
	card_buf_free(&request);
	card_buf_free(&answer);
	return err;
}

enum card_error pki_ask_ocsp(card_verify_t *v, const struct card_revocation_query *q,
			     struct card_revocation_answer *out)
{
	*out = (struct card_revocation_answer){.method = CARD_REVOCATION_BY_OCSP,
					       .reason = CARD_CRL_NO_REASON};
	if (q->stapled.n > 0) {
		judge_ocsp(v, q, q->stapled, card_bytes(NULL, 0), out);
		if (out->status != CARD_REVOCATION_UNDETERMINED)
			return CARD_OK;
	}
	return v->config.ocsp ? fetch_ocsp(v, q, out) : CARD_OK;
}

/* ---- in order ---- */

static bool decided(const struct card_revocation_answer *a)
{
	return a->status == CARD_REVOCATION_GOOD || a->status == CARD_REVOCATION_REVOKED;
}

/* The next source's answer, if the one before left it open. All reasons stay. */
static void merge(struct card_revocation_answer *out, const struct card_revocation_answer *next)
{
	card_reasons_t before = out->reasons;
	*out = *next;
	if (!decided(next))
		out->reasons |= before;
}

enum card_error pki_ask(card_verify_t *v, const struct card_revocation_query *q,
			const uint8_t issuer_key[32], struct card_revocation_answer *out)
{
	struct card_revocation_answer one;
	enum card_error err = CARD_OK;
	*out = (struct card_revocation_answer){.reason = CARD_CRL_NO_REASON};
	bool ocsp_said_good = false;
	for (int turn = 0; turn < 2 && !err && !decided(out); turn++) {
		bool ocsp = v->config.ocsp_first == (turn == 0);
		if (ocsp ? !v->config.ocsp && q->stapled.n == 0 : !v->store)
			continue;
		err = ocsp ? pki_ask_ocsp(v, q, &one) : pki_ask_store(v, q, issuer_key, &one);
		if (!err)
			merge(out, &one);
		ocsp_said_good = ocsp && out->status == CARD_REVOCATION_GOOD;
	}
	/* A list at hand costs nothing, and what is on it does not come back. */
	if (!err && ocsp_said_good && v->store && !(err = pki_ask_store(v, q, issuer_key, &one)) &&
	    one.status == CARD_REVOCATION_REVOKED)
		*out = one;
	for (size_t i = 0; i < v->config.more_n && !err && !decided(out); i++) {
		one = (struct card_revocation_answer){.reason = CARD_CRL_NO_REASON};
		err = v->config.more[i].ask(v->config.more[i].ctx, q, &one);
		if (!err)
			merge(out, &one);
	}
	if (!err && !decided(out)) {
		out->status = CARD_REVOCATION_UNDETERMINED;
		if (!out->reasons)
			out->reasons = card_reason_bit(CARD_REASON_REVOCATION_MISSING);
	}
	return err;
}
