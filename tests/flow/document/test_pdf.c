/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that a PDF of any structure is signed without changing one of its bytes, that the
 * signature is verified, and that no known way to change a signed document passes.
 */
#include <stdio.h>
#include <stdlib.h>

#include "made_document.h"
#include "made_pdf.h"
#include "test.h"

static struct made_person person;
static const enum made_xref kinds[] = {MADE_TABLE, MADE_STREAM, MADE_HYBRID};

static enum card_error try_sign(struct card_bytes in, enum flow_pdf_kind kind, card_buf_t *out)
{
	const struct flow_pdf_options opt = {kind, "同意", "東京 & Kyoto"};
	const struct flow_signer s = made_signer(&person);
	flow_file_t *f = NULL;
	enum card_error err;

	assert_ok(flow_file_of_memory(&f, in));
	assert_ok(card_buf_append(out, in));
	err = flow_pdf_sign(f, &opt, &s, out);
	flow_file_free(&f);
	return err;
}

static card_buf_t sign(struct card_bytes in)
{
	card_buf_t out = {0};

	assert_ok(try_sign(in, FLOW_PDF_PADES, &out));
	assert_memory_equal(out.p, in.p, in.n);
	return out;
}

static card_buf_t signed_simple(void)
{
	struct made_pdf p;
	card_buf_t out;

	made_pdf_simple(&p, MADE_TABLE);
	out = sign(card_buf_bytes(&p.out));
	card_buf_free(&p.out);
	return out;
}

static struct flow_report verify(struct card_bytes file, unsigned flags)
{
	struct flow_verify how = made_verify(&person);
	struct flow_report r;

	how.flags = flags;
	made_verify_bytes(&how, file, NULL, &r);
	return r;
}

static void assert_refused_at(struct card_bytes file, enum flow_reason want, int line)
{
	struct flow_report r = verify(file, 0);
	bool found = flow_reasons_have(&r.reasons, want);
	uint64_t all = r.reasons.document;

	for (size_t i = 0; i < r.n; i++) {
		found = found || flow_reasons_have(&r.signatures[i].reasons, want);
		all |= r.signatures[i].reasons.document;
	}
	if (!found)
		fail_msg("line %d: %s is missing (%llx), %s", line, flow_reason_code(want),
			 (unsigned long long)all, card_verdict_name(r.verdict));
	assert_int_equal(r.verdict, CARD_VERDICT_INVALID);
	flow_report_free(&r);
}
#define assert_refused(file, want) assert_refused_at(file, want, __LINE__)

/* ---- signing ---- */

