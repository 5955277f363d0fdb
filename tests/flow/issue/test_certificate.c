/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that each kind of certificate says what the records say, character for character, read back
 * from the PDF by another program; that numbers, domicile and relation stand on it only when asked
 * for; that what the fonts cannot draw is an error (rules R4-13…R4-16, R4-34; flows K18, K21).
 */
#include "town.h"

#include <cardflow/verify_document.h>

#include <ctype.h>

static struct town town;

static int start(void **state)
{
	(void)state;
	town_open(&town, NULL);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	town_close(&town);
	return 0;
}

/* Without blanks of any kind: where a line ends says nothing. */
static char *squeeze(const char *text)
{
	char *out = malloc(strlen(text) + 1), *at = out;

	for (const char *c = text; *c != '\0';) {
		if (strncmp(c, "　", 3) == 0)
			c += 3;
		else if (isspace((unsigned char)*c))
			c++;
		else
			*at++ = *c++;
	}
	*at = '\0';
	return out;
}

/* The text of a PDF as pdftotext reads it, in the order in which it was drawn. */
static char *extract(struct card_bytes pdf)
{
	char path[128], command[300], *all = calloc(1, 200000), *out;
	FILE *f;
	size_t n;

	snprintf(path, sizeof path, "%s/out.pdf", town.folder);
	f = fopen(path, "w");
	assert_int_equal(fwrite(pdf.p, 1, pdf.n, f), pdf.n);
	assert_int_equal(fclose(f), 0);
	snprintf(command, sizeof command, "pdftotext -raw %s -", path);
	f = popen(command, "r");
	n = fread(all, 1, 199999, f);
	assert_int_equal(pclose(f), 0);
	assert_true(n > 0);
	out = squeeze(all);
	free(all);
	return out;
}

static char *text_of(const struct flow_certificate *c)
{
	return extract(card_buf_bytes(&c->pdf));
}

static void assert_says(const char *text, const char *what)
{
	char *want = squeeze(what);

	if (strstr(text, want) == NULL)
		fail_msg("\"%s\" is not in: %s", what, text);
	free(want);
}

static void assert_silent(const char *text, const char *what)
{
	if (strstr(text, what) != NULL)
		fail_msg("\"%s\" is in: %s", what, text);
}

static bool has_twelve_digits(const char *text)
{
	size_t run = 0;

	for (; *text != '\0'; text++) {
		run = isdigit((unsigned char)*text) ? run + 1 : 0;
		if (run == 12)
			return true;
	}
	return false;
}

static struct flow_certificate make(enum flow_certificate_kind kind, const char *serial,
				    struct flow_certificate_options options)
{
	struct flow_certificate c = town_ask(&town, &town_office, kind, serial, options);

	if (c.outcome != FLOW_OUTCOME_MADE)
		fail_msg("%s: %s, U+%04X", flow_outcome_name(c.outcome), flow_why_name(c.why),
			 (unsigned)c.missing);
	return c;
}

