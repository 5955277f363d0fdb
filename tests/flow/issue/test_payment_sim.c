/* SPDX-License-Identifier: Apache-2.0 */
/* The payment unit of tests: it fails in each way of K28–K31, and what it took outlives it. */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include <cardflow/issue_payment.h>

#include "tree.h"

#define P1 "0123456789abcdef0123456789abcdef"
#define P2 "0123456789abcdef0123456789abcd00"
#define R1 "ffffffffffffffffffffffffffffff01"
#define R2 "ffffffffffffffffffffffffffffff02"

static char folder[64];
static flow_payment_sim_t *unit;

static void open_unit(enum flow_payment_sim_mode mode)
{
	flow_payment_sim_free(&unit);
	assert_ok(flow_payment_sim_open(&unit, folder, mode, true));
}

static int set_up(void **state)
{
	(void)state;
	tree_scratch(folder);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	flow_payment_sim_free(&unit);
	tree_scratch_remove(folder);
	return 0;
}

static int64_t paid;

static void pays(enum flow_payment_result wanted, int64_t amount)
{
	assert_int_equal(flow_payment_sim_pay(unit, P1, 200, &paid), wanted);
	assert_int_equal(paid, amount);
}

static void told(enum flow_payment_result wanted, int64_t amount)
{
	assert_int_equal(flow_payment_sim_ask(unit, P1, &paid), wanted);
	assert_int_equal(paid, amount);
}

static void k28_settled_once_and_known_to_the_next_process(void **state)
{
	(void)state;
	open_unit(FLOW_PAYMENT_SIM_SETTLE);
	pays(FLOW_PAYMENT_SETTLED, 200);
	pays(FLOW_PAYMENT_SETTLED, 200);
	open_unit(FLOW_PAYMENT_SIM_DECLINE);
	told(FLOW_PAYMENT_SETTLED, 200);
	assert_int_equal(flow_payment_sim_kept(unit), 200);
}

static void k29_declined_takes_nothing(void **state)
{
	(void)state;
	open_unit(FLOW_PAYMENT_SIM_DECLINE);
	pays(FLOW_PAYMENT_DECLINED, 0);
	told(FLOW_PAYMENT_DECLINED, 0);
	assert_int_equal(flow_payment_sim_kept(unit), 0);
}

static void k30_lost_answers_are_told_when_asked(void **state)
{
	(void)state;
	open_unit(FLOW_PAYMENT_SIM_LOST_SETTLED);
	pays(FLOW_PAYMENT_UNKNOWN, 0);
	told(FLOW_PAYMENT_SETTLED, 200);
	assert_int_equal(flow_payment_sim_kept(unit), 200);
	open_unit(FLOW_PAYMENT_SIM_LOST_NOT_SETTLED);
	assert_int_equal(flow_payment_sim_pay(unit, P2, 300, &paid), FLOW_PAYMENT_UNKNOWN);
	assert_int_equal(flow_payment_sim_ask(unit, P2, &paid), FLOW_PAYMENT_NOT_SETTLED);
	assert_int_equal(flow_payment_sim_kept(unit), 200);
}

static void k30_a_unit_that_never_tells(void **state)
{
	(void)state;
	open_unit(FLOW_PAYMENT_SIM_UNKNOWN);
	pays(FLOW_PAYMENT_UNKNOWN, 0);
	told(FLOW_PAYMENT_UNKNOWN, 0);
	assert_int_equal(flow_payment_sim_kept(unit), 200);
	assert_true(flow_payment_sim_give_back(unit, R1, 200));
	assert_int_equal(flow_payment_sim_kept(unit), 0);
}

static void k31_late_money_comes_after_the_question_and_goes_back(void **state)
{
	struct flow_payment_surplus s;

	(void)state;
	open_unit(FLOW_PAYMENT_SIM_LATE);
	pays(FLOW_PAYMENT_UNKNOWN, 0);
	assert_false(flow_payment_sim_surplus(unit, &s));
	told(FLOW_PAYMENT_NOT_SETTLED, 0);
	assert_true(flow_payment_sim_surplus(unit, &s));
	assert_string_equal(s.id, P1);
	assert_int_equal(s.amount, 200);
	assert_false(flow_payment_sim_surplus(unit, &s));
	/* A terminal that ends here meets it again. */
	open_unit(FLOW_PAYMENT_SIM_SETTLE);
	assert_true(flow_payment_sim_surplus(unit, &s));
	assert_true(flow_payment_sim_give_back(unit, R1, 200));
	open_unit(FLOW_PAYMENT_SIM_SETTLE);
	assert_false(flow_payment_sim_surplus(unit, &s));
	assert_int_equal(flow_payment_sim_kept(unit), 0);
}

