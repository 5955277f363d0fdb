/* SPDX-License-Identifier: Apache-2.0 */
/* desk.h — a counter with its store, journal, operators and terminal, for the tests of the flow. */
#ifndef DESK_H
#define DESK_H

#include "test.h"
#include "tree.h"

#include <stdio.h>
#include <stdlib.h>

#include <cardflow/operator.h>
#include <cardflow/seal.h>

#define DESK_NOW      1775001600 /* 2026-04-01 09:00 in Japan */
#define DESK_PASSWORD "hanabi-2026"

struct desk {
	char folder[64], path[256], recipients[128];
	flow_store_t *store;
	journal_t *journal;
	int64_t now;
};

static inline int64_t desk_clock(void *ctx)
{
	return ((struct desk *)ctx)->now;
}

static inline card_secret_t *desk_secret(const char *text)
{
	card_secret_t *s = NULL;

	assert_ok(card_secret_new(&s));
	assert_ok(card_secret_set(s, card_bytes(text, strlen(text))));
	return s;
}

static inline struct card_date desk_today(const struct desk *d)
{
	return card_date_in_japan(d->now);
}

/* An account with training; by NULL: the first one. */
static inline enum card_error desk_add(struct desk *d, const char *id, const char *roles,
				       const char *by)
{
	struct flow_operator o = {.training = {2026, 4, 1}};
	card_secret_t *p = desk_secret(DESK_PASSWORD);
	enum card_error err;

	snprintf(o.id, sizeof o.id, "%s", id);
	snprintf(o.person, sizeof o.person, "person %s", id);
	snprintf(o.roles, sizeof o.roles, "%s", roles);
	snprintf(o.organ, sizeof o.organ, "市民課");
	err = flow_operator_add(d->store, d->journal, &o, p, by, desk_today(d));
	card_secret_free(&p);
	return err;
}

/* where NULL: a SQLite file of its own; else an empty database (store.h). */
static inline void desk_start_at(struct desk *d, const char *where)
{
	const struct journal_options opt = {.terminal = "T1",
					    .program = "test 1",
					    .recipients = d->recipients,
					    .clock = desk_clock,
					    .clock_ctx = d};
	card_secret_t *p = desk_secret("audit pass");

	memset(d, 0, sizeof *d);
	d->now = DESK_NOW;
	tree_scratch(d->folder);
	if (where != NULL)
		snprintf(d->path, sizeof d->path, "%s", where);
	else
		snprintf(d->path, sizeof d->path, "%s/desk.db", d->folder);
	snprintf(d->recipients, sizeof d->recipients, "%s/audit.pem", d->folder);
	assert_ok(journal_seal_make(d->folder, "audit", p));
	card_secret_free(&p);
	assert_ok(flow_store_open(&d->store, d->path, FLOW_STORE_CREATE, NULL));
	assert_ok(journal_setup(d->store, NULL));
	assert_ok(flow_operators_setup(d->store));
	assert_ok(journal_open(&d->journal, d->store, &opt, NULL));
	assert_ok(desk_add(d, "kanri", "security;operator", NULL));
	assert_ok(flow_terminal_allow(d->store, d->journal, "T1", "市民課", "kanri"));
}

static inline void desk_start(struct desk *d)
{
	desk_start_at(d, NULL);
}

static inline void desk_stop(struct desk *d)
{
	journal_close(&d->journal);
	flow_store_close(&d->store);
	tree_scratch_remove(d->folder);
}

static inline enum flow_login desk_login(struct desk *d, const char *terminal, const char *id,
					 const char *password, char token[FLOW_SESSION_TOKEN + 1])
{
	card_secret_t *p = desk_secret(password);
	enum flow_login why = FLOW_LOGIN_NO_SESSION;
	const enum card_error err =
		flow_login(d->store, d->journal, terminal, id, p, NULL, NULL, d->now, token, &why);

	card_secret_free(&p);
	assert_int_equal(err, why == FLOW_LOGIN_OK ? CARD_OK : CARD_ERR_DENIED);
	return why;
}

struct desk_seen {
	size_t n;
	char code[320], operator_id[64], reason[2048], event[32], phase[16], result[16],
		related[48];
};

static inline enum card_error desk_take(void *ctx, const struct journal_entry *e)
{
	struct desk_seen *s = ctx;

	s->n++;
	snprintf(s->code, sizeof s->code, "%s", e->code);
	snprintf(s->operator_id, sizeof s->operator_id, "%s", e->operator_id);
	snprintf(s->reason, sizeof s->reason, "%s", e->reason);
	snprintf(s->event, sizeof s->event, "%s", e->event);
	snprintf(s->phase, sizeof s->phase, "%s", e->phase);
	snprintf(s->result, sizeof s->result, "%s", e->result);
	snprintf(s->related, sizeof s->related, "%s", e->related);
	return CARD_OK;
}

/* How often an event stands in the journal, and the last of them. event NULL: any. */
static inline struct desk_seen desk_journal(struct desk *d, const char *event)
{
	const struct journal_filter f = {.event = event};
	struct desk_seen s = {.n = 0};

	assert_ok(journal_read(d->store, &f, desk_take, &s));
	return s;
}

#endif
