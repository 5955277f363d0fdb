/* SPDX-License-Identifier: Apache-2.0 */
#include <cardflow/front.h>

#include "front_paint.h"
#include "lazy.h"

#include <cairo-pdf.h>
#include <cardflow/paper.h>
#include <math.h>
#include <poppler.h>
#include <pthread.h>
#include <string.h>

/* A4 in points of 1/72 inch, and how far a page may be from it. */
#define A4_WIDTH  595.276
#define A4_HEIGHT 841.890
#define A4_SLACK  (2.0 / 25.4 * 72)

/* Loaded on first use. */
#define POPPLER(name) static __typeof__(poppler_##name) *name
POPPLER(document_new_from_bytes);
POPPLER(document_get_n_pages);
POPPLER(document_get_page);
POPPLER(page_get_size);
POPPLER(page_render_for_printing);

static bool loaded;

static void load_library(void)
{
#define SYMBOL(name)                                                                               \
	{                                                                                          \
		"poppler_" #name, (void *)&(name)                                                  \
	}
	static const struct lazy_symbol symbols[] = {
		SYMBOL(document_new_from_bytes), SYMBOL(document_get_n_pages),
		SYMBOL(document_get_page), SYMBOL(page_get_size), SYMBOL(page_render_for_printing)};
#undef SYMBOL

	loaded = lazy_load("libpoppler-glib.so.8", symbols, sizeof symbols / sizeof *symbols);
}

static enum card_error load(struct card_bytes pdf, PopplerDocument **out)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	GBytes *bytes = g_bytes_new_static(pdf.p, pdf.n);
	int pages;

	pthread_once(&once, load_library);
	*out = !loaded ? NULL : document_new_from_bytes(bytes, NULL, NULL);
	g_bytes_unref(bytes);
	if (!loaded)
		return CARD_ERR_UNSUPPORTED;
	if (*out == NULL)
		return CARD_ERR_MALFORMED;
	pages = document_get_n_pages(*out);
	if (pages > 0 && pages <= (int)FLOW_FRONT_PAGES_MAX)
		return CARD_OK;
	g_object_unref(*out);
	*out = NULL;
	return pages > 0 ? CARD_ERR_TOO_LONG : CARD_ERR_MALFORMED;
}

enum card_error flow_front_pages(struct card_bytes pdf, uint32_t *pages)
{
	PopplerDocument *document;
	enum card_error e;

	if (pdf.p == NULL || pages == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	e = load(pdf, &document);
	if (e != CARD_OK)
		return e;
	*pages = (uint32_t)document_get_n_pages(document);
	g_object_unref(document);
	return CARD_OK;
}

/* A row's colours as luminance (ITU-R BT.601 weights, in 1/256). */
static void row_to_grey(const uint8_t *colours, uint8_t *grey, uint32_t n)
{
	static const uint32_t white = 0xFFFFFF;
	uint32_t v[2];

	for (uint32_t x = 0; x < n; x++) {
		/* Most of a page is paper. */
		while (x + 2 <= n) {
			memcpy(v, colours + 4 * (size_t)x, sizeof v);
			if ((v[0] & v[1] & white) != white)
				break;
			grey[x] = grey[x + 1] = 255;
			x += 2;
		}
		if (x == n)
			break;
		memcpy(v, colours + 4 * (size_t)x, sizeof *v);
		grey[x] = (uint8_t)((77 * (v[0] >> 16 & 255) + 150 * (v[0] >> 8 & 255) +
				     29 * (v[0] & 255)) >>
				    8);
	}
}

static void to_grey(cairo_surface_t *surface, struct flow_grey *out)
{
	const uint8_t *data = cairo_image_surface_get_data(surface);
	size_t stride = (size_t)cairo_image_surface_get_stride(surface);

	for (uint32_t y = 0; y < out->height; y++)
		row_to_grey(data + y * stride, out->pixels + (size_t)y * out->width, out->width);
}

static enum card_error draw(PopplerPage *page, struct flow_grey *out)
{
	cairo_surface_t *surface = cairo_image_surface_create(
		CAIRO_FORMAT_RGB24, (int)FLOW_PAPER_WIDTH, (int)FLOW_PAPER_HEIGHT);
	cairo_t *c = cairo_create(surface);
	double width, height;
	enum card_error e;

	page_get_size(page, &width, &height);
	cairo_set_source_rgb(c, 1, 1, 1);
	cairo_paint(c);
	cairo_scale(c, FLOW_PAPER_WIDTH / width, FLOW_PAPER_HEIGHT / height);
	page_render_for_printing(page, c);
	cairo_surface_flush(surface);
	e = cairo_status(c) == CAIRO_STATUS_SUCCESS
		    ? flow_grey_make(out, FLOW_PAPER_WIDTH, FLOW_PAPER_HEIGHT, 255)
		    : CARD_ERR_NO_MEMORY;
	if (e == CARD_OK)
		to_grey(surface, out);
	cairo_destroy(c);
	cairo_surface_destroy(surface);
	return e;
}

enum card_error flow_front_draw(struct card_bytes pdf, uint32_t page, struct flow_grey *out)
{
	PopplerDocument *document;
	PopplerPage *p;
	double width, height;
	enum card_error e;

	if (pdf.p == NULL || out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	*out = (struct flow_grey){0};
	e = load(pdf, &document);
	if (e != CARD_OK)
		return e;
	p = page < 1 || page > FLOW_FRONT_PAGES_MAX ? NULL
						    : document_get_page(document, (int)page - 1);
	if (p == NULL) {
		e = CARD_ERR_NOT_FOUND;
	} else {
		page_get_size(p, &width, &height);
		e = fabs(width - A4_WIDTH) > A4_SLACK || fabs(height - A4_HEIGHT) > A4_SLACK
			    ? CARD_ERR_UNSUPPORTED
			    : draw(p, out);
		g_object_unref(p);
	}
	g_object_unref(document);
	return e;
}

/* The picture as a surface of its own: A8 as ink over white. */
static cairo_surface_t *ink_of(const struct flow_grey *g)
{
	cairo_surface_t *s =
		cairo_image_surface_create(CAIRO_FORMAT_A8, (int)g->width, (int)g->height);
	uint8_t *data = cairo_image_surface_get_data(s);
	size_t stride = (size_t)cairo_image_surface_get_stride(s);

	if (data == NULL)
		return s;
	cairo_surface_flush(s);
	for (uint32_t y = 0; y < g->height; y++)
		for (uint32_t x = 0; x < g->width; x++)
			data[y * stride + x] = (uint8_t)(255 - g->pixels[(size_t)y * g->width + x]);
	cairo_surface_mark_dirty(s);
	return s;
}

void front_paint(cairo_t *c, const struct flow_grey *page)
{
	cairo_surface_t *ink = ink_of(page);
	cairo_pattern_t *pattern = cairo_pattern_create_for_surface(ink);

	cairo_save(c);
	cairo_scale(c, A4_WIDTH / page->width, A4_HEIGHT / page->height);
	cairo_pattern_set_filter(pattern, CAIRO_FILTER_NEAREST);
	cairo_set_source_rgb(c, 0, 0, 0);
	cairo_mask(c, pattern);
	cairo_restore(c);
	cairo_show_page(c);
	cairo_pattern_destroy(pattern);
	cairo_surface_destroy(ink);
}
