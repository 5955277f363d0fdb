/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that a front is taken only if it is signed once, by a certificate of that municipality that is
 * in force, over the whole file, and has the pages that the message says, counted one by one (K18);
 * that one byte anywhere, a page more or less, another signer, a second signature, an update or a tail
 * is refused with a word for it (K21).
 */
#include "test.h"

#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cardflow/issue_signer.h>

#include "made_pdf.h"
#include "made_pki.h"
#include "tree.h"

#define NOW ((int64_t)1780000000)
#define DAY ((int64_t)86400)

static char folder[64];
static struct made_key own_key, other_key;
static flow_issue_signer_t *own, *old, *other;
static flow_issue_signers_t *list;

static void in(char path[128], const char *name)
{
	snprintf(path, 128, "%s/%s", folder, name);
}

static flow_issue_signer_t *signer(struct made_key *key, const char *name, int64_t from, int64_t to)
{
	struct made_cert c = {.kind = MADE_SIGN_CA,
			      .test = true,
			      .serial = (unsigned char)name[0],
			      .not_before = from,
			      .not_after = to,
			      .key = key,
			      .issuer = key};
	flow_issue_signer_t *out = NULL;
	card_buf_t der = {0};
	char pem[128], file[128];
	FILE *f;

	in(pem, name);
	in(file, "key.pem");
	made_cert(&c, &der);
	made_pem_file(pem, card_buf_bytes(&der));
	card_buf_free(&der);
	f = fopen(file, "we");
	assert_non_null(f);
	assert_int_equal(PEM_write_PrivateKey(f, key->pkey, NULL, NULL, 0, NULL, NULL), 1);
	fclose(f);
	assert_ok(flow_issue_signer_open(&out, file, pem));
	return out;
}

/* Both certificates of the municipality in one file, as while keys are changed. */
static void join(const char *a, const char *b, const char *to)
{
	const char *const from[] = {a, b};
	char path[128], text[8192];
	FILE *out;

	in(path, to);
	out = fopen(path, "we");
	assert_non_null(out);
	for (size_t i = 0; i < 2; i++) {
		FILE *f;
		size_t n;

		in(path, from[i]);
		f = fopen(path, "re");
		assert_non_null(f);
		n = fread(text, 1, sizeof text, f);
		assert_int_equal(fwrite(text, 1, n, out), n);
		fclose(f);
	}
	fclose(out);
}

static int start(void **state)
{
	char path[128];

	(void)state;
	tree_scratch(folder);
	made_rsa(&own_key, 2048);
	made_rsa(&other_key, 2048);
	own = signer(&own_key, "1.pem", NOW - 100 * DAY, NOW + 100 * DAY);
	old = signer(&own_key, "2.pem", NOW - 500 * DAY, NOW - 10 * DAY);
	other = signer(&other_key, "3.pem", NOW - 100 * DAY, NOW + 100 * DAY);
	join("1.pem", "2.pem", "both.pem");
	in(path, "both.pem");
	assert_ok(flow_issue_signers_read(&list, path));
	return 0;
}

static int stop(void **state)
{
	(void)state;
	flow_issue_signers_free(&list);
	flow_issue_signer_free(&own);
	flow_issue_signer_free(&old);
	flow_issue_signer_free(&other);
	made_key_free(&own_key);
	made_key_free(&other_key);
	tree_scratch_remove(folder);
	return 0;
}

/* A document of some pages below two branches; says is what the root's /Count is. */
static void document(unsigned pages, unsigned says, card_buf_t *out)
{
	struct made_pdf p;
	char text[600], kids[300] = "";

	made_pdf_start(&p);
	made_pdf_object(&p, 1, "<</Type/Catalog/Pages 2 0 R>>");
	snprintf(text, sizeof text, "<</Type/Pages/Kids[3 0 R 4 0 R]/Count %u>>", says);
	made_pdf_object(&p, 2, text);
	made_pdf_object(&p, 3, "<</Type/Pages/Parent 2 0 R/Kids[5 0 R]/Count 1>>");
	for (unsigned i = 1; i < pages; i++)
		snprintf(kids + strlen(kids), sizeof kids - strlen(kids), "%u 0 R ", 5 + i);
	snprintf(text, sizeof text, "<</Type/Pages/Parent 2 0 R/Kids[%s]/Count %u>>", kids,
		 pages - 1);
	made_pdf_object(&p, 4, text);
	for (unsigned i = 0; i < pages; i++) {
		snprintf(text, sizeof text, "<</Type/Page/Parent %u 0 R/MediaBox[0 0 595 842]>>",
			 i == 0 ? 3u : 4u);
		made_pdf_object(&p, 5 + i, text);
	}
	made_pdf_finish(&p, MADE_TABLE);
	*out = p.out;
}

static void refused(struct card_bytes pdf, uint32_t pages, int64_t at, const char *word)
{
	const char *why = NULL;

	assert_int_equal(flow_issue_front_check(list, pdf, pages, at, &why), CARD_ERR_SIGNATURE);
	assert_non_null(why);
	if (word != NULL)
		assert_string_equal(why, word);
}

static void taken(struct card_bytes pdf, uint32_t pages)
{
	const char *why = "?";

	if (flow_issue_front_check(list, pdf, pages, NOW, &why) != CARD_OK)
		fail_msg("refused: %s", why);
	assert_null(why);
}

static void a_front_as_it_must_be_is_taken(void **state)
{
	card_buf_t pdf = {0};

	(void)state;
	for (unsigned pages = 2; pages < 12; pages += 3) {
		document(pages, pages, &pdf);
		refused(card_buf_bytes(&pdf), pages, NOW, "not_signed");
		assert_ok(flow_issue_signer_sign(own, NOW, &pdf));
		taken(card_buf_bytes(&pdf), pages);
		card_buf_free(&pdf);
	}
}

