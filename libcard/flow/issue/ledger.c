/* SPDX-License-Identifier: Apache-2.0 */
/* ledger.c — the issue record. */
#include <cardflow/issue_ledger.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS                                                                                    \
	"txn, attempt, request, received, kind, options, method, atena, member, outcome, why,"     \
	" concerned, detail, tries_left, digest, pages, terminal, state, copies, changed"
#define COLUMN_COUNT 20

enum card_error flow_ledger_setup(flow_store_t *store)
{
	return flow_store_script(
		store,
		"CREATE TABLE IF NOT EXISTS issue_record (txn TEXT NOT NULL, attempt INTEGER NOT NULL,"
		" request TEXT NOT NULL, received TEXT NOT NULL, kind TEXT NOT NULL, options TEXT NOT NULL,"
		" method TEXT NOT NULL, atena TEXT NOT NULL, member TEXT NOT NULL, outcome TEXT NOT NULL,"
		" why TEXT NOT NULL, concerned TEXT NOT NULL, detail TEXT NOT NULL,"
		" tries_left INTEGER NOT NULL, digest TEXT NOT NULL, pages INTEGER NOT NULL,"
		" terminal TEXT NOT NULL, state TEXT NOT NULL, copies TEXT NOT NULL, changed TEXT NOT NULL,"
		" PRIMARY KEY (txn, attempt));"
		"CREATE INDEX IF NOT EXISTS issue_record_received ON issue_record (received);"
		"CREATE TABLE IF NOT EXISTS issue_remade (txn TEXT NOT NULL, attempt INTEGER NOT NULL,"
		" digest TEXT NOT NULL, made_at TEXT NOT NULL, PRIMARY KEY (txn, attempt, digest));"
		"CREATE TABLE IF NOT EXISTS issue_kind_tries (atena TEXT NOT NULL, kind TEXT NOT NULL,"
		" tries INTEGER NOT NULL, PRIMARY KEY (atena, kind));"
		"CREATE TABLE IF NOT EXISTS issue_kind_attempt (txn TEXT NOT NULL,"
		" attempt INTEGER NOT NULL, had INTEGER NOT NULL, PRIMARY KEY (txn, attempt));"
		"CREATE TABLE IF NOT EXISTS issue_kind_set (atena TEXT NOT NULL, kind TEXT NOT NULL,"
		" operator TEXT NOT NULL, set_at TEXT NOT NULL);"
		"CREATE INDEX IF NOT EXISTS issue_kind_set_who ON issue_kind_set (atena, kind);");
}

static int number(const char *text)
{
	return (int)strtol(text, NULL, 10);
}

struct reading {
	flow_ledger_fn *fn;
	void *ctx;
};

static enum card_error take(void *ctx, const char *const *c, size_t n)
{
	const struct reading *r = ctx;
	struct flow_ledger_entry e;

	if (n != COLUMN_COUNT)
		return CARD_ERR_INTERNAL;
	for (size_t i = 0; i < n; i++) {
		if (c[i] == NULL)
			return CARD_ERR_MALFORMED;
	}
	e = (struct flow_ledger_entry){.transaction = c[0],
				       .attempt = number(c[1]),
				       .request = c[2],
				       .received = c[3],
				       .kind = c[4],
				       .options = c[5],
				       .method = c[6],
				       .atena = c[7],
				       .member = c[8],
				       .outcome = c[9],
				       .why = c[10],
				       .concerned = c[11],
				       .detail = c[12],
				       .tries_left = number(c[13]),
				       .digest = c[14],
				       .pages = number(c[15]),
				       .terminal = c[16],
				       .state = c[17],
				       .copies = c[18],
				       .changed = c[19]};
	return r->fn(r->ctx, &e);
}

