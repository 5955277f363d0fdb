/* SPDX-License-Identifier: Apache-2.0 */
/* made_crl.h — revocation lists made for a test, small ones byte by byte. */
#ifndef MADE_CRL_H
#define MADE_CRL_H

#include "made_pki.h"

struct made_revoked {
	const char *serial; /* hexadecimal content of the INTEGER */
	int64_t at;
	int reason; /* -1: none */
};

/* Strings ending in _tlv are hexadecimal of whole elements; NULL: the usual one,
 * "": left out. */
struct made_crl {
	const struct made_key *key;
	bool auth, test;                  /* which CA's name */
	int64_t this_update, next_update; /* next_update 0: none */
	uint64_t number;                  /* 0: none */
	uint64_t base;                    /* of a delta list; 0: none */
	const char *city;                 /* issuingDistributionPoint; NULL: none */
	const struct made_revoked *entry;
	size_t entries;
	struct card_bytes raw_entries; /* instead of entry, if n > 0 */

	const char *version_tlv, *inner_alg_tlv, *issuer_tlv, *idp_tlv, *aki_tlv;
	const char *extra_tlv; /* more Extension elements */
};

void made_crl(const struct made_crl *c, card_buf_t *out);

/* Append one entry to raw entries. */
void made_crl_entry(card_buf_t *out, struct card_bytes serial_content, int64_t at, int reason);

/* Serial number i of a big list: 31 bits, all different, in no order. */
uint32_t made_big_serial(uint64_t seed, uint32_t i);

/* Write a list of n entries, 30 octets each on average, to a file; every second
 * entry has a reason. Returns its size. For the signing CA unless auth. */
uint64_t made_crl_big(const char *path, const struct made_key *key, uint32_t n, uint64_t seed,
		      uint64_t number, int64_t this_update, int64_t next_update);
int64_t made_big_date(uint64_t seed, uint32_t i);
int made_big_reason(uint32_t i); /* -1: none */

#endif
