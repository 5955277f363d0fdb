/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that signed XML which others wrapped, redirected, gave another key or blew up is not
 * valid. Each attack starts from a document that is valid; those that a careless verifier would
 * accept carry values that are right for it.
 */
#include <stdio.h>
#include <stdlib.h>

#include <libxml/parser.h>
#include <openssl/hmac.h>

#include "made_document.h"
#include "made_xml.h"
#include "test.h"

#include "../../../libcard/flow/document/xml.h"

static struct made_person person, stranger;

#define ORIGINAL "<申請 Id=\"o\"><額>100</額></申請>"
#define FORGED   "<申請><額>900</額></申請>"

static card_buf_t sign_as(struct made_person *p, const char *text,
			  const struct flow_xml_options *opt)
{
	const struct flow_signer s = made_signer(p);
	card_buf_t out = {0};
	flow_file_t *f = NULL;

	assert_ok(flow_file_of_memory(&f, card_bytes(text, strlen(text))));
	assert_ok(flow_xml_sign(f, opt, &s, &out));
	flow_file_free(&f);
	return out;
}

static char *as_text(card_buf_t *b)
{
	char *t = strndup((const char *)b->p, b->n);

	assert_non_null(t);
	card_buf_free(b);
	return t;
}

/* From the first `from` to the end of the first `to` after it. */
static char *part(const char *text, const char *from, const char *to)
{
	const char *a = strstr(text, from), *b = a != NULL ? strstr(a, to) : NULL;

	assert_non_null(b);
	return strndup(a, (size_t)(b - a) + strlen(to));
}

static char *replaced(const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);
	const size_t n = strlen(text) - strlen(from) + strlen(to) + 1;
	char *out = malloc(n);

	if (at == NULL)
		fail_msg("\"%s\" is not in the document", from);
	assert_non_null(out);
	snprintf(out, n, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
	return out;
}

static void report_of(const char *text, struct flow_report *r)
{
	const struct flow_verify how = made_verify(&person);

	made_verify_bytes(&how, card_bytes(text, strlen(text)), NULL, r);
}

static void refused_at(const char *text, enum flow_reason want, int line)
{
	struct flow_report r;
	bool found;

	report_of(text, &r);
	found = flow_reasons_have(&r.reasons, want);
	for (size_t i = 0; i < r.n; i++)
		found = found || flow_reasons_have(&r.signatures[i].reasons, want);
	if (!found || r.verdict == CARD_VERDICT_VALID)
		fail_msg("line %d: %s is missing: %s, %llx\n%s", line, flow_reason_code(want),
			 card_verdict_name(r.verdict),
			 (unsigned long long)(r.n > 0 ? r.signatures[0].reasons.document
						      : r.reasons.document),
			 text);
	flow_report_free(&r);
}
#define refused(text, want) refused_at(text, want, __LINE__)

static void refused_edit_at(const char *text, const char *from, const char *to,
			    enum flow_reason want, int line)
{
	char *e = replaced(text, from, to);

	refused_at(e, want, line);
	free(e);
}
#define refused_edit(t, a, b, want) refused_edit_at(t, a, b, want, __LINE__)

/* A form of which one element is signed: its text. */
static char *signed_element(void)
{
	static const char *const ids[] = {"o"};
	const struct flow_xml_options o = {
		.ids = ids, .n_ids = 1, .exclusive = true, .plain = true};
	card_buf_t b = sign_as(&person, "<R>" ORIGINAL "</R>", &o);
	struct flow_report r;
	char *text = as_text(&b);

	report_of(text, &r);
	assert_int_equal(r.verdict, CARD_VERDICT_VALID);
	assert_false(r.covers_whole_file);
	assert_string_equal(r.signatures[0].what, "#o");
	flow_report_free(&r);
	return text;
}

static char *signed_whole(void)
{
	const struct flow_xml_options o = {.plain = true};
	card_buf_t b = sign_as(&person, "<R>" ORIGINAL "</R>", &o);

	return as_text(&b);
}

/* ---- wrapping ---- */

