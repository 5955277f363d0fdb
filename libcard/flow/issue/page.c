/* SPDX-License-Identifier: Apache-2.0 */
/* page.c — a PDF file of A4 pages, and the lines on them. */
#include "page.h"

#include <cairo-pdf.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

static cairo_status_t take(void *ctx, const unsigned char *data, unsigned length)
{
	return card_buf_append(ctx, card_bytes(data, length)) == CARD_OK ? CAIRO_STATUS_SUCCESS
									 : CAIRO_STATUS_WRITE_ERROR;
}

enum card_error page_begin(struct page *p, flow_fonts_t *fonts, int64_t time, card_buf_t *pdf,
			   card_buf_t *drawn)
{
	char when[26];

	card_time_format_japan(time, when);
	*p = (struct page){.fonts = fonts, .pdf = pdf, .drawn = drawn};
	p->surface = cairo_pdf_surface_create_for_stream(take, pdf, PAGE_WIDTH, PAGE_HEIGHT);
	cairo_pdf_surface_restrict_to_version(p->surface, CAIRO_PDF_VERSION_1_5);
	cairo_pdf_surface_set_metadata(p->surface, CAIRO_PDF_METADATA_CREATE_DATE, when);
	p->cr = cairo_create(p->surface);
	pango_cairo_update_context(p->cr, fonts->context);
	return cairo_status(p->cr) == CAIRO_STATUS_SUCCESS ? CARD_OK : CARD_ERR_NO_MEMORY;
}

void page_next(struct page *p)
{
	cairo_show_page(p->cr);
}

enum card_error page_end(struct page *p)
{
	/* The layout keeps the last text it was given. */
	pango_layout_set_text(p->fonts->layout, "", 0);
	cairo_destroy(p->cr);
	cairo_surface_finish(p->surface);
	if (p->err == CARD_OK && cairo_surface_status(p->surface) != CAIRO_STATUS_SUCCESS)
		p->err = CARD_ERR_NO_MEMORY;
	cairo_surface_destroy(p->surface);
	return p->err;
}

void page_line(struct page *p, double x1, double y1, double x2, double y2, double thickness)
{
	cairo_set_line_width(p->cr, thickness);
	cairo_move_to(p->cr, x1, y1);
	cairo_line_to(p->cr, x2, y2);
	cairo_stroke(p->cr);
}

void page_box(struct page *p, double x, double y, double w, double h, double thickness)
{
	cairo_set_line_width(p->cr, thickness);
	cairo_rectangle(p->cr, x, y, w, h);
	cairo_stroke(p->cr);
}

void page_tint(struct page *p, double x, double y, double w, double h)
{
	cairo_save(p->cr);
	cairo_set_source_rgb(p->cr, 0.93, 0.95, 0.93);
	cairo_rectangle(p->cr, x, y, w, h);
	cairo_fill(p->cr);
	cairo_restore(p->cr);
}

struct reading {
	const uint8_t *p;
	size_t n, at;
};

static cairo_status_t give(void *ctx, unsigned char *data, unsigned length)
{
	struct reading *r = ctx;

	if (length > r->n - r->at)
		return CAIRO_STATUS_READ_ERROR;
	memcpy(data, r->p + r->at, length);
	r->at += length;
	return CAIRO_STATUS_SUCCESS;
}

/* Larger than any scan of a seal: a few centimetres at 1,200 dpi. */
#define PICTURE_MAX 2400

static void draw_picture(struct page *p, struct reading *r, double x, double y, double side)
{
	cairo_surface_t *image = cairo_image_surface_create_from_png_stream(give, r);
	const int w = cairo_image_surface_get_width(image),
		  h = cairo_image_surface_get_height(image);
	double scale;

	if (cairo_surface_status(image) != CAIRO_STATUS_SUCCESS || w < 1 || h < 1 ||
	    w > PICTURE_MAX || h > PICTURE_MAX) {
		p->err = CARD_ERR_MALFORMED;
	} else {
		scale = side / (w > h ? w : h);
		cairo_save(p->cr);
		cairo_translate(p->cr, x + (side - w * scale) / 2, y + (side - h * scale) / 2);
		cairo_scale(p->cr, scale, scale);
		cairo_set_source_surface(p->cr, image, 0, 0);
		cairo_paint(p->cr);
		cairo_restore(p->cr);
	}
	cairo_surface_destroy(image);
}

void page_picture(struct page *p, const char *base64, double x, double y, double side)
{
	const size_t n = strlen(base64);
	uint8_t *png;
	struct reading r = {NULL, 0, 0};
	int length;

	if (p->err != CARD_OK)
		return;
	png = malloc(n + 1);
	length = png != NULL ? EVP_DecodeBlock(png, (const uint8_t *)base64, (int)n) : -1;
	if (length < 0) {
		p->err = CARD_ERR_MALFORMED;
	} else {
		r.p = png;
		r.n = (size_t)length;
		draw_picture(p, &r, x, y, side);
	}
	free(png);
}
