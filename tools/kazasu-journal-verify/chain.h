/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chain.h — one chain of a journal, read record by record (docs/journal.md).
 *
 * This program is a second reading of the format: it shares no code with the library that writes
 * journals, so that a mistake there does not hide itself here.
 */
#ifndef CHAIN_H
#define CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/evp.h>

struct checkpoint {
	uint64_t size;
	char root[65], time[40], signature[129];
	bool outside; /* from a file that was kept off the machine */
};

struct span {
	uint64_t first, last;
};

struct chain {
	char terminal[41];
	uint64_t records; /* seen so far = seq of the last */
	uint64_t bad;     /* first seq that is wrong; 0: none */
	char why[160];
	uint8_t hash[32];
	uint8_t peak[64][32]; /* Merkle subtrees of records */
	struct checkpoint *checkpoint;
	size_t checkpoints, next;    /* sorted by size */
	struct span *erased, *named; /* without body; named by erase records */
	size_t n_erased, n_named;
	uint64_t signed_to; /* size of the largest good checkpoint */
};

/* The public key of one terminal's checkpoints; terminal "": of any that has none of its own. */
struct chain_key {
	char terminal[41];
	EVP_PKEY *key;
};

/* The tools of all chains. */
struct hasher {
	EVP_MD *md;
	EVP_MD_CTX *ctx;
	struct chain_key *key; /* none: signatures are not checked */
	size_t keys;
};

/* A record: body NULL if it was erased. Lines of one chain come in their order. */
void chain_record(struct hasher *h, struct chain *c, uint64_t seq, const char *hash, char *body);

/* To be called before the records: a checkpoint of the chain. False without memory. */
bool chain_checkpoint(struct chain *c, const struct checkpoint *p);

/* After the last record. */
void chain_finish(struct hasher *h, struct chain *c);

#endif
