/* SPDX-License-Identifier: Apache-2.0 */
/* store_sqlite.c — SQLite: write-ahead log, each commit synced. */
#include "store_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum card_error translate(flow_store_t *s, int rc)
{
	store_note(s, sqlite3_errmsg(s->db));
	switch (rc & 0xFF) {
	case SQLITE_CONSTRAINT:
	case SQLITE_READONLY:
	case SQLITE_AUTH:
	case SQLITE_PERM:
		return CARD_ERR_DENIED;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return CARD_ERR_TIMEOUT;
	case SQLITE_NOTADB:
	case SQLITE_CORRUPT:
		return CARD_ERR_MALFORMED;
	case SQLITE_NOMEM:
		return CARD_ERR_NO_MEMORY;
	default:
		return CARD_ERR_IO;
	}
}

/* A name that a statement uses twice has one place; the places follow the names' first use. */
static void find_params(struct store_statement *st)
{
	const int places = sqlite3_bind_parameter_count(st->handle);

	memset(st->param, 0, sizeof st->param);
	for (int at = 1; at <= places && at <= STORE_COLUMNS; at++) {
		const char *name = sqlite3_bind_parameter_name(st->handle, at);
		const unsigned long i = name != NULL ? strtoul(name + 1, NULL, 10) : 0;

		st->param[at - 1] = i <= STORE_COLUMNS ? (uint8_t)i : 0;
	}
}

/* The statement as it is kept, or in *once if there is no room to keep it. */
static enum card_error prepare(flow_store_t *s, const char *sql, struct store_statement **out,
			       struct store_statement *once)
{
	struct store_statement *st = once;
	sqlite3_stmt *handle = NULL;
	bool kept = s->statements < STORE_STATEMENTS;
	int rc;

	for (size_t i = 0; i < s->statements; i++) {
		if (strcmp(s->statement[i].sql, sql) == 0) {
			*out = &s->statement[i];
			return CARD_OK;
		}
	}
	rc = sqlite3_prepare_v3(s->db, sql, -1, kept ? SQLITE_PREPARE_PERSISTENT : 0, &handle,
				NULL);
	if (rc != SQLITE_OK)
		return translate(s, rc);
	if (kept) {
		st = &s->statement[s->statements];
		st->sql = strdup(sql);
		if (st->sql == NULL) {
			sqlite3_finalize(handle);
			return CARD_ERR_NO_MEMORY;
		}
		s->statements++;
	}
	st->handle = handle;
	find_params(st);
	*out = st;
	return CARD_OK;
}

/* Ready for the next time. */
static void put_back(struct store_statement *st, const struct store_statement *once)
{
	sqlite3_reset(st->handle);
	sqlite3_clear_bindings(st->handle);
	if (st == once)
		sqlite3_finalize(st->handle);
}

/* The texts live until the statement is reset. */
static enum card_error bind(flow_store_t *s, const struct store_statement *st,
			    const char *const *params, size_t n)
{
	for (int at = 0; at < STORE_COLUMNS; at++) {
		const size_t i = st->param[at];
		int rc;

		if (i == 0 || i > n)
			continue;
		rc = params[i - 1] == NULL ? sqlite3_bind_null(st->handle, at + 1)
					   : sqlite3_bind_text(st->handle, at + 1, params[i - 1],
							       -1, SQLITE_STATIC);
		if (rc != SQLITE_OK)
			return translate(s, rc);
	}
	return CARD_OK;
}

static enum card_error give_row(sqlite3_stmt *st, flow_row_fn row, void *ctx)
{
	const char *column[STORE_COLUMNS];
	const int n = sqlite3_column_count(st);

	if (row == NULL)
		return CARD_OK;
	for (int i = 0; i < n && i < STORE_COLUMNS; i++)
		column[i] = (const char *)sqlite3_column_text(st, i);
	return row(ctx, column, (size_t)(n < STORE_COLUMNS ? n : STORE_COLUMNS));
}

static enum card_error run(flow_store_t *s, const char *sql, const char *const *params, size_t n,
			   flow_row_fn row, void *ctx)
{
	struct store_statement once, *st = NULL;
	int rc = SQLITE_DONE;
	enum card_error err = prepare(s, sql, &st, &once);

	if (err != CARD_OK)
		return err;
	err = bind(s, st, params, n);
	while (err == CARD_OK && (rc = sqlite3_step(st->handle)) == SQLITE_ROW)
		err = give_row(st->handle, row, ctx);
	if (err == CARD_OK && rc != SQLITE_DONE)
		err = translate(s, rc);
	s->changes = sqlite3_changes(s->db);
	put_back(st, &once);
	return err;
}

