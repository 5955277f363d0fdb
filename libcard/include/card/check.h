/* SPDX-License-Identifier: Apache-2.0 */
/* check.h — the result of one check of several; a verdict is made of them (verdict.h). */
#ifndef CARD_CHECK_H
#define CARD_CHECK_H

#include <card/error.h>

#ifdef __cplusplus
extern "C" {
#endif

enum card_check {
	CARD_CHECK_SKIPPED = 0, /* not asked for, or could not be made */
	CARD_CHECK_PASS = 1,
	CARD_CHECK_FAIL = 2,
	CARD_CHECK_UNDETERMINED = 3 /* made, without an answer */
};

/* "skipped", "pass", "fail", "undetermined". Static, stable. */
CARD_API const char *card_check_name(enum card_check c);

/* Both of two checks: fail before undetermined before skipped before pass. */
CARD_API enum card_check card_check_and(enum card_check a, enum card_check b);

#ifdef __cplusplus
}
#endif
#endif
