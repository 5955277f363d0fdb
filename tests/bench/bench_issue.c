/* SPDX-License-Identifier: Apache-2.0 */
/* What a 住民票の写し costs an issuer: read, decided and drawn, in CPU time, beside the library's own
 * drawing of the same text. */
#include <cairo-pdf.h>
#include <pango/pangocairo.h>
#include <stdlib.h>
#include <time.h>

#include "../flow/issue/town.h"
#include "bench.h"

static struct town town;
static char *drawn;

/* CPU seconds of one call, the best of several rounds. */
static double cpu_seconds(void (*work)(void *), void *ctx)
{
	double best = 1e9;

	for (int round = 0; round < 5; round++) {
		struct timespec a, b;
		double spent;

		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
		for (int i = 0; i < 20; i++)
			work(ctx);
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
		spent = ((double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9) /
			20;
		if (spent < best)
			best = spent;
	}
	return best;
}

static void ours(void *ctx)
{
	const struct flow_certificate_options *o = ctx;
	struct flow_certificate c =
		town_ask(&town, &town_office, FLOW_CERTIFICATE_JUMINHYO, "0a01", *o);

	assert_int_equal(c.outcome, FLOW_OUTCOME_MADE);
	if (drawn == NULL) {
		assert_ok(card_buf_append_byte(&c.drawn, '\0'));
		drawn = strdup((const char *)c.drawn.p);
	}
	flow_certificate_free(&c);
}

static cairo_status_t drop(void *ctx, const unsigned char *data, unsigned length)
{
	(void)ctx;
	bench_keep(data);
	(void)length;
	return CAIRO_STATUS_SUCCESS;
}

/* The same text in one layout on a page, the same font, as a program of a few lines would. */
static void plain(void *ctx)
{
	cairo_surface_t *s = cairo_pdf_surface_create_for_stream(drop, NULL, 595, 842);
	cairo_t *cr = cairo_create(s);
	PangoLayout *l = pango_cairo_create_layout(cr);
	PangoFontDescription *d = pango_font_description_from_string("IPAmjMincho 8");

	(void)ctx;
	pango_layout_set_font_description(l, d);
	pango_layout_set_text(l, drawn, -1);
	pango_cairo_show_layout(cr, l);
	pango_font_description_free(d);
	g_object_unref(l);
	cairo_destroy(cr);
	cairo_surface_destroy(s);
}

int main(void)
{
	struct flow_certificate_options household = {0}, all = {.domicile = true, .relation = true},
					one = {.person = true};
	double least, seconds;

	town_open(&town, NULL);
	ours(&household);
	plain(NULL);
	least = cpu_seconds(plain, NULL);
	seconds = cpu_seconds(ours, &household);
	/* The goal is for the time: 20 ms of CPU. */
	bench_report("issue.juminhyo.household", seconds * 1000, "ms", NULL, 0, 20);
	bench_report("issue.juminhyo.household.ratio", seconds * 1000, "ms",
		     "the same text in one layout", seconds / least, 0);
	seconds = cpu_seconds(ours, &all);
	bench_report("issue.juminhyo.all_options", seconds * 1000, "ms", NULL, 0, 20);
	seconds = cpu_seconds(ours, &one);
	bench_report("issue.juminhyo.person", seconds * 1000, "ms", NULL, 0, 20);
	free(drawn);
	town_close(&town);
	return 0;
}
