/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that libxmlsec1, which computes XML signatures, stays within the bounds set for it: it
 * opens nothing by name, follows no manifest, reads no attribute but those that were checked, asks
 * the key once, works in several threads, needs no memory for long files, and that a report names
 * each thing that is wrong although the library stops at the first.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libxml/parser.h>

#include "made_document.h"
#include "test.h"

static struct made_person person;

/* ---- helpers ---- */

static enum card_error try_sign(const char *text, const struct flow_xml_options *opt,
				card_buf_t *out)
{
	const struct flow_signer s = made_signer(&person);
	flow_file_t *f = NULL;
	enum card_error err;

	if (text != NULL)
		assert_ok(flow_file_of_memory(&f, card_bytes(text, strlen(text))));
	err = flow_xml_sign(f, opt, &s, out);
	flow_file_free(&f);
	return err;
}

static void verify_with(const card_buf_t *doc, const struct flow_attachment *a, size_t n,
			struct flow_report *r)
{
	struct flow_verify how = made_verify(&person);

	how.attachments = a;
	how.n_attachments = n;
	made_verify_bytes(&how, card_buf_bytes(doc), NULL, r);
}

static bool has(const struct flow_report *r, enum flow_reason reason)
{
	return r->n == 1 && flow_reasons_have(&r->signatures[0].reasons, reason);
}

static bool tampered(const struct flow_report *r)
{
	return r->n == 1 && card_reasons_have(r->signatures[0].reasons.card, CARD_REASON_TAMPERED);
}

static flow_file_t *file_of(const char *text)
{
	flow_file_t *f = NULL;

	assert_ok(flow_file_of_memory(&f, card_bytes(text, strlen(text))));
	return f;
}

/* The first `from` becomes `to`; both are as long. */
static void put(card_buf_t *doc, const char *from, const char *to)
{
	uint8_t *at = memmem(doc->p, doc->n, from, strlen(from));

	assert_non_null(at);
	assert_int_equal(strlen(from), strlen(to));
	memcpy(at, to, strlen(to));
}

/* The first `from` becomes `to`. */
static card_buf_t replaced(const card_buf_t *doc, const char *from, const char *to)
{
	const uint8_t *at = memmem(doc->p, doc->n, from, strlen(from));
	card_buf_t out = {0};
	size_t before;

	if (at == NULL)
		fail_msg("\"%s\" is not in the document", from);
	before = (size_t)(at - doc->p);
	assert_ok(card_buf_append(&out, card_bytes(doc->p, before)));
	assert_ok(card_buf_append(&out, card_bytes(to, strlen(to))));
	before += strlen(from);
	assert_ok(card_buf_append(&out, card_bytes(doc->p + before, doc->n - before)));
	return out;
}

/* ---- the key ---- */

static void the_key_is_asked_once_for_any_number_of_references(void **state)
{
	static const char *const ids[] = {"甲", "b 'c\" d", "3"};
	flow_file_t *one = file_of("one"), *two = file_of("two");
	const struct flow_attachment a[] = {{"一.txt", one}, {"2.txt", two}};
	const struct flow_xml_options opt = {
		.ids = ids, .n_ids = 3, .attachments = a, .n_attachments = 2};
	card_buf_t doc = {0};
	struct flow_report r;

	(void)state;
	person.signs = 0;
	assert_ok(try_sign("<R><x ID='甲'>1</x><x Id=\"b 'c&quot; d\">2</x><x xml:id='3'>3</x></R>",
			   &opt, &doc));
	assert_int_equal(person.signs, 1);
	verify_with(&doc, a, 2, &r);
	assert_int_equal(r.verdict, CARD_VERDICT_VALID);
	assert_string_equal(r.signatures[0].what, "#甲, #b 'c\" d, #3, 一.txt, 2.txt");
	flow_report_free(&r);
	card_buf_free(&doc);
	flow_file_free(&one);
	flow_file_free(&two);
}

static void what_the_key_refuses_comes_back(void **state)
{
	static const enum card_error errors[] = {CARD_ERR_PIN_WRONG, CARD_ERR_REMOVED,
						 CARD_ERR_OUTCOME_UNKNOWN};
	card_buf_t doc = {0};

	(void)state;
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
		person.refuse = errors[i];
		assert_int_equal(try_sign("<R/>", &(struct flow_xml_options){.plain = false}, &doc),
				 errors[i]);
	}
	person.refuse = CARD_OK;
	assert_int_equal(doc.n, 0);
}

