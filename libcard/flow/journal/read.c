/* SPDX-License-Identifier: Apache-2.0 */
/* read.c — reading records, and everything as lines for a verifier. */
#include "journal_internal.h"

#include <stdlib.h>
#include <string.h>

struct reading {
	journal_entry_fn entry;
	void *ctx;
};

static enum card_error give(void *ctx, const char *const *column, size_t n)
{
	const struct reading *r = ctx;
	const char *f[LINE_COUNT];
	char *copy;
	enum card_error err;

	if (n != 1 || column[0] == NULL)
		return CARD_OK;
	err = line_cut(column[0], &copy, f);
	if (err != CARD_OK)
		return err;
	{
		const struct journal_entry e = {.seq = strtol(f[LINE_SEQ], NULL, 10),
						.terminal = f[LINE_TERMINAL],
						.start = f[LINE_START],
						.end = f[LINE_END],
						.event = f[LINE_EVENT],
						.phase = f[LINE_PHASE],
						.txn = f[LINE_TXN],
						.operator_id = f[LINE_OPERATOR],
						.role = f[LINE_ROLE],
						.organ = f[LINE_ORGAN],
						.program = f[LINE_PROGRAM],
						.procedure = f[LINE_PROCEDURE],
						.purpose = f[LINE_PURPOSE],
						.basis = f[LINE_BASIS],
						.reason = f[LINE_REASON],
						.attributes = f[LINE_ATTRIBUTES],
						.recipient = f[LINE_RECIPIENT],
						.result = f[LINE_RESULT],
						.code = f[LINE_CODE],
						.approver = f[LINE_APPROVER],
						.related = f[LINE_RELATED],
						.subject = f[LINE_SUBJECT]};

		err = r->entry(r->ctx, &e);
	}
	free(copy);
	return err;
}

enum card_error journal_read(flow_store_t *store, const struct journal_filter *f,
			     journal_entry_fn entry, void *ctx)
{
	/* "~" is after every character of a time: an end such as 2026-01-02 takes in that day. */
	static const char sql[] = "SELECT body FROM journal WHERE body IS NOT NULL"
				  " AND ($1 = '' OR terminal = $1) AND ($2 = '' OR event = $2)"
				  " AND ($3 = '' OR operator = $3) AND ($4 = '' OR organ = $4)"
				  " AND ($5 = '' OR time >= $5) AND ($6 = '' OR time <= $6 || '~')"
				  " AND ($7 = '' OR txn = $7) ORDER BY terminal, seq";
	struct reading r = {entry, ctx};
	const char *params[7];

	if (store == NULL || f == NULL || entry == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	params[0] = f->terminal;
	params[1] = f->event;
	params[2] = f->operator_id;
	params[3] = f->organ;
	params[4] = f->from;
	params[5] = f->to;
	params[6] = f->txn;
	for (size_t i = 0; i < 7; i++)
		params[i] = params[i] != NULL ? params[i] : "";
	return flow_store_run(store, sql, params, 7, give, &r);
}

struct terminals {
	char (*name)[41];
	size_t n, cap;
};

static enum card_error take_terminal(void *ctx, const char *const *column, size_t n)
{
	struct terminals *t = ctx;

	if (n != 1 || column[0] == NULL)
		return CARD_ERR_MALFORMED;
	if (t->n == t->cap) {
		char(*more)[41] = realloc(t->name, (t->cap * 2 + 16) * sizeof *more);

		if (more == NULL)
			return CARD_ERR_NO_MEMORY;
		t->name = more;
		t->cap = t->cap * 2 + 16;
	}
	snprintf(t->name[t->n++], 41, "%.40s", column[0]);
	return CARD_OK;
}

/* Lines "R terminal seq hash body", "E terminal seq hash" for an erased one. */
struct export
{
	FILE *out;
	const char *terminal;
	char last[24];
};

static enum card_error put_record(void *ctx, const char *const *column, size_t n)
{
	struct export *x = ctx;

	if (n != 3 || column[0] == NULL || column[1] == NULL)
		return CARD_ERR_MALFORMED;
	snprintf(x->last, sizeof x->last, "%.23s", column[0]);
	if (column[2] != NULL)
		fprintf(x->out, "R\t%s\t%s\t%s\t%s\n", x->terminal, column[0], column[1],
			column[2]);
	else
		fprintf(x->out, "E\t%s\t%s\t%s\n", x->terminal, column[0], column[1]);
	return ferror(x->out) ? CARD_ERR_IO : CARD_OK;
}

static enum card_error put_checkpoint(void *ctx, const char *const *column, size_t n)
{
	struct export *x = ctx;

	if (n != 4)
		return CARD_ERR_MALFORMED;
	fprintf(x->out, "C\t%s\t%s\t%s\t%s\t%s\n", x->terminal, column[0], column[1], column[2],
		column[3]);
	return ferror(x->out) ? CARD_ERR_IO : CARD_OK;
}

static enum card_error export_checkpoints(flow_store_t *store, struct export *x)
{
	const char *params[] = {x->terminal};

	return flow_store_run(store,
			      "SELECT size, root, time, signature FROM journal_checkpoint"
			      " WHERE terminal = $1 ORDER BY size",
			      params, 1, put_checkpoint, x);
}

static enum card_error export_chain(flow_store_t *store, struct export *x)
{
	const char *params[] = {x->terminal, x->last};
	char before[24];
	enum card_error err;

	snprintf(x->last, sizeof x->last, "0");
	do {
		memcpy(before, x->last, sizeof before);
		err = flow_store_run(store,
				     "SELECT seq, hash, body FROM journal WHERE terminal = $1"
				     " AND seq > $2 ORDER BY seq LIMIT 5000",
				     params, 2, put_record, x);
	} while (err == CARD_OK && strcmp(before, x->last) != 0);
	return err == CARD_OK ? export_checkpoints(store, x) : err;
}

/* One of the two, for each chain. */
static enum card_error export_each(flow_store_t *store, FILE *out,
				   enum card_error (*each)(flow_store_t *, struct export *))
{
	struct terminals t = {.n = 0};
	enum card_error err;

	err = flow_store_run(store,
			     "SELECT DISTINCT terminal FROM (SELECT terminal FROM journal UNION"
			     " SELECT terminal FROM journal_checkpoint) t ORDER BY terminal",
			     NULL, 0, take_terminal, &t);
	for (size_t i = 0; i < t.n && err == CARD_OK; i++) {
		struct export x = {.out = out, .terminal = t.name[i]};

		err = each(store, &x);
	}
	free(t.name);
	return err == CARD_OK && fflush(out) != 0 ? CARD_ERR_IO : err;
}

enum card_error journal_export(flow_store_t *store, FILE *out)
{
	if (store == NULL || out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	fputs("KAZASU-JOURNAL-1\n", out);
	return export_each(store, out, export_chain);
}

enum card_error journal_export_checkpoints(flow_store_t *store, FILE *out)
{
	if (store == NULL || out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	return export_each(store, out, export_checkpoints);
}
