/* SPDX-License-Identifier: Apache-2.0 */
/* The table of an index while it is built in memory. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "pki_crl.h"

/* ---- hashes ---- */

static uint32_t inverse(uint32_t a)
{
	uint32_t x = a; /* right in three bits; each step doubles them */
	for (int i = 0; i < 5; i++)
		x *= 2 - a * x;
	return x;
}

uint32_t pki_unmix(uint32_t h)
{
	h ^= h >> 16;
	h *= inverse(0xBB67AE85u);
	h ^= h >> 15 ^ h >> 30;
	h *= inverse(0x6A09E667u);
	h ^= h >> 16;
	return h;
}

uint32_t pki_long_hash(const uint8_t serial[20])
{
	uint64_t a, b;
	uint32_t c;
	memcpy(&a, serial, 8);
	memcpy(&b, serial + 8, 8);
	memcpy(&c, serial + 16, 4);
	uint64_t h = a * 0x9E3779B97F4A7C15u; /* 2^64 divided by the golden ratio */
	h = (h ^ h >> 29 ^ b) * 0x9E3779B97F4A7C15u;
	h = (h ^ h >> 31 ^ c) * 0x9E3779B97F4A7C15u;
	return (uint32_t)(h >> 32);
}

/* ---- memory ---- */

/* From here on (a megabyte) a table does not fit into the second-level cache. */
#define BUCKETED_LINES 16384u

static size_t lines_for(uint64_t entries)
{
	uint64_t lines = entries * 10 / PKI_LINE_LOAD_X10 + PKI_BUCKETS;
	lines -= lines % PKI_BUCKETS;
	return lines < PKI_LINES_MIN ? PKI_LINES_MIN : (size_t)lines;
}

static struct pki_line *lines_new(size_t lines)
{
	size_t size = lines * sizeof(struct pki_line);
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return NULL;
	/* Entries arrive in random order: large pages spare most of the page walks. */
	madvise(p, size, MADV_HUGEPAGE);
	return p;
}

static void lines_free(struct pki_line *line, size_t lines)
{
	if (line)
		munmap(line, lines * sizeof(struct pki_line));
}

static enum card_error table_init(struct pki_table *t, uint64_t entries, bool buckets)
{
	*t = (struct pki_table){.lines = lines_for(entries)};
	t->line = lines_new(t->lines);
	if (buckets && t->lines >= BUCKETED_LINES)
		t->bucket_n = calloc(PKI_BUCKETS, sizeof(*t->bucket_n));
	return t->line ? CARD_OK : CARD_ERR_NO_MEMORY;
}

static void table_free(struct pki_table *t)
{
	lines_free(t->line, t->lines);
	free(t->over);
	free(t->bucket_n);
	*t = (struct pki_table){0};
}

enum card_error pki_set_init(struct pki_crl_set *s, uint64_t shorts, uint64_t longs)
{
	*s = (struct pki_crl_set){0};
	enum card_error err = table_init(&s->shorts, shorts, true);
	if (!err)
		err = table_init(&s->longs, longs, false);
	if (err)
		pki_set_free(s);
	return err;
}

void pki_set_free(struct pki_crl_set *s)
{
	table_free(&s->shorts);
	table_free(&s->longs);
	free(s->entry);
	*s = (struct pki_crl_set){0};
}

/* ---- one entry ---- */

uint32_t pki_line_h(size_t line, size_t lines, uint32_t low24)
{
	/* The smallest h of the line, then the first value from there with these bits. */
	uint64_t first = (((uint64_t)line << 32) + lines - 1) / lines;
	uint64_t h = (first & ~(uint64_t)0xFFFFFF) | low24;
	if (h < first)
		h += 0x1000000;
	return (uint32_t)h;
}

static enum card_error over_add(struct pki_table *t, struct pki_over o)
{
	if (t->over_n == t->over_cap) {
		size_t cap = t->over_cap ? t->over_cap + t->over_cap / 2 : 64;
		struct pki_over *more = realloc(t->over, cap * sizeof(*more));
		if (!more)
			return CARD_ERR_NO_MEMORY;
		t->over = more;
		t->over_cap = cap;
	}
	t->over[t->over_n++] = o;
	return CARD_OK;
}

static enum card_error put(struct pki_table *t, uint32_t h, uint32_t date, unsigned reason)
{
	struct pki_line *l = &t->line[pki_line_of(h, t->lines)];
	unsigned i = l->head & 15;
	t->n++;
	if (i == PKI_LINE_ENTRIES)
		return over_add(t, (struct pki_over){h, date, reason});
	l->date[i] = date;
	l->low[i] = (uint16_t)h;
	l->high[i] = (uint8_t)(h >> 16);
	l->reason[i / 2] = (uint8_t)(l->reason[i / 2] | reason << (4 * (i & 1)));
	l->head = i + 1;
	return CARD_OK;
}

