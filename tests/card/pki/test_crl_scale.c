/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that indexes of lists of many sizes and shapes, up to 20 million
 * entries, answer like a sorted copy of the list, with and without the helper
 * thread, and that duplicates are found wherever they lie.
 */
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include <card/crl.h>

#include "made_crl.h"

static struct made_key ca;
static card_trust_t *trust;
static char dir[64];

static const int64_t day = 86400, now = 1780000000;

static void *start(void *ctx, void *(*fn)(void *), void *arg)
{
	pthread_t *t = malloc(sizeof(*t));
	assert_non_null(t);
	assert_int_equal(pthread_create(t, NULL, fn, arg), 0);
	++*(int *)ctx;
	return t;
}

static void join(void *ctx, void *handle)
{
	(void)ctx;
	pthread_t *t = handle;
	assert_int_equal(pthread_join(*t, NULL), 0);
	free(t);
}

static enum card_crl_refusal import_file(const char *path, bool with_helper)
{
	struct card_crl_report report;
	int helpers = 0;
	struct card_crl_helper helper = {start, join, &helpers};
	struct card_crl_import how = {
		.store = dir, .trust = trust, .now = now, .helper = with_helper ? &helper : NULL};
	int fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	card_crl_import(&how, fd, &report);
	close(fd);
	assert_int_equal(helpers, with_helper);
	return report.refusal;
}

static card_crl_index_t *whole_index(void)
{
	uint8_t key[CARD_HASH_MAX];
	char path[200], hex[33];
	card_crl_index_t *x;
	assert_int_equal(card_hash_digest(CARD_HASH_SHA256, card_buf_bytes(&ca.spki), key),
			 CARD_OK);
	card_hex_encode(card_bytes(key, 16), hex, sizeof(hex));
	snprintf(path, sizeof(path), "%s/%s-%032d.crlx", dir, hex, 0);
	assert_int_equal(card_crl_index_open(&x, path), CARD_OK);
	return x;
}

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
	struct made_crl c = {.key = &ca,
			     .this_update = now - day,
			     .next_update = now + day,
			     .number = number,
			     .raw_entries = card_buf_bytes(&raw)};
	made_crl(&c, &der);
	snprintf(path, sizeof(path), "%s/list", dir);
	made_file(path, card_buf_bytes(&der));
	enum card_crl_refusal got = import_file(path, with_helper);
	unlink(path);
	if (twice < n) {
		assert_int_equal(got, CARD_CRL_REFUSED_DUPLICATE);
	} else {
		assert_int_equal(got, CARD_CRL_TAKEN);
		card_crl_index_t *x = whole_index();
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
		snprintf(path, sizeof(path), "%s/%s", dir, *p);
		assert_int_not_equal(access(path, F_OK), 0);
	}
}

/* Entries of many lengths, so that every way of lying across a block occurs. */
static void entries_may_lie_across_blocks(void **state)
{
	(void)state;
	char path[128];
	card_buf_t raw = {0}, der = {0};
	size_t n = 0;
	for (uint32_t i = 0; raw.n < 3 * 256 * 1024 + 1000; i++, n++) {
		/* an unknown extension of 0 to 400 octets, now and then of 12000 */
		size_t from = raw.n, fill = i % 997 == 996 ? 12000 : i * 7 % 400;
		uint8_t serial[4] = {0x10, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i};
		made_tlv(&raw, 0x02, card_bytes(serial, 4));
		made_time(&raw, 1700000000 + i);
		if (fill > 0) {
			uint8_t zeros[12000] = {0};
			size_t ext = raw.n;
			made_ext(&raw, "1.2.3.4", false, card_bytes(zeros, fill));
			made_wrap(&raw, ext, 0x30);
		}
		made_wrap(&raw, from, 0x30);
	}
	struct made_crl c = {.key = &ca,
			     .this_update = now - day,
			     .next_update = now + day,
			     .number = 1,
			     .raw_entries = card_buf_bytes(&raw)};
	made_crl(&c, &der);
	snprintf(path, sizeof(path), "%s/list", dir);
	made_file(path, card_buf_bytes(&der));
	for (int helper = 0; helper < 2; helper++)
		assert_int_equal(import_file(path, helper), CARD_CRL_TAKEN);
	card_crl_index_t *x = whole_index();
	assert_int_equal(card_crl_index_info(x)->entries, n);
	for (uint32_t i = 0; i < n; i++) {
		struct card_crl_entry e;
		uint8_t serial[4] = {0x10, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i};
		assert_true(card_crl_index_lookup(x, card_bytes(serial, 4), &e));
		assert_int_equal(e.revoked_at, 1700000000 + i);
	}
	card_crl_index_close(&x);
	/* One octet more than is taken. */
	raw.n = 0;
	uint8_t zeros[17000] = {0};
	size_t from = raw.n;
	made_hex(&raw, "020105");
	made_time(&raw, 1700000000);
	size_t ext = raw.n;
	made_ext(&raw, "1.2.3.4", false, card_bytes(zeros, sizeof(zeros)));
	made_wrap(&raw, ext, 0x30);
	made_wrap(&raw, from, 0x30);
	c.raw_entries = card_buf_bytes(&raw);
	card_buf_free(&der);
	made_crl(&c, &der);
	made_file(path, card_buf_bytes(&der));
	assert_int_equal(import_file(path, false), CARD_CRL_REFUSED_LIMIT);
	card_buf_free(&raw);
	card_buf_free(&der);
}

