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
					  card_buf_bytes(&deep), NULL),
			     CARD_VERDICT_VALID);
	card_buf_free(&deep);
}

/* ---- object streams ---- */

/* A signature that only a stream of packed objects names, or that lies in one itself. */
static void object_streams_hide_no_signature(void **state)
{
	static const struct made_packed unnamed[] = {
		{15,
		 "<< /Type /Sig /SubFilter /ETSI.CAdES.detached /ByteRange [0 1 2 3] /Contents <00> >>"}};
	static const struct made_packed named[] = {
		{14, "<< /FT /Sig /T (Hidden) /V 15 0 R >>"},
		{15,
		 "<< /Type /Sig /SubFilter /ETSI.CAdES.detached /ByteRange [0 10 20 30] /Contents <00> >>"},
		{1, "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [14 0 R] >> >>"}};
	struct made_pdf p;

	(void)state;
	made_pdf_simple(&p, MADE_STREAM);
	made_pdf_finish_packed(&p, 16, unnamed, 1);
	pdf_assert_refused(card_buf_bytes(&p.out), FLOW_REASON_UNREACHABLE);
	card_buf_free(&p.out);
	made_pdf_simple(&p, MADE_STREAM);
	made_pdf_finish_packed(&p, 16, named, 3);
	pdf_assert_refused(card_buf_bytes(&p.out), FLOW_REASON_CONTENTS);
	card_buf_free(&p.out);
}

/* The form and the fields in a stream of packed objects: signed, and valid. */
static void a_packed_form_is_signed(void **state)
{
	static const struct made_packed packed[] = {
		{1, "<< /Type /Catalog /Pages 2 0 R /AcroForm 5 0 R >>"},
		{2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>"},
		{3,
		 "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Contents 4 0 R /Annots 7 0 R >>"},
		{5, "<< /Fields [8 0 R] /DA (/Helv 0 Tf) >>"},
		{7, "[8 0 R]"},
		{8,
		 "<< /Type /Annot /Subtype /Widget /FT /Sig /T (Buyer) /Rect [10 10 90 30] /P 3 0 R >>"}};
	const struct flow_pdf_options field = {.field = "Buyer"};
	struct made_pdf p;
	card_buf_t once, twice;

	(void)state;
	made_pdf_start(&p);
	made_pdf_stream(&p, 4, "", "BT (Pay 100 yen) Tj ET");
	made_pdf_finish_packed(&p, 9, packed, 6);
	once = pdf_sign(card_buf_bytes(&p.out));
	pdf_assert_valid(card_buf_bytes(&once), 1);
	twice = pdf_sign_with(card_buf_bytes(&once), &field);
	pdf_assert_valid(card_buf_bytes(&twice), 2);
	card_buf_free(&twice);
	card_buf_free(&once);
	card_buf_free(&p.out);
}

/* What was signed comes again, packed, in another form. */
static void object_streams_hide_no_change(void **state)
{
	static const struct made_packed rows[] = {
		{3, "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Contents 15 0 R >>"},
		{2, "<< /Type /Pages /Kids [3 0 R 3 0 R] /Count 2 >>"},
		{1, "<< /Type /Catalog /Pages 2 0 R >>"},
		{4, "(Pay 900 yen)"}};
	card_buf_t file = pdf_signed_simple();

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct made_pdf p;

		made_pdf_continue(&p, card_buf_bytes(&file), 20);
		made_pdf_finish_packed(&p, 21, &rows[i], 1);
		if (pdf_verdict(card_buf_bytes(&p.out)) != CARD_VERDICT_INVALID)
			fail_msg("row %zu", i);
		card_buf_free(&p.out);
	}
	card_buf_free(&file);
}

/* ---- a hundred revisions, each of them signed ---- */

static void a_hundred_signatures_are_judged_one_by_one(void **state)
{
	struct made_pdf p;
	card_buf_t file;
	struct flow_report r;

	(void)state;
	made_pdf_form(&p, MADE_TABLE);
	file = pdf_sign(card_buf_bytes(&p.out));
	card_buf_free(&p.out);
	for (unsigned i = 1; i < 100; i++) {
		card_buf_t more;

		if (i == 50) { /* one change among them */
			made_pdf_continue(&p, card_buf_bytes(&file), 250);
			made_pdf_stream(&p, 4, "", "BT (Pay 900 yen) Tj ET");
			made_pdf_finish(&p, MADE_TABLE);
			card_buf_free(&file);
			file = p.out;
		}
		more = pdf_sign(card_buf_bytes(&file));
		card_buf_free(&file);
		file = more;
	}
	r = pdf_verify(card_buf_bytes(&file), 0);
	assert_int_equal(r.n, 100);
	assert_int_equal(r.verdict, CARD_VERDICT_INVALID);
	for (size_t i = 0; i < 100; i++) {
		if (r.signatures[i].verdict != (i < 50 ? CARD_VERDICT_INVALID : CARD_VERDICT_VALID))
			fail_msg("signature %zu: %s, %llx", i,
				 card_verdict_name(r.signatures[i].verdict),
				 (unsigned long long)r.signatures[i].reasons.document);
	}
	flow_report_free(&r);
	card_buf_free(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_object_twice_in_a_revision_is_found),
		cmocka_unit_test(an_unnamed_signature_is_reported),
		cmocka_unit_test(an_unsigned_file_is_not_valid),
		cmocka_unit_test(a_hundred_revisions_are_read),
		cmocka_unit_test(sections_in_a_circle_and_deep_nesting_end),
		cmocka_unit_test(object_streams_hide_no_signature),
		cmocka_unit_test(a_packed_form_is_signed),
		cmocka_unit_test(object_streams_hide_no_change),
		cmocka_unit_test(a_hundred_signatures_are_judged_one_by_one),
	};
	return cmocka_run_group_tests(tests, pdf_case_setup, pdf_case_teardown);
}
