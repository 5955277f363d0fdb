/* SPDX-License-Identifier: Apache-2.0 */
/* kiosk_say.c — what the screen says: words of flows §1, last column. Nothing personal among them. */
#include "kiosk.h"

#include <inttypes.h>
#include <string.h>

#include "output.h"

static const struct {
	const char *code, *text;
	int exit;
} reasons[] = {
	/* K02 */
	{"no_service",
	 N_("This terminal is not in service now. Please use another one, or the municipality's window."),
	 KZ_UNAVAILABLE},
	/* K04 */
	{"not_participating",
	 N_("This municipality does not issue certificates at terminals. Please ask its window."),
	 KZ_REFUSED},
	{"kind_disabled",
	 N_("This municipality does not issue this certificate at terminals. Please ask its window."),
	 KZ_REFUSED},
	{"outside_hours", N_("It is outside the hours of this service."), KZ_REFUSED},
	{"fee_unknown",
	 N_("This certificate cannot be issued at terminals now. Please ask the municipality's window."),
	 KZ_REFUSED},
	{"blocked",
	 N_("This terminal is closed until an attendant has looked after it. Please use another one."),
	 KZ_UNAVAILABLE},
	{"maintenance", N_("This terminal is under maintenance. Please use another one."),
	 KZ_UNAVAILABLE},
	{"closed", N_("It is outside the hours of this service."), KZ_UNAVAILABLE},
	{"clock", N_("The clock of this terminal is wrong. Please use another one."),
	 KZ_UNAVAILABLE},
	{"municipality_unknown",
	 N_("The card does not say which municipality it is of. Please choose one."), KZ_REFUSED},
	{"fee_changed", N_("The fee has changed. Please start again."), KZ_REFUSED},
	/* K06, K07 */
	{"card_unusable",
	 N_("This card cannot be used here. A My Number Card with a certificate for user authentication is needed; a card that cannot be read is issued anew at the municipality's window."),
	 KZ_WRONG_CARD},
	{"locked",
	 N_("The PIN is locked. It is reset at the municipality's window only; bring the card."),
	 KZ_LOCKED},
	/* K10, K11 */
	{"card_pulled", N_("The card was taken too early. Please start again."), KZ_NO_CARD},
	{"protocol", N_("There was an error in the communication. Please start again."),
	 KZ_REFUSED},
	/* K14, K15 */
	{"certificate_expired",
	 N_("The certificate on the card has expired. The municipality's window renews it."),
	 KZ_REFUSED},
	{"certificate_revoked",
	 N_("This card cannot be used now. Please ask the municipality's window or the call centre."),
	 KZ_REFUSED},
	{"certificate_on_hold",
	 N_("This card cannot be used now. Please ask the municipality's window or the call centre."),
	 KZ_REFUSED},
	{"card_suspended",
	 N_("This card cannot be used now. Please ask the municipality's window or the call centre."),
	 KZ_REFUSED},
	{"card_abolished",
	 N_("This card cannot be used now. Please ask the municipality's window or the call centre."),
	 KZ_REFUSED},
	{"undetermined", N_("The card cannot be checked now. Please try later."), KZ_REFUSED},
	/* K16 */
	{"not_again", N_("It was not issued a second time."), KZ_CANCELLED},
	/* before K05: no PIN that could be read on its way */
	{"seal_unknown",
	 N_("This terminal cannot protect the PIN of this certificate on its way to the municipality. Please use another one, or the municipality's window."),
	 KZ_UNAVAILABLE},
	/* K17, K19 */
	{"kind_pin_locked",
	 N_("The PIN for this certificate is locked. Please ask the municipality's window."),
	 KZ_LOCKED},
	{"no_seal_registration",
	 N_("There is no registered seal. A seal is registered at the municipality's window."),
	 KZ_REFUSED},
	{"under_age",
	 N_("The municipality issues certificates at terminals from a minimum age on. Please ask its window."),
	 KZ_REFUSED},
	{"no_use_registration",
	 N_("For this certificate the use of terminals must be registered with the municipality first."),
	 KZ_REFUSED},
	/* K20, K21, K22 */
	{"not_available_here",
	 N_("This certificate is not available at terminals. Please ask the municipality's window."),
	 KZ_REFUSED},
	{"document_error",
	 N_("The certificate could not be made. Please ask the municipality's window."),
	 KZ_REFUSED},
	{"no_answer", N_("The municipality could not be reached. Please try later."),
	 KZ_UNAVAILABLE},
	/* K23, K26, K27 */
	{"card_forgotten", N_("The card was left on the reader. An attendant keeps it for you."),
	 KZ_NO_CARD},
	{"not_ready", N_("The printer is not ready. Please use another terminal."), KZ_UNAVAILABLE},
	{"cancelled", N_("It was cancelled."), KZ_CANCELLED},
	{"idle", N_("It was ended because nothing was done for a while."), KZ_CANCELLED},
	{"link", N_("The connection was lost."), KZ_UNAVAILABLE},
	{"stopped", N_("The service was stopped."), KZ_UNAVAILABLE},
	{"journal", N_("This terminal cannot keep its records now. Please use another one."),
	 KZ_IO},
	{"restarted", N_("The terminal was restarted."), KZ_UNAVAILABLE},
	/* K30 */
	{"payment_not_settled", N_("The payment was not made."), KZ_UNAVAILABLE},
	{"payment_unknown", N_("Whether the payment was made could not be found out."),
	 KZ_UNAVAILABLE},
	/* K33, K35, K36, K38 */
	{"no_permit", N_("Printing was not permitted in time."), KZ_UNAVAILABLE},
	{"document_gone", N_("The certificate is no longer there."), KZ_UNAVAILABLE},
	{"day_ended", N_("The day of this service has ended."), KZ_UNAVAILABLE},
	{"print_fault", N_("The printer stopped."), KZ_UNAVAILABLE},
	{"not_knowable", N_("What the printer did could not be found out."), KZ_UNAVAILABLE},
	{"refund_chosen", N_("The money is returned as you wished."), KZ_UNAVAILABLE},
	{"resume_refused", N_("It can be continued with the same card and its PIN only."),
	 KZ_REFUSED},
};

