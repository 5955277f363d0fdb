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
