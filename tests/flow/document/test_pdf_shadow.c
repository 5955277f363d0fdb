/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that content which was put into a document before it was signed, to be shown or hidden
 * afterwards (shadow attacks: hide, replace, hide-and-replace), is found.
 */
#include <stdio.h>

#include "pdf_case.h"

#define CATALOG "<< /Type /Catalog /Pages 2 0 R >>"
#define PAGES   "<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
#define PAGE                                                                                       \
	"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Contents %s /Resources << %s >> >>"

/* The common objects; the page has these contents and resources. */
static void start(struct made_pdf *p, const char *contents, const char *resources)
{
	char page[512];

	made_pdf_start(p);
	made_pdf_object(p, 1, CATALOG);
	made_pdf_object(p, 2, PAGES);
	snprintf(page, sizeof page, PAGE, contents, resources);
	made_pdf_object(p, 3, page);
	made_pdf_stream(p, 4, "", "BT (Pay 100 yen) Tj ET");
}

static card_buf_t sign_it(struct made_pdf *p, enum made_xref kind)
{
	card_buf_t file;

	made_pdf_finish(p, kind);
	file = pdf_sign(card_buf_bytes(&p->out));
	pdf_assert_valid(card_buf_bytes(&file), 1);
	card_buf_free(&p->out);
	return file;
}

static void refuse(struct made_pdf *q, enum made_xref kind)
{
	made_pdf_finish(q, kind);
	pdf_assert_refused(card_buf_bytes(&q->out), FLOW_REASON_CHANGED_AFTER);
	card_buf_free(&q->out);
}

/* ---- hide: something lies over the content, and is taken away ---- */

static void what_covered_the_content_is_not_taken_away(void **state)
{
	struct made_pdf p, q;
	card_buf_t file;

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		/* an image over the text, on the page */
		start(&p, "[4 0 R 9 0 R]", "/XObject << /Cover 10 0 R >>");
		made_pdf_stream(&p, 9, "", "/Cover Do");
		made_pdf_stream(&p, 10, "/Type /XObject /Subtype /Form /BBox [0 0 300 300]",
				"0 0 300 300 re f");
		file = sign_it(&p, pdf_kinds[k]);

		made_pdf_continue(&q, card_buf_bytes(&file), 20); /* the page forgets it */
		made_pdf_object(
			&q, 3,
			"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Contents [4 0 R] "
			"/Resources << /XObject << /Cover 10 0 R >> >> /Annots [6 0 R] >>");
		refuse(&q, pdf_kinds[k]);
		made_pdf_continue(&q, card_buf_bytes(&file), 20); /* it becomes empty */
		made_pdf_stream(&q, 10, "/Type /XObject /Subtype /Form /BBox [0 0 300 300]", "");
		refuse(&q, pdf_kinds[k]);
		made_pdf_continue(&q, card_buf_bytes(&file), 20); /* it becomes something else */
		made_pdf_object(&q, 10, "null");
		refuse(&q, pdf_kinds[k]);
		made_pdf_continue(&q, card_buf_bytes(&file), 20); /* its drawing is taken out */
		made_pdf_stream(&q, 9, "", "");
		refuse(&q, pdf_kinds[k]);
		made_pdf_continue(&q, card_buf_bytes(&file), 20); /* its number is given free */
		made_pdf_finish_free(&q, 10);
		pdf_assert_refused(card_buf_bytes(&q.out), FLOW_REASON_CHANGED_AFTER);
		card_buf_free(&q.out);
		card_buf_free(&file);
	}
}

/* ---- replace: what draws the signed content is exchanged ---- */

