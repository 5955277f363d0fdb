/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves how files are read, against scripts typed from card-spec 3 and 4: exact lengths, filler,
 * short reads, every way of saying "past the end", cards without short ids, and the refusals that
 * cost no command (grants, access matrix 5.2).
 */
#include "test.h"

#include <stdlib.h>

#include <card/common.h>
#include <card/jpki.h>
#include <card/juki.h>
#include <card/surface.h>
#include <card/text.h>

#include "script.h"

#define JPKI                                                                                       \
	{                                                                                          \
		"00A4040C0AD392F000260100000001", "9000", CARD_OK, false                           \
	}
#define TEXT                                                                                       \
	{                                                                                          \
		"00A4040C0AD3921000310001010408", "9000", CARD_OK, false                           \
	}
#define SURFACE                                                                                    \
	{                                                                                          \
		"00A4040C0AD3921000310001010402", "9000", CARD_OK, false                           \
	}
#define CLEAR                                                                                      \
	{                                                                                          \
		"00A4040C07A0000001510000", "9000", CARD_OK, false                                 \
	}

/* The published vector: card-spec 10.2, text EF 0002. */
#define TEXT_0002                                                                                  \
	"FF2065DF2108000E002000590064DF220FE9BB92E6A190E38080E5B9B9E4B99F"                         \
	"DF2336E69DB1E4BAACE983BDE6B885E780ACE5B882E8A6B3E5B883E5AD90E58D"                         \
	"97EFBC91EFBC92EFBC8DEFBC97EFBC8DEFBC92EFBC90EFBC92DF240831393830"                         \
	"30323137DF250131"

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

