/* SPDX-License-Identifier: Apache-2.0 */
#include "dots.h"

#include <math.h>

void dots_map_point(const struct dots_map *m, double x, double y, double *u, double *v)
{
	*u = m->a * x + m->b * y + m->c;
	*v = m->d * x + m->e * y + m->f;
}

/* Least squares about the mean points: two unknowns a side, solved by hand. */
enum card_error dots_map_fit(const double (*from)[2], const double (*to)[2], size_t n,
			     struct dots_map *out)
{
	double mx = 0, my = 0, mu = 0, mv = 0, xx = 0, xy = 0, yy = 0;
	double xu = 0, yu = 0, xv = 0, yv = 0, det;

	if (n < 3)
		return CARD_ERR_MALFORMED;
	for (size_t i = 0; i < n; i++) {
		mx += from[i][0] / (double)n;
		my += from[i][1] / (double)n;
		mu += to[i][0] / (double)n;
		mv += to[i][1] / (double)n;
	}
	for (size_t i = 0; i < n; i++) {
		double x = from[i][0] - mx, y = from[i][1] - my, u = to[i][0] - mu,
		       v = to[i][1] - mv;

		xx += x * x;
		xy += x * y;
		yy += y * y;
		xu += x * u;
		yu += y * u;
		xv += x * v;
		yv += y * v;
	}
	det = xx * yy - xy * xy;
	if (!(det > 1e-6 * xx * yy))
		return CARD_ERR_MALFORMED;
	out->a = (xu * yy - yu * xy) / det;
	out->b = (yu * xx - xu * xy) / det;
	out->c = mu - out->a * mx - out->b * my;
	out->d = (xv * yy - yv * xy) / det;
	out->e = (yv * xx - xv * xy) / det;
	out->f = mv - out->d * mx - out->e * my;
	return CARD_OK;
}
