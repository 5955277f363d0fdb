/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that no acknowledged record is lost: a writer is killed with SIGKILL at any moment, and a
 * PostgreSQL server is cut off; the chain stays whole. KAZASU_KILLS sets how often (default 40).
 */
#include "journal_case.h"

#include <signal.h>
#include <sys/wait.h>

static struct pg_server server;

/* Append for ever; after each acknowledgement write its seq to the pipe. */
static void write_for_ever(const struct journal_case *c, int to)
{
	struct journal_case mine = *c;
	const struct journal_record r = {.event = "card-read", .result = JOURNAL_OK,
					 .operator_id = "suzuki"};
	long seq;

	mine.store = mine.owner = NULL;
	mine.journal = NULL;
	case_open(&mine, "T1");
	while (journal_append(mine.journal, &r, 1, &seq) == CARD_OK &&
	       write(to, &seq, sizeof seq) == sizeof seq)
		;
	_exit(0);
}

static long last_acknowledged(int from)
{
	long seq, last = 0;

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
	assert_ok(flow_store_run(c->store, "SELECT max(seq) FROM journal WHERE terminal = 'T1'", NULL, 0,
				 take_number, &there));
	assert_true(there >= acknowledged);
	assert_ok(journal_checkpoint(c->journal));
}

static void kill_once(struct journal_case *c, unsigned delay, bool kill_server)
{
	int ends[2];
	long acknowledged;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(ends[0]);
		write_for_ever(c, ends[1]);
	}
	close(ends[1]);
	usleep(delay);
	if (kill_server) {
		case_close(c);
		pg_server_crash(c->server);
	} else {
		kill(pid, SIGKILL);
	}
	waitpid(pid, NULL, 0);
	acknowledged = last_acknowledged(ends[0]);
	close(ends[0]);
	if (kill_server)
		case_open(c, "T1");
	assert_whole(c, acknowledged);
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

	for (unsigned i = 0; i < n; i++)
		kill_once(c, 4000 + (i * 7919) % 23000, false);
}

static void a_server_cut_off_loses_nothing(void **state)
{
	struct journal_case *c = *state;

	for (unsigned i = 0; i < 2; i++)
		kill_once(c, 60000 + i * 30000, true);
}

static int on_sqlite(void **state)
{
	*state = case_new(NULL);
	return 0;
}

static int on_postgresql(void **state)
{
	*state = case_new(&server);
	return 0;
}

static int done(void **state)
{
	case_free(*state);
	return 0;
}

static int start(void **state)
{
	(void)state;
	pg_server_start(&server);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	pg_server_stop(&server);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"a_killed_writer_loses_nothing [sqlite]", a_killed_writer_loses_nothing, on_sqlite,
		 done, NULL},
		{"a_killed_writer_loses_nothing [postgresql]", a_killed_writer_loses_nothing,
		 on_postgresql, done, NULL},
		{"a_server_cut_off_loses_nothing [postgresql]", a_server_cut_off_loses_nothing,
		 on_postgresql, done, NULL},
	};

	return cmocka_run_group_tests(tests, start, stop);
}
