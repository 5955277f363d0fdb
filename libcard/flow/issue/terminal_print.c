/* SPDX-License-Identifier: Apache-2.0 */
/* terminal_print.c — paper comes out only under a permit, and what cannot be proven does not count (K32–K40). */
#include "terminal.h"

#include <stdio.h>
#include <string.h>

/* Seconds until paper that was not taken is a forgotten item (PD-20). */
#define TAKE 30

/* What came out of one job. */
struct output {
	const char *result, *reason; /* of docs/issuance.md */
	int64_t sheets;
};

static enum card_error ask_permit(struct errand *e)
{
	const char *id;
	enum card_error err = link_post(
		e, "permit", json_pack("{s:I}", "counter", (json_int_t)notes_counter(e->t)));

	if (err ==
	    CARD_ERR_NO_SERVICE) /* K33: the centre goes on without us, nothing was printed */
		return err;
	if (err != CARD_OK || !link_state(e, "printing"))
		return err;
	id = flow_issue_text(e->answer.json, "permit", 32);
	snprintf(e->permit, sizeof e->permit, "%s", id != NULL ? id : "");
	return id != NULL ? CARD_OK : CARD_ERR_MALFORMED;
}

/* The job's number; a lost answer is looked for by its name (K36). */
static enum card_error start(struct errand *e, int *job)
{
	const int64_t until = e->t->w.now(e->t->w.ctx) + TERMINAL_SILENT;
	struct flow_print_job state;
	enum card_error err = e->t->w.print(e->t->w.ctx, &e->paper, job);

	while (err == CARD_ERR_OUTCOME_UNKNOWN && e->t->w.now(e->t->w.ctx) < until) {
		if (e->t->w.job(e->t->w.ctx, 0, e->paper.name, &state) == CARD_OK) {
			*job = 0;
			return CARD_OK;
		}
		e->t->w.wait(e->t->w.ctx, 500);
	}
	return err;
}

static struct output ended(const char *result, const char *reason, int64_t sheets)
{
	return (struct output){result, reason, sheets};
}

/* Watch a job to its end; a printer that stops for somebody is a fault (K35). */
static struct output watch(struct errand *e, int job)
{
	const int64_t all = (int64_t)e->paper.pages * e->paper.copies;
	int64_t quiet_since = e->t->w.now(e->t->w.ctx), sheets = 0;
	struct flow_printer_state printer;
	struct flow_print_job state;

	for (;; e->t->w.wait(e->t->w.ctx, 300)) {
		const int64_t now = e->t->w.now(e->t->w.ctx);
		enum card_error err = e->t->w.job(e->t->w.ctx, job, e->paper.name, &state);

		if (err == CARD_OK && state.sheets > sheets) {
			sheets = state.sheets;
			quiet_since = now;
		}
		if (err == CARD_OK && state.progress == FLOW_PRINT_COMPLETE)
			/* Told as done with fewer sheets than were sent is not done. */
			return state.sheets < 0 || state.sheets >= all
				       ? ended("complete", NULL, all)
				       : ended("unknown", "lost_answer", sheets);
		if (e->t->w.printer(e->t->w.ctx, &printer) == CARD_OK &&
		    printer.fault != FLOW_PRINT_OK) {
			e->fault = printer.fault;
			(void)e->t->w.end_job(e->t->w.ctx, job);
			return ended("fault", flow_print_fault_code(printer.fault), sheets);
		}
		if (err == CARD_OK && state.progress == FLOW_PRINT_ENDED)
			return ended("fault", "other", sheets);
		if (now - quiet_since >= TERMINAL_SILENT) {
			(void)e->t->w.end_job(e->t->w.ctx, job);
			return ended("unknown", "lost_answer", sheets);
		}
	}
}

