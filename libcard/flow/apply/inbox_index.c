/* SPDX-License-Identifier: Apache-2.0 */
/* inbox_index.c — SQLite index and payload files of an inbox. */
#include "inbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <card/secret.h>

#define COLUMNS                                                                                    \
	"id, version, received_at, superseded_at, decided_at, erased_at, form, procedure, "        \
	"verdict, reasons, source, crl_number, this_update, digest, state, examiner, decision"

/* Records are never deleted, and of what was received only state and verdict change (R5-07). */
static const char schema[] =
	"PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;"
	"CREATE TABLE IF NOT EXISTS version (id TEXT NOT NULL, version INTEGER NOT NULL,"
	" received_at INTEGER NOT NULL, superseded_at INTEGER NOT NULL, decided_at INTEGER NOT NULL,"
	" erased_at INTEGER NOT NULL, form TEXT NOT NULL, procedure TEXT NOT NULL,"
	" verdict INTEGER NOT NULL, reasons TEXT NOT NULL, source TEXT NOT NULL,"
	" crl_number TEXT NOT NULL, this_update INTEGER NOT NULL, digest TEXT NOT NULL,"
	" state INTEGER NOT NULL, examiner TEXT NOT NULL, decision TEXT NOT NULL,"
	" PRIMARY KEY (id, version));"
	"CREATE TRIGGER IF NOT EXISTS no_delete BEFORE DELETE ON version"
	" BEGIN SELECT RAISE(ABORT, 'records stay'); END;"
	"CREATE TRIGGER IF NOT EXISTS same_source BEFORE UPDATE OF id, version, received_at, form,"
	" procedure, digest ON version BEGIN SELECT RAISE(ABORT, 'records stay'); END;";

enum card_error flow_inbox_open(flow_inbox_t **out, const char *folder)
{
	char path[4000];
	flow_inbox_t *b;

	if (out == NULL || folder == NULL || strlen(folder) >= sizeof b->folder)
		return CARD_ERR_INVALID_ARGUMENT;
	b = calloc(1, sizeof(*b));
	if (b == NULL)
		return CARD_ERR_NO_MEMORY;
	snprintf(b->folder, sizeof b->folder, "%s", folder);
	snprintf(path, sizeof path, "%s/index.db", folder);
	if ((mkdir(folder, 0700) != 0 && errno != EEXIST) ||
	    sqlite3_open_v2(path, &b->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) !=
		    SQLITE_OK ||
	    sqlite3_busy_timeout(b->db, 5000) != SQLITE_OK ||
	    sqlite3_exec(b->db, schema, NULL, NULL, NULL) != SQLITE_OK) {
		flow_inbox_free(&b);
		return CARD_ERR_IO;
	}
	*out = b;
	return CARD_OK;
}

void flow_inbox_free(flow_inbox_t **b)
{
	if (b == NULL || *b == NULL)
		return;
	sqlite3_close((*b)->db);
	free(*b);
	*b = NULL;
}

static void text(sqlite3_stmt *s, int column, char *out, size_t cap)
{
	const char *t = (const char *)sqlite3_column_text(s, column);

	snprintf(out, cap, "%s", t != NULL ? t : "");
}

static void read_row(sqlite3_stmt *s, struct flow_inbox_row *r)
{
	memset(r, 0, sizeof(*r));
	text(s, 0, r->id, sizeof r->id);
	r->version = (unsigned)sqlite3_column_int(s, 1);
	r->received_at = sqlite3_column_int64(s, 2);
	r->superseded_at = sqlite3_column_int64(s, 3);
	r->decided_at = sqlite3_column_int64(s, 4);
	r->erased_at = sqlite3_column_int64(s, 5);
	text(s, 6, r->form, sizeof r->form);
	text(s, 7, r->procedure, sizeof r->procedure);
	r->verdict = (enum card_verdict)sqlite3_column_int(s, 8);
	text(s, 9, r->reasons, sizeof r->reasons);
	text(s, 10, r->source, sizeof r->source);
	text(s, 11, r->crl_number, sizeof r->crl_number);
	r->this_update = sqlite3_column_int64(s, 12);
	text(s, 13, r->digest, sizeof r->digest);
	r->state = (enum flow_application_state)sqlite3_column_int(s, 14);
	text(s, 15, r->examiner, sizeof r->examiner);
	text(s, 16, r->decision, sizeof r->decision);
}

