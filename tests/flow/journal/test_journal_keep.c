/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves how long records of a journal stay, what may erase them, and the signed checkpoints that
 * show a change from outside (rules ch. 7, PD-33…PD-35, PD-39); on SQLite and on a PostgreSQL server.
 */
#include "journal_entries.h"

#include <sys/stat.h>

static void retention_erases_on_the_day_after_unless_held(void **state)
{
	struct journal_case *c = *state;
	const struct card_date last_day = {2033, 4, 1}, after = {2033, 4, 2};
	long erased;
	struct seen s;
	journal_t *writer;

	for (int k = 0; k < 5; k++)
		add(c, "x");
	assert_ok(journal_hold(c->journal, 2, 3, (struct card_date){2040, 3, 31}, "訴訟", "kanri"));
	/* Erasing belongs to the owner of the tables. */
	flow_store_close(&c->store);
	writer = c->journal;
	journal_close(&writer);
	c->journal = NULL;
	assert_ok(flow_store_open(&c->store, c->owner_where, 0, NULL));
	case_open(c, "T1");
	c->now += 86400LL * 365 * 7;
	assert_int_equal(journal_prune(c->journal, after, 4, "kanri", &erased), CARD_ERR_DENIED);
	assert_ok(journal_prune(c->journal, last_day, 7, "kanri", &erased));
	assert_int_equal(erased, 0);
	assert_ok(journal_prune(c->journal, after, 7, "kanri", &erased));
	assert_int_equal(erased, 3);
	assert_int_equal(read_all(c, (struct journal_filter){.event = "card-read"}).n, 2);
	s = read_all(c, (struct journal_filter){.event = "erase"});
	assert_int_equal(s.n, 2); /* 1-1 and 4-5 */
	assert_string_equal(s.related, "4-5");
	assert_int_equal(check(c), 0); /* the gap is explained */
	assert_ok(journal_prune(c->journal, (struct card_date){2040, 4, 1}, 7, "kanri", &erased));
	assert_int_equal(erased, 2);
	assert_int_equal(check(c), 0);
}

/* PD-39, and no clock that jumps erases anything. */
static void erasing_goes_by_itself_once_a_day(void **state)
{
	struct journal_case *c = *state;
	const struct card_date day = {2033, 4, 3}, later = {2033, 5, 4};
	long erased = -1;

	add(c, "x");
	add(c, "x");
	journal_close(&c->journal);
	flow_store_close(&c->store);
	assert_ok(flow_store_open(&c->store, c->owner_where, 0, NULL));
	case_open(c, "T1");
	assert_ok(journal_prune_daily(c->journal, day, 7, &erased));
	assert_int_equal(erased, 0); /* nothing was written for seven years: the clock is wrong */
	c->now = card_date_start_in_japan((struct card_date){2033, 4, 2});
	add(c, "x");
	assert_ok(journal_prune_daily(c->journal, (struct card_date){2033, 4, 2}, 7, &erased));
	assert_int_equal(erased, 0); /* not twice a day */
	assert_ok(journal_prune_daily(c->journal, later, 7, &erased));
	assert_int_equal(erased, 0);
	assert_int_equal(journal_prune_daily(c->journal, day, 4, &erased), CARD_ERR_DENIED);
	assert_ok(journal_prune_daily(c->journal, day, 7, &erased));
	assert_int_equal(erased, 2);
	assert_int_equal(read_all(c, (struct journal_filter){.event = "erase"}).n, 1);
	assert_int_equal(check(c), 0);
}

static void a_checkpoint_is_signed_and_copied(void **state)
{
	struct journal_case *c = *state;
	char line[512] = "";
	FILE *f;

	for (int k = 0; k < 3; k++)
		add(c, "x");
	assert_ok(journal_checkpoint(c->journal));
	assert_ok(journal_checkpoint(c->journal)); /* nothing new: no second one */
	add(c, "x");
	assert_ok(journal_checkpoint(c->journal));
	f = fopen(c->copy, "re");
	assert_non_null(f);
	assert_non_null(fgets(line, sizeof line, f));
	assert_memory_equal(line, "C\tT1\t3\t", 7);
	assert_non_null(fgets(line, sizeof line, f));
	assert_memory_equal(line, "C\tT1\t4\t", 7);
	assert_null(fgets(line, sizeof line, f));
	fclose(f);
}

/* A copy that was out of reach gets all that it lacks with the next checkpoint. */
static void a_copy_that_was_away_is_brought_up_to_date(void **state)
{
	struct journal_case *c = *state;
	char folder[128], line[512];
	size_t lines = 0;
	FILE *f;

	journal_close(&c->journal);
	snprintf(folder, sizeof folder, "%s/share", c->folder);
	snprintf(c->copy, sizeof c->copy, "%s/share/outside.txt", c->folder);
	case_open(c, "T1");
	for (int i = 0; i < 3; i++) {
		add(c, "x"); /* the records do not wait for it */
		assert_int_equal(journal_checkpoint(c->journal), CARD_ERR_IO);
	}
	assert_int_equal(mkdir(folder, 0700), 0);
	add(c, "x");
	assert_ok(journal_checkpoint(c->journal));
	f = fopen(c->copy, "re");
	assert_non_null(f);
	while (fgets(line, sizeof line, f) != NULL)
		lines++;
	fclose(f);
	assert_int_equal(lines, 4);
	assert_int_equal(unlink(c->copy), 0);
	assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(retention_erases_on_the_day_after_unless_held),
		BOTH(erasing_goes_by_itself_once_a_day),
		BOTH(a_checkpoint_is_signed_and_copied),
		BOTH(a_copy_that_was_away_is_brought_up_to_date),
	};

	return run_on_both(tests);
}
