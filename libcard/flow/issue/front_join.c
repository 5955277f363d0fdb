/* SPDX-License-Identifier: Apache-2.0 */
/* front_join.c — fronts and backs in the order of the printer: one job, both sides of each sheet. */
#include <cardflow/front.h>

#include "front_paint.h"
#include "lazy.h"

#include <cairo-pdf.h>
#include <poppler.h>
#include <pthread.h>

/* A4 in points of 1/72 inch. */
#define A4_WIDTH  595.276
#define A4_HEIGHT 841.890

/* Loaded on first use. */
#define POPPLER(name) static __typeof__(poppler_##name) *p_##name
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
		"poppler_" #name, (void *)&p_##name                                                \
	}
	static const struct lazy_symbol symbols[] = {
		SYMBOL(document_new_from_bytes), SYMBOL(document_get_n_pages),
		SYMBOL(document_get_page), SYMBOL(page_get_size), SYMBOL(page_render_for_printing)};
#undef SYMBOL

	loaded = lazy_load("libpoppler-glib.so.8", symbols, sizeof symbols / sizeof *symbols);
}

static enum card_error load(struct card_bytes pdf, uint32_t pages, PopplerDocument **out)
{
	GBytes *bytes = g_bytes_new_static(pdf.p, pdf.n);

	*out = p_document_new_from_bytes(bytes, NULL, NULL);
	g_bytes_unref(bytes);
	if (*out == NULL)
		return CARD_ERR_MALFORMED;
	if (p_document_get_n_pages(*out) == (int)pages)
		return CARD_OK;
	g_object_unref(*out);
	*out = NULL;
	return CARD_ERR_INVALID_ARGUMENT;
}

static enum card_error add_page(cairo_t *c, PopplerDocument *document, uint32_t page)
{
	PopplerPage *p = p_document_get_page(document, (int)page);
	double width = 0, height = 0;

	if (p == NULL)
		return CARD_ERR_MALFORMED;
	p_page_get_size(p, &width, &height);
	if (width > 0 && height > 0) {
		cairo_save(c);
		cairo_scale(c, A4_WIDTH / width, A4_HEIGHT / height);
		p_page_render_for_printing(p, c);
		cairo_restore(c);
		cairo_show_page(c);
	}
	g_object_unref(p);
	return width > 0 && height > 0 && cairo_status(c) == CAIRO_STATUS_SUCCESS
		       ? CARD_OK
		       : CARD_ERR_MALFORMED;
}

/*
 * A back is drawn before it goes in. Poppler names the pictures of a page to cairo by their object
 * number alone: those of two documents would be taken for one, and a copy would get another's back.
 */
static enum card_error add_back(cairo_t *c, struct card_bytes back, uint32_t page)
{
	struct flow_grey picture = {0};
	enum card_error err = flow_front_draw(back, page + 1, &picture);

	if (err == CARD_OK)
		front_paint(c, &picture);
	flow_grey_free(&picture);
	return err;
}

/* All sheets of one copy. */
static enum card_error add_copy(cairo_t *c, PopplerDocument *front, struct card_bytes back,
				uint32_t pages)
{
	uint32_t counted = 0;
	enum card_error err = flow_front_pages(back, &counted);

	if (err == CARD_OK && counted != pages)
		err = CARD_ERR_INVALID_ARGUMENT;
	for (uint32_t i = 0; i < pages && err == CARD_OK; i++) {
		err = add_page(c, front, i);
		if (err == CARD_OK)
			err = add_back(c, back, i);
	}
	return err;
}

static cairo_status_t collect(void *closure, const unsigned char *data, unsigned int n)
{
	return card_buf_append(closure, card_bytes(data, n)) == CARD_OK ? CAIRO_STATUS_SUCCESS
									: CAIRO_STATUS_WRITE_ERROR;
}

enum card_error flow_front_join(struct card_bytes front, const struct card_bytes *backs,
				uint32_t copies, uint32_t pages, card_buf_t *out)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	PopplerDocument *document = NULL;
	cairo_surface_t *pdf;
	cairo_t *c;
	enum card_error err;

	if (front.p == NULL || backs == NULL || copies == 0 || pages == 0 ||
	    pages > FLOW_FRONT_PAGES_MAX || out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	pthread_once(&once, load_library);
	if (!loaded)
		return CARD_ERR_UNSUPPORTED;
	err = load(front, pages, &document);
	if (err != CARD_OK)
		return err;
	pdf = cairo_pdf_surface_create_for_stream(collect, out, A4_WIDTH, A4_HEIGHT);
	c = cairo_create(pdf);
	for (uint32_t i = 0; i < copies && err == CARD_OK; i++)
		err = add_copy(c, document, backs[i], pages);
	cairo_surface_finish(pdf);
	if (err == CARD_OK && (cairo_status(c) != CAIRO_STATUS_SUCCESS ||
			       cairo_surface_status(pdf) != CAIRO_STATUS_SUCCESS))
		err = CARD_ERR_NO_MEMORY;
	cairo_destroy(c);
	cairo_surface_destroy(pdf);
	g_object_unref(document);
	return err;
}