static void k31_doubled_and_wrong_amounts(void **state)
{
	struct flow_payment_surplus s;

	(void)state;
	open_unit(FLOW_PAYMENT_SIM_DOUBLE);
	pays(FLOW_PAYMENT_SETTLED, 200);
	assert_int_equal(flow_payment_sim_kept(unit), 400);
	assert_true(flow_payment_sim_surplus(unit, &s));
	assert_true(flow_payment_sim_give_back(unit, R1, s.amount));
	assert_int_equal(flow_payment_sim_kept(unit), 200);
	open_unit(FLOW_PAYMENT_SIM_WRONG_AMOUNT);
	assert_int_equal(flow_payment_sim_pay(unit, P2, 300, &paid), FLOW_PAYMENT_SETTLED);
	assert_int_equal(paid, 300 + FLOW_PAYMENT_SIM_EXCESS);
}

static void k39_a_refund_is_given_once_or_not_now(void **state)
{
	(void)state;
	open_unit(FLOW_PAYMENT_SIM_SETTLE);
	pays(FLOW_PAYMENT_SETTLED, 200);
	assert_false(flow_payment_sim_returned(unit, R1));
	assert_true(flow_payment_sim_give_back(unit, R1, 200));
	assert_true(flow_payment_sim_returned(unit, R1));
	assert_false(flow_payment_sim_returned(unit, R2));
	assert_false(flow_payment_sim_returned(unit, NULL));
	assert_false(flow_payment_sim_returned(NULL, R1));
	assert_true(flow_payment_sim_give_back(unit, R1, 200));
	assert_false(flow_payment_sim_give_back(unit, R1, 300));
	assert_int_equal(flow_payment_sim_kept(unit), 0);
	flow_payment_sim_free(&unit);
	assert_ok(flow_payment_sim_open(&unit, folder, FLOW_PAYMENT_SIM_SETTLE, false));
	assert_false(flow_payment_sim_give_back(unit, R2, 200));
	assert_int_equal(flow_payment_sim_kept(unit), 0);
}

static void append(const char *text)
{
	char path[96];
	FILE *f;

	snprintf(path, sizeof path, "%s/unit.log", folder);
	f = fopen(path, "a");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void a_memory_that_was_cut_or_is_another_file(void **state)
{
	flow_payment_sim_t *other = NULL;

	(void)state;
	open_unit(FLOW_PAYMENT_SIM_SETTLE);
	pays(FLOW_PAYMENT_SETTLED, 200);
	assert_int_equal(flow_payment_sim_open(&other, folder, FLOW_PAYMENT_SIM_SETTLE, true),
			 CARD_ERR_READER_BUSY);
	append("take " P2 " 3");
	open_unit(FLOW_PAYMENT_SIM_SETTLE);
	assert_int_equal(flow_payment_sim_kept(unit), 200);
	assert_int_equal(flow_payment_sim_pay(unit, P2, 300, &paid), FLOW_PAYMENT_SETTLED);
	open_unit(FLOW_PAYMENT_SIM_SETTLE);
	assert_int_equal(flow_payment_sim_kept(unit), 500);
	append("nothing at all\n");
	flow_payment_sim_free(&unit);
	assert_int_equal(flow_payment_sim_open(&unit, folder, FLOW_PAYMENT_SIM_SETTLE, true),
			 CARD_ERR_MALFORMED);
}

static void every_mode_has_its_word(void **state)
{
	static const char *const word[] = {"settle",  "decline", "lost-settled", "lost-not-settled",
					   "unknown", "late",    "double",       "wrong-amount"};
	enum flow_payment_sim_mode m;

	(void)state;
	for (unsigned i = 0; i < FLOW_PAYMENT_SIM_MODES_; i++) {
		assert_true(flow_payment_sim_mode_of(word[i], &m));
		assert_int_equal(m, i);
	}
	assert_false(flow_payment_sim_mode_of("free", &m));
	assert_false(flow_payment_sim_mode_of(NULL, &m));
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(k28_settled_once_and_known_to_the_next_process),
		CASE(k29_declined_takes_nothing),
		CASE(k30_lost_answers_are_told_when_asked),
		CASE(k30_a_unit_that_never_tells),
		CASE(k31_late_money_comes_after_the_question_and_goes_back),
		CASE(k31_doubled_and_wrong_amounts),
		CASE(k39_a_refund_is_given_once_or_not_now),
		CASE(a_memory_that_was_cut_or_is_another_file),
		CASE(every_mode_has_its_word)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
