/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves the PIN pad side of PC/SC part 10: which features a reader has, the two blocks byte for
 * byte, and the pad's own answers.
 */
#include "test.h"

#include <card/channel.h>
#include <card/pcsc.h>
#include <card/pin.h>

#include "fake_pcsc.h"

/* PC/SC part 10 §2.3: tag, length 4, control code big-endian. */
#define VERIFY_CODE 0x42330006u
#define MODIFY_CODE 0x42330007u

struct desk {
	card_pcsc_t *pcsc;
	card_reader_t *reader;
	card_channel_t *channel;
};

/* SELECT and retry query: three tries left. */
static LONG patient_card(void *ctx, struct card_bytes cmd, uint8_t *resp, DWORD *len)
{
	(void)ctx;
	resp[0] = cmd.p[1] == 0x20 ? 0x63 : 0x90;
	resp[1] = cmd.p[1] == 0x20 ? 0xC3 : 0x00;
	*len = 2;
	return SCARD_S_SUCCESS;
}

static size_t put_hex(const char *hex, uint8_t *to, size_t cap)
{
	card_buf_t b = card_buf_fixed(to, cap);

	assert_ok(card_hex_decode(hex, &b));
	return b.n;
}

/* What the reader says to a VERIFY on its keys. */
static void pad_says(const char *hex)
{
	fake_pcsc.pad_answer_len = put_hex(hex, fake_pcsc.pad_answer, sizeof(fake_pcsc.pad_answer));
}

static void open_desk(struct desk *d, const char *features)
{
	fake_pcsc_start();
	fake_pcsc.features_len = put_hex(features, fake_pcsc.features, sizeof(fake_pcsc.features));
	fake_pcsc_insert(patient_card, NULL);
	assert_ok(card_pcsc_new(&d->pcsc));
	assert_ok(card_pcsc_open(d->pcsc, "Test Reader 00", 0, &d->reader));
	assert_ok(card_channel_new(&d->channel, d->reader));
	assert_ok(card_channel_begin(d->channel, 0));
}

static void close_desk(struct desk *d)
{
	(void)card_channel_end(d->channel);
	card_channel_free(&d->channel);
	card_reader_free(&d->reader);
	card_pcsc_free(&d->pcsc);
	assert_true(fake_pcsc_tidy());
}

#define BOTH "0604 42330006 0704 42330007"

