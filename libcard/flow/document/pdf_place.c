/* SPDX-License-Identifier: Apache-2.0 */
/* pdf_place.c — millimetres on a page as it is shown, and its own coordinates (ISO 32000-1 §8.3.2, §14.11.2). */
#include "pdf_sign.h"

#define POINTS_PER_MM (72.0 / 25.4)
#define EDGE          15.0 /* millimetres, of the default place */
#define WIDTH         80.0
#define HEIGHT        22.0
#define SLACK         0.01 /* points */

static double positive(double v, double otherwise)
{
	return v > 0 ? v : otherwise;
}

/* A point of the shown page, right and down from its upper left corner, in page coordinates. */
static void point(const struct pdf_page *page, double right, double down, double out[2])
{
	const double *c = page->crop;

	switch (page->rotate) {
	case 90:
		out[0] = c[0] + down;
		out[1] = c[1] + right;
		break;
	case 180:
		out[0] = c[2] - right;
		out[1] = c[1] + down;
		break;
	case 270:
		out[0] = c[2] - down;
		out[1] = c[3] - right;
		break;
	default:
		out[0] = c[0] + right;
		out[1] = c[3] - down;
	}
}

enum card_error pdf_job_place(struct pdf_job *j)
{
	const struct flow_pdf_visible *v = j->opt->visible;
	const double scale = POINTS_PER_MM / j->page.unit, slack = SLACK / j->page.unit;
	const bool turned = j->page.rotate % 180 == 90;
	double width = j->page.crop[2] - j->page.crop[0],
	       height = j->page.crop[3] - j->page.crop[1];
	double x, y, w, h, a[2], b[2];

	if (turned) {
		const double t = width;

		width = height;
		height = t;
	}
	w = positive(v->width, WIDTH) * scale;
	h = positive(v->height, HEIGHT) * scale;
	x = v->placed ? v->x * scale : width - EDGE * scale - w;
	y = v->placed ? v->y * scale : height - EDGE * scale - h;
	/* Written so that what is no number is refused as well. */
	if (!(x >= -slack && y >= -slack && x + w <= width + slack && y + h <= height + slack)) {
		j->fault.why = FLOW_PDF_PLACE;
		return CARD_ERR_INVALID_ARGUMENT;
	}
	point(&j->page, x, y, a);
	point(&j->page, x + w, y + h, b);
	for (size_t i = 0; i < 2; i++) {
		j->rect[i] = a[i] < b[i] ? a[i] : b[i];
		j->rect[i + 2] = a[i] < b[i] ? b[i] : a[i];
	}
	j->width = w * j->page.unit;
	j->height = h * j->page.unit;
	return CARD_OK;
}
