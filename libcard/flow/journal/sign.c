/* SPDX-License-Identifier: Apache-2.0 */
/* sign.c — the key of the checkpoints, and what else it signs. */
#include "journal_internal.h"

#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#define RAW (JOURNAL_SIGNATURE / 2)

/* Tells a manifest from a checkpoint: neither can be taken for the other. */
static const char manifest_head[] = "KAZASU-MANIFEST-1\n";

enum card_error sign_text(const journal_t *j, const char *text, char out[JOURNAL_SIGNATURE + 1])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t signature[RAW];
	size_t n = sizeof signature;
	const bool good =
		ctx != NULL && EVP_DigestSignInit(ctx, NULL, NULL, NULL, j->key) == 1 &&
		EVP_DigestSign(ctx, signature, &n, (const uint8_t *)text, strlen(text)) == 1 &&
		n == sizeof signature;

	EVP_MD_CTX_free(ctx);
	for (size_t i = 0; good && i < n; i++)
		snprintf(out + 2 * i, 3, "%02x", signature[i]);
	return good ? CARD_OK : CARD_ERR_CRYPTO;
}

static char *with_head(const char *text)
{
	char *all = malloc(sizeof manifest_head + strlen(text));

	if (all != NULL) {
		memcpy(all, manifest_head, sizeof manifest_head - 1);
		memcpy(all + sizeof manifest_head - 1, text, strlen(text) + 1);
	}
	return all;
}

enum card_error journal_sign(const journal_t *j, const char *text, char out[JOURNAL_SIGNATURE + 1])
{
	enum card_error err;
	char *all;

	if (j == NULL || text == NULL || out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	if (j->key == NULL)
		return CARD_ERR_NOT_FOUND;
	all = with_head(text);
	if (all == NULL)
		return CARD_ERR_NO_MEMORY;
	err = sign_text(j, all, out);
	free(all);
	return err;
}

static bool from_hex(const char *text, uint8_t out[RAW])
{
	if (strlen(text) != JOURNAL_SIGNATURE ||
	    strspn(text, "0123456789abcdef") != JOURNAL_SIGNATURE)
		return false;
	for (size_t i = 0; i < RAW; i++) {
		const char pair[3] = {text[2 * i], text[2 * i + 1], '\0'};

		out[i] = (uint8_t)strtoul(pair, NULL, 16);
	}
	return true;
}

static EVP_PKEY *read_public(const char *path)
{
	FILE *f = fopen(path, "re");
	EVP_PKEY *key = f != NULL ? PEM_read_PUBKEY(f, NULL, NULL, NULL) : NULL;

	if (f != NULL)
		fclose(f);
	return key;
}

enum card_error journal_signed(const char *public_key, const char *text, const char *signature)
{
	uint8_t raw[RAW];
	EVP_PKEY *key;
	EVP_MD_CTX *ctx;
	char *all;
	bool good;

	if (public_key == NULL || text == NULL || signature == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	key = read_public(public_key);
	if (key == NULL)
		return CARD_ERR_IO;
	all = with_head(text);
	ctx = EVP_MD_CTX_new();
	good = all != NULL && ctx != NULL && from_hex(signature, raw) &&
	       EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key) == 1 &&
	       EVP_DigestVerify(ctx, raw, sizeof raw, (const uint8_t *)all, strlen(all)) == 1;
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	free(all);
	return good ? CARD_OK : CARD_ERR_SIGNATURE;
}
