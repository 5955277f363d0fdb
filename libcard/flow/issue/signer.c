/* SPDX-License-Identifier: Apache-2.0 */
/* signer.c — the municipality's key behind the function that documents are signed through. */
#include <cardflow/issue_signer.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/store.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>

struct flow_issue_signer {
	EVP_PKEY *key;
	card_cert_t *cert;
};

static EVP_PKEY *load_key(const char *uri)
{
	OSSL_STORE_CTX *ctx = OSSL_STORE_open(uri, NULL, NULL, NULL, NULL);
	EVP_PKEY *key = NULL;

	if (ctx == NULL)
		return NULL;
	OSSL_STORE_expect(ctx, OSSL_STORE_INFO_PKEY);
	while (key == NULL && !OSSL_STORE_eof(ctx)) {
		OSSL_STORE_INFO *info = OSSL_STORE_load(ctx);

		if (info != NULL && OSSL_STORE_INFO_get_type(info) == OSSL_STORE_INFO_PKEY)
			key = OSSL_STORE_INFO_get1_PKEY(info);
		OSSL_STORE_INFO_free(info);
	}
	OSSL_STORE_close(ctx);
	return key;
}

static X509 *load_certificate(const char *path)
{
	FILE *f = fopen(path, "re");
	X509 *x = f != NULL ? PEM_read_X509(f, NULL, NULL, NULL) : NULL;

	if (f != NULL)
		fclose(f);
	return x;
}

static enum card_error take_certificate(flow_issue_signer_t *s, X509 *x)
{
	uint8_t *der = NULL;
	const int n = i2d_X509(x, &der);
	enum card_error err =
		n > 0 ? card_cert_new(&s->cert, card_bytes(der, (size_t)n)) : CARD_ERR_MALFORMED;

	OPENSSL_free(der);
	if (err != CARD_OK)
		return err;
	if (X509_check_private_key(x, s->key) != 1)
		return CARD_ERR_SIGNATURE;
	return flow_hash_for(s->cert) != CARD_HASH_NONE ? CARD_OK : CARD_ERR_UNSUPPORTED;
}

enum card_error flow_issue_signer_open(flow_issue_signer_t **out, const char *key,
				       const char *certificate)
{
	flow_issue_signer_t *s;
	X509 *x;
	enum card_error err;

	if (out == NULL || key == NULL || certificate == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	s = calloc(1, sizeof *s);
	if (s == NULL)
		return CARD_ERR_NO_MEMORY;
	s->key = load_key(key);
	x = load_certificate(certificate);
	err = s->key != NULL && x != NULL ? take_certificate(s, x) : CARD_ERR_NOT_FOUND;
	X509_free(x);
	if (err != CARD_OK) {
		flow_issue_signer_free(&s);
		return err;
	}
	*out = s;
	return CARD_OK;
}

void flow_issue_signer_free(flow_issue_signer_t **s)
{
	if (s == NULL || *s == NULL)
		return;
	EVP_PKEY_free((*s)->key);
	card_cert_free(&(*s)->cert);
	free(*s);
	*s = NULL;
}

long flow_issue_signer_days_left(const flow_issue_signer_t *s, int64_t now)
{
	return (long)((card_cert_not_after(s->cert) - now) / 86400);
}

static enum card_error sign(void *ctx, enum card_hash hash, struct card_bytes digest,
			    card_buf_t *signature)
{
	EVP_PKEY *key = ctx;
	const EVP_MD *md = hash == CARD_HASH_SHA384 ? EVP_sha384() : EVP_sha256();
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new(key, NULL);
	size_t n = 0;
	enum card_error err = CARD_ERR_CRYPTO;

	if (hash != CARD_HASH_SHA384 && hash != CARD_HASH_SHA256)
		err = CARD_ERR_UNSUPPORTED;
	else if (c != NULL && EVP_PKEY_sign_init(c) == 1 &&
		 EVP_PKEY_CTX_set_signature_md(c, md) == 1 &&
		 EVP_PKEY_sign(c, NULL, &n, digest.p, digest.n) == 1 &&
		 card_buf_reserve(signature, n) == CARD_OK &&
		 EVP_PKEY_sign(c, signature->p + signature->n, &n, digest.p, digest.n) == 1) {
		signature->n += n;
		err = CARD_OK;
	}
	EVP_PKEY_CTX_free(c);
	return err;
}

enum card_error flow_issue_signer_sign(const flow_issue_signer_t *s, int64_t time, card_buf_t *pdf)
{
	static const struct flow_pdf_options options = {.kind = FLOW_PDF_PADES};
	struct flow_signer signer = {.cert = NULL, .sign = sign, .time = time};
	card_buf_t update = {0};
	flow_file_t *in = NULL;
	enum card_error err;

	if (s == NULL || pdf == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	if (time < card_cert_not_before(s->cert) || time > card_cert_not_after(s->cert))
		return CARD_ERR_EXPIRED;
	signer.cert = s->cert;
	signer.ctx = s->key;
	err = flow_file_of_memory(&in, card_buf_bytes(pdf));
	if (err == CARD_OK)
		err = flow_pdf_sign(in, &options, &signer, &update);
	flow_file_free(&in);
	if (err == CARD_OK)
		err = card_buf_append(pdf, card_buf_bytes(&update));
	card_buf_free(&update);
	return err;
}