/* The places of this statement are its columns in their order. */
static enum card_error add_row(flow_store_t *s, sqlite3_stmt *st, size_t columns,
			       const char *const *values)
{
	int rc = SQLITE_OK;

	for (size_t i = 0; i < columns && rc == SQLITE_OK; i++)
		rc = values[i] == NULL
			     ? sqlite3_bind_null(st, (int)i + 1)
			     : sqlite3_bind_text(st, (int)i + 1, values[i], -1, SQLITE_STATIC);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(st);
	if (rc != SQLITE_DONE)
		return translate(s, rc);
	sqlite3_reset(st);
	return CARD_OK;
}

static enum card_error add(flow_store_t *s, const char *into, size_t columns,
			   const char *const *values, size_t rows)
{
	char sql[1024];
	struct store_statement once, *st = NULL;
	enum card_error err =
		store_insert_text(into, columns, sql, sizeof sql) ? CARD_OK : CARD_ERR_TOO_LONG;

	if (err == CARD_OK)
		err = prepare(s, sql, &st, &once);
	if (err != CARD_OK)
		return err;
	for (size_t i = 0; i < rows && err == CARD_OK; i++)
		err = add_row(s, st->handle, columns, values + i * columns);
	put_back(st, &once);
	return err;
}

static enum card_error script(flow_store_t *s, const char *sql)
{
	int rc;

	/* One statement: what begins and ends transactions is kept like the others. */
	if (*sql != '\0' && strchr(sql, ';') == NULL)
		return run(s, sql, NULL, 0, NULL, NULL);
	rc = sqlite3_exec(s->db, sql, NULL, NULL, NULL);
	return rc == SQLITE_OK ? CARD_OK : translate(s, rc);
}

static void close_sqlite(flow_store_t *s)
{
	for (size_t i = 0; i < s->statements; i++)
		sqlite3_finalize(s->statement[i].handle);
	sqlite3_close(s->db);
}

static const struct store_ops ops = {run, script, add, close_sqlite, "BEGIN IMMEDIATE"};

/* The file exists with mode 0600 before SQLite opens it, so that its log files get the same. One that
 * is there already is not opened here: closing it again would drop every lock that other connections
 * of this process hold on it (fcntl(2)), and another program could take the log for its own. */
static enum card_error make_file(flow_store_t *s, const char *path, unsigned flags)
{
	struct stat st;
	int fd = -1;

	if ((flags & FLOW_STORE_CREATE) != 0)
		fd = open(path, O_RDWR | O_CLOEXEC | O_CREAT | O_EXCL, 0600);
	if (fd >= 0) {
		close(fd);
		return CARD_OK;
	}
	if (stat(path, &st) == 0 && S_ISREG(st.st_mode))
		return CARD_OK;
	store_note(s, strerror(errno));
	return errno == ENOENT ? CARD_ERR_NOT_FOUND : CARD_ERR_IO;
}

enum card_error store_open_sqlite(flow_store_t *s, const char *path, unsigned flags)
{
	static const char settings[] =
		"PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;"
		"PRAGMA foreign_keys=ON;PRAGMA trusted_schema=OFF;"
		"PRAGMA secure_delete=ON;"
		/* what a savepoint or statement could undo never reaches a disk */
		"PRAGMA temp_store=MEMORY;"
		/* 16 MiB: pages that many records share are copied once */
		"PRAGMA wal_autocheckpoint=4000;PRAGMA cache_size=-16384;";
	const bool read_only = (flags & FLOW_STORE_READ_ONLY) != 0;
	enum card_error err = read_only ? CARD_OK : make_file(s, path, flags);
	int rc;

	if (err != CARD_OK)
		return err;
	if (read_only && access(path, F_OK) != 0) {
		store_note(s, strerror(errno));
		return CARD_ERR_NOT_FOUND;
	}
	rc = sqlite3_open_v2(path, (sqlite3 **)&s->db,
			     (read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) |
				     SQLITE_OPEN_NOMUTEX, /* store.h: one thread at a time */
			     NULL);
	s->ops = &ops;
	if (rc != SQLITE_OK)
		return translate(s, rc);
	sqlite3_extended_result_codes(s->db, 1);
	sqlite3_busy_timeout(s->db, 10000);
	return script(s, read_only ? "PRAGMA trusted_schema=OFF;SELECT count(*) FROM sqlite_master;"
				   : settings);
}
