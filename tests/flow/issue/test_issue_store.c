/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves, on SQLite and on PostgreSQL alike: what is saved is loaded again; id, application and
 * inquiry numbers are unique; a unit that fails leaves nothing, also where others share its commit;
 * the database itself refuses two valid papers for one copy; refunds are paid once, stops need two
 * persons; many threads at once lose and mix nothing; the settlement adds up.
 */
#include "test.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include <cardflow/issue_store.h>

#include "pg_server.h"
#include "tree.h"

static struct pg_server server;
static char folder[64];
static int databases;

/* A store of its own for each test; PostgreSQL: a schema of its own. */
static void where_of(bool postgresql, char out[512])
{
	char owner[256];

	databases++;
	if (!postgresql) {
		snprintf(out, 512, "%s/store%d.db", folder, databases);
		return;
	}
	pg_server_where(&server, NULL, owner);
	{
		flow_store_t *db = NULL;
		char sql[60];

		assert_ok(flow_store_open(&db, owner, 0, NULL));
		snprintf(sql, sizeof sql, "CREATE SCHEMA case%d", databases);
		assert_ok(flow_store_script(db, sql));
		flow_store_close(&db);
	}
	snprintf(out, 512, "%s options='-c search_path=case%d'", owner, databases);
}

static flow_issue_store_t *fresh(bool postgresql)
{
	flow_issue_store_t *s = NULL;
	char where[512];

	where_of(postgresql, where);
	assert_ok(flow_issue_store_open(&s, where, FLOW_STORE_CREATE, 4, NULL));
	assert_ok(flow_issue_store_setup(s));
	assert_ok(flow_issue_store_setup(s));
	return s;
}

static struct flow_issue_row sample(unsigned n)
{
	struct flow_issue_row r;

	memset(&r, 0, sizeof r);
	snprintf(r.id, sizeof r.id, "%032x", n + 1);
	snprintf(r.session, sizeof r.session, "%032x", 7u);
	snprintf(r.terminal, sizeof r.terminal, "T%u", n % 3);
	snprintf(r.application, sizeof r.application, "T%u-%09u", n % 3, n);
	assert_ok(flow_issue_number_make(2, r.inquiry));
	strcpy(r.municipality, "13221");
	strcpy(r.kind, "juminhyo");
	strcpy(r.method, "new");
	strcpy(r.options, "{\"number\":true}");
	strcpy(r.language, "ja");
	strcpy(r.consent, "1");
	strcpy(r.day, "2026-04-01");
	strcpy(r.answer, "{\"state\":\"card_read\",\"text\":\"外\"}");
	r.t.state = FLOW_ISSUE_CARD_READ;
	r.t.copies = 2;
	r.t.fee = 300;
	r.opened = r.changed = 1000 + n;
	return r;
}

/* One unit of a test. */
struct step {
	struct flow_issue_row *row;
	const char *id;
	enum card_error then;
};

static enum card_error add(void *ctx, flow_store_t *db)
{
	struct step *s = ctx;
	const enum card_error err = flow_issue_row_add(db, s->row, NULL, NULL);

	return err != CARD_OK ? err : s->then;
}

static enum card_error save(void *ctx, flow_store_t *db)
{
	struct step *s = ctx;
	const enum card_error err = flow_issue_row_save(db, s->row, "test", "p1");

	return err != CARD_OK ? err : s->then;
}

static enum card_error load(void *ctx, flow_store_t *db)
{
	struct step *s = ctx;

	return flow_issue_row_load(db, s->id, false, s->row);
}