static void what_draws_the_content_is_not_exchanged(void **state)
{
	static const char *const rows[][2] = {
		/* a font with other glyphs or widths, a form's overlay, an encoding */
		{"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
		 "<< /Type /Font /Subtype /Type1 /BaseFont /Evil >>"},
		{"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding << /Differences [49 /one] >> >>",
		 "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding << /Differences [49 /nine] >> >>"},
		{"[500 500]", "[0 0]"},
		{"(Pay 100 yen)", "(Pay 900 yen)"},
		{"100", "900"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct made_pdf p, q;
		card_buf_t file;

		start(&p, "4 0 R", "/Font << /F 11 0 R >>");
		made_pdf_object(&p, 11, rows[i][0]);
		file = sign_it(&p, MADE_TABLE);
		made_pdf_continue(&q, card_buf_bytes(&file), 20);
		made_pdf_object(&q, 11, rows[i][1]);
		refuse(&q, MADE_TABLE);
		card_buf_free(&file);
	}
}

/* A text field's value is what is signed, its appearance is what is seen. */
static void a_field_shows_nothing_else(void **state)
{
	struct made_pdf p, q;
	card_buf_t file;

	(void)state;
	made_pdf_start(&p);
	made_pdf_object(&p, 1, "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [8 0 R] >> >>");
	made_pdf_object(&p, 2, PAGES);
	made_pdf_object(&p, 3,
			"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Annots [8 0 R] >>");
	made_pdf_object(
		&p, 8,
		"<< /Subtype /Widget /FT /Tx /T (Amount) /V (100) /Rect [10 10 90 30] /AP << /N "
		"9 0 R >> >>");
	made_pdf_stream(&p, 9, "/Subtype /Form /BBox [0 0 80 20]", "BT (100) Tj ET");
	file = sign_it(&p, MADE_TABLE);
	made_pdf_continue(&q, card_buf_bytes(&file), 20);
	made_pdf_stream(&q, 9, "/Subtype /Form /BBox [0 0 80 20]", "BT (900) Tj ET");
	refuse(&q, MADE_TABLE);
	made_pdf_continue(&q, card_buf_bytes(&file), 20);
	made_pdf_object(
		&q, 8,
		"<< /Subtype /Widget /FT /Tx /T (Amount) /V (100) /Rect [10 10 90 30] /AP << /N "
		"15 0 R >> >>");
	made_pdf_stream(&q, 15, "/Subtype /Form /BBox [0 0 80 20]", "BT (900) Tj ET");
	refuse(&q, MADE_TABLE);
	card_buf_free(&file);
}

/* ---- hide and replace: both contents are signed, and the other one is shown ---- */

static void a_second_document_inside_is_not_shown(void **state)
{
	struct made_pdf p, q;
	card_buf_t file;

	(void)state;
	start(&p, "4 0 R", "");
	made_pdf_stream(&p, 12, "", "BT (Pay 900 yen) Tj ET"); /* signed, referred to by no one */
	made_pdf_object(
		&p, 13,
		"<< /Type /Page /Parent 14 0 R /MediaBox [0 0 300 300] /Contents 12 0 R >>");
	made_pdf_object(&p, 14, "<< /Type /Pages /Kids [13 0 R] /Count 1 >>");
	made_pdf_object(
		&p, 15,
		"<< /Type /Catalog /Pages 14 0 R /AcroForm << /Fields [17 0 R] /SigFlags 3 >> >>");
	file = sign_it(&p, MADE_TABLE);

	made_pdf_continue(&q, card_buf_bytes(&file), 20); /* another catalogue */
	q.root = 15;
	made_pdf_object(&q, 19, "null");
	refuse(&q, MADE_TABLE);
	made_pdf_continue(&q, card_buf_bytes(&file), 20); /* another tree of pages */
	made_pdf_object(
		&q, 1,
		"<< /Type /Catalog /Pages 14 0 R /AcroForm << /Fields [17 0 R] /SigFlags 3 >> >>");
	refuse(&q, MADE_TABLE);
	made_pdf_continue(&q, card_buf_bytes(&file), 20); /* another page */
	made_pdf_object(&q, 2, "<< /Type /Pages /Kids [13 0 R] /Count 1 >>");
	refuse(&q, MADE_TABLE);
	made_pdf_continue(&q, card_buf_bytes(&file), 20); /* another content */
	made_pdf_object(
		&q, 3,
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Contents 12 0 R /Resources "
		"<< >> /Annots [17 0 R] >>");
	refuse(&q, MADE_TABLE);
	card_buf_free(&file);
}

/* The other content has the same number, and only the table of objects is changed. */
static void the_table_does_not_lead_elsewhere(void **state)
{
	(void)state;
	for (unsigned own = 4; own <= 9; own += 5) {
		struct made_pdf p, q;
		card_buf_t file;
		size_t other;

		made_pdf_start(&p);
		other = p.out.n;
		made_pdf_stream(&p, own, "", "BT (Pay 900 yen) Tj ET");
		made_pdf_object(&p, 1, CATALOG);
		made_pdf_object(&p, 2, PAGES);
		made_pdf_object(&p, 3,
				"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] "
				"/Contents 4 0 R /Resources << >> >>");
		made_pdf_stream(&p, 4, "", "BT (Pay 100 yen) Tj ET");
		made_pdf_finish(&p, MADE_TABLE);
		file = pdf_sign(card_buf_bytes(&p.out));
		card_buf_free(&p.out);
		made_pdf_continue(&q, card_buf_bytes(&file), 20);
		made_pdf_finish_pointing(&q, 4, other);
		pdf_assert_refused(card_buf_bytes(&q.out),
				   own == 4 ? FLOW_REASON_CHANGED_AFTER : FLOW_REASON_XREF);
		card_buf_free(&q.out);
		card_buf_free(&file);
	}
}

/* An older revision, which the file still holds, is made the newest. */
static void an_older_revision_does_not_come_back(void **state)
{
	struct made_pdf p, q;
	card_buf_t file;
	size_t first;

	(void)state;
	start(&p, "4 0 R", "");
	made_pdf_finish(&p, MADE_TABLE);
	first = p.prev;
	made_pdf_stream(&p, 4, "", "BT (Pay 900 yen) Tj ET");
	file = sign_it(&p, MADE_TABLE);
	made_pdf_continue(&q, card_buf_bytes(&file), 20);
	q.prev = first;
	made_pdf_object(&q, 19, "null");
	made_pdf_finish(&q, MADE_TABLE);
	assert_int_equal(pdf_verdict(card_buf_bytes(&q.out)), CARD_VERDICT_INVALID);
	card_buf_free(&q.out);
	card_buf_free(&file);
}

/* A page that names an object which comes only later. */
static void nothing_that_was_missing_comes_later(void **state)
{
	static const char *const pages[][2] = {{"[4 0 R 15 0 R]", ""},
					       {"4 0 R", "/XObject << /Cover 15 0 R >>"},
					       {"4 0 R", "/Font 15 0 R"}};

	(void)state;
	for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
		struct made_pdf p, q;
		card_buf_t file;

		start(&p, pages[i][0], pages[i][1]);
		file = sign_it(&p, MADE_TABLE);
		made_pdf_continue(&q, card_buf_bytes(&file), 20);
		made_pdf_stream(&q, 15, "", "BT (Pay 900 yen) Tj ET");
		refuse(&q, MADE_TABLE);
		card_buf_free(&file);
	}
}

