/* SPDX-License-Identifier: Apache-2.0 */
/* Proves the contracts of base: errors, buffers, hexadecimal, log. */
#include "test.h"

#include <stdio.h>

#include <card/check.h>
#include <card/log.h>
#include <card/secret.h>

#include "log_internal.h"

static void every_error_has_a_name_and_two_sentences(void **state)
{
	(void)state;
	for (int e = 0; e < (int)CARD_ERR_COUNT_; e++) {
		const char *en = card_strerror((enum card_error)e, CARD_LANG_EN);
		const char *ja = card_strerror((enum card_error)e, CARD_LANG_JA);

		assert_true(strlen(en) > 0 && strlen(ja) > 0);
		assert_string_not_equal(en, "An unknown error.");
		assert_string_not_equal(en, ja);
		for (int other = 0; other < e; other++)
			assert_string_not_equal(card_error_name((enum card_error)e),
						card_error_name((enum card_error)other));
	}
	assert_string_equal(card_error_name(CARD_ERR_PIN_WRONG), "PIN_WRONG");
	assert_string_equal(card_error_name((enum card_error)9999), "UNKNOWN");
	assert_string_equal(card_strerror((enum card_error) - 1, CARD_LANG_EN),
			    "An unknown error.");
}

static void a_growable_buffer_grows_to_its_limit_and_no_further(void **state)
{
	card_buf_t b = {0};
	uint8_t block[4096];
	size_t n = 0;
	enum card_error err;

	(void)state;
	memset(block, 0xA5, sizeof(block));
	while ((err = card_buf_append(&b, card_bytes(block, sizeof(block)))) == CARD_OK)
		n += sizeof(block);
	assert_int_equal(err, CARD_ERR_TOO_LONG);
	assert_int_equal(n, CARD_BUF_MAX);
	assert_int_equal(b.n, n);
	assert_int_equal(b.p[n - 1], 0xA5);
	card_buf_free(&b);
	assert_null(b.p);
}

static void a_fixed_buffer_refuses_what_does_not_fit_and_is_wiped(void **state)
{
	uint8_t memory[4] = {9, 9, 9, 9};
	card_buf_t b = card_buf_fixed(memory, sizeof(memory));

	(void)state;
	assert_ok(card_buf_append(&b, BYTES("abc")));
	assert_int_equal(card_buf_append(&b, BYTES("de")), CARD_ERR_BUFFER_TOO_SMALL);
	assert_int_equal(b.n, 3);
	card_buf_free(&b);
	assert_memory_equal(memory, "\0\0\0", 3);
	assert_ok(card_buf_append(&b, BYTES("wxyz")));
	assert_int_equal(card_buf_append_byte(&b, 0), CARD_ERR_BUFFER_TOO_SMALL);
}

static void hexadecimal_goes_both_ways(void **state)
{
	char text[9];
	card_buf_t b = {0};

	(void)state;
	assert_ok(card_hex_encode(BYTES("\x00\x1F\xA0\xFF"), text, sizeof(text)));
	assert_string_equal(text, "001FA0FF");
	assert_int_equal(card_hex_encode(BYTES("12345"), text, sizeof(text)),
			 CARD_ERR_BUFFER_TOO_SMALL);
	assert_string_equal(text, "");
	assert_ok(card_hex_decode("00 1f:A0ff", &b));
	assert_memory_equal(b.p, "\x00\x1F\xA0\xFF", 4);
	assert_int_equal(card_hex_decode("0", &b), CARD_ERR_MALFORMED);
	assert_int_equal(card_hex_decode("0 0", &b), CARD_ERR_MALFORMED);
	assert_int_equal(card_hex_decode("zz", &b), CARD_ERR_MALFORMED);
	assert_int_equal(b.n, 4);
	card_buf_free(&b);
}

static void of_two_checks_the_worse_counts(void **state)
{
	static const enum card_check worst_first[] = {CARD_CHECK_FAIL, CARD_CHECK_UNDETERMINED,
						      CARD_CHECK_SKIPPED, CARD_CHECK_PASS};

	(void)state;
	for (int a = 0; a < 4; a++)
		for (int b = 0; b < 4; b++)
			assert_int_equal(card_check_and(worst_first[a], worst_first[b]),
					 worst_first[a < b ? a : b]);
	assert_string_equal(card_check_name(CARD_CHECK_PASS), "pass");
	assert_string_equal(card_check_name((enum card_check)77), "skipped");
}

struct heard {
	unsigned count;
	enum card_log_event event;
	char text[256];
};

static void hear(void *ctx, enum card_log_level level, enum card_log_event event, const char *text)
{
	struct heard *h = ctx;

	assert_true(level >= CARD_LOG_INFO);
	h->count++;
	h->event = event;
	(void)snprintf(h->text, sizeof(h->text), "%s", text);
}

static void the_log_tells_events_from_its_level_up(void **state)
{
	struct heard h = {0};

	(void)state;
	card_log_set(hear, &h, CARD_LOG_INFO);
	card_log_emit(CARD_LOG_COMMAND, 0x00200080, 0x63C3); /* debug: below the level */
	assert_int_equal(h.count, 0);
	card_log_emit(CARD_LOG_SHORT_ID_REFUSED, 0x0018, 0x6A86);
	assert_int_equal(h.count, 1);
	assert_int_equal(h.event, CARD_LOG_SHORT_ID_REFUSED);
	assert_non_null(strstr(h.text, "6A86"));
	card_log_set(NULL, NULL, CARD_LOG_INFO);
	card_log_emit(CARD_LOG_OUTCOME_UNKNOWN, 0x20, 0);
	assert_int_equal(h.count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_error_has_a_name_and_two_sentences),
		cmocka_unit_test(a_growable_buffer_grows_to_its_limit_and_no_further),
		cmocka_unit_test(a_fixed_buffer_refuses_what_does_not_fit_and_is_wiped),
		cmocka_unit_test(hexadecimal_goes_both_ways),
		cmocka_unit_test(of_two_checks_the_worse_counts),
		cmocka_unit_test(the_log_tells_events_from_its_level_up),
	};

	return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