/* Every way to the end: K24 to K40 on rows of the store. */
static void go(struct flow_issue_row *r, enum flow_issue_event e, const unsigned *sheets,
	       const bool *complete)
{
	char numbers[10][FLOW_ISSUE_NUMBER + 1];
	uint8_t payment[16], refund[16], permit[16];
	char hex[33];
	card_buf_t b;
	struct flow_issue_facts f = {(const char(*)[FLOW_ISSUE_NUMBER + 1]) numbers,
				     10,
				     payment,
				     refund,
				     permit,
				     sheets,
				     complete};
	uint8_t *const ids[] = {payment, refund, permit};

	for (int i = 0; i < 3; i++) {
		assert_ok(flow_issue_random_hex(16, hex));
		b = card_buf_fixed(ids[i], 16);
		assert_ok(card_hex_decode(hex, &b));
	}
	for (int i = 0; i < 10; i++)
		assert_ok(flow_issue_number_make(3, numbers[i]));
	assert_ok(flow_issue_step(&r->t, e, &f, NULL));
	if (e == FLOW_ISSUE_ON_DOCUMENT)
		r->t.pages = 1;
}

static void what_is_saved_is_loaded_again(bool pg)
{
	flow_issue_store_t *s = fresh(pg);
	struct flow_issue_row r = sample(1), got;
	struct step step = {&r, r.id, CARD_OK}, read = {&got, r.id, CARD_OK};
	static const enum flow_issue_event way[] = {
		FLOW_ISSUE_ON_APPLICATION, FLOW_ISSUE_ON_VALID,    FLOW_ISSUE_ON_DOCUMENT,
		FLOW_ISSUE_ON_CONFIRMED,   FLOW_ISSUE_ON_DECLINED, FLOW_ISSUE_ON_CONFIRMED,
		FLOW_ISSUE_ON_PAID,        FLOW_ISSUE_ON_PERMIT};
	const unsigned sheets[10] = {1, 0};
	const bool complete[10] = {true, false};

	assert_ok(flow_issue_store_work(s, add, &step));
	for (size_t i = 0; i < sizeof way / sizeof way[0]; i++) {
		go(&r, way[i], NULL, NULL);
		assert_ok(flow_issue_store_work(s, save, &step));
		assert_ok(flow_issue_store_read(s, load, &read));
		assert_memory_equal(&got, &r, sizeof r);
	}
	go(&r, FLOW_ISSUE_ON_PRINT_FAULT, sheets, complete);
	assert_ok(flow_issue_store_work(s, save, &step));
	go(&r, FLOW_ISSUE_ON_RESUME, NULL, NULL);
	assert_ok(flow_issue_store_work(s, save, &step));
	assert_ok(flow_issue_store_read(s, load, &read));
	assert_memory_equal(&got.t, &r.t, sizeof r.t);
	assert_int_equal(got.t.numbers, 3);
	read.id = "0";
	assert_int_equal(flow_issue_store_read(s, load, &read), CARD_ERR_NOT_FOUND);
	flow_issue_store_close(&s);
}

static void numbers_are_unique(bool pg)
{
	flow_issue_store_t *s = fresh(pg);
	struct flow_issue_row a = sample(1), b = sample(2);
	struct step step = {&a, NULL, CARD_OK};

	assert_ok(flow_issue_store_work(s, add, &step));
	step.row = &b;
	strcpy(b.inquiry, a.inquiry);
	assert_int_equal(flow_issue_store_work(s, add, &step), CARD_ERR_DENIED);
	b = sample(2);
	strcpy(b.terminal, a.terminal);
	strcpy(b.application, a.application);
	assert_int_equal(flow_issue_store_work(s, add, &step), CARD_ERR_DENIED);
	b = sample(2);
	strcpy(b.id, a.id);
	assert_int_equal(flow_issue_store_work(s, add, &step), CARD_ERR_DENIED);
	b = sample(2);
	assert_ok(flow_issue_store_work(s, add, &step));
	/* A row that is not its own is never written. */
	strcpy(b.terminal, a.terminal);
	assert_int_equal(flow_issue_store_work(s, save, &step), CARD_ERR_INTERNAL);
	flow_issue_store_close(&s);
}