static card_secret_t *secret(const char *text)
{
	card_secret_t *s = NULL;

	assert_ok(card_secret_new(&s));
	assert_ok(card_secret_set(s, card_bytes(text, strlen(text))));
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
		assert_ok(card_jpki_certificate(d.channel, CARD_JPKI_AUTH, card_grant_own_card(), &out));
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

static void the_four_attributes_cost_four_commands(void **state)
{
	static const struct script_line lines[] = {
		TEXT,
		{"00200091", "63C3", CARD_OK, false},
		{"002000910431323334", "9000", CARD_OK, false},
		{"00B0820000", TEXT_0002 "FFFFFFFF9000", CARD_OK, false},
		CLEAR,
	};
	struct dialogue d;
	card_secret_t *pin = secret("1234");
	card_buf_t record = {0};
	struct card_text_attributes a;

	(void)state;
	dialogue_start(&d, LINES(lines));
	assert_ok(card_pin_verify(d.channel, CARD_PIN_TEXT, pin, 0, NULL));
	assert_ok(card_text_read_attributes(d.channel, card_grant_own_card(), &record, &a));
	assert_int_equal(card_channel_commands(d.channel), 4);
	assert_true(card_bytes_equal(a.name, BYTES("黒桐　幹也")));
	assert_true(card_bytes_equal(a.address, BYTES("東京都清瀬市観布子南１２－７－２０２")));
	assert_int_equal(a.birth.year, 1980);
	assert_int_equal(a.birth.month, 2);
	assert_int_equal(a.birth.day, 17);
	assert_int_equal(a.sex, '1');
	assert_int_equal(a.signed_part.n, 90); /* card-spec 10.3 */
	dialogue_finish(&d);
	card_buf_free(&record);
	card_secret_free(&pin);
}

static void the_number_is_read_with_its_physical_bytes(void **state)
{
	/* card-spec 10.2 and 3.4: 15 bytes, 17 physical */
	static const struct script_line lines[] = {
		TEXT,
		{"00200094", "63CA", CARD_OK, false},
		{"002000940C353337363836363737313838", "9000", CARD_OK, false},
		{"00B0810000", "FF100C353337363836363737313838FFFF9000", CARD_OK, false},
		CLEAR,
	};
	struct dialogue d;
	card_secret_t *a = secret("537686677188");
	card_grant_t *grant = NULL;
	card_buf_t record = {0};
	char number[13];

	(void)state;
	assert_ok(card_grant_new(&grant, CARD_OBJECT_NUMBER));
	dialogue_start(&d, LINES(lines));
	assert_ok(card_pin_verify(d.channel, CARD_PIN_TEXT_NUMBER_A, a, 0, NULL));
	assert_ok(card_text_read_number(d.channel, grant, &record, number));
	assert_string_equal(number, "537686677188");
	assert_true(card_number_valid(number));
	assert_int_equal(record.n, 17);
	dialogue_finish(&d);
	card_buf_free(&record);
	card_grant_free(&grant);
	card_secret_free(&a);
}

static void a_read_outside_the_grant_sends_nothing(void **state)
{
	struct dialogue d;
	card_buf_t b = {0};
	char number[13];
	struct card_text_attributes text;
	struct card_surface_face face;
	struct card_surface_number image;
	card_grant_t *none = NULL;

	(void)state;
	assert_ok(card_grant_new(&none, 0));
	dialogue_start(&d, NULL, 0);
	/* the own-card grant has everything but the number (rules PD-03) */
	assert_int_equal(card_text_read_number(d.channel, card_grant_own_card(), &b, number),
			 CARD_ERR_DENIED);
	assert_int_equal(card_surface_read_number(d.channel, card_grant_own_card(), &b, &image),
			 CARD_ERR_DENIED);
	assert_int_equal(card_text_read_attributes(d.channel, none, &b, &text), CARD_ERR_DENIED);
	assert_int_equal(card_text_read_attributes(d.channel, NULL, &b, &text), CARD_ERR_DENIED);
	assert_int_equal(card_surface_read_face(d.channel, none, &b, &face), CARD_ERR_DENIED);
	assert_int_equal(card_jpki_certificate(d.channel, CARD_JPKI_SIGN, none, &b),
			 CARD_ERR_DENIED);
	assert_int_equal(card_jpki_certificate(d.channel, CARD_JPKI_AUTH, NULL, &b),
			 CARD_ERR_DENIED);
	dialogue_finish(&d);
	card_grant_free(&none);
}

static void certain_refusals_of_the_access_matrix_are_made_without_a_read(void **state)
{
	static const struct script_line b_opens_no_number[] = {
		TEXT,
		{"00200095", "63CA", CARD_OK, false},
		{"002000950E3535303231373230333532323835", "9000", CARD_OK, false},
		CLEAR,
	};
	static const struct script_line nothing_presented[] = {TEXT, SURFACE};
	struct dialogue d;
	card_secret_t *number_b = secret("55021720352285");
	card_grant_t *grant = NULL;
	card_buf_t buf = {0};
	char number[13];
	struct card_text_attributes text;
	struct card_surface_face face;

	(void)state;
	assert_ok(card_grant_new(&grant, CARD_OBJECT_NUMBER));
	dialogue_start(&d, LINES(b_opens_no_number));
	assert_ok(card_pin_verify(d.channel, CARD_PIN_TEXT_NUMBER_B, number_b, 0, NULL));
	assert_int_equal(card_text_read_number(d.channel, grant, NULL, number), CARD_ERR_DENIED);
	dialogue_finish(&d);

	dialogue_start(&d, LINES(nothing_presented));
	assert_int_equal(card_text_read_attributes(d.channel, card_grant_own_card(), &buf, &text),
			 CARD_ERR_SECURITY_STATUS);
	assert_int_equal(card_surface_read_face(d.channel, card_grant_own_card(), &buf, &face),
			 CARD_ERR_SECURITY_STATUS);
	dialogue_finish(&d);
	card_grant_free(&grant);
	card_secret_free(&number_b);
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

static void broken_records_are_named(void **state)
{
	static const struct {
		const char *record;
		enum card_error err;
	} table[] = {
		{"FF2000", CARD_ERR_MALFORMED},         /* nothing in it */
		{"FF1000", CARD_ERR_MALFORMED},         /* another object */
		{"FF2008DF220941", CARD_ERR_TRUNCATED}, /* TLV past the end */
		{"FF2010DF220141DF230142DF2403313938", CARD_ERR_TRUNCATED},
		{"FF2018DF220141DF230142DF24083139383030323137DF2500", CARD_ERR_TRUNCATED},
		{"FF2016DF220141DF230142DF24083139383030323137DF2500", CARD_ERR_MALFORMED},
		{"FF2017DF2201FFDF230142DF24083139383030323137DF250131",
		 CARD_ERR_MALFORMED}, /* UTF-8 */
		{"FF2019DF22028041DF23024242DF24083139383030323137DF250131", CARD_ERR_MALFORMED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		card_buf_t b = {0};
		struct card_text_attributes a;

		assert_ok(card_hex_decode(table[i].record, &b));
		assert_int_equal(card_text_parse_attributes(card_buf_bytes(&b), &a), table[i].err);
		card_buf_free(&b);
	}
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

static void check_digits_of_published_numbers(void **state)
{
	/* card-spec 9.1 */
	static const char *const good[] = {"983205673214", "537686677188", "379474484458"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		char n[13];

		assert_true(card_number_valid(good[i]));
		memcpy(n, good[i], 13);
		for (char digit = '0'; digit <= '9'; digit++) {
			n[11] = digit;
			assert_int_equal(card_number_valid(n), digit == good[i][11]);
		}
	}
	assert_false(card_number_valid("53768667718"));
	assert_false(card_number_valid("53768667718x"));
	assert_false(card_number_valid(NULL));
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
		cmocka_unit_test(the_four_attributes_cost_four_commands),
		cmocka_unit_test(the_number_is_read_with_its_physical_bytes),
		cmocka_unit_test(a_read_outside_the_grant_sends_nothing),
		cmocka_unit_test(certain_refusals_of_the_access_matrix_are_made_without_a_read),
		cmocka_unit_test(a_disputed_row_is_tried),
		cmocka_unit_test(broken_records_are_named),
		cmocka_unit_test(the_common_record_of_the_published_card),
		cmocka_unit_test(a_record_without_short_ids_is_read_after_a_select),
		cmocka_unit_test(a_large_data_object_is_asked_for_again_with_the_extended_form),
		cmocka_unit_test(check_digits_of_published_numbers),
	};

	return cmocka_run_group_tests_name("read", tests, NULL, NULL);
}
