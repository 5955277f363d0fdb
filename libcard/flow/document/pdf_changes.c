/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pdf_changes.c — what happened to a document after it was signed.
 *
 * Only the adding of signatures is accepted: new signature fields with their dictionaries, named
 * by the form and by the annotations of a page, and validation data under /DSS. Everything that
 * existed must otherwise be the same, and nothing that existed may refer to what is new: that
 * is how content that was prepared before signing is shown later.
 */
#include "pdf.h"

#include <stdlib.h>
#include <string.h>

struct comparison {
	struct pdf *before, *after;
	uint8_t *changed;  /* by object number: 1 rewritten, 2 new, 3 explained */
	size_t n;
	bool refused;
};

static bool same_place(const struct pdf *a, const struct pdf *b, size_t i)
{
	const struct pdf_entry *x, *y;

	if (i >= a->n || i >= b->n)
		return false;
	x = &a->entry[i];
	y = &b->entry[i];
	return x->type == y->type && (x->type == 0 || (x->where == y->where && x->gen == y->gen));
}

static bool there(const struct pdf *p, size_t i)
{
	return i < p->n && (p->entry[i].type == 1 || p->entry[i].type == 2);
}

static bool list_changes(struct comparison *c)
{
	c->n = c->before->n > c->after->n ? c->before->n : c->after->n;
	c->changed = calloc(c->n, 1);
	if (c->changed == NULL)
		return false;
	for (size_t i = 0; i < c->n; i++) {
		const bool was = there(c->before, i), is = there(c->after, i);

		if (!was && !is)
			continue;
		if (was && !is)
			c->refused = true; /* removed */
		else if (!was)
			c->changed[i] = 2;
		else if (!same_place(c->before, c->after, i) ||
			 (c->before->entry[i].type == 2 &&
			  !same_place(c->before, c->after, (size_t)c->before->entry[i].where)))
			c->changed[i] = 1;
	}
	return true;
}

static bool is_new(const struct comparison *c, const struct pdf_obj *ref)
{
	return ref->kind == PDF_REF && ref->number > 0 && (uint64_t)ref->number < c->n &&
	       c->changed[ref->number] >= 2 && !there(c->before, (size_t)ref->number);
}

/* ---- nothing that existed refers to what is new ---- */

static bool refers_to_new(const struct comparison *c, const struct pdf_obj *o)
{
	if (o->kind == PDF_REF)
		return is_new(c, o);
	for (size_t i = 0; i < o->n; i++) {
		if (refers_to_new(c, &o->items[i]))
			return true;
	}
	return false;
}

static enum card_error no_dangling(struct comparison *c)
{
	enum card_error err = CARD_OK;

	for (uint32_t i = 1; err == CARD_OK && i < c->before->n; i++) {
		const struct pdf_stream_cache *cache = c->before->cache;
		const struct pdf_arena kept = c->before->arena;
		struct pdf_obj o;

		if (!there(c->before, i))
			continue;
		err = pdf_load(c->before, i, &o, NULL);
		if (err == CARD_OK && refers_to_new(c, &o))
			c->refused = true;
		if (c->before->cache == cache)
			pdf_arena_trim(&c->before->arena, &kept);
	}
	return err;
}

/* ---- what may differ ---- */

static bool listed(const char *const *list, struct card_bytes key)
{
	for (; *list != NULL; list++) {
		if (card_bytes_equal(key, card_bytes(*list, strlen(*list))))
			return true;
	}
	return false;
}

static bool entry_equal(const struct pdf_obj *dict, struct card_bytes key,
			const struct pdf_obj *value)
{
	for (size_t i = 0; i + 1 < dict->n; i += 2) {
		if (card_bytes_equal(dict->items[i].text, key))
			return pdf_equal(&dict->items[i + 1], value);
	}
	return false;
}

