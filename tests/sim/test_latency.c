/* SPDX-License-Identifier: Apache-2.0 */
/* The latency model against sums made by hand from docs/vcard.md; nothing here measures time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "latency.h"

static void none_takes_no_time(void **state)
{
	struct sim_work w = {300, 300, 2, 2};

	(void)state;
	assert_int_equal(sim_latency(CARD_SIM_LATENCY_NONE, &w), 0);
}

static void nfc106_read_of_256_bytes(void **state)
{
	/* 5 bytes there: 1 block; 258 back: 2 blocks of 254.
	 * 2.5 ms + 3 × 0.9 ms + 263 × 103.8 µs = 32.4994 ms */
	struct sim_work w = {5, 258, 0, 0};

	(void)state;
	assert_int_equal(sim_latency(CARD_SIM_LATENCY_NFC106, &w), 32499400);
}

static void nfc424_signature(void **state)
{
	/* 57 there, 258 back: 3 blocks; one RSA. 2.5 + 3 × 0.5 + 315 × 0.026 + 320 = 332.19 ms */
	struct sim_work w = {57, 258, 1, 0};

	(void)state;
	assert_int_equal(sim_latency(CARD_SIM_LATENCY_NFC424, &w), 332190000);
}

static void contact_verify(void **state)
{
	/* 9 there, 2 back: 2 blocks; counter down and up again.
	 * 2 + 2 × 2.2 + 11 × 0.3125 + 2 × 4 = 17.8375 ms */
	struct sim_work w = {9, 2, 0, 2};

	(void)state;
	assert_int_equal(sim_latency(CARD_SIM_LATENCY_CONTACT, &w), 17837500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(none_takes_no_time),
		cmocka_unit_test(nfc106_read_of_256_bytes),
		cmocka_unit_test(nfc424_signature),
		cmocka_unit_test(contact_verify),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
