/* SPDX-License-Identifier: Apache-2.0 */
#include <cardflow/check.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum card_error flow_checks_setup(flow_store_t *store)
{
	return flow_store_script(
		store,
		"CREATE TABLE IF NOT EXISTS identity_check (id TEXT NOT NULL, version BIGINT NOT NULL,"
		" procedure_id TEXT NOT NULL, organ TEXT NOT NULL, receiver TEXT NOT NULL,"
		" received TEXT NOT NULL, state TEXT NOT NULL, double_check TEXT NOT NULL,"
		" first_by TEXT NOT NULL, second_by TEXT NOT NULL, results TEXT NOT NULL,"
		" detail TEXT NOT NULL, PRIMARY KEY (id, version));");
}

#define COLUMNS                                                                                    \
	"id, version, procedure_id, organ, receiver, received, state, double_check, first_by,"     \
	" second_by, results, detail"

enum card_error flow_check_put(flow_store_t *store, const struct flow_check_record *r)
{
	char version[24], received[11];
	const char *params[] = {r->id,       version,   r->procedure, r->organ,
				r->receiver, received,  r->state,     r->double_check,
				r->first,    r->second, r->results,   r->detail};

	snprintf(version, sizeof version, "%ld", r->version);
	card_date_format(r->received, received);
	return flow_store_run(store,
			      "INSERT INTO identity_check (" COLUMNS ") VALUES ($1, $2, $3, $4,"
			      " $5, $6, $7, $8, $9, $10, $11, $12)",
			      params, 12, NULL, NULL);
}

static void put(char *out, size_t room, const char *text)
{
	snprintf(out, room, "%s", text != NULL ? text : "");
}

static void from_row(const char *const *c, struct flow_check_record *r)
{
	memset(r, 0, sizeof *r);
	put(r->id, sizeof r->id, c[0]);
	r->version = c[1] != NULL ? strtol(c[1], NULL, 10) : 0;
	put(r->procedure, sizeof r->procedure, c[2]);
	put(r->organ, sizeof r->organ, c[3]);
	put(r->receiver, sizeof r->receiver, c[4]);
	if (c[5] != NULL)
		card_date_parse(card_bytes(c[5], strlen(c[5])), &r->received);
	put(r->state, sizeof r->state, c[6]);
	put(r->double_check, sizeof r->double_check, c[7]);
	put(r->first, sizeof r->first, c[8]);
	put(r->second, sizeof r->second, c[9]);
	put(r->results, sizeof r->results, c[10]);
	put(r->detail, sizeof r->detail, c[11]);
}

static enum card_error take(void *ctx, const char *const *column, size_t n)
{
	(void)n;
	from_row(column, ctx);
	return CARD_OK;
}

enum card_error flow_check_get(flow_store_t *store, const char *id, struct flow_check_record *out)
{
	const char *params[] = {id};
	enum card_error err;

	if (store == NULL || id == NULL || out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	memset(out, 0, sizeof *out);
	err = flow_store_run(store,
			     "SELECT " COLUMNS " FROM identity_check WHERE id = $1"
			     " ORDER BY version DESC LIMIT 1",
			     params, 1, take, out);
	return err == CARD_OK && out->id[0] == '\0' ? CARD_ERR_NOT_FOUND : err;
}

struct listing {
	flow_check_fn fn;
	void *ctx;
	const flow_calendar_t *calendar; /* overdue only */
	struct card_date today;
};

static enum card_error each(void *ctx, const char *const *column, size_t n)
{
	const struct listing *l = ctx;
	struct flow_check_record r;

	(void)n;
	from_row(column, &r);
	return l->fn(l->ctx, &r);
}

#define NEWEST " c.version = (SELECT max(d.version) FROM identity_check d WHERE d.id = c.id)"

enum card_error flow_check_list(flow_store_t *store, const char *state, flow_check_fn fn, void *ctx)
{
	struct listing l = {.fn = fn, .ctx = ctx};
	const char *params[] = {state != NULL ? state : ""};

	if (store == NULL || fn == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	return flow_store_run(store,
			      "SELECT " COLUMNS " FROM identity_check c WHERE" NEWEST
			      " AND ($1 = '' OR state = $1) ORDER BY received, id",
			      params, 1, each, &l);
}

static enum card_error each_open(void *ctx, const char *const *column, size_t n)
{
	const struct listing *l = ctx;
	struct flow_check_record r;
	struct card_date limit;

	(void)n;
	from_row(column, &r);
	limit = flow_calendar_next(l->calendar, r.organ, r.received);
	return card_date_compare(l->today, limit) > 0 ? l->fn(l->ctx, &r) : CARD_OK;
}

enum card_error flow_check_overdue(flow_store_t *store, const flow_calendar_t *calendar,
				   struct card_date today, flow_check_fn fn, void *ctx)
{
	struct listing l = {fn, ctx, calendar, today};

	if (store == NULL || fn == NULL || !card_date_valid(today))
		return CARD_ERR_INVALID_ARGUMENT;
	return flow_store_run(store,
			      "SELECT " COLUMNS " FROM identity_check c WHERE" NEWEST
			      " AND state NOT IN ('closed') ORDER BY received, id",
			      NULL, 0, each_open, &l);
}

/* The checker and the record; *code says why not. */
static enum card_error look(flow_store_t *store, const char *terminal, const char *token,
			    const char *id, int64_t now, struct flow_operator *who,
			    struct flow_check_record *r, const char **code)
{
	enum flow_login why;
	enum card_error err;

