/* SPDX-License-Identifier: Apache-2.0 */
/* kiosk_printer.c — the printer of a terminal: files, or one that speaks IPP. */
#include "kiosk.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cardflow/front.h>

#include "file.h"
#include "options.h"
#include "output.h"

#define ANSWER_SECONDS 10 /* of an IPP printer */
#define SIMULATED_TRAY 250

/* ---- what the simulated printer remembers: how many sheets came out in its life ---- */

static void memory_path(const struct kiosk *k, char out[KZ_PATH_MAX + 32])
{
	snprintf(out, KZ_PATH_MAX + 32, "%s/printer.json", k->state);
}

static int64_t sheets_in_life(const struct kiosk *k)
{
	char path[KZ_PATH_MAX + 32];
	json_t *json;
	int64_t n;

	memory_path(k, path);
	json = json_load_file(path, 0, NULL);
	n = json_integer_value(json_object_get(json, "sheets"));
	json_decref(json);
	return n;
}

/* The last job too: it is asked for after the terminal ended in the middle of it. */
static bool remember(struct kiosk *k, int64_t sheets)
{
	char path[KZ_PATH_MAX + 32];
	json_t *json =
		json_pack("{s:I, s:i, s:s, s:I, s:b, s:s}", "sheets", (json_int_t)sheets, "job",
			  k->job_number, "name", k->job_name, "out", (json_int_t)k->job.sheets,
			  "complete", k->job.progress == FLOW_PRINT_COMPLETE, "fault",
			  flow_print_fault_code(k->fault_now));
	char *text = json_dumps(json, JSON_COMPACT);
	bool good;

	memory_path(k, path);
	good = text != NULL &&
	       kz_file_write(&k->quiet, path, card_bytes(text, strlen(text)), 0600) == KZ_GO;
	free(text);
	json_decref(json);
	return good;
}

static void remember_job(struct kiosk *k)
{
	char path[KZ_PATH_MAX + 32];
	const char *name;
	json_t *json;

	memory_path(k, path);
	json = json_load_file(path, 0, NULL);
	name = json_string_value(json_object_get(json, "name"));
	k->job_number = (int)json_integer_value(json_object_get(json, "job"));
	snprintf(k->job_name, sizeof k->job_name, "%s", name != NULL ? name : "");
	k->job.sheets = json_integer_value(json_object_get(json, "out"));
	k->job.progress = json_is_true(json_object_get(json, "complete")) ? FLOW_PRINT_COMPLETE
									  : FLOW_PRINT_ENDED;
	k->job.number = k->job_number;
	for (unsigned f = 1; f < FLOW_PRINT_FAULTS_; f++) {
		const char *fault = json_string_value(json_object_get(json, "fault"));

		if (fault != NULL &&
		    strcmp(fault, flow_print_fault_code((enum flow_print_fault)f)) == 0)
			k->fault_now = (enum flow_print_fault)f;
	}
	json_decref(json);
}

/* Its counter goes up when the sheet lies in the tray, not before. */
bool kiosk_sheet_out(struct kiosk *k)
{
	const char *cut = k->words.power_cut;
	long after;

	k->job.sheets++;
	if (!remember(k, sheets_in_life(k) + 1))
		return false;
	if (cut != NULL && strncmp(cut, "sheet:", 6) == 0 && kz_number(cut + 6, 1000, &after) &&
	    k->job.sheets == after)
		raise(SIGKILL);
	return true;
}

/* ---- opening ---- */

