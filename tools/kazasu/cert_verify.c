/* SPDX-License-Identifier: Apache-2.0 */
#include "cert_verify.h"

#include <string.h>

#include "output.h"
#include "pki.h"
#include "words.h"

static const char *const kind_words[] = {"other", "sign", "auth", "sign-ca", "auth-ca"};

static json_t *result_json(const struct kz *kz, const card_cert_t *c,
			   const struct card_verify_result *r)
{
	char issuer[512];

	if (card_cert_issuer_text(c, issuer, sizeof issuer) != CARD_OK)
		issuer[0] = '\0';
	return json_pack("{s:s, s:o, s:{s:s, s:s}, s:s, s:s, s:o, s:o, s:o, s:b}", "verdict",
			 card_verdict_name(r->verdict), "reasons", kz_reasons_json(kz, r->reasons),
			 "checks", "certificate_path", card_check_name(r->path), "revocation",
			 card_check_name(r->revocation), "kind", kind_words[card_cert_kind(c)],
			 "issuer", issuer, "not_before", kz_time_json(card_cert_not_before(c)),
			 "not_after", kz_time_json(card_cert_not_after(c)), "revocation",
			 kz_answer_json(&r->answer), "test", r->test || card_cert_is_test(c));
}

static void say(const struct kz *kz, const card_cert_t *c, const struct card_verify_result *r)
{
	kz_say_pair(kz, _("verdict"), "%s%s", kz_word_verdict(r->verdict),
		    r->test || card_cert_is_test(c) ? _("  [TEST]") : "");
	kz_say_pair(kz, _("certificate path"), "%s", kz_word_check(r->path));
	kz_say_pair(kz, _("revocation"), "%s", kz_word_check(r->revocation));
	kz_reasons_say(kz, r->reasons);
}

static int verify(struct kz *kz, const struct cert_verify *how, const card_cert_t *c,
		  struct card_bytes stapled, card_verify_t *v)
{
	struct card_verify_result r;
	struct card_verify_request q = {
		.parts = CARD_VERIFY_PATH | (how->no_revocation ? 0 : CARD_VERIFY_REVOCATION),
		.certificate = card_cert_der(c),
		.use = card_cert_kind(c) == CARD_CERT_AUTH ? CARD_USE_AUTH : CARD_USE_SIGN,
		.at = kz_now(kz),
		.stapled = stapled,
	};
	enum card_error err;

	if (how->use != NULL)
		q.use = strcmp(how->use, "auth") == 0 ? CARD_USE_AUTH : CARD_USE_SIGN;
	err = card_verify(v, &q, &r);
	if (err != CARD_OK)
		return kz_fail_error(kz, err);
	say(kz, c, &r);
	kz_json(kz, result_json(kz, c, &r));
	return kz_verdict_exit(r.verdict);
}

int kz_cert_verify(struct kz *kz, struct cert_verify *how)
{
	card_trust_t *trust = NULL;
	card_verify_t *v = NULL;
	card_cert_t *c = NULL;
	card_buf_t stapled = {0};
	int rc;

	if (how->use != NULL && strcmp(how->use, "sign") != 0 && strcmp(how->use, "auth") != 0)
		return kz_fail_usage(kz, _("--use takes sign or auth."));
	rc = kz_cert_read(kz, how->file, &c);
	if (rc == KZ_GO)
		rc = kz_trust_open(kz, &trust);
	if (rc == KZ_GO)
		rc = kz_policy_open(kz, &how->policy, trust, &v);
	if (rc == KZ_GO && how->stapled != NULL && !kz_read_all(how->stapled, &stapled))
		rc = kz_fail(kz, &(struct kz_failure){.error = CARD_ERR_IO, .exit = KZ_NO_INPUT});
	if (rc == KZ_GO)
		rc = verify(kz, how, c, card_buf_bytes(&stapled), v);
	card_verify_free(&v);
	kz_policy_free(&how->policy);
	card_buf_free(&stapled);
	card_trust_free(&trust);
	card_cert_free(&c);
	return rc;
}
