/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves: a sheet shows every text as text, in both forms; nothing in its HTML reaches outside;
 * a section stays on one page as long as it can and nothing of a longer one is lost.
 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cardflow/report.h>

/* fontconfig keeps the patterns of the installed fonts as long as the process lives. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libfontconfig\nleak:libpango\n";
}

static flow_sheet_t *sheet(void)
{
	flow_sheet_t *s = NULL;

	assert_int_equal(flow_sheet_new(&s, "検証結果", CARD_LANG_JA), CARD_OK);
	return s;
}

/* The whole as text with a final NUL; to be freed. */
static char *written(const flow_sheet_t *s, enum flow_sheet_form form)
{
	card_buf_t out = {0};
	char *text;

	assert_int_equal(flow_sheet_write(s, form, &out), CARD_OK);
	text = calloc(1, out.n + 1);
	assert_non_null(text);
	memcpy(text, out.p, out.n);
	card_buf_free(&out);
	return text;
}

/* /Count of the page tree: cairo leaves it uncompressed. */
static unsigned pages(const flow_sheet_t *s)
{
	card_buf_t out = {0};
	const char *at;
	unsigned n = 0;

	assert_int_equal(flow_sheet_write(s, FLOW_SHEET_PDF, &out), CARD_OK);
	assert_int_equal(card_buf_append_byte(&out, 0), CARD_OK);
	assert_memory_equal(out.p, "%PDF-", 5);
	at = memmem(out.p, out.n, "/Count ", 7);
	assert_non_null(at);
	assert_int_equal(sscanf(at, "/Count %u", &n), 1);
	card_buf_free(&out);
	return n;
}

static void markup_in_a_text_stays_text(void **state)
{
	static const char hostile[] = "<script>alert(1)</script>\"onload=\"&amp;";
	flow_sheet_t *s = sheet();
	char *html;

	(void)state;
	flow_sheet_verdict(s, FLOW_TONE_BAD, hostile, hostile);
	flow_sheet_heading(s, hostile);
	flow_sheet_row(s, hostile, hostile);
	flow_sheet_item(s, FLOW_TONE_OPEN, hostile);
	flow_sheet_text(s, hostile);
	flow_sheet_mark(s, hostile);
	flow_sheet_foot(s, hostile);
	html = written(s, FLOW_SHEET_HTML);
	assert_null(strstr(html, "<script"));
	assert_null(strstr(html, "\"onload"));
	assert_non_null(
		strstr(html, "&lt;script&gt;alert(1)&lt;/script&gt;&quot;onload=&quot;&amp;amp;"));
	free(html);
	flow_sheet_free(&s);
}

static void nothing_is_fetched_and_nothing_runs(void **state)
{
	flow_sheet_t *s = sheet();
	char *html;

	(void)state;
	flow_sheet_text(s, "a");
	html = written(s, FLOW_SHEET_HTML);
	assert_non_null(strstr(html, "default-src 'none'"));
	assert_null(strstr(html, "http:"));
	assert_null(strstr(html, "https:"));
	assert_null(strstr(html, "url("));
	assert_non_null(strstr(html, "<html lang=\"ja\">"));
	free(html);
	flow_sheet_free(&s);
}

/* A name that turns the direction of writing could show "fdp.exe" as "exe.pdf". */
static void what_moves_the_cursor_is_replaced(void **state)
{
	static const char *const bad[] = {"a\x1b[2Jb",
					  "a\xE2\x80\xAE"
					  "b",
					  "a\xE2\x81\xA6"
					  "b",
					  "a\xFF"
					  "b",
					  "a\xC0\xAF"
					  "b",
					  "a\xED\xA0\x80"
					  "b",
					  "a\xF4\x90\x80\x80"
					  "b",
					  "a\xE3\x81",
					  "a\rb",
					  "a\xEF\xBF\xBF"
					  "b"};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		flow_sheet_t *s = sheet();
		char *html;

		flow_sheet_text(s, bad[i]);
		html = written(s, FLOW_SHEET_HTML);
		assert_non_null(strstr(html, "<p>a\xEF\xBF\xBD"));
		assert_null(strstr(html, bad[i]));
		free(html);
		flow_sheet_free(&s);
	}
}

