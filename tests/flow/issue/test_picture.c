/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that the pages look as they did when somebody looked at them: each is rendered by another
 * program (pdftoppm) and compared, block by block, with a small picture that is kept beside this
 * file. KAZASU_PICTURES=FOLDER writes new ones there, to be looked at before they are kept.
 */
#include "town.h"

#include <cairo.h>

#include <math.h>
#include <unistd.h>

#define DPI   36 /* A4 is 298 × 421 then */
#define BLOCK 8
/* Of 255, mean over a block: anti-aliasing moves a little, a line or a word that is not there a lot. */
#define TOLERANCE 24.0

static struct town town;

static const struct picture {
	const char *name, *serial;
	enum flow_certificate_kind kind;
	struct flow_certificate_options options;
} pictures[] = {
	{"juminhyo", "0a01", FLOW_CERTIFICATE_JUMINHYO, {.person = false}},
	{"juminhyo-all", "0a02", FLOW_CERTIFICATE_JUMINHYO, {.domicile = true, .relation = true}},
	{"juminhyo-foreign", "0a11", FLOW_CERTIFICATE_JUMINHYO, {.domicile = true}},
	{"kisai", "0a01", FLOW_CERTIFICATE_KISAI, {.relation = true}},
	{"inkan", "0a01", FLOW_CERTIFICATE_INKAN, {.person = false}},
	{"tax-income", "0a01", FLOW_CERTIFICATE_TAX, {.payment = false}},
	{"tax-payment", "0a01", FLOW_CERTIFICATE_TAX, {.payment = true}},
	{"kisai-foreign", "0a11", FLOW_CERTIFICATE_KISAI, {.person = true, .domicile = true}},
	{"koseki", "0a01", FLOW_CERTIFICATE_KOSEKI, {.person = false}},
	{"koseki-person", "0a02", FLOW_CERTIFICATE_KOSEKI, {.person = true}},
	{"fuhyo", "0a01", FLOW_CERTIFICATE_FUHYO, {.domicile = true}},
};

static int start(void **state)
{
	(void)state;
	town_open(&town, NULL);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	town_close(&town);
	return 0;
}

/* Render the first page; the path of the PNG into out. */
static void render(const struct picture *p, const char *folder, char out[200])
{
	struct flow_certificate c = town_ask(&town, &town_office, p->kind, p->serial, p->options);
	char path[128], command[500];
	FILE *f;

	assert_int_equal(c.outcome, FLOW_OUTCOME_MADE);
	snprintf(path, sizeof path, "%s/page.pdf", town.folder);
	f = fopen(path, "w");
	assert_int_equal(fwrite(c.pdf.p, 1, c.pdf.n, f), c.pdf.n);
	assert_int_equal(fclose(f), 0);
	snprintf(out, 200, "%s/%s.png", folder, p->name);
	snprintf(command, sizeof command, "pdftoppm -r %d -gray -png -singlefile -f 1 %s %s/%s",
		 DPI, path, folder, p->name);
	assert_int_equal(system(command), 0);
	flow_certificate_free(&c);
}

/* Mean brightness of a block; what lies outside is paper. */
static double block(cairo_surface_t *s, int bx, int by)
{
	const int w = cairo_image_surface_get_width(s), h = cairo_image_surface_get_height(s);
	const int stride = cairo_image_surface_get_stride(s);
	const unsigned char *data = cairo_image_surface_get_data(s);
	double sum = 0;

	for (int y = by * BLOCK; y < (by + 1) * BLOCK; y++) {
		for (int x = bx * BLOCK; x < (bx + 1) * BLOCK; x++)
			sum += x < w && y < h ? data[y * stride + x * 4] : 255;
	}
	return sum / (BLOCK * BLOCK);
}

static void assert_alike(const char *got, const char *want)
{
	cairo_surface_t *a = cairo_image_surface_create_from_png(got);
	cairo_surface_t *b = cairo_image_surface_create_from_png(want);
	double worst = 0;
	int at[2] = {0, 0};

	if (cairo_surface_status(b) != CAIRO_STATUS_SUCCESS)
		fail_msg("%s is not there", want);
	assert_int_equal(cairo_surface_status(a), CAIRO_STATUS_SUCCESS);
	assert_int_equal(cairo_image_surface_get_width(a), cairo_image_surface_get_width(b));
	assert_int_equal(cairo_image_surface_get_height(a), cairo_image_surface_get_height(b));
	for (int y = 0; y * BLOCK < cairo_image_surface_get_height(a); y++) {
		for (int x = 0; x * BLOCK < cairo_image_surface_get_width(a); x++) {
			const double d = fabs(block(a, x, y) - block(b, x, y));

			if (d > worst) {
				worst = d;
				at[0] = x * BLOCK;
				at[1] = y * BLOCK;
			}
		}
	}
	cairo_surface_destroy(a);
	cairo_surface_destroy(b);
	if (worst > TOLERANCE)
		fail_msg("%s: differs by %.0f at %d, %d", want, worst, at[0], at[1]);
}

static void pages_look_as_they_did(void **state)
{
	const char *keep = getenv("KAZASU_PICTURES");

	(void)state;
	for (size_t i = 0; i < sizeof pictures / sizeof pictures[0]; i++) {
		char got[200], want[200];

		render(&pictures[i], keep != NULL ? keep : town.folder, got);
		snprintf(want, sizeof want, "tests/flow/issue/pictures/%s.png", pictures[i].name);
		assert_alike(got, tree_path(want));
	}
}

/* The comparison sees what it is for: another mayor, a line more. */
static void another_page_does_not_look_alike(void **state)
{
	cairo_surface_t *a, *b;
	char got[200];
	int found = 0;

	(void)state;
	render(&pictures[1], town.folder, got);
	a = cairo_image_surface_create_from_png(got);
	b = cairo_image_surface_create_from_png(
		tree_path("tests/flow/issue/pictures/juminhyo.png"));
	for (int y = 0; y < 50; y++) {
		for (int x = 0; x < 36; x++)
			found += fabs(block(a, x, y) - block(b, x, y)) > TOLERANCE;
	}
	cairo_surface_destroy(a);
	cairo_surface_destroy(b);
	assert_true(found > 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(pages_look_as_they_did, start, stop),
		cmocka_unit_test_setup_teardown(another_page_does_not_look_alike, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
