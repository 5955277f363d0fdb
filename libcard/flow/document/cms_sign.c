/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cms_sign.c — SignedData with one signer (RFC 5652 §5), CAdES baseline B (EN 319 122-1 §6).
 */
#include <cardflow/sign.h>

#include <stdlib.h>
#include <string.h>

#include "der_out.h"
#include "oid.h"
#include "timestamp.h"

#define ATTRIBUTES_MAX 5u

/* The signed attributes, each an encoded Attribute. */
struct attributes {
	card_buf_t each[ATTRIBUTES_MAX];
	size_t n;
	enum card_error err;
};

enum card_hash flow_hash_for(const card_cert_t *cert)
{
	const struct card_key *k = cert != NULL ? card_cert_key(cert) : NULL;

	if (k == NULL)
		return CARD_HASH_NONE;
	if (k->kind == CARD_KEY_RSA && k->bits >= 2048)
		return CARD_HASH_SHA256;
	if (k->kind == CARD_KEY_EC && k->curve == CARD_CURVE_P256)
		return CARD_HASH_SHA256;
	return k->kind == CARD_KEY_EC && k->curve == CARD_CURVE_P384 ? CARD_HASH_SHA384
								     : CARD_HASH_NONE;
}

static void signature_algorithm(struct der_out *o, const card_cert_t *cert)
{
	const struct card_key *k = card_cert_key(cert);

	if (k->kind == CARD_KEY_RSA)
		der_algorithm(o, OID_RSA, true);
	else
		der_algorithm(o, k->curve == CARD_CURVE_P384 ? OID_ECDSA_SHA384 : OID_ECDSA_SHA256,
			      false);
}

/* Attribute ::= SEQUENCE { type, SET OF value }: the value lies in each[n] already. */
static void finish_attribute(struct attributes *a, struct card_bytes type, enum card_error err)
{
	struct der_out o = {&a->each[a->n], err};
	card_buf_t head = {0};
	struct der_out h = {&head, CARD_OK};

	der_wrap(&o, 0, CARD_DER_SET);
	der_put(&h, CARD_DER_OID, type);
	der_raw(&h, card_buf_bytes(&a->each[a->n]));
	der_wrap(&h, 0, CARD_DER_SEQUENCE);
	card_buf_free(&a->each[a->n]);
	a->each[a->n++] = head;
	if (a->err == CARD_OK)
		a->err = o.err != CARD_OK ? o.err : h.err;
}

static void add_simple(struct attributes *a, struct card_bytes type, unsigned tag,
		       struct card_bytes value)
{
	struct der_out o = {&a->each[a->n], CARD_OK};

	der_put(&o, tag, value);
	finish_attribute(a, type, o.err);
}

static void add_time(struct attributes *a, int64_t utc)
{
	struct der_out o = {&a->each[a->n], CARD_OK};

	der_time(&o, utc);
	finish_attribute(a, OID_SIGNING_TIME, o.err);
}

/* ESSCertIDv2 with the default SHA-256, so without hashAlgorithm (RFC 5035 §4). */
static void add_signing_certificate(struct attributes *a, const card_cert_t *cert)
{
	struct der_out o = {&a->each[a->n], CARD_OK};
	uint8_t fingerprint[32];
	size_t names;

	if (card_cert_fingerprint(cert, fingerprint) != CARD_OK)
		o.err = CARD_ERR_CRYPTO;
	der_put(&o, CARD_DER_OCTET_STRING, card_bytes(fingerprint, sizeof fingerprint));
	names = o.buf->n;
	der_put(&o, CARD_DER_CONTEXT_CONSTRUCTED(4u), card_cert_issuer(cert));
	der_wrap(&o, names, CARD_DER_SEQUENCE);
	der_unsigned(&o, card_cert_serial(cert));
	der_wrap(&o, names, CARD_DER_SEQUENCE);
	der_wrap(&o, 0, CARD_DER_SEQUENCE);
	der_wrap(&o, 0, CARD_DER_SEQUENCE);
	der_wrap(&o, 0, CARD_DER_SEQUENCE);
	finish_attribute(a, OID_SIGNING_CERT_V2, o.err);
}

