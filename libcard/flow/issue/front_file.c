/* SPDX-License-Identifier: Apache-2.0 */
/* front_file.c — pictures as the pages of a PDF (ISO 32000-1): one image a page, one bit a pixel where
 * it is black and white, each row told from the one above (PNG predictor Up, 7.4.4.4): a field of
 * dots repeats its rows. */
#include <cardflow/front.h>

#include "grey_bits.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#define A4 "595.276", "841.890" /* points */
#define UP 2                    /* tag of a row */

/* Objects of the file: catalogue, pages, then page, content and image of each page. */
#define OBJECT_OF(page, which) (3u + 3u * (page) + (which))

struct file {
	card_buf_t *out;
	size_t start;
	size_t *at; /* of each object, from 1 */
	uint32_t objects;
	enum card_error err;
};

static void put_bytes(struct file *f, struct card_bytes bytes)
{
	if (f->err == CARD_OK)
		f->err = card_buf_append(f->out, bytes);
}

static void put(struct file *f, const char *text)
{
	put_bytes(f, card_bytes(text, strlen(text)));
}

static void begin(struct file *f, uint32_t number)
{
	char text[32];

	f->at[number] = f->out->n - f->start;
	snprintf(text, sizeof text, "%u 0 obj\n", number);
	put(f, text);
}

static bool black_and_white(const struct flow_grey *g)
{
	const size_t n = (size_t)g->width * g->height;
	size_t i = 0;

	/* 0 and 255 are those whose bits are all alike. */
	for (; i + 8 <= n; i += 8) {
		uint64_t p;

		memcpy(&p, g->pixels + i, sizeof p);
		if ((p >> 7 & UINT64_C(0x0101010101010101)) * 255 != p)
			return false;
	}
	for (; i < n; i++)
		if (g->pixels[i] != 0 && g->pixels[i] != 255)
			return false;
	return true;
}

/* Rows of `stride` bytes, each after its tag. bits: 1 or 8 a pixel. */
static enum card_error rows_of(const struct flow_grey *g, unsigned bits, size_t stride,
			       card_buf_t *out)
{
	uint8_t *above = calloc(2, stride), *row = above != NULL ? above + stride : NULL;
	enum card_error err = above != NULL ? card_buf_reserve(out, (stride + 1) * g->height)
					    : CARD_ERR_NO_MEMORY;

	for (uint32_t y = 0; y < g->height && err == CARD_OK; y++) {
		uint8_t *to = out->p + out->n;

		if (bits == 8) {
			memcpy(row, g->pixels + (size_t)y * g->width, stride);
		} else {
			grey_row_bits(g->pixels + (size_t)y * g->width, g->width, 128, row);
			for (size_t i = 0; i < stride; i++)
				row[i] = (uint8_t)~row[i]; /* 1 is white in DeviceGray */
		}
		to[0] = UP;
		for (size_t i = 0; i < stride; i++)
			to[1 + i] = (uint8_t)(row[i] - above[i]);
		memcpy(above, row, stride);
		out->n += stride + 1;
	}
	if (above != NULL)
		memset(above, 0, 2 * stride);
	free(above);
	return err;
}

/* Rows that say nothing new are runs of zeros, and dots hold nothing else that repeats. */
static enum card_error pack(const card_buf_t *rows, card_buf_t *out)
{
	z_stream z = {0};
	enum card_error err = CARD_ERR_NO_MEMORY;
	int rc;

	if (rows->n > UINT32_MAX ||
	    deflateInit2(&z, Z_BEST_SPEED, Z_DEFLATED, MAX_WBITS, MAX_MEM_LEVEL, Z_RLE) != Z_OK)
		return err;
	err = card_buf_reserve(out, deflateBound(&z, (uLong)rows->n));
	if (err == CARD_OK) {
		z.next_in = rows->p;
		z.avail_in = (uInt)rows->n;
		z.next_out = out->p;
		z.avail_out = (uInt)deflateBound(&z, (uLong)rows->n);
		rc = deflate(&z, Z_FINISH);
		out->n = z.total_out;
		err = rc == Z_STREAM_END ? CARD_OK : CARD_ERR_INTERNAL;
	}
	deflateEnd(&z);
	return err;
}

