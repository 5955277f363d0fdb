/* SPDX-License-Identifier: Apache-2.0 */
/* test_idle.c — 120 s idle, a warning at 90 s, ten extensions (flows §1.8, K27). */
#include "test.h"

#include <cardflow/issue_idle.h>

static struct flow_idle idle;

static void it_warns_at_90_and_is_over_at_120(void **state)
{
	int left;

	(void)state;
	flow_idle_start(&idle, 1000);
	assert_int_equal(flow_idle_look(&idle, 1089, &left), FLOW_IDLE_OK);
	assert_int_equal(left, 31);
	assert_int_equal(flow_idle_look(&idle, 1090, &left), FLOW_IDLE_WARNING);
	assert_int_equal(left, 30);
	assert_int_equal(flow_idle_look(&idle, 1119, &left), FLOW_IDLE_WARNING);
	assert_int_equal(flow_idle_look(&idle, 1120, &left), FLOW_IDLE_OVER);
	assert_int_equal(left, 0);
}

static void it_is_extended_ten_times_and_no_more(void **state)
{
	int64_t now = 0;

	(void)state;
	flow_idle_start(&idle, now);
	for (int i = 0; i < FLOW_IDLE_EXTENSIONS; i++) {
		now += 119;
		assert_true(flow_idle_extend(&idle, now));
		assert_int_equal(flow_idle_look(&idle, now, NULL), FLOW_IDLE_OK);
	}
	now += 100;
	assert_false(flow_idle_extend(&idle, now));
	assert_int_equal(flow_idle_look(&idle, now, NULL), FLOW_IDLE_WARNING);
	assert_int_equal(flow_idle_look(&idle, now + 20, NULL), FLOW_IDLE_OVER);
}

static void a_touch_brings_all_extensions_back(void **state)
{
	(void)state;
	flow_idle_start(&idle, 0);
	for (int i = 0; i < FLOW_IDLE_EXTENSIONS; i++)
		assert_true(flow_idle_extend(&idle, 0));
	assert_false(flow_idle_extend(&idle, 0));
	flow_idle_touch(&idle, 60);
	assert_int_equal(flow_idle_look(&idle, 149, NULL), FLOW_IDLE_OK);
	assert_true(flow_idle_extend(&idle, 150));
}

static void what_is_over_stays_over(void **state)
{
	(void)state;
	flow_idle_start(&idle, 0);
	assert_int_equal(flow_idle_look(&idle, 120, NULL), FLOW_IDLE_OVER);
	flow_idle_touch(&idle, 121);
	assert_false(flow_idle_extend(&idle, 121));
	assert_int_equal(flow_idle_look(&idle, 1, NULL), FLOW_IDLE_OVER);
	flow_idle_start(&idle, 130);
	assert_false(flow_idle_extend(&idle, 130 + FLOW_IDLE_END));
}

static void a_clock_that_goes_back_gives_and_takes_nothing(void **state)
{
	(void)state;
	flow_idle_start(&idle, 1000);
	assert_int_equal(flow_idle_look(&idle, 500, NULL), FLOW_IDLE_OK);
	assert_int_equal(flow_idle_look(&idle, 589, NULL), FLOW_IDLE_OK);
	assert_int_equal(flow_idle_look(&idle, 620, NULL), FLOW_IDLE_OVER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_warns_at_90_and_is_over_at_120),
		cmocka_unit_test(it_is_extended_ten_times_and_no_more),
		cmocka_unit_test(a_touch_brings_all_extensions_back),
		cmocka_unit_test(what_is_over_stays_over),
		cmocka_unit_test(a_clock_that_goes_back_gives_and_takes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
