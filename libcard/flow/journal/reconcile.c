/* SPDX-License-Identifier: Apache-2.0 */
/* reconcile.c — the register of terminal use against the journal (rules 7.3, PD-36). */
#include "ledger_internal.h"

#include <stdlib.h>
#include <string.h>

#define TOLERANCE_MAX 10 /* PD-36 */

enum kind {
	LEDGER_WITHOUT_LOG,
	LOG_WITHOUT_LEDGER,
	OUTSIDE_INTERVAL,
	OPERATOR_MISMATCH,
	MISSING_LEDGER,
	OVERLAP
};

static const char *const kinds[] = {"ledger_without_log", "log_without_ledger", "outside_interval",
				    "operator_mismatch",  "missing_ledger",     "overlap"};

struct work {
	const struct journal_ledger_scope *scope;
	struct ledger_entry *entry; /* those in scope */
	size_t entries;
	struct journal_finding *found;
	size_t n, cap;
	char from[11], to[11];
};

static bool in_scope(const struct work *w, const char *terminal, const char *day)
{
	return (w->scope->terminal == NULL || *w->scope->terminal == '\0' ||
		strcmp(w->scope->terminal, terminal) == 0) &&
	       strcmp(day, w->from) >= 0 && strcmp(day, w->to) <= 0;
}

static struct journal_finding *new_finding(struct work *w, enum kind kind)
{
	struct journal_finding *f;

	if (w->n == w->cap) {
		struct journal_finding *more = realloc(w->found, (w->cap * 2 + 16) * sizeof *more);

		if (more == NULL)
			return NULL;
		w->found = more;
		w->cap = w->cap * 2 + 16;
	}
	f = &w->found[w->n++];
	memset(f, 0, sizeof *f);
	f->kind = kinds[kind];
	return f;
}

/* Records of one operator, day and kind are one finding. */
static enum card_error note_record(struct work *w, enum kind kind, const struct journal_entry *e,
				   const char *other)
{
	struct journal_finding *f = NULL;

	for (size_t i = w->n; i > 0 && f == NULL; i--) {
		struct journal_finding *one = &w->found[i - 1];

		if (strcmp(one->kind, kinds[kind]) == 0 &&
		    strcmp(one->terminal, e->terminal) == 0 && strncmp(one->day, e->end, 10) == 0 &&
		    strcmp(one->other, other) == 0 &&
		    (kind == MISSING_LEDGER || strcmp(one->operator_id, e->operator_id) == 0))
			f = one;
	}
	if (f == NULL) {
		f = new_finding(w, kind);
		if (f == NULL)
			return CARD_ERR_NO_MEMORY;
		snprintf(f->day, sizeof f->day, "%.10s", e->end);
		snprintf(f->terminal, sizeof f->terminal, "%.40s", e->terminal);
		if (kind != MISSING_LEDGER)
			snprintf(f->operator_id, sizeof f->operator_id, "%.32s", e->operator_id);
		snprintf(f->other, sizeof f->other, "%.40s", other);
		snprintf(f->from, sizeof f->from, "%.5s", e->end + 11);
		f->first = e->seq;
	}
	f->records++;
	f->last = e->seq;
	snprintf(f->to, sizeof f->to, "%.5s", e->end + 11);
	return CARD_OK;
}

static enum card_error take(void *ctx, const struct journal_entry *e)
{
	struct work *w = ctx;
	const struct ledger_entry *of_another = NULL;
	bool page = false, own = false, inside = false;
	char day[11];
	int at;

	if (!ledger_counts(e))
		return CARD_OK;
	snprintf(day, sizeof day, "%.10s", e->end);
	if (!in_scope(w, e->terminal, day))
		return CARD_OK;
	at = 60 * (int)strtol(e->end + 11, NULL, 10) + (int)strtol(e->end + 14, NULL, 10);
	for (size_t i = 0; i < w->entries; i++) {
		struct ledger_entry *l = &w->entry[i];
		bool mine, covers;

		if (strcmp(l->terminal, e->terminal) != 0 || strcmp(l->day, day) != 0)
			continue;
		page = true;
		mine = strcmp(l->operator_id, e->operator_id) == 0;
		own = own || mine;
		covers = at >= l->start - w->scope->tolerance && at <= l->end + w->scope->tolerance;
		inside = inside || (mine && covers);
		l->used = l->used || covers;
		if (covers && !mine)
			of_another = l;
	}
	if (inside)
		return CARD_OK;
	if (!page)
		return note_record(w, MISSING_LEDGER, e, "");
	if (own)
		return note_record(w, OUTSIDE_INTERVAL, e, "");
	return of_another != NULL ? note_record(w, OPERATOR_MISMATCH, e, of_another->operator_id)
				  : note_record(w, LOG_WITHOUT_LEDGER, e, "");
}