/* Every kind and variant: the PDF says exactly what was to be drawn, in this order. */
static void text_of_every_kind_is_what_was_drawn(void **state)
{
	static const struct {
		enum flow_certificate_kind kind;
		struct flow_certificate_options options;
		const char *serial;
	} all[] = {
		{FLOW_CERTIFICATE_JUMINHYO, {.person = false}, "0a01"},
		{FLOW_CERTIFICATE_JUMINHYO, {.domicile = true, .relation = true}, "0a02"},
		{FLOW_CERTIFICATE_JUMINHYO, {.person = true, .number = true}, "0a01"},
		{FLOW_CERTIFICATE_JUMINHYO, {.domicile = true}, "0a11"},
		{FLOW_CERTIFICATE_KISAI, {.relation = true}, "0a01"},
		{FLOW_CERTIFICATE_KISAI, {.person = true, .domicile = true}, "0a11"},
		{FLOW_CERTIFICATE_INKAN, {.person = false}, "0a01"},
		{FLOW_CERTIFICATE_TAX, {.payment = false}, "0a01"},
		{FLOW_CERTIFICATE_TAX, {.year = 2025}, "0a01"},
		{FLOW_CERTIFICATE_TAX, {.payment = true}, "0a01"},
		{FLOW_CERTIFICATE_KOSEKI, {.person = false}, "0a01"},
		{FLOW_CERTIFICATE_KOSEKI, {.person = true}, "0a02"},
		{FLOW_CERTIFICATE_FUHYO, {.person = false}, "0a01"},
		{FLOW_CERTIFICATE_FUHYO, {.person = true, .domicile = true}, "0a01"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		struct flow_certificate c = make(all[i].kind, all[i].serial, all[i].options);
		char *drawn, *meant, *said = text_of(&c);

		assert_ok(card_buf_append_byte(&c.drawn, '\0'));
		drawn = (char *)c.drawn.p;
		meant = squeeze(drawn);
		assert_string_equal(said, meant);
		assert_says(said, "令和8年11月20日（2026年11月20日）"); /* R4-15 */
		assert_says(said, "清瀬市長　見本　太郎");
		free(said);
		free(meant);
		flow_certificate_free(&c);
	}
}

static void household_names_everybody_who_lives_there_and_omits_the_rest(void **state)
{
	struct flow_certificate c = make(FLOW_CERTIFICATE_JUMINHYO, "0a01",
					 (struct flow_certificate_options){.person = false});
	char *text = text_of(&c);

	(void)state;
	assert_says(text, "この写しは、世帯全員の住民票の原本と相違ないことを証明する。");
	assert_says(text, "東京都清瀬市見本台一丁目１番１号");
	assert_says(text, "見本　太郎");
	assert_says(text, OLD_NAME);
	assert_says(text, "葛\U000E0102西");
	assert_says(text, "見本　一郎");
	assert_says(text, "昭和35年2月29日（1960年）");
	assert_says(text, "備考に、\"引用\",あり");
	assert_silent(text, "去子");
	assert_silent(text, "見本台１番地");
	assert_silent(text, "妻");
	assert_false(has_twelve_digits(text));
	free(text);
	flow_certificate_free(&c);
}

static void number_stands_there_only_if_asked_for_and_offered(void **state)
{
	const struct flow_certificate_options with = {.person = true, .number = true};
	struct flow_issuing_office without = town_office;
	struct flow_certificate c = make(FLOW_CERTIFICATE_JUMINHYO, "0a01", with);
	char *text = text_of(&c);

	(void)state;
	assert_says(text, "537686677188");
	free(text);
	flow_certificate_free(&c);
	without.number_enabled = false;
	c = town_ask(&town, &without, FLOW_CERTIFICATE_JUMINHYO, "0a01", with);
	assert_int_equal(c.outcome, FLOW_OUTCOME_NOT_AVAILABLE);
	assert_int_equal(c.why, FLOW_WHY_OPTION);
	assert_int_equal(c.pdf.n, 0);
	flow_certificate_free(&c);
}

static void foreign_resident_has_his_name_in_capitals_and_western_dates(void **state)
{
	struct flow_certificate c = make(FLOW_CERTIFICATE_JUMINHYO, "0a11",
					 (struct flow_certificate_options){.domicile = true});
	char *text = text_of(&c);

	(void)state;
	assert_says(text, FOREIGN);
	assert_says(text, "1985年12月日不詳");
	assert_says(text, "インド");
	assert_says(text, "2028年3月31日");
	free(text);
	flow_certificate_free(&c);
	c = make(FLOW_CERTIFICATE_JUMINHYO, "0a11",
		 (struct flow_certificate_options){.person = true});
	text = text_of(&c);
	assert_silent(text, "インド");
	assert_silent(text, "AB12345678CD");
	free(text);
	flow_certificate_free(&c);
}

/* pdftotext leaves out a hyphen at the end of a line; this reader does not. */
static void no_hyphen_is_put_into_a_long_name(void **state)
{
	struct flow_certificate c = make(FLOW_CERTIFICATE_JUMINHYO, "0a11",
					 (struct flow_certificate_options){.person = true});
	char *text = text_of(&c), command[400];

	(void)state;
	free(text);
	snprintf(
		command, sizeof command,
		"mutool draw -q -F txt %s/out.pdf >%s/out.txt 2>&1 && grep -q VENKAT %s/out.txt && "
		"! grep -q -e '[A-Z]-' %s/out.txt",
		town.folder, town.folder, town.folder, town.folder);
	assert_int_equal(system(command), 0);
	flow_certificate_free(&c);
}

static void taxes_are_those_of_the_year_asked_for(void **state)
{
	struct flow_certificate c = make(FLOW_CERTIFICATE_TAX, "0a01",
					 (struct flow_certificate_options){.payment = false});
	char *text = text_of(&c);

	(void)state;
	assert_says(text, "課税（所得）証明書");
	assert_says(text, "令和8年度（2026年度）");
	assert_says(text, "5,000,000円");
	assert_says(text, "都民税　所得割80,800円");
	free(text);
	flow_certificate_free(&c);
	c = make(FLOW_CERTIFICATE_TAX, "0a01", (struct flow_certificate_options){.year = 2025});
	text = text_of(&c);
	assert_says(text, "非課税（所得）証明書");
	free(text);
	flow_certificate_free(&c);
	c = make(FLOW_CERTIFICATE_TAX, "0a01", (struct flow_certificate_options){.payment = true});
	text = text_of(&c);
	assert_says(text, "固定資産税・都市計画税123,400円123,400円0円0円");
	free(text);
	flow_certificate_free(&c);
}

static void register_shows_all_or_one(void **state)
{
	struct flow_certificate c = make(FLOW_CERTIFICATE_KOSEKI, "0a01",
					 (struct flow_certificate_options){.person = false});
	char *text = text_of(&c);

	(void)state;
	assert_says(text, "これは、戸籍に記録されている事項の全部を証明した書面である。");
	assert_says(text, "【改製日】平成19年3月3日");
	assert_says(text, "【出生日】昭和35年2月29日【出生地】東京都清瀬市");
	assert_says(text, "【名】祥\U000E0103子");
	free(text);
	flow_certificate_free(&c);
	c = make(FLOW_CERTIFICATE_KOSEKI, "0a01",
		 (struct flow_certificate_options){.person = true});
	text = text_of(&c);
	assert_says(text, "一部の者について");
	assert_silent(text, "【名】祥");
	free(text);
	flow_certificate_free(&c);
}

static void what_no_font_has_is_an_error_and_names_the_character(void **state)
{
	struct flow_certificate c = town_ask(&town, &town_office, FLOW_CERTIFICATE_JUMINHYO, "0a10",
					     (struct flow_certificate_options){.person = true});

	(void)state;
	assert_int_equal(c.outcome, FLOW_OUTCOME_DOCUMENT_ERROR);
	assert_int_equal(c.why, FLOW_WHY_GLYPH);
	assert_int_equal(c.missing, 0x1F600);
	assert_int_equal(c.pdf.n, 0);
	flow_certificate_free(&c);
	/* The character is there, the form that the register has is not: no other form is drawn. */
	c = town_ask(&town, &town_office, FLOW_CERTIFICATE_JUMINHYO, "0a13",
		     (struct flow_certificate_options){.person = true});
	assert_int_equal(c.outcome, FLOW_OUTCOME_DOCUMENT_ERROR);
	assert_int_equal(c.missing, 0x845B);
	flow_certificate_free(&c);
}

static void own_characters_need_the_font_that_the_operator_installed(void **state)
{
	struct flow_certificate c = town_ask(&town, &town_office, FLOW_CERTIFICATE_JUMINHYO, "0a12",
					     (struct flow_certificate_options){.person = true});
	char *text;

	(void)state;
	assert_int_equal(c.why, FLOW_WHY_GLYPH);
	assert_int_equal(c.missing, 0xF860);
	flow_certificate_free(&c);
	flow_fonts_free(&town.fonts);
	assert_ok(flow_fonts_open(&town.fonts, TOWN_FONT, TOWN_GAIJI));
	c = make(FLOW_CERTIFICATE_JUMINHYO, "0a12",
		 (struct flow_certificate_options){.person = true});
	text = text_of(&c);
	assert_says(text, "外字\uF860");
	free(text);
	flow_certificate_free(&c);
	flow_fonts_free(&town.fonts);
	assert_int_equal(flow_fonts_open(&town.fonts, "/nowhere.ttf", NULL), CARD_ERR_NOT_FOUND);
	assert_ok(flow_fonts_open(&town.fonts, TOWN_FONT, NULL));
}

static void the_same_record_at_the_same_time_makes_the_same_bytes(void **state)
{
	const struct flow_certificate_options o = {.domicile = true};
	struct flow_certificate a = make(FLOW_CERTIFICATE_JUMINHYO, "0a01", o);
	struct flow_certificate b = make(FLOW_CERTIFICATE_JUMINHYO, "0a01", o);

	(void)state;
	assert_true(card_bytes_equal(card_buf_bytes(&a.pdf), card_buf_bytes(&b.pdf)));
	flow_certificate_free(&a);
	flow_certificate_free(&b);
}

static void a_large_household_is_cut_between_persons(void **state)
{
	static char rows[8000] = RESIDENT_COLUMNS;
	struct flow_certificate c;
	char *text;

	(void)state;
	for (int i = 0; i < 9; i++)
		snprintf(rows + strlen(rows), sizeof rows - strlen(rows),
			 "B%d,H1,%d,見本　第%d子,,,,,2016-01-0%d,1,子,,,,,,,resident,,no,,,,,,,\n",
			 i, 10 + i, i + 1, i + 1);
	town_write(&town, "resident.csv", rows);
	assert_ok(town_import(&town, false));
	c = make(FLOW_CERTIFICATE_JUMINHYO, "0a01",
		 (struct flow_certificate_options){.person = false});
	text = text_of(&c);
	assert_int_equal(c.pages, 3);
	assert_says(text, "（次頁に続く）1／3東京都清瀬市");
	assert_says(text, "3／3");
	assert_says(text, "見本　第9子");
	free(text);
	flow_certificate_free(&c);
}

static void options_that_do_not_fit_are_refused(void **state)
{
	static const struct {
		enum flow_certificate_kind kind;
		struct flow_certificate_options options;
	} wrong[] = {{FLOW_CERTIFICATE_INKAN, {.number = true}},
		     {FLOW_CERTIFICATE_TAX, {.domicile = true}},
		     {FLOW_CERTIFICATE_INKAN, {.person = true}},
		     {FLOW_CERTIFICATE_JUMINHYO, {.year = 2025}},
		     {FLOW_CERTIFICATE_KOSEKI, {.payment = true}},
		     {FLOW_CERTIFICATE_FUHYO, {.number = true}}};

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		const struct flow_certificate_request q = {.kind = wrong[i].kind,
							   .options = wrong[i].options,
							   .certificate_key = "x",
							   .time = TOWN_NOW};
		struct flow_certificate c;

		assert_int_equal(
			flow_certificate_make(town.store, town.fonts, &town_office, &q, &c),
			CARD_ERR_INVALID_ARGUMENT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(text_of_every_kind_is_what_was_drawn, start, stop),
		cmocka_unit_test_setup_teardown(
			household_names_everybody_who_lives_there_and_omits_the_rest, start, stop),
		cmocka_unit_test_setup_teardown(number_stands_there_only_if_asked_for_and_offered,
						start, stop),
		cmocka_unit_test_setup_teardown(
			foreign_resident_has_his_name_in_capitals_and_western_dates, start, stop),
		cmocka_unit_test_setup_teardown(no_hyphen_is_put_into_a_long_name, start, stop),
		cmocka_unit_test_setup_teardown(taxes_are_those_of_the_year_asked_for, start, stop),
		cmocka_unit_test_setup_teardown(register_shows_all_or_one, start, stop),
		cmocka_unit_test_setup_teardown(
			what_no_font_has_is_an_error_and_names_the_character, start, stop),
		cmocka_unit_test_setup_teardown(
			own_characters_need_the_font_that_the_operator_installed, start, stop),
		cmocka_unit_test_setup_teardown(
			the_same_record_at_the_same_time_makes_the_same_bytes, start, stop),
		cmocka_unit_test_setup_teardown(a_large_household_is_cut_between_persons, start,
						stop),
		cmocka_unit_test_setup_teardown(options_that_do_not_fit_are_refused, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
