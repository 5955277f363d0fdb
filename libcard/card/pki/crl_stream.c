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

/* Wait until the helper has done with the block that the slot held before. */
static void wait_for_slot(struct pki_stream *s)
{
	if (!s->thread || s->read_n < PKI_SLOTS)
		return;
	pthread_mutex_lock(&s->lock);
	while (s->hashed + PKI_SLOTS < s->read_n + 1 && s->hashed < s->given)
		pthread_cond_wait(&s->changed, &s->lock);
	pthread_mutex_unlock(&s->lock);
}

enum card_error pki_stream_next(struct pki_stream *s, struct pki_slot **out)
{
	*out = NULL;
	if (s->ended)
		return CARD_OK;
	wait_for_slot(s);
	struct pki_slot *slot = &s->slot[s->read_n % PKI_SLOTS];
	slot->p = s->memory + (s->read_n % PKI_SLOTS) * (PKI_CARRY + PKI_BLOCK) + PKI_CARRY;
	enum card_error err = read_full(s->fd, slot->p, PKI_BLOCK, &slot->n);
	if (!err && slot->n < PKI_BLOCK)
		s->ended = true;
	if (!err && s->read_n == 0)
		err = begin_pem(s, slot);
	if (!err && s->pem)
		err = decode(s, slot);
	if (err)
		return err;
	s->read_n++;
	*out = slot->n || s->pem ? slot : NULL;
	return CARD_OK;
}

/* ---- hashing ---- */

static enum card_error hash_slot(struct pki_stream *s, const struct pki_slot *slot)
{
	size_t n = slot->hash_to - slot->hash_from;
	if (n > 0 && EVP_DigestUpdate(s->md, slot->p + slot->hash_from, n) != 1)
		return CARD_ERR_CRYPTO;
	return CARD_OK;
}

static void *helper_main(void *arg)
{
	struct pki_stream *s = arg;
	pthread_mutex_lock(&s->lock);
	for (;;) {
		while (s->hashed == s->given && !s->stop)
			pthread_cond_wait(&s->changed, &s->lock);
		if (s->hashed == s->given)
			break;
		struct pki_slot slot = s->slot[s->hashed % PKI_SLOTS];
		pthread_mutex_unlock(&s->lock);
		enum card_error err = hash_slot(s, &slot);
		pthread_mutex_lock(&s->lock);
		if (err)
			s->hash_failed = true;
		s->hashed++;
		pthread_cond_broadcast(&s->changed);
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

enum card_error pki_stream_hash_begin(struct pki_stream *s, const EVP_MD *md)
{
	s->md = EVP_MD_CTX_new();
	if (!s->md)
		return CARD_ERR_NO_MEMORY;
	if (EVP_DigestInit_ex2(s->md, md, NULL) != 1)
		return CARD_ERR_CRYPTO;
	if (s->helper)
		s->thread = s->helper->start(s->helper->ctx, helper_main, s);
	return CARD_OK;
}

enum card_error pki_stream_hash(struct pki_stream *s, struct pki_slot *slot)
{
	if (!s->thread)
		return hash_slot(s, slot);
	pthread_mutex_lock(&s->lock);
	s->given++;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
	return CARD_OK;
}

static void stop_helper(struct pki_stream *s)
{
	if (!s->thread)
		return;
	pthread_mutex_lock(&s->lock);
	s->stop = true;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
	s->helper->join(s->helper->ctx, s->thread);
	s->thread = NULL;
}

enum card_error pki_stream_hash_end(struct pki_stream *s, uint8_t digest[EVP_MAX_MD_SIZE])
{
	stop_helper(s);
	if (s->hash_failed || EVP_DigestFinal_ex(s->md, digest, NULL) != 1)
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
	stop_helper(s);
	EVP_MD_CTX_free(s->md);
	EVP_ENCODE_CTX_free(s->decoder);
	pthread_mutex_destroy(&s->lock);
	pthread_cond_destroy(&s->changed);
	free(s->memory);
	s->memory = NULL;
}