/* Equal dictionaries but for these keys. */
static bool equal_but(const struct pdf_obj *a, const struct pdf_obj *b, const char *const *but)
{
	if (a->kind != PDF_DICT || b->kind != PDF_DICT || a->twice || b->twice)
		return false;
	for (size_t i = 0; i + 1 < a->n; i += 2) {
		if (!listed(but, a->items[i].text) &&
		    !entry_equal(b, a->items[i].text, &a->items[i + 1]))
			return false;
	}
	for (size_t i = 0; i + 1 < b->n; i += 2) {
		if (!listed(but, b->items[i].text) &&
		    !entry_equal(a, b->items[i].text, &b->items[i + 1]))
			return false;
	}
	return true;
}

static void explain(struct comparison *c, const struct pdf_obj *ref)
{
	if (ref != NULL && ref->kind == PDF_REF && ref->number > 0 &&
	    (uint64_t)ref->number < c->n && c->changed[ref->number] == 1)
		c->changed[ref->number] = 3;
}

/* A field or widget that is new and holds nothing but a signature: no action, no value of
 * another kind, nothing below it. */
static enum card_error is_new_signature(struct comparison *c, const struct pdf_obj *ref, bool *yes)
{
	static const char *const keys[] = {"Type", "Subtype", "FT", "T", "TU", "V",  "F",  "Ff",
					   "Rect", "P",	      "AP", "MK", "DA", "BS", "Border",
					   "Lock", "SV",      "DR", "Q",  NULL};
	struct pdf_obj o;
	enum card_error err;

	*yes = false;
	if (!is_new(c, ref))
		return CARD_OK;
	err = pdf_load(c->after, (uint32_t)ref->number, &o, NULL);
	if (err != CARD_OK || o.kind != PDF_DICT || o.twice || !pdf_is_name(pdf_get(&o, "FT"), "Sig"))
		return err;
	for (size_t i = 0; i + 1 < o.n; i += 2) {
		if (!listed(keys, o.items[i].text))
			return CARD_OK;
	}
	*yes = true;
	return CARD_OK;
}

/* The array has its old items in their order, then only new signature fields. */
static enum card_error only_signatures_added(struct comparison *c, const struct pdf_obj *was,
					     const struct pdf_obj *is)
{
	const size_t old = was->kind == PDF_ARRAY ? was->n : 0;
	enum card_error err = CARD_OK;
	bool yes;

	if ((was->kind != PDF_ARRAY && was->kind != PDF_NULL) ||
	    (is->kind != PDF_ARRAY && is->kind != PDF_NULL) || is->n < old)
		c->refused = true;
	for (size_t i = 0; !c->refused && i < old; i++)
		c->refused = !pdf_equal(&was->items[i], &is->items[i]);
	for (size_t i = old; err == CARD_OK && !c->refused && i < is->n; i++) {
		err = is_new_signature(c, &is->items[i], &yes);
		c->refused = c->refused || !yes;
	}
	return err;
}

/* The same key of two dictionaries, resolved; rewritten objects on the way are explained. */
static enum card_error pair(struct comparison *c, const struct pdf_obj *a, const struct pdf_obj *b,
			    const char *key, struct pdf_obj *was, struct pdf_obj *is)
{
	enum card_error err = pdf_get_resolved(c->before, a, key, was);

	/* Only what was named here before and still is: another object's change is not explained. */
	if (pdf_get(a, key) != NULL && pdf_get(b, key) != NULL &&
	    pdf_equal(pdf_get(a, key), pdf_get(b, key)))
		explain(c, pdf_get(b, key));
	return err == CARD_OK ? pdf_get_resolved(c->after, b, key, is) : err;
}

static enum card_error compare_form(struct comparison *c, const struct pdf_obj *a,
				    const struct pdf_obj *b)
{
	static const char *const may[] = {"Fields", "SigFlags", NULL};
	static const char *const may_first[] = {"Fields", "SigFlags", "DR", "DA", NULL};
	static const struct pdf_obj none = {.kind = PDF_DICT};
	struct pdf_obj was, is, x, y;
	enum card_error err = pair(c, a, b, "AcroForm", &was, &is);
	const bool first = was.kind == PDF_NULL;

	if (err != CARD_OK || (first && is.kind == PDF_NULL))
		return err;
	if (!equal_but(first ? &none : &was, &is, first ? may_first : may)) {
		c->refused = true;
		return CARD_OK;
	}
	err = pair(c, first ? &none : &was, &is, "Fields", &x, &y);
	return err == CARD_OK ? only_signatures_added(c, &x, &y) : err;
}

