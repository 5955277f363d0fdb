/* SPDX-License-Identifier: Apache-2.0 */
/* The path of a JPKI certificate: one anchor, one certificate, every reason. */
#include "pki_trust.h"

/* Smallest key accepted, in bits (施行規則 2条: RSA 2048 or more today). */
#define RSA_BITS_ACCEPTED 2048u
#define EC_BITS_ACCEPTED  256u

card_reasons_t pki_algorithm_reasons(const struct card_cert *c)
{
	card_reasons_t r = 0;
	if (c->sig_alg.scheme == CARD_SIG_OTHER)
		r |= card_reason_bit(CARD_REASON_CERT_ALGORITHM);
	if (c->sig_alg.hash == CARD_HASH_SHA1)
		r |= card_reason_bit(CARD_REASON_CERT_WEAK_HASH);
	switch (c->key.kind) {
	case CARD_KEY_RSA:
		if (c->key.bits < RSA_BITS_ACCEPTED)
			r |= card_reason_bit(CARD_REASON_CERT_WEAK_KEY);
		if (c->key.bits > CARD_RSA_BITS_MAX ||
		    !(c->key.modulus.p[c->key.modulus.n - 1] & 1) || c->key.exponent.n > 4 ||
		    !(c->key.exponent.p[c->key.exponent.n - 1] & 1) ||
		    (c->key.exponent.n == 1 && c->key.exponent.p[0] < 3))
			r |= card_reason_bit(CARD_REASON_CERT_ALGORITHM);
		break;
	case CARD_KEY_EC:
		if (c->key.curve == CARD_CURVE_OTHER)
			r |= card_reason_bit(CARD_REASON_CERT_ALGORITHM);
		else if (c->key.bits < EC_BITS_ACCEPTED)
			r |= card_reason_bit(CARD_REASON_CERT_WEAK_KEY);
		break;
	default:
		r |= card_reason_bit(CARD_REASON_CERT_ALGORITHM);
	}
	return r;
}

/* An EC key must be a point of its curve; libcrypto finds out. */
static card_reasons_t point_reasons(struct pki_engine *e, const struct card_cert *c)
{
	struct pki_key k;
	if (c->key.kind != CARD_KEY_EC || c->key.curve == CARD_CURVE_OTHER)
		return 0;
	if (pki_key_init(&k, &c->key, e))
		return card_reason_bit(CARD_REASON_CERT_ALGORITHM);
	pki_key_free(&k);
	return 0;
}

/* card-spec 7.2, 7.3: policy, key usage, extended key usage. */
static card_reasons_t profile_reasons(const struct card_cert *c, enum card_use use)
{
	card_reasons_t r = 0;
	if (c->is_ca)
		return card_reason_bit(CARD_REASON_CERT_IS_CA);
	enum card_cert_kind want = use == CARD_USE_SIGN ? CARD_CERT_SIGN : CARD_CERT_AUTH;
	if (c->kind == CARD_CERT_OTHER)
		r |= card_reason_bit(CARD_REASON_CERT_NOT_JPKI);
	else if (c->kind != want)
		r |= card_reason_bit(CARD_REASON_CERT_WRONG_USE);
	unsigned need = CARD_KU_DIGITAL_SIGNATURE;
	if (use == CARD_USE_SIGN)
		need |= CARD_KU_NON_REPUDIATION;
	/* Exactly these bits: with more, the certificate is of no published kind, and
	 * the authentication key must not be able to pass for the other. */
	if (c->key_usage != need)
		r |= card_reason_bit(CARD_REASON_CERT_KEY_USAGE);
	if (c->present >> CARD_EXT_EXT_KEY_USAGE & 1) {
		bool fits = c->ext_key_usage & CARD_EKU_CLIENT_AUTH;
		if (use == CARD_USE_AUTH && !fits)
			r |= card_reason_bit(CARD_REASON_CERT_KEY_USAGE);
		/* The signing profile has none; one that names purposes binds. */
		if (use == CARD_USE_SIGN && !(c->ext_key_usage & (CARD_EKU_ANY | CARD_EKU_OTHER)))
			r |= card_reason_bit(CARD_REASON_CERT_KEY_USAGE);
	}
	if (c->unknown_critical.p)
		r |= card_reason_bit(CARD_REASON_CERT_CRITICAL);
	return r;
}

