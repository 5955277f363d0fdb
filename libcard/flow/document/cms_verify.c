/* SPDX-License-Identifier: Apache-2.0 */
/* cms_verify.c — one signer of SignedData (RFC 5652 §5.6, EN 319 122-1 §5). */
#include "cms.h"

#include <stdlib.h>
#include <string.h>

#include <card/der.h>

#include "oid.h"
#include "timestamp.h"

/* Seconds that the clocks of an authority and of the verifier may differ. */
#define TIMESTAMP_SKEW 300

/* What is worked on: shorter than handing four things to every step. */
struct work {
	const struct cms *cms;
	const struct cms_signer *signer;
	const struct cms_subject *subject;
	const struct flow_verify *how;
	struct flow_signature *out;
	struct cms_attributes attrs;
};

static void add(struct work *w, enum flow_reason r)
{
	flow_reason_add(&w->out->reasons, r);
}

/* ---- algorithms ---- */

/* OID and parameters of an AlgorithmIdentifier; plain: absent or NULL. */
static bool algorithm(struct card_bytes whole, struct card_bytes *oid, bool *plain)
{
	struct card_der top = card_der_over(whole), c;
	struct card_bytes null;

	if (card_der_enter(&top, CARD_DER_SEQUENCE, &c) != CARD_OK ||
	    card_der_finish(&top) != CARD_OK || card_der_take(&c, CARD_DER_OID, oid) != CARD_OK)
		return false;
	*plain = card_der_at_end(&c) || (card_der_take(&c, CARD_DER_NULL, &null) == CARD_OK &&
					 null.n == 0 && card_der_at_end(&c));
	return true;
}

enum card_hash cms_hash_of(struct card_bytes whole)
{
	struct card_bytes oid;
	bool plain;

	if (!algorithm(whole, &oid, &plain) || !plain)
		return CARD_HASH_NONE;
	if (card_bytes_equal(oid, OID_SHA256))
		return CARD_HASH_SHA256;
	if (card_bytes_equal(oid, OID_SHA384))
		return CARD_HASH_SHA384;
	if (card_bytes_equal(oid, OID_SHA512))
		return CARD_HASH_SHA512;
	return card_bytes_equal(oid, OID_SHA1) ? CARD_HASH_SHA1 : CARD_HASH_NONE;
}

/* digestAlgorithms holds hashes only, the signer's among them (RFC 5652 §5.1). */
static bool hash_announced(const struct cms *c, enum card_hash hash)
{
	struct card_der set = card_der_over(c->hashes);
	struct card_der_item item;
	bool found = false;

	while (!card_der_at_end(&set)) {
		enum card_hash h;

		if (card_der_next(&set, &item) != CARD_OK)
			return false;
		h = cms_hash_of(item.whole);
		if (h == CARD_HASH_NONE)
			return false;
		found = found || h == hash;
	}
	return found;
}

/* Scheme and hash of signatureAlgorithm; plain rsaEncryption takes the signer's hash. */
static bool signature_algorithm(const struct cms_signer *s, enum card_hash hash,
				struct card_sig_alg *out)
{
	struct card_bytes oid;
	bool plain;

	if (algorithm(s->sig_alg, &oid, &plain) && plain && card_bytes_equal(oid, OID_RSA)) {
		*out = (struct card_sig_alg){.scheme = CARD_SIG_PKCS1, .hash = hash};
		return true;
	}
	return card_sig_alg_parse(s->sig_alg, out) == CARD_OK && out->scheme != CARD_SIG_OTHER &&
	       out->hash == hash;
}

/* ---- the signer's certificate ---- */

static bool fits(const struct cms_signer *s, const card_cert_t *cert)
{
	if (s->key_id.n > 0)
		return card_bytes_equal(s->key_id, card_cert_subject_key_id(cert));
	return card_bytes_equal(s->issuer, card_cert_issuer(cert)) &&
	       card_bytes_equal(s->serial, card_cert_serial(cert));
}

