/* SPDX-License-Identifier: Apache-2.0 */
/* Proves that pictures become smaller by the mean of what they show, at any ratio, and that the pages of
 * a file of pictures come back as they were, black and white or grey. */
#include "test.h"

#include <stdlib.h>

#include <cardflow/front.h>
#include <cardflow/grey.h>
#include <cardflow/paper.h>

static struct flow_grey made(uint32_t width, uint32_t height, uint8_t (*value)(uint32_t, uint32_t))
{
	struct flow_grey g;

	assert_ok(flow_grey_make(&g, width, height, 255));
	for (uint32_t y = 0; y < height; y++)
		for (uint32_t x = 0; x < width; x++)
			g.pixels[(size_t)y * width + x] = value(x, y);
	return g;
}

static uint8_t slope(uint32_t x, uint32_t y)
{
	return (uint8_t)((x + 2 * y) % 256);
}

static uint8_t noise(uint32_t x, uint32_t y)
{
	return (uint8_t)((x * 2654435761u ^ y * 40503u) >> 13);
}

static uint8_t black_or_white(uint32_t x, uint32_t y)
{
	return noise(x, y) < 100 ? 0 : 255;
}

static uint8_t white(uint32_t x, uint32_t y)
{
	(void)x;
	(void)y;
	return 255;
}

/* The definition, pixel by pixel. */
static double mean(const struct flow_grey *g, double x0, double x1, double y0, double y1)
{
	double sum = 0, weight = 0;

	for (uint32_t y = 0; y < g->height; y++) {
		const double wy = (y + 1 < y1 ? y + 1 : y1) - (y > y0 ? y : y0);

		for (uint32_t x = 0; x < g->width && wy > 0; x++) {
			const double w = (x + 1 < x1 ? x + 1 : x1) - (x > x0 ? x : x0);

			if (w > 0) {
				sum += w * wy * g->pixels[(size_t)y * g->width + x];
				weight += w * wy;
			}
		}
	}
	return sum / weight;
}

static void a_smaller_picture_shows_the_mean_of_its_areas(void **state)
{
	static const uint32_t sides[][4] = {{31, 17, 20, 11}, {248, 351, 165, 233}, {64, 64, 64, 7},
					    {40, 30, 7, 30},  {9, 9, 1, 1},         {13, 5, 12, 5}};

	(void)state;
	for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) {
		struct flow_grey in = made(sides[i][0], sides[i][1], i % 2 ? noise : slope), out;
		const double sx = (double)in.width / sides[i][2],
			     sy = (double)in.height / sides[i][3];

		assert_ok(flow_grey_resize(&in, sides[i][2], sides[i][3], &out));
		for (uint32_t y = 0; y < out.height; y++)
			for (uint32_t x = 0; x < out.width; x++)
				assert_float_equal(
					mean(&in, x * sx, (x + 1) * sx, y * sy, (y + 1) * sy),
					out.pixels[(size_t)y * out.width + x], 2.0);
		flow_grey_free(&in);
		flow_grey_free(&out);
	}
}

static void white_paper_stays_white_at_every_size(void **state)
{
	struct flow_grey in = made(301, 211, white), out;

	(void)state;
	for (uint32_t side = 1; side <= 310; side += 3) {
		assert_ok(flow_grey_resize(&in, side, 1 + side / 2, &out));
		for (size_t i = 0; i < (size_t)out.width * out.height; i++)
			assert_int_equal(out.pixels[i], 255);
		flow_grey_free(&out);
	}
	assert_int_equal(flow_grey_resize(&in, 0, 5, &out), CARD_ERR_TOO_LONG);
	flow_grey_free(&in);
}

static void pages_of_a_file_come_back_as_they_were(void **state)
{
	uint8_t (*const values[])(uint32_t, uint32_t) = {black_or_white, white, slope, noise};
	struct flow_grey page[4], back;
	card_buf_t pdf = {0};
	uint32_t pages = 0;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		page[i] = made(FLOW_PAPER_WIDTH, FLOW_PAPER_HEIGHT, values[i]);
	assert_ok(card_buf_append(&pdf, BYTES("before")));
	assert_ok(flow_front_pdf(page, 4, &pdf));
	pdf.p += 6, pdf.n -= 6;
	assert_ok(flow_front_pages(card_buf_bytes(&pdf), &pages));
	assert_int_equal(pages, 4);
	for (uint32_t i = 0; i < 4; i++) {
		assert_ok(flow_front_draw(card_buf_bytes(&pdf), i + 1, &back));
		assert_memory_equal(back.pixels, page[i].pixels,
				    (size_t)FLOW_PAPER_WIDTH * FLOW_PAPER_HEIGHT);
		flow_grey_free(&back);
		flow_grey_free(&page[i]);
	}
	pdf.p -= 6, pdf.n += 6;
	/* Nothing is left of a file that could not be made. */
	assert_int_equal(flow_front_pdf(page, 0, &pdf), CARD_ERR_INVALID_ARGUMENT);
	card_buf_free(&pdf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_smaller_picture_shows_the_mean_of_its_areas),
		cmocka_unit_test(white_paper_stays_white_at_every_size),
		cmocka_unit_test(pages_of_a_file_come_back_as_they_were),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