static void a_unit_that_fails_leaves_nothing(bool pg)
{
	flow_issue_store_t *s = fresh(pg);
	struct flow_issue_row a = sample(1), got;
	struct step step = {&a, a.id, CARD_ERR_CANCELLED}, read = {&got, a.id, CARD_OK};

	assert_int_equal(flow_issue_store_work(s, add, &step), CARD_ERR_CANCELLED);
	assert_int_equal(flow_issue_store_read(s, load, &read), CARD_ERR_NOT_FOUND);
	step.then = CARD_OK;
	assert_ok(flow_issue_store_work(s, add, &step));
	go(&a, FLOW_ISSUE_ON_APPLICATION, NULL, NULL);
	step.then = CARD_ERR_CANCELLED;
	assert_int_equal(flow_issue_store_work(s, save, &step), CARD_ERR_CANCELLED);
	assert_ok(flow_issue_store_read(s, load, &read));
	assert_int_equal(got.t.state, FLOW_ISSUE_CARD_READ);
	flow_issue_store_close(&s);
}

static enum card_error second_paper(void *ctx, flow_store_t *db)
{
	(void)ctx;
	return flow_store_script(db, "INSERT INTO issue_copy VALUES ('A','x',1,1,2,1);"
				     "INSERT INTO issue_copy VALUES ('B','x',1,2,2,1)");
}

static void the_database_refuses_a_second_valid_paper(bool pg)
{
	flow_issue_store_t *s = fresh(pg);

	assert_int_equal(flow_issue_store_work(s, second_paper, NULL), CARD_ERR_DENIED);
	flow_issue_store_close(&s);
}

struct sum {
	size_t rows;
	long value[10];
	char text[5][64];
};

static enum card_error add_up(void *ctx, const char *const *c, size_t n)
{
	struct sum *s = ctx;

	s->rows++;
	for (size_t i = 0; i < n && i < 10; i++)
		s->value[i] += c[i] != NULL ? strtol(c[i], NULL, 10) : 0;
	for (size_t i = 0; i < n && i < 5; i++)
		snprintf(s->text[i], sizeof s->text[i], "%s", c[i] != NULL ? c[i] : "");
	return CARD_OK;
}

static enum card_error settle(void *ctx, flow_store_t *db)
{
	return flow_issue_settlement(db, "2026-04-01", add_up, ctx);
}

static enum card_error open_refunds(void *ctx, flow_store_t *db)
{
	return flow_issue_refunds_open(db, add_up, ctx);
}

static enum card_error void_list(void *ctx, flow_store_t *db)
{
	return flow_issue_void_list(db, add_up, ctx);
}

static enum card_error surplus(void *ctx, flow_store_t *db)
{
	char is[33];
	struct step *s = ctx;
	enum card_error err = flow_issue_surplus_add(db, "5", s->id, "6", 300, 2000, is);

	/* Told twice, it is one refund. */
	if (err == CARD_OK)
		err = flow_issue_surplus_add(db, "7", s->id, "6", 300, 2000, is);
	assert_string_equal(is, "5");
	return err;
}

struct claim {
	const char *refund, *id;
};

static enum card_error pay(void *ctx, flow_store_t *db)
{
	const struct claim *c = ctx;

	return flow_issue_refund_pay(db, c->refund, c->id, "cash", 3000);
}

