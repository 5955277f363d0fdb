/* SPDX-License-Identifier: Apache-2.0 */
/* pdf_change_field.c — fields that were added, signed or filled after a signature. */
#include "pdf_changes.h"

#include <string.h>

#define READ_ONLY 0x1u /* bit of Ff (table 221) */

static bool has_area(struct pdf *p, const struct pdf_obj *widget)
{
	double r[4];

	/* A rectangle that cannot be read is taken for one that is shown. */
	if (pdf_get(widget, "Rect") == NULL)
		return pdf_get(widget, "AP") != NULL;
	return !pdf_rectangle(p, widget, "Rect", r) || (r[2] > r[0] && r[3] > r[1]);
}

/* A timestamp of the document is a signature of an authority, not of a person. */
static enum card_error note_value(struct changes *c, const struct pdf_obj *field)
{
	struct pdf_obj value;
	const enum card_error err = pdf_get_resolved(c->after, field, "V", &value);

	if (err == CARD_OK && value.kind == PDF_NULL)
		c->later |= FLOW_LATER_FIELD;
	else if (pdf_is_name(pdf_get(&value, "SubFilter"), "ETSI.RFC3161"))
		c->later |= FLOW_LATER_TIMESTAMP;
	else
		c->later |= FLOW_LATER_SIGNATURE;
	return err;
}

enum card_error changes_new_signature(struct changes *c, const struct pdf_obj *ref, bool *yes)
{
	/* No action, no value of another kind, nothing below it. */
	static const char *const keys[] = {
		"Type", "Subtype", "FT", "T",      "TU",   "V",  "F",  "Ff", "Rect", "P", "AP",
		"MK",   "DA",      "BS", "Border", "Lock", "SV", "DR", "Q",  "AS",   "M", NULL};
	static const struct pdf_obj none = {.kind = PDF_DICT};
	const struct pdf_obj *type, *subtype;
	struct pdf_obj o;
	enum card_error err;

	*yes = false;
	if (!changes_is_new(c, ref))
		return CARD_OK;
	err = pdf_load(c->after, (uint32_t)ref->number, &o, NULL);
	if (err != CARD_OK || o.kind != PDF_DICT || o.twice ||
	    !pdf_is_name(pdf_get(&o, "FT"), "Sig"))
		return err;
	type = pdf_get(&o, "Type");
	subtype = pdf_get(&o, "Subtype");
	if ((type != NULL && !pdf_is_name(type, "Annot")) ||
	    (subtype != NULL && !pdf_is_name(subtype, "Widget")) ||
	    !changes_equal_but(&o, &none, keys))
		return CARD_OK;
	if (has_area(c->after, &o)) {
		/* It can cover what was signed: only with a signature that answers for it, and
		 * never on a certified document, whose author placed no such field. */
		if (pdf_get(&o, "V") == NULL)
			return CARD_OK;
		c->forbidden = c->forbidden || c->policy->certified != 0;
		c->later |= FLOW_LATER_VISIBLE;
	}
	*yes = true;
	return note_value(c, &o);
}

/* ---- roles ---- */

/* What a widget shows may be written anew as long as only widgets like it refer to that. */
static enum card_error appearance(struct changes *c, const struct pdf_obj *widget)
{
	const struct pdf_obj *ap = pdf_get(widget, "AP"), *normal;
	struct pdf_obj dict, states;
	enum card_error err;

	if (ap == NULL)
		return CARD_OK;
	changes_set_role(c, ap, ROLE_APPEARANCE);
	err = pdf_resolve(c->before, ap, &dict);
	normal = err == CARD_OK ? pdf_get(&dict, "N") : NULL;
	if (normal == NULL)
		return err;
	changes_set_role(c, normal, ROLE_APPEARANCE);
	err = pdf_resolve(c->before, normal, &states);
	/* A stream loads as its dictionary, which holds no references to other states. */
	for (size_t i = 1; err == CARD_OK && states.kind == PDF_DICT &&
			   pdf_get(&states, "Length") == NULL && i < states.n;
	     i += 2)
		changes_set_role(c, &states.items[i], ROLE_APPEARANCE);
	return err;
}

static enum card_error one_field(void *ctx, const struct pdf_field *f)
{
	struct changes *c = ctx;
	const struct pdf_obj ref = {.kind = PDF_REF, .number = f->number};

