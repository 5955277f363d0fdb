/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves the dialogue rules: 61xx, 6Cxx, a first 6F00, lost answers, clearing at the end of a
 * transaction, selection remembered inside one and forgotten between two.
 */
#include "test.h"

#include <card/pin.h>
#include <card/sw.h>

#include "script.h"

#define CLEAR                                                                                      \
	{                                                                                          \
		"00A4040C07A0000001510000", "9000", CARD_OK, false                                 \
	}

static const struct card_apdu read256 = {.ins = 0xB0, .le = 256};
static const struct card_apdu query = {.ins = 0x20, .p2 = 0x80};
static const struct card_apdu verify = {
	.ins = 0x20, .p2 = 0x80, .data = {(const uint8_t *)"1234", 4}};
static const struct card_apdu sign = {
	.cla = 0x80, .ins = 0x2A, .p2 = 0x80, .data = {(const uint8_t *)"x", 1}, .le = 256};
static const struct card_apdu change = {
	.ins = 0x24, .p1 = 0x01, .p2 = 0x80, .data = {(const uint8_t *)"4321", 4}};

static void sixty_one_is_followed_to_its_end(void **state)
{
	/* card-spec 2.5: GET RESPONSE 00 C0 00 00 xx */
	static const struct script_line lines[] = {
		{"00B0000000", "41426103", CARD_OK, false},
		{"00C0000003", "434445 6102", CARD_OK, false},
		{"00C0000002", "4647 9000", CARD_OK, false},
	};
	struct dialogue d;
	card_buf_t out = {0};

	(void)state;
	dialogue_start(&d, LINES(lines));
	assert_ok(card_channel_transmit(d.channel, &read256, &out));
	assert_int_equal(card_channel_sw(d.channel), 0x9000);
	assert_true(card_bytes_equal(card_buf_bytes(&out), BYTES("ABCDEFG")));
	assert_int_equal(card_channel_commands(d.channel), 3);
	card_buf_free(&out);
	dialogue_finish(&d);
}

static void the_rest_of_a_signature_is_fetched_with_class_00(void **state)
{
	static const struct script_line lines[] = {
		{"802A008001 7800", "6104", CARD_OK, false},
		{"00C0000004", "41424344 9000", CARD_OK, false},
	};
	struct dialogue d;
	card_buf_t out = {0};

	(void)state;
	dialogue_start(&d, LINES(lines));
	assert_ok(card_channel_transmit(d.channel, &sign, &out));
	assert_int_equal(out.n, 4);
	card_buf_free(&out);
	dialogue_finish(&d);
}

static enum card_error endless(void *ctx, struct card_bytes cmd, uint8_t *resp, size_t cap,
			       size_t *len, bool *maybe)
{
	unsigned *calls = ctx;

	(void)cmd;
	(void)maybe;
	assert_true(cap >= 258);
	memset(resp, 0x55, 256);
	resp[256] = 0x61;
	resp[257] = 0x00;
	*len = 258;
	(*calls)++;
	return CARD_OK;
}

static void endless_sixty_one_ends_in_an_error(void **state)
{
	const struct card_reader_ops ops = {.transmit = endless};
	unsigned calls = 0;
	uint8_t memory[256];
	card_buf_t small;
	card_reader_t *r = NULL;
	card_channel_t *ch = NULL;
	card_buf_t out = {0};

	(void)state;
	assert_ok(card_reader_new(&r, &ops, &calls));
	assert_ok(card_channel_new(&ch, r));
	assert_ok(card_channel_begin(ch, 0));
	assert_int_equal(card_channel_transmit(ch, &read256, &out), CARD_ERR_TOO_LONG);
	assert_int_equal(out.n, 0);
	assert_true(calls < 300);
	/* a fixed buffer is full sooner: the same error */
	small = card_buf_fixed(memory, sizeof(memory));
	assert_int_equal(card_channel_transmit(ch, &read256, &small), CARD_ERR_TOO_LONG);
	assert_int_equal(small.n, 0);
	card_channel_free(&ch);
	card_reader_free(&r);
	card_buf_free(&out);
}

