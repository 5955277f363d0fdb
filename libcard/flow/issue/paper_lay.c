/* SPDX-License-Identifier: Apache-2.0 */
/* paper_lay.c — lay a scan over the page it was printed from, window by window. */
#include "paper_lay.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MM 25.4

/* The page is followed in windows of this size: a scanner's feed is not even. */
#define WINDOW_MM 14.0
/* How far a window may lie beside its place. */
#define SLACK_MM 0.6
/* What a pixel's distance, squared, from the neighbours' shift costs: a share of the match. */
#define APART 0.01
/* A place is known where the match is worse by this share all around it. */
#define CLEARLY 0.2
/* … and nothing at all is known where it is not even worse by this. */
#define PERHAPS 0.03

/* Ink of a window of the page, at most this many points of it. */
#define INKS_MAX 3000

struct inks {
	int x[INKS_MAX], y[INKS_MAX];
	size_t n;
};

static void collect(const struct flow_grey *issued, int x0, int y0, int side, struct inks *out)
{
	size_t ink = 0, step = 1, seen = 0;

	for (int round = 0; round < 2; round++) {
		out->n = 0;
		for (int y = y0 < 0 ? 0 : y0; y < y0 + side && y < (int)issued->height; y++)
			for (int x = x0 < 0 ? 0 : x0; x < x0 + side && x < (int)issued->width;
			     x++) {
				if (issued->pixels[(size_t)y * issued->width + (size_t)x] >= 128)
					continue;
				if (round == 0) {
					ink++;
				} else if (seen++ % step == 0 && out->n < INKS_MAX) {
					out->x[out->n] = x;
					out->y[out->n++] = y;
				}
			}
		step = ink / INKS_MAX + 1;
	}
}

/* How well the ink of a window matches when moved by (dx, dy): by how much its places are darker
 * than the page on the whole. */
static double match(const struct inks *inks, const struct flow_grey *laid, double page, int dx,
		    int dy)
{
	double sum = 0;

	for (size_t i = 0; i < inks->n; i++) {
		int u = inks->x[i] + dx, v = inks->y[i] + dy;

		if (u >= 0 && v >= 0 && u < (int)laid->width && v < (int)laid->height)
			sum += page - laid->pixels[(size_t)v * laid->width + (size_t)u];
	}
	return sum;
}

/* A grid of shifts, one for each window's middle. */
struct shifts {
	int across, down, side;
	double *dx, *dy;
	bool *sharp;      /* the match falls off both ways: strokes, not a lone rule */
	double page;      /* mean of the scan */
	struct inks inks; /* of the window at hand */
};

/* The mean shift of the windows around one; its own where it has none. */
static void neighbours(const struct shifts *s, int i, int j, double *dx, double *dy)
{
	double sx = 0, sy = 0, n = 0;

	for (int v = j - 1; v <= j + 1; v++)
		for (int u = i - 1; u <= i + 1; u++) {
			if (u < 0 || v < 0 || u >= s->across || v >= s->down || (u == i && v == j))
				continue;
			sx += s->dx[v * s->across + u];
			sy += s->dy[v * s->across + u];
			n++;
		}
	*dx = sx / n;
	*dy = sy / n;
}

/* The top of a parabola through three values at -1, 0 and 1. */
static double top(double before, double at, double after)
{
	double bend = 2 * at - before - after;

	return bend > 0 ? fmin(fmax((after - before) / (2 * bend), -0.5), 0.5) : 0;
}

/* Whether a match is worse by a share some pixels off its best place, along one axis. */
static bool falls_off(const double *best, int stride, int slack, int at, double share)
{
	enum { FAR = 3 };
	double least = *best * (1 - share);

	return *best > 0 && (at + FAR > slack || best[FAR * stride] < least) &&
	       (at - FAR < -slack || best[-FAR * stride] < least);
}

/* The shift of one window. A lone rule fits anywhere along itself, and an empty window everywhere:
 * going away from the neighbours costs as much as their share of the match. */
static void shift_window(const struct laid *l, struct shifts *s, int i, int j)
{
	enum { REACH = 12, SIDE = 2 * REACH + 1 };
	double m[SIDE][SIDE] = {{0}}, near_x, near_y, best = -INFINITY, cost;
	int slack = (int)fmin(REACH, ceil(SLACK_MM / MM * l->dpi)), at_x = 0, at_y = 0;
	int x0 = i * s->side - s->side / 2, y0 = j * s->side - s->side / 2, k = j * s->across + i;
	bool sharp_x, sharp_y;
	const double *peak;

	collect(l->issued, x0, y0, 2 * s->side, &s->inks);
	neighbours(s, i, j, &near_x, &near_y);
	for (int dy = -slack; dy <= slack; dy++)
		for (int dx = -slack; dx <= slack; dx++)
			m[dy + REACH][dx + REACH] = match(&s->inks, &l->scan, s->page, dx, dy);
	cost = fabs(m[REACH][REACH]) * APART;
	for (int dy = -slack; dy <= slack; dy++)
		for (int dx = -slack; dx <= slack; dx++) {
			double *v = &m[dy + REACH][dx + REACH];

			*v -= cost *
			      ((dx - near_x) * (dx - near_x) + (dy - near_y) * (dy - near_y));
			if (*v > best) {
				best = *v;
				at_x = dx;
				at_y = dy;
			}
		}
	peak = &m[at_y + REACH][at_x + REACH];
	sharp_x = falls_off(peak, 1, slack, at_x, PERHAPS);
	sharp_y = falls_off(peak, SIDE, slack, at_y, PERHAPS);
	s->sharp[k] = falls_off(peak, 1, slack, at_x, CLEARLY) &&
		      falls_off(peak, SIDE, slack, at_y, CLEARLY);
	s->dx[k] =
		!sharp_x ? near_x : at_x + (abs(at_x) < slack ? top(peak[-1], *peak, peak[1]) : 0);
	s->dy[k] = !sharp_y ? near_y
			    : at_y + (abs(at_y) < slack ? top(peak[-SIDE], *peak, peak[SIDE]) : 0);
}

