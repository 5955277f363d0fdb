/* SPDX-License-Identifier: Apache-2.0 */
/* operator_rights.c — rights and reviews (rules R6-37…R6-39). */
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

static bool right_valid(const char *what, const char *right)
{
	static const char *const rights[] = {"inquiry", "update", "number"};
	bool known = false;

	for (size_t i = 0; right != NULL && i < 3; i++)
		known = known || strcmp(rights[i], right) == 0;
	return known && what != NULL && strlen(what) < 80 &&
	       (strcmp(what, "*") == 0 || strncmp(what, "procedure:", 10) == 0 ||
		strncmp(what, "purpose:", 8) == 0);
}

/* The very first administrator may be given rights by nobody but the set-up itself: the account that
 * was made by it, once. */
static bool by_setup(flow_store_t *store, const char *operator_id, const char *by)
{
	struct flow_operator o;

	return strcmp(by, "setup") == 0 && flow_operator_get(store, operator_id, &o) == CARD_OK &&
	       strcmp(o.granted_by, "setup") == 0;
}

enum card_error flow_right_grant(flow_store_t *store, journal_t *j, const char *operator_id,
				 const char *what, const char *right, const char *by)
{
	const char *params[] = {operator_id, what, right, by};
	struct flow_operator o;
	char about[128];
	enum card_error err;

	if (store == NULL || operator_id == NULL || by == NULL || !right_valid(what, right))
		return CARD_ERR_INVALID_ARGUMENT;
	snprintf(about, sizeof about, "%s %s %s", operator_id, right, what);
	err = flow_operator_get(store, operator_id, &o);
	if (err != CARD_OK)
		return err;
	if (!by_setup(store, operator_id, by) &&
	    (strcmp(operator_id, by) == 0 || !operator_has_role(store, by, "security"))) {
		err = operator_note(store, j, "right-granted", JOURNAL_REFUSED, by, about,
				    "granter_is_applicant_or_no_role");
		return err == CARD_OK ? CARD_ERR_DENIED : err;
	}
	err = operator_note(store, j, "right-granted", JOURNAL_OK, by, about, "");
	if (err == CARD_OK)
		err = flow_store_run(store,
				     "INSERT INTO operator_right (operator, what, right_name,"
				     " granted_by) VALUES ($1, $2, $3, $4)"
				     " ON CONFLICT DO NOTHING",
				     params, 4, NULL, NULL);
	return err;
}

enum card_error flow_right_revoke(flow_store_t *store, journal_t *j, const char *operator_id,
				  const char *what, const char *right, const char *by)
{
	const char *params[] = {operator_id, what, right};
	char about[128];
	enum card_error err;

	if (store == NULL || operator_id == NULL || by == NULL || !right_valid(what, right))
		return CARD_ERR_INVALID_ARGUMENT;
	if (!operator_has_role(store, by, "security"))
		return CARD_ERR_DENIED;
	snprintf(about, sizeof about, "%s %s %s", operator_id, right, what);
	err = operator_note(store, j, "right-revoked", JOURNAL_OK, by, about, "");
	if (err == CARD_OK)
		err = flow_store_run(store,
				     "DELETE FROM operator_right WHERE operator = $1 AND what = $2"
				     " AND right_name = $3",
				     params, 3, NULL, NULL);
	return err == CARD_OK && flow_store_changes(store) == 0 ? CARD_ERR_NOT_FOUND : err;
}

bool flow_right_held(flow_store_t *store, const char *operator_id, const char *what,
		     const char *right)
{
	const char *params[] = {operator_id, what, right};
	bool held = false;

	return store != NULL && operator_id != NULL && right_valid(what, right) &&
	       flow_store_run(store,
			      "SELECT 1 FROM operator_right WHERE operator = $1"
			      " AND (what = $2 OR what = '*') AND right_name = $3 LIMIT 1",
			      params, 3, found, &held) == CARD_OK &&
	       held;
}

struct right_listing {
	flow_right_fn fn;
	void *ctx;
};

static enum card_error give_right(void *ctx, const char *const *column, size_t n)
{
	const struct right_listing *l = ctx;

	return n == 4 ? l->fn(l->ctx, column[0], column[1], column[2], column[3])
		      : CARD_ERR_MALFORMED;
}

enum card_error flow_right_list(flow_store_t *store, const char *operator_id, flow_right_fn fn,
				void *ctx)
{
	const char *params[] = {operator_id != NULL ? operator_id : ""};
	struct right_listing l = {fn, ctx};

	if (store == NULL || fn == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	return flow_store_run(store,
			      "SELECT operator, what, right_name, granted_by FROM operator_right"
			      " WHERE $1 = '' OR operator = $1 ORDER BY operator, what, right_name",
			      params, 1, give_right, &l);
}

enum card_error flow_operator_reviewed(flow_store_t *store, journal_t *j, const char *id,
				       const char *by, struct card_date today)
{
	char day[11];
	const char *params[] = {id, day};
	struct flow_operator o;
	enum card_error err;

	if (store == NULL || id == NULL || by == NULL || !card_date_valid(today))
		return CARD_ERR_INVALID_ARGUMENT;
	if (strcmp(id, by) == 0 || !operator_has_role(store, by, "security"))
		return CARD_ERR_DENIED;
	err = flow_operator_get(store, id, &o);
	if (err != CARD_OK)
		return err;
	card_date_format(today, day);
	err = operator_note(store, j, "operator-changed", JOURNAL_OK, by, id, "reviewed");
	if (err == CARD_OK)
		err = flow_store_run(store, "UPDATE operator SET reviewed = $2 WHERE id = $1",
				     params, 2, NULL, NULL);
	return err;
}

struct late {
	struct card_date today;
	flow_operator_fn fn;
	void *ctx;
};

static enum card_error give_late(void *ctx, const struct flow_operator *o)
{
	static const char *const privileged[] = {"security", "network", "supervisor", "backup",
						 "sysadmin"};
	const struct late *l = ctx;
	int months = 3;

	for (size_t i = 0; i < sizeof privileged / sizeof *privileged; i++) {
		if (flow_list_has(o->roles, privileged[i]))
			months = 1;
	}
	if (o->state != FLOW_OPERATOR_ACTIVE ||
	    card_date_compare(l->today, flow_months_add(o->reviewed, months)) <= 0)
		return CARD_OK;
	return l->fn(l->ctx, o);
}

enum card_error flow_operator_overdue(flow_store_t *store, struct card_date today,
				      flow_operator_fn fn, void *ctx)
{
	struct late l = {today, fn, ctx};

	if (fn == NULL || !card_date_valid(today))
		return CARD_ERR_INVALID_ARGUMENT;
	return flow_operator_list(store, give_late, &l);
}
