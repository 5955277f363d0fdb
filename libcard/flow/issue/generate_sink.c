/* SPDX-License-Identifier: Apache-2.0 */
/* generate_sink.c — rows by the names of their columns; and pictures of seals. */
#include "generate.h"
#include "page.h"

#include <math.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

enum card_error sink_open(struct sink *s, flow_store_t *store, const char *table)
{
	*s = (struct sink){.store = store};
	for (size_t i = 0; i < record_table_count; i++) {
		if (strcmp(record_tables[i].name, table) == 0)
			s->table = &record_tables[i];
	}
	return s->table != NULL ? record_insert_sql(s->table, s->sql, sizeof s->sql)
				: CARD_ERR_INTERNAL;
}

void sink_set(struct sink *s, const char *column, const char *value)
{
	for (size_t i = 0; s->table->column[i].name != NULL; i++) {
		if (strcmp(s->table->column[i].name, column) == 0)
			s->value[i] = value;
	}
}

enum card_error sink_put(struct sink *s)
{
	const size_t n = record_columns(s->table);
	enum card_error err;

	for (size_t i = 0; i < n; i++) {
		if (s->value[i] == NULL)
			s->value[i] = s->table->column[i].type == RECORD_COUNT ? "0" : "";
		/* What is generated obeys the rules of what is imported. */
		if (record_value_wrong(&s->table->column[i], s->value[i]) != NULL)
			return CARD_ERR_INTERNAL;
	}
	err = flow_store_run(s->store, s->sql, s->value, n, NULL, NULL);
	memset(s->value, 0, sizeof s->value);
	s->rows += err == CARD_OK;
	return err;
}

static cairo_status_t take(void *ctx, const unsigned char *data, unsigned length)
{
	return card_buf_append(ctx, card_bytes(data, length)) == CARD_OK ? CAIRO_STATUS_SUCCESS
									 : CAIRO_STATUS_WRITE_ERROR;
}

#define SIDE 236 /* 20 mm at 300 dpi */

static void letters(flow_fonts_t *fonts, cairo_t *cr, const char *text)
{
	const long n = g_utf8_strlen(text, -1);
	PangoLayout *l = fonts->layout;
	PangoFontDescription *d = pango_font_description_new();
	const double size = n <= 1 ? 150 : n == 2 ? 100 : n == 3 ? 66 : 50;
	char *one = g_malloc((size_t)n * 8 + 1), *at = one;
	int w, h;

	/* From top to bottom: a character a line. */
	for (const char *c = text; *c != '\0'; c = c + g_utf8_skip[*(const uint8_t *)c]) {
		const size_t length = (size_t)g_utf8_skip[*(const uint8_t *)c];

		memcpy(at, c, length);
		at += length;
		if (c[length] != '\0')
			*at++ = '\n';
	}
	*at = '\0';
	pango_font_description_set_family_static(d, fonts->family);
	pango_font_description_set_absolute_size(d, size * PANGO_SCALE);
	pango_cairo_update_context(cr, fonts->context);
	pango_layout_set_attributes(l, NULL);
	pango_layout_set_width(l, -1);
	pango_layout_set_font_description(l, d);
	pango_layout_set_alignment(l, PANGO_ALIGN_CENTER);
	pango_layout_set_text(l, one, -1);
	pango_layout_get_pixel_size(l, &w, &h);
	cairo_move_to(cr, (SIDE - w) / 2.0, (SIDE - h) / 2.0);
	pango_cairo_show_layout(cr, l);
	g_free(one);
	pango_font_description_free(d);
}

char *generate_seal_picture(flow_fonts_t *fonts, const char *text)
{
	cairo_surface_t *image = cairo_image_surface_create(CAIRO_FORMAT_RGB24, SIDE, SIDE);
	cairo_t *cr = cairo_create(image);
	card_buf_t png = {0};
	char *out = NULL;

	cairo_set_source_rgb(cr, 1, 1, 1);
	cairo_paint(cr);
	cairo_set_source_rgb(cr, 0, 0, 0);
	cairo_set_line_width(cr, 8);
	cairo_arc(cr, SIDE / 2.0, SIDE / 2.0, SIDE / 2.0 - 8, 0, 2 * M_PI);
	cairo_stroke(cr);
	letters(fonts, cr, text);
	cairo_surface_flush(image);
	if (cairo_surface_write_to_png_stream(image, take, &png) == CAIRO_STATUS_SUCCESS)
		out = malloc(png.n * 4 / 3 + 8);
	if (out != NULL)
		EVP_EncodeBlock((uint8_t *)out, png.p, (int)png.n);
	card_buf_free(&png);
	cairo_destroy(cr);
	cairo_surface_destroy(image);
	return out;
}
