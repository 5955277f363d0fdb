/* SPDX-License-Identifier: Apache-2.0 */
#include "paper_key.h"

#include <card/secret.h>
#include <dirent.h>
#include <fcntl.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* More keys than a country has centres. */
#define KEYS_MAX 64

struct flow_paper_key {
	EVP_PKEY *key;
	char id[17];
};

struct flow_paper_trust {
	EVP_PKEY *keys[KEYS_MAX];
	char ids[KEYS_MAX][17];
	size_t n;
};

static bool is_p256(const EVP_PKEY *key)
{
	char group[32];
	size_t n;

	return EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
	       EVP_PKEY_get_group_name(key, group, sizeof group, &n) == 1 &&
	       strcmp(group, "prime256v1") == 0;
}

static bool make_id(EVP_PKEY *key, char id[17])
{
	uint8_t hash[SHA256_DIGEST_LENGTH];
	uint8_t *der = NULL;
	int n = i2d_PUBKEY(key, &der);

	if (n <= 0)
		return false;
	SHA256(der, (size_t)n, hash);
	OPENSSL_free(der);
	for (size_t i = 0; i < 8; i++)
		snprintf(id + 2 * i, 3, "%02x", hash[i]);
	return true;
}

enum card_error flow_paper_key_open(flow_paper_key_t **out, const char *file)
{
	flow_paper_key_t *k;
	struct stat st;
	FILE *f;

	if (out == NULL || file == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	f = fopen(file, "re");
	if (f == NULL)
		return CARD_ERR_IO;
	if (fstat(fileno(f), &st) != 0 || (st.st_mode & 0077) != 0) {
		fclose(f);
		return CARD_ERR_DENIED;
	}
	k = calloc(1, sizeof *k);
	if (k != NULL)
		k->key = PEM_read_PrivateKey(f, NULL, NULL, NULL);
	fclose(f);
	if (k == NULL)
		return CARD_ERR_NO_MEMORY;
	if (k->key == NULL || !is_p256(k->key) || !make_id(k->key, k->id)) {
		flow_paper_key_free(&k);
		return CARD_ERR_MALFORMED;
	}
	*out = k;
	return CARD_OK;
}

/* Write what `put` writes into a file that must not exist yet. */
static enum card_error write_new(const char *file, mode_t mode, EVP_PKEY *key,
				 bool (*put)(FILE *f, EVP_PKEY *key))
{
	int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
	bool good;

	if (fd < 0)
		return CARD_ERR_DENIED;
	if (f == NULL) {
		close(fd);
		return CARD_ERR_IO;
	}
	good = put(f, key);
	good = fflush(f) == 0 && fsync(fd) == 0 && good;
	return fclose(f) == 0 && good ? CARD_OK : CARD_ERR_IO;
}

static bool put_private(FILE *f, EVP_PKEY *key)
{
	return PEM_write_PKCS8PrivateKey(f, key, NULL, NULL, 0, NULL, NULL) == 1;
}

static bool put_public(FILE *f, EVP_PKEY *key)
{
	return PEM_write_PUBKEY(f, key) == 1;
}

enum card_error flow_paper_key_make(const char *file, const char *public_file)
{
	EVP_PKEY *key;
	enum card_error e;

	if (file == NULL || public_file == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	key = EVP_EC_gen("P-256");
	if (key == NULL)
		return CARD_ERR_CRYPTO;
	e = write_new(file, 0600, key, put_private);
	if (e == CARD_OK)
		e = write_new(public_file, 0644, key, put_public);
	EVP_PKEY_free(key);
	return e;
}

void flow_paper_key_free(flow_paper_key_t **k)
{
	if (k == NULL || *k == NULL)
		return;
	EVP_PKEY_free((*k)->key);
	free(*k);
	*k = NULL;
}

const char *paper_key_id(const flow_paper_key_t *k)
{
	return k->id;
}

/* One public key of a file. */
static enum card_error add_key(flow_paper_trust_t *t, const char *file)
{
	FILE *f = fopen(file, "re");
	EVP_PKEY *key;

	if (f == NULL)
		return CARD_ERR_IO;
	key = PEM_read_PUBKEY(f, NULL, NULL, NULL);
	fclose(f);
	if (key == NULL || t->n == KEYS_MAX || !is_p256(key) || !make_id(key, t->ids[t->n])) {
		EVP_PKEY_free(key);
		return CARD_ERR_MALFORMED;
	}
	t->keys[t->n++] = key;
	return CARD_OK;
}

static enum card_error add_folder(flow_paper_trust_t *t, const char *folder)
{
	DIR *d = opendir(folder);
	struct dirent *entry;

	if (d == NULL)
		return CARD_ERR_IO;
	while ((entry = readdir(d)) != NULL) {
		char path[4096];
		size_t n = strlen(entry->d_name);

		if (n > 4 && strcmp(entry->d_name + n - 4, ".pem") == 0 &&
		    (size_t)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) <
			    sizeof path)
			add_key(t,
				path); /* private keys and others in the folder are no keys to trust */
	}
	closedir(d);
	return CARD_OK;
}

enum card_error flow_paper_trust_open(flow_paper_trust_t **out, const char *place)
{
	flow_paper_trust_t *t;
	enum card_error e;
	struct stat st;