/* Copies in the order in which they are printed; one counts only with all its sheets. */
static json_t *copies_json(const struct errand *e, int64_t sheets, bool complete)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < e->paper.copies; i++) {
		int64_t out = sheets - (int64_t)i * e->paper.pages;
		bool whole;

		out = out < 0 ? 0 : out > e->paper.pages ? e->paper.pages : out;
		whole = complete || out == e->paper.pages;
		json_array_append_new(list,
				      json_pack("{s:s, s:I, s:b}", "copy", e->paper.number[i],
						"sheets", (json_int_t)out, "complete", whole));
	}
	return list;
}

/* One attempt: INTENT durable, paper, OUTCOME. */
static enum card_error attempt(struct errand *e)
{
	char name[48];
	struct output out;
	enum card_error err = ask_permit(e);
	int job = 0;

	if (err != CARD_OK || !link_state(e, "printing"))
		return err;
	snprintf(name, sizeof name, "%s-%u", e->transaction, ++e->attempt);
	e->paper.name = name;
	e->fault = FLOW_PRINT_OTHER;
	if (notes_put(e, "printing", "settled") != CARD_OK) {
		out = ended("fault", "other", 0); /* fail closed: nothing goes to the printer */
	} else {
		terminal_say(e, FLOW_SCREEN_PRINTING, (int64_t)e->paper.pages * e->paper.copies);
		err = start(e, &job);
		out = err == CARD_OK                    ? watch(e, job)
		      : err == CARD_ERR_OUTCOME_UNKNOWN ? ended("unknown", "lost_answer", 0)
							: ended("fault", "other", 0);
		(void)notes_count(e->t, out.sheets);
	}
	err = link_post(e, "printed",
			json_pack("{s:s, s:s, s:s?, s:I, s:o}", "permit", e->permit, "result",
				  out.result, "reason", out.reason, "counter",
				  (json_int_t)notes_counter(e->t), "copies",
				  copies_json(e, out.sheets, strcmp(out.result, "complete") == 0)));
	e->paper.name = NULL;
	if (err != CARD_OK)
		return err;
	e->out->valid = (unsigned)json_array_size(json_object_get(e->answer.json, "valid"));
	/* Sheets that do not count, or may be there, lie in the printer. */
	if (!link_state(e, "printed"))
		err = notes_block(e->t, "sheets", e->out->inquiry);
	return err == CARD_OK ? notes_put(e, e->out->state, "settled") : err;
}

static json_t *printer_json(const struct flow_printer_state *p)
{
	return json_pack("{s:b, s:I, s:b, s:[]}", "idle", p->idle, "sheets",
			 (json_int_t)(p->sheets > 0 ? p->sheets : 0), "ready",
			 p->accepting && p->fault == FLOW_PRINT_OK, "reasons");
}

/* One proof of card and PIN; tries: of the PIN of the kind, -1 at first. */
static enum card_error claim(struct errand *e, int tries)
{
	struct flow_printer_state printer = {0};
	json_t *body = json_object();
	enum card_error err = method_again(e);

	if (err == CARD_OK)
		err = step_prove(e, body);
	if (err == CARD_OK && method_pins(e) == FLOW_TERMINAL_PIN_KIND)
		err = method_kind_pin(e, tries, body);
	if (err == CARD_OK && e->t->w.printer(e->t->w.ctx, &printer) != CARD_OK)
		err = CARD_ERR_NO_SERVICE;
	if (err != CARD_OK) {
		json_decref(body);
		return err;
	}
	json_object_set_new(body, "printer", printer_json(&printer));
	return link_post(e, "resume", body);
}

/* The same card and PIN once more, and the document anew (K37). */
static enum card_error resume(struct errand *e)
{
	enum card_error err = claim(e, -1);

