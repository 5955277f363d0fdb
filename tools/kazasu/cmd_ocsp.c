/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_ocsp.c — asking a responder about one certificate. */
#include "commands.h"
#include "fetch.h"
#include "file.h"
#include "options.h"
#include "output.h"
#include "pki.h"
#include "policy.h"

#include <string.h>

#include <openssl/rand.h>

/* The anchor that issued the certificate, or the file that was given. */
static int find_issuer(struct kz *kz, const card_trust_t *trust, const card_cert_t *c,
		       const char *file, card_cert_t **given, const card_cert_t **issuer)
{
	struct card_path_result path;
	struct kz_failure f = {.error = CARD_ERR_UNTRUSTED, .exit = KZ_UNDETERMINED, .hint = ""};
	int rc = KZ_GO;

	if (file != NULL) {
		rc = kz_cert_read(kz, file, given);
		if (rc == KZ_GO && card_cert_verify_issued(c, *given) == CARD_OK)
			*issuer = *given;
	} else if (card_path_check(trust, c, CARD_USE_SIGN, kz_now(kz), &path) == CARD_OK) {
		*issuer = path.issuer;
	}
	if (rc != KZ_GO || *issuer != NULL)
		return rc;
	f.message = card_reason_text(CARD_REASON_ISSUER_UNKNOWN, kz->lang);
	return kz_fail(kz, &f);
}

/* Write a request to a file, for a machine that has no network of its own. */
static int write_request(struct kz *kz, const card_cert_t *c, const card_cert_t *issuer,
			 const struct card_ocsp_signer *signer, const char *path)
{
	uint8_t nonce[CARD_OCSP_NONCE];
	card_buf_t request = {0};
	enum card_error err = RAND_bytes(nonce, sizeof nonce) == 1 ? CARD_OK : CARD_ERR_CRYPTO;
	int rc;

	if (err == CARD_OK)
		err = card_ocsp_request(c, issuer, CARD_HASH_SHA1, card_bytes(nonce, sizeof nonce),
					signer, &request);
	rc = err == CARD_OK ? kz_file_write(kz, path, card_buf_bytes(&request), 0644)
			    : kz_fail_error(kz, err);
	card_buf_free(&request);
	if (rc != KZ_GO)
		return rc;
	kz_say_pair(kz, _("request"), "%s", path);
	kz_json(kz, json_pack("{s:s}", "request", path));
	return KZ_DONE;
}

static int ask(struct kz *kz, struct card_verify_config *config, const card_cert_t *c,
	       const card_cert_t *issuer, struct card_bytes stapled)
{
	static const char *const status[] = {N_("undetermined"), N_("not revoked"), N_("revoked"),
					     N_("not asked")};
	struct card_revocation_answer a;
	card_verify_t *v = NULL;
	enum card_error err;

	/* A responder and nobody else, or the answer that is there and no network. */
	config->store = NULL;
	config->ocsp = stapled.n == 0;
	config->fetch = config->ocsp ? kz_fetch : NULL;
	err = card_verify_new(&v, config);
	if (err == CARD_OK)
		err = card_verify_revocation(v, c, issuer, kz_now(kz), stapled, &a);
	card_verify_free(&v);
	if (err != CARD_OK)
		return kz_fail_error(kz, err);
	kz_say_pair(kz, _("status"), "%s", _(status[a.status]));
	kz_reasons_say(kz, a.reasons);
	kz_json(kz, kz_answer_json(&a));
	return a.status == CARD_REVOCATION_GOOD      ? KZ_DONE
	       : a.status == CARD_REVOCATION_REVOKED ? KZ_INVALID
						     : KZ_UNDETERMINED;
}

int cmd_ocsp(struct kz *kz)
{
	const char *file, *issuer_file = NULL, *request = NULL, *answer = NULL;
	struct kz_policy policy = {.ocsp = true};
	struct card_verify_config config;
	const struct kz_option options[] = {
		{"url", 0, "URL", &policy.url, NULL,
		 N_("the responder, instead of the certificate's own")},
		{"issuer", 0, N_("FILE"), &issuer_file, NULL,
		 N_("certificate of the issuing authority, if it is not installed")},
		{"request", 0, N_("FILE"), &request, NULL, N_("only write the request to a file")},
		{"answer", 0, N_("FILE"), &answer, NULL,
		 N_("check an answer from a file instead of asking")},
		{"max-age", 0, N_("DURATION"), &policy.max_age, NULL, kz_policy_help[3]},
		{"require-nonce", 0, NULL, NULL, &policy.nonce, kz_policy_help[4]},
		{"ocsp-signer", 0, N_("FILE"), &policy.signer, NULL, kz_policy_help[5]},
		{"ocsp-signer-key", 0, N_("FILE"), &policy.signer_key, NULL, kz_policy_help[6]},
		{NULL, 0, NULL, NULL, NULL, NULL},
	};
	const struct kz_usage usage = {
		N_("CERTIFICATE"),
		N_("Asks an OCSP responder whether a certificate is revoked and checks that the "
		   "answer is authentic, about this certificate, and fresh."),
		options, 1, 1};
	card_trust_t *trust = NULL;
	card_cert_t *c = NULL, *given = NULL;
	const card_cert_t *issuer = NULL;
	card_buf_t stapled = {0};
	size_t n;
	int rc = kz_options(kz, &usage, &file, &n);

	if (rc != KZ_GO)
		return rc;
	rc = kz_cert_read(kz, file, &c);
	if (rc == KZ_GO)
		rc = kz_trust_open(kz, &trust);
	if (rc == KZ_GO)
		rc = find_issuer(kz, trust, c, issuer_file, &given, &issuer);
	if (rc == KZ_GO)
		rc = kz_policy_apply(kz, &policy, trust, &config);
	if (rc == KZ_GO && answer != NULL && !kz_read_all(answer, &stapled))
		rc = kz_fail(kz, &(struct kz_failure){.error = CARD_ERR_IO, .exit = KZ_NO_INPUT});
	if (rc == KZ_GO)
		rc = request != NULL ? write_request(kz, c, issuer, config.ocsp_signer, request)
				     : ask(kz, &config, c, issuer, card_buf_bytes(&stapled));
	kz_policy_free(&policy);
	card_buf_free(&stapled);
	card_cert_free(&c);
	card_cert_free(&given);
	card_trust_free(&trust);
	return rc;
}
