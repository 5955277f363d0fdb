/* SPDX-License-Identifier: Apache-2.0 */
/* The virtual card as a transport (reader.h): shared transactions, removal at any command,
 * its keypad, and a log without secrets. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "simtalk.h"

static enum card_error send_to(card_reader_t *r, const char *hex, bool *maybe)
{
	uint8_t cmd[300];
	size_t n = simtalk_bytes(hex, cmd, sizeof cmd);

	return card_reader_transmit(r, card_bytes(cmd, n), told, sizeof told, &told_n, maybe);
}

static unsigned sw_of(card_reader_t *r, const char *hex)
{
	bool maybe;

	assert_int_equal(send_to(r, hex, &maybe), CARD_OK);
	assert_true(told_n >= 2);
	return (unsigned)told[told_n - 2] << 8 | told[told_n - 1];
}

static void a_reader_outlives_the_callers_hold(void **state)
{
	card_sim_t *c = simtalk_card("test-person", NULL);
	card_reader_t *r = NULL;
	uint8_t atr[CARD_ATR_MAX];
	size_t n;

	(void)state;
	assert_int_equal(card_sim_reader_new(&r, c), CARD_OK);
	card_sim_free(&c);
	assert_int_equal(sw_of(r, SELECT_JPKI), 0x9000);
	assert_int_equal(card_reader_atr(r, atr, &n), CARD_OK);
	assert_int_equal(n, 13);
	assert_int_equal(card_reader_features(r), 0);
	assert_true(strlen(card_reader_name(r)) > 0);
	card_reader_free(&r);
}

static void power_off_at_the_end_of_a_transaction(void **state)
{
	card_sim_t *c = simtalk_card("test-person", NULL);
	card_reader_t *r = NULL;

	(void)state;
	assert_int_equal(card_sim_reader_new(&r, c), CARD_OK);
	assert_int_equal(card_reader_begin(r, 0), CARD_OK);
	uint64_t before = card_reader_generation(r);
	assert_int_equal(sw_of(r, SELECT_JPKI), 0x9000);
	assert_int_equal(sw_of(r, "0020009804" DATA_1234), 0x9000);
	assert_int_equal(card_reader_end(r, CARD_LEAVE), CARD_OK);
	assert_int_equal(sw_of(r, "802A009701AA00"), 0x9000);
	assert_int_equal(card_reader_begin(r, 0), CARD_OK);
	assert_int_equal(card_reader_end(r, CARD_UNPOWER), CARD_OK);
	assert_int_equal(sw_of(r, SELECT_JPKI), 0x9000);
	assert_int_equal(sw_of(r, "802A009701AA00"), 0x6982);
	assert_int_not_equal(card_reader_generation(r), before);
	card_reader_free(&r);
	card_sim_free(&c);
}

static void a_transaction_keeps_others_out(void **state)
{
	card_sim_t *c = simtalk_card("test-person", NULL);
	card_reader_t *one = NULL, *two = NULL;

	(void)state;
	assert_int_equal(card_sim_reader_new(&one, c), CARD_OK);
	assert_int_equal(card_sim_reader_new(&two, c), CARD_OK);
	assert_int_equal(card_reader_begin(one, 0), CARD_OK);
	assert_int_equal(card_reader_begin(two, 20), CARD_ERR_READER_BUSY);
	assert_int_equal(sw_of(one, SELECT_JPKI), 0x9000);
	assert_int_equal(sw_of(one, "0020009804" DATA_1234), 0x9000);
	assert_int_equal(card_reader_end(one, CARD_LEAVE), CARD_OK);
	/* what one left open, two can use: as with a real card */
	assert_int_equal(card_reader_begin(two, 20), CARD_OK);
	assert_int_equal(sw_of(two, "802A009701AA00"), 0x9000);
	assert_int_equal(card_reader_end(two, CARD_LEAVE), CARD_OK);
	card_reader_free(&two);
	card_reader_free(&one);
	card_sim_free(&c);
}

