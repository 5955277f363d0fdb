/* SPDX-License-Identifier: Apache-2.0 */
/* sweep.c — what time alone does: silent terminals, the end of the day, issue records on their way. */
#include "exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AT_ONCE 64u

struct list {
	struct center *c;
	int64_t now;
	char day[11];
	char id[AT_ONCE][33];
	size_t n;
};

static enum card_error collect(void *ctx, const char *const *column, size_t n)
{
	struct list *l = ctx;

	(void)n;
	if (l->n < AT_ONCE)
		snprintf(l->id[l->n++], sizeof l->id[0], "%s", column[0]);
	return CARD_OK;
}

static enum card_error find_due(void *ctx, flow_store_t *db)
{
	struct list *l = ctx;

	l->n = 0;
	return flow_issue_due(db, l->now, AT_ONCE, collect, l);
}

static enum card_error find_over(void *ctx, flow_store_t *db)
{
	struct list *l = ctx;

	l->n = 0;
	return flow_issue_day_over(db, l->day, AT_ONCE, collect, l);
}

struct one {
	struct center *c;
	const char *id;
	int64_t now;
	bool day_over;
	bool moved;
};

static enum card_error move(void *ctx, flow_store_t *db)
{
	struct one *o = ctx;
	struct flow_issue_row *row = malloc(sizeof *row);
	enum flow_issue_event event = FLOW_ISSUE_ON_IDLE;
	char today[11];
	enum card_error err =
		row != NULL ? flow_issue_row_load(db, o->id, true, row) : CARD_ERR_NO_MEMORY;

	o->moved = false;
	card_date_format(card_date_in_japan(o->now), today);
	/* Another process was first, or the terminal spoke in the meantime. */
	if (err == CARD_OK && (o->day_over ? strcmp(row->day, today) >= 0
					   : row->deadline == 0 || row->deadline > o->now)) {
		free(row);
		return CARD_OK;
	}
	if (err == CARD_OK && o->day_over &&
	    flow_issue_find(row->t.state, FLOW_ISSUE_ON_DAY_ENDED, row->t.resumed) != NULL)
		event = FLOW_ISSUE_ON_DAY_ENDED;
	else if (err == CARD_OK &&
		 (row->t.state == FLOW_ISSUE_PAID || row->t.state == FLOW_ISSUE_RESUMED))
		event = FLOW_ISSUE_ON_NO_PERMIT;
	if (err == CARD_OK)
		err = center_step(o->c, db, row, event, NULL, o->now);
	o->moved = err == CARD_OK;
	free(row);
	return err;
}

static size_t move_all(struct list *l, bool day_over)
{
	size_t moved = 0;

	for (size_t i = 0; i < l->n; i++) {
		struct one o = {l->c, l->id[i], l->now, day_over, false};

		if (flow_issue_store_work(l->c->store, move, &o) == CARD_OK && o.moved)
			moved++;
	}
	return moved;
}

/* ---- issue records ---- */

struct record {
	struct center *c;
	long number;
	char id[33], municipality[6];
	char *body;
	int64_t at;
	bool told;
};

struct records {
	struct record record[AT_ONCE];
	size_t n;
	int64_t now;
};

static enum card_error take_record(void *ctx, const char *const *column, size_t n)
{
	struct records *r = ctx;
	struct record *one = &r->record[r->n];

	(void)n;
	one->number = strtol(column[0], NULL, 10);
	snprintf(one->id, sizeof one->id, "%s", column[1]);
	snprintf(one->municipality, sizeof one->municipality, "%s", column[2]);
	one->body = strdup(column[3]);
	r->n += one->body != NULL && r->n + 1 < AT_ONCE;
	return CARD_OK;
}

static enum card_error find_records(void *ctx, flow_store_t *db)
{
	struct records *r = ctx;

	return flow_issue_outbox(db, r->now, AT_ONCE - 1, take_record, r);
}

static enum card_error settle_record(void *ctx, flow_store_t *db)
{
	struct record *r = ctx;

	return r->told ? flow_issue_outbox_done(db, r->number)
		       : flow_issue_outbox_later(db, r->number, r->at);
}

static void tell_issuers(struct center *c, int64_t now)
{
	struct records *r = calloc(1, sizeof *r);
	struct center_rules *rules;
	struct flow_issue_municipality m;

	if (r == NULL)
		return;
	r->now = now;
	(void)flow_issue_store_read(c->store, find_records, r);
	rules = center_rules_take(c);
	for (size_t i = 0; i < r->n; i++) {
		struct record *one = &r->record[i];

		one->c = c;
		one->at = now + 30;
		one->told = flow_issue_catalogue_municipality(rules->catalogue, one->municipality,
							      card_date_in_japan(now), &m) &&
			    center_tell(c, &m, one->id, one->body) == CARD_OK;
		(void)flow_issue_store_work(c->store, settle_record, one);
		free(one->body);
	}
	center_rules_give(c, rules);
	free(r);
}

size_t center_sweep(struct center *c)
{
	struct list *l = calloc(1, sizeof *l);
	size_t moved = 0;

	if (l == NULL)
		return 0;
	l->c = c;
	l->now = center_now(c);
	card_date_format(card_date_in_japan(l->now), l->day);
	if (flow_issue_store_read(c->store, find_due, l) == CARD_OK)
		moved += move_all(l, false);
	if (flow_issue_store_read(c->store, find_over, l) == CARD_OK)
		moved += move_all(l, true);
	free(l);
	return moved;
}

void center_deliver_records(struct center *c)
{
	tell_issuers(c, center_now(c));
}

struct step {
	struct center *c;
	int64_t now;
};

static enum card_error note_step(void *ctx, flow_store_t *db)
{
	struct step *s = ctx;

	return flow_issue_event_add(db, "", s->now, s->c->config.name, "clock-step", NULL,
				    s->c->config.name);
}

void center_watch_clock(struct center *c, int64_t *last)
{
	struct step s = {c, center_now(c)};

	if (*last - s.now > 1)
		(void)flow_issue_store_work(c->store, note_step, &s);
	*last = s.now;
}