static void six_c_is_sent_again_once_with_the_right_length(void **state)
{
	static const struct script_line lines[] = {
		{"00B0000000", "6C03", CARD_OK, false},
		{"00B0000003", "4142439000", CARD_OK, false},
		{"00B0000000", "6C05", CARD_OK, false},
		{"00B0000005", "6C05", CARD_OK, false}, /* a card that cannot make up its mind */
	};
	struct dialogue d;
	card_buf_t out = {0};

	(void)state;
	dialogue_start(&d, LINES(lines));
	assert_ok(card_channel_transmit(d.channel, &read256, &out));
	assert_int_equal(out.n, 3);
	card_buf_clear(&out);
	assert_ok(card_channel_transmit(d.channel, &read256, &out));
	assert_int_equal(card_channel_sw(d.channel), 0x6C05);
	card_buf_free(&out);
	dialogue_finish(&d);
}

static void a_first_6f00_is_tried_again_but_never_for_a_verify(void **state)
{
	/* card-spec 2.5: one measured card */
	static const struct script_line lines[] = {
		{"00200080", "6F00", CARD_OK, false},
		{"00200080", "63C3", CARD_OK, false},
		{"00200080", "6F00", CARD_OK, false}, /* not the first command any more */
	};
	static const struct script_line first_is_verify[] = {
		{"002000800431323334", "6F00", CARD_OK, false},
		CLEAR,
	};
	struct dialogue d;

	(void)state;
	dialogue_start(&d, LINES(lines));
	assert_ok(card_channel_transmit(d.channel, &query, NULL));
	assert_int_equal(card_channel_sw(d.channel), 0x63C3);
	assert_ok(card_channel_transmit(d.channel, &query, NULL));
	assert_int_equal(card_channel_sw(d.channel), 0x6F00);
	dialogue_finish(&d);

	dialogue_start(&d, LINES(first_is_verify));
	assert_ok(card_channel_transmit(d.channel, &verify, NULL));
	assert_int_equal(card_channel_sw(d.channel), 0x6F00);
	dialogue_finish(&d);
}

static void a_lost_answer_to_what_counts_is_unknown_and_never_repeated(void **state)
{
	static const enum card_error errors[] = {CARD_ERR_REMOVED, CARD_ERR_RESET, CARD_ERR_READER,
						 CARD_ERR_NO_SERVICE};
	static const struct {
		const struct card_apdu *cmd;
		const char *hex;
	} commands[] = {
		{&verify, "002000800431323334"},
		{&change, "002401800434333231"},
		{&sign, "802A008001 7800"},
	};

	(void)state;
	for (size_t c = 0; c < 3; c++) {
		for (size_t e = 0; e < 4; e++) {
			const char *hex = commands[c].hex;
			const struct script_line lost[] = {{hex, NULL, errors[e], true}};
			const struct script_line not_sent[] = {{hex, NULL, errors[e], false}};
			struct dialogue d;

			dialogue_start(&d, LINES(lost));
			assert_int_equal(card_channel_transmit(d.channel, commands[c].cmd, NULL),
					 CARD_ERR_OUTCOME_UNKNOWN);
			assert_int_equal(card_channel_sw(d.channel), 0);
			(void)card_channel_end(d.channel);
			card_channel_free(&d.channel);
			card_reader_free(&d.reader);

			dialogue_start(&d, LINES(not_sent));
			assert_int_equal(card_channel_transmit(d.channel, commands[c].cmd, NULL),
					 errors[e]);
			(void)card_channel_end(d.channel);
			card_channel_free(&d.channel);
			card_reader_free(&d.reader);
		}
	}
}

