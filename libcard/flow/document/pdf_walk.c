/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pdf_walk.c — the objects of a file in the order of its bytes.
 *
 * Readers that do not follow the cross-reference (or repair files) take an object from where they
 * find it. One number twice within a revision would show them something else than others see; so
 * would, behind a signature, an object that no section names.
 */
#include "pdf.h"

#include <stdlib.h>
#include <string.h>

struct walk {
	struct pdf *p;
	uint16_t *seen; /* by object number: the revision it was met in; NULL: not asked */
	size_t *last;   /* by object number: where it was met last; NULL: not asked */
	uint16_t revision;
	size_t pos;
	bool twice, strange;
};

static void met(struct walk *w, uint32_t number, size_t at, const struct pdf_obj *o)
{
	if (number >= w->p->n) {
		w->strange = true;
		return;
	}
	if (w->seen != NULL) {
		w->twice = w->twice || w->seen[number] == w->revision;
		w->seen[number] = w->revision;
	}
	/* A section that is a stream need not name itself. */
	if (w->last != NULL && !pdf_is_name(pdf_get(o, "Type"), "XRef"))
		w->last[number] = at;
}

/* An object at pos; false: there is none, or it cannot be read. */
static bool object(struct walk *w)
{
	const struct pdf_stream_cache *cache = w->p->cache;
	const struct pdf_arena kept = w->p->arena;
	struct pdf_obj o;
	uint32_t number = 0;
	size_t end = 0;
	const bool read = pdf_object_at(w->p, w->pos, &number, &o, NULL, &end) == CARD_OK;

	if (read)
		met(w, number, w->pos, &o);
	if (w->p->cache == cache)
		pdf_arena_trim(&w->p->arena, &kept);
	if (read)
		w->pos = end;
	return read;
}

static bool digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* "nnnnnnnnnn ggggg n" and two octets for the end of the line (§7.5.4): programs that count octets
 * and programs that read words see the same table. */
static bool is_entry(const uint8_t *p)
{
	for (size_t i = 0; i < 16; i++) {
		if (i == 10 ? p[i] != ' ' : !digit(p[i]))
			return false;
	}
	return p[16] == ' ' && (p[17] == 'n' || p[17] == 'f') && pdf_is_blank(p[18]) &&
	       (p[19] == '\n' || p[19] == '\r');
}

static bool exact_table(struct card_bytes d, size_t *pos)
{
	uint64_t first, count;

	while (!pdf_keyword(d, pos, "trailer")) {
		if (!pdf_digits(d, pos, &first) || !pdf_digits(d, pos, &count))
			return false;
		while (*pos < d.n && pdf_is_blank(d.p[*pos]))
			++*pos;
		for (uint64_t i = 0; i < count; i++, *pos += 20) {
			if (d.n - *pos < 20 || !is_entry(d.p + *pos))
				return false;
		}
	}
	return true;
}

/* A table with its trailer, or "startxref N %%EOF", which ends a revision. */
static bool between(struct walk *w)
{
	const struct card_bytes d = w->p->data;
	const struct pdf_arena kept = w->p->arena;
	struct pdf_obj trailer;
	size_t pos = w->pos;
	const uint8_t *t;
	uint64_t n;

	if (pdf_keyword(d, &pos, "startxref")) {
		if (!pdf_digits(d, &pos, &n))
			return false;
		w->pos = pos; /* %%EOF is a comment */
		w->revision++;
		return w->revision != UINT16_MAX;
	}
	if (!pdf_keyword(d, &pos, "xref"))
		return false;
	if (w->last != NULL) {
		if (!exact_table(d, &pos))
			return false;
	} else {
		t = memmem(d.p + pos, d.n - pos, "trailer", 7);
		if (t == NULL)
			return false;
		pos = (size_t)(t - d.p) + 7;
	}
	if (pdf_parse(&w->p->arena, d, &pos, &trailer) != CARD_OK)
		return false;
	pdf_arena_trim(&w->p->arena, &kept);
	w->pos = pos;
	return true;
}

/* To the end, or to what cannot be read. */
static void walk(struct walk *w)
{
	for (;;) {
		pdf_skip(w->p->data, &w->pos);
		if (w->pos >= w->p->data.n || (!object(w) && !between(w)))
			return;
	}
}

enum card_error pdf_objects_twice(struct pdf *p, bool *twice)
{
	struct walk w = {.p = p, .revision = 1};

	w.seen = calloc(p->n, sizeof(*w.seen));
	if (w.seen == NULL)
		return CARD_ERR_NO_MEMORY;
	walk(&w);
	*twice = w.twice;
	free(w.seen);
	return CARD_OK;
}

/* The cross-reference leads to the last object of this number that the file holds. */
static bool is_newest(const struct pdf *p, size_t number, size_t at)
{
	const struct pdf_entry *e = &p->entry[number];

	if (e->type == 1)
		return e->where == at;
	/* or it was packed into a stream that came after it */
	return e->type == 2 && e->where < p->n && p->entry[e->where].type == 1 &&
	       p->entry[e->where].where > at;
}

enum card_error pdf_rest_is_named(struct pdf *p, size_t from, bool *named)
{
	struct walk w = {.p = p, .revision = 1, .pos = from};

	w.last = calloc(p->n, sizeof(*w.last));
	if (w.last == NULL)
		return CARD_ERR_NO_MEMORY;
	walk(&w);
	*named = w.pos >= p->data.n && !w.strange;
	for (size_t i = 0; *named && i < p->n; i++)
		*named = w.last[i] == 0 || is_newest(p, i, w.last[i]);
	free(w.last);
	return CARD_OK;
}
