/* SPDX-License-Identifier: Apache-2.0 */
#include "picture.h"

#include <png.h>
#include <pango/pangocairo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "key.h"

#define FONT "IPAexMincho, IPAexGothic, Noto Serif CJK JP, Noto Sans CJK JP"

static void put_png_bytes(png_structp png, png_bytep data, png_size_t n)
{
	sim_put(png_get_io_ptr(png), data, n);
}

static void flush_png(png_structp png)
{
	(void)png;
}

/* A 1-bit greyscale PNG from an 8-bit coverage map: covered is black. */
static bool put_png(struct sim_buf *out, const uint8_t *map, int stride, int width, int height)
{
	size_t row_bytes = ((size_t)width + 7) / 8;
	uint8_t *row = width > 0 ? malloc(row_bytes) : NULL;
	png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
	png_infop info = png ? png_create_info_struct(png) : NULL;

	if (!row || !info || setjmp(png_jmpbuf(png))) {
		png_destroy_write_struct(&png, &info);
		free(row);
		return false;
	}
	png_set_write_fn(png, out, put_png_bytes, flush_png);
	png_set_IHDR(png, info, (png_uint_32)width, (png_uint_32)height, 1, PNG_COLOR_TYPE_GRAY,
		     PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
	png_set_compression_level(png, 9);
	png_write_info(png, info);
	for (int y = 0; y < height; y++) {
		memset(row, 0xFF, row_bytes);
		for (int x = 0; x < width; x++) {
			if (map[y * stride + x] >= 112)
				row[x / 8] &= (uint8_t) ~(0x80u >> (x % 8));
		}
		png_write_row(png, row);
	}
	png_write_end(png, NULL);
	png_destroy_write_struct(&png, &info);
	free(row);
	return !out->failed;
}

static PangoLayout *new_layout(cairo_t *cr, const char *text, int width, int size)
{
	PangoLayout *layout = pango_cairo_create_layout(cr);
	PangoFontDescription *font = pango_font_description_from_string(FONT);

	pango_font_description_set_absolute_size(font, size * PANGO_SCALE);
	pango_layout_set_font_description(layout, font);
	pango_font_description_free(font);
	pango_context_set_language(pango_layout_get_context(layout),
				   pango_language_from_string("ja-jp"));
	pango_layout_context_changed(layout);
	if (width > 0) {
		pango_layout_set_width(layout, width * PANGO_SCALE);
		pango_layout_set_wrap(layout, PANGO_WRAP_CHAR);
	}
	pango_layout_set_text(layout, text, -1);
	return layout;
}

/* As many lines as the text needs. */
bool sim_draw_text(struct sim_buf *png, const char *text, int width, int size)
{
	cairo_surface_t *probe = cairo_image_surface_create(CAIRO_FORMAT_A8, 8, 8);
	cairo_t *cr = cairo_create(probe);
	PangoLayout *layout = new_layout(cr, text, width - 8, size);
	int w, h;

	pango_layout_get_pixel_size(layout, &w, &h);
	bool drawn = pango_layout_get_unknown_glyphs_count(layout) == 0 && w > 0;
	g_object_unref(layout);
	cairo_destroy(cr);
	cairo_surface_destroy(probe);
	if (!drawn)
		return false;

	cairo_surface_t *map = cairo_image_surface_create(CAIRO_FORMAT_A8, width, h + 8);
	cr = cairo_create(map);
	layout = new_layout(cr, text, width - 8, size);
	cairo_translate(cr, 4, 4);
	pango_cairo_show_layout(cr, layout);
	cairo_surface_flush(map);
	bool good = cairo_surface_status(map) == CAIRO_STATUS_SUCCESS &&
		    put_png(png, cairo_image_surface_get_data(map),
			    cairo_image_surface_get_stride(map), width, h + 8);
	g_object_unref(layout);
	cairo_destroy(cr);
	cairo_surface_destroy(map);
	return good;
}

/* Six by twelve dots a digit is too small for an outline font. */
#define DIGIT_W 6
#define DIGIT_H 12

static const char *const digit_rows[10][9] = {
	{" ### ", "#   #", "#   #", "#  ##", "# # #", "##  #", "#   #", "#   #", " ### "},
	{"  #  ", " ##  ", "# #  ", "  #  ", "  #  ", "  #  ", "  #  ", "  #  ", "#####"},
	{" ### ", "#   #", "    #", "    #", "   # ", "  #  ", " #   ", "#    ", "#####"},
	{" ### ", "#   #", "    #", "    #", "  ## ", "    #", "    #", "#   #", " ### "},
	{"   # ", "  ## ", "  ## ", " # # ", " # # ", "#  # ", "#####", "   # ", "   # "},
	{"#####", "#    ", "#    ", "#### ", "    #", "    #", "    #", "#   #", " ### "},
	{"  ## ", " #   ", "#    ", "#### ", "#   #", "#   #", "#   #", "#   #", " ### "},
	{"#####", "    #", "    #", "   # ", "   # ", "  #  ", "  #  ", " #   ", " #   "},
	{" ### ", "#   #", "#   #", "#   #", " ### ", "#   #", "#   #", "#   #", " ### "},
	{" ### ", "#   #", "#   #", "#   #", " ####", "    #", "    #", "   # ", " ##  "},
};

static bool draw_digits(struct sim_buf *png, const char *digits)
{
	uint8_t map[DIGIT_H * DIGIT_W * 12] = {0};
	int n = (int)strlen(digits);

	if (n > 12)
		return false;
	for (int i = 0; i < n; i++) {
		for (int y = 0; y < 9; y++) {
			const char *row = digit_rows[(digits[i] - '0') % 10][y];

			for (int x = 0; x < 5; x++) {
				if (row[x] == '#')
					map[(y + 1) * n * DIGIT_W + i * DIGIT_W + x] = 255;
			}
		}
	}
	return put_png(png, map, n * DIGIT_W, n * DIGIT_W, DIGIT_H);
}

static bool draw(struct sim_buf *out, enum sim_picture which, const struct sim_persona *p,
		 const uint8_t seed[32])
{
	switch (which) {
	case SIM_PICTURE_NAME:
		return sim_draw_text(out, p->name, 560, 40);
	case SIM_PICTURE_ADDRESS:
		return sim_draw_text(out, p->address, 560, 26);
	case SIM_PICTURE_NUMBER:
		return draw_digits(out, p->number);
	case SIM_PICTURE_CODE:
		return draw_digits(out, p->number_b + 10);
	case SIM_PICTURE_FACE:
		return sim_draw_face(out, seed, p->sex == '2',
				     p->expires.year - p->birth.year < 21);
	}
	return false;
}

bool sim_put_picture(struct sim_buf *out, const struct sim_home *home, enum sim_picture which,
		     const struct sim_persona *p)
{
	static const char *const kinds[] = {"name", "address", "number", "code", "face"};
	static const char *const suffix[] = {".png", ".png", ".png", ".png", ".jp2"};
	struct sim_buf key = {0}, made = {0};
	uint8_t seed[32];
	char path[SIM_PATH_MAX], name[64], day[9];

	/* bump the number when a drawing changes */
	sim_puts(&key, "picture 5 ");
	sim_puts(&key, kinds[which]);
	sim_puts(&key, which == SIM_PICTURE_ADDRESS  ? p->address
		       : which == SIM_PICTURE_NUMBER ? p->number
		       : which == SIM_PICTURE_CODE   ? p->number_b
						     : p->name);
	sim_day_text(p->birth, day);
	sim_puts(&key, day);
	sim_put8(&key, (unsigned)p->sex);
	sim_sha256(key.p, key.n, seed);
	sim_buf_free(&key);
	int n = snprintf(name, sizeof name, "%s-", kinds[which]);
	for (int i = 0; i < 8; i++)
		n += snprintf(name + n, sizeof name - (size_t)n, "%02x", seed[i]);
	bool named = sim_path(path, home->dir, "pictures", name, suffix[which]);
	size_t before = out->n;
	if (named && sim_file_read(path, out) && out->n > before)
		return true;
	out->n = before;
	bool good = draw(&made, which, p, seed) && !made.failed;
	if (good && named)
		sim_file_create(path, made.p, made.n, 0644); /* read-only fixtures: drawn again */
	if (good)
		sim_put(out, made.p, made.n);
	sim_buf_free(&made);
	return good && !out->failed;
}
