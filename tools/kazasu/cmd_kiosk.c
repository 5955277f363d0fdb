/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_kiosk.c — a terminal of convenience-store issuance, driven from the command line. */
#include "commands.h"
#include "kiosk.h"
#include "options.h"
#include "output.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <card/secret.h>

#include "ask.h"
#include "config.h"

#define MESSAGE_SECONDS 30 /* PD-22 */

static volatile sig_atomic_t stopped;

static void stop(int signal_number)
{
	(void)signal_number;
	stopped = 1;
}

/* ---- wires that need no file of their own ---- */

static bool again(void *ctx, const char *first_state)
{
	struct kiosk *k = ctx;
	char question[256];

	snprintf(
		question, sizeof question,
		_("The same certificate was asked for within five minutes (state: %s). Once more? It will be charged again. [y/N]"),
		first_state);
	if (k->words.again != NULL)
		return strcmp(k->words.again, "yes") == 0;
	return k->at_tty && kz_asked_yes(question);
}

static enum card_error confirm(void *ctx, const struct flow_terminal_say *preview)
{
	kiosk_say(ctx, preview);
	return stopped ? CARD_ERR_CANCELLED : CARD_OK;
}

static enum flow_payment_result pay(void *ctx, const char *id, int64_t amount, int64_t *paid)
{
	return flow_payment_sim_pay(((struct kiosk *)ctx)->unit, id, amount, paid);
}

static enum flow_payment_result payment(void *ctx, const char *id, int64_t *paid)
{
	return flow_payment_sim_ask(((struct kiosk *)ctx)->unit, id, paid);
}

static bool surplus(void *ctx, struct flow_payment_surplus *out)
{
	return flow_payment_sim_surplus(((struct kiosk *)ctx)->unit, out);
}

static bool give_back(void *ctx, const char *refund, int64_t amount)
{
	return flow_payment_sim_give_back(((struct kiosk *)ctx)->unit, refund, amount);
}

/* With --hurry the time is not waited for, but it passes. */
static void wait_for(void *ctx, int milliseconds)
{
	struct kiosk *k = ctx;
	const struct timespec t = {milliseconds / 1000, milliseconds % 1000 * 1000000L};

	if (k->words.hurry)
		k->ahead_ms += milliseconds;
	else
		nanosleep(&t, NULL);
}

static int64_t now(void *ctx)
{
	return (int64_t)time(NULL) + ((struct kiosk *)ctx)->ahead_ms / 1000;
}

static const struct flow_terminal_wires wires = {.exchange = kiosk_exchange,
						 .certificate = kiosk_certificate,
						 .sign = kiosk_sign,
						 .card_gone = kiosk_card_gone,
						 .again = again,
						 .confirm = confirm,
						 .pay = pay,
						 .payment = payment,
						 .surplus = surplus,
						 .give_back = give_back,
						 .printer = kiosk_printer,
						 .print = kiosk_print,
						 .job = kiosk_job,
						 .end_job = kiosk_end_job,
						 .fault = kiosk_fault,
						 .taken = kiosk_taken,
						 .erase = kiosk_erase,
						 .say = kiosk_say,
						 .wait = wait_for,
						 .now = now};

/* ---- the choice ---- */

/* "number=true", "scope=person", "year=2025" */
static int take_option(struct kiosk *k, const char *word)
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

static bool one_of(const char *word, const char *first, const char *second)
{
	return word == NULL || strcmp(word, first) == 0 || strcmp(word, second) == 0;
}

/* Options as they may be. What only tests need is for tests only. */
static int check_words(struct kiosk *k)
{
	const struct kiosk_words *w = &k->words;
	enum flow_payment_sim_mode mode;
	long copies = 1;

	if (w->municipality == NULL || w->kind == NULL || w->folder == NULL)
		return kz_fail_usage(k->kz, _("--municipality, --kind and -o are needed."));
	if (kiosk_kind(w->kind) == NULL)
		return kz_fail_usage(
			k->kz,
			_("%s is no kind of certificate: juminhyo, kisai, inkan, tax, koseki or fuhyo."),
			w->kind);
	if (strlen(w->municipality) != 5 || strspn(w->municipality, "0123456789") != 5)
		return kz_fail_usage(k->kz, _("A municipality is a code of five digits."));
	if (w->copies != NULL &&
	    (!kz_number(w->copies, FLOW_TERMINAL_COPIES, &copies) || copies < 1))
		return kz_fail_usage(k->kz, _("--copies: 1 to %u."), FLOW_TERMINAL_COPIES);
	if (w->payment_sim != NULL && !flow_payment_sim_mode_of(w->payment_sim, &mode))
		return kz_fail_usage(k->kz, _("%s is nothing that the payment unit can do."),
				     w->payment_sim);
	if (!one_of(w->refund_sim, "paid", "impossible") || !one_of(w->again, "yes", "no") ||
	    !one_of(w->on_fault, "resume", "refund") || !one_of(w->leave, "card", "paper"))
		return kz_fail_usage(
			k->kz,
			_("One of the words is not known; \"kazasu kiosk --help\" lists them."));
	if (!k->kz->opt.test_roots && (w->hurry || w->power_cut != NULL || w->leave != NULL))
		return kz_fail_usage(
			k->kz,
			_("--hurry, --leave and --power-cut are for tests, with --test-roots."));
	k->copies = (unsigned)copies;
	return KZ_GO;
}

