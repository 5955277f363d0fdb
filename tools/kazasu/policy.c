/* SPDX-License-Identifier: Apache-2.0 */
#include "policy.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/evp.h>
#include <openssl/pem.h>

#include "fetch.h"
#include "output.h"
#include "pki.h"

const char *const kz_policy_help[7] = {
	N_("ask a responder if no list answers"),
	N_("the responder, instead of the certificate's own"),
	N_("who is asked, in this order: crl, ocsp, crl,ocsp or ocsp,crl"),
	N_("an answer counts this long after it was made (30m, 36h, 7d), never beyond its end"),
	N_("believe a responder only if its answer carries our nonce"),
	N_("sign requests as this certificate"),
	N_("with this private key (PEM)"),
};

/* ---- who signs requests ---- */

static enum card_error sign(void *ctx, struct card_bytes tbs, card_buf_t *signature)
{
	const struct kz_policy *p = ctx;
	const EVP_MD *md = p->key.alg.hash == CARD_HASH_SHA384 ? EVP_sha384() : EVP_sha256();
	EVP_MD_CTX *md_ctx = EVP_MD_CTX_new();
	unsigned char out[CARD_RSA_BITS_MAX / 8];
	size_t n = sizeof out;
	enum card_error err = CARD_ERR_CRYPTO;

	if (md_ctx != NULL && EVP_DigestSignInit(md_ctx, NULL, md, NULL, p->pkey) == 1 &&
	    EVP_DigestSign(md_ctx, out, &n, tbs.p, tbs.n) == 1)
		err = card_buf_append(signature, card_bytes(out, n));
	EVP_MD_CTX_free(md_ctx);
	return err;
}

/* No key is asked for a passphrase here: OpenSSL would ask the terminal itself. */
static int no_passphrase(char *buf, int size, int writing, void *ctx)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)ctx;
	return 0;
}

static int read_signer(struct kz *kz, struct kz_policy *p)
{
	FILE *f;
	int rc = kz_cert_read(kz, p->signer, &p->cert);

	if (rc != KZ_GO)
		return rc;
	p->key.cert = p->cert;
	f = fopen(p->signer_key, "re");
	if (f == NULL)
		return kz_fail(kz, &(struct kz_failure){.error = CARD_ERR_IO, .exit = KZ_NO_INPUT});
	p->pkey = PEM_read_PrivateKey(f, NULL, no_passphrase, NULL);
	fclose(f);
	p->key.ctx = p;
	p->key.sign = sign;
	p->key.alg = (struct card_sig_alg){CARD_SIG_PKCS1, CARD_HASH_SHA256, 32};
	if (p->pkey != NULL && EVP_PKEY_is_a(p->pkey, "EC"))
		p->key.alg = EVP_PKEY_get_bits(p->pkey) > 256
				     ? (struct card_sig_alg){CARD_SIG_ECDSA, CARD_HASH_SHA384, 48}
				     : (struct card_sig_alg){CARD_SIG_ECDSA, CARD_HASH_SHA256, 32};
	else if (p->pkey == NULL || !EVP_PKEY_is_a(p->pkey, "RSA"))
		return kz_fail(kz, &(struct kz_failure){
					   .error = CARD_ERR_UNSUPPORTED,
					   .exit = KZ_BAD_DATA,
					   .message = _("The key file holds no RSA or EC private "
							"key without a passphrase."),
					   .hint = ""});
	return KZ_GO;
}

/* ---- the policy ---- */

static int choose_sources(struct kz *kz, const struct kz_policy *p, struct card_verify_config *out)
{
	const char *text = p->sources;
	bool crl, ocsp;
	struct stat st;

	if (text == NULL && (p->ocsp || p->url != NULL))
		text = "crl,ocsp";
	if (text == NULL)
		text = *p->config.sources != '\0' ? p->config.sources : "crl";
	if (!kz_config_sources(text, &crl, &ocsp, &out->ocsp_first))
		return kz_fail_usage(kz, _("--sources takes crl, ocsp, crl,ocsp or ocsp,crl."));
	out->ocsp = ocsp;
	out->fetch = ocsp ? kz_fetch : NULL;
	if (crl && stat(kz_store_dir(kz), &st) == 0)
		out->store = kz_store_dir(kz);
	return KZ_GO;
}

int kz_policy_apply(struct kz *kz, struct kz_policy *p, const card_trust_t *trust,
		    struct card_verify_config *out)
{
	int rc = kz_config_read(kz, &p->config);

	*out = (struct card_verify_config){.trust = trust, .recheck_ms = CARD_CRL_RECHECK_MS};
	if (rc == KZ_GO)
		rc = choose_sources(kz, p, out);
	if (rc != KZ_GO)
		return rc;
	out->ocsp_url = p->url != NULL                ? p->url
			: *p->config.ocsp_url != '\0' ? p->config.ocsp_url
						      : NULL;
	out->ocsp_nonce_required = p->nonce || p->config.ocsp_nonce;
	out->max_age = p->config.max_age;
	if (p->max_age != NULL && !kz_config_age(p->max_age, &out->max_age))
		return kz_fail_usage(kz, _("--max-age takes a time such as 30m, 36h or 7d."));
	if ((p->signer == NULL) != (p->signer_key == NULL))
		return kz_fail_usage(kz, _("--ocsp-signer and --ocsp-signer-key go together."));
	if (p->signer != NULL && (rc = read_signer(kz, p)) == KZ_GO)
		out->ocsp_signer = &p->key;
	return rc;
}

int kz_policy_open(struct kz *kz, struct kz_policy *p, const card_trust_t *trust,
		   card_verify_t **out)
{
	struct card_verify_config c;
	enum card_error err;
	int rc = kz_policy_apply(kz, p, trust, &c);

	*out = NULL;
	if (rc != KZ_GO)
		return rc;
	err = card_verify_new(out, &c);
	return err == CARD_OK ? KZ_GO : kz_fail_error(kz, err);
}

void kz_policy_free(struct kz_policy *p)
{
	card_cert_free(&p->cert);
	EVP_PKEY_free(p->pkey);
	p->key = (struct card_ocsp_signer){.cert = NULL};
	p->pkey = NULL;
}
