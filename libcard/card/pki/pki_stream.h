/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pki_stream.h — a list as a sequence of blocks, DER or PEM, hashed on the way
 * by the caller's helper thread if there is one.
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

struct pki_stream {
	int fd;
	bool pem;
	EVP_ENCODE_CTX *decoder;
	bool ended;
	const struct card_crl_helper *helper;
	void *thread;

	EVP_MD_CTX *md;
	uint8_t *memory; /* PKI_SLOTS of PKI_CARRY + PKI_BLOCK */
	struct pki_slot {
		uint8_t *p; /* the block */
		size_t n;
		size_t hash_from, hash_to; /* what of it is hashed */
	} slot[PKI_SLOTS];
	uint64_t read_n; /* blocks read */

	pthread_mutex_t lock;
	pthread_cond_t changed;
	uint64_t given, hashed; /* blocks given to the helper, and finished by it */
	bool stop, hash_failed;
};

enum card_error pki_stream_open(struct pki_stream *s, int fd, const struct card_crl_helper *helper);
void pki_stream_close(struct pki_stream *s);

/* The next block; NULL at the end or on error. CARD_ERR_IO, CARD_ERR_MALFORMED (PEM). */
enum card_error pki_stream_next(struct pki_stream *s, struct pki_slot **out);

/* Begin to hash with this algorithm. */
enum card_error pki_stream_hash_begin(struct pki_stream *s, const EVP_MD *md);
/* Hash the part of the block that slot->hash_from and hash_to name. */
enum card_error pki_stream_hash(struct pki_stream *s, struct pki_slot *slot);
/* Wait for the helper and give the digest. */
enum card_error pki_stream_hash_end(struct pki_stream *s, uint8_t digest[EVP_MAX_MD_SIZE]);

#endif
