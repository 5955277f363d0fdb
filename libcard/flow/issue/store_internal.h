/* SPDX-License-Identifier: Apache-2.0 */
/* store_internal.h — the handle, and values on their way into statements. */
#ifndef ISSUE_STORE_INTERNAL_H
#define ISSUE_STORE_INTERNAL_H

#include <pthread.h>

#include <stdatomic.h>

#include <cardflow/issue_store.h>
#include <cardflow/journal.h>

#define CONNECTIONS 64u

struct unit {
	flow_issue_unit_fn run;
	void *ctx;
	enum card_error result;
	bool done;
	unsigned long batch; /* those of the same number share a commit */
	struct unit *next;
};

/* Batches that can wait without waking each other for nothing. */
#define WAKES 32u

/* The journal of one connection that writes; what the connection is attached to. */
struct chain {
	journal_t *journal;
	atomic_bool *good; /* of the store */
	bool failed;       /* in the transaction that is open */
	bool written;
};

struct flow_issue_store {
	char *where;
	unsigned flags;
	bool postgresql;
	pthread_mutex_t lock;
	pthread_cond_t change;
	pthread_cond_t quiet; /* one connection is free, for store_on_writer */
	bool waits_quiet;
	flow_store_t *db[CONNECTIONS + 1];
	bool busy[CONNECTIONS + 1];
	size_t connections;
	struct unit *queue, **tail;
	unsigned long filling;      /* the batch that takes new units */
	unsigned filled;            /* how many it has */
	pthread_cond_t wake[WAKES]; /* of batch i % WAKES */
	bool leading;
	/* store_journal.c */
	bool journaled;
	struct journal_options options;
	char name[41], *texts[3]; /* of the options */
	struct chain chain[CONNECTIONS + 1];
	atomic_bool journal_good;
};

/* store.c: run on a connection that writes while nobody else has it, outside of any transaction. */
enum card_error store_on_writer(flow_issue_store_t *s, size_t i, flow_issue_unit_fn run, void *ctx);

/* ---- store_journal.c */
/* A connection that writes was opened; is about to be closed. */
enum card_error chain_open(flow_issue_store_t *s, size_t i);
void chain_close(flow_issue_store_t *s, size_t i);
/* The transaction, or a savepoint of it, was given up; was committed. */
void chain_undone(flow_store_t *db);
void chain_done(flow_store_t *db);

/* What happened in a unit, into the journal of its connection; without one nothing is done. */
struct happening {
	const char *id, *terminal, *event, *code, *municipality, *kind, *row, *from, *to;
	long amount; /* yen; 0: none */
};
enum card_error chain_note(flow_store_t *db, const struct happening *h);

/* A number as the text of a parameter. */
struct number {
	char text[24];
};
const char *number_text(struct number *n, int64_t value);

/* Copy one column into a text of cap bytes; NULL becomes "". */
void take_text(char *out, size_t cap, const char *column);

/* Collects one text of at most cap - 1 bytes. */
struct one_text {
	char *out;
	size_t cap;
	bool found;
};
enum card_error one_text_row(void *ctx, const char *const *column, size_t n);

#endif
