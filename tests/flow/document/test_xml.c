/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that XML is signed in each form and verified, that no change of what it says stays
 * valid, and that the known ways to wrap, redirect or inflate a signed document are refused.
 */
#include <stdio.h>
#include <stdlib.h>

#include <libxml/parser.h>

#include "made_document.h"
#include "made_xml.h"
#include "test.h"

#include "../../../libcard/flow/document/xml.h"

static struct made_person person;

static const char egov[] =
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	"<DataRoot xmlns=\"http://example.jp/form\">\n"
	"  <構成情報 ID=\"構成情報\"><申請 種別='届出'>甲&amp;乙</申請><金額>100</金額></構成情報>\n"
	"</DataRoot>\n";
static const char plain[] = "<a xmlns:x=\"urn:x\"><b x:k=\"1\">text</b><c/></a>";

static enum card_error try_sign(struct card_bytes in, const struct flow_xml_options *opt,
				card_buf_t *out)
{
	const struct flow_signer s = made_signer(&person);
	flow_file_t *f = NULL;
	enum card_error err;

	assert_ok(flow_file_of_memory(&f, in));
	err = flow_xml_sign(f, opt, &s, out);
	flow_file_free(&f);
	return err;
}

static card_buf_t sign(const char *text, const struct flow_xml_options *opt)
{
	card_buf_t out = {0};

	assert_ok(try_sign(card_bytes(text, strlen(text)), opt, &out));
	return out;
}

static enum card_verdict verdict(struct card_bytes file)
{
	const struct flow_verify how = made_verify(&person);

	return made_verdict(&how, file, NULL);
}

static void assert_refused_at(struct card_bytes file, enum flow_reason want, int line)
{
	const struct flow_verify how = made_verify(&person);
	struct flow_report r;
	bool found;

	made_verify_bytes(&how, file, NULL, &r);
	found = flow_reasons_have(&r.reasons, want);
	for (size_t i = 0; i < r.n; i++)
		found = found || flow_reasons_have(&r.signatures[i].reasons, want);
	if (!found || r.verdict == CARD_VERDICT_VALID)
		fail_msg("line %d: %s is missing: %s, %llx", line, flow_reason_code(want),
			 card_verdict_name(r.verdict),
			 (unsigned long long)(r.n > 0 ? r.signatures[0].reasons.document
						      : r.reasons.document));
	flow_report_free(&r);
}

/* The signed text with one piece replaced by another. */
static card_buf_t edited(const card_buf_t *file, const char *from, const char *to)
{
	const uint8_t *at = memmem(file->p, file->n, from, strlen(from));
	card_buf_t out = {0};
	size_t before;

	if (at == NULL)
		fail_msg("\"%s\" is not in the document", from);
	before = (size_t)(at - file->p);
	assert_ok(card_buf_append(&out, card_bytes(file->p, before)));
	assert_ok(card_buf_append(&out, card_bytes(to, strlen(to))));
	before += strlen(from);
	assert_ok(card_buf_append(&out, card_bytes(file->p + before, file->n - before)));
	return out;
}

static void refused_edit_at(const card_buf_t *file, const char *from, const char *to,
			    enum flow_reason want, int line)
{
	card_buf_t e = edited(file, from, to);

	assert_refused_at(card_buf_bytes(&e), want, line);
	card_buf_free(&e);
}
#define refused_edit(f, a, b, want) refused_edit_at(f, a, b, want, __LINE__)

/* ---- tests ---- */

static const char *const form_id[] = {"構成情報"};

