/* SPDX-License-Identifier: Apache-2.0 */
#include "user_ids.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sysexits.h>

/* So many lines are named; the rest is counted. */
#define NAMED 100

enum { SERIAL, AUTHORITY, USER_ID };

struct import {
	struct center *c;
	const char *municipality, *file;
	const flow_table_t *table;
	bool replace;
	size_t problems, removed;
};

static void wrong(struct import *i, size_t row, const char *what)
{
	if (i->problems++ < NAMED)
		fprintf(stderr, "kazasu-center: %s:%u: %s\n", i->file,
			flow_table_line(i->table, row), what);
}

/* An even number of hexadecimal digits, at most this many. */
static bool hex_digits(const char *text, size_t most)
{
	const size_t n = strlen(text);

	return n >= 2 && n <= most && n % 2 == 0 && strspn(text, "0123456789abcdefABCDEF") == n;
}

static void check_row(struct import *i, size_t row)
{
	const char *serial = flow_table_get(i->table, row, SERIAL),
		   *authority = flow_table_get(i->table, row, AUTHORITY),
		   *user_id = flow_table_get(i->table, row, USER_ID);

	if (!hex_digits(serial, 128) || strncmp(serial, "00", 2) == 0)
		wrong(i, row,
		      "serial is an even number of hexadecimal digits without leading zero bytes");
	if (!hex_digits(authority, 64) || strlen(authority) != 64)
		wrong(i, row, "authority is 64 hexadecimal digits");
	if (user_id[0] != '\0' && !center_user_id_form(user_id))
		wrong(i, row,
		      "user_id is 1 to 64 of the characters ! to ~, or empty to take the "
		      "mapping out");
}

static int compare(const void *a, const void *b, void *ctx)
{
	const flow_table_t *t = ctx;
	const size_t x = *(const size_t *)a, y = *(const size_t *)b;
	int order = strcasecmp(flow_table_get(t, x, AUTHORITY), flow_table_get(t, y, AUTHORITY));

	if (order == 0)
		order = strcasecmp(flow_table_get(t, x, SERIAL), flow_table_get(t, y, SERIAL));
	return order != 0 ? order : (x > y) - (x < y);
}

/* A certificate that stands there twice says two things. */
static enum card_error check_twice(struct import *i)
{
	const size_t n = flow_table_rows(i->table);
	size_t *order = calloc(n + 1, sizeof *order);
	union {
		const flow_table_t *in;
		void *out;
	} ctx = {.in = i->table};

	if (order == NULL)
		return CARD_ERR_NO_MEMORY;
	for (size_t k = 0; k < n; k++)
		order[k] = k;
	qsort_r(order, n, sizeof *order, compare, ctx.out);
	for (size_t k = 1; k < n; k++)
		if (strcasecmp(flow_table_get(i->table, order[k], SERIAL),
			       flow_table_get(i->table, order[k - 1], SERIAL)) == 0 &&
		    strcasecmp(flow_table_get(i->table, order[k], AUTHORITY),
			       flow_table_get(i->table, order[k - 1], AUTHORITY)) == 0)
			wrong(i, order[k], "this certificate stands there twice");
	free(order);
	return CARD_OK;
}

static enum card_error put(struct import *i, flow_store_t *db, size_t row)
{
	const char *user_id = flow_table_get(i->table, row, USER_ID);
	char key[65];
	enum card_error err =
		center_user_key(i->c, i->municipality, flow_table_get(i->table, row, AUTHORITY),
				flow_table_get(i->table, row, SERIAL), key);

	if (err != CARD_OK)
		return err;
	if (user_id[0] != '\0')
		return flow_issue_user_id_put(db, i->municipality, key, user_id);
	i->removed++;
	return flow_issue_user_id_remove(db, i->municipality, key);
}

static enum card_error put_all(void *ctx, flow_store_t *db)
{
	struct import *i = ctx;
	enum card_error err =
		i->replace ? flow_issue_user_id_remove(db, i->municipality, NULL) : CARD_OK;

	i->removed = 0;
	for (size_t row = 0; row < flow_table_rows(i->table) && err == CARD_OK; row++)
		err = put(i, db, row);
	return err;
}

/* Only a municipality that runs 変換方式 has such a table. */
static bool converts(struct center *c, const char *municipality)
{
	static const struct card_date ever = {9999, 12, 31};
	struct center_rules *rules = center_rules_take(c);
	struct flow_issue_municipality m;
	const bool good =
		flow_issue_catalogue_municipality(rules->catalogue, municipality, ever, &m) &&
		flow_list_has(m.methods, "conversion");

	center_rules_give(c, rules);
	return good;
}

static int take(struct import *i)
{
	enum card_error err;

	for (size_t row = 0; row < flow_table_rows(i->table); row++)
		check_row(i, row);
	err = check_twice(i);
	if (err == CARD_OK && i->problems > 0) {
		fprintf(stderr, "kazasu-center: %zu problems; nothing was taken\n", i->problems);
		return EX_DATAERR;
	}
	if (err == CARD_OK)
		err = flow_issue_store_work(i->c->store, put_all, i);
	if (err != CARD_OK) {
		fprintf(stderr, "kazasu-center: %s: %s\n", i->file,
			card_strerror(err, CARD_LANG_EN));
		return EX_UNAVAILABLE;
	}
	printf("%zu mappings, %zu taken out\n", flow_table_rows(i->table) - i->removed, i->removed);
	return EX_OK;
}

int user_ids_import(struct center *c, const char *municipality, const char *file, bool replace)
{
	static const char *const columns[] = {"serial", "authority", "user_id", NULL};
	struct flow_problem p = {0};
	flow_table_t *table = NULL;
	struct import i = {c, municipality, file, NULL, replace, 0, 0};
	enum card_error err;
	int status;

	if (!converts(c, municipality)) {
		fprintf(stderr, "kazasu-center: %s does not run the method conversion\n",
			municipality);
		return EX_CONFIG;
	}
	err = flow_table_read(&table, file, columns, &p);
	if (err != CARD_OK) {
		fprintf(stderr, "kazasu-center: %s:%u: %s\n", file, p.line,
			p.text[0] != '\0' ? p.text : card_strerror(err, CARD_LANG_EN));
		return err == CARD_ERR_IO ? EX_NOINPUT : EX_DATAERR;
	}
	i.table = table;
	status = take(&i);
	flow_table_free(&table);
	return status;
}
