/* SPDX-License-Identifier: Apache-2.0 */
/* Proves which token is told, its status without a try spent, and the command budgets. */
#include "test.h"

#include <card/token.h>

#include "script.h"
#include "sim_card.h"

static void the_published_card_in_nineteen_commands(void **state)
{
	struct sim_card c;
	struct card_status s;
	int64_t until = 0;

	(void)state;
	sim_card_start(&c, "test-person", NULL);
	assert_ok(card_status_read(c.channel, &s));
	assert_in_range(sim_card_commands(&c), 1, 19);
	assert_int_equal(s.kind, CARD_TOKEN_CARD);
	assert_string_equal(s.label, "JPKIAPICCTOKEN2");
	/* card-spec 10.1, 4.4 */
	assert_string_equal(s.record.serial, "400000012719843");
	assert_string_equal(s.record.municipality, "13221");
	assert_int_equal(s.record.expiry.year, 2035);
	assert_int_equal(s.tries[CARD_PIN_SIGN], 5);
	assert_int_equal(s.tries[CARD_PIN_AUTH], 3);
	assert_int_equal(s.tries[CARD_PIN_TEXT], 3);
	assert_int_equal(s.tries[CARD_PIN_JUKI], 3);
	assert_int_equal(s.tries[CARD_PIN_COMMON], 3);
	assert_int_equal(s.tries[CARD_PIN_TEXT_NUMBER_A], 10);
	assert_int_equal(s.tries[CARD_PIN_SURFACE_NUMBER_B], 10);
	assert_true(s.auth_present && s.sign_present && s.auth_dates);
	assert_ok(card_time_parse("2030-02-17T23:59:59+09:00", &until));
	assert_int_equal(s.auth_not_after, until);
	assert_int_equal(card_channel_clearings(c.channel), 0);
	sim_card_stop(&c);
}

static void tries_of_all_secrets_in_fifteen_commands_each_its_own(void **state)
{
	static const struct {
		enum card_pin pin;
		const char *wrong;
		int times, left;
	} table[] = {
		{CARD_PIN_SIGN, "XYZ999", 1, 4},
		{CARD_PIN_AUTH, "9999", 2, 1},
		{CARD_PIN_TEXT, "9999", 1, 2},
		{CARD_PIN_JUKI, "9999", 2, 1},
		{CARD_PIN_COMMON, "9999", 3, 0},
		{CARD_PIN_TEXT_NUMBER_A, "983205673214", 1, 9},
		{CARD_PIN_TEXT_NUMBER_B, "99999999999999", 2, 8},
		{CARD_PIN_SURFACE_NUMBER_A, "983205673214", 3, 7},
		{CARD_PIN_SURFACE_NUMBER_B, "99999999999999", 4, 6},
		{CARD_PIN_SURFACE_BIRTH, "999999", 5, 5},
	};
	struct sim_card c;
	int tries[CARD_PIN_COUNT_];
	unsigned before;

	(void)state;
	sim_card_start(&c, "test-person", NULL);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		card_secret_t *s = sim_card_secret(table[i].wrong);

		for (int k = 0; k < table[i].times; k++)
			(void)card_pin_verify(c.channel, table[i].pin, s, CARD_PIN_ALLOW_LAST_TRY,
					      NULL);
		card_secret_free(&s);
	}
	assert_ok(card_channel_end(c.channel));
	assert_ok(card_channel_begin(c.channel, 0));
	before = sim_card_commands(&c);
	assert_ok(card_status_tries(c.channel, tries));
	assert_in_range(sim_card_commands(&c) - before, 1, 15);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		assert_int_equal(tries[table[i].pin], table[i].left);
	sim_card_stop(&c);
}

static enum card_token_kind identify(const struct script_line *lines, size_t count)
{
	struct dialogue d;
	enum card_token_kind kind = CARD_TOKEN_UNKNOWN;

	dialogue_start(&d, lines, count);
	assert_ok(card_token_identify(d.channel, &kind, NULL));
	dialogue_finish(&d);
	return kind;
}

#define NO_JPKI                                                                                    \
	{                                                                                          \
		"00A4040C0AD392F000260100000001", "6A82", CARD_OK, false                           \
	}
#define NO_MYNA                                                                                    \
	{                                                                                          \
		"00A4040C10A0000002310600000000000000000000", "6A82", CARD_OK, false               \
	}
