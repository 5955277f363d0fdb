/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that delta lists add, change and remove what they name, on the base they want
 * and on no other.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include <card/crl.h>

#include "lists.h"

static void deltas_add_change_and_remove(void **state)
{
	(void)state;
	static const struct made_revoked base[] = {{"01", 1770000000, 6},
						   {"02", 1770000000, 4},
						   {"03", 1770000000, 4},
						   {"0500000000", 1770000000, 6}},
					 delta[] = {{"01", 1771000000, 8},
						    {"02", 1771000001, 1},
						    {"04", 1771000002, 5},
						    {"0500000000", 1771000000, 8},
						    {"0600000000", 1771000003, 3},
						    {"77", 1771000000, 8}};
	struct made_crl c = lists_usual();
	c.entry = base;
	c.entries = 4;
	lists_assert_refused(lists_import(&c), CARD_CRL_TAKEN);
	c.entry = delta;
	c.entries = 6;
	c.base = 101; /* later than what is there */
	c.number = 103;
	lists_assert_refused(lists_import(&c), CARD_CRL_REFUSED_DELTA_BASE);
	c.base = 100;
	struct card_crl_report r = lists_import(&c);
	lists_assert_refused(r, CARD_CRL_TAKEN);
	assert_true(r.info.delta_applied);
	assert_int_equal(r.info.entries, 4);
	assert_true(lists_import(&c).unchanged);
	c.number = 102;
	lists_assert_refused(lists_import(&c), CARD_CRL_REFUSED_OLDER);
	card_crl_index_t *x = lists_index(&lists.ca, NULL);
	struct card_crl_entry e;
	char number[CARD_CRL_NUMBER_TEXT];
	card_crl_number_text(card_crl_index_info(x), number);
	assert_string_equal(number, "103");
	assert_false(lists_find(x, "01", &e));
	assert_true(lists_find(x, "02", &e));
	assert_int_equal(e.revoked_at, 1771000001);
	assert_int_equal(e.reason, CARD_CRL_KEY_COMPROMISE);
	assert_true(lists_find(x, "03", &e));
	assert_int_equal(e.revoked_at, 1770000000);
	assert_true(lists_find(x, "04", &e));
	assert_false(lists_find(x, "0500000000", &e));
	assert_true(lists_find(x, "0600000000", &e));
	assert_int_equal(card_crl_index_verify(x), CARD_OK);
	card_crl_index_close(&x);
}

/* Removals of long serial numbers alone, in a delta list and where they must not be. */
static void long_serial_numbers_are_removed_too(void **state)
{
	(void)state;
	static const struct made_revoked base[] = {{"0500000000", 1770000000, 6},
						   {"0500000001", 1770000000, 6}},
					 delta[] = {{"0500000000", 1771000000, 8}};
	struct made_crl c = lists_usual();
	c.entry = delta;
	c.entries = 1;
	lists_assert_refused(lists_import(&c), CARD_CRL_REFUSED_ENTRY);
	c.entry = base;
	c.entries = 2;
	lists_assert_refused(lists_import(&c), CARD_CRL_TAKEN);
	c.entry = delta;
	c.entries = 1;
	c.base = 100;
	c.number = 101;
	lists_assert_refused(lists_import(&c), CARD_CRL_TAKEN);
	card_crl_index_t *x = lists_index(&lists.ca, NULL);
	struct card_crl_entry e;
	assert_false(lists_find(x, "0500000000", &e));
	assert_true(lists_find(x, "0500000001", &e));
	card_crl_index_close(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LISTS_TEST(deltas_add_change_and_remove),
		LISTS_TEST(long_serial_numbers_are_removed_too),
	};
	return cmocka_run_group_tests(tests, lists_set_up, lists_tear_down);
}
