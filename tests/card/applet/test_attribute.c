/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves how attributes, numbers and pictures are read and parsed, against scripts typed from
 * card-spec 3 and the published vectors of 10.2; refusals that cost no command (grants, access
 * matrix 5.2).
 */
#include "applet_script.h"

#include <card/jpki.h>
#include <card/surface.h>
#include <card/text.h>

/* The published vector: card-spec 10.2, text EF 0002. */
#define TEXT_0002                                                                                  \
	"FF2065DF2108000E002000590064DF220FE9BB92E6A190E38080E5B9B9E4B99F"                         \
	"DF2336E69DB1E4BAACE983BDE6B885E780ACE5B882E8A6B3E5B883E5AD90E58D"                         \
	"97EFBC91EFBC92EFBC8DEFBC97EFBC8DEFBC92EFBC90EFBC92DF240831393830"                         \
	"30323137DF250131"

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
		cmocka_unit_test(the_four_attributes_cost_four_commands),
		cmocka_unit_test(the_number_is_read_with_its_physical_bytes),
		cmocka_unit_test(a_read_outside_the_grant_sends_nothing),
		cmocka_unit_test(certain_refusals_of_the_access_matrix_are_made_without_a_read),
		cmocka_unit_test(broken_records_are_named),
		cmocka_unit_test(check_digits_of_published_numbers),
	};

	return cmocka_run_group_tests_name("attribute", tests, NULL, NULL);
}
