/* SPDX-License-Identifier: Apache-2.0 */
/* A finished set becomes the index file of its scope: all of it, or nothing. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pki_crl.h"

/* The file under construction; the lock of the store makes it ours alone. */
#define TEMPORARY ".importing"

void pki_index_name(const uint8_t issuer_key[32], const uint8_t scope[32], char out[PKI_INDEX_NAME])
{
	char key[33], part[33];
	/* 16 octets of each are enough for a name; the header holds the whole. */
	card_hex_encode(card_bytes(issuer_key, 16), key, sizeof(key));
	card_hex_encode(card_bytes(scope, 16), part, sizeof(part));
	snprintf(out, PKI_INDEX_NAME, "%s-%s.crlx", key, part);
}

static enum card_error write_all(int fd, const void *p, size_t n)
{
	const uint8_t *b = p;
	while (n > 0) {
		ssize_t w = write(fd, b, n);
		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0)
			return CARD_ERR_IO;
		b += w;
		n -= (size_t)w;
	}
	return CARD_OK;
}

struct writing {
	int fd;
	uint64_t at;
	struct pki_sum sum;
};

/* Octets summed and written at a time, so that they are in the cache for the second. */
#define CHUNK ((size_t)512 * 1024)

/* Write n octets, a multiple of 64; the disk begins with them at once. */
static enum card_error write_summed(struct writing *w, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i += CHUNK) {
		size_t part = n - i < CHUNK ? n - i : CHUNK;
		pki_sum_add(&w->sum, p + i, part);
		enum card_error err = write_all(w->fd, p + i, part);
		if (err)
			return err;
		sync_file_range(w->fd, (off_t)w->at, (off_t)part, SYNC_FILE_RANGE_WRITE);
		w->at += part;
	}
	return CARD_OK;
}

/* Write n octets and zeros up to the next multiple of 64. */
static enum card_error write_part(struct writing *w, const void *p, size_t n, uint64_t *at)
{
	uint8_t rest[64] = {0};
	size_t whole = n / 64 * 64;
	*at = w->at;
	enum card_error err = write_summed(w, p, whole);
	if (err || n == whole)
		return err;
	memcpy(rest, (const uint8_t *)p + whole, n - whole);
	return write_summed(w, rest, sizeof(rest));
}

static enum card_error write_table(struct writing *w, const struct pki_table *t,
				   struct pki_section *s)
{
	s->lines = t->lines;
	s->over_n = t->over_n;
	enum card_error err = write_part(w, t->line, t->lines * sizeof(*t->line), &s->lines_at);
	return err ? err : write_part(w, t->over, t->over_n * sizeof(*t->over), &s->over_at);
}

static enum card_error write_index(int fd, struct pki_index_header *h,
				   const struct pki_crl_set *set)
{
	struct writing w = {.fd = fd, .at = PKI_INDEX_HEADER};
	uint8_t page[PKI_INDEX_HEADER] = {0};
	uint8_t copy[(sizeof(*h) + 31) / 32 * 32] = {0};
	struct pki_sum sum = {{0}};
	enum card_error err = write_all(fd, page, sizeof(page));
	if (!err)
		err = write_table(&w, &set->shorts, &h->shorts);
	if (!err)
		err = write_table(&w, &set->longs, &h->longs);
	if (!err)
		err = write_part(&w, set->entry, set->entry_n * sizeof(*set->entry), &h->entry_at);
	if (err)
		return err;
	memcpy(h->magic, PKI_INDEX_MAGIC, 8);
	h->order = PKI_INDEX_ORDER;
	h->file_size = w.at;
	h->entry_n = set->entry_n;
	h->entries = set->shorts.n + set->longs.n;
	h->body_sum = pki_sum_end(&w.sum);
	memcpy(copy, h, offsetof(struct pki_index_header, header_sum));
	pki_sum_add(&sum, copy, sizeof(copy));
	h->header_sum = pki_sum_end(&sum);
	memcpy(page, h, sizeof(*h));
	for (size_t n = 0; n < sizeof(page);) {
		ssize_t k = pwrite(fd, page + n, sizeof(page) - n, (off_t)n);
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return CARD_ERR_IO;
		n += (size_t)k;
	}
	return fsync(fd) == 0 ? CARD_OK : CARD_ERR_IO;
}

enum card_error pki_index_publish(int dir, struct pki_index_header *header,
				  const struct pki_crl_set *set)
{
	char name[PKI_INDEX_NAME];
	pki_index_name(header->issuer_key, header->scope, name);
	/* What a killed import has left. */
	unlinkat(dir, TEMPORARY, 0);
	int fd = openat(dir, TEMPORARY, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		return CARD_ERR_IO;
	enum card_error err = write_index(fd, header, set);
	if (close(fd) != 0 && !err)
		err = CARD_ERR_IO;
	if (!err && renameat(dir, TEMPORARY, dir, name) != 0)
		err = CARD_ERR_IO;
	if (err) {
		unlinkat(dir, TEMPORARY, 0);
		return err;
	}
	return fsync(dir) == 0 ? CARD_OK : CARD_ERR_IO;
}
