/* SPDX-License-Identifier: Apache-2.0 */
/* RSA signatures (provider-signature(7)): by the card; verification in software. */
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

#include "provider.h"

struct signature {
	struct prov *prov;
	struct key *key;
	enum card_hash hash; /* CARD_HASH_NONE: the data is signed as it is */
	bool pss;
	EVP_MD_CTX *md; /* digest_sign, digest_verify */
};

/* AlgorithmIdentifiers: RFC 8017 appendix A.2.4, RFC 4055 §3.1. */
static const uint8_t id_pss[] = {
	0x30, 0x41, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0A, 0x30,
	0x34, 0xA0, 0x0F, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04,
	0x02, 0x01, 0x05, 0x00, 0xA1, 0x1C, 0x30, 0x1A, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86,
	0xF7, 0x0D, 0x01, 0x01, 0x08, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65,
	0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0xA2, 0x03, 0x02, 0x01, 0x20};

static const struct digest {
	const char *name, *other;
	enum card_hash hash;
	uint8_t arc; /* last of 1.2.840.113549.1.1.x: …WithRSAEncryption */
} digests[] = {{"SHA256", "SHA2-256", CARD_HASH_SHA256, 0x0B},
	       {"SHA384", "SHA2-384", CARD_HASH_SHA384, 0x0C},
	       {"SHA512", "SHA2-512", CARD_HASH_SHA512, 0x0D},
	       {"SHA1", "SHA-1", CARD_HASH_SHA1, 0x05}};
#define DIGESTS (sizeof(digests) / sizeof(digests[0]))

static const struct digest *digest_of(enum card_hash hash)
{
	for (size_t i = 0; i < DIGESTS; i++)
		if (digests[i].hash == hash)
			return &digests[i];
	return NULL;
}

static bool set_digest(struct signature *s, const char *name)
{
	for (size_t i = 0; i < DIGESTS; i++) {
		if (strcasecmp(name, digests[i].name) != 0 &&
		    strcasecmp(name, digests[i].other) != 0 &&
		    !(digests[i].hash != CARD_HASH_SHA1 && strncasecmp(name, "SHA-", 4) == 0 &&
		      strcmp(name + 4, digests[i].name + 3) == 0))
			continue;
		s->hash = digests[i].hash;
		return true;
	}
	prov_raise(s->prov, REASON_DIGEST);
	return false;
}

/* ---- context ---- */

static void *newctx(void *provctx, const char *propq)
{
	struct signature *s = calloc(1, sizeof(*s));

	(void)propq;
	if (s != NULL)
		s->prov = provctx;
	return s;
}

static void freectx(void *ctx)
{
	struct signature *s = ctx;

	if (s == NULL)
		return;
	key_free(s->key);
	EVP_MD_CTX_free(s->md);
	free(s);
}

static void *dupctx(void *ctx)
{
	const struct signature *from = ctx;
	struct signature *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	*s = *from;
	if (s->key != NULL)
		(void)key_ref(s->key);
	s->md = NULL;
	if (from->md != NULL) {
		s->md = EVP_MD_CTX_new();
		if (s->md == NULL || EVP_MD_CTX_copy_ex(s->md, from->md) != 1) {
			freectx(s);
			return NULL;
		}
	}
	return s;
}

/* ---- parameters ---- */

static bool set_padding(struct signature *s, const OSSL_PARAM *p)
{
	int mode = 0;

	if (p->data_type == OSSL_PARAM_UTF8_STRING) {
		if (strcmp(p->data, OSSL_PKEY_RSA_PAD_MODE_PKCSV15) == 0)
			mode = RSA_PKCS1_PADDING;
		else if (strcmp(p->data, OSSL_PKEY_RSA_PAD_MODE_PSS) == 0)
			mode = RSA_PKCS1_PSS_PADDING;
	} else if (!OSSL_PARAM_get_int(p, &mode)) {
		return false;
	}
	if (mode != RSA_PKCS1_PADDING && mode != RSA_PKCS1_PSS_PADDING) {
		prov_raise(s->prov, REASON_PADDING);
		return false;
	}
	if (mode == RSA_PKCS1_PSS_PADDING && !s->prov->config.pss) {
		prov_raise(s->prov, REASON_PSS);
		return false;
	}
	s->pss = mode == RSA_PKCS1_PSS_PADDING;
	return true;
}