/* FAULT[:SHEETS], empty, lost-answer, silent[:SHEETS] */
static bool read_trouble(struct kiosk *k)
{
	static const struct {
		const char *word;
		enum kiosk_trouble trouble;
		enum flow_print_fault fault;
	} table[] = {{"jam", KIOSK_TROUBLE_FAULT, FLOW_PRINT_JAM},
		     {"paper", KIOSK_TROUBLE_FAULT, FLOW_PRINT_PAPER},
		     {"toner", KIOSK_TROUBLE_FAULT, FLOW_PRINT_TONER},
		     {"cover", KIOSK_TROUBLE_FAULT, FLOW_PRINT_COVER},
		     {"empty", KIOSK_TROUBLE_EMPTY, FLOW_PRINT_PAPER},
		     {"lost-answer", KIOSK_TROUBLE_LOST, FLOW_PRINT_OK},
		     {"silent", KIOSK_TROUBLE_SILENT, FLOW_PRINT_OK}};
	const char *word = k->words.printer_sim;
	size_t n = word != NULL ? strcspn(word, ":") : 0;
	long after = 0;

	if (word == NULL)
		return true;
	if (word[n] == ':' && !kz_number(word + n + 1, 1000, &after))
		return false;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		if (strlen(table[i].word) != n || strncmp(table[i].word, word, n) != 0)
			continue;
		k->trouble = table[i].trouble;
		k->trouble_fault = table[i].fault;
		k->trouble_after = (unsigned)after;
		return true;
	}
	return false;
}

int kiosk_printer_open(struct kiosk *k)
{
	const char *where = k->words.printer != NULL ? k->words.printer : "files";
	enum card_error err;

	if (!read_trouble(k))
		return kz_fail_usage(k->kz, _("%s is nothing that the printer can do."),
				     k->words.printer_sim);
	if (strcmp(where, "files") == 0) {
		remember_job(k);
		/* What is named here is the printer of today. */
		if (k->words.printer_sim != NULL)
			k->fault_now = FLOW_PRINT_OK;
		return KZ_GO;
	}
	err = flow_printer_open(&k->ipp, where, ANSWER_SECONDS);
	if (err == CARD_ERR_INVALID_ARGUMENT)
		return kz_fail_usage(k->kz, _("%s is no printer: files, ipp://… or ipps://…"),
				     where);
	return err == CARD_OK ? KZ_GO : kz_fail_error(k->kz, err);
}

void kiosk_printer_close(struct kiosk *k)
{
	flow_printer_free(&k->ipp);
}

/* ---- wires ---- */

enum card_error kiosk_printer(void *ctx, struct flow_printer_state *out)
{
	struct kiosk *k = ctx;
	const bool empty = k->trouble == KIOSK_TROUBLE_EMPTY;

	if (k->ipp != NULL) {
		enum card_error err = flow_printer_ask(k->ipp, out);

		/* A printer that cannot count its paper is believed while it reports no lack of it. */
		if (err == CARD_OK && out->sheets < 0 && out->fault == FLOW_PRINT_OK)
			out->sheets = SIMULATED_TRAY;
		return err;
	}
	memset(out, 0, sizeof *out);
	out->fault = empty ? k->trouble_fault : k->fault_now;
	out->idle = out->accepting = true;
	out->two_sided = true;
	out->sheets = out->fault == FLOW_PRINT_PAPER ? 0 : SIMULATED_TRAY;
	snprintf(out->reasons, sizeof out->reasons, "%s",
		 out->fault == FLOW_PRINT_OK ? "" : flow_print_fault_code(out->fault));
	return CARD_OK;
}

static enum card_error join(void *ctx, card_buf_t *out)
{
	const struct flow_terminal_paper *p = ctx;

	return flow_front_join(p->front, p->back, p->copies, p->pages, out);
}

static enum card_error print_ipp(struct kiosk *k, const struct flow_terminal_paper *paper, int *job)
{
	struct flow_terminal_paper all = *paper;
	card_buf_t pdf = {0};
	enum card_error err = kiosk_apart(join, &all, &pdf);

	if (err == CARD_OK)
		err = flow_printer_send(k->ipp, card_buf_bytes(&pdf), paper->name, job);
	card_buf_free(&pdf);
	return err;
}