/* 𠮷 (beyond the BMP), a variation selector and a combining mark stay as they are. */
static void rare_characters_stay(void **state)
{
	static const char name[] = "𠮷田 葛󠄀飾 か゚\nひ";
	flow_sheet_t *s = sheet();
	char *html;

	(void)state;
	flow_sheet_row(s, "氏名", name);
	html = written(s, FLOW_SHEET_HTML);
	assert_non_null(strstr(html, name));
	free(html);
	flow_sheet_free(&s);
}

static void a_full_section_is_set_smaller_and_stays_on_one_page(void **state)
{
	flow_sheet_t *s = sheet();

	(void)state;
	for (int i = 0; i < 48; i++)
		flow_sheet_row(s, "項目", "値");
	assert_int_equal(pages(s), 1);
	flow_sheet_free(&s);
}

static void a_longer_one_goes_on(void **state)
{
	flow_sheet_t *s = sheet();
	char *huge = malloc(40001);

	(void)state;
	assert_non_null(huge);
	for (int i = 0; i < 300; i++)
		flow_sheet_row(s, "項目", "値");
	assert_in_range(pages(s), 5, 9);
	flow_sheet_page(s);
	flow_sheet_text(s, "次");
	assert_in_range(pages(s), 6, 10);
	/* one paragraph of more than a page */
	memset(huge, 'x', 40000);
	huge[40000] = '\0';
	flow_sheet_page(s);
	flow_sheet_text(s, huge);
	assert_in_range(pages(s), 9, 20);
	free(huge);
	flow_sheet_free(&s);
}

static void the_first_error_is_kept(void **state)
{
	flow_sheet_t *s = sheet();
	card_buf_t out = {0};

	(void)state;
	flow_sheet_picture(s, card_bytes("GIF89a..........", 16), 30, "顔写真");
	flow_sheet_text(s, "後");
	assert_int_equal(flow_sheet_write(s, FLOW_SHEET_PDF, &out), CARD_ERR_MALFORMED);
	assert_int_equal(flow_sheet_write(s, FLOW_SHEET_HTML, &out), CARD_ERR_MALFORMED);
	assert_int_equal(out.n, 0);
	flow_sheet_free(&s);
	flow_sheet_free(&s);
}

/* A PNG file of one grey point, and one whose data is cut off: it leaves a gap, not a fault. */
static void pictures_travel_inside(void **state)
{
	static const uint8_t point[] = {
		0x89, 'P',  'N',  'G',  '\r', '\n', 0x1A, '\n', 0,    0,    0,    13,   'I',  'H',
		'D',  'R',  0,    0,    0,    1,    0,    0,    0,    1,    8,    0,    0,    0,
		0,    0x3A, 0x7E, 0x9B, 0x55, 0,    0,    0,    10,   'I',  'D',  'A',  'T',  0x78,
		0x9C, 0x63, 0xA8, 0x07, 0x00, 0x00, 0x81, 0x00, 0x80, 0x49, 0x7A, 0x5A, 0x5F, 0,
		0,    0,    0,    'I',  'E',  'N',  'D',  0xAE, 0x42, 0x60, 0x82};
	static const size_t lengths[] = {sizeof point, 40, 8};

	(void)state;
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		flow_sheet_t *s = sheet();
		char *html;

		flow_sheet_picture(s, card_bytes(point, lengths[i]), 30, "顔写真");
		flow_sheet_row(s, "氏名", "番号 花子");
		assert_int_equal(pages(s), 1);
		html = written(s, FLOW_SHEET_HTML);
		assert_non_null(
			strstr(html, "alt=\"顔写真\" src=\"data:image/png;base64,iVBORw0KGg"));
		free(html);
		flow_sheet_free(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(markup_in_a_text_stays_text),
		cmocka_unit_test(nothing_is_fetched_and_nothing_runs),
		cmocka_unit_test(what_moves_the_cursor_is_replaced),
		cmocka_unit_test(rare_characters_stay),
		cmocka_unit_test(a_full_section_is_set_smaller_and_stays_on_one_page),
		cmocka_unit_test(a_longer_one_goes_on),
		cmocka_unit_test(the_first_error_is_kept),
		cmocka_unit_test(pictures_travel_inside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
