/* SPDX-License-Identifier: Apache-2.0 */
#include "front_code.h"

#include "grey_bits.h"

#include <cardflow/paper.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define HEADER 14u

/* Lighter than this is paper. The thin strokes of a Mincho face are half a pixel at 200 dpi and must
 * stay ink, as the red of a seal; the light grey of a table is none. */
#define INK_BELOW 205

/* The finest first. */
static const uint32_t resolutions[] = {200, 150, 120, 100};

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static uint32_t get16(const uint8_t *p)
{
	return (uint32_t)p[0] << 8 | p[1];
}

/* Rows of bits, each XORed with the one above. On the heap. */
static uint8_t *rows_of(const struct flow_grey *g, size_t *n)
{
	size_t stride = (g->width + 7) / 8;
	uint8_t *rows = calloc(g->height, stride);

	if (rows == NULL)
		return NULL;
	for (uint32_t y = 0; y < g->height; y++)
		grey_row_bits(g->pixels + (size_t)y * g->width, g->width, INK_BELOW,
			      rows + y * stride);
	for (uint32_t y = g->height - 1; y > 0; y--)
		for (size_t i = 0; i < stride; i++)
			rows[y * stride + i] ^= rows[(y - 1) * stride + i];
	*n = stride * g->height;
	return rows;
}

static enum card_error pack(const struct flow_grey *g, uint32_t dpi, int level, card_buf_t *out)
{
	size_t n = 0, before = out->n;
	uint8_t *rows = rows_of(g, &n);
	uLongf packed = compressBound((uLong)n);
	enum card_error e =
		rows == NULL ? CARD_ERR_NO_MEMORY : card_buf_reserve(out, HEADER + packed);

	if (e == CARD_OK) {
		uint8_t *h = out->p + before;

		if (compress2(h + HEADER, &packed, rows, (uLong)n, level) == Z_OK) {
			memcpy(h, "KZF1", 4);
			put16(h + 4, g->width);
			put16(h + 6, g->height);
			put16(h + 8, dpi);
			put16(h + 10, (uint32_t)(packed >> 16));
			put16(h + 12, (uint32_t)(packed & 0xFFFF));
			out->n = before + HEADER + packed;
		} else {
			e = CARD_ERR_INTERNAL;
		}
	}
	free(rows);
	return e;
}

/* Trying harder takes three times as long for a few bytes: only where those decide. */
static const int levels[] = {6, Z_BEST_COMPRESSION};

static enum card_error encode_at(const struct flow_grey *front, uint32_t dpi, size_t room,
				 card_buf_t *out)
{
	const size_t before = out->n;
	struct flow_grey small;
	enum card_error e = flow_grey_resize(front, front->width * dpi / FLOW_PAPER_DPI,
					     front->height * dpi / FLOW_PAPER_DPI, &small);

	for (size_t i = 0; i < sizeof levels / sizeof *levels && e == CARD_OK; i++) {
		out->n = before;
		e = pack(&small, dpi, levels[i], out);
		if (e == CARD_OK && out->n - before <= room)
			break;
	}
	flow_grey_free(&small);
	return e;
}

enum card_error front_encode(const struct flow_grey *front, size_t room, card_buf_t *out)
{
	size_t before = out->n;

	for (size_t i = 0; i < sizeof resolutions / sizeof *resolutions; i++) {
		enum card_error e = encode_at(front, resolutions[i], room, out);

		if (e != CARD_OK)
			return e;
		if (out->n - before <= room)
			return CARD_OK;
		out->n = before;
	}
	return CARD_ERR_TOO_LONG;
}

static void show(const uint8_t *rows, struct flow_grey *g)
{
	size_t stride = (g->width + 7) / 8;

	for (uint32_t y = 0; y < g->height; y++)
		for (uint32_t x = 0; x < g->width; x++)
			g->pixels[(size_t)y * g->width + x] =
				rows[y * stride + x / 8] >> (7 - x % 8) & 1 ? 0 : 255;
}

enum card_error front_decode(struct card_bytes in, struct flow_grey *out, uint32_t *dpi,
			     size_t *used)
{
	uint32_t width, height;
	size_t packed, stride, n;
	enum card_error e;
	uLongf got;
	uint8_t *rows;

	*out = (struct flow_grey){0};
	if (in.n < HEADER || memcmp(in.p, "KZF1", 4) != 0)
		return CARD_ERR_MALFORMED;
	width = get16(in.p + 4);
	height = get16(in.p + 6);
	*dpi = get16(in.p + 8);
	packed = (size_t)get16(in.p + 10) << 16 | get16(in.p + 12);
	if (packed > in.n - HEADER)
		return CARD_ERR_TRUNCATED;
	if (*dpi < 50 || *dpi > 600 || width > FLOW_PAPER_WIDTH * 2 ||
	    height > FLOW_PAPER_HEIGHT * 2)
		return CARD_ERR_MALFORMED;
	e = flow_grey_make(out, width, height, 255);
	if (e != CARD_OK)
		return CARD_ERR_MALFORMED;
	stride = (width + 7) / 8;
	n = stride * height;
	got = (uLongf)n;
	rows = malloc(n);
	if (rows == NULL) {
		flow_grey_free(out);
		return CARD_ERR_NO_MEMORY;
	}
	if (uncompress(rows, &got, in.p + HEADER, (uLong)packed) != Z_OK || got != n) {
		free(rows);
		flow_grey_free(out);
		return CARD_ERR_MALFORMED;
	}
	for (size_t i = stride; i < n; i++)
		rows[i] ^= rows[i - stride];
	show(rows, out);
	free(rows);
	*used = HEADER + packed;
	return CARD_OK;
}
