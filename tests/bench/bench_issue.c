/* SPDX-License-Identifier: Apache-2.0 */
/* What a 住民票の写し costs an issuer: read, decided and drawn, in CPU time, beside the library's own
 * drawing of the same text. */
#include <cairo-pdf.h>
#include <pango/pangocairo.h>
#include <stdlib.h>
#include <time.h>

#include <openssl/pem.h>

#include <cardflow/issue_signer.h>

#include "../flow/issue/town.h"
#include "bench.h"
#include "made_pki.h"

static struct town town;
static char *drawn;

/* CPU seconds of one call, the best of several rounds. */
static double cpu_seconds(void (*work)(void *), void *ctx)
{
	double best = 1e9;

	for (int round = 0; round < 5; round++) {
		struct timespec a, b;
		double spent;

		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
		for (int i = 0; i < 20; i++)
			work(ctx);
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
		spent = ((double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9) /
			20;
		if (spent < best)
			best = spent;
	}
	return best;
}

static void ours(void *ctx)
{
	const struct flow_certificate_options *o = ctx;
	struct flow_certificate c =
		town_ask(&town, &town_office, FLOW_CERTIFICATE_JUMINHYO, "0a01", *o);

	assert_int_equal(c.outcome, FLOW_OUTCOME_MADE);
	if (drawn == NULL) {
		assert_ok(card_buf_append_byte(&c.drawn, '\0'));
		drawn = strdup((const char *)c.drawn.p);
	}
	flow_certificate_free(&c);
}

static cairo_status_t drop(void *ctx, const unsigned char *data, unsigned length)
{
	(void)ctx;
	bench_keep(data);
	(void)length;
	return CAIRO_STATUS_SUCCESS;
}

/* The same text in one layout on a page, the same font, as a program of a few lines would. */
static void plain(void *ctx)
{
	cairo_surface_t *s = cairo_pdf_surface_create_for_stream(drop, NULL, 595, 842);
	cairo_t *cr = cairo_create(s);
	PangoLayout *l = pango_cairo_create_layout(cr);
	PangoFontDescription *d = pango_font_description_from_string("IPAmjMincho 8");

	(void)ctx;
	pango_layout_set_font_description(l, d);
	pango_layout_set_text(l, drawn, -1);
	pango_cairo_show_layout(cr, l);
	pango_font_description_free(d);
	g_object_unref(l);
	cairo_destroy(cr);
	cairo_surface_destroy(s);
}

/* ---- message 4 at the centre ---- */

static flow_issue_signers_t *signers;
static card_buf_t front;
static uint32_t front_pages;
static int64_t front_time;
static EVP_PKEY *front_key;
static uint8_t front_signature[256];

static void checked(void *ctx)
{
	const char *why;

	(void)ctx;
	assert_ok(flow_issue_front_check(signers, card_buf_bytes(&front), front_pages, front_time,
					 &why));
}

/* The least: the digest of the file and one RSA verification. */
static void least_check(void *ctx)
{
	uint8_t digest[32];
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new(front_key, NULL);

	(void)ctx;
	EVP_Digest(front.p, front.n, digest, NULL, EVP_sha256(), NULL);
	EVP_PKEY_verify_init(c);
	EVP_PKEY_CTX_set_signature_md(c, EVP_sha256());
	EVP_PKEY_verify(c, front_signature, sizeof front_signature, digest, sizeof digest);
	EVP_PKEY_CTX_free(c);
}

static void make_front(void)
{
	const struct flow_certificate_options o = {0};
	struct flow_certificate c =
		town_ask(&town, &town_office, FLOW_CERTIFICATE_JUMINHYO, "0a01", o);
	struct made_key key;
	struct made_cert cert = {
		.kind = MADE_SIGN_CA, .test = true, .serial = 7, .key = &key, .issuer = &key};
	flow_issue_signer_t *signer = NULL;
	card_buf_t der = {0};
	char pem[128], file[128];
	FILE *f;

	front_time = (int64_t)time(NULL);
	cert.not_before = front_time - 86400;
	cert.not_after = front_time + 86400;
	made_rsa(&key, 2048);
	made_cert(&cert, &der);
	snprintf(pem, sizeof pem, "%s/signer.pem", town.folder);
	snprintf(file, sizeof file, "%s/signer.key", town.folder);
	made_pem_file(pem, card_buf_bytes(&der));
	f = fopen(file, "we");
	assert_non_null(f);
	assert_int_equal(PEM_write_PrivateKey(f, key.pkey, NULL, NULL, 0, NULL, NULL), 1);
	fclose(f);
	assert_ok(flow_issue_signer_open(&signer, file, pem));
	assert_ok(flow_issue_signers_read(&signers, pem));
	front_pages = (uint32_t)c.pages;
	assert_ok(card_buf_append(&front, card_buf_bytes(&c.pdf)));
	assert_ok(flow_issue_signer_sign(signer, front_time, &front));
	EVP_PKEY_up_ref(key.pkey);
	front_key = key.pkey;
	flow_issue_signer_free(&signer);
	flow_certificate_free(&c);
	card_buf_free(&der);
	made_key_free(&key);
}

static void bench_front(void)
{
	double least, seconds;

	make_front();
	least = cpu_seconds(least_check, NULL);
	seconds = cpu_seconds(checked, NULL);
	bench_report("issue.front_check", seconds * 1e3, "ms", "SHA-256 and one RSA verification",
		     seconds / least, 20);
	EVP_PKEY_free(front_key);
	flow_issue_signers_free(&signers);
	card_buf_free(&front);
}

int main(void)
{
	struct flow_certificate_options household = {0}, all = {.domicile = true, .relation = true},
					one = {.person = true};
	double least, seconds;

	town_open(&town, NULL);
	ours(&household);
	plain(NULL);
	least = cpu_seconds(plain, NULL);
	seconds = cpu_seconds(ours, &household);
	/* The goal is for the time: 20 ms of CPU. */
	bench_report("issue.juminhyo.household", seconds * 1000, "ms", NULL, 0, 20);
	bench_report("issue.juminhyo.household.ratio", seconds * 1000, "ms",
		     "the same text in one layout", seconds / least, 0);
	seconds = cpu_seconds(ours, &all);
	bench_report("issue.juminhyo.all_options", seconds * 1000, "ms", NULL, 0, 20);
	seconds = cpu_seconds(ours, &one);
	bench_report("issue.juminhyo.person", seconds * 1000, "ms", NULL, 0, 20);
	bench_front();
	free(drawn);
	town_close(&town);
	return 0;
}