static void p256(struct made_cert *c)
{
	struct made_key *k = (struct made_key *)(uintptr_t)c->key;

	made_key_free(k);
	made_ec(k, "P-256");
}

static void p384(struct made_cert *c)
{
	struct made_key *k = (struct made_key *)(uintptr_t)c->key;

	made_key_free(k);
	made_ec(k, "P-384");
}

static void keys_of_elliptic_curves_sign_and_verify(void **state)
{
	void (*const kinds[])(struct made_cert *) = {p256, p384};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct made_person other;
		struct flow_verify how;
		struct flow_signer s;
		struct flow_report r;
		card_buf_t doc = {0};
		flow_file_t *f = file_of("<R>100</R>");

		made_person(&other, MADE_SIGN, kinds[i]);
		s = made_signer(&other);
		how = made_verify(&other);
		assert_ok(flow_xml_sign(f, &(struct flow_xml_options){.plain = false}, &s, &doc));
		made_verify_bytes(&how, card_buf_bytes(&doc), NULL, &r);
		assert_int_equal(r.n, 1);
		assert_int_equal(r.signatures[0].reasons.document, 0);
		assert_false(tampered(&r));
		flow_report_free(&r);
		put(&doc, "100", "900");
		made_verify_bytes(&how, card_buf_bytes(&doc), NULL, &r);
		assert_true(tampered(&r));
		flow_report_free(&r);
		card_buf_free(&doc);
		flow_file_free(&f);
		made_person_free(&other);
	}
}

/* ---- names of files ---- */

/* A name is never a place: what lies there is not opened, even if its digest would be right. */
static void a_file_of_the_same_name_is_not_opened(void **state)
{
	static const char text[] = "on the disk";
	char dir[64], path[96];
	flow_file_t *f = file_of(text);
	struct flow_attachment a = {path, f};
	card_buf_t doc = {0}, local;
	struct flow_report r;
	char url[128];

	(void)state;
	made_dir(dir);
	snprintf(path, sizeof path, "%s/f.txt", dir);
	made_file(path, card_bytes(text, sizeof text - 1));
	assert_ok(try_sign(NULL, &(struct flow_xml_options){.attachments = &a, .n_attachments = 1},
			   &doc));
	verify_with(&doc, &a, 1, &r);
	assert_int_equal(r.verdict, CARD_VERDICT_VALID);
	flow_report_free(&r);
	verify_with(&doc, NULL, 0, &r);
	assert_int_equal(r.verdict, CARD_VERDICT_UNDETERMINED);
	assert_true(has(&r, FLOW_REASON_CONTENT_MISSING));
	flow_report_free(&r);
	snprintf(url, sizeof url, "file://%s", path);
	local = replaced(&doc, path, url);
	verify_with(&local, NULL, 0, &r);
	assert_int_equal(r.verdict, CARD_VERDICT_INVALID);
	assert_true(has(&r, FLOW_REASON_REFERENCE));
	flow_report_free(&r);
	/* nor is it made */
	a.uri = url;
	card_buf_free(&doc);
	assert_int_equal(try_sign(NULL,
				  &(struct flow_xml_options){.attachments = &a, .n_attachments = 1},
				  &doc),
			 CARD_ERR_UNSUPPORTED);
	card_buf_free(&doc);
	card_buf_free(&local);
	flow_file_free(&f);
	made_dir_remove(dir);
}

static void nobody_is_called_on_the_network(void **state)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	const int s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	socklen_t n = sizeof at;
	card_buf_t doc = {0};
	char url[64], edit[512];

	(void)state;
	assert_int_equal(bind(s, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(s, 4), 0);
	assert_int_equal(getsockname(s, (struct sockaddr *)&at, &n), 0);
	snprintf(url, sizeof url, "http://127.0.0.1:%u/x", ntohs(at.sin_port));
	assert_ok(try_sign("<R>1</R>", &(struct flow_xml_options){.plain = true}, &doc));
	for (unsigned i = 0; i < 3; i++) {
		struct flow_report r;
		card_buf_t e;

		snprintf(edit, sizeof edit,
			 i == 0   ? "URI=\"%s\""
			 : i == 1 ? "URI=\"%s#o\""
				  : "URI=\"\" xmlns:a=\"%s\"",
			 url);
		e = replaced(&doc, "URI=\"\"", edit);
		verify_with(&e, NULL, 0, &r);
		assert_int_equal(r.verdict, CARD_VERDICT_INVALID);
		assert_true(has(&r, i < 2 ? FLOW_REASON_REFERENCE : FLOW_REASON_NOT_COVERED) ||
			    i == 2);
		flow_report_free(&r);
		card_buf_free(&e);
	}
	assert_int_equal(accept(s, NULL, NULL), -1); /* nobody waits */
	close(s);
	card_buf_free(&doc);
}

