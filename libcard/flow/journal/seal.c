/* SPDX-License-Identifier: Apache-2.0 */
#include <cardflow/seal.h>

#include <openssl/cms.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

struct journal_seal {
	STACK_OF(X509) * recipients;
};

struct journal_unseal {
	EVP_PKEY *key;
};

enum card_error journal_seal_open(journal_seal_t **out, const char *recipients)
{
	journal_seal_t *s;
	X509 *cert;
	FILE *f;

	if (out == NULL || recipients == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	f = fopen(recipients, "re");
	if (f == NULL)
		return CARD_ERR_IO;
	s = calloc(1, sizeof *s);
	if (s != NULL)
		s->recipients = sk_X509_new_null();
	while (s != NULL && s->recipients != NULL &&
	       (cert = PEM_read_X509(f, NULL, NULL, NULL)) != NULL)
		sk_X509_push(s->recipients, cert);
	fclose(f);
	if (s == NULL || s->recipients == NULL || sk_X509_num(s->recipients) < 1) {
		journal_seal_free(&s);
		return CARD_ERR_MALFORMED;
	}
	*out = s;
	return CARD_OK;
}

enum card_error journal_seal_to(journal_seal_t **out, X509 *certificate)
{
	journal_seal_t *s;

	if (out == NULL || certificate == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	s = calloc(1, sizeof *s);
	if (s != NULL)
		s->recipients = sk_X509_new_null();
	if (s == NULL || s->recipients == NULL || X509_up_ref(certificate) != 1) {
		journal_seal_free(&s);
		return CARD_ERR_NO_MEMORY;
	}
	if (sk_X509_push(s->recipients, certificate) < 1) {
		X509_free(certificate);
		journal_seal_free(&s);
		return CARD_ERR_NO_MEMORY;
	}
	*out = s;
	return CARD_OK;
}

void journal_seal_free(journal_seal_t **s)
{
	if (s == NULL || *s == NULL)
		return;
	sk_X509_pop_free((*s)->recipients, X509_free);
	free(*s);
	*s = NULL;
}

static char *to_base64(const unsigned char *der, int n)
{
	char *text = malloc(4 * (((size_t)n + 2) / 3) + 1);

	if (text != NULL)
		EVP_EncodeBlock((unsigned char *)text, der, n);
	return text;
}

/* The text went through buffers on the stack of libcrypto: nothing of it stays there. */
static __attribute__((noinline)) void wipe_stack(void)
{
	uint8_t below[16384];

	card_wipe(below, sizeof below);
}

enum card_error journal_seal_text(const journal_seal_t *s, const char *clear, char **out)
{
	CMS_ContentInfo *cms = NULL;
	unsigned char *der = NULL;
	BIO *in;
	int n = -1;

	if (s == NULL || clear == NULL || out == NULL || strlen(clear) > 1000)
		return CARD_ERR_INVALID_ARGUMENT;
	*out = NULL;
	in = BIO_new_mem_buf(clear, (int)strlen(clear));
	if (in != NULL)
		cms = CMS_encrypt(s->recipients, in, EVP_aes_256_gcm(), CMS_BINARY);
	if (cms != NULL)
		n = i2d_CMS_ContentInfo(cms, &der);
	if (n > 0)
		*out = to_base64(der, n);
	OPENSSL_free(der);
	CMS_ContentInfo_free(cms);
	BIO_free(in);
	wipe_stack();
	return *out != NULL ? CARD_OK : CARD_ERR_CRYPTO;
}

static int give_passphrase(char *buf, int size, int writing, void *ctx)
{
	const struct card_bytes p = card_secret_bytes(ctx);

	(void)writing;
	if (p.n == 0 || p.n > (size_t)size)
		return -1;
	memcpy(buf, p.p, p.n);
	return (int)p.n;
}

enum card_error journal_unseal_open(journal_unseal_t **out, const char *key_file,
				    const card_secret_t *passphrase)
{
	/* The callback takes a pointer to non-const, and only reads. */
	union {
		const card_secret_t *in;
		void *out;
	} ctx = {.in = passphrase};
	journal_unseal_t *u;
	FILE *f;

	if (out == NULL || key_file == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	f = fopen(key_file, "re");
	if (f == NULL)
		return CARD_ERR_IO;
	u = calloc(1, sizeof *u);
	if (u != NULL)
		u->key = PEM_read_PrivateKey(f, NULL, give_passphrase, ctx.out);
	fclose(f);
	if (u == NULL)
		return CARD_ERR_NO_MEMORY;
	if (u->key == NULL) {
		journal_unseal_free(&u);
		return CARD_ERR_PIN_WRONG;
	}
	*out = u;
	return CARD_OK;
}

void journal_unseal_free(journal_unseal_t **u)
{
	if (u == NULL || *u == NULL)
		return;
	EVP_PKEY_free((*u)->key);
	free(*u);
	*u = NULL;
}

static CMS_ContentInfo *from_base64(const char *text)
{
	const size_t n = strlen(text);
	unsigned char *der = malloc(n / 4 * 3 + 3);
	const unsigned char *at = der;
	CMS_ContentInfo *cms = NULL;

	if (der != NULL && n > 0 && n % 4 == 0 && n < 1000000) {
		int len = EVP_DecodeBlock(der, (const unsigned char *)text, (int)n);

		/* EVP_DecodeBlock counts the padding as data. */
		if (len > 2)
			len -= (text[n - 1] == '=') + (text[n - 2] == '=');
		if (len > 0)
			cms = d2i_CMS_ContentInfo(NULL, &at, len);
	}
	free(der);
	return cms;
}

enum card_error journal_unseal_text(const journal_unseal_t *u, const char *sealed, char **out)
{
	CMS_ContentInfo *cms;
	BIO *clear = NULL;
	char *data = NULL;
	long n = 0;

	if (u == NULL || sealed == NULL || out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	*out = NULL;
	cms = from_base64(sealed);
	if (cms != NULL)
		clear = BIO_new(BIO_s_secmem());
	if (clear != NULL && CMS_decrypt(cms, u->key, NULL, NULL, clear, CMS_BINARY) == 1)
		n = BIO_get_mem_data(clear, &data);
	if (n > 0 && data != NULL && (*out = malloc((size_t)n + 1)) != NULL) {
		memcpy(*out, data, (size_t)n);
		(*out)[n] = '\0';
	}
	BIO_free(clear);
	CMS_ContentInfo_free(cms);
	return *out != NULL ? CARD_OK : CARD_ERR_SIGNATURE;
}
