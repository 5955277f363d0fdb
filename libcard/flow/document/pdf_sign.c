/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pdf_sign.c — a signature as an incremental update (ISO 32000-1 §7.5.6, §12.8; EN 319 142-1).
 */
#include "pdf_sign.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "digest.h"

static const struct flow_pdf_options plain = {.kind = FLOW_PDF_PADES};

/* ---- looking ---- */

enum card_error flow_pdf_look(const flow_file_t *in, enum flow_pdf_refusal *refusal,
			      uint64_t *pages, unsigned *signatures)
{
	struct pdf_obj tree, count = {.kind = PDF_NULL};
	struct pdf_fields fields = {NULL, 0};
	struct pdf_job j;

	if (in == NULL || refusal == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	if (pdf_job_prepare(&j, flow_file_bytes(in), &plain) == CARD_OK &&
	    (pdf_get_resolved(&j.pdf, &j.catalog, "Pages", &tree) != CARD_OK ||
	     pdf_get_resolved(&j.pdf, &tree, "Count", &count) != CARD_OK || count.number < 0 ||
	     pdf_signature_fields(&j.pdf, false, &fields) != CARD_OK))
		j.fault.why = FLOW_PDF_BROKEN;
	*refusal = j.fault.why;
	if (*refusal == FLOW_PDF_FINE && pages != NULL)
		*pages = (uint64_t)count.number;
	if (*refusal == FLOW_PDF_FINE && signatures != NULL)
		*signatures = (unsigned)fields.n;
	free(fields.field);
	pdf_close(&j.pdf);
	return CARD_OK;
}

enum card_error flow_pdf_check(const flow_file_t *in, const struct flow_pdf_options *opt,
			       struct flow_pdf_fault *fault)
{
	struct pdf_job j;

	if (in == NULL || opt == NULL || fault == NULL ||
	    (opt->field != NULL && opt->visible != NULL))
		return CARD_ERR_INVALID_ARGUMENT;
	(void)pdf_job_prepare(&j, flow_file_bytes(in), opt);
	*fault = j.fault;
	pdf_close(&j.pdf);
	return CARD_OK;
}

/* ---- fields ---- */

#define MM_PER_POINT (25.4 / 72.0)

static bool locked_before(struct pdf *p, const struct pdf_fields *all, const char *name)
{
	for (size_t i = 0; i < all->n; i++) {
		struct pdf_lock lock;

		if (all->field[i].value.kind == PDF_DICT &&
		    (pdf_lock_of_signature(p, &all->field[i].value, &lock) != CARD_OK ||
		     lock.p == 1 || pdf_lock_has(&lock, name)))
			return true;
	}
	return false;
}

static enum card_error describe(struct pdf *p, const struct pdf_fields *all,
				const struct pdf_field *f, struct flow_pdf_field *out)
{
	struct pdf_obj kids, widget = f->field;
	const struct pdf_obj *on;
	struct pdf_page page;
	double rect[4];
	enum card_error err = pdf_get_resolved(p, &f->field, "Kids", &kids);

	memset(out, 0, sizeof(*out));
	memcpy(out->name, f->name, sizeof out->name);
	out->filled = f->value.kind != PDF_NULL;
	out->locked = (f->flags & 1u) != 0 || (!out->filled && locked_before(p, all, f->name));
	if (err == CARD_OK && kids.kind == PDF_ARRAY && kids.n > 0)
		err = pdf_resolve(p, &kids.items[0], &widget);
	if (err != CARD_OK)
		return err;
	on = pdf_get(&widget, "P");
	if (on == NULL || on->kind != PDF_REF || on->number > PDF_OBJECTS_MAX ||
	    pdf_page_of(p, (uint32_t)on->number, &page) != CARD_OK ||
	    !pdf_rectangle(p, &widget, "Rect", rect))
		return CARD_OK;
	out->page = page.index;
	out->width =
		(rect[page.rotate % 180 == 90 ? 3 : 2] - rect[page.rotate % 180 == 90 ? 1 : 0]) *
		page.unit * MM_PER_POINT;
	out->height =
		(rect[page.rotate % 180 == 90 ? 2 : 3] - rect[page.rotate % 180 == 90 ? 0 : 1]) *
		page.unit * MM_PER_POINT;
	return CARD_OK;
}

enum card_error flow_pdf_fields(const flow_file_t *in, struct flow_pdf_field **out, size_t *n)
{
	struct pdf_fields all = {NULL, 0};
	struct pdf p;
	enum card_error err;

	if (in == NULL || out == NULL || n == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	*out = NULL;
	*n = 0;
	err = pdf_open(&p, flow_file_bytes(in));
	if (err == CARD_OK)
		err = pdf_signature_fields(&p, true, &all);
	if (err == CARD_OK) {
		*out = calloc(all.n + 1, sizeof(**out));
		if (*out == NULL)
			err = CARD_ERR_NO_MEMORY;
	}
	for (size_t i = 0; err == CARD_OK && i < all.n; i++)
		err = describe(&p, &all, &all.field[i], &(*out)[i]);
	if (err == CARD_OK) {
		*n = all.n;
	} else {
		free(*out);
		*out = NULL;
	}
	free(all.field);
	pdf_close(&p);
	return err == CARD_ERR_UNSUPPORTED ? CARD_ERR_MALFORMED : err;
}

/* ---- signing ---- */

/* Digest over the file and the update, without the hole. */
static enum card_error digest(const flow_file_t *in, const struct pdf_job *j, enum card_hash hash,
			      uint8_t out[CARD_HASH_MAX])
{
	const struct card_bytes whole = card_buf_bytes(&j->up.out);
	const size_t behind = j->contents_at + 2 + 2 * j->room;
	const struct card_bytes tail[] = {
		{whole.p, j->contents_at},
		{whole.p + behind, whole.n - behind},
	};

	return document_digest_with_tail(in, hash, tail, 2, out);
}

static enum card_error fill(const flow_file_t *in, struct pdf_job *j, const struct flow_signer *s)
{
	const size_t all = flow_file_bytes(in).n;
	const size_t gap = all + j->contents_at, behind = gap + 2 + 2 * j->room;
	const enum card_hash hash = flow_hash_for(s->cert);
	const unsigned plain_cms = j->opt->kind == FLOW_PDF_TOUKI ? FLOW_CMS_PLAIN : 0;
	static const char hex[] = "0123456789abcdef";
	uint8_t d[CARD_HASH_MAX];
	char range[64];
	card_buf_t cms = {0};
	enum card_error err;
	int n = snprintf(range, sizeof range, "%zu %zu %zu", gap, behind,
			 all + j->up.out.n - behind);

	memcpy(j->up.out.p + j->range_at, range, (size_t)n);
	err = digest(in, j, hash, d);
	if (err == CARD_OK)
		err = flow_cms_sign(s, card_bytes(d, card_hash_size(hash)), NULL,
				    FLOW_CMS_NO_SIGNING_TIME | plain_cms, &cms);
	if (err == CARD_OK && cms.n > j->room)
		err = CARD_ERR_TOO_LONG;
	for (size_t i = 0; err == CARD_OK && i < cms.n; i++) {
		uint8_t *to = j->up.out.p + j->contents_at + 1 + 2 * i;

		to[0] = (uint8_t)hex[cms.p[i] >> 4];
		to[1] = (uint8_t)hex[cms.p[i] & 15];
	}
	card_buf_free(&cms);
	return err;
}

enum card_error flow_pdf_sign(const flow_file_t *in, const struct flow_pdf_options *opt,
			      const struct flow_signer *s, card_buf_t *update)
{
	struct pdf_job j;
	enum card_error err;

	if (in == NULL || opt == NULL || s == NULL || s->cert == NULL || update == NULL ||
	    (opt->field != NULL && opt->visible != NULL))
		return CARD_ERR_INVALID_ARGUMENT;
	if (flow_hash_for(s->cert) == CARD_HASH_NONE)
		return CARD_ERR_UNSUPPORTED;
	err = pdf_job_prepare(&j, flow_file_bytes(in), opt);
	if (err == CARD_OK && j.target.number != 0)
		err = pdf_job_seed(&j, &j.target.field, s);
	if (err == CARD_OK)
		err = pdf_job_build(&j, s);
	if (opt->fault != NULL)
		*opt->fault = j.fault;
	if (err == CARD_OK)
		err = fill(in, &j, s);
	if (err == CARD_OK)
		err = card_buf_append(update, card_buf_bytes(&j.up.out));
	pdf_update_free(&j.up);
	pdf_close(&j.pdf);
	return err;
}
