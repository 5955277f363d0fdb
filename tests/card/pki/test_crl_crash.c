/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that an import killed at any system call leaves the old index or the
 * whole new one, and that readers never see anything else while new ones are
 * published.
 */
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include <card/crl.h>

#include "lists.h"

static uint8_t key[CARD_HASH_MAX];
static const uint8_t whole[32] = {0};

static const int64_t first_date = 1700000000;

/* List number g: n entries, all revoked at first_date + g. */
static void write_list(const char *path, uint64_t g, unsigned n)
{
	card_buf_t raw = {0}, der = {0};
	for (unsigned i = 0; i < n; i++) {
		uint8_t serial[3] = {0x40, (uint8_t)(i >> 8), (uint8_t)i};
		made_crl_entry(&raw, card_bytes(serial, 3), first_date + (int64_t)g, 4);
	}
	struct made_crl c = {.key = &lists.ca,
			     .this_update = lists_now - lists_day,
			     .next_update = lists_now + lists_day,
			     .number = g,
			     .raw_entries = card_buf_bytes(&raw)};
	made_crl(&c, &der);
	made_file(path, card_buf_bytes(&der));
	card_buf_free(&raw);
	card_buf_free(&der);
}

static enum card_error import_file(const char *path)
{
	struct card_crl_report report;
	struct card_crl_import how = {.store = lists.dir, .trust = lists.trust, .now = lists_now};
	int fd = open(path, O_RDONLY);
	if (fd < 0)
		return CARD_ERR_IO;
	enum card_error err = card_crl_import(&how, fd, &report);
	close(fd);
	return err;
}

static uint64_t number_of(const card_crl_index_t *x)
{
	const struct card_crl_info *info = card_crl_index_info(x);
	uint64_t v = 0;
	for (size_t i = 0; i < info->number_n; i++)
		v = v << 8 | info->number[i];
	return v;
}

/* The store holds list a or b, whole. Which? */
static uint64_t check_store(uint64_t a, uint64_t b)
{
	card_crl_store_t *s;
	struct card_crl_entry e;
	assert_int_equal(card_crl_store_open(&s, lists.dir, 0), CARD_OK);
	const card_crl_index_t *x = card_crl_store_find(s, key, whole);
	assert_non_null(x);
	assert_int_equal(card_crl_index_verify(x), CARD_OK);
	uint64_t g = number_of(x);
	assert_true(g == a || g == b);
	assert_true(card_crl_index_lookup(x, card_bytes("\x40\x00\x07", 3), &e));
	assert_int_equal(e.revoked_at, first_date + (int64_t)g);
	card_crl_store_close(&s);
	return g;
}

/* Run the import under ptrace and kill it at the stop with this number (each
 * system call has two, before and after). False if it ended before. */
static bool killed_at(const char *path, unsigned stop)
{
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
			_exit(3);
		raise(SIGSTOP);
		_exit(import_file(path) == CARD_OK ? 0 : 4);
	}
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSTOPPED(status));
	assert_int_equal(ptrace(PTRACE_SETOPTIONS, pid, NULL,
				(void *)(intptr_t)(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL)),
			 0);
	for (unsigned n = 0;;) {
		assert_int_equal(ptrace(PTRACE_SYSCALL, pid, NULL, NULL), 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (WIFEXITED(status)) {
			assert_int_equal(WEXITSTATUS(status), 0);
			return false;
		}
		if (!WIFSTOPPED(status) || WSTOPSIG(status) != (SIGTRAP | 0x80))
			continue;
		if (++n == stop)
			break;
	}
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	return true;
}

