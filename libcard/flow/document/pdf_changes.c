/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pdf_changes.c — what happened to a document after it was signed.
 *
 * Accepted is the adding of signatures: new signature fields with their dictionaries, named by the
 * form and by the annotations of a page, or empty fields that were signed; validation data under
 * /DSS; metadata; and values of fields where the signature itself permits them (DocMDP 2 and 3,
 * FieldMDP). Everything that existed must otherwise be the same, and nothing that existed may refer
 * to what is new: that is how content that was prepared before signing is shown later. Annotations
 * are never accepted, though DocMDP 3 would permit them: they can cover what was certified.
 */
#include "pdf_changes.h"

#include <stdlib.h>
#include <string.h>

static bool same_place(const struct pdf *a, const struct pdf *b, size_t i)
{
	const struct pdf_entry *x, *y;

	if (i >= a->n || i >= b->n)
		return false;
	x = &a->entry[i];
	y = &b->entry[i];
	return x->type == y->type && (x->type == 0 || (x->where == y->where && x->gen == y->gen));
}

/* In an object stream: the stream must be the same one too. */
static bool same_object(const struct pdf *a, const struct pdf *b, size_t i)
{
	return same_place(a, b, i) &&
	       (a->entry[i].type != 2 || same_place(a, b, (size_t)a->entry[i].where));
}

static bool list_changes(struct changes *c)
{
	c->n = c->before->n > c->after->n ? c->before->n : c->after->n;
	c->state = calloc(c->n, 2);
	if (c->state == NULL)
		return false;
	c->role = c->state + c->n;
	for (size_t i = 0; i < c->n; i++) {
		const bool was = changes_there(c->before, i), is = changes_there(c->after, i);

		if (was && !is)
			c->refused = true; /* removed */
		else if (!was && is)
			c->state[i] = CHANGE_NEW;
		else if (was && !same_object(c->before, c->after, i))
			c->state[i] = CHANGE_REWRITTEN;
	}
	return true;
}

/* ---- nothing that existed refers to what is new, or to what only one place may name ---- */

/* Such objects may be written anew because nothing but their owner refers to them. */
static bool is_owned(enum change_role role)
{
	return role == ROLE_APPEARANCE || role == ROLE_VALIDATION || role == ROLE_METADATA;
}

static bool refers_wrongly(const struct changes *c, const struct pdf_obj *o, enum change_role own)
{
	if (o->kind == PDF_REF) {
		const enum change_role role = changes_role(c, o);

		return changes_is_new(c, o) || (c->owned && is_owned(role) && role != own);
	}
	for (size_t i = 0; i < o->n; i++) {
		if (refers_wrongly(c, &o->items[i], own))
			return true;
	}
	return false;
}

/* The role of what this entry of this object may lead to. */
static enum change_role leads_to(const struct changes *c, uint32_t number, bool catalog,
				 const struct pdf_obj *key)
{
	const enum change_role role = (enum change_role)c->role[number];

	if (catalog)
		return pdf_is_name(key, "DSS")        ? ROLE_VALIDATION
		       : pdf_is_name(key, "Metadata") ? ROLE_METADATA
						      : ROLE_NONE;
	return role == ROLE_FILLABLE && pdf_is_name(key, "AP") ? ROLE_APPEARANCE : role;
}

static bool object_refers_wrongly(const struct changes *c, uint32_t number, bool catalog,
				  const struct pdf_obj *o)
{
	if (o->kind != PDF_DICT)
		return refers_wrongly(c, o, (enum change_role)c->role[number]);
	for (size_t i = 0; i + 1 < o->n; i += 2) {
		if (refers_wrongly(c, &o->items[i + 1], leads_to(c, number, catalog, &o->items[i])))
			return true;
	}
	return false;
}

static enum card_error no_dangling(struct changes *c)
{
	const struct pdf_obj *root = pdf_get(&c->before->trailer, "Root");
	enum card_error err = CARD_OK;

	for (size_t i = 1; i < c->n; i++)
		c->owned = c->owned ||
			   (is_owned((enum change_role)c->role[i]) &&
			    (c->state[i] == CHANGE_REWRITTEN || c->state[i] == CHANGE_EXPLAINED));
	for (uint32_t i = 1; err == CARD_OK && i < c->before->n; i++) {
		const struct pdf_stream_cache *cache = c->before->cache;
		const struct pdf_arena kept = c->before->arena;
		struct pdf_obj o;

		if (!changes_there(c->before, i))
			continue;
		err = pdf_load(c->before, i, &o, NULL);
		if (err == CARD_OK && object_refers_wrongly(c, i, root->number == (int64_t)i, &o))
			c->refused = true;
		if (c->before->cache == cache)
			pdf_arena_trim(&c->before->arena, &kept);
	}
	return err;
}

/* ---- what may differ ---- */

static enum card_error compare_form(struct changes *c, const struct pdf_obj *a,
				    const struct pdf_obj *b)
{
	static const char *const may[] = {"Fields", "SigFlags", NULL};
	static const char *const may_filled[] = {"Fields", "SigFlags", "NeedAppearances", NULL};
	static const char *const may_first[] = {"Fields", "SigFlags", "DR", "DA", NULL};
	static const struct pdf_obj none = {.kind = PDF_DICT};
	struct pdf_obj was, is, x, y;
	enum card_error err = changes_pair(c, a, b, "AcroForm", &was, &is);
	const bool first = was.kind == PDF_NULL;

	if (err != CARD_OK || (first && is.kind == PDF_NULL))
		return err;
	if (!changes_equal_but(first ? &none : &was, &is,
			       first             ? may_first
			       : c->policy->fill ? may_filled
						 : may)) {
		c->refused = true;
		return CARD_OK;
	}
	err = changes_pair(c, first ? &none : &was, &is, "Fields", &x, &y);
	return err == CARD_OK ? changes_only_signatures_added(c, &x, &y) : err;
}

