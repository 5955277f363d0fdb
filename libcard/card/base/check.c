/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include <card/check.h>

const char *card_check_name(enum card_check c)
{
	switch (c) {
	case CARD_CHECK_PASS:
		return "pass";
	case CARD_CHECK_FAIL:
		return "fail";
	case CARD_CHECK_UNDETERMINED:
		return "undetermined";
	default:
		return "skipped";
	}
}

enum card_check card_check_and(enum card_check a, enum card_check b)
{
	static const enum card_check worst_first[] = {CARD_CHECK_FAIL, CARD_CHECK_UNDETERMINED,
						      CARD_CHECK_SKIPPED};

	for (size_t i = 0; i < sizeof(worst_first) / sizeof(worst_first[0]); i++)
		if (a == worst_first[i] || b == worst_first[i])
			return worst_first[i];
	return CARD_CHECK_PASS;
}