static void clock_text(int minutes, char out[6])
{
	const int h = minutes / 60, m = minutes % 60;

	out[0] = (char)('0' + h / 10);
	out[1] = (char)('0' + h % 10);
	out[2] = ':';
	out[3] = (char)('0' + m / 10);
	out[4] = (char)('0' + m % 10);
	out[5] = '\0';
}

static void from_entry(struct journal_finding *f, const struct ledger_entry *l)
{
	memcpy(f->day, l->day, sizeof f->day);
	memcpy(f->terminal, l->terminal, sizeof f->terminal);
	memcpy(f->operator_id, l->operator_id, sizeof f->operator_id);
	f->line = l->line;
	clock_text(l->start, f->from);
	clock_text(l->end, f->to);
}

/* One person at two places. */
static enum card_error overlaps(struct work *w)
{
	for (size_t i = 0; i < w->entries; i++) {
		const struct ledger_entry *a = &w->entry[i];

		for (size_t k = i + 1; k < w->entries; k++) {
			const struct ledger_entry *b = &w->entry[k];
			struct journal_finding *f;

			if (strcmp(a->operator_id, b->operator_id) != 0 ||
			    strcmp(a->day, b->day) != 0 || strcmp(a->terminal, b->terminal) == 0 ||
			    a->start > b->end || b->start > a->end)
				continue;
			f = new_finding(w, OVERLAP);
			if (f == NULL)
				return CARD_ERR_NO_MEMORY;
			from_entry(f, b);
			memcpy(f->other, a->terminal, sizeof f->other);
		}
	}
	return CARD_OK;
}

static enum card_error unused(struct work *w)
{
	for (size_t i = 0; i < w->entries; i++) {
		struct journal_finding *f;

		if (w->entry[i].used)
			continue;
		f = new_finding(w, LEDGER_WITHOUT_LOG);
		if (f == NULL)
			return CARD_ERR_NO_MEMORY;
		from_entry(f, &w->entry[i]);
	}
	return CARD_OK;
}

static int by_day(const void *pa, const void *pb)
{
	const struct journal_finding *a = pa, *b = pb;
	int order = strcmp(a->day, b->day);

	if (order == 0)
		order = strcmp(a->terminal, b->terminal);
	if (order == 0)
		order = strcmp(a->kind, b->kind);
	if (order == 0)
		order = strcmp(a->from, b->from);
	return order != 0 ? order : strcmp(a->operator_id, b->operator_id);
}

static bool day_valid(const char *text)
{
	struct card_date d;

	return text == NULL || (card_date_parse(card_bytes(text, strlen(text)), &d) == CARD_OK &&
				strlen(text) == 10);
}

/* The days of the scope, and copies of the entries in it. */
static enum card_error prepare(struct work *w, const journal_ledger_t *l)
{
	snprintf(w->from, sizeof w->from, "%s",
		 w->scope->from != NULL ? w->scope->from : "9999-12-31");
	snprintf(w->to, sizeof w->to, "%s", w->scope->to != NULL ? w->scope->to : "0001-01-01");
	for (size_t i = 0; i < l->n; i++) {
		if (w->scope->from == NULL && strcmp(l->entry[i].day, w->from) < 0)
			memcpy(w->from, l->entry[i].day, sizeof w->from);
		if (w->scope->to == NULL && strcmp(l->entry[i].day, w->to) > 0)
			memcpy(w->to, l->entry[i].day, sizeof w->to);
	}
	w->entry = calloc(l->n + 1, sizeof *w->entry);
	if (w->entry == NULL)
		return CARD_ERR_NO_MEMORY;
	for (size_t i = 0; i < l->n; i++) {
		if (in_scope(w, l->entry[i].terminal, l->entry[i].day))
			w->entry[w->entries++] = l->entry[i];
	}
	return CARD_OK;
}

enum card_error journal_reconcile(flow_store_t *store, const journal_ledger_t *l,
				  const struct journal_ledger_scope *scope, journal_finding_fn fn,
				  void *ctx)
{
	struct work w = {.scope = scope};
	struct journal_filter f = {.terminal = NULL};
	enum card_error err;

	if (store == NULL || l == NULL || scope == NULL || fn == NULL || scope->tolerance < 0 ||
	    scope->tolerance > TOLERANCE_MAX || !day_valid(scope->from) || !day_valid(scope->to))
		return CARD_ERR_INVALID_ARGUMENT;
	err = prepare(&w, l);
	f.terminal = scope->terminal;
	f.from = w.from;
	f.to = w.to;
	if (err == CARD_OK)
		err = journal_read(store, &f, take, &w);
	if (err == CARD_OK)
		err = unused(&w);
	if (err == CARD_OK)
		err = overlaps(&w);
	if (err == CARD_OK && w.n > 1)
		qsort(w.found, w.n, sizeof *w.found, by_day);
	for (size_t i = 0; i < w.n && err == CARD_OK; i++)
		err = fn(ctx, &w.found[i]);
	free(w.entry);
	free(w.found);
	return err;
}
