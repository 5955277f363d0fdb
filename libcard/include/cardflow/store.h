/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store.h — a database: a SQLite file, or PostgreSQL when several terminals share it.
 *
 * Both are spoken to with the same statements: parameters are $1, $2, …, values travel as text.
 * A commit that returns CARD_OK is on stable storage (SQLite: WAL, synchronous=FULL; PostgreSQL:
 * synchronous_commit=on). One thread at a time.
 */
#ifndef CARDFLOW_STORE_H
#define CARDFLOW_STORE_H

#include <cardflow/table.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct flow_store flow_store_t;

#define FLOW_STORE_CREATE    1u /* SQLite: make the file (mode 0600) if there is none */
#define FLOW_STORE_READ_ONLY 2u

/*
 * where: the path of a SQLite file, or "postgresql:" followed by a libpq connection string
 * (a password belongs into its password file, never here). problem may be NULL.
 * CARD_ERR_NOT_FOUND: no such file; CARD_ERR_NO_SERVICE: the server cannot be reached;
 * CARD_ERR_IO; CARD_ERR_MALFORMED: not a database.
 */
CARD_API enum card_error flow_store_open(flow_store_t **out, const char *where, unsigned flags,
					 struct flow_problem *problem);
CARD_API void flow_store_close(flow_store_t **s);
CARD_API bool flow_store_is_postgresql(const flow_store_t *s);

/* One row; a column is NULL where the database says so. Anything but CARD_OK stops and is
 * returned by flow_store_run. Must not use the store. */
typedef enum card_error (*flow_row_fn)(void *ctx, const char *const *column, size_t n);

/*
 * One statement. params may hold NULL. row may be NULL.
 * CARD_ERR_DENIED: a constraint, trigger or missing right refused it; CARD_ERR_TIMEOUT: another
 * program holds the lock; CARD_ERR_NO_SERVICE: connection lost; CARD_ERR_IO: anything else.
 */
CARD_API enum card_error flow_store_run(flow_store_t *s, const char *sql, const char *const *params,
					size_t n, flow_row_fn row, void *ctx);

/*
 * Add many rows at once: into is a table with its columns in brackets, "t (a, b)"; values holds
 * rows × columns texts, row by row (NULL: no value). What thousands of single INSERTs would do, at
 * a fraction of their cost. Errors of flow_store_run; some of the rows may be there after one:
 * call it in a transaction.
 */
CARD_API enum card_error flow_store_add(flow_store_t *s, const char *into, size_t columns,
					const char *const *values, size_t rows);

/* Several statements without parameters. */
CARD_API enum card_error flow_store_script(flow_store_t *s, const char *sql);

/* A transaction that may write. Errors of flow_store_run. */
CARD_API enum card_error flow_store_begin(flow_store_t *s);
CARD_API enum card_error flow_store_commit(flow_store_t *s);
CARD_API void flow_store_rollback(flow_store_t *s);

/* SQLite: a copy of all of it as it is now into a new file (mode 0600), synced. PostgreSQL:
 * CARD_ERR_UNSUPPORTED, its own tools do that. CARD_ERR_DENIED: the file exists; CARD_ERR_IO. */
CARD_API enum card_error flow_store_copy(flow_store_t *s, const char *path);

/* Something of the user's that goes with this connection; NULL until set. Borrowed. */
CARD_API void flow_store_attach(flow_store_t *s, void *companion);
CARD_API void *flow_store_attached(const flow_store_t *s);

/* Rows that the last statement changed. */
CARD_API long flow_store_changes(const flow_store_t *s);

/* What the database said last, English; "" if nothing. Holds no values of parameters. */
CARD_API const char *flow_store_message(const flow_store_t *s);

#ifdef __cplusplus
}
#endif
#endif
