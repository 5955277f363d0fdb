/* SPDX-License-Identifier: Apache-2.0 */
/* Proves APDU encoding in all four cases, short and extended, and the status word table. */
#include "test.h"

#include <stdlib.h>

#include <card/apdu.h>
#include <card/sw.h>

static void check(const struct card_apdu *cmd, const char *hex)
{
	uint8_t out[600];
	size_t n = 0;
	struct card_apdu back;

	assert_ok(card_apdu_encode(cmd, out, sizeof(out), &n));
	assert_hex(card_bytes(out, n), hex);
	assert_ok(card_apdu_decode(card_bytes(out, n), &back));
	assert_int_equal(back.ins, cmd->ins);
	assert_int_equal(back.le, cmd->le);
	assert_true(card_bytes_equal(back.data, cmd->data));
	for (size_t cap = 0; cap < n; cap++) {
		size_t none = 9;

		assert_int_equal(card_apdu_encode(cmd, out, cap, &none), CARD_ERR_BUFFER_TOO_SMALL);
		assert_int_equal(none, 0);
	}
}

static void the_four_cases_short(void **state)
{
	(void)state;
	/* card-spec 4.1: retry query, case 1 */
	check(&(struct card_apdu){.ins = 0x20, .p2 = 0x80}, "00200080");
	/* read binary: case 2, 256 bytes as 00 */
	check(&(struct card_apdu){.ins = 0xB0, .p1 = 0x01, .le = 256}, "00B0010000");
	check(&(struct card_apdu){.ins = 0xB0, .le = 4}, "00B0000004");
	/* verify by short id: case 3 */
	check(&(struct card_apdu){.ins = 0x20, .p2 = 0x98, .data = BYTES("1234")},
	      "002000980431323334");
	/* sign: case 4 */
	check(&(struct card_apdu){.cla = 0x80,
				  .ins = 0x2A,
				  .p2 = 0x80,
				  .data = BYTES("\x30\x01\x00"),
				  .le = 256},
	      "802A00800330010000");
}

static void the_four_cases_extended(void **state)
{
	uint8_t data[300];
	char hex[700];
	struct card_apdu big = {.cla = 0x80, .ins = 0xAE};

	(void)state;
	check(
		&(struct card_apdu){
			.ins = 0xCA, .p1 = 0x7F, .p2 = 0x21, .le = 65536, .extended = true},
		"00CA7F21000000");
	check(&(struct card_apdu){.ins = 0xCA, .le = 257}, "00CA0000000101");
	memset(data, 0x5A, sizeof(data));
	big.data = card_bytes(data, 256);
	memset(hex, 0, sizeof(hex));
	memcpy(hex, "80AE0000000100", 14);
	for (int i = 0; i < 256; i++)
		memcpy(hex + 14 + 2 * i, "5A", 2);
	check(&big, hex);
	big.le = 65536;
	memcpy(hex + 14 + 512, "0000", 4);
	check(&big, hex);
}

static void limits_and_contradictions_are_refused(void **state)
{
	static const char *const wrong[] = {
		"00A4040C0AD392",
		"00A4040C02D3920000",
		"00A4040C00D3",
		"00B00000000000FF",
	};
	uint8_t out[16];
	size_t n;
	struct card_apdu cmd = {.le = 65537};
	card_buf_t b = {0};

	(void)state;
	assert_int_equal(card_apdu_encode(&cmd, out, sizeof(out), &n), CARD_ERR_TOO_LONG);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		card_buf_clear(&b);
		assert_ok(card_hex_decode(wrong[i], &b));
		assert_int_equal(card_apdu_decode(card_buf_bytes(&b), &cmd), CARD_ERR_MALFORMED);
	}
	card_buf_clear(&b);
	assert_ok(card_hex_decode("00A404", &b));
	assert_int_equal(card_apdu_decode(card_buf_bytes(&b), &cmd), CARD_ERR_TRUNCATED);
	card_buf_free(&b);
}

