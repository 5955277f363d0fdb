/* SPDX-License-Identifier: Apache-2.0 */
/* journal_case.h — an empty journal on a store of either kind, for the tests of the journal. */
#ifndef JOURNAL_CASE_H
#define JOURNAL_CASE_H

#include "pg_server.h"
#include "test.h"
#include "tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cardflow/journal.h>
#include <cardflow/seal.h>

#define PASSPHRASE "correct horse"

struct journal_case {
	bool postgresql;
	struct pg_server *server;
	char folder[64], where[256], owner_where[256];
	char recipients[128], audit_key[128], second_key[128], signing[128], public_key[128],
		copy[128];
	flow_store_t *store, *owner; /* owner: may change tables */
	journal_t *journal;
	int64_t now;
};

static inline int64_t case_clock(void *ctx)
{
	return ((struct journal_case *)ctx)->now;
}

static inline card_secret_t *case_passphrase(void)
{
	card_secret_t *s = NULL;

	assert_ok(card_secret_new(&s));
	assert_ok(card_secret_set(s, BYTES(PASSPHRASE)));
	return s;
}

static inline void case_keys(struct journal_case *c)
{
	card_secret_t *p = case_passphrase();
	char command[512];

	assert_ok(journal_seal_make(c->folder, "audit", p));
	assert_ok(journal_seal_make(c->folder, "second", p));
	assert_ok(journal_signing_make(c->folder, "checkpoint"));
	card_secret_free(&p);
	snprintf(c->recipients, sizeof c->recipients, "%s/recipients.pem", c->folder);
	snprintf(c->audit_key, sizeof c->audit_key, "%s/audit-key.pem", c->folder);
	snprintf(c->second_key, sizeof c->second_key, "%s/second-key.pem", c->folder);
	snprintf(c->signing, sizeof c->signing, "%s/checkpoint-key.pem", c->folder);
	snprintf(c->public_key, sizeof c->public_key, "%s/checkpoint.pub.pem", c->folder);
	snprintf(c->copy, sizeof c->copy, "%s/outside.txt", c->folder);
	snprintf(command, sizeof command, "cat %s/audit.pem %s/second.pem >%s", c->folder,
		 c->folder, c->recipients);
	assert_int_equal(system(command), 0);
}

static inline void case_open(struct journal_case *c, const char *terminal)
{
	const struct journal_options opt = {.terminal = terminal,
					    .program = "test 1",
					    .recipients = c->recipients,
					    .signing_key = c->signing,
					    .checkpoint_copy = c->copy,
					    .clock = case_clock,
					    .clock_ctx = c};
	struct flow_problem problem = {.text = ""};

	if (c->store == NULL &&
	    flow_store_open(&c->store, c->where, FLOW_STORE_CREATE, &problem) != CARD_OK)
		fail_msg("%s", problem.text);
	if (c->owner == NULL)
		assert_ok(flow_store_open(&c->owner, c->owner_where, FLOW_STORE_CREATE, NULL));
	assert_ok(journal_setup(c->owner, c->postgresql ? "clerk" : NULL));
	if (journal_open(&c->journal, c->store, &opt, &problem) != CARD_OK)
		fail_msg("%s", problem.text);
}

/* server NULL: SQLite. Times start at 2026-04-01 09:00 in Japan. */
static inline struct journal_case *case_new(struct pg_server *server)
{
	struct journal_case *c = calloc(1, sizeof *c);

	assert_non_null(c);
	c->postgresql = server != NULL;
	c->server = server;
	c->now = 1775001600;
	tree_scratch(c->folder);
	case_keys(c);
	if (server == NULL) {
		snprintf(c->where, sizeof c->where, "%s/journal.db", c->folder);
		snprintf(c->owner_where, sizeof c->owner_where, "%s/journal.db", c->folder);
	} else {
		pg_server_where(server, NULL, c->owner_where);
		pg_server_where(server, "clerk", c->where);
		assert_ok(flow_store_open(&c->owner, c->owner_where, 0, NULL));
		assert_ok(flow_store_script(c->owner,
					    "DROP SCHEMA public CASCADE;CREATE SCHEMA public;"
					    "DROP ROLE IF EXISTS clerk;CREATE ROLE clerk LOGIN;"
					    "GRANT USAGE ON SCHEMA public TO clerk"));
	}
	case_open(c, "T1");
	return c;
}

static inline void case_close(struct journal_case *c)
{
	journal_close(&c->journal);
	flow_store_close(&c->store);
	flow_store_close(&c->owner);
}

static inline void case_free(struct journal_case *c)
{
	case_close(c);
	tree_scratch_remove(c->folder);
	free(c);
}

#endif