/* One copy valid, one void with its fee due, and a payment that came twice: K31, K35, K38, K39. */
static void the_settlement_adds_up_and_refunds_are_paid_once(bool pg)
{
	static const enum flow_issue_event way[] = {
		FLOW_ISSUE_ON_APPLICATION, FLOW_ISSUE_ON_VALID, FLOW_ISSUE_ON_DOCUMENT,
		FLOW_ISSUE_ON_CONFIRMED,   FLOW_ISSUE_ON_PAID,  FLOW_ISSUE_ON_PERMIT};
	flow_issue_store_t *s = fresh(pg);
	struct flow_issue_row r = sample(1);
	struct step step = {&r, r.id, CARD_OK};
	const unsigned sheets[10] = {1, 1};
	const bool complete[10] = {true, false};
	struct sum sum = {0}, refunds = {0}, voids = {0};

	assert_ok(flow_issue_store_work(s, add, &step));
	for (size_t i = 0; i < sizeof way / sizeof way[0]; i++)
		go(&r, way[i], NULL, NULL);
	go(&r, FLOW_ISSUE_ON_PRINT_FAULT, sheets, complete);
	go(&r, FLOW_ISSUE_ON_REFUND_CHOSEN, NULL, NULL);
	assert_ok(flow_issue_store_work(s, save, &step));
	assert_ok(flow_issue_store_work(s, surplus, &step));
	assert_ok(flow_issue_store_read(s, settle, &sum));
	assert_int_equal(sum.rows, 1);
	assert_int_equal(sum.value[5], 900); /* paid: 2 × 300 and 300 too much */
	assert_int_equal(sum.value[6], 300); /* one valid copy */
	assert_int_equal(sum.value[7], 0);
	assert_int_equal(sum.value[8], 600); /* owed */
	assert_ok(flow_issue_store_read(s, open_refunds, &refunds));
	assert_int_equal(refunds.rows, 2);
	assert_ok(flow_issue_store_read(s, void_list, &voids));
	assert_int_equal(voids.rows, 1);
	assert_int_equal(flow_issue_store_work(s, pay, &(struct claim){"5", "another"}),
			 CARD_ERR_NOT_FOUND);
	assert_ok(flow_issue_store_work(s, pay, &(struct claim){"5", r.id}));
	assert_int_equal(flow_issue_store_work(s, pay, &(struct claim){"5", r.id}),
			 CARD_ERR_BAD_STATE);
	assert_int_equal(flow_issue_store_work(s, pay, &(struct claim){"8", r.id}),
			 CARD_ERR_NOT_FOUND);
	memset(&sum, 0, sizeof sum);
	assert_ok(flow_issue_store_read(s, settle, &sum));
	assert_int_equal(sum.value[7], 300);
	assert_int_equal(sum.value[8], 300);
	flow_issue_store_close(&s);
}

static enum card_error beside(void *ctx, flow_store_t *db)
{
	char text[200];
	card_buf_t out = {0};

	(void)ctx;
	assert_ok(flow_issue_document_put(db, "d", BYTES("sealed")));
	assert_ok(flow_issue_document_put(db, "d", card_bytes("sealed\0again", 12)));
	assert_ok(flow_issue_document_get(db, "d", &out));
	assert_true(card_bytes_equal(card_buf_bytes(&out), card_bytes("sealed\0again", 12)));
	assert_ok(flow_issue_document_erase(db, "d"));
	assert_int_equal(flow_issue_document_get(db, "d", &out), CARD_ERR_NOT_FOUND);
	card_buf_free(&out);
	assert_int_equal(flow_issue_session_get(db, "T1", text), CARD_ERR_NOT_FOUND);
	assert_ok(flow_issue_session_set(db, "T1", "1", 1));
	assert_ok(flow_issue_session_set(db, "T1", "2", 2));
	assert_ok(flow_issue_session_get(db, "T1", text));
	assert_string_equal(text, "2");
	/* K16: five minutes, half-open. */
	assert_ok(flow_issue_recent_claim(db, "tag", "a", 1000, 1300, text));
	assert_string_equal(text, "");
	assert_ok(flow_issue_recent_claim(db, "tag", "a", 1001, 1301, text));
	assert_string_equal(text, "");
	assert_ok(flow_issue_recent_claim(db, "tag", "b", 1299, 1599, text));
	assert_string_equal(text, "a");
	assert_ok(flow_issue_recent_claim(db, "tag", "b", 1300, 1600, text));
	assert_string_equal(text, "");
	assert_int_equal(flow_issue_day_key(db, "2026-04-01", NULL, text), CARD_ERR_NOT_FOUND);
	assert_ok(flow_issue_day_key(db, "2026-04-01", "k1", text));
	assert_ok(flow_issue_day_key(db, "2026-04-01", NULL, text));
	assert_string_equal(text, "k1");
	assert_ok(flow_issue_day_key(db, "2026-04-01", "k2", text));
	assert_string_equal(text, "k1");
	assert_ok(flow_issue_day_key(db, "2026-04-02", "k3", text));
	assert_string_equal(text, "k3");
	assert_ok(flow_issue_user_id_put(db, "13221", "k", "u1"));
	assert_ok(flow_issue_user_id_get(db, "13221", "k", text));
	assert_string_equal(text, "u1");
	assert_int_equal(flow_issue_user_id_get(db, "13222", "k", text), CARD_ERR_NOT_FOUND);
	assert_ok(flow_issue_card_put(db, "c", "suspended", 1));
	assert_ok(flow_issue_card_get(db, "c", text));
	assert_string_equal(text, "suspended");
	assert_ok(flow_issue_card_put(db, "c", "active", 2));
	assert_int_equal(flow_issue_card_get(db, "c", text), CARD_ERR_NOT_FOUND);
	return CARD_OK;
}

