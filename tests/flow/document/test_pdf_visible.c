/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that a visible signature shows name and time in an embedded font, where it was asked
 * for, and that a character without a glyph is named and never drawn as a box.
 */
#include <math.h>
#include <stdio.h>

#include "pdf_case.h"

static struct made_pdf page_with(const char *more)
{
	struct made_pdf p;
	char body[256];

	made_pdf_start(&p);
	made_pdf_object(&p, 1, "<< /Type /Catalog /Pages 2 0 R >>");
	made_pdf_object(
		&p, 2, "<< /Type /Pages /Kids [3 0 R 5 0 R] /Count 2 /MediaBox [10 20 605 862] >>");
	made_pdf_object(&p, 3, "<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << >> >>");
	made_pdf_stream(&p, 4, "", "BT (Pay 100 yen) Tj ET");
	snprintf(body, sizeof body,
		 "<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << >> %s >>", more);
	made_pdf_object(&p, 5, body);
	made_pdf_finish(&p, MADE_TABLE);
	return p;
}

static enum card_error show(const struct made_pdf *p, const struct flow_pdf_visible *where,
			    const char *name, struct flow_pdf_fault *fault, card_buf_t *out)
{
	const struct flow_pdf_options opt = {.visible = where, .name = name, .fault = fault};

	return pdf_try_sign_with(card_buf_bytes(&p->out), &opt, out);
}

static void name_and_time_are_shown_and_valid(void **state)
{
	static const struct flow_pdf_visible where = {.page = 2};
	struct made_pdf p = page_with("");
	struct flow_pdf_fault fault;
	card_buf_t file = {0};

	(void)state;
	assert_ok(show(&p, &where, NULL, &fault, &file));
	assert_int_equal(fault.why, FLOW_PDF_FINE);
	assert_true(pdf_contains(&file, "/Subtype /Form"));
	assert_true(pdf_contains(&file, "/ToUnicode"));
	assert_true(pdf_contains(&file, "/FontFile2"));
	/* 80 by 22 millimetres, 15 from the lower right corner */
	assert_true(pdf_contains(&file, "/Rect [335.709 62.520 562.480 124.882 ]"));
	pdf_assert_valid(card_buf_bytes(&file), 1);
	card_buf_free(&file);
	card_buf_free(&p.out);
}

static void every_rotation_and_box_is_respected(void **state)
{
	static const struct {
		const char *page, *rect, *matrix;
	} rows[] = {
		{"", "/Rect [66.693 748.614 151.732 805.307 ]", "/Matrix [1 0 0 1 0 0]"},
		{"/Rotate 90", "/Rect [66.693 76.693 123.386 161.732 ]", "/Matrix [0 1 -1 0 0 0]"},
		{"/Rotate 180", "/Rect [463.268 76.693 548.307 133.386 ]",
		 "/Matrix [-1 0 0 -1 0 0]"},
		{"/Rotate -90", "/Rect [491.614 720.268 548.307 805.307 ]",
		 "/Matrix [0 -1 1 0 0 0]"},
		{"/CropBox [100 100 500 700]", "/Rect [156.693 586.614 241.732 643.307 ]",
		 "/Matrix [1 0 0 1 0 0]"},
		{"/UserUnit 2", "/Rect [38.346 805.307 80.866 833.654 ]", "/Matrix [1 0 0 1 0 0]"},
	};
	static const struct flow_pdf_visible where = {
		.page = 0, .placed = true, .x = 20, .y = 20, .width = 30, .height = 20};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct made_pdf p = page_with(rows[i].page);
		card_buf_t file = {0};

		assert_ok(show(&p, &where, "山田", NULL, &file));
		if (!pdf_contains(&file, rows[i].rect) || !pdf_contains(&file, rows[i].matrix))
			fail_msg("%s: %.60s", rows[i].page,
				 (const char *)memmem(file.p, file.n, "/Rect", 5));
		pdf_assert_valid(card_buf_bytes(&file), 1);
		card_buf_free(&file);
		card_buf_free(&p.out);
	}
}

