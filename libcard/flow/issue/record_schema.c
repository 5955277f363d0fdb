/* SPDX-License-Identifier: Apache-2.0 */
/* record_schema.c — tables and statements made from their description. */
#include "record.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

size_t record_columns(const struct record_table *t)
{
	size_t n = 0;

	while (n < RECORD_COLUMNS && t->column[n].name != NULL)
		n++;
	return n;
}

struct sql {
	char *text;
	size_t cap, n;
};

static void put(struct sql *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void put(struct sql *s, const char *format, ...)
{
	va_list ap;
	int n;

	va_start(ap, format);
	n = s->n < s->cap ? vsnprintf(s->text + s->n, s->cap - s->n, format, ap) : 0;
	va_end(ap);
	s->n = n < 0 ? s->cap : s->n + (size_t)n;
}

static enum card_error make_table(flow_store_t *store, const struct record_table *t)
{
	char text[3000];
	struct sql s = {text, sizeof text, 0};
	enum card_error err;

	put(&s, "CREATE TABLE IF NOT EXISTS %s (", t->name);
	for (size_t i = 0; i < record_columns(t); i++)
		put(&s, "%s %s NOT NULL, ", t->column[i].name,
		    t->column[i].type == RECORD_COUNT ? "BIGINT" : "TEXT");
	put(&s, "PRIMARY KEY (%s))", t->key);
	if (s.n >= s.cap)
		return CARD_ERR_INTERNAL;
	err = flow_store_script(store, text);
	for (const char *at = t->index; err == CARD_OK && at != NULL;) {
		const struct card_bytes column = flow_list_next(&at);

		if (column.n == 0)
			break;
		s.n = 0;
		put(&s, "CREATE INDEX IF NOT EXISTS %s_%.*s ON %s (%.*s)", t->name, (int)column.n,
		    (const char *)column.p, t->name, (int)column.n, (const char *)column.p);
		err = flow_store_script(store, text);
	}
	return err;
}

enum card_error flow_record_setup(flow_store_t *store)
{
	enum card_error err = store != NULL ? CARD_OK : CARD_ERR_INVALID_ARGUMENT;

	for (size_t i = 0; err == CARD_OK && i < record_table_count; i++)
		err = make_table(store, &record_tables[i]);
	return err;
}

enum card_error record_insert_sql(const struct record_table *t, char *out, size_t cap)
{
	struct sql s = {out, cap, 0};
	const size_t n = record_columns(t);
	bool first = true;

	put(&s, "INSERT INTO %s (", t->name);
	for (size_t i = 0; i < n; i++)
		put(&s, "%s%s", i > 0 ? ", " : "", t->column[i].name);
	put(&s, ") VALUES (");
	for (size_t i = 0; i < n; i++)
		put(&s, "%s$%zu", i > 0 ? ", " : "", i + 1);
	put(&s, ") ON CONFLICT (%s) DO UPDATE SET ", t->key);
	for (size_t i = 0; i < n; i++) {
		if (strstr(t->key, t->column[i].name) != NULL)
			continue;
		put(&s, "%s%s = excluded.%s", first ? "" : ", ", t->column[i].name,
		    t->column[i].name);
		first = false;
	}
	return s.n < s.cap ? CARD_OK : CARD_ERR_INTERNAL;
}

static const char *type_name(const struct record_column *c)
{
	switch (c->type) {
	case RECORD_ID:
		return "id";
	case RECORD_TEXT:
		return "text";
	case RECORD_LINES:
		return "lines 【項目】内容";
	case RECORD_DATE:
		return "YYYY-MM-DD";
	case RECORD_BIRTH:
		return "YYYY[-MM[-DD]]";
	case RECORD_COUNT:
		return "count";
	case RECORD_WORD:
		return "word";
	case RECORD_NUMBER:
		return "12 digits";
	case RECORD_KEY:
		return "64 hexadecimal digits";
	case RECORD_HASH:
		return "argon2id";
	case RECORD_PICTURE:
		return "PNG in base64";
	}
	return "";
}

enum card_error flow_record_describe(int fd)
{
	FILE *f = fdopen(dup(fd), "w");

	if (f == NULL)
		return CARD_ERR_IO;
	for (size_t i = 0; i < record_table_count; i++) {
		const struct record_table *t = &record_tables[i];

		fprintf(f, "## %s\n\n%s. `%s.csv`. Key: `%s`.\n\n| column | | |\n|---|---|---|\n",
			t->name, t->meaning, t->name + strlen("record_"), t->key);
		for (size_t c = 0; c < record_columns(t); c++) {
			fprintf(f, "| `%s`%s | %s%s%s | %s |\n", t->column[c].name,
				t->column[c].needed ? "" : " (may be empty)",
				type_name(&t->column[c]), t->column[c].words != NULL ? ": " : "",
				t->column[c].words != NULL ? t->column[c].words : "",
				t->column[c].meaning);
		}
		fputc('\n', f);
	}
	return fclose(f) == 0 ? CARD_OK : CARD_ERR_IO;
}
