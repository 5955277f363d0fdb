/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves how files are read, against scripts typed from card-spec 3 and 4: exact lengths, filler,
 * short reads, every way of saying "past the end", long blocks, cards without short ids.
 */
#include "applet_script.h"

#include <stdlib.h>

#include <card/common.h>
#include <card/jpki.h>
#include <card/juki.h>
#include <card/text.h>

static char *repeat(const char *head, char nibble, size_t bytes, const char *tail)
{
	size_t h = strlen(head), t = strlen(tail);
	char *s = malloc(h + 2 * bytes + t + 1);

	assert_non_null(s);
	memcpy(s, head, h);
	memset(s + h, nibble, 2 * bytes);
	memcpy(s + h + 2 * bytes, tail, t + 1);
	return s;
}

static void a_certificate_is_read_to_its_last_byte_and_no_further(void **state)
{
	/* 30 82 02 10 …: 4 + 528 = 532 bytes: 256, 256, 20 */
	char *one = repeat("30820210", 'A', 252, "9000"), *two = repeat("", 'B', 256, "9000"),
	     *three = repeat("", 'C', 20, "9000");
	const struct script_line lines[] = {
		JPKI,
		{"00B08A0000", one, CARD_OK, false},
		{"00B0010000", two, CARD_OK, false},
		{"00B0020014", three, CARD_OK, false},
	};
	struct dialogue d;
	card_buf_t out = {0};

	(void)state;
	dialogue_start(&d, LINES(lines));
	assert_ok(card_jpki_certificate(d.channel, CARD_JPKI_AUTH, card_grant_own_card(), &out));
	assert_int_equal(out.n, 532);
	assert_int_equal(out.p[255], 0xAA);
	assert_int_equal(out.p[256], 0xBB);
	assert_int_equal(out.p[531], 0xCC);
	dialogue_finish(&d);
	card_buf_free(&out);
	free(one);
	free(two);
	free(three);
}

static void a_certificate_begun_is_finished_without_reading_twice(void **state)
{
	/* the same file in two transactions; in the second one no EF is current yet */
	char *one = repeat("30820210", 'A', 252, "9000"), *two = repeat("", 'B', 256, "9000"),
	     *three = repeat("", 'C', 20, "9000");
	const struct script_line begin[] = {JPKI, {"00B08A0000", one, CARD_OK, false}};
	const struct script_line rest[] = {
		JPKI,
		{"00A4020C02000A", "9000", CARD_OK, false},
		{"00B0010000", two, CARD_OK, false},
		{"00B0020014", three, CARD_OK, false},
	};
	const struct script_line ends[] = {
		JPKI,
		{"00A4020C02000A", "9000", CARD_OK, false},
		{"00B0010000", "6B00", CARD_OK, false},
	};
	struct dialogue d;
	card_buf_t out = {0};

	(void)state;
	dialogue_start(&d, LINES(begin));
	assert_ok(card_jpki_certificate_start(d.channel, CARD_JPKI_AUTH, card_grant_own_card(),
					      &out));
	dialogue_finish(&d);
	assert_int_equal(out.n, 256);
	dialogue_start(&d, LINES(ends));
	assert_int_equal(
		card_jpki_certificate_rest(d.channel, CARD_JPKI_AUTH, card_grant_own_card(), &out),
		CARD_ERR_TRUNCATED);
	dialogue_finish(&d);
	assert_int_equal(out.n, 256);
	dialogue_start(&d, LINES(rest));
	assert_ok(
		card_jpki_certificate_rest(d.channel, CARD_JPKI_AUTH, card_grant_own_card(), &out));
	dialogue_finish(&d);
	assert_int_equal(out.n, 532);
	assert_int_equal(out.p[256], 0xBB);
	assert_int_equal(out.p[531], 0xCC);
	card_buf_free(&out);
	free(one);
	free(two);
	free(three);
}

static void short_reads_go_on_where_they_stopped(void **state)
{
	char *one = repeat("3081A0", 'A', 97, "9000"), *two = repeat("", 'B', 50, "6282"),
	     *three = repeat("", 'C', 13, "9000");
	const struct script_line lines[] = {
		JPKI,
		{"00B08B0000", one, CARD_OK, false}, /* 100 of 163 bytes */
		{"00B000643F", two, CARD_OK, false}, /* 50 of 63, with 6282: card-spec 13.2 */
		{"00B000960D", three, CARD_OK, false},
	};
	struct dialogue d;
	card_buf_t out = {0};

	(void)state;
	dialogue_start(&d, LINES(lines));
	assert_ok(card_jpki_certificate(d.channel, CARD_JPKI_AUTH_CA, NULL, &out));
	assert_int_equal(out.n, 163);
	dialogue_finish(&d);
	card_buf_free(&out);
	free(one);
	free(two);
	free(three);
}

