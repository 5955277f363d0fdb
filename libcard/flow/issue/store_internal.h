/* SPDX-License-Identifier: Apache-2.0 */
/* store_internal.h — the handle, and values on their way into statements. */
#ifndef ISSUE_STORE_INTERNAL_H
#define ISSUE_STORE_INTERNAL_H

#include <pthread.h>

#include <cardflow/issue_store.h>

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

struct flow_issue_store {
	char *where;
	unsigned flags;
	bool postgresql;
	pthread_mutex_t lock;
	pthread_cond_t change;
	flow_store_t *db[CONNECTIONS + 1];
	bool busy[CONNECTIONS + 1];
	size_t connections;
	struct unit *queue, **tail;
	unsigned long filling;      /* the batch that takes new units */
	unsigned filled;            /* how many it has */
	pthread_cond_t wake[WAKES]; /* of batch i % WAKES */
	bool leading;
};

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