static void each_form_is_valid(void **state)
{
	const struct flow_xml_options forms[] = {
		{.plain = true},
		{.exclusive = true},
		{.enveloping = true},
		{.enveloping = true, .exclusive = true, .plain = true},
		{.ids = form_id, .n_ids = 1},
		{.ids = form_id, .n_ids = 1, .exclusive = true, .plain = true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		struct flow_verify how = made_verify(&person);
		struct flow_report r;
		card_buf_t f = sign(egov, &forms[i]);

		how.flags = forms[i].plain ? 0 : FLOW_REQUIRE_CADES;
		made_verify_bytes(&how, card_buf_bytes(&f), NULL, &r);
		assert_int_equal(r.format, FLOW_FORMAT_XML);
		assert_int_equal(r.n, 1);
		if (r.verdict != CARD_VERDICT_VALID)
			fail_msg("form %zu: %llx %llx", i,
				 (unsigned long long)r.signatures[0].reasons.document,
				 (unsigned long long)r.signatures[0].reasons.card);
		/* the tags of a root that is not signed itself are no part of it, and that is told */
		assert_int_equal(r.covers_whole_file, forms[i].n_ids == 0);
		assert_string_equal(r.signatures[0].what, forms[i].n_ids > 0 ? "#構成情報"
							  : forms[i].enveloping
								  ? r.signatures[0].what
								  : "");
		assert_int_equal(r.signatures[0].level,
				 forms[i].plain ? FLOW_LEVEL_PLAIN : FLOW_LEVEL_B_B);
		assert_int_equal(r.signatures[0].claimed_time, forms[i].plain ? 0 : MADE_NOW);
		flow_report_free(&r);
		card_buf_free(&f);
	}
}

static void attachments_are_part_of_the_signature(void **state)
{
	static const char data[] = "the attached file";
	flow_file_t *file = NULL, *doc = NULL;
	struct flow_attachment a = {"添付.txt", NULL};
	struct flow_verify how = made_verify(&person);
	struct flow_report r;
	card_buf_t f;

	(void)state;
	assert_ok(flow_file_of_memory(&file, card_bytes(data, sizeof data - 1)));
	a.file = file;
	f = sign(egov, &(struct flow_xml_options){
			       .ids = form_id, .n_ids = 1, .attachments = &a, .n_attachments = 1});
	assert_ok(flow_file_of_memory(&doc, card_buf_bytes(&f)));
	assert_ok(flow_verify(doc, NULL, &how, &r));
	assert_int_equal(r.verdict, CARD_VERDICT_UNDETERMINED);
	assert_true(flow_reasons_have(&r.signatures[0].reasons, FLOW_REASON_CONTENT_MISSING));
	flow_report_free(&r);
	how.attachments = &a;
	how.n_attachments = 1;
	assert_ok(flow_verify(doc, NULL, &how, &r));
	assert_int_equal(r.verdict, CARD_VERDICT_VALID);
	flow_report_free(&r);
	flow_file_free(&file);
	assert_ok(flow_file_of_memory(&file, card_bytes(data, sizeof data - 2)));
	a.file = file;
	assert_ok(flow_verify(doc, NULL, &how, &r));
	assert_int_equal(r.verdict, CARD_VERDICT_INVALID);
	flow_report_free(&r);
	flow_file_free(&file);
	flow_file_free(&doc);
	card_buf_free(&f);
}

/* What the document says, without the signature. */
static bool same_content(struct card_bytes a, struct card_bytes b)
{
	const struct card_bytes both[] = {a, b};
	card_buf_t text[2] = {{0}, {0}};
	bool same;

	for (size_t i = 0; i < 2; i++) {
		xmlDocPtr doc = NULL;
		xmlNode *sig;

		assert_ok(xml_parse(both[i], &doc));
		sig = xmlDocGetRootElement(doc);
		while (sig != NULL && !xml_is(sig, XML_NS_DSIG, "Signature"))
			sig = xml_next(xmlDocGetRootElement(doc), sig);
		assert_non_null(sig);
		xmlUnlinkNode(sig);
		xmlFreeNode(sig);
		made_canonical(doc, NULL, &text[i]);
		xmlFreeDoc(doc);
	}
	same = card_bytes_equal(card_buf_bytes(&text[0]), card_buf_bytes(&text[1]));
	card_buf_free(&text[0]);
	card_buf_free(&text[1]);
	return same;
}

static void a_changed_byte_that_changes_the_content_is_not_valid(void **state)
{
	card_buf_t f = sign(egov, &(struct flow_xml_options){.plain = false});
	unsigned same = 0;

	(void)state;
	assert_int_equal(verdict(card_buf_bytes(&f)), CARD_VERDICT_VALID);
	for (size_t i = 0; i < f.n; i++) {
		const uint8_t was = f.p[i], tries[] = {0x01, 0x20, 0x04};

		for (size_t t = 0; t < sizeof tries; t++) {
			uint8_t *copy = malloc(f.n);

			memcpy(copy, f.p, f.n);
			copy[i] = was ^ tries[t];
			if (verdict(card_bytes(copy, f.n)) == CARD_VERDICT_VALID) {
				if (!same_content(card_buf_bytes(&f), card_bytes(copy, f.n)))
					fail_msg("byte %zu from %02x to %02x", i, was, copy[i]);
				same++; /* blanks within tags and Base64, quotes */
			}
			free(copy);
		}
	}
	assert_true(same < f.n / 20);
	card_buf_free(&f);
}

static void wrapping_is_found(void **state)
{
	card_buf_t f = sign(egov, &(struct flow_xml_options){.ids = form_id, .n_ids = 1}), g;
	const uint8_t *from, *to;
	char *piece, text[4096];

	(void)state;
	from = memmem(f.p, f.n, "<構成情報", strlen("<構成情報"));
	to = memmem(f.p, f.n, "</構成情報>", strlen("</構成情報>"));
	assert_non_null(from);
	assert_non_null(to);
	to += strlen("</構成情報>");
	piece = strndup((const char *)from, (size_t)(to - from));
	/* The signed element goes into an Object; another takes its place. */
	g = edited(&f, "</ds:KeyInfo>", "</ds:KeyInfo><ds:Object>@</ds:Object>");
	{
		card_buf_t h = edited(&g, piece, "<構成情報><金額>900</金額></構成情報>"), k;

		k = edited(&h, "@", piece);
		assert_refused_at(card_buf_bytes(&k), FLOW_REASON_NOT_COVERED, __LINE__);
		card_buf_free(&h);
		card_buf_free(&k);
	}
	card_buf_free(&g);
	/* The signed element goes below a wrapper of its own, with a sibling. */
	snprintf(text, sizeof text, "<w>%s</w><構成情報 ID=\"x\"><金額>900</金額></構成情報>",
		 piece);
	refused_edit(&f, piece, text, FLOW_REASON_NOT_COVERED);
	/* Something more in the root: an element, text, an attribute, a comment. */
	snprintf(text, sizeof text, "%s<金額>900</金額>", piece);
	refused_edit(&f, piece, text, FLOW_REASON_NOT_COVERED);
	snprintf(text, sizeof text, "%s900", piece);
	refused_edit(&f, piece, text, FLOW_REASON_NOT_COVERED);
	refused_edit(&f, "<DataRoot ", "<DataRoot 金額=\"900\" ", FLOW_REASON_NOT_COVERED);
	refused_edit(&f, "甲&amp;乙", "甲<!-- -->&amp;乙", FLOW_REASON_NOT_COVERED);
	free(piece);
	card_buf_free(&f);
}

/* One identifier, two elements: the signed one again, another one, in another spelling. */
static void identifiers_that_are_there_twice_are_refused(void **state)
{
	static const char *const twins[] = {
		"<x ID=\"構成情報\"/>", "<x Id=\"構成情報\"/>", "<x id=\"構成情報\"/>",
		"<x xml:id=\"構成情報\"/>",
		"<構成情報 ID=\"構成情報\"><金額>900</金額></構成情報>"};
	card_buf_t f = sign(egov, &(struct flow_xml_options){.ids = form_id, .n_ids = 1});

	(void)state;
	for (size_t i = 0; i < sizeof twins / sizeof *twins; i++) {
		char text[512];

		snprintf(text, sizeof text, "%s<構成情報 ", twins[i]);
		refused_edit(&f, "<構成情報 ", text, FLOW_REASON_DUPLICATE_ID);
		snprintf(text, sizeof text, "</構成情報>%s", twins[i]);
		refused_edit(&f, "</構成情報>", text, FLOW_REASON_DUPLICATE_ID);
	}
	card_buf_free(&f);
}

static void references_to_nothing_are_refused(void **state)
{
	card_buf_t f = sign(plain, &(struct flow_xml_options){.plain = true});

	(void)state;
	refused_edit(&f, "URI=\"\"", "URI=\"#nothing\"", FLOW_REASON_REFERENCE);
	refused_edit(&f, "URI=\"\"", "URI=\"#\"", FLOW_REASON_REFERENCE);
	refused_edit(&f, "URI=\"\"", "URI=\"#xpointer(/)\"", FLOW_REASON_REFERENCE);
	refused_edit(&f, " URI=\"\"", "", FLOW_REASON_REFERENCE);
	card_buf_free(&f);
}

static void external_references_are_refused(void **state)
{
	card_buf_t f = sign(plain, &(struct flow_xml_options){.plain = true});

	(void)state;
	refused_edit(&f, "URI=\"\"", "URI=\"http://127.0.0.1/x\"", FLOW_REASON_REFERENCE);
	refused_edit(&f, "URI=\"\"", "URI=\"file:///etc/passwd\"", FLOW_REASON_REFERENCE);
	refused_edit(&f, "URI=\"\"", "URI=\"/etc/passwd\"", FLOW_REASON_CONTENT_MISSING);
	refused_edit(&f, "URI=\"\"", "URI=\"../../etc/passwd\"", FLOW_REASON_CONTENT_MISSING);
	card_buf_free(&f);
}

/* Without a Reference nothing is signed, however good the signature value. */
static void an_empty_list_of_references_is_refused(void **state)
{
	card_buf_t f = sign(plain, &(struct flow_xml_options){.plain = true}), g = {0};
	const uint8_t *from = memmem(f.p, f.n, "<ds:Reference", 13);
	const uint8_t *to = memmem(f.p, f.n, "</ds:SignedInfo>", 16);

	(void)state;
	assert_non_null(from);
	assert_non_null(to);
	assert_ok(card_buf_append(&g, card_bytes(f.p, (size_t)(from - f.p))));
	assert_ok(card_buf_append(&g, card_bytes(to, (size_t)(f.p + f.n - to))));
	/* its value, made anew with the key over what is left */
	{
		uint8_t digest[CARD_HASH_MAX];
		card_buf_t info = {0}, value = {0}, h;
		xmlDocPtr doc = NULL;
		xmlNode *n;
		char *text, old[1024];
		const uint8_t *v = memmem(g.p, g.n, "<ds:SignatureValue>", 19);
		const uint8_t *w = memmem(g.p, g.n, "</ds:SignatureValue>", 20);

		assert_true(v != NULL && w != NULL && (size_t)(w - v) < sizeof old);
		snprintf(old, sizeof old, "%.*s", (int)(w - v - 19), (const char *)v + 19);
		assert_ok(xml_parse(card_buf_bytes(&g), &doc));
		n = xmlDocGetRootElement(doc);
		while (!xml_is(n, XML_NS_DSIG, "SignedInfo"))
			n = xml_next(xmlDocGetRootElement(doc), n);
		made_canonical(doc, n, &info);
		assert_ok(card_hash_digest(CARD_HASH_SHA256, card_buf_bytes(&info), digest));
		made_sign_digest(&person.key, CARD_HASH_SHA256, false, card_bytes(digest, 32),
				 &value);
		text = xml_base64_write(card_buf_bytes(&value));
		assert_non_null(text);
		h = edited(&g, old, text);
		assert_refused_at(card_buf_bytes(&h), FLOW_REASON_REFERENCE, __LINE__);
		card_buf_free(&h);
		free(text);
		xmlFreeDoc(doc);
		card_buf_free(&info);
		card_buf_free(&value);
	}
	card_buf_free(&g);
	card_buf_free(&f);
}

static void other_transforms_and_algorithms_are_refused(void **state)
{
	static const char inclusive[] = "\"" XML_C14N_INCLUSIVE "\"/></ds:Transforms>";
	card_buf_t f = sign(plain, &(struct flow_xml_options){.plain = true});

	(void)state;
	refused_edit(&f, inclusive,
		     "\"http://www.w3.org/TR/1999/REC-xslt-19991116\"/></ds:Transforms>",
		     FLOW_REASON_TRANSFORM);
	refused_edit(&f, inclusive,
		     "\"http://www.w3.org/TR/1999/REC-xpath-19991116\"/></ds:Transforms>",
		     FLOW_REASON_TRANSFORM);
	refused_edit(&f, inclusive,
		     "\"" XML_C14N_INCLUSIVE "\"><x/></ds:Transform></ds:Transforms>",
		     FLOW_REASON_TRANSFORM);
	refused_edit(&f, "CanonicalizationMethod Algorithm=\"" XML_C14N_INCLUSIVE "\"",
		     "CanonicalizationMethod Algorithm=\"" XML_C14N_INCLUSIVE "#WithComments\"",
		     FLOW_REASON_TRANSFORM);
	refused_edit(&f, "xmldsig-more#rsa-sha256", "xmldsig-more#hmac-sha256",
		     FLOW_REASON_ALGORITHMS);
	refused_edit(&f, "xmlenc#sha256", "xmlenc#md5", FLOW_REASON_ALGORITHMS);
	card_buf_free(&f);
}

static void the_signature_has_to_be_complete(void **state)
{
	card_buf_t f = sign(plain, &(struct flow_xml_options){.plain = true});

	(void)state;
	refused_edit(&f, "<ds:KeyInfo>", "<ds:KeyInfo><ds:RetrievalMethod URI=\"#x\"/>",
		     FLOW_REASON_REFERENCE);
	refused_edit(&f, "ds:KeyInfo>", "ds:KeyInfos>", FLOW_REASON_MALFORMED);
	assert_refused_at(card_bytes(plain, sizeof plain - 1), FLOW_REASON_NOT_SIGNED, __LINE__);
	card_buf_free(&f);
}

/* Neither signed nor verified, and nothing that it names is read. */
static void assert_no_dtd(const char *head)
{
	char text[2048];
	card_buf_t out = {0};

	snprintf(text, sizeof text, "%s</a>", head);
	assert_int_equal(try_sign(card_bytes(text, strlen(text)),
				  &(struct flow_xml_options){.plain = true}, &out),
			 CARD_ERR_DENIED);
	assert_int_equal(out.n, 0);
	assert_refused_at(card_bytes(text, strlen(text)), FLOW_REASON_DOCUMENT_TYPE, __LINE__);
	card_buf_free(&out);
}

static void dtds_are_never_read(void **state)
{
	(void)state;
	assert_no_dtd("<!DOCTYPE a><a>");
	assert_no_dtd("<!DOCTYPE a SYSTEM \"http://127.0.0.1:1/x.dtd\"><a>");
	assert_no_dtd("<!DOCTYPE a [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><a>&e;");
	assert_no_dtd("<!DOCTYPE a [<!ENTITY % p SYSTEM \"file:///etc/passwd\"> %p;]><a>");
	assert_no_dtd("<!DOCTYPE a [<!ATTLIST b Id ID #FIXED \"o\">]><a><b/>");
}

/* Ten to the ninth, and an entity that holds itself. */
static void entities_are_never_expanded(void **state)
{
	char text[1536], *to = text;

	(void)state;
	to += sprintf(to, "<!DOCTYPE a [<!ENTITY e0 \"lol\">");
	for (unsigned i = 1; i < 10; i++) {
		to += sprintf(to, "<!ENTITY e%u \"", i);
		for (unsigned k = 0; k < 10; k++)
			to += sprintf(to, "&e%u;", i - 1);
		to += sprintf(to, "\">");
	}
	sprintf(to, "]><a>&e9;");
	assert_no_dtd(text);
	assert_no_dtd("<!DOCTYPE a [<!ENTITY a \"&b;\"><!ENTITY b \"&a;\">]><a>&a;");
}

static void what_cannot_be_signed_says_why(void **state)
{
	static const char *const none[] = {"nothing"}, *const two[] = {"t"};
	card_buf_t out = {0};

	(void)state;
	assert_int_equal(try_sign(BYTES("<a"), &(struct flow_xml_options){.plain = true}, &out),
			 CARD_ERR_MALFORMED);
	assert_int_equal(
		try_sign(BYTES("<a/>"), &(struct flow_xml_options){.ids = none, .n_ids = 1}, &out),
		CARD_ERR_NOT_FOUND);
	assert_int_equal(try_sign(BYTES("<a><b Id='t'/><c id='t'/></a>"),
				  &(struct flow_xml_options){.ids = two, .n_ids = 1}, &out),
			 CARD_ERR_AMBIGUOUS);
	assert_int_equal(try_sign(BYTES("<a Id='t'/>"),
				  &(struct flow_xml_options){.ids = two, .n_ids = 1}, &out),
			 CARD_ERR_UNSUPPORTED);
	assert_int_equal(out.n, 0);
}

static enum card_error check(const char *text, const struct flow_xml_options *opt, bool *covers)
{
	flow_file_t *f = NULL;
	enum card_error err;

	assert_ok(flow_file_of_memory(&f, card_bytes(text, strlen(text))));
	err = flow_xml_check(f, opt, covers);
	flow_file_free(&f);
	return err;
}

/* What is told before the password is what the verifier says afterwards. */
static void what_stays_outside_is_told_before_signing(void **state)
{
	static const char *const t[] = {"t"};
	static const struct {
		const char *text;
		struct flow_xml_options opt;
	} rows[] = {
		{"<a><b Id='t'>x</b></a>", {.plain = true}},
		{"<a><b Id='t'>x</b></a>", {.ids = t, .n_ids = 1}},
		{"<a><b Id='t'>x</b><c/></a>", {.ids = t, .n_ids = 1}},
		{"<a><b Id='t'>x</b>y</a>", {.ids = t, .n_ids = 1}},
		{"<a k='v'><b Id='t'>x</b></a>", {.ids = t, .n_ids = 1}},
		{"<a><c><b Id='t'>x</b></c></a>", {.ids = t, .n_ids = 1}},
		{"<a><!-- --><b/></a>", {.plain = true}},
		{"<a><b>x<!-- -->y</b></a>", {.enveloping = true}},
		{"<a><b>xy</b></a>", {.enveloping = true}},
		{"<!-- --><a/>", {.plain = true}},
		{"<?x y?><a/>", {.plain = true}},
		{"<?x y?><a/>", {.enveloping = true}},
		{"<a k='v'><b>x</b></a>", {.enveloping = true, .plain = true}},
	};
	const struct flow_verify how = made_verify(&person);
	size_t inside = 0;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		card_buf_t f = sign(rows[i].text, &rows[i].opt);
		struct flow_report r;
		bool covers;

		assert_ok(check(rows[i].text, &rows[i].opt, &covers));
		made_verify_bytes(&how, card_buf_bytes(&f), NULL, &r);
		if (covers == flow_reasons_have(&r.signatures[0].reasons, FLOW_REASON_NOT_COVERED))
			fail_msg("row %zu", i);
		inside += covers;
		flow_report_free(&r);
		card_buf_free(&f);
	}
	assert_int_equal(inside, 5);
	assert_int_equal(check("<a", &(struct flow_xml_options){.plain = true}, NULL),
			 CARD_ERR_MALFORMED);
	assert_int_equal(check("<a/>", &(struct flow_xml_options){.ids = t, .n_ids = 1}, NULL),
			 CARD_ERR_NOT_FOUND);
	assert_int_equal(flow_xml_check(NULL, &(struct flow_xml_options){.plain = true}, NULL),
			 CARD_ERR_INVALID_ARGUMENT);
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
	xmlCleanupParser();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_form_is_valid),
		cmocka_unit_test(attachments_are_part_of_the_signature),
		cmocka_unit_test(a_changed_byte_that_changes_the_content_is_not_valid),
		cmocka_unit_test(wrapping_is_found),
		cmocka_unit_test(identifiers_that_are_there_twice_are_refused),
		cmocka_unit_test(references_to_nothing_are_refused),
		cmocka_unit_test(external_references_are_refused),
		cmocka_unit_test(an_empty_list_of_references_is_refused),
		cmocka_unit_test(other_transforms_and_algorithms_are_refused),
		cmocka_unit_test(the_signature_has_to_be_complete),
		cmocka_unit_test(dtds_are_never_read),
		cmocka_unit_test(entities_are_never_expanded),
		cmocka_unit_test(what_cannot_be_signed_says_why),
		cmocka_unit_test(what_stays_outside_is_told_before_signing),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
