/* SPDX-License-Identifier: Apache-2.0 */
/* checkpoint.c — signed Merkle roots, and the walk along the chain. */
#include "journal_internal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct walk {
	journal_t *j;
	struct frontier frontier;
	char prev[HASH_TEXT]; /* hash of the last record seen */
	long bad;             /* first seq that is wrong */
	bool verify;          /* recompute the hashes of bodies */
};

static enum card_error take_checkpoint(void *ctx, const char *const *column, size_t n)
{
	struct walk *w = ctx;

	if (n != 2 || column[0] == NULL || column[1] == NULL ||
	    strlen(column[1]) != HASH_TEXT - 1 || !frontier_parse(column[0], &w->frontier))
		return CARD_ERR_MALFORMED;
	memcpy(w->prev, column[1], HASH_TEXT);
	return CARD_OK;
}

/* The columns beside the body must be those in it: they are what queries see. */
static bool columns_agree(const char *const *column, const char *terminal)
{
	static const size_t in_line[] = {LINE_SEQ, LINE_END,      LINE_EVENT, LINE_PHASE,
					 LINE_TXN, LINE_OPERATOR, LINE_ORGAN};
	const char *field[LINE_COUNT];
	char *copy;
	bool agree;

	if (line_cut(column[7], &copy, field) != CARD_OK)
		return false;
	agree = strcmp(field[LINE_TERMINAL], terminal) == 0;
	for (size_t i = 0; i < 7; i++)
		agree = agree && column[i] != NULL && strcmp(field[in_line[i]], column[i]) == 0;
	free(copy);
	return agree;
}

static enum card_error take_record(void *ctx, const char *const *column, size_t n)
{
	struct walk *w = ctx;
	journal_t *j = w->j;
	char hash[HASH_TEXT];
	long seq;

	if (n != 10 || column[0] == NULL || column[8] == NULL)
		return CARD_ERR_MALFORMED;
	seq = strtol(column[0], NULL, 10);
	if (w->bad == 0 && (uint64_t)seq != w->frontier.size + 1)
		w->bad = (long)w->frontier.size + 1;
	if (w->bad != 0)
		return CARD_OK;
	if (column[7] == NULL) { /* erased: an erasure must name it */
		if (column[9] == NULL || strcmp(column[9], "0") == 0)
			w->bad = seq;
	} else if (w->verify &&
		   (!chain_hash(j->md_ctx, j->md, w->prev, column[7], hash) ||
		    strcmp(hash, column[8]) != 0 || !columns_agree(column, j->terminal))) {
		w->bad = seq;
	}
	if (strlen(column[8]) != HASH_TEXT - 1 ||
	    !frontier_add(j->md_ctx, j->md, &w->frontier, column[8])) {
		w->bad = seq;
		return CARD_OK;
	}
	memcpy(w->prev, column[8], HASH_TEXT);
	return CARD_OK;
}

/* Records in portions, so that memory does not grow with the journal. */
static enum card_error walk_on(struct walk *w)
{
	static const char sql[] =
		"SELECT j.seq, j.time, j.event, j.phase, j.txn, j.operator, j.organ, j.body, j.hash,"
		" (SELECT count(*) FROM journal_erasure e WHERE e.terminal = j.terminal"
		"  AND j.seq BETWEEN e.first AND e.last)"
		" FROM journal j WHERE j.terminal = $1 AND j.seq > $2 ORDER BY j.seq LIMIT 5000";
	enum card_error err;
	uint64_t before;

	do {
		char from[24];
		const char *params[] = {w->j->terminal, from};

		before = w->frontier.size;
		snprintf(from, sizeof from, "%llu", (unsigned long long)before);
		err = flow_store_run(w->j->store, sql, params, 2, take_record, w);
	} while (err == CARD_OK && w->bad == 0 && w->frontier.size > before);
	return err;
}

static enum card_error start_walk(struct walk *w, bool from_start)
{
	const char *params[] = {w->j->terminal};

	memcpy(w->prev, chain_zero, HASH_TEXT);
	if (from_start)
		return CARD_OK;
	return flow_store_run(w->j->store,
			      "SELECT frontier, hash FROM journal_checkpoint"
			      " WHERE terminal = $1 ORDER BY size DESC LIMIT 1",
			      params, 1, take_checkpoint, w);
}

/* ---------------------------------------------------------------- the copy */

