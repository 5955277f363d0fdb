/* SPDX-License-Identifier: Apache-2.0 */
/* OCSP answers (RFC 6960 §4.2): form, who signed, and what is said of one certificate. */
#include <string.h>

#include "pki_ocsp.h"
#include "pki_oid.h"

static const struct card_bytes oid_basic = PKI_OID(PKI_OID_PKIX, 0x30, 0x01, 0x01);

/* An answer taken apart. */
struct basic {
	struct card_bytes tbs; /* ResponseData, whole: what is signed */
	struct card_sig_alg alg;
	struct card_bytes signature;
	struct card_der certs;            /* of the responder */
	struct card_bytes name, key_hash; /* responderID: one of them */
	int64_t produced_at;
	struct card_der responses;
	struct card_bytes nonce; /* n = 0: none */
};

/* ---- form ---- */

static enum card_error read_status(struct card_bytes answer, struct card_bytes *basic)
{
	struct card_der c = card_der_over(answer), in, wrapper, bytes;
	struct card_bytes content, oid;
	uint32_t status;
	enum card_error err;
	if ((err = card_der_enter(&c, CARD_DER_SEQUENCE, &in)) || (err = card_der_finish(&c)) ||
	    (err = card_der_take(&in, CARD_DER_ENUMERATED, &content)) ||
	    (err = card_der_u32(content, &status)))
		return err;
	if (status != 0)
		return card_der_at_end(&in) ? CARD_ERR_UNDETERMINED : CARD_ERR_MALFORMED;
	if ((err = card_der_enter(&in, CARD_DER_CONTEXT_CONSTRUCTED(0), &wrapper)) ||
	    (err = card_der_finish(&in)) ||
	    (err = card_der_enter(&wrapper, CARD_DER_SEQUENCE, &bytes)) ||
	    (err = card_der_finish(&wrapper)) ||
	    (err = card_der_take(&bytes, CARD_DER_OID, &oid)) ||
	    (err = card_der_take(&bytes, CARD_DER_OCTET_STRING, basic)) ||
	    (err = card_der_finish(&bytes)))
		return err;
	return pki_oid_is(oid, oid_basic) ? CARD_OK : CARD_ERR_UNSUPPORTED;
}

/* Extensions of the answer or of one response: only the nonce is read. */
static enum card_error read_extensions(struct card_der list, struct card_bytes *nonce)
{
	if (card_der_at_end(&list))
		return CARD_ERR_MALFORMED;
	while (!card_der_at_end(&list)) {
		struct card_der ext;
		struct card_bytes oid, flag, value;
		bool there, critical = false;
		enum card_error err;
		if ((err = card_der_enter(&list, CARD_DER_SEQUENCE, &ext)) ||
		    (err = card_der_take(&ext, CARD_DER_OID, &oid)) ||
		    (err = card_der_oid_check(oid)) ||
		    (err = card_der_take_optional(&ext, CARD_DER_BOOLEAN, &flag, &there)) ||
		    (there && (err = card_der_boolean(flag, &critical))) ||
		    (err = card_der_take(&ext, CARD_DER_OCTET_STRING, &value)) ||
		    (err = card_der_finish(&ext)))
			return err;
		if (nonce && pki_oid_is(oid, pki_oid_ocsp_nonce)) {
			struct card_der v = card_der_over(value);
			if (nonce->n || card_der_take(&v, CARD_DER_OCTET_STRING, nonce) ||
			    card_der_finish(&v) || nonce->n == 0)
				return CARD_ERR_MALFORMED;
		} else if (critical) {
			return CARD_ERR_UNSUPPORTED;
		}
	}
	return CARD_OK;
}

static enum card_error read_extensions_field(struct card_der *c, unsigned tag,
					     struct card_bytes *nonce)
{
	struct card_der wrapper, list;
	enum card_error err;
	if (card_der_at_end(c))
		return CARD_OK;
	if ((err = card_der_enter(c, CARD_DER_CONTEXT_CONSTRUCTED(tag), &wrapper)) ||
	    (err = card_der_enter(&wrapper, CARD_DER_SEQUENCE, &list)) ||
	    (err = card_der_finish(&wrapper)) || (err = card_der_finish(c)))
		return err;
	return read_extensions(list, nonce);
}