/* Objects that /Size left out do not exist to some readers: raising it would show them. */
static void size_hides_nothing(void **state)
{
	struct made_pdf p;
	card_buf_t file;
	size_t at;

	(void)state;
	start(&p, "[4 0 R 9 0 R]", "");
	made_pdf_stream(&p, 9, "", "BT (Pay 900 yen) Tj ET");
	made_pdf_finish(&p, MADE_TABLE);
	file = pdf_sign(card_buf_bytes(&p.out));
	at = pdf_place(&file, "/Size ", pdf_place(&file, "/ByteRange", 0));
	/* as if it had been signed so: the digest is wrong too, which is not the question here */
	memcpy(file.p + at, "/Size 5 ", 8);
	pdf_assert_refused(card_buf_bytes(&file), FLOW_REASON_XREF);
	card_buf_free(&file);
	card_buf_free(&p.out);
}

/* ---- what one reader finds and another does not ---- */

/* A file whose last revision is this text, with offsets put in for %zu. */
static void assert_tail_invalid(const card_buf_t *file, const char *tail, int line)
{
	card_buf_t more = {0};

	assert_ok(card_buf_append(&more, card_buf_bytes(file)));
	assert_ok(card_buf_append(&more, card_bytes(tail, strlen(tail))));
	if (pdf_verdict(card_buf_bytes(&more)) != CARD_VERDICT_INVALID)
		fail_msg("line %d: not invalid", line);
	card_buf_free(&more);
}

#define EVIL "4 0 obj\n<< /Length 22 >>\nstream\nBT (Pay 900 yen) Tj ET\nendstream\nendobj\n"

/* Two places for one object in one section, in either order. */
static void a_section_names_an_object_once(void **state)
{
	card_buf_t file = pdf_signed_simple();
	const size_t at = file.n, old = pdf_place(&file, "4 0 obj", 0);
	const size_t prev = pdf_place(&file, "xref\n", pdf_place(&file, "/ByteRange", 0));
	const size_t table = at + sizeof EVIL - 1;
	const size_t places[2][2] = {{old, at}, {at, old}};
	char tail[2048];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		snprintf(
			tail, sizeof tail,
			EVIL
			"xref\n4 1\n%010zu 00000 n \n4 1\n%010zu 00000 n \ntrailer\n<< /Root 1 0 R "
			"/Size 7 /Prev %zu >>\nstartxref\n%zu\n%%%%EOF\n",
			places[i][0], places[i][1], prev, table);
		assert_tail_invalid(&file, tail, __LINE__);
	}
	card_buf_free(&file);
}

