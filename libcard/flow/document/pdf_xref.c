/* SPDX-License-Identifier: Apache-2.0 */
/* pdf_xref.c — cross-reference tables, streams and hybrids (ISO 32000-1 §7.5.4, §7.5.8). */
#include "pdf.h"

#include <stdlib.h>
#include <string.h>

static enum card_error grow(struct pdf *p, uint64_t n)
{
	struct pdf_entry *more;

	if (n > PDF_OBJECTS_MAX)
		return CARD_ERR_TOO_LONG;
	if (n <= p->n)
		return CARD_OK;
	more = realloc(p->entry, (size_t)n * sizeof(*more));
	if (more == NULL)
		return CARD_ERR_NO_MEMORY;
	for (size_t i = p->n; i < n; i++)
		more[i] = (struct pdf_entry){.type = PDF_UNKNOWN};
	p->entry = more;
	p->n = (size_t)n;
	return CARD_OK;
}

/*
 * Sections are read from the newest to the oldest: what is known stays. A section that names one
 * object twice, at two places, is read differently by different programs: it is refused. Only the
 * table of a hybrid may call free what its stream names (§7.5.8.4).
 */
static enum card_error set(struct pdf *p, uint64_t number, struct pdf_entry e)
{
	enum card_error err = grow(p, number + 1);
	const struct pdf_entry *known = err == CARD_OK ? &p->entry[number] : NULL;

	if (known == NULL)
		return err;
	e.section = p->section;
	if (known->type == PDF_UNKNOWN) {
		p->entry[number] = e;
		return CARD_OK;
	}
	return number != 0 && known->section == p->section && e.type != 0 &&
			       (known->type != e.type || known->where != e.where ||
				known->gen != e.gen)
		       ? CARD_ERR_MALFORMED
		       : CARD_OK;
}

/* ---- tables ---- */

static enum card_error subsection(struct pdf *p, size_t *pos, uint64_t first, uint64_t count,
				  bool apply)
{
	enum card_error err = CARD_OK;

	if (first > PDF_OBJECTS_MAX || count > PDF_OBJECTS_MAX)
		return CARD_ERR_TOO_LONG;
	if (apply)
		err = grow(p, first + count);
	for (uint64_t i = 0; err == CARD_OK && i < count; i++) {
		uint64_t offset, gen;
		bool used;

		if (!pdf_digits(p->data, pos, &offset) || !pdf_digits(p->data, pos, &gen))
			return CARD_ERR_MALFORMED;
		used = pdf_keyword(p->data, pos, "n");
		/* Some producers write 65536 at the head of the free list. */
		if ((!used && !pdf_keyword(p->data, pos, "f")) || gen > (used ? 65535u : 65536u))
			return CARD_ERR_MALFORMED;
		if (apply)
			err = set(p, first + i,
				  (struct pdf_entry){.where = offset,
						     .gen = (uint32_t)gen,
						     .type = used ? 1 : 0});
	}
	return err;
}

/* apply false: only the trailer. */
static enum card_error table(struct pdf *p, size_t pos, bool apply, struct pdf_obj *trailer)
{
	enum card_error err = CARD_OK;
	uint64_t first, count;

	while (err == CARD_OK && !pdf_keyword(p->data, &pos, "trailer")) {
		if (!pdf_digits(p->data, &pos, &first) || !pdf_digits(p->data, &pos, &count))
			return CARD_ERR_MALFORMED;
		err = subsection(p, &pos, first, count, apply);
	}
	if (err == CARD_OK)
		err = pdf_parse(&p->arena, p->data, &pos, trailer);
	return err == CARD_OK && trailer->kind != PDF_DICT ? CARD_ERR_MALFORMED : err;
}

/* ---- streams ---- */

static uint64_t field(const uint8_t **at, size_t width, uint64_t without)
{
	uint64_t v = 0;

	if (width == 0)
		return without;
	for (size_t i = 0; i < width; i++)
		v = v << 8 | *(*at)++;
	return v;
}

static enum card_error stream_entries(struct pdf *p, struct card_bytes *rest, const size_t w[3],
				      uint64_t first, uint64_t count)
{
	const size_t row = w[0] + w[1] + w[2];
	enum card_error err = CARD_OK;

	for (uint64_t i = 0; err == CARD_OK && i < count; i++) {
		const uint8_t *at = rest->p;
		uint64_t type, where, gen;

		if (rest->n < row)
			return CARD_ERR_MALFORMED;
		type = field(&at, w[0], 1);
		where = field(&at, w[1], 0);
		gen = field(&at, w[2], 0);
		*rest = card_bytes(rest->p + row, rest->n - row);
		if (type > 2 || gen > UINT32_MAX)
			return CARD_ERR_MALFORMED;
		err = set(p, first + i,
			  (struct pdf_entry){
				  .where = where, .gen = (uint32_t)gen, .type = (uint8_t)type});
	}
	return err;
}

static enum card_error widths(const struct pdf_obj *dict, size_t w[3])
{
	const struct pdf_obj *o = pdf_get(dict, "W");

	if (o == NULL || o->kind != PDF_ARRAY || o->n != 3)
		return CARD_ERR_MALFORMED;
	for (size_t i = 0; i < 3; i++) {
		if (o->items[i].kind != PDF_INT || o->items[i].number < 0 || o->items[i].number > 8)
			return CARD_ERR_MALFORMED;
		w[i] = (size_t)o->items[i].number;
	}
	return w[0] + w[1] + w[2] > 0 ? CARD_OK : CARD_ERR_MALFORMED;
}

