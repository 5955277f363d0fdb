/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signatures with the test person's key: by libcrypto in its encodings, and by libcardflow in
 * every form it makes.
 */
#include "seed_document.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/cms.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <card/trust.h>
#include <cardflow/apply.h>
#include <cardflow/sign.h>

#define CERT "build/fixtures/certs/test-person-sign.pem"
#define KEY  "build/fixtures/keys/400000012719843-sign.pem"

static seed_put_fn *put_to;
static EVP_PKEY *key;
static X509 *signer;
static card_cert_t *cert;

static void must(bool good)
{
	if (!good) {
		(void)fprintf(stderr, "seed: a document cannot be made\n");
		exit(1);
	}
}

static void open_key(void)
{
	BIO *file = BIO_new_file(KEY, "r");
	card_buf_t der = {0};
	const uint8_t *p;

	must(file != NULL);
	key = PEM_read_bio_PrivateKey(file, NULL, NULL, NULL);
	BIO_free(file);
	must(key != NULL && card_cert_read_file(CERT, &der) == CARD_OK);
	p = der.p;
	signer = d2i_X509(NULL, &p, (long)der.n);
	must(signer != NULL && card_cert_new(&cert, card_buf_bytes(&der)) == CARD_OK);
	card_buf_free(&der);
}

/* ---- libcrypto ---- */

static void cms(const char *name, unsigned flags, bool indefinite, bool pem)
{
	BIO *content = BIO_new_mem_buf("content\n", 8), *out = BIO_new(BIO_s_mem());
	CMS_ContentInfo *c = CMS_sign(signer, key, NULL, content,
				      flags | CMS_BINARY | (indefinite ? CMS_STREAM : 0));
	const char *p;
	long n;

	must(c != NULL && out != NULL);
	if (indefinite)
		must(i2d_CMS_bio_stream(out, c, content, (int)(flags | CMS_BINARY | CMS_STREAM)) ==
		     1);
	else
		must((pem ? PEM_write_bio_CMS_stream(out, c, NULL, 0) : i2d_CMS_bio(out, c)) == 1);
	n = BIO_get_mem_data(out, &p);
	put_to("document", name, card_bytes(p, (size_t)n));
	CMS_ContentInfo_free(c);
	BIO_free(content);
	BIO_free(out);
}

/* ---- libcardflow ---- */

static enum card_error sign(void *ctx, enum card_hash hash, struct card_bytes digest,
			    card_buf_t *signature)
{
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new(key, NULL);
	uint8_t value[512];
	size_t n = sizeof value;

	(void)ctx;
	must(c != NULL && hash == CARD_HASH_SHA256 && EVP_PKEY_sign_init(c) == 1 &&
	     EVP_PKEY_CTX_set_rsa_padding(c, RSA_PKCS1_PADDING) == 1 &&
	     EVP_PKEY_CTX_set_signature_md(c, EVP_sha256()) == 1 &&
	     EVP_PKEY_sign(c, value, &n, digest.p, digest.n) == 1);
	EVP_PKEY_CTX_free(c);
	return card_buf_append(signature, card_bytes(value, n));
}

static struct flow_signer by_card(void)
{
	return (struct flow_signer){.cert = cert, .sign = sign, .time = 1790000000};
}

static void xml(const char *name, const struct flow_xml_options *options)
{
	static const char text[] = "<a xmlns:x=\"urn:x\"><b Id=\"o\"><x:c d=\"1\">e</x:c></b></a>";
	const struct flow_signer s = by_card();
	card_buf_t out = {0};
	flow_file_t *f = NULL;

	must(flow_file_of_memory(&f, card_bytes(text, sizeof text - 1)) == CARD_OK &&
	     flow_xml_sign(f, options, &s, &out) == CARD_OK);
	put_to("document", name, card_buf_bytes(&out));
	flow_file_free(&f);
	card_buf_free(&out);
}

static void pdf(const char *name, enum flow_pdf_kind kind)
{
	static const char text[] =
		"%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
		"2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n"
		"3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>\nendobj\n"
		"xref\n0 4\n0000000000 65535 f \n0000000009 00000 n \n0000000054 00000 n \n"
		"0000000105 00000 n \ntrailer\n<</Root 1 0 R/Size 4>>\nstartxref\n166\n%%EOF\n";
	const struct flow_signer s = by_card();
	const struct flow_pdf_options options = {.kind = kind};
	card_buf_t out = {0};
	flow_file_t *f = NULL;

	must(card_buf_append(&out, card_bytes(text, sizeof text - 1)) == CARD_OK &&
	     flow_file_of_memory(&f, card_bytes(text, sizeof text - 1)) == CARD_OK &&
	     flow_pdf_sign(f, &options, &s, &out) == CARD_OK);
	put_to("document", name, card_buf_bytes(&out));
	flow_file_free(&f);
	card_buf_free(&out);
}

static void application(void)
{
	struct flow_apply_problem p;
	flow_form_t *form = NULL;
	flow_application_t *a = NULL;
	card_buf_t json = {0}, text = {0};
	const char *file = "tests/fuzz/form.json";
	flow_file_t *f = NULL;

	must(flow_file_open(&f, file) == CARD_OK &&
	     flow_form_read(&form, flow_file_bytes(f), &p) == CARD_OK &&
	     flow_application_new(&a, form, NULL) == CARD_OK &&
	     flow_application_set(a, "child", "<&>") == CARD_OK &&
	     flow_application_attach(a, "a.txt", card_bytes("b", 1)) == CARD_OK &&
	     flow_application_write(a, &json) == CARD_OK &&
	     flow_application_write_xml(a, &text) == CARD_OK);
	put_to("application", "form.json", flow_file_bytes(f));
	put_to("application", "application.json", card_buf_bytes(&json));
	put_to("application", "application.xml", card_buf_bytes(&text));
	card_buf_free(&json);
	card_buf_free(&text);
	flow_application_free(&a);
	flow_form_free(&form);
	flow_file_free(&f);
}

void seed_documents(seed_put_fn *put)
{
	static const char *const ids[] = {"o"};
	static const char nothing[] = "<a xmlns:b='c'><Signature/></a>";

	put_to = put;
	open_key();
	cms("attached", 0, false, false);
	cms("detached", CMS_DETACHED, false, false);
	cms("cades", CMS_DETACHED | CMS_CADES, false, false);
	cms("without-attributes", CMS_NOATTR, false, false);
	cms("key-id", CMS_USE_KEYID, false, false);
	cms("indefinite", 0, true, false);
	cms("pem", CMS_CADES, false, true);
	put("document", "nothing.xml", card_bytes(nothing, sizeof nothing - 1));
	xml("enveloped.xml", &(struct flow_xml_options){.ids = NULL});
	xml("exclusive.xml", &(struct flow_xml_options){.exclusive = true, .plain = true});
	xml("enveloping.xml", &(struct flow_xml_options){.enveloping = true});
	xml("element.xml", &(struct flow_xml_options){.ids = ids, .n_ids = 1});
	pdf("pades.pdf", FLOW_PDF_PADES);
	pdf("touki.pdf", FLOW_PDF_TOUKI);
	application();
	EVP_PKEY_free(key);
	X509_free(signer);
	card_cert_free(&cert);
}
