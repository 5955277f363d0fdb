/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that the published ways to forge a signed PDF do not pass: signatures that say nothing
 * (universal forgery), ranges that were moved (wrapping), bytes appended in any form (incremental
 * saving), and holes that hold more or less than the signature.
 */
#include <stdio.h>
#include <stdlib.h>

#include "pdf_case.h"

#define DIGITS 12000

/* A document with one signature dictionary between `before` and `behind` its digits, not filled. */
static card_buf_t with_hole(const char *before, const char *behind)
{
	static char body[DIGITS + 1024];
	struct made_pdf p;
	size_t n;

	made_pdf_start(&p);
	made_pdf_object(
		&p, 1,
		"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [5 0 R] /SigFlags 3 >> "
		">>");
	made_pdf_object(&p, 2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
	made_pdf_object(&p, 3,
			"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Contents 4 0 R "
			"/Resources << >> >>");
	made_pdf_stream(&p, 4, "", "BT (Pay 100 yen) Tj ET");
	made_pdf_object(&p, 5, "<< /FT /Sig /T (S) /V 6 0 R >>");
	n = (size_t)snprintf(body, sizeof body,
			     "<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached "
			     "/ByteRange [%40s] %s",
			     "", before);
	memset(body + n, '0', DIGITS);
	snprintf(body + n + DIGITS, sizeof body - n - DIGITS, "%s", behind);
	made_pdf_long_object(&p, 6, body);
	made_pdf_finish(&p, MADE_TABLE);
	return p.out;
}

/* Sign it with these bytes left out, whatever the dictionary looks like. */
static void fill(card_buf_t *file, size_t gap, size_t behind)
{
	const size_t digits = pdf_place(file, "00000000", pdf_place(file, "/ByteRange", 0));

	(void)pdf_put_range(file, pdf_place(file, "/ByteRange [", 0) + 12, gap, behind);
	pdf_fill_ranges(file, digits, gap, behind);
}

static void the_honest_form_is_valid(void **state)
{
	card_buf_t file = with_hole("/Contents <", "> >>");
	const size_t gap = pdf_place(&file, "<0000", 0);

	(void)state;
	fill(&file, gap, gap + DIGITS + 2);
	pdf_assert_valid(card_buf_bytes(&file), 1);
	card_buf_free(&file);
}

/* It calls itself PAdES, and its CMS does not say whose certificate it is. */
static void a_claim_of_pades_without_its_attribute_is_refused(void **state)
{
	card_buf_t file = with_hole("/Contents <", "> >>");
	const size_t gap = pdf_place(&file, "<0000", 0), behind = gap + DIGITS + 2;

	(void)state;
	(void)pdf_put_range(&file, pdf_place(&file, "/ByteRange [", 0) + 12, gap, behind);
	pdf_fill_ranges_as(&file, gap + 1, gap, behind, FLOW_CMS_PLAIN | FLOW_CMS_NO_SIGNING_TIME);
	pdf_assert_refused(card_buf_bytes(&file), FLOW_REASON_SIGNING_CERT_MISSING);
	pdf_assert_refused(card_buf_bytes(&file), FLOW_REASON_LEVEL);
	card_buf_free(&file);
}

/* ---- the hole ---- */

static void a_hole_with_more_than_contents_is_refused(void **state)
{
	card_buf_t file = with_hole("/Contents <", "> /Reason (Pay 100 yen) >>");
	const size_t gap = pdf_place(&file, "<0000", 0);

	(void)state;
	fill(&file, gap, pdf_place(&file, "yen) >>", gap) + 4);
	pdf_assert_refused(card_buf_bytes(&file), FLOW_REASON_CONTENTS);
	card_buf_free(&file);

	file = with_hole("/Contents <", "> >>");
	fill(&file, pdf_place(&file, "/Contents <", 0), pdf_place(&file, "> >>", gap) + 1);
	pdf_assert_refused(card_buf_bytes(&file), FLOW_REASON_CONTENTS);
	card_buf_free(&file);
}

static void contents_longer_than_the_hole_are_refused(void **state)
{
	for (size_t less = 1; less < 5; less++) {
		card_buf_t file = with_hole("/Contents <", "> >>");
		const size_t gap = pdf_place(&file, "<0000", 0);

		(void)state;
		fill(&file, gap, gap + DIGITS + 2 - less);
		pdf_assert_refused(card_buf_bytes(&file), FLOW_REASON_CONTENTS);
		card_buf_free(&file);
		/* or it begins behind the first digits */
		file = with_hole("/Contents <", "> >>");
		(void)pdf_put_range(&file, pdf_place(&file, "/ByteRange [", 0) + 12, gap + less,
				    gap + DIGITS + 2);
		pdf_fill_ranges(&file, gap + 1 + 8, gap + less, gap + DIGITS + 2);
		pdf_assert_refused(card_buf_bytes(&file), FLOW_REASON_CONTENTS);
		card_buf_free(&file);
	}
}

/* Two /Contents: one reader takes the first, another the last. */
static void a_key_that_is_there_twice_is_refused(void **state)
{
	static const char *const tails[] = {"> /Contents <00> >>", "> /ByteRange [0 1 2 3] >>",
					    "> /SubFilter /adbe.pkcs7.detached >>",
					    "> /Content#73 <00> >>"};

	(void)state;
	for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
		card_buf_t file = with_hole("/Contents <", tails[i]);
		const size_t gap = pdf_place(&file, "<0000", 0);

		fill(&file, gap, gap + DIGITS + 2);
		pdf_assert_refused(card_buf_bytes(&file), FLOW_REASON_MALFORMED);
		card_buf_free(&file);
	}
}

