/* SPDX-License-Identifier: Apache-2.0 */
/* keys.c — keys of transactions and days, wrapped under the master key, and what they tag. */
#include "center.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

enum card_error center_key_new(struct center *c, const char *id, uint8_t key[32], char wrapped[121])
{
	uint8_t sealed[60];
	card_buf_t b = card_buf_fixed(sealed, sizeof sealed);
	enum card_error err;

	wrapped[0] = '\0';
	if (RAND_bytes(key, 32) != 1)
		return CARD_ERR_CRYPTO;
	err = flow_issue_seal(c->master, id, card_bytes(key, 32), &b);
	if (err == CARD_OK)
		flow_issue_hex_text(sealed, sizeof sealed, wrapped);
	return err;
}

enum card_error center_key_open(struct center *c, const char *id, const char *wrapped,
				uint8_t key[32])
{
	uint8_t sealed[60], clear[33];
	card_buf_t in = card_buf_fixed(sealed, sizeof sealed);
	card_buf_t out = card_buf_fixed(clear, sizeof clear);
	enum card_error err =
		wrapped[0] != '\0' ? card_hex_decode(wrapped, &in) : CARD_ERR_NOT_FOUND;

	if (err == CARD_OK)
		err = flow_issue_open(c->master, id, card_buf_bytes(&in), &out);
	if (err == CARD_OK && out.n != 32)
		err = CARD_ERR_MALFORMED;
	if (err == CARD_OK)
		memcpy(key, clear, 32);
	OPENSSL_cleanse(clear, sizeof clear);
	return err;
}

void center_hmac(const uint8_t key[32], const char *label, struct card_bytes data, char hex[65])
{
	uint8_t inner[32], tag[32];
	unsigned n = 32;

	/* A key of its own for each use, so that no two uses share a tag. */
	HMAC(EVP_sha256(), key, 32, (const uint8_t *)label, strlen(label), inner, &n);
	HMAC(EVP_sha256(), inner, 32, data.p, data.n, tag, &n);
	flow_issue_hex_text(tag, sizeof tag, hex);
	OPENSSL_cleanse(inner, sizeof inner);
}

enum card_error center_secret(const struct center_config *config, const char *municipality,
			      const char *use, card_buf_t *out)
{
	char path[CENTER_PATH + 40], bytes[257];
	FILE *f;
	size_t n;
	enum card_error err;

	if (config->secrets[0] == '\0')
		return CARD_ERR_NOT_FOUND;
	snprintf(path, sizeof path, "%s/%s.%s", config->secrets, municipality, use);
	f = fopen(path, "re");
	if (f == NULL)
		return CARD_ERR_NOT_FOUND;
	n = fread(bytes, 1, sizeof bytes, f);
	fclose(f);
	if (n < 32 || n == sizeof bytes)
		return CARD_ERR_MALFORMED;
	err = card_buf_append(out, card_bytes(bytes, n));
	OPENSSL_cleanse(bytes, sizeof bytes);
	return err;
}
