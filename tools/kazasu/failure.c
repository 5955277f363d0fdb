/* SPDX-License-Identifier: Apache-2.0 */
/*
 * failure.c — from an error to the exit code, the sentence and the advice.
 *
 * The exit codes are a promise to scripts (kazasu(1)); the advice says what the person can do.
 */
#include "output.h"

#include <stdarg.h>
#include <string.h>

struct meaning {
	enum card_error error;
	int exit;
	const char *hint;
};

static const struct meaning meanings[] = {
	{CARD_ERR_UNSUPPORTED, KZ_WRONG_CARD, N_("Another card or another reader may offer it.")},
	{CARD_ERR_CANCELLED, KZ_CANCELLED, N_("Nothing was changed. Start again when ready.")},
	{CARD_ERR_TIMEOUT, KZ_CANCELLED, N_("Nothing was typed in time. Start again when ready.")},
	{CARD_ERR_IO, KZ_IO, N_("See that the file and its folder can be used.")},
	{CARD_ERR_NO_SERVICE, KZ_UNAVAILABLE,
	 N_("Install and start pcscd (systemctl start pcscd.socket). \"kazasu doctor\" finds the "
	    "cause.")},
	{CARD_ERR_NOT_PERMITTED, KZ_NO_PERMISSION,
	 N_("polkit does not let this user work with cards. \"kazasu doctor\" tells what to do.")},
	{CARD_ERR_NO_READER, KZ_NO_CARD,
	 N_("Connect a reader. If one is connected, \"kazasu doctor\" finds the cause.")},
	{CARD_ERR_NO_CARD, KZ_NO_CARD, N_("Place the card on the reader; --wait 30 waits for it.")},
	{CARD_ERR_READER_BUSY, KZ_NO_CARD,
	 N_("Another program is working with the card. Close it, or wait longer with --wait.")},
	{CARD_ERR_READER, KZ_IO,
	 N_("Take the card off and place it again. If that does not help: \"kazasu doctor\".")},
	{CARD_ERR_AMBIGUOUS, KZ_USAGE, N_("Choose one with --reader.")},
	{CARD_ERR_REMOVED, KZ_NO_CARD,
	 N_("Place the card again, leave it there, and start again.")},
	{CARD_ERR_RESET, KZ_NO_CARD, N_("Another program reset the card. Start again.")},
	{CARD_ERR_OUTCOME_UNKNOWN, KZ_NO_CARD,
	 N_("The card may have done it or not. It was not sent again. Look at the tries left with "
	    "\"kazasu pin status\" before you start again.")},
	{CARD_ERR_TRACE_MISMATCH, KZ_BAD_DATA, N_("This trace belongs to another dialogue.")},
	{CARD_ERR_MALFORMED, KZ_BAD_DATA,
	 N_("The answer is not what a My Number Card gives. Take the card off and place it again; "
	    "if it happens again, the chip may be broken: ask the municipality's window.")},
	{CARD_ERR_TRUNCATED, KZ_BAD_DATA,
	 N_("The answer is not what a My Number Card gives. Take the card off and place it again; "
	    "if it happens again, the chip may be broken: ask the municipality's window.")},
	{CARD_ERR_TOO_LONG, KZ_BAD_DATA,
	 N_("The answer is not what a My Number Card gives. Take the card off and place it again; "
	    "if it happens again, the chip may be broken: ask the municipality's window.")},
	{CARD_ERR_STATUS, KZ_WRONG_CARD,
	 N_("The card refused the command. -v shows its status word.")},
	{CARD_ERR_NOT_FOUND, KZ_WRONG_CARD,
	 N_("\"kazasu status\" tells which card this is and what it holds.")},
	{CARD_ERR_SECURITY_STATUS, KZ_WRONG_CARD,
	 N_("This card keeps it closed for the secret that was presented.")},
	{CARD_ERR_WRONG_TOKEN, KZ_WRONG_CARD,
	 N_("Place a My Number Card. \"kazasu status\" tells which card this is.")},
	{CARD_ERR_NO_CERTIFICATE, KZ_WRONG_CARD,
	 N_("The municipality's window issues certificates. A holder under 15 has none for "
	    "signatures.")},
	{CARD_ERR_PIN_WRONG, KZ_WRONG_SECRET,
	 N_("See that you type the right one of the card's "
	    "secrets; \"kazasu pin status\" lists them.")},
	{CARD_ERR_PIN_LOCKED, KZ_LOCKED,
	 N_("The municipality's window unlocks it; bring the card.")},
	{CARD_ERR_PIN_FORMAT, KZ_BAD_DATA, N_("Nothing was sent to the card; no try was used.")},
	{CARD_ERR_LAST_TRY, KZ_REFUSED,
	 N_("Nothing was sent to the card. If you are sure, add --last-try: a wrong one locks it.")},
	{CARD_ERR_DENIED, KZ_REFUSED, N_("Nothing was read from the card.")},
	{CARD_ERR_SIGNATURE, KZ_INVALID,
	 N_("The data is not what the issuer signed. Do not rely on it.")},
	{CARD_ERR_UNTRUSTED, KZ_UNDETERMINED, N_("Nothing is known about the issuer.")},
	{CARD_ERR_EXPIRED, KZ_INVALID, N_("The municipality's window renews it.")},
	{CARD_ERR_REVOKED, KZ_INVALID, N_("Do not rely on it.")},
	{CARD_ERR_UNDETERMINED, KZ_UNDETERMINED, N_("Do not rely on it before it was checked.")},
};

