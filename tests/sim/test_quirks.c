/* SPDX-License-Identifier: Apache-2.0 */
/* Quirks do what their table says, and nothing when absent: card-spec 2.2, 2.5, 13.2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/x509.h>

#include "simtalk.h"

static uint8_t file[65536];

/* A dialogue with a card that has one quirk. */
struct line {
	const char *quirk;
	const char *said[12]; /* command, answer, … */
};

static const struct line dialogues[] = {
	{"fci-none", {"00A404000AD392F00026010000000100", "9000"}},
	{"fci-6a86", {"00A404000AD392F00026010000000100", "6A86", SELECT_JPKI, "9000"}},
	{"fci-61xx",
	 {"00A404000AD392F00026010000000100", "610E", "00C000000E",
	  "6F0C840AD392F0002601000000019000", "00C0000001", "6D00"}},
	{"fci-long", {"00A404000AD392F00026010000000100", "6F*9000"}},
	{"first-6f00", {SELECT_JPKI, "6F00", SELECT_JPKI, "9000", "00200098", "63C3"}},
	{"no-sfi",
	 {SELECT_JPKI, "9000", "00200098", "6A86", "00B0860020", "6A86", "00A4020C020006", "9000",
	  "00B0000002", "4A509000"}},
	{"61xx",
	 {SELECT_JPKI, "9000", "00B0860020", "6120", "00C0000020", "4A504B49*9000", "00B08A0000",
	  "6100", "00C0000000", "3082*9000"}},
	{"61xx-endless",
	 {SELECT_JPKI, "9000", "00B0860020", "6120", "00C0000020", "AA6101", "00C0000001", "AA6101",
	  "00C0000001", "AA6101"}},
	{"6cxx",
	 {SELECT_JPKI, "9000", "00B0880000", "6C03", "00B0880003", "8F8F009000", SELECT_COMMON,
	  "9000", "00B2010C00", "6C1E"}},
	{"past-end-6282", {SELECT_JPKI, "9000", "00B0880300", "6282"}},
	{"past-end-9000", {SELECT_JPKI, "9000", "00B0880300", "9000"}},
	{"read-part-6282", {SELECT_JPKI, "9000", "00B0880010", "8F8F006282"}},
	{"locked-6983", {SELECT_TEXT, "9000", "0020009204" DATA_1234, "6983", "00200092", "63C0"}},
	{"locked-63c0", {SELECT_TEXT, "9000", "0020009204" DATA_1234, "63C0"}},
	{"query-6984", {SELECT_TEXT, "9000", "00200092", "6984", "0020009204" DATA_1234, "6984"}},
	{"query-6983", {SELECT_TEXT, "9000", "00200092", "6983"}},
	{"query-9000-after-verify",
	 {SELECT_JPKI, "9000", "00200098", "63C3", "0020009804" DATA_1234, "9000", "00200098",
	  "9000"}},
	{"verify-wrong-length-63cx",
	 {SELECT_JPKI, "9000", "0020009803313233", "63C2", "00200098", "63C2"}},
	{"change-6985", {SELECT_JPKI, "9000", "0024019804" DATA_1234, "6985"}},
	{"change-6986", {SELECT_JPKI, "9000", "0024019804" DATA_1234, "6986"}},
	{"sign-length-6700",
	 {SELECT_JPKI, "9000", "0020009804" DATA_1234, "9000", "802A029701AA00", "6700"}},
	{"no-ef-6a82", {SELECT_JPKI, "9000", "00B0000004", "6A82", "00200080", "6A82"}},
	{"text0003-6982",
	 {SELECT_TEXT, "9000", "002000950E" DATA_B, "9000", "00B0830004", "6982", "00B0820002",
	  "FF209000"}},
	{"surface0006-6982",
	 {SELECT_SURFACE, "9000", "00B0860001", "6982", "002000920E" DATA_B, "9000", "00B0860001",
	  "FF9000"}},
	{"unknown-6981", {SELECT_JPKI, "9000", "00B0890001", "6981"}},
	{"terminal-6a86", {SELECT_JPKI, "9000", "80A206C10100", "6A86"}},
	{"terminal-6d00", {SELECT_JPKI, "9000", "80A206C10100", "6D00"}},
	{"status-5f51", {"00CA5F5100", "6A88", SELECT_JPKI, "9000", "00CA5F5100", "E0*9000"}},
	{"no-5f51", {"00CA5F5100", "6A88", SELECT_JPKI, "9000", "00CA5F5100", "6A88"}},
	{"record-multi-6a81",
	 {SELECT_COMMON, "9000", "00B2010D00", "6A81", "00B2010C02", "011C9000"}},
	{"text0008-6982",
	 {SELECT_TEXT, "9000", "00B0880001", "6982", "0020009104" DATA_1234, "9000", "00B0880001",
	  "FF9000"}},
	{"select-failure-leaves",
	 {SELECT_JPKI, "9000", "0020009804" DATA_1234, "9000", "00A4040C05A000000003", "6A82",
	  SELECT_JPKI, "9000", "802A009701AA00", "6982"}},
	{"no-card-manager",
	 {SELECT_JPKI, "9000", "0020009804" DATA_1234, "9000", SELECT_ISD, "6A82", "802A009701AA00",
	  "*9000"}},
	{"wrong-length-answer", {SELECT_JPKI, "9000", "00B0880003", "8F8F00009000"}},
	{"empty-answer", {SELECT_JPKI, "9000", "00B0880003", "9000"}},
	{"old-card", {"00CA7F21000000", "6A88", "00CA00F8000000", "5F4E*9000"}},
	{"length-minimal",
	 {SELECT_TEXT, "9000", "00B0850005", "FF40819EDF9000", "0020009104" DATA_1234, "9000",
	  "00B0810003", "FF100C9000"}},
	{"length-long",
	 {SELECT_TEXT, "9000", "0020009104" DATA_1234, "9000", "00B0810005", "FF1082000C9000"}},
	{"tlv-endless",
	 {SELECT_TEXT, "9000", "0020009104" DATA_1234, "9000", "00B0820005", "FF2082FFFF9000"}},
	{"huge-certificate", {SELECT_JPKI, "9000", "00B08A0004", "3082FFFF9000"}},
};

