/* SPDX-License-Identifier: Apache-2.0 */
/* kiosk_run.c — unit, printer, centre and terminal brought together for one transaction, or for what
 * an earlier one left open. */
#include "kiosk.h"

#include <signal.h>
#include <string.h>
#include <time.h>

#include "output.h"

#define CLOCK_SECONDS 300 /* how far the clock may differ from the centre's (K01) */

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
	return k->at_tty && kiosk_ask(k, question) == CARD_OK;
}

/* The command was the confirmation, except where a person sits before it. */
static enum card_error confirm(void *ctx, const struct flow_terminal_say *preview)
{
	struct kiosk *k = ctx;

	kiosk_say(ctx, preview);
	if (stopped)
		return CARD_ERR_CANCELLED;
	return k->at_tty ? kiosk_ask(k, _("Pay this and print it? [y/N]")) : CARD_OK;
}

static enum flow_payment_result pay(void *ctx, const char *id, int64_t amount, int64_t *paid)
{
	struct kiosk *k = ctx;
	const enum flow_payment_result r = flow_payment_sim_pay(k->unit, id, amount, paid);

	if (k->words.power_cut != NULL && strcmp(k->words.power_cut, "taken") == 0)
		raise(SIGKILL);
	return r;
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

static bool returned(void *ctx, const char *refund)
{
	return flow_payment_sim_returned(((struct kiosk *)ctx)->unit, refund);
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

/* --at moves the clock of a test. */
static int64_t now(void *ctx)
{
	struct kiosk *k = ctx;
	const int64_t base = k->kz->opt.at_given && kz_at_counts(k->kz)
				     ? k->kz->opt.at + (int64_t)time(NULL) - k->since
				     : (int64_t)time(NULL);

	return base + k->ahead_ms / 1000;
}

static const struct flow_terminal_wires wires = {.exchange = kiosk_exchange,
						 .certificate = kiosk_certificate,
						 .propose = kiosk_propose,
						 .sign = kiosk_sign,
						 .kind_pin = kiosk_kind_pin,
						 .local = kiosk_local,
						 .local_prove = kiosk_local_prove,
						 .card_gone = kiosk_card_gone,
						 .again = again,
						 .confirm = confirm,
						 .pay = pay,
						 .payment = payment,
						 .surplus = surplus,
						 .give_back = give_back,
						 .returned = returned,
						 .printer = kiosk_printer,
						 .print = kiosk_print,
						 .job = kiosk_job,
						 .end_job = kiosk_end_job,
						 .fault = kiosk_fault,
						 .cleared = kiosk_cleared,
						 .taken = kiosk_taken,
						 .erase = kiosk_erase,
						 .say = kiosk_say,
						 .wait = wait_for,
						 .now = now};

/* ---- start and end ---- */

static int fail_start(struct kiosk *k, enum card_error err)
{
	struct kz_failure f = {.error = err, .hint = ""};

	if (err == CARD_ERR_IO)
		f.message = _("The notes of this terminal cannot be written. It stays closed.");
	else if (err == CARD_ERR_DENIED)
		f.message = _("The centre does not know this terminal.");
	else if (err == CARD_ERR_READER_BUSY) {
		f.exit = KZ_UNAVAILABLE;
		f.message = _("Another process is driving this terminal.");
	} else if (err == CARD_ERR_NO_SERVICE || err == CARD_ERR_MALFORMED) {
		f.exit = KZ_UNAVAILABLE;
		f.message = _("This terminal is not in service now: the centre does not answer.");
	}
	if (f.exit == 0)
		f.exit = kz_exit_of(err);
	return kz_fail(k->kz, &f);
}

static int open_unit(struct kiosk *k)
{
	enum flow_payment_sim_mode mode = FLOW_PAYMENT_SIM_SETTLE;
	char folder[KZ_PATH_MAX + 16];
	enum card_error err;

	(void)flow_payment_sim_mode_of(k->words.payment_sim, &mode);
	snprintf(folder, sizeof folder, "%s/payment", k->state);
	err = flow_payment_sim_open(&k->unit, folder, mode,
				    k->words.refund_sim == NULL ||
					    strcmp(k->words.refund_sim, "paid") == 0);
	return err == CARD_OK ? KZ_GO : fail_start(k, err);
}

static int prepare(struct kiosk *k)
{
	const struct sigaction action = {.sa_handler = stop};
	int rc = kiosk_printer_open(k);

	k->since = (int64_t)time(NULL) - 1;
	if (rc == KZ_GO)
		rc = open_unit(k);
	if (rc != KZ_GO)
		return rc;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	kiosk_lock_memory(k);
	rc = kiosk_center_open(k);
	if (rc != KZ_GO || kiosk_erase_prepare(k))
		return rc;
	return kz_fail(
		k->kz,
		&(struct kz_failure){
			.error = CARD_ERR_INTERNAL,
			.exit = KZ_IO,
			.message = _(
				"This terminal could not find a name that it had planted: that nothing is left behind could not be proven. It stays closed."),
			.hint = ""});
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

void kiosk_notes(const struct kiosk *k, char out[KZ_PATH_MAX + 16])
{
	snprintf(out, KZ_PATH_MAX + 16, "%s/notes.json", k->state);
}

int kiosk_start(struct kiosk *k, flow_terminal_t **t)
{
	char notes[KZ_PATH_MAX + 16];
	/* Tests move the clock of the centre. */
	const bool clock = !k->kz->opt.test_roots || k->kz->opt.at_given;
	struct flow_terminal_config config = {.audience = k->words.audience,
					      .notes = notes,
					      .id = k->id,
					      .seals = k->words.seals,
					      .clock_seconds = clock ? CLOCK_SECONDS : 0};
	struct flow_terminal_wires w = wires;
	enum card_error err;
	int rc = prepare(k);

	*t = NULL;
	if (rc != KZ_GO)
		return rc;
	w.ctx = k;
	config.message_seconds = k->message_seconds;
	kiosk_notes(k, notes);
	err = flow_terminal_open(t, &config, &w);
	return err == CARD_OK ? KZ_GO : fail_start(k, err);
}

void kiosk_stop(struct kiosk *k, flow_terminal_t **t)
{
	flow_terminal_close(t);
	kiosk_card_close(k);
	if (k->center != NULL)
		kiosk_center_close(k);
	kiosk_printer_close(k);
	kiosk_traces_free(k);
	flow_payment_sim_free(&k->unit);
}

/* ---- what it is for ---- */

/* (tests) The attendant who is always there has seen to what the last run left. */
static void clear_at_once(struct kiosk *k, flow_terminal_t *t)
{
	struct flow_terminal_clearing clearing = {{0}, {0}, 0, false};

	if (flow_terminal_blocked(t) != NULL && kiosk_attendant_is_here(k) &&
	    kiosk_cleared(k, 0, &clearing))
		(void)flow_terminal_clear(t, &clearing);
}

int kiosk_issue(struct kiosk *k)
{
	const struct flow_terminal_choice choice = {
		k->words.municipality,
		k->words.kind,
		k->options,
		k->copies,
		json_is_true(json_object_get(k->options, "number")),
		k->kz->lang == CARD_LANG_JA ? "ja" : "en",
		k->words.method};
	struct flow_terminal_result result;
	flow_terminal_t *t;
	enum card_error err;
	int rc = kiosk_start(k, &t);

	if (rc == KZ_GO) {
		say_left(k, flow_terminal_left(t));
		clear_at_once(k, t);
		err = flow_terminal_issue(t, &choice, &result);
		rc = kiosk_report(k, &result, err);
	}
	kiosk_stop(k, &t);
	return rc;
}

static int nothing_there(struct kiosk *k, const char *why)
{
	return kz_fail_refused(k->kz,
			       _("The store or the municipality's window can look the number up."),
			       "%s", why);
}

int kiosk_resume(struct kiosk *k)
{
	struct flow_terminal_result result;
	flow_terminal_t *t;
	enum card_error err;
	int rc = kiosk_start(k, &t);

	if (rc == KZ_GO) {
		clear_at_once(k, t);
		err = flow_terminal_resume(t, k->inquiry, &result);
		rc = err == CARD_ERR_NOT_FOUND
			     ? nothing_there(
				       k,
				       _("Nothing is to be printed any more under this inquiry number at this terminal."))
			     : kiosk_report(k, &result, err);
	}
	kiosk_stop(k, &t);
	return rc;
}

int kiosk_refund(struct kiosk *k)
{
	struct flow_terminal_result result;
	flow_terminal_t *t;
	enum card_error err;
	int rc = kiosk_start(k, &t);

	k->returns = true;
	if (rc == KZ_GO) {
		err = flow_terminal_refund(t, k->inquiry, &result);
		rc = err == CARD_ERR_NOT_FOUND
			     ? nothing_there(
				       k,
				       _("No money is due under this inquiry number at this terminal, or it has been returned."))
			     : kiosk_report(k, &result, err);
	}
	kiosk_stop(k, &t);
	return rc;
}
