/* SPDX-License-Identifier: Apache-2.0 */
/* package.c — sealing to the receiver (RFC 5083, RFC 5084). */
#include <cardflow/apply.h>

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

static X509 *certificate(struct card_bytes der)
{
	const uint8_t *p = der.p;

	return d2i_X509(NULL, &p, (long)der.n);
}

/* RSA keys receive by OAEP with SHA-256, never by PKCS#1 v1.5. */
static bool add_receiver(CMS_ContentInfo *cms, X509 *to)
{
	CMS_RecipientInfo *ri = CMS_add1_recipient_cert(cms, to, CMS_KEY_PARAM);
	EVP_PKEY_CTX *ctx;

	if (ri == NULL)
		return false;
	if (EVP_PKEY_get_base_id(X509_get0_pubkey(to)) != EVP_PKEY_RSA)
		return true;
	ctx = CMS_RecipientInfo_get0_pkey_ctx(ri);
	return ctx != NULL && EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) == 1 &&
	       EVP_PKEY_CTX_set_rsa_oaep_md(ctx, EVP_sha256()) == 1;
}

static enum card_error take_all(BIO *bio, card_buf_t *out)
{
	const char *p;
	const long n = BIO_get_mem_data(bio, &p);

	return card_buf_append(out, card_bytes(p, n > 0 ? (size_t)n : 0));
}

enum card_error flow_pack(struct card_bytes receiver, struct card_bytes signed_bytes,
			  card_buf_t *out)
{
	X509 *to = certificate(receiver);
	BIO *in = BIO_new_mem_buf(signed_bytes.p, (int)signed_bytes.n), *der = BIO_new(BIO_s_mem());
	CMS_ContentInfo *cms = NULL;
	enum card_error err = CARD_ERR_CRYPTO;

	if (to == NULL || in == NULL || der == NULL) {
		err = to == NULL ? CARD_ERR_MALFORMED : CARD_ERR_NO_MEMORY;
	} else {
		cms = CMS_encrypt(NULL, NULL, EVP_aes_256_gcm(), CMS_BINARY | CMS_PARTIAL);
		if (cms != NULL && !add_receiver(cms, to))
			err = CARD_ERR_UNSUPPORTED;
		else if (cms != NULL && CMS_final(cms, in, NULL, CMS_BINARY) == 1 &&
			 i2d_CMS_bio(der, cms) == 1)
			err = take_all(der, out);
	}
	CMS_ContentInfo_free(cms);
	BIO_free(in);
	BIO_free(der);
	X509_free(to);
	ERR_clear_error();
	return err;
}

enum card_error flow_unpack(struct card_bytes receiver, struct card_bytes key_pem,
			    struct card_bytes package, card_buf_t *out)
{
	const uint8_t *p = package.p;
	X509 *to = certificate(receiver);
	BIO *pem = BIO_new_mem_buf(key_pem.p, (int)key_pem.n), *plain = BIO_new(BIO_s_mem());
	EVP_PKEY *key = pem != NULL ? PEM_read_bio_PrivateKey(pem, NULL, NULL, NULL) : NULL;
	CMS_ContentInfo *cms = NULL;
	enum card_error err = CARD_ERR_MALFORMED;

	if (package.n <= CARD_BUF_MAX)
		cms = d2i_CMS_ContentInfo(NULL, &p, (long)package.n);
	if (to == NULL || key == NULL || plain == NULL) {
		err = CARD_ERR_INVALID_ARGUMENT;
	} else if (cms != NULL && p == package.p + package.n &&
		   OBJ_obj2nid(CMS_get0_type(cms)) == NID_id_smime_ct_authEnvelopedData) {
		err = CMS_decrypt(cms, key, to, NULL, plain, CMS_BINARY) == 1 ? take_all(plain, out)
									      : CARD_ERR_SIGNATURE;
	}
	CMS_ContentInfo_free(cms);
	EVP_PKEY_free(key);
	BIO_free(pem);
	BIO_free(plain);
	X509_free(to);
	ERR_clear_error();
	return err;
}
