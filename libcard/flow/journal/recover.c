/* SPDX-License-Identifier: Apache-2.0 */
/* recover.c — INTENTs that never got their end (design decision 9, flows C17). */
#include "journal_internal.h"

#include <stdlib.h>
#include <string.h>

#define OPEN_MAX_AT_ONCE 256
#define MARK_STEP        64 /* records */

struct open_intent {
	char seq[24], txn[JOURNAL_TXN + 1], event[32], operator_id[128], organ[304];
};

struct found {
	struct open_intent *list;
	size_t n;
	long alive; /* the first INTENT whose process still runs; 0: none */
};

static enum card_error take(void *ctx, const char *const *column, size_t n)
{
	struct found *f = ctx;
	const char *field[LINE_COUNT];
	struct open_intent *o = &f->list[f->n];
	char *copy;

	if (n != 1 || column[0] == NULL || f->n == OPEN_MAX_AT_ONCE)
		return CARD_OK;
	if (line_cut(column[0], &copy, field) != CARD_OK)
		return CARD_OK; /* a damaged line is the checker's business */
	if (process_lives(field[LINE_HOLDER])) {
		f->alive = f->alive == 0 ? strtol(field[LINE_SEQ], NULL, 10) : f->alive;
	} else {
		snprintf(o->seq, sizeof o->seq, "%.23s", field[LINE_SEQ]);
		snprintf(o->txn, sizeof o->txn, "%.32s", field[LINE_TXN]);
		snprintf(o->event, sizeof o->event, "%.31s", field[LINE_EVENT]);
		snprintf(o->operator_id, sizeof o->operator_id, "%.127s", field[LINE_OPERATOR]);
		snprintf(o->organ, sizeof o->organ, "%.303s", field[LINE_ORGAN]);
		f->n++;
	}
	free(copy);
	return CARD_OK;
}

static enum card_error take_number(void *ctx, const char *const *column, size_t n)
{
	if (n == 1 && column[0] != NULL)
		*(long *)ctx = strtol(column[0], NULL, 10);
	return CARD_OK;
}

static enum card_error ask_number(const journal_t *j, const char *sql, long *out)
{
	const char *params[] = {j->terminal};

	*out = 0;
	return flow_store_run(j->store, sql, params, 1, take_number, out);
}

/* Nothing up to this record is open any more. Written now and then: a short look back is cheap. */
static enum card_error put_mark(const journal_t *j, long from, long mark)
{
	char seq[24];
	const char *params[] = {j->terminal, seq};

	if (mark < from + MARK_STEP)
		return CARD_OK;
	snprintf(seq, sizeof seq, "%ld", mark);
	return flow_store_run(j->store,
			      "INSERT INTO journal_mark (terminal, seq) VALUES ($1, $2)"
			      " ON CONFLICT DO NOTHING",
			      params, 2, NULL, NULL);
}

static enum card_error note_unknown(journal_t *j, const struct open_intent *o)
{
	const struct journal_record r = {.event = o->event,
					 .phase = JOURNAL_UNKNOWN,
					 .result = JOURNAL_UNDETERMINED,
					 .txn = o->txn,
					 .operator_id = o->operator_id,
					 .organ = o->organ,
					 .related = o->seq,
					 .code = "found_open"};

	return journal_append(j, &r, 1, NULL);
}

static enum card_error recover(journal_t *j, long from, struct found *f, size_t *found)
{
	static const char sql[] =
		"SELECT i.body FROM journal i WHERE i.terminal = $1 AND i.seq > $2 AND i.phase = 'intent'"
		" AND i.txn <> '' AND i.body IS NOT NULL AND NOT EXISTS (SELECT 1 FROM journal o WHERE"
		" o.txn = i.txn AND o.txn <> '' AND o.phase IN ('outcome', 'unknown')) ORDER BY i.seq";
	char start[24];
	const char *params[] = {j->terminal, start};
	long last = 0;
	enum card_error err =
		ask_number(j, "SELECT max(seq) FROM journal WHERE terminal = $1", &last);

	snprintf(start, sizeof start, "%ld", from);
	if (err == CARD_OK)
		err = flow_store_run(j->store, sql, params, 2, take, f);
	for (size_t i = 0; i < f->n && err == CARD_OK; i++) {
		err = note_unknown(j, &f->list[i]);
		*found += err == CARD_OK;
	}
	if (err != CARD_OK || f->n == OPEN_MAX_AT_ONCE)
		return err;
	return put_mark(j, from, f->alive > 0 ? f->alive - 1 : last);
}

enum card_error journal_recover(journal_t *j, bool whole, size_t *found)
{
	struct found f = {.n = 0};
	long from = 0;
	enum card_error err = CARD_OK;

	if (j == NULL || found == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	*found = 0;
	if (!whole)
		err = ask_number(j, "SELECT max(seq) FROM journal_mark WHERE terminal = $1", &from);
	f.list = calloc(OPEN_MAX_AT_ONCE, sizeof *f.list);
	if (f.list == NULL)
		return CARD_ERR_NO_MEMORY;
	if (err == CARD_OK)
		err = recover(j, from, &f, found);
	free(f.list);
	return err;
}

/* Explanations name the seq of the UNKNOWN record in their field "related". */
struct explained {
	char (*seq)[24];
	size_t n, cap;
	const char *const *skip;
	flow_row_fn row;
	void *ctx;
};

static enum card_error take_explanation(void *ctx, const char *const *column, size_t n)
{
	struct explained *e = ctx;
	const char *field[LINE_COUNT];
	char *copy;

	if (n != 1 || column[0] == NULL || line_cut(column[0], &copy, field) != CARD_OK)
		return CARD_OK;
	if (e->n == e->cap) {
		char(*more)[24] = realloc(e->seq, (e->cap * 2 + 16) * sizeof *more);

		if (more == NULL) {
			free(copy);
			return CARD_ERR_NO_MEMORY;
		}
		e->seq = more;
		e->cap = e->cap * 2 + 16;
	}
	snprintf(e->seq[e->n++], 24, "%.23s", field[LINE_RELATED]);
	free(copy);
	return CARD_OK;
}

static enum card_error give_unexplained(void *ctx, const char *const *column, size_t n)
{
	struct explained *e = ctx;

	for (size_t i = 0; i < e->n; i++) {
		if (column[0] != NULL && strcmp(e->seq[i], column[0]) == 0)
			return CARD_OK;
	}
	return e->row(e->ctx, column, n);
}

enum card_error journal_unexplained(flow_store_t *store, const char *terminal, flow_row_fn row,
				    void *ctx)
{
	const char *params[] = {terminal};
	struct explained e = {.row = row, .ctx = ctx};
	enum card_error err;

	if (store == NULL || terminal == NULL || row == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	err = flow_store_run(store,
			     "SELECT body FROM journal WHERE terminal = $1"
			     " AND event = 'unknown-explained' AND body IS NOT NULL",
			     params, 1, take_explanation, &e);
	if (err == CARD_OK)
		err = flow_store_run(store,
				     "SELECT seq, time, event, txn FROM journal WHERE terminal = $1"
				     " AND phase = 'unknown' ORDER BY seq",
				     params, 1, give_unexplained, &e);
	free(e.seq);
	return err;
}