static void features_are_found_among_others(void **state)
{
	static const struct {
		const char *features;
		unsigned flags;
	} cases[] = {
		{"", 0},
		{BOTH, CARD_READER_PINPAD_VERIFY | CARD_READER_PINPAD_CHANGE},
		{"0604 42330006", CARD_READER_PINPAD_VERIFY},
		{"0704 42330007", CARD_READER_PINPAD_CHANGE},
		{"0104 42000001 0A04 4200000A 0604 42330006 1204 42000012",
		 CARD_READER_PINPAD_VERIFY},
		{"1204 42000012", 0},
		{"0604 423300", 0}, /* cut off */
		{"0604 42330006 07", CARD_READER_PINPAD_VERIFY},
		{"0605 4233000601 0704 42330007", 0}, /* no triple at all */
		{"0604 00000000", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct desk d;

		open_desk(&d, cases[i].features);
		assert_int_equal(card_reader_features(d.reader), cases[i].flags | CARD_READER_REAL);
		close_desk(&d);
	}
}

static void a_reader_that_knows_no_features_has_none(void **state)
{
	struct desk d;

	(void)state;
	fake_pcsc_start();
	open_desk(&d, BOTH);
	close_desk(&d);
	fake_pcsc_start();
	fake_pcsc.features_rv = SCARD_E_UNSUPPORTED_FEATURE;
	fake_pcsc_insert(patient_card, NULL);
	assert_ok(card_pcsc_new(&d.pcsc));
	assert_ok(card_pcsc_open(d.pcsc, "Test Reader 00", 0, &d.reader));
	assert_ok(card_reader_begin(d.reader, 0));
	assert_int_equal(card_reader_features(d.reader), CARD_READER_REAL);
	card_reader_free(&d.reader);
	card_pcsc_free(&d.pcsc);
	assert_true(fake_pcsc_tidy());
}

static void verify_block_byte_for_byte(void **state)
{
	int tries = 0;
	struct desk d;

	(void)state;
	open_desk(&d, BOTH);
	pad_says("9000");
	assert_ok(card_pin_verify_pinpad(d.channel, CARD_PIN_AUTH, CARD_LANG_JA, 0, &tries));
	assert_int_equal(fake_pcsc.pad_code, VERIFY_CODE);
	/* PC/SC part 10 §2.5.2 PIN_VERIFY: time-outs 30 s; bytes, ASCII, left; block of 4; no
	 * length in it; 4 to 4 digits; OK key; one message; Japanese; message 0; no prologue;
	 * 9 bytes of data: VERIFY of the current EF with the digits' places. */
	assert_hex(card_bytes(fake_pcsc.pad_block, fake_pcsc.pad_block_len),
		   "1E 1E 82 04 00 0404 02 01 1104 00 000000 09000000 00200080 04 FFFFFFFF");
	close_desk(&d);
}

static void verify_block_of_a_long_number_in_english(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d, BOTH);
	pad_says("9000");
	assert_ok(card_pin_verify_pinpad(d.channel, CARD_PIN_TEXT_NUMBER_B, CARD_LANG_EN, 0, NULL));
	assert_hex(card_bytes(fake_pcsc.pad_block, fake_pcsc.pad_block_len),
		   "1E 1E 82 0E 00 0E0E 02 01 0904 00 000000 13000000 00200080 0E"
		   "FFFFFFFFFFFFFFFFFFFFFFFFFFFF");
	close_desk(&d);
}

/* Both blocks, one after the other; the PIN typed has no fewer and no more digits than its form. */
static void modify_block_byte_for_byte(void **state)
{
	int tries = 0;
	struct desk d;

	(void)state;
	open_desk(&d, BOTH);
	pad_says("9000");
	assert_ok(card_pin_change_pinpad(d.channel, CARD_PIN_AUTH, CARD_LANG_JA, 0, &tries));
	assert_int_equal(tries, 3);
	assert_int_equal(card_channel_sw(d.channel), 0x9000);
	assert_int_equal(fake_pcsc.pad_calls, 2);
	assert_int_equal(fake_pcsc.pad_code, MODIFY_CODE);
	/* §2.5.3 PIN_MODIFY: time-outs; bytes, ASCII, left; block of 4; offsets of old and new PIN
	 * 0; most 4, least 4 digits; new PIN twice; OK key; two messages, Japanese, numbers 1
	 * and 2; CHANGE of the current EF (card-spec 4.1) with the digits' places. */
	assert_hex(card_bytes(fake_pcsc.pad_block, fake_pcsc.pad_block_len),
		   "1E 1E 82 04 00 00 00 0404 01 02 02 1104 01 02 00 000000 09000000"
		   "00240180 04 FFFFFFFF");
	assert_ok(card_pin_change_pinpad(d.channel, CARD_PIN_COMMON, CARD_LANG_EN, 0, NULL));
	assert_hex(card_bytes(fake_pcsc.pad_block, fake_pcsc.pad_block_len),
		   "1E 1E 82 04 00 00 00 0404 01 02 02 0904 01 02 00 000000 09000000"
		   "80320080 04 FFFFFFFF");
	close_desk(&d);
}

