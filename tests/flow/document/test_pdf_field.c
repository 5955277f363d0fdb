/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that an empty signature field is filled where it is, and not against what an earlier
 * signature or the field itself asks for.
 */
#include <stdio.h>
#include <stdlib.h>

#include "pdf_case.h"

/* A form with fields: 6 the field that is tried, whose dictionary gets `more`; 7 a field below a
 * node, with a widget of its own; `signed_field` is what field 10 is. */
static struct made_pdf form_with(const char *more, const char *other, enum made_xref kind)
{
	struct made_pdf p;
	char body[1024];

	made_pdf_start(&p);
	made_pdf_object(&p, 1, "<< /Type /Catalog /Pages 2 0 R /AcroForm 5 0 R >>");
	made_pdf_object(&p, 2, "<< /Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 595 842] >>");
	made_pdf_object(&p, 3,
			"<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << >> /Annots "
			"[6 0 R 9 0 R 10 0 R] >>");
	made_pdf_stream(&p, 4, "", "BT (Pay 100 yen) Tj ET");
	made_pdf_object(&p, 5, "<< /Fields [6 0 R 7 0 R 10 0 R] /DA (/Helv 0 Tf) >>");
	snprintf(body, sizeof body,
		 "<< /Type /Annot /Subtype /Widget /FT /Sig /T (Buyer) /Rect [50 50 250 120] /F 4 "
		 "/P 3 0 R %s >>",
		 more);
	made_pdf_object(&p, 6, body);
	made_pdf_object(&p, 7, "<< /T (office) /FT /Sig /Kids [8 0 R] >>");
	made_pdf_object(&p, 8, "<< /T (seal) /Parent 7 0 R /Kids [9 0 R] >>");
	made_pdf_object(&p, 9,
			"<< /Type /Annot /Subtype /Widget /Parent 8 0 R /Rect [300 50 500 120] "
			"/P 3 0 R >>");
	snprintf(
		body, sizeof body,
		"<< /Type /Annot /Subtype /Widget /FT /Sig /T (Seller) /Rect [0 0 0 0] /P 3 0 R %s >>",
		other);
	made_pdf_object(&p, 10, body);
	made_pdf_finish(&p, kind);
	return p;
}

static enum card_error fill(struct card_bytes in, const char *field, const char *reason,
			    struct flow_pdf_fault *fault, card_buf_t *out)
{
	const struct flow_pdf_options opt = {.field = field, .reason = reason, .fault = fault};

	return pdf_try_sign_with(in, &opt, out);
}

static void every_field_is_filled_where_it_is(void **state)
{
	static const char *const names[] = {"Buyer", "office.seal", "Seller"};

	(void)state;
	for (size_t k = 0; k < 3; k++) {
		struct made_pdf p = form_with("", "", pdf_kinds[k]);
		card_buf_t file = {0};
		struct flow_report r;

		assert_ok(card_buf_append(&file, card_buf_bytes(&p.out)));
		for (size_t i = 0; i < 3; i++) {
			card_buf_t next = {0};

			assert_ok(fill(card_buf_bytes(&file), names[i], NULL, NULL, &next));
			card_buf_free(&file);
			file = next;
			pdf_assert_valid(card_buf_bytes(&file), i + 1);
		}
		r = pdf_verify(card_buf_bytes(&file), FLOW_REQUIRE_PADES);
		for (size_t i = 0; i < 3; i++)
			assert_string_equal(r.signatures[i].field, names[i]);
		flow_report_free(&r);
		card_buf_free(&file);
		card_buf_free(&p.out);
	}
}

static void a_field_is_shown_unless_it_is_to_be_blank(void **state)
{
	struct flow_pdf_options opt = {.field = "Buyer"};
	struct made_pdf p = form_with("", "", MADE_TABLE);
	card_buf_t shown, blank;

	(void)state;
	shown = pdf_sign_with(card_buf_bytes(&p.out), &opt);
	opt.blank = true;
	blank = pdf_sign_with(card_buf_bytes(&p.out), &opt);
	assert_true(pdf_contains(&shown, "/AP << /N "));
	assert_true(pdf_contains(&shown, "/BBox [0 0 200.000 70.000]"));
	assert_false(pdf_contains(&blank, "/AP"));
	pdf_assert_valid(card_buf_bytes(&blank), 1);
	card_buf_free(&shown);
	card_buf_free(&blank);
	card_buf_free(&p.out);
}

