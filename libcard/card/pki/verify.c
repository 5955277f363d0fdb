/* SPDX-License-Identifier: Apache-2.0 */
/* The call that puts path, signature and status together. */
#include <stdlib.h>
#include <string.h>

#include "pki_verify.h"

enum card_error card_verify_new(card_verify_t **out, const struct card_verify_config *config)
{
	if (!out || !config || !config->trust || config->more_n > CARD_VERIFY_SOURCES ||
	    config->max_age < 0)
		return CARD_ERR_INVALID_ARGUMENT;
	card_verify_t *v = calloc(1, sizeof(*v));
	if (!v)
		return CARD_ERR_NO_MEMORY;
	v->config = *config;
	v->config.ocsp_url = NULL;
	v->scope = calloc(PKI_SCOPES, sizeof(*v->scope));
	enum card_error err = v->scope ? CARD_OK : CARD_ERR_NO_MEMORY;
	if (!err && config->ocsp_url && !(v->ocsp_url = strdup(config->ocsp_url)))
		err = CARD_ERR_NO_MEMORY;
	if (!err && config->store)
		err = card_crl_store_open(&v->store, config->store, config->recheck_ms);
	v->config.store = NULL;
	if (err) {
		card_verify_free(&v);
		return err;
	}
	*out = v;
	return CARD_OK;
}

void card_verify_free(card_verify_t **v)
{
	if (!v || !*v)
		return;
	card_crl_store_close(&(*v)->store);
	pki_engine_free(&(*v)->engine);
	free((*v)->ocsp_url);
	free((*v)->scope);
	free(*v);
	*v = NULL;
}

static enum card_check check_of(card_reasons_t reasons)
{
	switch (card_verdict_of(reasons)) {
	case CARD_VERDICT_VALID:
		return CARD_CHECK_PASS;
	case CARD_VERDICT_INVALID:
		return CARD_CHECK_FAIL;
	default:
		return CARD_CHECK_UNDETERMINED;
	}
}

/* The signature over the challenge with the certificate's key. */
static enum card_error check_signature(card_verify_t *v, const struct card_verify_request *r,
				       const struct card_cert *c, card_reasons_t *reasons)
{
	uint8_t digest[CARD_HASH_MAX];
	struct card_bytes d = r->digest;
	if (r->hash == CARD_HASH_SHA1 && !(r->signature_flags & CARD_VERIFY_ALLOW_SHA1)) {
		*reasons |= card_reason_bit(CARD_REASON_SIGNATURE_WEAK_HASH);
		return CARD_OK;
	}
	if (r->message.p) {
		enum card_error err = pki_digest(&v->engine, r->hash, r->message, digest);
		if (err)
			return err;
		d = card_bytes(digest, card_hash_size(r->hash));
	}
	struct card_sig_alg alg = {CARD_SIG_OTHER, r->hash, (unsigned)card_hash_size(r->hash)};
	if (c->key.kind == CARD_KEY_EC)
		alg.scheme = CARD_SIG_ECDSA;
	else if (c->key.kind == CARD_KEY_RSA)
		alg.scheme = r->signature_flags & CARD_VERIFY_PSS ? CARD_SIG_PSS : CARD_SIG_PKCS1;
	enum card_error err = pki_sig_verify(&v->engine, &c->key, alg, d, r->signature);
	if (err == CARD_ERR_SIGNATURE)
		*reasons |= card_reason_bit(CARD_REASON_TAMPERED);
	else if (err == CARD_ERR_UNSUPPORTED)
		*reasons |= card_reason_bit(CARD_REASON_SIGNATURE_ALGORITHM);
	else
		return err;
	return CARD_OK;
}

static enum card_error verify(card_verify_t *v, const struct card_verify_request *r,
			      struct card_verify_result *out)
{
	struct card_cert c;
	const struct pki_anchor *anchor;
	struct card_path_result path;
	enum card_error err = CARD_OK;