enum card_error kiosk_print(void *ctx, const struct flow_terminal_paper *paper, int *job)
{
	struct kiosk *k = ctx;
	enum card_error err;

	if (k->ipp != NULL)
		return print_ipp(k, paper, job);
	*job = ++k->job_number;
	snprintf(k->job_name, sizeof k->job_name, "%s", paper->name);
	k->job = (struct flow_print_job){FLOW_PRINT_ENDED, 0, k->job_number};
	/* Known before the first sheet moves. */
	if (!remember(k, sheets_in_life(k)))
		return CARD_ERR_NO_SERVICE;
	err = kiosk_files_print(k, paper);
	if (k->job.progress != FLOW_PRINT_COMPLETE) {
		kiosk_files_set_aside(k);
		k->job.progress = FLOW_PRINT_HALTED;
		k->fault_now = k->trouble == KIOSK_TROUBLE_FAULT ? k->trouble_fault
			       : err != CARD_OK                  ? FLOW_PRINT_OTHER
								 : FLOW_PRINT_OK;
	}
	if (!remember(k, sheets_in_life(k)))
		return CARD_ERR_OUTCOME_UNKNOWN;
	return k->trouble == KIOSK_TROUBLE_LOST || k->trouble == KIOSK_TROUBLE_SILENT
		       ? CARD_ERR_OUTCOME_UNKNOWN
		       : CARD_OK;
}

enum card_error kiosk_job(void *ctx, int job, const char *name, struct flow_print_job *out)
{
	struct kiosk *k = ctx;

	if (k->ipp != NULL) {
		int found = 0;

		return flow_printer_job(k->ipp, job, name, out, &found);
	}
	if (k->trouble == KIOSK_TROUBLE_SILENT)
		return CARD_ERR_NO_SERVICE;
	if (job > 0 ? job != k->job_number : strcmp(name, k->job_name) != 0)
		return CARD_ERR_NOT_FOUND;
	*out = k->job;
	return CARD_OK;
}

enum card_error kiosk_end_job(void *ctx, int job)
{
	struct kiosk *k = ctx;

	if (k->ipp != NULL)
		return job > 0 ? flow_printer_cancel(k->ipp, job) : CARD_ERR_NOT_FOUND;
	k->job.progress = FLOW_PRINT_ENDED;
	return CARD_OK;
}

bool kiosk_printer_clear(struct kiosk *k, int seconds)
{
	struct flow_printer_state s;

	if (k->ipp == NULL) {
		k->fault_now = FLOW_PRINT_OK;
		k->trouble = KIOSK_TROUBLE_NONE;
		return remember(k, sheets_in_life(k));
	}
	for (int i = 0;; i++) {
		if (flow_printer_ask(k->ipp, &s) == CARD_OK && s.fault == FLOW_PRINT_OK && s.idle)
			return true;
		if (i >= seconds)
			return false;
		sleep(1);
	}
}

enum flow_terminal_fault_choice kiosk_fault(void *ctx, enum flow_print_fault fault)
{
	struct kiosk *k = ctx;
	const char *word = k->words.on_fault;

	(void)fault;
	if (word == NULL && k->at_tty)
		return kiosk_ask(
			       k,
			       _("Continue with your card? Otherwise your money is returned. [y/N]")) ==
				       CARD_OK
			       ? FLOW_FAULT_RESUME
			       : FLOW_FAULT_REFUND;
	if (word != NULL && strcmp(word, "later") == 0)
		return FLOW_FAULT_LATER;
	return word != NULL && strcmp(word, "resume") == 0 ? FLOW_FAULT_RESUME : FLOW_FAULT_REFUND;
}

bool kiosk_taken(void *ctx, int seconds)
{
	struct kiosk *k = ctx;

	if (k->words.leave != NULL && strcmp(k->words.leave, "paper") == 0) {
		k->ahead_ms += (int64_t)seconds * 1000;
		return false;
	}
	return true;
}
