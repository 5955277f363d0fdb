/* SPDX-License-Identifier: Apache-2.0 */
/* pdf_change_extra.c — additions that no page shows: /DSS (EN 319 142-1 §5.4.2), metadata. */
#include "pdf_changes.h"

#define DSS_DEPTH 5u /* DSS, VRI, the entry of a signature, its arrays */

/* Everything below the old /DSS that is no stream may be written anew. */
static enum card_error validation(struct changes *c, const struct pdf_obj *o, unsigned depth)
{
	struct card_bytes stream = {NULL, 0};
	struct pdf_obj target = *o;
	enum card_error err = CARD_OK;

	if (depth == 0)
		return CARD_OK;
	if (o->kind == PDF_REF) {
		if (changes_role(c, o) == ROLE_VALIDATION)
			return CARD_OK;
		err = pdf_load(c->before, o->number <= PDF_OBJECTS_MAX ? (uint32_t)o->number : 0,
			       &target, &stream);
		if (err != CARD_OK || stream.p != NULL)
			return err;
		changes_set_role(c, o, ROLE_VALIDATION);
		changes_explain(c, o);
	}
	for (size_t i = target.kind == PDF_DICT ? 1 : 0;
	     err == CARD_OK && (target.kind == PDF_DICT || target.kind == PDF_ARRAY) &&
	     i < target.n;
	     i += target.kind == PDF_DICT ? 2 : 1)
		err = validation(c, &target.items[i], depth - 1);
	return err;
}

static bool title_is_shown(struct pdf *p, const struct pdf_obj *catalog)
{
	struct pdf_obj prefs, shown;

	return pdf_get_resolved(p, catalog, "ViewerPreferences", &prefs) != CARD_OK ||
	       pdf_get_resolved(p, &prefs, "DisplayDocTitle", &shown) != CARD_OK ||
	       (shown.kind == PDF_BOOL && shown.number != 0);
}

/* The XMP packet of the document. It is not shown, unless readers are told to show its title. */
static enum card_error metadata(struct changes *c, const struct pdf_obj *was,
				const struct pdf_obj *is)
{
	const struct pdf_obj *a = pdf_get(was, "Metadata"), *b = pdf_get(is, "Metadata");
	const bool same_name = a != NULL && b != NULL && pdf_equal(a, b);
	struct pdf_obj dict;
	enum card_error err = CARD_OK;

	if ((a == NULL && b == NULL) || (same_name && !changes_rewritten(c, b)))
		return CARD_OK;
	if (b == NULL || b->kind != PDF_REF || title_is_shown(c->after, is) ||
	    (!same_name && !changes_is_new(c, b))) {
		c->refused = true;
		return CARD_OK;
	}
	err = pdf_resolve(c->after, b, &dict);
	if (err == CARD_OK && !pdf_is_name(pdf_get(&dict, "Type"), "Metadata"))
		c->refused = true;
	if (same_name) {
		changes_set_role(c, b, ROLE_METADATA);
		changes_explain(c, b);
	}
	c->later |= FLOW_LATER_METADATA;
	return err;
}

static enum card_error information(struct changes *c)
{
	static const char *const may[] = {"ModDate", "Producer", "Creator", NULL};
	static const struct pdf_obj none = {.kind = PDF_DICT};
	const struct pdf_obj *a = pdf_get(&c->before->trailer, "Info");
	const struct pdf_obj *b = pdf_get(&c->after->trailer, "Info");
	struct pdf_obj was = none, is = none;
	enum card_error err = CARD_OK;

	if (b == NULL || (a != NULL && pdf_equal(a, b) && !changes_rewritten(c, b)))
		return CARD_OK;
	if (a != NULL)
		err = pdf_resolve(c->before, a, &was);
	if (err == CARD_OK)
		err = pdf_resolve(c->after, b, &is);
	if (was.kind != PDF_DICT)
		was = none;
	if (err != CARD_OK || !changes_equal_but(&was, &is, may)) {
		c->refused = true;
		return err;
	}
	if (a != NULL && pdf_equal(a, b)) {
		changes_set_role(c, b, ROLE_METADATA);
		changes_explain(c, b);
	}
	c->later |= FLOW_LATER_METADATA;
	return CARD_OK;
}

enum card_error changes_extras(struct changes *c, const struct pdf_obj *was,
			       const struct pdf_obj *is)
{
	const struct pdf_obj *a = pdf_get(was, "DSS"), *b = pdf_get(is, "DSS");
	enum card_error err = CARD_OK;

	if (a != NULL && b == NULL)
		c->refused = true;
	if (a != NULL)
		err = validation(c, a, DSS_DEPTH);
	if (b != NULL && (a == NULL || !pdf_equal(a, b) || changes_rewritten(c, b)))
		c->later |= FLOW_LATER_VALIDATION;
	if (err == CARD_OK)
		err = metadata(c, was, is);
	return err == CARD_OK ? information(c) : err;
}
