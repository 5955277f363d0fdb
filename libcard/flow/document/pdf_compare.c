/* SPDX-License-Identifier: Apache-2.0 */
#include "pdf_changes.h"

#include <string.h>

bool changes_there(const struct pdf *p, size_t i)
{
	return i < p->n && (p->entry[i].type == 1 || p->entry[i].type == 2);
}

static bool in_range(const struct changes *c, const struct pdf_obj *ref)
{
	return ref != NULL && ref->kind == PDF_REF && ref->number > 0 &&
	       (uint64_t)ref->number < c->n;
}

bool changes_is_new(const struct changes *c, const struct pdf_obj *ref)
{
	return in_range(c, ref) && c->state[ref->number] == CHANGE_NEW;
}

bool changes_rewritten(const struct changes *c, const struct pdf_obj *ref)
{
	return in_range(c, ref) && (c->state[ref->number] == CHANGE_REWRITTEN ||
				    c->state[ref->number] == CHANGE_EXPLAINED);
}

enum change_role changes_role(const struct changes *c, const struct pdf_obj *ref)
{
	return in_range(c, ref) ? (enum change_role)c->role[ref->number] : ROLE_NONE;
}

void changes_set_role(struct changes *c, const struct pdf_obj *ref, enum change_role role)
{
	if (in_range(c, ref))
		c->role[ref->number] = (uint8_t)role;
}

void changes_explain(struct changes *c, const struct pdf_obj *ref)
{
	if (in_range(c, ref) && c->state[ref->number] == CHANGE_REWRITTEN)
		c->state[ref->number] = CHANGE_EXPLAINED;
}

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

bool changes_equal_but(const struct pdf_obj *a, const struct pdf_obj *b, const char *const *but)
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

enum card_error changes_pair(struct changes *c, const struct pdf_obj *a, const struct pdf_obj *b,
			     const char *key, struct pdf_obj *was, struct pdf_obj *is)
{
	enum card_error err = pdf_get_resolved(c->before, a, key, was);

	/* Only what was named here before and still is: another object's change is not explained. */
	if (pdf_get(a, key) != NULL && pdf_get(b, key) != NULL &&
	    pdf_equal(pdf_get(a, key), pdf_get(b, key)))
		changes_explain(c, pdf_get(b, key));
	return err == CARD_OK ? pdf_get_resolved(c->after, b, key, is) : err;
}

enum card_error changes_only_signatures_added(struct changes *c, const struct pdf_obj *was,
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
		err = changes_new_signature(c, &is->items[i], &yes);
		c->refused = c->refused || !yes;
	}
	return err;
}
