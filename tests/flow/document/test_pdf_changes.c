/* SPDX-License-Identifier: Apache-2.0 */
/* Proves that what is changed in a PDF after signing is found. */
#include <stdio.h>

#include "pdf_case.h"

static void changed_content_is_found(void **state)
{
	card_buf_t file = pdf_signed_simple();

	(void)state;
	pdf_refused_update(&file, 3,
			   "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] "
			   "/Contents 9 0 R /Resources << >> >>");
	pdf_refused_update(&file, 2, "<< /Type /Pages /Kids [3 0 R 3 0 R] /Count 2 >>");
	pdf_refused_update(&file, 1,
			   "<< /Type /Catalog /Pages 2 0 R /OpenAction [3 0 R /Fit] "
			   "/AcroForm << /Fields [6 0 R] /SigFlags 3 >> >>");
	pdf_refused_update(&file, 4, "<< /Length 0 >>\nstream\n\nendstream");
	pdf_assert_update_refused(&file, 4, "<< /Length 0 >>\nstream\n\nendstream", MADE_STREAM,
				  FLOW_REASON_CHANGED_AFTER, __LINE__);
	card_buf_free(&file);
}

/* A form, signed, with one object written anew afterwards. */
static void refused_in_a_form(unsigned number, const char *body)
{
	struct made_pdf p;
	card_buf_t file;

	made_pdf_form(&p, MADE_TABLE);
	file = pdf_sign(card_buf_bytes(&p.out));
	pdf_refused_update(&file, number, body);
	card_buf_free(&file);
	card_buf_free(&p.out);
}

static void annotations_added_later_are_found(void **state)
{
	(void)state;
	refused_in_a_form(7, "[8 0 R 10 0 R << /Subtype /FreeText /Contents (Pay 900) >>]");
}

static void form_values_changed_later_are_found(void **state)
{
	(void)state;
	refused_in_a_form(8, "<< /Type /Annot /Subtype /Widget /FT /Tx /T (Amount) /V (900) "
			     "/Rect [10 10 90 30] >>");
	refused_in_a_form(5, "<< /Fields [8 0 R 10 0 R] /SigFlags 3 /DA (/Helv 0 Tf) "
			     "/NeedAppearances true >>");
	refused_in_a_form(5, "<< /Fields [10 0 R] /SigFlags 3 /DA (/Helv 0 Tf) >>");
}

static void a_removed_signature_is_no_signature(void **state)
{
	card_buf_t file = pdf_signed_simple();
	struct made_pdf p;
	struct flow_report r;

	(void)state;
	made_pdf_continue(&p, card_buf_bytes(&file), 20);
	made_pdf_object(&p, 1, "<< /Type /Catalog /Pages 2 0 R >>");
	made_pdf_finish(&p, MADE_TABLE);
	r = pdf_verify(card_buf_bytes(&p.out), 0);
	assert_int_equal(r.verdict, CARD_VERDICT_INVALID);
	assert_int_equal(r.n, 0);
	assert_true(flow_reasons_have(&r.reasons, FLOW_REASON_UNREACHABLE));
	flow_report_free(&r);
	card_buf_free(&p.out);
	card_buf_free(&file);
}

static void a_second_signature_hides_no_change(void **state)
{
	card_buf_t file = pdf_signed_simple(), again;
	struct made_pdf p;
	struct flow_report r;

	(void)state;
	made_pdf_continue(&p, card_buf_bytes(&file), 20);
	made_pdf_stream(&p, 4, "", "BT (Pay 900 yen) Tj ET");
	made_pdf_finish(&p, MADE_TABLE);
	again = pdf_sign(card_buf_bytes(&p.out));
	r = pdf_verify(card_buf_bytes(&again), 0);
	assert_int_equal(r.n, 2);
	assert_int_equal(r.verdict, CARD_VERDICT_INVALID);
	assert_int_equal(r.signatures[0].verdict, CARD_VERDICT_INVALID);
	assert_int_equal(r.signatures[1].verdict, CARD_VERDICT_VALID);
	flow_report_free(&r);
	card_buf_free(&again);
	card_buf_free(&p.out);
	card_buf_free(&file);
}

/* ---- pages and annotations ---- */