/* RFC 6211 §2: the algorithm fields outside the signed attributes become part of them. */
static void add_protection(struct attributes *a, const card_cert_t *cert)
{
	struct der_out o = {&a->each[a->n], CARD_OK};
	size_t from;

	der_hash_algorithm(&o, flow_hash_for(cert));
	from = o.buf->n;
	signature_algorithm(&o, cert);
	if (o.err == CARD_OK)
		o.buf->p[from] = CARD_DER_CONTEXT_CONSTRUCTED(1u); /* IMPLICIT */
	der_wrap(&o, 0, CARD_DER_SEQUENCE);
	finish_attribute(a, OID_ALGORITHM_PROTECTION, o.err);
}

static int by_encoding(const void *x, const void *y)
{
	const card_buf_t *a = x, *b = y;
	const int order = memcmp(a->p, b->p, a->n < b->n ? a->n : b->n);

	return order != 0 ? order : a->n < b->n ? -1 : a->n > b->n;
}

/* The SET OF signed attributes, DER (X.690 §11.6), as it is hashed. */
static enum card_error signed_attributes(const struct flow_signer *s, struct card_bytes digest,
					 unsigned flags, card_buf_t *out)
{
	struct attributes a = {.n = 0};
	struct der_out o = {out, CARD_OK};

	add_simple(&a, OID_CONTENT_TYPE, CARD_DER_OID, OID_DATA);
	add_simple(&a, OID_MESSAGE_DIGEST, CARD_DER_OCTET_STRING, digest);
	if ((flags & FLOW_CMS_NO_SIGNING_TIME) == 0)
		add_time(&a, s->time);
	if ((flags & FLOW_CMS_PLAIN) == 0) {
		add_signing_certificate(&a, s->cert);
		add_protection(&a, s->cert);
	}
	o.err = a.err;
	if (a.err == CARD_OK)
		qsort(a.each, a.n, sizeof a.each[0], by_encoding);
	for (size_t i = 0; i < a.n; i++) {
		der_raw(&o, card_buf_bytes(&a.each[i]));
		card_buf_free(&a.each[i]);
	}
	der_wrap(&o, 0, CARD_DER_SET);
	return o.err;
}

/* Let the key sign the attributes and see that it did. */
static enum card_error sign_attributes(const struct flow_signer *s, struct card_bytes attributes,
				       card_buf_t *signature)
{
	const enum card_hash hash = flow_hash_for(s->cert);
	uint8_t digest[CARD_HASH_MAX];
	struct card_bytes d = card_bytes(digest, card_hash_size(hash));
	enum card_error err = card_hash_digest(hash, attributes, digest);

	if (err == CARD_OK)
		err = s->sign(s->ctx, hash, d, signature);
	if (err == CARD_OK)
		err = card_cert_verify_signature(s->cert, hash, d, card_buf_bytes(signature), 0);
	return err;
}

static enum card_error unsigned_attributes(const struct flow_signer *s, struct card_bytes signature,
					   struct der_out *o)
{
	card_buf_t token = {0};
	struct attributes a = {.n = 0};
	enum card_error err;

	if (s->tsa == NULL)
		return CARD_OK;
	err = timestamp_get(s->tsa, signature, &token);
	if (err == CARD_OK) {
		a.each[0] = token;
		finish_attribute(&a, OID_TIMESTAMP_TOKEN, CARD_OK);
		err = a.err;
		if (err == CARD_OK)
			der_put(o, CARD_DER_CONTEXT_CONSTRUCTED(1u), card_buf_bytes(&a.each[0]));
		card_buf_free(&a.each[0]);
	} else {
		card_buf_free(&token);
	}
	return err;
}

static void signer_info(const struct flow_signer *s, card_buf_t *attributes,
			struct card_bytes signature, struct der_out *o)
{
	const size_t from = o->buf->n;
	size_t sid;
	enum card_error err;

	der_number(o, 1);
	sid = o->buf->n;
	der_raw(o, card_cert_issuer(s->cert));
	der_unsigned(o, card_cert_serial(s->cert));
	der_wrap(o, sid, CARD_DER_SEQUENCE);
	der_hash_algorithm(o, flow_hash_for(s->cert));
	attributes->p[0] = CARD_DER_CONTEXT_CONSTRUCTED(0u); /* IMPLICIT SET OF */
	der_raw(o, card_buf_bytes(attributes));
	signature_algorithm(o, s->cert);
	der_put(o, CARD_DER_OCTET_STRING, signature);
	err = unsigned_attributes(s, signature, o);
	if (o->err == CARD_OK)
		o->err = err;
	der_wrap(o, from, CARD_DER_SEQUENCE);
	der_wrap(o, from, CARD_DER_SET);
}