/* O: the signed element, S: the signature, B and A: the signature before and after a place inside
 * its Object, K and L: inside its KeyInfo. All with exclusive canonical form, so that the
 * signature itself stays right wherever its parts are. */
static void every_wrapping_is_found(void **state)
{
	static const char *const forms[] = {
		"<R>%O%S</R>", /* as it was signed: the only one that is valid */
		"<R>" FORGED "%O%S</R>",
		"<R>%O" FORGED "%S</R>",
		"<R>" FORGED "<w>%O</w>%S</R>",
		"<R>" FORGED "%S<w>%O</w></R>",
		"<R>" FORGED "%B%O%A</R>",
		"<R>%B%O%A" FORGED "</R>",
		"<R><申請 Id=\"f\"><額>900</額>%O</申請>%S</R>",
		"<R><申請 Id=\"f\"><額>900</額>%O%S</申請></R>",
		"<R><申請 Id=\"f\"><額>900</額>%S%O</申請></R>",
		"<取消><R>%O%S</R></取消>",
		"<R><取消>%O%S</取消></R>",
		"<R><取消>%O</取消>%S</R>",
		"<R><取消/>%O%S</R>",
		"<R 取消=\"1\">%O%S</R>",
		"<R>取消%O%S</R>",
		"<R>%O%S取消</R>",
		"<?xml-stylesheet href=\"evil.xsl\"?><R>%O%S</R>",
		"<R>%O%S<?evil?></R>",
		"<R>%O%S<!-- --></R>",
		"<!-- --><R>%O%S</R>",
		"<R>%K" FORGED "%L%O</R>",
		"<R>%B" FORGED "%A%O</R>",
		"<R>%B<x xmlns=\"urn:x\"/>%A%O</R>",
		"<R>%B取消%A%O</R>",
		"<R>%O%S%S</R>", /* the identifier of the signature twice */
		"<R>%O%O%S</R>",
		"<R>%O<申請 xml:id=\"o\"><額>900</額></申請>%S</R>",
		"<R>%O<申請 ID=\"o\"><額>900</額></申請>%S</R>",
	};
	char *text = signed_element(), *s = part(text, "<ds:Signature ", "</ds:Signature>"), *b, *k;
	const char *end = strstr(s, "</ds:Signature>"), *key = strstr(s, "</ds:KeyInfo>");

	(void)state;
	assert_true(end != NULL && key != NULL);
	b = strndup(s, (size_t)(end - s));
	k = strndup(s, (size_t)(key - s));
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		char *wrapped = calloc(1, 4 * strlen(s) + 1024), *to = wrapped;
		struct flow_report r;

		assert_non_null(wrapped);
		for (const char *p = forms[i]; *p != '\0'; p++) {
			if (*p != '%') {
				*to++ = *p;
				continue;
			}
			p++;
			to += sprintf(to, "%s",
				      *p == 'O'   ? ORIGINAL
				      : *p == 'S' ? s
				      : *p == 'B' ? b
				      : *p == 'K' ? k
				      : *p == 'L' ? key
						  : end);
			/* the Object goes around what stands between B and A */
			if (*p == 'B')
				to += sprintf(to, "<ds:Object>");
			if (*p == 'A') {
				memmove(to - strlen(end) + strlen("</ds:Object>"), to - strlen(end),
					strlen(end));
				memcpy(to - strlen(end), "</ds:Object>", strlen("</ds:Object>"));
				to += strlen("</ds:Object>");
			}
		}
		report_of(wrapped, &r);
		if ((r.verdict == CARD_VERDICT_VALID) != (i == 0) || r.n == 0)
			fail_msg("form %zu (%s) is %s with %zu signatures", i, forms[i],
				 card_verdict_name(r.verdict), r.n);
		flow_report_free(&r);
		free(wrapped);
	}
	free(text);
	free(s);
	free(b);
	free(k);
}

