/* SPDX-License-Identifier: Apache-2.0 */
/* pdf_page.c — one page of the tree, with what it inherits (ISO 32000-1 §7.7.3). */
#include "pdf.h"

#include <cardflow/sign.h>

#include <string.h>

#define NODES_MAX 200000u /* looked at for one page */

double pdf_number(const struct pdf_obj *o)
{
	double v = 0, scale = 1;
	bool point = false;

	if (o == NULL || (o->kind != PDF_INT && o->kind != PDF_REAL))
		return 0;
	if (o->kind == PDF_INT)
		return (double)o->number;
	for (size_t i = 0; i < o->text.n; i++) {
		const uint8_t c = o->text.p[i];

		if (c == '.') {
			point = true;
		} else if (c >= '0' && c <= '9') {
			v = v * 10 + (c - '0');
			scale *= point ? 10 : 1;
		}
	}
	return (o->text.n > 0 && o->text.p[0] == '-' ? -v : v) / scale;
}

bool pdf_rectangle(struct pdf *p, const struct pdf_obj *dict, const char *key, double out[4])
{
	struct pdf_obj a, item;

	if (pdf_get_resolved(p, dict, key, &a) != CARD_OK || a.kind != PDF_ARRAY || a.n != 4)
		return false;
	for (size_t i = 0; i < 4; i++) {
		if (pdf_resolve(p, &a.items[i], &item) != CARD_OK ||
		    (item.kind != PDF_INT && item.kind != PDF_REAL))
			return false;
		out[i] = pdf_number(&item);
	}
	for (size_t i = 0; i < 2; i++) {
		if (out[i] > out[i + 2]) {
			const double t = out[i];

			out[i] = out[i + 2];
			out[i + 2] = t;
		}
	}
	return true;
}

struct search {
	struct pdf *p;
	uint64_t before; /* pages to pass by; with number: passed by so far */
	uint32_t number; /* look for this object; 0: by place */
	unsigned nodes;
	struct pdf_page *out;
};

/* Attributes that a page takes from the nodes above it (§7.7.3.4). */
static void inherit(struct pdf *p, const struct pdf_obj *node, struct pdf_page *page)
{
	struct pdf_obj o;

	if (pdf_rectangle(p, node, "MediaBox", page->box))
		page->boxed = true;
	if (pdf_rectangle(p, node, "CropBox", page->crop))
		page->cropped = true;
	if (pdf_get_resolved(p, node, "Rotate", &o) == CARD_OK && o.kind == PDF_INT)
		page->rotate = (unsigned)(((o.number % 360) + 360) % 360) / 90 * 90;
	page->unit = pdf_get_resolved(p, node, "UserUnit", &o) == CARD_OK && pdf_number(&o) > 0
			     ? pdf_number(&o)
			     : 1;
}

static enum card_error found(struct search *s, uint32_t number, const struct pdf_page *inherited)
{
	*s->out = *inherited;
	s->out->number = number;
	s->out->index = s->before + 1;
	return pdf_load(s->p, number, &s->out->dict, NULL);
}

static enum card_error descend(struct search *s, const struct pdf_obj *ref, struct pdf_page above,
			       unsigned depth, bool *done);

/* A kid: passed by, the page itself, or a branch to go down. */
static enum card_error one_kid(struct search *s, const struct pdf_obj *ref,
			       const struct pdf_page *above, unsigned depth, bool *done)
{
	const struct pdf_stream_cache *cache = s->p->cache;
	const struct pdf_arena kept = s->p->arena;
	struct pdf_obj kid, count;
	enum card_error err = CARD_OK;
	bool branch;

	if (ref->kind != PDF_REF || ref->number <= 0 || ref->number > PDF_OBJECTS_MAX)
		return CARD_ERR_MALFORMED;
	if (++s->nodes > NODES_MAX || depth == 0)
		return CARD_ERR_TOO_LONG;
	err = pdf_load(s->p, (uint32_t)ref->number, &kid, NULL);
	if (err != CARD_OK)
		return err;
	branch = pdf_get(&kid, "Kids") != NULL;
	if (branch) {
		err = pdf_get_resolved(s->p, &kid, "Count", &count);
		if (err == CARD_OK && s->number == 0 &&
		    (count.kind != PDF_INT || count.number <= 0 ||
		     (uint64_t)count.number <= s->before))
			s->before -= count.kind == PDF_INT && count.number > 0
					     ? (uint64_t)count.number
					     : 0;
		else if (err == CARD_OK)
			return descend(s, ref, *above, depth - 1, done);
	} else if (s->number != 0 ? (uint32_t)ref->number == s->number : s->before == 0) {
		return descend(s, ref, *above, depth - 1, done);
	} else if (s->number != 0) {
		s->before++;
	} else {
		s->before--;
	}
	if (s->p->cache == cache)
		pdf_arena_trim(&s->p->arena, &kept);
	return err;
}