/* The largest checkpoint of this chain that a copy has; 0: none. */
static long last_copied(const journal_t *j)
{
	FILE *f = fopen(j->copy, "re");
	char *line = NULL;
	size_t cap = 0;
	long last = 0;

	while (f != NULL && getline(&line, &cap, f) > 0) {
		const size_t n = strlen(j->terminal);

		if (strncmp(line, "C\t", 2) == 0 && strncmp(line + 2, j->terminal, n) == 0 &&
		    line[2 + n] == '\t') {
			const long size = strtol(line + 3 + n, NULL, 10);

			last = size > last ? size : last;
		}
	}
	free(line);
	if (f != NULL)
		fclose(f);
	return last;
}

struct copying {
	const journal_t *j;
	FILE *out;
};

static enum card_error copy_one(void *ctx, const char *const *column, size_t n)
{
	const struct copying *c = ctx;

	if (n != 4)
		return CARD_ERR_MALFORMED;
	fprintf(c->out, "C\t%s\t%s\t%s\t%s\t%s\n", c->j->terminal, column[0], column[1], column[2],
		column[3]);
	return ferror(c->out) ? CARD_ERR_IO : CARD_OK;
}

/* Whatever the copy has not got yet: it may have been out of reach for a while. */
static enum card_error bring_copy(const journal_t *j)
{
	const int fd = open(j->copy, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
	struct copying c = {j, fd >= 0 ? fdopen(fd, "a") : NULL};
	char from[24];
	const char *params[] = {j->terminal, from};
	enum card_error err;

	if (c.out == NULL) {
		if (fd >= 0)
			close(fd);
		return CARD_ERR_IO;
	}
	snprintf(from, sizeof from, "%ld", last_copied(j));
	err = flow_store_run(j->store,
			     "SELECT size, root, time, signature FROM journal_checkpoint"
			     " WHERE terminal = $1 AND size > $2 ORDER BY size",
			     params, 2, copy_one, &c);
	if (err == CARD_OK && (fflush(c.out) != 0 || fsync(fd) != 0))
		err = CARD_ERR_IO;
	return fclose(c.out) == 0 ? err : CARD_ERR_IO;
}

static enum card_error keep(struct walk *w)
{
	journal_t *j = w->j;
	char size[24], root[HASH_TEXT], text[256], signature[JOURNAL_SIGNATURE + 1], time[26];
	char *frontier;
	enum card_error err;

	if (!frontier_root(j->md_ctx, j->md, &w->frontier, root))
		return CARD_ERR_CRYPTO;
	snprintf(size, sizeof size, "%llu", (unsigned long long)w->frontier.size);
	card_time_format_japan(j->clock(j->clock_ctx), time);
	snprintf(text, sizeof text, "KAZASU-CHECKPOINT-1\n%s\n%s\n%s\n%s\n", j->terminal, size,
		 root, time);
	err = sign_text(j, text, signature);
	frontier = frontier_text(&w->frontier);
	if (frontier == NULL)
		err = CARD_ERR_NO_MEMORY;
	if (err == CARD_OK) {
		const char *params[] = {j->terminal, size, root,     frontier,
					w->prev,     time, signature};

		err = flow_store_run(j->store,
				     "INSERT INTO journal_checkpoint (terminal, size, root,"
				     " frontier, hash, time, signature) VALUES"
				     " ($1, $2, $3, $4, $5, $6, $7)",
				     params, 7, NULL, NULL);
	}
	free(frontier);
	return err == CARD_OK && j->copy != NULL ? bring_copy(j) : err;
}

enum card_error journal_checkpoint(journal_t *j)
{
	struct walk w = {.j = j};
	enum card_error err;
	uint64_t before;

	if (j == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	if (j->key == NULL)
		return CARD_OK;
	err = start_walk(&w, false);
	before = w.frontier.size;
	if (err == CARD_OK)
		err = walk_on(&w);
	if (err != CARD_OK || w.frontier.size == before)
		return err;
	return keep(&w);
}

enum card_error journal_check(journal_t *j, bool whole, long *bad)
{
	struct walk w = {.j = j, .verify = true};
	enum card_error err;

	if (j == NULL || bad == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	*bad = 0;
	err = start_walk(&w, whole);
	if (err == CARD_OK)
		err = walk_on(&w);
	if (err != CARD_OK || w.bad == 0)
		return err;
	*bad = w.bad;
	if (!j->broken) {
		char seq[24];
		const struct journal_record r = {
			.event = "chain-break", .result = JOURNAL_FAILED, .related = seq};

		snprintf(seq, sizeof seq, "%ld", w.bad);
		err = journal_append(j, &r, 1, NULL);
	}
	return err;
}