static const char *reason(const char *code, int *exit)
{
	for (size_t i = 0; code != NULL && i < sizeof reasons / sizeof *reasons; i++) {
		if (strcmp(reasons[i].code, code) == 0) {
			*exit = reasons[i].exit;
			return _(reasons[i].text);
		}
	}
	return NULL;
}

/* Why money went back: the answers to a refund do not say it again. */
static const char *code_of(const struct kiosk *k, const char *code)
{
	if (code != NULL && *code != '\0')
		return code;
	return strcmp(k->last_state, "refunded") == 0 || strcmp(k->last_state, "refund_due") == 0
		       ? k->last_code
		       : NULL;
}

const char *kiosk_kind(const char *kind)
{
	static const struct {
		const char *kind, *text;
	} kinds[] = {{"juminhyo", N_("copy of the resident record")},
		     {"kisai", N_("certificate of entries in the resident record")},
		     {"inkan", N_("certificate of the registered seal")},
		     {"tax", N_("tax certificate")},
		     {"koseki", N_("certificate of the family register")},
		     {"fuhyo", N_("copy of the supplementary family register")}};

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(kinds[i].kind, kind) == 0)
			return _(kinds[i].text);
	return NULL;
}

/* ---- screens ---- */

static void say_window(const struct kiosk *k)
{
	const char *place = json_string_value(json_object_get(k->window, "place"));
	const char *name = json_string_value(json_object_get(k->window, "name"));
	const char *hours = json_string_value(json_object_get(k->window, "hours"));
	const char *phone = json_string_value(json_object_get(k->window, "phone"));

	if (place == NULL || *place == '\0')
		return;
	kz_say(k->kz, _("The window: %s %s"), place, name != NULL ? name : "");
	kz_say(k->kz, "  %s  %s\n", hours != NULL ? hours : "", phone != NULL ? phone : "");
}

static const char *fault_text(const char *code)
{
	static const struct {
		const char *code, *text;
	} faults[] = {{"jam", N_("The paper has jammed.")},
		      {"paper", N_("The paper has run out.")},
		      {"toner", N_("The toner has run out.")},
		      {"cover", N_("A cover of the printer is open.")}};

	for (size_t i = 0; code != NULL && i < sizeof faults / sizeof *faults; i++)
		if (strcmp(faults[i].code, code) == 0)
			return _(faults[i].text);
	return _("The printer stopped.");
}

static const char *kind_of(const struct flow_terminal_say *w)
{
	const char *text = w->kind != NULL ? kiosk_kind(w->kind) : NULL;

	return text != NULL ? text : "";
}

