/* SPDX-License-Identifier: Apache-2.0 */
#include "key.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <string.h>
#include <unistd.h>

static EVP_PKEY *load(const char *path)
{
	struct sim_buf text = {0};
	EVP_PKEY *key = NULL;

	if (sim_file_read(path, &text) && text.n > 0) {
		BIO *bio = BIO_new_mem_buf(text.p, (int)text.n);

		if (bio)
			key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
		BIO_free(bio);
	}
	sim_buf_free(&text);
	return key;
}

static bool keep(const char *path, EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text = NULL;
	bool good = bio && PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1;

	if (good) {
		long n = BIO_get_mem_data(bio, &text);

		/* test keys: any user may run the tests */
		good = n > 0 && sim_file_create(path, text, (size_t)n, 0644);
	}
	BIO_free(bio);
	return good;
}

EVP_PKEY *sim_key_load(const struct sim_home *home, const char *folder, const char *name)
{
	char path[SIM_PATH_MAX];

	if (sim_path(path, home->dir, folder, name, ".pem") && access(path, R_OK) == 0)
		return load(path);
	if (home->spare[0] && sim_path(path, home->spare, "", name, ".pem") &&
	    access(path, R_OK) == 0)
		return load(path);
	return NULL;
}

EVP_PKEY *sim_key(const struct sim_home *home, const char *folder, const char *name)
{
	EVP_PKEY *key = sim_key_load(home, folder, name);
	char path[SIM_PATH_MAX];

	if (key)
		return key;
	key = EVP_RSA_gen(SIM_RSA_BYTES * 8);
	if (!key)
		return NULL;
	bool kept = sim_path(path, home->dir, folder, name, ".pem") && keep(path, key);
	if (!kept && home->spare[0])
		kept = sim_path(path, home->spare, "", name, ".pem") && keep(path, key);
	if (!kept)
		return key; /* a folder nobody can write: the key lives as long as the process */
	EVP_PKEY_free(key);
	return load(path); /* another process may have been faster */
}

bool sim_key_modulus(EVP_PKEY *key, uint8_t out[SIM_RSA_BYTES])
{
	BIGNUM *n = NULL;
	bool good = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n) == 1 &&
		    BN_bn2binpad(n, out, SIM_RSA_BYTES) == (int)SIM_RSA_BYTES;

	BN_free(n);
	return good;
}

void sim_put_key_object(struct sim_buf *b, EVP_PKEY *key)
{
	static const uint8_t exponent[3] = {0x01, 0x00, 0x01};
	uint8_t modulus[SIM_RSA_BYTES];

	if (!sim_key_modulus(key, modulus)) {
		b->failed = true;
		return;
	}
	sim_tlv(b, 0x90, exponent, sizeof exponent);
	sim_tlv_form(b, 0x91, modulus, sizeof modulus, SIM_LEN_82);
}

bool sim_sign(EVP_PKEY *key, enum sim_pad pad, const uint8_t *data, size_t n,
	      uint8_t out[SIM_RSA_BYTES])
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
	size_t len = SIM_RSA_BYTES;
	bool good = ctx && EVP_PKEY_sign_init(ctx) == 1;

	if (good && pad == SIM_PAD_PSS)
		good = EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
		       EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) == 1 &&
		       EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) == 1;
	else if (good)
		good = EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1;
	if (good && pad == SIM_PAD_DIGESTINFO)
		good = EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) == 1;
	if (good)
		good = EVP_PKEY_sign(ctx, out, &len, data, n) == 1 && len == SIM_RSA_BYTES;
	EVP_PKEY_CTX_free(ctx);
	return good;
}

void sim_sha256(const void *p, size_t n, uint8_t out[32])
{
	unsigned len = 32;

	if (EVP_Digest(p, n, out, &len, EVP_sha256(), NULL) != 1)
		memset(out, 0, 32);
}

bool sim_sign_sha256(EVP_PKEY *key, const uint8_t *data, size_t n, uint8_t out[SIM_RSA_BYTES])
{
	uint8_t digest[32];

	sim_sha256(data, n, digest);
	return sim_sign(key, SIM_PAD_DIGESTINFO, digest, sizeof digest, out);
}
