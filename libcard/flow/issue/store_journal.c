/* SPDX-License-Identifier: Apache-2.0 */
/* store_journal.c — what happens in the store, into a journal in the same transaction. */
#include "store_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- a record ---- */

/* Kinds of rules 7.2 by the row that was taken. */
static const char *kind_of_row(const char *row)
{
	static const struct {
		const char *kind, *rows;
	} kinds[] = {{"payment", "K24 K25 K28 K29 K30 K31"},
		     {"print", "K32 K33 K34 K35 K36 K37"},
		     {"refund", "K38 K39"},
		     {"forgotten-item", "K23"}};

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		if (strstr(kinds[i].rows, row) != NULL)
			return kinds[i].kind;
	}
	return "kiosk-step";
}

/* Kinds of what belongs to no row; operator: who did it stands where else the terminal does. */
static const char *kind_of_event(const struct happening *h, bool *operator_did)
{
	static const struct {
		const char *event, *kind;
		bool operator_did;
	} kinds[] = {{"security", "security-event", false},
		     {"emergency-stop", "emergency-stop", true},
		     {"emergency-stop-asked", "emergency-stop", true},
		     {"refund-paid", "refund", true},
		     {"forgotten_item", "forgotten-item", false},
		     {"cleared", "forgotten-item", false},
		     {"clock-step", "clock-step", false},
		     {"clock-differs", "clock-differs", false},
		     {"message-4", "kiosk-step", false},
		     {"card_unusable", "kiosk-step", false},
		     {"locked", "kiosk-step", false},
		     {"refused", "kiosk-step", false}};

	*operator_did = strncmp(h->event, "card-", 5) == 0;
	if (*operator_did)
		return "card-state";
	/* PD-32: journaled with the identifier given. */
	if (strcmp(h->event, "security") == 0 && h->code != NULL &&
	    (strcmp(h->code, "TERMINAL") == 0 || strcmp(h->code, "ROLE") == 0))
		return "terminal-refused";
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		if (strcmp(kinds[i].event, h->event) == 0) {
			*operator_did = kinds[i].operator_did;
			return kinds[i].kind;
		}
	}
	return "center-event";
}

static enum journal_result result_of(const struct happening *h)
{
	const char *to = h->to != NULL ? h->to : "";

	if (h->code != NULL && strcmp(h->code, "undetermined") == 0)
		return JOURNAL_UNDETERMINED;
	if (strcmp(to, "refused") == 0 || (h->row == NULL && (strcmp(h->event, "security") == 0 ||
							      strcmp(h->event, "refused") == 0)))
		return JOURNAL_REFUSED;
	if (strcmp(to, "cancelled") == 0 || strcmp(to, "timed_out") == 0 ||
	    strcmp(to, "print_failed") == 0 || strcmp(h->event, "message-4") == 0)
		return JOURNAL_FAILED;
	return JOURNAL_OK;
}

/* What came from outside may hold what must not be here. */
static const char *held(const char *text)
{
	return text == NULL || journal_may_hold(text) ? text : "withheld";
}

static void describe(const struct happening *h, char *out, size_t cap)
{
	int n = h->row != NULL
			? snprintf(out, cap, "%s %s: %s > %s", h->row, h->event, h->from, h->to)
			: snprintf(out, cap, "%s", h->event);

	if (h->amount != 0 && n > 0 && (size_t)n < cap)
		snprintf(out + n, cap - (size_t)n, ", %ld yen", h->amount);
}

enum card_error chain_note(flow_store_t *db, const struct happening *h)
{
	struct chain *c = flow_store_attached(db);
	bool operator_did = false;
	struct journal_record r = {.result = result_of(h), .txn = h->id, .code = held(h->code)};
	char reason[200];
	enum card_error err;

	if (c == NULL)
		return CARD_OK;
	describe(h, reason, sizeof reason);
	r.event = h->row != NULL ? kind_of_row(h->row) : kind_of_event(h, &operator_did);
	r.reason = held(reason);
	r.organ = held(h->municipality);
	r.procedure = h->kind;
	if (operator_did)
		r.operator_id = held(h->terminal);
	else
		r.recipient = held(h->terminal);
	err = journal_add(c->journal, &r, 1, NULL);
	c->written = c->written || err == CARD_OK;
	/* Lost connections and lost races are the store's, not the journal's. */
	c->failed = c->failed || (err != CARD_OK && err != CARD_ERR_NO_SERVICE &&
				  err != CARD_ERR_TIMEOUT && err != CARD_ERR_NO_MEMORY);
	return err;
}

void chain_undone(flow_store_t *db)
{
	struct chain *c = flow_store_attached(db);

	if (c == NULL)
		return;
	if (c->failed)
		atomic_store(c->good, false);
	c->failed = c->written = false;
	journal_forget(c->journal);
}

void chain_done(flow_store_t *db)
{
	struct chain *c = flow_store_attached(db);

	if (c != NULL && c->written)
		atomic_store(c->good, true);
	if (c != NULL)
		c->failed = c->written = false;
}

/* ---- chains of connections ---- */

enum card_error chain_open(flow_issue_store_t *s, size_t i)
{
	struct chain *c = &s->chain[i];
	struct journal_options opt = s->options;
	enum card_error err = CARD_ERR_TIMEOUT;
	char name[41];

