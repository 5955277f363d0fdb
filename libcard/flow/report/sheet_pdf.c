/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sheet_pdf.c — a sheet as PDF: A4, set twice. The first pass draws nothing and finds how large
 * each section may be set and how many pages there are; the second draws.
 */
#include <cairo-pdf.h>
#include <cairo.h>
#include <math.h>
#include <pango/pangocairo.h>
#include <string.h>

#include "sheet.h"

/* Points of 1/72 inch. */
#define PAGE_W  595.276
#define PAGE_H  841.890
#define LEFT    56.0
#define TOP     54.0
#define BOTTOM  62.0
#define LABEL_W 112.0
#define SIGN_W  16.0
#define MM      (72.0 / 25.4)
#define LEADING 1.22
#define KEEP    48.0 /* what begins near the foot of a page has so much of it there */
#define FONT    "IPAexGothic, Noto Sans CJK JP, sans-serif"

#define COLUMN_W (PAGE_W - 2 * LEFT)

static const struct ink grey = {75, 85, 99}, line_ink = {156, 163, 175};

/* Where the next thing goes. */
struct pen {
	const struct flow_sheet *sheet;
	cairo_t *cr;
	PangoLayout *layout;
	PangoLayout *edge; /* of its own: pages turn in the middle of a layout */
	bool draw;
	double scale, y;
	unsigned page, pages;         /* of so many */
	double float_w, float_bottom; /* a picture at the right, as high as that */
	const char *tag;              /* structure element that is open, or NULL */
};

static void ink(const struct pen *p, struct ink c)
{
	cairo_set_source_rgb(p->cr, c.r / 255.0, c.g / 255.0, c.b / 255.0);
}

static void open_tag(struct pen *p, const char *name)
{
	p->tag = name;
	if (p->draw)
		cairo_tag_begin(p->cr, name, NULL);
}

static void close_tag(struct pen *p)
{
	if (p->draw && p->tag != NULL)
		cairo_tag_end(p->cr, p->tag);
	p->tag = NULL;
}

