/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that a certified document stays valid through what its certification permits, and that
 * no change behind that cover, known attacks on certifications among them, is valid.
 */
#include <stdio.h>

#include "pdf_case.h"

#define HOLE_BYTES 6000

/* A form of text fields, certified at a level by a signature with a field of its own. 8: "Amount";
 * 9: "Name", whose appearance is 10; 11: the signature's field, 12 the signature; 13: an empty
 * field that the author placed. lock: more transforms of the signature. */
static card_buf_t certified(unsigned level, const char *lock)
{
	static char body[HOLE_BYTES * 2 + 1024];
	struct made_pdf p;
	size_t n;

	made_pdf_start(&p);
	snprintf(body, sizeof body, "<< /Type /Catalog /Pages 2 0 R /AcroForm 5 0 R %s >>",
		 level > 0 ? "/Perms << /DocMDP 12 0 R >>" : "");
	made_pdf_object(&p, 1, body);
	made_pdf_object(&p, 2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
	made_pdf_object(&p, 3,
			"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Contents 4 0 R "
			"/Resources << >> /Annots 7 0 R >>");
	made_pdf_stream(&p, 4, "", "BT (Pay 100 yen) Tj ET");
	made_pdf_object(&p, 5, "<< /Fields 6 0 R /SigFlags 3 /DA (/Helv 0 Tf) >>");
	made_pdf_object(&p, 6, "[8 0 R 9 0 R 11 0 R 13 0 R]");
	made_pdf_object(&p, 7, "[8 0 R 9 0 R 11 0 R 13 0 R]");
	made_pdf_object(&p, 8,
			"<< /Type /Annot /Subtype /Widget /FT /Tx /T (Amount) /V (100) /Rect "
			"[10 10 90 30] >>");
	made_pdf_object(&p, 9,
			"<< /Type /Annot /Subtype /Widget /FT /Tx /T (Name) /Rect [10 40 90 60] "
			"/AP << /N 10 0 R >> >>");
	made_pdf_stream(&p, 10, "/Type /XObject /Subtype /Form /BBox [0 0 80 20]", "/Tx BMC EMC");
	made_pdf_object(&p, 11,
			"<< /Type /Annot /Subtype /Widget /FT /Sig /T (Author) /V 12 0 R /Rect "
			"[0 0 0 0] /P 3 0 R >>");
	n = (size_t)snprintf(body, sizeof body,
			     "<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached "
			     "/Reference [");
	if (level > 0)
		n += (size_t)snprintf(
			body + n, sizeof body - n,
			"<< /Type /SigRef /TransformMethod /DocMDP /TransformParams << "
			"/Type /TransformParams /V /1.2 /P %u >> >>",
			level);
	n += (size_t)snprintf(body + n, sizeof body - n, "%s]\n/ByteRange [%40s]\n/Contents <",
			      lock, "");
	memset(body + n, '0', HOLE_BYTES * 2);
	memcpy(body + n + HOLE_BYTES * 2, "> >>", 5);
	made_pdf_long_object(&p, 12, body);
	made_pdf_object(&p, 13,
			"<< /Type /Annot /Subtype /Widget /FT /Sig /T (Reader) /Rect [100 10 200 "
			"60] /P 3 0 R >>");
	made_pdf_finish(&p, MADE_TABLE);
	pdf_fill_hole(&p.out);
	return p.out;
}

struct edit {
	unsigned number; /* 0: the end */
	const char *body;
	bool stream; /* body is the content of a stream */
};

/* The file with one more revision. */
static card_buf_t updated(const card_buf_t *file, const struct edit *edits)
{
	struct made_pdf p;

	made_pdf_continue(&p, card_buf_bytes(file), 20);
	for (; edits->number != 0; edits++) {
		if (edits->stream)
			made_pdf_stream(&p, edits->number,
					"/Type /XObject /Subtype /Form /BBox [0 0 80 20]",
					edits->body);
		else
			made_pdf_object(&p, edits->number, edits->body);
	}
	made_pdf_finish(&p, MADE_TABLE);
	return p.out;
}

static void assert_update(const card_buf_t *file, const struct edit *edits, unsigned later,
			  int line)
{
	card_buf_t more = updated(file, edits);
	struct flow_report r = pdf_verify(card_buf_bytes(&more), 0);

	if (r.verdict != CARD_VERDICT_VALID || r.signatures[0].later != later)
		fail_msg("line %d: %s, later %x, reasons %llx %llx", line,
			 card_verdict_name(r.verdict), r.signatures[0].later,
			 (unsigned long long)r.reasons.document,
			 (unsigned long long)r.signatures[0].reasons.document);
	flow_report_free(&r);
	card_buf_free(&more);
}

static void assert_no_update(const card_buf_t *file, const struct edit *edits,
			     enum flow_reason want, int line)
{
	card_buf_t more = updated(file, edits);

	pdf_assert_refused_at(card_buf_bytes(&more), want, line);
	card_buf_free(&more);
}

static const struct edit filled[] = {
	{8,
	 "<< /Type /Annot /Subtype /Widget /FT /Tx /T (Amount) /V (900) /Rect [10 10 90 30] /AP << "
	 "/N 14 0 R >> >>",
	 false},
	{14, "BT (900) Tj ET", true},
	{0}};
static const struct edit filled_over[] =
	{/* the appearance is written anew */
	 {9,
	  "<< /Type /Annot /Subtype /Widget /FT /Tx /T (Name) /V (A) /Rect [10 40 90 60] /AP << /N 10 "
	  "0 R >> >>",
	  false},
	 {10, "BT (A) Tj ET", true},
	 {0}};
static const struct edit evidence[] = {
	{1,
	 "<< /Type /Catalog /Pages 2 0 R /AcroForm 5 0 R /Perms << /DocMDP 12 0 R >> /DSS 14 0 R /"
	 "Extensions << /ADBE << /BaseVersion /1.7 /ExtensionLevel 5 >> >> >>",
	 false},
	{14, "<< /Type /DSS /Certs [15 0 R] >>", false},
	{15, "certificate", true},
	{0}};

static void a_certified_document_is_valid_at_every_level(void **state)
{
	(void)state;
	for (unsigned level = 0; level <= 3; level++) {
		card_buf_t file = certified(level, "");
		struct flow_report r = pdf_verify(card_buf_bytes(&file), FLOW_REQUIRE_PADES);

		assert_int_equal(r.verdict, CARD_VERDICT_VALID);
		assert_int_equal(r.signatures[0].certifies, level);
		assert_int_equal(r.signatures[0].later, 0);
		flow_report_free(&r);
		card_buf_free(&file);
	}
}

static void fields_are_filled_where_the_certification_permits_it(void **state)
{
	(void)state;
	for (unsigned level = 0; level <= 3; level++) {
		card_buf_t file = certified(level, "");

		if (level >= 2) {
			assert_update(&file, filled, FLOW_LATER_FORM, __LINE__);
			assert_update(&file, filled_over, FLOW_LATER_FORM, __LINE__);
		} else {
			assert_no_update(&file, filled, FLOW_REASON_CHANGED_AFTER, __LINE__);
			assert_no_update(&file, filled_over, FLOW_REASON_CHANGED_AFTER, __LINE__);
		}
		card_buf_free(&file);
	}
}

/* FieldMDP beside the certification, and in an ordinary signature. */
static void locked_fields_stay_as_they_are(void **state)
{
	static const struct {
		unsigned level;
		const char *lock;
		bool amount;
	} rows[] = {
		{2,
		 "<< /TransformMethod /FieldMDP /TransformParams << /Action /Include /Fields "
		 "[(Amount)] >> >>",
		 false},
		{2,
		 "<< /TransformMethod /FieldMDP /TransformParams << /Action /Include /Fields "
		 "[(Name)] >> >>",
		 true},
		{2, "<< /TransformMethod /FieldMDP /TransformParams << /Action /All >> >>", false},
		{0,
		 "<< /TransformMethod /FieldMDP /TransformParams << /Action /Exclude /Fields "
		 "[(Amount)] >> >>",
		 true},
		{0,
		 "<< /TransformMethod /FieldMDP /TransformParams << /Action /Include /Fields "
		 "[(Amount)] >> >>",
		 false},
		{0,
		 "<< /TransformMethod /FieldMDP /TransformParams << /Action /Exclude /Fields "
		 "[(Amount)] >> >> << /TransformMethod /DocMDP /TransformParams << /P 1 >> >>",
		 false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		card_buf_t file = certified(rows[i].level, rows[i].lock);

		if (rows[i].amount)
			assert_update(&file, filled, FLOW_LATER_FORM, __LINE__);
		else
			assert_no_update(&file, filled, FLOW_REASON_CHANGED_AFTER, __LINE__);
		card_buf_free(&file);
	}
}

static void evidence_may_come_at_every_level(void **state)
{
	static const struct edit more[] = {/* the second time the dictionary is written anew */
					   {14, "<< /Type /DSS /Certs [15 0 R 16 0 R] >>", false},
					   {16, "another", true},
					   {0}};

	(void)state;
	for (unsigned level = 1; level <= 3; level++) {
		card_buf_t file = certified(level, ""), once, again;

		assert_update(&file, evidence, FLOW_LATER_VALIDATION, __LINE__);
		if (level > 1) {
			once = updated(&file, evidence);
			again = pdf_sign(card_buf_bytes(&once));
			pdf_assert_valid(card_buf_bytes(&again), 2);
			assert_update(&again, more, FLOW_LATER_VALIDATION | FLOW_LATER_SIGNATURE,
				      __LINE__);
			card_buf_free(&again);
			card_buf_free(&once);
		}
		card_buf_free(&file);
	}
}

static void signatures_may_come_where_it_is_permitted(void **state)
{
	const struct flow_pdf_options field = {.field = "Reader"};
	const struct flow_pdf_visible place = {
		.page = 1, .placed = true, .width = 30, .height = 12};
	const struct flow_pdf_options visible = {.visible = &place};

	(void)state;
	for (unsigned level = 0; level <= 3; level++) {
		card_buf_t file = certified(level, ""), out = {0};
		struct flow_report r;

		assert_int_equal(pdf_try_sign_with(card_buf_bytes(&file), &field, &out),
				 level == 1 ? CARD_ERR_DENIED : CARD_OK);
		if (level != 1) {
			r = pdf_verify(card_buf_bytes(&out), 0);
			assert_int_equal(r.verdict, CARD_VERDICT_VALID);
			assert_int_equal(r.signatures[0].later,
					 FLOW_LATER_SIGNATURE | FLOW_LATER_VISIBLE);
			flow_report_free(&r);
		}
		card_buf_clear(&out);
		/* a place of one's own would break the certification */
		assert_int_equal(pdf_try_sign_with(card_buf_bytes(&file), &visible, &out),
				 level == 0 ? CARD_OK : CARD_ERR_DENIED);
		card_buf_free(&out);
		card_buf_free(&file);
	}
}

/* ---- attacks ---- */

/* Annotations that cover what was certified, of every kind that draws; at each level. */
static void annotations_are_no_permitted_change(void **state)
{
	static const char *const kinds[] = {"FreeText", "Stamp",     "Redact",        "Highlight",
					    "Square",   "Ink",       "Link",          "Text",
					    "Popup",    "Watermark", "FileAttachment"};

	(void)state;
	for (unsigned level = 1; level <= 3; level++) {
		card_buf_t file = certified(level, "");

		for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
			char body[256];
			const struct edit edits[] = {
				{7, "[8 0 R 9 0 R 11 0 R 13 0 R 14 0 R]", false},
				{14, body, false},
				{15, "BT (Pay 900 yen) Tj ET", true},
				{0}};

			snprintf(
				body, sizeof body,
				"<< /Type /Annot /Subtype /%s /Rect [0 0 300 300] /Contents (Pay 900 "
				"yen) /AP << /N 15 0 R >> >>",
				kinds[i]);
			assert_no_update(&file, edits, FLOW_REASON_CHANGED_AFTER, __LINE__);
		}
		card_buf_free(&file);
	}
}

/* A signature field that draws over the page: with no signature, or with one. */
static void a_signature_field_covers_nothing(void **state)
{
	static const struct edit empty[] = {
		{6, "[8 0 R 9 0 R 11 0 R 13 0 R 14 0 R]", false},
		{7, "[8 0 R 9 0 R 11 0 R 13 0 R 14 0 R]", false},
		{14,
		 "<< /Type /Annot /Subtype /Widget /FT /Sig /T (Cover) /Rect [0 0 300 300] /P 3 0 R /AP "
		 "<< /N 15 0 R >> >>",
		 false},
		{15, "BT (Pay 900 yen) Tj ET", true},
		{0}};
	static const struct edit background[] = {
		/* drawn by the reader itself */
		{6, "[8 0 R 9 0 R 11 0 R 13 0 R 14 0 R]", false},
		{7, "[8 0 R 9 0 R 11 0 R 13 0 R 14 0 R]", false},
		{14,
		 "<< /Type /Annot /Subtype /Widget /FT /Sig /T (Cover) /Rect [0 0 300 300] /P 3 0 R /MK "
		 "<< /BG [1 1 1] >> >>",
		 false},
		{0}};
	static const struct edit prepared[] = {
		/* the author's field, moved */
		{13,
		 "<< /Type /Annot /Subtype /Widget /FT /Sig /T (Reader) /Rect [0 0 300 300] /P 3 0 R /V "
		 "16 0 R >>",
		 false},
		{16, "<< /Type /Sig >>", false},
		{0}};
	static const struct edit page[] = {
		/* a page that looks like a field */
		{2, "<< /Type /Pages /Kids [3 0 R 14 0 R] /Count 2 >>", false},
		{14, "<< /Type /Page /FT /Sig /T (Cover) /Rect [0 0 0 0] >>", false},
		{0}};

	(void)state;
	for (unsigned level = 0; level <= 3; level++) {
		card_buf_t file = certified(level, "");

		assert_no_update(&file, empty, FLOW_REASON_CHANGED_AFTER, __LINE__);
		assert_no_update(&file, background, FLOW_REASON_CHANGED_AFTER, __LINE__);
		assert_no_update(&file, prepared, FLOW_REASON_CHANGED_AFTER, __LINE__);
		assert_no_update(&file, page, FLOW_REASON_CHANGED_AFTER, __LINE__);
		card_buf_free(&file);
	}
}

/* The same with a signature of a trusted person: made as if the document were not certified. */
static void a_signed_field_covers_nothing_on_a_certified_page(void **state)
{
	static char body[HOLE_BYTES * 2 + 512];
	size_t n;

	(void)state;
	n = (size_t)snprintf(body, sizeof body,
			     "<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter "
			     "/ETSI.CAdES.detached /ByteRange [%40s]\n/Contents <",
			     "");
	memset(body + n, '0', HOLE_BYTES * 2);
	memcpy(body + n + HOLE_BYTES * 2, "> >>", 5);
	for (unsigned level = 1; level <= 3; level++) {
		card_buf_t file = certified(level, "");
		struct made_pdf p;
		made_pdf_continue(&p, card_buf_bytes(&file), 20);
		made_pdf_object(&p, 6, "[8 0 R 9 0 R 11 0 R 13 0 R 14 0 R]");
		made_pdf_object(&p, 7, "[8 0 R 9 0 R 11 0 R 13 0 R 14 0 R]");
		made_pdf_object(
			&p, 14,
			"<< /Type /Annot /Subtype /Widget /FT /Sig /T (Cover) /Rect [0 0 300 "
			"300] /P 3 0 R /V 16 0 R /AP << /N 15 0 R >> >>");
		made_pdf_stream(&p, 15, "/Type /XObject /Subtype /Form /BBox [0 0 80 20]",
				"BT (Pay 900 yen) Tj ET");
		made_pdf_long_object(&p, 16, body);
		made_pdf_finish(&p, MADE_TABLE);
		pdf_fill_hole_behind(&p.out, file.n);
		card_buf_free(&file);
		pdf_assert_refused(card_buf_bytes(&p.out), FLOW_REASON_NOT_PERMITTED);
		card_buf_free(&p.out);
	}
}

/* Under the cover of filling a field. */
static void filling_is_no_cover(void **state)
{
	static const struct edit rows[][3] = {
		/* the field moves, changes its kind, loses its name, gets an action */
		{{8,
		  "<< /Type /Annot /Subtype /Widget /FT /Tx /T (Amount) /V (9) /Rect [0 0 300 300] >>",
		  false},
		 {0}},
		{{8,
		  "<< /Type /Annot /Subtype /FreeText /FT /Tx /T (Amount) /V (9) /Rect [10 10 90 30] >>",
		  false},
		 {0}},
		{{8,
		  "<< /Type /Annot /Subtype /Widget /FT /Tx /T (Total) /V (9) /Rect [10 10 90 30] >>",
		  false},
		 {0}},
		{{8,
		  "<< /Type /Annot /Subtype /Widget /FT /Tx /T (Amount) /V (9) /Rect [10 10 90 30] /A << "
		  "/S /JavaScript /JS (x) >> >>",
		  false},
		 {0}},
		/* the page's content, its resources, its fonts */
		{{4, "BT (Pay 900 yen) Tj ET", true}, {0}},
		{{3,
		  "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Contents 4 0 R /Resources << "
		  "/Font << >> >> /Annots 7 0 R >>",
		  false},
		 {0}},
		/* a new text field */
		{{6, "[8 0 R 9 0 R 11 0 R 13 0 R 14 0 R]", false},
		 {14, "<< /FT /Tx /T (More) /V (9) >>", false},
		 {0}},
		/* a field that is gone */
		{{6, "[9 0 R 11 0 R 13 0 R]", false}, {0}},
		/* what the form shows where no appearance is */
		{{5, "<< /Fields 6 0 R /SigFlags 3 /DA (/Evil 0 Tf) >>", false}, {0}},
		{{5, "<< /Fields 6 0 R /SigFlags 3 /DA (/Helv 0 Tf) /XFA (x) >>", false}, {0}},
		/* the certification itself */
		{{1, "<< /Type /Catalog /Pages 2 0 R /AcroForm 5 0 R >>", false}, {0}},
		{{1,
		  "<< /Type /Catalog /Pages 2 0 R /AcroForm 5 0 R /Perms << /DocMDP 12 0 R >> /OpenAction "
		  "[3 0 R /Fit] >>",
		  false},
		 {0}},
		{{1,
		  "<< /Type /Catalog /Pages 2 0 R /AcroForm 5 0 R /Perms << /DocMDP 12 0 R >> /Names << "
		  "/JavaScript << /Names [(x) << /S /JavaScript /JS (x) >>] >> >> >>",
		  false},
		 {0}},
	};

	(void)state;
	for (unsigned level = 2; level <= 3; level++) {
		card_buf_t file = certified(level, "");

		for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
			assert_no_update(&file, rows[i], FLOW_REASON_CHANGED_AFTER, (int)i);
		card_buf_free(&file);
	}
}

/* Objects of the page made to look, before signing, like what may be written anew later. */
static void owned_objects_belong_to_no_one_else(void **state)
{
	static const struct {
		const char *extra, *field, *body;
		unsigned number;
		bool stream;
	} rows[] = {
		/* the page's content is also what a field shows */
		{"", "/AP << /N 4 0 R >>", "BT (Pay 900 yen) Tj ET", 4, true},
		/* the page is what a field shows */
		{"", "/AP 3 0 R",
		 "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Annots 7 0 R >>", 3, false},
		/* everything is validation data */
		{"/DSS << /Certs [1 0 R 2 0 R 3 0 R 5 0 R 6 0 R 7 0 R 8 0 R] >>", "",
		 "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Annots 7 0 R >>", 3, false},
		{"/DSS << /Certs [2 0 R] >>", "", "<< /Type /Pages /Kids [] /Count 0 >>", 2, false},
		{"/DSS 2 0 R", "", "<< /Type /Pages /Kids [] /Count 0 >>", 2, false},
		/* the content is metadata */
		{"/Metadata 4 0 R", "", "BT (Pay 900 yen) Tj ET", 4, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		static char body[HOLE_BYTES * 2 + 1024];
		const struct edit edits[] = {{rows[i].number, rows[i].body, rows[i].stream}, {0}};
		struct made_pdf p;
		size_t n;

		made_pdf_start(&p);
		snprintf(body, sizeof body,
			 "<< /Type /Catalog /Pages 2 0 R /AcroForm 5 0 R /Perms << "
			 "/DocMDP 12 0 R >> %s >>",
			 rows[i].extra);
		made_pdf_object(&p, 1, body);
		made_pdf_object(&p, 2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
		made_pdf_object(
			&p, 3,
			"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Contents 4 0 R "
			"/Resources << >> /Annots 7 0 R >>");
		made_pdf_stream(&p, 4, "/Type /Metadata /Subtype /XML", "BT (Pay 100 yen) Tj ET");
		made_pdf_object(&p, 5, "<< /Fields [8 0 R 11 0 R] /SigFlags 3 >>");
		made_pdf_object(&p, 7, "[8 0 R 11 0 R]");
		snprintf(body, sizeof body,
			 "<< /Type /Annot /Subtype /Widget /FT /Tx /T (A) /Rect [0 0 9 9] "
			 "%s >>",
			 rows[i].field);
		made_pdf_object(&p, 8, body);
		made_pdf_object(&p, 11, "<< /FT /Sig /T (Author) /V 12 0 R >>");
		n = (size_t)snprintf(
			body, sizeof body,
			"<< /Type /Sig /SubFilter /ETSI.CAdES.detached /Reference [<< "
			"/TransformMethod /DocMDP /TransformParams << /P 2 >> >>] /ByteRange "
			"[%40s]\n/Contents <",
			"");
		memset(body + n, '0', HOLE_BYTES * 2);
		memcpy(body + n + HOLE_BYTES * 2, "> >>", 5);
		made_pdf_long_object(&p, 12, body);
		made_pdf_finish(&p, MADE_TABLE);
		pdf_fill_hole(&p.out);
		pdf_assert_valid(card_buf_bytes(&p.out), 1);
		if (rows[i].stream && *rows[i].extra != '\0') {
			card_buf_t more;
			struct made_pdf q;

			made_pdf_continue(&q, card_buf_bytes(&p.out), 20);
			made_pdf_stream(&q, 4, "/Type /Metadata /Subtype /XML", rows[i].body);
			made_pdf_finish(&q, MADE_TABLE);
			more = q.out;
			pdf_assert_refused(card_buf_bytes(&more), FLOW_REASON_CHANGED_AFTER);
			card_buf_free(&more);
		} else {
			assert_no_update(&p.out, edits, FLOW_REASON_CHANGED_AFTER, (int)i);
		}
		card_buf_free(&p.out);
	}
}

/* Behind a permitted revision nothing may hang. */
static void bytes_after_a_permitted_revision_are_not_valid(void **state)
{
	card_buf_t file = certified(2, ""), more = updated(&file, filled);

	(void)state;
	pdf_assert_valid(card_buf_bytes(&more), 1);
	assert_ok(card_buf_append(&more, BYTES("\n% more\n")));
	pdf_assert_refused(card_buf_bytes(&more), FLOW_REASON_NOT_WHOLE_FILE);
	card_buf_free(&more);
	card_buf_free(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_certified_document_is_valid_at_every_level),
		cmocka_unit_test(fields_are_filled_where_the_certification_permits_it),
		cmocka_unit_test(locked_fields_stay_as_they_are),
		cmocka_unit_test(evidence_may_come_at_every_level),
		cmocka_unit_test(signatures_may_come_where_it_is_permitted),
		cmocka_unit_test(annotations_are_no_permitted_change),
		cmocka_unit_test(a_signature_field_covers_nothing),
		cmocka_unit_test(a_signed_field_covers_nothing_on_a_certified_page),
		cmocka_unit_test(filling_is_no_cover),
		cmocka_unit_test(owned_objects_belong_to_no_one_else),
		cmocka_unit_test(bytes_after_a_permitted_revision_are_not_valid),
	};
	return cmocka_run_group_tests(tests, pdf_case_setup, pdf_case_teardown);
}
