/* SPDX-License-Identifier: Apache-2.0 */
/* pdf_job.c — may this document be signed so, and what has to be rewritten for it. */
#include "pdf_sign.h"

#include <stdlib.h>
#include <string.h>

#define READ_ONLY 0x1u /* bit of Ff (table 221) */

static enum card_error refuse(struct pdf_job *j, enum flow_pdf_refusal why, enum card_error err)
{
	j->fault.why = why;
	return err;
}

static uint32_t number_of(const struct pdf_obj *o)
{
	return o != NULL && o->kind == PDF_REF && o->number <= PDF_OBJECTS_MAX ? (uint32_t)o->number
									       : 0;
}

/* ---- the document ---- */

static enum card_error open_document(struct pdf_job *j, struct card_bytes bytes)
{
	enum card_error err;

	/* Offsets in a table have ten digits (§7.5.4). */
	if (bytes.n > UINT64_C(9999000000))
		return CARD_ERR_TOO_LONG;
	err = pdf_open(&j->pdf, bytes);
	if (err == CARD_OK && pdf_get(&j->pdf.trailer, "Encrypt") != NULL)
		return refuse(j, FLOW_PDF_ENCRYPTED, CARD_ERR_UNSUPPORTED);
	if (err == CARD_OK)
		err = pdf_certified(&j->pdf, &j->certified, NULL);
	if (err == CARD_OK && j->certified == 1)
		return refuse(j, FLOW_PDF_CERTIFIED, CARD_ERR_DENIED);
	return err;
}

static enum card_error find_form(struct pdf_job *j)
{
	enum card_error err = pdf_catalog(&j->pdf, &j->catalog);

	j->catalog_number = number_of(pdf_get(&j->pdf.trailer, "Root"));
	if (err == CARD_OK && j->catalog_number == 0)
		err = CARD_ERR_MALFORMED;
	if (err == CARD_OK)
		err = pdf_get_resolved(&j->pdf, &j->catalog, "AcroForm", &j->form);
	j->form_number = number_of(pdf_get(&j->catalog, "AcroForm"));
	if (err == CARD_OK)
		err = pdf_get_resolved(&j->pdf, &j->form, "Fields", &j->fields);
	if (err == CARD_OK && j->form.kind == PDF_DICT && j->form.twice)
		err = CARD_ERR_MALFORMED;
	if (err == CARD_OK && j->form.kind != PDF_DICT)
		j->form_number = 0;
	return err;
}

/* ---- the field to be filled ---- */

/* Does an earlier signature forbid this field, or any change? */
static enum card_error see_locks(struct pdf_job *j, const struct pdf_fields *all, const char *name)
{
	enum card_error err = CARD_OK;

	for (size_t i = 0; err == CARD_OK && i < all->n; i++) {
		struct pdf_lock lock;

		if (all->field[i].value.kind != PDF_DICT)
			continue;
		err = pdf_lock_of_signature(&j->pdf, &all->field[i].value, &lock);
		if (err == CARD_OK && lock.p == 1)
			return refuse(j, FLOW_PDF_CERTIFIED, CARD_ERR_DENIED);
		if (err == CARD_OK && name != NULL && pdf_lock_has(&lock, name))
			return refuse(j, FLOW_PDF_LOCKED, CARD_ERR_DENIED);
	}
	return err;
}

static enum card_error find_widget(struct pdf_job *j)
{
	const struct pdf_obj *field = &j->target.field;
	struct pdf_obj kids;
	enum card_error err = pdf_get_resolved(&j->pdf, field, "Kids", &kids);

	j->widget = *field;
	if (err == CARD_OK && kids.kind == PDF_ARRAY && kids.n > 0) {
		j->widget_number = number_of(&kids.items[0]);
		if (j->widget_number == 0)
			return CARD_ERR_MALFORMED;
		err = pdf_load(&j->pdf, j->widget_number, &j->widget, NULL);
		if (err == CARD_OK && (j->widget.kind != PDF_DICT || j->widget.twice))
			err = CARD_ERR_MALFORMED;
	}
	if (err == CARD_OK)
		err = pdf_page_of(&j->pdf, number_of(pdf_get(&j->widget, "P")), &j->page);
	if (err == CARD_ERR_NOT_FOUND) {
		j->page.unit = 1; /* the page is not named: upright */
		err = CARD_OK;
	}
	return err;
}

