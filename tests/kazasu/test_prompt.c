/* SPDX-License-Identifier: Apache-2.0 */
/* Proves: what pinentry is told and what it answers is escaped as Assuan says. */
#include "test.h"

#include "kazasu/prompt.h"

static void percent_and_line_ends_are_escaped(void **state)
{
	char out[64];

	(void)state;
	assert_true(kz_assuan_escape("100%\nあと2回\r", out, sizeof out));
	assert_string_equal(out, "100%25%0Aあと2回%0D");
}

static void text_that_does_not_fit_is_refused(void **state)
{
	char out[8];

	(void)state;
	assert_true(kz_assuan_escape("1234567", out, sizeof out));
	assert_false(kz_assuan_escape("12345678", out, sizeof out));
	assert_true(kz_assuan_escape("%%", out, sizeof out));
	assert_string_equal(out, "%25%25");
	assert_false(kz_assuan_escape("%%%", out, sizeof out));
}

static void data_is_unescaped_into_the_secret(void **state)
{
	card_secret_t *s = NULL;

	(void)state;
	assert_ok(card_secret_new(&s));
	assert_ok(kz_assuan_data("AB%25c%0a1", 10, s));
	assert_hex(card_secret_bytes(s), "414225630A31");
	card_secret_free(&s);
}

static void half_an_escape_is_malformed(void **state)
{
	static const char *const bad[] = {"%", "%2", "1%", "%G0", "%2G", "ab%"};
	card_secret_t *s = NULL;

	(void)state;
	assert_ok(card_secret_new(&s));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		card_secret_wipe(s);
		assert_int_equal(kz_assuan_data(bad[i], strlen(bad[i]), s), CARD_ERR_MALFORMED);
	}
	card_secret_free(&s);
}

static void a_secret_that_is_too_long_is_refused(void **state)
{
	char digits[CARD_SECRET_MAX + 1];
	card_secret_t *s = NULL;

	(void)state;
	memset(digits, '7', sizeof digits);
	assert_ok(card_secret_new(&s));
	assert_int_equal(kz_assuan_data(digits, sizeof digits, s), CARD_ERR_TOO_LONG);
	card_secret_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(percent_and_line_ends_are_escaped),
		cmocka_unit_test(text_that_does_not_fit_is_refused),
		cmocka_unit_test(data_is_unescaped_into_the_secret),
		cmocka_unit_test(half_an_escape_is_malformed),
		cmocka_unit_test(a_secret_that_is_too_long_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