/* Two different certificates that both fit are a trick, whichever of them verifies. */
static void find_certificate(struct work *w)
{
	for (size_t i = 0; i < w->cms->certs; i++) {
		card_cert_t *cert = NULL;

		if (card_cert_new(&cert, w->cms->cert[i]) != CARD_OK)
			continue;
		if (!fits(w->signer, cert)) {
			card_cert_free(&cert);
			continue;
		}
		if (w->out->cert == NULL) {
			w->out->cert = cert;
			continue;
		}
		if (!card_bytes_equal(card_cert_der(cert), card_cert_der(w->out->cert)))
			add(w, FLOW_REASON_SIGNER_AMBIGUOUS);
		card_cert_free(&cert);
	}
	if (w->out->cert == NULL)
		add(w, FLOW_REASON_SIGNER_MISSING);
	else if (memmem(w->cms->original.p, w->cms->original.n, card_cert_der(w->out->cert).p,
			card_cert_der(w->out->cert).n) == NULL)
		add(w, FLOW_REASON_NOT_DER); /* X.509 is DER, whatever is around it */
}

/* ---- signed attributes ---- */

static struct card_bytes value_of(struct card_bytes element, unsigned tag)
{
	struct card_der c = card_der_over(element);
	struct card_bytes v = {NULL, 0};

	if (card_der_take(&c, tag, &v) != CARD_OK || card_der_finish(&c) != CARD_OK)
		return card_bytes(NULL, 0);
	return v;
}

static void check_time(struct work *w)
{
	struct card_der c = card_der_over(w->attrs.time);
	struct card_der_item item;

	if (w->attrs.time.n == 0)
		return;
	if (card_der_next(&c, &item) != CARD_OK ||
	    card_der_time(item.tag, item.value, &w->out->claimed_time) != CARD_OK)
		add(w, FLOW_REASON_ATTRIBUTES);
}

/* RFC 6211 §2 */
static void check_protection(struct work *w)
{
	struct card_der top = card_der_over(w->attrs.protection), c;
	struct card_der_item hash, sig;
	struct card_bytes alg = w->signer->sig_alg;

	if (w->attrs.protection.n == 0)
		return;
	if (card_der_enter(&top, CARD_DER_SEQUENCE, &c) != CARD_OK ||
	    card_der_next(&c, &hash) != CARD_OK || card_der_next(&c, &sig) != CARD_OK ||
	    !card_der_at_end(&c) || sig.tag != CARD_DER_CONTEXT_CONSTRUCTED(1u) ||
	    !card_bytes_equal(hash.whole, w->signer->hash_alg) || sig.whole.n != alg.n ||
	    memcmp(sig.whole.p + 1, alg.p + 1, alg.n - 1) != 0)
		add(w, FLOW_REASON_ALGORITHMS);
}

static void check_signing_certificate(struct work *w)
{
	if (w->attrs.signing_cert.n == 0) {
		if ((w->how->flags & (FLOW_REQUIRE_CADES | FLOW_REQUIRE_PADES)) != 0) {
			add(w, FLOW_REASON_SIGNING_CERT_MISSING);
			add(w, FLOW_REASON_LEVEL);
		}
		return;
	}
	w->out->level = FLOW_LEVEL_B_B;
	if (w->out->cert != NULL &&
	    !cms_signing_certificate_is(w->attrs.signing_cert, w->out->cert))
		add(w, FLOW_REASON_SIGNING_CERT_MISMATCH);
}

/*
 * Without signed attributes the signature is over the content itself (RFC 5652 §5.4). Content that
 * is the SET OF attributes of another signature is refused: it could be that signature with its
 * attributes passed off as content.
 */
static bool content_is_attributes(const struct work *w)
{
	struct card_bytes b = w->cms->content;
	struct card_der top, set, attr;
	struct card_bytes type;

	if (!w->cms->attached) {
		if (w->subject->file == NULL || w->subject->n != 1)
			return false;
		b = flow_file_bytes(w->subject->file);
		b = card_bytes(b.p + w->subject->ranges[0].start, w->subject->ranges[0].length);
	}
	top = card_der_over(b);
	return card_der_enter(&top, CARD_DER_SET, &set) == CARD_OK && card_der_at_end(&top) &&
	       card_der_enter(&set, CARD_DER_SEQUENCE, &attr) == CARD_OK &&
	       card_der_take(&attr, CARD_DER_OID, &type) == CARD_OK;
}

