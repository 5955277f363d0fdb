/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that lists are taken at the size of a country: 1,800 partitions in one store,
 * and up to 20 million entries in one list.
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

static void check_big(uint32_t n)
{
	char path[128];
	snprintf(path, sizeof(path), "%s/list", lists.dir);
	made_crl_big(path, &lists.ca, n, 42, 1, lists_now - lists_day, lists_now + lists_day);
	assert_int_equal(lists_import_file(path, true), CARD_CRL_TAKEN);
	unlink(path);
	card_crl_index_t *x = lists_whole();
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
	snprintf(path, sizeof(path), "%s/list", lists.dir);
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
		struct made_crl one = {.key = &lists.ca,
				       .this_update = lists_now - lists_day,
				       .next_update = lists_now + lists_day,
				       .number = 1 + c,
				       .city = city,
				       .raw_entries = card_buf_bytes(&raw)};
		made_crl(&one, &der);
		made_file(path, card_buf_bytes(&der));
		assert_int_equal(lists_import_file(path, false), CARD_CRL_TAKEN);
		made_dist_point(&name, true, false, city);
		assert_int_equal(card_name_canonical(card_buf_bytes(&name), &canonical), CARD_OK);
		assert_int_equal(card_crl_scope_of_name(card_buf_bytes(&canonical), scope[c]),
				 CARD_OK);
		card_buf_free(&raw);
		card_buf_free(&der);
		card_buf_free(&name);
		card_buf_free(&canonical);
	}
	assert_int_equal(card_hash_digest(CARD_HASH_SHA256, card_buf_bytes(&lists.ca.spki), key),
			 CARD_OK);
	assert_int_equal(card_crl_store_open(&s, lists.dir, 60000), CARD_OK);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		LISTS_TEST(eighteen_hundred_partitions),
		LISTS_TEST(a_million_entries),
		LISTS_TEST(twenty_million_entries),
	};
	return cmocka_run_group_tests(tests, lists_set_up, lists_tear_down);
}
