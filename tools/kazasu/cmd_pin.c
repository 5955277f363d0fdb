/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_pin.c — tries left, changing a secret, trying one. */
#include "commands.h"
#include "options.h"
#include "output.h"
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

static json_t *result(const char *word, const char *what, int tries)
{
	json_t *json = json_pack("{s:s, s:b}", "pin", word, what, 1);

	if (tries >= 0)
		json_object_set_new(json, "tries_left", json_integer(tries));
	return json;
}

/* After a success the card has its full count again: what it is, it says. */
static enum card_error count_again(struct kz_session *card, enum card_pin pin, enum card_error err,
				   int *tries)
{
	return err == CARD_OK ? card_pin_tries(card->ch, pin, tries) : err;
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
		err = kz_session_end(card, count_again(card, pin, err, &tries));
	}
	kz_secret_free(&secret);
	if (err != CARD_OK)
		return kz_secret_fail(kz, card, pin, err, tries);
	kz_say(kz, _("The %s is right.\n"), card_pin_name(pin, kz->lang));
	kz_json(kz, result(word, "verified", tries));
	return KZ_DONE;
}

/* The new secret, typed twice by a person and once through a descriptor. */
static int ask_new(struct kz *kz, enum card_pin pin, struct kz_secret *out)
{
	char prompt[160];
	const struct kz_entry entry = {.pin = pin, .prompt = prompt};
	struct kz_secret again = {0};
	struct card_bytes a, b;
	bool same;
	int rc;

	snprintf(prompt, sizeof prompt, _("new %s"), card_pin_name(pin, kz->lang));
	rc = kz_secret_ask_plain(kz, &entry, NULL, out);
	if (rc != KZ_GO || kz->opt.pin_fd >= 0)
		return rc;
	rc = kz_secret_ask_plain(kz, &entry, _("The same once more."), &again);
	if (rc == KZ_GO) {
		a = card_secret_bytes(out->value);
		b = card_secret_bytes(again.value);
		same = a.n == b.n && memcmp(a.p, b.p, a.n) == 0;
		if (!same) {
			const struct kz_failure f = {.error = CARD_ERR_PIN_FORMAT,
						     .message = _("The two entries differ.")};

			rc = kz_fail(kz, &f);
		}
	}
	kz_secret_free(&again);
	if (rc != KZ_GO)
		kz_secret_free(out);
	return rc;
}

static int change(struct kz *kz, struct kz_session *card, const char *word, enum card_pin pin,
		  bool last_try)
{
	/* The reader's own keys cannot change a secret here: libcard needs both values. */
	const struct kz_entry entry = {.pin = pin, .last_try = last_try, .no_pinpad = true};
	struct kz_secret old, new = {0};
	enum card_error err;
	int tries = CARD_TRIES_UNKNOWN, rc = kz_secret_ask(kz, card, &entry, &old);

	if (rc == KZ_GO)
		rc = ask_new(kz, pin, &new);
	if (rc != KZ_GO) {
		kz_secret_free(&old);
		return rc;
	}
	err = kz_session_begin(kz, card);
	if (err == CARD_OK) {
		err = card_pin_change(card->ch, pin, old.value, new.value, old.flags, &tries);
		err = kz_session_end(card, count_again(card, pin, err, &tries));
	}
	kz_secret_free(&old);
	kz_secret_free(&new);
	if (err != CARD_OK)
		return kz_secret_fail(kz, card, pin, err, tries);
	kz_say(kz, _("The %s was changed.\n"), card_pin_name(pin, kz->lang));
	kz_json(kz, result(word, "changed", tries));
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
		rc = change(kz, &card, words[1], pin, last_try);
	else
		rc = verify(kz, &card, words[1], pin, last_try);
	kz_session_close(&card);
	return rc;
}