static void follow(const struct laid *l, struct shifts *s)
{
	size_t n = (size_t)l->scan.width * l->scan.height;

	s->page = 0;
	for (size_t i = 0; i < n; i++)
		s->page += l->scan.pixels[i] / (double)n;
	for (int j = 0; j < s->down; j++)
		for (int i = 0; i < s->across; i++)
			shift_window(l, s, i, j);
}

/* Put what the windows with strokes have in common into the map, and begin anew from there. */
static enum card_error straighten(struct shifts *s, struct dots_map *m)
{
	size_t n = (size_t)s->across * (size_t)s->down, used = 0;
	double(*from)[2] = calloc(n, sizeof *from), (*to)[2] = calloc(n, sizeof *to);
	enum card_error e = CARD_ERR_NO_MEMORY;
	struct dots_map better;

	if (from != NULL && to != NULL) {
		for (size_t k = 0; k < n; k++) {
			const int column = (int)k % s->across, row = (int)k / s->across;

			if (!s->sharp[k])
				continue;
			from[used][0] = (column + 0.5) * s->side;
			from[used][1] = (row + 0.5) * s->side;
			dots_map_point(m, from[used][0] + s->dx[k], from[used][1] + s->dy[k],
				       &to[used][0], &to[used][1]);
			used++;
		}
		e = CARD_OK;
	}
	if (e == CARD_OK && used >= 8 &&
	    dots_map_fit((const double(*)[2])from, (const double(*)[2])to, used, &better) ==
		    CARD_OK)
		*m = better;
	memset(s->dx, 0, n * sizeof *s->dx);
	memset(s->dy, 0, n * sizeof *s->dy);
	free(from);
	free(to);
	return e;
}

static double between(const double *grid, const struct shifts *s, double x, double y)
{
	double gx = fmin(fmax(x / s->side - 0.5, 0), s->across - 1.001);
	double gy = fmin(fmax(y / s->side - 0.5, 0), s->down - 1.001);
	int i = (int)gx, j = (int)gy;
	double u = gx - i, v = gy - j;
	const double *k = grid + j * s->across + i;

	return (1 - v) * ((1 - u) * k[0] + u * k[1]) +
	       v * ((1 - u) * k[s->across] + u * k[s->across + 1]);
}

/* The scan's value for a page pixel: the mean over the area that the pixel covers. */
static uint8_t lay_pixel(const struct flow_grey *scan, const struct dots_map *m, double x, double y)
{
	double sum = 0, u, v;

	for (int j = -1; j <= 1; j += 2)
		for (int i = -1; i <= 1; i += 2) {
			dots_map_point(m, x + i * 0.25, y + j * 0.25, &u, &v);
			sum += flow_grey_at(scan, u, v);
		}
	return (uint8_t)lround(sum / 4);
}

static void lay(struct laid *l, const struct flow_grey *scan, const struct dots_map *m,
		const struct shifts *s)
{
	for (uint32_t y = 0; y < l->scan.height; y++)
		for (uint32_t x = 0; x < l->scan.width; x++) {
			double dx = s == NULL ? 0 : between(s->dx, s, x, y);
			double dy = s == NULL ? 0 : between(s->dy, s, x, y);

			l->scan.pixels[(size_t)y * l->scan.width + x] =
				lay_pixel(scan, m, x + 0.5 + dx, y + 0.5 + dy);
		}
}

enum card_error paper_lay(struct laid *l, const struct flow_grey *scan, struct dots_map *m)
{
	struct shifts *s = calloc(1, sizeof *s);
	enum card_error e = CARD_ERR_NO_MEMORY;

	if (s == NULL)
		return e;
	s->side = (int)(WINDOW_MM / MM * l->dpi);
	s->across = (int)l->scan.width / s->side + 2;
	s->down = (int)l->scan.height / s->side + 2;
	s->dx = calloc((size_t)s->across * (size_t)s->down, sizeof *s->dx);
	s->dy = calloc((size_t)s->across * (size_t)s->down, sizeof *s->dy);
	s->sharp = calloc((size_t)s->across * (size_t)s->down, sizeof *s->sharp);
	if (s->dx != NULL && s->dy != NULL && s->sharp != NULL) {
		lay(l, scan, m, NULL);
		follow(l, s);
		e = straighten(s, m);
		lay(l, scan, m, NULL);
		follow(l, s);
		lay(l, scan, m, s);
	}
	free(s->dx);
	free(s->dy);
	free(s->sharp);
	free(s);
	return e;
}