static void success_with_no_bytes_at_all_is_a_lost_answer(void **state)
{
	static const struct script_line counting[] = {{"002000800431323334", "", CARD_OK, false},
						      CLEAR};
	static const struct script_line reading[] = {{"00B0000000", "", CARD_OK, false},
						     {"00B0000000", "90", CARD_OK, false}};
	struct dialogue d;

	(void)state;
	dialogue_start(&d, LINES(counting));
	assert_int_equal(card_channel_transmit(d.channel, &verify, NULL), CARD_ERR_OUTCOME_UNKNOWN);
	dialogue_finish(&d);
	dialogue_start(&d, LINES(reading));
	assert_int_equal(card_channel_transmit(d.channel, &read256, NULL), CARD_ERR_REMOVED);
	assert_int_equal(card_channel_transmit(d.channel, &read256, NULL), CARD_ERR_TRUNCATED);
	dialogue_finish(&d);
}

static void a_transaction_that_presented_a_secret_ends_with_a_clearing_select(void **state)
{
	static const struct script_line wrong_pin[] = {
		{"002000800431323334", "63C2", CARD_OK, false}, CLEAR};
	static const struct script_line only_query[] = {{"00200080", "63C3", CARD_OK, false}};
	static const struct script_line kept[] = {{"002000800431323334", "9000", CARD_OK, false}};
	struct dialogue d;

	(void)state;
	dialogue_start(&d, LINES(wrong_pin));
	assert_ok(card_channel_transmit(d.channel, &verify, NULL));
	assert_ok(card_channel_end(d.channel));
	assert_int_equal(card_channel_sw(d.channel), 0x63C2); /* the caller's, not the SELECT's */
	assert_int_equal(card_channel_clearings(d.channel), 1);
	assert_int_equal(d.script.last_end, CARD_LEAVE);
	dialogue_finish(&d);

	dialogue_start(&d, LINES(only_query));
	assert_ok(card_channel_transmit(d.channel, &query, NULL));
	dialogue_finish(&d);

	dialogue_start(&d, LINES(kept));
	card_channel_keep_status(d.channel);
	assert_ok(card_channel_transmit(d.channel, &verify, NULL));
	dialogue_finish(&d);
}

static void power_is_cut_when_the_clearing_select_fails(void **state)
{
	static const struct script_line refused[] = {
		{"002000800431323334", "9000", CARD_OK, false},
		{"00A4040C07A0000001510000", "6A82", CARD_OK, false},
	};
	struct dialogue d;

	(void)state;
	dialogue_start(&d, LINES(refused));
	assert_ok(card_channel_transmit(d.channel, &verify, NULL));
	assert_ok(card_channel_end(d.channel));
	assert_int_equal(d.script.last_end, CARD_UNPOWER);
	assert_true(card_channel_power_cut(d.channel));
	dialogue_finish(&d);
}

static void a_refused_clearing_on_request_cuts_the_power_too(void **state)
{
	/* the status is of an earlier transaction: a PKCS#11 logout */
	static const struct script_line refused[] = {
		{"00A4040C07A0000001510000", "6A82", CARD_OK, false},
		{"00A4040C07A0000001510000", "6A82", CARD_OK, false},
	};
	struct dialogue d;

	(void)state;
	dialogue_start(&d, LINES(refused));
	assert_int_equal(card_channel_clear(d.channel), CARD_ERR_NOT_FOUND);
	assert_ok(card_channel_end(d.channel));
	assert_int_equal(d.script.last_end, CARD_UNPOWER);
	dialogue_finish(&d);
}

static void freeing_a_channel_in_mid_transaction_clears_too(void **state)
{
	static const struct script_line lines[] = {{"002000800431323334", "9000", CARD_OK, false},
						   CLEAR};
	struct dialogue d;

	(void)state;
	dialogue_start(&d, LINES(lines));
	assert_ok(card_channel_transmit(d.channel, &verify, NULL));
	card_channel_free(&d.channel);
	assert_int_equal(d.script.ends, 1);
	card_reader_free(&d.reader);
	script_assert_done(&d.script);
}

