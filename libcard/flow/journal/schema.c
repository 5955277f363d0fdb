/* SPDX-License-Identifier: Apache-2.0 */
/* schema.c — the tables of the journal: rows are added, never changed; a body goes only when an
 * erasure record names it (rules R7-19, PD-34). */
#include "journal_internal.h"

#include <stdlib.h>
#include <string.h>

static const char tables[] =
	"CREATE TABLE IF NOT EXISTS journal ("
	" terminal TEXT NOT NULL, seq BIGINT NOT NULL CHECK (seq > 0), time TEXT NOT NULL,"
	" event TEXT NOT NULL, phase TEXT NOT NULL, txn TEXT NOT NULL, operator TEXT NOT NULL,"
	" organ TEXT NOT NULL, body TEXT, hash TEXT NOT NULL, PRIMARY KEY (terminal, seq));"
	"CREATE INDEX IF NOT EXISTS journal_txn ON journal (txn) WHERE txn <> '';"
	"CREATE INDEX IF NOT EXISTS journal_time ON journal (time);"
	/* Small ones: what is asked at every start must not grow with the journal. */
	"CREATE INDEX IF NOT EXISTS journal_unknown ON journal (terminal, seq) WHERE phase = 'unknown';"
	"CREATE INDEX IF NOT EXISTS journal_explained ON journal (terminal, seq)"
	" WHERE event = 'unknown-explained';"
	"CREATE TABLE IF NOT EXISTS journal_mark (terminal TEXT NOT NULL, seq BIGINT NOT NULL,"
	" PRIMARY KEY (terminal, seq));"
	"CREATE TABLE IF NOT EXISTS journal_checkpoint ("
	" terminal TEXT NOT NULL, size BIGINT NOT NULL, root TEXT NOT NULL, frontier TEXT NOT NULL,"
	" hash TEXT NOT NULL, time TEXT NOT NULL, signature TEXT NOT NULL,"
	" PRIMARY KEY (terminal, size));"
	"CREATE TABLE IF NOT EXISTS journal_erasure ("
	" terminal TEXT NOT NULL, first BIGINT NOT NULL, last BIGINT NOT NULL, record BIGINT NOT NULL,"
	" PRIMARY KEY (terminal, first));"
	"CREATE TABLE IF NOT EXISTS journal_hold ("
	" terminal TEXT NOT NULL, first BIGINT NOT NULL, last BIGINT NOT NULL, until TEXT NOT NULL,"
	" record BIGINT NOT NULL, PRIMARY KEY (terminal, record));";

#define GUARD(name, table, what)                                                                   \
	"CREATE TRIGGER IF NOT EXISTS " name " BEFORE " what " ON " table                          \
	" BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;"

static const char sqlite_guards[] = GUARD("journal_no_delete", "journal", "DELETE") GUARD(
	"checkpoint_no_update", "journal_checkpoint",
	"UPDATE") GUARD("checkpoint_no_delete", "journal_checkpoint",
			"DELETE") GUARD("erasure_no_update", "journal_erasure",
					"UPDATE") GUARD("erasure_no_delete", "journal_erasure",
							"DELETE") GUARD("hold_no_update",
									"journal_hold", "UPDATE")
	GUARD("hold_no_delete", "journal_hold",
	      "DELETE") "CREATE TRIGGER IF NOT EXISTS journal_no_update BEFORE UPDATE ON journal WHEN NOT ("
			" NEW.body IS NULL AND OLD.body IS NOT NULL AND NEW.terminal = OLD.terminal"
			" AND NEW.seq = OLD.seq AND NEW.hash = OLD.hash AND NEW.time = OLD.time"
			" AND EXISTS (SELECT 1 FROM journal_erasure e WHERE e.terminal = OLD.terminal"
			"  AND OLD.seq BETWEEN e.first AND e.last))"
			" BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;";

static const char postgresql_guards[] =
	"CREATE OR REPLACE FUNCTION journal_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
	" IF TG_TABLE_NAME = 'journal' AND TG_OP = 'UPDATE' THEN"
	"  IF NEW.body IS NULL AND OLD.body IS NOT NULL AND NEW.terminal = OLD.terminal"
	"   AND NEW.seq = OLD.seq AND NEW.hash = OLD.hash AND NEW.time = OLD.time"
	"   AND EXISTS (SELECT 1 FROM journal_erasure e WHERE e.terminal = OLD.terminal"
	"    AND OLD.seq BETWEEN e.first AND e.last) THEN RETURN NEW; END IF; END IF;"
	" RAISE EXCEPTION 'the journal is append-only'; END $$;"
	"CREATE OR REPLACE TRIGGER journal_guard BEFORE UPDATE OR DELETE ON journal"
	" FOR EACH ROW EXECUTE FUNCTION journal_refuse();"
	"CREATE OR REPLACE TRIGGER checkpoint_guard BEFORE UPDATE OR DELETE ON journal_checkpoint"
	" FOR EACH ROW EXECUTE FUNCTION journal_refuse();"
	"CREATE OR REPLACE TRIGGER erasure_guard BEFORE UPDATE OR DELETE ON journal_erasure"
	" FOR EACH ROW EXECUTE FUNCTION journal_refuse();"
	"CREATE OR REPLACE TRIGGER hold_guard BEFORE UPDATE OR DELETE ON journal_hold"
	" FOR EACH ROW EXECUTE FUNCTION journal_refuse();"
	"CREATE OR REPLACE TRIGGER journal_truncate_guard BEFORE TRUNCATE ON journal"
	" FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse();";

static bool plain_name(const char *name)
{
	const size_t n = strlen(name);

	return n >= 1 && n <= 60 && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == n;
}

static enum card_error grant(flow_store_t *store, const char *writer)
{
	static const char *const rights[] = {
		"REVOKE ALL ON journal, journal_checkpoint, journal_erasure, journal_hold, journal_mark FROM ",
		"GRANT SELECT, INSERT ON journal, journal_checkpoint, journal_hold, journal_mark TO ",
		"GRANT SELECT ON journal_erasure TO "};
	enum card_error err = CARD_OK;
	char sql[200];

	for (size_t i = 0; i < 3 && err == CARD_OK; i++) {
		snprintf(sql, sizeof sql, "%s%s", rights[i], writer);
		err = flow_store_script(store, sql);
	}
	return err;
}

enum card_error journal_setup(flow_store_t *store, const char *writer)
{
	const bool pg = flow_store_is_postgresql(store);
	enum card_error err;

	if (store == NULL || (writer != NULL && (!pg || !plain_name(writer))))
		return CARD_ERR_INVALID_ARGUMENT;
	err = flow_store_begin(store);
	if (err != CARD_OK)
		return err;
	err = flow_store_script(store, tables);
	if (err == CARD_OK)
		err = flow_store_script(store, pg ? postgresql_guards : sqlite_guards);
	if (err == CARD_OK && writer != NULL)
		err = grant(store, writer);
	if (err == CARD_OK)
		err = flow_store_commit(store);
	if (err != CARD_OK)
		flow_store_rollback(store);
	return err;
}
