/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <card/hash.h>

/* DigestInfo up to the digest: card-spec 4.3 (A), RFC 8017 §9.2 note 1. */
static const struct {
	const char *name;
	size_t length;
	uint8_t prefix_length;
	uint8_t prefix[19];
} hashes[] = {
	[CARD_SHA1] = {"SHA-1", 20, 15,
		       {0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2B, 0x0E, 0x03, 0x02, 0x1A, 0x05, 0x00,
			0x04, 0x14}},
	[CARD_SHA256] = {"SHA-256", 32, 19,
			 {0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04,
			  0x02, 0x01, 0x05, 0x00, 0x04, 0x20}},
	[CARD_SHA384] = {"SHA-384", 48, 19,
			 {0x30, 0x41, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04,
			  0x02, 0x02, 0x05, 0x00, 0x04, 0x30}},
	[CARD_SHA512] = {"SHA-512", 64, 19,
			 {0x30, 0x51, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04,
			  0x02, 0x03, 0x05, 0x00, 0x04, 0x40}},
};

static bool known(enum card_hash hash)
{
	return (int)hash >= 0 && (size_t)hash < sizeof(hashes) / sizeof(hashes[0]);
}

size_t card_hash_length(enum card_hash hash)
{
	return known(hash) ? hashes[hash].length : 0;
}

const char *card_hash_name(enum card_hash hash)
{
	return known(hash) ? hashes[hash].name : "";
}

enum card_error card_digest_info_encode(enum card_hash hash, struct card_bytes digest,
					uint8_t out[CARD_DIGEST_INFO_MAX], size_t *len)
{
	if (out == NULL || len == NULL || digest.p == NULL || !known(hash) ||
	    digest.n != hashes[hash].length)
		return CARD_ERR_INVALID_ARGUMENT;
	memcpy(out, hashes[hash].prefix, hashes[hash].prefix_length);
	memcpy(out + hashes[hash].prefix_length, digest.p, digest.n);
	*len = hashes[hash].prefix_length + digest.n;
	return CARD_OK;
}
