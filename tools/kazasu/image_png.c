/* SPDX-License-Identifier: Apache-2.0 */
/* image_png.c — PNG in memory, with libpng. */
#include "image.h"

#include <setjmp.h>
#include <string.h>

#include <png.h>

/* What libpng's callbacks work on. */
struct png_job {
	struct card_bytes in;
	size_t at;
	card_buf_t *out;
	enum card_error why;
};

static void on_error(png_structp png, png_const_charp message)
{
	(void)message;
	png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp message)
{
	(void)png;
	(void)message;
}

static void write_bytes(png_structp png, png_bytep data, size_t n)
{
	struct png_job *job = png_get_io_ptr(png);

	job->why = card_buf_append(job->out, card_bytes(data, n));
	if (job->why != CARD_OK)
		png_error(png, "write");
}

static void flush_bytes(png_structp png)
{
	(void)png;
}

static void read_bytes(png_structp png, png_bytep data, size_t n)
{
	struct png_job *job = png_get_io_ptr(png);

	if (n > job->in.n - job->at) {
		job->why = CARD_ERR_TRUNCATED;
		png_error(png, "end");
	}
	memcpy(data, job->in.p + job->at, n);
	job->at += n;
}

enum card_error kz_image_to_png(const struct kz_image *image, card_buf_t *out)
{
	struct png_job job = {.out = out, .why = CARD_ERR_NO_MEMORY};
	png_structp png =
		png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, on_error, on_warning);
	png_infop info = png != NULL ? png_create_info_struct(png) : NULL;

	if (info == NULL) {
		png_destroy_write_struct(&png, NULL);
		return CARD_ERR_NO_MEMORY;
	}
	if (setjmp(png_jmpbuf(png)) != 0) {
		png_destroy_write_struct(&png, &info);
		return job.why != CARD_OK ? job.why : CARD_ERR_INTERNAL;
	}
	png_set_write_fn(png, &job, write_bytes, flush_bytes);
	png_set_IHDR(png, info, image->width, image->height, 8, PNG_COLOR_TYPE_GRAY,
		     PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
	png_write_info(png, info);
	for (uint32_t y = 0; y < image->height; y++)
		png_write_row(png, image->pixels.p + (size_t)y * image->width);
	png_write_end(png, info);
	png_destroy_write_struct(&png, &info);
	return CARD_OK;
}

/* Decode every row into one buffer of a row; interlaced pictures pass over it several times. */
static void decode_rows(png_structp png, png_infop info, png_bytep row)
{
	const int passes = png_set_interlace_handling(png);
	const uint32_t height = png_get_image_height(png, info);

	png_read_update_info(png, info);
	for (int pass = 0; pass < passes; pass++) {
		for (uint32_t y = 0; y < height; y++)
			png_read_row(png, row, NULL);
	}
	png_read_end(png, NULL);
}

enum card_error kz_png_check(struct card_bytes bytes, size_t *length, uint32_t *width,
			     uint32_t *height)
{
	/* 8 bytes a pixel is the most PNG knows: 16 bits of red, green, blue and alpha. */
	static const size_t row_max = (size_t)KZ_IMAGE_SIDE_MAX * 8 + 8;
	struct png_job job = {.in = bytes, .why = CARD_OK};
	card_buf_t row = {0};
	png_structp png;
	png_infop info;

	if (bytes.n < 8)
		return CARD_ERR_TRUNCATED;
	if (png_sig_cmp(bytes.p, 0, 8) != 0)
		return CARD_ERR_MALFORMED;
	if (card_buf_reserve(&row, row_max) != CARD_OK)
		return CARD_ERR_NO_MEMORY;
	png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, on_error, on_warning);
	info = png != NULL ? png_create_info_struct(png) : NULL;
	if (info == NULL) {
		png_destroy_read_struct(&png, NULL, NULL);
		card_buf_free(&row);
		return CARD_ERR_NO_MEMORY;
	}
	if (setjmp(png_jmpbuf(png)) != 0) {
		png_destroy_read_struct(&png, &info, NULL);
		card_buf_free(&row);
		return job.why != CARD_OK ? job.why : CARD_ERR_MALFORMED;
	}
	png_set_user_limits(png, KZ_IMAGE_SIDE_MAX, KZ_IMAGE_SIDE_MAX);
	png_set_chunk_malloc_max(png, 1024 * 1024);
	png_set_chunk_cache_max(png, 64);
	png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
	png_set_read_fn(png, &job, read_bytes);
	png_read_info(png, info);
	*width = png_get_image_width(png, info);
	*height = png_get_image_height(png, info);
	decode_rows(png, info, row.p);
	*length = job.at;
	png_destroy_read_struct(&png, &info, NULL);
	card_buf_free(&row);
	return CARD_OK;
}
