/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks of a list and their hash. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pki_stream.h"

/* ---- reading ---- */

/* Fill p with n octets unless the input ends before. */
static enum card_error read_full(int fd, uint8_t *p, size_t n, size_t *got)
{
	*got = 0;
	while (*got < n) {
		ssize_t r = read(fd, p + *got, n - *got);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return CARD_ERR_IO;
		if (r == 0)
			break;
		*got += (size_t)r;
	}
	return CARD_OK;
}

/* The boundary line; the base64 text begins after its end. */
static enum card_error skip_boundary(struct pki_slot *slot)
{
	const uint8_t *eol = memchr(slot->p, '\n', slot->n < 256 ? slot->n : 256);
	static const char label[] = "-----BEGIN X509 CRL-----";
	if (!eol || slot->n < sizeof(label) - 1 || memcmp(slot->p, label, sizeof(label) - 1) != 0)
		return CARD_ERR_MALFORMED;
	size_t skip = (size_t)(eol + 1 - slot->p);
	slot->n -= skip;
	memmove(slot->p, slot->p + skip, slot->n);
	return CARD_OK;
}

/* Decode in place: the output is shorter than the text read so far. */
static enum card_error decode(struct pki_stream *s, struct pki_slot *slot)
{
	uint8_t *text = malloc(slot->n ? slot->n : 1);
	int out = 0, rest = 0;
	if (!text)
		return CARD_ERR_NO_MEMORY;
	memcpy(text, slot->p, slot->n);
	const uint8_t *dash = memchr(text, '-', slot->n);
	size_t n = dash ? (size_t)(dash - text) : slot->n;
	int rc = EVP_DecodeUpdate(s->decoder, slot->p, &out, text, (int)n);
	if (dash)
		s->ended = true;
	free(text);
	if (rc < 0)
		return CARD_ERR_MALFORMED;
	if (s->ended && !dash)
		return CARD_ERR_TRUNCATED;
	if (s->ended && EVP_DecodeFinal(s->decoder, slot->p + out, &rest) < 0)
		return CARD_ERR_MALFORMED;
	slot->n = (size_t)out + (size_t)rest;
	return CARD_OK;
}

static enum card_error begin_pem(struct pki_stream *s, struct pki_slot *slot)
{
	if (slot->n < 11 || memcmp(slot->p, "-----BEGIN ", 11) != 0)
		return CARD_OK;
	s->pem = true;
	s->decoder = EVP_ENCODE_CTX_new();
	if (!s->decoder)
		return CARD_ERR_NO_MEMORY;
	EVP_DecodeInit(s->decoder);
	return skip_boundary(slot);
}

/* ---- one block: read, then hashed ---- */

static struct pki_slot *slot_of(struct pki_stream *s, uint64_t n)
{
	return &s->slot[n % PKI_SLOTS];
}

/* Read block number n. *got: there was one. */
static enum card_error read_block(struct pki_stream *s, uint64_t n, bool *got)
{
	struct pki_slot *slot = slot_of(s, n);
	*got = false;
	if (s->ended)
		return CARD_OK;
	slot->p = s->memory + (n % PKI_SLOTS) * (PKI_CARRY + PKI_BLOCK) + PKI_CARRY;
	enum card_error err = read_full(s->fd, slot->p, PKI_BLOCK, &slot->n);
	if (!err && slot->n < PKI_BLOCK)
		s->ended = true;
	if (!err && n == 0)
		err = begin_pem(s, slot);
	if (!err && s->pem)
		err = decode(s, slot);
	if (err)
		return err;
	s->at += slot->n;
	*got = slot->n > 0 || s->pem;
	return CARD_OK;
}

/* Hash what of the block, which ends at s->at, is to be hashed. */
static enum card_error hash_block(struct pki_stream *s, const struct pki_slot *slot)
{
	uint64_t begin = s->at - slot->n;
	uint64_t from = s->hash_from > begin ? s->hash_from : begin;
	uint64_t to = s->hash_to < s->at ? s->hash_to : s->at;
	if (from < to &&
	    EVP_DigestUpdate(s->md, slot->p + (from - begin), (size_t)(to - from)) != 1)
		return CARD_ERR_CRYPTO;
	return CARD_OK;
}

/* ---- the helper: reads ahead of the parser and hashes ---- */

