/* SPDX-License-Identifier: Apache-2.0 */
#include <cardflow/grey.h>

#include <card/secret.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum card_error flow_grey_make(struct flow_grey *out, uint32_t width, uint32_t height,
			       uint8_t value)
{
	uint8_t *pixels;

	if (out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	*out = (struct flow_grey){0};
	if (width == 0 || height == 0 || width > FLOW_GREY_SIDE_MAX || height > FLOW_GREY_SIDE_MAX)
		return CARD_ERR_TOO_LONG;
	pixels = malloc((size_t)width * height);
	if (pixels == NULL)
		return CARD_ERR_NO_MEMORY;
	memset(pixels, value, (size_t)width * height);
	out->width = width;
	out->height = height;
	out->pixels = pixels;
	return CARD_OK;
}

void flow_grey_free(struct flow_grey *g)
{
	if (g == NULL || g->pixels == NULL)
		return;
	card_wipe(g->pixels, (size_t)g->width * g->height);
	free(g->pixels);
	*g = (struct flow_grey){0};
}

static double pixel(const struct flow_grey *g, int64_t x, int64_t y)
{
	if (x < 0 || y < 0 || x >= (int64_t)g->width || y >= (int64_t)g->height)
		return 255.0;
	return g->pixels[(size_t)y * g->width + (size_t)x];
}

double flow_grey_at(const struct flow_grey *g, double x, double y)
{
	double fx = floor(x - 0.5), fy = floor(y - 0.5);
	double u = x - 0.5 - fx, v = y - 0.5 - fy;
	int64_t i, j;

	if (!(fabs(fx) < 1e6) || !(fabs(fy) < 1e6))
		return 255.0;
	i = (int64_t)fx;
	j = (int64_t)fy;
	return (1 - v) * ((1 - u) * pixel(g, i, j) + u * pixel(g, i + 1, j)) +
	       v * ((1 - u) * pixel(g, i, j + 1) + u * pixel(g, i + 1, j + 1));
}

/* How much of pixel i lies in [from, to). */
static double share(uint32_t i, double from, double to)
{
	double a = fmax((double)i, from), b = fmin((double)i + 1, to);

	return b > a ? b - a : 0;
}

/* The mean over the area that one pixel of the smaller picture stands for. */
static double mean(const struct flow_grey *g, double x0, double x1, double y0, double y1)
{
	uint32_t i1 = (uint32_t)fmin(ceil(x1), g->width), j1 = (uint32_t)fmin(ceil(y1), g->height);
	double sum = 0, weight = 0;

	for (uint32_t j = (uint32_t)y0; j < j1; j++) {
		double wy = share(j, y0, y1);

		for (uint32_t i = (uint32_t)x0; i < i1; i++) {
			double w = wy * share(i, x0, x1);

			sum += w * g->pixels[(size_t)j * g->width + i];
			weight += w;
		}
	}
	return weight > 0 ? sum / weight : 255.0;
}

enum card_error flow_grey_resize(const struct flow_grey *in, uint32_t width, uint32_t height,
				 struct flow_grey *out)
{
	enum card_error e;
	double sx, sy;

	if (in == NULL || in->pixels == NULL || out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	e = flow_grey_make(out, width, height, 255);
	if (e != CARD_OK)
		return e;
	sx = (double)in->width / width;
	sy = (double)in->height / height;
	for (uint32_t y = 0; y < height; y++)
		for (uint32_t x = 0; x < width; x++) {
			double v = sx > 1 || sy > 1
					   ? mean(in, x * sx, (x + 1) * sx, y * sy, (y + 1) * sy)
					   : flow_grey_at(in, (x + 0.5) * sx, (y + 0.5) * sy);

			out->pixels[(size_t)y * width + x] = (uint8_t)lround(v);
		}
	return CARD_OK;
}
