/* SPDX-License-Identifier: Apache-2.0 */
/* Applications, files, short identifiers and the access matrix: card-spec 2, 3, 4.1, 5.2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "simtalk.h"

static void applications_of_a_card_are_selectable(void **state)
{
	card_sim_t *c = simtalk_card("test-person", NULL);

	(void)state;
	say(c, SELECT_JPKI, "9000");
	say(c, SELECT_SURFACE, "9000");
	say(c, SELECT_TEXT, "9000");
	say(c, SELECT_JUKI, "9000");
	say(c, SELECT_COMMON, "9000");
	say(c, SELECT_ISD, "9000");
	/* not on this card: マイナ免許証, licences, 在留カード, what other drivers probe */
	say(c, "00A4040C10A0000002310600000000000000000000", "6A82");
	say(c, "00A4040C10A0000002310100000000000000000000", "6A82");
	say(c, "00A4040C10D392F0004F0200000000000000000000", "6A82");
	say(c, "00A4040007A0000001160000", "6A82");
	say(c, "00A4040C0BA0000003080000100001", "6700"); /* Lc contradicts the length */
	say(c, "00A4040C09A00000030800001000", "6A82");
	card_sim_free(&c);
}

static void select_by_partial_name(void **state)
{
	card_sim_t *c = simtalk_card("test-person", NULL);

	(void)state;
	say(c, "00A4040C05D392F00026", "9000"); /* 2.5 */
	say(c, "00A4020C020006", "9000");
	say(c, "00A4040C09D39210003100010101", "9000");
	say(c, "00B2010C00", "011C*9000");                  /* the common AP */
	say(c, "00A4040C0BD392F00026010000000100", "6A82"); /* longer than the name */
	card_sim_free(&c);
}

static void select_with_p2_00_answers_an_fci(void **state)
{
	card_sim_t *c = simtalk_card("test-person", NULL);

	(void)state;
	say(c, "00A404000AD392F00026010000000100", "6F0C840AD392F0002601000000019000");
	say(c, "00A404040AD392F000260100000001", "6A86");
	say(c, "00A4010C0AD392F000260100000001", "6A86");
	say(c, "00A4040C", "6700");
	card_sim_free(&c);
}

static void select_without_name_and_mf(void **state)
{
	card_sim_t *c = simtalk_card("test-person", NULL);

	(void)state;
	say(c, "00A40000", "6A86"); /* 2.5: just after cold reset */
	say(c, "00A4000C023F00", "6A82");
	say(c, "00A4020C022F10", "6A82");
	say(c, "00A4020C022F11", "6A82");
	say(c, "00A4020C02001E", "9000");
	say(c, "00B0000000", "6981");
	say(c, "00B2010400", "6981");
	say(c, SELECT_COMMON, "9000");
	say(c, "00A40000", "9000"); /* the DF does not change */
	say(c, "00B2010C00", "011C*9000");
	say(c, "00A4000C023F00", "6A82");
	card_sim_free(&c);
}

static void classes_channels_and_instructions(void **state)
{
	card_sim_t *c = simtalk_card("test-person", NULL);

	(void)state;
	say(c, "01A4040C0AD392F000260100000001", "6881"); /* 2.5: channel 0 only */
	say(c, "4084000008", "6881");
	say(c, "00700000", "6D00");
	say(c, "00CB3FFF035C017E08", "6D00");
	say(c, "80340000", "6D00");
	say(c, "A0A40000023F00", "6E00");
	say(c, "FFCA000000", "6E00");
	say(c, "802000", "6700");               /* no header */
	say(c, "8020008004" DATA_1234, "6E00"); /* VERIFY has class 00 */
	say(c, "002A008000", "6E00");
	say(c, "00CADF3005", "6A88");
	card_sim_free(&c);
}

static void administration_is_the_issuers(void **state)
{
	card_sim_t *c = simtalk_card("test-person", NULL);

	(void)state;
	say(c, SELECT_JPKI, "9000");
	say(c, "808A0000", "6A86"); /* 4.1: issuer check reached only for P1 22, 24 */
	say(c, "808A2200", "6982");
	say(c, "808A2400", "6982");
	say(c, "80500000", "6982");
	say(c, "80520000", "6982");
	say(c, "80540000", "6982");
	say(c, "80060000", "6982");
	say(c, "80A206C104DEADBEEF", "6700");
	say(c, "80A200C104DEADBEEF", "6700");
	say(c, "80A2000004DEADBEEF", "6A86");
	say(c, "80A200AE04DEADBEEF", "6A86");
	say(c, "80A2800004DEADBEEF", "6A86");
	say(c, "80A200B604DEADBEEF", "6A86");
	say(c, "80FC0000", "6700"); /* the iPhone token only */
	card_sim_free(&c);
}

