/* SPDX-License-Identifier: Apache-2.0 */
/* append.c — drafts get their place, time and hash, and go into the store together. */
#include "journal_internal.h"

#include <stdlib.h>
#include <string.h>

#define PORTION 128 /* rows that are handed to the store at once */
#define COLUMNS 10

static enum card_error take_tail(void *ctx, const char *const *column, size_t n)
{
	struct tail *t = ctx;

	if (n != 3 || column[0] == NULL || column[1] == NULL || column[2] == NULL ||
	    strlen(column[1]) != HASH_TEXT - 1 || card_time_parse(column[2], &t->time) != CARD_OK)
		return CARD_ERR_MALFORMED;
	t->seq = strtol(column[0], NULL, 10);
	memcpy(t->hash, column[1], HASH_TEXT);
	return CARD_OK;
}

static enum card_error read_tail(journal_t *j, struct tail *t)
{
	const char *params[] = {j->terminal};
	enum card_error err = CARD_OK;

	if (j->claimed && j->tail_known) {
		*t = j->tail;
		return CARD_OK;
	}
	*t = (struct tail){.seq = 0, .time = INT64_MIN};
	memcpy(t->hash, chain_zero, HASH_TEXT);
	/* One writer of a chain at a time; other chains are not held up. */
	if (flow_store_is_postgresql(j->store) && !j->claimed)
		err = flow_store_run(j->store,
				     "SELECT pg_advisory_xact_lock(hashtext('kazasu-journal:'"
				     " || $1))",
				     params, 1, NULL, NULL);
	if (err == CARD_OK)
		err = flow_store_run(j->store,
				     "SELECT seq, hash, time FROM journal WHERE terminal = $1"
				     " ORDER BY seq DESC LIMIT 1",
				     params, 1, take_tail, t);
	return err;
}

struct row {
	char seq[24], hash[HASH_TEXT];
	char *body;
};

struct portion {
	struct row row[PORTION];
	const char *value[PORTION * COLUMNS];
	size_t n;
};

static enum card_error flush(journal_t *j, struct portion *p)
{
	static const char into[] =
		"journal (terminal, seq, time, event, phase, txn, operator, organ,"
		" body, hash)";
	const enum card_error err = flow_store_add(j->store, into, COLUMNS, p->value, p->n);

	for (size_t i = 0; i < p->n; i++)
		free(p->row[i].body);
	p->n = 0;
	return err;
}

/* "1 TAB terminal TAB seq TAB start TAB end TAB" and what the draft holds. */
static char *make_body(const journal_t *j, const struct draft *d, const char *seq, const char *end)
{
	char head[160], start[26];
	char *body;
	int n;

	if (d->start != 0)
		card_time_format_japan(d->start, start);
	n = snprintf(head, sizeof head, "1\t%s\t%s\t%s\t%s\t", j->terminal, seq,
		     d->start != 0 ? start : end, end);
	body = malloc((size_t)n + d->length + 1);
	if (body != NULL) {
		memcpy(body, head, (size_t)n);
		memcpy(body + n, d->tail, d->length + 1);
	}
	return body;
}

static enum card_error add_draft(journal_t *j, struct portion *p, struct tail *t,
				 const struct draft *d, const char *end)
{
	struct row *row = &p->row[p->n];
	const char **value = &p->value[p->n * COLUMNS];

	snprintf(row->seq, sizeof row->seq, "%ld", t->seq + 1);
	row->body = make_body(j, d, row->seq, end);
	if (row->body == NULL)
		return CARD_ERR_NO_MEMORY;
	p->n++;
	if (!chain_hash(j->md_ctx, j->md, t->hash, row->body, row->hash))
		return CARD_ERR_CRYPTO;
	t->seq++;
	memcpy(t->hash, row->hash, HASH_TEXT);
	value[0] = j->terminal;
	value[1] = row->seq;
	value[2] = end;
	value[3] = d->event;
	value[4] = d->phase;
	value[5] = d->txn;
	value[6] = d->operator_id;
	value[7] = d->organ;
	value[8] = row->body;
	value[9] = row->hash;
	return p->n == PORTION ? flush(j, p) : CARD_OK;
}

