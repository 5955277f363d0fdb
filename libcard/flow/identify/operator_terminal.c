/* SPDX-License-Identifier: Apache-2.0 */
/* operator_terminal.c — terminals that may be used, and the stop of them all (R6-53, PD-32). */
#include "operator_internal.h"

#include <stdio.h>
#include <string.h>

static enum card_error found(void *ctx, const char *const *column, size_t n)
{
	(void)column;
	(void)n;
	*(bool *)ctx = true;
	return CARD_OK;
}

bool flow_terminal_allowed(flow_store_t *store, const char *terminal)
{
	const char *params[] = {terminal};
	bool there = false;

	return terminal != NULL &&
	       flow_store_run(store, "SELECT 1 FROM terminal WHERE id = $1", params, 1, found,
			      &there) == CARD_OK &&
	       there;
}

static bool may_change(flow_store_t *store, const char *by)
{
	return operator_has_role(store, by, "security") || operator_has_role(store, by, "network");
}

enum card_error flow_terminal_allow(flow_store_t *store, journal_t *j, const char *terminal,
				    const char *organ, const char *by)
{
	const char *params[] = {terminal, organ, by};
	enum card_error err;

	if (store == NULL || terminal == NULL || *terminal == '\0' || strlen(terminal) > 40 ||
	    organ == NULL || by == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	if (!may_change(store, by))
		return CARD_ERR_DENIED;
	err = operator_note(store, j, "config-change", JOURNAL_OK, by, terminal,
			    "terminal_allowed");
	if (err == CARD_OK)
		err = flow_store_run(
			store,
			"INSERT INTO terminal (id, organ, allowed_by) VALUES ($1, $2, $3)"
			" ON CONFLICT DO NOTHING",
			params, 3, NULL, NULL);
	return err;
}

enum card_error flow_terminal_remove(flow_store_t *store, journal_t *j, const char *terminal,
				     const char *by)
{
	const char *params[] = {terminal};
	enum card_error err;

	if (store == NULL || terminal == NULL || by == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	if (!may_change(store, by))
		return CARD_ERR_DENIED;
	if (!flow_terminal_allowed(store, terminal))
		return CARD_ERR_NOT_FOUND;
	err = operator_note(store, j, "config-change", JOURNAL_OK, by, terminal,
			    "terminal_removed");
	if (err == CARD_OK)
		err = flow_store_run(store, "DELETE FROM terminal WHERE id = $1", params, 1, NULL,
				     NULL);
	return err;
}

struct listing {
	flow_terminal_fn fn;
	void *ctx;
};

static enum card_error give(void *ctx, const char *const *column, size_t n)
{
	const struct listing *l = ctx;

	return n == 3 ? l->fn(l->ctx, column[0], column[1], column[2]) : CARD_ERR_MALFORMED;
}

enum card_error flow_terminal_list(flow_store_t *store, flow_terminal_fn fn, void *ctx)
{
	struct listing l = {fn, ctx};

	if (store == NULL || fn == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	return flow_store_run(store, "SELECT id, organ, allowed_by FROM terminal ORDER BY id", NULL,
			      0, give, &l);
}

/* ---------------------------------------------------------------- emergency stop */

bool flow_stopped(flow_store_t *store)
{
	bool stopped = false;

	/* Who cannot be asked is taken for stopped. */
	return flow_store_run(store, "SELECT 1 FROM counter_stop WHERE lifted = 0", NULL, 0, found,
			      &stopped) != CARD_OK ||
	       stopped;
}

static enum card_error note_stop(flow_store_t *store, journal_t *j, const char *by,
				 const char *reason, const char *code)
{
	return operator_note(store, j, "emergency-stop", JOURNAL_OK, by, reason, code);
}

enum card_error flow_stop(flow_store_t *store, journal_t *j, const char *by, const char *reason,
			  int64_t now)
{
	char since[24];
	const char *params[] = {since, by};
	enum card_error err;

	if (store == NULL || j == NULL || by == NULL || reason == NULL || *reason == '\0')
		return CARD_ERR_INVALID_ARGUMENT;
	if (!may_change(store, by) && !operator_has_role(store, by, "supervisor"))
		return CARD_ERR_DENIED;
	if (flow_stopped(store))
		return CARD_ERR_BAD_STATE;
	snprintf(since, sizeof since, "%lld", (long long)now);
	/* The stop first: it must not fail because the journal does. */
	err = flow_store_run(store,
			     "INSERT INTO counter_stop (since, stopped_by, lifted)"
			     " VALUES ($1, $2, 0)",
			     params, 2, NULL, NULL);
	return err == CARD_OK ? note_stop(store, j, by, reason, "stop") : err;
}

enum card_error flow_stop_lift(flow_store_t *store, journal_t *j, const char *by,
			       const char *reason, int64_t now)
{
	char at[24];
	const char *params[] = {at};
	enum card_error err;

	if (store == NULL || j == NULL || by == NULL || reason == NULL || *reason == '\0')
		return CARD_ERR_INVALID_ARGUMENT;
	if (!operator_has_role(store, by, "security"))
		return CARD_ERR_DENIED;
	if (!flow_stopped(store))
		return CARD_ERR_BAD_STATE;
	snprintf(at, sizeof at, "%lld", (long long)now);
	err = note_stop(store, j, by, reason, "lift");
	if (err == CARD_OK)
		err = flow_store_run(store, "UPDATE counter_stop SET lifted = $1 WHERE lifted = 0",
				     params, 1, NULL, NULL);
	return err;
}