/* PD-23: paper with the 個人番号 is asked for twice. */
static int confirm_number(struct kiosk *k, bool given)
{
	if (!json_is_true(json_object_get(k->options, "number")) || given)
		return KZ_GO;
	if (k->at_tty &&
	    kz_asked_yes(
		    _("The individual number will stand on the paper. Is it really needed? [y/N]")))
		return KZ_GO;
	return kz_fail_refused(k->kz, _("Add --number-confirmed if it is really needed."),
			       _("A certificate with the individual number is asked for twice."));
}

/* ---- one run ---- */

static int fail_start(struct kiosk *k, enum card_error err)
{
	struct kz_failure f = {.error = err, .hint = ""};

	if (err == CARD_ERR_IO)
		f.message = _("The notes of this terminal cannot be written. It stays closed.");
	else if (err == CARD_ERR_DENIED)
		f.message = _("The centre does not know this terminal.");
	else if (err == CARD_ERR_NO_SERVICE || err == CARD_ERR_MALFORMED) {
		f.exit = KZ_UNAVAILABLE;
		f.message = _("This terminal is not in service now: the centre does not answer.");
	}
	if (f.exit == 0)
		f.exit = kz_exit_of(err);
	return kz_fail(k->kz, &f);
}

/* What the last run left open is told, and prints nothing (flows §1, "always" 3). */
static void say_left(const struct kiosk *k, const json_t *left)
{
	const json_t *one;
	size_t i;

	json_array_foreach(left, i, one)
	{
		kz_note(k->kz, _("Still open since the last start: inquiry number %s, %s"),
			json_string_value(json_object_get(one, "inquiry")),
			json_string_value(json_object_get(one, "state")));
	}
}

static int issue(struct kiosk *k)
{
	const struct flow_terminal_choice choice = {
		k->words.municipality,
		k->words.kind,
		k->options,
		k->copies,
		json_is_true(json_object_get(k->options, "number")),
		k->kz->lang == CARD_LANG_JA ? "ja" : "en"};
	char notes[KZ_PATH_MAX + 16];
	const struct flow_terminal_config config = {k->words.audience, notes, k->id,
						    MESSAGE_SECONDS};
	struct flow_terminal_wires w = wires;
	struct flow_terminal_result result;
	flow_terminal_t *t = NULL;
	enum card_error err;
	int rc;

	w.ctx = k;
	snprintf(notes, sizeof notes, "%s/notes.json", k->state);
	err = flow_terminal_open(&t, &config, &w);
	if (err != CARD_OK)
		return fail_start(k, err);
	say_left(k, flow_terminal_left(t));
	err = flow_terminal_issue(t, &choice, &result);
	rc = kiosk_report(k, &result, err);
	flow_terminal_close(&t);
	return rc;
}

static int run(struct kiosk *k)
{
	enum flow_payment_sim_mode mode = FLOW_PAYMENT_SIM_SETTLE;
	const struct sigaction action = {.sa_handler = stop};
	char folder[KZ_PATH_MAX + 16];
	enum card_error err;
	int rc = kiosk_config(k);

	if (rc == KZ_GO)
		rc = kiosk_printer_open(k);
	if (rc != KZ_GO)
		return rc;
	(void)flow_payment_sim_mode_of(k->words.payment_sim, &mode);
	snprintf(folder, sizeof folder, "%s/payment", k->state);
	err = flow_payment_sim_open(&k->unit, folder, mode,
				    k->words.refund_sim == NULL ||
					    strcmp(k->words.refund_sim, "paid") == 0);
	if (err != CARD_OK)
		return kz_fail_error(k->kz, err);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	kiosk_lock_memory(k);
	rc = kiosk_center_open(k);
	if (rc != KZ_GO)
		return rc;
	if (!kiosk_erase_prepare(k))
		return kz_fail(
			k->kz,
			&(struct kz_failure){
				.error = CARD_ERR_INTERNAL,
				.exit = KZ_IO,
				.message = _(
					"This terminal could not find a name that it had planted: that nothing is left behind could not be proven. It stays closed."),
				.hint = ""});
	return issue(k);
}

