/* SPDX-License-Identifier: Apache-2.0 */
/* store_schema.c — the tables. Every other number points to issue_transaction.id. */
#include "store_internal.h"

/* SMALL: for a table whose rows are found by their key alone; SQLite then keeps them in one tree, not in
 * two. */
#define TABLES(SMALL)                                                                                       \
	"CREATE TABLE IF NOT EXISTS issue_transaction ("                                                    \
	" id TEXT PRIMARY KEY, session TEXT NOT NULL, terminal TEXT NOT NULL,"                              \
	" application TEXT NOT NULL, inquiry TEXT NOT NULL UNIQUE, municipality TEXT NOT NULL,"             \
	" kind TEXT NOT NULL, method TEXT NOT NULL, options TEXT NOT NULL, language TEXT NOT NULL,"         \
	" consent TEXT NOT NULL, state TEXT NOT NULL, flow_row TEXT, code TEXT,"                            \
	" resumed INTEGER NOT NULL, copies INTEGER NOT NULL CHECK (copies BETWEEN 1 AND 10),"               \
	" pages INTEGER NOT NULL, fee BIGINT NOT NULL CHECK (fee >= 0), payment TEXT NOT NULL,"             \
	" money INTEGER NOT NULL, paid BIGINT NOT NULL, refund TEXT NOT NULL,"                              \
	" refund_state INTEGER NOT NULL, refund_amount BIGINT NOT NULL, permit TEXT NOT NULL,"              \
	" seq BIGINT NOT NULL, request TEXT NOT NULL, answer TEXT NOT NULL, nonce TEXT NOT NULL,"           \
	" nonce_until BIGINT NOT NULL, attempt INTEGER NOT NULL, opened BIGINT NOT NULL,"                   \
	" received BIGINT NOT NULL, changed BIGINT NOT NULL, deadline BIGINT NOT NULL,"                     \
	" day TEXT NOT NULL, binding TEXT NOT NULL, card TEXT NOT NULL, doc_key TEXT NOT NULL,"             \
	" resident TEXT NOT NULL, recent TEXT NOT NULL, events BIGINT NOT NULL,"                            \
	" UNIQUE (terminal, application));"                                                                 \
	"CREATE INDEX IF NOT EXISTS issue_transaction_deadline ON issue_transaction (deadline)"             \
	" WHERE deadline > 0;"                                                                              \
	"CREATE INDEX IF NOT EXISTS issue_transaction_day ON issue_transaction (day);"                      \
	"CREATE INDEX IF NOT EXISTS issue_transaction_live ON issue_transaction (terminal) WHERE"           \
	" state NOT IN ('closed','refused','cancelled','timed_out','refunded');"                            \
	"CREATE TABLE IF NOT EXISTS issue_copy ("                                                           \
	" number TEXT PRIMARY KEY, id TEXT NOT NULL, place INTEGER NOT NULL, attempt INTEGER NOT NULL,"     \
	" state INTEGER NOT NULL, sheets INTEGER NOT NULL, UNIQUE (id, attempt, place))" SMALL              \
	";" /* Never two valid papers for one copy, whatever a program does. 2 is FLOW_ISSUE_COPY_VALID. */ \
	"CREATE UNIQUE INDEX IF NOT EXISTS issue_copy_valid ON issue_copy (id, place) WHERE state = 2;"     \
	"CREATE INDEX IF NOT EXISTS issue_copy_void ON issue_copy (number) WHERE state = 3;"                \
	"CREATE TABLE IF NOT EXISTS issue_refund ("                                                         \
	" refund TEXT PRIMARY KEY, id TEXT NOT NULL, payment TEXT NOT NULL, kind TEXT NOT NULL,"            \
	" amount BIGINT NOT NULL, state TEXT NOT NULL, means TEXT, created BIGINT NOT NULL,"                \
	" changed BIGINT NOT NULL);"                                                                        \
	"CREATE INDEX IF NOT EXISTS issue_refund_open ON issue_refund (created) WHERE state = 'effective';" \
	"CREATE INDEX IF NOT EXISTS issue_refund_of ON issue_refund (id);"                                  \
	"CREATE TABLE IF NOT EXISTS issue_document (id TEXT PRIMARY KEY, sealed TEXT NOT NULL)" SMALL       \
	";"                                                                                                 \
	"CREATE TABLE IF NOT EXISTS issue_event ("                                                          \
	" id TEXT NOT NULL, n BIGINT NOT NULL, time BIGINT NOT NULL, flow_row TEXT, event TEXT NOT NULL,"   \
	" from_state TEXT, to_state TEXT, code TEXT, terminal TEXT NOT NULL, process TEXT NOT NULL);"       \
	"CREATE INDEX IF NOT EXISTS issue_event_of ON issue_event (id, n);"                                 \
	"CREATE TABLE IF NOT EXISTS issue_session ("                                                        \
	" terminal TEXT PRIMARY KEY, session TEXT NOT NULL, started BIGINT NOT NULL);"                      \
	"CREATE TABLE IF NOT EXISTS issue_recent ("                                                         \
	" tag TEXT PRIMARY KEY, id TEXT NOT NULL, until BIGINT NOT NULL)" SMALL ";"                         \
	"CREATE TABLE IF NOT EXISTS issue_day_key (day TEXT PRIMARY KEY, wrapped TEXT NOT NULL);"           \
	"CREATE TABLE IF NOT EXISTS issue_outbox (number BIGINT PRIMARY KEY, id TEXT NOT NULL,"             \
	" municipality TEXT NOT NULL, body TEXT NOT NULL, due BIGINT NOT NULL);"                            \
	"CREATE INDEX IF NOT EXISTS issue_outbox_due ON issue_outbox (due);"                                \
	"CREATE TABLE IF NOT EXISTS issue_user_id (municipality TEXT NOT NULL, key TEXT NOT NULL,"          \
	" user_id TEXT NOT NULL, PRIMARY KEY (municipality, key));"                                         \
	"CREATE TABLE IF NOT EXISTS issue_card (key TEXT PRIMARY KEY, state TEXT NOT NULL,"                 \
	" since BIGINT NOT NULL);"                                                                          \
	"CREATE TABLE IF NOT EXISTS issue_stop (scope TEXT NOT NULL, value TEXT NOT NULL,"                  \
	" since BIGINT NOT NULL, reason TEXT NOT NULL, PRIMARY KEY (scope, value));"                        \
	"CREATE TABLE IF NOT EXISTS issue_admin (request TEXT PRIMARY KEY, action TEXT NOT NULL,"           \
	" scope TEXT NOT NULL, value TEXT NOT NULL, reason TEXT NOT NULL, asked_by TEXT NOT NULL,"          \
	" asked BIGINT NOT NULL, agreed_by TEXT, agreed BIGINT);"

static const char sqlite_tables[] = TABLES(" WITHOUT ROWID");
static const char postgresql_tables[] = TABLES("");

static enum card_error make(void *ctx, flow_store_t *db)
{
	enum card_error err = CARD_OK;

	(void)ctx;
	/* Two processes that start at once: one after the other. The number is this table set's. */
	if (flow_store_is_postgresql(db))
		err = flow_store_script(db, "SELECT pg_advisory_xact_lock(7239001)");
	return err != CARD_OK
		       ? err
		       : flow_store_script(db, flow_store_is_postgresql(db) ? postgresql_tables
									    : sqlite_tables);
}

enum card_error flow_issue_store_setup(flow_issue_store_t *s)
{
	return flow_issue_store_work(s, make, NULL);
}