static void encapsulated(struct der_out *o, const struct card_bytes *content)
{
	const size_t from = o->buf->n;
	size_t inner;

	der_put(o, CARD_DER_OID, OID_DATA);
	if (content != NULL) {
		inner = o->buf->n;
		der_put(o, CARD_DER_OCTET_STRING, *content);
		der_wrap(o, inner, CARD_DER_CONTEXT_CONSTRUCTED(0u));
	}
	der_wrap(o, from, CARD_DER_SEQUENCE);
}

static int by_der(const void *x, const void *y)
{
	const struct card_bytes *a = x, *b = y;
	const int order = memcmp(a->p, b->p, a->n < b->n ? a->n : b->n);

	return order != 0 ? order : a->n < b->n ? -1 : a->n > b->n;
}

/* certificates [0] IMPLICIT SET OF, in DER's order: a PDF has to hold DER (ISO 32000-1 §12.8.3.3). */
static void certificates(const struct flow_signer *s, struct der_out *o)
{
	struct card_bytes *all = calloc(s->n_chain + 1, sizeof(*all));
	const size_t from = o->buf->n;

	if (all == NULL) {
		o->err = o->err != CARD_OK ? o->err : CARD_ERR_NO_MEMORY;
		return;
	}
	for (size_t i = 0; i < s->n_chain; i++)
		all[i] = card_cert_der(s->chain[i]);
	all[s->n_chain] = card_cert_der(s->cert);
	qsort(all, s->n_chain + 1, sizeof(*all), by_der);
	for (size_t i = 0; i <= s->n_chain; i++)
		der_raw(o, all[i]);
	der_wrap(o, from, CARD_DER_CONTEXT_CONSTRUCTED(0u));
	free(all);
}

static enum card_error assemble(const struct flow_signer *s, const struct card_bytes *content,
				card_buf_t *attributes, struct card_bytes signature,
				card_buf_t *out)
{
	struct der_out o = {out, CARD_OK};
	const size_t from = out->n;
	size_t at;

	der_number(&o, 1); /* RFC 5652 §5.1: data, issuerAndSerialNumber */
	at = out->n;
	der_hash_algorithm(&o, flow_hash_for(s->cert));
	der_wrap(&o, at, CARD_DER_SET);
	encapsulated(&o, content);
	certificates(s, &o);
	signer_info(s, attributes, signature, &o);
	der_wrap(&o, from, CARD_DER_SEQUENCE);
	der_wrap(&o, from, CARD_DER_CONTEXT_CONSTRUCTED(0u));
	if (o.err == CARD_OK) {
		card_buf_t whole = {0};
		struct der_out w = {&whole, CARD_OK};

		der_put(&w, CARD_DER_OID, OID_SIGNED_DATA);
		der_raw(&w, card_bytes(out->p + from, out->n - from));
		der_wrap(&w, 0, CARD_DER_SEQUENCE);
		out->n = from;
		if (w.err == CARD_OK)
			w.err = card_buf_append(out, card_buf_bytes(&whole));
		card_buf_free(&whole);
		o.err = w.err;
	}
	if (o.err != CARD_OK)
		out->n = from;
	return o.err;
}

enum card_error flow_cms_sign(const struct flow_signer *s, struct card_bytes digest,
			      const struct card_bytes *content, unsigned flags, card_buf_t *out)
{
	card_buf_t attributes = {0}, signature = {0};
	enum card_error err;

	if (s == NULL || s->cert == NULL || s->sign == NULL || out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	if (flow_hash_for(s->cert) == CARD_HASH_NONE)
		return CARD_ERR_UNSUPPORTED;
	if (digest.p == NULL || digest.n != card_hash_size(flow_hash_for(s->cert)))
		return CARD_ERR_INVALID_ARGUMENT;
	err = signed_attributes(s, digest, flags, &attributes);
	if (err == CARD_OK)
		err = sign_attributes(s, card_buf_bytes(&attributes), &signature);
	if (err == CARD_OK)
		err = assemble(s, content, &attributes, card_buf_bytes(&signature), out);
	card_buf_free(&attributes);
	card_buf_free(&signature);
	return err;
}
