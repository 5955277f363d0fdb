/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that a change of a card is whole whenever its program is killed: states, change and used check
 * are there together or not at all, no change is without its INTENT, what was told to be done is done,
 * and what nobody knows is UNKNOWN. KAZASU_KILLS=1000 is the long run (default 12).
 */
#include "desk.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cardflow/card_admin.h>

#define SERIAL "400000012719843"

static const uint8_t key[FLOW_CARDS_KEY] = "a key of thirty-two octets, so..";
static struct desk d;
static char token[FLOW_SESSION_TOKEN + 1], where[128];
static flow_store_t *store;
static flow_cards_t *cards;

static void open_cards(flow_store_t **s, flow_cards_t **c)
{
	assert_ok(flow_store_open(s, where, FLOW_STORE_CREATE, NULL));
	assert_ok(flow_cards_setup(*s));
	assert_ok(flow_cards_open(c, *s, key));
}

static int begin(void **state)
{
	static const char *const rights[] = {"procedure:ichiji-teishi", "procedure:ichiji-kaijo",
					     "procedure:kofu"};
	const struct flow_card_new n = {
		.serial = SERIAL, .subject = "atena:A1", .expiry = {2035, 2, 17}, .now = DESK_NOW};
	struct flow_card_entry e;
	const char *code;

	(void)state;
	desk_start(&d);
	assert_ok(desk_add(&d, "abe", "operator", "kanri"));
	for (size_t i = 0; i < 3; i++)
		assert_ok(
			flow_right_grant(d.store, d.journal, "abe", rights[i], "update", "kanri"));
	assert_int_equal(desk_login(&d, "T1", "abe", DESK_PASSWORD, token), FLOW_LOGIN_OK);
	snprintf(where, sizeof where, "%s/cards.db", d.folder);
	open_cards(&store, &cards);
	assert_ok(flow_card_enrol(cards, d.store, d.journal, "T1", token, &n, &e, &code));
	return 0;
}

static int end(void **state)
{
	(void)state;
	flow_cards_close(&cards);
	flow_store_close(&store);
	desk_stop(&d);
	return 0;
}

/* A check at the counter, as the flow of identification writes it. */
static bool checked(journal_t *j, char record[64])
{
	struct journal_record r = {
		.event = "identity-check", .operator_id = "abe", .procedure = "ichiji-kaijo"};
	char txn[JOURNAL_TXN + 1], proof[FLOW_CARDS_PROOF + 1], reason[80];
	long seq;

	if (journal_intent(j, &r, txn, &seq) != CARD_OK ||
	    flow_cards_proof(key, txn, "atena:A1", proof) != CARD_OK)
		return false;
	snprintf(reason, sizeof reason, "presenter=self;proof=%s", proof);
	snprintf(record, 64, "T1-%ld", seq);
	r.phase = JOURNAL_OUTCOME;
	r.result = JOURNAL_OK;
	r.txn = txn;
	r.reason = reason;
	r.code = "card=not_used;person=confirmed;number=not_asked";
	return journal_append(j, &r, 1, NULL) == CARD_OK;
}

/* Suspend and release for ever; after each acknowledgement write the card's state to the pipe. */
static void change_for_ever(int to)
{
	const struct journal_options opt = {.terminal = "T1",
					    .program = "test 1",
					    .recipients = d.recipients,
					    .clock = desk_clock,
					    .clock_ctx = &d};
	flow_store_t *counter = NULL, *own = NULL;
	flow_cards_t *c = NULL;
	journal_t *j = NULL;
	char record[64] = "";
	struct flow_card_order o = {.event = FLOW_EVENT_SUSPEND,
				    .subject = "atena:A1",
				    .caller_identified = true,
				    .application = "KJ-1",
				    .record = record,
				    .terminal = "T1",
				    .token = token,
				    .now = d.now};
	struct flow_card_outcome out;
	struct flow_card_entry e;
	const char *code;

	if (flow_store_open(&counter, d.path, 0, NULL) != CARD_OK ||
	    journal_open(&j, counter, &opt, NULL) != CARD_OK ||
	    flow_store_open(&own, where, 0, NULL) != CARD_OK ||
	    flow_cards_open(&c, own, key) != CARD_OK ||
	    flow_cards_of(c, "atena:A1", FLOW_EVENT_ABOLISH, FLOW_BY_VISIT, 0, d.now, &e) !=
		    CARD_OK)
		_exit(1);
	for (enum flow_card_state s = e.state;; s = out.is.state) {
		const uint8_t now = (uint8_t)s;

		if (write(to, &now, 1) != 1 || (s == FLOW_CARD_SUSPENDED && !checked(j, record)))
			break;
		o.event = s == FLOW_CARD_SUSPENDED ? FLOW_EVENT_RELEASE : FLOW_EVENT_SUSPEND;
		o.channel = s == FLOW_CARD_SUSPENDED ? FLOW_BY_VISIT : FLOW_BY_TELEPHONE;
		if (flow_card_administer(c, counter, j, &o, &out, &code) != CARD_OK)
			_exit(2);
	}
	_exit(0);
}

