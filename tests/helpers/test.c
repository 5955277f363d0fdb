/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

void assert_hex(struct card_bytes got, const char *hex)
{
	card_buf_t want = {0};

	assert_int_equal(card_hex_decode(hex, &want), CARD_OK);
	assert_int_equal(got.n, want.n);
	if (want.n > 0)
		assert_memory_equal(got.p, want.p, want.n);
	card_buf_free(&want);
}
