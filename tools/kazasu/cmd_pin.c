/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_pin.c — tries left, trying a secret; changing one is pin_change.c. */
#include "commands.h"
#include "options.h"
#include "output.h"
#include "pin_change.h"
#include "secret_entry.h"
#include "tries.h"

#include <string.h>

#include <card/token.h>

static int show_status(struct kz *kz, struct kz_session *card)
{
	int tries[CARD_PIN_COUNT_];
	enum card_error err = kz_session_begin(kz, card);

	if (err == CARD_OK)
		err = kz_session_end(card, card_status_tries(card->ch, tries));
	if (err != CARD_OK)
		return kz_session_fail(kz, card, err);
	kz_tries_say(kz, tries);
	kz_json(kz, json_pack("{s:o}", "tries", kz_tries_json(tries)));
	return KZ_DONE;
}

static int verify(struct kz *kz, struct kz_session *card, const char *word, enum card_pin pin,
		  bool last_try)
{
	const struct kz_entry entry = {.pin = pin, .last_try = last_try};
	struct kz_secret secret;
	enum card_error err;
	int tries = CARD_TRIES_UNKNOWN, rc = kz_secret_ask(kz, card, &entry, &secret);

	if (rc != KZ_GO)
		return rc;
	err = kz_session_begin(kz, card);
	if (err == CARD_OK) {
		err = kz_secret_present(kz, card, pin, &secret, &tries);
		err = kz_session_end(card, kz_pin_count_again(card, pin, err, &tries));
	}
	kz_secret_free(&secret);
	if (err != CARD_OK)
		return kz_secret_fail(kz, card, pin, err, tries);
	kz_say(kz, _("The %s is right.\n"), card_pin_name(pin, kz->lang));
	kz_json(kz, kz_pin_result(word, "verified", tries));
	return KZ_DONE;
}

static bool can_change(enum card_pin pin)
{
	return pin <= CARD_PIN_COMMON;
}

int cmd_pin(struct kz *kz)
{
	bool last_try = false;
	const struct kz_option options[] = {
		{"last-try", 0, NULL, NULL, &last_try, N_("go on even with one try left")},
		{NULL, 0, NULL, NULL, NULL, NULL},
	};
	const struct kz_usage usage = {
		"status | change KIND | verify KIND",
		N_("status: the tries left of every secret, none used. verify: present a secret. "
		   "change: replace it (with --pin-fd: the old one, then the new one).\n"
		   "KIND: sign, auth, text, juki, common; for verify also number-a, number-b, "
		   "text-number-a, text-number-b, birth."),
		options, 1, 2};
	const char *words[2];
	struct kz_session card;
	enum card_pin pin = CARD_PIN_SIGN;
	size_t n;
	bool changing;
	int rc = kz_options(kz, &usage, words, &n);

	if (rc != KZ_GO)
		return rc;
	changing = strcmp(words[0], "change") == 0;
	if (strcmp(words[0], "status") == 0
		    ? n != 1
		    : n != 2 || !(changing || strcmp(words[0], "verify") == 0))
		return kz_fail_usage(kz, _("Usage: kazasu pin %s"), usage.synopsis);
	if (n == 2 && (!kz_pin_by_word(words[1], &pin) || (changing && !can_change(pin))))
		return kz_fail_usage(kz,
				     _("KIND is one of: %s. A secret itself never stands on the "
				       "command line."),
				     changing ? "sign, auth, text, juki, common"
					      : "sign, auth, text, juki, common, number-a, "
						"number-b, text-number-a, text-number-b, birth");
	rc = kz_session_open(kz, &card);
	if (rc != KZ_GO)
		return rc;
	if (n == 1)
		rc = show_status(kz, &card);
	else if (changing)
		rc = kz_pin_change(kz, &card, words[1], pin, last_try);
	else
		rc = verify(kz, &card, words[1], pin, last_try);
	kz_session_close(&card);
	return rc;
}