/* Prepare the layout: text of so many points, so wide. */
static void set(const struct pen *p, const char *text, double size, bool bold, double width)
{
	PangoFontDescription *font = pango_font_description_from_string(FONT);

	pango_font_description_set_absolute_size(font, size * PANGO_SCALE);
	pango_font_description_set_weight(font, bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
	pango_layout_set_font_description(p->layout, font);
	pango_font_description_free(font);
	pango_layout_set_width(p->layout, (int)(width * PANGO_SCALE));
	pango_layout_set_wrap(p->layout, PANGO_WRAP_WORD_CHAR);
	pango_layout_set_text(p->layout, text, -1);
}

/* ---- pages ---- */

static double text_width(const struct pen *p)
{
	int w, h;

	pango_layout_get_size(p->layout, &w, &h);
	return (double)w / PANGO_SCALE;
}

static void draw_foot(const struct pen *of)
{
	struct pen edge = *of, *p = &edge;
	char number[48];

	edge.layout = of->edge;
	ink(p, line_ink);
	cairo_set_line_width(p->cr, 0.5);
	cairo_move_to(p->cr, LEFT, PAGE_H - BOTTOM + 14);
	cairo_line_to(p->cr, PAGE_W - LEFT, PAGE_H - BOTTOM + 14);
	cairo_stroke(p->cr);
	ink(p, grey);
	set(p, p->sheet->foot, 8, false, COLUMN_W - 60);
	cairo_move_to(p->cr, LEFT, PAGE_H - BOTTOM + 18);
	pango_cairo_show_layout(p->cr, p->layout);
	snprintf(number, sizeof number, "%u / %u", p->page, p->pages);
	set(p, number, 8, false, 60);
	cairo_move_to(p->cr, PAGE_W - LEFT - text_width(p), PAGE_H - BOTTOM + 18);
	pango_cairo_show_layout(p->cr, p->layout);
}

static void draw_mark(const struct pen *of)
{
	const struct ink red = sheet_ink(FLOW_TONE_BAD);
	struct pen edge = *of, *p = &edge;
	double w;

	edge.layout = of->edge;
	if (*p->sheet->mark == '\0')
		return;
	ink(p, red);
	set(p, p->sheet->mark, 12, true, 160);
	w = text_width(p);
	cairo_move_to(p->cr, PAGE_W - LEFT - w - 8, TOP - 26);
	pango_cairo_show_layout(p->cr, p->layout);
	cairo_set_line_width(p->cr, 1.5);
	cairo_rectangle(p->cr, PAGE_W - LEFT - w - 16, TOP - 29, w + 16, 21);
	cairo_stroke(p->cr);
}

static void begin_page(struct pen *p)
{
	p->page++;
	p->y = TOP;
	p->float_bottom = 0;
	if (p->draw)
		draw_mark(p);
}

static void end_page(struct pen *p)
{
	if (!p->draw)
		return;
	draw_foot(p);
	cairo_show_page(p->cr);
}

static void turn(struct pen *p)
{
	const char *tag = p->tag;

	close_tag(p);
	end_page(p);
	begin_page(p);
	if (tag != NULL)
		open_tag(p, tag);
}

/* Go to the next page unless so much still fits on this one. */
static void need(struct pen *p, double height)
{
	if (p->y + height > PAGE_H - BOTTOM && p->y > TOP)
		turn(p);
}

/* Width of the column here, beside a picture. */
static double room(const struct pen *p)
{
	return p->y < p->float_bottom ? COLUMN_W - p->float_w : COLUMN_W;
}

/* ---- blocks ---- */

/* Set the lines of the layout from here on, over as many pages as they take. */
static void run_lines(struct pen *p, double x, struct ink colour)
{
	PangoLayoutIter *it = pango_layout_get_iter(p->layout);

	do {
		PangoLayoutLine *line = pango_layout_iter_get_line_readonly(it);
		int top, bottom, base = pango_layout_iter_get_baseline(it);
		double h;

		pango_layout_iter_get_line_yrange(it, &top, &bottom);
		h = (double)(bottom - top) / PANGO_SCALE * LEADING;
		need(p, h);
		if (p->draw) {
			ink(p, colour);
			cairo_move_to(p->cr, x, p->y + (double)(base - top) / PANGO_SCALE);
			pango_cairo_show_layout_line(p->cr, line);
		}
		p->y += h;
	} while (pango_layout_iter_next_line(it));
	pango_layout_iter_free(it);
}

static double layout_height(const struct pen *p)
{
	int w, h;

	pango_layout_get_size(p->layout, &w, &h);
	return (double)h / PANGO_SCALE * LEADING;
}

/* A check, a cross or a question in a disc of radius r; for plain text a dot. */
static void draw_sign(const struct pen *p, enum flow_tone tone, double x, double y, double r)
{
	ink(p, sheet_ink(tone));
	cairo_new_path(p->cr);
	cairo_arc(p->cr, x, y, tone == FLOW_TONE_PLAIN ? r / 3 : r, 0, 2 * M_PI);
	cairo_fill(p->cr);
	cairo_set_source_rgb(p->cr, 1, 1, 1);
	cairo_set_line_width(p->cr, r / 4);
	cairo_set_line_cap(p->cr, CAIRO_LINE_CAP_ROUND);
	if (tone == FLOW_TONE_GOOD) {
		cairo_move_to(p->cr, x - r * 0.45, y + r * 0.05);
		cairo_line_to(p->cr, x - r * 0.1, y + r * 0.4);
		cairo_line_to(p->cr, x + r * 0.5, y - r * 0.35);
	} else if (tone == FLOW_TONE_BAD) {
		cairo_move_to(p->cr, x - r * 0.4, y - r * 0.4);
		cairo_line_to(p->cr, x + r * 0.4, y + r * 0.4);
		cairo_move_to(p->cr, x + r * 0.4, y - r * 0.4);
		cairo_line_to(p->cr, x - r * 0.4, y + r * 0.4);
	} else if (tone == FLOW_TONE_OPEN) {
		cairo_arc(p->cr, x, y - r * 0.2, r * 0.33, -M_PI * 0.95, M_PI * 0.4);
		cairo_line_to(p->cr, x, y + r * 0.25);
		cairo_move_to(p->cr, x, y + r * 0.6);
		cairo_line_to(p->cr, x, y + r * 0.6);
	}
	cairo_stroke(p->cr);
}

static void verdict(struct pen *p, const struct block *b)
{
	const double width = room(p), inner = width - 66;
	double word, sentence, height, top;

	set(p, b->first, 20, true, inner);
	word = layout_height(p);
	set(p, b->second, 10 * p->scale, false, inner);
	sentence = *b->second != '\0' ? layout_height(p) : 0;
	height = word + sentence + 20;
	need(p, height + 8);
	top = p->y;
	if (p->draw) {
		ink(p, sheet_paper(b->tone));
		cairo_rectangle(p->cr, LEFT, top, width, height);
		cairo_fill(p->cr);
		ink(p, sheet_ink(b->tone));
		cairo_rectangle(p->cr, LEFT, top, 5, height);
		cairo_fill(p->cr);
		draw_sign(p, b->tone, LEFT + 31, top + 10 + word / 2, 13);
	}
	p->y = top + 10;
	open_tag(p, "P");
	set(p, b->first, 20, true, inner);
	run_lines(p, LEFT + 56, sheet_ink(b->tone));
	set(p, b->second, 10 * p->scale, false, inner);
	if (*b->second != '\0')
		run_lines(p, LEFT + 56, sheet_ink(FLOW_TONE_PLAIN));
	close_tag(p);
	p->y = top + height + 8;
}

static void heading(struct pen *p, const struct block *b)
{
	if (p->y > TOP)
		p->y += 10 * p->scale;
	need(p, 60 * p->scale);
	open_tag(p, "H2");
	set(p, b->first, 12 * p->scale, true, room(p));
	run_lines(p, LEFT, sheet_ink(FLOW_TONE_PLAIN));
	close_tag(p);
	if (p->draw) {
		ink(p, line_ink);
		cairo_set_line_width(p->cr, 0.7);
		cairo_move_to(p->cr, LEFT, p->y);
		cairo_line_to(p->cr, LEFT + room(p), p->y);
		cairo_stroke(p->cr);
	}
	p->y += 4 * p->scale;
}

static void row(struct pen *p, const struct block *b)
{
	const double width = room(p), label = LABEL_W * p->scale;
	double top, below;
	unsigned page;

	set(p, b->second, 9.5 * p->scale, false, width - label);
	need(p, layout_height(p) < KEEP ? layout_height(p) : KEEP);
	set(p, b->first, 9.5 * p->scale, false, label - 8);
	need(p, layout_height(p));
	top = p->y;
	page = p->page;
	open_tag(p, "P");
	run_lines(p, LEFT, grey);
	below = p->y;
	if (p->page == page)
		p->y = top;
	set(p, b->second, 9.5 * p->scale, false, width - label);
	run_lines(p, LEFT + label, sheet_ink(FLOW_TONE_PLAIN));
	close_tag(p);
	if (p->page == page && p->y < below)
		p->y = below;
	p->y += 2 * p->scale;
}

static void item(struct pen *p, const struct block *b)
{
	const double size = 9.5 * p->scale;

	set(p, b->first, size, false, room(p) - SIGN_W);
	need(p, 2 * size);
	if (p->draw)
		draw_sign(p, b->tone, LEFT + 5, p->y + size * 0.72, size * 0.45);
	open_tag(p, "P");
	run_lines(p, LEFT + SIGN_W, sheet_ink(FLOW_TONE_PLAIN));
	close_tag(p);
	p->y += 2 * p->scale;
}

static void text(struct pen *p, const struct block *b)
{
	set(p, b->first, 9.5 * p->scale, false, room(p));
	open_tag(p, "P");
	run_lines(p, LEFT, sheet_ink(FLOW_TONE_PLAIN));
	close_tag(p);
	p->y += 4 * p->scale;
}

struct source {
	const uint8_t *p;
	size_t n;
};

static cairo_status_t read_png(void *ctx, unsigned char *to, unsigned n)
{
	struct source *s = ctx;

	if (n > s->n)
		return CAIRO_STATUS_READ_ERROR;
	memcpy(to, s->p, n);
	s->p += n;
	s->n -= n;
	return CAIRO_STATUS_SUCCESS;
}

static void picture(struct pen *p, const struct block *b)
{
	struct source source = {b->picture.p, b->picture.n};
	cairo_surface_t *image = cairo_image_surface_create_from_png_stream(read_png, &source);
	const int w = cairo_image_surface_get_width(image);
	const int h = cairo_image_surface_get_height(image);
	const double width = b->width * MM, height = w > 0 ? width * h / w : 0;

	if (w > 0 && height < PAGE_H - TOP - BOTTOM) {
		need(p, height);
		if (p->draw) {
			cairo_save(p->cr);
			cairo_translate(p->cr, PAGE_W - LEFT - width, p->y);
			cairo_scale(p->cr, width / w, width / w);
			cairo_set_source_surface(p->cr, image, 0, 0);
			cairo_paint(p->cr);
			cairo_restore(p->cr);
		}
		p->float_w = width + 14;
		p->float_bottom = p->y + height + 6;
	}
	cairo_surface_destroy(image);
}

static void block(struct pen *p, const struct block *b)
{
	static void (*const put[])(struct pen *, const struct block *) = {
		verdict, heading, row, item, text, picture};

	put[b->kind](p, b);
}

/* ---- sections and the whole ---- */

static void title(struct pen *p)
{
	open_tag(p, "H1");
	set(p, p->sheet->title, 17, true, COLUMN_W);
	run_lines(p, LEFT, sheet_ink(FLOW_TONE_PLAIN));
	close_tag(p);
	p->y += 8;
}

/* The section that begins at block i: put it down and return where the next one begins. */
static size_t section(struct pen *p, size_t i)
{
	if (i == 0)
		title(p);
	for (; i < p->sheet->n && p->sheet->blocks[i].kind != BLOCK_PAGE; i++)
		block(p, &p->sheet->blocks[i]);
	if (p->y < p->float_bottom)
		p->y = p->float_bottom;
	return i + 1;
}

/* The largest scale at which the section stays on one page; a section that never does is not set
 * small for nothing. */
static double fit(struct pen *p, size_t i)
{
	static const double scales[] = {1.0, 0.92, 0.84, 0.76};

	for (size_t k = 0; k < sizeof scales / sizeof *scales; k++) {
		struct pen trial = *p;

		trial.draw = false;
		trial.scale = scales[k];
		(void)section(&trial, i);
		if (trial.page == p->page && trial.y <= PAGE_H - BOTTOM)
			return scales[k];
	}
	return scales[1];
}

static void all(struct pen *p)
{
	size_t i = 0;

	p->page = 0;
	do {
		begin_page(p);
		p->scale = fit(p, i);
		i = section(p, i);
		end_page(p);
	} while (i < p->sheet->n);
	p->pages = p->page;
}

static cairo_status_t append(void *ctx, const unsigned char *p, unsigned n)
{
	return card_buf_append(ctx, card_bytes(p, n)) == CARD_OK ? CAIRO_STATUS_SUCCESS
								 : CAIRO_STATUS_WRITE_ERROR;
}

/* Is there a font for the language? Without one pango draws boxes. */
static bool has_font(const struct pen *p)
{
	set(p, p->sheet->lang == CARD_LANG_JA ? "検証" : "report", 10, false, COLUMN_W);
	return pango_layout_get_unknown_glyphs_count(p->layout) == 0;
}

static enum card_error set_all(const struct flow_sheet *s, cairo_surface_t *surface)
{
	struct pen p = {.sheet = s, .scale = 1};
	/* Fonts of its own: the caller's process keeps none of them. */
	PangoFontMap *fonts = pango_cairo_font_map_new();
	PangoContext *context = pango_font_map_create_context(fonts);
	enum card_error err;

	p.cr = cairo_create(surface);
	pango_cairo_update_context(p.cr, context);
	p.layout = pango_layout_new(context);
	p.edge = pango_layout_new(context);
	/* Japanese forms of the characters that Chinese writes otherwise. */
	pango_context_set_language(
		pango_layout_get_context(p.layout),
		pango_language_from_string(s->lang == CARD_LANG_JA ? "ja-JP" : "en-GB"));
	err = has_font(&p) ? CARD_OK : CARD_ERR_UNSUPPORTED;
	if (err == CARD_OK) {
		all(&p);
		p.draw = true;
		all(&p);
	}
	g_object_unref(p.edge);
	g_object_unref(p.layout);
	g_object_unref(context);
	g_object_unref(fonts);
	cairo_destroy(p.cr);
	return err;
}

enum card_error sheet_write_pdf(const struct flow_sheet *s, card_buf_t *out)
{
	const size_t before = out->n;
	cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(append, out, PAGE_W, PAGE_H);
	enum card_error err;

	cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, s->title);
	cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "Kazasu");
	err = set_all(s, surface);
	cairo_surface_finish(surface);
	if (err == CARD_OK && cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS)
		err = cairo_surface_status(surface) == CAIRO_STATUS_WRITE_ERROR
			      ? CARD_ERR_TOO_LONG
			      : CARD_ERR_NO_MEMORY;
	cairo_surface_destroy(surface);
	if (err != CARD_OK)
		out->n = before;
	return err;
}