/* The card makes a salt as long as the digest (card-spec 4.2). */
static bool salt_is_ours(const OSSL_PARAM *p)
{
	int n = 0;

	if (p->data_type == OSSL_PARAM_UTF8_STRING)
		return strcmp(p->data, OSSL_PKEY_RSA_PSS_SALT_LEN_DIGEST) == 0 ||
		       strcmp(p->data, OSSL_PKEY_RSA_PSS_SALT_LEN_AUTO) == 0 ||
		       strcmp(p->data, "32") == 0;
	return OSSL_PARAM_get_int(p, &n) &&
	       (n == RSA_PSS_SALTLEN_DIGEST || n == RSA_PSS_SALTLEN_AUTO || n == 32);
}

static int set_params(void *ctx, const OSSL_PARAM params[])
{
	struct signature *s = ctx;
	const OSSL_PARAM *p;

	if (params == NULL)
		return 1;
	p = OSSL_PARAM_locate_const(params, OSSL_SIGNATURE_PARAM_DIGEST);
	if (p != NULL && (p->data_type != OSSL_PARAM_UTF8_STRING || !set_digest(s, p->data)))
		return 0;
	p = OSSL_PARAM_locate_const(params, OSSL_SIGNATURE_PARAM_PAD_MODE);
	if (p != NULL && !set_padding(s, p))
		return 0;
	p = OSSL_PARAM_locate_const(params, OSSL_SIGNATURE_PARAM_PSS_SALTLEN);
	if (p != NULL && !salt_is_ours(p)) {
		prov_raise(s->prov, REASON_PADDING);
		return 0;
	}
	return 1;
}

static const OSSL_PARAM *settable(void *ctx, void *provctx)
{
	static const OSSL_PARAM params[] = {
		OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PAD_MODE, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_MGF1_DIGEST, NULL, 0), OSSL_PARAM_END};

	(void)ctx;
	(void)provctx;
	return params;
}

static const OSSL_PARAM *gettable(void *ctx, void *provctx)
{
	static const OSSL_PARAM params[] = {
		OSSL_PARAM_octet_string(OSSL_SIGNATURE_PARAM_ALGORITHM_ID, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST, NULL, 0),
		OSSL_PARAM_int(OSSL_SIGNATURE_PARAM_PAD_MODE, NULL),
		OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_MGF1_DIGEST, NULL, 0),
		OSSL_PARAM_END};

	(void)ctx;
	(void)provctx;
	return params;
}

static int put_algorithm(const struct signature *s, OSSL_PARAM *p)
{
	uint8_t id[] = {0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86,
			0xF7, 0x0D, 0x01, 0x01, 0x00, 0x05, 0x00};
	const struct digest *d = digest_of(s->hash);

	if (d == NULL)
		return 0;
	if (s->pss)
		return OSSL_PARAM_set_octet_string(p, id_pss, sizeof(id_pss));
	id[12] = d->arc;
	return OSSL_PARAM_set_octet_string(p, id, sizeof(id));
}

static int put_padding(const struct signature *s, OSSL_PARAM *p)
{
	if (p->data_type == OSSL_PARAM_UTF8_STRING)
		return OSSL_PARAM_set_utf8_string(p, s->pss ? OSSL_PKEY_RSA_PAD_MODE_PSS
							    : OSSL_PKEY_RSA_PAD_MODE_PKCSV15);
	return OSSL_PARAM_set_int(p, s->pss ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING);
}

