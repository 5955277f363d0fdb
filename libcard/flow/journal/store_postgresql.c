/* SPDX-License-Identifier: Apache-2.0 */
/* store_postgresql.c — PostgreSQL through libpq, each commit synced. */
#include "store_internal.h"

#include <libpq-fe.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Classes of SQLSTATE (PostgreSQL documentation, appendix A). */
static enum card_error translate(flow_store_t *s, const PGresult *r)
{
	const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
	const char *text = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);

	store_note(s, text != NULL ? text : PQerrorMessage(s->db));
	if (PQstatus(s->db) != CONNECTION_OK || state == NULL)
		return CARD_ERR_NO_SERVICE;
	/* 23 integrity, 42501 insufficient privilege, P0001 raised by a trigger, 25006 read only. */
	if (strncmp(state, "23", 2) == 0 || strcmp(state, "42501") == 0 ||
	    strcmp(state, "P0001") == 0 || strcmp(state, "25006") == 0)
		return CARD_ERR_DENIED;
	if (strcmp(state, "55P03") == 0 || strcmp(state, "40P01") == 0 ||
	    strcmp(state, "40001") == 0)
		return CARD_ERR_TIMEOUT;
	return CARD_ERR_IO;
}

static bool good(const PGresult *r)
{
	const ExecStatusType status = PQresultStatus(r);

	return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ||
	       status == PGRES_EMPTY_QUERY;
}

/* Statements are prepared once; name receives "" when there is no more room to keep one. */
static enum card_error prepare(flow_store_t *s, const char *sql, size_t n, char name[24])
{
	PGresult *r;
	enum card_error err = CARD_OK;
	char *copy;

	name[0] = '\0';
	for (size_t i = 0; i < s->statements; i++) {
		if (strcmp(s->statement[i].sql, sql) == 0) {
			snprintf(name, 24, "s%zu", i % 1000);
			return CARD_OK;
		}
	}
	if (s->statements == STORE_STATEMENTS)
		return CARD_OK;
	copy = strdup(sql);
	if (copy == NULL)
		return CARD_ERR_NO_MEMORY;
	snprintf(name, 24, "s%zu", s->statements % 1000);
	r = PQprepare(s->db, name, sql, (int)n, NULL);
	if (good(r))
		s->statement[s->statements++].sql = copy;
	else {
		err = translate(s, r);
		free(copy);
	}
	PQclear(r);
	return err;
}

static enum card_error give_rows(const PGresult *r, flow_row_fn row, void *ctx)
{
	const char *column[STORE_COLUMNS];
	const int n = PQnfields(r) < STORE_COLUMNS ? PQnfields(r) : STORE_COLUMNS;
	enum card_error err = CARD_OK;

	for (int i = 0; row != NULL && i < PQntuples(r) && err == CARD_OK; i++) {
		for (int c = 0; c < n; c++)
			column[c] = PQgetisnull(r, i, c) ? NULL : PQgetvalue(r, i, c);
		err = row(ctx, column, (size_t)n);
	}
	return err;
}

static enum card_error run(flow_store_t *s, const char *sql, const char *const *params, size_t n,
			   flow_row_fn row, void *ctx)
{
	char name[24];
	PGresult *r;
	enum card_error err = prepare(s, sql, n, name);

	if (err != CARD_OK)
		return err;
	r = name[0] != '\0' ? PQexecPrepared(s->db, name, (int)n, params, NULL, NULL, 0)
			    : PQexecParams(s->db, sql, (int)n, NULL, params, NULL, NULL, 0);
	if (good(r)) {
		s->changes = strtol(PQcmdTuples(r), NULL, 10);
		err = give_rows(r, row, ctx);
	} else {
		err = translate(s, r);
	}
	PQclear(r);
	return err;
}

static enum card_error script(flow_store_t *s, const char *sql)
{
	PGresult *r = PQexec(s->db, sql);
	enum card_error err = good(r) ? CARD_OK : translate(s, r);

	/* COMMIT of a transaction that failed before answers ROLLBACK, and no error. */
	if (err == CARD_OK && strcmp(sql, "COMMIT") == 0 && strcmp(PQcmdStatus(r), "COMMIT") != 0)
		err = CARD_ERR_IO;
	PQclear(r);
	return err;
}