/* The string belongs to another entry, or to no signature at all. */
static void the_hole_of_another_entry_is_refused(void **state)
{
	static const char *const heads[] = {"/Reason <", "/Contents 7 0 R /Cert <", "/Contents [<"};
	static const char *const tails[] = {"> >>", "> >>", ">] >>"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		card_buf_t file = with_hole(heads[i], tails[i]);
		const size_t gap = pdf_place(&file, "<0000", 0);

		fill(&file, gap, gap + DIGITS + 2);
		pdf_assert_refused(card_buf_bytes(&file), FLOW_REASON_CONTENTS);
		card_buf_free(&file);
	}
}

/* ---- universal forgery: the parts of a signature are missing or say nothing ---- */

static void signatures_that_say_nothing_are_refused(void **state)
{
	static const char *const rows[][2] = {
		{"/ByteRange", "/ByteRangE"},
		{"/Contents", "/Contentz"},
		{"/ByteRange [0 ", "/ByteRange [] "},
		{"/ByteRange [0 ", "/ByteRange null"},
		{"/ByteRange [0 ", "/ByteRange [-"},
		{"/SubFilter", "/SubFilteR"},
		{"/Type /Sig ", "/Type /Foo "},
		{"/V 6 0 R", "/V null"},
		{"/V 6 0 R", "/V 9 0 R"},
		{"/V 6 0 R", "/V true"},
		{"/V 6 0 R", "/V << >>"},
		{"/V 6 0 R", "/v 6 0 R"},
		{"/FT /Sig", "/FT /Btn"},
		{"/Fields [5 0 R]", "/Fields []     "},
		{"/AcroForm", "/AcroForM"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		card_buf_t file = with_hole("/Contents <", "> >>");
		const size_t gap = pdf_place(&file, "<0000", 0);
		size_t at;

		fill(&file, gap, gap + DIGITS + 2);
		at = pdf_place(&file, rows[i][0], 0);
		memset(file.p + at, ' ', strlen(rows[i][0]));
		memcpy(file.p + at, rows[i][1], strlen(rows[i][1]));
		if (pdf_verdict(card_buf_bytes(&file)) != CARD_VERDICT_INVALID)
			fail_msg("%s", rows[i][1]);
		card_buf_free(&file);
	}
}

static void contents_without_a_signature_are_refused(void **state)
{
	static const char *const contents[] = {"null", "<>",    "<00>", "<30>",         "<3080>",
					       "()",   "0",     "(0)",  "<3003020101>", "7 0 R",
					       "[]",   "/Name", "true"};

	(void)state;
	for (size_t i = 0; i < sizeof contents / sizeof *contents; i++) {
		struct made_pdf p;
		char body[256];

		made_pdf_start(&p);
		made_pdf_object(
			&p, 1, "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [5 0 R] >> >>");
		made_pdf_object(&p, 2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
		made_pdf_object(&p, 3, "<< /Type /Page /Parent 2 0 R >>");
		made_pdf_object(&p, 5, "<< /FT /Sig /T (S) /V 6 0 R >>");
		snprintf(
			body, sizeof body,
			"<< /Type /Sig /SubFilter /ETSI.CAdES.detached /ByteRange [%40s] /Contents %s >>",
			"", contents[i]);
		made_pdf_object(&p, 6, body);
		made_pdf_finish(&p, MADE_TABLE);
		snprintf(body, sizeof body, "/Contents %s", contents[i]);
		{
			const size_t gap = pdf_place(&p.out, body, 0) + 10;

			(void)pdf_put_range(&p.out, pdf_place(&p.out, "/ByteRange [", 0) + 12, gap,
					    gap + strlen(contents[i]));
		}
		if (pdf_verdict(card_buf_bytes(&p.out)) != CARD_VERDICT_INVALID)
			fail_msg("%s", contents[i]);
		card_buf_free(&p.out);
	}
}

/* A file whose signature is right, but for these numbers as its range: g is where the hole begins,
 * b where it ends, r what is left. */
static void refused_range(const char *format)
{
	card_buf_t file = with_hole("/Contents <", "> >>");
	const size_t gap = pdf_place(&file, "<0000", 0), behind = gap + DIGITS + 2;
	const size_t range = pdf_place(&file, "/ByteRange [", 0) + 12;
	const struct {
		char sign;
		size_t value;
	} known[] = {{'g', gap}, {'b', behind}, {'r', file.n - behind}, {'n', file.n}};
	char text[64];
	size_t n = 0;

	fill(&file, gap, behind);
	pdf_assert_valid(card_buf_bytes(&file), 1);
	for (const char *p = format; *p != '\0'; p++) {
		const char *more = p[1] == '+' || p[1] == '-' ? &p[1] : NULL;
		bool found = false;

		for (size_t i = 0; i < 4; i++) {
			if (*p != known[i].sign)
				continue;
			found = true;
			n += (size_t)snprintf(text + n, sizeof text - n, "%zu",
					      known[i].value + (more == NULL   ? 0
								: *more == '+' ? (size_t)1
									       : (size_t)-1));
			p += more != NULL;
			break;
		}
		if (!found)
			text[n++] = *p;
	}
	memset(file.p + range, ' ', 40);
	memcpy(file.p + range, text, n);
	if (pdf_verdict(card_buf_bytes(&file)) != CARD_VERDICT_INVALID)
		fail_msg("[%.*s]", (int)n, text);
	card_buf_free(&file);
}

static void a_range_that_does_not_start_at_0_is_refused(void **state)
{
	(void)state;
	refused_range("1 g- b r");
	refused_range("b r 0 g");
}

static void a_range_that_does_not_reach_the_end_is_refused(void **state)
{
	(void)state;
	refused_range("0 g b r-");
	refused_range("0 g b r+");
	refused_range("0 g b 18446744073709551615");
}

static void ranges_that_overlap_are_refused(void **state)
{
	(void)state;
	refused_range("0 g g- r");
	refused_range("0 b g r");
	refused_range("0 n 0 n");
}

static void a_gap_that_is_not_the_signature_is_refused(void **state)
{
	(void)state;
	refused_range("0 g- b r");
	refused_range("0 g b- r+");
	refused_range("0 n");
	refused_range("0 0 0 n");
	refused_range("0 n n 0");
}

static void a_range_of_other_numbers_is_refused(void **state)
{
	(void)state;
	refused_range("0 g b -r");
	refused_range("-0 g b -1");
	refused_range("0 g b");
	refused_range("0 g b r 0 1");
	refused_range("0 g.0 b r");
}

/* ---- wrapping: the second range lies where it was signed, something else comes before it ---- */

static void moved_ranges_are_refused(void **state)
{
	static const char evil[] =
		"\n4 0 obj\n<< /Length 22 >>\nstream\nBT (Pay 900 yen) Tj ET\nendstream\n"
		"endobj\nxref\n0 1\n0000000000 65535 f \n4 1\n";
	card_buf_t file = with_hole("/Contents <", "> >>"), moved = {0};
	const size_t gap = pdf_place(&file, "<0000", 0), behind = gap + DIGITS + 2;
	const size_t range = pdf_place(&file, "/ByteRange [", 0) + 12;
	const struct card_bytes tail = {file.p + behind, file.n - behind};
	char text[512];

	(void)state;
	fill(&file, gap, behind);
	/* the head with new objects and a section, then the old tail, its offset in the ranges */
	assert_ok(card_buf_append(&moved, card_bytes(file.p, behind)));
	assert_ok(card_buf_append(&moved, BYTES(" >>\nendobj")));
	snprintf(text, sizeof text,
		 "%s%010zu 00000 n \ntrailer\n<< /Root 1 0 R /Size 7 /Prev %zu >>\n"
		 "startxref\n%zu\n%%%%EOF\n",
		 evil, moved.n + 1, pdf_place(&file, "xref\n", 0),
		 moved.n + (size_t)(strstr(evil, "xref") - evil));
	assert_ok(card_buf_append(&moved, card_bytes(text, strlen(text))));
	memset(moved.p + range, ' ', 40);
	snprintf(text, sizeof text, "0 %zu %zu %zu", gap, moved.n, tail.n);
	memcpy(moved.p + range, text, strlen(text));
	assert_ok(card_buf_append(&moved, tail));
	assert_int_equal(pdf_verdict(card_buf_bytes(&moved)), CARD_VERDICT_INVALID);
	card_buf_free(&moved);
	card_buf_free(&file);
}

/* ---- incremental saving: with and without a section, with the signature copied ---- */

static void appended_objects_are_refused_in_every_form(void **state)
{
	static const char object[] =
		"4 0 obj\n<< /Length 22 >>\nstream\nBT (Pay 900 yen) Tj ET\nendstream\n"
		"endobj\n";
	card_buf_t file = pdf_signed_simple();
	const size_t at = file.n,
		     last = pdf_place(&file, "xref\n", pdf_place(&file, "/ByteRange", 0));
	char tails[8][512];

	(void)state;
	snprintf(tails[0], 512, "%s", object); /* bare */
	snprintf(tails[1], 512, "%s%%%%EOF\n", object);
	snprintf(tails[2], 512, "%strailer\n<< /Root 1 0 R /Size 7 /Prev %zu >>\n", object, last);
	snprintf(tails[3], 512, "%strailer\n<< /Root 1 0 R /Size 7 >>\nstartxref\n%zu\n%%%%EOF\n",
		 object, last); /* the old section again */
	snprintf(tails[4], 512,
		 "%sxref\n4 1\n%010zu 00000 n \ntrailer\n<< /Root 1 0 R /Size 7 /Prev %zu >>\n"
		 "startxref\n%zu\n%%%%EOF\n",
		 object, at, last, at + sizeof object - 1);
	snprintf(tails[5], 512,
		 "%sxref\n4 1\n%010zu 00000 n \ntrailer\n<< /Root 1 0 R /Size 7 >>\nstartxref\n"
		 "%zu\n%%%%EOF\n", /* without the rest */
		 object, at, at + sizeof object - 1);
	snprintf(tails[6], 512, "startxref\n%zu\n%%%%EOF\n", last);
	snprintf(tails[7], 512, "%%%%EOF\n");
	for (size_t i = 0; i < 8; i++) {
		card_buf_t more = {0};

		assert_ok(card_buf_append(&more, card_buf_bytes(&file)));
		assert_ok(card_buf_append(&more, card_bytes(tails[i], strlen(tails[i]))));
		if (pdf_verdict(card_buf_bytes(&more)) != CARD_VERDICT_INVALID)
			fail_msg("tail %zu", i);
		card_buf_free(&more);
	}
	card_buf_free(&file);
}

static void a_copied_signature_covers_no_new_content(void **state)
{
	card_buf_t file = pdf_signed_simple();
	const size_t from = pdf_place(&file, "<< /Type /Sig", 0);
	const size_t to = pdf_place(&file, "endobj", from);
	char *copy = calloc(1, to - from + 1);
	struct made_pdf p;

	(void)state;
	assert_non_null(copy);
	memcpy(copy, file.p + from, to - from);
	for (unsigned field = 0; field < 2; field++) {
		made_pdf_continue(&p, card_buf_bytes(&file), 20);
		made_pdf_stream(&p, 4, "", "BT (Pay 900 yen) Tj ET");
		made_pdf_long_object(&p, field == 0 ? 5 : 15,
				     copy); /* in place of it, or beside it */
		if (field == 1) {
			made_pdf_object(&p, 16, "<< /FT /Sig /T (Again) /V 15 0 R >>");
			made_pdf_object(
				&p, 1,
				"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [6 0 R 16 "
				"0 R] /SigFlags 3 >> >>");
		}
		made_pdf_finish(&p, MADE_TABLE);
		assert_int_equal(pdf_verdict(card_buf_bytes(&p.out)), CARD_VERDICT_INVALID);
		card_buf_free(&p.out);
	}
	free(copy);
	card_buf_free(&file);
}

/* ---- several dictionaries ---- */

static void one_bad_signature_among_good_ones_decides(void **state)
{
	card_buf_t file = pdf_signed_simple(), twice;
	struct flow_report r;
	uint8_t *at;

	(void)state;
	twice = pdf_sign(card_buf_bytes(&file));
	/* a digit of the first CMS: what the second one signed changes with it */
	at = twice.p + pdf_place(&twice, "/Contents <", 0) + 11 + 2000;
	*at = *at == '0' ? '1' : '0';
	r = pdf_verify(card_buf_bytes(&twice), 0);
	assert_int_equal(r.n, 2);
	assert_int_equal(r.verdict, CARD_VERDICT_INVALID);
	assert_int_equal(r.signatures[0].verdict, CARD_VERDICT_INVALID);
	assert_int_equal(r.signatures[1].verdict, CARD_VERDICT_INVALID);
	flow_report_free(&r);
	card_buf_free(&twice);

	/* a digit of the second: the first stays good, the file does not */
	twice = pdf_sign(card_buf_bytes(&file));
	at = twice.p + pdf_place(&twice, "/Contents <", file.n) + 11 + 2000;
	*at = *at == '0' ? '1' : '0';
	r = pdf_verify(card_buf_bytes(&twice), 0);
	assert_int_equal(r.verdict, CARD_VERDICT_INVALID);
	assert_int_equal(r.signatures[0].verdict, CARD_VERDICT_VALID);
	assert_int_equal(r.signatures[1].verdict, CARD_VERDICT_INVALID);
	flow_report_free(&r);
	card_buf_free(&twice);
	card_buf_free(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_honest_form_is_valid),
		cmocka_unit_test(a_claim_of_pades_without_its_attribute_is_refused),
		cmocka_unit_test(a_hole_with_more_than_contents_is_refused),
		cmocka_unit_test(contents_longer_than_the_hole_are_refused),
		cmocka_unit_test(a_key_that_is_there_twice_is_refused),
		cmocka_unit_test(the_hole_of_another_entry_is_refused),
		cmocka_unit_test(signatures_that_say_nothing_are_refused),
		cmocka_unit_test(contents_without_a_signature_are_refused),
		cmocka_unit_test(a_range_that_does_not_start_at_0_is_refused),
		cmocka_unit_test(a_range_that_does_not_reach_the_end_is_refused),
		cmocka_unit_test(ranges_that_overlap_are_refused),
		cmocka_unit_test(a_gap_that_is_not_the_signature_is_refused),
		cmocka_unit_test(a_range_of_other_numbers_is_refused),
		cmocka_unit_test(moved_ranges_are_refused),
		cmocka_unit_test(appended_objects_are_refused_in_every_form),
		cmocka_unit_test(a_copied_signature_covers_no_new_content),
		cmocka_unit_test(one_bad_signature_among_good_ones_decides),
	};
	return cmocka_run_group_tests(tests, pdf_case_setup, pdf_case_teardown);
}
