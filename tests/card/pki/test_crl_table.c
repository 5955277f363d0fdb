/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that the table of an index holds what was put into it whatever its plan was:
 * far too small, far too large, or filled by numbers that all fall into one bucket; and
 * that a number put in twice is noticed in each of these cases.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "pki_crl.h"

/* Enough for buckets, and more than one of them holds. */
#define MANY 100000u
#define FEW  5000u

static void add(struct pki_crl_set *s, uint32_t h)
{
	assert_int_equal(pki_set_add_short(s, h, h ^ 0x5A5A5A5A, h % 12), CARD_OK);
}

/* Every h of i * step from first is there with its date and reason, its neighbour is not. */
static void check(const struct pki_crl_set *s, uint32_t first, uint32_t step, uint32_t n)
{
	struct pki_view v = pki_view_of(s);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t h = first + i * step, serial = pki_unmix(h), other = pki_unmix(h + 1);
		uint8_t b[4] = {(uint8_t)(serial >> 24), (uint8_t)(serial >> 16),
				(uint8_t)(serial >> 8), (uint8_t)serial};
		uint8_t c[4] = {(uint8_t)(other >> 24), (uint8_t)(other >> 16),
				(uint8_t)(other >> 8), (uint8_t)other};
		struct pki_found e;
		size_t zeros = 0;
		while (zeros < 3 && b[zeros] == 0)
			zeros++;
		assert_true(pki_view_find(&v, card_bytes(b + zeros, 4 - zeros), &e));
		assert_int_equal(e.date, h ^ 0x5A5A5A5A);
		assert_int_equal(e.reason, h % 12);
		if (step > 1)
			assert_false(pki_view_find(&v, card_bytes(c, 4), &e));
	}
}

static void fill_and_check(uint32_t planned, uint32_t first, uint32_t step, uint32_t n)
{
	struct pki_crl_set s;
	assert_int_equal(pki_set_init(&s, planned, 0), CARD_OK);
	for (uint32_t i = 0; i < n; i++)
		add(&s, first + i * step);
	assert_int_equal(pki_set_finish(&s), CARD_OK);
	assert_int_equal(s.shorts.n, n);
	check(&s, first, step, n);
	pki_set_free(&s);
}

static void any_plan_holds_what_is_put_in(void **state)
{
	(void)state;
	static const uint32_t planned[] = {0, 1000, MANY / 2, MANY, 4 * MANY};
	for (size_t i = 0; i < sizeof(planned) / sizeof(planned[0]); i++) {
		fill_and_check(planned[i], 17, 42949, MANY);          /* over the whole range */
		fill_and_check(planned[i], 0x12000000, 3, FEW);       /* in one bucket */
		fill_and_check(planned[i], 0xFFFFFFFF - 700, 2, 300); /* the last lines */
	}
}

/* The last of n numbers is put in again: at once or at the end it is noticed. */
static void assert_twice_is_noticed(uint32_t planned, uint32_t first, uint32_t step, uint32_t n,
				    uint32_t twice)
{
	struct pki_crl_set s;
	enum card_error err = CARD_OK;
	assert_int_equal(pki_set_init(&s, planned, 0), CARD_OK);
	for (uint32_t i = 0; i < n && !err; i++) {
		err = pki_set_add_short(&s, first + i * step, 1, 0);
		if (i == n / 2 && !err)
			err = pki_set_add_short(&s, first + twice * step, 2, 1);
	}
	if (!err)
		err = pki_set_finish(&s);
	assert_int_equal(err, CARD_ERR_AMBIGUOUS);
	pki_set_free(&s);
}

static void a_number_put_in_twice_is_noticed(void **state)
{
	(void)state;
	static const uint32_t planned[] = {0, 1000, MANY, 4 * MANY};
	for (size_t i = 0; i < sizeof(planned) / sizeof(planned[0]); i++) {
		for (uint32_t k = 0; k < 4; k++) {
			assert_twice_is_noticed(planned[i], 17, 42949, MANY, k * (MANY / 4) + 1);
			assert_twice_is_noticed(planned[i], 0x12000000, 3, FEW, k * (FEW / 4) + 1);
		}
	}
}

/* Both lie in the overflow of a full line when the table grows, and find room after. */
static void twice_in_the_overflow_is_noticed_though_the_table_grows(void **state)
{
	(void)state;
	struct pki_crl_set s;
	enum card_error err = CARD_OK;
	const uint32_t half_line = 0x100000000 / PKI_LINES_MIN / 2;
	assert_int_equal(pki_set_init(&s, 0, 0), CARD_OK);
	for (uint32_t h = 0; h < PKI_LINE_ENTRIES; h++)
		add(&s, h);
	add(&s, half_line + 5);
	add(&s, half_line + 5);
	for (uint32_t i = 1; i < 20000 && !err; i++)
		err = pki_set_add_short(&s, 2 * half_line + i * 200000, 1, 0);
	if (!err)
		err = pki_set_finish(&s);
	assert_int_equal(err, CARD_ERR_AMBIGUOUS);
	pki_set_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_plan_holds_what_is_put_in),
		cmocka_unit_test(a_number_put_in_twice_is_noticed),
		cmocka_unit_test(twice_in_the_overflow_is_noticed_though_the_table_grows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