/* What was found out once holds for the channel: the second record is not asked for in long blocks. */
static void long_blocks_save_commands_and_are_given_up_where_refused(void **state)
{
	char *one = repeat("30820210", 'A', 252, "9000"), *rest = repeat("", 'B', 276, "9000"),
	     *two = repeat("", 'B', 256, "9000"), *three = repeat("", 'C', 20, "9000");
	const struct script_line taken[] = {
		JPKI,
		{"00B08A0000", one, CARD_OK, false},
		{"00B00100000114", rest, CARD_OK, false}, /* extended Le: 276 */
	};
	static const char *const no[] = {"6700", "6D00", "6B00", "6A86"};
	struct dialogue d;
	card_buf_t out = {0};

	(void)state;
	dialogue_start(&d, LINES(taken));
	card_channel_set_block(d.channel, 4096);
	assert_ok(card_jpki_certificate(d.channel, CARD_JPKI_AUTH, card_grant_own_card(), &out));
	assert_int_equal(out.n, 532);
	dialogue_finish(&d);
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
		const struct script_line refused[] = {
			JPKI,
			{"00B08A0000", one, CARD_OK, false},
			{"00B00100000114", no[i], CARD_OK, false},
			{"00B0010000", two, CARD_OK, false},
			{"00B0020014", three, CARD_OK, false},
		};

		card_buf_clear(&out);
		dialogue_start(&d, LINES(refused));
		card_channel_set_block(d.channel, 4096);
		assert_ok(card_jpki_certificate(d.channel, CARD_JPKI_AUTH, card_grant_own_card(),
						&out));
		assert_int_equal(out.n, 532);
		assert_int_equal(card_channel_block(d.channel), CARD_BLOCK_SHORT);
		dialogue_finish(&d);
	}
	card_buf_free(&out);
	free(one);
	free(rest);
	free(two);
	free(three);
}

static void a_file_that_ends_inside_its_object_is_truncated(void **state)
{
	/* card-spec 13.2: 6B00, 9000 without data, 6282 without data */
	static const char *const ends[] = {"6B00", "9000", "6282"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		char *one = repeat("30820210", 'A', 252, "9000");
		const struct script_line lines[] = {JPKI,
						    {"00B08A0000", one, CARD_OK, false},
						    {"00B0010000", ends[i], CARD_OK, false}};
		struct dialogue d;
		card_buf_t out = {0};

		dialogue_start(&d, LINES(lines));
		assert_int_equal(card_jpki_certificate(d.channel, CARD_JPKI_AUTH,
						       card_grant_own_card(), &out),
				 CARD_ERR_TRUNCATED);
		assert_int_equal(out.n, 0);
		dialogue_finish(&d);
		card_buf_free(&out);
		free(one);
	}
}

static void what_is_no_certificate_is_named(void **state)
{
	static const struct {
		const char *answer;
		enum card_error err;
	} table[] = {
		{"FFFFFFFF9000", CARD_ERR_NO_CERTIFICATE}, {"9000", CARD_ERR_NO_CERTIFICATE},
		{"000000009000", CARD_ERR_NO_CERTIFICATE}, {"6A82", CARD_ERR_NO_CERTIFICATE},
		{"6982", CARD_ERR_SECURITY_STATUS},        {"0482AABB9000", CARD_ERR_MALFORMED},
		{"308290009000", CARD_ERR_TOO_LONG},       {"6981", CARD_ERR_STATUS},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct script_line plain[] = {
			JPKI, {"00B08A0000", table[i].answer, CARD_OK, false}};
		/* 6A82 to a short id may mean that short ids are unknown: the file is selected */
		const struct script_line twice[] = {JPKI,
						    {"00B08A0000", table[i].answer, CARD_OK, false},
						    {"00A4020C02000A", "6A82", CARD_OK, false}};
		bool absent = strcmp(table[i].answer, "6A82") == 0;
		struct dialogue d;
		card_buf_t out = {0};

		dialogue_start(&d, absent ? twice : plain, absent ? 3 : 2);
		assert_int_equal(card_jpki_certificate(d.channel, CARD_JPKI_AUTH,
						       card_grant_own_card(), &out),
				 table[i].err);
		dialogue_finish(&d);
		card_buf_free(&out);
	}
}

static void without_short_ids_the_file_is_selected_and_that_is_remembered(void **state)
{
	char *one = repeat("3010", 'A', 16, "FFFF9000");
	const struct script_line lines[] = {
		JPKI,
		{"00B08A0000", "6A86", CARD_OK, false},
		{"00A4020C02000A", "9000", CARD_OK, false},
		{"00B0000000", one, CARD_OK, false},
		{"00A4020C02000B", "9000", CARD_OK, false},
		{"00B0000000", one, CARD_OK, false},
	};
	struct dialogue d;
	card_buf_t out = {0};

	(void)state;
	dialogue_start(&d, LINES(lines));
	assert_ok(card_jpki_certificate(d.channel, CARD_JPKI_AUTH, card_grant_own_card(), &out));
	assert_int_equal(out.n, 18); /* the filler is left out */
	assert_false(card_channel_short_ids(d.channel));
	card_buf_clear(&out);
	assert_ok(card_jpki_certificate(d.channel, CARD_JPKI_AUTH_CA, NULL, &out));
	dialogue_finish(&d);
	card_buf_free(&out);
	free(one);
}

