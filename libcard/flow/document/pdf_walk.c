/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pdf_walk.c — the objects of a file in the order of its bytes.
 *
 * Readers that do not follow the cross-reference (or repair files) take an object from where they
 * find it. One number twice within a revision would show them something else than others see.
 */
#include "pdf.h"

#include <stdlib.h>
#include <string.h>

struct walk {
	struct pdf *p;
	uint16_t *seen; /* by object number: the revision it was met in */
	uint16_t revision;
	size_t pos;
	bool twice;
};

/* An object at pos; false: there is none, or it cannot be read. */
static bool object(struct walk *w)
{
	const struct pdf_stream_cache *cache = w->p->cache;
	const struct pdf_arena kept = w->p->arena;
	struct pdf_obj o;
	uint32_t number = 0;
	size_t end = 0;
	const bool read = pdf_object_at(w->p, w->pos, &number, &o, NULL, &end) == CARD_OK;

	if (w->p->cache == cache)
		pdf_arena_trim(&w->p->arena, &kept);
	if (!read)
		return false;
	w->pos = end;
	if (number < w->p->n) {
		w->twice = w->twice || w->seen[number] == w->revision;
		w->seen[number] = w->revision;
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
	t = memmem(d.p + pos, d.n - pos, "trailer", 7);
	if (t == NULL)
		return false;
	pos = (size_t)(t - d.p) + 7;
	if (pdf_parse(&w->p->arena, d, &pos, &trailer) != CARD_OK)
		return false;
	pdf_arena_trim(&w->p->arena, &kept);
	w->pos = pos;
	return true;
}

enum card_error pdf_objects_twice(struct pdf *p, bool *twice)
{
	struct walk w = {.p = p, .revision = 1};

	w.seen = calloc(p->n, sizeof(*w.seen));
	if (w.seen == NULL)
		return CARD_ERR_NO_MEMORY;
	for (;;) {
		pdf_skip(p->data, &w.pos);
		if (w.pos >= p->data.n || (!object(&w) && !between(&w)))
			break;
	}
	*twice = w.twice;
	free(w.seen);
	return CARD_OK;
}