/* The old PIN is right; what becomes of the change. */
static void answers_to_the_change(void **state)
{
	static const struct {
		const char *answer;
		enum card_error err;
	} cases[] = {
		{"6400", CARD_ERR_TIMEOUT},         {"6401", CARD_ERR_CANCELLED},
		{"6402", CARD_ERR_PIN_FORMAT}, /* the two entries differ */
		{"6403", CARD_ERR_PIN_FORMAT},      {"9000", CARD_OK},
		{"6700", CARD_ERR_PIN_FORMAT},      {"6982", CARD_ERR_SECURITY_STATUS},
		{"6985", CARD_ERR_SECURITY_STATUS}, {"6986", CARD_ERR_SECURITY_STATUS},
		{"6581", CARD_ERR_STATUS},          {"", CARD_ERR_OUTCOME_UNKNOWN},
		{"90", CARD_ERR_OUTCOME_UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct desk d;
		enum card_error err;

		open_desk(&d, BOTH);
		pad_says("9000");
		fake_pcsc.pad_change_answer_len =
			put_hex(cases[i].answer, fake_pcsc.pad_change_answer,
				sizeof(fake_pcsc.pad_change_answer));
		fake_pcsc.pad_change_code = MODIFY_CODE;
		err = card_pin_change_pinpad(d.channel, CARD_PIN_AUTH, CARD_LANG_JA, 0, NULL);
		if (err != cases[i].err)
			fail_msg("%s: %s is not %s", cases[i].answer, card_error_name(err),
				 card_error_name(cases[i].err));
		assert_int_equal(fake_pcsc.pad_calls, 2);
		close_desk(&d);
	}
}

/* The old PIN wrong, cancelled or lost: the reader is not asked for the new one. */
static void without_the_old_pin_no_change(void **state)
{
	static const struct {
		const char *answer;
		enum card_error err;
	} cases[] = {
		{"6401", CARD_ERR_CANCELLED},
		{"63C2", CARD_ERR_PIN_WRONG},
		{"6984", CARD_ERR_PIN_LOCKED},
		{"", CARD_ERR_OUTCOME_UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct desk d;

		open_desk(&d, BOTH);
		pad_says(cases[i].answer);
		assert_int_equal(
			card_pin_change_pinpad(d.channel, CARD_PIN_AUTH, CARD_LANG_JA, 0, NULL),
			cases[i].err);
		assert_int_equal(fake_pcsc.pad_calls, 1);
		assert_int_equal(fake_pcsc.pad_code, VERIFY_CODE);
		close_desk(&d);
	}
}

static void a_lost_answer_to_the_change_is_of_unknown_outcome(void **state)
{
	static const LONG lost[] = {SCARD_E_NOT_TRANSACTED, SCARD_F_COMM_ERROR,
				    SCARD_E_TIMEOUT,        SCARD_W_REMOVED_CARD,
				    SCARD_W_RESET_CARD,     SCARD_W_UNRESPONSIVE_CARD,
				    SCARD_S_SUCCESS};

	(void)state;
	for (size_t i = 0; i < sizeof(lost) / sizeof(lost[0]); i++) {
		struct desk d;

		open_desk(&d, BOTH);
		pad_says("9000");
		/* SELECT, query, SELECT EF, VERIFY on the pad, CHANGE on the pad */
		fake_pcsc.fault = (struct fake_fault){.at = 5, .rv = lost[i]};
		assert_int_equal(
			card_pin_change_pinpad(d.channel, CARD_PIN_AUTH, CARD_LANG_JA, 0, NULL),
			CARD_ERR_OUTCOME_UNKNOWN);
		assert_int_equal(fake_pcsc.pad_calls, 2);
		close_desk(&d);
	}
}

static void answers_of_the_pad_itself_use_no_try(void **state)
{
	static const struct {
		const char *answer;
		enum card_error err;
	} cases[] = {
		{"6400", CARD_ERR_TIMEOUT},
		{"6401", CARD_ERR_CANCELLED},
		{"6402", CARD_ERR_PIN_FORMAT},
		{"6403", CARD_ERR_PIN_FORMAT},
		{"9000", CARD_OK},
		{"63C2", CARD_ERR_PIN_WRONG},
		{"63C0", CARD_ERR_PIN_LOCKED},
		{"6984", CARD_ERR_PIN_LOCKED},
		{"", CARD_ERR_OUTCOME_UNKNOWN},
		{"90", CARD_ERR_OUTCOME_UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int tries = -9;
		struct desk d;

		open_desk(&d, BOTH);
		pad_says(cases[i].answer);
		if (card_pin_verify_pinpad(d.channel, CARD_PIN_AUTH, CARD_LANG_JA, 0, &tries) !=
		    cases[i].err)
			fail_msg("%s is not %s", cases[i].answer, card_error_name(cases[i].err));
		close_desk(&d);
	}
}

static void a_lost_pad_answer_is_of_unknown_outcome(void **state)
{
	static const LONG lost[] = {SCARD_E_NOT_TRANSACTED, SCARD_F_COMM_ERROR,
				    SCARD_E_TIMEOUT,        SCARD_W_REMOVED_CARD,
				    SCARD_W_RESET_CARD,     SCARD_W_UNRESPONSIVE_CARD,
				    SCARD_S_SUCCESS};

	(void)state;
	for (size_t i = 0; i < sizeof(lost) / sizeof(lost[0]); i++) {
		int tries = 0;
		struct desk d;

		open_desk(&d, BOTH);
		fake_pcsc.fault = (struct fake_fault){.at = 4, .rv = lost[i]};
		assert_int_equal(
			card_pin_verify_pinpad(d.channel, CARD_PIN_AUTH, CARD_LANG_JA, 0, &tries),
			CARD_ERR_OUTCOME_UNKNOWN);
		assert_int_equal(tries, CARD_TRIES_UNKNOWN);
		assert_true(fake_pcsc.transmits >= 4);
		close_desk(&d);
	}
}

static void no_pad_no_request(void **state)
{
	static const char *const half[] = {"0604 42330006", "0704 42330007", ""};
	struct desk d;

	(void)state;
	for (size_t i = 0; i < sizeof(half) / sizeof(half[0]); i++) {
		open_desk(&d, half[i]); /* a change needs both */
		assert_int_equal(
			card_pin_change_pinpad(d.channel, CARD_PIN_AUTH, CARD_LANG_JA, 0, NULL),
			CARD_ERR_UNSUPPORTED);
		assert_int_equal(fake_pcsc.pad_calls, 0);
		close_desk(&d);
	}
	open_desk(&d, BOTH);
	assert_int_equal(card_pin_verify_pinpad(d.channel, CARD_PIN_SIGN, CARD_LANG_JA, 0, NULL),
			 CARD_ERR_UNSUPPORTED); /* letters: no pad has them */
	assert_int_equal(card_pin_change_pinpad(d.channel, CARD_PIN_SIGN, CARD_LANG_JA, 0, NULL),
			 CARD_ERR_UNSUPPORTED);
	assert_int_equal(
		card_pin_change_pinpad(d.channel, CARD_PIN_TEXT_NUMBER_B, CARD_LANG_JA, 0, NULL),
		CARD_ERR_UNSUPPORTED); /* a number: nobody changes it */
	assert_int_equal(fake_pcsc.pad_calls, 0);
	close_desk(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(features_are_found_among_others),
		cmocka_unit_test(a_reader_that_knows_no_features_has_none),
		cmocka_unit_test(verify_block_byte_for_byte),
		cmocka_unit_test(verify_block_of_a_long_number_in_english),
		cmocka_unit_test(modify_block_byte_for_byte),
		cmocka_unit_test(answers_to_the_change),
		cmocka_unit_test(without_the_old_pin_no_change),
		cmocka_unit_test(a_lost_answer_to_the_change_is_of_unknown_outcome),
		cmocka_unit_test(answers_of_the_pad_itself_use_no_try),
		cmocka_unit_test(a_lost_pad_answer_is_of_unknown_outcome),
		cmocka_unit_test(no_pad_no_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
