/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verifying one signature.
 *
 * RSA is done with libcrypto's modular multiplication and a comparison of the
 * whole padded block, because the card signs DigestInfos that EVP cannot
 * express (card-spec 3.3), and because making an EVP_PKEY for every certificate
 * costs as much as verifying with it. PSS and ECDSA go through EVP.
 */
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "pki_engine.h"

/* ---- DigestInfo ---- */

/* RFC 8017 §9.2 note 1: what stands before the digest. */
static const struct {
	uint8_t p[19];
	uint8_t n;
} prefixes[] = {
	[CARD_HASH_SHA1] = {{0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2B, 0x0E, 0x03, 0x02, 0x1A, 0x05,
			     0x00, 0x04, 0x14},
			    15},
	[CARD_HASH_SHA256] = {{0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65,
			       0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20},
			      19},
	[CARD_HASH_SHA384] = {{0x30, 0x41, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65,
			       0x03, 0x04, 0x02, 0x02, 0x05, 0x00, 0x04, 0x30},
			      19},
	[CARD_HASH_SHA512] = {{0x30, 0x51, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65,
			       0x03, 0x04, 0x02, 0x03, 0x05, 0x00, 0x04, 0x40},
			      19},
};

enum card_error card_digest_info(enum card_hash hash, struct card_bytes digest,
				 uint8_t out[CARD_DIGEST_INFO_MAX], size_t *n)
{
	size_t size = card_hash_size(hash);
	if (size == 0)
		return CARD_ERR_UNSUPPORTED;
	if (!out || !n || !digest.p || digest.n != size)
		return CARD_ERR_INVALID_ARGUMENT;
	memcpy(out, prefixes[hash].p, prefixes[hash].n);
	memcpy(out + prefixes[hash].n, digest.p, size);
	*n = prefixes[hash].n + size;
	return CARD_OK;
}

/* ---- prepared keys ---- */

/* CARD_OK if the sizes are those this library works with. */
static enum card_error rsa_usable(const struct card_key *key)
{
	if (key->bits < CARD_RSA_BITS_MIN || key->bits > CARD_RSA_BITS_MAX)
		return CARD_ERR_UNSUPPORTED;
	/* Montgomery needs an odd modulus; RFC 8017 §3.1: e is odd, 3 or more. A huge
	 * exponent only serves to waste the verifier's time. */
	if (!(key->modulus.p[key->modulus.n - 1] & 1))
		return CARD_ERR_UNSUPPORTED;
	if (key->exponent.n == 0 || key->exponent.n > 4 ||
	    !(key->exponent.p[key->exponent.n - 1] & 1) ||
	    (key->exponent.n == 1 && key->exponent.p[0] < 3))
		return CARD_ERR_UNSUPPORTED;
	return CARD_OK;
}

/* k->key made ready; numbers that k has from another key are filled again. */
static enum card_error rsa_prepare(struct pki_key *k, struct pki_engine *e)
{
	enum card_error err = rsa_usable(&k->key);
	if (err)
		return err;
	if (!e->bn)
		e->bn = BN_CTX_new();
	if (!k->n)
		k->n = BN_new();
	if (!k->e)
		k->e = BN_new();
	if (!k->mont)
		k->mont = BN_MONT_CTX_new();
	if (!e->bn || !k->n || !k->e || !k->mont ||
	    !BN_bin2bn(k->key.modulus.p, (int)k->key.modulus.n, k->n) ||
	    !BN_bin2bn(k->key.exponent.p, (int)k->key.exponent.n, k->e))
		return CARD_ERR_NO_MEMORY;
	return BN_MONT_CTX_set(k->mont, k->n, e->bn) == 1 ? CARD_OK : CARD_ERR_CRYPTO;
}

static EVP_PKEY *pkey_from(const char *type, OSSL_PARAM *params)
{
	EVP_PKEY *pkey = NULL;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	if (ctx && EVP_PKEY_fromdata_init(ctx) == 1 &&
	    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params) != 1)
		pkey = NULL;
	EVP_PKEY_CTX_free(ctx);
	return pkey;
}

static EVP_PKEY *ec_pkey(const struct card_key *key)
{
	static const char *const groups[] = {"", "P-256", "P-384", "P-521"};
	char group[8];
	uint8_t point[1 + 2 * 66];
	if (key->point.n > sizeof(point))
		return NULL;
	memcpy(group, groups[key->curve], strlen(groups[key->curve]) + 1);
	memcpy(point, key->point.p, key->point.n);
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, key->point.n),
		OSSL_PARAM_construct_end()};
	return pkey_from("EC", params);
}

static EVP_PKEY *rsa_pkey(const struct pki_key *k)
{
	EVP_PKEY *pkey = NULL;
	OSSL_PARAM *params = NULL;
	OSSL_PARAM_BLD *b = OSSL_PARAM_BLD_new();
	if (b && OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_RSA_N, k->n) == 1 &&
	    OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_RSA_E, k->e) == 1)
		params = OSSL_PARAM_BLD_to_param(b);
	if (params)
		pkey = pkey_from("RSA", params);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(b);
	return pkey;
}