static void removal_at_every_command(void **state)
{
	static const char *const dialogue[] = {SELECT_JPKI, "00200098", "0020009804" DATA_1234,
					       "802A009701AA00"};
	card_sim_t *c = simtalk_card("test-person", NULL);
	card_reader_t *r = NULL;
	bool maybe;

	(void)state;
	assert_int_equal(card_sim_reader_new(&r, c), CARD_OK);
	for (unsigned long n = 1; n <= 4; n++) {
		for (int tear = CARD_SIM_TEAR_BEFORE; tear <= CARD_SIM_TEAR_AFTER; tear++) {
			card_sim_insert(c, n, (enum card_sim_tear)tear);
			uint64_t before = card_reader_generation(r);
			for (unsigned long k = 1; k <= 4; k++) {
				enum card_error err = send_to(r, dialogue[k - 1], &maybe);

				assert_int_equal(err, k < n ? CARD_OK : CARD_ERR_REMOVED);
				/* only in the torn command it cannot be known */
				assert_int_equal(maybe, k == n);
			}
			assert_int_equal(card_sim_count(c), n);
			assert_int_equal(card_reader_begin(r, 0), CARD_ERR_REMOVED);
			assert_int_not_equal(card_reader_generation(r), before);
		}
	}
	card_sim_insert(c, 0, CARD_SIM_TEAR_BEFORE);
	assert_int_equal(sw_of(r, SELECT_JPKI), 0x9000);
	assert_int_equal(sw_of(r, "802A009701AA00"), 0x6982);
	card_sim_remove(c);
	assert_int_equal(send_to(r, SELECT_JPKI, &maybe), CARD_ERR_REMOVED);
	assert_false(maybe);
	card_reader_free(&r);
	card_sim_free(&c);
}

static void the_keypad_types_the_pin(void **state)
{
	static const uint8_t apdu[] = {0x00, 0x20, 0x00, 0x98, 0x04, 0xFF, 0xFF, 0xFF, 0xFF};
	struct card_pinpad_request req = {
		.apdu = {apdu, sizeof apdu}, .min_digits = 4, .max_digits = 4, .timeout_s = 30};
	card_sim_t *c = simtalk_card("test-person", NULL);
	card_reader_t *r = NULL;
	uint8_t resp[8];
	size_t n;
	bool maybe;

	(void)state;
	assert_int_equal(card_sim_reader_new(&r, c), CARD_OK);
	assert_int_equal(sw_of(r, SELECT_JPKI), 0x9000);
	assert_int_equal(card_reader_pinpad(r, &req, resp, sizeof resp, &n, &maybe),
			 CARD_ERR_UNSUPPORTED);
	assert_int_equal(card_sim_set_keypad(c, "9999"), CARD_OK);
	assert_true(card_reader_features(r) & CARD_READER_PINPAD_VERIFY);
	assert_int_equal(card_reader_pinpad(r, &req, resp, sizeof resp, &n, &maybe), CARD_OK);
	assert_int_equal(n, 2);
	assert_memory_equal(resp, "\x63\xC2", 2);
	assert_int_equal(card_sim_set_keypad(c, "1234"), CARD_OK);
	assert_int_equal(card_reader_pinpad(r, &req, resp, sizeof resp, &n, &maybe), CARD_OK);
	assert_memory_equal(resp, "\x90\x00", 2);
	assert_int_equal(card_sim_set_keypad(c, ""), CARD_OK);
	assert_int_equal(card_reader_pinpad(r, &req, resp, sizeof resp, &n, &maybe),
			 CARD_ERR_CANCELLED);
	card_reader_free(&r);
	card_sim_free(&c);
}

static void the_log_has_no_secret(void **state)
{
	char path[] = "/tmp/kazasu-log-XXXXXX", text[8192];

	(void)state;
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	struct card_sim_options opt = {.log_path = path};
	card_sim_t *c = simtalk_card_with("test-person", opt);
	say(c, SELECT_TEXT, "9000");
	say(c, "0020009104" DATA_1234, "9000");
	say(c, "002000950E" DATA_B, "9000");
	say(c,
	    "0024019104"
	    "35363738",
	    "9000");
	say(c, "00200091", "63C3");
	say(c, "80AE00000101", "6700");
	say(c, "802000910431323334", "6E00"); /* not even with a wrong class */
	say(c, "00B0810003", "FF100C9000");
	card_sim_free(&c);
	ssize_t n = read(fd, text, sizeof text - 1);
	close(fd);
	unlink(path);
	assert_true(n > 0);
	text[n] = 0;
	assert_null(strstr(text, DATA_1234));
	assert_null(strstr(text, DATA_B));
	assert_null(strstr(text, "35363738"));
	assert_non_null(strstr(text, "> 00A4040C0AD3921000310001010408\n< 9000\n"));
	assert_non_null(strstr(text, "> 0020009104**\n< 9000\n"));
	assert_non_null(strstr(text, "> 002000950E**\n< 9000\n"));
	assert_non_null(strstr(text, "> 00200091\n< 63C3\n"));
	assert_non_null(strstr(text, "> 80AE000001**\n< 6700\n"));
	assert_non_null(strstr(text, "> 00B0810003\n< FF100C9000\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reader_outlives_the_callers_hold),
		cmocka_unit_test(power_off_at_the_end_of_a_transaction),
		cmocka_unit_test(a_transaction_keeps_others_out),
		cmocka_unit_test(removal_at_every_command),
		cmocka_unit_test(the_keypad_types_the_pin),
		cmocka_unit_test(the_log_has_no_secret),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