static void names_with_signs_of_their_own_are_the_same_file(void **state)
{
	static const char *const names[] = {"a#1.txt", "100%.txt",   "a%20b.txt", "あ い.txt",
					    "a b.txt", "?q=1&x.txt", "%23",       "x'y\".txt"};
	flow_file_t *f = file_of("content"), *other = file_of("another");

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct flow_attachment a = {names[i], f}, wrong = {names[i], other};
		card_buf_t doc = {0};
		struct flow_report r;

		assert_ok(try_sign(
			NULL, &(struct flow_xml_options){.attachments = &a, .n_attachments = 1},
			&doc));
		verify_with(&doc, &a, 1, &r);
		if (r.verdict != CARD_VERDICT_VALID)
			fail_msg("%s: %s, %llx", names[i], card_verdict_name(r.verdict),
				 (unsigned long long)r.signatures[0].reasons.document);
		flow_report_free(&r);
		verify_with(&doc, &wrong, 1, &r);
		assert_int_equal(r.verdict, CARD_VERDICT_INVALID);
		flow_report_free(&r);
		card_buf_free(&doc);
	}
	flow_file_free(&f);
	flow_file_free(&other);
}

/* ---- what only the library would see ---- */

/* It looks for an attribute by its local name: one of another name space could come first. */
static void attributes_of_another_name_space_are_refused(void **state)
{
	static const char *const places[][2] = {
		{"<ds:Reference ", "<ds:Reference xmlns:x=\"urn:x\" x:URI=\"#y\" "},
		{"<ds:DigestMethod ", "<ds:DigestMethod xmlns:x=\"urn:x\" x:Algorithm=\"y\" "},
		{"<ds:SignatureMethod ",
		 "<ds:SignatureMethod xmlns:x=\"urn:x\" x:Algorithm=\"y\" "},
		{"<ds:CanonicalizationMethod ",
		 "<ds:CanonicalizationMethod xmlns:x=\"urn:x\" x:Algorithm=\"y\" "},
		{"<ds:Transform ", "<ds:Transform xmlns:x=\"urn:x\" x:Algorithm=\"y\" "},
		{"<ds:SignedInfo", "<ds:SignedInfo xml:id=\"i\""},
	};
	card_buf_t doc = {0};

	(void)state;
	assert_ok(try_sign("<R>1</R>", &(struct flow_xml_options){.plain = true}, &doc));
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		card_buf_t e = replaced(&doc, places[i][0], places[i][1]);
		struct flow_report r;

		verify_with(&e, NULL, 0, &r);
		assert_int_equal(r.verdict, CARD_VERDICT_INVALID);
		assert_true(has(&r, FLOW_REASON_MALFORMED));
		flow_report_free(&r);
		card_buf_free(&e);
	}
	card_buf_free(&doc);
}

/* It takes Base64 with anything between; one value is written in one way here. */
static void base64_with_something_between_is_refused(void **state)
{
	static const char *const places[] = {"<ds:DigestValue>", "<ds:SignatureValue>"};
	static const char *const junk[] = {"!", "-", "A===", "&#xA0;"};
	card_buf_t doc = {0};

	(void)state;
	assert_ok(try_sign("<R>1</R>", &(struct flow_xml_options){.plain = true}, &doc));
	for (size_t i = 0; i < 2 * 4; i++) {
		char to[64];
		struct flow_report r;
		card_buf_t e;

		snprintf(to, sizeof to, "%s%s", places[i / 4], junk[i % 4]);
		e = replaced(&doc, places[i / 4], to);
		verify_with(&e, NULL, 0, &r);
		assert_int_equal(r.verdict, CARD_VERDICT_INVALID);
		assert_true(tampered(&r));
		flow_report_free(&r);
		card_buf_free(&e);
	}
	card_buf_free(&doc);
}

