/* SPDX-License-Identifier: Apache-2.0 */
/* signer_cert.c — may this certificate sign: by an anchor and its status, or because it is known. */
#include "cms.h"

static enum card_error check_known(const struct flow_verify *how, int64_t at,
				   struct flow_signature *sig)
{
	size_t i = 0;

	while (i < how->n_known &&
	       !card_bytes_equal(card_cert_der(how->known[i]), card_cert_der(sig->cert)))
		i++;
	if (i == how->n_known)
		flow_reason_add(&sig->reasons, FLOW_REASON_SIGNER_OTHER);
	if (at < card_cert_not_before(sig->cert))
		sig->reasons.card |= card_reason_bit(CARD_REASON_CERT_NOT_YET_VALID);
	if (at > card_cert_not_after(sig->cert))
		sig->reasons.card |= card_reason_bit(CARD_REASON_CERT_EXPIRED);
	sig->checked_at = at;
	return CARD_OK;
}

enum card_error document_check_cert(const struct flow_verify *how, int64_t at,
				    struct flow_signature *sig)
{
	struct card_path_result path;
	enum card_error err;

	if (sig->cert == NULL)
		return CARD_OK;
	if (how->known != NULL)
		return check_known(how, at, sig);
	err = card_path_check(how->trust, sig->cert, CARD_USE_SIGN, at, &path);
	if (err != CARD_OK)
		return err;
	sig->reasons.card |= path.reasons;
	sig->issuer = path.issuer;
	sig->checked_at = at;
	sig->test = path.test || card_cert_is_test(sig->cert);
	/* rules 5.1: nobody is asked about a signature that is refused already. */
	if (flow_verdict_of(&sig->reasons) == CARD_VERDICT_INVALID)
		return CARD_OK;
	if (path.issuer == NULL || how->revocation == NULL) {
		sig->reasons.card |= card_reason_bit(CARD_REASON_REVOCATION_MISSING);
		return CARD_OK;
	}
	if (how->status_at != 0 && at == how->at)
		at = how->status_at;
	err = how->revocation(how->revocation_ctx, sig->cert, path.issuer, at, &sig->revocation);
	sig->reasons.card |= sig->revocation.reasons;
	/* An answer that says nothing at all is no answer. */
	if (sig->revocation.status != CARD_REVOCATION_GOOD && sig->revocation.reasons == 0)
		sig->reasons.card |= card_reason_bit(CARD_REASON_REVOCATION_MISSING);
	return err;
}
