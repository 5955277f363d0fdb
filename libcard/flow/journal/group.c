/* SPDX-License-Identifier: Apache-2.0 */
/* group.c — group commit: the first that waits writes for all that have come. */
#include "journal_internal.h"

#include <cardflow/journal_group.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define GROUP_MAX 8192 /* records in one commit: nobody waits for an endless one */

struct journal_pending {
	struct draft *list;
	size_t n;
	long first;
	enum card_error err;
	bool done;
	struct journal_pending *next;
};

struct journal_group {
	pthread_mutex_t lock;
	pthread_cond_t written;
	journal_t *j;
	struct journal_pending *head, **tail; /* waiting, oldest first */
	bool writing;
};

enum card_error journal_group_new(journal_group_t **out, journal_t *j)
{
	journal_group_t *g;

	if (out == NULL || j == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	g = calloc(1, sizeof *g);
	if (g == NULL)
		return CARD_ERR_NO_MEMORY;
	if (pthread_mutex_init(&g->lock, NULL) != 0 || pthread_cond_init(&g->written, NULL) != 0) {
		free(g);
		return CARD_ERR_NO_MEMORY;
	}
	g->j = j;
	g->tail = &g->head;
	*out = g;
	return CARD_OK;
}

static void pending_free(struct journal_pending *p)
{
	drafts_free(&p->list, p->n);
	free(p);
}

void journal_group_free(journal_group_t **g)
{
	if (g == NULL || *g == NULL)
		return;
	for (struct journal_pending *p = (*g)->head, *next; p != NULL; p = next) {
		next = p->next;
		pending_free(p);
	}
	pthread_cond_destroy(&(*g)->written);
	pthread_mutex_destroy(&(*g)->lock);
	free(*g);
	*g = NULL;
}

enum card_error journal_group_put(journal_group_t *g, const struct journal_record *records,
				  size_t n, journal_pending_t **out)
{
	struct journal_pending *p;
	enum card_error err;

	if (g == NULL || records == NULL || n == 0 || n > GROUP_MAX || out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	p = calloc(1, sizeof *p);
	if (p == NULL)
		return CARD_ERR_NO_MEMORY;
	p->n = n;
	err = drafts_make(g->j, records, n, &p->list);
	if (err != CARD_OK) {
		free(p);
		return err;
	}
	pthread_mutex_lock(&g->lock);
	*g->tail = p;
	g->tail = &p->next;
	pthread_mutex_unlock(&g->lock);
	*out = p;
	return CARD_OK;
}

/* Takes the oldest from the queue, as many as go into one commit, at least one. */
static struct journal_pending *take(journal_group_t *g, size_t *records)
{
	struct journal_pending *first = g->head, *last = first;

	*records = first->n;
	while (last->next != NULL && *records + last->next->n <= GROUP_MAX) {
		last = last->next;
		*records += last->n;
	}
	g->head = last->next;
	if (g->head == NULL)
		g->tail = &g->head;
	last->next = NULL;
	return first;
}

/* The drafts of all of them in one list; it borrows their texts. */
static enum card_error write_all(journal_t *j, struct journal_pending *batch, size_t records)
{
	struct draft *all = malloc(records * sizeof *all);
	size_t n = 0;
	long first = 0;
	enum card_error err;

	if (all == NULL)
		return CARD_ERR_NO_MEMORY;
	for (struct journal_pending *p = batch; p != NULL; p = p->next) {
		memcpy(all + n, p->list, p->n * sizeof *all);
		n += p->n;
	}
	err = drafts_commit(j, all, n, &first);
	for (struct journal_pending *p = batch; p != NULL; p = p->next) {
		p->first = first;
		first += (long)p->n;
	}
	free(all);
	return err;
}

/* Called with the lock held, and returns with it held. */
static void lead(journal_group_t *g)
{
	size_t records;
	struct journal_pending *batch = take(g, &records);
	enum card_error err;

	g->writing = true;
	pthread_mutex_unlock(&g->lock);
	err = write_all(g->j, batch, records);
	pthread_mutex_lock(&g->lock);
	g->writing = false;
	for (struct journal_pending *p = batch, *next; p != NULL; p = next) {
		next = p->next;
		p->err = err;
		p->done = true;
	}
	pthread_cond_broadcast(&g->written);
}

enum card_error journal_group_wait(journal_group_t *g, journal_pending_t **pending, long *first)
{
	struct journal_pending *p;
	enum card_error err;

	if (g == NULL || pending == NULL || *pending == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	p = *pending;
	pthread_mutex_lock(&g->lock);
	while (!p->done) {
		if (g->writing)
			pthread_cond_wait(&g->written, &g->lock);
		else
			lead(g);
	}
	pthread_mutex_unlock(&g->lock);
	err = p->err;
	if (first != NULL)
		*first = p->first;
	pending_free(p);
	*pending = NULL;
	return err;
}

enum card_error journal_group_append(journal_group_t *g, const struct journal_record *records,
				     size_t n, long *first)
{
	journal_pending_t *p = NULL;
	enum card_error err = journal_group_put(g, records, n, &p);

	return err == CARD_OK ? journal_group_wait(g, &p, first) : err;
}
