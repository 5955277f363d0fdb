/* SPDX-License-Identifier: Apache-2.0 */
/* BER-TLV and simple TLV: views stay inside, walking ends, what is written is read back. */
#include <card/tlv.h>

#include "fuzz.h"

static void walk(struct card_bytes in)
{
	struct card_bytes rest = in, start = in;
	struct card_tlv t;

	for (; fuzz_known(card_tlv_next(&rest, &t)) == CARD_OK; start = rest) {
		uint8_t memory[16];
		card_buf_t header = card_buf_fixed(memory, sizeof(memory));
		size_t whole = 0;

		fuzz_require(t.whole.n > 0 && fuzz_inside(t.whole, in) &&
			     fuzz_inside(t.value, t.whole));
		fuzz_require(rest.p == t.whole.p + t.whole.n);
		fuzz_require(card_tlv_length(start, &whole) == CARD_OK && whole == t.whole.n);
		fuzz_require(card_tlv_put_header(&header, t.tag, t.value.n) == CARD_OK);
		fuzz_require(header.n <= t.whole.n - t.value.n); /* ours is the shortest form */
	}
}

static void walk_simple(struct card_bytes in)
{
	struct card_bytes rest = in;
	struct card_tlv t;

	while (fuzz_known(card_simple_tlv_next(&rest, &t)) == CARD_OK)
		fuzz_require(t.whole.n >= 2 && fuzz_inside(t.whole, in) &&
			     fuzz_inside(t.value, t.whole));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct card_bytes in = card_bytes(data, size);
	card_buf_t copy = {0};
	struct card_tlv t;
	size_t whole;

	walk(in);
	walk_simple(in);
	(void)fuzz_known(card_tlv_length(in, &whole));
	for (unsigned depth = 0; depth <= CARD_TLV_DEPTH_MAX + 1; depth++)
		(void)fuzz_known(card_tlv_check(in, depth));
	if (card_tlv_find(in, 0xDF22, &t) == CARD_OK) {
		struct card_tlv back;

		fuzz_require(t.tag == 0xDF22);
		fuzz_require(card_tlv_put(&copy, t.tag, t.value) == CARD_OK);
		fuzz_require(card_tlv_find(card_buf_bytes(&copy), 0xDF22, &back) == CARD_OK);
		fuzz_require(card_bytes_equal(back.value, t.value));
	}
	card_buf_free(&copy);
	return 0;
}