static enum card_error read_time(struct card_der *c, int64_t *out)
{
	struct card_bytes content;
	enum card_error err = card_der_take(c, CARD_DER_GENERALIZED_TIME, &content);
	return err ? err : card_der_time(CARD_DER_GENERALIZED_TIME, content, out);
}

static enum card_error read_responder(struct card_der *c, struct basic *b)
{
	struct card_der_item id, inner;
	enum card_error err = card_der_next(c, &id);
	if (err)
		return err;
	struct card_der in = card_der_over(id.value);
	if ((err = card_der_next(&in, &inner)) || (err = card_der_finish(&in)))
		return err;
	if (id.tag == CARD_DER_CONTEXT_CONSTRUCTED(1)) {
		b->name = inner.whole;
		return card_name_check(inner.whole);
	}
	if (id.tag != CARD_DER_CONTEXT_CONSTRUCTED(2) || inner.tag != CARD_DER_OCTET_STRING ||
	    inner.value.n != 20)
		return CARD_ERR_MALFORMED;
	b->key_hash = inner.value;
	return CARD_OK;
}

static enum card_error read_data(struct basic *b)
{
	struct card_der c = card_der_over(b->tbs), in, version;
	struct card_bytes content;
	uint32_t v = 0;
	enum card_error err = card_der_enter(&c, CARD_DER_SEQUENCE, &in);
	if (err)
		return err;
	if (card_der_peek(&in) == CARD_DER_CONTEXT_CONSTRUCTED(0)) {
		if ((err = card_der_enter(&in, CARD_DER_CONTEXT_CONSTRUCTED(0), &version)) ||
		    (err = card_der_take(&version, CARD_DER_INTEGER, &content)) ||
		    (err = card_der_finish(&version)) || (err = card_der_u32(content, &v)))
			return err;
	}
	if (v != 0)
		return CARD_ERR_UNSUPPORTED;
	if ((err = read_responder(&in, b)) || (err = read_time(&in, &b->produced_at)) ||
	    (err = card_der_enter(&in, CARD_DER_SEQUENCE, &b->responses)))
		return err;
	return read_extensions_field(&in, 1, &b->nonce);
}

static enum card_error read_basic(struct card_bytes whole, struct basic *b)
{
	struct card_der c = card_der_over(whole), in, wrapper;
	struct card_bytes algorithm, bits;
	unsigned unused;
	enum card_error err;
	if ((err = card_der_enter(&c, CARD_DER_SEQUENCE, &in)) || (err = card_der_finish(&c)) ||
	    (err = pki_whole_read(&in, CARD_DER_SEQUENCE, &b->tbs)) ||
	    (err = pki_whole_read(&in, CARD_DER_SEQUENCE, &algorithm)) ||
	    (err = card_sig_alg_parse(algorithm, &b->alg)) ||
	    (err = card_der_take(&in, CARD_DER_BIT_STRING, &bits)) ||
	    (err = card_der_bits(bits, &unused, &b->signature)))
		return err;
	if (unused != 0)
		return CARD_ERR_MALFORMED;
	b->certs = card_der_over(card_bytes(NULL, 0));
	if (!card_der_at_end(&in)) {
		if ((err = card_der_enter(&in, CARD_DER_CONTEXT_CONSTRUCTED(0), &wrapper)) ||
		    (err = card_der_enter(&wrapper, CARD_DER_SEQUENCE, &b->certs)) ||
		    (err = card_der_finish(&wrapper)) || (err = card_der_finish(&in)))
			return err;
	}
	return read_data(b);
}

/* ---- who signed ---- */

static bool is_responder(struct pki_engine *e, const struct basic *b, const card_cert_t *c)
{
	if (b->name.n)
		return card_name_equal(b->name, c->subject);
	struct card_bytes bits;
	uint8_t digest[CARD_HASH_MAX];
	/* RFC 6960 §4.2.1: KeyHash is SHA-1 of the key bits. */
	return !pki_key_bits(c->spki, &bits) && !pki_digest(e, CARD_HASH_SHA1, bits, digest) &&
	       memcmp(digest, b->key_hash.p, 20) == 0;
}

