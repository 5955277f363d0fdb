/* SPDX-License-Identifier: Apache-2.0 */
#include "secret_entry.h"

#include <stdio.h>
#include <string.h>

#include <card/jpki.h>
#include <card/secret.h>

#include "output.h"
#include "prompt.h"

void kz_secret_describe(const struct kz *kz, enum card_pin pin, int tries, char *out, size_t cap)
{
	const char *name = card_pin_name(pin, kz->lang);

	if (tries > 0)
		snprintf(out, cap,
			 ngettext("%s: after %d more wrong try it is locked.",
				  "%s: after %d more wrong tries it is locked.",
				  (unsigned long)tries),
			 name, tries);
	else
		snprintf(out, cap, "%s", name);
}

static bool use_pinpad(const struct kz *kz, const struct kz_session *s,
		       const struct kz_entry *entry)
{
	unsigned need = CARD_READER_PINPAD_VERIFY | (entry->change ? CARD_READER_PINPAD_CHANGE : 0);

	return kz->opt.pin_fd < 0 && !entry->no_pinpad && card_pin_format(entry->pin).digits &&
	       (card_reader_features(s->reader) & need) == need;
}

static enum card_error type(struct kz *kz, const struct kz_prompt *p, card_secret_t *out)
{
	enum card_error err;

	if (kz->opt.pin_fd >= 0)
		return card_secret_read_line(out, kz->opt.pin_fd);
	err = kz_prompt_pinentry(p, out);
	if (err == CARD_ERR_UNSUPPORTED)
		err = kz_prompt_terminal(p, out);
	return err;
}

static int fail_entry(struct kz *kz, const struct kz_entry *entry, enum card_error err)
{
	struct kz_failure f = {.error = err, .pin = entry->pin};

	if (err == CARD_ERR_UNSUPPORTED) {
		f.exit = KZ_USAGE;
		f.message = _("There is no terminal and no pinentry to type the secret on.");
		f.hint = _("Use --pin-fd N.");
	} else if (err == CARD_ERR_IO && kz->opt.pin_fd >= 0) {
		f.exit = KZ_NO_INPUT;
		f.message = _("The descriptor of --pin-fd gave no line for the secret.");
		f.hint = "";
	} else if (err == CARD_ERR_PIN_FORMAT || err == CARD_ERR_TOO_LONG) {
		f.error = CARD_ERR_PIN_FORMAT;
		f.has_tries = true;
		f.tries = CARD_TRIES_UNKNOWN;
	}
	return kz_fail(kz, &f);
}

int kz_secret_ask_plain(struct kz *kz, const struct kz_entry *entry, const char *note,
			struct kz_secret *out)
{
	const char *name = card_pin_name(entry->pin, kz->lang);
	const struct kz_prompt p = {"Kazasu", note != NULL ? note : name,
				    entry->prompt != NULL ? entry->prompt : name, kz->lang,
				    entry->seconds};
	enum card_error err = card_secret_new(&out->value);

	out->flags = entry->last_try ? CARD_PIN_ALLOW_LAST_TRY : 0;
	if (err == CARD_OK)
		err = type(kz, &p, out->value);
	if (err == CARD_OK)
		err = card_pin_check(entry->pin, out->value);
	if (err == CARD_OK)
		return KZ_GO;
	kz_secret_free(out);
	return fail_entry(kz, entry, err);
}

int kz_secret_ask_digits(struct kz *kz, const char *name, const char *note, size_t digits,
			 card_secret_t *out)
{
	const struct kz_prompt p = {"Kazasu", note, name, kz->lang, 0};
	char message[160];
	enum card_error err = type(kz, &p, out);
	struct card_bytes typed = card_secret_bytes(out);
	bool good = typed.n == digits;

	for (size_t i = 0; good && i < typed.n; i++)
		good = typed.p[i] >= '0' && typed.p[i] <= '9';
	if (err == CARD_OK && good)
		return KZ_GO;
	if (err != CARD_OK && err != CARD_ERR_TOO_LONG)
		return fail_entry(kz, &(const struct kz_entry){.pin = CARD_PIN_AUTH}, err);
	snprintf(message, sizeof message,
		 ngettext("This PIN has %zu digit.", "This PIN has %zu digits.", digits), digits);
	return kz_fail(kz, &(struct kz_failure){.error = CARD_ERR_PIN_FORMAT,
						.exit = KZ_BAD_DATA,
						.message = message,
						.hint = ""});
}

enum card_error kz_secret_signs(struct kz_session *s)
{
	bool sign = false, auth = false;
	const enum card_error err = card_jpki_available(s->ch, &sign, &auth);