static void say_preview(const struct kiosk *k, const struct flow_terminal_say *w)
{
	kz_say_pair(k->kz, _("certificate"), "%s", kind_of(w));
	kz_say_pair(k->kz, _("pages"), "%u", w->pages);
	kz_say_pair(k->kz, _("copies"), "%u", w->copies);
	kz_say_pair(k->kz, _("fee"), _("%" PRId64 " yen"), w->number);
}

static void say_end(struct kiosk *k, const struct flow_terminal_say *w)
{
	int exit;
	const char *text = reason(code_of(k, w->code), &exit);

	if (text != NULL)
		kz_say(k->kz, "%s\n", text);
	if (text != NULL && !w->charged)
		say_window(k);
	/* flows §1.6 */
	if (!w->charged)
		kz_say(k->kz, "%s\n", _("You were not charged."));
	/* A receipt has said it. */
	if (w->inquiry != NULL && *w->inquiry != '\0' && strcmp(k->last_state, "closed") != 0)
		kz_say_pair(k->kz, _("inquiry number"), "%s", w->inquiry);
}

static void say_money(const struct kiosk *k, const struct flow_terminal_say *w)
{
	switch (w->screen) {
	case FLOW_SCREEN_PAY:
		kz_say(k->kz, _("Please pay %" PRId64 " yen.\n"), w->number);
		break;
	case FLOW_SCREEN_FREE:
		kz_say(k->kz, _("The municipality issues this certificate free of charge.\n"));
		break;
	case FLOW_SCREEN_ASKING:
		kz_say(k->kz, _("Your payment is being checked. Inquiry number: %s\n"),
		       w->inquiry != NULL ? w->inquiry : "");
		break;
	case FLOW_SCREEN_SURPLUS:
		kz_say(k->kz, _("%" PRId64 " yen too much were paid and are returned.\n"),
		       w->number);
		break;
	default:
		kz_say(k->kz, _("%" PRId64 " yen are returned.\n"), w->number);
	}
}

static void say_paper(const struct kiosk *k, const struct flow_terminal_say *w)
{
	switch (w->screen) {
	case FLOW_SCREEN_PRINTING:
		kz_say(k->kz, _("It is being printed.\n"));
		break;
	case FLOW_SCREEN_FAULT:
		kz_say(k->kz,
		       _("%s Help is coming. You can continue with your card, or have your money back.\n"),
		       fault_text(w->code != NULL && strcmp(w->code, "print_fault") != 0
					  ? w->code
					  : flow_print_fault_code(k->fault_now)));
		break;
	default:
		if (w->number > 0)
			kz_say(k->kz,
			       ngettext("Please take %" PRId64 " sheet.\n",
					"Please take %" PRId64 " sheets.\n",
					(unsigned long)w->number),
			       w->number);
		else
			kz_say(k->kz, _("Paper was left behind. An attendant is called.\n"));
	}
}

/* Which PINs, and which of them was wrong (K03, K08, K17). */
static void say_card(const struct kiosk *k, const struct flow_terminal_say *w)
{
	if (w->screen == FLOW_SCREEN_PIN_WRONG)
		kz_say(k->kz,
		       ngettext(
			       "The PIN for user authentication is wrong. %d more wrong try and it is locked.\n",
			       "The PIN for user authentication is wrong. %d more wrong tries and it is locked.\n",
			       (unsigned long)w->number),
		       (int)w->number);
	else if (w->screen == FLOW_SCREEN_KIND_PIN_WRONG)
		kz_say(k->kz,
		       ngettext(
			       "The PIN for this certificate is wrong. %d more wrong try and it is locked.\n",
			       "The PIN for this certificate is wrong. %d more wrong tries and it is locked.\n",
			       (unsigned long)w->number),
		       (int)w->number);
	else if (w->number == FLOW_TERMINAL_PIN_KIND)
		kz_say(k->kz,
		       _("Place the card on the reader. The PIN for this certificate (four digits) will be asked for; it was set with the municipality.\n"));
	else if (w->number == (FLOW_TERMINAL_PIN_AUTH | FLOW_TERMINAL_PIN_KIND))
		kz_say(k->kz,
		       _("Place the card on the reader. Two PINs will be asked for: that for user authentication, and that for this certificate, which was set with the municipality (four digits each).\n"));
	else
		kz_say(k->kz,
		       _("Place the card on the reader. The PIN for user authentication (four digits) will be asked for.\n"));
}

