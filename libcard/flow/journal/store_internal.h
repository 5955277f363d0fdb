/* SPDX-License-Identifier: Apache-2.0 */
/* store_internal.h — what a kind of database has to offer. */
#ifndef STORE_INTERNAL_H
#define STORE_INTERNAL_H

#include <cardflow/store.h>

struct store_ops {
	enum card_error (*run)(flow_store_t *s, const char *sql, const char *const *params,
			       size_t n, flow_row_fn row, void *ctx);
	enum card_error (*script)(flow_store_t *s, const char *sql);
	enum card_error (*add)(flow_store_t *s, const char *into, size_t columns,
			       const char *const *values, size_t rows);
	void (*close)(flow_store_t *s);
	const char *begin;
};

#define STORE_STATEMENTS 64
#define STORE_COLUMNS    64

struct store_statement {
	char *sql;
	void *handle; /* SQLite: the statement; PostgreSQL: not NULL once prepared */
	uint8_t param[STORE_COLUMNS]; /* SQLite: N of the $N that stands at each place, or 0 */
};

struct flow_store {
	const struct store_ops *ops;
	void *db;
	struct store_statement statement[STORE_STATEMENTS];
	size_t statements;
	long changes;
	void *companion;
	char message[240];
};

enum card_error store_open_sqlite(flow_store_t *s, const char *path, unsigned flags);
enum card_error store_open_postgresql(flow_store_t *s, const char *conninfo, unsigned flags);

/* "INSERT INTO … VALUES ($1, …)". False if there is no room. */
bool store_insert_text(const char *into, size_t columns, char *out, size_t room);

void store_note(flow_store_t *s, const char *message);

#endif