	if (out == NULL || place == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	t = calloc(1, sizeof *t);
	if (t == NULL)
		return CARD_ERR_NO_MEMORY;
	if (stat(place, &st) != 0)
		e = CARD_ERR_IO;
	else
		e = S_ISDIR(st.st_mode) ? add_folder(t, place) : add_key(t, place);
	if (e != CARD_OK)
		flow_paper_trust_free(&t);
	*out = t;
	return e;
}

size_t flow_paper_trust_count(const flow_paper_trust_t *t)
{
	return t == NULL ? 0 : t->n;
}

void flow_paper_trust_free(flow_paper_trust_t **t)
{
	if (t == NULL || *t == NULL)
		return;
	for (size_t i = 0; i < (*t)->n; i++)
		EVP_PKEY_free((*t)->keys[i]);
	free(*t);
	*t = NULL;
}

/* The DER of ECDSA-Sig-Value as r ‖ s of 32 bytes each. */
static bool to_flat(const uint8_t *der, size_t n, uint8_t signature[PAPER_SIGNATURE])
{
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)n);
	bool good = sig != NULL && BN_bn2binpad(ECDSA_SIG_get0_r(sig), signature, 32) == 32 &&
		    BN_bn2binpad(ECDSA_SIG_get0_s(sig), signature + 32, 32) == 32;

	ECDSA_SIG_free(sig);
	return good;
}

enum card_error paper_sign(const flow_paper_key_t *k, struct card_bytes text,
			   uint8_t signature[PAPER_SIGNATURE])
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	uint8_t der[128];
	size_t n = sizeof der;
	bool good;

	if (c == NULL)
		return CARD_ERR_NO_MEMORY;
	good = EVP_DigestSignInit(c, NULL, EVP_sha256(), NULL, k->key) == 1 &&
	       EVP_DigestSign(c, der, &n, text.p, text.n) == 1 && to_flat(der, n, signature);
	EVP_MD_CTX_free(c);
	return good ? CARD_OK : CARD_ERR_CRYPTO;
}

/* r ‖ s as DER on the heap (OPENSSL_free); 0 on failure. */
static int to_der(const uint8_t signature[PAPER_SIGNATURE], uint8_t **der)
{
	ECDSA_SIG *sig = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(signature, 32, NULL), *s = BN_bin2bn(signature + 32, 32, NULL);
	int n = 0;

	if (sig == NULL || r == NULL || s == NULL || ECDSA_SIG_set0(sig, r, s) != 1) {
		BN_free(r);
		BN_free(s);
	} else {
		n = i2d_ECDSA_SIG(sig, der);
	}
	ECDSA_SIG_free(sig);
	return n > 0 ? n : 0;
}

static bool verifies(EVP_PKEY *key, struct card_bytes text, const uint8_t *der, size_t n)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	bool good = c != NULL && EVP_DigestVerifyInit(c, NULL, EVP_sha256(), NULL, key) == 1 &&
		    EVP_DigestVerify(c, der, n, text.p, text.n) == 1;

	EVP_MD_CTX_free(c);
	return good;
}

enum card_check paper_check(const flow_paper_trust_t *t, const char *key_id, struct card_bytes text,
			    const uint8_t signature[PAPER_SIGNATURE])
{
	enum card_check result = CARD_CHECK_UNDETERMINED;
	uint8_t *der = NULL;
	int n = to_der(signature, &der);

	for (size_t i = 0; t != NULL && i < t->n && result != CARD_CHECK_PASS; i++) {
		if (strcmp(t->ids[i], key_id) != 0)
			continue;
		result = n > 0 && verifies(t->keys[i], text, der, (size_t)n) ? CARD_CHECK_PASS
									     : CARD_CHECK_FAIL;
	}
	OPENSSL_free(der);
	return result;
}

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

enum card_error paper_base64url(struct card_bytes in, card_buf_t *out)
{
	enum card_error e = CARD_OK;

	for (size_t i = 0; i < in.n && e == CARD_OK; i += 3) {
		size_t here = in.n - i < 3 ? in.n - i : 3;
		uint32_t v = (uint32_t)in.p[i] << 16;
		uint8_t four[4];

		if (here > 1)
			v |= (uint32_t)in.p[i + 1] << 8;
		if (here > 2)
			v |= in.p[i + 2];
		for (size_t k = 0; k < 4; k++)
			four[k] = (uint8_t)alphabet[v >> (18 - 6 * k) & 63];
		e = card_buf_append(out, card_bytes(four, here + 1));
	}
	return e;
}

enum card_error paper_unbase64url(struct card_bytes text, card_buf_t *out)
{
	uint32_t v = 0;
	unsigned bits = 0;
	enum card_error e = CARD_OK;

	if (text.n % 4 == 1)
		return CARD_ERR_MALFORMED;
	for (size_t i = 0; i < text.n && e == CARD_OK; i++) {
		const char *at = text.p[i] == 0 ? NULL : strchr(alphabet, text.p[i]);

		if (at == NULL)
			return CARD_ERR_MALFORMED;
		v = v << 6 | (uint32_t)(at - alphabet);
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			e = card_buf_append_byte(out, (uint8_t)(v >> bits));
			v &= (1u << bits) - 1;
		}
	}
	if (e == CARD_OK && v != 0)
		e = CARD_ERR_MALFORMED; /* one text for one content */
	return e;
}
