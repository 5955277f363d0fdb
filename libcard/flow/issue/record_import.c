/* SPDX-License-Identifier: Apache-2.0 */
/* record_import.c — CSV files into the records: all of them or nothing, with a report. */
#include "record.h"

#include <card/secret.h>

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

/* Files that name cards in clear: the column `at` (and the authority after it) becomes a key. */
struct clear_file {
	struct record_table columns; /* name: of the file, with "record_" */
	const char *into;
	size_t at;
	bool certificate;
};

#define ID(n)                                                                                      \
	{                                                                                          \
		n, RECORD_ID, true, 64, NULL, NULL                                                 \
	}
#define AUTHORITY                                                                                  \
	{                                                                                          \
		"authority", RECORD_KEY, true, 64, NULL, NULL                                      \
	}
#define DAY(n)                                                                                     \
	{                                                                                          \
		n, RECORD_DATE, true, 10, NULL, NULL                                               \
	}
#define OPEN_DAY(n)                                                                                \
	{                                                                                          \
		n, RECORD_DATE, false, 10, NULL, NULL                                              \
	}

static const struct clear_file clear_files[] = {
	{{"record_serials",
	  "",
	  NULL,
	  NULL,
	  {ID("serial"), AUTHORITY, ID("atena"), DAY("valid_from"), OPEN_DAY("valid_to")}},
	 "record_certificate",
	 0,
	 true},
	{{"record_user_ids", "", NULL, NULL, {ID("user_id"), ID("atena")}},
	 "record_user_id",
	 0,
	 false},
	{{"record_enrolments",
	  "",
	  NULL,
	  NULL,
	  {ID("enrolment"), ID("serial"), AUTHORITY, ID("member"), DAY("registered_on"),
	   OPEN_DAY("ended_on")}},
	 "record_enrolment",
	 1,
	 true},
};

struct work {
	flow_store_t *store;
	const char *folder;
	const struct flow_record_import *how;
	struct flow_record_report *report;
	size_t files;
};

static void problem(struct work *w, const char *file, unsigned line, const char *what,
		    const char *column)
{
	struct flow_record_report *r = w->report;

	if (r->problems < FLOW_RECORD_PROBLEMS)
		flow_problem_set(&r->problem[r->problems], file, line, "%s%s%s", column,
				 *column != '\0' ? ": " : "", what);
	r->problems++;
}

static const char *file_of(const struct record_table *t)
{
	return t->name + strlen("record_");
}

static bool header_right(const struct record_csv *c, const struct record_table *t)
{
	if (c->fields != record_columns(t))
		return false;
	for (size_t i = 0; i < c->fields; i++) {
		if (strcmp(c->field[i], t->column[i].name) != 0)
			return false;
	}
	return true;
}

static bool row_right(struct work *w, const struct record_csv *c, const struct record_table *t)
{
	bool right = true;

	if (c->fields != record_columns(t)) {
		problem(w, file_of(t), c->line, "another number of fields than the header", "");
		return false;
	}
	for (size_t i = 0; i < c->fields; i++) {
		const char *what = record_value_wrong(&t->column[i], c->field[i]);

		if (what != NULL)
			problem(w, file_of(t), c->line, what, t->column[i].name);
		right = right && what == NULL;
	}
	return right;
}

static enum card_error make_key(const struct work *w, const struct record_csv *c,
				const struct clear_file *f, char key[FLOW_RECORD_KEY])
{
	return f->certificate ? flow_record_certificate_key(w->how->secret, c->field[f->at + 1],
							    c->field[f->at], key)
			      : flow_record_user_key(w->how->secret, c->field[f->at], key);
}

static enum card_error put_row(struct work *w, const struct record_csv *c, const char *sql,
			       const struct clear_file *clear)
{
	const char *params[RECORD_COLUMNS];
	char key[FLOW_RECORD_KEY];
	size_t n = 0;
	enum card_error err = CARD_OK;

	for (size_t i = 0; i < c->fields; i++) {
		if (clear == NULL || !clear->certificate || i != clear->at + 1)
			params[n++] = c->field[i];
	}
	if (clear != NULL) {
		err = make_key(w, c, clear, key);
		params[clear->at] = key;
	}
	if (err == CARD_ERR_MALFORMED) {
		problem(w, file_of(&clear->columns), c->line, "no serial of a certificate",
			"serial");
		return CARD_OK;
	}
	return err == CARD_OK ? flow_store_run(w->store, sql, params, n, NULL, NULL) : err;
}