static const struct meaning *find(enum card_error error)
{
	for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++) {
		if (meanings[i].error == error)
			return &meanings[i];
	}
	return NULL;
}

int kz_exit_of(enum card_error error)
{
	const struct meaning *m = find(error);

	if (error == CARD_OK)
		return KZ_DONE;
	return m != NULL ? m->exit : KZ_INTERNAL;
}

const char *kz_hint_of(enum card_error error)
{
	const struct meaning *m = find(error);

	return m != NULL ? _(m->hint)
			 : _("This should not happen. Please report it with the "
			     "output of -v.");
}

/* "The PIN is wrong. 2 more wrong tries and it is locked." */
static void describe_secret(const struct kz *kz, const struct kz_failure *f, char *out, size_t cap)
{
	const char *name = card_pin_name(f->pin, kz->lang);

	switch (f->error) {
	case CARD_ERR_PIN_WRONG:
		if (f->tries > 0)
			snprintf(out, cap,
				 ngettext("The %s is wrong. %d more wrong try and it is locked.",
					  "The %s is wrong. %d more wrong tries and it is locked.",
					  (unsigned long)f->tries),
				 name, f->tries);
		else
			snprintf(out, cap, _("The %s is wrong."), name);
		break;
	case CARD_ERR_PIN_LOCKED:
		snprintf(out, cap, _("The %s is locked: it was wrong too often."), name);
		break;
	case CARD_ERR_LAST_TRY:
		snprintf(out, cap,
			 f->tries == 1 ? _("Only one try is left for the %s.")
				       : _("The card does not tell the tries left for the %s."),
			 name);
		break;
	case CARD_ERR_PIN_FORMAT: {
		struct card_pin_format format = card_pin_format(f->pin);

		if (!format.digits)
			snprintf(out, cap,
				 _("The %s has %d to %d letters and digits, at least one of each."),
				 name, format.min, format.max);
		else
			snprintf(out, cap, _("The %s has %d digits."), name, format.min);
		break;
	}
	case CARD_ERR_OUTCOME_UNKNOWN:
		snprintf(out, cap, _("The card went away before it answered about the %s."), name);
		break;
	default:
		snprintf(out, cap, "%s", card_strerror(f->error, kz->lang));
	}
}

int kz_fail(struct kz *kz, const struct kz_failure *f)
{
	const char *hint = f->hint != NULL ? f->hint : kz_hint_of(f->error);
	char message[512];
	json_t *error;

	if (f->message != NULL)
		snprintf(message, sizeof message, "%s", f->message);
	else if (f->has_tries)
		describe_secret(kz, f, message, sizeof message);
	else
		snprintf(message, sizeof message, "%s", card_strerror(f->error, kz->lang));
	fprintf(stderr, "kazasu: %s\n", message);
	if (*hint != '\0')
		fprintf(stderr, "%s\n", hint);

	error = json_pack("{s:s, s:s}", "code", card_error_name(f->error), "message", message);
	if (f->reason != NULL)
		json_object_set_new(error, "reason", json_string(f->reason));
	if (f->has_tries && f->tries >= 0)
		json_object_set_new(error, "tries_left", json_integer(f->tries));
	if (f->sw != 0) {
		char sw[5];

		snprintf(sw, sizeof sw, "%04X", (unsigned)f->sw);
		json_object_set_new(error, "sw", json_string(sw));
	}
	if (*hint != '\0')
		json_object_set_new(error, "hint", json_string(hint));
	kz_json(kz, json_pack("{s:o}", "error", error));
	return f->exit != 0 ? f->exit : kz_exit_of(f->error);
}

int kz_fail_error(struct kz *kz, enum card_error error)
{
	const struct kz_failure f = {.error = error};

	return kz_fail(kz, &f);
}

int kz_fail_usage(struct kz *kz, const char *format, ...)
{
	char message[512], hint[160];
	struct kz_failure f = {.error = CARD_ERR_INVALID_ARGUMENT, .exit = KZ_USAGE};
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof message, format, args);
	va_end(args);
	if (kz->command != NULL)
		snprintf(hint, sizeof hint, _("\"kazasu %s --help\" tells more."),
			 kz->command->name);
	else
		snprintf(hint, sizeof hint, _("\"kazasu --help\" tells more."));
	f.message = message;
	f.hint = hint;
	return kz_fail(kz, &f);
}

int kz_fail_refused(struct kz *kz, const char *hint, const char *format, ...)
{
	char message[512];
	struct kz_failure f = {.error = CARD_ERR_DENIED, .exit = KZ_REFUSED, .hint = hint};
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof message, format, args);
	va_end(args);
	f.message = message;
	return kz_fail(kz, &f);
}