static int get_params(void *ctx, OSSL_PARAM params[])
{
	const struct signature *s = ctx;
	const struct digest *d = digest_of(s->hash);
	OSSL_PARAM *p = OSSL_PARAM_locate(params, OSSL_SIGNATURE_PARAM_ALGORITHM_ID);

	if (p != NULL && !put_algorithm(s, p))
		return 0;
	p = OSSL_PARAM_locate(params, OSSL_SIGNATURE_PARAM_DIGEST);
	if (p != NULL && !OSSL_PARAM_set_utf8_string(p, d != NULL ? d->name : ""))
		return 0;
	p = OSSL_PARAM_locate(params, OSSL_SIGNATURE_PARAM_MGF1_DIGEST);
	if (p != NULL && !OSSL_PARAM_set_utf8_string(p, d != NULL ? d->name : ""))
		return 0;
	p = OSSL_PARAM_locate(params, OSSL_SIGNATURE_PARAM_PSS_SALTLEN);
	if (p != NULL &&
	    !(p->data_type == OSSL_PARAM_UTF8_STRING ? OSSL_PARAM_set_utf8_string(p, "32")
						     : OSSL_PARAM_set_int(p, 32)))
		return 0;
	p = OSSL_PARAM_locate(params, OSSL_SIGNATURE_PARAM_PAD_MODE);
	return p == NULL || put_padding(s, p);
}

/* ---- signing and verifying digests ---- */

static int init(struct signature *s, void *key, const OSSL_PARAM params[])
{
	if (key != NULL && key != s->key) {
		key_free(s->key);
		s->key = key_ref(key);
	}
	return s->key != NULL && set_params(s, params);
}

static int sign_init(void *ctx, void *key, const OSSL_PARAM params[])
{
	struct signature *s = ctx;

	s->hash = CARD_HASH_NONE;
	return init(s, key, params) && s->key->is_private;
}

static int verify_init(void *ctx, void *key, const OSSL_PARAM params[])
{
	struct signature *s = ctx;

	s->hash = CARD_HASH_NONE;
	return init(s, key, params);
}

/* May it be signed? */
static bool allowed(struct signature *s, size_t n)
{
	if (s->hash == CARD_HASH_SHA1 && !s->prov->config.sha1) {
		prov_raise(s->prov, REASON_SHA1);
		return false;
	}
	if (s->pss && s->hash != CARD_HASH_SHA256) {
		prov_raise(s->prov, REASON_DIGEST);
		return false;
	}
	if (s->hash != CARD_HASH_NONE && n != card_hash_size(s->hash)) {
		prov_raise(s->prov, REASON_LENGTH);
		return false;
	}
	return true;
}

static int sign(void *ctx, unsigned char *sig, size_t *siglen, size_t sigsize,
		const unsigned char *tbs, size_t tbslen)
{
	struct signature *s = ctx;
	size_t size = s->key->modulus.n;
	card_buf_t out = {0};
	int ok;

	if (sig == NULL) {
		*siglen = size;
		return 1;
	}
	if (sigsize < size || !allowed(s, tbslen))
		return 0;
	ok = key_sign(s->key, s->hash, s->pss, card_bytes(tbs, tbslen), &out) && out.n <= sigsize;
	if (ok) {
		memcpy(sig, out.p, out.n);
		*siglen = out.n;
	}
	card_buf_free(&out);
	return ok;
}

static int verify(void *ctx, const unsigned char *sig, size_t siglen, const unsigned char *tbs,
		  size_t tbslen)
{
	const struct signature *s = ctx;
	struct card_key key = {.kind = CARD_KEY_RSA,
			       .modulus = card_buf_bytes(&s->key->modulus),
			       .exponent = card_buf_bytes(&s->key->exponent),
			       .bits = (unsigned)(8 * s->key->modulus.n)};
	struct card_sig_alg alg = {.scheme = s->pss ? CARD_SIG_PSS : CARD_SIG_PKCS1,
				   .hash = s->hash,
				   .salt = (unsigned)card_hash_size(s->hash)};

	if (s->hash == CARD_HASH_NONE)
		return card_rsa_verify_digest_info(key.modulus, key.exponent,
						   card_bytes(tbs, tbslen),
						   card_bytes(sig, siglen)) == CARD_OK;
	return card_sig_verify(&key, alg, card_bytes(tbs, tbslen), card_bytes(sig, siglen)) ==
	       CARD_OK;
}

/* ---- signing and verifying data ---- */

