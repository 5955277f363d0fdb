/* SPDX-License-Identifier: Apache-2.0 */
/* SubjectPublicKeyInfo and AlgorithmIdentifier. */
#include <card/der.h>

#include "pki_engine.h"
#include "pki_oid.h"

static const struct card_bytes oid_rsa = PKI_OID(PKI_OID_PKCS1(1));
static const struct card_bytes oid_ec = PKI_OID(0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01);
static const struct card_bytes oid_pss = PKI_OID(PKI_OID_PKCS1(10));
static const struct card_bytes oid_mgf1 = PKI_OID(PKI_OID_PKCS1(8));

/* RFC 5480 §2.1.1.1 */
static const struct {
	struct card_bytes oid;
	enum card_curve curve;
	unsigned bits;
} curves[] = {
	{PKI_OID(0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07), CARD_CURVE_P256, 256},
	{PKI_OID(0x2B, 0x81, 0x04, 0x00, 0x22), CARD_CURVE_P384, 384},
	{PKI_OID(0x2B, 0x81, 0x04, 0x00, 0x23), CARD_CURVE_P521, 521},
};

/* An AlgorithmIdentifier taken apart. params.tag is 0 if they are absent. */
struct algorithm {
	struct card_bytes oid;
	struct card_der_item params;
};

static enum card_error read_algorithm(struct card_der *c, struct algorithm *out)
{
	struct card_der in;
	enum card_error err = card_der_enter(c, CARD_DER_SEQUENCE, &in);
	if (err)
		return err;
	err = card_der_take(&in, CARD_DER_OID, &out->oid);
	if (err)
		return err;
	err = card_der_oid_check(out->oid);
	if (err)
		return err;
	out->params = (struct card_der_item){0};
	if (card_der_at_end(&in))
		return CARD_OK;
	err = card_der_next(&in, &out->params);
	return err ? err : card_der_finish(&in);
}

static bool params_null(const struct algorithm *a)
{
	return a->params.tag == CARD_DER_NULL && a->params.value.n == 0;
}

static enum card_error read_rsa(struct card_bytes bits, struct card_key *out)
{
	struct card_der c = card_der_over(bits), in;
	enum card_error err = card_der_enter(&c, CARD_DER_SEQUENCE, &in);
	if (err)
		return err;
	err = card_der_finish(&c);
	if (err)
		return err;
	struct card_bytes n, e;
	err = card_der_take(&in, CARD_DER_INTEGER, &n);
	if (!err)
		err = card_der_unsigned(n, &out->modulus);
	if (!err)
		err = card_der_take(&in, CARD_DER_INTEGER, &e);
	if (!err)
		err = card_der_unsigned(e, &out->exponent);
	if (!err)
		err = card_der_finish(&in);
	if (err)
		return err;
	out->kind = CARD_KEY_RSA;
	size_t size = out->modulus.n < 65536 ? out->modulus.n : 65536;
	out->bits = (unsigned)(8 * size);
	for (uint8_t top = out->modulus.p[0]; out->bits && !(top & 0x80); top = (uint8_t)(top << 1))
		if (--out->bits % 8 == 0)
			break;
	return CARD_OK;
}

static void read_ec(const struct algorithm *a, struct card_bytes bits, struct card_key *out)
{
	out->kind = CARD_KEY_EC;
	out->point = bits;
	if (a->params.tag != CARD_DER_OID)
		return;
	for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++) {
		size_t size = (curves[i].bits + 7) / 8;
		if (!pki_oid_is(a->params.value, curves[i].oid))
			continue;
		out->bits = curves[i].bits;
		if (bits.n == 1 + 2 * size && bits.p[0] == 0x04)
			out->curve = curves[i].curve;
	}
}

