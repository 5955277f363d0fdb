/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The conformance suite of journals: every test runs on SQLite and on a PostgreSQL server that
 * this program starts (design decision 9, rules ch. 7, PD-33…PD-35, PD-39).
 */
#include "journal_entries.h"

#include <sys/stat.h>
#include <sys/wait.h>

static void records_read_back_as_written(void **state)
{
	struct journal_case *c = *state;
	struct seen s;

	assert_int_equal(add(c, "一行\n二行\t\\tab"), 1);
	c->now += 86400;
	assert_int_equal(add(c, "x"), 2);
	s = read_all(c, (struct journal_filter){.to = "2026-04-01"});
	assert_int_equal(s.n, 1);
	assert_string_equal(s.reason, "一行\n二行\t\\tab");
	assert_string_equal(s.start, "2026-04-01T09:00:00+09:00");
	assert_int_equal(read_all(c, (struct journal_filter){.from = "2026-04-02"}).n, 1);
	assert_int_equal(read_all(c, (struct journal_filter){.operator_id = "suzuki"}).n, 2);
	assert_int_equal(read_all(c, (struct journal_filter){.organ = "税務課"}).n, 0);
	assert_int_equal(read_all(c, (struct journal_filter){.event = "login"}).n, 0);
	assert_int_equal(check(c), 0);
}

static void numbers_and_unknown_words_are_refused(void **state)
{
	struct journal_case *c = *state;
	static const char *const numbers[] = {"537686677188", "番号は5376-8667-7188",
					      "５３７６８６６７７１８８", "5376 8667 7188",
					      "09876543211"};
	struct journal_record r = look("");
	long seq;

	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		r = look(numbers[i]);
		assert_int_equal(journal_append(c->journal, &r, 1, &seq), CARD_ERR_DENIED);
	}
	r = look("");
	r.subject = "atena:537686677188"; /* a 個人番号 in the place of a 宛名番号 */
	assert_int_equal(journal_append(c->journal, &r, 1, &seq), CARD_ERR_DENIED);
	r.subject = "537686677188";
	assert_int_equal(journal_append(c->journal, &r, 1, &seq), CARD_ERR_INVALID_ARGUMENT);
	r = look("");
	r.event = "peeking";
	assert_int_equal(journal_append(c->journal, &r, 1, &seq), CARD_ERR_INVALID_ARGUMENT);
	r = look("\xff");
	assert_int_equal(journal_append(c->journal, &r, 1, &seq), CARD_ERR_INVALID_ARGUMENT);
	r = look("2026-04-01 09:00 の来庁");
	r.related = "123456789012345";
	assert_ok(
		journal_append(c->journal, &r, 1, &seq)); /* none of the above spoiled the handle */
	assert_int_equal(seq, 1);
}

static void a_subject_is_sealed_to_two_keys(void **state)
{
	struct journal_case *c = *state;
	const char *keys[] = {c->audit_key, c->second_key};
	struct journal_record r = look("x");
	card_secret_t *p = case_passphrase();
	struct seen s;

	r.subject = "atena:000000123456789";
	assert_ok(journal_append(c->journal, &r, 1, NULL));
	s = read_all(c, (struct journal_filter){.event = "card-read"});
	assert_null(strstr(s.subject, "123456789"));
	for (int i = 0; i < 2; i++) {
		journal_unseal_t *u = NULL;
		char *clear = NULL;

		assert_ok(journal_unseal_open(&u, keys[i], p));
		assert_ok(journal_unseal_text(u, s.subject, &clear));
		assert_string_equal(clear, "atena:000000123456789");
		free(clear);
		s.subject[40] = s.subject[40] == 'A' ? 'B' : 'A';
		assert_int_equal(journal_unseal_text(u, s.subject, &clear), CARD_ERR_SIGNATURE);
		journal_unseal_free(&u);
		s = read_all(c, (struct journal_filter){.event = "card-read"});
	}
	card_secret_free(&p);
}

