/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves the rules of design decision 3 against scripts typed from card-spec 4.1 and 4.4: tries
 * are read first, impossible formats and last tries are refused before a VERIFY, all three ways
 * of saying "locked" are understood, lost answers are never repeated.
 */
#include "applet_script.h"

#include <card/pin.h>

struct outcome {
	enum card_error err;
	int tries;
};

static struct outcome verify(const struct script_line *lines, size_t count, enum card_pin pin,
			     const char *value, unsigned flags)
{
	struct dialogue d;
	card_secret_t *s = secret(value);
	struct outcome o = {CARD_OK, 99};

	dialogue_start(&d, lines, count);
	o.err = card_pin_verify(d.channel, pin, s, flags, &o.tries);
	dialogue_finish(&d);
	card_secret_free(&s);
	return o;
}

static void a_right_pin_costs_select_query_verify(void **state)
{
	static const struct script_line lines[] = {
		JPKI,
		{"00200098", "63C3", CARD_OK, false},
		{"00200098 04 31323334", "9000", CARD_OK, false},
		CLEAR,
	};

	(void)state;
	assert_int_equal(verify(LINES(lines), CARD_PIN_AUTH, "1234", 0).err, CARD_OK);
}

static void the_sign_password_goes_out_in_upper_case(void **state)
{
	static const struct script_line lines[] = {
		JPKI,
		{"0020009B", "63C5", CARD_OK, false},
		{"0020009B 06 414243313233", "9000", CARD_OK, false},
		CLEAR,
	};

	(void)state;
	assert_int_equal(verify(LINES(lines), CARD_PIN_SIGN, "abC123", 0).err, CARD_OK);
}