static void selections_hold_for_one_transaction_only(void **state)
{
	static const uint8_t aid[] = {0xD3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x04, 0x08};
	static const struct script_line lines[] = {
		{"00A4040C0AD3921000310001010408", "9000", CARD_OK, false},
		{"00A4020C020011", "9000", CARD_OK, false},
		{"00A4020C020015", "6A82", CARD_OK, false}, /* what is current now is not known */
		{"00A4020C020011", "9000", CARD_OK, false},
		/* second transaction: another program may have moved the card */
		{"00A4040C0AD3921000310001010408", "9000", CARD_OK, false},
		{"00A4020C020011", "9000", CARD_OK, false},
	};
	struct dialogue d;

	(void)state;
	dialogue_start(&d, LINES(lines));
	assert_ok(card_channel_select(d.channel, card_bytes(aid, sizeof(aid))));
	assert_ok(card_channel_select(d.channel, card_bytes(aid, sizeof(aid))));
	assert_ok(card_channel_select_file(d.channel, 0x0011));
	assert_ok(card_channel_select_file(d.channel, 0x0011));
	assert_int_equal(card_channel_select_file(d.channel, 0x0015), CARD_ERR_NOT_FOUND);
	assert_ok(card_channel_select_file(d.channel, 0x0011));
	assert_ok(card_channel_end(d.channel));
	assert_ok(card_channel_begin(d.channel, 0));
	assert_ok(card_channel_select(d.channel, card_bytes(aid, sizeof(aid))));
	assert_ok(card_channel_select_file(d.channel, 0x0011));
	dialogue_finish(&d);
}

static void nothing_is_sent_outside_a_transaction(void **state)
{
	struct dialogue d;

	(void)state;
	dialogue_start(&d, NULL, 0);
	assert_int_equal(card_channel_begin(d.channel, 0), CARD_ERR_BAD_STATE);
	assert_ok(card_channel_end(d.channel));
	assert_ok(card_channel_end(d.channel));
	assert_int_equal(card_channel_transmit(d.channel, &query, NULL), CARD_ERR_BAD_STATE);
	assert_int_equal(card_channel_clear(d.channel), CARD_ERR_BAD_STATE);
	dialogue_finish(&d);
}

static void what_was_learned_of_one_card_is_not_believed_of_the_next(void **state)
{
	static const struct script_line lines[] = {
		{"00200080", "63C3", CARD_OK, false},
		{"00200080", "6F00", CARD_OK, false}, /* a fresh card: tried again */
		{"00200080", "63C3", CARD_OK, false},
	};
	struct dialogue d;

	(void)state;
	dialogue_start(&d, LINES(lines));
	assert_ok(card_channel_transmit(d.channel, &query, NULL));
	card_channel_refuse_short_ids(d.channel, 0x0018);
	assert_false(card_channel_short_ids(d.channel));
	assert_ok(card_channel_end(d.channel));
	d.script.generation++;
	assert_ok(card_channel_begin(d.channel, 0));
	assert_true(card_channel_short_ids(d.channel));
	assert_ok(card_channel_transmit(d.channel, &query, NULL));
	assert_int_equal(card_channel_sw(d.channel), 0x63C3);
	dialogue_finish(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sixty_one_is_followed_to_its_end),
		cmocka_unit_test(the_rest_of_a_signature_is_fetched_with_class_00),
		cmocka_unit_test(endless_sixty_one_ends_in_an_error),
		cmocka_unit_test(six_c_is_sent_again_once_with_the_right_length),
		cmocka_unit_test(a_first_6f00_is_tried_again_but_never_for_a_verify),
		cmocka_unit_test(a_lost_answer_to_what_counts_is_unknown_and_never_repeated),
		cmocka_unit_test(success_with_no_bytes_at_all_is_a_lost_answer),
		cmocka_unit_test(a_transaction_that_presented_a_secret_ends_with_a_clearing_select),
		cmocka_unit_test(power_is_cut_when_the_clearing_select_fails),
		cmocka_unit_test(a_refused_clearing_on_request_cuts_the_power_too),
		cmocka_unit_test(freeing_a_channel_in_mid_transaction_clears_too),
		cmocka_unit_test(selections_hold_for_one_transaction_only),
		cmocka_unit_test(nothing_is_sent_outside_a_transaction),
		cmocka_unit_test(what_was_learned_of_one_card_is_not_believed_of_the_next),
	};

	return cmocka_run_group_tests_name("channel", tests, NULL, NULL);
}
