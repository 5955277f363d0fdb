/* SPDX-License-Identifier: Apache-2.0 */
/*
 * journal_group.h — many threads write one journal, and share its commits.
 *
 * A durable commit costs about as much for a thousand records as for one. Whoever comes while a
 * commit is running waits for the next one, which takes along all that wait (group commit). There
 * is no thread of our own: the first that waits does the work for the others. Each record is
 * checked and sealed in its own writer's thread before.
 */
#ifndef CARDFLOW_JOURNAL_GROUP_H
#define CARDFLOW_JOURNAL_GROUP_H

#include <cardflow/journal.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct journal_group journal_group_t;

/* The journal is borrowed; while the group lives nobody else uses it or its store.
 * CARD_ERR_NO_MEMORY. */
CARD_API enum card_error journal_group_new(journal_group_t **out, journal_t *j);

/* Nobody may be waiting any more; records that were put and never waited for are dropped. */
CARD_API void journal_group_free(journal_group_t **g);

/* journal_append, from any thread: returns when the records are durable. Its errors. */
CARD_API enum card_error journal_group_append(journal_group_t *g,
					      const struct journal_record *records, size_t n,
					      long *first);

/*
 * The same in two steps, for a program that has several requests in hand. put copies the records
 * and says nothing about their being durable; wait does, and frees p. Each p is waited for once.
 * Records of one put stand together in the chain; those of one thread stand in the order of its
 * puts. Errors of journal_append: those of the records from put, those of the store from wait.
 */
typedef struct journal_pending journal_pending_t;
CARD_API enum card_error journal_group_put(journal_group_t *g, const struct journal_record *records,
					   size_t n, journal_pending_t **p);
CARD_API enum card_error journal_group_wait(journal_group_t *g, journal_pending_t **p, long *first);

#ifdef __cplusplus
}
#endif
#endif