static card_reasons_t time_reasons(const struct card_cert *c, int64_t at)
{
	card_reasons_t r = 0;
	if (at < c->not_before)
		r |= card_reason_bit(CARD_REASON_CERT_NOT_YET_VALID);
	if (at > c->not_after)
		r |= card_reason_bit(CARD_REASON_CERT_EXPIRED);
	return r;
}

static card_reasons_t issuer_reasons(const struct card_cert *ca, enum card_use use, int64_t at)
{
	card_reasons_t r = 0;
	if (at < ca->not_before)
		r |= card_reason_bit(CARD_REASON_ISSUER_NOT_YET_VALID);
	if (at > ca->not_after)
		r |= card_reason_bit(CARD_REASON_ISSUER_EXPIRED);
	if (ca->kind != (use == CARD_USE_SIGN ? CARD_CERT_SIGN_CA : CARD_CERT_AUTH_CA))
		r |= card_reason_bit(CARD_REASON_ISSUER_WRONG_USE);
	return r;
}

/*
 * Choose the issuer: anchors of the name whose key identifier fits, then the
 * signature. If an anchor was named by its key identifier and did not sign, the
 * certificate is false; without one, it may come from an authority that is not
 * installed.
 */
static enum card_error find_issuer(struct pki_engine *e, const card_trust_t *trust,
				   const struct card_cert *c, card_reasons_t *reasons,
				   const struct pki_anchor **anchor)
{
	size_t next = 0;
	bool named = false;
	const struct pki_anchor *a;
	uint8_t digest[CARD_HASH_MAX];
	enum card_error err = pki_digest(e, c->sig_alg.hash, c->tbs, digest);
	if (err && err != CARD_ERR_UNSUPPORTED)
		return err;
	struct card_bytes d = card_bytes(digest, card_hash_size(c->sig_alg.hash));
	while ((a = pki_trust_next(trust, c->issuer, &next))) {
		if (!pki_anchor_matches(a, &c->authority))
			continue;
		if (c->authority.key_id.n && a->cert->subject_key_id.n)
			named = true;
		if (d.n == 0)
			continue;
		err = pki_key_verify(e, &a->key, c->sig_alg, d, c->signature);
		if (!err) {
			*anchor = a;
			return CARD_OK;
		}
		if (err != CARD_ERR_SIGNATURE && err != CARD_ERR_UNSUPPORTED)
			return err;
	}
	*reasons |=
		card_reason_bit(named ? CARD_REASON_CERT_SIGNATURE : CARD_REASON_ISSUER_UNKNOWN);
	return CARD_OK;
}

enum card_error pki_path_check(struct pki_engine *e, const card_trust_t *trust,
			       const card_cert_t *cert, enum card_use use, int64_t at,
			       struct card_path_result *out, const struct pki_anchor **anchor)
{
	*out = (struct card_path_result){.verdict = CARD_VERDICT_UNDETERMINED};
	*anchor = NULL;
	card_reasons_t r = 0;
	enum card_error err = find_issuer(e, trust, cert, &r, anchor);
	if (err)
		return err;
	r |= pki_algorithm_reasons(cert) | point_reasons(e, cert) | profile_reasons(cert, use) |
	     time_reasons(cert, at);
	if (*anchor) {
		r |= issuer_reasons((*anchor)->cert, use, at);
		out->issuer = (*anchor)->cert;
		out->test = (*anchor)->cert->test;
	}
	/* Test certificates pass below a test root only. */
	bool accepted =
		(trust->flags & CARD_TRUST_TEST_ROOTS) && (!*anchor || (*anchor)->cert->test);
	if (cert->test && !accepted)
		r |= card_reason_bit(CARD_REASON_CERT_TEST);
	out->reasons = r;
	out->verdict = card_verdict_of(r);
	return CARD_OK;
}

enum card_error card_path_check(const card_trust_t *trust, const card_cert_t *cert,
				enum card_use use, int64_t at, struct card_path_result *out)
{
	if (!trust || !cert || !out || (use != CARD_USE_SIGN && use != CARD_USE_AUTH))
		return CARD_ERR_INVALID_ARGUMENT;
	struct pki_engine e = {0};
	const struct pki_anchor *anchor;
	enum card_error err = pki_path_check(&e, trust, cert, use, at, out, &anchor);
	pki_engine_free(&e);
	return err;
}