	if (store == NULL || terminal == NULL || id == NULL || code == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	*code = "ok";
	err = flow_session_check(store, terminal, token, now, who, NULL, &why);
	if (err != CARD_OK) {
		*code = flow_login_code(why);
		return err;
	}
	return flow_check_get(store, id, r);
}

static enum card_error refuse(journal_t *j, const struct flow_operator *who, const char *id,
			      const char *why, const char **code)
{
	const struct journal_record r = {.event = "check-reviewed",
					 .result = JOURNAL_REFUSED,
					 .operator_id = who->id,
					 .organ = who->organ,
					 .reason = id,
					 .code = why};
	const enum card_error err = journal_append(j, &r, 1, NULL);

	*code = why;
	return err == CARD_OK ? CARD_ERR_DENIED : err;
}

static enum card_error set_state(flow_store_t *store, journal_t *j, const struct flow_operator *who,
				 struct flow_check_record *r, const char *state, const char *reason)
{
	char version[24];
	const char *params[] = {r->id, version, state, r->first, r->second};
	const struct journal_record rec = {.event = "check-reviewed",
					   .result = JOURNAL_OK,
					   .operator_id = who->id,
					   .organ = who->organ,
					   .procedure = r->procedure,
					   .reason = reason,
					   .code = state};
	enum card_error err;

	snprintf(version, sizeof version, "%ld", r->version);
	err = journal_append(j, &rec, 1, NULL);
	if (err == CARD_OK)
		err = flow_store_run(store,
				     "UPDATE identity_check SET state = $3, first_by = $4,"
				     " second_by = $5 WHERE id = $1 AND version = $2",
				     params, 5, NULL, NULL);
	return err;
}

enum card_error flow_check_review(flow_store_t *store, journal_t *j, const char *terminal,
				  const char *token, const char *id, int64_t now, const char **code)
{
	const struct card_date today = card_date_in_japan(now);
	struct flow_operator who;
	struct flow_check_record r;
	enum card_error err = look(store, terminal, token, id, now, &who, &r, code);

	if (err != CARD_OK)
		return err;
	if (strcmp(who.id, r.receiver) == 0)
		return refuse(j, &who, id, "checker_is_receiver", code);
	if (strcmp(r.state, "received") == 0) {
		/* Somebody of another day cannot do the same-day check. */
		if (card_date_compare(today, r.received) != 0)
			return refuse(j, &who, id, "first_check_late", code);
		if (!flow_list_has(who.roles, "checker") && !flow_list_has(who.roles, "supervisor"))
			return refuse(j, &who, id, "not_checker", code);
		snprintf(r.first, sizeof r.first, "%s", who.id);
		return set_state(store, j, &who, &r,
				 strcmp(r.double_check, "next-day") == 0 ? "checked_same_day"
									 : "closed",
				 id);
	}
	if (strcmp(r.state, "checked_same_day") != 0)
		return refuse(j, &who, id, "first_check_missing", code);
	if (!flow_list_has(who.roles, "internal"))
		return refuse(j, &who, id, "not_internal_staff", code);
	if (card_date_compare(today, r.received) <= 0)
		return refuse(j, &who, id, "same_day", code);
	snprintf(r.second, sizeof r.second, "%s", who.id);
	err = set_state(store, j, &who, &r, "checked_next_day", id);
	return err == CARD_OK ? set_state(store, j, &who, &r, "closed", id) : err;
}

enum card_error flow_check_return(flow_store_t *store, journal_t *j, const char *terminal,
				  const char *token, const char *id, const char *reason,
				  int64_t now, const char **code)
{
	struct flow_operator who;
	struct flow_check_record r;
	enum card_error err;

	if (reason == NULL || *reason == '\0')
		return CARD_ERR_INVALID_ARGUMENT;
	err = look(store, terminal, token, id, now, &who, &r, code);
	if (err != CARD_OK)
		return err;
	if (strcmp(who.id, r.receiver) == 0)
		return refuse(j, &who, id, "checker_is_receiver", code);
	if (strcmp(r.state, "received") != 0 && strcmp(r.state, "checked_same_day") != 0)
		return CARD_ERR_BAD_STATE;
	return set_state(store, j, &who, &r, "returned", reason);
}

enum card_error flow_check_correct(flow_store_t *store, journal_t *j, const char *terminal,
				   const char *token, const char *id, const char *results,
				   const char *detail, int64_t now, const char **code)
{
	struct flow_operator who;
	struct flow_check_record r;
	enum card_error err = look(store, terminal, token, id, now, &who, &r, code);
	struct journal_record rec = {.event = "check-reviewed",
				     .result = JOURNAL_OK,
				     .operator_id = who.id,
				     .organ = who.organ,
				     .reason = id,
				     .code = "corrected"};

	if (err != CARD_OK)
		return err;
	if (results == NULL || detail == NULL || strcmp(r.state, "returned") != 0)
		return CARD_ERR_BAD_STATE;
	r.version++;
	snprintf(r.receiver, sizeof r.receiver, "%s", who.id);
	snprintf(r.results, sizeof r.results, "%s", results);
	snprintf(r.detail, sizeof r.detail, "%s", detail);
	snprintf(r.state, sizeof r.state, "received");
	r.first[0] = r.second[0] = '\0';
	r.received = card_date_in_japan(now);
	rec.procedure = r.procedure;
	err = journal_append(j, &rec, 1, NULL);
	return err == CARD_OK ? flow_check_put(store, &r) : err;
}
