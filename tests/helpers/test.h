/* SPDX-License-Identifier: Apache-2.0 */
/* What every cmocka test includes. */
#ifndef TEST_H
#define TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <card/bytes.h>

/* Bytes equal these, given in hexadecimal. */
void assert_hex(struct card_bytes got, const char *hex);

/* A string literal as bytes. */
#define BYTES(literal) card_bytes((literal), sizeof(literal) - 1)

#define assert_ok(call) assert_int_equal((call), CARD_OK)

#endif
