/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that a list is read the same however its entries lie across the blocks it is
 * read in, and though it changes its shape on the way.
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
	struct made_crl c = {.key = &lists.ca,
			     .this_update = lists_now - lists_day,
			     .next_update = lists_now + lists_day,
			     .number = 1,
			     .raw_entries = card_buf_bytes(&raw)};
	made_crl(&c, &der);
	snprintf(path, sizeof(path), "%s/list", lists.dir);
	made_file(path, card_buf_bytes(&der));
	for (int helper = 0; helper < 2; helper++)
		assert_int_equal(lists_import_file(path, helper), CARD_CRL_TAKEN);
	card_crl_index_t *x = lists_whole();
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
	assert_int_equal(lists_import_file(path, false), CARD_CRL_REFUSED_LIMIT);
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
	struct made_crl c = {.key = &lists.ca,
			     .this_update = lists_now - lists_day,
			     .next_update = lists_now + lists_day,
			     .number = 1,
			     .raw_entries = card_buf_bytes(&raw)};
	made_crl(&c, &der);
	snprintf(path, sizeof(path), "%s/list", lists.dir);
	made_file(path, card_buf_bytes(&der));
	assert_int_equal(lists_import_file(path, true), CARD_CRL_TAKEN);
	card_crl_index_t *x = lists_whole();
	assert_int_equal(card_crl_index_info(x)->entries, n);
	assert_int_equal(card_crl_index_verify(x), CARD_OK);
	card_crl_index_close(&x);
	card_buf_free(&raw);
	card_buf_free(&der);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LISTS_TEST(entries_may_lie_across_blocks),
		LISTS_TEST(a_list_that_changes_its_shape_is_taken),
	};
	return cmocka_run_group_tests(tests, lists_set_up, lists_tear_down);
}