enum card_error flow_ledger_find(flow_store_t *store, const char *transaction, int attempt,
				 flow_ledger_fn *fn, void *ctx)
{
	struct reading r = {fn, ctx};
	char number[16];
	const char *params[2] = {transaction, number};

	if (store == NULL || transaction == NULL || fn == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	snprintf(number, sizeof number, "%d", attempt);
	return flow_store_run(
		store, "SELECT " COLUMNS " FROM issue_record WHERE txn = $1 AND attempt = $2",
		params, 2, take, &r);
}

enum card_error flow_ledger_add(flow_store_t *store, const struct flow_ledger_entry *e)
{
	char attempt[16], tries[16], pages[16];
	const char *params[COLUMN_COUNT];

	if (store == NULL || e == NULL || e->transaction == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	snprintf(attempt, sizeof attempt, "%d", e->attempt);
	snprintf(tries, sizeof tries, "%d", e->tries_left);
	snprintf(pages, sizeof pages, "%d", e->pages);
	{
		const char *const values[COLUMN_COUNT] = {
			e->transaction, attempt,      e->request, e->received, e->kind,
			e->options,     e->method,    e->atena,   e->member,   e->outcome,
			e->why,         e->concerned, e->detail,  tries,       e->digest,
			pages,          e->terminal,  e->state,   e->copies,   e->changed};

		for (size_t i = 0; i < COLUMN_COUNT; i++)
			params[i] = values[i] != NULL ? values[i] : "";
	}
	return flow_store_run(store,
			      "INSERT INTO issue_record (" COLUMNS
			      ") VALUES ($1, $2, $3, $4, $5, $6, $7,"
			      " $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)",
			      params, COLUMN_COUNT, NULL, NULL);
}

enum card_error flow_ledger_remade(flow_store_t *store, const char *transaction, int attempt,
				   const char *digest, const char *when)
{
	char number[16];
	const char *params[4] = {transaction, number, digest, when};

	if (store == NULL || transaction == NULL || digest == NULL || when == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	snprintf(number, sizeof number, "%d", attempt);
	return flow_store_run(
		store,
		"INSERT INTO issue_remade (txn, attempt, digest, made_at)"
		" VALUES ($1, $2, $3, $4) ON CONFLICT (txn, attempt, digest) DO NOTHING",
		params, 4, NULL, NULL);
}

struct state {
	bool made, issued;
};

static enum card_error take_state(void *ctx, const char *const *c, size_t n)
{
	struct state *s = ctx;

	if (n != 1 || c[0] == NULL)
		return CARD_ERR_INTERNAL;
	s->made = true;
	s->issued = s->issued || strcmp(c[0], "issued") == 0;
	return CARD_OK;
}

static enum card_error change(flow_store_t *store, const char *const *params)
{
	struct state s = {false, false};
	enum card_error err = flow_store_run(
		store, "SELECT state FROM issue_record WHERE txn = $1 AND outcome = 'made'", params,
		1, take_state, &s);

	if (err != CARD_OK)
		return err;
	if (!s.made)
		return CARD_ERR_NOT_FOUND;
	if (s.issued && strcmp(params[1], "issued") != 0)
		return CARD_ERR_BAD_STATE;
	return flow_store_run(
		store,
		"UPDATE issue_record SET state = $2, copies = $3, changed = $4"
		" WHERE txn = $1 AND outcome = 'made' AND (state <> $2 OR copies <> $3)",
		params, 4, NULL, NULL);
}

enum card_error flow_ledger_status(flow_store_t *store, const char *transaction, const char *status,
				   const char *copies, const char *when)
{
	const char *params[4] = {transaction, status, copies, when};
	enum card_error err;

	if (store == NULL || transaction == NULL || status == NULL || copies == NULL ||
	    when == NULL ||
	    (strcmp(status, "issued") != 0 && strcmp(status, "withdrawn") != 0 &&
	     strcmp(status, "void") != 0))
		return CARD_ERR_INVALID_ARGUMENT;
	err = flow_store_begin(store);
	if (err != CARD_OK)
		return err;
	err = change(store, params);
	if (err == CARD_OK)
		err = flow_store_commit(store);
	if (err != CARD_OK)
		flow_store_rollback(store);
	return err;
}

enum card_error flow_ledger_day(flow_store_t *store, const char *day, bool refusals,
				flow_ledger_fn *fn, void *ctx)
{
	struct reading r = {fn, ctx};
	char from[40], to[40];
	const char *params[2] = {from, to};

	if (store == NULL || day == NULL || fn == NULL || strlen(day) != 10)
		return CARD_ERR_INVALID_ARGUMENT;
	/* Received times are Japan time: text order is time order. */
	snprintf(from, sizeof from, "%sT00:00:00", day);
	snprintf(to, sizeof to, "%sT24", day);
	return flow_store_run(
		store,
		refusals ? "SELECT " COLUMNS " FROM issue_record WHERE received >= $1 AND"
			   " received < $2 AND why NOT IN ('none', '')"
			   " ORDER BY received, txn, attempt"
			 : "SELECT " COLUMNS " FROM issue_record WHERE received >= $1 AND"
			   " received < $2 ORDER BY received, txn, attempt",
		params, 2, take, &r);
}