enum card_error card_key_parse(struct card_bytes spki, struct card_key *out)
{
	if (!out || (!spki.p && spki.n))
		return CARD_ERR_INVALID_ARGUMENT;
	*out = (struct card_key){0};
	struct card_der c = card_der_over(spki), in;
	enum card_error err = card_der_enter(&c, CARD_DER_SEQUENCE, &in);
	if (err)
		return err;
	err = card_der_finish(&c);
	if (err)
		return err;
	struct algorithm a;
	err = read_algorithm(&in, &a);
	if (err)
		return err;
	struct card_bytes content, bits;
	unsigned unused;
	err = card_der_take(&in, CARD_DER_BIT_STRING, &content);
	if (!err)
		err = card_der_bits(content, &unused, &bits);
	if (!err)
		err = card_der_finish(&in);
	if (err)
		return err;
	if (unused != 0)
		return CARD_ERR_MALFORMED;
	if (pki_oid_is(a.oid, oid_rsa)) {
		/* RFC 3279 §2.3.1: the parameters are NULL. */
		if (!params_null(&a))
			return CARD_ERR_MALFORMED;
		err = read_rsa(bits, out);
		if (err)
			*out = (struct card_key){0};
		return err;
	}
	if (pki_oid_is(a.oid, oid_ec))
		read_ec(&a, bits, out);
	return CARD_OK;
}

/* ---- signature algorithms ---- */

static const struct {
	struct card_bytes oid;
	struct card_sig_alg alg;
} signatures[] = {
	{PKI_OID(PKI_OID_PKCS1(11)), {CARD_SIG_PKCS1, CARD_HASH_SHA256, 0}},
	{PKI_OID(PKI_OID_PKCS1(12)), {CARD_SIG_PKCS1, CARD_HASH_SHA384, 0}},
	{PKI_OID(PKI_OID_PKCS1(13)), {CARD_SIG_PKCS1, CARD_HASH_SHA512, 0}},
	{PKI_OID(PKI_OID_PKCS1(5)), {CARD_SIG_PKCS1, CARD_HASH_SHA1, 0}},
	{PKI_OID(PKI_OID_ECDSA(2)), {CARD_SIG_ECDSA, CARD_HASH_SHA256, 0}},
	{PKI_OID(PKI_OID_ECDSA(3)), {CARD_SIG_ECDSA, CARD_HASH_SHA384, 0}},
	{PKI_OID(PKI_OID_ECDSA(4)), {CARD_SIG_ECDSA, CARD_HASH_SHA512, 0}},
	/* RFC 3279 §2.2.3: ecdsa-with-SHA1 */
	{PKI_OID(0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x01), {CARD_SIG_ECDSA, CARD_HASH_SHA1, 0}},
};

static const struct {
	struct card_bytes oid;
	enum card_hash hash;
} hash_oids[] = {
	{PKI_OID(PKI_OID_SHA2(1)), CARD_HASH_SHA256},
	{PKI_OID(PKI_OID_SHA2(2)), CARD_HASH_SHA384},
	{PKI_OID(PKI_OID_SHA2(3)), CARD_HASH_SHA512},
	{PKI_OID(0x2B, 0x0E, 0x03, 0x02, 0x1A), CARD_HASH_SHA1},
};

static enum card_hash hash_of(const struct algorithm *a)
{
	if (a->params.tag != 0 && !params_null(a))
		return CARD_HASH_NONE;
	for (size_t i = 0; i < sizeof(hash_oids) / sizeof(hash_oids[0]); i++)
		if (pki_oid_is(a->oid, hash_oids[i].oid))
			return hash_oids[i].hash;
	return CARD_HASH_NONE;
}

/* [0] hash, [1] MGF1 with the same hash (RFC 4055 §3.1). SHA-1 by default. */
static enum card_error read_pss_hashes(struct card_der *in, enum card_hash *hash)
{
	enum card_hash mgf_hash = CARD_HASH_SHA1;
	*hash = CARD_HASH_SHA1;
	enum card_error err;
	struct card_der inner, mgf;
	struct algorithm a;
	if (card_der_peek(in) == CARD_DER_CONTEXT_CONSTRUCTED(0)) {
		err = card_der_enter(in, CARD_DER_CONTEXT_CONSTRUCTED(0), &inner);
		if (!err)
			err = read_algorithm(&inner, &a);
		if (!err)
			err = card_der_finish(&inner);
		if (err)
			return err;
		*hash = hash_of(&a);
	}
	if (card_der_peek(in) == CARD_DER_CONTEXT_CONSTRUCTED(1)) {
		err = card_der_enter(in, CARD_DER_CONTEXT_CONSTRUCTED(1), &inner);
		if (!err)
			err = read_algorithm(&inner, &a);
		if (!err)
			err = card_der_finish(&inner);
		if (err)
			return err;
		mgf_hash = CARD_HASH_NONE;
		mgf = card_der_over(a.params.whole);
		if (pki_oid_is(a.oid, oid_mgf1) && !read_algorithm(&mgf, &a))
			mgf_hash = hash_of(&a);
	}
	if (mgf_hash != *hash)
		*hash = CARD_HASH_NONE;
	return CARD_OK;
}

