/* SPDX-License-Identifier: Apache-2.0 */
/* pdf_sign.h — one signature on its way into a document. */
#ifndef DOCUMENT_PDF_SIGN_H
#define DOCUMENT_PDF_SIGN_H

#include <cardflow/sign.h>

#include "pdf_update.h"

struct pdf_job {
	struct pdf pdf;
	struct pdf_update up;
	const struct flow_pdf_options *opt;
	struct flow_pdf_fault fault;

	struct pdf_obj catalog, form, fields, annots;
	uint32_t catalog_number, form_number, annots_number; /* 0: written inline */
	unsigned certified;                                  /* DocMDP level, 0: none */
	struct pdf_page page; /* that the widget is on; with a field to be filled: of its widget */
	struct pdf_field target; /* the field to be filled; number 0: a new one */
	struct pdf_obj widget;   /* of the target, if it is an object of its own */
	uint32_t widget_number;  /* 0: field and widget are one */
	struct pdf_obj lock;     /* /Lock of the target; null: none */

	bool shown;
	double rect[4];       /* in the page's coordinates */
	double width, height; /* points, as the page is shown */

	uint32_t sig_number, field_number, label_number;
	size_t range_at, contents_at, room; /* places in the update */
};

/* Read what is there and see that the options can be met; pdf_close in any case. The error is
 * the one flow_pdf_sign answers, and fault.why is set. */
enum card_error pdf_job_prepare(struct pdf_job *j, struct card_bytes file,
				const struct flow_pdf_options *opt);

/* What the field to be filled asks for in /SV (§12.7.4.5); s NULL: the signer is not known yet.
 * CARD_ERR_DENIED: it cannot be met, fault says which. */
enum card_error pdf_job_seed(struct pdf_job *j, const struct pdf_obj *field,
			     const struct flow_signer *s);

/* Where the widget goes: rect, width, height out of the options and the page. */
enum card_error pdf_job_place(struct pdf_job *j);

/* Draw what is shown and write all objects of the update, with a hole for the CMS. */
enum card_error pdf_job_build(struct pdf_job *j, const struct flow_signer *s);

#endif