static void a_disputed_row_is_tried(void **state)
{
	/* card-spec 3.2: 0001 without the password; 3.4: text 0003 */
	static const struct script_line lines[] = {
		JPKI,
		{"00B0810000", "6982", CARD_OK, false},
		TEXT,
		{"00B0830000", "6982", CARD_OK, false},
	};
	struct dialogue d;
	card_buf_t buf = {0};
	struct card_text_integrity integrity;

	(void)state;
	dialogue_start(&d, LINES(lines));
	assert_int_equal(
		card_jpki_certificate(d.channel, CARD_JPKI_SIGN, card_grant_own_card(), &buf),
		CARD_ERR_SECURITY_STATUS);
	assert_int_equal(card_text_read_integrity(d.channel, &buf, &integrity),
			 CARD_ERR_SECURITY_STATUS);
	dialogue_finish(&d);
}

static void the_common_record_of_the_published_card(void **state)
{
	/* card-spec 10.2 and 4.1 (SFI form of READ RECORD) */
	static const struct script_line lines[] = {
		{"00A4040C0AD3921000310001010100", "9000", CARD_OK, false},
		{"00B2010C00", "011C34303030303030313237313938343331333232313230333530323137 9000",
		 CARD_OK, false},
	};
	struct dialogue d;
	struct card_common_record r;

	(void)state;
	dialogue_start(&d, LINES(lines));
	assert_ok(card_common_record(d.channel, &r));
	assert_string_equal(r.serial, "400000012719843");
	assert_string_equal(r.municipality, "13221");
	assert_int_equal(r.expiry.year, 2035);
	dialogue_finish(&d);
}

static void a_record_without_short_ids_is_read_after_a_select(void **state)
{
	static const struct script_line lines[] = {
		{"00A4040C0AD3921000310001010401", "9000", CARD_OK, false},
		{"00B2011400", "6A86", CARD_OK, false},
		{"00A4020C020002", "9000", CARD_OK, false},
		{"00B2010400", "3530303030323008053030310000 0000 9000", CARD_OK, false},
	};
	struct dialogue d;
	uint8_t key[16];

	(void)state;
	dialogue_start(&d, LINES(lines));
	assert_ok(card_juki_key_reference(d.channel, key));
	assert_memory_equal(key, "5000020", 7);
	dialogue_finish(&d);
}

static void a_large_data_object_is_asked_for_again_with_the_extended_form(void **state)
{
	/* card-spec 3.7 */
	char *object = repeat("5F4E820129", 'A', 297, "9000");
	const struct script_line lines[] = {
		{"00A4040C07A0000001510000", "9000", CARD_OK, false},
		{"00CA00F800", "6700", CARD_OK, false},
		{"00CA00F8000000", object, CARD_OK, false},
		{"00CA004200", "6A88", CARD_OK, false},
	};
	struct dialogue d;
	card_buf_t out = {0};

	(void)state;
	dialogue_start(&d, LINES(lines));
	assert_ok(card_data_object(d.channel, CARD_DATA_ROOT_CERTIFICATE, &out));
	assert_int_equal(out.n, 302);
	assert_int_equal(card_data_object(d.channel, CARD_DATA_ISSUER_ID, &out),
			 CARD_ERR_NOT_FOUND);
	dialogue_finish(&d);
	card_buf_free(&out);
	free(object);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_certificate_is_read_to_its_last_byte_and_no_further),
		cmocka_unit_test(a_certificate_begun_is_finished_without_reading_twice),
		cmocka_unit_test(short_reads_go_on_where_they_stopped),
		cmocka_unit_test(long_blocks_save_commands_and_are_given_up_where_refused),
		cmocka_unit_test(a_file_that_ends_inside_its_object_is_truncated),
		cmocka_unit_test(what_is_no_certificate_is_named),
		cmocka_unit_test(without_short_ids_the_file_is_selected_and_that_is_remembered),
		cmocka_unit_test(a_disputed_row_is_tried),
		cmocka_unit_test(the_common_record_of_the_published_card),
		cmocka_unit_test(a_record_without_short_ids_is_read_after_a_select),
		cmocka_unit_test(a_large_data_object_is_asked_for_again_with_the_extended_form),
	};

	return cmocka_run_group_tests_name("read", tests, NULL, NULL);
}