static enum card_error find(flow_inbox_t *b, const char *sql, const char *id, unsigned version,
			    struct flow_inbox_row *out)
{
	enum card_error err = CARD_ERR_IO;
	sqlite3_stmt *s = NULL;
	int rc;

	if (sqlite3_prepare_v2(b->db, sql, -1, &s, NULL) == SQLITE_OK &&
	    sqlite3_bind_text(s, 1, id, -1, SQLITE_TRANSIENT) == SQLITE_OK &&
	    sqlite3_bind_int64(s, 2, version) == SQLITE_OK) {
		rc = sqlite3_step(s);
		err = rc == SQLITE_ROW    ? CARD_OK
		      : rc == SQLITE_DONE ? CARD_ERR_NOT_FOUND
					  : CARD_ERR_IO;
		if (rc == SQLITE_ROW)
			read_row(s, out);
	}
	sqlite3_finalize(s);
	return err;
}

enum card_error inbox_find(flow_inbox_t *b, const char *id, unsigned version,
			   struct flow_inbox_row *out)
{
	return find(b,
		    "SELECT " COLUMNS " FROM version WHERE id = ?1 AND (?2 = 0 OR version = ?2) "
		    "ORDER BY version DESC LIMIT 1",
		    id, version, out);
}

enum card_error inbox_before(flow_inbox_t *b, const char *id, unsigned version,
			     struct flow_inbox_row *out)
{
	return find(b,
		    "SELECT " COLUMNS " FROM version WHERE id = ?1 AND version < ?2 "
		    "ORDER BY version DESC LIMIT 1",
		    id, version, out);
}

enum card_error flow_inbox_list(flow_inbox_t *b, flow_inbox_fn *fn, void *ctx)
{
	static const char sql[] =
		"SELECT " COLUMNS " FROM version ORDER BY received_at, id, version";
	struct flow_inbox_row row;
	sqlite3_stmt *s = NULL;
	int rc = SQLITE_ERROR;

	if (b == NULL || fn == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	if (sqlite3_prepare_v2(b->db, sql, -1, &s, NULL) == SQLITE_OK) {
		while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
			read_row(s, &row);
			fn(ctx, &row);
		}
	}
	sqlite3_finalize(s);
	return rc == SQLITE_DONE ? CARD_OK : CARD_ERR_IO;
}

static bool bind(sqlite3_stmt *s, const struct flow_inbox_row *r)
{
	const char *const texts[] = {r->reasons,   r->source,   r->crl_number,
				     r->examiner,  r->decision, r->form,
				     r->procedure, r->digest,   r->id};
	const int64_t numbers[] = {r->superseded_at,    r->decided_at,  r->erased_at,
				   (int64_t)r->verdict, r->this_update, (int64_t)r->state,
				   r->received_at,      r->version};

	for (int i = 0; i < 9; i++) {
		if (sqlite3_bind_text(s, 1 + i, texts[i], -1, SQLITE_TRANSIENT) != SQLITE_OK)
			return false;
	}
	for (int i = 0; i < 8; i++) {
		if (sqlite3_bind_int64(s, 10 + i, numbers[i]) != SQLITE_OK)
			return false;
	}
	return true;
}

enum card_error inbox_put(flow_inbox_t *b, const struct flow_inbox_row *row, bool fresh)
{
	static const char add[] = "INSERT INTO version (" COLUMNS
				  ") VALUES (?9, ?17, ?16, ?10, ?11, ?12, ?6, ?7, ?13, "
				  "?1, ?2, ?3, ?14, ?8, ?15, ?4, ?5)";
	/* Numbers ?6, ?7, ?8, ?16 are bound, and compared, so that the row is the one meant. */
	static const char change[] =
		"UPDATE version SET reasons = ?1, source = ?2, crl_number = ?3, examiner = ?4, "
		"decision = ?5, superseded_at = ?10, decided_at = ?11, erased_at = ?12, verdict = "
		"?13, this_update = ?14, state = ?15 WHERE id = ?9 AND version = ?17 AND form = ?6 "
		"AND procedure = ?7 AND digest = ?8 AND received_at = ?16";
	sqlite3_stmt *s = NULL;
	bool done = false;