	if (err == CARD_OK && !sign)
		return CARD_ERR_NO_CERTIFICATE;
	/* A card that does not say is asked by the dialogue that follows. */
	return err == CARD_ERR_STATUS || err == CARD_ERR_TRUNCATED || err == CARD_ERR_NOT_FOUND
		       ? CARD_OK
		       : err;
}

int kz_secret_ask(struct kz *kz, struct kz_session *s, const struct kz_entry *entry,
		  struct kz_secret *out)
{
	enum card_error err;
	char note[256];
	int tries = CARD_TRIES_UNKNOWN;

	memset(out, 0, sizeof *out);
	if (kz->opt.pin_fd >= 0)
		return kz_secret_ask_plain(kz, entry, NULL, out);
	err = kz_session_begin(kz, s);
	if (err == CARD_OK) {
		err = entry->signs ? kz_secret_signs(s) : CARD_OK;
		if (err == CARD_OK)
			err = card_pin_tries(s->ch, entry->pin, &tries);
		err = kz_session_end(s, err);
	}
	if (err != CARD_OK)
		return kz_session_fail(kz, s, err);
	if (tries == 0)
		return kz_secret_fail(kz, s, entry->pin, CARD_ERR_PIN_LOCKED, 0);
	if ((tries == 1 || tries == CARD_TRIES_UNKNOWN) && !entry->last_try)
		return kz_secret_fail(kz, s, entry->pin, CARD_ERR_LAST_TRY, tries);
	kz_secret_describe(kz, entry->pin, tries, note, sizeof note);
	if (!use_pinpad(kz, s, entry))
		return kz_secret_ask_plain(kz, entry, note, out);
	out->flags = entry->last_try ? CARD_PIN_ALLOW_LAST_TRY : 0;
	if (entry->change)
		kz_note(kz, _("%s\nType it on the keys of the reader, and then the new one twice."),
			note);
	else
		kz_note(kz, _("%s\nType it on the keys of the reader."), note);
	return KZ_GO;
}

enum card_error kz_secret_present(struct kz *kz, struct kz_session *s, enum card_pin pin,
				  const struct kz_secret *secret, int *tries)
{
	if (secret->value == NULL)
		return card_pin_verify_pinpad(s->ch, pin, kz->lang, secret->flags, tries);
	return card_pin_verify(s->ch, pin, secret->value, secret->flags, tries);
}

void kz_secret_free(struct kz_secret *secret)
{
	card_secret_free(&secret->value);
	secret->flags = 0;
}

int kz_secret_fail(struct kz *kz, struct kz_session *s, enum card_pin pin, enum card_error error,
		   int tries)
{
	struct kz_failure f = {.error = error,
			       .has_tries = true,
			       .tries = tries,
			       .pin = pin,
			       .sw = s->sw == 0x9000 ? 0 : s->sw};

	switch (error) {
	case CARD_ERR_PIN_WRONG:
		/* Nothing left: it is locked now. */
		if (tries == 0)
			f.error = CARD_ERR_PIN_LOCKED;
		break;
	case CARD_ERR_PIN_LOCKED:
		f.tries = 0;
		break;
	case CARD_ERR_PIN_FORMAT:
		f.tries = CARD_TRIES_UNKNOWN;
		break;
	case CARD_ERR_LAST_TRY:
	case CARD_ERR_OUTCOME_UNKNOWN:
		break;
	default:
		return kz_session_fail(kz, s, error);
	}
	return kz_fail(kz, &f);
}

int kz_secret_read(struct kz *kz, struct kz_session *s, const struct kz_entry *entry,
		   kz_read_fn *read, void *ctx, enum card_error *failed)
{
	struct kz_secret secret = {NULL, 0};
	enum card_error err;
	bool presented = false;
	int tries = CARD_TRIES_UNKNOWN, rc = KZ_GO;

	if (entry != NULL)
		rc = kz_secret_ask(kz, s, entry, &secret);
	if (rc != KZ_GO)
		return rc;
	err = kz_session_begin(kz, s);
	if (err == CARD_OK) {
		if (entry != NULL)
			err = kz_secret_present(kz, s, entry->pin, &secret, &tries);
		presented = err == CARD_OK;
		if (err == CARD_OK)
			err = read(s, ctx);
		err = kz_session_end(s, err);
	}
	kz_secret_free(&secret);
	if (err != CARD_OK && !presented && entry != NULL)
		return kz_secret_fail(kz, s, entry->pin, err, tries);
	if (failed != NULL)
		*failed = err;
	return err == CARD_OK || failed != NULL ? KZ_GO : kz_session_fail(kz, s, err);
}