static void fields_are_listed(void **state)
{
	struct made_pdf p = form_with("", "/Ff 1", MADE_TABLE);
	struct flow_pdf_field *fields;
	flow_file_t *f = NULL;
	card_buf_t file = {0};
	size_t n;

	(void)state;
	assert_ok(fill(card_buf_bytes(&p.out), "Buyer", NULL, NULL, &file));
	assert_ok(flow_file_of_memory(&f, card_buf_bytes(&file)));
	assert_ok(flow_pdf_fields(f, &fields, &n));
	assert_int_equal(n, 3);
	assert_string_equal(fields[0].name, "Buyer");
	assert_true(fields[0].filled && fields[0].page == 1);
	assert_true(fields[0].width > 70.5 && fields[0].width < 70.6);
	assert_string_equal(fields[1].name, "office.seal");
	assert_true(!fields[1].filled && !fields[1].locked && fields[1].page == 1);
	assert_string_equal(fields[2].name, "Seller");
	assert_true(!fields[2].filled && fields[2].locked);
	free(fields);
	flow_file_free(&f);
	card_buf_free(&file);
	card_buf_free(&p.out);
}

static void assert_refusal(const struct made_pdf *p, const char *field, const char *reason,
			   enum flow_pdf_refusal why, const char *detail)
{
	struct flow_pdf_fault fault = {.why = FLOW_PDF_FINE}, checked;
	const struct flow_pdf_options opt = {.field = field, .reason = reason};
	const unsigned signs = pdf_person.signs;
	flow_file_t *f = NULL;
	card_buf_t out = {0};
	const enum card_error err = fill(card_buf_bytes(&p->out), field, reason, &fault, &out);

	assert_int_equal(fault.why, why);
	assert_string_equal(fault.detail, detail);
	assert_int_equal(err == CARD_OK, why == FLOW_PDF_FINE);
	assert_int_equal(pdf_person.signs - signs, why == FLOW_PDF_FINE ? 1 : 0);
	assert_ok(flow_file_of_memory(&f, card_buf_bytes(&p->out)));
	assert_ok(flow_pdf_check(f, &opt, &checked));
	if (strcmp(detail, "TimeStamp") != 0) /* depends on the signer */
		assert_int_equal(checked.why, why);
	flow_file_free(&f);
	card_buf_free(&out);
}