enum card_error pki_key_init(struct pki_key *k, const struct card_key *key, struct pki_engine *e)
{
	*k = (struct pki_key){.key = *key};
	enum card_error err = CARD_ERR_UNSUPPORTED;
	if (key->kind == CARD_KEY_RSA) {
		err = rsa_prepare(k, e);
	} else if (key->kind == CARD_KEY_EC && key->curve != CARD_CURVE_OTHER) {
		k->ec = ec_pkey(key);
		/* The only input is the point: a refusal means that it is not on the curve. */
		err = k->ec ? CARD_OK : CARD_ERR_UNSUPPORTED;
	}
	if (err)
		pki_key_free(k);
	return err;
}

void pki_key_free(struct pki_key *k)
{
	BN_free(k->n);
	BN_free(k->e);
	BN_MONT_CTX_free(k->mont);
	EVP_PKEY_free(k->ec);
	*k = (struct pki_key){0};
}

/* ---- the three schemes ---- */

/* The public exponent as a number; rsa_usable has seen that it is odd, above 1 and
 * fits. */
static uint32_t exponent_of(const struct card_key *key)
{
	uint32_t e = 0;
	for (size_t i = 0; i < key->exponent.n; i++)
		e = e << 8 | key->exponent.p[i];
	return e;
}

/*
 * m = s^e mod n, square and multiply from the top bit. Nothing here is secret. The
 * last factor is s itself instead of its Montgomery form, which brings the product
 * back to plain form: two multiplications fewer than BN_mod_exp_mont of nineteen.
 */
static bool raise_to_e(BIGNUM *m, const BIGNUM *s, BIGNUM *form, const struct pki_key *k,
		       BN_CTX *bn)
{
	uint32_t e = exponent_of(&k->key);
	if (BN_to_montgomery(form, s, k->mont, bn) != 1)
		return false;
	const BIGNUM *x = form;
	for (int bit = 30 - __builtin_clz(e); bit >= 0; bit--, x = m) {
		if (BN_mod_mul_montgomery(m, x, x, k->mont, bn) != 1)
			return false;
		if ((e >> bit & 1) && BN_mod_mul_montgomery(m, m, bit ? form : s, k->mont, bn) != 1)
			return false;
	}
	return true;
}

enum card_error pki_rsa_verify_block(struct pki_engine *e, const struct pki_key *k,
				     struct card_bytes digest_info, struct card_bytes signature)
{
	if (!k->mont)
		return CARD_ERR_UNSUPPORTED;
	size_t size = k->key.modulus.n;
	/* RFC 8017 §9.2 step 3: at least eight octets of padding. */
	if (digest_info.n == 0 || digest_info.n + 11 > size)
		return CARD_ERR_INVALID_ARGUMENT;
	if (signature.n != size)
		return CARD_ERR_SIGNATURE;
	if (!e->bn)
		e->bn = BN_CTX_new();
	if (!e->bn)
		return CARD_ERR_NO_MEMORY;
	uint8_t want[CARD_RSA_BITS_MAX / 8];
	enum card_error err = CARD_ERR_CRYPTO;
	BN_CTX_start(e->bn);
	BIGNUM *s = BN_CTX_get(e->bn);
	BIGNUM *m = BN_CTX_get(e->bn);
	BIGNUM *form = BN_CTX_get(e->bn);
	BIGNUM *block = BN_CTX_get(e->bn);
	if (!block || !BN_bin2bn(signature.p, (int)signature.n, s))
		goto out;
	if (BN_cmp(s, k->n) >= 0) {
		err = CARD_ERR_SIGNATURE;
		goto out;
	}
	size_t pad = size - digest_info.n - 3;
	want[0] = 0x00;
	want[1] = 0x01;
	memset(want + 2, 0xFF, pad);
	want[2 + pad] = 0x00;
	memcpy(want + 3 + pad, digest_info.p, digest_info.n);
	/* Equal numbers are equal blocks, as both have this size. */
	if (!raise_to_e(m, s, form, k, e->bn) || !BN_bin2bn(want, (int)size, block))
		goto out;
	err = BN_cmp(m, block) == 0 ? CARD_OK : CARD_ERR_SIGNATURE;
out:
	BN_CTX_end(e->bn);
	return err;
}

static enum card_error verify_pss(struct pki_engine *e, const struct pki_key *k,
				  struct card_sig_alg alg, struct card_bytes digest,
				  struct card_bytes signature)
{
	const EVP_MD *md;
	enum card_error err = pki_md(e, alg.hash, &md);
	if (err)
		return err;
	err = CARD_ERR_CRYPTO;
	EVP_PKEY *pkey = rsa_pkey(k);
	EVP_PKEY_CTX *ctx = pkey ? EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL) : NULL;
	if (ctx && EVP_PKEY_verify_init(ctx) == 1 &&
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
	    EVP_PKEY_CTX_set_signature_md(ctx, md) == 1 &&
	    EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, md) == 1 &&
	    EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, (int)alg.salt) == 1)
		err = EVP_PKEY_verify(ctx, signature.p, signature.n, digest.p, digest.n) == 1
			      ? CARD_OK
			      : CARD_ERR_SIGNATURE;
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(pkey);
	return err;
}