static void pages_are_counted_one_by_one(void **state)
{
	card_buf_t pdf = {0};

	(void)state;
	document(3, 3, &pdf);
	assert_ok(flow_issue_signer_sign(own, NOW, &pdf));
	refused(card_buf_bytes(&pdf), 2, NOW, "pages");
	refused(card_buf_bytes(&pdf), 4, NOW, "pages");
	refused(card_buf_bytes(&pdf), 0, NOW, "pages");
	card_buf_free(&pdf);
	/* The document says one page, and has three: readers go by one or the other. */
	document(3, 1, &pdf);
	assert_ok(flow_issue_signer_sign(own, NOW, &pdf));
	refused(card_buf_bytes(&pdf), 1, NOW, "pages");
	refused(card_buf_bytes(&pdf), 3, NOW, "pages");
	card_buf_free(&pdf);
}

static void only_this_municipality_signs_and_only_while_its_certificate_is_in_force(void **state)
{
	card_buf_t pdf = {0}, late = {0};

	(void)state;
	document(2, 2, &pdf);
	assert_ok(card_buf_append(&late, card_buf_bytes(&pdf)));
	assert_ok(flow_issue_signer_sign(other, NOW, &pdf));
	refused(card_buf_bytes(&pdf), 2, NOW, "signer_other");
	card_buf_free(&pdf);
	/* The certificate before this one: its documents counted then, not now. */
	assert_ok(flow_issue_signer_sign(old, NOW - 20 * DAY, &late));
	refused(card_buf_bytes(&late), 2, NOW, "cert_expired");
	{
		const char *why = NULL;

		assert_ok(flow_issue_front_check(list, card_buf_bytes(&late), 2, NOW - 20 * DAY,
						 &why));
	}
	refused(card_buf_bytes(&late), 2, NOW - 600 * DAY, "cert_not_yet_valid");
	card_buf_free(&late);
}

static void what_comes_after_the_signature_is_refused(void **state)
{
	card_buf_t pdf = {0}, more = {0};
	struct made_pdf update;

	(void)state;
	document(2, 2, &pdf);
	assert_ok(flow_issue_signer_sign(own, NOW, &pdf));
	assert_ok(card_buf_append(&more, card_buf_bytes(&pdf)));
	assert_ok(card_buf_append(&more, BYTES("%\n")));
	refused(card_buf_bytes(&more), 2, NOW, "not_whole_file");
	card_buf_clear(&more);
	assert_ok(card_buf_append(&more, card_buf_bytes(&pdf)));
	assert_ok(flow_issue_signer_sign(own, NOW, &more));
	refused(card_buf_bytes(&more), 2, NOW, "signatures");
	card_buf_free(&more);
	/* An update that draws something on the first page. */
	made_pdf_continue(&update, card_buf_bytes(&pdf), 40);
	made_pdf_object(&update, 5,
			"<</Type/Page/Parent 3 0 R/MediaBox[0 0 595 842]/Contents 41 0 R>>");
	made_pdf_stream(&update, 41, "", "0 0 100 100 re f");
	made_pdf_finish(&update, MADE_TABLE);
	refused(card_buf_bytes(&update.out), 2, NOW, NULL);
	card_buf_free(&update.out);
	refused(card_bytes(pdf.p, pdf.n - 1), 2, NOW, NULL);
	card_buf_free(&pdf);
}

static void one_byte_anywhere_is_refused(void **state)
{
	card_buf_t pdf = {0};
	size_t steps = 0;

	(void)state;
	document(2, 2, &pdf);
	assert_ok(flow_issue_signer_sign(own, NOW, &pdf));
	/* The zeros behind the signature value are looked at less densely. */
	for (size_t at = 0; at < pdf.n; at += pdf.p[at] == '0' ? 97 : 3, steps++) {
		const char *why = NULL;

		pdf.p[at] ^= 1;
		if (flow_issue_front_check(list, card_buf_bytes(&pdf), 2, NOW, &why) == CARD_OK)
			fail_msg("byte %zu", at);
		pdf.p[at] ^= 1;
	}
	assert_true(steps > 200);
	taken(card_buf_bytes(&pdf), 2);
	card_buf_free(&pdf);
}

static void what_is_no_pdf_is_refused(void **state)
{
	(void)state;
	refused(BYTES(""), 1, NOW, NULL);
	refused(BYTES("hello"), 1, NOW, NULL);
	refused(BYTES("%PDF-1.7\n%%EOF\n"), 1, NOW, NULL);
	refused(BYTES("<xml/>"), 1, NOW, NULL);
}

static void a_list_without_certificates_is_none(void **state)
{
	flow_issue_signers_t *none = NULL;
	char path[128];

	(void)state;
	in(path, "nowhere.pem");
	assert_int_equal(flow_issue_signers_read(&none, path), CARD_ERR_NOT_FOUND);
	in(path, "key.pem");
	assert_int_equal(flow_issue_signers_read(&none, path), CARD_ERR_MALFORMED);
	assert_null(none);
	assert_int_equal(flow_issue_signers_read(&none, NULL), CARD_ERR_INVALID_ARGUMENT);
	flow_issue_signers_free(&none);
	flow_issue_signers_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_front_as_it_must_be_is_taken),
		cmocka_unit_test(pages_are_counted_one_by_one),
		cmocka_unit_test(
			only_this_municipality_signs_and_only_while_its_certificate_is_in_force),
		cmocka_unit_test(what_comes_after_the_signature_is_refused),
		cmocka_unit_test(one_byte_anywhere_is_refused),
		cmocka_unit_test(what_is_no_pdf_is_refused),
		cmocka_unit_test(a_list_without_certificates_is_none),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