/* Nor does a signature over the whole document cover what is put into the signature. */
static void nothing_is_added_inside_an_enveloped_signature(void **state)
{
	char *text = signed_whole();

	(void)state;
	refused_edit(text, "</ds:KeyInfo>", "</ds:KeyInfo><ds:Object>" FORGED "</ds:Object>",
		     FLOW_REASON_NOT_COVERED);
	refused_edit(text, "</ds:KeyInfo>", "</ds:KeyInfo><ds:Object>900</ds:Object>",
		     FLOW_REASON_NOT_COVERED);
	refused_edit(text, "</ds:KeyInfo>", FORGED "</ds:KeyInfo>", FLOW_REASON_NOT_COVERED);
	refused_edit(text, "<ds:X509Data>", "<ds:X509Data>" FORGED, FLOW_REASON_NOT_COVERED);
	refused_edit(text, "</ds:Signature>", "</ds:Signature>" FORGED, FLOW_REASON_DIGEST);
	refused_edit(text, "100", "900", FLOW_REASON_DIGEST);
	free(text);
}

/* The tags of the root are not signed: that is told, and nothing else may be there. */
static void the_name_of_an_unsigned_root_is_told_as_unsigned(void **state)
{
	char *text = signed_element(), *s = part(text, "<ds:Signature ", "</ds:Signature>");
	const size_t n = strlen(text) + 64;
	char *renamed = malloc(n);
	struct flow_report r;

	(void)state;
	assert_non_null(renamed);
	snprintf(renamed, n, "<署名>" ORIGINAL "<署名情報>%s</署名情報></署名>", s);
	report_of(renamed, &r);
	assert_int_equal(r.verdict, CARD_VERDICT_VALID);
	assert_false(r.covers_whole_file);
	assert_string_equal(r.signatures[0].what, "#o");
	flow_report_free(&r);
	free(renamed);
	free(text);
	free(s);
}

/* ---- keys ---- */

static char *base64_of(struct card_bytes b)
{
	char *t = xml_base64_write(b);

	assert_non_null(t);
	return t;
}

/* Signed by a stranger's key, with the certificate of the person beside it in every way. */
static void only_the_certificate_says_whose_key_it_is(void **state)
{
	const struct flow_xml_options o = {.plain = true};
	card_buf_t b = sign_as(&stranger, "<R>" ORIGINAL "</R>", &o);
	char *text = as_text(&b);
	char *theirs = base64_of(card_buf_bytes(&stranger.der));
	char *ours = base64_of(card_buf_bytes(&person.der));
	char *swapped = replaced(text, theirs, ours), *both, *value;
	char more[8192];
	struct flow_report r;

	(void)state;
	/* the person's certificate, the stranger's signature */
	report_of(swapped, &r);
	assert_int_equal(r.verdict, CARD_VERDICT_INVALID);
	assert_true(card_reasons_have(r.signatures[0].reasons.card, CARD_REASON_TAMPERED));
	flow_report_free(&r);
	/* with the stranger's key as a value before it */
	value = replaced(swapped, "<ds:X509Data>",
			 "<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>AQAB</ds:Modulus><ds:Exponent>"
			 "AQAB</ds:Exponent></ds:RSAKeyValue></ds:KeyValue><ds:X509Data>");
	report_of(value, &r);
	assert_int_equal(r.verdict, CARD_VERDICT_INVALID);
	flow_report_free(&r);
	/* both certificates, in either order */
	snprintf(more, sizeof more, "<ds:X509Certificate>%s</ds:X509Certificate></ds:X509Data>",
		 ours);
	both = replaced(text, "</ds:X509Data>", more);
	refused(both, FLOW_REASON_SIGNER_AMBIGUOUS);
	free(both);
	snprintf(more, sizeof more, "<ds:X509Data><ds:X509Certificate>%s</ds:X509Certificate>",
		 ours);
	both = replaced(text, "<ds:X509Data>", more);
	refused(both, FLOW_REASON_SIGNER_AMBIGUOUS);
	free(both);
	/* a name, or nothing, instead of a certificate */
	both = part(text, "<ds:X509Data>", "</ds:X509Data>");
	refused_edit(text, both, "<ds:KeyName>番号 花子</ds:KeyName>", FLOW_REASON_SIGNER_MISSING);
	refused_edit(text, both,
		     "<ds:X509Data><ds:X509SubjectName>C=JP</ds:X509SubjectName></ds:X509Data>",
		     FLOW_REASON_SIGNER_MISSING);
	refused_edit(text, both, "<ds:RetrievalMethod URI=\"http://127.0.0.1:1/c\"/>",
		     FLOW_REASON_REFERENCE);
	free(both);
	free(value);
	free(swapped);
	free(theirs);
	free(ours);
	free(text);
}

