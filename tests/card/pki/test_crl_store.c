/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that an open store notices new, vanished and damaged indexes, and follows the
 * name of its directory.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include <card/crl.h>

#include "lists.h"

/* Whoever ships the files may put another directory in the place of the old. */
static void a_store_follows_its_name(void **state)
{
	(void)state;
	uint8_t issuer[CARD_HASH_MAX], scope[32] = {0};
	char moved[80];
	card_crl_store_t *s;
	struct made_crl c = lists_usual();
	card_hash_digest(CARD_HASH_SHA256, card_buf_bytes(&lists.ca.spki), issuer);
	lists_assert_refused(lists_import(&c), CARD_CRL_TAKEN);
	assert_int_equal(card_crl_store_open(&s, lists.dir, 0), CARD_OK);
	assert_non_null(card_crl_store_find(s, issuer, scope));
	snprintf(moved, sizeof(moved), "%s.old", lists.dir);
	assert_int_equal(rename(lists.dir, moved), 0);
	assert_null(card_crl_store_find(s, issuer, scope));
	assert_int_equal(mkdir(lists.dir, 0700), 0);
	c.number = 101;
	lists_assert_refused(lists_import(&c), CARD_CRL_TAKEN);
	const card_crl_index_t *x = card_crl_store_find(s, issuer, scope);
	assert_non_null(x);
	assert_int_equal(card_crl_index_info(x)->number[0], 101);
	card_crl_store_close(&s);
	made_dir_remove(moved);
}

static void a_damaged_index_is_noticed(void **state)
{
	(void)state;
	struct made_crl c = lists_usual();
	lists_assert_refused(lists_import(&c), CARD_CRL_TAKEN);
	char path[200] = "";
	uint8_t issuer[CARD_HASH_MAX], scope[32] = {0};
	char hex[33];
	card_hash_digest(CARD_HASH_SHA256, card_buf_bytes(&lists.ca.spki), issuer);
	card_hex_encode(card_bytes(issuer, 16), hex, sizeof(hex));
	snprintf(path, sizeof(path), "%s/%s-%032d.crlx", lists.dir, hex, 0);
	int fd = open(path, O_RDWR);
	assert_true(fd >= 0);
	off_t size = lseek(fd, 0, SEEK_END);
	/* one octet of the body: found by verify; of the header: not opened at all */
	for (off_t at = 0; at < size; at += at < 2048 ? 97 : 1021) {
		uint8_t b, flipped;
		assert_int_equal(pread(fd, &b, 1, at), 1);
		flipped = b ^ 0x10;
		assert_int_equal(pwrite(fd, &flipped, 1, at), 1);
		card_crl_index_t *x = NULL;
		enum card_error err = card_crl_index_open(&x, path);
		if (!err)
			err = card_crl_index_verify(x);
		card_crl_index_close(&x);
		/* The rest of the header's page is empty and not looked at. */
		if (at < 1290 || at >= 4096)
			assert_int_equal(err, CARD_ERR_MALFORMED);
		assert_int_equal(pwrite(fd, &b, 1, at), 1);
	}
	assert_int_equal(ftruncate(fd, size - 64), 0);
	card_crl_index_t *x = NULL;
	assert_int_equal(card_crl_index_open(&x, path), CARD_ERR_MALFORMED);
	close(fd);
	/* A store without a readable index has no answer; the next list repairs it. */
	card_crl_store_t *s;
	assert_int_equal(card_crl_store_open(&s, lists.dir, 0), CARD_OK);
	assert_null(card_crl_store_find(s, issuer, scope));
	lists_assert_refused(lists_import(&c), CARD_CRL_TAKEN);
	assert_non_null(card_crl_store_find(s, issuer, scope));
	card_crl_store_close(&s);
}

static void a_store_notices_new_and_vanished_indexes(void **state)
{
	(void)state;
	uint8_t issuer[CARD_HASH_MAX], scope[32] = {0};
	card_crl_store_t *s;
	struct made_crl c = lists_usual();
	card_hash_digest(CARD_HASH_SHA256, card_buf_bytes(&lists.ca.spki), issuer);
	assert_int_equal(card_crl_store_open(&s, lists.dir, 0), CARD_OK);
	assert_null(card_crl_store_find(s, issuer, scope));
	lists_assert_refused(lists_import(&c), CARD_CRL_TAKEN);
	const card_crl_index_t *x = card_crl_store_find(s, issuer, scope);
	assert_non_null(x);
	assert_int_equal(card_crl_index_info(x)->number[0], 100);
	c.number = 101;
	lists_assert_refused(lists_import(&c), CARD_CRL_TAKEN);
	x = card_crl_store_find(s, issuer, scope);
	assert_int_equal(card_crl_index_info(x)->number[0], 101);
	made_dir_remove(lists.dir);
	assert_null(card_crl_store_find(s, issuer, scope));
	card_crl_store_close(&s);
	assert_int_equal(card_crl_store_open(&s, "/nowhere/at/all", 0), CARD_ERR_IO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LISTS_TEST(a_store_follows_its_name),
		LISTS_TEST(a_damaged_index_is_noticed),
		LISTS_TEST(a_store_notices_new_and_vanished_indexes),
	};
	return cmocka_run_group_tests(tests, lists_set_up, lists_tear_down);
}
