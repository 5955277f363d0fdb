/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that indexes of random lists of many sizes and shapes answer like a sorted copy
 * of the list, with and without the helper thread, and that duplicates are found
 * wherever they lie.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include <card/crl.h>

#include "lists.h"

/* ---- random lists against a sorted copy ---- */

struct entry {
	uint8_t serial[20]; /* right-aligned */
	int64_t at;
	int reason;
};

static uint64_t rng;

static uint64_t next_random(void)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return rng;
}

static int by_serial(const void *a, const void *b)
{
	return memcmp(((const struct entry *)a)->serial, ((const struct entry *)b)->serial, 20);
}

static struct card_bytes magnitude(const uint8_t serial[20])
{
	size_t skip = 0;
	while (skip < 19 && serial[skip] == 0)
		skip++;
	return card_bytes(serial + skip, 20 - skip);
}

/* Serial numbers of 1 to 20 octets, crowded so that neighbours exist. */
static struct entry random_entry(unsigned shape)
{
	struct entry e = {.at = 1600000000 + (int64_t)(next_random() % 180000000)};
	static const int reasons[] = {-1, 0, 1, 2, 3, 4, 5, 6, 9, 10, -1, -1};
	e.reason = reasons[next_random() % 12];
	size_t octets = shape == 0   ? 4
			: shape == 1 ? 1 + next_random() % 20
				     : 17 + next_random() % 4;
	for (size_t i = 0; i < octets; i++)
		e.serial[19 - i] = (uint8_t)next_random();
	e.serial[20 - octets] &= 0x7F;
	if (shape == 1 && octets < 20 && next_random() % 4 == 0)
		e.serial[20 - octets] |= 0x80; /* needs a leading zero in DER */
	return e;
}

static size_t sort_unique(struct entry *e, size_t n)
{
	size_t kept = 0;
	qsort(e, n, sizeof(*e), by_serial);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || by_serial(&e[kept - 1], &e[i]) != 0)
			e[kept++] = e[i];
	return kept;
}

static void put_serial(card_buf_t *out, const struct entry *e)
{
	uint8_t content[21] = {0};
	struct card_bytes m = magnitude(e->serial);
	size_t zero = m.p[0] & 0x80 ? 1 : 0;
	memcpy(content + zero, m.p, m.n);
	made_crl_entry(out, card_bytes(content, m.n + zero), e->at, e->reason);
}

static void ask(const card_crl_index_t *x, const struct entry *e, size_t n,
		const uint8_t serial[20])
{
	struct entry key;
	struct card_crl_entry got;
	memcpy(key.serial, serial, 20);
	const struct entry *want = bsearch(&key, e, n, sizeof(*e), by_serial);
	assert_int_equal(card_crl_index_lookup(x, magnitude(serial), &got), want != NULL);
	if (!want)
		return;
	assert_int_equal(got.revoked_at, want->at);
	assert_int_equal(got.reason, want->reason < 0 ? CARD_CRL_NO_REASON
						      : (enum card_crl_reason)want->reason);
}

static void check_list(unsigned shape, size_t n, uint64_t number, bool with_helper, size_t twice)
{
	char path[128];
	struct entry *e = calloc(n + 1, sizeof(*e));
	assert_non_null(e);
	for (size_t i = 0; i < n; i++)
		e[i] = random_entry(shape);
	n = sort_unique(e, n);
	/* in another order than sorted */
	struct entry *shuffled = malloc((n + 1) * sizeof(*e));
	assert_non_null(shuffled);
	memcpy(shuffled, e, n * sizeof(*e));
	for (size_t i = n; i > 1; i--) {
		size_t k = next_random() % i;
		struct entry t = shuffled[i - 1];
		shuffled[i - 1] = shuffled[k];
		shuffled[k] = t;
	}
	card_buf_t raw = {0}, der = {0};
	for (size_t i = 0; i < n; i++)
		put_serial(&raw, &shuffled[i]);
	if (twice < n)
		put_serial(&raw, &shuffled[twice]);
	struct made_crl c = {.key = &lists.ca,
			     .this_update = lists_now - lists_day,
			     .next_update = lists_now + lists_day,
			     .number = number,
			     .raw_entries = card_buf_bytes(&raw)};
	made_crl(&c, &der);
	snprintf(path, sizeof(path), "%s/list", lists.dir);
	made_file(path, card_buf_bytes(&der));
	enum card_crl_refusal got = lists_import_file(path, with_helper);
	unlink(path);
	if (twice < n) {
		assert_int_equal(got, CARD_CRL_REFUSED_DUPLICATE);
	} else {
		assert_int_equal(got, CARD_CRL_TAKEN);
		card_crl_index_t *x = lists_whole();
		assert_int_equal(card_crl_index_info(x)->entries, n);
		for (size_t i = 0; i < n; i++) {
			uint8_t s[20];
			memcpy(s, e[i].serial, 20);
			ask(x, e, n, s);
			s[19]++;
			ask(x, e, n, s);
			s[next_random() % 20] ^= (uint8_t)(1u << next_random() % 8);
			ask(x, e, n, s);
		}
		assert_int_equal(card_crl_index_verify(x), CARD_OK);
		card_crl_index_close(&x);
	}
	card_buf_free(&raw);
	card_buf_free(&der);
	free(shuffled);
	free(e);
}

static void random_lists_answer_like_a_sorted_copy(void **state)
{
	(void)state;
	rng = 0x243F6A8885A308D3;
	static const size_t sizes[] = {1, 2, 7, 100, 512, 3000, 5000, 40000};
	uint64_t number = 1;
	for (unsigned shape = 0; shape < 3; shape++)
		for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
			check_list(shape, sizes[i], number++, i & 1, SIZE_MAX);
}

static void duplicates_are_found_wherever_they_are(void **state)
{
	(void)state;
	rng = 0x13198A2E03707344;
	for (unsigned i = 0; i < 60; i++)
		check_list(i % 3, 5000, 1, i & 1, next_random() % 4900);
	/* nothing of a refused list is kept */
	for (const char *const *p = (const char *const[]){".importing", NULL}; *p; p++) {
		char path[128];
		snprintf(path, sizeof(path), "%s/%s", lists.dir, *p);
		assert_int_not_equal(access(path, F_OK), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LISTS_TEST(random_lists_answer_like_a_sorted_copy),
		LISTS_TEST(duplicates_are_found_wherever_they_are),
	};
	return cmocka_run_group_tests(tests, lists_set_up, lists_tear_down);
}