/* The public key as the secret of an HMAC: right for a verifier that lets the file choose. */
static void a_public_key_is_no_secret(void **state)
{
	static const char info_from[] = "<ds:SignedInfo>", info_to[] = "</ds:SignedInfo>";
	static const char *const names[] = {"http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
					    "http://www.w3.org/2000/09/xmldsig#hmac-sha1"};
	char *text = signed_whole();

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		char *hmac = replaced(text, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
				      names[i]);
		char *value = part(hmac, "<ds:SignatureValue>", "</ds:SignatureValue>");
		char *info = part(hmac, info_from, info_to), *forged, *b64;
		uint8_t mac[EVP_MAX_MD_SIZE];
		unsigned n = 0;
		xmlDocPtr doc = NULL;
		card_buf_t canonical = {0};
		xmlNode *node;
		char element[512];

		assert_ok(xml_parse(card_bytes(hmac, strlen(hmac)), &doc));
		node = xmlDocGetRootElement(doc);
		while (node != NULL && !xml_is(node, XML_NS_DSIG, "SignedInfo"))
			node = xml_next(xmlDocGetRootElement(doc), node);
		assert_non_null(node);
		made_canonical(doc, node, &canonical);
		assert_non_null(HMAC(
			i == 0 ? EVP_sha256() : EVP_sha1(), card_cert_spki(person.cert).p,
			(int)card_cert_spki(person.cert).n, canonical.p, canonical.n, mac, &n));
		b64 = base64_of(card_bytes(mac, n));
		snprintf(element, sizeof element, "<ds:SignatureValue>%s</ds:SignatureValue>", b64);
		forged = replaced(hmac, value, element);
		refused(forged, FLOW_REASON_ALGORITHMS);
		/* nor one of which no bit is compared */
		refused_edit(hmac, "hmac-sha", "hmac-sha\"><x/></ds:SignatureMethod><ds:y z=\"",
			     FLOW_REASON_ALGORITHMS);
		xmlFreeDoc(doc);
		card_buf_free(&canonical);
		free(b64);
		free(forged);
		free(info);
		free(value);
		free(hmac);
	}
	free(text);
}

/* ---- the signature's own structure ---- */

/* What one reader takes as two texts another joins. */
static void comments_that_split_text_are_refused(void **state)
{
	char *text = signed_whole(), with[256];
	char *digest = part(text, "<ds:DigestValue>", "</ds:DigestValue>");

	(void)state;
	refused_edit(text, "100", "1<!-- -->00", FLOW_REASON_NOT_COVERED);
	refused_edit(text, "100", "100<!-- 900 -->", FLOW_REASON_NOT_COVERED);
	refused_edit(text, "<額>", "<!-- --><額>", FLOW_REASON_NOT_COVERED);
	snprintf(with, sizeof with, "<ds:DigestValue>%.8s<!-- -->%s", digest + 16, digest + 24);
	refused_edit(text, digest, with, FLOW_REASON_NOT_COVERED);
	snprintf(with, sizeof with, "<ds:DigestValue><x>%.8s</x>%s", digest + 16, digest + 24);
	refused_edit(text, digest, with, FLOW_REASON_NOT_COVERED);
	refused_edit(text, "<ds:SignatureValue>", "<ds:SignatureValue><!-- -->",
		     FLOW_REASON_NOT_COVERED);
	refused_edit(text, "<ds:X509Certificate>", "<ds:X509Certificate><!-- -->",
		     FLOW_REASON_NOT_COVERED);
	free(digest);
	free(text);
}

