/* SPDX-License-Identifier: Apache-2.0 */
/* sheet.h — what a sheet is made of, for its two writers. */
#ifndef FLOW_SHEET_H
#define FLOW_SHEET_H

#include <cardflow/report.h>

enum block_kind {
	BLOCK_VERDICT = 0,
	BLOCK_HEADING,
	BLOCK_ROW,
	BLOCK_ITEM,
	BLOCK_TEXT,
	BLOCK_PICTURE,
	BLOCK_PAGE
};

struct block {
	enum block_kind kind;
	enum flow_tone tone;
	char *first, *second; /* never NULL; clean UTF-8 */
	card_buf_t picture;
	double width; /* of the picture, mm */
};

struct flow_sheet {
	enum card_lang lang;
	char *title, *mark, *foot; /* never NULL; clean UTF-8 */
	struct block *blocks;
	size_t n, cap;
	enum card_error err;
};

/* Red, green, blue from 0 to 255. */
struct ink {
	uint8_t r, g, b;
};

/* The colour of a tone, and a pale one to write it on. */
struct ink sheet_ink(enum flow_tone tone);
struct ink sheet_paper(enum flow_tone tone);

enum card_error sheet_write_html(const struct flow_sheet *s, card_buf_t *out);
enum card_error sheet_write_pdf(const struct flow_sheet *s, card_buf_t *out);

#endif