static enum card_error compare_catalog(struct comparison *c)
{
	static const char *const may[] = {"AcroForm", "DSS", "Extensions", NULL};
	const struct pdf_obj *r = pdf_get(&c->before->trailer, "Root");
	const struct pdf_obj *s = pdf_get(&c->after->trailer, "Root");
	struct pdf_obj was, is;
	enum card_error err;

	if (r == NULL || s == NULL || !pdf_equal(r, s)) {
		c->refused = true;
		return CARD_OK;
	}
	err = pdf_catalog(c->before, &was);
	if (err == CARD_OK)
		err = pdf_catalog(c->after, &is);
	if (err != CARD_OK)
		return err;
	explain(c, s);
	if (!equal_but(&was, &is, may))
		c->refused = true;
	return c->refused ? CARD_OK : compare_form(c, &was, &is);
}

/* A rewritten object that is a page, or the annotations of one, or an empty signature field. */
static enum card_error compare_object(struct comparison *c, uint32_t number)
{
	static const char *const page_may[] = {"Annots", NULL};
	static const char *const field_may[] = {"V", "AP", "F", NULL};
	struct pdf_obj was, is, x, y;
	enum card_error err = pdf_load(c->before, number, &was, NULL);

	if (err == CARD_OK)
		err = pdf_load(c->after, number, &is, NULL);
	if (err != CARD_OK)
		return err;
	if (was.kind == PDF_ARRAY && is.kind == PDF_ARRAY)
		return only_signatures_added(c, &was, &is);
	if (pdf_is_name(pdf_get(&was, "Type"), "Page") && equal_but(&was, &is, page_may)) {
		err = pair(c, &was, &is, "Annots", &x, &y);
		return err == CARD_OK ? only_signatures_added(c, &x, &y) : err;
	}
	if (pdf_is_name(pdf_get(&was, "FT"), "Sig") && pdf_get(&was, "V") == NULL &&
	    pdf_get(&is, "V") != NULL && is_new(c, pdf_get(&is, "V")) &&
	    equal_but(&was, &is, field_may))
		return CARD_OK;
	if (!pdf_equal(&was, &is) || was.kind == PDF_NULL)
		c->refused = true;
	return CARD_OK;
}

/* Streams of a rewritten object are not compared: none that has one may be rewritten. */
static enum card_error no_stream(struct comparison *c, uint32_t number)
{
	struct card_bytes a = {NULL, 0}, b = {NULL, 0};
	struct pdf_obj o;
	enum card_error err = pdf_load(c->before, number, &o, &a);

	if (err == CARD_OK)
		err = pdf_load(c->after, number, &o, &b);
	if (err == CARD_OK && (a.p != NULL || b.p != NULL))
		c->refused = true;
	return err;
}

enum card_error pdf_changes(struct pdf *before, struct pdf *after, unsigned certified,
			    struct flow_reasons *reasons)
{
	struct comparison c = {.before = before, .after = after};
	enum card_error err;
	bool any = false;

	if (!list_changes(&c))
		return CARD_ERR_NO_MEMORY;
	for (size_t i = 0; i < c.n; i++)
		any = any || c.changed[i] != 0;
	err = compare_catalog(&c);
	for (uint32_t i = 1; err == CARD_OK && !c.refused && i < c.n; i++) {
		if (c.changed[i] != 1 && c.changed[i] != 3)
			continue;
		err = no_stream(&c, i);
		if (err == CARD_OK && !c.refused && c.changed[i] == 1)
			err = compare_object(&c, i);
	}
	if (err == CARD_OK && !c.refused)
		err = no_dangling(&c);
	if (err == CARD_OK && c.refused)
		flow_reason_add(reasons, FLOW_REASON_CHANGED_AFTER);
	if (err == CARD_OK && certified == 1 && any)
		flow_reason_add(reasons, FLOW_REASON_NOT_PERMITTED);
	free(c.changed);
	return err;
}