static void what_the_field_requires_is_done_or_refused(void **state)
{
	static const struct {
		const char *seed, *reason, *detail;
	} rows[] = {
		{"/Filter /Adobe.PPKLite /Ff 1", NULL, ""},
		{"/Filter /Adobe.PPKMS /Ff 1", NULL, "Filter"},
		{"/Filter /Adobe.PPKMS /Ff 0", NULL, ""},
		{"/SubFilter [/adbe.pkcs7.detached /ETSI.CAdES.detached] /Ff 2", NULL, ""},
		{"/SubFilter [/adbe.pkcs7.detached] /Ff 2", NULL, "SubFilter"},
		{"/SubFilter [/adbe.pkcs7.detached]", NULL, ""},
		{"/V 2 /Ff 4", NULL, ""},
		{"/V 4 /Ff 4", NULL, "V"},
		{"/Reasons [(yes) (no)] /Ff 8", "yes", ""},
		{"/Reasons [(yes) (no)] /Ff 8", "perhaps", "Reasons"},
		{"/Reasons [(yes) (no)] /Ff 8", NULL, "Reasons"},
		{"/Reasons [(.)] /Ff 8", "yes", "Reasons"},
		{"/Reasons [(.)] /Ff 8", NULL, ""},
		{"/Reasons [(yes)]", "perhaps", ""},
		{"/LegalAttestation [(a)] /Ff 16", NULL, "LegalAttestation"},
		{"/AddRevInfo true /Ff 32", NULL, "AddRevInfo"},
		{"/AddRevInfo false /Ff 32", NULL, ""},
		{"/DigestMethod [(SHA1) (SHA256)] /Ff 64", NULL, ""},
		{"/DigestMethod [(SHA512)] /Ff 64", NULL, "DigestMethod"},
		{"/LockDocument /true /Ff 128", NULL, "LockDocument"},
		{"/AppearanceFilter (Seal) /Ff 256", NULL, "AppearanceFilter"},
		{"/MDP << /P 0 >>", NULL, ""},
		{"/MDP << /P 2 >>", NULL, "MDP"},
		{"/TimeStamp << /URL (http://tsa.invalid/) /Ff 1 >>", NULL, "TimeStamp"},
		{"/TimeStamp << /URL (http://tsa.invalid/) /Ff 0 >>", NULL, ""},
		{"/Cert << /Issuer [<00>] /Ff 2 >>", NULL, "Cert"},
		{"/Cert << /Issuer [<00>] /Ff 0 >>", NULL, ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char more[256];
		struct made_pdf p;

		snprintf(more, sizeof more, "/SV << /Type /SV %s >>", rows[i].seed);
		p = form_with(more, "", MADE_TABLE);
		assert_refusal(&p, "Buyer", rows[i].reason,
			       *rows[i].detail != '\0' ? FLOW_PDF_SEED : FLOW_PDF_FINE,
			       rows[i].detail);
		card_buf_free(&p.out);
	}
}

static void fields_that_are_not_free_are_refused(void **state)
{
	static const struct {
		const char *more, *other, *field;
		enum flow_pdf_refusal why;
	} rows[] = {
		{"", "", "Nobody", FLOW_PDF_NO_FIELD},
		{"", "", "office", FLOW_PDF_NO_FIELD}, /* a node, not a field */
		{"/V << /Type /Sig >>", "", "Buyer", FLOW_PDF_FILLED},
		{"/Ff 1", "", "Buyer", FLOW_PDF_LOCKED},
		/* the seller's signature locks fields */
		{"",
		 "/V << /Reference [<< /TransformMethod /FieldMDP /TransformParams << /Action "
		 "/All >> >>] >>",
		 "Buyer", FLOW_PDF_LOCKED},
		{"",
		 "/V << /Reference [<< /TransformMethod /FieldMDP /TransformParams << /Action "
		 "/Include /Fields [(Buyer)] >> >>] >>",
		 "Buyer", FLOW_PDF_LOCKED},
		{"",
		 "/V << /Reference [<< /TransformMethod /FieldMDP /TransformParams << /Action "
		 "/Include /Fields [(Amount)] >> >>] >>",
		 "Buyer", FLOW_PDF_FINE},
		{"",
		 "/V << /Reference [<< /TransformMethod /FieldMDP /TransformParams << /Action "
		 "/Include /Fields [(office)] >> >>] >>",
		 "office.seal", FLOW_PDF_LOCKED},
		{"",
		 "/V << /Reference [<< /TransformMethod /FieldMDP /TransformParams << /Action "
		 "/Exclude /Fields [(Buyer)] >> >>] >>",
		 "Buyer", FLOW_PDF_FINE},
		{"",
		 "/V << /Reference [<< /TransformMethod /FieldMDP /TransformParams << /Action "
		 "/Exclude /Fields [(Buyer)] >> >>] >>",
		 "office.seal", FLOW_PDF_LOCKED},
		/* or the whole document */
		{"",
		 "/V << /Reference [<< /TransformMethod /DocMDP /TransformParams << /P 1 >> >>] >>",
		 "Buyer", FLOW_PDF_CERTIFIED},
		{"",
		 "/V << /Reference [<< /TransformMethod /DocMDP /TransformParams << /P 2 >> >>] >>",
		 "Buyer", FLOW_PDF_FINE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct made_pdf p = form_with(rows[i].more, rows[i].other, MADE_TABLE);

		assert_refusal(&p, rows[i].field, NULL, rows[i].why, "");
		card_buf_free(&p.out);
	}
}

/* What /Lock asks for becomes part of the signature, and binds whoever comes next. */
static void a_lock_is_kept(void **state)
{
	static const struct {
		const char *lock, *next;
		enum flow_pdf_refusal why;
	} rows[] = {
		{"<< /Type /SigFieldLock /Action /Include /Fields [(office.seal)] >>",
		 "office.seal", FLOW_PDF_LOCKED},
		{"<< /Type /SigFieldLock /Action /Include /Fields [(office.seal)] >>", "Seller",
		 FLOW_PDF_FINE},
		{"<< /Type /SigFieldLock /Action /All >>", "Seller", FLOW_PDF_LOCKED},
		{"<< /Type /SigFieldLock /Action /Exclude /Fields [(Seller)] /P 1 >>", "Seller",
		 FLOW_PDF_CERTIFIED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char more[256];
		struct flow_pdf_fault fault = {.why = FLOW_PDF_FINE};
		struct made_pdf p;
		card_buf_t file = {0}, next = {0};

		snprintf(more, sizeof more, "/Lock %s", rows[i].lock);
		p = form_with(more, "", MADE_TABLE);
		assert_ok(fill(card_buf_bytes(&p.out), "Buyer", NULL, NULL, &file));
		assert_true(pdf_contains(&file, "/TransformMethod /FieldMDP"));
		pdf_assert_valid(card_buf_bytes(&file), 1);
		(void)fill(card_buf_bytes(&file), rows[i].next, NULL, &fault, &next);
		assert_int_equal(fault.why, rows[i].why);
		if (rows[i].why == FLOW_PDF_FINE)
			pdf_assert_valid(card_buf_bytes(&next), 2);
		card_buf_free(&file);
		card_buf_free(&next);
		card_buf_free(&p.out);
	}
}

/* A municipality's key: any function that signs, with the certificates above it. */
static void a_chain_goes_into_the_signature(void **state)
{
	struct flow_signer s = made_signer(&pdf_person);
	const card_cert_t *chain[] = {card_trust_anchor(pdf_person.trust, 0)};
	const struct flow_pdf_options opt = {.name = "清瀬市長",
					     .visible = &(struct flow_pdf_visible){.page = 1}};
	struct made_pdf p = form_with("", "", MADE_TABLE);
	struct card_bytes above = card_cert_der(chain[0]);
	card_buf_t file = {0};
	flow_file_t *f = NULL;
	char *hex;

	(void)state;
	s.chain = chain;
	s.n_chain = 1;
	assert_ok(flow_file_of_memory(&f, card_buf_bytes(&p.out)));
	assert_ok(card_buf_append(&file, card_buf_bytes(&p.out)));
	assert_ok(flow_pdf_sign(f, &opt, &s, &file));
	hex = calloc(1, above.n * 2 + 1);
	assert_non_null(hex);
	for (size_t i = 0; i < above.n; i++)
		snprintf(hex + 2 * i, 3, "%02x", above.p[i]);
	assert_true(pdf_contains(&file, hex));
	pdf_assert_valid(card_buf_bytes(&file), 1);
	free(hex);
	flow_file_free(&f);
	card_buf_free(&file);
	card_buf_free(&p.out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_is_filled_where_it_is),
		cmocka_unit_test(a_field_is_shown_unless_it_is_to_be_blank),
		cmocka_unit_test(fields_are_listed),
		cmocka_unit_test(what_the_field_requires_is_done_or_refused),
		cmocka_unit_test(fields_that_are_not_free_are_refused),
		cmocka_unit_test(a_lock_is_kept),
		cmocka_unit_test(a_chain_goes_into_the_signature),
	};
	return cmocka_run_group_tests(tests, pdf_case_setup, pdf_case_teardown);
}
