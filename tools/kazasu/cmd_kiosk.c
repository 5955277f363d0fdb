/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_kiosk.c — a terminal of convenience-store issuance, driven from the command line. */
#include "commands.h"
#include "kiosk.h"
#include "options.h"
#include "output.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <card/secret.h>

/* "--option" any number of times: the others are left to kz_options. */
static int pull_options(struct kz *kz, struct kiosk *k)
{
	int kept = 0, rc = KZ_GO;

	for (int i = 0; i < kz->argc && rc == KZ_GO; i++) {
		if (strncmp(kz->argv[i], "--option=", 9) == 0)
			rc = kiosk_take_option(k, kz->argv[i] + 9);
		else if (strcmp(kz->argv[i], "--option") == 0 && i + 1 < kz->argc)
			rc = kiosk_take_option(k, kz->argv[++i]);
		else
			kz->argv[kept++] = kz->argv[i];
	}
	kz->argc = kept;
	return rc;
}

static int issue(struct kiosk *k, bool number_confirmed)
{
	int rc = kiosk_check_words(k);

	if (rc == KZ_GO)
		rc = kiosk_confirm_number(k, number_confirmed);
	if (rc == KZ_GO)
		rc = kiosk_config(k);
	return rc == KZ_GO ? kiosk_issue(k) : rc;
}

/* By an inquiry number. */
static int go_on(struct kiosk *k, int (*what)(struct kiosk *k), const char *inquiry, bool prints)
{
	int rc;

	k->inquiry = inquiry;
	if (prints && k->words.folder == NULL)
		return kz_fail_usage(k->kz, _("-o is needed."));
	rc = kiosk_check_words(k);
	if (rc == KZ_GO)
		rc = kiosk_config(k);
	return rc == KZ_GO ? what(k) : rc;
}

static int look_after(struct kiosk *k, const char *what, const char *number)
{
	const int rc = kiosk_config(k);

	if (rc != KZ_GO)
		return rc;
	if (strcmp(what, "clear") == 0)
		return kiosk_clear(k);
	return number != NULL ? kiosk_cover(k, number) : kiosk_status(k);
}

static int dispatch(struct kiosk *k, const char *const *words, size_t n, bool number_confirmed)
{
	const char *what = words[0];

	if (n == 1 && strcmp(what, "issue") == 0)
		return issue(k, number_confirmed);
	if (n == 2 && strcmp(what, "resume") == 0)
		return go_on(k, kiosk_resume, words[1], true);
	if (n == 2 && strcmp(what, "refund") == 0)
		return go_on(k, kiosk_refund, words[1], false);
	if ((n == 1 && (strcmp(what, "clear") == 0 || strcmp(what, "status") == 0)) ||
	    (n == 2 && strcmp(what, "cover") == 0))
		return look_after(k, what, words[1]);
	return kz_fail_usage(
		k->kz, _("issue, resume INQUIRY, refund INQUIRY, clear, cover NUMBER or status."));
}