/* The plan is made from the first block: the rest may be of another kind. */
static void a_list_that_changes_its_shape_is_taken(void **state)
{
	(void)state;
	char path[128];
	card_buf_t raw = {0}, der = {0};
	uint32_t n = 0;
	uint8_t zeros[3000] = {0};
	for (uint32_t i = 0; raw.n < 1024 * 1024; i++, n++) { /* few and long */
		size_t from = raw.n;
		uint8_t serial[4] = {0x20, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i};
		made_tlv(&raw, 0x02, card_bytes(serial, 4));
		made_time(&raw, 1700000000);
		size_t ext = raw.n;
		made_ext(&raw, "1.2.3.4", false, card_bytes(zeros, sizeof(zeros)));
		made_wrap(&raw, ext, 0x30);
		made_wrap(&raw, from, 0x30);
	}
	for (uint32_t i = 0; i < 200000; i++, n++) { /* many and short */
		uint8_t serial[4] = {0x21, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i};
		made_crl_entry(&raw, card_bytes(serial, 4), 1700000000, -1);
	}
	for (uint32_t i = 0; i < 50000; i++, n++) { /* and long serial numbers */
		uint8_t serial[9] = {
			0x22, 1, 2, 3, 4, 0, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i};
		made_crl_entry(&raw, card_bytes(serial, 9), 1700000000, 4);
	}
	struct made_crl c = {.key = &ca,
			     .this_update = now - day,
			     .next_update = now + day,
			     .number = 1,
			     .raw_entries = card_buf_bytes(&raw)};
	made_crl(&c, &der);
	snprintf(path, sizeof(path), "%s/list", dir);
	made_file(path, card_buf_bytes(&der));
	assert_int_equal(import_file(path, true), CARD_CRL_TAKEN);
	card_crl_index_t *x = whole_index();
	assert_int_equal(card_crl_index_info(x)->entries, n);
	assert_int_equal(card_crl_index_verify(x), CARD_OK);
	card_crl_index_close(&x);
	card_buf_free(&raw);
	card_buf_free(&der);
}

static void check_big(uint32_t n)
{
	char path[128];
	snprintf(path, sizeof(path), "%s/list", dir);
	made_crl_big(path, &ca, n, 42, 1, now - day, now + day);
	assert_int_equal(import_file(path, true), CARD_CRL_TAKEN);
	unlink(path);
	card_crl_index_t *x = whole_index();
	assert_int_equal(card_crl_index_info(x)->entries, n);
	size_t found = 0;
	for (uint32_t i = 0; i < n; i += 1 + i % 3) {
		struct card_crl_entry e;
		uint32_t s = made_big_serial(42, i);
		uint8_t b[4] = {(uint8_t)(s >> 24), (uint8_t)(s >> 16), (uint8_t)(s >> 8),
				(uint8_t)s};
		assert_true(card_crl_index_lookup(x, card_bytes(b, 4), &e));
		assert_int_equal(e.revoked_at, made_big_date(42, i));
		int reason = made_big_reason(i);
		assert_int_equal(e.reason,
				 reason < 0 ? CARD_CRL_NO_REASON : (enum card_crl_reason)reason);
		/* numbers beyond n are on no list */
		s = made_big_serial(42, n + i);
		uint8_t c[4] = {(uint8_t)(s >> 24), (uint8_t)(s >> 16), (uint8_t)(s >> 8),
				(uint8_t)s};
		assert_false(card_crl_index_lookup(x, card_bytes(c, 4), &e));
		found++;
	}
	assert_true(found > n / 3);
	card_crl_index_close(&x);
}