static void what_cannot_be_shown_is_refused_before_the_key_is_used(void **state)
{
	static const struct {
		struct flow_pdf_visible where;
		const char *name;
		enum flow_pdf_refusal why;
		enum card_error err;
		const char *detail;
	} rows[] = {
		{{.page = 3}, "山田", FLOW_PDF_NO_PAGE, CARD_ERR_NOT_FOUND, ""},
		{{.page = 1, .placed = true, .x = 190},
		 "山田",
		 FLOW_PDF_PLACE,
		 CARD_ERR_INVALID_ARGUMENT,
		 ""},
		{{.page = 1, .placed = true, .x = NAN},
		 "山田",
		 FLOW_PDF_PLACE,
		 CARD_ERR_INVALID_ARGUMENT,
		 ""},
		{{.page = 1, .width = 300}, "山田", FLOW_PDF_PLACE, CARD_ERR_INVALID_ARGUMENT, ""},
		{{.page = 1, .width = 6, .height = 4},
		 "山田",
		 FLOW_PDF_ROOM,
		 CARD_ERR_TOO_LONG,
		 ""},
		/* private use, not assigned, a control character */
		{{.page = 1}, "山\uE1F4田", FLOW_PDF_GLYPH, CARD_ERR_UNSUPPORTED, "U+E1F4"},
		{{.page = 1}, "山\U000323B0", FLOW_PDF_GLYPH, CARD_ERR_UNSUPPORTED, "U+323B0"},
		{{.page = 1}, "山\x07田", FLOW_PDF_GLYPH, CARD_ERR_UNSUPPORTED, "U+0007"},
		/* a variation that no font has: not the plain character in its place */
		{{.page = 1},
		 "葛\U000E01EF飾",
		 FLOW_PDF_GLYPH,
		 CARD_ERR_UNSUPPORTED,
		 "葛 (U+845B U+E01EF)"},
	};
	struct made_pdf p = page_with("");

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const unsigned signs = pdf_person.signs;
		struct flow_pdf_fault fault = {.why = FLOW_PDF_FINE};
		card_buf_t out = {0};

		assert_int_equal(show(&p, &rows[i].where, rows[i].name, &fault, &out), rows[i].err);
		assert_int_equal(fault.why, rows[i].why);
		assert_string_equal(fault.detail, rows[i].detail);
		assert_int_equal(pdf_person.signs, signs);
		assert_int_equal(out.n, p.out.n);
		card_buf_free(&out);
	}
	card_buf_free(&p.out);
}

static void variations_and_rare_characters_are_drawn(void **state)
{
	static const struct flow_pdf_visible where = {.page = 1, .width = 60, .height = 30};
	static const char *const names[] = {"葛\U000E0101飾", "髙橋　𠮷男", "辻\U000E0100",
					    "Étienne ÅNGSTRÖM", "渡邉邊邊齋齊"};
	struct made_pdf p = page_with("");

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct flow_pdf_fault fault;
		card_buf_t out = {0};

		assert_ok(show(&p, &where, names[i], &fault, &out));
		pdf_assert_valid(card_buf_bytes(&out), 1);
		card_buf_free(&out);
	}
	card_buf_free(&p.out);
}

/* A second visible signature leaves the first one valid. */
static void visible_signatures_follow_each_other(void **state)
{
	static const struct flow_pdf_visible left = {.page = 1, .placed = true, .x = 10, .y = 10};
	static const struct flow_pdf_visible right = {.page = 1};
	struct made_pdf p = page_with("");
	card_buf_t once = {0}, twice = {0};
	const struct flow_pdf_options opt = {.visible = &right};

	(void)state;
	assert_ok(show(&p, &left, NULL, NULL, &once));
	assert_ok(pdf_try_sign_with(card_buf_bytes(&once), &opt, &twice));
	pdf_assert_valid(card_buf_bytes(&twice), 2);
	card_buf_free(&once);
	card_buf_free(&twice);
	card_buf_free(&p.out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(name_and_time_are_shown_and_valid),
		cmocka_unit_test(every_rotation_and_box_is_respected),
		cmocka_unit_test(what_cannot_be_shown_is_refused_before_the_key_is_used),
		cmocka_unit_test(variations_and_rare_characters_are_drawn),
		cmocka_unit_test(visible_signatures_follow_each_other),
	};
	return cmocka_run_group_tests(tests, pdf_case_setup, pdf_case_teardown);
}