static void nothing_hides_in_the_signature(void **state)
{
	char *text = signed_whole();
	char *info = part(text, "<ds:SignedInfo>", "</ds:SignedInfo>"), *twice;
	char *digest = part(text, "<ds:DigestValue>", "</ds:DigestValue>");
	size_t n = strlen(text) + strlen(info) + 64;

	(void)state;
	/* two SignedInfo: one that is signed, one for another reader */
	twice = malloc(n);
	assert_non_null(twice);
	snprintf(twice, n, "%s%s", info, info);
	refused_edit(text, info, twice, FLOW_REASON_MALFORMED);
	snprintf(twice, n, "</ds:KeyInfo>%s", info);
	refused_edit(text, "</ds:KeyInfo>", twice, FLOW_REASON_MALFORMED);
	refused_edit(text, "</ds:KeyInfo>", "</ds:KeyInfo><ds:SignatureValue/>",
		     FLOW_REASON_MALFORMED);
	/* what is missing, or of another name space */
	refused_edit(text, info, "", FLOW_REASON_MALFORMED);
	refused_edit(text, info, "<ds:SignedInfo/>", FLOW_REASON_MALFORMED);
	{
		char *other = replaced(text, XML_NS_DSIG, "http://www.w3.org/2000/09/xmldsig");

		refused(other, FLOW_REASON_NOT_SIGNED);
		free(other);
	}
	/* a Reference without a digest, with two, with none of the known kinds of place */
	refused_edit(text, digest, "", FLOW_REASON_MALFORMED);
	refused_edit(text, digest, "<ds:DigestValue/><ds:DigestValue/>", FLOW_REASON_MALFORMED);
	refused_edit(text, "URI=\"\"", "URI=\"#\"", FLOW_REASON_REFERENCE);
	refused_edit(text, "URI=\"\"", "URI=\"#xpointer(id('o'))\"", FLOW_REASON_REFERENCE);
	refused_edit(text, "URI=\"\"", "URI=\"?\"", FLOW_REASON_CONTENT_MISSING);
	free(twice);
	free(digest);
	free(info);
	free(text);
}

static void transforms_that_run_something_are_refused(void **state)
{
	static const char *const names[] = {
		"http://www.w3.org/TR/1999/REC-xslt-19991116",
		"http://www.w3.org/TR/1999/REC-xpath-19991116",
		"http://www.w3.org/2002/06/xmldsig-filter2",
		"http://www.w3.org/2000/09/xmldsig#base64",
		"http://www.w3.org/2006/12/xml-c14n11",
		"http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments",
		"http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
		"http://www.w3.org/2002/07/decrypt#XML",
		"",
	};
	static const char here[] = "<ds:Transform Algorithm=\"" XML_C14N_INCLUSIVE "\"/>";
	char *text = signed_whole();

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char transform[512];

		snprintf(transform, sizeof transform, "<ds:Transform Algorithm=\"%s\"/>", names[i]);
		refused_edit(text, here, transform, FLOW_REASON_TRANSFORM);
		snprintf(transform, sizeof transform, "%s<ds:Transform Algorithm=\"%s\"/>", here,
			 names[i]);
		refused_edit(text, here, transform, FLOW_REASON_TRANSFORM);
	}
	refused_edit(
		text, here,
		"<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xslt-19991116\">"
		"<xsl:stylesheet version=\"1.0\" xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\">"
		"<xsl:template match=\"/\"><xsl:value-of select=\"document('/etc/passwd')\"/>"
		"</xsl:template></xsl:stylesheet></ds:Transform>",
		FLOW_REASON_TRANSFORM);
	refused_edit(text, here,
		     "<ds:Transform Algorithm=\"" XML_C14N_EXCLUSIVE "\"><ec:InclusiveNamespaces "
		     "xmlns:ec=\"" XML_C14N_EXCLUSIVE "\" PrefixList=\"x\"/></ds:Transform>",
		     FLOW_REASON_TRANSFORM);
	free(text);
}

/* ---- several signatures ---- */

