/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves group commit: records of many threads are durable when their writer goes on, keep their
 * order, stand together in one whole chain; a failed commit is told to everyone it belongs to.
 * On SQLite and on a PostgreSQL server that this program starts.
 */
#include "journal_on_both.h"

#include <cardflow/journal_group.h>

#include <pthread.h>
#include <string.h>

#define WRITERS 8
#define ROUNDS  25

struct writer {
	journal_group_t *group;
	char name[16];
	long seq[ROUNDS * 3];
	enum card_error err;
	pthread_t thread;
};

/* One by one, a pair together, and one with a subject. */
static void *write_rounds(void *ctx)
{
	struct writer *w = ctx;

	for (int i = 0; i < ROUNDS && w->err == CARD_OK; i++) {
		const struct journal_record r = {.event = "card-read",
						 .operator_id = w->name,
						 .result = JOURNAL_OK,
						 .reason = "\t\\\n"};
		struct journal_record pair[2] = {r, r};
		journal_pending_t *p = NULL, *q = NULL;

		pair[1].subject = "atena:0000001";
		w->err = journal_group_put(w->group, &r, 1, &p);
		if (w->err == CARD_OK)
			w->err = journal_group_put(w->group, pair, 2, &q);
		if (w->err == CARD_OK)
			w->err = journal_group_wait(w->group, &p, &w->seq[3 * i]);
		if (w->err == CARD_OK)
			w->err = journal_group_wait(w->group, &q, &w->seq[3 * i + 1]);
		w->seq[3 * i + 2] = w->seq[3 * i + 1] + 1;
	}
	return NULL;
}

struct places {
	struct writer *w;
	size_t n;
};

/* Each record stands where its writer was told. */
static enum card_error see(void *ctx, const struct journal_entry *e)
{
	struct places *p = ctx;

	p->n++;
	assert_string_equal(e->reason, "\t\\\n");
	for (int i = 0; i < WRITERS; i++) {
		for (int k = 0; k < ROUNDS * 3; k++) {
			if (p->w[i].seq[k] == e->seq) {
				assert_string_equal(p->w[i].name, e->operator_id);
				p->w[i].seq[k] = 0;
				return CARD_OK;
			}
		}
	}
	fail_msg("nobody was told of record %ld", e->seq);
	return CARD_ERR_INTERNAL;
}

static void records_of_many_threads_stand_where_their_writers_were_told(void **state)
{
	struct journal_case *c = *state;
	static struct writer w[WRITERS];
	struct places p = {w, 0};
	journal_group_t *g = NULL;
	long bad = -1;

	memset(w, 0, sizeof w);
	assert_ok(journal_group_new(&g, c->journal));
	for (int i = 0; i < WRITERS; i++) {
		w[i].group = g;
		snprintf(w[i].name, sizeof w[i].name, "w%d", i);
		assert_int_equal(pthread_create(&w[i].thread, NULL, write_rounds, &w[i]), 0);
	}
	for (int i = 0; i < WRITERS; i++) {
		pthread_join(w[i].thread, NULL);
		assert_ok(w[i].err);
		for (int k = 1; k < ROUNDS * 3; k++)
			assert_true(w[i].seq[k] > w[i].seq[k - 1]);
	}
	journal_group_free(&g);
	assert_ok(journal_check(c->journal, true, &bad));
	assert_int_equal(bad, 0);
	assert_ok(journal_read(c->store, &(struct journal_filter){.event = "card-read"}, see, &p));
	assert_int_equal(p.n, WRITERS * ROUNDS * 3);
}

static void a_wrong_record_stops_its_own_writer_only(void **state)
{
	struct journal_case *c = *state;
	struct journal_record r = {.event = "card-read", .operator_id = "a", .result = JOURNAL_OK};
	journal_group_t *g = NULL;
	journal_pending_t *p = NULL, *q = NULL;
	long seq = 0;

	assert_ok(journal_group_new(&g, c->journal));
	assert_ok(journal_group_put(g, &r, 1, &p));
	r.reason = "537686677188";
	assert_int_equal(journal_group_put(g, &r, 1, &q), CARD_ERR_DENIED);
	assert_null(q);
	assert_ok(journal_group_wait(g, &p, &seq));
	assert_null(p);
	assert_int_equal(seq, 1);
	/* Put and never waited for: dropped, and nothing of it is left. */
	r.reason = NULL;
	assert_ok(journal_group_put(g, &r, 1, &p));
	journal_group_free(&g);
	assert_ok(journal_append(c->journal, &r, 1, &seq));
	assert_int_equal(seq, 2);
}

static void a_failed_commit_is_told_to_all_and_closes_the_journal(void **state)
{
	struct journal_case *c = *state;
	const struct journal_record r = {
		.event = "card-read", .operator_id = "a", .result = JOURNAL_OK};
	journal_group_t *g = NULL;
	journal_pending_t *p[20];
	long bad = -1;

	assert_ok(journal_group_new(&g, c->journal));
	assert_ok(journal_group_append(g, &r, 1, NULL));
	assert_ok(flow_store_script(
		c->owner, c->postgresql ? "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE"
					  " plpgsql AS $$ BEGIN RAISE EXCEPTION 'full'; END $$;"
					  "CREATE TRIGGER full_disk BEFORE INSERT ON journal"
					  " FOR EACH ROW EXECUTE FUNCTION full_disk()"
					: "CREATE TRIGGER full_disk BEFORE INSERT ON journal"
					  " BEGIN SELECT RAISE(ABORT, 'full'); END"));
	for (int i = 0; i < 20; i++)
		assert_ok(journal_group_put(g, &r, 1, &p[i]));
	for (int i = 0; i < 20; i++)
		assert_int_equal(journal_group_wait(g, &p[i], NULL), CARD_ERR_DENIED);
	assert_int_equal(journal_group_append(g, &r, 1, NULL), CARD_ERR_BAD_STATE);
	journal_group_free(&g);
	assert_ok(journal_check(c->journal, true, &bad));
	assert_int_equal(bad, 0);
}

/* COPY and single statements write the same rows. */
static void bulk_rows_read_back_as_written(void **state)
{
	struct journal_case *c = *state;
	static char text[12][32];
	struct journal_record r[12];
	long first = 0, bad = -1;

	for (int i = 0; i < 12; i++) {
		snprintf(text[i], sizeof text[i], "\\N %d\t\n\r\\. 外字", i);
		r[i] = (struct journal_record){.event = "card-read",
					       .result = JOURNAL_OK,
					       .operator_id = text[i],
					       .organ = "\\N"};
	}
	assert_ok(journal_append(c->journal, r, 3, NULL));
	assert_ok(journal_append(c->journal, r, 12, &first));
	assert_int_equal(first, 4);
	assert_ok(journal_check(c->journal, true, &bad)); /* columns agree with bodies */
	assert_int_equal(bad, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(records_of_many_threads_stand_where_their_writers_were_told),
		BOTH(a_wrong_record_stops_its_own_writer_only),
		BOTH(a_failed_commit_is_told_to_all_and_closes_the_journal),
		BOTH(bulk_rows_read_back_as_written),
	};

	return run_on_both(tests);
}
