/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pdf_label.h — what a visible signature shows, drawn as a PDF of one page.
 */
#ifndef DOCUMENT_PDF_LABEL_H
#define DOCUMENT_PDF_LABEL_H

#include <card/bytes.h>
#include <cardflow/sign.h>

struct pdf_label {
	struct card_bytes name;        /* UTF-8 */
	struct card_bytes substitutes; /* '1' for each character of name that is a 代替文字 */
	int64_t time;
	const char *reason, *location; /* may be NULL */
	double width, height;          /* points */
};

/*
 * Draw it, as large as it fits. Every character is drawn by a glyph of its own: one that no
 * font has, or a variation that the font has not, is refused and named in the fault.
 * CARD_ERR_UNSUPPORTED (FLOW_PDF_GLYPH), CARD_ERR_TOO_LONG (FLOW_PDF_ROOM),
 * CARD_ERR_INVALID_ARGUMENT (no UTF-8), CARD_ERR_INTERNAL.
 */
enum card_error pdf_label_draw(const struct pdf_label *label, card_buf_t *pdf,
			       struct flow_pdf_fault *fault);

#endif
