/* SPDX-License-Identifier: Apache-2.0 */
#include "seed_pdf.h"

#include <stdio.h>
#include <stdlib.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cardflow/sign.h>

#include "made_pdf.h"

static void must(bool holds)
{
	if (!holds) {
		(void)fprintf(stderr, "seed: a PDF could not be made\n");
		exit(1);
	}
}

static enum card_error with_key(void *ctx, enum card_hash hash, struct card_bytes digest,
				card_buf_t *signature)
{
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new(ctx, NULL);
	uint8_t value[512];
	size_t n = sizeof value;

	must(hash == CARD_HASH_SHA256 && EVP_PKEY_sign_init(c) == 1 &&
	     EVP_PKEY_CTX_set_signature_md(c, EVP_sha256()) == 1 &&
	     EVP_PKEY_sign(c, value, &n, digest.p, digest.n) == 1);
	EVP_PKEY_CTX_free(c);
	return card_buf_append(signature, card_bytes(value, n));
}

struct maker {
	void (*put)(const char *target, const char *name, struct card_bytes b);
	struct flow_signer signer;
};

/* The file as it is, and signed with these options; *made becomes the signed one. */
static void one(const struct maker *m, const char *name, card_buf_t *made,
		const struct flow_pdf_options *opt)
{
	flow_file_t *f = NULL;
	card_buf_t out = {0};

	m->put("pdf", name, card_buf_bytes(made));
	must(flow_file_of_memory(&f, card_buf_bytes(made)) == CARD_OK &&
	     card_buf_append(&out, card_buf_bytes(made)) == CARD_OK &&
	     flow_pdf_sign(f, opt, &m->signer, &out) == CARD_OK);
	flow_file_free(&f);
	m->put("document", name, card_buf_bytes(&out));
	card_buf_free(made);
	*made = out;
}

static void all(const struct maker *m)
{
	static const enum made_xref kinds[] = {MADE_TABLE, MADE_STREAM, MADE_HYBRID};
	static const char *const plain[] = {"table.pdf", "stream.pdf", "hybrid.pdf"};
	static const char *const again[] = {"table-again.pdf", "stream-again.pdf",
					    "hybrid-again.pdf"};
	static const struct made_packed packed[] = {
		{1, "<< /Type /Catalog /Pages 2 0 R /AcroForm 5 0 R >>"},
		{2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>"},
		{3,
		 "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Contents 4 0 R /Annots [8 0 R] >>"},
		{5, "<< /Fields [8 0 R] /DA (/Helv 0 Tf) >>"},
		{8,
		 "<< /Type /Annot /Subtype /Widget /FT /Sig /T (Buyer) /Rect [10 10 90 30] /P 3 0 R /Lock "
		 "<< /Action /Include /Fields [(A)] >> /SV << /Filter /Adobe.PPKLite /Ff 1 >> >>"}};
	const struct flow_pdf_options usual = {.reason = "同意"};
	const struct flow_pdf_options field = {.field = "Buyer", .blank = true};
	const struct flow_pdf_visible place = {.page = 1, .width = 60, .height = 15};
	const struct flow_pdf_options visible = {.visible = &place};
	struct made_pdf p;

	for (size_t i = 0; i < 3; i++) {
		made_pdf_form(&p, kinds[i]);
		one(m, plain[i], &p.out, &usual);
		one(m, again[i], &p.out, &usual);
		card_buf_free(&p.out);
	}
	made_pdf_start(&p);
	made_pdf_stream(&p, 4, "", "BT (Pay 100 yen) Tj ET");
	made_pdf_finish_packed(&p, 9, packed, sizeof packed / sizeof *packed);
	one(m, "packed-field.pdf", &p.out, &field);
	made_pdf_continue(&p, card_buf_bytes(&p.out), 30); /* what was signed, and a change */
	made_pdf_object(&p, 2, "<< /Type /Pages /Kids [3 0 R 3 0 R] /Count 2 >>");
	made_pdf_finish(&p, MADE_STREAM);
	m->put("document", "changed.pdf", card_buf_bytes(&p.out));
	card_buf_free(&p.out);
	made_pdf_simple(&p, MADE_TABLE);
	one(m, "visible.pdf", &p.out, &visible);
	card_buf_free(&p.out);
}

void seed_pdf(void (*put)(const char *target, const char *name, struct card_bytes b))
{
	BIO *key_file = BIO_new_file("build/fixtures/keys/400000012719843-sign.pem", "r");
	BIO *cert_file = BIO_new_file("build/fixtures/certs/test-person-sign.pem", "r");
	EVP_PKEY *key = PEM_read_bio_PrivateKey(key_file, NULL, NULL, NULL);
	X509 *x = PEM_read_bio_X509(cert_file, NULL, NULL, NULL);
	struct maker m = {.put = put};
	uint8_t *der = NULL;
	card_cert_t *cert = NULL;
	const int n = i2d_X509(x, &der);

	must(key != NULL && n > 0 && card_cert_new(&cert, card_bytes(der, (size_t)n)) == CARD_OK);
	m.signer = (struct flow_signer){
		.cert = cert, .sign = with_key, .ctx = key, .time = INT64_C(1780272000)};
	all(&m);
	card_cert_free(&cert);
	OPENSSL_free(der);
	X509_free(x);
	EVP_PKEY_free(key);
	BIO_free(cert_file);
	BIO_free(key_file);
}
