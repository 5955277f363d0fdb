/* SPDX-License-Identifier: Apache-2.0 */
/* identify_status.c — path and status of the certificate, where a procedure asks for them (C09, C18). */
#include "identify_internal.h"

#include <card/jpki.h>

bool idcheck_requires(const struct flow_identify *id, enum flow_check c)
{
	return (id->v.procedure->required_checks & 1u << c) != 0;
}

bool idcheck_wants_certificate(const struct flow_identify *id)
{
	return idcheck_requires(id, FLOW_CHECK_CERTIFICATE_PATH) ||
	       idcheck_requires(id, FLOW_CHECK_REVOCATION);
}

/* A suspended card is not in force (PD-15). */
bool idcheck_wants_state(const struct flow_identify *id)
{
	return idcheck_wants_certificate(id) || idcheck_requires(id, FLOW_CHECK_IN_FORCE);
}

enum card_error idcheck_certificate(struct flow_identify *id, card_channel_t *ch)
{
	const enum card_error err =
		card_jpki_certificate(ch, CARD_JPKI_AUTH, id->grant, &id->certificate);

	if (err == CARD_ERR_NO_CERTIFICATE || err == CARD_ERR_NOT_FOUND ||
	    err == CARD_ERR_SECURITY_STATUS) {
		card_buf_free(&id->certificate);
		idcheck_code(id, "certificate_absent");
		return CARD_OK;
	}
	return err;
}

enum card_error idcheck_verify(struct flow_identify *id)
{
	struct card_verify_result r;
	const struct card_verify_request q = {.parts = CARD_VERIFY_PATH | CARD_VERIFY_REVOCATION,
					      .certificate = card_buf_bytes(&id->certificate),
					      .use = CARD_USE_AUTH,
					      .at = idcheck_now(id)};
	enum card_error err;

	if (id->setup.verify == NULL || id->certificate.n == 0)
		return CARD_OK;
	err = card_verify(id->setup.verify, &q, &r);
	/* The serial in it is for this check only (rules PD-26). */
	card_buf_free(&id->certificate);
	if (err != CARD_OK)
		return err;
	id->v.check[FLOW_CHECK_CERTIFICATE_PATH] = r.path;
	id->v.check[FLOW_CHECK_REVOCATION] = r.revocation;
	id->v.reasons = r.reasons;
	id->v.test = id->v.test || r.test;
	if (card_reasons_have(r.reasons, CARD_REASON_CERT_EXPIRED))
		idcheck_code(id, "certificate_expired");
	return CARD_OK;
}

static bool have(const struct flow_identify *id, enum card_reason r)
{
	return card_reasons_have(id->v.reasons, r);
}

/* What the certificate says. */
static struct idcheck_status by_certificate(const struct flow_identify *id)
{
	const card_reasons_t expiry = card_reason_bit(CARD_REASON_CERT_EXPIRED) |
				      card_reason_bit(CARD_REASON_ISSUER_EXPIRED);
	const enum card_check path = id->v.check[FLOW_CHECK_CERTIFICATE_PATH];

	if (have(id, CARD_REASON_CERT_ON_HOLD))
		return (struct idcheck_status){"on_hold", true, true};
	if (have(id, CARD_REASON_CERT_REVOKED))
		return (struct idcheck_status){"revoked", true, false};
	if (path == CARD_CHECK_SKIPPED)
		return (struct idcheck_status){"certificate_absent", false, false};
	/* Of an expired one no list tells any more: the status is not to be had. Only where the
	 * certificate itself is asked for does it count against the card. */
	if (path == CARD_CHECK_FAIL &&
	    card_verdict_of(id->v.reasons & ~expiry) != CARD_VERDICT_INVALID)
		return (struct idcheck_status){"certificate_expired",
					       idcheck_requires(id, FLOW_CHECK_CERTIFICATE_PATH),
					       false};
	if (path == CARD_CHECK_FAIL)
		return (struct idcheck_status){"certificate_path_broken", true, true};
	if (path != CARD_CHECK_PASS)
		return (struct idcheck_status){"certificate_issuer_unknown", false, false};
	if (idcheck_requires(id, FLOW_CHECK_REVOCATION) &&
	    id->v.check[FLOW_CHECK_REVOCATION] != CARD_CHECK_PASS)
		return (struct idcheck_status){"status_unknown", false, false};
	return (struct idcheck_status){NULL, false, false};
}

struct idcheck_status idcheck_status(const struct flow_identify *id, enum flow_status told)
{
	if (id->v.check[FLOW_CHECK_CARD_CHAIN] == CARD_CHECK_SKIPPED)
		return (struct idcheck_status){"issuer_unknown", false, false};
	for (int i = 0; i <= FLOW_CHECK_CARD_CHALLENGE; i++) {
		if (id->v.check[i] == CARD_CHECK_SKIPPED &&
		    idcheck_requires(id, (enum flow_check)i))
			return (struct idcheck_status){"check_not_made", false, false};
	}
	if (idcheck_wants_state(id) && id->setup.status != NULL) {
		if (told == FLOW_STATUS_SUSPENDED)
			return (struct idcheck_status){"suspended", true, true};
		if (told == FLOW_STATUS_ABOLISHED)
			return (struct idcheck_status){"card_abolished", true, true};
		if (told == FLOW_STATUS_UNKNOWN)
			return (struct idcheck_status){"card_state_unknown", false, false};
	}
	if (!idcheck_wants_certificate(id))
		return (struct idcheck_status){NULL, false, false};
	if (told == FLOW_STATUS_REVOKED)
		return (struct idcheck_status){"revoked", true, false};
	if (told == FLOW_STATUS_ON_HOLD)
		return (struct idcheck_status){"on_hold", true, true};
	if (id->setup.verify != NULL)
		return by_certificate(id);
	return (struct idcheck_status){told == FLOW_STATUS_GOOD ? NULL : "status_unknown", false,
				       false};
}

void idcheck_mask(struct flow_identify *id)
{
	for (int i = 0; i < FLOW_CHECK_COUNT_; i++) {
		if (!idcheck_requires(id, (enum flow_check)i) ||
		    id->v.check[i] == CARD_CHECK_UNDETERMINED)
			id->v.check[i] = CARD_CHECK_SKIPPED;
	}
}
