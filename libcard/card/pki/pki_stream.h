/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pki_stream.h — a list as a sequence of blocks, DER or PEM, hashed on the way. With
 * the caller's helper thread, that thread reads and hashes while this one parses.
 */
#ifndef PKI_STREAM_H
#define PKI_STREAM_H

#include <pthread.h>

#include <openssl/evp.h>

#include <card/crl.h>

/* Fits the second-level cache, so that what was read is hashed and parsed there. */
#define PKI_BLOCK ((size_t)256 * 1024)
/* Room before a block for the incomplete entry of the one before. */
#define PKI_CARRY ((size_t)16 * 1024)
#define PKI_SLOTS 4u

struct pki_slot {
	uint8_t *p; /* the block; PKI_CARRY octets before it may be written too */
	size_t n;
};

struct pki_stream {
	/* Of whoever reads: the caller, or the helper once it runs. */
	int fd;
	bool pem;
	EVP_ENCODE_CTX *decoder;
	bool ended;
	EVP_MD_CTX *md;
	uint64_t hash_from, hash_to; /* offsets of what is hashed */
	uint64_t at;                 /* offset behind the last block read */
	uint8_t *memory;             /* PKI_SLOTS of PKI_CARRY + PKI_BLOCK */
	struct pki_slot slot[PKI_SLOTS];

	/* Shared, under the lock while a helper runs. */
	const struct card_crl_helper *helper;
	void *thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	uint64_t read_n; /* blocks that were read */
	uint64_t taken;  /* blocks given to the parser; all but the last are done with */
	bool finished, stop;
	enum card_error err;
};

enum card_error pki_stream_open(struct pki_stream *s, int fd, const struct card_crl_helper *helper);
void pki_stream_close(struct pki_stream *s);

/*
 * The next block, *out NULL at the end; the one before is given back by that.
 * CARD_ERR_IO; CARD_ERR_MALFORMED, CARD_ERR_TRUNCATED (PEM); CARD_ERR_CRYPTO.
 */
enum card_error pki_stream_next(struct pki_stream *s, struct pki_slot **out);

/* After the first block: hash the octets from..to of the list with this algorithm. */
enum card_error pki_stream_hash(struct pki_stream *s, const EVP_MD *md, uint64_t from, uint64_t to);

/* At the end: the digest. */
enum card_error pki_stream_digest(struct pki_stream *s, uint8_t digest[EVP_MAX_MD_SIZE]);

#endif
