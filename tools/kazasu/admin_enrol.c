/* SPDX-License-Identifier: Apache-2.0 */
/*
 * admin_enrol.c — the card on the reader: into the register when it is delivered, or how it stands there.
 * Commands: 2 for the common record; enrol: 1 + 1 a block for the certificate.
 */
#include "admin.h"

#include <string.h>

#include <card/cert.h>
#include <card/common.h>
#include <card/jpki.h>

#include "output.h"
#include "pki.h"
#include "rules.h"
#include "session.h"

/* What the card itself tells; the certificate only if it is wanted. */
static int read_card(struct kz *kz, struct card_common_record *record, card_buf_t *certificate)
{
	struct kz_session card;
	card_grant_t *grant = NULL;
	enum card_error err;
	int rc = kz_session_open(kz, &card);

	if (rc != KZ_GO)
		return rc;
	err = card_grant_new(&grant, CARD_OBJECT_AUTH_CERTIFICATE);
	if (err == CARD_OK)
		err = kz_session_begin(kz, &card);
	if (err == CARD_OK) {
		err = card_common_record(card.ch, record);
		if (err == CARD_OK && certificate != NULL)
			err = card_jpki_certificate(card.ch, CARD_JPKI_AUTH, grant, certificate);
		if (err == CARD_ERR_NO_CERTIFICATE)
			err = CARD_OK;
		err = kz_session_end(&card, err);
	}
	rc = err == CARD_OK ? KZ_GO : kz_session_fail(kz, &card, err);
	card_grant_free(&grant);
	kz_session_close(&card);
	return rc;
}

json_t *kz_admin_cert_json(const struct flow_card_cert *cert)
{
	const char *reason =
		cert->reason != CARD_CRL_NO_REASON ? card_crl_reason_name(cert->reason) : NULL;

	if (cert->state == FLOW_CERT_NONE)
		return json_null();
	return json_pack("{s:s, s:s?, s:o, s:o}", "state", flow_cert_state_name(cert->state),
			 "reason", reason, "since", kz_time_json(cert->since), "not_after",
			 kz_time_json(cert->not_after));
}

static int show(struct kz *kz, const struct flow_card_entry *e)
{
	const struct flow_card_cert *auth = &e->cert[FLOW_CERT_AUTH],
				    *sign = &e->cert[FLOW_CERT_SIGN];
	char expiry[11];

	card_date_format(e->expiry, expiry);
	kz_say_pair(kz, _("card"), "%s%s", kz_card_word(flow_card_state_name(e->state)),
		    e->expired ? _(" (expired)") : "");
	kz_say_pair(kz, _("valid until"), "%s", expiry);
	kz_say_pair(kz, _("certificate for authentication"), "%s",
		    kz_card_word(flow_cert_state_name(auth->state)));
	kz_say_pair(kz, _("certificate for signatures"), "%s",
		    kz_card_word(flow_cert_state_name(sign->state)));
	kz_json(kz, json_pack("{s:s, s:b, s:s, s:o, s:{s:o, s:o}}", "card",
			      flow_card_state_name(e->state), "expired", e->expired, "expiry",
			      expiry, "since", kz_time_json(e->since), "certificates", "auth",
			      kz_admin_cert_json(auth), "sign", kz_admin_cert_json(sign)));
	return KZ_DONE;
}

static int fail_enrol(struct kz *kz, enum card_error err, const char *code)
{
	const struct kz_failure over = {
		.error = err, .exit = KZ_REFUSED, .message = _("The card is past its last day.")};

	if (code != NULL)
		return kz_admin_refuse(kz, err, code);
	if (err == CARD_ERR_INVALID_ARGUMENT)
		return kz_fail_usage(
			kz, _("--subject is atena:… or case:…, never an individual number."));
	return err == CARD_ERR_EXPIRED ? kz_fail(kz, &over) : kz_fail_error(kz, err);
}

int kz_admin_enrol(struct kz *kz, struct kz_desk *d, struct kz_cards *c, const struct kz_admin *a)
{
	struct card_common_record record;
	struct flow_card_new n = {
		.subject = a->subject, .serial = record.serial, .now = kz_now(kz)};
	struct flow_card_entry e;
	card_buf_t auth = {0};
	card_cert_t *sign = NULL;
	const char *code = NULL;
	enum card_error err;
	int rc;

	if (a->subject == NULL)
		return kz_fail_usage(kz, _("--subject is needed."));
	rc = a->sign != NULL ? kz_cert_read(kz, a->sign, &sign) : KZ_GO;
	if (rc == KZ_GO)
		rc = read_card(kz, &record, &auth);
	if (rc == KZ_GO) {
		n.expiry = record.expiry;
		n.cert[FLOW_CERT_AUTH] = card_buf_bytes(&auth);
		if (sign != NULL)
			n.cert[FLOW_CERT_SIGN] = card_cert_der(sign);
		err = flow_card_enrol(c->cards, d->store, d->journal, d->terminal, d->token, &n, &e,
				      &code);
		rc = err == CARD_OK ? show(kz, &e) : fail_enrol(kz, err, code);
	}
	card_wipe(&record, sizeof record);
	card_cert_free(&sign);
	card_buf_free(&auth);
	return rc;
}

static enum card_error note(struct kz_desk *d, const char *subject, bool known)
{
	const struct journal_record r = {.event = "card-state",
					 .result = known ? JOURNAL_OK : JOURNAL_UNDETERMINED,
					 .operator_id = d->who.id,
					 .role = d->who.roles,
					 .organ = d->who.organ,
					 .subject = subject,
					 .code = "shown"};

	return journal_append(d->journal, &r, 1, NULL);
}

int kz_admin_status(struct kz *kz, struct kz_desk *d, struct kz_cards *c, const struct kz_admin *a)
{
	struct card_common_record record;
	struct flow_card_entry e;
	char id[FLOW_CARDS_ID + 1];
	enum card_error err, noted;
	int rc = KZ_GO;

	if (!flow_right_held(d->store, d->who.id, "procedure:ichiji-teishi", "inquiry"))
		return kz_admin_refuse(kz, CARD_ERR_DENIED, "no_right");
	if (a->subject != NULL) {
		err = flow_cards_of(c->cards, a->subject, FLOW_EVENT_ABOLISH, FLOW_BY_VISIT, 0,
				    kz_now(kz), &e);
	} else {
		rc = read_card(kz, &record, NULL);
		if (rc != KZ_GO)
			return rc;
		err = flow_cards_name_card(c->cards, record.serial, id);
		card_wipe(&record, sizeof record);
		if (err == CARD_OK)
			err = flow_cards_get(c->cards, id, kz_now(kz), &e);
	}
	if (err != CARD_OK && err != CARD_ERR_NOT_FOUND)
		return fail_enrol(kz, err, NULL);
	noted = note(d, a->subject, err == CARD_OK);
	if (noted != CARD_OK)
		return kz_fail_error(kz, noted);
	if (err == CARD_OK)
		return show(kz, &e);
	/* PD-15: what is not known is undetermined. */
	kz_say_pair(kz, _("card"), "%s", _("unknown"));
	kz_json(kz, json_pack("{s:s}", "card", "unknown"));
	return KZ_UNDETERMINED;
}