/* The element [0] as the SET OF that is hashed (RFC 5652 §5.4), and what is in it. */
static enum card_error check_attributes(struct work *w)
{
	const struct cms_signer *s = w->signer;
	struct card_der c = card_der_over(s->signed_attrs);
	struct card_bytes set, type;

	if (s->signed_attrs.n == 0) {
		if (content_is_attributes(w))
			add(w, FLOW_REASON_ATTRIBUTES);
		check_signing_certificate(w);
		return CARD_OK;
	}
	if (card_der_take(&c, CARD_DER_CONTEXT_CONSTRUCTED(0u), &set) != CARD_OK ||
	    cms_attributes_read(set, &w->attrs) != CARD_OK) {
		add(w, FLOW_REASON_MALFORMED);
		return CARD_OK;
	}
	/* What was brought into DER here was not DER there. */
	if (w->attrs.bad_order || memmem(w->cms->original.p, w->cms->original.n, s->signed_attrs.p,
					 s->signed_attrs.n) == NULL)
		add(w, FLOW_REASON_NOT_DER);
	if (w->attrs.bad_count || w->attrs.digest.n == 0)
		add(w, FLOW_REASON_ATTRIBUTES);
	type = value_of(w->attrs.content_type, CARD_DER_OID);
	if (type.n == 0 || !card_bytes_equal(type, w->cms->content_type))
		add(w, FLOW_REASON_CONTENT_TYPE);
	check_time(w);
	check_protection(w);
	check_signing_certificate(w);
	return CARD_OK;
}

/* ---- content and signature ---- */

/* The digest of the content; what is signed without attributes. *there: the content is at hand. */
static enum card_error check_content(struct work *w, uint8_t digest[CARD_HASH_MAX], bool *there)
{
	const struct card_bytes signed_digest = value_of(w->attrs.digest, CARD_DER_OCTET_STRING);
	const size_t n = card_hash_size(w->out->hash);
	enum card_error err;

	*there = w->cms->attached || w->subject->file != NULL;
	if (w->cms->attached)
		err = card_hash_digest(w->out->hash, w->cms->content, digest);
	else if (w->subject->file == NULL)
		return add(w, FLOW_REASON_CONTENT_MISSING), CARD_OK;
	else
		err = flow_file_digest(w->subject->file, w->out->hash, w->subject->ranges,
				       w->subject->n, digest);
	if (err == CARD_OK && w->signer->signed_attrs.n > 0 &&
	    !card_bytes_equal(signed_digest, card_bytes(digest, n))) {
		add(w, FLOW_REASON_DIGEST);
		w->out->reasons.card |= card_reason_bit(CARD_REASON_TAMPERED);
	}
	return err;
}

static enum card_error digest_attributes(const struct work *w, enum card_hash hash,
					 uint8_t digest[CARD_HASH_MAX])
{
	static const uint8_t set_tag = CARD_DER_SET;
	const struct card_bytes a = w->signer->signed_attrs;
	card_buf_t set = {0};
	enum card_error err = card_buf_append(&set, card_bytes(&set_tag, 1));

	if (err == CARD_OK)
		err = card_buf_append(&set, card_bytes(a.p + 1, a.n - 1));
	if (err == CARD_OK)
		err = card_hash_digest(hash, card_buf_bytes(&set), digest);
	card_buf_free(&set);
	return err;
}

/* digest: of the content, if it is at hand. */
static enum card_error check_signature(struct work *w, struct card_sig_alg alg,
				       uint8_t digest[CARD_HASH_MAX], bool there)
{
	const bool attributes = w->signer->signed_attrs.n > 0;
	enum card_error err;

	if (w->out->cert == NULL || (!attributes && !there))
		return CARD_OK;
	err = attributes ? digest_attributes(w, alg.hash, digest) : CARD_OK;
	if (err != CARD_OK)
		return err;
	err = card_sig_verify(card_cert_key(w->out->cert), alg,
			      card_bytes(digest, card_hash_size(alg.hash)), w->signer->signature);
	if (err == CARD_ERR_SIGNATURE)
		w->out->reasons.card |= card_reason_bit(CARD_REASON_TAMPERED);
	else if (err == CARD_ERR_UNSUPPORTED)
		w->out->reasons.card |= card_reason_bit(CARD_REASON_SIGNATURE_ALGORITHM);
	else
		return err;
	return CARD_OK;
}

