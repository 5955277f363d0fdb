/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_attrs.c — name, address, date of birth and sex as text.
 *
 * Commands: 3 to present the secret, 1 for the record (256 bytes), 5 for its integrity record and
 * certificate. Text whose signature does not verify is not handed out (rules 1.4).
 */
#include "anchors.h"
#include "commands.h"
#include "config.h"
#include "options.h"
#include "output.h"
#include "secret_entry.h"
#include "words.h"

#include <string.h>

#include <card/authenticity.h>
#include <card/text.h>

struct found {
	const card_cvca_t *cas;
	card_buf_t record;
	struct card_text_attributes attributes; /* of record */
	struct card_authenticity auth;
};

static enum card_error read_all(struct kz_session *card, void *ctx)
{
	struct found *f = ctx;
	struct card_authenticity_input in = {.attributes = &f->attributes};
	enum card_error err = card_text_read_attributes(card->ch, card_grant_own_card(), &f->record,
							&f->attributes);

	if (err == CARD_OK)
		err = card_authenticity_text(card->ch, f->cas, &in, &f->auth);
	return err;
}

static int answer(struct kz *kz, const struct kz_session *card,
		  const struct card_text_attributes *a, const struct card_authenticity *auth)
{
	const enum card_check authentic = kz_authentic(auth);
	json_t *json = json_object();

	if (authentic == CARD_CHECK_FAIL) {
		static const char *const names[] = {"name", "address", "birth", "sex"};

		for (size_t i = 0; i < sizeof names / sizeof *names; i++)
			json_object_set_new(json, names[i], json_null());
		kz_note(kz, "kazasu: %s\n%s", card_strerror(CARD_ERR_SIGNATURE, kz->lang),
			kz_hint_of(CARD_ERR_SIGNATURE));
	} else {
		kz_attributes_json(json, a);
		kz_attributes_say(kz, a);
		kz_say_pair(kz, _("authentic"), "%s%s",
			    authentic == CARD_CHECK_PASS
				    ? _("yes, signed by the issuer")
				    : _("not checked: the issuer's key is not known"),
			    kz_session_is_test(kz, card) ? _("  [TEST]") : "");
	}
	json_object_set_new(json, "source", json_string("text"));
	json_object_set_new(json, "authentic", kz_check_json(authentic));
	json_object_set_new(json, "test", json_boolean(kz_session_is_test(kz, card) || auth->test));
	kz_json(kz, json);
	return authentic == CARD_CHECK_FAIL ? KZ_INVALID : KZ_DONE;
}

int cmd_attrs(struct kz *kz)
{
	bool number_b = false, last_try = false;
	const struct kz_option options[] = {
		{"number-b", 0, NULL, NULL, &number_b,
		 N_("open with number B, printed on the card, instead of the text PIN")},
		{"last-try", 0, NULL, NULL, &last_try, N_("go on even with one try left")},
		{NULL, 0, NULL, NULL, NULL, NULL},
	};
	const struct kz_usage usage = {
		"[--number-b]",
		N_("Reads name, address, date of birth and sex of your own card, and checks the "
		   "issuer's signature over them. To check another person's identity use "
		   "\"kazasu identify\"."),
		options, 0, 0};
	struct found found = {.record = {0}};
	struct kz_session card;
	card_cvca_t *cas = NULL;
	size_t n;
	int rc = kz_options(kz, &usage, NULL, &n);

	if (rc == KZ_GO)
		rc = kz_config_own_card(kz);
	if (rc == KZ_GO)
		rc = kz_anchors_cvca(kz, &cas);
	if (rc == KZ_GO)
		rc = kz_session_open(kz, &card);
	if (rc == KZ_GO) {
		const struct kz_entry entry = {.pin = number_b ? CARD_PIN_TEXT_NUMBER_B
							       : CARD_PIN_TEXT,
					       .last_try = last_try};

		found.cas = cas;
		rc = kz_secret_read(kz, &card, &entry, read_all, &found, NULL);
		if (rc == KZ_GO)
			rc = answer(kz, &card, &found.attributes, &found.auth);
		card_buf_free(&found.record);
		kz_session_close(&card);
	}
	card_cvca_free(&cas);
	return rc;
}
