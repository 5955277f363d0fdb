/* SPDX-License-Identifier: Apache-2.0 */
/* kiosk_choice.c — what the resident chose: municipality, kind, options, copies (flows K03). */
#include "kiosk.h"

#include <string.h>

#include "options.h"
#include "output.h"

/* "number=true", "scope=person", "year=2025" */
int kiosk_take_option(struct kiosk *k, const char *word)
{
	const char *equals = strchr(word, '=');
	json_t *value;
	char key[32];
	long number;

	if (equals == NULL || equals == word || equals[1] == '\0' ||
	    (size_t)(equals - word) >= sizeof key)
		return kz_fail_usage(k->kz, _("--option takes KEY=VALUE."));
	snprintf(key, sizeof key, "%.*s", (int)(equals - word), word);
	if (strcmp(equals + 1, "true") == 0 || strcmp(equals + 1, "yes") == 0)
		value = json_true();
	else if (strcmp(equals + 1, "false") == 0 || strcmp(equals + 1, "no") == 0)
		value = json_false();
	else if (kz_number(equals + 1, 9999, &number))
		value = json_integer(number);
	else
		value = json_string(equals + 1);
	return json_object_set_new(k->options, key, value) == 0
		       ? KZ_GO
		       : kz_fail_error(k->kz, CARD_ERR_NO_MEMORY);
}

static bool one_of(const char *word, const char *const *words)
{
	if (word == NULL)
		return true;
	for (size_t i = 0; words[i] != NULL; i++)
		if (strcmp(word, words[i]) == 0)
			return true;
	return false;
}

/* What only tests need is for tests only. */
static int check_sims(struct kiosk *k)
{
	static const char *const refunds[] = {"paid", "impossible", NULL};
	static const char *const yes_no[] = {"yes", "no", NULL};
	static const char *const faults[] = {"resume", "refund", "later", NULL};
	static const char *const things[] = {"card", "paper", NULL};
	static const char *const attendants[] = {"here", "away", NULL};
	const struct kiosk_words *w = &k->words;
	enum flow_payment_sim_mode mode;

	if (w->payment_sim != NULL && !flow_payment_sim_mode_of(w->payment_sim, &mode))
		return kz_fail_usage(k->kz, _("%s is nothing that the payment unit can do."),
				     w->payment_sim);
	if (!one_of(w->refund_sim, refunds) || !one_of(w->again, yes_no) ||
	    !one_of(w->on_fault, faults) || !one_of(w->leave, things) ||
	    !one_of(w->attendant, attendants))
		return kz_fail_usage(
			k->kz,
			_("One of the words is not known; \"kazasu kiosk --help\" lists them."));
	if (!k->kz->opt.test_roots &&
	    (w->hurry || w->power_cut != NULL || w->leave != NULL || w->attendant != NULL))
		return kz_fail_usage(
			k->kz,
			_("--hurry, --leave, --attendant and --power-cut are for tests, with --test-roots."));
	return KZ_GO;
}

static int check_choice(struct kiosk *k)
{
	static const char *const methods[] = {"new", "conversion", "current", NULL};
	const struct kiosk_words *w = &k->words;
	long copies = 1;

	if (w->kind == NULL || w->folder == NULL)
		return kz_fail_usage(k->kz, _("--kind and -o are needed."));
	if (kiosk_kind(w->kind) == NULL)
		return kz_fail_usage(
			k->kz,
			_("%s is no kind of certificate: juminhyo, kisai, inkan, tax, koseki or fuhyo."),
			w->kind);
	if (w->municipality != NULL &&
	    (strlen(w->municipality) != 5 || strspn(w->municipality, "0123456789") != 5))
		return kz_fail_usage(k->kz, _("A municipality is a code of five digits."));
	/* The card knows where its owner lives, not where the family register is kept. */
	if (w->municipality == NULL && !k->at_tty &&
	    (strcmp(w->kind, "koseki") == 0 || strcmp(w->kind, "fuhyo") == 0))
		return kz_fail_usage(
			k->kz,
			_("The family register is kept by the municipality of the registered domicile: --municipality is needed."));
	if (!one_of(w->method, methods))
		return kz_fail_usage(k->kz, _("--method: new, conversion or current."));
	if (w->copies != NULL &&
	    (!kz_number(w->copies, FLOW_TERMINAL_COPIES, &copies) || copies < 1))
		return kz_fail_usage(k->kz, _("--copies: 1 to %u."), FLOW_TERMINAL_COPIES);
	k->copies = (unsigned)copies;
	return KZ_GO;
}

int kiosk_check_words(struct kiosk *k)
{
	int rc = KZ_GO;

	if (k->inquiry == NULL)
		rc = check_choice(k);
	return rc == KZ_GO ? check_sims(k) : rc;
}

int kiosk_confirm_number(struct kiosk *k, bool given)
{
	if (!json_is_true(json_object_get(k->options, "number")) || given)
		return KZ_GO;
	if (k->at_tty &&
	    kiosk_ask(
		    k,
		    _("The individual number will stand on the paper. Is it really needed? [y/N]")) ==
		    CARD_OK)
		return KZ_GO;
	return kz_fail_refused(k->kz, _("Add --number-confirmed if it is really needed."),
			       _("A certificate with the individual number is asked for twice."));
}

enum card_error kiosk_propose(void *ctx, const char *municipality)
{
	struct kiosk *k = ctx;
	char question[200];

	kz_say_pair(k->kz, _("municipality"), "%s", municipality);
	snprintf(question, sizeof question, _("A certificate of municipality %s? [y/N]"),
		 municipality);
	return k->at_tty ? kiosk_ask(k, question) : CARD_OK;
}