static void measure_widget(struct pdf_job *j)
{
	double w, h;

	j->shown = false;
	if (!pdf_rectangle(&j->pdf, &j->widget, "Rect", j->rect))
		return;
	w = (j->rect[2] - j->rect[0]) * j->page.unit;
	h = (j->rect[3] - j->rect[1]) * j->page.unit;
	j->width = j->page.rotate % 180 == 90 ? h : w;
	j->height = j->page.rotate % 180 == 90 ? w : h;
	j->shown = w > 0 && h > 0 && !j->opt->blank;
}

static enum card_error choose_field(struct pdf_job *j, const struct pdf_fields *all)
{
	const struct pdf_field *f = NULL;
	enum card_error err;

	for (size_t i = 0; f == NULL && i < all->n; i++) {
		if (strcmp(all->field[i].name, j->opt->field) == 0)
			f = &all->field[i];
	}
	if (f == NULL)
		return refuse(j, FLOW_PDF_NO_FIELD, CARD_ERR_NOT_FOUND);
	if (f->value.kind != PDF_NULL)
		return refuse(j, FLOW_PDF_FILLED, CARD_ERR_DENIED);
	if ((f->flags & READ_ONLY) != 0)
		return refuse(j, FLOW_PDF_LOCKED, CARD_ERR_DENIED);
	if (f->number == 0)
		return CARD_ERR_MALFORMED;
	j->target = *f;
	err = find_widget(j);
	if (err == CARD_OK)
		err = pdf_get_resolved(&j->pdf, &f->field, "Lock", &j->lock);
	if (err != CARD_OK)
		return err;
	measure_widget(j);
	return pdf_job_seed(j, &f->field, NULL);
}

/* ---- a new field ---- */

static enum card_error choose_page(struct pdf_job *j)
{
	const struct flow_pdf_visible *v = j->opt->visible;
	enum card_error err = pdf_page_at(&j->pdf, v != NULL ? v->page : 1, &j->page);

	if (err == CARD_ERR_NOT_FOUND)
		return v != NULL ? refuse(j, FLOW_PDF_NO_PAGE, err) : CARD_ERR_MALFORMED;
	if (err == CARD_OK)
		err = pdf_get_resolved(&j->pdf, &j->page.dict, "Annots", &j->annots);
	j->annots_number = number_of(pdf_get(&j->page.dict, "Annots"));
	if (err == CARD_OK && j->annots.kind != PDF_ARRAY)
		j->annots_number = 0;
	j->shown = v != NULL;
	if (err != CARD_OK || !j->shown)
		return err;
	/* Content could be covered by it: to a certification it is no permitted change. */
	if (j->certified != 0)
		return refuse(j, FLOW_PDF_HIDDEN_ONLY, CARD_ERR_DENIED);
	return pdf_job_place(j);
}

static enum flow_pdf_refusal refusal_of(enum card_error err)
{
	return err == CARD_OK             ? FLOW_PDF_FINE
	       : err == CARD_ERR_TOO_LONG ? FLOW_PDF_LARGE
					  : FLOW_PDF_BROKEN;
}

enum card_error pdf_job_prepare(struct pdf_job *j, struct card_bytes file,
				const struct flow_pdf_options *opt)
{
	struct pdf_fields all = {NULL, 0};
	enum card_error err;

	memset(j, 0, sizeof(*j));
	j->opt = opt;
	err = open_document(j, file);
	if (err == CARD_OK)
		err = find_form(j);
	if (err == CARD_OK)
		err = pdf_signature_fields(&j->pdf, true, &all);
	if (err == CARD_OK)
		err = see_locks(j, &all, opt->field);
	if (err == CARD_OK)
		err = opt->field != NULL ? choose_field(j, &all) : choose_page(j);
	free(all.field);
	if (j->fault.why != FLOW_PDF_FINE)
		return err;
	if (err == CARD_ERR_UNSUPPORTED) /* a filter, not the encryption */
		err = CARD_ERR_MALFORMED;
	j->fault.why = refusal_of(err);
	return err;
}
