/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that the instant at which a refusal leaves depends on when the request came and on nothing
 * that was found out since: looked up at once or slowly, by any reason, it is the same (K20).
 */
#include "test.h"

#include "kazasu-issuer/refusal.h"

static void whatever_was_found_within_a_step_leaves_at_its_end(void **state)
{
	(void)state;
	for (int64_t spent = 0; spent <= 1500; spent++)
		assert_int_equal(refusal_due(7000, 7000 + spent, 1500), 8500);
}

static void what_took_longer_leaves_at_a_later_end_and_never_between(void **state)
{
	(void)state;
	for (int64_t spent = 0; spent < 20000; spent += 7) {
		const int64_t due = refusal_due(123, 123 + spent, 1500);

		assert_true(due >= 123 + spent);
		assert_true(due - (123 + spent) < 1500 || spent == 0);
		assert_int_equal((due - 123) % 1500, 0);
	}
}

static void a_clock_that_went_back_makes_no_answer_leave_early(void **state)
{
	(void)state;
	assert_int_equal(refusal_due(7000, 6000, 1500), 8500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whatever_was_found_within_a_step_leaves_at_its_end),
		cmocka_unit_test(what_took_longer_leaves_at_a_later_end_and_never_between),
		cmocka_unit_test(a_clock_that_went_back_makes_no_answer_leave_early),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