static void what_stands_beside_a_transaction_is_kept(bool pg)
{
	flow_issue_store_t *s = fresh(pg);

	assert_ok(flow_issue_store_work(s, beside, NULL));
	flow_issue_store_close(&s);
}

static enum card_error stops(void *ctx, flow_store_t *db)
{
	bool stopped;

	(void)ctx;
	assert_ok(flow_issue_stopped(db, "13221", "juminhyo", "T1", &stopped));
	assert_false(stopped);
	assert_ok(flow_issue_admin_ask(db, "r1", "stop", "kind", "juminhyo", "wrong seal", "sato",
				       1));
	assert_int_equal(flow_issue_admin_agree(db, "r1", "sato", 2), CARD_ERR_DENIED);
	assert_int_equal(flow_issue_admin_agree(db, "r0", "ito", 2), CARD_ERR_NOT_FOUND);
	assert_ok(flow_issue_stopped(db, "13221", "juminhyo", "T1", &stopped));
	assert_false(stopped);
	assert_ok(flow_issue_admin_agree(db, "r1", "ito", 2));
	assert_int_equal(flow_issue_admin_agree(db, "r1", "ito", 3), CARD_ERR_BAD_STATE);
	assert_ok(flow_issue_stopped(db, "13221", "juminhyo", "T1", &stopped));
	assert_true(stopped);
	assert_ok(flow_issue_stopped(db, "13221", "inkan", "T1", &stopped));
	assert_false(stopped);
	assert_ok(flow_issue_admin_ask(db, "r2", "resume", "kind", "juminhyo", "mended", "ito", 4));
	assert_ok(flow_issue_admin_agree(db, "r2", "sato", 5));
	assert_ok(flow_issue_stopped(db, "13221", "juminhyo", "T1", &stopped));
	assert_false(stopped);
	assert_int_equal(flow_issue_admin_ask(db, "r3", "stop", "all", "x", "why", "ito", 4),
			 CARD_ERR_INVALID_ARGUMENT);
	assert_int_equal(flow_issue_admin_ask(db, "r3", "stop", "shop", "x", "why", "ito", 4),
			 CARD_ERR_INVALID_ARGUMENT);
	return CARD_OK;
}

static void a_stop_needs_two_persons(bool pg)
{
	flow_issue_store_t *s = fresh(pg);

	assert_ok(flow_issue_store_work(s, stops, NULL));
	flow_issue_store_close(&s);
}

/* ---- many at once ---- */

#define THREADS 8
#define EACH    25

struct worker {
	flow_issue_store_t *store;
	unsigned number;
	pthread_t thread;
	size_t failed;
};

static void *work_along(void *ctx)
{
	struct worker *w = ctx;

	for (unsigned i = 0; i < EACH; i++) {
		struct flow_issue_row r = sample(w->number * 1000 + i), got;
		struct step step = {&r, r.id, CARD_OK}, read = {&got, r.id, CARD_OK};

		w->failed += flow_issue_store_work(w->store, add, &step) != CARD_OK;
		(void)flow_issue_step(&r.t, FLOW_ISSUE_ON_APPLICATION, NULL, NULL);
		/* Every third fails in the middle of a commit that others share. */
		step.then = i % 3 == 0 ? CARD_ERR_CANCELLED : CARD_OK;
		w->failed += flow_issue_store_work(w->store, save, &step) != step.then;
		w->failed += flow_issue_store_read(w->store, load, &read) != CARD_OK;
		w->failed +=
			got.t.state != (i % 3 == 0 ? FLOW_ISSUE_CARD_READ : FLOW_ISSUE_APPLIED);
		w->failed += strcmp(got.inquiry, r.inquiry) != 0;
	}
	return NULL;
}

