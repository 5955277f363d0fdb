/* SPDX-License-Identifier: Apache-2.0 */
/* grey_resize.c — pictures made smaller: rows are averaged first, eight pixels at a time, then columns. */
#include <cardflow/grey.h>

#include <card/secret.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Weights of the pixels that one pixel stands for add up to this, so that 255 of it fit 16 bits. */
#define WHOLE 256u

typedef uint8_t bytes8 __attribute__((vector_size(8)));
typedef uint16_t lanes8 __attribute__((vector_size(16)));

/* The pixels from `first` on that one pixel of the smaller picture stands for, and their weights. */
struct span {
	uint32_t first, n;
	const uint16_t *weight;
};

struct spans {
	struct span *span;
	uint16_t *weights;
};

static void spans_free(struct spans *s)
{
	free(s->span);
	free(s->weights);
}

/* How much of each pixel lies in [from, to), in parts of WHOLE. Their sums are rounded, so that together
 * they are WHOLE. */
static void weigh(struct span *s, double from, double to, uint32_t side, uint16_t *weight)
{
	const uint32_t end = (uint32_t)fmin(ceil(to - 1e-9), side);
	uint32_t before = 0;

	s->first = (uint32_t)from;
	s->n = end > s->first ? end - s->first : 1;
	s->weight = weight;
	for (uint32_t i = 0; i < s->n; i++) {
		const double right = i + 1 < s->n ? (double)(s->first + i) + 1 : to;
		const uint32_t sum = (uint32_t)lround((right - from) * WHOLE / (to - from));

		weight[i] = (uint16_t)(sum - before);
		before = sum;
	}
}

static bool spans_make(struct spans *s, uint32_t side, uint32_t small)
{
	const double scale = (double)side / small;
	const size_t most = (size_t)ceil(scale) + 2;

	s->span = calloc(small, sizeof *s->span);
	s->weights = calloc((size_t)small * most, sizeof *s->weights);
	for (uint32_t i = 0; s->span != NULL && s->weights != NULL && i < small; i++)
		weigh(&s->span[i], i * scale, (i + 1) * scale, side, s->weights + i * most);
	return s->span != NULL && s->weights != NULL;
}

/* sum += weight × row, of n pixels; sum has room for a multiple of eight. */
static void add_row(lanes8 *sum, const uint8_t *row, size_t n, uint16_t weight)
{
	size_t i = 0;

	for (; i + 8 <= n; i += 8) {
		bytes8 p;

		memcpy(&p, row + i, sizeof p);
		sum[i / 8] += __builtin_convertvector(p, lanes8) * weight;
	}
	if (i < n) {
		bytes8 p = {0};

		memcpy(&p, row + i, n - i);
		sum[i / 8] += __builtin_convertvector(p, lanes8) * weight;
	}
}

static void put_row(const struct spans *across, const uint16_t *sum, uint8_t *row, uint32_t width)
{
	for (uint32_t x = 0; x < width; x++) {
		const struct span *s = &across->span[x];
		uint32_t v = WHOLE * WHOLE / 2; /* rounds */

		for (uint32_t i = 0; i < s->n; i++)
			v += (uint32_t)sum[s->first + i] * s->weight[i];
		row[x] = (uint8_t)(v / (WHOLE * WHOLE));
	}
}

static enum card_error shrink(const struct flow_grey *in, struct flow_grey *out)
{
	const size_t lanes = (in->width + 7u) / 8;
	struct spans across = {NULL, NULL}, down = {NULL, NULL};
	lanes8 *sum = aligned_alloc(sizeof *sum, lanes * sizeof *sum);
	const bool good = spans_make(&across, in->width, out->width) &&
			  spans_make(&down, in->height, out->height) && sum != NULL;

	for (uint32_t y = 0; good && y < out->height; y++) {
		const struct span *s = &down.span[y];

		memset(sum, 0, lanes * sizeof *sum);
		for (uint32_t i = 0; i < s->n; i++)
			add_row(sum, in->pixels + (size_t)(s->first + i) * in->width, in->width,
				s->weight[i]);
		put_row(&across, (const uint16_t *)sum, out->pixels + (size_t)y * out->width,
			out->width);
	}
	spans_free(&across);
	spans_free(&down);
	if (sum != NULL)
		card_wipe(sum, lanes * sizeof *sum);
	free(sum);
	return good ? CARD_OK : CARD_ERR_NO_MEMORY;
}

static void between(const struct flow_grey *in, struct flow_grey *out)
{
	const double sx = (double)in->width / out->width, sy = (double)in->height / out->height;

	for (uint32_t y = 0; y < out->height; y++)
		for (uint32_t x = 0; x < out->width; x++)
			out->pixels[(size_t)y * out->width + x] =
				(uint8_t)lround(flow_grey_at(in, (x + 0.5) * sx, (y + 0.5) * sy));
}

enum card_error flow_grey_resize(const struct flow_grey *in, uint32_t width, uint32_t height,
				 struct flow_grey *out)
{
	enum card_error e;

	if (in == NULL || in->pixels == NULL || out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	e = flow_grey_make(out, width, height, 255);
	if (e != CARD_OK)
		return e;
	if (in->width > width || in->height > height)
		e = shrink(in, out);
	else
		between(in, out);
	if (e != CARD_OK)
		flow_grey_free(out);
	return e;
}