static enum card_error resize(struct pki_table *t, size_t lines)
{
	struct pki_table old = *t;
	*t = (struct pki_table){.line = lines_new(lines), .lines = lines};
	enum card_error err = t->line ? CARD_OK : CARD_ERR_NO_MEMORY;
	for (size_t k = 0; k < old.lines && !err; k++) {
		const struct pki_line *l = &old.line[k];
		for (unsigned i = 0; i < (l->head & 15) && !err; i++) {
			uint32_t low24 = (uint32_t)l->high[i] << 16 | l->low[i];
			err = put(t, pki_line_h(k, old.lines, low24), l->date[i],
				  pki_line_reason(l, i));
		}
	}
	for (size_t i = 0; i < old.over_n && !err; i++)
		err = put(t, old.over[i].h, old.over[i].date, old.over[i].reason);
	if (err) {
		table_free(t);
		*t = old;
		return err;
	}
	table_free(&old);
	return CARD_OK;
}

/* Eight times sixteen bits, compared at once. */
typedef uint16_t lanes __attribute__((vector_size(16)));

/* Is there an entry with these bits of h in the line? */
static bool line_has(const struct pki_line *l, uint32_t h)
{
	lanes low;
	uint64_t half[2];
	memcpy(&low, l->low, sizeof(low));
	lanes same = (lanes)(low == (uint16_t)h);
	memcpy(half, &same, sizeof(half));
	if (!(half[0] | half[1]))
		return false;
	for (unsigned i = 0; i < (l->head & 15); i++)
		if (l->low[i] == (uint16_t)h && l->high[i] == (uint8_t)(h >> 16))
			return true;
	return false;
}

static enum card_error put_new(struct pki_table *t, uint32_t h, uint32_t date, unsigned reason)
{
	if (line_has(&t->line[pki_line_of(h, t->lines)], h))
		return CARD_ERR_AMBIGUOUS;
	return put(t, h, date, reason);
}

/* ---- the overflow ---- */

/* Sort by h, 11 bits at a time. */
static enum card_error over_sort(struct pki_table *t)
{
	if (t->over_n < 2)
		return CARD_OK;
	struct pki_over *other = malloc(t->over_n * sizeof(*other));
	if (!other)
		return CARD_ERR_NO_MEMORY;
	struct pki_over *from = t->over, *to = other;
	for (unsigned shift = 0; shift < 33; shift += 11) {
		size_t at[2048] = {0}, sum = 0;
		for (size_t i = 0; i < t->over_n; i++)
			at[from[i].h >> shift & 2047]++;
		for (size_t b = 0; b < 2048; b++) {
			size_t n = at[b];
			at[b] = sum;
			sum += n;
		}
		for (size_t i = 0; i < t->over_n; i++)
			to[at[from[i].h >> shift & 2047]++] = from[i];
		struct pki_over *swap = from;
		from = to;
		to = swap;
	}
	/* Three passes end in the other buffer. */
	t->over_cap = t->over_n;
	t->over = from;
	free(to);
	return CARD_OK;
}

static int by_serial(const void *a, const void *b, void *entries)
{
	const struct pki_long *e = entries;
	return memcmp(e[((const struct pki_over *)a)->date].serial,
		      e[((const struct pki_over *)b)->date].serial, 20);
}

/* Equal h: the same serial number in the short table; in the long one perhaps. */
static bool over_has_duplicates(const struct pki_crl_set *s, struct pki_table *t)
{
	for (size_t i = 0; i < t->over_n;) {
		size_t end = i + 1;
		while (end < t->over_n && t->over[end].h == t->over[i].h)
			end++;
		if (end - i > 1) {
			if (t == &s->shorts)
				return true;
			qsort_r(t->over + i, end - i, sizeof(*t->over), by_serial, s->entry);
			for (size_t k = i + 1; k < end; k++)
				if (by_serial(&t->over[k - 1], &t->over[k], s->entry) == 0)
					return true;
		}
		i = end;
	}
	return false;
}

/* Sort the overflow. CARD_ERR_AMBIGUOUS: an entry is in it twice. */
static enum card_error over_check(const struct pki_crl_set *s, struct pki_table *t)
{
	enum card_error err = over_sort(t);
	if (!err && over_has_duplicates(s, t))
		err = CARD_ERR_AMBIGUOUS;
	return err;
}

/* A table planned from the first block of a list may turn out too small. What is
 * twice in the overflow would be moved into lines unseen. */
