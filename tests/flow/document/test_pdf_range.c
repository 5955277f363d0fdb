/* SPDX-License-Identifier: Apache-2.0 */
/* Proves that ByteRange and Contents leave no byte of a signed PDF free to change. */
#include <stdio.h>

#include "pdf_case.h"

/* The signed file with some text of its update replaced by text of the same length. */
static void assert_edit_refused(const char *from, const char *to, enum flow_reason want, int line)
{
	card_buf_t file = pdf_signed_simple();
	uint8_t *at = memmem(file.p, file.n, from, strlen(from));

	assert_non_null(at);
	assert_int_equal(strlen(from), strlen(to));
	memcpy(at, to, strlen(to));
	pdf_assert_refused_at(card_buf_bytes(&file), want, line);
	card_buf_free(&file);
}
#define refused_edit(from, to, want) assert_edit_refused(from, to, want, __LINE__)

static void no_changed_byte_is_valid(void **state)
{
	const struct flow_verify how = made_verify(&pdf_person);
	struct made_pdf p;

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		card_buf_t file;
		const uint8_t *hole;
		size_t at;

		made_pdf_simple(&p, pdf_kinds[k]);
		file = pdf_sign(card_buf_bytes(&p.out));
		hole = memmem(file.p, file.n, "/Contents <30", 13);
		assert_non_null(hole);
		at = (size_t)(hole - file.p);
		made_mutations(&how, card_buf_bytes(&file), NULL, 0, at + 16, 1);
		made_mutations(&how, card_buf_bytes(&file), NULL, at + 16, at + 5200, 7);
		made_mutations(&how, card_buf_bytes(&file), NULL, at + 5200, file.n - 900, 997);
		made_mutations(&how, card_buf_bytes(&file), NULL, file.n - 900, file.n, 1);
		card_buf_free(&file);
		card_buf_free(&p.out);
	}
}

static void bytes_after_the_end_are_not_valid(void **state)
{
	card_buf_t file = pdf_signed_simple();

	(void)state;
	assert_ok(card_buf_append_byte(&file, '\n'));
	pdf_assert_refused(card_buf_bytes(&file), FLOW_REASON_NOT_WHOLE_FILE);
	card_buf_free(&file);
}

static void ranges_and_contents_must_fit(void **state)
{
	(void)state;
	refused_edit("/ByteRange [0 ", "/ByteRange [1 ", FLOW_REASON_BYTE_RANGE);
	refused_edit("/Contents <30", "/Contents<030", FLOW_REASON_CONTENTS);
	refused_edit("/Contents <30", "/Contentz <30", FLOW_REASON_CONTENTS);
	refused_edit("/ETSI.CAdES.detached", "/ETSI.CAdES.detacheD", FLOW_REASON_FORMAT);
	refused_edit("/ETSI.CAdES.detached", "/adbe.pkcs7.sha1    ", FLOW_REASON_FORMAT);
	refused_edit("/FT /Sig", "/FT /Tx ", FLOW_REASON_UNREACHABLE);
}

static void hand_made_ranges_are_refused(void **state)
{
	static const char *const ranges[] = {
		"[0 20 10 5]",        /* overlaps */
		"[0 20 40]",          /* three numbers */
		"[0 20 40 99999999]", /* beyond the end */
		"[0 0 40 60]",        "[0 20 40 0]",  "[0 -1 40 60]",
		"[0 20.0 40 60]",     "(0 20 40 60)",
	};
	struct made_pdf p;

	(void)state;
	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
		char body[256];

		made_pdf_start(&p);
		made_pdf_object(&p, 1,
				"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [5 0 R] "
				">> >>");
		made_pdf_object(&p, 2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
		made_pdf_object(&p, 3, "<< /Type /Page /Parent 2 0 R >>");
		made_pdf_object(&p, 5, "<< /FT /Sig /T (S) /V 6 0 R >>");
		snprintf(body, sizeof body,
			 "<< /Type /Sig /SubFilter /ETSI.CAdES.detached /ByteRange %s /Contents "
			 "<00> >>",
			 ranges[i]);
		made_pdf_object(&p, 6, body);
		made_pdf_finish(&p, MADE_TABLE);
		pdf_assert_refused(card_buf_bytes(&p.out), FLOW_REASON_BYTE_RANGE);
		card_buf_free(&p.out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_changed_byte_is_valid),
		cmocka_unit_test(bytes_after_the_end_are_not_valid),
		cmocka_unit_test(ranges_and_contents_must_fit),
		cmocka_unit_test(hand_made_ranges_are_refused),
	};
	return cmocka_run_group_tests(tests, pdf_case_setup, pdf_case_teardown);
}