	while (err == CARD_OK && link_state(e, "print_failed") &&
	       strcmp(e->out->code, "kind_pin_wrong") == 0) {
		const int tries =
			(int)json_integer_value(json_object_get(e->answer.json, "tries_left"));

		if (tries < 1 || tries > 99)
			return CARD_OK;
		terminal_say(e, FLOW_SCREEN_KIND_PIN_WRONG, tries);
		err = claim(e, tries);
	}
	if (err != CARD_OK || !link_state(e, "resumed"))
		return err;
	err = paper_take(e);
	terminal_say(e, FLOW_SCREEN_TAKE_CARD, 0);
	if (err == CARD_OK && !e->t->w.card_gone(e->t->w.ctx, TAKE))
		terminal_say(e, FLOW_SCREEN_CARD_LEFT, 0);
	return err;
}

enum card_error step_resume(struct errand *e)
{
	enum card_error err = resume(e);

	return err == CARD_OK && link_state(e, "resumed") ? attempt(e) : err;
}

bool step_clear(struct errand *e, int seconds)
{
	struct flow_terminal_clearing clearing = {{0}, {0}, 0, false};

	if (flow_terminal_blocked(e->t) == NULL)
		return true;
	if (!e->t->w.cleared(e->t->w.ctx, seconds, &clearing) ||
	    notes_clear(e->t, &clearing) != CARD_OK)
		return false;
	terminal_event(e->t, "cleared", "attendant", e->out->inquiry);
	return true;
}

/* After a fault: go on once, else the money goes back (K35–K38). Both need the printer cleared, the
 * money does not wait for it. */
static enum card_error after_fault(struct errand *e)
{
	enum flow_terminal_fault_choice choice;
	enum card_error err;
	bool clear;

	terminal_say(e, FLOW_SCREEN_FAULT, 0);
	choice = e->t->w.fault(e->t->w.ctx, e->fault);
	clear = step_clear(e, TERMINAL_ATTENDANT);
	if (choice == FLOW_FAULT_LATER)
		return CARD_OK;
	if (choice == FLOW_FAULT_RESUME && clear && e->attempt == 1) {
		err = step_resume(e);
		if (err == CARD_OK && !link_state(e, "print_failed"))
			return CARD_OK;
		if (err == CARD_ERR_NO_SERVICE)
			return err;
	}
	return link_post(e, "refund", json_object());
}

static enum card_error hand_over(struct errand *e)
{
	enum card_error err;
	bool taken;

	terminal_say(e, FLOW_SCREEN_TAKE_PAPER, (int64_t)e->paper.pages * e->paper.copies);
	taken = e->t->w.taken(e->t->w.ctx, TAKE);
	err = link_post(e, "collected", json_pack("{s:b}", "taken", taken));
	if (err == CARD_OK && !taken) { /* blocked until the attendant has cleared it */
		terminal_say(e, FLOW_SCREEN_TAKE_PAPER, 0);
		err = notes_block(e->t, "paper", e->out->inquiry);
		if (err != CARD_OK || !step_clear(e, TERMINAL_ATTENDANT))
			return err;
		err = link_post(e, "collected", json_pack("{s:b, s:b}", "taken", 0, "cleared", 1));
	}
	if (err == CARD_OK)
		terminal_say(e, FLOW_SCREEN_RECEIPT, e->out->paid);
	return err;
}

/* Erasure is proven, then told (K40). */
static enum card_error close_up(struct errand *e)
{
	paper_wipe(e);
	card_buf_clear(&e->raw);
	e->out->erased = e->t->w.erase(e->t->w.ctx);
	if (!e->out->erased)
		return CARD_ERR_INTERNAL;
	return link_post(e, "closed", json_pack("{s:b}", "erased", 1));
}

enum card_error step_end(struct errand *e)
{
	enum card_error err = CARD_OK;

	if (link_state(e, "printed"))
		err = hand_over(e);
	if (err == CARD_OK && link_state(e, "collected"))
		err = close_up(e);
	return err;
}

enum card_error step_print(struct errand *e)
{
	enum card_error err = attempt(e);

	if (err == CARD_OK && link_state(e, "print_failed"))
		err = after_fault(e);
	return err == CARD_OK ? step_end(e) : err;
}