	if (r->certificate.n == 0 || pki_cert_read(&c, r->certificate, &out->fault)) {
		if (r->certificate.n == 0)
			out->fault = CARD_CERT_FAULT_STRUCTURE;
		out->reasons = card_reason_bit(CARD_REASON_CERT_MALFORMED);
		out->path = CARD_CHECK_FAIL;
		return CARD_OK;
	}
	if ((err = pki_path_check(&v->engine, v->config.trust, &c, r->use, r->at, &path, &anchor)))
		return err;
	out->path = check_of(path.reasons);
	out->reasons = path.reasons;
	out->issuer = path.issuer;
	out->test = path.test;
	if (r->parts & CARD_VERIFY_SIGNATURE) {
		card_reasons_t reasons = 0;
		if ((err = check_signature(v, r, &c, &reasons)))
			return err;
		out->signature = check_of(reasons);
		out->reasons |= reasons;
	}
	/* Nobody is asked about what is refused anyhow, or whose issuer is unknown. */
	if (!(r->parts & CARD_VERIFY_REVOCATION) || out->reasons)
		return CARD_OK;
	struct card_revocation_query q = {&c, anchor->cert, r->at, r->stapled};
	if ((err = pki_ask(v, &q, anchor->spki_hash, &out->answer)))
		return err;
	out->revocation = check_of(out->answer.reasons);
	out->reasons |= out->answer.reasons;
	return CARD_OK;
}

enum card_error card_verify(card_verify_t *v, const struct card_verify_request *request,
			    struct card_verify_result *out)
{
	if (!v || !request || !out || (!request->certificate.p && request->certificate.n) ||
	    (request->use != CARD_USE_SIGN && request->use != CARD_USE_AUTH))
		return CARD_ERR_INVALID_ARGUMENT;
	if ((request->parts & CARD_VERIFY_SIGNATURE) && !request->message.p &&
	    request->digest.n != card_hash_size(request->hash))
		return CARD_ERR_INVALID_ARGUMENT;
	*out = (struct card_verify_result){.verdict = CARD_VERDICT_UNDETERMINED};
	out->answer.status = CARD_REVOCATION_SKIPPED;
	out->answer.reason = CARD_CRL_NO_REASON;
	enum card_error err = verify(v, request, out);
	if (err) {
		*out = (struct card_verify_result){.verdict = CARD_VERDICT_UNDETERMINED};
		return err;
	}
	out->verdict = card_verdict_of(out->reasons);
	return CARD_OK;
}

enum card_error card_verify_revocation(card_verify_t *v, const card_cert_t *cert,
				       const card_cert_t *issuer, int64_t at,
				       struct card_bytes stapled,
				       struct card_revocation_answer *out)
{
	uint8_t key[32];
	if (!v || !cert || !issuer || !out)
		return CARD_ERR_INVALID_ARGUMENT;
	struct card_revocation_query q = {cert, issuer, at, stapled};
	enum card_error err = card_crl_issuer_key(issuer, key);
	return err ? err : pki_ask(v, &q, key, out);
}

/* rules 5.1 */
enum card_reason card_reasons_first(card_reasons_t reasons)
{
	static const enum card_reason order[] = {
		CARD_REASON_CERT_MALFORMED,      CARD_REASON_TAMPERED,
		CARD_REASON_SIGNATURE_WEAK_HASH, CARD_REASON_SIGNATURE_ALGORITHM,
		CARD_REASON_CERT_SIGNATURE,      CARD_REASON_CERT_TEST,
		CARD_REASON_CERT_WEAK_HASH,      CARD_REASON_CERT_WEAK_KEY,
		CARD_REASON_CERT_ALGORITHM,      CARD_REASON_ISSUER_UNKNOWN,
		CARD_REASON_ISSUER_EXPIRED,      CARD_REASON_ISSUER_NOT_YET_VALID,
		CARD_REASON_CERT_WRONG_USE,      CARD_REASON_ISSUER_WRONG_USE,
		CARD_REASON_CERT_NOT_JPKI,       CARD_REASON_CERT_IS_CA,
		CARD_REASON_CERT_KEY_USAGE,      CARD_REASON_CERT_CRITICAL,
		CARD_REASON_CERT_NOT_YET_VALID,  CARD_REASON_CERT_EXPIRED,
		CARD_REASON_CERT_REVOKED,        CARD_REASON_CERT_ON_HOLD,
		CARD_REASON_REVOCATION_DAMAGED,  CARD_REASON_REVOCATION_FUTURE,
		CARD_REASON_REVOCATION_STALE,    CARD_REASON_REVOCATION_MISSING,
	};
	_Static_assert(sizeof(order) / sizeof(order[0]) == CARD_REASON_COUNT_, "every reason");
	for (size_t i = 0; i < CARD_REASON_COUNT_; i++)
		if (card_reasons_have(reasons, order[i]))
			return order[i];
	return CARD_REASON_COUNT_;
}