int cmd_kiosk(struct kz *kz)
{
	struct kiosk *k = calloc(1, sizeof *k);
	struct kiosk_words *w = k != NULL ? &k->words : NULL;
	const char *words[2] = {NULL, NULL}, *option = NULL;
	bool number_confirmed = false;
	size_t n = 0;
	int rc;

	if (k == NULL)
		return kz_fail_error(kz, CARD_ERR_NO_MEMORY);
	k->kz = kz;
	k->options = json_object();
	k->card_exit = KZ_GO;
	k->at_tty = isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
	const struct kz_option options[] = {
		{"municipality", 0, N_("CODE"), &w->municipality, NULL,
		 N_("whose certificate: five digits")},
		{"kind", 0, N_("KIND"), &w->kind, NULL,
		 N_("juminhyo, kisai, inkan, tax, koseki or fuhyo")},
		{"option", 0, N_("KEY=VALUE"), &option, NULL,
		 N_("scope, number, domicile, relation, tax, year; may stand several times")},
		{"number-confirmed", 0, NULL, NULL, &number_confirmed,
		 N_("the individual number is really to stand on the paper")},
		{"copies", 0, N_("N"), &w->copies, NULL, N_("how many copies (1)")},
		{"method", 0, N_("METHOD"), &w->method, NULL,
		 N_("new, conversion or current (the first that the municipality offers and the card fits)")},
		{"output", 'o', "DIR", &w->folder, NULL, N_("where the paper comes out")},
		{"center", 0, "URL", &w->center, NULL, N_("the centre, https:")},
		{"audience", 0, N_("NAME"), &w->audience, NULL,
		 N_("the centre's name, for which the card signs")},
		{"ca", 0, N_("FILE"), &w->ca, NULL, N_("who certifies centre and terminals")},
		{"certificate", 0, N_("FILE"), &w->certificate, NULL, N_("of this terminal")},
		{"key", 0, N_("FILE"), &w->key, NULL, N_("of this terminal")},
		{"seals", 0, "DIR", &w->seals, NULL,
		 N_("CODE.pem: certificates of municipalities to which PINs are sealed")},
		{"config", 0, N_("FILE"), &w->config, NULL,
		 N_("the same settings in a file (/etc/kazasu/kiosk.conf)")},
		{"state", 0, "DIR", &w->state, NULL, N_("notes of this terminal")},
		{"printer", 0, N_("WHERE"), &w->printer, NULL, N_("files, ipp://… or ipps://…")},
		{"as", 0, "ID", &w->as, NULL, N_("the attendant, with a session")},
		{"cover", 0, N_("NUMBER"), &w->cover, NULL,
		 N_("the sealed cover into which it was put, unseen")},
		{"sheets", 0, N_("N"), &w->sheets, NULL, N_("how many sheets, face down")},
		{"card", 0, NULL, NULL, &w->card, N_("a card")},
		{"destroyed", 0, NULL, NULL, &w->destroyed,
		 N_("the cover's content was destroyed")},
		{"handed-to", 0, "holder|municipality|police", &w->handed_to, NULL,
		 N_("the cover was handed over")},
		{"printer-sim", 0, N_("WHAT"), &w->printer_sim, NULL,
		 N_("jam, paper, toner or cover[:SHEETS], empty, lost-answer, silent[:SHEETS]")},
		{"payment-sim", 0, N_("WHAT"), &w->payment_sim, NULL,
		 N_("settle, decline, lost-settled, lost-not-settled, unknown, late, double, wrong-amount")},
		{"refund-sim", 0, "paid|impossible", &w->refund_sim, NULL,
		 N_("whether money can be given back now")},
		{"again", 0, "yes|no", &w->again, NULL, N_("a second time within five minutes")},
		{"on-fault", 0, "resume|refund|later", &w->on_fault, NULL,
		 N_("what to do when the printer stops")},
		{"last-try", 0, NULL, NULL, &w->last_try, N_("use the last try of the PIN")},
		{"leave", 0, "card|paper", &w->leave, NULL, N_("(tests) forget it")},
		{"attendant", 0, "here|away", &w->attendant, NULL,
		 N_("(tests) whether somebody clears what was left at once (here)")},
		{"power-cut", 0, N_("STATE"), &w->power_cut, NULL,
		 N_("(tests) end without a word when the centre has answered this state, when money was taken, or after a sheet: taken, sheet:N")},
		{"hurry", 0, NULL, NULL, &w->hurry, N_("(tests) waiting takes no time")},
		{NULL, 0, NULL, NULL, NULL, NULL}};
	const struct kz_usage usage = {
		"issue|resume|refund|clear|cover|status [NUMBER]",
		N_("A terminal of convenience-store issuance: the card, its PIN, the fee, the paper. issue "
		   "makes a certificate; resume goes on printing after a fault, refund returns money, both "
		   "by inquiry number; an attendant clears what was left behind and says what became of a "
		   "sealed cover; status tells the store state and money. The paper comes out as pictures "
		   "in a folder or on a printer; \"kazasu paper verify\" proves it. A payment unit for "
		   "tests takes the money."),
		options, 1, 2};

	rc = pull_options(kz, k);
	if (rc == KZ_GO)
		rc = kz_options(kz, &usage, words, &n);
	k->quiet = *kz;
	k->quiet.opt.json = false;
	if (rc == KZ_GO)
		rc = dispatch(k, words, n, number_confirmed);
	json_decref(k->options);
	json_decref(k->window);
	card_wipe(k, sizeof *k);
	free(k);
	return rc;
}