static void jpki_files(void **state)
{
	card_sim_t *c = simtalk_card("test-person", NULL);

	(void)state;
	say(c, SELECT_JPKI, "9000");
	say(c, "00B0000004", "6986"); /* no current EF */
	say(c, "00A4020C020003", "6A82");
	say(c, "00A4020C02000A", "9000");
	say(c, "00B0000004", "3082*9000");
	say(c, "00A4020C020001", "9000");
	say(c, "00B0000004", "6982");
	say(c, "00A4020C020002", "9000");
	say(c, "00B0000004", "3082*9000");
	say(c, "00B08B0004", "3082*9000"); /* 000B by short identifier … */
	say(c, "00B0000004", "3082*9000"); /* … which is current now */
	say(c, "00A4020C020017", "9000");
	say(c, "00B0000004", "6981");
	say(c, "00A4020C020018", "9000");
	say(c, "00B0000004", "6981");
	say(c, "00A4020C020009", "9000"); /* unknown, protected */
	say(c, "00B0000010", "6982");
	say(c, "00A4020C02001D", "6A82");
	say(c, "00B09F0004", "6A86"); /* 1F is no short identifier */
	say(c, "00B0830004", "6A82");
	say(c, "00B08800", "6700");   /* no Le */
	say(c, "00B2014400", "6981"); /* READ RECORD of a transparent EF */
	card_sim_free(&c);
}

static void token_information(void **state)
{
	card_sim_t *c = simtalk_card("test-person", NULL);

	(void)state;
	say(c, SELECT_JPKI, "9000");
	/* 3.2: 160 bytes */
	assert_int_equal(say(c, "00B0860000",
			     "4A504B49415049434354 4F4B454E32 2020202020202020202020202020202020"
			     "3030303030303030303030303030303030303030303030303030303030303031"
			     "45313652 30314E4A 2020202020202020"
			     "3030303030303030323035303030303 3"
			     "0000040D 00000001 00000000 00000001 00000000 00000010 00000006"
			     "FFFFFFFF FFFFFFFF FFFFFFFF FFFFFFFF 30333031"
			     "39393939393939393939393939393939 9000"),
			 160);
	say(c, "00B0880000", "8F8F009000");
	say(c, "00B0880004", "8F8F009000"); /* short data */
	say(c, "00B0880300", "6B00");
	card_sim_free(&c);
}

static void reading_at_the_end(void **state)
{
	card_sim_t *c = simtalk_card("test-person", NULL);

	(void)state;
	say(c, SELECT_JPKI, "9000");
	say(c, "00A4020C02000A", "9000");
	say(c, "00B00C0000", "6B00"); /* 3072 */
	assert_int_equal(say(c, "00B00BF000", "*9000"), 16);
	say(c, "00B07FFF01", "6B00");
	say(c, "00B000000004", "6700");                            /* a data field */
	assert_int_equal(say(c, "00B00000000400", "*9000"), 1024); /* extended Le */
	card_sim_free(&c);
}

/* One row of the matrix of 5.2: a fresh card, one secret, what opens then. */
static void row(const char *select, const char *verify, const char *const *reads)
{
	card_sim_t *c = simtalk_card("test-person", NULL);

	say(c, select, "9000");
	if (verify)
		say(c, verify, "9000");
	for (; reads[0]; reads += 2)
		say(c, reads[0], reads[1]);
	card_sim_free(&c);
}

static void matrix_surface(void **state)
{
	static const char *const none[] = {
		"00B0810004", "6982",          "00B0820004", "6982",
		"00B0830004", "FF308201*9000", "00B0840005", "7F218202339000",
		"00B0850004", "6982",          "00B0860000", "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF9000",
		NULL};
	static const char *const birth[] = {"00B0810005", "FF1082021E9000", "00B0820004", "6982",
					    "00B0850004", "6982",           NULL};
	static const char *const b[] = {"00B0810004", "6982", "00B0820003", "FF20829000",
					"00B0850004", "6982", NULL};
	static const char *const a[] = {"00B0810004", "6982",       "00B0820003", "FF20829000",
					"00B0850003", "FF40829000", NULL};

	(void)state;
	row(SELECT_SURFACE, NULL, none);
	row(SELECT_SURFACE, "0020009106" DATA_BIRTH, birth);
	row(SELECT_SURFACE, "002000920E" DATA_B, b);
	row(SELECT_SURFACE, "002000930C" DATA_A, a);
}

static void matrix_text(void **state)
{
	static const char *const none[] = {
		"00B0810004", "6982",       "00B0820004",     "6982",       "00B0830004",
		"6982",       "00B0840005", "7F218202339000", "00B0850005", "FF4082009F9000",
		"00B0860004", "6982",       "00B0870004",     "6982",       NULL};
	static const char *const pin[] = {
		"00B0810003", "FF100C9000",     "00B0820003", "FF20659000",
		"00B0830005", "FF3082014B9000", "00B0860004", "A18201099000",
		"00B0870005", "FF508202139000", NULL};
	static const char *const a[] = {
		"00B0810003", "FF100C9000",     "00B0820003", "6982",
		"00B0830005", "FF3082014B9000", "00B0860004", "A18201099000",
		"00B0870005", "FF508202139000", NULL};
	static const char *const b[] = {
		"00B0810003", "6982",           "00B0820003", "FF20659000",
		"00B0830005", "FF3082014B9000", "00B0860004", "A18201099000",
		"00B0870005", "FF508202139000", NULL};

	(void)state;
	row(SELECT_TEXT, NULL, none);
	row(SELECT_TEXT, "0020009104" DATA_1234, pin);
	row(SELECT_TEXT, "002000940C" DATA_A, a);
	row(SELECT_TEXT, "002000950E" DATA_B, b);
}