/* A row as COPY takes it (PostgreSQL documentation, COPY, text format); at is where it goes. */
static char *copy_row(char *at, size_t columns, const char *const *values)
{
	for (size_t i = 0; i < columns; i++) {
		for (const char *p = values[i] != NULL ? values[i] : ""; *p != '\0'; p++) {
			const char c = *p == '\t' ? 't' : *p == '\n' ? 'n' : *p == '\r' ? 'r' : *p;

			if (c != *p || c == '\\')
				*at++ = '\\';
			*at++ = c;
		}
		if (values[i] == NULL) {
			*at++ = '\\';
			*at++ = 'N';
		}
		*at++ = i + 1 < columns ? '\t' : '\n';
	}
	return at;
}

static enum card_error copy_rows(flow_store_t *s, size_t columns, const char *const *values,
				 size_t rows)
{
	size_t room = rows * columns * 3 + 1;
	char *text, *end;
	enum card_error err;

	for (size_t i = 0; i < rows * columns; i++)
		room += values[i] != NULL ? 2 * strlen(values[i]) : 0;
	text = end = malloc(room);
	for (size_t i = 0; i < rows && text != NULL; i++)
		end = copy_row(end, columns, values + i * columns);
	/* Without text the server is told to give up. */
	if (text != NULL && end - text <= INT_MAX &&
	    PQputCopyData(s->db, text, (int)(end - text)) == 1)
		err = PQputCopyEnd(s->db, NULL) == 1 ? CARD_OK : CARD_ERR_NO_SERVICE;
	else
		err = PQputCopyEnd(s->db, "no memory") == 1 ? CARD_ERR_NO_MEMORY
							    : CARD_ERR_NO_SERVICE;
	free(text);
	return err;
}

#define COPY_FROM 8 /* rows: below it the round trips of COPY cost more than they save */

/* Single rows as statements, many by COPY: the same rights, triggers and constraints. */
static enum card_error add(flow_store_t *s, const char *into, size_t columns,
			   const char *const *values, size_t rows)
{
	char sql[1024];
	enum card_error err =
		store_insert_text(into, columns, sql, sizeof sql) ? CARD_OK : CARD_ERR_TOO_LONG;
	PGresult *r;

	if (err != CARD_OK)
		return err;
	if (rows < COPY_FROM) {
		for (size_t i = 0; i < rows && err == CARD_OK; i++)
			err = run(s, sql, values + i * columns, columns, NULL, NULL);
		return err;
	}
	snprintf(sql, sizeof sql, "COPY %s FROM STDIN", into);
	r = PQexec(s->db, sql);
	err = PQresultStatus(r) == PGRES_COPY_IN ? CARD_OK : translate(s, r);
	PQclear(r);
	if (err != CARD_OK)
		return err;
	err = copy_rows(s, columns, values, rows);
	while ((r = PQgetResult(s->db)) != NULL) {
		if (!good(r))
			err = translate(s, r);
		PQclear(r);
	}
	return err;
}

static void close_postgresql(flow_store_t *s)
{
	PQfinish(s->db);
}

static void no_notice(void *ctx, const PGresult *r)
{
	(void)ctx;
	(void)r;
}

static const struct store_ops ops = {run, script, add, close_postgresql, "BEGIN"};

enum card_error store_open_postgresql(flow_store_t *s, const char *conninfo, unsigned flags)
{
	static const char settings[] =
		"SET synchronous_commit=on;SET lock_timeout='10s';"
		"SET client_encoding='UTF8';SET standard_conforming_strings=on";

	s->ops = &ops;
	s->db = PQconnectdb(conninfo);
	if (s->db == NULL)
		return CARD_ERR_NO_MEMORY;
	if (PQstatus(s->db) != CONNECTION_OK) {
		store_note(s, PQerrorMessage(s->db));
		return CARD_ERR_NO_SERVICE;
	}
	PQsetNoticeReceiver(s->db, no_notice, NULL);
	if ((flags & FLOW_STORE_READ_ONLY) != 0) {
		const enum card_error err = script(s, "SET default_transaction_read_only=on");

		if (err != CARD_OK)
			return err;
	}
	return script(s, settings);
}