static void every_secret_goes_to_its_own_reference(void **state)
{
	/* card-spec 4.4; the verify data of the published vector: card-spec 10.4 */
	static const struct {
		enum card_pin pin;
		const char *value, *select, *query, *verify;
	} table[] = {
		{CARD_PIN_TEXT, "1234", "00A4040C0AD3921000310001010408", "00200091",
		 "002000910431323334"},
		{CARD_PIN_JUKI, "1234", "00A4040C0AD3921000310001010401", "0020009C",
		 "0020009C0431323334"},
		{CARD_PIN_COMMON, "1234", "00A4040C0AD3921000310001010100", "0020009C",
		 "0020009C0431323334"},
		{CARD_PIN_TEXT_NUMBER_A, "537686677188", "00A4040C0AD3921000310001010408",
		 "00200094", "002000940C353337363836363737313838"},
		{CARD_PIN_TEXT_NUMBER_B, "55021720352285", "00A4040C0AD3921000310001010408",
		 "00200095", "002000950E3535303231373230333532323835"},
		{CARD_PIN_SURFACE_NUMBER_A, "537686677188", "00A4040C0AD3921000310001010402",
		 "00200093", "002000930C353337363836363737313838"},
		{CARD_PIN_SURFACE_NUMBER_B, "55021720352285", "00A4040C0AD3921000310001010402",
		 "00200092", "002000920E3535303231373230333532323835"},
		{CARD_PIN_SURFACE_BIRTH, "550217", "00A4040C0AD3921000310001010402", "00200091",
		 "0020009106353530323137"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct script_line lines[] = {
			{table[i].select, "9000", CARD_OK, false},
			{table[i].query, "63C3", CARD_OK, false},
			{table[i].verify, "9000", CARD_OK, false},
			CLEAR,
		};

		assert_int_equal(verify(LINES(lines), table[i].pin, table[i].value, 0).err,
				 CARD_OK);
	}
}

static void what_cannot_be_right_is_refused_without_a_command(void **state)
{
	static const struct {
		enum card_pin pin;
		const char *value;
	} table[] = {
		/* rules 1.4: sign 5 refused, 17 refused, not alphanumeric refused */
		{CARD_PIN_SIGN, "ABC12"},
		{CARD_PIN_SIGN, "ABCDEFGHIJ1234567"},
		{CARD_PIN_SIGN, "ABC 123"},
		{CARD_PIN_SIGN, "ABCDEF"},
		{CARD_PIN_SIGN, "123456"},
		{CARD_PIN_SIGN, ""},
		{CARD_PIN_SIGN, "ABC12\xC3\xA9"},
		{CARD_PIN_AUTH, ""},
		{CARD_PIN_AUTH, "123"},
		{CARD_PIN_AUTH, "12345"},
		{CARD_PIN_AUTH, "12a4"},
		{CARD_PIN_AUTH, "12 4"},
		{CARD_PIN_TEXT, "１２"},
		{CARD_PIN_TEXT_NUMBER_A, "53768667718"},
		{CARD_PIN_TEXT_NUMBER_A, "5376866771888"},
		{CARD_PIN_SURFACE_NUMBER_B, "5502172035228"},
		{CARD_PIN_SURFACE_BIRTH, "19800217"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		assert_int_equal(verify(NULL, 0, table[i].pin, table[i].value, 0).err,
				 CARD_ERR_PIN_FORMAT);
}

static void the_bounds_of_the_sign_password_are_accepted(void **state)
{
	static const struct script_line six[] = {JPKI,
						 {"0020009B", "63C5", CARD_OK, false},
						 {"0020009B06414243444531", "9000", CARD_OK, false},
						 CLEAR};
	static const struct script_line sixteen[] = {
		JPKI,
		{"0020009B", "63C5", CARD_OK, false},
		{"0020009B1041424344454647484930313233343536", "9000", CARD_OK, false},
		CLEAR};

	(void)state;
	assert_int_equal(verify(LINES(six), CARD_PIN_SIGN, "ABCDE1", 0).err, CARD_OK);
	assert_int_equal(verify(LINES(sixteen), CARD_PIN_SIGN, "ABCDEFGHI0123456", 0).err, CARD_OK);
}

static void a_wrong_pin_tells_the_tries_left(void **state)
{
	static const struct script_line lines[] = {
		JPKI,
		{"00200098", "63C3", CARD_OK, false},
		{"002000980439393939", "63C2", CARD_OK, false},
		CLEAR,
	};
	struct outcome o;

	(void)state;
	o = verify(LINES(lines), CARD_PIN_AUTH, "9999", 0);
	assert_int_equal(o.err, CARD_ERR_PIN_WRONG);
	assert_int_equal(o.tries, 2);
}

static void locked_is_understood_in_all_its_words_and_nothing_is_sent(void **state)
{
	/* card-spec 4.4: 63C0, 6984 and 6983 to the query */
	static const char *const words[] = {"63C0", "6984", "6983"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		const struct script_line lines[] = {JPKI, {"00200098", words[i], CARD_OK, false}};
		struct outcome o =
			verify(LINES(lines), CARD_PIN_AUTH, "1234", CARD_PIN_ALLOW_LAST_TRY);

		assert_int_equal(o.err, CARD_ERR_PIN_LOCKED);
		assert_int_equal(o.tries, 0);
	}
}

static void the_try_that_locks_says_locked(void **state)
{
	static const char *const words[] = {"63C0", "6984", "6983"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		const struct script_line lines[] = {
			JPKI,
			{"00200098", "63C1", CARD_OK, false},
			{"002000980439393939", words[i], CARD_OK, false},
			CLEAR,
		};
		struct outcome o =
			verify(LINES(lines), CARD_PIN_AUTH, "9999", CARD_PIN_ALLOW_LAST_TRY);

		assert_int_equal(o.err, CARD_ERR_PIN_LOCKED);
		assert_int_equal(o.tries, 0);
	}
}

static void the_last_try_needs_permission(void **state)
{
	static const struct script_line refused[] = {JPKI, {"00200098", "63C1", CARD_OK, false}};
	static const struct script_line allowed[] = {JPKI,
						     {"00200098", "63C1", CARD_OK, false},
						     {"002000980431323334", "9000", CARD_OK, false},
						     CLEAR};
	struct outcome o;

	(void)state;
	o = verify(LINES(refused), CARD_PIN_AUTH, "1234", 0);
	assert_int_equal(o.err, CARD_ERR_LAST_TRY);
	assert_int_equal(o.tries, 1);
	o = verify(LINES(allowed), CARD_PIN_AUTH, "1234", CARD_PIN_ALLOW_LAST_TRY);
	assert_int_equal(o.err, CARD_OK);
}

static void an_unknown_count_is_treated_like_the_last_try(void **state)
{
	/* card-spec 4.4: 6700 to the query on some cards; the plain form is not tried, because the
	 * short id was understood */
	static const struct script_line lines[] = {JPKI, {"00200098", "6700", CARD_OK, false}};
	struct outcome o;

	(void)state;
	o = verify(LINES(lines), CARD_PIN_AUTH, "1234", 0);
	assert_int_equal(o.err, CARD_ERR_LAST_TRY);
	assert_int_equal(o.tries, CARD_TRIES_UNKNOWN);
}

static void a_secret_proved_before_goes_out_without_a_query(void **state)
{
	static const struct script_line lines[] = {
		JPKI, {"0020009B06414243313233", "9000", CARD_OK, false}, CLEAR};
	static const struct script_line changed[] = {
		JPKI, {"0020009B06414243313233", "63C4", CARD_OK, false}, CLEAR};
	struct outcome o;

	(void)state;
	o = verify(LINES(lines), CARD_PIN_SIGN, "ABC123", CARD_PIN_PROVED);
	assert_int_equal(o.err, CARD_OK);
	assert_int_equal(o.tries, CARD_TRIES_UNKNOWN);
	o = verify(LINES(changed), CARD_PIN_SIGN, "ABC123", CARD_PIN_PROVED);
	assert_int_equal(o.err, CARD_ERR_PIN_WRONG);
	assert_int_equal(o.tries, 4);
}

static void a_card_that_answers_9000_to_the_query_has_its_full_count(void **state)
{
	/* card-spec 4.4 (C): already verified in this power cycle */
	static const struct script_line lines[] = {JPKI,
						   {"00200098", "9000", CARD_OK, false},
						   {"002000980431323334", "9000", CARD_OK, false},
						   CLEAR};

	(void)state;
	assert_int_equal(verify(LINES(lines), CARD_PIN_AUTH, "1234", 0).err, CARD_OK);
}

static void no_limit_is_no_last_try(void **state)
{
	static const struct script_line lines[] = {JPKI,
						   {"00200098", "6300", CARD_OK, false},
						   {"002000980439393939", "6300", CARD_OK, false},
						   CLEAR};
	struct outcome o;

	(void)state;
	o = verify(LINES(lines), CARD_PIN_AUTH, "9999", 0);
	assert_int_equal(o.err, CARD_ERR_PIN_WRONG);
	assert_int_equal(o.tries, CARD_TRIES_NO_LIMIT);
}

static void a_card_without_short_ids_costs_the_selects_more_once(void **state)
{
	static const struct script_line lines[] = {
		JPKI,
		{"00200098", "6A86", CARD_OK, false},
		{"00A4020C020018", "9000", CARD_OK, false},
		{"00200080", "63C3", CARD_OK, false},
		/* remembered: the VERIFY does not try the short id any more */
		{"002000800431323334", "9000", CARD_OK, false},
		{"00A4040C0AD3921000310001010408", "9000", CARD_OK, false},
		{"00A4020C020011", "9000", CARD_OK, false},
		{"00200080", "63C3", CARD_OK, false},
		CLEAR,
	};
	struct dialogue d;
	card_secret_t *s = secret("1234");
	int tries = 0;

	(void)state;
	dialogue_start(&d, LINES(lines));
	assert_ok(card_pin_verify(d.channel, CARD_PIN_AUTH, s, 0, NULL));
	assert_ok(card_pin_tries(d.channel, CARD_PIN_TEXT, &tries));
	assert_int_equal(tries, 3);
	dialogue_finish(&d);
	card_secret_free(&s);
}

static void a_lost_verify_is_unknown_and_the_tries_with_it(void **state)
{
	static const struct script_line lines[] = {
		JPKI,
		{"00200098", "63C3", CARD_OK, false},
		{"002000980431323334", NULL, CARD_ERR_REMOVED, true}};
	struct outcome o;

	(void)state;
	o = verify(LINES(lines), CARD_PIN_AUTH, "1234", 0);
	assert_int_equal(o.err, CARD_ERR_OUTCOME_UNKNOWN);
	assert_int_equal(o.tries, CARD_TRIES_UNKNOWN);
}

static void after_a_lost_verify_the_tries_are_read_anew(void **state)
{
	/* The lost one may have been the last but one: what was known before it counts no more. */
	static const struct script_line lines[] = {
		JPKI,
		{"00200098", "63C2", CARD_OK, false},
		{"002000980439393939", "", CARD_OK, false}, /* success with no bytes */
		JPKI,
		{"00200098", "63C1", CARD_OK, false}, /* one left now: refused */
		CLEAR,
	};
	struct dialogue d;
	card_secret_t *s = secret("9999");
	int tries = 0;

	(void)state;
	dialogue_start(&d, LINES(lines));
	assert_int_equal(card_pin_verify(d.channel, CARD_PIN_AUTH, s, 0, &tries),
			 CARD_ERR_OUTCOME_UNKNOWN);
	assert_int_equal(card_pin_verify(d.channel, CARD_PIN_AUTH, s, 0, &tries),
			 CARD_ERR_LAST_TRY);
	assert_int_equal(tries, 1);
	card_secret_free(&s);
	dialogue_finish(&d);
}

static void a_second_verify_in_one_transaction_asks_again_after_a_failure(void **state)
{
	static const struct script_line lines[] = {
		JPKI,
		{"00200098", "63C2", CARD_OK, false},
		{"002000980439393939", "63C1", CARD_OK, false},
		{"00200098", "63C1", CARD_OK, false}, /* one left now: refused */
		CLEAR,
	};
	struct dialogue d;
	card_secret_t *wrong = secret("9999");
	int tries = 0;

	(void)state;
	dialogue_start(&d, LINES(lines));
	assert_int_equal(card_pin_verify(d.channel, CARD_PIN_AUTH, wrong, 0, &tries),
			 CARD_ERR_PIN_WRONG);
	assert_int_equal(card_pin_verify(d.channel, CARD_PIN_AUTH, wrong, 0, &tries),
			 CARD_ERR_LAST_TRY);
	dialogue_finish(&d);
	card_secret_free(&wrong);
}

static void a_missing_application_has_no_tries(void **state)
{
	static const struct script_line lines[] = {
		{"00A4040C0AD3921000310001010402", "6A82", CARD_OK, false}};
	struct dialogue d;
	int tries = 0;

	(void)state;
	dialogue_start(&d, LINES(lines));
	assert_int_equal(card_pin_tries(d.channel, CARD_PIN_SURFACE_BIRTH, &tries),
			 CARD_ERR_NOT_FOUND);
	assert_int_equal(tries, CARD_TRIES_ABSENT);
	dialogue_finish(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_right_pin_costs_select_query_verify),
		cmocka_unit_test(the_sign_password_goes_out_in_upper_case),
		cmocka_unit_test(every_secret_goes_to_its_own_reference),
		cmocka_unit_test(what_cannot_be_right_is_refused_without_a_command),
		cmocka_unit_test(the_bounds_of_the_sign_password_are_accepted),
		cmocka_unit_test(a_wrong_pin_tells_the_tries_left),
		cmocka_unit_test(locked_is_understood_in_all_its_words_and_nothing_is_sent),
		cmocka_unit_test(the_try_that_locks_says_locked),
		cmocka_unit_test(the_last_try_needs_permission),
		cmocka_unit_test(an_unknown_count_is_treated_like_the_last_try),
		cmocka_unit_test(a_secret_proved_before_goes_out_without_a_query),
		cmocka_unit_test(a_card_that_answers_9000_to_the_query_has_its_full_count),
		cmocka_unit_test(no_limit_is_no_last_try),
		cmocka_unit_test(a_card_without_short_ids_costs_the_selects_more_once),
		cmocka_unit_test(a_lost_verify_is_unknown_and_the_tries_with_it),
		cmocka_unit_test(after_a_lost_verify_the_tries_are_read_anew),
		cmocka_unit_test(a_second_verify_in_one_transaction_asks_again_after_a_failure),
		cmocka_unit_test(a_missing_application_has_no_tries),
	};

	return cmocka_run_group_tests_name("pin", tests, NULL, NULL);
}
