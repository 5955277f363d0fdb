/* SPDX-License-Identifier: Apache-2.0 */
/* form.h — a certificate as rows of cells in groups that stay together, cut into pages. */
#ifndef FORM_H
#define FORM_H

#include "page.h"

#define FORM_CELLS 8

enum form_look {
	FORM_VALUE = 0,
	FORM_LABEL,  /* tinted, small */
	FORM_NAME,   /* larger */
	FORM_AMOUNT, /* to the right */
	FORM_CENTER,
	FORM_SMALL
};

struct form_cell {
	double width; /* parts of the row; all rows of a form are as wide as the page */
	enum form_look look;
	char *text;
};

struct form_row {
	struct form_cell cell[FORM_CELLS];
	size_t n;
	double least; /* height */
	bool bare;    /* no lines around it */
};

/* Rows that stand on one page together. */
struct form_group {
	struct form_row *row;
	size_t n;
	char *tag;     /* in a narrow column at the left; NULL: none */
	double before; /* space above it */
};

struct form {
	const char *title;    /* static */
	double title_spacing; /* between its letters */
	char *subtitle;
	struct form_group *group;
	size_t n;
	bool repeat;         /* the first group stands on every page */
	char *sentence;      /* certification (R4-15) */
	const char *picture; /* base64 PNG, with the label beside it; borrowed; NULL: none */
	char *end;           /* 以下余白 */
	bool failed;         /* no memory */
};

/* Groups, rows and cells are added at the end. Texts are copied; NULL counts as "". */
void form_group(struct form *f, const char *tag, double before);
void form_row(struct form *f, double least);
void form_cell(struct form *f, double width, enum form_look look, const char *text);
void form_bare(struct form *f);
/* A label and its value. */
void form_pair(struct form *f, const char *label, double label_width, const char *value,
	       double value_width);
void form_text(struct form *f, char **where, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void form_free(struct form *f);

/* Draw it, as issued at this time. CARD_ERR_NOT_FOUND: *missing; CARD_ERR_TOO_LONG: a group larger than a page. */
enum card_error form_draw(const struct form *f, flow_fonts_t *fonts,
			  const struct flow_issuing_office *office, int64_t time,
			  struct flow_certificate *out);

#endif
