/* SPDX-License-Identifier: Apache-2.0 */
/* store_stop.c — 緊急停止: asked for by one person, agreed to by another. */
#include "store_internal.h"

#include <string.h>

static enum card_error found(void *ctx, const char *const *column, size_t n)
{
	(void)column;
	(void)n;
	*(bool *)ctx = true;
	return CARD_OK;
}

enum card_error flow_issue_stopped(flow_store_t *db, const char *municipality, const char *kind,
				   const char *terminal, bool *out)
{
	const char *const params[] = {municipality, kind, terminal};

	*out = false;
	return flow_store_run(
		db,
		"SELECT 1 FROM issue_stop WHERE scope = 'all'"
		" OR (scope = 'municipality' AND value = $1)"
		" OR (scope = 'kind' AND value = $2) OR (scope = 'terminal' AND value = $3)",
		params, 3, found, out);
}

enum card_error flow_issue_admin_ask(flow_store_t *db, const char *request, const char *action,
				     const char *scope, const char *value, const char *reason,
				     const char *person, int64_t now)
{
	static const char *const scopes[] = {"all", "municipality", "kind", "terminal"};
	struct number n;
	const char *const params[] = {
		request, action, scope, value, reason, person, number_text(&n, now)};
	bool known = false;

	for (size_t i = 0; i < 4; i++)
		known |= strcmp(scope, scopes[i]) == 0;
	if (!known || (strcmp(action, "stop") != 0 && strcmp(action, "resume") != 0) ||
	    (strcmp(scope, "all") == 0) != (value[0] == '\0') || reason[0] == '\0' ||
	    person[0] == '\0')
		return CARD_ERR_INVALID_ARGUMENT;
	return flow_store_run(
		db,
		"INSERT INTO issue_admin (request, action, scope, value, reason, asked_by,"
		" asked) VALUES ($1,$2,$3,$4,$5,$6,$7)",
		params, 7, NULL, NULL);
}

struct request {
	char action[17], scope[17], value[41], reason[301], asked_by[61];
	bool agreed, found;
};

static enum card_error take_request(void *ctx, const char *const *c, size_t n)
{
	struct request *r = ctx;

	(void)n;
	take_text(r->action, sizeof r->action, c[0]);
	take_text(r->scope, sizeof r->scope, c[1]);
	take_text(r->value, sizeof r->value, c[2]);
	take_text(r->reason, sizeof r->reason, c[3]);
	take_text(r->asked_by, sizeof r->asked_by, c[4]);
	r->agreed = c[5] != NULL;
	r->found = true;
	return CARD_OK;
}

enum card_error flow_issue_admin_agree(flow_store_t *db, const char *request, const char *person,
				       int64_t now)
{
	struct request r = {0};
	struct number n;
	const char *const agree[] = {request, person, number_text(&n, now)};
	const char *stop[] = {r.scope, r.value, agree[2], r.reason};
	enum card_error err =
		flow_store_run(db,
			       "SELECT action, scope, value, reason, asked_by, agreed_by"
			       " FROM issue_admin WHERE request = $1",
			       &request, 1, take_request, &r);

	if (err == CARD_OK && !r.found)
		return CARD_ERR_NOT_FOUND;
	if (err == CARD_OK && strcmp(r.asked_by, person) == 0)
		return CARD_ERR_DENIED;
	if (err == CARD_OK)
		err = flow_store_run(db,
				     "UPDATE issue_admin SET agreed_by = $2, agreed = $3"
				     " WHERE request = $1 AND agreed_by IS NULL",
				     agree, 3, NULL, NULL);
	if (err == CARD_OK && flow_store_changes(db) != 1)
		return CARD_ERR_BAD_STATE;
	if (err != CARD_OK)
		return err;
	if (strcmp(r.action, "resume") == 0)
		return flow_store_run(db, "DELETE FROM issue_stop WHERE scope = $1 AND value = $2",
				      stop, 2, NULL, NULL);
	return flow_store_run(
		db,
		"INSERT INTO issue_stop (scope, value, since, reason) VALUES ($1,$2,$3,$4)"
		" ON CONFLICT (scope, value) DO NOTHING",
		stop, 4, NULL, NULL);
}