static void an_import_may_be_killed_at_every_system_call(void **state)
{
	(void)state;
	char old_list[128], new_list[128];
	snprintf(old_list, sizeof(old_list), "%s/old", lists.dir);
	snprintf(new_list, sizeof(new_list), "%s/new", lists.dir);
	write_list(old_list, 1, 3000);
	unsigned old_kept = 0, new_there = 0;
	uint64_t g = 1;
	assert_int_equal(import_file(old_list), CARD_OK);
	for (unsigned stop = 1;; stop++) {
		write_list(new_list, g + 1, 3000);
		bool killed = killed_at(new_list, stop);
		uint64_t got = check_store(g, g + 1);
		if (!killed) {
			assert_int_equal(got, g + 1);
			break;
		}
		got == g ? old_kept++ : new_there++;
		/* What the killed one left does not stand in the way of the next. */
		assert_int_equal(import_file(new_list), CARD_OK);
		assert_int_equal(check_store(g + 1, g + 1), g + 1);
		g++;
	}
	printf("killed %u times: old index %u, new index %u\n", old_kept + new_there, old_kept,
	       new_there);
	assert_true(old_kept > 40);
	assert_true(new_there >= 1);
}

/* ---- readers ---- */

#define READERS 8
#define LISTS   200

static atomic_bool stop_reading;

struct reader {
	pthread_t thread;
	unsigned long lookups, changes;
	const char *wrong; /* NULL: nothing */
};

static void *read_on(void *arg)
{
	struct reader *r = arg;
	card_crl_store_t *s;
	uint64_t last = 0;
	if (card_crl_store_open(&s, lists.dir, 0)) {
		r->wrong = "store does not open";
		return NULL;
	}
	while (!atomic_load(&stop_reading) && !r->wrong) {
		const card_crl_index_t *x = card_crl_store_find(s, key, whole);
		if (!x) {
			r->wrong = "no index";
			break;
		}
		uint64_t g = number_of(x);
		if (g < last)
			r->wrong = "the number went down";
		r->changes += g != last;
		last = g;
		/* List g has 1000 + g entries: the last is there, the one after is not. */
		unsigned n = 1000 + (unsigned)g;
		for (unsigned i = 0; i <= n && !r->wrong; i += i + 1 < n ? 1 + n / 7 : 1) {
			uint8_t serial[3] = {0x40, (uint8_t)(i >> 8), (uint8_t)i};
			struct card_crl_entry e;
			bool there = card_crl_index_lookup(x, card_bytes(serial, 3), &e);
			r->lookups++;
			if (there != (i < n))
				r->wrong = "an entry too many or too few";
			else if (there && e.revoked_at != first_date + (int64_t)g)
				r->wrong = "an entry of another list";
			if (i + 1 < n && i + 1 + n / 7 >= n)
				i = n - 2;
		}
	}
	card_crl_store_close(&s);
	return NULL;
}

static void readers_see_whole_lists_while_new_ones_come(void **state)
{
	(void)state;
	char path[128];
	struct reader reader[READERS] = {{0}};
	unsigned long lookups = 0, changes = 0;
	snprintf(path, sizeof(path), "%s/list", lists.dir);
	write_list(path, 1, 1001);
	assert_int_equal(import_file(path), CARD_OK);
	atomic_store(&stop_reading, false);
	for (int i = 0; i < READERS; i++)
		assert_int_equal(pthread_create(&reader[i].thread, NULL, read_on, &reader[i]), 0);
	for (uint64_t g = 2; g <= LISTS + 1; g++) {
		write_list(path, g, 1000 + (unsigned)g);
		assert_int_equal(import_file(path), CARD_OK);
	}
	atomic_store(&stop_reading, true);
	for (int i = 0; i < READERS; i++) {
		assert_int_equal(pthread_join(reader[i].thread, NULL), 0);
		if (reader[i].wrong)
			fprintf(stderr, "reader %d: %s\n", i, reader[i].wrong);
		assert_null(reader[i].wrong);
		lookups += reader[i].lookups;
		changes += reader[i].changes;
		assert_true(reader[i].changes > 1);
	}
	printf("%d readers, %lu lookups, %lu new lists seen\n", READERS, lookups, changes);
}

static int set_up(void **state)
{
	return lists_set_up(state) ||
	       card_hash_digest(CARD_HASH_SHA256, card_buf_bytes(&lists.ca.spki), key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LISTS_TEST(an_import_may_be_killed_at_every_system_call),
		LISTS_TEST(readers_see_whole_lists_while_new_ones_come),
	};
	return cmocka_run_group_tests(tests, set_up, lists_tear_down);
}
