/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_status.c — which card this is, its tries and its certificates; no try is used. */
#include "commands.h"
#include "options.h"
#include "output.h"
#include "session.h"
#include "tries.h"

#include <card/token.h>

static json_t *certificates(const struct card_status *s)
{
	json_t *auth = json_pack("{s:b}", "present", s->auth_present);
	char text[21];

	if (s->auth_dates) {
		card_time_format_utc(s->auth_not_before, text);
		json_object_set_new(auth, "not_before", json_string(text));
		card_time_format_utc(s->auth_not_after, text);
		json_object_set_new(auth, "not_after", json_string(text));
	}
	return json_pack("{s:o, s:{s:b}}", "auth", auth, "sign", "present", s->sign_present);
}

static void answer(struct kz *kz, const struct kz_session *card, const struct card_status *s)
{
	const bool rec = s->has_record;
	char expires[11] = "";

	card_date_format(s->record.expiry, expires);
	kz_json(kz, json_pack("{s:s, s:s, s:s?, s:s?, s:s?, s:o, s:o, s:b}", "token",
			      card_token_kind_name(s->kind), "label", s->label, "serial",
			      rec ? s->record.serial : NULL, "municipality",
			      rec ? s->record.municipality : NULL, "expires",
			      rec && *expires != '\0' ? expires : NULL, "tries",
			      kz_tries_json(s->tries), "certificates", certificates(s), "test",
			      kz_session_is_test(kz, card)));
}

static void say_certificates(struct kz *kz, const struct card_status *s)
{
	char until[26];

	if (!s->auth_present) {
		kz_say_pair(kz, _("authentication"), "%s", _("no certificate"));
	} else if (s->auth_dates) {
		card_time_format_japan(s->auth_not_after, until);
		kz_say_pair(kz, _("authentication"), _("certificate valid until %.10s%s"), until,
			    s->auth_not_after < kz_now(kz) ? _(" (expired)") : "");
	} else {
		kz_say_pair(kz, _("authentication"), "%s", _("certificate present"));
	}
	kz_say_pair(kz, _("signature"), "%s",
		    s->sign_present ? _("certificate present") : _("no certificate"));
}

static void say(struct kz *kz, const struct kz_session *card, const struct card_status *s)
{
	char expires[11];

	kz_say_pair(kz, _("card"), "%s%s", card_token_kind_text(s->kind, kz->lang),
		    kz_session_is_test(kz, card) ? _("  [TEST]") : "");
	if (s->has_record) {
		card_date_format(s->record.expiry, expires);
		kz_say_pair(kz, _("valid until"), _("%s  (municipality %s)"), expires,
			    s->record.municipality);
	}
	if (s->kind == CARD_TOKEN_LICENCE || s->kind == CARD_TOKEN_RESIDENCE ||
	    s->kind == CARD_TOKEN_UNKNOWN)
		return;
	say_certificates(kz, s);
	kz_tries_say(kz, s->tries);
}

int cmd_status(struct kz *kz)
{
	const struct kz_usage usage = {
		"",
		N_("Tells which card lies on the reader, until when it is valid, the tries left "
		   "of its secrets and its certificates. No secret is needed, no try is used."),
		NULL, 0, 0};
	struct kz_session card;
	struct card_status status = {0};
	enum card_error err;
	size_t n;
	int rc = kz_options(kz, &usage, NULL, &n);

	if (rc == KZ_GO)
		rc = kz_session_open(kz, &card);
	if (rc != KZ_GO)
		return rc;
	err = kz_session_begin(kz, &card);
	if (err == CARD_OK)
		err = kz_session_end(&card, card_status_read(card.ch, &status));
	if (err == CARD_OK) {
		say(kz, &card, &status);
		answer(kz, &card, &status);
		rc = KZ_DONE;
	} else {
		rc = kz_session_fail(kz, &card, err);
	}
	kz_session_close(&card);
	return rc;
}
