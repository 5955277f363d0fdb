/* SPDX-License-Identifier: Apache-2.0 */
/* page_seal.c — the official seal: outlines, so that it is no part of the text of the document. */
#include "page.h"

#include <math.h>
#include <string.h>

#define RED     0.78, 0.05, 0.07
#define LETTERS 16

static void frame(cairo_t *cr, double x, double y, double side, double round)
{
	cairo_new_sub_path(cr);
	cairo_arc(cr, x + side - round, y + round, round, -M_PI / 2, 0);
	cairo_arc(cr, x + side - round, y + side - round, round, 0, M_PI / 2);
	cairo_arc(cr, x + round, y + side - round, round, M_PI / 2, M_PI);
	cairo_arc(cr, x + round, y + round, round, M_PI, 3 * M_PI / 2);
	cairo_close_path(cr);
}

/* One character stretched into its cell, heavier than in text. */
static void letter(struct page *p, const char *text, size_t n, double x, double y, double w,
		   double h)
{
	PangoLayout *l = p->fonts->layout;
	PangoFontDescription *d = pango_font_description_new();
	double x1, y1, x2, y2;

	pango_font_description_set_family_static(d, p->fonts->family);
	pango_font_description_set_absolute_size(d, 100 * PANGO_SCALE);
	pango_layout_set_attributes(l, NULL);
	pango_layout_set_width(l, -1);
	pango_layout_set_font_description(l, d);
	pango_layout_set_text(l, text, (int)n);
	pango_font_description_free(d);
	cairo_save(p->cr);
	cairo_new_path(p->cr);
	cairo_move_to(p->cr, 0, 0);
	pango_cairo_layout_path(p->cr, l);
	cairo_path_extents(p->cr, &x1, &y1, &x2, &y2);
	cairo_new_path(p->cr);
	if (x2 > x1 && y2 > y1) {
		cairo_translate(p->cr, x, y);
		cairo_scale(p->cr, w / (x2 - x1), h / (y2 - y1));
		cairo_translate(p->cr, -x1, -y1);
		cairo_move_to(p->cr, 0, 0);
		pango_cairo_layout_path(p->cr, l);
		cairo_fill_preserve(p->cr);
		cairo_set_line_width(p->cr, 3.2);
		cairo_stroke(p->cr);
	}
	cairo_restore(p->cr);
}

/* Columns of the same height as far as the number of letters allows: 6 stand in two columns of
 * three, 9 in three of three. */
static size_t columns_of(size_t n)
{
	for (size_t c = (size_t)sqrt((double)n); c > 1; c--) {
		if (n % c == 0)
			return c;
	}
	return n > 3 ? (size_t)ceil(sqrt((double)n)) : 1;
}

void page_seal(struct page *p, const char *text, double x, double y, double side)
{
	const size_t n = (size_t)g_utf8_strlen(text, -1);
	const size_t columns = n > 0 && n <= LETTERS ? columns_of(n) : 0;
	const size_t rows = columns > 0 ? (n + columns - 1) / columns : 0;
	const double edge = side * 0.085, w = columns > 0 ? (side - 2 * edge) / (double)columns : 0,
		     h = rows > 0 ? (side - 2 * edge) / (double)rows : 0;
	const char *c = text;

	if (p->err != CARD_OK)
		return;
	if (columns == 0 || rows == 0) {
		p->err = CARD_ERR_INVALID_ARGUMENT;
		return;
	}
	cairo_save(p->cr);
	cairo_set_source_rgb(p->cr, RED);
	cairo_set_line_join(p->cr, CAIRO_LINE_JOIN_ROUND);
	cairo_set_line_width(p->cr, side * 0.035);
	frame(p->cr, x, y, side, side * 0.03);
	cairo_stroke(p->cr);
	for (size_t i = 0; i < n; i++, c = page_next_char(c)) {
		const size_t column = columns - 1 - i / rows, row = i % rows;

		letter(p, c, (size_t)(page_next_char(c) - c),
		       x + edge + (double)column * w + w * 0.06,
		       y + edge + (double)row * h + h * 0.05, w * 0.88, h * 0.90);
	}
	cairo_restore(p->cr);
}
