/* SPDX-License-Identifier: Apache-2.0 */
/* recover.c — INTENTs that never got their end (design decision 9, flows C17). */
#include "journal_internal.h"

#include <stdlib.h>
#include <string.h>

#define OPEN_MAX_AT_ONCE 256

struct open_intent {
	char seq[24], txn[JOURNAL_TXN + 1], event[32], operator_id[128], organ[304];
};

struct found {
	struct open_intent *list;
	size_t n;
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
	if (!process_lives(field[LINE_HOLDER])) {
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

enum card_error journal_recover(journal_t *j, size_t *found)
{
	static const char sql[] =
		"SELECT i.body FROM journal i WHERE i.terminal = $1 AND i.phase = 'intent' AND i.txn <> ''"
		" AND i.body IS NOT NULL AND NOT EXISTS (SELECT 1 FROM journal o WHERE o.txn = i.txn"
		" AND o.txn <> '' AND o.phase IN ('outcome', 'unknown')) ORDER BY i.seq";
	const char *params[1];
	struct found f = {.n = 0};
	enum card_error err;

	if (j == NULL || found == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	*found = 0;
	params[0] = j->terminal;
	f.list = calloc(OPEN_MAX_AT_ONCE, sizeof *f.list);
	if (f.list == NULL)
		return CARD_ERR_NO_MEMORY;
	err = flow_store_run(j->store, sql, params, 1, take, &f);
	for (size_t i = 0; i < f.n && err == CARD_OK; i++) {
		const struct journal_record r = {
			.event = f.list[i].event, .phase = JOURNAL_UNKNOWN,
			.result = JOURNAL_UNDETERMINED, .txn = f.list[i].txn,
			.operator_id = f.list[i].operator_id, .organ = f.list[i].organ,
			.related = f.list[i].seq, .code = "found_open"};

		err = journal_append(j, &r, 1, NULL);
		*found += err == CARD_OK;
	}
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
	err = flow_store_run(store, "SELECT body FROM journal WHERE terminal = $1"
				    " AND event = 'unknown-explained' AND body IS NOT NULL",
			     params, 1, take_explanation, &e);
	if (err == CARD_OK)
		err = flow_store_run(store, "SELECT seq, time, event, txn FROM journal WHERE terminal = $1"
					    " AND phase = 'unknown' ORDER BY seq",
				     params, 1, give_unexplained, &e);
	free(e.seq);
	return err;
}
