/* SPDX-License-Identifier: Apache-2.0 */
/* record_load.c — rows of the records in memory. */
#include "record_load.h"

#include <card/secret.h>

#include <stdlib.h>
#include <string.h>

#define ROWS_MAX 1000

struct loading {
	struct record_rows *rows;
	const struct record_table *table;
};

static bool make_room(struct record_rows *r)
{
	const size_t room = r->room == 0 ? 8 : r->room * 2;
	struct record_row *more;

	if (r->n < r->room)
		return true;
	more = realloc(r->row, room * sizeof *more);
	if (more == NULL)
		return false;
	r->row = more;
	r->room = room;
	return true;
}

static enum card_error take(void *ctx, const char *const *column, size_t n)
{
	struct loading *l = ctx;
	struct record_row *row;

	if (l->rows->n >= ROWS_MAX)
		return CARD_ERR_TOO_LONG;
	if (!make_room(l->rows))
		return CARD_ERR_NO_MEMORY;
	row = &l->rows->row[l->rows->n++];
	*row = (struct record_row){.table = l->table};
	for (size_t i = 0; i < n && i < RECORD_COLUMNS; i++) {
		row->value[i] = strdup(column[i] != NULL ? column[i] : "");
		if (row->value[i] == NULL)
			return CARD_ERR_NO_MEMORY;
	}
	return CARD_OK;
}

enum card_error record_load(flow_store_t *store, struct record_rows *out, const char *table,
			    const char *where, const char *const *params, size_t n)
{
	struct loading l = {out, NULL};
	char sql[1600];
	size_t at;

	for (size_t i = 0; i < record_table_count; i++) {
		if (strcmp(record_tables[i].name, table) == 0)
			l.table = &record_tables[i];
	}
	if (l.table == NULL)
		return CARD_ERR_INTERNAL;
	at = (size_t)snprintf(sql, sizeof sql, "SELECT ");
	for (size_t i = 0; i < record_columns(l.table); i++)
		at += (size_t)snprintf(sql + at, sizeof sql - at, "%s%s", i > 0 ? ", " : "",
				       l.table->column[i].name);
	if (at + strlen(where) + 64 >= sizeof sql)
		return CARD_ERR_INTERNAL;
	snprintf(sql + at, sizeof sql - at, " FROM %s WHERE %s", table, where);
	return flow_store_run(store, sql, params, n, take, &l);
}

void record_rows_free(struct record_rows *rows)
{
	for (size_t i = 0; i < rows->n; i++) {
		for (size_t c = 0; c < RECORD_COLUMNS; c++) {
			char *v = rows->row[i].value[c];

			if (v != NULL)
				card_wipe(v, strlen(v));
			free(v);
		}
	}
	free(rows->row);
	*rows = (struct record_rows){.row = NULL};
}

const char *record_get(const struct record_row *r, const char *column)
{
	for (size_t i = 0; r != NULL && i < RECORD_COLUMNS && r->table->column[i].name != NULL;
	     i++) {
		if (strcmp(r->table->column[i].name, column) == 0)
			return r->value[i] != NULL ? r->value[i] : "";
	}
	return "";
}

struct card_date record_day(const struct record_row *r, const char *column)
{
	const char *v = record_get(r, column);
	struct card_date d = {0};

	card_date_parse(card_bytes(v, strlen(v)), &d);
	return d;
}
