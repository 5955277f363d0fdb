/* SPDX-License-Identifier: Apache-2.0 */
/* record_export.c — the records as the files they can be imported from. */
#include "record.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

struct writing {
	FILE *f;
	long rows;
};

static enum card_error write_row(void *ctx, const char *const *column, size_t n)
{
	struct writing *w = ctx;

	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			putc(',', w->f);
		record_csv_write(w->f, column[i] != NULL ? column[i] : "");
	}
	putc('\n', w->f);
	w->rows++;
	return ferror(w->f) ? CARD_ERR_IO : CARD_OK;
}

static enum card_error write_table(flow_store_t *store, const struct record_table *t, FILE *f,
				   long *count)
{
	struct writing w = {f, 0};
	char sql[1500];
	size_t n = (size_t)snprintf(sql, sizeof sql, "SELECT ");
	enum card_error err;

	for (size_t i = 0; i < record_columns(t); i++) {
		fprintf(f, "%s%s", i > 0 ? "," : "", t->column[i].name);
		n += (size_t)snprintf(sql + n, sizeof sql - n, "%s%s", i > 0 ? ", " : "",
				      t->column[i].name);
	}
	putc('\n', f);
	snprintf(sql + n, sizeof sql - n, " FROM %s ORDER BY %s", t->name, t->key);
	err = flow_store_run(store, sql, NULL, 0, write_row, &w);
	*count = w.rows;
	return err;
}

enum card_error flow_record_export(flow_store_t *store, const char *folder,
				   struct flow_record_report *report)
{
	enum card_error err = CARD_OK;

	if (store == NULL || folder == NULL || report == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	memset(report, 0, sizeof *report);
	for (size_t i = 0; err == CARD_OK && i < record_table_count; i++) {
		const struct record_table *t = &record_tables[i];
		struct flow_record_count *count = &report->table[report->tables++];
		char path[4096];
		FILE *f;
		int fd;

		count->table = t->name + strlen("record_");
		if (snprintf(path, sizeof path, "%s/%s.csv", folder, count->table) >=
		    (int)sizeof path)
			return CARD_ERR_TOO_LONG;
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		f = fd >= 0 ? fdopen(fd, "w") : NULL;
		if (f == NULL)
			return CARD_ERR_IO;
		err = write_table(store, t, f, &count->rows);
		if (fclose(f) != 0 && err == CARD_OK)
			err = CARD_ERR_IO;
	}
	return err;
}