/* A process that begins and dies. */
static void begin_and_die(struct journal_case *c)
{
	const pid_t pid = fork();
	int status;

	if (pid == 0) {
		struct journal_case mine = {.postgresql = c->postgresql, .now = c->now};
		struct journal_record r = look("");
		char txn[JOURNAL_TXN + 1];

		memcpy(mine.where, c->where, sizeof mine.where);
		memcpy(mine.owner_where, c->owner_where, sizeof mine.owner_where);
		memcpy(mine.recipients, c->recipients, sizeof mine.recipients);
		memcpy(mine.signing, c->signing, sizeof mine.signing);
		memcpy(mine.copy, c->copy, sizeof mine.copy);
		case_open(&mine, "T1");
		r.event = "identity-check";
		_exit(journal_intent(mine.journal, &r, txn, NULL) == CARD_OK ? 0 : 1);
	}
	assert_true(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static enum card_error count_row(void *ctx, const char *const *column, size_t n)
{
	(void)column;
	(void)n;
	++*(size_t *)ctx;
	return CARD_OK;
}

static size_t unexplained(struct journal_case *c)
{
	size_t n = 0;

	assert_ok(journal_unexplained(c->store, "T1", count_row, &n));
	return n;
}

static void an_open_intent_becomes_unknown_until_explained(void **state)
{
	struct journal_case *c = *state;
	struct journal_record r = look("");
	char txn[JOURNAL_TXN + 1];
	size_t found;
	struct seen s;

	r.event = "identity-check";
	assert_ok(journal_intent(c->journal, &r, txn, NULL)); /* of this process: it lives */
	begin_and_die(c);
	assert_ok(journal_recover(c->journal, false, &found));
	assert_int_equal(found, 1);
	assert_ok(journal_recover(c->journal, false, &found));
	assert_int_equal(found, 0);
	s = read_all(c, (struct journal_filter){.event = "identity-check"});
	assert_int_equal(s.n, 3);
	assert_string_equal(s.phase, "unknown");
	assert_string_equal(s.related, "2");
	assert_int_equal(unexplained(c), 1);
	r = look("カードを抜いた。再度確認済み");
	r.event = "unknown-explained";
	r.related = "3";
	assert_ok(journal_append(c->journal, &r, 1, NULL));
	assert_int_equal(unexplained(c), 0);
	r = look("");
	r.event = "identity-check";
	r.phase = JOURNAL_OUTCOME;
	r.txn = txn;
	assert_ok(journal_append(c->journal, &r, 1, NULL));
	assert_ok(journal_recover(c->journal, false, &found));
	assert_int_equal(found, 0);
}

/* The look back does not grow with the journal, and loses nothing: an INTENT that is alive holds it up. */
static void what_is_open_is_found_behind_many_records(void **state)
{
	struct journal_case *c = *state;
	struct journal_record r = look(""), many[100];
	char txn[JOURNAL_TXN + 1];
	size_t found;

	for (int i = 0; i < 100; i++)
		many[i] = look("x");
	assert_ok(journal_append(c->journal, many, 100, NULL));
	assert_ok(journal_recover(c->journal, false, &found)); /* marks */
	r.event = "identity-check";
	assert_ok(journal_intent(c->journal, &r, txn, NULL)); /* alive */
	assert_ok(journal_append(c->journal, many, 100, NULL));
	assert_ok(journal_recover(c->journal, false, &found));
	assert_int_equal(found, 0);
	begin_and_die(c);
	assert_ok(journal_append(c->journal, many, 100, NULL));
	assert_ok(journal_recover(c->journal, false, &found));
	assert_int_equal(found, 1);
	assert_ok(journal_recover(c->journal, true, &found));
	assert_int_equal(found, 0);
	/* A mark that somebody put there hides nothing from the inspection. */
	begin_and_die(c);
	assert_ok(flow_store_script(
		c->store, "INSERT INTO journal_mark (terminal, seq) VALUES ('T1', 99999)"));
	assert_ok(journal_recover(c->journal, false, &found));
	assert_int_equal(found, 0);
	assert_ok(journal_recover(c->journal, true, &found));
	assert_int_equal(found, 1);
	assert_int_equal(unexplained(c), 2);
}

static void rows_are_added_and_never_changed(void **state)
{
	static const char *const attempts[] = {
		"UPDATE journal SET body = 'x' WHERE seq = 1",  "UPDATE journal SET hash = 'x'",
		"UPDATE journal SET body = NULL WHERE seq = 1", "DELETE FROM journal",
		"UPDATE journal_checkpoint SET root = 'x'",     "DELETE FROM journal_checkpoint"};
	struct journal_case *c = *state;

	add(c, "x");
	assert_ok(journal_checkpoint(c->journal));
	for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++) {
		assert_int_equal(flow_store_run(c->store, attempts[i], NULL, 0, NULL, NULL),
				 CARD_ERR_DENIED);
		/* The owner of the tables is held up by the triggers. */
		assert_int_equal(flow_store_run(c->owner, attempts[i], NULL, 0, NULL, NULL),
				 CARD_ERR_DENIED);
	}
	if (c->postgresql) {
		assert_int_equal(flow_store_run(c->store, "TRUNCATE journal", NULL, 0, NULL, NULL),
				 CARD_ERR_DENIED);
		assert_int_equal(flow_store_run(c->owner, "TRUNCATE journal", NULL, 0, NULL, NULL),
				 CARD_ERR_DENIED);
	}
	assert_int_equal(check(c), 0);
}

static void drop_guard(struct journal_case *c)
{
	assert_ok(flow_store_script(c->owner, c->postgresql
						      ? "DROP TRIGGER journal_guard ON journal"
						      : "DROP TRIGGER journal_no_update;"
							"DROP TRIGGER journal_no_delete"));
}

static void a_change_behind_the_back_is_found_and_written(void **state)
{
	static const char *const attempts[] = {
		"UPDATE journal SET body = replace(body, 'suzuki', 'tanaka') WHERE seq = 3",
		"UPDATE journal SET operator = 'tanaka' WHERE seq = 3",
		"UPDATE journal SET time = '2020-01-01T00:00:00+09:00' WHERE seq = 3",
		"UPDATE journal SET body = NULL WHERE seq = 3",
		"DELETE FROM journal WHERE seq = 3"};
	struct journal_case *c = *state;

	for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++) {
		struct pg_server *same = c->server;
		struct seen s;

		case_free(c);
		*state = c = case_new(same);
		for (int k = 0; k < 5; k++)
			add(c, "x");
		assert_int_equal(check(c), 0);
		drop_guard(c);
		assert_ok(flow_store_script(c->owner, attempts[i]));
		assert_int_equal(check(c), 3);
		/* PD-34: a finding, not a crash. */
		s = read_all(c, (struct journal_filter){.event = "chain-break"});
		assert_int_equal(s.n, 1);
		assert_string_equal(s.related, "3");
	}
}