static void appended_pages_are_found(void **state)
{
	static const char *const trees[] = {"<< /Type /Pages /Kids [3 0 R 15 0 R] /Count 2 >>",
					    "<< /Type /Pages /Kids [15 0 R 3 0 R] /Count 2 >>",
					    "<< /Type /Pages /Kids [15 0 R] /Count 1 >>",
					    "<< /Type /Pages /Kids [] /Count 0 >>"};
	card_buf_t file = pdf_signed_simple();

	(void)state;
	for (size_t i = 0; i < sizeof trees / sizeof *trees; i++) {
		struct made_pdf p;

		made_pdf_continue(&p, card_buf_bytes(&file), 20);
		made_pdf_object(&p, 2, trees[i]);
		made_pdf_object(
			&p, 15,
			"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Contents 16 0 R "
			">>");
		made_pdf_stream(&p, 16, "", "BT (Pay 900 yen) Tj ET");
		made_pdf_finish(&p, pdf_kinds[i % 3]);
		pdf_assert_refused(card_buf_bytes(&p.out), FLOW_REASON_CHANGED_AFTER);
		card_buf_free(&p.out);
	}
	card_buf_free(&file);
}

/* Keys of the catalogue that make a reader show or do something else. */
static void the_catalogue_gets_nothing_new(void **state)
{
	static const char *const more[] = {"/OpenAction << /S /JavaScript /JS (x) >>",
					   "/AA << >>",
					   "/Names << /EmbeddedFiles << /Names [] >> >>",
					   "/OCProperties << /OCGs [] /D << >> >>",
					   "/PageLabels << /Nums [] >>",
					   "/Outlines 15 0 R",
					   "/Collection << >>",
					   "/URI << /Base (x) >>",
					   "/ViewerPreferences << >>",
					   "/Dests << >>",
					   "/Threads []",
					   "/PageMode /FullScreen",
					   "/Perms << >>",
					   "/NeedsRendering true",
					   "/StructTreeRoot 15 0 R",
					   "/Lang (de)",
					   "/AF [15 0 R]"};
	card_buf_t file = pdf_signed_simple();

	(void)state;
	for (size_t i = 0; i < sizeof more / sizeof *more; i++) {
		char body[256];

		snprintf(
			body, sizeof body,
			"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [6 0 R] /SigFlags 3 >> %s >>",
			more[i]);
		pdf_refused_update(&file, 1, body);
	}
	card_buf_free(&file);
}

/* ---- what may come ---- */

static void metadata_may_come_but_no_other_title(void **state)
{
	static const struct {
		const char *info;
		bool valid;
	} rows[] = {{"<< /Title (Contract) /ModDate (D:2026) /Producer (x) >>", true},
		    {"<< /Title (Another) /ModDate (D:2026) >>", false},
		    {"<< /ModDate (D:2026) >>", false}};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct made_pdf p, q;
		card_buf_t file;

		made_pdf_start(&p);
		p.extra = "/Info 9 0 R";
		made_pdf_object(&p, 1, "<< /Type /Catalog /Pages 2 0 R /Metadata 10 0 R >>");
		made_pdf_object(&p, 2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
		made_pdf_object(&p, 3, "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] >>");
		made_pdf_object(&p, 9, "<< /Title (Contract) >>");
		made_pdf_stream(&p, 10, "/Type /Metadata /Subtype /XML", "<a/>");
		made_pdf_finish(&p, MADE_TABLE);
		file = pdf_sign(card_buf_bytes(&p.out));
		made_pdf_continue(&q, card_buf_bytes(&file), 20);
		q.extra = "/Info 9 0 R";
		made_pdf_object(&q, 9, rows[i].info);
		made_pdf_stream(&q, 10, "/Type /Metadata /Subtype /XML", "<b/>");
		made_pdf_finish(&q, MADE_TABLE);
		if (rows[i].valid)
			pdf_assert_valid(card_buf_bytes(&q.out), 1);
		else
			pdf_assert_refused(card_buf_bytes(&q.out), FLOW_REASON_CHANGED_AFTER);
		card_buf_free(&q.out);
		card_buf_free(&file);
		card_buf_free(&p.out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(changed_content_is_found),
		cmocka_unit_test(annotations_added_later_are_found),
		cmocka_unit_test(form_values_changed_later_are_found),
		cmocka_unit_test(a_removed_signature_is_no_signature),
		cmocka_unit_test(a_second_signature_hides_no_change),
		cmocka_unit_test(appended_pages_are_found),
		cmocka_unit_test(the_catalogue_gets_nothing_new),
		cmocka_unit_test(metadata_may_come_but_no_other_title),
	};
	return cmocka_run_group_tests(tests, pdf_case_setup, pdf_case_teardown);
}