static enum card_error stream(struct pdf *p, size_t pos, struct pdf_obj *trailer)
{
	const struct pdf_obj *index, *size;
	struct card_bytes raw, rest;
	uint32_t number = 0;
	size_t w[3];
	enum card_error err = pdf_object_at(p, pos, &number, trailer, &raw, NULL);

	if (err == CARD_OK && !pdf_is_name(pdf_get(trailer, "Type"), "XRef"))
		err = CARD_ERR_MALFORMED;
	if (err == CARD_OK)
		err = widths(trailer, w);
	if (err == CARD_OK)
		err = pdf_decode(p, trailer, raw, &rest);
	if (err != CARD_OK)
		return err;
	index = pdf_get(trailer, "Index");
	size = pdf_get(trailer, "Size");
	if (index == NULL)
		return size != NULL && size->kind == PDF_INT && size->number >= 0
			       ? stream_entries(p, &rest, w, 0, (uint64_t)size->number)
			       : CARD_ERR_MALFORMED;
	if (index->kind != PDF_ARRAY || index->n % 2 != 0)
		return CARD_ERR_MALFORMED;
	for (size_t i = 0; err == CARD_OK && i < index->n; i += 2) {
		const struct pdf_obj *f = &index->items[i], *c = &index->items[i + 1];

		if (f->kind != PDF_INT || c->kind != PDF_INT || f->number < 0 || c->number < 0)
			return CARD_ERR_MALFORMED;
		if (f->number > PDF_OBJECTS_MAX || c->number > PDF_OBJECTS_MAX)
			return CARD_ERR_TOO_LONG;
		err = stream_entries(p, &rest, w, (uint64_t)f->number, (uint64_t)c->number);
	}
	return err;
}

/* ---- all of them ---- */

static enum card_error section(struct pdf *p, uint64_t offset, struct pdf_obj *trailer,
			       bool *is_stream)
{
	size_t pos = (size_t)offset;
	const struct pdf_obj *hybrid;
	struct pdf_obj more;
	enum card_error err;

	if (offset >= p->data.n)
		return CARD_ERR_MALFORMED;
	*is_stream = !pdf_keyword(p->data, &pos, "xref");
	if (*is_stream)
		return stream(p, (size_t)offset, trailer);
	err = table(p, pos, false, trailer);
	hybrid = err == CARD_OK ? pdf_get(trailer, "XRefStm") : NULL;
	if (hybrid != NULL) {
		/* Its table calls free what its stream names (§7.5.8.4), so the stream goes first. */
		if (hybrid->kind != PDF_INT || hybrid->number < 0 ||
		    (uint64_t)hybrid->number >= p->data.n)
			return CARD_ERR_MALFORMED;
		err = stream(p, (size_t)hybrid->number, &more);
	}
	return err == CARD_OK ? table(p, pos, true, trailer) : err;
}

enum card_error pdf_read_sections(struct pdf *p)
{
	uint64_t offset = p->startxref, seen[64];
	struct pdf_obj trailer;
	enum card_error err = CARD_OK;
	bool is_stream;

	for (unsigned i = 0; err == CARD_OK; i++) {
		const struct pdf_obj *prev;

		if (i == PDF_SECTIONS_MAX)
			return CARD_ERR_TOO_LONG;
		seen[i % 64] = offset;
		p->section = (uint16_t)i;
		err = section(p, offset, &trailer, &is_stream);
		if (err == CARD_OK && trailer.twice)
			err = CARD_ERR_MALFORMED; /* which /Root, which /Prev? */
		if (err != CARD_OK)
			return err;
		if (i == 0) {
			p->trailer = trailer;
			p->xref_stream = is_stream;
		}
		prev = pdf_get(&trailer, "Prev");
		if (prev == NULL)
			return CARD_OK;
		if (prev->kind != PDF_INT || prev->number < 0)
			return CARD_ERR_MALFORMED;
		offset = (uint64_t)prev->number;
		for (unsigned k = 0; k <= i && k < 64; k++) {
			if (seen[k] == offset)
				return CARD_ERR_MALFORMED; /* round and round */
		}
	}
	return err;
}

/* The last "startxref" within the last two KiB, its number, and %%EOF behind it. */
static enum card_error find_start(struct pdf *p)
{
	static const char word[] = "startxref";
	const size_t n = sizeof word - 1, from = p->data.n > 2048 ? p->data.n - 2048 : 0;
	uint64_t offset;
	size_t pos;

	for (size_t i = p->data.n; i >= from + n; i--) {
		if (memcmp(p->data.p + i - n, word, n) != 0)
			continue;
		pos = i;
		if (!pdf_digits(p->data, &pos, &offset) || offset >= p->data.n)
			return CARD_ERR_MALFORMED;
		while (pos < p->data.n && pdf_is_blank(p->data.p[pos]))
			pos++;
		if (p->data.n - pos < 5 || memcmp(p->data.p + pos, "%%EOF", 5) != 0)
			return CARD_ERR_MALFORMED;
		p->startxref = (size_t)offset;
		return CARD_OK;
	}
	return CARD_ERR_MALFORMED;
}

enum card_error pdf_open(struct pdf *p, struct card_bytes data)
{
	enum card_error err;

	memset(p, 0, sizeof(*p));
	p->data = data;
	if (data.n < 5 || memcmp(data.p, "%PDF-", 5) != 0)
		return CARD_ERR_MALFORMED;
	err = find_start(p);
	if (err == CARD_OK)
		err = pdf_read_sections(p);
	if (err == CARD_OK && p->n == 0)
		err = CARD_ERR_MALFORMED;
	return err;
}

void pdf_close(struct pdf *p)
{
	pdf_arena_free(&p->arena);
	free(p->entry);
	memset(p, 0, sizeof(*p));
}