/* PD-35: the clock went back by more than a second. */
static enum card_error note_step(journal_t *j, struct portion *p, struct tail *t, int64_t now,
				 const char *end)
{
	struct journal_record step = {.event = "clock-step", .result = JOURNAL_OK};
	struct draft d;
	char reason[64];
	enum card_error err;

	if (t->time == INT64_MIN || now >= t->time - 1)
		return CARD_OK;
	snprintf(reason, sizeof reason, "back by %lld s", (long long)(t->time - now));
	step.reason = reason;
	err = draft_make(j, &step, &d);
	if (err == CARD_OK)
		err = add_draft(j, p, t, &d, end);
	/* The row points into the draft: it has to be in the store before that goes. */
	if (err == CARD_OK)
		err = flush(j, p);
	free(d.tail);
	return err;
}

enum card_error drafts_write(journal_t *j, const struct draft *list, size_t n, long *first)
{
	const int64_t now = j->clock(j->clock_ctx);
	struct portion *p = malloc(sizeof *p);
	char end[26];
	struct tail tail;
	enum card_error err;

	if (p == NULL)
		return CARD_ERR_NO_MEMORY;
	p->n = 0;
	card_time_format_japan(now, end);
	err = read_tail(j, &tail);
	if (err == CARD_OK)
		err = note_step(j, p, &tail, now, end);
	if (first != NULL)
		*first = tail.seq + 1;
	for (size_t i = 0; i < n && err == CARD_OK; i++)
		err = add_draft(j, p, &tail, &list[i], end);
	if (err == CARD_OK && p->n > 0)
		err = flush(j, p);
	for (size_t i = 0; i < p->n; i++)
		free(p->row[i].body);
	free(p);
	j->tail = tail;
	j->tail_known = err == CARD_OK;
	return err;
}

void journal_forget(journal_t *j)
{
	if (j != NULL)
		j->tail_known = false;
}

static enum card_error take_answer(void *ctx, const char *const *column, size_t n)
{
	(void)n;
	*(bool *)ctx = column[0] != NULL && strcmp(column[0], "t") == 0;
	return CARD_OK;
}

enum card_error journal_claim(journal_t *j)
{
	const char *params[] = {j->terminal};
	bool mine = false;
	enum card_error err;

	if (!flow_store_is_postgresql(j->store))
		return CARD_OK;
	/* The lock that others take for a transaction, for the session: they wait no longer than theirs
	 * allows (lock_timeout), and two that claim never have it both. */
	err = flow_store_run(j->store,
			     "SELECT pg_try_advisory_lock(hashtext('kazasu-journal:' || $1))",
			     params, 1, take_answer, &mine);
	if (err == CARD_OK && !mine)
		err = CARD_ERR_TIMEOUT;
	j->claimed = err == CARD_OK;
	j->tail_known = false;
	return err;
}

enum card_error drafts_commit(journal_t *j, const struct draft *list, size_t n, long *first)
{
	enum card_error err = j->broken ? CARD_ERR_BAD_STATE : flow_store_begin(j->store);

	if (err == CARD_ERR_BAD_STATE)
		return err;
	if (err == CARD_OK) {
		err = drafts_write(j, list, n, first);
		if (err == CARD_OK)
			err = flow_store_commit(j->store);
		if (err != CARD_OK)
			flow_store_rollback(j->store);
	}
	if (err != CARD_OK)
		journal_forget(j);
	j->broken = err != CARD_OK;
	return err;
}

enum card_error journal_add(journal_t *j, const struct journal_record *records, size_t n,
			    long *first)
{
	struct draft *list;
	enum card_error err;

	if (j == NULL || records == NULL || n == 0)
		return CARD_ERR_INVALID_ARGUMENT;
	if (j->broken)
		return CARD_ERR_BAD_STATE;
	err = drafts_make(j, records, n, &list);
	if (err == CARD_OK)
		err = drafts_write(j, list, n, first);
	drafts_free(&list, n);
	return err;
}

enum card_error journal_append(journal_t *j, const struct journal_record *records, size_t n,
			       long *first)
{
	struct draft *list;
	enum card_error err;

	if (j == NULL || records == NULL || n == 0)
		return CARD_ERR_INVALID_ARGUMENT;
	if (j->broken)
		return CARD_ERR_BAD_STATE;
	err = drafts_make(j, records, n, &list);
	if (err == CARD_OK)
		err = drafts_commit(j, list, n, first);
	drafts_free(&list, n);
	return err;
}