static enum card_error verify_with(struct pki_engine *e, const struct card_key *key,
				   struct card_sig_alg alg, struct card_bytes tbs,
				   struct card_bytes signature)
{
	uint8_t digest[CARD_HASH_MAX];
	/* The same limits as for certificates. */
	if (alg.hash == CARD_HASH_SHA1 || (key->kind == CARD_KEY_RSA && key->bits < 2048))
		return CARD_ERR_UNSUPPORTED;
	enum card_error err = pki_digest(e, alg.hash, tbs, digest);
	if (err)
		return err;
	return pki_sig_verify(e, key, alg, card_bytes(digest, card_hash_size(alg.hash)), signature);
}

/* RFC 6960 §4.2.2.2: issued by this CA for OCSP signing, and valid. */
static enum card_error check_delegate(struct pki_engine *e, const card_cert_t *c,
				      const card_cert_t *issuer, int64_t at)
{
	if (!card_name_equal(c->issuer, issuer->subject) ||
	    !(c->ext_key_usage & CARD_EKU_OCSP_SIGNING) || c->unknown_critical.p || c->is_ca)
		return CARD_ERR_UNTRUSTED;
	if ((c->present >> CARD_EXT_KEY_USAGE & 1) && !(c->key_usage & CARD_KU_DIGITAL_SIGNATURE))
		return CARD_ERR_UNTRUSTED;
	if (pki_algorithm_reasons(c))
		return CARD_ERR_UNSUPPORTED;
	if (verify_with(e, &issuer->key, c->sig_alg, c->tbs, c->signature))
		return CARD_ERR_UNTRUSTED;
	return at < c->not_before || at > c->not_after ? CARD_ERR_EXPIRED : CARD_OK;
}

/* Certificates looked at in an answer. */
#define CERTS_MAX 8

static enum card_error check_signature(struct pki_engine *e, const struct basic *b,
				       const card_cert_t *issuer, int64_t at)
{
	if (is_responder(e, b, issuer))
		return verify_with(e, &issuer->key, b->alg, b->tbs, b->signature);
	struct card_der certs = b->certs;
	for (int n = 0; n < CERTS_MAX && !card_der_at_end(&certs); n++) {
		struct card_bytes whole;
		struct card_cert c;
		enum card_cert_fault fault;
		enum card_error err = pki_whole_read(&certs, CARD_DER_SEQUENCE, &whole);
		if (err)
			return err;
		if (pki_cert_read(&c, whole, &fault) || !is_responder(e, b, &c))
			continue;
		err = check_delegate(e, &c, issuer, at);
		return err ? err : verify_with(e, &c.key, b->alg, b->tbs, b->signature);
	}
	return CARD_ERR_UNTRUSTED;
}

/* ---- what is said ---- */

static bool hash_matches(struct pki_engine *e, enum card_hash hash, struct card_bytes of,
			 struct card_bytes want)
{
	uint8_t digest[CARD_HASH_MAX];
	return !pki_digest(e, hash, of, digest) && want.n == card_hash_size(hash) &&
	       memcmp(digest, want.p, want.n) == 0;
}

static enum card_error read_id(struct pki_engine *e, struct card_der *c, const card_cert_t *cert,
			       const card_cert_t *issuer, bool *same)
{
	struct card_der id;
	struct card_bytes algorithm, name, key, content, serial, bits;
	enum card_error err;
	if ((err = card_der_enter(c, CARD_DER_SEQUENCE, &id)) ||
	    (err = pki_whole_read(&id, CARD_DER_SEQUENCE, &algorithm)) ||
	    (err = card_der_take(&id, CARD_DER_OCTET_STRING, &name)) ||
	    (err = card_der_take(&id, CARD_DER_OCTET_STRING, &key)) ||
	    (err = card_der_take(&id, CARD_DER_INTEGER, &content)) ||
	    (err = card_der_finish(&id)) || (err = pki_key_bits(issuer->spki, &bits)))
		return err;
	enum card_hash hash = pki_hash_of_algorithm(algorithm);
	*same = hash != CARD_HASH_NONE && !card_der_unsigned(content, &serial) &&
		card_bytes_equal(serial, cert->serial) &&
		hash_matches(e, hash, cert->issuer, name) && hash_matches(e, hash, bits, key);
	return CARD_OK;
}

