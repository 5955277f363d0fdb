/* SPDX-License-Identifier: Apache-2.0 */
#include <cardflow/case.h>

#include <stdio.h>
#include <string.h>

enum card_error flow_cases_setup(flow_store_t *store)
{
	return flow_store_script(
		store,
		"CREATE TABLE IF NOT EXISTS correction_case (id TEXT PRIMARY KEY, kind TEXT NOT NULL,"
		" subject TEXT NOT NULL, organ TEXT NOT NULL, opened_by TEXT NOT NULL,"
		" opened TEXT NOT NULL, since TEXT NOT NULL, closed TEXT NOT NULL,"
		" closed_by TEXT NOT NULL, note TEXT NOT NULL);");
}

#define COLUMNS "id, kind, subject, organ, opened_by, opened, since, closed, closed_by, note"

enum card_error flow_case_open(flow_store_t *store, const struct flow_case *c)
{
	char opened[11], since[11];
	const char *params[] = {c->id, c->kind, c->subject, c->organ, c->by, opened, since};

	card_date_format(c->opened, opened);
	card_date_format(c->since, since);
	return flow_store_run(store,
			      "INSERT INTO correction_case (" COLUMNS
			      ") VALUES ($1, $2, $3, $4, $5,"
			      " $6, $7, '', '', '')",
			      params, 7, NULL, NULL);
}

static void put(char *out, size_t room, const char *text)
{
	snprintf(out, room, "%s", text != NULL ? text : "");
}

static void put_date(struct card_date *out, const char *text)
{
	if (text != NULL)
		card_date_parse(card_bytes(text, strlen(text)), out);
}

static void from_row(const char *const *column, struct flow_case *c)
{
	memset(c, 0, sizeof *c);
	put(c->id, sizeof c->id, column[0]);
	put(c->kind, sizeof c->kind, column[1]);
	put(c->subject, sizeof c->subject, column[2]);
	put(c->organ, sizeof c->organ, column[3]);
	put(c->by, sizeof c->by, column[4]);
	put_date(&c->opened, column[5]);
	put_date(&c->since, column[6]);
	put_date(&c->closed, column[7]);
	put(c->closed_by, sizeof c->closed_by, column[8]);
	put(c->note, sizeof c->note, column[9]);
}

struct listing {
	flow_case_fn fn;
	void *ctx;
};

static enum card_error each(void *ctx, const char *const *column, size_t n)
{
	const struct listing *l = ctx;
	struct flow_case c;

	(void)n;
	from_row(column, &c);
	return l->fn(l->ctx, &c);
}

enum card_error flow_case_list(flow_store_t *store, bool all, flow_case_fn fn, void *ctx)
{
	struct listing l = {fn, ctx};

	if (store == NULL || fn == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	return flow_store_run(store,
			      all ? "SELECT " COLUMNS " FROM correction_case ORDER BY opened, id"
				  : "SELECT " COLUMNS " FROM correction_case WHERE closed = ''"
				    " ORDER BY opened, id",
			      NULL, 0, each, &l);
}

static enum card_error take(void *ctx, const char *const *column, size_t n)
{
	(void)n;
	from_row(column, ctx);
	return CARD_OK;
}

enum card_error flow_case_close(flow_store_t *store, journal_t *j, const char *terminal,
				const char *token, const char *id, const char *note, int64_t now,
				const char **code)
{
	struct flow_operator who;
	struct flow_case c = {.id = ""};
	enum flow_login why;
	char today[11], reason[500];
	const char *find[] = {id}, *params[] = {id, today, who.id, note};
	struct journal_record r = {.event = "correction-case",
				   .result = JOURNAL_OK,
				   .operator_id = who.id,
				   .organ = who.organ,
				   .reason = reason,
				   .code = "closed"};
	enum card_error err;

	if (store == NULL || id == NULL || note == NULL || *note == '\0' ||
	    strlen(note) >= sizeof c.note || code == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	*code = "ok";
	snprintf(reason, sizeof reason, "%.60s: %.400s", id, note);
	err = flow_session_check(store, terminal, token, now, &who, NULL, &why);
	if (err != CARD_OK) {
		*code = flow_login_code(why);
		return err;
	}
	err = flow_store_run(store, "SELECT " COLUMNS " FROM correction_case WHERE id = $1", find,
			     1, take, &c);
	if (err == CARD_OK && c.id[0] == '\0')
		err = CARD_ERR_NOT_FOUND;
	if (err == CARD_OK && card_date_valid(c.closed))
		err = CARD_ERR_BAD_STATE;
	if (err == CARD_OK)
		err = journal_append(j, &r, 1, NULL);
	card_date_format(card_date_in_japan(now), today);
	return err == CARD_OK
		       ? flow_store_run(store,
					"UPDATE correction_case SET closed = $2, closed_by = $3,"
					" note = $4, subject = '' WHERE id = $1",
					params, 4, NULL, NULL)
		       : err;
}