	if (sqlite3_prepare_v2(b->db, fresh ? add : change, -1, &s, NULL) == SQLITE_OK &&
	    bind(s, row))
		done = sqlite3_step(s) == SQLITE_DONE && sqlite3_changes(b->db) == 1;
	sqlite3_finalize(s);
	return done ? CARD_OK : CARD_ERR_IO;
}

enum card_error inbox_supersede(flow_inbox_t *b, const char *id, unsigned below, int64_t at)
{
	static const char sql[] = "UPDATE version SET state = ?1, superseded_at = ?2 WHERE id = ?3 "
				  "AND version < ?4 AND superseded_at = 0 AND state <> ?5";
	sqlite3_stmt *s = NULL;
	bool done = false;

	if (sqlite3_prepare_v2(b->db, sql, -1, &s, NULL) == SQLITE_OK &&
	    sqlite3_bind_int(s, 1, FLOW_STATE_SUPERSEDED) == SQLITE_OK &&
	    sqlite3_bind_int64(s, 2, at) == SQLITE_OK &&
	    sqlite3_bind_text(s, 3, id, -1, SQLITE_TRANSIENT) == SQLITE_OK &&
	    sqlite3_bind_int64(s, 4, below) == SQLITE_OK &&
	    sqlite3_bind_int(s, 5, FLOW_STATE_ERASED) == SQLITE_OK)
		done = sqlite3_step(s) == SQLITE_DONE;
	sqlite3_finalize(s);
	return done ? CARD_OK : CARD_ERR_IO;
}

/* ---- payloads ---- */

static void payload_path(const flow_inbox_t *b, const struct flow_inbox_row *row, char out[4000])
{
	snprintf(out, 4000, "%s/%s-%u.sealed", b->folder, row->id, row->version);
}

enum card_error inbox_payload_write(flow_inbox_t *b, const struct flow_inbox_row *row,
				    struct card_bytes package)
{
	char path[4000];
	size_t done = 0;
	bool ok;
	int fd;

	payload_path(b, row, path);
	/* One that is left from a receipt that was cut short is written anew. */
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return CARD_ERR_IO;
	while (done < package.n) {
		const ssize_t n = write(fd, package.p + done, package.n - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	ok = done == package.n && fsync(fd) == 0;
	ok = close(fd) == 0 && ok;
	if (!ok)
		unlink(path);
	return ok ? CARD_OK : CARD_ERR_IO;
}

enum card_error inbox_payload_read(flow_inbox_t *b, const struct flow_inbox_row *row,
				   card_buf_t *out)
{
	char path[4000];
	flow_file_t *f = NULL;
	enum card_error err;

	payload_path(b, row, path);
	err = flow_file_open(&f, path);
	if (err == CARD_OK)
		err = card_buf_append(out, flow_file_bytes(f));
	flow_file_free(&f);
	return err;
}

/* Overwritten first; where storage keeps old blocks all the same, they hold sealed bytes only. */
enum card_error inbox_payload_erase(flow_inbox_t *b, const struct flow_inbox_row *row)
{
	static const uint8_t zeros[4096];
	char path[4000];
	struct stat st;
	int fd;

	payload_path(b, row, path);
	fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return errno == ENOENT ? CARD_OK : CARD_ERR_IO;
	if (fstat(fd, &st) == 0) {
		for (off_t at = 0; at < st.st_size; at += (off_t)sizeof zeros) {
			const size_t n = st.st_size - at < (off_t)sizeof zeros
						 ? (size_t)(st.st_size - at)
						 : sizeof zeros;

			if (write(fd, zeros, n) != (ssize_t)n)
				break;
		}
		(void)fsync(fd);
	}
	close(fd);
	return unlink(path) == 0 ? CARD_OK : CARD_ERR_IO;
}