void kiosk_say(void *ctx, const struct flow_terminal_say *w)
{
	struct kiosk *k = ctx;

	switch (w->screen) {
	case FLOW_SCREEN_HOLD_CARD:
	case FLOW_SCREEN_PIN_WRONG:
	case FLOW_SCREEN_KIND_PIN_WRONG:
		say_card(k, w);
		break;
	case FLOW_SCREEN_TAKE_CARD:
		kz_say(k->kz, _("Please take your card.\n"));
		break;
	case FLOW_SCREEN_PREPARING:
		kz_say(k->kz, _("The certificate is being prepared.\n"));
		break;
	case FLOW_SCREEN_PREVIEW:
		say_preview(k, w);
		break;
	case FLOW_SCREEN_CARD_LEFT:
		kz_say(k->kz, _("Your card is still on the reader. Please take it.\n"));
		break;
	case FLOW_SCREEN_PAY:
	case FLOW_SCREEN_FREE:
	case FLOW_SCREEN_ASKING:
	case FLOW_SCREEN_SURPLUS:
	case FLOW_SCREEN_REFUND:
		say_money(k, w);
		break;
	case FLOW_SCREEN_PRINTING:
	case FLOW_SCREEN_FAULT:
	case FLOW_SCREEN_TAKE_PAPER:
		say_paper(k, w);
		break;
	case FLOW_SCREEN_RECEIPT:
		kiosk_receipt(k, w);
		break;
	case FLOW_SCREEN_END:
		say_end(k, w);
		break;
	}
}

/* ---- the end ---- */

static const char *outcome(const struct flow_terminal_result *r)
{
	if (strcmp(r->state, "closed") == 0)
		return r->refund > 0 ? "partial" : "issued";
	if (strcmp(r->state, "refunded") == 0)
		return r->valid > 0 ? "partial" : "refunded";
	if (strcmp(r->state, "printed") == 0 || strcmp(r->state, "collected") == 0)
		return "blocked";
	if (strcmp(r->state, "refused") == 0 || strcmp(r->state, "cancelled") == 0 ||
	    strcmp(r->state, "timed_out") == 0 || strcmp(r->state, "refund_due") == 0)
		return r->state;
	return strcmp(r->state, "idle") == 0 || *r->state == '\0' ? "no_service" : "interrupted";
}

static int exit_of(const struct kiosk *k, const struct flow_terminal_result *r, enum card_error err)
{
	int exit = KZ_UNAVAILABLE;

	if (strcmp(r->state, "closed") == 0)
		return r->erased ? KZ_DONE : KZ_IO;
	/* What was asked for. */
	if (k->returns && strcmp(r->state, "refunded") == 0)
		return KZ_DONE;
	/* The card's own word is the most exact one: wrong, locked, absent, not the right card. */
	if (k->card_exit != KZ_GO &&
	    (strcmp(r->state, "refused") == 0 || strcmp(r->state, "cancelled") == 0 ||
	     strcmp(r->state, "timed_out") == 0 || strcmp(r->state, "print_failed") == 0))
		return k->card_exit;
	if (strcmp(r->state, "printed") == 0 || strcmp(r->state, "collected") == 0)
		return KZ_IO;
	if (reason(code_of(k, r->code), &exit) != NULL)
		return exit;
	return err != CARD_OK && err != CARD_ERR_NO_SERVICE ? kz_exit_of(err) : exit;
}

static json_t *text_or_null(const char *text)
{
	return text != NULL && *text != '\0' ? json_string(text) : json_null();
}

int kiosk_report(struct kiosk *k, const struct flow_terminal_result *r, enum card_error err)
{
	if (!r->erased)
		kz_note(k->kz,
			_("That nothing is left on this terminal could not be proven. It stays "
			  "closed until it was looked after."));
	if (r->refund_open)
		kz_say(k->kz,
		       _("%" PRId64
			 " yen will be returned against the inquiry number: at this store, or at the municipality's window.\n"),
		       r->refund);
	kz_json(k->kz, json_pack("{s:o, s:o, s:s, s:s, s:o, s:i, s:i, s:I, s:I}", "transaction",
				 text_or_null(r->transaction), "inquiry", text_or_null(r->inquiry),
				 "state", *r->state != '\0' ? r->state : "idle", "outcome",
				 outcome(r), "reason", text_or_null(code_of(k, r->code)), "pages",
				 (int)r->pages, "copies", (int)r->valid, "fee", (json_int_t)r->fee,
				 "refund", (json_int_t)r->refund));
	return exit_of(k, r, err);
}
