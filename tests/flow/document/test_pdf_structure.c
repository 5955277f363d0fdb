/* SPDX-License-Identifier: Apache-2.0 */
/* Proves that the structure of a PDF hides no signature and no second content. */
#include <stdio.h>

#include "pdf_case.h"

static void one_object_twice_in_a_revision_is_found(void **state)
{
	struct made_pdf p;
	card_buf_t file;

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		made_pdf_start(&p);
		made_pdf_stream(&p, 4, "", "BT (Pay 900 yen) Tj ET");
		made_pdf_object(&p, 1, "<< /Type /Catalog /Pages 2 0 R >>");
		made_pdf_object(&p, 2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
		made_pdf_object(&p, 3, "<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>");
		made_pdf_stream(&p, 4, "", "BT (Pay 100 yen) Tj ET");
		made_pdf_finish(&p, pdf_kinds[k]);
		file = pdf_sign(card_buf_bytes(&p.out));
		pdf_assert_refused(card_buf_bytes(&file), FLOW_REASON_DUPLICATE_OBJECT);
		card_buf_free(&file);
		card_buf_free(&p.out);
	}
}

static void an_unnamed_signature_is_reported(void **state)
{
	struct made_pdf p;

	(void)state;
	made_pdf_start(&p);
	made_pdf_object(&p, 1, "<< /Type /Catalog /Pages 2 0 R >>");
	made_pdf_object(&p, 2, "<< /Type /Pages /Kids [] /Count 0 >>");
	made_pdf_object(&p, 6, "<< /Type /Sig /ByteRange [0 1 2 3] /Contents <00> >>");
	made_pdf_finish(&p, MADE_STREAM);
	pdf_assert_refused(card_buf_bytes(&p.out), FLOW_REASON_UNREACHABLE);
	card_buf_free(&p.out);
}

static void an_unsigned_file_is_not_valid(void **state)
{
	struct made_pdf p;

	(void)state;
	made_pdf_simple(&p, MADE_TABLE);
	pdf_assert_refused(card_buf_bytes(&p.out), FLOW_REASON_NOT_SIGNED);
	card_buf_free(&p.out);
}

static void a_hundred_revisions_are_read(void **state)
{
	struct made_pdf p;
	card_buf_t file;
	struct flow_report r;

	(void)state;
	made_pdf_simple(&p, MADE_TABLE);
	for (unsigned i = 0; i < 100; i++) {
		char text[64];

		snprintf(text, sizeof text, "BT (Pay %u yen) Tj ET", i);
		made_pdf_stream(&p, 4, "", text);
		made_pdf_finish(&p, i % 2 == 0 ? MADE_TABLE : MADE_STREAM);
	}
	file = pdf_sign(card_buf_bytes(&p.out));
	r = pdf_verify(card_buf_bytes(&file), 0);
	assert_int_equal(r.verdict, CARD_VERDICT_VALID);
	flow_report_free(&r);
	card_buf_free(&file);
	card_buf_free(&p.out);
}

static void sections_in_a_circle_and_deep_nesting_end(void **state)
{
	struct made_pdf p;
	card_buf_t deep = {0};

	(void)state;
	made_pdf_simple(&p, MADE_TABLE);
	p.prev += 1; /* not a section */
	made_pdf_object(&p, 9, "null");
	made_pdf_finish(&p, MADE_TABLE);
	pdf_assert_refused(card_buf_bytes(&p.out), FLOW_REASON_MALFORMED);
	card_buf_free(&p.out);

	made_pdf_start(&p);
	p.prev = p.out.n + 1;
	made_pdf_object(&p, 1, "<< >>");
	p.prev = p.out.n; /* itself */
	made_pdf_finish(&p, MADE_TABLE);
	pdf_assert_refused(card_buf_bytes(&p.out), FLOW_REASON_MALFORMED);
	card_buf_free(&p.out);

	assert_ok(card_buf_append(&deep, BYTES("%PDF-1.4\n1 0 obj\n")));
	for (unsigned i = 0; i < 100000; i++)
		assert_ok(card_buf_append_byte(&deep, '['));
	assert_ok(card_buf_append(&deep, BYTES("\nxref\n0 2\n0000000000 65535 f \n0000000009 "
					       "00000 n \ntrailer\n<< /Root 1 0 R /Size 2 "
					       ">>\nstartxref\n100018\n%%EOF\n")));
	assert_int_not_equal(made_verdict(&(struct flow_verify){.trust = pdf_person.trust},
					  card_buf_bytes(&deep), NULL), CARD_VERDICT_VALID);
	card_buf_free(&deep);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_object_twice_in_a_revision_is_found),
		cmocka_unit_test(an_unnamed_signature_is_reported),
		cmocka_unit_test(an_unsigned_file_is_not_valid),
		cmocka_unit_test(a_hundred_revisions_are_read),
		cmocka_unit_test(sections_in_a_circle_and_deep_nesting_end),
	};
	return cmocka_run_group_tests(tests, pdf_case_setup, pdf_case_teardown);
}