static void each_quirk_changes_its_answer(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof dialogues / sizeof dialogues[0]; i++) {
		card_sim_t *c = simtalk_card("test-person", dialogues[i].quirk);
		const char *const *s = dialogues[i].said;

		for (int k = 0; k < 12 && s[k]; k += 2)
			say_at(c, s[k], s[k + 1], dialogues[i].quirk, (int)i);
		card_sim_free(&c);
	}
}

static void fillers(void **state)
{
	card_sim_t *c = simtalk_card("test-person", "filler-00");

	(void)state;
	say(c, SELECT_JPKI, "9000");
	say(c, "00A4020C02000A", "9000");
	say(c, "00B00BF010", "000000000000000000000000000000009000");
	card_sim_free(&c);
	c = simtalk_card("test-person", "no-filler");
	say(c, SELECT_JPKI, "9000");
	say(c, "00A4020C02000A", "9000");
	size_t n = simtalk_read_all(c, file, sizeof file);
	assert_int_equal(n, 4u + ((size_t)file[2] << 8 | file[3]));
	card_sim_free(&c);
}

static X509 *certificate_with(const char *quirk, size_t *n)
{
	card_sim_t *c = simtalk_card("test-person", quirk);
	const unsigned char *p = file;

	say(c, SELECT_JPKI, "9000");
	say(c, "00A4020C02000A", "9000");
	*n = simtalk_read_all(c, file, sizeof file);
	card_sim_free(&c);
	return d2i_X509(NULL, &p, (long)*n);
}

static void damaged_certificates(void **state)
{
	size_t n, whole;
	X509 *x = certificate_with("no-filler", &whole);

	(void)state;
	assert_non_null(x);
	X509_free(x);
	assert_null(certificate_with("garbage-certificate", &n));
	assert_null(certificate_with("truncated-certificate", &n));
	assert_int_equal(n, whole / 2);
	assert_null(certificate_with("huge-certificate", &n));
	x = certificate_with("expired-cert", &n);
	assert_non_null(x);
	assert_true(X509_cmp_current_time(X509_get0_notAfter(x)) < 0);
	X509_free(x);
}

/* The same bytes but for what the quirk damages. */
static size_t differences(const char *quirk, const char *select, const char *verify, const char *ef)
{
	static uint8_t sound[65536];
	size_t n = 0, m, count = 0;

	for (int pass = 0; pass < 2; pass++) {
		card_sim_t *c = simtalk_card("test-person", pass ? quirk : NULL);

		say(c, select, "9000");
		if (verify)
			say(c, verify, "9000");
		say(c, ef, "9000");
		m = simtalk_read_all(c, pass ? file : sound, sizeof file);
		if (pass == 0)
			n = m;
		card_sim_free(&c);
	}
	if (n != m)
		return (size_t)-1;
	for (size_t i = 0; i < n; i++)
		count += file[i] != sound[i];
	return count;
}

