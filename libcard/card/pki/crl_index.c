/* SPDX-License-Identifier: Apache-2.0 */
/* The index file: mapping it, and what may be believed of it. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pki_crl.h"

void pki_sum_add(struct pki_sum *s, const void *p, size_t n)
{
	const uint8_t *b = p;
	for (size_t i = 0; i + 32 <= n; i += 32) {
		for (unsigned k = 0; k < 4; k++) {
			uint64_t w;
			memcpy(&w, b + i + 8 * k, 8);
			uint64_t x = (s->lane[k] ^ w) * 0x9E3779B97F4A7C15u;
			s->lane[k] = (x ^ x >> 32) + k + 1;
		}
	}
}

uint64_t pki_sum_end(const struct pki_sum *s)
{
	uint64_t h = 0;
	for (unsigned k = 0; k < 4; k++) {
		h = (h ^ s->lane[k]) * 0x9E3779B97F4A7C15u;
		h ^= h >> 29;
	}
	return h;
}

const struct pki_index_header *pki_index_header(const card_crl_index_t *index)
{
	return (const struct pki_index_header *)(const void *)index->map;
}

static uint64_t header_sum(const struct pki_index_header *h)
{
	uint8_t copy[(sizeof(*h) + 31) / 32 * 32] = {0};
	struct pki_sum s = {{0}};
	memcpy(copy, h, offsetof(struct pki_index_header, header_sum));
	pki_sum_add(&s, copy, sizeof(copy));
	return pki_sum_end(&s);
}

/* A part of n pieces of this size lies within the file behind the header. */
static bool part_fits(const struct pki_index_header *h, uint64_t at, uint64_t n, uint64_t size)
{
	return at % 64 == 0 && at >= PKI_INDEX_HEADER && at <= h->file_size &&
	       n <= (h->file_size - at) / size;
}

static bool section_fits(const struct pki_index_header *h, const struct pki_section *s)
{
	/* No lines: no entries of this kind. */
	if (s->lines < PKI_LINES_MIN && (s->lines > 0 || s->over_n > 0))
		return false;
	return part_fits(h, s->lines_at, s->lines, 64) &&
	       part_fits(h, s->over_at, s->over_n, sizeof(struct pki_over));
}

static enum card_error check_header(const card_crl_index_t *x)
{
	const struct pki_index_header *h = pki_index_header(x);
	if (memcmp(h->magic, PKI_INDEX_MAGIC, 8) != 0 || h->order != PKI_INDEX_ORDER ||
	    h->header_sum != header_sum(h) || h->file_size != x->size || h->number_n > 20 ||
	    !section_fits(h, &h->shorts) || !section_fits(h, &h->longs) ||
	    !part_fits(h, h->entry_at, h->entry_n, sizeof(struct pki_long)))
		return CARD_ERR_MALFORMED;
	return CARD_OK;
}

static void fill(card_crl_index_t *x)
{
	const struct pki_index_header *h = pki_index_header(x);
	struct card_crl_info *i = &x->info;
	memcpy(i->issuer_key, h->issuer_key, 32);
	memcpy(i->scope, h->scope, 32);
	i->whole = h->flags & PKI_INDEX_WHOLE;
	i->test = h->flags & PKI_INDEX_TEST;
	i->delta_applied = h->flags & PKI_INDEX_DELTA;
	memcpy(i->issuer, h->issuer, sizeof(i->issuer) - 1);
	memcpy(i->dist_point, h->dist_point, sizeof(i->dist_point) - 1);
	memcpy(i->number, h->number, 20);
	i->number_n = h->number_n;
	i->this_update = h->this_update;
	i->next_update = h->next_update;
	i->imported_at = h->imported_at;
	i->entries = h->entries;
	x->view = (struct pki_view){
		.short_line = (const void *)(x->map + h->shorts.lines_at),
		.short_lines = (size_t)h->shorts.lines,
		.short_over = (const void *)(x->map + h->shorts.over_at),
		.short_over_n = (size_t)h->shorts.over_n,
		.long_line = (const void *)(x->map + h->longs.lines_at),
		.long_lines = (size_t)h->longs.lines,
		.long_over = (const void *)(x->map + h->longs.over_at),
		.long_over_n = (size_t)h->longs.over_n,
		.entry = (const void *)(x->map + h->entry_at),
		.entry_n = (size_t)h->entry_n,
	};
}