static enum card_error compare_catalog(struct changes *c)
{
	static const char *const may[] = {"AcroForm", "DSS",     "Extensions",
					  "Metadata", "Version", NULL};
	const struct pdf_obj *r = pdf_get(&c->before->trailer, "Root");
	const struct pdf_obj *s = pdf_get(&c->after->trailer, "Root");
	struct pdf_obj was, is;
	enum card_error err;

	if (r == NULL || s == NULL || r->kind != PDF_REF || !pdf_equal(r, s)) {
		c->refused = true;
		return CARD_OK;
	}
	err = pdf_catalog(c->before, &was);
	if (err == CARD_OK)
		err = pdf_catalog(c->after, &is);
	if (err != CARD_OK)
		return err;
	changes_explain(c, s);
	if (!changes_equal_but(&was, &is, may))
		c->refused = true;
	if (!c->refused)
		err = compare_form(c, &was, &is);
	return err == CARD_OK && !c->refused ? changes_extras(c, &was, &is) : err;
}

/* A rewritten object that is a page, or the annotations of one, or a field. */
static enum card_error compare_object(struct changes *c, uint32_t number)
{
	static const char *const page_may[] = {"Annots", NULL};
	struct pdf_obj was, is, x, y;
	enum card_error err = pdf_load(c->before, number, &was, NULL);
	bool yes = false;

	if (err == CARD_OK)
		err = pdf_load(c->after, number, &is, NULL);
	if (err != CARD_OK)
		return err;
	if (was.kind == PDF_ARRAY && is.kind == PDF_ARRAY)
		return changes_only_signatures_added(c, &was, &is);
	if (pdf_is_name(pdf_get(&was, "Type"), "Page") && changes_equal_but(&was, &is, page_may)) {
		err = changes_pair(c, &was, &is, "Annots", &x, &y);
		return err == CARD_OK ? changes_only_signatures_added(c, &x, &y) : err;
	}
	if (pdf_equal(&was, &is) && was.kind != PDF_NULL && c->role[number] != ROLE_APPEARANCE)
		return CARD_OK;
	err = changes_field(c, number, &was, &is, &yes);
	c->refused = c->refused || !yes;
	return err;
}

/* Streams are not compared: none may be rewritten, but what fields show and metadata. */
static enum card_error no_stream(struct changes *c, uint32_t number)
{
	struct card_bytes a = {NULL, 0}, b = {NULL, 0};
	struct pdf_obj o;
	enum card_error err = pdf_load(c->before, number, &o, &a);

	if (err == CARD_OK)
		err = pdf_load(c->after, number, &o, &b);
	if (err == CARD_OK && (a.p != NULL || b.p != NULL) && c->role[number] != ROLE_APPEARANCE &&
	    c->role[number] != ROLE_METADATA)
		c->refused = true;
	return err;
}

/* References name a generation: of another one, the same object is gone (§7.3.10). */
static bool same_generation(const struct changes *c, size_t i)
{
	const struct pdf_entry *a = &c->before->entry[i], *b = &c->after->entry[i];

	return (a->type == 1 ? a->gen : 0) == (b->type == 1 ? b->gen : 0);
}

static enum card_error compare_rewritten(struct changes *c)
{
	enum card_error err = CARD_OK;

	for (uint32_t i = 1; err == CARD_OK && !c->refused && i < c->n; i++) {
		if (c->state[i] != CHANGE_REWRITTEN && c->state[i] != CHANGE_EXPLAINED)
			continue;
		c->refused = !same_generation(c, i);
		err = no_stream(c, i);
		if (err == CARD_OK && !c->refused && c->state[i] == CHANGE_REWRITTEN)
			err = compare_object(c, i);
	}
	return err;
}

/* Where no change is permitted, evidence of validity still is (ISO 32000-2 table 257). */
static bool breaks_level_one(const struct changes *c, bool any)
{
	const unsigned evidence = FLOW_LATER_TIMESTAMP | FLOW_LATER_VALIDATION;

	return any &&
	       ((c->later & evidence) == 0 || (c->later & ~(evidence | FLOW_LATER_METADATA)) != 0);
}

enum card_error pdf_changes(struct pdf *before, struct pdf *after, const struct pdf_policy *policy,
			    struct flow_reasons *reasons, unsigned *later)
{
	struct changes c = {.before = before, .after = after, .policy = policy};
	enum card_error err;
	bool any = false;

	*later = 0;
	if (!list_changes(&c))
		return CARD_ERR_NO_MEMORY;
	for (size_t i = 0; i < c.n; i++)
		any = any || c.state[i] != CHANGE_NONE;
	err = changes_find_fields(&c);
	if (err == CARD_OK)
		err = compare_catalog(&c);
	if (err == CARD_OK && !c.refused)
		err = compare_rewritten(&c);
	if (err == CARD_OK && !c.refused)
		err = no_dangling(&c);
	if (err == CARD_OK && c.refused)
		flow_reason_add(reasons, FLOW_REASON_CHANGED_AFTER);
	if (err == CARD_OK && (c.forbidden || ((policy->certified == 1 || policy->lock.p == 1) &&
					       breaks_level_one(&c, any))))
		flow_reason_add(reasons, FLOW_REASON_NOT_PERMITTED);
	if (err == CARD_OK && !c.refused)
		*later = c.later;
	free(c.state);
	return err;
}