	/* The first that nobody has: after a restart the same as before. */
	for (unsigned n = 1; n <= 999 && err == CARD_ERR_TIMEOUT; n++) {
		snprintf(name, sizeof name, "%.36s.%u", s->name, n);
		opt.terminal = name;
		err = journal_open(&c->journal, s->db[i], &opt, NULL);
		if (err == CARD_OK)
			err = journal_claim(c->journal);
		if (err != CARD_OK)
			journal_close(&c->journal);
	}
	if (err != CARD_OK)
		return err;
	c->good = &s->journal_good;
	c->failed = c->written = false;
	flow_store_attach(s->db[i], c);
	return CARD_OK;
}

void chain_close(flow_issue_store_t *s, size_t i)
{
	if (s->chain[i].journal == NULL)
		return;
	flow_store_attach(s->db[i], NULL);
	journal_close(&s->chain[i].journal);
}

static bool keep_text(flow_issue_store_t *s, size_t i, const char *text, const char **out)
{
	*out = NULL;
	if (text == NULL)
		return true;
	s->texts[i] = strdup(text);
	*out = s->texts[i];
	return s->texts[i] != NULL;
}

/* Two processes that start at once: one after the other. The number is this table set's. */
static enum card_error make_tables(flow_store_t *db)
{
	const bool pg = flow_store_is_postgresql(db);
	enum card_error err = CARD_OK;

	if (flow_store_run(db, "SELECT seq FROM journal WHERE seq = 0", NULL, 0, NULL, NULL) ==
	    CARD_OK)
		return CARD_OK;
	if (pg)
		err = flow_store_script(db, "SELECT pg_advisory_lock(7239002)");
	if (err == CARD_OK)
		err = journal_setup(db, NULL);
	if (pg)
		(void)flow_store_script(db, "SELECT pg_advisory_unlock(7239002)");
	return err;
}

enum card_error flow_issue_store_journal(flow_issue_store_t *s, const struct journal_options *opt,
					 struct flow_problem *problem)
{
	const size_t writers = s != NULL && s->postgresql ? s->connections : 1;
	struct journal_options *own;
	journal_t *try = NULL;
	enum card_error err;

	if (s == NULL || opt == NULL || opt->terminal == NULL || strlen(opt->terminal) > 36 ||
	    s->journaled)
		return CARD_ERR_INVALID_ARGUMENT;
	own = &s->options;
	*own = *opt;
	snprintf(s->name, sizeof s->name, "%s", opt->terminal);
	if (!keep_text(s, 0, opt->program, &own->program) ||
	    !keep_text(s, 1, opt->signing_key, &own->signing_key) ||
	    !keep_text(s, 2, opt->checkpoint_copy, &own->checkpoint_copy))
		return CARD_ERR_NO_MEMORY;
	err = make_tables(s->db[0]);
	if (err != CARD_OK)
		return flow_problem_set(problem, "journal", 0, "%s", flow_store_message(s->db[0])),
		       err;
	/* For its problem: keys that cannot be read, a name that cannot be. */
	err = journal_open(&try, s->db[0], opt, problem);
	journal_close(&try);
	for (size_t i = 0; i < writers && err == CARD_OK; i++)
		err = chain_open(s, i);
	s->journaled = err == CARD_OK;
	atomic_store(&s->journal_good, s->journaled);
	return err;
}

bool flow_issue_store_journal_good(const flow_issue_store_t *s)
{
	return !s->journaled || atomic_load(&s->journal_good);
}

/* ---- over all chains ---- */

static enum card_error sign_one(void *ctx, flow_store_t *db)
{
	struct chain *c = flow_store_attached(db);

	(void)ctx;
	return c != NULL ? journal_checkpoint(c->journal) : CARD_OK;
}

static enum card_error on_all(flow_issue_store_t *s, flow_issue_unit_fn run, void *ctx)
{
	const size_t writers = s->postgresql ? s->connections : 1;
	enum card_error first = CARD_OK;

	for (size_t i = 0; i < writers; i++) {
		const enum card_error err = store_on_writer(s, i, run, ctx);

		first = first == CARD_OK ? err : first;
	}
	return first;
}

enum card_error flow_issue_store_checkpoint(flow_issue_store_t *s)
{
	return s->journaled ? on_all(s, sign_one, NULL) : CARD_OK;
}

struct check {
	bool whole;
	char *chain;
	long bad;
	flow_issue_store_t *s;
};

static enum card_error check_one(void *ctx, flow_store_t *db)
{
	struct check *k = ctx;
	struct chain *c = flow_store_attached(db);
	long bad = 0;
	enum card_error err = c != NULL ? journal_check(c->journal, k->whole, &bad) : CARD_OK;

	if (bad != 0) {
		snprintf(k->chain, 41, "%s", journal_chain(c->journal));
		k->bad = bad;
	}
	return err;
}

enum card_error flow_issue_store_journal_check(flow_issue_store_t *s, bool whole, char chain[41],
					       long *bad)
{
	struct check k = {whole, chain, 0, s};
	const enum card_error err = s->journaled ? on_all(s, check_one, &k) : CARD_OK;

	*bad = k.bad;
	return err;
}

static enum card_error write_all(void *ctx, flow_store_t *db)
{
	return journal_export(db, ctx);
}

enum card_error flow_issue_store_journal_export(flow_issue_store_t *s, FILE *out)
{
	return flow_issue_store_read(s, write_all, out);
}
