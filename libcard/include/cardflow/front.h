/* SPDX-License-Identifier: Apache-2.0 */
/*
 * front.h — pages of a PDF as pictures, and pictures as a PDF: what is printed, coded on the back,
 * and looked at. A document never touches the disk here.
 */
#ifndef CARDFLOW_FRONT_H
#define CARDFLOW_FRONT_H

#include <card/bytes.h>
#include <cardflow/grey.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Sheets of one certificate at most. */
#define FLOW_FRONT_PAGES_MAX 200u

/* Pages of a PDF. CARD_ERR_MALFORMED: no PDF, encrypted, or without pages; CARD_ERR_TOO_LONG;
 * CARD_ERR_UNSUPPORTED: libpoppler-glib, which draws PDFs, is not installed. */
CARD_API enum card_error flow_front_pages(struct card_bytes pdf, uint32_t *pages);

/* Draw a page (from 1) on white A4 at 300 dpi. CARD_ERR_NOT_FOUND: no such page;
 * CARD_ERR_UNSUPPORTED: the page is not A4 upright (within 2 mm); else as flow_front_pages. */
CARD_API enum card_error flow_front_draw(struct card_bytes pdf, uint32_t page,
					 struct flow_grey *out);

/* A PDF of pictures of 300 dpi, one a page; flow_front_draw gives them back as they were, and black and
 * white ones take a bit a pixel. Appended to out, which is left as it was on an error.
 * CARD_ERR_INVALID_ARGUMENT: also more than FLOW_FRONT_PAGES_MAX; CARD_ERR_NO_MEMORY. */
CARD_API enum card_error flow_front_pdf(const struct flow_grey *pages, uint32_t n, card_buf_t *out);

/*
 * One PDF for a printer that prints both sides: for each copy the front's pages, each followed by
 * the page of that copy's back, as a picture of 300 dpi. Every PDF has `pages` pages.
 * Appended to out. CARD_ERR_INVALID_ARGUMENT: also another number of pages; CARD_ERR_MALFORMED;
 * CARD_ERR_UNSUPPORTED as flow_front_pages; CARD_ERR_NO_MEMORY.
 */
CARD_API enum card_error flow_front_join(struct card_bytes front, const struct card_bytes *backs,
					 uint32_t copies, uint32_t pages, card_buf_t *out);

#ifdef __cplusplus
}
#endif
#endif
