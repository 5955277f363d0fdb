/* SPDX-License-Identifier: Apache-2.0 */
#include "cert_verify.h"

#include <string.h>

#include "output.h"
#include "pki.h"

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
	static const char *const verdicts[] = {N_("undetermined"), N_("valid"), N_("INVALID")};
	static const char *const checks[] = {N_("not checked"), N_("pass"), N_("FAIL"),
					     N_("undetermined")};

	kz_say_pair(kz, _("verdict"), "%s%s", _(verdicts[r->verdict]),
		    r->test || card_cert_is_test(c) ? _("  [TEST]") : "");
	kz_say_pair(kz, _("certificate path"), "%s", _(checks[r->path]));
	kz_say_pair(kz, _("revocation"), "%s", _(checks[r->revocation]));
	kz_reasons_say(kz, r->reasons);
}

static int verify(struct kz *kz, const struct cert_verify *how, const card_cert_t *c,
		  card_verify_t *v)
{
	struct card_verify_result r;
	struct card_verify_request q = {
		.parts = CARD_VERIFY_PATH | (how->no_revocation ? 0 : CARD_VERIFY_REVOCATION),
		.certificate = card_cert_der(c),
		.use = card_cert_kind(c) == CARD_CERT_AUTH ? CARD_USE_AUTH : CARD_USE_SIGN,
		.at = kz_now(kz),
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

int kz_cert_verify(struct kz *kz, const struct cert_verify *how)
{
	card_trust_t *trust = NULL;
	card_verify_t *v = NULL;
	card_cert_t *c = NULL;
	int rc;

	if (how->use != NULL && strcmp(how->use, "sign") != 0 && strcmp(how->use, "auth") != 0)
		return kz_fail_usage(kz, _("--use takes sign or auth."));
	rc = kz_cert_read(kz, how->file, &c);
	if (rc == KZ_GO)
		rc = kz_trust_open(kz, &trust);
	if (rc == KZ_GO)
		rc = kz_verify_open(kz, trust, how->ocsp || how->ocsp_url != NULL, how->ocsp_url,
				    &v);
	if (rc == KZ_GO)
		rc = verify(kz, how, c, v);
	card_verify_free(&v);
	card_trust_free(&trust);
	card_cert_free(&c);
	return rc;
}