static void damaged_records(void **state)
{
	(void)state;
	assert_int_equal(differences("record-signature-broken", SELECT_SURFACE, "002000930C" DATA_A,
				     "00A4020C020005"),
			 1);
	assert_int_equal(differences("record-signature-broken", SELECT_SURFACE, "002000920E" DATA_B,
				     "00A4020C020002"),
			 1);
	assert_int_equal(differences("card-chain-broken", SELECT_TEXT, NULL, "00A4020C020004"), 1);
	assert_int_equal(
		differences("tlv-past-end", SELECT_TEXT, "0020009104" DATA_1234, "00A4020C020002"),
		1);
	assert_true(differences("record-digest-broken", SELECT_TEXT, "0020009104" DATA_1234,
				"00A4020C020003") > 2);
	assert_true(differences("address-changed", SELECT_TEXT, "0020009104" DATA_1234,
				"00A4020C020002") > 2);
	assert_int_equal(differences("address-changed", SELECT_TEXT, "0020009104" DATA_1234,
				     "00A4020C020003"),
			 0);
	assert_true(differences("short-photo", SELECT_SURFACE, "002000920E" DATA_B,
				"00A4020C020002") == (size_t)-1);
}

#define INFO                                                                                       \
	"3031300D060960864801650304020105000420000102030405060708090A0B0C0D0E0F101112131415161718" \
	"191A1B1C1D1E1F"

static void damaged_signatures(void **state)
{
	uint8_t sound[256];
	card_sim_t *c = simtalk_card("test-person", NULL);

	(void)state;
	say(c, SELECT_TEXT, "9000");
	say(c, "802A000033" INFO "00", "*9000");
	memcpy(sound, told, sizeof sound);
	card_sim_free(&c);
	c = simtalk_card("test-person", "wrong-signature");
	say(c, SELECT_TEXT, "9000");
	say(c, "802A000033" INFO "00", "*9000");
	assert_memory_equal(sound, told, 255);
	assert_int_equal(sound[255] ^ told[255], 1);
	card_sim_free(&c);
	c = simtalk_card("test-person", "short-signature");
	say(c, SELECT_TEXT, "9000");
	assert_int_equal(say(c, "802A000033" INFO "00", "*9000"), 255);
	card_sim_free(&c);
	c = simtalk_card("test-person", "challenge-fails");
	say(c, SELECT_TEXT, "9000");
	say(c, "802A000033" INFO "00", "*9000");
	assert_memory_not_equal(sound, told, 256);
	card_sim_free(&c);
}

static void atrs(void **state)
{
	static const char *const rows[][2] = {
		{"", "3B888001000005E0B381A1007F"}, /* 2.3 */
		{"atr-contact-old", "3BE000FF8131FE4514"},
		{"atr-contact-new", "3BDA13FF8131FB468012392F31C173C601C03B"},
		{"atr-contact-73c6", "3BC5FF8131FB458073C6010000"},
		{"atr-type-b-41", "3B888001000041E0B381A1003B"},
		{"atr-type-b-4b", "3B888001004B51FFB381D1000F"},
		{"atr-reader-made", "3BF59100FF918171FE40004200010000D1D6"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		card_sim_t *c = simtalk_card("test-person", rows[i][0]);
		struct card_bytes atr = card_sim_atr(c);

		assert_string_equal(simtalk_hex(atr.p, atr.n), rows[i][1]);
		card_sim_free(&c);
	}
}

static void reset_may_keep_the_selection(void **state)
{
	card_sim_t *c = simtalk_card("test-person", "reset-keeps-selection");

	(void)state;
	say(c, SELECT_JPKI, "9000");
	say(c, "0020009804" DATA_1234, "9000");
	card_sim_reset(c);
	say(c, "802A009701AA00", "*9000");
	card_sim_power_off(c);
	card_sim_power_on(c);
	say(c, "802A009701AA00", "6A82");
	card_sim_free(&c);
}

static void absent_certificates(void **state)
{
	card_sim_t *c = simtalk_card("child", "absent-certificate-6a82");

	(void)state;
	say(c, SELECT_JPKI, "9000");
	say(c, "00A4020C020001", "6A82");
	say(c, "00B0880003", "008F009000");
	say(c, "00A4020C020000", "6A82");
	card_sim_free(&c);
}

static void every_quirk_makes_a_card(void **state)
{
	struct card_sim_problem problem;
	card_sim_t *c = NULL;

	(void)state;
	for (size_t i = 0; card_sim_quirk_name(i); i++) {
		c = simtalk_card("test-person", card_sim_quirk_name(i));
		assert_true(strlen(card_sim_quirk_effect(i)) > 10);
		card_sim_free(&c);
	}
	const char *wrong[] = {"none-such"};
	struct card_sim_options opt = {.quirks = wrong, .n_quirks = 1};
	assert_int_equal(card_sim_new(&c, "test-person", &opt, &problem), CARD_ERR_MALFORMED);
	assert_non_null(strstr(problem.text, "none-such"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_quirk_changes_its_answer),
		cmocka_unit_test(fillers),
		cmocka_unit_test(damaged_certificates),
		cmocka_unit_test(damaged_records),
		cmocka_unit_test(damaged_signatures),
		cmocka_unit_test(atrs),
		cmocka_unit_test(reset_may_keep_the_selection),
		cmocka_unit_test(absent_certificates),
		cmocka_unit_test(every_quirk_makes_a_card),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