/* A timestamp over the signature value; other unsigned attributes are not examined. */
static enum card_error check_unsigned(struct work *w)
{
	const struct timestamp_subject subject = {.data = w->signer->signature};
	struct card_der c = card_der_over(w->signer->unsigned_attrs), attr, values;
	struct card_bytes type;
	struct card_der_item item;
	enum card_error err;

	while (!card_der_at_end(&c)) {
		if (card_der_enter(&c, CARD_DER_SEQUENCE, &attr) != CARD_OK ||
		    card_der_take(&attr, CARD_DER_OID, &type) != CARD_OK ||
		    card_der_enter(&attr, CARD_DER_SET, &values) != CARD_OK ||
		    card_der_finish(&attr) != CARD_OK || card_der_next(&values, &item) != CARD_OK) {
			add(w, FLOW_REASON_MALFORMED);
			return CARD_OK;
		}
		if (!card_bytes_equal(type, OID_TIMESTAMP_TOKEN) || !card_der_at_end(&values) ||
		    w->out->timestamp != 0) {
			add(w, FLOW_REASON_UNSIGNED_ADDITION);
			continue;
		}
		err = timestamp_check(w->how->tsa_trust, item.whole, &subject, &w->out->timestamp);
		if (err == CARD_OK && w->out->timestamp > w->how->at + TIMESTAMP_SKEW) {
			add(w,
			    FLOW_REASON_TIMESTAMP); /* nothing is proven by what is yet to come */
			w->out->timestamp = 0;
		} else if (err == CARD_OK && w->out->level == FLOW_LEVEL_B_B)
			w->out->level = FLOW_LEVEL_B_T;
		else if (err == CARD_ERR_UNTRUSTED)
			add(w, FLOW_REASON_TIMESTAMP_UNTRUSTED);
		else if (err == CARD_ERR_MALFORMED || err == CARD_ERR_SIGNATURE)
			add(w, FLOW_REASON_TIMESTAMP);
		else if (err != CARD_OK)
			return err;
	}
	return CARD_OK;
}

enum card_error cms_verify_signer(const struct cms *c, const struct cms_signer *s,
				  const struct cms_subject *subject, const struct flow_verify *how,
				  struct flow_signature *out)
{
	struct work w = {
		c,   s,   subject,
		how, out, {{NULL, 0}, {NULL, 0}, {NULL, 0}, {NULL, 0}, {NULL, 0}, false, false}};
	struct card_sig_alg alg = {CARD_SIG_OTHER, CARD_HASH_NONE, 0};
	uint8_t digest[CARD_HASH_MAX];
	bool there = false;
	enum card_error err;

	find_certificate(&w);
	out->hash = cms_hash_of(s->hash_alg);
	if (out->hash == CARD_HASH_NONE || !hash_announced(c, out->hash) ||
	    !signature_algorithm(s, out->hash, &alg)) {
		add(&w, FLOW_REASON_ALGORITHMS);
	} else if (out->hash == CARD_HASH_SHA1) {
		out->reasons.card |= card_reason_bit(CARD_REASON_SIGNATURE_WEAK_HASH);
	}
	err = check_attributes(&w);
	if (err == CARD_OK && out->hash != CARD_HASH_NONE)
		err = check_content(&w, digest, &there);
	if (err == CARD_OK && alg.scheme != CARD_SIG_OTHER)
		err = check_signature(&w, alg, digest, there);
	if (err == CARD_OK)
		err = check_unsigned(&w);
	if (err == CARD_OK)
		err = document_check_cert(how, out->timestamp != 0 ? out->timestamp : how->at, out);
	if (err == CARD_OK)
		out->verdict = flow_verdict_of(&out->reasons);
	return err;
}
