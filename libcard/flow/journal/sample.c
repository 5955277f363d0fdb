/* SPDX-License-Identifier: Apache-2.0 */
/* sample.c — records drawn by a seed (rules R6-26, audit.h). */
#include "journal_internal.h"

#include <cardflow/audit.h>

#include <stdlib.h>
#include <string.h>

#define SAMPLE_MAX 100000

struct drawn {
	uint8_t rank[HASH];
	char terminal[41];
	long seq;
};

/* A heap whose root has the largest rank: the next that has to go. */
struct sample {
	const char *seed;
	struct drawn *heap;
	size_t n, max, of;
	EVP_MD *md;
	EVP_MD_CTX *ctx;
	journal_entry_fn entry; /* second pass */
	void *entry_ctx;
};

static bool rank_of(struct sample *s, const struct journal_entry *e, uint8_t out[HASH])
{
	char tail[80];
	const int n = snprintf(tail, sizeof tail, "\n%s\n%ld\n", e->terminal, e->seq);

	return EVP_DigestInit_ex2(s->ctx, s->md, NULL) == 1 &&
	       EVP_DigestUpdate(s->ctx, "KAZASU-SAMPLE-1\n", 16) == 1 &&
	       EVP_DigestUpdate(s->ctx, s->seed, strlen(s->seed)) == 1 &&
	       EVP_DigestUpdate(s->ctx, tail, (size_t)n) == 1 &&
	       EVP_DigestFinal_ex(s->ctx, out, NULL) == 1;
}

static void swap(struct drawn *a, struct drawn *b)
{
	const struct drawn t = *a;

	*a = *b;
	*b = t;
}

static void sift_up(struct sample *s, size_t i)
{
	for (; i > 0 && memcmp(s->heap[i].rank, s->heap[(i - 1) / 2].rank, HASH) > 0;
	     i = (i - 1) / 2)
		swap(&s->heap[i], &s->heap[(i - 1) / 2]);
}

static void sift_down(struct sample *s)
{
	size_t i = 0;

	for (;;) {
		size_t big = i;

		for (size_t k = 2 * i + 1; k <= 2 * i + 2 && k < s->n; k++) {
			if (memcmp(s->heap[k].rank, s->heap[big].rank, HASH) > 0)
				big = k;
		}
		if (big == i)
			return;
		swap(&s->heap[i], &s->heap[big]);
		i = big;
	}
}

static enum card_error consider(void *ctx, const struct journal_entry *e)
{
	struct sample *s = ctx;
	struct drawn d = {.seq = e->seq};

	s->of++;
	snprintf(d.terminal, sizeof d.terminal, "%.40s", e->terminal);
	if (!rank_of(s, e, d.rank))
		return CARD_ERR_CRYPTO;
	if (s->n < s->max) {
		s->heap[s->n++] = d;
		sift_up(s, s->n - 1);
	} else if (memcmp(d.rank, s->heap[0].rank, HASH) < 0) {
		s->heap[0] = d;
		sift_down(s);
	}
	return CARD_OK;
}

static int by_place(const void *pa, const void *pb)
{
	const struct drawn *a = pa, *b = pb;
	const int order = strcmp(a->terminal, b->terminal);

	return order != 0 ? order : (a->seq > b->seq) - (a->seq < b->seq);
}

static enum card_error give(void *ctx, const struct journal_entry *e)
{
	struct sample *s = ctx;
	struct drawn key = {.seq = e->seq};
	struct journal_entry copy = *e;

	snprintf(key.terminal, sizeof key.terminal, "%.40s", e->terminal);
	if (bsearch(&key, s->heap, s->n, sizeof key, by_place) == NULL)
		return CARD_OK;
	copy.subject = "";
	return s->entry(s->entry_ctx, &copy);
}

enum card_error journal_sample(flow_store_t *store, const struct journal_filter *f,
			       const char *seed, size_t n, journal_entry_fn entry, void *ctx,
			       size_t *of)
{
	struct sample s = {.seed = seed, .max = n, .entry = entry, .entry_ctx = ctx};
	enum card_error err = CARD_ERR_NO_MEMORY;

	if (store == NULL || f == NULL || seed == NULL || entry == NULL || n == 0 || n > SAMPLE_MAX)
		return CARD_ERR_INVALID_ARGUMENT;
	s.heap = calloc(n, sizeof *s.heap);
	s.md = EVP_MD_fetch(NULL, "SHA256", NULL);
	s.ctx = EVP_MD_CTX_new();
	if (s.heap != NULL && s.md != NULL && s.ctx != NULL)
		err = journal_read(store, f, consider, &s);
	if (err == CARD_OK && s.n > 0) {
		qsort(s.heap, s.n, sizeof *s.heap, by_place);
		err = journal_read(store, f, give, &s);
	}
	if (of != NULL)
		*of = s.of;
	free(s.heap);
	EVP_MD_free(s.md);
	EVP_MD_CTX_free(s.ctx);
	return err;
}