static enum card_error read_revoked(struct card_bytes content, struct card_ocsp_answer *out)
{
	struct card_der c = card_der_over(content), in;
	struct card_bytes code;
	uint32_t reason;
	enum card_error err = read_time(&c, &out->revoked_at);
	if (err || card_der_at_end(&c))
		return err;
	if ((err = card_der_enter(&c, CARD_DER_CONTEXT_CONSTRUCTED(0), &in)) ||
	    (err = card_der_finish(&c)) || (err = card_der_take(&in, CARD_DER_ENUMERATED, &code)) ||
	    (err = card_der_finish(&in)) || (err = card_der_u32(code, &reason)))
		return err;
	if (reason > 10 || reason == 7)
		return CARD_ERR_MALFORMED;
	out->reason = (enum card_crl_reason)reason;
	return CARD_OK;
}

static enum card_error read_single(struct card_der *c, struct card_ocsp_answer *out)
{
	struct card_der_item status;
	enum card_error err = card_der_next(c, &status);
	if (err)
		return err;
	out->reason = CARD_CRL_NO_REASON;
	if (status.tag == CARD_DER_CONTEXT(0) && status.value.n == 0) {
		out->status = CARD_OCSP_GOOD;
	} else if (status.tag == CARD_DER_CONTEXT_CONSTRUCTED(1)) {
		out->status = CARD_OCSP_REVOKED;
		if ((err = read_revoked(status.value, out)))
			return err;
	} else if (status.tag == CARD_DER_CONTEXT(2) && status.value.n == 0) {
		out->status = CARD_OCSP_UNKNOWN;
	} else {
		return CARD_ERR_MALFORMED;
	}
	if ((err = read_time(c, &out->this_update)))
		return err;
	out->next_update = 0;
	if (card_der_peek(c) == CARD_DER_CONTEXT_CONSTRUCTED(0)) {
		struct card_der in;
		if ((err = card_der_enter(c, CARD_DER_CONTEXT_CONSTRUCTED(0), &in)) ||
		    (err = read_time(&in, &out->next_update)) || (err = card_der_finish(&in)))
			return err;
	}
	return read_extensions_field(c, 1, NULL);
}

static enum card_error find_single(struct pki_engine *e, struct basic *b, const card_cert_t *cert,
				   const card_cert_t *issuer, struct card_ocsp_answer *out)
{
	enum card_error found = CARD_ERR_NOT_FOUND;
	while (!card_der_at_end(&b->responses)) {
		struct card_der single;
		bool same;
		struct card_ocsp_answer one = {.produced_at = b->produced_at};
		enum card_error err;
		if ((err = card_der_enter(&b->responses, CARD_DER_SEQUENCE, &single)) ||
		    (err = read_id(e, &single, cert, issuer, &same)) ||
		    (err = read_single(&single, &one)))
			return err;
		/* Two statements about one certificate: the worse one counts. */
		if (same && (found || one.status == CARD_OCSP_REVOKED)) {
			*out = one;
			found = CARD_OK;
		}
	}
	return found;
}

enum card_error card_ocsp_check(struct card_bytes answer, const card_cert_t *cert,
				const card_cert_t *issuer, struct card_bytes nonce, int64_t at,
				struct card_ocsp_answer *out)
{
	if (!cert || !issuer || !out || (!answer.p && answer.n))
		return CARD_ERR_INVALID_ARGUMENT;
	*out = (struct card_ocsp_answer){.reason = CARD_CRL_NO_REASON};
	struct card_bytes whole;
	struct basic b = {.produced_at = 0};
	struct pki_engine e = {0};
	enum card_error err = read_status(answer, &whole);
	if (!err)
		err = read_basic(whole, &b);
	if (!err)
		err = check_signature(&e, &b, issuer, at);
	if (!err && nonce.n > 0 && b.nonce.n > 0 && !card_bytes_equal(nonce, b.nonce))
		err = CARD_ERR_DENIED;
	if (!err)
		err = find_single(&e, &b, cert, issuer, out);
	if (!err)
		out->nonce = nonce.n > 0 && b.nonce.n > 0;
	else
		*out = (struct card_ocsp_answer){.reason = CARD_CRL_NO_REASON};
	pki_engine_free(&e);
	return err;
}
