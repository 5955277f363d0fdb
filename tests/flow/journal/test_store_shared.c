/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that a process may open one SQLite file several times while other processes work on it:
 * POSIX locks belong to the process, and closing any descriptor of the file would drop them all;
 * the other process would then take itself for the last, and remove the write-ahead log.
 */
#include <cardflow/store.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "test.h"
#include "tree.h"

static enum card_error count(void *ctx, const char *const *column, size_t n)
{
	assert_int_equal(n, 1);
	*(long *)ctx = atol(column[0]);
	return CARD_OK;
}

static long rows(flow_store_t *s)
{
	long n = -1;

	assert_ok(flow_store_run(s, "SELECT count(*) FROM t", NULL, 0, count, &n));
	return n;
}

static void other_process_adds_a_row(const char *path)
{
	char command[200];

	snprintf(command, sizeof command, "sqlite3 %s \"INSERT INTO t VALUES ('other')\"", path);
	assert_int_equal(system(command), 0);
}

static void another_process_leaves_the_log_of_two_connections_alone(void **state)
{
	char folder[64], path[128], log[140];
	flow_store_t *a = NULL, *b = NULL;
	struct stat before, after;

	(void)state;
	tree_scratch(folder);
	snprintf(path, sizeof path, "%s/t.db", folder);
	snprintf(log, sizeof log, "%s-wal", path);
	assert_ok(flow_store_open(&a, path, FLOW_STORE_CREATE, NULL));
	assert_ok(flow_store_script(a, "CREATE TABLE t (v TEXT)"));
	assert_ok(flow_store_open(&b, path, FLOW_STORE_CREATE, NULL));
	assert_int_equal(stat(log, &before), 0);
	other_process_adds_a_row(path);
	assert_int_equal(stat(log, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	assert_int_equal(rows(a), 1);
	assert_int_equal(rows(b), 1);
	assert_ok(flow_store_script(a, "INSERT INTO t VALUES ('a')"));
	other_process_adds_a_row(path);
	assert_int_equal(rows(b), 3);
	flow_store_close(&a);
	flow_store_close(&b);
	tree_scratch_remove(folder);
}

static void a_new_file_is_for_its_owner_only(void **state)
{
	char folder[64], path[128];
	flow_store_t *s = NULL;
	struct stat st;

	(void)state;
	tree_scratch(folder);
	snprintf(path, sizeof path, "%s/t.db", folder);
	assert_int_equal(flow_store_open(&s, path, 0, NULL), CARD_ERR_NOT_FOUND);
	assert_ok(flow_store_open(&s, path, FLOW_STORE_CREATE, NULL));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	flow_store_close(&s);
	assert_ok(flow_store_open(&s, path, 0, NULL));
	flow_store_close(&s);
	snprintf(path, sizeof path, "%s/no/t.db", folder);
	assert_int_equal(flow_store_open(&s, path, FLOW_STORE_CREATE, NULL), CARD_ERR_NOT_FOUND);
	assert_int_equal(flow_store_open(&s, folder, FLOW_STORE_CREATE, NULL), CARD_ERR_IO);
	tree_scratch_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(another_process_leaves_the_log_of_two_connections_alone),
		cmocka_unit_test(a_new_file_is_for_its_owner_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
