/* SPDX-License-Identifier: Apache-2.0 */
/* Proves that a PDF of any structure is signed without changing one of its bytes, and what is refused. */
#include <stdio.h>

#include "pdf_case.h"

static void every_structure_is_signed_and_valid(void **state)
{
	(void)state;
	for (size_t i = 0; i < 6; i++) {
		struct made_pdf p;
		struct flow_report r;
		card_buf_t file;

		if (i < 3)
			made_pdf_simple(&p, pdf_kinds[i]);
		else
			made_pdf_form(&p, pdf_kinds[i - 3]);
		file = pdf_sign(card_buf_bytes(&p.out));
		r = pdf_verify(card_buf_bytes(&file), FLOW_REQUIRE_PADES);
		assert_int_equal(r.format, FLOW_FORMAT_PDF);
		assert_int_equal(r.verdict, CARD_VERDICT_VALID);
		assert_int_equal(r.n, 1);
		assert_true(r.covers_whole_file);
		assert_int_equal(r.signatures[0].level, FLOW_LEVEL_B_B);
		assert_int_equal(r.signatures[0].claimed_time, MADE_NOW);
		assert_string_equal(r.signatures[0].field, "Signature1");
		flow_report_free(&r);
		card_buf_free(&file);
		card_buf_free(&p.out);
	}
}

static void earlier_signatures_stay_valid(void **state)
{
	(void)state;
	for (size_t k = 0; k < 3; k++) {
		struct made_pdf p;
		struct flow_report r;
		card_buf_t file, more;

		made_pdf_form(&p, pdf_kinds[k]);
		file = pdf_sign(card_buf_bytes(&p.out));
		for (unsigned i = 0; i < 3; i++) {
			more = pdf_sign(card_buf_bytes(&file));
			card_buf_free(&file);
			file = more;
		}
		r = pdf_verify(card_buf_bytes(&file), 0);
		assert_int_equal(r.n, 4);
		assert_int_equal(r.verdict, CARD_VERDICT_VALID);
		for (size_t i = 0; i < 4; i++) {
			assert_int_equal(r.signatures[i].verdict, CARD_VERDICT_VALID);
			assert_int_equal(r.signatures[i].covers_whole_file, i == 3);
			assert_int_equal(r.signatures[i].revision, i + 1);
		}
		flow_report_free(&r);
		card_buf_free(&file);
		card_buf_free(&p.out);
	}
}

static void the_registry_form_is_as_it_must_be(void **state)
{
	struct made_pdf p;
	card_buf_t file = {0};
	struct flow_report r;

	(void)state;
	made_pdf_simple(&p, MADE_TABLE);
	assert_ok(pdf_try_sign(card_buf_bytes(&p.out), FLOW_PDF_TOUKI, &file));
	assert_true(pdf_contains(&file, "/Type /Sig "));
	assert_true(pdf_contains(&file, "/Filter /Adobe.PPKLite"));
	assert_true(pdf_contains(&file, "/SubFilter /adbe.pkcs7.detached"));
	assert_true(pdf_contains(&file, "/M (D:20260601090000+09'00')"));
	assert_true(pdf_contains(&file, "/Name <FEFF"));
	r = pdf_verify(card_buf_bytes(&file), 0);
	assert_int_equal(r.verdict, CARD_VERDICT_VALID);
	assert_int_equal(r.signatures[0].level, FLOW_LEVEL_PLAIN);
	flow_report_free(&r);
	r = pdf_verify(card_buf_bytes(&file), FLOW_REQUIRE_PADES);
	assert_int_equal(r.verdict, CARD_VERDICT_INVALID);
	flow_report_free(&r);
	card_buf_free(&file);
	card_buf_free(&p.out);
}

static void what_cannot_be_signed_says_why(void **state)
{
	static const struct {
		const char *trailer;
		enum card_error want;
		enum flow_pdf_refusal look;
	} bad[] = {{"/Encrypt 9 0 R", CARD_ERR_UNSUPPORTED, FLOW_PDF_ENCRYPTED},
		   {"/Prev 9999999", CARD_ERR_MALFORMED, FLOW_PDF_BROKEN}};
	struct made_pdf p;
	card_buf_t out = {0};
	enum flow_pdf_refusal why;
	flow_file_t *f;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		made_pdf_start(&p);
		p.extra = bad[i].trailer;
		made_pdf_object(&p, 1, "<< /Type /Catalog /Pages 2 0 R >>");
		made_pdf_object(&p, 2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
		made_pdf_object(&p, 3, "<< /Type /Page /Parent 2 0 R >>");
		made_pdf_finish(&p, MADE_TABLE);
		assert_ok(flow_file_of_memory(&f, card_buf_bytes(&p.out)));
		assert_ok(flow_pdf_look(f, &why, NULL, NULL));
		assert_int_equal(why, bad[i].look);
		flow_file_free(&f);
		assert_int_equal(pdf_try_sign(card_buf_bytes(&p.out), FLOW_PDF_PADES, &out),
				 bad[i].want);
		card_buf_clear(&out);
		card_buf_free(&p.out);
	}
	made_pdf_start(&p);
	made_pdf_object(&p, 1, "<< /Type /Catalog /Pages 2 0 R /Perms << /DocMDP 4 0 R >> >>");
	made_pdf_object(&p, 2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
	made_pdf_object(&p, 3, "<< /Type /Page /Parent 2 0 R >>");
	made_pdf_object(&p, 4,
			"<< /Type /Sig /Reference [<< /TransformMethod /DocMDP "
			"/TransformParams << /P 1 >> >>] >>");
	made_pdf_finish(&p, MADE_TABLE);
	assert_int_equal(pdf_try_sign(card_buf_bytes(&p.out), FLOW_PDF_PADES, &out),
			 CARD_ERR_DENIED);
	card_buf_free(&out);
	card_buf_free(&p.out);
}

static void damaged_files_are_refused_without_harm(void **state)
{
	struct made_pdf p;

	(void)state;
	for (size_t k = 0; k < 3; k++) {
		made_pdf_form(&p, pdf_kinds[k]);
		for (size_t n = 0; n < p.out.n; n += 3) {
			card_buf_t out = {0};
			const enum card_error err =
				pdf_try_sign(card_bytes(p.out.p, n), FLOW_PDF_PADES, &out);

			/* Only the last line break may be missing. */
			assert_true(err != CARD_OK || n + 1 >= p.out.n);
			card_buf_free(&out);
		}
		for (size_t i = 0; i < p.out.n; i++) {
			card_buf_t out = {0};

			p.out.p[i] ^= 0x15;
			(void)pdf_try_sign(card_buf_bytes(&p.out), FLOW_PDF_PADES, &out);
			p.out.p[i] ^= 0x15;
			card_buf_free(&out);
		}
		card_buf_free(&p.out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_structure_is_signed_and_valid),
		cmocka_unit_test(earlier_signatures_stay_valid),
		cmocka_unit_test(the_registry_form_is_as_it_must_be),
		cmocka_unit_test(what_cannot_be_signed_says_why),
		cmocka_unit_test(damaged_files_are_refused_without_harm),
	};
	return cmocka_run_group_tests(tests, pdf_case_setup, pdf_case_teardown);
}
