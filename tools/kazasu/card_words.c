/* SPDX-License-Identifier: Apache-2.0 */
/* card_words.c — states of cards, and why a step is refused, for people (cardflow/card_admin.h). */
#include "admin.h"
#include "output.h"

#include <string.h>

static const struct {
	const char *code, *text;
} words[] = {
	{"active", N_("in use")},
	{"suspended", N_("suspended")},
	{"abolished", N_("abolished")},
	{"collected", N_("abolished, collected")},
	{"destroyed", N_("abolished, destroyed")},
	{"valid", N_("valid")},
	{"on_hold", N_("on hold")},
	{"revoked", N_("revoked")},
	{"expired", N_("expired")},
	{"none", N_("none")},
	{"telephone",
	 N_("This cannot be done by telephone: it takes a visit with an identity check.")},
	{"card_already_suspended", N_("The card is suspended already.")},
	{"card_still_suspended",
	 N_("The card is still suspended: it is released first, its certificates in a step of their own.")},
	{"card_not_suspended", N_("The card is not suspended.")},
	{"card_abolished", N_("The card is abolished; that cannot be undone.")},
	{"card_not_abolished", N_("The card has not been abolished.")},
	{"card_collected", N_("The card has been abolished and collected.")},
	{"card_already_collected", N_("The card has been collected already.")},
	{"card_not_collected", N_("The card has not been collected.")},
	{"card_destroyed", N_("The card has been destroyed; nothing more can be done with it.")},
	{"certificate_not_on_hold", N_("The certificate is not on hold.")},
	{"certificate_already_on_hold", N_("The certificate is on hold already.")},
	{"certificate_revoked", N_("The certificate is revoked; that cannot be undone.")},
	{"certificate_expired", N_("The certificate has expired.")},
	{"certificate_absent", N_("The card has no such certificate.")},
	{"card_unknown", N_("The register has no card of this person.")},
	{"card_there", N_("This card is in the register already.")},
	{"card_in_use",
	 N_("This person has a card in use in the register: it is abolished before another is taken in.")},
	{"caller_not_identified",
	 N_("The four attributes do not agree with the register of residents.")},
	{"register_missing", N_("There is no register of residents to identify the caller with.")},
	{"application_missing",
	 N_("A release needs the written application (一時停止解除申請書): --application NUMBER.")},
	{"application_malformed",
	 N_("The number of the application is 1 to 32 letters, digits and . _ - (no row of eleven digits).")},
	{"record_missing", N_("An identity check of today is needed: --record ID.")},
	{"record_unknown", N_("There is no such identity check in the journal.")},
	{"record_not_today", N_("This identity check is not of today.")},
	{"record_not_confirmed", N_("This identity check did not confirm the person.")},
	{"record_other_procedure", N_("This identity check was made for another procedure.")},
	{"record_other_subject", N_("This identity check is not one of this person.")},
	{"record_of_agent", N_("An agent was identified there, not the holder of the card.")},
	{"record_used",
	 N_("This identity check has been used already: each release needs one of its own.")},
	{"journal_broken", N_("The journal is not whole: its records prove nothing.")},
	{"approver_missing", N_("This is final: a second person approves it (--approver ID).")},
	{"approver_is_operator", N_("The second person is another one.")},
	{"approver_role", N_("The second person is a supervisor or security officer.")},
	{"no_right", N_("This operator does not have the right to it.")},
};

const char *kz_card_word(const char *code)
{
	for (size_t i = 0; code != NULL && i < sizeof words / sizeof *words; i++) {
		if (strcmp(words[i].code, code) == 0)
			return _(words[i].text);
	}
	return NULL;
}

/* What to do about it, where there is something. */
static const char *hint(const char *code)
{
	static const struct {
		const char *code, *text;
	} hints[] = {
		{"record_",
		 N_("`kazasu identify --procedure ID --subject …` makes one, with the procedure "
		    "ichiji-kaijo for the card and horyu-kaijo for certificates.")},
		{"no_right", N_("`kazasu operator grant ID procedure:… update` gives it.")},
		{"register_missing", N_("`kazasu register import` takes one in.")},
	};

	for (size_t i = 0; i < sizeof hints / sizeof *hints; i++) {
		if (strncmp(code, hints[i].code, strlen(hints[i].code)) == 0)
			return _(hints[i].text);
	}
	return "";
}

int kz_admin_refuse(struct kz *kz, enum card_error err, const char *code)
{
	const char *text = kz_card_word(code);
	struct kz_failure f = {.error = err, .exit = KZ_REFUSED, .message = text, .reason = code};

	if (code == NULL)
		return kz_fail_error(kz, err);
	if (text == NULL) /* of a session, or of the register */
		return kz_desk_refuse(kz, code);
	f.hint = hint(code);
	if (strcmp(code, "card_unknown") == 0)
		f.exit = KZ_WRONG_CARD;
	else if (strcmp(code, "register_missing") == 0)
		f.exit = KZ_UNAVAILABLE;
	else if (strcmp(code, "application_malformed") == 0)
		f.exit = KZ_USAGE;
	return kz_fail(kz, &f);
}
