/* SPDX-License-Identifier: Apache-2.0 */
/* applet_script.h — lines that scripts of applications begin and end with (card-spec 2.1, 4.1). */
#ifndef APPLET_SCRIPT_H
#define APPLET_SCRIPT_H

#include "test.h"

#include <card/secret.h>

#include "script.h"

#define JPKI                                                                                       \
	{                                                                                          \
		"00A4040C0AD392F000260100000001", "9000", CARD_OK, false                           \
	}
#define TEXT                                                                                       \
	{                                                                                          \
		"00A4040C0AD3921000310001010408", "9000", CARD_OK, false                           \
	}
#define SURFACE                                                                                    \
	{                                                                                          \
		"00A4040C0AD3921000310001010402", "9000", CARD_OK, false                           \
	}
#define COMMON                                                                                     \
	{                                                                                          \
		"00A4040C0AD3921000310001010100", "9000", CARD_OK, false                           \
	}
/* A transaction in which a secret was presented ends with it. */
#define CLEAR                                                                                      \
	{                                                                                          \
		"00A4040C07A0000001510000", "9000", CARD_OK, false                                 \
	}

static inline card_secret_t *secret(const char *text)
{
	card_secret_t *s = NULL;

	assert_ok(card_secret_new(&s));
	assert_ok(card_secret_set(s, card_bytes(text, strlen(text))));
	return s;
}

#endif
