/* SPDX-License-Identifier: Apache-2.0 */
/* Fronts and backs as one job of a printer: the order of the pages, and what is refused. */
#include "test.h"

#include <string.h>

#include <cardflow/front.h>
#include <cardflow/paper.h>

/* A PDF whose pages are grey of these values, a corner of it black. */
static void make(card_buf_t *out, const uint8_t *value, uint32_t pages)
{
	struct flow_grey page[3] = {{0}};

	for (uint32_t i = 0; i < pages; i++)
		assert_ok(flow_grey_make(&page[i], 248, 351, value[i]));
	assert_ok(flow_front_pdf(page, pages, out));
	for (uint32_t i = 0; i < pages; i++)
		flow_grey_free(&page[i]);
}

static unsigned value_of(const card_buf_t *pdf, uint32_t page)
{
	struct flow_grey g = {0};
	unsigned v;

	assert_ok(flow_front_draw(card_buf_bytes(pdf), page, &g));
	v = g.pixels[(size_t)(g.height / 2) * g.width + g.width / 2];
	flow_grey_free(&g);
	return v;
}

static void sheets_in_the_order_of_copies_and_pages(void **state)
{
	static const uint8_t front[] = {10, 60}, one[] = {110, 160}, two[] = {200, 240};
	static const unsigned wanted[] = {10, 110, 60, 160, 10, 200, 60, 240};
	card_buf_t f = {0}, a = {0}, b = {0}, all = {0};
	struct card_bytes backs[2];
	uint32_t pages = 0;

	(void)state;
	make(&f, front, 2);
	make(&a, one, 2);
	make(&b, two, 2);
	backs[0] = card_buf_bytes(&a);
	backs[1] = card_buf_bytes(&b);
	assert_ok(flow_front_join(card_buf_bytes(&f), backs, 2, 2, &all));
	assert_ok(flow_front_pages(card_buf_bytes(&all), &pages));
	assert_int_equal(pages, 8);
	for (uint32_t i = 0; i < 8; i++)
		assert_in_range(value_of(&all, i + 1), wanted[i] - 3, wanted[i] + 3);
	card_buf_free(&f);
	card_buf_free(&a);
	card_buf_free(&b);
	card_buf_free(&all);
}

static void another_number_of_pages_and_what_is_no_pdf(void **state)
{
	static const uint8_t front[] = {10, 60}, one[] = {110};
	card_buf_t f = {0}, a = {0}, all = {0};
	struct card_bytes back;

	(void)state;
	make(&f, front, 2);
	make(&a, one, 1);
	back = card_buf_bytes(&a);
	assert_int_equal(flow_front_join(card_buf_bytes(&f), &back, 1, 2, &all),
			 CARD_ERR_INVALID_ARGUMENT);
	assert_int_equal(flow_front_join(card_buf_bytes(&f), &back, 1, 1, &all),
			 CARD_ERR_INVALID_ARGUMENT);
	assert_int_equal(flow_front_join(card_buf_bytes(&f), &back, 0, 2, &all),
			 CARD_ERR_INVALID_ARGUMENT);
	back = card_bytes("no paper", 8);
	assert_int_equal(flow_front_join(card_buf_bytes(&f), &back, 1, 2, &all),
			 CARD_ERR_MALFORMED);
	assert_int_equal(flow_front_join(back, &back, 1, 2, &all), CARD_ERR_MALFORMED);
	card_buf_free(&f);
	card_buf_free(&a);
	card_buf_free(&all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sheets_in_the_order_of_copies_and_pages),
		cmocka_unit_test(another_number_of_pages_and_what_is_no_pdf)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