static void a_manifest_is_not_followed(void **state)
{
	card_buf_t doc = {0}, e;
	struct flow_report r;

	(void)state;
	assert_ok(try_sign("<R>1</R>", &(struct flow_xml_options){.plain = true}, &doc));
	e = replaced(&doc, "</ds:KeyInfo>",
		     "</ds:KeyInfo><ds:Object><ds:Manifest><ds:Reference URI=\"/etc/passwd\">"
		     "<ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/>"
		     "<ds:DigestValue>AAAA</ds:DigestValue></ds:Reference></ds:Manifest>"
		     "</ds:Object>");
	verify_with(&e, NULL, 0, &r);
	assert_int_equal(r.verdict, CARD_VERDICT_INVALID);
	assert_true(has(&r, FLOW_REASON_NOT_COVERED));
	assert_false(tampered(&r)); /* the signature itself is right: the manifest was left alone */
	flow_report_free(&r);
	card_buf_free(&e);
	card_buf_free(&doc);
}

/* ---- every reason ---- */

static void what_is_missing_hides_nothing_that_is_wrong(void **state)
{
	flow_file_t *one = file_of("one"), *two = file_of("two"), *wrong = file_of("six");
	const struct flow_attachment a[] = {{"1", one}, {"2", two}};
	const struct flow_attachment bad[] = {{"2", wrong}}, right[] = {{"2", two}};
	card_buf_t doc = {0};
	struct flow_report r;

	(void)state;
	assert_ok(try_sign(
		"<R>100</R>",
		&(struct flow_xml_options){.attachments = a, .n_attachments = 2, .plain = true},
		&doc));
	verify_with(&doc, right, 1, &r);
	assert_int_equal(r.verdict, CARD_VERDICT_UNDETERMINED);
	assert_true(has(&r, FLOW_REASON_CONTENT_MISSING) && !tampered(&r));
	flow_report_free(&r);
	/* the file after the missing one is another */
	verify_with(&doc, bad, 1, &r);
	assert_int_equal(r.verdict, CARD_VERDICT_INVALID);
	assert_true(has(&r, FLOW_REASON_CONTENT_MISSING) && has(&r, FLOW_REASON_DIGEST));
	flow_report_free(&r);
	/* the signature value is wrong */
	{
		const uint8_t *v = memmem(doc.p, doc.n, "<ds:SignatureValue>", 19);

		assert_non_null(v);
		doc.p[v - doc.p + 40] = doc.p[v - doc.p + 40] == 'A' ? 'B' : 'A';
	}
	verify_with(&doc, right, 1, &r);
	assert_int_equal(r.verdict, CARD_VERDICT_INVALID);
	assert_true(has(&r, FLOW_REASON_CONTENT_MISSING) && tampered(&r));
	assert_false(has(&r, FLOW_REASON_DIGEST));
	flow_report_free(&r);
	card_buf_free(&doc);
	flow_file_free(&one);
	flow_file_free(&two);
	flow_file_free(&wrong);
}

/* ---- threads ---- */

static void *work(void *ctx)
{
	struct made_person *p = ctx;
	const struct flow_signer s = made_signer(p);
	const struct flow_verify how = made_verify(p);
	size_t *bad = malloc(sizeof(*bad));

	assert_non_null(bad);
	*bad = 0;
	for (unsigned i = 0; i < 20; i++) {
		char text[64];
		flow_file_t *f = NULL;
		card_buf_t doc = {0};

		snprintf(text, sizeof text, "<R><n>%u</n></R>", i + 100);
		assert_ok(flow_file_of_memory(&f, card_bytes(text, strlen(text))));
		*bad += flow_xml_sign(f, &(struct flow_xml_options){.plain = i % 2 == 0}, &s,
				      &doc) != CARD_OK;
		*bad += made_verdict(&how, card_buf_bytes(&doc), NULL) != CARD_VERDICT_VALID;
		put(&doc, "<n>", "<m>");
		put(&doc, "</n>", "</m>");
		*bad += made_verdict(&how, card_buf_bytes(&doc), NULL) != CARD_VERDICT_INVALID;
		flow_file_free(&f);
		card_buf_free(&doc);
	}
	return bad;
}

/* The first test of this program: the library starts while four of them want it. */
static void several_threads_sign_and_verify_at_once(void **state)
{
	struct made_person who[4];
	pthread_t t[4];
	size_t bad = 0;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		made_person(&who[i], MADE_SIGN, NULL);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&t[i], NULL, work, &who[i]), 0);
	for (size_t i = 0; i < 4; i++) {
		void *result;

		assert_int_equal(pthread_join(t[i], &result), 0);
		bad += *(size_t *)result;
		free(result);
	}
	assert_int_equal(bad, 0);
	for (size_t i = 0; i < 4; i++)
		made_person_free(&who[i]);
}