/* Wait for a free slot; false if the parser has had enough. */
static bool may_read(struct pki_stream *s)
{
	pthread_mutex_lock(&s->lock);
	/* The parser still has the block it took last. */
	while (!s->stop && s->read_n + 1 > s->taken - 1 + PKI_SLOTS)
		pthread_cond_wait(&s->changed, &s->lock);
	bool go = !s->stop;
	pthread_mutex_unlock(&s->lock);
	return go;
}

static void tell(struct pki_stream *s, bool block, bool finished, enum card_error err)
{
	pthread_mutex_lock(&s->lock);
	s->read_n += block;
	s->finished |= finished;
	if (err && !s->err)
		s->err = err;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

static void *helper_main(void *arg)
{
	struct pki_stream *s = arg;
	/* The first block was read before there was an algorithm. */
	enum card_error err = hash_block(s, slot_of(s, 0));
	for (uint64_t n = 1; !err && may_read(s); n++) {
		bool got;
		err = read_block(s, n, &got);
		if (err || !got)
			break;
		/* The parser may begin with it while it is hashed. */
		tell(s, true, false, CARD_OK);
		err = hash_block(s, slot_of(s, n));
	}
	tell(s, false, true, err);
	return NULL;
}

static void stop_helper(struct pki_stream *s, bool at_once)
{
	if (!s->thread)
		return;
	if (at_once) {
		pthread_mutex_lock(&s->lock);
		s->stop = true;
		pthread_cond_broadcast(&s->changed);
		pthread_mutex_unlock(&s->lock);
	}
	s->helper->join(s->helper->ctx, s->thread);
	s->thread = NULL;
}

static enum card_error next_from_helper(struct pki_stream *s, struct pki_slot **out)
{
	pthread_mutex_lock(&s->lock);
	s->taken++;
	pthread_cond_broadcast(&s->changed);
	while (s->read_n < s->taken && !s->finished)
		pthread_cond_wait(&s->changed, &s->lock);
	enum card_error err = s->err;
	if (!err && s->read_n >= s->taken)
		*out = slot_of(s, s->taken - 1);
	pthread_mutex_unlock(&s->lock);
	return err;
}

/* ---- for the parser ---- */

enum card_error pki_stream_next(struct pki_stream *s, struct pki_slot **out)
{
	*out = NULL;
	if (s->thread)
		return next_from_helper(s, out);
	bool got;
	enum card_error err = read_block(s, s->read_n, &got);
	if (err || !got)
		return err;
	struct pki_slot *slot = slot_of(s, s->read_n);
	if (s->md && (err = hash_block(s, slot)))
		return err;
	s->taken = ++s->read_n;
	*out = slot;
	return CARD_OK;
}

enum card_error pki_stream_hash(struct pki_stream *s, const EVP_MD *md, uint64_t from, uint64_t to)
{
	s->hash_from = from;
	s->hash_to = to;
	s->md = EVP_MD_CTX_new();
	if (!s->md)
		return CARD_ERR_NO_MEMORY;
	if (EVP_DigestInit_ex2(s->md, md, NULL) != 1)
		return CARD_ERR_CRYPTO;
	if (s->helper)
		s->thread = s->helper->start(s->helper->ctx, helper_main, s);
	return s->thread ? CARD_OK : hash_block(s, slot_of(s, 0));
}

enum card_error pki_stream_digest(struct pki_stream *s, uint8_t digest[EVP_MAX_MD_SIZE])
{
	stop_helper(s, false);
	if (s->err || EVP_DigestFinal_ex(s->md, digest, NULL) != 1)
		return CARD_ERR_CRYPTO;
	return CARD_OK;
}

/* ---- life ---- */

enum card_error pki_stream_open(struct pki_stream *s, int fd, const struct card_crl_helper *helper)
{
	*s = (struct pki_stream){.fd = fd, .helper = helper};
	s->memory = malloc(PKI_SLOTS * (PKI_CARRY + PKI_BLOCK));
	if (!s->memory)
		return CARD_ERR_NO_MEMORY;
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->changed, NULL);
	return CARD_OK;
}

void pki_stream_close(struct pki_stream *s)
{
	if (!s->memory)
		return;
	stop_helper(s, true);
	EVP_MD_CTX_free(s->md);
	EVP_ENCODE_CTX_free(s->decoder);
	pthread_mutex_destroy(&s->lock);
	pthread_cond_destroy(&s->changed);
	free(s->memory);
	s->memory = NULL;
}