static enum card_error descend(struct search *s, const struct pdf_obj *ref, struct pdf_page above,
			       unsigned depth, bool *done)
{
	struct pdf_obj node, kids;
	enum card_error err;

	if (ref == NULL || ref->kind != PDF_REF || ref->number <= 0 ||
	    ref->number > PDF_OBJECTS_MAX)
		return CARD_ERR_MALFORMED;
	err = pdf_load(s->p, (uint32_t)ref->number, &node, NULL);
	if (err == CARD_OK && (node.kind != PDF_DICT || node.twice))
		err = CARD_ERR_MALFORMED;
	if (err != CARD_OK)
		return err;
	inherit(s->p, &node, &above);
	if (pdf_get(&node, "Kids") == NULL) {
		*done = true;
		return found(s, (uint32_t)ref->number, &above);
	}
	err = pdf_get_resolved(s->p, &node, "Kids", &kids);
	for (size_t i = 0; err == CARD_OK && !*done && kids.kind == PDF_ARRAY && i < kids.n; i++)
		err = one_kid(s, &kids.items[i], &above, depth, done);
	return err;
}

static enum card_error search(struct pdf *p, struct search *s)
{
	const struct pdf_page none = {.box = {0, 0, 612, 792}, .unit = 1};
	struct pdf_obj catalog;
	bool done = false;
	enum card_error err = pdf_catalog(p, &catalog);

	if (err == CARD_OK)
		err = descend(s, pdf_get(&catalog, "Pages"), none, PDF_DEPTH_MAX, &done);
	if (err == CARD_OK && !done)
		err = CARD_ERR_NOT_FOUND;
	if (err == CARD_OK && !s->out->cropped)
		memcpy(s->out->crop, s->out->box, sizeof s->out->crop);
	return err;
}

/* ---- all of them ---- */

struct count {
	struct pdf *p;
	uint64_t pages;
	unsigned nodes;
};

static enum card_error count_below(struct count *c, const struct pdf_obj *ref, unsigned depth)
{
	const struct pdf_stream_cache *cache = c->p->cache;
	const struct pdf_arena kept = c->p->arena;
	struct pdf_obj node, kids, count;
	const uint64_t before = c->pages;
	enum card_error err;

	if (ref == NULL || ref->kind != PDF_REF || ref->number <= 0 ||
	    ref->number > PDF_OBJECTS_MAX)
		return CARD_ERR_MALFORMED;
	if (++c->nodes > NODES_MAX || depth == 0)
		return CARD_ERR_TOO_LONG;
	err = pdf_load(c->p, (uint32_t)ref->number, &node, NULL);
	if (err == CARD_OK && (node.kind != PDF_DICT || node.twice))
		err = CARD_ERR_MALFORMED;
	if (err == CARD_OK && pdf_get(&node, "Kids") == NULL) {
		err = pdf_is_name(pdf_get(&node, "Type"), "Page") ? CARD_OK : CARD_ERR_MALFORMED;
		c->pages++;
	} else if (err == CARD_OK) {
		err = pdf_get_resolved(c->p, &node, "Kids", &kids);
		if (err == CARD_OK)
			err = pdf_get_resolved(c->p, &node, "Count", &count);
		if (err == CARD_OK && kids.kind != PDF_ARRAY)
			err = CARD_ERR_MALFORMED;
		for (size_t i = 0; err == CARD_OK && i < kids.n; i++)
			err = count_below(c, &kids.items[i], depth - 1);
		/* Readers go by this number; one that lies hides pages or invents them. */
		if (err == CARD_OK && (count.kind != PDF_INT || count.number < 0 ||
				       (uint64_t)count.number != c->pages - before))
			err = CARD_ERR_MALFORMED;
	}
	if (c->p->cache == cache)
		pdf_arena_trim(&c->p->arena, &kept);
	return err;
}

enum card_error flow_pdf_pages(struct card_bytes pdf, uint64_t *pages)
{
	struct pdf p;
	struct count c = {.p = &p};
	struct pdf_obj catalog;
	enum card_error err;

	if (pages == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	err = pdf_open(&p, pdf);
	if (err == CARD_OK && pdf_get(&p.trailer, "Encrypt") != NULL)
		err = CARD_ERR_MALFORMED;
	if (err == CARD_OK)
		err = pdf_catalog(&p, &catalog);
	if (err == CARD_OK)
		err = count_below(&c, pdf_get(&catalog, "Pages"), PDF_DEPTH_MAX);
	pdf_close(&p);
	*pages = c.pages;
	return err == CARD_ERR_TRUNCATED ? CARD_ERR_MALFORMED : err;
}

enum card_error pdf_page_at(struct pdf *p, uint64_t index, struct pdf_page *out)
{
	struct search s = {.p = p, .before = index - 1, .out = out};
	struct pdf_obj catalog, tree, count;
	enum card_error err;

	memset(out, 0, sizeof(*out));
	if (index == 0) {
		err = pdf_catalog(p, &catalog);
		if (err == CARD_OK)
			err = pdf_get_resolved(p, &catalog, "Pages", &tree);
		if (err == CARD_OK)
			err = pdf_get_resolved(p, &tree, "Count", &count);
		if (err != CARD_OK || count.kind != PDF_INT || count.number <= 0)
			return err != CARD_OK ? err : CARD_ERR_NOT_FOUND;
		index = (uint64_t)count.number;
		s.before = index - 1;
	}
	err = search(p, &s);
	out->index = index;
	return err;
}

enum card_error pdf_page_of(struct pdf *p, uint32_t number, struct pdf_page *out)
{
	struct search s = {.p = p, .number = number, .out = out};

	memset(out, 0, sizeof(*out));
	return number == 0 ? CARD_ERR_NOT_FOUND : search(p, &s);
}
