/* SPDX-License-Identifier: Apache-2.0 */
/* operator.c — accounts. */
#include "operator_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char tables[] =
	"CREATE TABLE IF NOT EXISTS operator (id TEXT PRIMARY KEY, person TEXT NOT NULL UNIQUE,"
	" roles TEXT NOT NULL, organ TEXT NOT NULL, granted_by TEXT NOT NULL, password TEXT NOT NULL,"
	" history TEXT NOT NULL, changed TEXT NOT NULL, training TEXT NOT NULL, valid_from TEXT NOT NULL,"
	" valid_to TEXT NOT NULL, state TEXT NOT NULL, failures BIGINT NOT NULL, reviewed TEXT NOT NULL);"
	"CREATE TABLE IF NOT EXISTS operator_session (token TEXT PRIMARY KEY, operator TEXT NOT NULL,"
	" terminal TEXT NOT NULL, started BIGINT NOT NULL, seen BIGINT NOT NULL, strong TEXT NOT NULL,"
	" ended BIGINT NOT NULL);"
	"CREATE TABLE IF NOT EXISTS operator_right (operator TEXT NOT NULL, what TEXT NOT NULL,"
	" right_name TEXT NOT NULL, granted_by TEXT NOT NULL,"
	" PRIMARY KEY (operator, what, right_name));"
	"CREATE TABLE IF NOT EXISTS terminal (id TEXT PRIMARY KEY, organ TEXT NOT NULL,"
	" allowed_by TEXT NOT NULL);"
	"CREATE TABLE IF NOT EXISTS counter_stop (since BIGINT PRIMARY KEY, stopped_by TEXT NOT NULL,"
	" lifted BIGINT NOT NULL);";

enum card_error flow_operators_setup(flow_store_t *store)
{
	return flow_store_script(store, tables);
}

static const char *const states[] = {"active", "leave", "retired", "transferred", "locked"};

const char *flow_operator_state_name(enum flow_operator_state s)
{
	return (unsigned)s <= FLOW_OPERATOR_LOCKED ? states[s] : "";
}

bool flow_role_known(const char *role, size_t n)
{
	static const char *const roles[] = {"operator", "reception",        "checker",
					    "internal", "supervisor",       "security",
					    "network",  "internal-auditor", "external-auditor",
					    "backup",   "sysadmin",         "attendant"};

	for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
		if (strlen(roles[i]) == n && memcmp(roles[i], role, n) == 0)
			return true;
	}
	return false;
}

bool operator_id_valid(const char *id)
{
	const size_t n = id != NULL ? strlen(id) : 0;

	return n >= 1 && n <= 32 && strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789._-") == n;
}

static bool roles_valid(const char *list)
{
	if (*list == '\0')
		return false;
	while (*list != '\0') {
		struct card_bytes role = flow_list_next(&list);

		if (!flow_role_known((const char *)role.p, role.n))
			return false;
	}
	return true;
}

static void put_date(const char *text, struct card_date *out)
{
	*out = (struct card_date){0};
	if (text != NULL && *text != '\0')
		card_date_parse(card_bytes(text, strlen(text)), out);
}

static void put_text(char *out, size_t room, const char *text)
{
	snprintf(out, room, "%s", text != NULL ? text : "");
}

static void from_row(const char *const *column, struct flow_operator *o)
{
	memset(o, 0, sizeof *o);
	put_text(o->id, sizeof o->id, column[0]);
	put_text(o->person, sizeof o->person, column[1]);
	put_text(o->roles, sizeof o->roles, column[2]);
	put_text(o->organ, sizeof o->organ, column[3]);
	put_text(o->granted_by, sizeof o->granted_by, column[4]);
	put_date(column[5], &o->password_changed);
	put_date(column[6], &o->training);
	put_date(column[7], &o->from);
	put_date(column[8], &o->to);
	put_date(column[10], &o->reviewed);
	/* A state that is not known keeps people out. */
	o->state = FLOW_OPERATOR_LOCKED;
	for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
		if (column[9] != NULL && strcmp(column[9], states[i]) == 0)
			o->state = (enum flow_operator_state)i;
	}
}

#define COLUMNS                                                                                    \
	"id, person, roles, organ, granted_by, changed, training, valid_from, valid_to, state, reviewed"

struct one {
	struct flow_operator *out;
	bool found;
};

static enum card_error take_one(void *ctx, const char *const *column, size_t n)
{
	struct one *o = ctx;

	(void)n;
	from_row(column, o->out);
	o->found = true;
	return CARD_OK;
}

enum card_error flow_operator_get(flow_store_t *store, const char *id, struct flow_operator *out)
{
	struct one o = {out, false};
	const char *params[] = {id};
	enum card_error err;