/* The same in the two parts of a hybrid. */
static void a_hybrid_names_an_object_once(void **state)
{
	card_buf_t file = pdf_signed_simple();
	const size_t old = pdf_place(&file, "4 0 obj", 0);

	(void)state;
	for (unsigned way = 0; way < 2; way++) {
		struct made_pdf p;
		size_t evil, table;
		uint8_t *row;

		made_pdf_continue(&p, card_buf_bytes(&file), 20);
		evil = p.out.n;
		made_pdf_stream(&p, 4, "", "BT (Pay 900 yen) Tj ET");
		made_pdf_finish(&p, MADE_HYBRID);
		if (way == 0) { /* the stream leads to the old content, the table to the new one */
			row = p.out.p +
			      pdf_place(&p.out, "stream\n", pdf_place(&p.out, "/XRef", file.n)) + 7;
			assert_int_equal((size_t)row[3] << 8 | row[4], evil & 0xFFFF);
			row[1] = row[2] = 0;
			row[3] = (uint8_t)(old >> 8);
			row[4] = (uint8_t)old;
		} else {
			char text[16];

			table = pdf_place(&p.out, "\n4 1\n", file.n) + 5;
			snprintf(text, sizeof text, "%010zu", old);
			memcpy(p.out.p + table, text, 10);
		}
		assert_int_equal(pdf_verdict(card_buf_bytes(&p.out)), CARD_VERDICT_INVALID);
		card_buf_free(&p.out);
	}
	card_buf_free(&file);
}

static void a_trailer_names_one_root(void **state)
{
	static const char *const extra[] = {"/Root 15 0 R", "/Prev 20", "/Size 30",
					    "/Ro#6ft 15 0 R"};
	card_buf_t file = pdf_signed_form();

	(void)state;
	for (size_t i = 0; i < sizeof extra / sizeof *extra; i++) {
		for (size_t k = 0; k < 2; k++) {
			struct made_pdf p;

			made_pdf_continue(&p, card_buf_bytes(&file), 20);
			p.extra = extra[i];
			made_pdf_object(&p, 15, "<< /Type /Catalog /Pages 16 0 R >>");
			made_pdf_object(&p, 16, "<< /Type /Pages /Kids [] /Count 0 >>");
			made_pdf_finish(&p, pdf_kinds[k]);
			assert_int_equal(pdf_verdict(card_buf_bytes(&p.out)), CARD_VERDICT_INVALID);
			card_buf_free(&p.out);
		}
	}
	card_buf_free(&file);
}

/* The same object under another generation is gone to readers that look at it. */
static void generations_hide_nothing(void **state)
{
	card_buf_t file = pdf_signed_form();
	const size_t prev = pdf_place(&file, "xref\n", pdf_place(&file, "/ByteRange", 0));
	static const char *const heads[] = {"\n8 0 obj", "\n3 0 obj", "\n2 0 obj", "\n4 0 obj"};

	(void)state;
	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
		char tail[512];

		snprintf(
			tail, sizeof tail,
			"xref\n%c 1\n%010zu 00001 n \ntrailer\n<< /Root 1 0 R /Size 20 /Prev %zu >>\n"
			"startxref\n%zu\n%%%%EOF\n",
			heads[i][1], pdf_place(&file, heads[i], 0) + 1, prev, file.n);
		assert_tail_invalid(&file, tail, __LINE__);
		/* written anew, as it was */
		snprintf(
			tail, sizeof tail,
			"2 1 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\nxref\n2 1\n%010zu 00001 n "
			"\ntrailer\n<< /Root 1 0 R /Size 20 /Prev %zu >>\nstartxref\n%zu\n%%%%EOF\n",
			file.n, prev, file.n + 57);
		assert_tail_invalid(&file, tail, __LINE__);
	}
	card_buf_free(&file);
}

/* Objects behind a signature that no section names: a program that repairs files would find them.
 * The rest of the update is permitted. */