static enum card_error map_file(card_crl_index_t *x, int fd)
{
	struct stat st;
	if (fstat(fd, &st) != 0)
		return CARD_ERR_IO;
	if (!S_ISREG(st.st_mode) || st.st_size < (off_t)PKI_INDEX_HEADER)
		return CARD_ERR_MALFORMED;
	void *map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return errno == ENOMEM ? CARD_ERR_NO_MEMORY : CARD_ERR_IO;
	/* Lookups jump: reading ahead only evicts what others need. */
	madvise(map, (size_t)st.st_size, MADV_RANDOM);
	x->map = map;
	x->size = (size_t)st.st_size;
	x->dev = st.st_dev;
	x->ino = st.st_ino;
	x->mtime_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
	return CARD_OK;
}

enum card_error pki_index_open(card_crl_index_t **out, int dir, const char *name)
{
	*out = NULL;
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? CARD_ERR_NOT_FOUND : CARD_ERR_IO;
	card_crl_index_t *x = calloc(1, sizeof(*x));
	enum card_error err = x ? map_file(x, fd) : CARD_ERR_NO_MEMORY;
	close(fd);
	if (!err)
		err = check_header(x);
	if (err) {
		card_crl_index_close(&x);
		return err;
	}
	fill(x);
	*out = x;
	return CARD_OK;
}

enum card_error card_crl_index_open(card_crl_index_t **out, const char *path)
{
	if (!out || !path)
		return CARD_ERR_INVALID_ARGUMENT;
	return pki_index_open(out, AT_FDCWD, path);
}

void card_crl_index_close(card_crl_index_t **index)
{
	if (!index || !*index)
		return;
	if ((*index)->map) {
		void *map;
		memcpy(&map, &(*index)->map, sizeof(map));
		munmap(map, (*index)->size);
	}
	free(*index);
	*index = NULL;
}

const struct card_crl_info *card_crl_index_info(const card_crl_index_t *index)
{
	return &index->info;
}

static struct card_crl_entry entry_of(const struct pki_found *f)
{
	struct card_crl_entry e = {f->date, f->reason ? (enum card_crl_reason)(f->reason - 1)
						      : CARD_CRL_NO_REASON};
	return e;
}

bool card_crl_index_lookup(const card_crl_index_t *index, struct card_bytes serial,
			   struct card_crl_entry *out)
{
	struct pki_found f;
	if (!pki_view_find(&index->view, serial, &f))
		return false;
	*out = entry_of(&f);
	return true;
}

/* ---- every entry ---- */

struct walk {
	card_crl_each_fn *fn;
	void *ctx;
};

static bool walk_one(void *ctx, struct card_bytes serial, const struct pki_found *f)
{
	struct walk *w = ctx;
	struct card_crl_entry e = entry_of(f);
	return w->fn(w->ctx, serial, &e);
}

void card_crl_index_each(const card_crl_index_t *index, card_crl_each_fn *fn, void *ctx)
{
	struct walk w = {fn, ctx};
	pki_view_each(&index->view, walk_one, &w);
}

struct check {
	const struct pki_view *view;
	uint64_t n;
};

static bool found_again(void *ctx, struct card_bytes serial, const struct pki_found *f)
{
	struct check *c = ctx;
	struct pki_found g;
	c->n++;
	return pki_view_find(c->view, serial, &g) && g.date == f->date && g.reason == f->reason &&
	       f->reason <= CARD_CRL_AA_COMPROMISE + 1;
}

enum card_error card_crl_index_verify(const card_crl_index_t *index)
{
	if (!index)
		return CARD_ERR_INVALID_ARGUMENT;
	const struct pki_index_header *h = pki_index_header(index);
	struct pki_sum sum = {{0}};
	struct check c = {&index->view, 0};
	if (h->header_sum != header_sum(h) || (index->size - PKI_INDEX_HEADER) % 32 != 0)
		return CARD_ERR_MALFORMED;
	pki_sum_add(&sum, index->map + PKI_INDEX_HEADER, index->size - PKI_INDEX_HEADER);
	if (pki_sum_end(&sum) != h->body_sum)
		return CARD_ERR_MALFORMED;
	if (!pki_view_each(&index->view, found_again, &c) || c.n != h->entries)
		return CARD_ERR_MALFORMED;
	return CARD_OK;
}