static void decoding_any_bytes_stays_inside_them(void **state)
{
	uint32_t seed = 12345;

	(void)state;
	for (int round = 0; round < 200000; round++) {
		uint8_t in[24], *copy;
		size_t n;
		struct card_apdu cmd;

		for (size_t i = 0; i < sizeof(in); i++) {
			seed = seed * 1664525u + 1013904223u;
			in[i] = (uint8_t)((seed >> 24) & ((round & 1) != 0 ? 0xFF : 0x07));
		}
		n = in[23] % 23u;
		copy = malloc(n + 1); /* heap, so that the sanitizer sees a read beyond it */
		assert_non_null(copy);
		memcpy(copy, in, n);
		if (card_apdu_decode(card_bytes(copy, n), &cmd) == CARD_OK && cmd.data.n > 0) {
			assert_true(cmd.data.p >= copy && cmd.data.p + cmd.data.n <= copy + n);
			(void)card_apdu_is_secret(&cmd);
		}
		free(copy);
	}
}

static void commands_that_carry_secrets_are_known(void **state)
{
	static const struct {
		struct card_apdu cmd;
		bool secret, counts;
	} table[] = {
		{{.ins = 0x20, .p2 = 0x80}, false, false}, /* query */
		{{.ins = 0x20, .data = {(const uint8_t *)"1", 1}}, true, true},
		{{.ins = 0x24, .p1 = 1, .data = {(const uint8_t *)"1", 1}}, true, true},
		{{.cla = 0x80, .ins = 0x32, .data = {(const uint8_t *)"1", 1}}, true, true},
		{{.cla = 0x80, .ins = 0xAE, .data = {(const uint8_t *)"1", 1}}, true, false},
		{{.cla = 0x80, .ins = 0x2A, .data = {(const uint8_t *)"1", 1}, .le = 256},
		 false,
		 true},
		{{.cla = 0x08, .ins = 0xB0, .le = 256}, true, false},
		{{.cla = 0x0C, .ins = 0xA4}, true, false},
		{{.ins = 0xA4, .data = {(const uint8_t *)"1", 1}}, false, false},
		{{.ins = 0xB0, .le = 256}, false, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		assert_int_equal(card_apdu_is_secret(&table[i].cmd), table[i].secret);
		assert_int_equal(card_apdu_counts(&table[i].cmd), table[i].counts);
	}
}

static void status_words_have_meanings_tries_and_errors(void **state)
{
	(void)state;
	assert_string_equal(card_sw_meaning(0x9000, CARD_LANG_EN), "done");
	assert_string_equal(card_sw_meaning(0x6984, CARD_LANG_JA), "参照IEFが閉塞（ロック）");
	assert_string_equal(card_sw_meaning(0x63C2, CARD_LANG_EN),
			    card_sw_meaning(0x63CF, CARD_LANG_EN));
	assert_string_equal(card_sw_meaning(0x1234, CARD_LANG_EN), "unknown status");
	assert_int_equal(card_sw_tries(0x63C5), 5);
	assert_int_equal(card_sw_tries(0x63CA), 10);
	assert_int_equal(card_sw_tries(0x63C0), 0);
	assert_int_equal(card_sw_tries(0x6983), 0);
	assert_int_equal(card_sw_tries(0x6984), 0);
	assert_int_equal(card_sw_tries(0x6300), -1);
	assert_int_equal(card_sw_tries(0x9000), -1);
	assert_int_equal(card_sw_error(0x9000), CARD_OK);
	assert_int_equal(card_sw_error(0x6982), CARD_ERR_SECURITY_STATUS);
	assert_int_equal(card_sw_error(0x6A82), CARD_ERR_NOT_FOUND);
	assert_int_equal(card_sw_error(0x6984), CARD_ERR_PIN_LOCKED);
	assert_int_equal(card_sw_error(0x63C1), CARD_ERR_PIN_WRONG);
	assert_int_equal(card_sw_error(0x6D00), CARD_ERR_UNSUPPORTED);
	assert_int_equal(card_sw_error(0x6F00), CARD_ERR_STATUS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_four_cases_short),
		cmocka_unit_test(the_four_cases_extended),
		cmocka_unit_test(limits_and_contradictions_are_refused),
		cmocka_unit_test(decoding_any_bytes_stays_inside_them),
		cmocka_unit_test(commands_that_carry_secrets_are_known),
		cmocka_unit_test(status_words_have_meanings_tries_and_errors),
	};

	return cmocka_run_group_tests_name("apdu", tests, NULL, NULL);
}
