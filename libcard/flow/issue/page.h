/* SPDX-License-Identifier: Apache-2.0 */
/* page.h — A4 pages with text of known fonts: what the fonts cannot draw is an error, never a box
 * and never another glyph (flows K21). Measures are points, from the top left corner. */
#ifndef PAGE_H
#define PAGE_H

#include <cardflow/issue_certificate.h>

#include <cairo.h>
#include <pango/pangocairo.h>

#define PAGE_WIDTH  595.0
#define PAGE_HEIGHT 842.0

struct flow_fonts {
	PangoFontMap *map;
	PangoContext *context;
	PangoLayout *layout;
	char *family, *gaiji; /* gaiji NULL: none installed */
};

static inline const char *page_next_char(const char *c)
{
	return c + g_utf8_skip[*(const uint8_t *)c];
}

enum page_align { PAGE_LEFT, PAGE_CENTER, PAGE_RIGHT };

struct page_style {
	double size;
	enum page_align align;
	double spacing; /* between letters */
};

struct page {
	flow_fonts_t *fonts;
	cairo_surface_t *surface;
	cairo_t *cr;
	card_buf_t *pdf;     /* receives the file */
	card_buf_t *drawn;   /* every text drawn, in order, a line each */
	uint32_t missing;    /* first character that no font has; 0: none */
	enum card_error err; /* the first error; nothing is drawn after it */
};

/* A document begins. The same calls make the same bytes. */
enum card_error page_begin(struct page *p, flow_fonts_t *fonts, int64_t time, card_buf_t *pdf,
			   card_buf_t *drawn);
void page_next(struct page *p);
/* It ends: the file is complete. CARD_ERR_NOT_FOUND: p->missing. */
enum card_error page_end(struct page *p);

/* Text in a column of this width, broken where needed; `\n` begins a new line. */
double page_text_height(struct page *p, const struct page_style *s, double width, const char *text);
double page_text_width(struct page *p, const struct page_style *s, const char *text);
void page_text(struct page *p, const struct page_style *s, double x, double y, double width,
	       const char *text);

void page_line(struct page *p, double x1, double y1, double x2, double y2, double thickness);
void page_box(struct page *p, double x, double y, double w, double h, double thickness);
void page_tint(struct page *p, double x, double y, double w, double h);

/* PNG in base64, in a square of this side. CARD_ERR_MALFORMED in p->err. */
void page_picture(struct page *p, const char *base64, double x, double y, double side);

/* The official seal (公印): the text in columns from right to left, as outlines in red. */
void page_seal(struct page *p, const char *text, double x, double y, double side);

#endif