static void many_threads_lose_and_mix_nothing(bool pg)
{
	flow_issue_store_t *s = fresh(pg);
	struct worker w[THREADS];
	size_t failed = 0;

	for (unsigned i = 0; i < THREADS; i++) {
		w[i] = (struct worker){s, i, 0, 0};
		assert_int_equal(pthread_create(&w[i].thread, NULL, work_along, &w[i]), 0);
	}
	for (unsigned i = 0; i < THREADS; i++) {
		pthread_join(w[i].thread, NULL);
		failed += w[i].failed;
	}
	assert_int_equal(failed, 0);
	flow_issue_store_close(&s);
}

static void what_is_sealed_opens_with_its_key_and_place_only(void **state)
{
	uint8_t key[32] = {1}, other[32] = {2};
	card_buf_t sealed = {0}, clear = {0};

	(void)state;
	assert_ok(flow_issue_seal(key, "id", BYTES("front"), &sealed));
	assert_null(memmem(sealed.p, sealed.n, "front", 5));
	assert_ok(flow_issue_open(key, "id", card_buf_bytes(&sealed), &clear));
	assert_true(card_bytes_equal(card_buf_bytes(&clear), BYTES("front")));
	assert_int_equal(flow_issue_open(key, "ie", card_buf_bytes(&sealed), &clear),
			 CARD_ERR_SIGNATURE);
	assert_int_equal(flow_issue_open(other, "id", card_buf_bytes(&sealed), &clear),
			 CARD_ERR_SIGNATURE);
	for (size_t i = 0; i < sealed.n; i++) {
		sealed.p[i] ^= 1;
		assert_int_equal(flow_issue_open(key, "id", card_buf_bytes(&sealed), &clear),
				 CARD_ERR_SIGNATURE);
		sealed.p[i] ^= 1;
	}
	card_buf_free(&sealed);
	card_buf_free(&clear);
}

#define BOTH(name)                                                                                 \
	static void name##_sqlite(void **state)                                                    \
	{                                                                                          \
		(void)state;                                                                       \
		name(false);                                                                       \
	}                                                                                          \
	static void name##_postgresql(void **state)                                                \
	{                                                                                          \
		(void)state;                                                                       \
		name(true);                                                                        \
	}
#define TWO(name) cmocka_unit_test(name##_sqlite), cmocka_unit_test(name##_postgresql)

BOTH(what_is_saved_is_loaded_again)
BOTH(numbers_are_unique)
BOTH(a_unit_that_fails_leaves_nothing)
BOTH(the_database_refuses_a_second_valid_paper)
BOTH(the_settlement_adds_up_and_refunds_are_paid_once)
BOTH(what_stands_beside_a_transaction_is_kept)
BOTH(a_stop_needs_two_persons)
BOTH(many_threads_lose_and_mix_nothing)

static int start(void **state)
{
	(void)state;
	tree_scratch(folder);
	pg_server_start(&server);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	pg_server_stop(&server);
	tree_scratch_remove(folder);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TWO(what_is_saved_is_loaded_again),
		TWO(numbers_are_unique),
		TWO(a_unit_that_fails_leaves_nothing),
		TWO(the_database_refuses_a_second_valid_paper),
		TWO(the_settlement_adds_up_and_refunds_are_paid_once),
		TWO(what_stands_beside_a_transaction_is_kept),
		TWO(a_stop_needs_two_persons),
		TWO(many_threads_lose_and_mix_nothing),
		cmocka_unit_test(what_is_sealed_opens_with_its_key_and_place_only),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
