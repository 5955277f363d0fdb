/* SPDX-License-Identifier: Apache-2.0 */
#include <cardflow/grey.h>

#include <math.h>
#include <png.h>
#include <string.h>

/* Dots a metre of one dot an inch. */
#define INCH 0.0254

struct job {
	struct card_bytes in;
	size_t at;
	card_buf_t *out;
	enum card_error why;
};

static void on_error(png_structp png, png_const_charp text)
{
	(void)text;
	png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp text)
{
	(void)png;
	(void)text;
}

static void read_bytes(png_structp png, png_bytep to, size_t n)
{
	struct job *j = png_get_io_ptr(png);

	if (n > j->in.n - j->at) {
		j->why = CARD_ERR_TRUNCATED;
		png_error(png, "");
	}
	memcpy(to, j->in.p + j->at, n);
	j->at += n;
}

static void write_bytes(png_structp png, png_bytep from, size_t n)
{
	struct job *j = png_get_io_ptr(png);

	j->why = card_buf_append(j->out, card_bytes(from, n));
	if (j->why != CARD_OK)
		png_error(png, "");
}

static void flush_bytes(png_structp png)
{
	(void)png;
}

/* Ask for rows of 8 bits grey, transparent parts over white. */
static void want_grey(png_structp png, png_infop info)
{
	static const png_color_16 white = {.red = 255, .green = 255, .blue = 255, .gray = 255};

	png_set_expand(png);
	png_set_scale_16(png);
	if (png_get_color_type(png, info) & PNG_COLOR_MASK_COLOR)
		png_set_rgb_to_gray(png, 1, -1, -1);
	png_set_background(png, &white, PNG_BACKGROUND_GAMMA_SCREEN, 0, 1.0);
	png_set_strip_alpha(png);
}

static double resolution(png_structp png, png_infop info)
{
	uint32_t x = png_get_x_pixels_per_meter(png, info),
		 y = png_get_y_pixels_per_meter(png, info);

	return x == y ? x * INCH : 0;
}

/* Rows into the picture; libpng jumps out of here on any error. */
static void decode(png_structp png, png_infop info, struct job *j, uint32_t side_max,
		   struct flow_grey *out, double *dpi)
{
	int passes;

	png_set_user_limits(png, side_max, side_max);
	png_set_chunk_malloc_max(png, 1024 * 1024);
	png_set_chunk_cache_max(png, 64);
	png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
	png_set_read_fn(png, j, read_bytes);
	png_read_info(png, info);
	*dpi = resolution(png, info);
	want_grey(png, info);
	passes = png_set_interlace_handling(png);
	png_read_update_info(png, info);
	j->why = flow_grey_make(out, png_get_image_width(png, info),
				png_get_image_height(png, info), 255);
	if (j->why != CARD_OK || png_get_rowbytes(png, info) != out->width)
		png_error(png, "");
	for (int pass = 0; pass < passes; pass++)
		for (uint32_t y = 0; y < out->height; y++)
			png_read_row(png, out->pixels + (size_t)y * out->width, NULL);
	png_read_end(png, NULL);
}

enum card_error flow_grey_from_png(struct card_bytes bytes, uint32_t side_max,
				   struct flow_grey *out, double *dpi, size_t *length)
{
	struct job job = {.in = bytes};
	double found = 0;
	png_structp png;
	png_infop info;

	if (bytes.p == NULL || out == NULL || side_max < 1 || side_max > FLOW_GREY_SIDE_MAX)
		return CARD_ERR_INVALID_ARGUMENT;
	*out = (struct flow_grey){0};
	if (bytes.n < 8)
		return CARD_ERR_TRUNCATED;
	if (png_sig_cmp(bytes.p, 0, 8) != 0)
		return CARD_ERR_MALFORMED;
	png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, on_error, on_warning);
	info = png != NULL ? png_create_info_struct(png) : NULL;
	if (info == NULL) {
		png_destroy_read_struct(&png, NULL, NULL);
		return CARD_ERR_NO_MEMORY;
	}
	if (setjmp(png_jmpbuf(png)) != 0) {
		png_destroy_read_struct(&png, &info, NULL);
		flow_grey_free(out);
		return job.why != CARD_OK ? job.why : CARD_ERR_MALFORMED;
	}
	decode(png, info, &job, side_max, out, &found);
	png_destroy_read_struct(&png, &info, NULL);
	if (dpi != NULL)
		*dpi = found;
	if (length != NULL)
		*length = job.at;
	return CARD_OK;
}

enum card_error flow_grey_to_png(const struct flow_grey *g, double dpi, card_buf_t *out)
{
	struct job job = {.out = out};
	uint32_t metre = (uint32_t)lround(dpi / INCH);
	png_structp png;
	png_infop info;

	if (g == NULL || g->pixels == NULL || out == NULL || !(dpi >= 0 && dpi <= 4800))
		return CARD_ERR_INVALID_ARGUMENT;
	png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, on_error, on_warning);
	info = png != NULL ? png_create_info_struct(png) : NULL;
	if (info == NULL) {
		png_destroy_write_struct(&png, NULL);
		return CARD_ERR_NO_MEMORY;
	}
	if (setjmp(png_jmpbuf(png)) != 0) {
		png_destroy_write_struct(&png, &info);
		return job.why != CARD_OK ? job.why : CARD_ERR_INTERNAL;
	}
	png_set_write_fn(png, &job, write_bytes, flush_bytes);
	png_set_IHDR(png, info, g->width, g->height, 8, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
		     PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
	if (metre > 0)
		png_set_pHYs(png, info, metre, metre, PNG_RESOLUTION_METER);
	png_write_info(png, info);
	for (uint32_t y = 0; y < g->height; y++)
		png_write_row(png, g->pixels + (size_t)y * g->width);
	png_write_end(png, info);
	png_destroy_write_struct(&png, &info);
	return CARD_OK;
}
