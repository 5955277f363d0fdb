/* SPDX-License-Identifier: Apache-2.0 */
/* What verifying documents costs beside the library's own verification, and beside hashing alone. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "bench.h"
#include "made_document.h"
#include "made_pdf.h"
#include "test.h"

#define LARGE ((size_t)100 * 1000 * 1000)

static struct made_person person;
static struct flow_verify how;
static card_buf_t small;
static flow_file_t *small_file;
static uint8_t *memory;

static void ours(void *ctx)
{
	struct flow_report r;

	(void)ctx;
	assert_ok(flow_verify(small_file, NULL, &how, &r));
	assert_int_equal(r.verdict, CARD_VERDICT_VALID);
	flow_report_free(&r);
}

/* The same in the library's own words: read, signature, signer's certificate to its root. */
static void theirs(void *ctx)
{
	const uint8_t *p = small.p;
	CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &p, (long)small.n);

	if (CMS_verify(cms, NULL, ctx, NULL, NULL, CMS_BINARY) != 1) {
		ERR_print_errors_fp(stderr);
		exit(1);
	}
	CMS_ContentInfo_free(cms);
}

static X509_STORE *store(void)
{
	const card_cert_t *root = card_trust_anchor(person.trust, 0);
	const uint8_t *p = card_cert_der(root).p;
	X509 *x = d2i_X509(NULL, &p, (long)card_cert_der(root).n);
	X509_STORE *s = X509_STORE_new();

	X509_STORE_add_cert(s, x);
	X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(s), (time_t)MADE_NOW);
	X509_VERIFY_PARAM_set_purpose(X509_STORE_get0_param(s), X509_PURPOSE_ANY);
	X509_free(x);
	return s;
}

static void hash_memory(void *ctx)
{
	uint8_t out[EVP_MAX_MD_SIZE];

	(void)ctx;
	EVP_Digest(memory, LARGE, out, NULL, EVP_sha256(), NULL);
	bench_keep(out);
}

static void hash_file(void *ctx)
{
	const struct flow_range all = {0, flow_file_bytes(ctx).n};
	uint8_t out[CARD_HASH_MAX];

	assert_ok(flow_file_digest(ctx, CARD_HASH_SHA256, &all, 1, out));
	bench_keep(out);
}

static void verify_pdf(void *ctx)
{
	struct flow_report r;

	assert_ok(flow_verify(ctx, NULL, &how, &r));
	assert_int_equal(r.verdict, CARD_VERDICT_VALID);
	flow_report_free(&r);
}

static void put(FILE *f, const void *p, size_t n)
{
	if (fwrite(p, 1, n, f) != n)
		exit(1);
}

/* A signed PDF with one stream of LARGE bytes, in a file. */
static void large_pdf(const char *path)
{
	static const char head[] =
		"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type "
		"/Pages /Kids [3 0 R] /Count 1 >>\nendobj\n3 0 obj\n<< /Type /Page /Parent 2 0 R "
		"/MediaBox [0 0 9 9] >>\nendobj\n4 0 obj\n<< /Length 100000000 >>\nstream\n";
	static const char *const at[] = {"1 0 obj", "2 0 obj", "3 0 obj", "4 0 obj"};
	const struct flow_pdf_options opt = {.kind = FLOW_PDF_PADES};
	const struct flow_signer s = made_signer(&person);
	card_buf_t update = {0};
	flow_file_t *in = NULL;
	FILE *f = fopen(path, "wb");
	long table;

	if (f == NULL)
		exit(1);
	put(f, head, sizeof head - 1);
	put(f, memory, LARGE);
	(void)fprintf(f, "\nendstream\nendobj\n");
	table = ftell(f);
	(void)fprintf(f, "xref\n0 5\n0000000000 65535 f \n");
	for (size_t i = 0; i < 4; i++)
		(void)fprintf(f, "%010zu 00000 n \n", (size_t)(strstr(head, at[i]) - head));
	(void)fprintf(f, "trailer\n<< /Root 1 0 R /Size 5 >>\nstartxref\n%ld\n%%%%EOF\n", table);
	(void)fclose(f);
	assert_ok(flow_file_open(&in, path));
	assert_ok(flow_pdf_sign(in, &opt, &s, &update));
	flow_file_free(&in);
	f = fopen(path, "ab");
	if (f == NULL)
		exit(1);
	put(f, update.p, update.n);
	(void)fclose(f);
	card_buf_free(&update);
}

static void measure_small(void)
{
	const struct flow_signer s = made_signer(&person);
	const struct card_bytes content = BYTES("a small document");
	uint8_t digest[CARD_HASH_MAX];
	X509_STORE *st = store();
	double a, b;

	assert_ok(card_hash_digest(CARD_HASH_SHA256, content, digest));
	assert_ok(flow_cms_sign(&s, card_bytes(digest, 32), &content, 0, &small));
	assert_ok(flow_file_of_memory(&small_file, card_buf_bytes(&small)));
	a = bench_seconds(ours, NULL);
	b = bench_seconds(theirs, st);
	bench_report("document.verify.cms", a * 1e6, "us", "CMS_verify", a / b, 1.3);
	X509_STORE_free(st);
	flow_file_free(&small_file);
	card_buf_free(&small);
}

static void measure_large(void)
{
	char dir[64], path[96];
	flow_file_t *f = NULL;
	double sha, a, b;

	memory = malloc(LARGE);
	if (memory == NULL)
		exit(1);
	memset(memory, 'x', LARGE);
	made_dir(dir);
	snprintf(path, sizeof path, "%s/large.pdf", dir);
	large_pdf(path);
	assert_ok(flow_file_open(&f, path));
	sha = bench_seconds(hash_memory, NULL);
	a = bench_seconds(hash_file, f);
	b = bench_seconds(verify_pdf, f);
	bench_report("document.hash.100m", a, "s", "sha256", a / sha, 1 / 0.9);
	bench_report("document.verify.pdf.100m", b, "s", "sha256", b / sha, 1 / 0.8);
	flow_file_free(&f);
	made_dir_remove(dir);
	free(memory);
}

int main(void)
{
	made_person(&person, MADE_SIGN, NULL);
	how = made_verify(&person);
	measure_small();
	measure_large();
	made_person_free(&person);
	return 0;
}
