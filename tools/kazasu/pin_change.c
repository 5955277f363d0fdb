/* SPDX-License-Identifier: Apache-2.0 */
#include "pin_change.h"

#include <string.h>

#include "output.h"
#include "secret_entry.h"

json_t *kz_pin_result(const char *word, const char *what, int tries)
{
	json_t *json = json_pack("{s:s, s:b}", "pin", word, what, 1);

	if (tries >= 0)
		json_object_set_new(json, "tries_left", json_integer(tries));
	return json;
}

enum card_error kz_pin_count_again(struct kz_session *card, enum card_pin pin, enum card_error err,
				   int *tries)
{
	return err == CARD_OK ? card_pin_tries(card->ch, pin, tries) : err;
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

/* On the keys of the reader: the old one was right, so what the reader refused is the new one. */
static int fail(struct kz *kz, struct kz_session *card, enum card_pin pin, bool on_keys,
		enum card_error err, int tries)
{
	const struct kz_failure f = {
		.error = CARD_ERR_PIN_FORMAT,
		.message = _("The two entries of the new one differ, or are too short."),
		.hint = _("The old one stays valid."),
	};

	return on_keys && err == CARD_ERR_PIN_FORMAT ? kz_fail(kz, &f)
						     : kz_secret_fail(kz, card, pin, err, tries);
}

int kz_pin_change(struct kz *kz, struct kz_session *card, const char *word, enum card_pin pin,
		  bool last_try)
{
	const struct kz_entry entry = {.pin = pin, .last_try = last_try, .change = true};
	struct kz_secret old, new = {0};
	enum card_error err;
	bool on_keys;
	int tries = CARD_TRIES_UNKNOWN, rc = kz_secret_ask(kz, card, &entry, &old);

	/* Without the old value here, the keys of the reader take both. */
	if (rc == KZ_GO && old.value != NULL)
		rc = ask_new(kz, pin, &new);
	if (rc != KZ_GO) {
		kz_secret_free(&old);
		return rc;
	}
	err = kz_session_begin(kz, card);
	if (err == CARD_OK) {
		err = old.value == NULL
			      ? card_pin_change_pinpad(card->ch, pin, kz->lang, old.flags, &tries)
			      : card_pin_change(card->ch, pin, old.value, new.value, old.flags,
						&tries);
		err = kz_session_end(card, kz_pin_count_again(card, pin, err, &tries));
	}
	on_keys = old.value == NULL;
	kz_secret_free(&old);
	kz_secret_free(&new);
	if (err != CARD_OK)
		return fail(kz, card, pin, on_keys, err, tries);
	kz_say(kz, _("The %s was changed.\n"), card_pin_name(pin, kz->lang));
	kz_json(kz, kz_pin_result(word, "changed", tries));
	return KZ_DONE;
}