/* ---- size ---- */

static size_t most_memory(void)
{
	struct rusage u;

	assert_int_equal(getrusage(RUSAGE_SELF, &u), 0);
	return (size_t)u.ru_maxrss * 1024;
}

static void told(void *ctx, uint64_t done, uint64_t all)
{
	uint64_t *last = ctx;

	assert_true(done > *last && done <= all);
	*last = done;
}

static void a_long_attachment_takes_no_memory(void **state)
{
	const size_t size = (size_t)192 << 20;
	const size_t before = most_memory();
	char dir[64], path[96];
	flow_file_t *f = NULL;
	struct flow_attachment a = {"long.bin", NULL};
	uint64_t done = 0;
	card_buf_t doc = {0};
	struct flow_report r;
	int fd;

	(void)state;
	made_dir(dir);
	snprintf(path, sizeof path, "%s/long.bin", dir);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	assert_int_equal(pwrite(fd, "end", 3, (off_t)size - 3), 3);
	assert_ok(flow_file_open(&f, path));
	flow_file_progress(f, told, &done);
	a.file = f;
	assert_ok(try_sign(NULL, &(struct flow_xml_options){.attachments = &a, .n_attachments = 1},
			   &doc));
	assert_int_equal(done, size);
	done = 0;
	verify_with(&doc, &a, 1, &r);
	assert_int_equal(done, size);
	assert_int_equal(r.verdict, CARD_VERDICT_VALID);
	flow_report_free(&r);
	assert_int_equal(pwrite(fd, "END", 3, (off_t)size - 3), 3);
	flow_file_progress(f, NULL, NULL);
	verify_with(&doc, &a, 1, &r);
	assert_int_equal(r.verdict, CARD_VERDICT_INVALID);
	assert_true(has(&r, FLOW_REASON_DIGEST));
	flow_report_free(&r);
	assert_true(most_memory() - before < (size_t)64 << 20);
	close(fd);
	card_buf_free(&doc);
	flow_file_free(&f);
	made_dir_remove(dir);
}

/* An element of some MiB, and so many others that looking them up one by one would show. */
static void a_large_document_is_signed_and_verified(void **state)
{
	static const char *const ids[] = {"big"};
	const size_t size = (size_t)4 << 20, items = 20000;
	char *text = malloc(size + items * 32 + 64), *to = text;
	card_buf_t doc = {0};
	struct flow_report r;

	(void)state;
	assert_non_null(text);
	to += sprintf(to, "<R><x Id=\"big\"><y>");
	memset(to, 'x', size);
	to += size;
	to += sprintf(to, "</y>");
	for (size_t i = 0; i < items; i++)
		to += sprintf(to, "<z id=\"n%zu\"/>", i);
	sprintf(to, "</x></R>");
	assert_ok(try_sign(text, &(struct flow_xml_options){.ids = ids, .n_ids = 1}, &doc));
	verify_with(&doc, NULL, 0, &r);
	assert_int_equal(r.verdict, CARD_VERDICT_VALID);
	flow_report_free(&r);
	put(&doc, "n19999", "n20000");
	verify_with(&doc, NULL, 0, &r);
	assert_int_equal(r.verdict, CARD_VERDICT_INVALID);
	assert_true(has(&r, FLOW_REASON_DIGEST));
	flow_report_free(&r);
	card_buf_free(&doc);
	free(text);
}

/* ---- */

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
		cmocka_unit_test(several_threads_sign_and_verify_at_once),
		cmocka_unit_test(the_key_is_asked_once_for_any_number_of_references),
		cmocka_unit_test(what_the_key_refuses_comes_back),
		cmocka_unit_test(keys_of_elliptic_curves_sign_and_verify),
		cmocka_unit_test(a_file_of_the_same_name_is_not_opened),
		cmocka_unit_test(nobody_is_called_on_the_network),
		cmocka_unit_test(names_with_signs_of_their_own_are_the_same_file),
		cmocka_unit_test(attributes_of_another_name_space_are_refused),
		cmocka_unit_test(base64_with_something_between_is_refused),
		cmocka_unit_test(a_manifest_is_not_followed),
		cmocka_unit_test(what_is_missing_hides_nothing_that_is_wrong),
		cmocka_unit_test(a_long_attachment_takes_no_memory),
		cmocka_unit_test(a_large_document_is_signed_and_verified),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