/* [2] salt length, 20 by default; [3] trailer field, which can only be 1. */
static enum card_error read_pss_numbers(struct card_der *in, uint32_t *salt)
{
	*salt = 20;
	uint32_t trailer = 1;
	for (unsigned tag = 2; tag <= 3; tag++) {
		struct card_der inner;
		struct card_bytes content;
		if (card_der_peek(in) != CARD_DER_CONTEXT_CONSTRUCTED(tag))
			continue;
		enum card_error err = card_der_enter(in, CARD_DER_CONTEXT_CONSTRUCTED(tag), &inner);
		if (!err)
			err = card_der_take(&inner, CARD_DER_INTEGER, &content);
		if (!err)
			err = card_der_finish(&inner);
		if (!err)
			err = card_der_u32(content, tag == 2 ? salt : &trailer);
		if (err)
			return CARD_ERR_MALFORMED;
	}
	if (trailer != 1 || *salt > CARD_RSA_BITS_MAX / 8)
		return CARD_ERR_MALFORMED;
	return card_der_finish(in);
}

static enum card_error read_pss(const struct algorithm *a, struct card_sig_alg *out)
{
	if (a->params.tag != CARD_DER_SEQUENCE)
		return CARD_ERR_MALFORMED;
	struct card_der in = card_der_over(a->params.value);
	enum card_hash hash;
	uint32_t salt = 0;
	enum card_error err = read_pss_hashes(&in, &hash);
	if (!err)
		err = read_pss_numbers(&in, &salt);
	if (err)
		return err;
	if (hash != CARD_HASH_NONE)
		*out = (struct card_sig_alg){CARD_SIG_PSS, hash, salt};
	return CARD_OK;
}

enum card_error card_sig_alg_parse(struct card_bytes algorithm, struct card_sig_alg *out)
{
	if (!out || (!algorithm.p && algorithm.n))
		return CARD_ERR_INVALID_ARGUMENT;
	*out = (struct card_sig_alg){CARD_SIG_OTHER, CARD_HASH_NONE, 0};
	struct card_der c = card_der_over(algorithm);
	struct algorithm a;
	enum card_error err = read_algorithm(&c, &a);
	if (err)
		return err;
	err = card_der_finish(&c);
	if (err)
		return err;
	if (pki_oid_is(a.oid, oid_pss))
		return read_pss(&a, out);
	for (size_t i = 0; i < sizeof(signatures) / sizeof(signatures[0]); i++) {
		if (!pki_oid_is(a.oid, signatures[i].oid))
			continue;
		bool fits = signatures[i].alg.scheme == CARD_SIG_ECDSA
				    ? a.params.tag == 0
				    : a.params.tag == 0 || params_null(&a);
		if (!fits)
			return CARD_ERR_MALFORMED;
		*out = signatures[i].alg;
	}
	return CARD_OK;
}

const char *card_sig_alg_name(struct card_sig_alg alg)
{
	static const char *const names[4][5] = {
		[CARD_SIG_PKCS1] = {NULL, "RSA PKCS#1 v1.5 with SHA-1",
				    "RSA PKCS#1 v1.5 with SHA-256", "RSA PKCS#1 v1.5 with SHA-384",
				    "RSA PKCS#1 v1.5 with SHA-512"},
		[CARD_SIG_PSS] = {NULL, "RSA PSS with SHA-1", "RSA PSS with SHA-256",
				  "RSA PSS with SHA-384", "RSA PSS with SHA-512"},
		[CARD_SIG_ECDSA] = {NULL, "ECDSA with SHA-1", "ECDSA with SHA-256",
				    "ECDSA with SHA-384", "ECDSA with SHA-512"},
	};
	const char *name = NULL;
	if ((unsigned)alg.scheme < 4 && (unsigned)alg.hash < 5)
		name = names[alg.scheme][alg.hash];
	return name ? name : "unknown signature algorithm";
}