static void put_image(struct file *f, uint32_t number, const struct flow_grey *g)
{
	const unsigned bits = black_and_white(g) ? 1 : 8;
	const size_t stride = bits == 1 ? (g->width + 7u) / 8 : g->width;
	card_buf_t rows = {0}, packed = {0};
	char text[300];

	f->err = rows_of(g, bits, stride, &rows);
	if (f->err == CARD_OK)
		f->err = pack(&rows, &packed);
	if (f->err == CARD_OK) {
		begin(f, number);
		snprintf(text, sizeof text,
			 "<</Type/XObject/Subtype/Image/Width %u/Height %u/ColorSpace/DeviceGray"
			 "/BitsPerComponent %u/Filter/FlateDecode/DecodeParms<</Predictor 12"
			 "/Colors 1/BitsPerComponent %u/Columns %u>>/Length %zu>>\nstream\n",
			 g->width, g->height, bits, bits, g->width, packed.n);
		put(f, text);
		put_bytes(f, card_buf_bytes(&packed));
		put(f, "\nendstream\nendobj\n");
	}
	card_buf_free(&rows);
	card_buf_free(&packed);
}

static void put_page(struct file *f, uint32_t page, const struct flow_grey *g)
{
	char text[300], content[80];

	begin(f, OBJECT_OF(page, 0));
	snprintf(text, sizeof text,
		 "<</Type/Page/Parent 2 0 R/MediaBox[0 0 %s %s]/Contents %u 0 R"
		 "/Resources<</XObject<</P %u 0 R>>>>>>\nendobj\n",
		 A4, OBJECT_OF(page, 1), OBJECT_OF(page, 2));
	put(f, text);
	snprintf(content, sizeof content, "q %s 0 0 %s 0 0 cm /P Do Q\n", A4);
	begin(f, OBJECT_OF(page, 1));
	snprintf(text, sizeof text, "<</Length %zu>>\nstream\n%sendstream\nendobj\n",
		 strlen(content), content);
	put(f, text);
	if (f->err == CARD_OK)
		put_image(f, OBJECT_OF(page, 2), g);
}

static void put_head(struct file *f, uint32_t pages)
{
	char text[64];

	/* Bytes above 127 say that this is no text (7.5.2). */
	put(f, "%PDF-1.4\n%\xE2\xE3\xCF\xD3\n");
	begin(f, 1);
	put(f, "<</Type/Catalog/Pages 2 0 R>>\nendobj\n");
	begin(f, 2);
	put(f, "<</Type/Pages/Kids[");
	for (uint32_t i = 0; i < pages; i++) {
		snprintf(text, sizeof text, "%u 0 R ", OBJECT_OF(i, 0));
		put(f, text);
	}
	snprintf(text, sizeof text, "]/Count %u>>\nendobj\n", pages);
	put(f, text);
}

static void put_tail(struct file *f)
{
	const size_t xref = f->out->n - f->start;
	char text[80];

	snprintf(text, sizeof text, "xref\n0 %u\n0000000000 65535 f \n", f->objects + 1);
	put(f, text);
	for (uint32_t i = 1; i <= f->objects; i++) {
		snprintf(text, sizeof text, "%010zu 00000 n \n", f->at[i]);
		put(f, text);
	}
	snprintf(text, sizeof text, "trailer\n<</Size %u/Root 1 0 R>>\nstartxref\n%zu\n%%%%EOF\n",
		 f->objects + 1, xref);
	put(f, text);
}

enum card_error flow_front_pdf(const struct flow_grey *pages, uint32_t n, card_buf_t *out)
{
	struct file f = {.out = out, .err = CARD_OK};

	if (pages == NULL || n == 0 || n > FLOW_FRONT_PAGES_MAX || out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	f.start = out->n;
	f.objects = OBJECT_OF(n, 0) - 1;
	f.at = calloc(f.objects + 1u, sizeof *f.at);
	if (f.at == NULL)
		return CARD_ERR_NO_MEMORY;
	put_head(&f, n);
	for (uint32_t i = 0; i < n && f.err == CARD_OK; i++)
		put_page(&f, i, &pages[i]);
	put_tail(&f);
	free(f.at);
	if (f.err != CARD_OK)
		out->n = f.start;
	return f.err;
}