/* ---- what is there afterwards ---- */

struct seen {
	size_t intents, outcomes, unknown;
};

static enum card_error count(void *ctx, const struct journal_entry *e)
{
	struct seen *s = ctx;

	s->intents += strcmp(e->phase, "intent") == 0;
	s->outcomes += strcmp(e->phase, "outcome") == 0 && strcmp(e->result, "ok") == 0;
	s->unknown += strcmp(e->phase, "unknown") == 0;
	return CARD_OK;
}

struct changes {
	size_t n, ended, proofs;
	char last[64];
};

/* txn, becomes */
static enum card_error check_change(void *ctx, const char *const *column, size_t n)
{
	struct changes *all = ctx;
	const struct journal_filter f = {.txn = column[0]};
	struct seen s = {.intents = 0};

	assert_int_equal(n, 2);
	assert_ok(journal_read(d.store, &f, count, &s));
	assert_int_equal(s.intents, 1);              /* none without an INTENT */
	assert_int_equal(s.outcomes + s.unknown, 1); /* and an end, known or not */
	all->n++;
	all->ended += s.outcomes;
	snprintf(all->last, sizeof all->last, "%s", column[1]);
	return CARD_OK;
}

static enum card_error take_number(void *ctx, const char *const *column, size_t n)
{
	(void)n;
	*(size_t *)ctx = strtoul(column[0], NULL, 10);
	return CARD_OK;
}

static size_t number(flow_store_t *s, const char *sql)
{
	size_t n = 0;

	assert_ok(flow_store_run(s, sql, NULL, 0, take_number, &n));
	return n;
}

static void assert_whole(size_t acknowledged)
{
	struct changes all = {.n = 0};
	struct flow_card_entry e;
	char now[64];
	size_t found;
	long bad = -1;

	assert_ok(journal_check(d.journal, true, &bad));
	assert_int_equal(bad, 0);
	assert_ok(journal_recover(d.journal, false, &found));
	assert_ok(
		flow_cards_of(cards, "atena:A1", FLOW_EVENT_ABOLISH, FLOW_BY_VISIT, 0, d.now, &e));
	assert_true(e.state == FLOW_CARD_ACTIVE || e.state == FLOW_CARD_SUSPENDED);
	assert_ok(flow_store_run(store, "SELECT txn, becomes FROM card_change ORDER BY rowid", NULL,
				 0, check_change, &all));
	snprintf(now, sizeof now, "%s;auth=none;sign=none", flow_card_state_name(e.state));
	if (all.n > 0)
		assert_string_equal(all.last, now);
	/* Each release used its check up, in the same commit; what is told to be done is done. */
	assert_int_equal(number(store, "SELECT count(*) FROM card_proof"),
			 number(store, "SELECT count(*) FROM card_change WHERE event = 'release'"));
	assert_int_equal(number(d.store,
				"SELECT count(*) FROM journal WHERE event = 'card-state' AND"
				" phase = 'outcome' AND body LIKE '%>%'"),
			 all.ended);
	assert_true(all.ended >= acknowledged);
}

/* How many changes were acknowledged before the blow, which falls in the middle of the one after `steps`. */
static size_t kill_once(unsigned steps, unsigned delay)
{
	int ends[2];
	size_t acknowledged = 0;
	uint8_t state;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(ends[0]);
		change_for_ever(ends[1]);
	}
	close(ends[1]);
	/* The first one tells that it is working. */
	for (unsigned i = 0; i <= steps; i++)
		assert_int_equal(read(ends[0], &state, 1), 1);
	acknowledged = steps;
	usleep(delay);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	while (read(ends[0], &state, 1) == 1)
		acknowledged++;
	close(ends[0]);
	return acknowledged;
}

static void a_killed_change_is_whole_or_not_at_all(void **state)
{
	const char *text = getenv("KAZASU_KILLS");
	const long n = text != NULL ? strtol(text, NULL, 10) : 12;

	size_t acknowledged = 0;

	(void)state;
	for (long i = 0; i < n && i < 100000; i++) {
		acknowledged += kill_once((unsigned)(i % 3), (unsigned)(i * 7919 % 12000));
		assert_whole(acknowledged);
	}
	print_message(
		"%ld kills, %zu changes, %zu of them with an end that nobody knew\n", n,
		number(store, "SELECT count(*) FROM card_change"),
		number(d.store,
		       "SELECT count(*) FROM journal WHERE phase = 'unknown' AND event = 'card-state'"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_killed_change_is_whole_or_not_at_all, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