	if (pdf_field_is(f, "Sig")) {
		if (f->named && f->value.kind == PDF_NULL)
			changes_set_role(c, &ref, ROLE_EMPTY);
		return CARD_OK;
	}
	if (!c->policy->fill || (f->flags & READ_ONLY) != 0 ||
	    pdf_lock_has(&c->policy->lock, f->name))
		return CARD_OK;
	if (!pdf_field_is(f, "Tx") && !pdf_field_is(f, "Ch") && !pdf_field_is(f, "Btn"))
		return CARD_OK;
	changes_set_role(c, &ref, ROLE_FILLABLE);
	return appearance(c, &f->field);
}

enum card_error changes_find_fields(struct changes *c)
{
	return pdf_each_field(c->before, one_field, c);
}

/* ---- rewritten ---- */

/* An empty signature field that got its value, or the widget below it. */
static enum card_error signed_field(struct changes *c, const struct pdf_obj *was,
				    const struct pdf_obj *is, const char *name, bool *yes)
{
	static const char *const may[] = {"V", "AP", "F", "M", NULL};

	if (pdf_get(is, "V") == NULL || !changes_is_new(c, pdf_get(is, "V")) ||
	    !changes_equal_but(was, is, may))
		return CARD_OK;
	*yes = true;
	c->forbidden = c->forbidden || pdf_lock_has(&c->policy->lock, name);
	if (has_area(c->after, is) && pdf_get(is, "AP") != NULL)
		c->later |= FLOW_LATER_VISIBLE;
	return note_value(c, is);
}

struct by_number {
	uint32_t number;
	char name[PDF_NAME_MAX];
};

static enum card_error take_name(void *ctx, const struct pdf_field *f)
{
	struct by_number *b = ctx;

	if (f->number == b->number)
		memcpy(b->name, f->name, sizeof b->name);
	return CARD_OK;
}

static enum card_error signed_widget(struct changes *c, const struct pdf_obj *was,
				     const struct pdf_obj *is, bool *yes)
{
	static const char *const may[] = {"AP", "F", "M", NULL};
	const struct pdf_obj *parent = pdf_get(was, "Parent");
	struct pdf_obj now;
	enum card_error err = CARD_OK;

	if (changes_role(c, parent) != ROLE_EMPTY || !changes_equal_but(was, is, may))
		return CARD_OK;
	err = pdf_resolve(c->after, parent, &now);
	*yes = err == CARD_OK && changes_is_new(c, pdf_get(&now, "V"));
	if (*yes && has_area(c->after, is))
		c->later |= FLOW_LATER_VISIBLE;
	return err;
}

/* Nothing but a field: a dictionary that is something else too is not written anew. */
static bool is_field(const struct pdf_obj *o)
{
	static const char *const keys[] = {
		"Type", "Subtype", "FT", "T",  "TU", "TM",     "Ff",       "V",    "DV",
		"AA",   "DA",      "Q",  "DS", "RV", "Rect",   "Contents", "P",    "NM",
		"M",    "F",       "AP", "AS", "C",  "Border", "Parent",   "Kids", "StructParent",
		"OC",   "H",       "MK", "A",  "BS", "I",      "Opt",      "TI",   "MaxLen",
		NULL};
	static const struct pdf_obj none = {.kind = PDF_DICT};
	const struct pdf_obj *state = pdf_get(o, "AS"), *type = pdf_get(o, "Type");

	return changes_equal_but(o, &none, keys) && (state == NULL || state->kind == PDF_NAME) &&
	       (type == NULL || pdf_is_name(type, "Annot"));
}

enum card_error changes_field(struct changes *c, uint32_t number, const struct pdf_obj *was,
			      const struct pdf_obj *is, bool *yes)
{
	static const char *const may[] = {"V", "AP", "AS", "RV", "I", "M", NULL};
	struct by_number b = {number, ""};
	enum card_error err;

	*yes = false;
	switch ((enum change_role)c->role[number]) {
	case ROLE_EMPTY:
		err = pdf_each_field(c->before, take_name, &b);
		return err == CARD_OK ? signed_field(c, was, is, b.name, yes) : err;
	case ROLE_FILLABLE:
		*yes = is_field(was) && is_field(is) && changes_equal_but(was, is, may);
		if (*yes)
			c->later |= FLOW_LATER_FORM;
		return CARD_OK;
	case ROLE_APPEARANCE:
		*yes = true;
		c->later |= FLOW_LATER_FORM;
		return CARD_OK;
	default:
		return signed_widget(c, was, is, yes);
	}
}
