/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_number.c — the 個人番号, for a procedure that may have it.
 *
 * Everything that forbids it is decided before the first card command (rules PD-03). The number is
 * printed by this command only, kept nowhere, and refused if its check digit or the issuer's
 * signature is wrong (rules 8.2).
 */
#include "anchors.h"
#include "commands.h"
#include "desk.h"
#include "options.h"
#include "output.h"
#include "procedures.h"
#include "secret_entry.h"
#include "words.h"

#include <string.h>

#include <card/authenticity.h>
#include <card/text.h>

struct found {
	const card_cvca_t *cas;
	const card_grant_t *grant;
	char number[13];
	bool check_digit;
	struct card_authenticity auth;
};

static int refuse(struct kz *kz, const struct kz_procedures *all, const struct flow_procedure *p,
		  const char *id)
{
	if (id == NULL)
		return kz_fail_refused(kz, all->with_number,
				       _("The individual number is read only for a named "
					 "procedure. Add --procedure with one of:"));
	if (p == NULL)
		return kz_fail_refused(kz, all->with_number,
				       _("There is no procedure \"%s\". Those that may "
					 "have the individual number:"),
				       id);
	return kz_fail_refused(kz, all->with_number,
			       _("%s (%s) is no work of the Number Act: the individual number "
				 "must not be read for it (%s). Those that may have it:"),
			       p->name, p->name_en, p->source);
}

static enum card_error read_all(struct kz_session *card, void *ctx)
{
	struct found *f = ctx;
	card_buf_t record = {0};
	enum card_error err = card_text_read_number(card->ch, f->grant, &record, f->number);

	if (err == CARD_OK) {
		const struct card_authenticity_input in = {.text_number = card_buf_bytes(&record)};

		f->check_digit = card_number_valid(f->number);
		/* rules 8.2: a wrong check digit is refused before any other step. */
		if (f->check_digit)
			err = card_authenticity_text(card->ch, f->cas, &in, &f->auth);
	}
	card_buf_free(&record);
	return err;
}

static int answer(struct kz *kz, const struct kz_session *card, const struct flow_procedure *p,
		  const struct found *f)
{
	const enum card_check authentic = kz_authentic(&f->auth);
	const bool good = f->check_digit && authentic != CARD_CHECK_FAIL;

	if (good) {
		kz_say_pair(kz, _("individual number"), "%s", f->number);
		kz_say_pair(kz, _("procedure"), "%s (%s)", p->name, p->number_law);
		kz_say_pair(kz, _("authentic"), "%s%s",
			    authentic == CARD_CHECK_PASS
				    ? _("yes, signed by the issuer")
				    : _("not checked: the issuer's key is not known"),
			    kz_session_is_test(kz, card) ? _("  [TEST]") : "");
	} else if (!f->check_digit) {
		kz_note(kz, "kazasu: %s",
			_("The number on the card has a wrong check digit. It is "
			  "not handed out."));
	} else {
		kz_note(kz, "kazasu: %s\n%s", card_strerror(CARD_ERR_SIGNATURE, kz->lang),
			kz_hint_of(CARD_ERR_SIGNATURE));
	}
	kz_json(kz, json_pack("{s:s?, s:b, s:s, s:o, s:b}", "number", good ? f->number : NULL,
			      "check_digit", f->check_digit, "procedure", p->id, "authentic",
			      kz_check_json(authentic), "test",
			      kz_session_is_test(kz, card) || f->auth.test));
	return good ? KZ_DONE : KZ_INVALID;
}

static int run(struct kz *kz, struct kz_session *card, const card_cvca_t *cas,
	       const struct flow_procedure *p, bool last_try)
{
	const struct kz_entry entry = {.pin = CARD_PIN_TEXT, .last_try = last_try};
	struct found found = {.number = "", .cas = cas};
	card_grant_t *grant = NULL;
	const enum card_error err = flow_procedure_grant(p, true, &grant);
	int rc;

	if (err != CARD_OK)
		return kz_session_fail(kz, card, err);
	found.grant = grant;
	rc = kz_secret_read(kz, card, &entry, read_all, &found, NULL);
	if (rc == KZ_GO)
		rc = answer(kz, card, p, &found);
	card_grant_free(&grant);
	card_wipe(&found, sizeof found);
	return rc;
}

int cmd_number(struct kz *kz)
{
	const char *procedure = NULL, *as = NULL;
	bool last_try = false;
	const struct kz_option options[] = {
		{"procedure", 0, N_("ID"), &procedure, NULL,
		 N_("what the number is needed for (required)")},
		{"last-try", 0, NULL, NULL, &last_try, N_("go on even with one try left")},
		{"as", 0, N_("ID"), &as, NULL, N_("whose session (default: the Unix login)")},
		{NULL, 0, NULL, NULL, NULL, NULL},
	};
	const struct kz_usage usage = {
		"--procedure ID",
		N_("Reads the individual number (個人番号) with the text PIN, for a procedure of the "
		   "Number Act. It is printed and kept nowhere."),
		options, 0, 0};
	const struct flow_procedure *p;
	struct kz_procedures all = {.with_number = ""};
	struct kz_session card;
	struct kz_desk desk = {.store = NULL};
	char txn[JOURNAL_TXN + 1] = "";
	card_cvca_t *cas = NULL;
	bool counter = false;
	size_t n;
	int rc = kz_options(kz, &usage, NULL, &n);

	if (rc != KZ_GO)
		return rc;
	rc = kz_procedures_open(kz, &all);
	if (rc != KZ_GO)
		return rc;
	p = kz_procedure_find(kz, &all, procedure);
	if (p == NULL || !p->number)
		rc = refuse(kz, &all, p, procedure);
	if (rc == KZ_GO)
		rc = kz_desk_needed(kz, &counter);
	if (rc == KZ_GO && counter)
		rc = kz_desk_read_begin(kz, &desk, p, as, txn);
	if (rc == KZ_GO)
		rc = kz_anchors_cvca(kz, &cas);
	if (rc == KZ_GO)
		rc = kz_session_open(kz, &card);
	if (rc == KZ_GO) {
		rc = run(kz, &card, cas, p, last_try);
		kz_session_close(&card);
	}
	card_cvca_free(&cas);
	rc = kz_desk_read_end(kz, &desk, p, txn, rc);
	kz_procedures_close(&all);
	return rc;
}