static enum card_error verify_ecdsa(const struct pki_key *k, struct card_bytes digest,
				    struct card_bytes signature)
{
	enum card_error err = CARD_ERR_CRYPTO;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, k->ec, NULL);
	if (ctx && EVP_PKEY_verify_init(ctx) == 1)
		err = EVP_PKEY_verify(ctx, signature.p, signature.n, digest.p, digest.n) == 1
			      ? CARD_OK
			      : CARD_ERR_SIGNATURE;
	EVP_PKEY_CTX_free(ctx);
	return err;
}

enum card_error pki_key_verify(struct pki_engine *e, const struct pki_key *k,
			       struct card_sig_alg alg, struct card_bytes digest,
			       struct card_bytes signature)
{
	if (alg.hash == CARD_HASH_NONE)
		return CARD_ERR_UNSUPPORTED;
	if (!digest.p || digest.n != card_hash_size(alg.hash))
		return CARD_ERR_INVALID_ARGUMENT;
	if (signature.n == 0)
		return CARD_ERR_SIGNATURE;
	if (alg.scheme == CARD_SIG_PKCS1 && k->mont) {
		uint8_t info[CARD_DIGEST_INFO_MAX];
		size_t n;
		enum card_error err = card_digest_info(alg.hash, digest, info, &n);
		return err ? err : pki_rsa_verify_block(e, k, card_bytes(info, n), signature);
	}
	if (alg.scheme == CARD_SIG_PSS && k->mont)
		return verify_pss(e, k, alg, digest, signature);
	if (alg.scheme == CARD_SIG_ECDSA && k->ec)
		return verify_ecdsa(k, digest, signature);
	return CARD_ERR_UNSUPPORTED;
}

enum card_error pki_sig_verify(struct pki_engine *e, const struct card_key *key,
			       struct card_sig_alg alg, struct card_bytes digest,
			       struct card_bytes signature)
{
	struct pki_key k;
	enum card_error err;
	if (key->kind == CARD_KEY_RSA) {
		e->passing.key = *key;
		err = rsa_prepare(&e->passing, e);
		if (!err)
			err = pki_key_verify(e, &e->passing, alg, digest, signature);
		e->passing.key = (struct card_key){0};
		return err;
	}
	err = pki_key_init(&k, key, e);
	if (err)
		return err;
	err = pki_key_verify(e, &k, alg, digest, signature);
	pki_key_free(&k);
	return err;
}

enum card_error card_sig_verify(const struct card_key *key, struct card_sig_alg alg,
				struct card_bytes digest, struct card_bytes signature)
{
	if (!key || (!signature.p && signature.n))
		return CARD_ERR_INVALID_ARGUMENT;
	struct pki_engine e = {0};
	enum card_error err = pki_sig_verify(&e, key, alg, digest, signature);
	pki_engine_free(&e);
	return err;
}

/* ---- RSA from bare numbers ---- */

static struct card_bytes without_leading_zeros(struct card_bytes b)
{
	while (b.n > 0 && b.p[0] == 0)
		b = card_bytes(b.p + 1, b.n - 1);
	return b;
}

enum card_error card_rsa_verify_digest_info(struct card_bytes modulus, struct card_bytes exponent,
					    struct card_bytes digest_info,
					    struct card_bytes signature)
{
	if ((!modulus.p && modulus.n) || (!exponent.p && exponent.n) || !digest_info.p ||
	    (!signature.p && signature.n))
		return CARD_ERR_INVALID_ARGUMENT;
	struct card_key key = {.kind = CARD_KEY_RSA,
			       .modulus = without_leading_zeros(modulus),
			       .exponent = without_leading_zeros(exponent)};
	key.bits = (unsigned)(8 * (key.modulus.n < 4096 ? key.modulus.n : 4096));
	struct pki_engine e = {0};
	struct pki_key k;
	enum card_error err = pki_key_init(&k, &key, &e);
	if (!err) {
		err = pki_rsa_verify_block(&e, &k, digest_info, signature);
		pki_key_free(&k);
	}
	pki_engine_free(&e);
	return err;
}

enum card_error card_rsa_verify(struct card_bytes modulus, struct card_bytes exponent,
				enum card_hash hash, struct card_bytes digest,
				struct card_bytes signature)
{
	uint8_t info[CARD_DIGEST_INFO_MAX];
	size_t n;
	enum card_error err = card_digest_info(hash, digest, info, &n);
	if (err)
		return err;
	return card_rsa_verify_digest_info(modulus, exponent, card_bytes(info, n), signature);
}