static void one_bad_signature_of_two_spoils_the_file(void **state)
{
	static const char *const ids[] = {"o"};
	const struct flow_xml_options one = {
		.ids = ids, .n_ids = 1, .exclusive = true, .plain = true};
	char *text = signed_element(), *bad, *value;
	card_buf_t second = sign_as(&person, text, &one);
	char *both = as_text(&second);
	struct flow_report r;

	(void)state;
	report_of(both, &r);
	assert_int_equal(r.n, 2);
	flow_report_free(&r);
	value = part(strstr(both, "</ds:Signature>"), "<ds:SignatureValue>",
		     "</ds:SignatureValue>");
	value[30] = value[30] == 'A' ? 'B' : 'A';
	bad = part(strstr(both, "</ds:Signature>"), "<ds:SignatureValue>", "</ds:SignatureValue>");
	{
		char *spoiled = replaced(both, bad, value);

		report_of(spoiled, &r);
		assert_int_equal(r.verdict, CARD_VERDICT_INVALID);
		flow_report_free(&r);
		free(spoiled);
	}
	free(bad);
	free(value);
	free(both);
	free(text);
}

/* Anything added breaks a signature over the whole document, so no second one is made in it. */
static void a_signature_over_the_whole_is_not_broken_by_another(void **state)
{
	const struct flow_xml_options forms[] = {{.plain = true},
						 {.enveloping = true, .plain = true}};
	const struct flow_signer s = made_signer(&person);
	char *text = signed_whole();
	card_buf_t out = {0};
	flow_file_t *f = NULL;

	(void)state;
	assert_ok(flow_file_of_memory(&f, card_bytes(text, strlen(text))));
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(flow_xml_sign(f, &forms[i], &s, &out), CARD_ERR_BAD_STATE);
	assert_int_equal(out.n, 0);
	flow_file_free(&f);
	free(text);
}

/* ---- size ---- */

/* 256 references to one large element: as many times as long as the file chooses. */
static void work_is_bounded(void **state)
{
	static const char reference[] =
		"<ds:Reference URI=\"#o\"><ds:DigestMethod Algorithm=\"" XML_SHA256 "\"/>"
		"<ds:DigestValue>AAAA</ds:DigestValue></ds:Reference>";
	static const char head[] =
		"<ds:Signature xmlns:ds=\"" XML_NS_DSIG
		"\"><ds:SignedInfo><ds:CanonicalizationMethod "
		"Algorithm=\"" XML_C14N_INCLUSIVE "\"/><ds:SignatureMethod "
		"Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\"/>";
	static const char tail[] = "</ds:SignedInfo><ds:SignatureValue>AAAA</ds:SignatureValue>"
				   "</ds:Signature></R>";
	const size_t filler = (size_t)8 << 20;
	const size_t room = filler + 300 * sizeof reference + 2048;
	char *text = malloc(room), *to = text;
	struct flow_report r;

	(void)state;
	assert_non_null(text);
	to += sprintf(to, "<R><a Id=\"o\">");
	memset(to, 'x', filler);
	to += filler;
	to += sprintf(to, "</a>%s", head);
	for (int i = 0; i < 256; i++)
		to += sprintf(to, "%s", reference);
	sprintf(to, "%s", tail);
	report_of(text, &r);
	assert_int_equal(r.verdict, CARD_VERDICT_INVALID);
	assert_true(flow_reasons_have(&r.signatures[0].reasons, FLOW_REASON_LIMIT));
	flow_report_free(&r);
	free(text);
}

static int setup(void **state)
{
	(void)state;
	made_person(&person, MADE_SIGN, NULL);
	made_person(&stranger, MADE_SIGN, NULL);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	made_person_free(&person);
	made_person_free(&stranger);
	xmlCleanupParser();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_wrapping_is_found),
		cmocka_unit_test(nothing_is_added_inside_an_enveloped_signature),
		cmocka_unit_test(the_name_of_an_unsigned_root_is_told_as_unsigned),
		cmocka_unit_test(only_the_certificate_says_whose_key_it_is),
		cmocka_unit_test(a_public_key_is_no_secret),
		cmocka_unit_test(comments_that_split_text_are_refused),
		cmocka_unit_test(nothing_hides_in_the_signature),
		cmocka_unit_test(transforms_that_run_something_are_refused),
		cmocka_unit_test(one_bad_signature_of_two_spoils_the_file),
		cmocka_unit_test(a_signature_over_the_whole_is_not_broken_by_another),
		cmocka_unit_test(work_is_bounded),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