static void a_clock_that_goes_back_is_an_event(void **state)
{
	struct journal_case *c = *state;

	add(c, "a");
	c->now -= 1;
	add(c, "b"); /* PD-35: one second is none */
	assert_int_equal(read_all(c, (struct journal_filter){.event = "clock-step"}).n, 0);
	c->now -= 5;
	assert_int_equal(add(c, "c"), 4); /* 3 is the step itself */
	assert_string_equal(read_all(c, (struct journal_filter){.event = "clock-step"}).reason,
			    "back by 5 s");
	assert_int_equal(check(c), 0);
}

static void each_terminal_has_a_chain_of_its_own(void **state)
{
	struct journal_case *c = *state;
	journal_t *first = c->journal;

	add(c, "x");
	case_open(c, "T2");
	assert_int_equal(add(c, "y"), 1);
	assert_int_equal(check(c), 0);
	journal_close(&c->journal);
	c->journal = first;
	assert_int_equal(add(c, "z"), 2);
	assert_int_equal(read_all(c, (struct journal_filter){.terminal = "T2"}).n, 1);
}

/* Nothing that cannot be written is acknowledged, and after it nothing at all is. */
static void what_cannot_be_written_closes_the_journal(void **state)
{
	struct journal_case *c = *state;
	const struct journal_record r = look("x");
	long seq = add(c, "x");

	if (c->postgresql)
		assert_ok(flow_store_script(c->owner, "SELECT pg_terminate_backend(pid) FROM"
						      " pg_stat_activity WHERE usename = 'clerk'"));
	else /* a full disk, as SQLite sees it */
		assert_ok(flow_store_script(c->store, "PRAGMA max_page_count=1"));
	for (int i = 0; i < 2000; i++) {
		if (journal_append(c->journal, &r, 1, NULL) != CARD_OK)
			break;
		seq++;
	}
	assert_true(seq < 2000);
	assert_int_equal(journal_append(c->journal, &r, 1, NULL), CARD_ERR_BAD_STATE);
	if (!c->postgresql)
		assert_ok(flow_store_script(c->store, "PRAGMA max_page_count=100000"));
	assert_int_equal(journal_append(c->journal, &r, 1, NULL), CARD_ERR_BAD_STATE);
	case_close(c);
	case_open(c, "T1");
	assert_int_equal(check(c), 0);
	assert_int_equal(read_all(c, (struct journal_filter){.event = NULL}).n, seq);
	add(c, "後から");
}

static void two_writers_share_a_chain(void **state)
{
	struct journal_case *c = *state;
	struct journal_case other = *c;
	struct seen s;

	other.store = NULL;
	other.owner = NULL;
	case_open(&other, "T1");
	for (int i = 0; i < 20; i++) {
		add(c, "a");
		add(&other, "b");
	}
	case_close(&other);
	assert_int_equal(check(c), 0);
	s = read_all(c, (struct journal_filter){.terminal = "T1"});
	assert_int_equal(s.n, 40);
}

static void many_records_go_in_one_commit(void **state)
{
	struct journal_case *c = *state;
	struct journal_record r[100];
	long first;

	for (int i = 0; i < 100; i++)
		r[i] = look("x");
	assert_ok(journal_append(c->journal, r, 100, &first));
	assert_int_equal(first, 1);
	r[99].event = "nonsense";
	assert_int_equal(journal_append(c->journal, r, 100, &first), CARD_ERR_INVALID_ARGUMENT);
	assert_int_equal(read_all(c, (struct journal_filter){.event = NULL}).n, 100);
	assert_int_equal(check(c), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(records_read_back_as_written),
		BOTH(numbers_and_unknown_words_are_refused),
		BOTH(a_subject_is_sealed_to_two_keys),
		BOTH(an_open_intent_becomes_unknown_until_explained),
		BOTH(what_is_open_is_found_behind_many_records),
		BOTH(rows_are_added_and_never_changed),
		BOTH(a_change_behind_the_back_is_found_and_written),
		BOTH(a_clock_that_goes_back_is_an_event),
		BOTH(each_terminal_has_a_chain_of_its_own),
		BOTH(what_cannot_be_written_closes_the_journal),
		BOTH(two_writers_share_a_chain),
		BOTH(many_records_go_in_one_commit),
	};

	return run_on_both(tests);
}
