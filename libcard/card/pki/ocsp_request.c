/* SPDX-License-Identifier: Apache-2.0 */
/* OCSP requests (RFC 6960 §4.1). */
#include "pki_ocsp.h"
#include "pki_oid.h"
#include "pki_write.h"

const struct card_bytes pki_oid_ocsp_nonce = PKI_OID(PKI_OID_PKIX, 0x30, 0x01, 0x02);

static const struct {
	enum card_hash hash;
	struct card_bytes algorithm, oid;
} hashes[] = {
	{CARD_HASH_SHA1, PKI_OID(0x30, 0x09, 0x06, 0x05, 0x2B, 0x0E, 0x03, 0x02, 0x1A, 0x05, 0x00),
	 PKI_OID(0x2B, 0x0E, 0x03, 0x02, 0x1A)},
	{CARD_HASH_SHA256, PKI_OID(0x30, 0x0D, 0x06, 0x09, PKI_OID_SHA2(1), 0x05, 0x00),
	 PKI_OID(PKI_OID_SHA2(1))},
	{CARD_HASH_SHA384, PKI_OID(0x30, 0x0D, 0x06, 0x09, PKI_OID_SHA2(2), 0x05, 0x00),
	 PKI_OID(PKI_OID_SHA2(2))},
	{CARD_HASH_SHA512, PKI_OID(0x30, 0x0D, 0x06, 0x09, PKI_OID_SHA2(3), 0x05, 0x00),
	 PKI_OID(PKI_OID_SHA2(3))},
};

struct card_bytes pki_hash_algorithm(enum card_hash hash)
{
	for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++)
		if (hashes[i].hash == hash)
			return hashes[i].algorithm;
	return card_bytes(NULL, 0);
}

enum card_hash pki_hash_of_algorithm(struct card_bytes algorithm)
{
	struct card_der c = card_der_over(algorithm), in;
	struct card_bytes oid, null;
	bool there;
	if (card_der_enter(&c, CARD_DER_SEQUENCE, &in) || card_der_finish(&c) ||
	    card_der_take(&in, CARD_DER_OID, &oid) ||
	    card_der_take_optional(&in, CARD_DER_NULL, &null, &there) || null.n != 0 ||
	    card_der_finish(&in))
		return CARD_HASH_NONE;
	for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++)
		if (pki_oid_is(oid, hashes[i].oid))
			return hashes[i].hash;
	return CARD_HASH_NONE;
}

enum card_error pki_key_bits(struct card_bytes spki, struct card_bytes *bits)
{
	struct card_der c = card_der_over(spki), in;
	struct card_der_item algorithm;
	struct card_bytes content;
	unsigned unused;
	enum card_error err = card_der_enter(&c, CARD_DER_SEQUENCE, &in);
	if (!err)
		err = card_der_next(&in, &algorithm);
	if (!err)
		err = card_der_take(&in, CARD_DER_BIT_STRING, &content);
	return err ? err : card_der_bits(content, &unused, bits);
}

static enum card_error put_hash(card_buf_t *out, enum card_hash hash, struct card_bytes of)
{
	uint8_t digest[CARD_HASH_MAX];
	enum card_error err = card_hash_digest(hash, of, digest);
	return err ? err
		   : pki_put(out, CARD_DER_OCTET_STRING, card_bytes(digest, card_hash_size(hash)));
}

/* A magnitude as INTEGER. */
static enum card_error put_unsigned(card_buf_t *out, struct card_bytes magnitude)
{
	size_t from = out->n;
	enum card_error err = CARD_OK;
	if (magnitude.n == 0 || magnitude.p[0] & 0x80)
		err = card_buf_append_byte(out, 0);
	if (!err)
		err = card_buf_append(out, magnitude);
	return err ? err : pki_wrap(out, from, CARD_DER_INTEGER);
}

/* requestList with one Request of one CertID. */
static enum card_error put_list(card_buf_t *out, const card_cert_t *cert, const card_cert_t *issuer,
				enum card_hash hash)
{
	size_t from = out->n;
	struct card_bytes bits;
	enum card_error err = pki_key_bits(issuer->spki, &bits);
	if (!err)
		err = card_buf_append(out, pki_hash_algorithm(hash));
	if (!err)
		err = put_hash(out, hash, cert->issuer);
	if (!err)
		err = put_hash(out, hash, bits);
	if (!err)
		err = put_unsigned(out, cert->serial);
	for (int level = 0; level < 3 && !err; level++) /* CertID, Request, list */
		err = pki_wrap(out, from, CARD_DER_SEQUENCE);
	return err;
}