static const struct record_table *table_named(const char *name)
{
	for (size_t i = 0; i < record_table_count; i++) {
		if (strcmp(record_tables[i].name, name) == 0)
			return &record_tables[i];
	}
	return NULL;
}

static enum card_error rows(struct work *w, struct record_csv *c, const struct record_table *t,
			    const struct clear_file *clear, long *n)
{
	char sql[3000];
	const char *wrong = NULL;
	enum card_error err =
		record_insert_sql(clear != NULL ? table_named(clear->into) : t, sql, sizeof sql);

	while (err == CARD_OK && record_csv_next(c, &wrong)) {
		if (!row_right(w, c, t))
			continue;
		err = put_row(w, c, sql, clear);
		++*n;
	}
	if (err == CARD_OK && wrong != NULL)
		problem(w, file_of(t), c->line, wrong, "");
	return err;
}

static enum card_error empty(struct work *w, const char *table)
{
	char sql[100];

	snprintf(sql, sizeof sql, "DELETE FROM %s", table);
	return w->how->replace ? flow_store_run(w->store, sql, NULL, 0, NULL, NULL) : CARD_OK;
}

/* One file, if it is there. */
static enum card_error take(struct work *w, const struct record_table *t,
			    const struct clear_file *clear)
{
	struct flow_record_count *count = &w->report->table[w->report->tables];
	struct record_csv c = {.file = NULL};
	const char *wrong;
	char path[4096];
	enum card_error err = CARD_OK;

	if (snprintf(path, sizeof path, "%s/%s.csv", w->folder, file_of(t)) >= (int)sizeof path)
		return CARD_ERR_TOO_LONG;
	c.file = fopen(path, "re");
	if (c.file == NULL && errno == ENOENT)
		return CARD_OK;
	if (c.file == NULL)
		return CARD_ERR_IO;
	w->files++;
	count->table = file_of(t);
	count->rows = 0;
	w->report->tables++;
	if (clear != NULL && w->how->secret.n == 0)
		problem(w, file_of(t), 0, "the secret of the municipality is needed", "");
	else if (!record_csv_next(&c, &wrong) || !header_right(&c, t))
		problem(w, file_of(t), 1, "the header is not that of the documented table", "");
	else {
		err = empty(w, clear != NULL ? clear->into : t->name);
		if (err == CARD_OK)
			err = rows(w, &c, t, clear, &count->rows);
	}
	if (err == CARD_OK && ferror(c.file))
		err = CARD_ERR_IO;
	record_csv_close(&c);
	return err;
}

struct finding {
	struct work *w;
	const struct record_rule *rule;
};

static enum card_error take_finding(void *ctx, const char *const *column, size_t n)
{
	struct finding *f = ctx;

	if (n > 0)
		problem(f->w, f->rule->file, 0, f->rule->text, column[0]);
	return CARD_OK;
}

static enum card_error contradictions(struct work *w)
{
	enum card_error err = CARD_OK;

	for (size_t i = 0; err == CARD_OK && i < record_rule_count; i++) {
		struct finding f = {w, &record_rules[i]};

		err = flow_store_run(w->store, f.rule->sql, NULL, 0, take_finding, &f);
	}
	return err;
}

enum card_error flow_record_import(flow_store_t *store, const char *folder,
				   const struct flow_record_import *how,
				   struct flow_record_report *report)
{
	struct work w = {store, folder, how, report, 0};
	enum card_error err;

	if (store == NULL || folder == NULL || how == NULL || report == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	memset(report, 0, sizeof *report);
	err = flow_store_begin(store);
	if (err != CARD_OK)
		return err;
	for (size_t i = 0; err == CARD_OK && i < record_table_count; i++)
		err = take(&w, &record_tables[i], NULL);
	for (size_t i = 0; err == CARD_OK && i < sizeof clear_files / sizeof clear_files[0]; i++)
		err = take(&w, &clear_files[i].columns, &clear_files[i]);
	if (err == CARD_OK && w.files == 0)
		err = CARD_ERR_NOT_FOUND;
	if (err == CARD_OK)
		err = contradictions(&w);
	if (err == CARD_OK && report->problems > 0)
		err = CARD_ERR_MALFORMED;
	if (err == CARD_OK)
		err = flow_store_commit(store);
	if (err != CARD_OK)
		flow_store_rollback(store);
	return err;
}