static void every_structure_is_signed_and_valid(void **state)
{
	(void)state;
	for (size_t i = 0; i < 6; i++) {
		struct made_pdf p;
		struct flow_report r;
		card_buf_t file;

		if (i < 3)
			made_pdf_simple(&p, kinds[i]);
		else
			made_pdf_form(&p, kinds[i - 3]);
		file = sign(card_buf_bytes(&p.out));
		r = verify(card_buf_bytes(&file), FLOW_REQUIRE_PADES);
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

		made_pdf_form(&p, kinds[k]);
		file = sign(card_buf_bytes(&p.out));
		for (unsigned i = 0; i < 3; i++) {
			more = sign(card_buf_bytes(&file));
			card_buf_free(&file);
			file = more;
		}
		r = verify(card_buf_bytes(&file), 0);
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

static bool contains(const card_buf_t *b, const char *text)
{
	return memmem(b->p, b->n, text, strlen(text)) != NULL;
}

static void the_registry_form_is_as_it_must_be(void **state)
{
	struct made_pdf p;
	card_buf_t file = {0};
	struct flow_report r;

	(void)state;
	made_pdf_simple(&p, MADE_TABLE);
	assert_ok(try_sign(card_buf_bytes(&p.out), FLOW_PDF_TOUKI, &file));
	assert_true(contains(&file, "/Type /Sig "));
	assert_true(contains(&file, "/Filter /Adobe.PPKLite"));
	assert_true(contains(&file, "/SubFilter /adbe.pkcs7.detached"));
	assert_true(contains(&file, "/M (D:20260601090000+09'00')"));
	assert_true(contains(&file, "/Name <FEFF"));
	r = verify(card_buf_bytes(&file), 0);
	assert_int_equal(r.verdict, CARD_VERDICT_VALID);
	assert_int_equal(r.signatures[0].level, FLOW_LEVEL_PLAIN);
	flow_report_free(&r);
	r = verify(card_buf_bytes(&file), FLOW_REQUIRE_PADES);
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
		assert_int_equal(try_sign(card_buf_bytes(&p.out), FLOW_PDF_PADES, &out),
				 bad[i].want);
		card_buf_clear(&out);
		card_buf_free(&p.out);
	}
	made_pdf_start(&p);
	made_pdf_object(&p, 1, "<< /Type /Catalog /Pages 2 0 R /Perms << /DocMDP 4 0 R >> >>");
	made_pdf_object(&p, 2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
	made_pdf_object(&p, 3, "<< /Type /Page /Parent 2 0 R >>");
	made_pdf_object(&p, 4, "<< /Type /Sig /Reference [<< /TransformMethod /DocMDP "
			       "/TransformParams << /P 1 >> >>] >>");
	made_pdf_finish(&p, MADE_TABLE);
	assert_int_equal(try_sign(card_buf_bytes(&p.out), FLOW_PDF_PADES, &out), CARD_ERR_DENIED);
	card_buf_free(&out);
	card_buf_free(&p.out);
}

static void damaged_files_are_refused_without_harm(void **state)
{
	struct made_pdf p;

	(void)state;
	for (size_t k = 0; k < 3; k++) {
		made_pdf_form(&p, kinds[k]);
		for (size_t n = 0; n < p.out.n; n += 3) {
			card_buf_t out = {0};
			const enum card_error err =
				try_sign(card_bytes(p.out.p, n), FLOW_PDF_PADES, &out);

			/* Only the last line break may be missing. */
			assert_true(err != CARD_OK || n + 1 >= p.out.n);
			card_buf_free(&out);
		}
		for (size_t i = 0; i < p.out.n; i++) {
			card_buf_t out = {0};

			p.out.p[i] ^= 0x15;
			(void)try_sign(card_buf_bytes(&p.out), FLOW_PDF_PADES, &out);
			p.out.p[i] ^= 0x15;
			card_buf_free(&out);
		}
		card_buf_free(&p.out);
	}
}

/* ---- mutations ---- */

static void no_changed_byte_is_valid(void **state)
{
	const struct flow_verify how = made_verify(&person);
	struct made_pdf p;

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		card_buf_t file;
		const uint8_t *hole;
		size_t at;

		made_pdf_simple(&p, kinds[k]);
		file = sign(card_buf_bytes(&p.out));
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
	card_buf_t file = signed_simple();

	(void)state;
	assert_ok(card_buf_append_byte(&file, '\n'));
	assert_refused(card_buf_bytes(&file), FLOW_REASON_NOT_WHOLE_FILE);
	card_buf_free(&file);
}

/* ---- changes after signing ---- */

/* An update over a signed document: an object with a new body. */
static void assert_update_refused(const card_buf_t *file, unsigned number, const char *body,
				  enum made_xref kind, enum flow_reason want, int line)
{
	struct made_pdf p;

	made_pdf_continue(&p, card_buf_bytes(file), 20);
	made_pdf_object(&p, number, body);
	made_pdf_finish(&p, kind);
	assert_refused_at(card_buf_bytes(&p.out), want, line);
	card_buf_free(&p.out);
}
#define refused_update(f, n, b) \
	assert_update_refused(f, n, b, MADE_TABLE, FLOW_REASON_CHANGED_AFTER, __LINE__)

static void changed_content_is_found(void **state)
{
	card_buf_t file = signed_simple();

	(void)state;
	refused_update(&file, 3, "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] "
				 "/Contents 9 0 R /Resources << >> >>");
	refused_update(&file, 2, "<< /Type /Pages /Kids [3 0 R 3 0 R] /Count 2 >>");
	refused_update(&file, 1, "<< /Type /Catalog /Pages 2 0 R /OpenAction [3 0 R /Fit] "
				 "/AcroForm << /Fields [6 0 R] /SigFlags 3 >> >>");
	refused_update(&file, 4, "<< /Length 0 >>\nstream\n\nendstream");
	assert_update_refused(&file, 4, "<< /Length 0 >>\nstream\n\nendstream", MADE_STREAM,
			      FLOW_REASON_CHANGED_AFTER, __LINE__);
	card_buf_free(&file);
}

static void annotations_and_form_values_are_found(void **state)
{
	struct made_pdf p;
	card_buf_t file;

	(void)state;
	made_pdf_form(&p, MADE_TABLE);
	file = sign(card_buf_bytes(&p.out));
	refused_update(&file, 7, "[8 0 R 10 0 R << /Subtype /FreeText /Contents (Pay 900) >>]");
	refused_update(&file, 8, "<< /Type /Annot /Subtype /Widget /FT /Tx /T (Amount) /V (900) "
				 "/Rect [10 10 90 30] >>");
	refused_update(&file, 5, "<< /Fields [8 0 R 10 0 R] /SigFlags 3 /DA (/Helv 0 Tf) "
				 "/NeedAppearances true >>");
	refused_update(&file, 5, "<< /Fields [10 0 R] /SigFlags 3 /DA (/Helv 0 Tf) >>");
	card_buf_free(&file);
	card_buf_free(&p.out);
}

/* A page that names an object which comes only later: content prepared before signing. */
static void shadows_prepared_before_signing_are_found(void **state)
{
	struct made_pdf p, q;
	card_buf_t file;

	(void)state;
	made_pdf_start(&p);
	made_pdf_object(&p, 1, "<< /Type /Catalog /Pages 2 0 R >>");
	made_pdf_object(&p, 2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
	made_pdf_object(&p, 3, "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] "
			       "/Contents [4 0 R 15 0 R] /Resources << >> >>");
	made_pdf_stream(&p, 4, "", "BT (Pay 100 yen) Tj ET");
	made_pdf_finish(&p, MADE_TABLE);
	file = sign(card_buf_bytes(&p.out));
	made_pdf_continue(&q, card_buf_bytes(&file), 20);
	made_pdf_stream(&q, 15, "", "BT (Pay 900 yen) Tj ET");
	made_pdf_finish(&q, MADE_TABLE);
	assert_refused(card_buf_bytes(&q.out), FLOW_REASON_CHANGED_AFTER);
	card_buf_free(&q.out);
	card_buf_free(&file);
	card_buf_free(&p.out);

	/* Two contents in the signed file; only the table is changed to show the other. */
	for (unsigned own = 4; own <= 9; own += 5) {
		made_pdf_start(&p);
		made_pdf_stream(&p, own, "", "BT (Pay 900 yen) Tj ET");
		made_pdf_object(&p, 1, "<< /Type /Catalog /Pages 2 0 R >>");
		made_pdf_object(&p, 2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
		made_pdf_object(&p, 3, "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] "
				       "/Contents 4 0 R /Resources << >> >>");
		made_pdf_stream(&p, 4, "", "BT (Pay 100 yen) Tj ET");
		made_pdf_finish(&p, MADE_TABLE);
		file = sign(card_buf_bytes(&p.out));
		made_pdf_continue(&q, card_buf_bytes(&file), 20);
		made_pdf_finish_pointing(&q, 4, 15);
		assert_refused(card_buf_bytes(&q.out),
			       own == 4 ? FLOW_REASON_CHANGED_AFTER : FLOW_REASON_XREF);
		card_buf_free(&q.out);
		card_buf_free(&file);
		card_buf_free(&p.out);
	}
}

static void a_removed_signature_is_no_signature(void **state)
{
	card_buf_t file = signed_simple();
	struct made_pdf p;
	struct flow_report r;

	(void)state;
	made_pdf_continue(&p, card_buf_bytes(&file), 20);
	made_pdf_object(&p, 1, "<< /Type /Catalog /Pages 2 0 R >>");
	made_pdf_finish(&p, MADE_TABLE);
	r = verify(card_buf_bytes(&p.out), 0);
	assert_int_equal(r.verdict, CARD_VERDICT_INVALID);
	assert_int_equal(r.n, 0);
	assert_true(flow_reasons_have(&r.reasons, FLOW_REASON_UNREACHABLE));
	flow_report_free(&r);
	card_buf_free(&p.out);
	card_buf_free(&file);
}

static void a_second_signature_hides_no_change(void **state)
{
	card_buf_t file = signed_simple(), again;
	struct made_pdf p;
	struct flow_report r;

	(void)state;
	made_pdf_continue(&p, card_buf_bytes(&file), 20);
	made_pdf_stream(&p, 4, "", "BT (Pay 900 yen) Tj ET");
	made_pdf_finish(&p, MADE_TABLE);
	again = sign(card_buf_bytes(&p.out));
	r = verify(card_buf_bytes(&again), 0);
	assert_int_equal(r.n, 2);
	assert_int_equal(r.verdict, CARD_VERDICT_INVALID);
	assert_int_equal(r.signatures[0].verdict, CARD_VERDICT_INVALID);
	assert_int_equal(r.signatures[1].verdict, CARD_VERDICT_VALID);
	flow_report_free(&r);
	card_buf_free(&again);
	card_buf_free(&p.out);
	card_buf_free(&file);
}

/* ---- the signature dictionary ---- */

/* The signed file with some text of its update replaced by text of the same length. */
static void assert_edit_refused(const char *from, const char *to, enum flow_reason want, int line)
{
	card_buf_t file = signed_simple();
	uint8_t *at = memmem(file.p, file.n, from, strlen(from));

	assert_non_null(at);
	assert_int_equal(strlen(from), strlen(to));
	memcpy(at, to, strlen(to));
	assert_refused_at(card_buf_bytes(&file), want, line);
	card_buf_free(&file);
}
#define refused_edit(from, to, want) assert_edit_refused(from, to, want, __LINE__)

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

/* ByteRange and so on of a signature over the same bytes, put together by hand. */
static void hand_made_ranges_are_refused(void **state)
{
	static const char *const ranges[] = {
		"[0 20 10 5]",   /* overlaps */
		"[0 20 40]",     /* three numbers */
		"[0 20 40 99999999]", /* beyond the end */
		"[0 0 40 60]",   "[0 20 40 0]", "[0 -1 40 60]", "[0 20.0 40 60]", "(0 20 40 60)",
	};
	struct made_pdf p;

	(void)state;
	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
		char body[256];

		made_pdf_start(&p);
		made_pdf_object(&p, 1, "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [5 0 R] "
				       ">> >>");
		made_pdf_object(&p, 2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
		made_pdf_object(&p, 3, "<< /Type /Page /Parent 2 0 R >>");
		made_pdf_object(&p, 5, "<< /FT /Sig /T (S) /V 6 0 R >>");
		snprintf(body, sizeof body,
			 "<< /Type /Sig /SubFilter /ETSI.CAdES.detached /ByteRange %s /Contents "
			 "<00> >>", ranges[i]);
		made_pdf_object(&p, 6, body);
		made_pdf_finish(&p, MADE_TABLE);
		assert_refused(card_buf_bytes(&p.out), FLOW_REASON_BYTE_RANGE);
		card_buf_free(&p.out);
	}
}

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
		made_pdf_finish(&p, kinds[k]);
		file = sign(card_buf_bytes(&p.out));
		assert_refused(card_buf_bytes(&file), FLOW_REASON_DUPLICATE_OBJECT);
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
	assert_refused(card_buf_bytes(&p.out), FLOW_REASON_UNREACHABLE);
	card_buf_free(&p.out);
}

static void an_unsigned_file_is_not_valid(void **state)
{
	struct made_pdf p;

	(void)state;
	made_pdf_simple(&p, MADE_TABLE);
	assert_refused(card_buf_bytes(&p.out), FLOW_REASON_NOT_SIGNED);
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
	file = sign(card_buf_bytes(&p.out));
	r = verify(card_buf_bytes(&file), 0);
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
	assert_refused(card_buf_bytes(&p.out), FLOW_REASON_MALFORMED);
	card_buf_free(&p.out);

	made_pdf_start(&p);
	p.prev = p.out.n + 1;
	made_pdf_object(&p, 1, "<< >>");
	p.prev = p.out.n; /* itself */
	made_pdf_finish(&p, MADE_TABLE);
	assert_refused(card_buf_bytes(&p.out), FLOW_REASON_MALFORMED);
	card_buf_free(&p.out);

	assert_ok(card_buf_append(&deep, BYTES("%PDF-1.4\n1 0 obj\n")));
	for (unsigned i = 0; i < 100000; i++)
		assert_ok(card_buf_append_byte(&deep, '['));
	assert_ok(card_buf_append(&deep, BYTES("\nxref\n0 2\n0000000000 65535 f \n0000000009 "
					       "00000 n \ntrailer\n<< /Root 1 0 R /Size 2 "
					       ">>\nstartxref\n100018\n%%EOF\n")));
	assert_int_not_equal(made_verdict(&(struct flow_verify){.trust = person.trust},
					  card_buf_bytes(&deep), NULL), CARD_VERDICT_VALID);
	card_buf_free(&deep);
}

static int setup(void **state)
{
	(void)state;
	made_person(&person, MADE_SIGN, NULL);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	made_person_free(&person);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_structure_is_signed_and_valid),
		cmocka_unit_test(earlier_signatures_stay_valid),
		cmocka_unit_test(the_registry_form_is_as_it_must_be),
		cmocka_unit_test(what_cannot_be_signed_says_why),
		cmocka_unit_test(damaged_files_are_refused_without_harm),
		cmocka_unit_test(no_changed_byte_is_valid),
		cmocka_unit_test(bytes_after_the_end_are_not_valid),
		cmocka_unit_test(changed_content_is_found),
		cmocka_unit_test(annotations_and_form_values_are_found),
		cmocka_unit_test(shadows_prepared_before_signing_are_found),
		cmocka_unit_test(a_removed_signature_is_no_signature),
		cmocka_unit_test(a_second_signature_hides_no_change),
		cmocka_unit_test(ranges_and_contents_must_fit),
		cmocka_unit_test(hand_made_ranges_are_refused),
		cmocka_unit_test(one_object_twice_in_a_revision_is_found),
		cmocka_unit_test(an_unnamed_signature_is_reported),
		cmocka_unit_test(an_unsigned_file_is_not_valid),
		cmocka_unit_test(a_hundred_revisions_are_read),
		cmocka_unit_test(sections_in_a_circle_and_deep_nesting_end),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