/* As many partitions as there are municipalities, in one store at once. */
static void eighteen_hundred_partitions(void **state)
{
	(void)state;
	enum { CITIES = 1800, EACH = 40 };
	char path[128], city[32];
	uint8_t key[CARD_HASH_MAX], (*scope)[32] = calloc(CITIES, 32);
	card_crl_store_t *s;
	assert_non_null(scope);
	snprintf(path, sizeof(path), "%s/list", dir);
	for (uint32_t c = 0; c < CITIES; c++) {
		card_buf_t raw = {0}, der = {0}, name = {0}, canonical = {0};
		snprintf(city, sizeof(city), "City-%04u", c);
		/* Serial number i of city c: no two cities share one. */
		for (uint32_t i = 0; i < EACH; i++) {
			uint32_t v = 0x10000000 + i * CITIES + c;
			uint8_t serial[4] = {(uint8_t)(v >> 24), (uint8_t)(v >> 16),
					     (uint8_t)(v >> 8), (uint8_t)v};
			made_crl_entry(&raw, card_bytes(serial, 4), 1700000000 + c, 4);
		}
		struct made_crl one = {.key = &ca,
				       .this_update = now - day,
				       .next_update = now + day,
				       .number = 1 + c,
				       .city = city,
				       .raw_entries = card_buf_bytes(&raw)};
		made_crl(&one, &der);
		made_file(path, card_buf_bytes(&der));
		assert_int_equal(import_file(path, false), CARD_CRL_TAKEN);
		made_dist_point(&name, true, false, city);
		assert_int_equal(card_name_canonical(card_buf_bytes(&name), &canonical), CARD_OK);
		assert_int_equal(card_crl_scope_of_name(card_buf_bytes(&canonical), scope[c]),
				 CARD_OK);
		card_buf_free(&raw);
		card_buf_free(&der);
		card_buf_free(&name);
		card_buf_free(&canonical);
	}
	assert_int_equal(card_hash_digest(CARD_HASH_SHA256, card_buf_bytes(&ca.spki), key),
			 CARD_OK);
	assert_int_equal(card_crl_store_open(&s, dir, 60000), CARD_OK);
	for (int round = 0; round < 2; round++) {
		for (uint32_t c = 0; c < CITIES; c++) {
			const card_crl_index_t *x = card_crl_store_find(s, key, scope[c]);
			assert_non_null(x);
			for (uint32_t i = 0; i < EACH; i++) {
				for (uint32_t other = c; other < c + 3; other++) {
					struct card_crl_entry e;
					uint32_t v = 0x10000000 + i * CITIES + other % CITIES;
					uint8_t serial[4] = {(uint8_t)(v >> 24), (uint8_t)(v >> 16),
							     (uint8_t)(v >> 8), (uint8_t)v};
					assert_int_equal(
						card_crl_index_lookup(x, card_bytes(serial, 4), &e),
						other == c);
				}
			}
		}
	}
	card_crl_store_close(&s);
	free(scope);
}

static void a_million_entries(void **state)
{
	(void)state;
	check_big(1000000);
}

static void twenty_million_entries(void **state)
{
	(void)state;
	check_big(20000000);
}

static int each_set_up(void **state)
{
	(void)state;
	made_dir(dir);
	return 0;
}

static int each_tear_down(void **state)
{
	(void)state;
	made_dir_remove(dir);
	return 0;
}

static int set_up(void **state)
{
	(void)state;
	made_rsa(&ca, 2048);
	struct made_cert c = {.kind = MADE_SIGN_CA,
			      .serial = 1,
			      .not_before = now - day,
			      .not_after = now + day,
			      .key = &ca,
			      .issuer = &ca};
	card_buf_t der = {0};
	made_cert(&c, &der);
	int bad = card_trust_new(&trust, 0) || card_trust_add(trust, card_buf_bytes(&der));
	card_buf_free(&der);
	return bad;
}

static int tear_down(void **state)
{
	(void)state;
	made_key_free(&ca);
	card_trust_free(&trust);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, each_set_up, each_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(random_lists_answer_like_a_sorted_copy),
		TEST(duplicates_are_found_wherever_they_are),
		TEST(entries_may_lie_across_blocks),
		TEST(a_list_that_changes_its_shape_is_taken),
		TEST(eighteen_hundred_partitions),
		TEST(a_million_entries),
		TEST(twenty_million_entries),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