	if (store == NULL || id == NULL || out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	err = flow_store_run(store, "SELECT " COLUMNS " FROM operator WHERE id = $1", params, 1,
			     take_one, &o);
	return err == CARD_OK && !o.found ? CARD_ERR_NOT_FOUND : err;
}

struct listing {
	flow_operator_fn fn;
	void *ctx;
};

static enum card_error take_each(void *ctx, const char *const *column, size_t n)
{
	const struct listing *l = ctx;
	struct flow_operator o;

	(void)n;
	from_row(column, &o);
	return l->fn(l->ctx, &o);
}

enum card_error flow_operator_list(flow_store_t *store, flow_operator_fn fn, void *ctx)
{
	struct listing l = {fn, ctx};

	if (store == NULL || fn == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	return flow_store_run(store, "SELECT " COLUMNS " FROM operator ORDER BY id", NULL, 0,
			      take_each, &l);
}

bool operator_has_role(flow_store_t *store, const char *id, const char *role)
{
	struct flow_operator o;

	return id != NULL && flow_operator_get(store, id, &o) == CARD_OK &&
	       o.state == FLOW_OPERATOR_ACTIVE && flow_list_has(o.roles, role);
}

enum card_error operator_note(flow_store_t *store, journal_t *j, const char *event,
			      enum journal_result result, const char *by, const char *about,
			      const char *code)
{
	struct flow_operator o;
	const bool known = flow_operator_get(store, by, &o) == CARD_OK;
	/* The organ decides which supervisor may read it. */
	const struct journal_record r = {.event = event,
					 .result = result,
					 .operator_id = by,
					 .role = known ? o.roles : "",
					 .organ = known ? o.organ : "",
					 .reason = about,
					 .code = code};

	return j != NULL ? journal_append(j, &r, 1, NULL) : CARD_ERR_INVALID_ARGUMENT;
}

static enum card_error count(void *ctx, const char *const *column, size_t n)
{
	(void)n;
	*(long *)ctx = column[0] != NULL ? strtol(column[0], NULL, 10) : 0;
	return CARD_OK;
}

/* R6-37: who grants is not who gets it; only the first account comes from nobody. */
static enum card_error may_add(flow_store_t *store, const struct flow_operator *o, const char *by)
{
	long accounts = 0;
	enum card_error err =
		flow_store_run(store, "SELECT count(*) FROM operator", NULL, 0, count, &accounts);

	if (err != CARD_OK)
		return err;
	if (by == NULL)
		return accounts == 0 ? CARD_OK : CARD_ERR_DENIED;
	return strcmp(by, o->id) != 0 && operator_has_role(store, by, "security") ? CARD_OK
										  : CARD_ERR_DENIED;
}

static enum card_error insert(flow_store_t *store, const struct flow_operator *o, const char *hash,
			      const char *by, const char *today)
{
	char training[11], from[11], to[11];
	const char *params[] = {
		o->id, o->person, o->roles, o->organ, by != NULL ? by : "setup", hash,
		today, training,  from,     to,       states[o->state]};

	card_date_format(o->training, training);
	card_date_format(o->from, from);
	card_date_format(o->to, to);
	return flow_store_run(
		store,
		"INSERT INTO operator (id, person, roles, organ, granted_by, password, history,"
		" changed, training, valid_from, valid_to, state, failures, reviewed)"
		" VALUES ($1, $2, $3, $4, $5, $6, '', $7, $8, $9, $10, $11, 0, $7)",
		params, 11, NULL, NULL);
}

enum card_error flow_operator_add(flow_store_t *store, journal_t *j, const struct flow_operator *o,
				  const card_secret_t *password, const char *by,
				  struct card_date today)
{
	char hash[160], day[11];
	enum card_error err;