static enum card_error put_nonce(card_buf_t *out, struct card_bytes nonce)
{
	size_t from = out->n;
	enum card_error err = pki_put(out, CARD_DER_OID, pki_oid_ocsp_nonce);
	size_t value = out->n;
	if (!err)
		err = pki_put(out, CARD_DER_OCTET_STRING, nonce);
	if (!err)
		err = pki_wrap(out, value, CARD_DER_OCTET_STRING);
	for (int level = 0; level < 2 && !err; level++) /* Extension, Extensions */
		err = pki_wrap(out, from, CARD_DER_SEQUENCE);
	return err ? err : pki_wrap(out, from, CARD_DER_CONTEXT_CONSTRUCTED(2));
}

/* requestorName: required with a signature (RFC 6960 §4.1.2). */
static enum card_error put_requestor(card_buf_t *out, const card_cert_t *who)
{
	size_t from = out->n;
	enum card_error err = pki_put(out, 0xA4, who->subject);
	return err ? err : pki_wrap(out, from, CARD_DER_CONTEXT_CONSTRUCTED(1));
}

/* Algorithms a request may be signed with. */
static const struct {
	struct card_sig_alg alg;
	struct card_bytes algorithm;
} signing[] = {
	{{CARD_SIG_PKCS1, CARD_HASH_SHA256, 0},
	 PKI_OID(0x30, 0x0D, 0x06, 0x09, PKI_OID_PKCS1(11), 0x05, 0x00)},
	{{CARD_SIG_ECDSA, CARD_HASH_SHA384, 0}, PKI_OID(0x30, 0x0A, 0x06, 0x08, PKI_OID_ECDSA(3))},
	{{CARD_SIG_ECDSA, CARD_HASH_SHA256, 0}, PKI_OID(0x30, 0x0A, 0x06, 0x08, PKI_OID_ECDSA(2))},
};

static enum card_error put_signature(card_buf_t *out, struct card_bytes tbs,
				     const struct card_ocsp_signer *s)
{
	size_t from = out->n;
	struct card_bytes algorithm = {NULL, 0};
	for (size_t i = 0; i < sizeof(signing) / sizeof(signing[0]); i++)
		if (signing[i].alg.scheme == s->alg.scheme && signing[i].alg.hash == s->alg.hash)
			algorithm = signing[i].algorithm;
	if (!algorithm.n)
		return CARD_ERR_UNSUPPORTED;
	card_buf_t sig = {0};
	enum card_error err = card_buf_append_byte(&sig, 0);
	if (!err)
		err = s->sign(s->ctx, tbs, &sig);
	if (!err)
		err = card_buf_append(out, algorithm);
	if (!err)
		err = pki_put(out, CARD_DER_BIT_STRING, card_buf_bytes(&sig));
	card_buf_free(&sig);
	size_t certs = out->n;
	if (!err)
		err = card_buf_append(out, s->cert->der);
	if (!err)
		err = pki_wrap(out, certs, CARD_DER_SEQUENCE);
	if (!err)
		err = pki_wrap(out, certs, CARD_DER_CONTEXT_CONSTRUCTED(0));
	if (!err)
		err = pki_wrap(out, from, CARD_DER_SEQUENCE);
	return err ? err : pki_wrap(out, from, CARD_DER_CONTEXT_CONSTRUCTED(0));
}

enum card_error card_ocsp_request(const card_cert_t *cert, const card_cert_t *issuer,
				  enum card_hash id_hash, struct card_bytes nonce,
				  const struct card_ocsp_signer *signer, card_buf_t *out)
{
	if (!cert || !issuer || !out || nonce.n > CARD_OCSP_NONCE || (signer && !signer->sign))
		return CARD_ERR_INVALID_ARGUMENT;
	if (!pki_hash_algorithm(id_hash).n)
		return CARD_ERR_UNSUPPORTED;
	card_buf_t all = {0};
	enum card_error err = signer ? put_requestor(&all, signer->cert) : CARD_OK;
	if (!err)
		err = put_list(&all, cert, issuer, id_hash);
	if (!err && nonce.n > 0)
		err = put_nonce(&all, nonce);
	if (!err)
		err = pki_wrap(&all, 0, CARD_DER_SEQUENCE); /* tbsRequest */
	if (!err && signer) {
		card_buf_t tbs = {0};
		err = card_buf_append(&tbs, card_buf_bytes(&all));
		if (!err)
			err = put_signature(&all, card_buf_bytes(&tbs), signer);
		card_buf_free(&tbs);
	}
	if (!err)
		err = pki_wrap(&all, 0, CARD_DER_SEQUENCE);
	if (!err)
		err = card_buf_append(out, card_buf_bytes(&all));
	card_buf_free(&all);
	return err;
}
