/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that no acknowledged record is lost: a writer is killed with SIGKILL at any moment, and a
 * PostgreSQL server is cut off; the chain stays whole. KAZASU_KILLS=10000 is the long run (default 40).
 */
#include "journal_on_both.h"

#include <signal.h>
#include <sys/wait.h>

/* Append for ever, one to three records in a commit; after each acknowledgement write the last seq
 * to the pipe. */
static void write_for_ever(const struct journal_case *c, int to)
{
	const struct journal_options opt = {.terminal = "T1", .program = "test 1"};
	const struct journal_record r[3] = {
		{.event = "card-read", .result = JOURNAL_OK, .operator_id = "suzuki"},
		{.event = "card-read", .result = JOURNAL_OK, .operator_id = "suzuki"},
		{.event = "card-read", .result = JOURNAL_OK, .operator_id = "suzuki"}};
	flow_store_t *store = NULL;
	journal_t *j = NULL;
	size_t n = 1;
	long seq;

	if (flow_store_open(&store, c->where, 0, NULL) != CARD_OK ||
	    journal_open(&j, store, &opt, NULL) != CARD_OK)
		_exit(1);
	while (journal_append(j, r, n, &seq) == CARD_OK) {
		seq += (long)n - 1;
		if (write(to, &seq, sizeof seq) != sizeof seq)
			break;
		n = n % 3 + 1;
	}
	_exit(0);
}

static long last_acknowledged(int from, long last)
{
	long seq;

	while (read(from, &seq, sizeof seq) == sizeof seq)
		last = seq;
	return last;
}

static enum card_error take_number(void *ctx, const char *const *column, size_t n)
{
	(void)n;
	*(long *)ctx = column[0] != NULL ? strtol(column[0], NULL, 10) : 0;
	return CARD_OK;
}

static void assert_whole(struct journal_case *c, long acknowledged)
{
	long bad = -1, there = 0;

	assert_ok(journal_check(c->journal, false, &bad));
	assert_int_equal(bad, 0);
	assert_ok(flow_store_run(c->store, "SELECT max(seq) FROM journal WHERE terminal = 'T1'",
				 NULL, 0, take_number, &there));
	assert_true(there >= acknowledged);
	assert_ok(journal_checkpoint(c->journal));
}

/* How many records were acknowledged before the blow. */
static long kill_once(struct journal_case *c, unsigned delay, bool kill_server)
{
	int ends[2];
	long acknowledged = 0;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(ends[0]);
		write_for_ever(c, ends[1]);
	}
	close(ends[1]);
	/* It is writing now. */
	assert_int_equal(read(ends[0], &acknowledged, sizeof acknowledged), sizeof acknowledged);
	usleep(delay);
	if (kill_server) {
		case_close(c);
		pg_server_crash(c->server);
	} else {
		kill(pid, SIGKILL);
	}
	waitpid(pid, NULL, 0);
	acknowledged = last_acknowledged(ends[0], acknowledged);
	close(ends[0]);
	if (kill_server)
		case_open(c, "T1");
	assert_whole(c, acknowledged);
	return acknowledged;
}

static unsigned kills(void)
{
	const char *text = getenv("KAZASU_KILLS");
	const long n = text != NULL ? strtol(text, NULL, 10) : 40;

	return n > 0 && n < 100000 ? (unsigned)n : 40;
}

static void a_killed_writer_loses_nothing(void **state)
{
	struct journal_case *c = *state;
	const unsigned n = c->postgresql ? kills() / 4 + 1 : kills();
	long acknowledged = 0, bad = -1;

	for (unsigned i = 0; i < n; i++)
		acknowledged = kill_once(c, (i * 7919) % 2500, false);
	assert_ok(journal_check(c->journal, true, &bad));
	assert_int_equal(bad, 0);
	print_message("%u kills, %ld records, none lost\n", n, acknowledged);
}

static void a_server_cut_off_loses_nothing(void **state)
{
	struct journal_case *c = *state;

	for (unsigned i = 0; i < 2; i++)
		kill_once(c, 30000 + i * 20000, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(a_killed_writer_loses_nothing),
		ON_POSTGRESQL(a_server_cut_off_loses_nothing),
	};

	return run_on_both(tests);
}
