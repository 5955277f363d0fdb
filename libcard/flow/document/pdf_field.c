/* SPDX-License-Identifier: Apache-2.0 */
/* pdf_field.c — the fields of a form (ISO 32000-1 §12.7.3). */
#include "pdf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIELDS_SEEN_MAX 100000u
#define LEVELS_MAX      16u

struct walk {
	struct pdf *p;
	pdf_field_fn *fn;
	void *ctx;
	size_t seen;
};

/* What a field takes from the one above it (§12.7.3.1). */
struct above {
	const char *name;
	struct card_bytes type;
	unsigned flags;
};

static void join_name(const char *parent, const struct pdf_obj *part, char out[PDF_NAME_MAX])
{
	char own[PDF_NAME_MAX] = "";

	if (part != NULL && part->kind == PDF_STRING)
		pdf_text(part->text, own, sizeof own);
	if (*parent != '\0' && *own != '\0')
		snprintf(out, PDF_NAME_MAX, "%.100s.%.26s", parent, own);
	else
		snprintf(out, PDF_NAME_MAX, "%s", *own != '\0' ? own : parent);
}

static enum card_error level(struct walk *w, const struct pdf_obj *list, const struct above *above,
			     unsigned depth);

static bool has_named_kid(struct pdf *p, const struct pdf_obj *kids)
{
	struct pdf_obj kid;

	for (size_t i = 0; kids->kind == PDF_ARRAY && i < kids->n; i++) {
		if (pdf_resolve(p, &kids->items[i], &kid) == CARD_OK && pdf_get(&kid, "T") != NULL)
			return true;
	}
	return false;
}

static enum card_error one_field(struct walk *w, const struct pdf_obj *ref,
				 const struct above *above, unsigned depth)
{
	struct pdf_field f = {.number = ref->kind == PDF_REF ? (uint32_t)ref->number : 0,
			      .type = above->type,
			      .flags = above->flags};
	const struct pdf_obj *value;
	struct pdf_obj o, kids;
	enum card_error err = pdf_resolve(w->p, ref, &f.field);

	if (err != CARD_OK || f.field.kind != PDF_DICT)
		return err;
	if (f.field.twice)
		return CARD_ERR_MALFORMED;
	if (w->seen++ >= FIELDS_SEEN_MAX)
		return CARD_ERR_TOO_LONG;
	err = pdf_get_resolved(w->p, &f.field, "FT", &o);
	if (err == CARD_OK && o.kind == PDF_NAME)
		f.type = o.text;
	if (err == CARD_OK)
		err = pdf_get_resolved(w->p, &f.field, "Ff", &o);
	if (err == CARD_OK && o.kind == PDF_INT)
		f.flags = (unsigned)(o.number & 0x7FFFFFFF);
	if (err == CARD_OK)
		err = pdf_get_resolved(w->p, &f.field, "Kids", &kids);
	if (err != CARD_OK)
		return err;
	join_name(above->name, pdf_get(&f.field, "T"), f.name);
	f.named = pdf_get(&f.field, "T") != NULL;
	f.leaf = kids.kind != PDF_ARRAY || !has_named_kid(w->p, &kids);
	value = pdf_get(&f.field, "V");
	if (value != NULL) {
		f.value_number = value->kind == PDF_REF ? (uint32_t)value->number : 0;
		err = pdf_resolve(w->p, value, &f.value);
	}
	if (err == CARD_OK)
		err = w->fn(w->ctx, &f);
	if (err == CARD_OK && kids.kind == PDF_ARRAY)
		err = level(w, &kids, &(struct above){f.name, f.type, f.flags}, depth - 1);
	return err;
}

static enum card_error level(struct walk *w, const struct pdf_obj *list, const struct above *above,
			     unsigned depth)
{
	enum card_error err = depth == 0 ? CARD_ERR_TOO_LONG : CARD_OK;

	for (size_t i = 0; err == CARD_OK && i < list->n; i++)
		err = one_field(w, &list->items[i], above, depth);
	return err;
}

enum card_error pdf_each_field(struct pdf *p, pdf_field_fn *fn, void *ctx)
{
	struct walk w = {p, fn, ctx, 0};
	struct pdf_obj catalog, form, fields;
	enum card_error err = pdf_catalog(p, &catalog);

	if (err == CARD_OK)
		err = pdf_get_resolved(p, &catalog, "AcroForm", &form);
	if (err == CARD_OK)
		err = pdf_get_resolved(p, &form, "Fields", &fields);
	if (err == CARD_OK && fields.kind == PDF_ARRAY)
		err = level(&w, &fields, &(struct above){"", {NULL, 0}, 0}, LEVELS_MAX);
	return err;
}

bool pdf_field_is(const struct pdf_field *f, const char *type)
{
	return card_bytes_equal(f->type, card_bytes(type, strlen(type)));
}

/* ---- signature fields ---- */

struct collect {
	struct pdf_fields *out;
	bool empty_too;
};

static enum card_error collect(void *ctx, const struct pdf_field *f)
{
	struct collect *c = ctx;
	struct pdf_field *more;

	if (!pdf_field_is(f, "Sig") ||
	    (f->value.kind == PDF_NULL && (!c->empty_too || !f->named || !f->leaf)))
		return CARD_OK;
	if (c->out->n == PDF_FIELDS_MAX)
		return CARD_ERR_TOO_LONG;
	more = realloc(c->out->field, (c->out->n + 1) * sizeof(*more));
	if (more == NULL)
		return CARD_ERR_NO_MEMORY;
	c->out->field = more;
	c->out->field[c->out->n++] = *f;
	return CARD_OK;
}

enum card_error pdf_signature_fields(struct pdf *p, bool empty_too, struct pdf_fields *out)
{
	struct collect c = {out, empty_too};

	memset(out, 0, sizeof(*out));
	return pdf_each_field(p, collect, &c);
}