static void close_all(struct kiosk *k)
{
	kiosk_card_close(k);
	if (k->center != NULL)
		kiosk_center_close(k);
	kiosk_printer_close(k);
	kiosk_traces_free(k);
	flow_payment_sim_free(&k->unit);
	json_decref(k->options);
	json_decref(k->window);
}

/* "--option" any number of times: the others are left to kz_options. */
static int pull_options(struct kz *kz, struct kiosk *k)
{
	int kept = 0, rc = KZ_GO;

	for (int i = 0; i < kz->argc && rc == KZ_GO; i++) {
		if (strncmp(kz->argv[i], "--option=", 9) == 0)
			rc = take_option(k, kz->argv[i] + 9);
		else if (strcmp(kz->argv[i], "--option") == 0 && i + 1 < kz->argc)
			rc = take_option(k, kz->argv[++i]);
		else
			kz->argv[kept++] = kz->argv[i];
	}
	kz->argc = kept;
	return rc;
}

int cmd_kiosk(struct kz *kz)
{
	struct kiosk *k = calloc(1, sizeof *k);
	struct kiosk_words *w = k != NULL ? &k->words : NULL;
	const char *words[1] = {NULL}, *option = NULL;
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
		{"output", 'o', "DIR", &w->folder, NULL, N_("where the paper comes out")},
		{"center", 0, "URL", &w->center, NULL, N_("the centre, https:")},
		{"audience", 0, N_("NAME"), &w->audience, NULL,
		 N_("the centre's name, for which the card signs")},
		{"ca", 0, N_("FILE"), &w->ca, NULL, N_("who certifies centre and terminals")},
		{"certificate", 0, N_("FILE"), &w->certificate, NULL, N_("of this terminal")},
		{"key", 0, N_("FILE"), &w->key, NULL, N_("of this terminal")},
		{"config", 0, N_("FILE"), &w->config, NULL,
		 N_("the same settings in a file (/etc/kazasu/kiosk.conf)")},
		{"state", 0, "DIR", &w->state, NULL, N_("notes of this terminal")},
		{"printer", 0, N_("WHERE"), &w->printer, NULL, N_("files, ipp://… or ipps://…")},
		{"printer-sim", 0, N_("WHAT"), &w->printer_sim, NULL,
		 N_("jam, paper, toner or cover[:SHEETS], empty, lost-answer, silent[:SHEETS]")},
		{"payment-sim", 0, N_("WHAT"), &w->payment_sim, NULL,
		 N_("settle, decline, lost-settled, lost-not-settled, unknown, late, double, wrong-amount")},
		{"refund-sim", 0, "paid|impossible", &w->refund_sim, NULL,
		 N_("whether money can be given back now")},
		{"again", 0, "yes|no", &w->again, NULL, N_("a second time within five minutes")},
		{"on-fault", 0, "resume|refund", &w->on_fault, NULL,
		 N_("what to do when the printer stops")},
		{"last-try", 0, NULL, NULL, &w->last_try, N_("use the last try of the PIN")},
		{"leave", 0, "card|paper", &w->leave, NULL, N_("(tests) forget it")},
		{"power-cut", 0, N_("STATE"), &w->power_cut, NULL,
		 N_("(tests) end without a word when the centre has answered this state")},
		{"hurry", 0, NULL, NULL, &w->hurry, N_("(tests) waiting takes no time")},
		{NULL, 0, NULL, NULL, NULL, NULL}};
	const struct kz_usage usage = {
		"issue --municipality CODE --kind KIND -o DIR [--copies N]",
		N_("A terminal of convenience-store issuance: the card, its PIN, the fee, the paper. The "
		   "paper comes out as pictures in a folder or on a printer; \"kazasu paper verify\" "
		   "proves it. A payment unit for tests takes the money."),
		options, 1, 1};

	rc = pull_options(kz, k);
	if (rc == KZ_GO)
		rc = kz_options(kz, &usage, words, &n);
	if (rc == KZ_GO && strcmp(words[0], "issue") != 0)
		rc = kz_fail_usage(kz,
				   _("kazasu kiosk issue --municipality CODE --kind KIND -o DIR"));
	k->quiet = *kz;
	k->quiet.opt.json = false;
	if (rc == KZ_GO)
		rc = check_words(k);
	if (rc == KZ_GO)
		rc = confirm_number(k, number_confirmed);
	if (rc == KZ_GO)
		rc = run(k);
	close_all(k);
	card_wipe(k, sizeof *k);
	free(k);
	return rc;
}
