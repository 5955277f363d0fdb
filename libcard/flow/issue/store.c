/* SPDX-License-Identifier: Apache-2.0 */
/* store.c — units of work: who may use which connection when, and commits that are shared. */
#include "store_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Units that share one commit, at most: what a commit costs is spread, and nobody waits long. */
#define BATCH 64

static void close_one(flow_issue_store_t *s, size_t i)
{
	chain_close(s, i);
	flow_store_close(&s->db[i]);
}

static enum card_error open_one(flow_issue_store_t *s, size_t i, unsigned flags,
				struct flow_problem *problem)
{
	enum card_error err = flow_store_open(&s->db[i], s->where, flags, problem);

	if (err == CARD_OK && s->journaled && (s->postgresql || i == 0)) {
		err = chain_open(s, i);
		if (err != CARD_OK)
			close_one(s, i);
	}
	return err;
}

enum card_error flow_issue_store_open(flow_issue_store_t **out, const char *where, unsigned flags,
				      unsigned connections, struct flow_problem *problem)
{
	flow_issue_store_t *s;
	enum card_error err;

	if (connections < 1 || connections > CONNECTIONS)
		return CARD_ERR_INVALID_ARGUMENT;
	s = calloc(1, sizeof *s);
	if (s == NULL)
		return CARD_ERR_NO_MEMORY;
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->change, NULL);
	pthread_cond_init(&s->quiet, NULL);
	for (size_t i = 0; i < WAKES; i++)
		pthread_cond_init(&s->wake[i], NULL);
	s->flags = flags & ~FLOW_STORE_CREATE;
	s->where = strdup(where);
	err = s->where != NULL ? open_one(s, 0, flags, problem) : CARD_ERR_NO_MEMORY;
	if (err == CARD_OK)
		s->postgresql = flow_store_is_postgresql(s->db[0]);
	/* SQLite: connection 0 writes, the others read. */
	s->connections = s->postgresql ? connections : connections + 1;
	for (size_t i = 1; i < s->connections && err == CARD_OK; i++)
		err = open_one(s, i, s->flags, problem);
	if (err != CARD_OK)
		flow_issue_store_close(&s);
	*out = s;
	return err;
}

void flow_issue_store_close(flow_issue_store_t **s)
{
	if (s == NULL || *s == NULL)
		return;
	for (size_t i = 0; i <= CONNECTIONS; i++)
		close_one(*s, i);
	for (size_t i = 0; i < 3; i++)
		free((*s)->texts[i]);
	pthread_cond_destroy(&(*s)->change);
	pthread_cond_destroy(&(*s)->quiet);
	for (size_t i = 0; i < WAKES; i++)
		pthread_cond_destroy(&(*s)->wake[i]);
	pthread_mutex_destroy(&(*s)->lock);
	free((*s)->where);
	free(*s);
	*s = NULL;
}

/* ---- a connection of one's own ---- */

static size_t take(flow_issue_store_t *s)
{
	const size_t first = s->postgresql ? 0 : 1;

	pthread_mutex_lock(&s->lock);
	for (;;) {
		for (size_t i = first; i < s->connections; i++) {
			if (!s->busy[i]) {
				s->busy[i] = true;
				pthread_mutex_unlock(&s->lock);
				return i;
			}
		}
		pthread_cond_wait(&s->change, &s->lock);
	}
}

static void give_back(flow_issue_store_t *s, size_t i, enum card_error err)
{
	/* A connection that was lost is opened again by the next who needs it. */
	if (err == CARD_ERR_NO_SERVICE)
		close_one(s, i);
	pthread_mutex_lock(&s->lock);
	s->busy[i] = false;
	pthread_cond_signal(&s->change);
	if (s->waits_quiet)
		pthread_cond_broadcast(&s->quiet);
	pthread_mutex_unlock(&s->lock);
}

static enum card_error alone(flow_store_t *db, flow_issue_unit_fn unit, void *ctx)
{
	enum card_error err = flow_store_begin(db);

	if (err != CARD_OK)
		return err;
	err = unit(ctx, db);
	if (err == CARD_OK)
		err = flow_store_commit(db);
	if (err == CARD_OK) {
		chain_done(db);
	} else {
		flow_store_rollback(db);
		chain_undone(db);
	}
	return err;
}

enum card_error flow_issue_store_read(flow_issue_store_t *s, flow_issue_unit_fn unit, void *ctx)
{
	const size_t i = take(s);
	enum card_error err = s->db[i] != NULL ? CARD_OK : open_one(s, i, s->flags, NULL);

	if (err == CARD_OK)
		err = unit(ctx, s->db[i]);
	give_back(s, i, err);
	return err;
}

static enum card_error work_postgresql(flow_issue_store_t *s, flow_issue_unit_fn unit, void *ctx)
{
	enum card_error err = CARD_ERR_TIMEOUT;

	/* Two units that waited for each other: the one that was given up runs again. */
	for (int i = 0; i < 3 && err == CARD_ERR_TIMEOUT; i++) {
		const size_t c = take(s);

		err = s->db[c] != NULL ? CARD_OK : open_one(s, c, s->flags, NULL);
		if (err == CARD_OK)
			err = alone(s->db[c], unit, ctx);
		give_back(s, c, err);
	}
	return err;
}

/* ---- shared commits ---- */

static enum card_error behind_savepoint(flow_store_t *db, struct unit *u)
{
	enum card_error err = flow_store_script(db, "SAVEPOINT unit");