static int digest_init(struct signature *s, const char *mdname, void *key,
		       const OSSL_PARAM params[])
{
	/* NULL or "": the key's default */
	if (!set_digest(s, mdname != NULL && *mdname != '\0' ? mdname : "SHA256") ||
	    !init(s, key, params))
		return 0;
	EVP_MD_CTX_free(s->md);
	s->md = EVP_MD_CTX_new();
	return s->md != NULL &&
	       EVP_DigestInit_ex(s->md, EVP_get_digestbyname(digest_of(s->hash)->name), NULL) == 1;
}

static int digest_sign_init(void *ctx, const char *mdname, void *key, const OSSL_PARAM params[])
{
	struct signature *s = ctx;

	return digest_init(s, mdname, key, params) && s->key->is_private;
}

static int digest_verify_init(void *ctx, const char *mdname, void *key, const OSSL_PARAM params[])
{
	return digest_init(ctx, mdname, key, params);
}

static int digest_update(void *ctx, const unsigned char *data, size_t n)
{
	struct signature *s = ctx;

	return s->md != NULL && EVP_DigestUpdate(s->md, data, n) == 1;
}

/* The digest so far; s goes on, because the caller may ask twice. */
static bool digest_now(const struct signature *s, uint8_t out[EVP_MAX_MD_SIZE], size_t *n)
{
	EVP_MD_CTX *copy = EVP_MD_CTX_new();
	unsigned len = 0;
	bool ok = copy != NULL && s->md != NULL && EVP_MD_CTX_copy_ex(copy, s->md) == 1 &&
		  EVP_DigestFinal_ex(copy, out, &len) == 1;

	EVP_MD_CTX_free(copy);
	*n = len;
	return ok;
}

static int digest_sign_final(void *ctx, unsigned char *sig, size_t *siglen, size_t sigsize)
{
	struct signature *s = ctx;
	uint8_t digest[EVP_MAX_MD_SIZE];
	size_t n = 0;

	if (sig != NULL && !digest_now(s, digest, &n))
		return 0;
	return sign(s, sig, siglen, sigsize, digest, n);
}

static int digest_verify_final(void *ctx, const unsigned char *sig, size_t siglen)
{
	struct signature *s = ctx;
	uint8_t digest[EVP_MAX_MD_SIZE];
	size_t n = 0;

	return digest_now(s, digest, &n) && verify(s, sig, siglen, digest, n);
}

const OSSL_DISPATCH signature_functions[] = {
	ENTRY(OSSL_FUNC_SIGNATURE_NEWCTX, newctx),
	ENTRY(OSSL_FUNC_SIGNATURE_FREECTX, freectx),
	ENTRY(OSSL_FUNC_SIGNATURE_DUPCTX, dupctx),
	ENTRY(OSSL_FUNC_SIGNATURE_SIGN_INIT, sign_init),
	ENTRY(OSSL_FUNC_SIGNATURE_SIGN, sign),
	ENTRY(OSSL_FUNC_SIGNATURE_VERIFY_INIT, verify_init),
	ENTRY(OSSL_FUNC_SIGNATURE_VERIFY, verify),
	ENTRY(OSSL_FUNC_SIGNATURE_DIGEST_SIGN_INIT, digest_sign_init),
	ENTRY(OSSL_FUNC_SIGNATURE_DIGEST_SIGN_UPDATE, digest_update),
	ENTRY(OSSL_FUNC_SIGNATURE_DIGEST_SIGN_FINAL, digest_sign_final),
	ENTRY(OSSL_FUNC_SIGNATURE_DIGEST_VERIFY_INIT, digest_verify_init),
	ENTRY(OSSL_FUNC_SIGNATURE_DIGEST_VERIFY_UPDATE, digest_update),
	ENTRY(OSSL_FUNC_SIGNATURE_DIGEST_VERIFY_FINAL, digest_verify_final),
	ENTRY(OSSL_FUNC_SIGNATURE_GET_CTX_PARAMS, get_params),
	ENTRY(OSSL_FUNC_SIGNATURE_GETTABLE_CTX_PARAMS, gettable),
	ENTRY(OSSL_FUNC_SIGNATURE_SET_CTX_PARAMS, set_params),
	ENTRY(OSSL_FUNC_SIGNATURE_SETTABLE_CTX_PARAMS, settable),
	{0, NULL}};
