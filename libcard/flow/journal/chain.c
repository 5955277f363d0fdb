/* SPDX-License-Identifier: Apache-2.0 */
/* chain.c — hashes of records, and the Merkle tree over them (RFC 6962 section 2.1). */
#include "journal_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char chain_zero[HASH_TEXT] =
	"0000000000000000000000000000000000000000000000000000000000000000";

static void to_text(const uint8_t in[HASH], char out[HASH_TEXT])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < HASH; i++) {
		out[2 * i] = digits[in[i] >> 4];
		out[2 * i + 1] = digits[in[i] & 15];
	}
	out[2 * HASH] = '\0';
}

static bool from_text(const char *text, uint8_t out[HASH])
{
	for (size_t i = 0; i < 2 * HASH; i++) {
		const char *digits = "0123456789abcdef";
		const char *at = text[i] != '\0' ? strchr(digits, text[i]) : NULL;

		if (at == NULL)
			return false;
		out[i / 2] = (uint8_t)((i % 2 == 0 ? 0 : out[i / 2] << 4) | (at - digits));
	}
	return true;
}

bool chain_hash(EVP_MD_CTX *ctx, const EVP_MD *md, const char prev[HASH_TEXT], const char *body,
		char out[HASH_TEXT])
{
	static const char head[] = "KAZASU-JOURNAL-1\n";
	uint8_t hash[HASH];

	if (EVP_DigestInit_ex2(ctx, md, NULL) != 1 ||
	    EVP_DigestUpdate(ctx, head, sizeof head - 1) != 1 ||
	    EVP_DigestUpdate(ctx, prev, HASH_TEXT - 1) != 1 ||
	    EVP_DigestUpdate(ctx, "\n", 1) != 1 || EVP_DigestUpdate(ctx, body, strlen(body)) != 1 ||
	    EVP_DigestFinal_ex(ctx, hash, NULL) != 1)
		return false;
	to_text(hash, out);
	return true;
}

static bool node_hash(EVP_MD_CTX *ctx, const EVP_MD *md, uint8_t tag, const uint8_t *a,
		      const uint8_t *b, uint8_t out[HASH])
{
	return EVP_DigestInit_ex2(ctx, md, NULL) == 1 && EVP_DigestUpdate(ctx, &tag, 1) == 1 &&
	       EVP_DigestUpdate(ctx, a, HASH) == 1 &&
	       (b == NULL || EVP_DigestUpdate(ctx, b, HASH) == 1) &&
	       EVP_DigestFinal_ex(ctx, out, NULL) == 1;
}

bool frontier_add(EVP_MD_CTX *ctx, const EVP_MD *md, struct frontier *f, const char hash[HASH_TEXT])
{
	uint8_t leaf[HASH], carry[HASH];
	size_t level = 0;

	if (!from_text(hash, leaf) || !node_hash(ctx, md, 0, leaf, NULL, carry))
		return false;
	for (; (f->size >> level & 1) != 0; level++) {
		if (!node_hash(ctx, md, 1, f->node[level], carry, carry))
			return false;
	}
	memcpy(f->node[level], carry, HASH);
	f->size++;
	return true;
}

bool frontier_root(EVP_MD_CTX *ctx, const EVP_MD *md, const struct frontier *f, char out[HASH_TEXT])
{
	uint8_t root[HASH] = {0};
	bool any = false;

	/* From the smallest subtree up: each larger one stands on the left. */
	for (size_t level = 0; level < 64; level++) {
		if ((f->size >> level & 1) == 0)
			continue;
		if (!any)
			memcpy(root, f->node[level], HASH);
		else if (!node_hash(ctx, md, 1, f->node[level], root, root))
			return false;
		any = true;
	}
	to_text(root, out);
	return true;
}

char *frontier_text(const struct frontier *f)
{
	char *text = malloc(32 + 64 * HASH_TEXT);
	int used;

	if (text == NULL)
		return NULL;
	used = snprintf(text, 32, "%llu:", (unsigned long long)f->size);
	for (size_t level = 0; level < 64; level++) {
		if ((f->size >> level & 1) == 0)
			continue;
		to_text(f->node[level], text + used);
		used += HASH_TEXT - 1;
		text[used++] = ',';
	}
	text[used] = '\0';
	return text;
}

bool frontier_parse(const char *text, struct frontier *f)
{
	char *at;

	memset(f, 0, sizeof *f);
	f->size = strtoull(text, &at, 10);
	if (*at++ != ':')
		return false;
	for (size_t level = 0; level < 64; level++) {
		if ((f->size >> level & 1) == 0)
			continue;
		if (!from_text(at, f->node[level]) || at[HASH_TEXT - 1] != ',')
			return false;
		at += HASH_TEXT;
	}
	return *at == '\0';
}