static void every_later_object_is_named(void **state)
{
	static const char *const evil[] = {
		"4 0 obj\n<< /Length 22 >>\nstream\nBT (Pay 900 yen) Tj ET\nendstream\nendobj\n",
		"100 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n", "Pay 900 yen\n",
		"endobj\n", ""};
	card_buf_t file = pdf_signed_form();

	(void)state;
	for (size_t i = 0; i < sizeof evil / sizeof *evil; i++) {
		card_buf_t more = {0}, again;
		struct made_pdf p;

		assert_ok(card_buf_append(&more, card_buf_bytes(&file)));
		assert_ok(card_buf_append(&more, card_bytes(evil[i], strlen(evil[i]))));
		/* a signature of a trusted person over all of it */
		again = pdf_sign(card_buf_bytes(&more));
		if (*evil[i] == '\0')
			pdf_assert_valid(card_buf_bytes(&again), 2);
		else
			pdf_assert_refused(card_buf_bytes(&again), FLOW_REASON_XREF);
		card_buf_free(&again);
		/* or nothing but an empty signature field */
		made_pdf_continue(&p, card_buf_bytes(&more), 20);
		made_pdf_object(&p, 15, "<< /FT /Sig /T (Next) >>");
		made_pdf_object(&p, 6, "[8 0 R 10 0 R 15 0 R]");
		made_pdf_finish(&p, MADE_TABLE);
		if (*evil[i] != '\0')
			pdf_assert_refused(card_buf_bytes(&p.out), FLOW_REASON_XREF);
		card_buf_free(&p.out);
		card_buf_free(&more);
	}
	card_buf_free(&file);
}

/* An object came, and a later section leads back to the old one. */
static void no_section_leads_back(void **state)
{
	card_buf_t file = pdf_signed_simple();
	const size_t old = pdf_place(&file, "4 0 obj", 0);
	struct made_pdf p;

	(void)state;
	made_pdf_continue(&p, card_buf_bytes(&file), 20);
	made_pdf_stream(&p, 4, "", "BT (Pay 900 yen) Tj ET");
	made_pdf_finish(&p, MADE_TABLE);
	made_pdf_finish_pointing(&p, 4, old);
	pdf_assert_refused(card_buf_bytes(&p.out), FLOW_REASON_XREF);
	card_buf_free(&p.out);
	card_buf_free(&file);
}

/* Programs count twenty octets to an entry, or read words: the table says the same to both. */
static void tables_are_exact(void **state)
{
	static const char *const rows[] = {"%010zu 00000 n \n",       "%010zu 00000 n\r\n",
					   "%010zu 00000 n %% and\n", "%08zu 00000 n   \n",
					   "%010zu 0 n     \n",       "%010zu  00000 n\n",
					   "%010zu 00000 n\n"};
	static const char catalog[] =
		"1 0 obj\n<< /Type /Catalog /Pages 2 0 R /AcroForm 5 0 R /DSS << "
		"/Certs [] >> >>\nendobj\n";
	card_buf_t file = pdf_signed_form();
	const size_t prev = pdf_place(&file, "xref\n", pdf_place(&file, "/ByteRange", 0));

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		card_buf_t more = {0};
		char text[512], number[24];
		const char *row = rows[i];

		snprintf(number, sizeof number, row[2] == '8' ? "%08zu" : "%010zu", file.n);
		snprintf(
			text, sizeof text,
			"%sxref\n1 1\n%s%strailer\n<< /Root 1 0 R /Size 20 /Prev %zu >>\nstartxref\n%zu\n"
			"%%%%EOF\n",
			catalog, number, strchr(row, 'u') + 1, prev, file.n + sizeof catalog - 1);
		assert_ok(card_buf_append(&more, card_buf_bytes(&file)));
		assert_ok(card_buf_append(&more, card_bytes(text, strlen(text))));
		if (i < 2)
			pdf_assert_valid(card_buf_bytes(&more), 1);
		else
			pdf_assert_refused(card_buf_bytes(&more), FLOW_REASON_XREF);
		card_buf_free(&more);
	}
	card_buf_free(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_covered_the_content_is_not_taken_away),
		cmocka_unit_test(what_draws_the_content_is_not_exchanged),
		cmocka_unit_test(a_field_shows_nothing_else),
		cmocka_unit_test(a_second_document_inside_is_not_shown),
		cmocka_unit_test(the_table_does_not_lead_elsewhere),
		cmocka_unit_test(an_older_revision_does_not_come_back),
		cmocka_unit_test(nothing_that_was_missing_comes_later),
		cmocka_unit_test(size_hides_nothing),
		cmocka_unit_test(a_section_names_an_object_once),
		cmocka_unit_test(a_hybrid_names_an_object_once),
		cmocka_unit_test(a_trailer_names_one_root),
		cmocka_unit_test(generations_hide_nothing),
		cmocka_unit_test(every_later_object_is_named),
		cmocka_unit_test(no_section_leads_back),
		cmocka_unit_test(tables_are_exact),
	};
	return cmocka_run_group_tests(tests, pdf_case_setup, pdf_case_teardown);
}
