/* SPDX-License-Identifier: Apache-2.0 */
/* paper_align.c — find how a scanned page lies: from coarse to fine, most ink on ink wins. */
#include "paper_compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Points of ink that are looked up on the scan at each step. */
#define POINTS_MAX 4000

/* What describes how a page lies: scale times rotation about the page's middle, then a shift. */
struct pose {
	double scale, angle, du, dv; /* angle in radians; shift in pixels of the scan */
};

struct points {
	double x[POINTS_MAX], y[POINTS_MAX]; /* pixels of the page, from its middle */
	size_t n;
};

static struct dots_map map_of(const struct pose *p, const struct flow_grey *issued,
			      const struct flow_grey *scan)
{
	double c = p->scale * cos(p->angle), s = p->scale * sin(p->angle);
	double mx = issued->width / 2.0, my = issued->height / 2.0;

	return (struct dots_map){c, -s, scan->width / 2.0 + p->du - c * mx + s * my,
				 s, c,  scan->height / 2.0 + p->dv - s * mx - c * my};
}

/* An even choice of the page's ink. */
static void choose(const struct flow_grey *issued, struct points *out)
{
	size_t ink = 0, step, seen = 0, total = (size_t)issued->width * issued->height;

	for (size_t i = 0; i < total; i++)
		ink += issued->pixels[i] < 128;
	step = ink / POINTS_MAX + 1;
	out->n = 0;
	for (size_t i = 0; i < total && out->n < POINTS_MAX; i++) {
		if (issued->pixels[i] >= 128 || seen++ % step != 0)
			continue;
		const size_t column = i % issued->width, row = i / issued->width;

		out->x[out->n] = (double)column + 0.5 - issued->width / 2.0;
		out->y[out->n++] = (double)row + 0.5 - issued->height / 2.0;
	}
}

/* Mean darkness (0 … 255) of a reduced scan under the points. reduced: scan pixels per pixel. */
static double score(const struct points *points, const struct flow_grey *small, double reduced,
		    const struct pose *p)
{
	double c = p->scale * cos(p->angle) / reduced, s = p->scale * sin(p->angle) / reduced;
	double u0 = small->width / 2.0 + p->du / reduced,
	       v0 = small->height / 2.0 + p->dv / reduced;
	double sum = 0;

	for (size_t i = 0; i < points->n; i++) {
		double u = u0 + c * points->x[i] - s * points->y[i];
		double v = v0 + s * points->x[i] + c * points->y[i];

		if (u >= 0 && v >= 0 && u < small->width && v < small->height)
			sum += 255 - small->pixels[(size_t)v * small->width + (size_t)u];
	}
	return points->n == 0 ? 0 : sum / (double)points->n;
}

/* The span of a search about a pose, and its steps either way. */
struct span {
	double angle, shift, scale;
	int angles, shifts, scales;
};

static double improve(const struct points *points, const struct flow_grey *small, double reduced,
		      const struct span *span, struct pose *p)
{
	struct pose best = *p;
	double high = -1;

	for (int k = -span->scales; k <= span->scales; k++)
		for (int a = -span->angles; a <= span->angles; a++)
			for (int v = -span->shifts; v <= span->shifts; v++)
				for (int u = -span->shifts; u <= span->shifts; u++) {
					struct pose try = {p->scale * (1 + k * span->scale),
							   p->angle + a * span->angle,
							   p->du + u * span->shift,
							   p->dv + v * span->shift};
					double s = score(points, small, reduced, &try);

					if (s > high) {
						high = s;
						best = try;
					}
				}
	*p = best;
	return high;
}

/* Mean darkness of a whole picture: what a page that does not fit scores. */
static double darkness(const struct flow_grey *g)
{
	double sum = 0;
	size_t n = (size_t)g->width * g->height;

	for (size_t i = 0; i < n; i++)
		sum += 255 - g->pixels[i];
	return sum / (double)n;
}

static enum card_error reduce(const struct flow_grey *scan, double by, struct flow_grey *out)
{
	double width = fmax(1, round(scan->width / by)), height = fmax(1, round(scan->height / by));

	return flow_grey_resize(scan, (uint32_t)width, (uint32_t)height, out);
}

enum card_error compare_align(const struct flow_grey *issued, uint32_t dpi,
			      const struct flow_grey *scan, double scan_scale, struct dots_map *out)
{
	static const double degree = 3.14159265358979323846 / 180;
	struct pose pose = {.scale = scan_scale};
	struct points *points = malloc(sizeof *points);
	double scan_dpi = dpi * scan_scale, high = 0, low = 0;
	enum card_error e = points == NULL ? CARD_ERR_NO_MEMORY : CARD_OK;
	/* reduced to 12, 25, 50 and 100 dpi; shifts in millimetres */
	static const struct {
		double dpi, angle, shift, scale;
		int angles, shifts, scales;
	} steps[] = {{12, 0.75, 2, 0, 8, 6, 0},
		     {25, 0.25, 1, 0.01, 3, 2, 3},
		     {50, 0.08, 0.4, 0.003, 3, 3, 3},
		     {100, 0.03, 0.15, 0.001, 3, 3, 3}};

	if (e == CARD_OK)
		choose(issued, points);
	for (size_t i = 0; i < sizeof steps / sizeof *steps && e == CARD_OK; i++) {
		double by = fmax(1, scan_dpi / steps[i].dpi);
		struct span span = {steps[i].angle * degree, steps[i].shift / 25.4 * scan_dpi,
				    steps[i].scale,          steps[i].angles,
				    steps[i].shifts,         steps[i].scales};
		struct flow_grey small;

		e = reduce(scan, by, &small);
		if (e != CARD_OK)
			break;
		high = improve(points, &small, by, &span, &pose);
		low = darkness(&small);
		flow_grey_free(&small);
	}
	if (e == CARD_OK && points->n > 0 && high < low + 25)
		e = CARD_ERR_NOT_FOUND;
	*out = map_of(&pose, issued, scan);
	free(points);
	return e;
}
