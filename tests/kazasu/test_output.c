/* SPDX-License-Identifier: Apache-2.0 */
/* Proves: no text of a card can steer a terminal, and every error has the exit code that was
 * promised. */
#include "test.h"

#include <stdlib.h>

#include "kazasu/output.h"

static void assert_printable(const char *in, size_t n, const char *want)
{
	char *out = kz_printable(in, n);

	assert_non_null(out);
	assert_string_equal(out, want);
	free(out);
}

#define PRINTABLE(literal, want) assert_printable(literal, sizeof(literal) - 1, want)

static void names_pass_unchanged(void **state)
{
	(void)state;
	PRINTABLE("黒桐　幹也", "黒桐　幹也");
	/* a supplementary kanji and an ideographic variation selector (U+E0100) */
	PRINTABLE("\xF0\xA0\xAE\xB7\xE9\x82\x8A\xF3\xA0\x84\x80",
		  "\xF0\xA0\xAE\xB7\xE9\x82\x8A\xF3\xA0\x84\x80");
}

static void controls_and_broken_bytes_become_marks(void **state)
{
	(void)state;
	PRINTABLE("a\x1B[2Jb", "a\xEF\xBF\xBD[2Jb");
	PRINTABLE("a\0b\x7F", "a\xEF\xBF\xBD"
			      "b\xEF\xBF\xBD");
	PRINTABLE("\xC2\x9B", "\xEF\xBF\xBD");             /* C1 control sequence introducer */
	PRINTABLE("\xE2\x80\xAE", "\xEF\xBF\xBD");         /* right-to-left override */
	PRINTABLE("\xC0\xAF", "\xEF\xBF\xBD\xEF\xBF\xBD"); /* overlong */
	PRINTABLE("\xED\xA0\x80x", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDx"); /* surrogate */
	PRINTABLE("\xE9\xBB", "\xEF\xBF\xBD\xEF\xBF\xBD");                   /* cut off */
}

static void columns_count_wide_characters_twice(void **state)
{
	(void)state;
	assert_int_equal(kz_columns("abc"), 3);
	assert_int_equal(kz_columns("有効期限"), 8);
	assert_int_equal(kz_columns("照合番号A"), 9);
	assert_int_equal(kz_columns("\xE9\x82\x8A\xF3\xA0\x84\x80"), 2);
}

/* The promise of kazasu(1). */
static void every_error_has_its_exit_code(void **state)
{
	static const struct {
		enum card_error error;
		int exit;
	} table[] = {
		{CARD_OK, 0},
		{CARD_ERR_INVALID_ARGUMENT, 70},
		{CARD_ERR_NO_MEMORY, 70},
		{CARD_ERR_BAD_STATE, 70},
		{CARD_ERR_BUFFER_TOO_SMALL, 70},
		{CARD_ERR_UNSUPPORTED, 6},
		{CARD_ERR_CANCELLED, 8},
		{CARD_ERR_TIMEOUT, 8},
		{CARD_ERR_IO, 74},
		{CARD_ERR_NO_SERVICE, 69},
		{CARD_ERR_NOT_PERMITTED, 77},
		{CARD_ERR_NO_READER, 5},
		{CARD_ERR_NO_CARD, 5},
		{CARD_ERR_READER_BUSY, 5},
		{CARD_ERR_READER, 74},
		{CARD_ERR_AMBIGUOUS, 64},
		{CARD_ERR_REMOVED, 5},
		{CARD_ERR_RESET, 5},
		{CARD_ERR_OUTCOME_UNKNOWN, 5},
		{CARD_ERR_TRACE_MISMATCH, 65},
		{CARD_ERR_MALFORMED, 65},
		{CARD_ERR_TRUNCATED, 65},
		{CARD_ERR_TOO_LONG, 65},
		{CARD_ERR_STATUS, 6},
		{CARD_ERR_NOT_FOUND, 6},
		{CARD_ERR_SECURITY_STATUS, 6},
		{CARD_ERR_WRONG_TOKEN, 6},
		{CARD_ERR_NO_CERTIFICATE, 6},
		{CARD_ERR_PIN_WRONG, 3},
		{CARD_ERR_PIN_LOCKED, 4},
		{CARD_ERR_PIN_FORMAT, 65},
		{CARD_ERR_LAST_TRY, 7},
		{CARD_ERR_DENIED, 7},
		{CARD_ERR_SIGNATURE, 1},
		{CARD_ERR_UNTRUSTED, 2},
		{CARD_ERR_EXPIRED, 1},
		{CARD_ERR_REVOKED, 1},
		{CARD_ERR_UNDETERMINED, 2},
		{CARD_ERR_CRYPTO, 70},
		{CARD_ERR_INTERNAL, 70},
	};

	(void)state;
	assert_true(sizeof table / sizeof *table >= CARD_ERR_COUNT_);
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		assert_int_equal(kz_exit_of(table[i].error), table[i].exit);
	assert_int_equal(kz_exit_of((enum card_error)999), 70);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_pass_unchanged),
		cmocka_unit_test(controls_and_broken_bytes_become_marks),
		cmocka_unit_test(columns_count_wide_characters_twice),
		cmocka_unit_test(every_error_has_its_exit_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