	if (store == NULL || j == NULL || o == NULL || !operator_id_valid(o->id) ||
	    o->person[0] == '\0' || !roles_valid(o->roles) || !card_date_valid(today) ||
	    (unsigned)o->state > FLOW_OPERATOR_LOCKED)
		return CARD_ERR_INVALID_ARGUMENT;
	err = may_add(store, o, by);
	if (err == CARD_OK)
		err = password_form(o->id, password);
	if (err == CARD_OK)
		err = password_hash(password, hash);
	card_date_format(today, day);
	/* The record first: an account that nobody wrote down must not be. */
	if (err == CARD_OK)
		err = operator_note(store, j, "operator-changed", JOURNAL_OK,
				    by != NULL ? by : "setup", o->id, "added");
	if (err == CARD_OK)
		err = insert(store, o, hash, by, day);
	card_wipe(hash, sizeof hash);
	return err;
}

enum card_error flow_operator_change(flow_store_t *store, journal_t *j,
				     const struct flow_operator *o, const char *by)
{
	char training[11], from[11], to[11];
	const char *params[] = {o != NULL ? o->id : NULL, NULL, NULL, training, from, to, NULL};
	struct flow_operator now;
	enum card_error err;

	if (store == NULL || j == NULL || o == NULL || by == NULL || !roles_valid(o->roles) ||
	    (unsigned)o->state > FLOW_OPERATOR_LOCKED)
		return CARD_ERR_INVALID_ARGUMENT;
	if (strcmp(by, o->id) == 0 || !operator_has_role(store, by, "security"))
		return CARD_ERR_DENIED;
	err = flow_operator_get(store, o->id, &now);
	if (err != CARD_OK)
		return err;
	params[1] = o->roles;
	params[2] = o->organ;
	params[6] = states[o->state];
	card_date_format(o->training, training);
	card_date_format(o->from, from);
	card_date_format(o->to, to);
	err = operator_note(store, j, "operator-changed", JOURNAL_OK, by, o->id, states[o->state]);
	if (err == CARD_OK)
		err = flow_store_run(
			store,
			"UPDATE operator SET roles = $2, organ = $3, training = $4,"
			" valid_from = $5, valid_to = $6, state = $7, failures = 0 WHERE id = $1",
			params, 7, NULL, NULL);
	if (err == CARD_OK && flow_store_changes(store) == 0)
		err = CARD_ERR_NOT_FOUND;
	if (err == CARD_OK && o->state != FLOW_OPERATOR_ACTIVE)
		err = flow_store_run(store,
				     "UPDATE operator_session SET ended = seen WHERE operator = $1"
				     " AND ended = 0",
				     params, 1, NULL, NULL);
	return err;
}

static enum card_error take_secret(void *ctx, const char *const *column, size_t n)
{
	struct account_secret *s = ctx;

	(void)n;
	put_text(s->hash, sizeof s->hash, column[0]);
	put_text(s->history, sizeof s->history, column[1]);
	s->failures = column[2] != NULL ? strtol(column[2], NULL, 10) : 0;
	return CARD_OK;
}

enum card_error account_secret(flow_store_t *store, const char *id, struct account_secret *out)
{
	const char *params[] = {id};
	enum card_error err;

	memset(out, 0, sizeof *out);
	err = flow_store_run(store,
			     "SELECT password, history, failures FROM operator WHERE id = $1",
			     params, 1, take_secret, out);
	return err == CARD_OK && out->hash[0] == '\0' ? CARD_ERR_NOT_FOUND : err;
}

/* PD-30: none of the last five, the running one among them. */
static bool used_before(const struct account_secret *s, const card_secret_t *password)
{
	const char *at = s->history;
	bool used = password_matches(s->hash, password);

	for (int i = 0; i < 4 && *at != '\0' && !used; i++) {
		char one[160];
		const size_t n = strcspn(at, "\n");

		snprintf(one, sizeof one, "%.*s", (int)n, at);
		used = password_matches(one, password);
		at += n + (at[n] == '\n');
	}
	return used;
}

enum card_error flow_operator_password(flow_store_t *store, journal_t *j, const char *id,
				       const card_secret_t *old_password,
				       const card_secret_t *new_password, struct card_date today)
{
	struct account_secret s;
	char hash[160], history[6 * 160], day[11];
	const char *params[] = {id, hash, history, day};
	enum card_error err;
	char *cut;

	if (store == NULL || j == NULL || id == NULL || !card_date_valid(today))
		return CARD_ERR_INVALID_ARGUMENT;
	err = account_secret(store, id, &s);
	if (err == CARD_OK && !password_matches(s.hash, old_password))
		err = CARD_ERR_PIN_WRONG;
	if (err == CARD_OK)
		err = password_form(id, new_password);
	if (err == CARD_OK && used_before(&s, new_password))
		err = CARD_ERR_DENIED;
	if (err == CARD_OK)
		err = password_hash(new_password, hash);
	snprintf(history, sizeof history, "%s\n%s", s.hash, s.history);
	cut = history;
	for (int i = 0; i < 4 && cut != NULL; i++)
		cut = strchr(cut + (i > 0), '\n');
	if (cut != NULL)
		*cut = '\0';
	card_date_format(today, day);
	if (err == CARD_OK)
		err = operator_note(store, j, "operator-changed", JOURNAL_OK, id, id, "password");
	if (err == CARD_OK)
		err = flow_store_run(
			store,
			"UPDATE operator SET password = $2, history = $3, changed = $4,"
			" failures = 0 WHERE id = $1",
			params, 4, NULL, NULL);
	card_wipe(&s, sizeof s);
	return err;
}
