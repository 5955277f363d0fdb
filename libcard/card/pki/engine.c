/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes: libcrypto's, fetched once per engine because a fetch takes a lock. */
#include <card/sig.h>

#include "pki_engine.h"

static const struct {
	const char *fetch; /* name for EVP_MD_fetch */
	const char *name;
	size_t size;
} hashes[] = {
	[CARD_HASH_NONE] = {NULL, "", 0},
	[CARD_HASH_SHA1] = {"SHA1", "SHA-1", 20},
	[CARD_HASH_SHA256] = {"SHA2-256", "SHA-256", 32},
	[CARD_HASH_SHA384] = {"SHA2-384", "SHA-384", 48},
	[CARD_HASH_SHA512] = {"SHA2-512", "SHA-512", 64},
};

static bool known(enum card_hash hash)
{
	return (unsigned)hash >= CARD_HASH_SHA1 && (unsigned)hash <= CARD_HASH_SHA512;
}

size_t card_hash_size(enum card_hash hash)
{
	return known(hash) ? hashes[hash].size : 0;
}

const char *card_hash_name(enum card_hash hash)
{
	return known(hash) ? hashes[hash].name : "";
}

void pki_engine_free(struct pki_engine *e)
{
	for (size_t i = 0; i < sizeof(e->md) / sizeof(e->md[0]); i++)
		EVP_MD_free(e->md[i]);
	EVP_MD_CTX_free(e->md_ctx);
	BN_CTX_free(e->bn);
	pki_key_free(&e->passing);
	*e = (struct pki_engine){0};
}

enum card_error pki_md(struct pki_engine *e, enum card_hash hash, const EVP_MD **out)
{
	if (!known(hash))
		return CARD_ERR_UNSUPPORTED;
	if (!e->md[hash])
		e->md[hash] = EVP_MD_fetch(NULL, hashes[hash].fetch, NULL);
	if (!e->md[hash])
		return CARD_ERR_CRYPTO;
	*out = e->md[hash];
	return CARD_OK;
}

enum card_error pki_digest(struct pki_engine *e, enum card_hash hash, struct card_bytes in,
			   uint8_t out[CARD_HASH_MAX])
{
	const EVP_MD *md;
	enum card_error err = pki_md(e, hash, &md);
	if (err)
		return err;
	if (!e->md_ctx)
		e->md_ctx = EVP_MD_CTX_new();
	if (!e->md_ctx)
		return CARD_ERR_NO_MEMORY;
	if (EVP_DigestInit_ex2(e->md_ctx, md, NULL) != 1 ||
	    EVP_DigestUpdate(e->md_ctx, in.p, in.n) != 1 ||
	    EVP_DigestFinal_ex(e->md_ctx, out, NULL) != 1)
		return CARD_ERR_CRYPTO;
	return CARD_OK;
}

enum card_error card_hash_digest(enum card_hash hash, struct card_bytes in,
				 uint8_t out[CARD_HASH_MAX])
{
	if (!out || (!in.p && in.n))
		return CARD_ERR_INVALID_ARGUMENT;
	struct pki_engine e = {0};
	enum card_error err = pki_digest(&e, hash, in, out);
	pki_engine_free(&e);
	return err;
}
