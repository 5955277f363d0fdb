/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report.h — a report for people: sheets of A4 with a verdict, headings and rows, written as PDF
 * or as HTML that needs nothing else.
 *
 * Content is added from top to bottom and written once at the end. Every text is UTF-8 and is
 * shown as text, never as markup: characters that move the cursor or turn the direction of
 * writing, and bytes that are no UTF-8, appear as U+FFFD; a line feed begins a new line.
 * Nothing is cut off: a section is set smaller, down to three quarters, to stay on one page; if
 * that is not enough it goes on to the next.
 *
 * A sheet holds what it is given (personal data too) until flow_sheet_free, which wipes it.
 */
#ifndef CARDFLOW_REPORT_H
#define CARDFLOW_REPORT_H

#include <card/bytes.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct flow_sheet flow_sheet_t;

/* How something is to be taken. It shows as a sign and as a colour, never as a colour alone. */
enum flow_tone {
	FLOW_TONE_PLAIN = 0,
	FLOW_TONE_GOOD, /* valid, confirmed */
	FLOW_TONE_BAD,  /* invalid, refused */
	FLOW_TONE_OPEN  /* undetermined, to be looked at */
};

enum flow_sheet_form {
	FLOW_SHEET_PDF = 0, /* its structure as a tree, fonts embedded as subsets */
	FLOW_SHEET_HTML = 1 /* one file: no script, no network, prints as A4 */
};

/* An empty sheet. title stands on top and is the title of the document; lang is its language.
 * CARD_ERR_NO_MEMORY. */
CARD_API enum card_error flow_sheet_new(flow_sheet_t **out, const char *title, enum card_lang lang);
CARD_API void flow_sheet_free(flow_sheet_t **s);

/*
 * The functions that add keep the first error, which flow_sheet_write returns; after one they do
 * nothing. Texts are copied; NULL is the empty text.
 */

/* A mark on every page, such as "TEST" (テスト). At most one; the last counts. */
CARD_API void flow_sheet_mark(flow_sheet_t *s, const char *mark);

/* A line at the foot of every page, beside the number of the page. The last counts. */
CARD_API void flow_sheet_foot(flow_sheet_t *s, const char *text);

/* A box with one large word and a sentence on what it means. */
CARD_API void flow_sheet_verdict(flow_sheet_t *s, enum flow_tone tone, const char *word,
				 const char *sentence);

CARD_API void flow_sheet_heading(flow_sheet_t *s, const char *text);

/* What it is, and beside it what it says. */
CARD_API void flow_sheet_row(flow_sheet_t *s, const char *label, const char *value);

/* One point of a list with its sign. */
CARD_API void flow_sheet_item(flow_sheet_t *s, enum flow_tone tone, const char *text);

/* A paragraph. */
CARD_API void flow_sheet_text(flow_sheet_t *s, const char *text);

/* A picture at the right of what follows. png: a whole PNG file; width: in mm, at most 60; what:
 * a word for those who cannot see it. CARD_ERR_MALFORMED: not a PNG file. */
CARD_API void flow_sheet_picture(flow_sheet_t *s, struct card_bytes png, double width,
				 const char *what);

/* What follows begins on a new page. */
CARD_API void flow_sheet_page(flow_sheet_t *s);

/*
 * Append the whole to out. May be called more than once, in either form.
 * The first error of the functions above; CARD_ERR_UNSUPPORTED: no usable font is installed
 * (PDF); CARD_ERR_TOO_LONG: larger than CARD_BUF_MAX.
 */
CARD_API enum card_error flow_sheet_write(const flow_sheet_t *s, enum flow_sheet_form form,
					  card_buf_t *out);

#ifdef __cplusplus
}
#endif
#endif