	if (err != CARD_OK)
		return err;
	u->result = u->run(u->ctx, db);
	if (u->result != CARD_OK) {
		err = flow_store_script(db, "ROLLBACK TO unit");
		chain_undone(db);
	}
	return err != CARD_OK ? err : flow_store_script(db, "RELEASE unit");
}

static void run_batch(flow_store_t *db, struct unit *first)
{
	enum card_error err;

	if (first->next == NULL) {
		first->result = alone(db, first->run, first->ctx);
		return;
	}
	err = flow_store_begin(db);
	for (struct unit *u = first; u != NULL && err == CARD_OK; u = u->next)
		err = behind_savepoint(db, u);
	if (err == CARD_OK)
		err = flow_store_commit(db);
	if (err == CARD_OK) {
		chain_done(db);
		return;
	}
	flow_store_rollback(db);
	chain_undone(db);
	for (struct unit *u = first; u != NULL; u = u->next)
		u->result = err;
}

/* All of the oldest batch, taken off the queue; later units belong to the next one. */
static struct unit *next_batch(flow_issue_store_t *s)
{
	struct unit *first = s->queue, *last = first;

	while (last->next != NULL && last->next->batch == first->batch)
		last = last->next;
	s->queue = last->next;
	if (s->queue == NULL)
		s->tail = &s->queue;
	last->next = NULL;
	if (s->filling == first->batch) {
		s->filling++;
		s->filled = 0;
	}
	return first;
}

/* Runs one batch and wakes whose units it were, and the next leader. They are woken without the lock,
 * which each of them needs first of all. */
static void lead(flow_issue_store_t *s)
{
	struct unit *batch = next_batch(s), *next;
	const unsigned long number = batch->batch;
	pthread_cond_t *leader;

	s->leading = true;
	pthread_mutex_unlock(&s->lock);
	run_batch(s->db[0], batch);
	pthread_mutex_lock(&s->lock);
	s->leading = false;
	for (; batch != NULL; batch = next) {
		next = batch->next;
		batch->done = true;
	}
	if (s->waits_quiet)
		pthread_cond_broadcast(&s->quiet);
	leader = s->queue != NULL ? &s->wake[s->queue->batch % WAKES] : NULL;
	pthread_mutex_unlock(&s->lock);
	pthread_cond_broadcast(&s->wake[number % WAKES]);
	if (leader != NULL)
		pthread_cond_signal(leader);
	pthread_mutex_lock(&s->lock);
}

static void put_in_queue(flow_issue_store_t *s, struct unit *u)
{
	if (s->filled == BATCH) {
		s->filling++;
		s->filled = 0;
	}
	u->batch = s->filling;
	s->filled++;
	if (s->queue == NULL)
		s->tail = &s->queue;
	/* Off the queue again before its owner goes on: he waits until it is done. */
	/* cppcheck-suppress autoVariables */
	*s->tail = u;
	/* cppcheck-suppress autoVariables */
	s->tail = &u->next;
}

static enum card_error work_sqlite(flow_issue_store_t *s, flow_issue_unit_fn run, void *ctx)
{
	struct unit u = {.run = run, .ctx = ctx};

	pthread_mutex_lock(&s->lock);
	put_in_queue(s, &u);
	while (!u.done) {
		if (s->leading)
			pthread_cond_wait(&s->wake[u.batch % WAKES], &s->lock);
		else
			lead(s);
	}
	pthread_mutex_unlock(&s->lock);
	return u.result;
}

enum card_error flow_issue_store_work(flow_issue_store_t *s, flow_issue_unit_fn unit, void *ctx)
{
	return s->postgresql ? work_postgresql(s, unit, ctx) : work_sqlite(s, unit, ctx);
}

/* ---- outside of transactions ---- */

static enum card_error on_postgresql(flow_issue_store_t *s, size_t i, flow_issue_unit_fn run,
				     void *ctx)
{
	enum card_error err = CARD_OK;

	pthread_mutex_lock(&s->lock);
	s->waits_quiet = true;
	while (s->busy[i])
		pthread_cond_wait(&s->quiet, &s->lock);
	s->waits_quiet = false;
	s->busy[i] = true;
	pthread_mutex_unlock(&s->lock);
	/* One that is closed has nothing that is not said by who opens it next. */
	if (s->db[i] != NULL)
		err = run(ctx, s->db[i]);
	give_back(s, i, err);
	return err;
}

static enum card_error on_sqlite(flow_issue_store_t *s, flow_issue_unit_fn run, void *ctx)
{
	enum card_error err;

	pthread_mutex_lock(&s->lock);
	s->waits_quiet = true;
	while (s->leading)
		pthread_cond_wait(&s->quiet, &s->lock);
	s->waits_quiet = false;
	s->leading = true;
	pthread_mutex_unlock(&s->lock);
	err = run(ctx, s->db[0]);
	pthread_mutex_lock(&s->lock);
	s->leading = false;
	if (s->queue != NULL)
		pthread_cond_signal(&s->wake[s->queue->batch % WAKES]);
	pthread_mutex_unlock(&s->lock);
	return err;
}

/* One thread at a time: there is one that signs checkpoints. */
enum card_error store_on_writer(flow_issue_store_t *s, size_t i, flow_issue_unit_fn run, void *ctx)
{
	return s->postgresql ? on_postgresql(s, i, run, ctx) : on_sqlite(s, run, ctx);
}
