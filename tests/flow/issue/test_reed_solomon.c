/* SPDX-License-Identifier: Apache-2.0 */
/* RS(255, 191) puts up to 32 wrong bytes right, wherever they are, and says so when there are more. */
#include "../../../libcard/flow/issue/reed_solomon.h"
#include "test.h"

#include <stdlib.h>

static unsigned seed = 12345;

static unsigned dice(unsigned n)
{
	seed = seed * 1103515245u + 12345u;
	return (seed >> 16) % n;
}

static void fill(uint8_t block[RS_BLOCK])
{
	for (int i = 0; i < RS_DATA; i++)
		block[i] = (uint8_t)dice(256);
	rs_encode(block);
}

/* Change exactly n different bytes. */
static void damage(uint8_t block[RS_BLOCK], int n)
{
	bool hit[RS_BLOCK] = {false};

	while (n > 0) {
		unsigned at = dice(RS_BLOCK);

		if (hit[at])
			continue;
		hit[at] = true;
		block[at] ^= (uint8_t)(1 + dice(255));
		n--;
	}
}

static void up_to_32_errors_are_put_right(void **state)
{
	(void)state;
	for (int round = 0; round < 10; round++)
		for (int n = 0; n <= RS_PARITY / 2; n++) {
			uint8_t block[RS_BLOCK], copy[RS_BLOCK];

			fill(block);
			memcpy(copy, block, sizeof copy);
			damage(block, n);
			assert_int_equal(rs_decode(block), n);
			assert_memory_equal(block, copy, sizeof copy);
		}
}

static void more_are_refused_or_give_another_word_of_the_code(void **state)
{
	int refused = 0;

	(void)state;
	for (int round = 0; round < 200; round++) {
		uint8_t block[RS_BLOCK], before[RS_BLOCK];

		fill(block);
		damage(block, 33 + (int)dice(100));
		memcpy(before, block, sizeof before);
		if (rs_decode(block) < 0) {
			refused++;
			assert_memory_equal(block, before, sizeof before); /* left as it was */
		} else {
			uint8_t again[RS_BLOCK];

			memcpy(again, block, sizeof again);
			rs_encode(again);
			assert_memory_equal(again, block, sizeof again);
		}
	}
	assert_true(refused >= 199); /* 1 in 32! of random words lies near another one */
}

/* Three values of the code, from the definition of the generator with α = 2: a block of zeros and
 * one with a single one, whose parity is the generator's own. */
static void the_code_is_the_one_described(void **state)
{
	uint8_t block[RS_BLOCK] = {0};
	unsigned product = 1;

	(void)state;
	rs_encode(block);
	for (int i = 0; i < RS_BLOCK; i++)
		assert_int_equal(block[i], 0);
	block[RS_DATA - 1] = 1;
	rs_encode(block);
	/* the constant term of Π (x − αⁱ) is α^(0 + 1 + … + 63) = α^2016 = α^(2016 mod 255) = α^231 */
	for (int i = 0; i < 231; i++)
		product = product << 1 ^ (product & 0x80 ? 0x11D : 0);
	assert_int_equal(block[RS_BLOCK - 1], product);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(up_to_32_errors_are_put_right),
		cmocka_unit_test(more_are_refused_or_give_another_word_of_the_code),
		cmocka_unit_test(the_code_is_the_one_described),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
