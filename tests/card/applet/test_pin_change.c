/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that a secret is replaced only after the old one was right, in the file it belongs to, and
 * that the keys of a reader take numeric secrets only; against scripts typed from card-spec 4.1.
 */
#include "applet_script.h"

#include <card/pin.h>

static void change_verifies_the_old_and_names_the_file(void **state)
{
	/* card-spec 4.1: JPKI and text 00 24 01 80, common and juki 80 32 00 80 */
	static const struct script_line jpki[] = {
		JPKI,
		{"0020009B", "63C5", CARD_OK, false},
		{"0020009B06414243313233", "9000", CARD_OK, false},
		{"00A4020C02001B", "9000", CARD_OK, false},
		{"0024018007 44454634353637", "9000", CARD_OK, false},
		CLEAR,
	};
	static const struct script_line common[] = {
		COMMON,
		{"0020009C", "63C3", CARD_OK, false},
		{"0020009C0431323334", "9000", CARD_OK, false},
		{"00A4020C02001C", "9000", CARD_OK, false},
		{"803200800435363738", "9000", CARD_OK, false},
		CLEAR,
	};
	struct dialogue d;
	card_secret_t *old_one = secret("abc123"), *new_one = secret("def4567");

	(void)state;
	dialogue_start(&d, LINES(jpki));
	assert_ok(card_pin_change(d.channel, CARD_PIN_SIGN, old_one, new_one, 0, NULL));
	dialogue_finish(&d);
	card_secret_free(&old_one);
	card_secret_free(&new_one);
	old_one = secret("1234");
	new_one = secret("5678");
	dialogue_start(&d, LINES(common));
	assert_ok(card_pin_change(d.channel, CARD_PIN_COMMON, old_one, new_one, 0, NULL));
	dialogue_finish(&d);
	card_secret_free(&old_one);
	card_secret_free(&new_one);
}

static void change_refuses_a_bad_new_secret_before_the_old_one_is_sent(void **state)
{
	struct dialogue d;
	card_secret_t *old_one = secret("1234"), *new_one = secret("567");

	(void)state;
	dialogue_start(&d, NULL, 0);
	assert_int_equal(card_pin_change(d.channel, CARD_PIN_AUTH, old_one, new_one, 0, NULL),
			 CARD_ERR_PIN_FORMAT);
	assert_int_equal(
		card_pin_change(d.channel, CARD_PIN_TEXT_NUMBER_A, old_one, new_one, 0, NULL),
		CARD_ERR_UNSUPPORTED);
	dialogue_finish(&d);
	card_secret_free(&old_one);
	card_secret_free(&new_one);
}

static void change_stops_at_a_wrong_old_secret(void **state)
{
	static const struct script_line lines[] = {
		TEXT,
		{"00200091", "63C3", CARD_OK, false},
		{"002000910439393939", "63C2", CARD_OK, false},
		CLEAR,
	};
	struct dialogue d;
	card_secret_t *old_one = secret("9999"), *new_one = secret("5678");
	int tries = 0;

	(void)state;
	dialogue_start(&d, LINES(lines));
	assert_int_equal(card_pin_change(d.channel, CARD_PIN_TEXT, old_one, new_one, 0, &tries),
			 CARD_ERR_PIN_WRONG);
	assert_int_equal(tries, 2);
	dialogue_finish(&d);
	card_secret_free(&old_one);
	card_secret_free(&new_one);
}

static void a_change_whose_answer_is_lost_is_unknown(void **state)
{
	static const struct script_line lines[] = {
		TEXT,
		{"00200091", "63C3", CARD_OK, false},
		{"002000910431323334", "9000", CARD_OK, false},
		{"00A4020C020011", "9000", CARD_OK, false},
		{"002401800435363738", NULL, CARD_ERR_REMOVED, true},
	};
	struct dialogue d;
	card_secret_t *old_one = secret("1234"), *new_one = secret("5678");

	(void)state;
	dialogue_start(&d, LINES(lines));
	assert_int_equal(card_pin_change(d.channel, CARD_PIN_TEXT, old_one, new_one, 0, NULL),
			 CARD_ERR_OUTCOME_UNKNOWN);
	dialogue_finish(&d);
	card_secret_free(&old_one);
	card_secret_free(&new_one);
}

static void a_pin_pad_types_numeric_secrets_only(void **state)
{
	static const struct script_line lines[] = {
		JPKI,
		{"00200098", "63C3", CARD_OK, false},
		{"00A4020C020018", "9000", CARD_OK, false},
		CLEAR,
	};
	static const struct script_line cancelled[] = {
		JPKI,
		{"00200098", "63C3", CARD_OK, false},
		{"00A4020C020018", "9000", CARD_OK, false},
		CLEAR, /* a pad was asked: the transaction clears in any case */
	};
	struct dialogue d;
	int tries = 0;

	(void)state;
	dialogue_start(&d, LINES(lines));
	d.script.features = CARD_READER_PINPAD_VERIFY;
	d.script.pinpad.answer = "9000";
	assert_int_equal(card_pin_verify_pinpad(d.channel, CARD_PIN_SIGN, CARD_LANG_JA, 0, &tries),
			 CARD_ERR_UNSUPPORTED);
	assert_ok(card_pin_verify_pinpad(d.channel, CARD_PIN_AUTH, CARD_LANG_JA, 0, &tries));
	assert_string_equal(d.script.pinpad.apdu, "0020008004FFFFFFFF");
	dialogue_finish(&d);

	dialogue_start(&d, LINES(cancelled));
	d.script.features = CARD_READER_PINPAD_VERIFY;
	d.script.pinpad.err = CARD_ERR_CANCELLED;
	assert_int_equal(card_pin_verify_pinpad(d.channel, CARD_PIN_AUTH, CARD_LANG_JA, 0, &tries),
			 CARD_ERR_CANCELLED);
	assert_int_equal(tries, 3);
	dialogue_finish(&d);

	dialogue_start(&d, NULL, 0);
	assert_int_equal(card_pin_verify_pinpad(d.channel, CARD_PIN_AUTH, CARD_LANG_JA, 0, &tries),
			 CARD_ERR_UNSUPPORTED);
	dialogue_finish(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(change_verifies_the_old_and_names_the_file),
		cmocka_unit_test(change_refuses_a_bad_new_secret_before_the_old_one_is_sent),
		cmocka_unit_test(change_stops_at_a_wrong_old_secret),
		cmocka_unit_test(a_change_whose_answer_is_lost_is_unknown),
		cmocka_unit_test(a_pin_pad_types_numeric_secrets_only),
	};

	return cmocka_run_group_tests_name("pin_change", tests, NULL, NULL);
}