#define NO_CLASSIC                                                                                 \
	{                                                                                          \
		"00A4040C10A0000002310100000000000000000000", "6A82", CARD_OK, false               \
	}
#define NO_RESIDENCE                                                                               \
	{                                                                                          \
		"00A4040C10D392F0004F0200000000000000000000", "6A82", CARD_OK, false               \
	}

static void other_cards_of_a_wallet_are_named(void **state)
{
	/* card-spec 2.1, 8.2, 8.3 */
	static const struct script_line myna[] = {
		NO_JPKI, {"00A4040C10A0000002310600000000000000000000", "9000", CARD_OK, false}};
	static const struct script_line classic[] = {
		NO_JPKI,
		NO_MYNA,
		{"00A4040C10A0000002310100000000000000000000", "9000", CARD_OK, false}};
	static const struct script_line residence[] = {
		NO_JPKI,
		NO_MYNA,
		NO_CLASSIC,
		{"00A4040C10D392F0004F0200000000000000000000", "9000", CARD_OK, false}};
	static const struct script_line none[] = {NO_JPKI, NO_MYNA, NO_CLASSIC, NO_RESIDENCE};
	static const struct script_line odd[] = {
		{"00A4040C0AD392F000260100000001", "6D00", CARD_OK, false},
		{"00A4040C10A0000002310600000000000000000000", "6E00", CARD_OK, false},
		{"00A4040C10A0000002310100000000000000000000", "6A86", CARD_OK, false},
		{"00A4040C10D392F0004F0200000000000000000000", "6999", CARD_OK, false}};

	(void)state;
	assert_int_equal(identify(LINES(myna)), CARD_TOKEN_LICENCE);
	assert_int_equal(identify(LINES(classic)), CARD_TOKEN_LICENCE);
	assert_int_equal(identify(LINES(residence)), CARD_TOKEN_RESIDENCE);
	assert_int_equal(identify(LINES(none)), CARD_TOKEN_UNKNOWN);
	assert_int_equal(identify(LINES(odd)), CARD_TOKEN_UNKNOWN);
}

static void a_card_that_goes_away_is_no_unknown_card(void **state)
{
	static const struct script_line gone[] = {
		{"00A4040C0AD392F000260100000001", NULL, CARD_ERR_REMOVED, true}};
	struct dialogue d;
	enum card_token_kind kind;
	struct card_status s;

	(void)state;
	dialogue_start(&d, LINES(gone));
	assert_int_equal(card_token_identify(d.channel, &kind, NULL), CARD_ERR_REMOVED);
	dialogue_finish(&d);
	dialogue_start(&d, LINES(gone));
	assert_int_equal(card_status_read(d.channel, &s), CARD_ERR_REMOVED);
	dialogue_finish(&d);
}

static void a_card_torn_at_any_command_of_status_is_removed(void **state)
{
	struct sim_card c;
	struct card_status s;
	unsigned long all;

	(void)state;
	sim_card_start(&c, "test-person", NULL);
	assert_ok(card_status_read(c.channel, &s));
	all = card_sim_count(c.sim);
	for (unsigned long n = 1; n <= all; n++) {
		(void)card_channel_end(c.channel);
		card_sim_insert(c.sim, n, n % 2 == 0 ? CARD_SIM_TEAR_BEFORE : CARD_SIM_TEAR_AFTER);
		assert_ok(card_channel_begin(c.channel, 0));
		assert_int_equal(card_status_read(c.channel, &s), CARD_ERR_REMOVED);
	}
	(void)card_channel_end(c.channel);
	card_sim_insert(c.sim, 0, CARD_SIM_TEAR_BEFORE);
	assert_ok(card_channel_begin(c.channel, 0));
	assert_ok(card_status_read(c.channel, &s));
	assert_int_equal(s.kind, CARD_TOKEN_CARD);
	sim_card_stop(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_published_card_in_nineteen_commands),
		cmocka_unit_test(tries_of_all_secrets_in_fifteen_commands_each_its_own),
		cmocka_unit_test(other_cards_of_a_wallet_are_named),
		cmocka_unit_test(a_card_that_goes_away_is_no_unknown_card),
		cmocka_unit_test(a_card_torn_at_any_command_of_status_is_removed),
	};

	return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}
