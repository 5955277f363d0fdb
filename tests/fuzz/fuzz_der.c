/* SPDX-License-Identifier: Apache-2.0 */
/* The strict DER cursor and the readers of single values. */
#include <string.h>

#include <card/der.h>

#include "fuzz.h"

static void values(unsigned tag, struct card_bytes v)
{
	struct card_bytes out;
	char text[128];
	uint32_t u;
	uint16_t bits;
	unsigned unused;
	int64_t time;
	bool flag;

	(void)fuzz_known(card_der_integer_check(v, &flag));
	if (fuzz_known(card_der_unsigned(v, &out)) == CARD_OK)
		fuzz_require(out.n > 0 && fuzz_inside(out, v));
	(void)fuzz_known(card_der_u32(v, &u));
	(void)fuzz_known(card_der_boolean(v, &flag));
	if (fuzz_known(card_der_bits(v, &unused, &out)) == CARD_OK)
		fuzz_require(unused < 8 && fuzz_inside(out, v));
	(void)fuzz_known(card_der_named_bits(v, &bits));
	if (card_der_oid_check(v) == CARD_OK)
		(void)fuzz_known(card_der_oid_text(v, text, sizeof(text)));
	if (card_der_oid_text(v, text, 8) == CARD_OK)
		fuzz_require(strlen(text) < 8);
	(void)fuzz_known(card_der_time(tag, v, &time));
	(void)fuzz_known(card_der_utf8_check(v));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct card_bytes in = card_bytes(data, size);
	struct card_der level[8];
	struct card_der_item item;
	size_t depth = 0, whole;

	values(CARD_DER_UTC_TIME, in);
	values(CARD_DER_GENERALIZED_TIME, in);
	(void)fuzz_known(card_der_length(in, &whole));
	for (unsigned d = 0; d < 12; d++)
		(void)fuzz_known(card_der_check(in, d));
	level[0] = card_der_over(in);
	for (;;) {
		if (fuzz_known(card_der_next(&level[depth], &item)) != CARD_OK) {
			if (depth-- == 0)
				break;
			continue;
		}
		fuzz_require(fuzz_inside(item.whole, in) && fuzz_inside(item.value, item.whole));
		values(item.tag, item.value);
		if ((item.tag & 0x20u) != 0 && depth < 7)
			level[++depth] = card_der_over(item.value);
	}
	return 0;
}
