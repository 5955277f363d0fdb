/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of tests, signatures, files. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include "made_pki.h"

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "made_pki: %s failed\n", what);
	abort();
}

static void finish(struct made_key *k)
{
	unsigned char *der = NULL;
	int n = i2d_PUBKEY(k->pkey, &der);
	must(n > 0, "i2d_PUBKEY");
	must(!card_buf_append(&k->spki, card_bytes(der, (size_t)n)), "append");
	OPENSSL_free(der);
	X509_PUBKEY *pub = NULL;
	const unsigned char *bits;
	int bits_n;
	must(X509_PUBKEY_set(&pub, k->pkey) == 1, "X509_PUBKEY_set");
	X509_PUBKEY_get0_param(NULL, &bits, &bits_n, NULL, pub);
	SHA1(bits, (size_t)bits_n, k->id);
	X509_PUBKEY_free(pub);
}

void made_rsa(struct made_key *k, unsigned bits)
{
	*k = (struct made_key){.pkey = EVP_RSA_gen(bits),
			       .sig_oid_tlv = "300D06092A864886F70D01010B0500",
			       .hash = CARD_HASH_SHA256};
	must(k->pkey != NULL, "EVP_RSA_gen");
	finish(k);
}

void made_rsa_with(struct made_key *k, unsigned bits, unsigned long exponent)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	BIGNUM *e = BN_new();

	*k = (struct made_key){.sig_oid_tlv = "300D06092A864886F70D01010B0500",
			       .hash = CARD_HASH_SHA256};
	must(ctx != NULL && e != NULL && BN_set_word(e, exponent) == 1 &&
		     EVP_PKEY_keygen_init(ctx) == 1 &&
		     EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, (int)bits) == 1 &&
		     EVP_PKEY_CTX_set1_rsa_keygen_pubexp(ctx, e) == 1 &&
		     EVP_PKEY_generate(ctx, &k->pkey) == 1,
	     "RSA key");
	BN_free(e);
	EVP_PKEY_CTX_free(ctx);
	finish(k);
}

void made_ec(struct made_key *k, const char *curve)
{
	bool p384 = strcmp(curve, "P-384") == 0;
	*k = (struct made_key){.pkey = EVP_EC_gen(curve),
			       .sig_oid_tlv = p384 ? "300A06082A8648CE3D040303"
						   : "300A06082A8648CE3D040302",
			       .hash = p384 ? CARD_HASH_SHA384 : CARD_HASH_SHA256};
	must(k->pkey != NULL, "EVP_EC_gen");
	finish(k);
}

void made_key_free(struct made_key *k)
{
	EVP_PKEY_free(k->pkey);
	card_buf_free(&k->spki);
	*k = (struct made_key){0};
}

static const EVP_MD *md_of(enum card_hash hash)
{
	switch (hash) {
	case CARD_HASH_SHA1:
		return EVP_sha1();
	case CARD_HASH_SHA384:
		return EVP_sha384();
	case CARD_HASH_SHA512:
		return EVP_sha512();
	default:
		return EVP_sha256();
	}
}

void made_sign_digest(const struct made_key *k, enum card_hash hash, bool pss,
		      struct card_bytes digest, card_buf_t *signature)
{
	uint8_t sig[1024];
	size_t n = sizeof(sig);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, k->pkey, NULL);
	must(ctx && EVP_PKEY_sign_init(ctx) == 1, "EVP_PKEY_sign_init");
	if (EVP_PKEY_is_a(k->pkey, "RSA"))
		must(EVP_PKEY_CTX_set_rsa_padding(ctx, pss ? RSA_PKCS1_PSS_PADDING
							   : RSA_PKCS1_PADDING) == 1,
		     "padding");
	must(EVP_PKEY_CTX_set_signature_md(ctx, md_of(hash)) == 1, "md");
	if (pss)
		must(EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) == 1, "salt");
	must(EVP_PKEY_sign(ctx, sig, &n, digest.p, digest.n) == 1, "EVP_PKEY_sign");
	must(!card_buf_append(signature, card_bytes(sig, n)), "append");
	EVP_PKEY_CTX_free(ctx);
}

void made_sign(const struct made_key *k, struct card_bytes tbs, card_buf_t *signature)
{
	uint8_t digest[CARD_HASH_MAX];
	unsigned n = 0;
	must(EVP_Digest(tbs.p, tbs.n, digest, &n, md_of(k->hash), NULL) == 1, "EVP_Digest");
	made_sign_digest(k, k->hash, false, card_bytes(digest, n), signature);
}

void made_signed(const struct made_key *k, struct card_bytes tbs, card_buf_t *out)
{
	card_buf_t sig = {0};
	size_t from = out->n;
	must(!card_buf_append(out, tbs), "append");
	made_hex(out, k->sig_oid_tlv);
	must(!card_buf_append_byte(&sig, 0), "append");
	made_sign(k, tbs, &sig);
	made_tlv(out, 0x03, card_buf_bytes(&sig));
	made_wrap(out, from, 0x30);
	card_buf_free(&sig);
}

void made_file(const char *path, struct card_bytes content)
{
	FILE *f = fopen(path, "wb");
	must(f && fwrite(content.p, 1, content.n, f) == content.n && fclose(f) == 0, "write");
}

void made_pem_file(const char *path, struct card_bytes der)
{
	FILE *f = fopen(path, "wb");
	must(f && PEM_write(f, "CERTIFICATE", "", der.p, (long)der.n) > 0 && fclose(f) == 0,
	     "write PEM");
}

void made_dir(char out[64])
{
	snprintf(out, 64, "/tmp/kazasu-test-XXXXXX");
	must(mkdtemp(out) != NULL, "mkdtemp");
}

void made_dir_remove(const char *path)
{
	DIR *d = opendir(path);
	if (!d)
		return;
	for (struct dirent *e = readdir(d); e; e = readdir(d)) {
		char name[512];
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, e->d_name);
		if (e->d_type == DT_DIR)
			made_dir_remove(name);
		else
			unlink(name);
	}
	closedir(d);
	rmdir(path);
}