static void matrix_jpki(void **state)
{
	static const char *const auth[] = {"00B0810004", "6982", "00B08A0002", "30829000", NULL};
	static const char *const sign[] = {"00B0810002", "30829000", "00B08A0002", "30829000",
					   NULL};

	(void)state;
	row(SELECT_JPKI, "0020009804" DATA_1234, auth);
	row(SELECT_JPKI, "0020009B06" DATA_SIGN, sign);
}

static void a_phone_has_the_jpki_application_only(void **state)
{
	card_sim_t *c = simtalk_card("android", NULL);

	(void)state;
	say(c, SELECT_SURFACE, "6A82");
	say(c, SELECT_TEXT, "6A82");
	say(c, SELECT_COMMON, "6A82");
	say(c, SELECT_JPKI, "9000");
	say(c, "00B0860010", "4A504B49415047505345544F4B454E209000"); /* JPKIAPGPSETOKEN */
	say(c, "00B08A0004", "6982");                                 /* 8.1: behind the PIN */
	say(c, "0020009804" DATA_1234, "9000");
	say(c, "00B08A0004", "3082*9000");
	say(c, "80FC0000", "6700");
	card_sim_free(&c);
	c = simtalk_card("iphone", NULL);
	say(c, SELECT_JPKI, "9000");
	say(c, "00B0860010", "4A504B494150494F53544F4B454E20209000"); /* JPKIAPIOSTOKEN */
	say(c, "00B08A0004", "3082*9000");
	say(c, "80FC0000", "9000");
	card_sim_free(&c);
}

static void a_juki_card_has_the_old_label(void **state)
{
	card_sim_t *c = simtalk_card("juki", NULL);

	(void)state;
	say(c, SELECT_JPKI, "9000");
	say(c, "00B0860010", "4A504B4941504943 43544F4B454E2020 9000"); /* JPKIAPICCTOKEN */
	say(c, "00B08A0004", "6A82");
	say(c, SELECT_JUKI, "9000");
	say(c, SELECT_SURFACE, "6A82");
	card_sim_free(&c);
}

static void a_child_has_no_signing_certificate(void **state)
{
	card_sim_t *c = simtalk_card("child", NULL);

	(void)state;
	say(c, SELECT_JPKI, "9000");
	say(c, "00B0880000", "008F009000"); /* 3.2 EF 0008 */
	say(c, "00B08A0004", "3082*9000");
	say(c, "0020009B06" DATA_SIGN, "9000");
	say(c, "00B0810004", "FFFFFFFF9000");
	say(c, "802A009A0101 00", "6985");
	card_sim_free(&c);
}

static void other_cards_answer_to_their_own_names(void **state)
{
	card_sim_t *c = simtalk_card("licence", NULL);

	(void)state;
	say(c, SELECT_JPKI, "6A82");
	say(c, "00A4040C10A0000002310100000000000000000000", "9000");
	say(c, "00A4040C10A0000002310200000000000000000000", "9000");
	card_sim_free(&c);
	c = simtalk_card("residence", NULL);
	say(c, SELECT_JPKI, "6A82");
	say(c, "00A4040C10D392F0004F0200000000000000000000", "9000");
	card_sim_free(&c);
}

static void a_driving_licence_on_the_card(void **state)
{
	card_sim_t *c = simtalk_card("long-names", NULL);

	(void)state;
	say(c, "00A4040C10A0000002310600000000000000000000", "9000"); /* 8.2 */
	say(c, "00B09A0003", "C101019000");
	say(c, "00B09B0000", "6982");
	say(c, "00200086", "63CA");
	say(c, "0020008604" DATA_1234, "9000");
	say(c, "00B09B0000", "C20C*C50735313030313235 9000"); /* 令和10-01-25 */
	assert_int_equal(say(c, "00B09C0000", "*9000"), 256);
	say(c, "00A4040C10A0000002310400000000000000000000", "6A82");
	card_sim_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(applications_of_a_card_are_selectable),
		cmocka_unit_test(select_by_partial_name),
		cmocka_unit_test(select_with_p2_00_answers_an_fci),
		cmocka_unit_test(select_without_name_and_mf),
		cmocka_unit_test(classes_channels_and_instructions),
		cmocka_unit_test(administration_is_the_issuers),
		cmocka_unit_test(jpki_files),
		cmocka_unit_test(token_information),
		cmocka_unit_test(reading_at_the_end),
		cmocka_unit_test(matrix_surface),
		cmocka_unit_test(matrix_text),
		cmocka_unit_test(matrix_jpki),
		cmocka_unit_test(a_phone_has_the_jpki_application_only),
		cmocka_unit_test(a_juki_card_has_the_old_label),
		cmocka_unit_test(a_child_has_no_signing_certificate),
		cmocka_unit_test(other_cards_answer_to_their_own_names),
		cmocka_unit_test(a_driving_licence_on_the_card),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