static enum card_error make_room(const struct pki_crl_set *s, struct pki_table *t)
{
	if (t->n < t->lines * (PKI_LINE_ENTRIES - 1))
		return CARD_OK;
	enum card_error err = over_check(s, t);
	return err ? err : resize(t, t->lines * 2);
}

/* ---- buckets ---- */

/* Entries whose lines are asked for ahead of use. */
#define AHEAD 12u

static uint32_t raw_h(size_t b, uint64_t raw)
{
	return (uint32_t)b << 24 | (uint32_t)(raw & 0xFFFFFF);
}

/* Turn all buckets into their lines. */
static enum card_error buckets_settle(struct pki_table *t)
{
	uint64_t *raw = malloc(t->lines / PKI_BUCKETS * PKI_LINE_ENTRIES * sizeof(*raw));
	uint32_t *n = t->bucket_n;
	enum card_error err = raw ? CARD_OK : CARD_ERR_NO_MEMORY;
	t->bucket_n = NULL;
	for (size_t b = 0; b < PKI_BUCKETS && !err; b++) {
		memcpy(raw, pki_bucket(t, b), n[b] * PKI_RAW);
		memset(pki_bucket(t, b), 0, n[b] * PKI_RAW);
		for (uint32_t i = 0; i < n[b] && !err; i++) {
			if (i + AHEAD < n[b])
				__builtin_prefetch(
					&t->line[pki_line_of(raw_h(b, raw[i + AHEAD]), t->lines)],
					1);
			err = put_new(t, raw_h(b, raw[i]), (uint32_t)(raw[i] >> 32),
				      (unsigned)(raw[i] >> 24 & 15));
		}
	}
	free(n);
	free(raw);
	return err;
}

enum card_error pki_set_add_short(struct pki_crl_set *s, uint32_t h, uint32_t date, unsigned reason)
{
	struct pki_table *t = &s->shorts;
	enum card_error err = CARD_OK;
	if (t->bucket_n) {
		if (pki_bucket_add(t, h, date, reason))
			return CARD_OK;
		err = buckets_settle(t);
	}
	if (!err)
		err = make_room(s, t);
	return err ? err : put_new(t, h, date, reason);
}

enum card_error pki_set_add_long(struct pki_crl_set *s, const uint8_t serial[20], uint32_t date,
				 unsigned reason)
{
	struct pki_table *t = &s->longs;
	enum card_error err = make_room(s, t);
	if (err)
		return err;
	uint32_t h = pki_long_hash(serial);
	const struct pki_line *l = &t->line[pki_line_of(h, t->lines)];
	for (unsigned i = 0; i < (l->head & 15); i++)
		if (l->low[i] == (uint16_t)h && l->high[i] == (uint8_t)(h >> 16) &&
		    memcmp(s->entry[l->date[i]].serial, serial, 20) == 0)
			return CARD_ERR_AMBIGUOUS;
	if (s->entry_n == s->entry_cap) {
		size_t cap = s->entry_cap ? s->entry_cap + s->entry_cap / 2 : 64;
		struct pki_long *more = realloc(s->entry, cap * sizeof(*more));
		if (!more)
			return CARD_ERR_NO_MEMORY;
		s->entry = more;
		s->entry_cap = cap;
	}
	if (s->entry_n >= UINT32_MAX)
		return CARD_ERR_TOO_LONG;
	struct pki_long *e = &s->entry[s->entry_n];
	memcpy(e->serial, serial, 20);
	e->date = date;
	e->reason = reason;
	return put(t, h, (uint32_t)s->entry_n++, 0);
}

static enum card_error table_finish(struct pki_crl_set *s, struct pki_table *t)
{
	enum card_error err = t->bucket_n ? buckets_settle(t) : CARD_OK;
	if (!err && t->n == 0) {
		table_free(t);
		return CARD_OK;
	}
	if (!err)
		err = over_check(s, t);
	if (!err && t->lines > PKI_LINES_MIN && t->n < t->lines * 2) {
		err = resize(t, lines_for(t->n));
		if (!err)
			err = over_sort(t);
	}
	if (err)
		return err;
	/* 28 bits of the head count the overflow. */
	if (t->over_n >= 1u << 28)
		return CARD_ERR_TOO_LONG;
	for (size_t i = 0; i < t->over_n; i++) {
		struct pki_line *l = &t->line[pki_line_of(t->over[i].h, t->lines)];
		if (l->head >> 4 == 0)
			l->head |= (uint32_t)(i + 1) << 4;
	}
	return CARD_OK;
}

enum card_error pki_set_finish(struct pki_crl_set *s)
{
	enum card_error err = table_finish(s, &s->shorts);
	return err ? err : table_finish(s, &s->longs);
}
