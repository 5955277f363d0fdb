/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves the issue record (made, issued, withdrawn; true reasons of refusals by day) and the lock of
 * a kind's PIN: its tries survive, and are not given back by asking again (flows K17…K20, K34).
 * On SQLite and on PostgreSQL.
 */
#include "pg_server.h"
#include "town.h"

#include <pthread.h>

static struct town town;
static flow_store_t *ledger;
static char where_ledger[256];

static void start(const char *where)
{
	town_open(&town, where);
	snprintf(where_ledger, sizeof where_ledger, "%s/ledger.db", town.folder);
	if (where != NULL)
		snprintf(where_ledger, sizeof where_ledger, "%s", where);
	assert_ok(flow_store_open(&ledger, where_ledger, FLOW_STORE_CREATE, NULL));
	assert_ok(flow_ledger_setup(ledger));
	assert_ok(flow_store_script(ledger,
				    "DELETE FROM issue_record;DELETE FROM issue_kind_tries;"));
}

static void begin(void **state, struct pg_server *server)
{
	char where[256];

	(void)state;
	if (server != NULL)
		pg_server_where(server, NULL, where);
	start(server != NULL ? where : NULL);
}

static void end(void **state)
{
	(void)state;
	flow_store_close(&ledger);
	town_close(&town);
}

#include "both_stores.h"

#define TXN "00112233445566778899aabbccddeeff"

static struct flow_ledger_entry entry(const char *transaction, int attempt, const char *received,
				      const char *outcome, const char *why)
{
	return (struct flow_ledger_entry){.transaction = transaction,
					  .attempt = attempt,
					  .received = received,
					  .kind = "juminhyo",
					  .outcome = outcome,
					  .why = why,
					  .atena = "A1",
					  .concerned = "A9",
					  .tries_left = -1,
					  .state = strcmp(outcome, "made") == 0 ? "made"
										: "refused"};
}

struct seen {
	size_t n;
	char state[20], why[20], copies[100], first[40];
};

static enum card_error see(void *ctx, const struct flow_ledger_entry *e)
{
	struct seen *s = ctx;

	if (s->n++ == 0)
		snprintf(s->first, sizeof s->first, "%s", e->transaction);
	snprintf(s->state, sizeof s->state, "%s", e->state);
	snprintf(s->why, sizeof s->why, "%s", e->why);
	snprintf(s->copies, sizeof s->copies, "%s", e->copies);
	return CARD_OK;
}

static void an_attempt_is_written_once_and_ends_once(void **state)
{
	struct flow_ledger_entry e = entry(TXN, 1, "2026-11-20T09:00:00+09:00", "made", "none");
	struct seen s = {.n = 0};

	(void)state;
	assert_ok(flow_ledger_add(ledger, &e));
	assert_int_equal(flow_ledger_add(ledger, &e), CARD_ERR_DENIED);
	e.attempt = 2;
	assert_ok(flow_ledger_add(ledger, &e));
	assert_int_equal(flow_ledger_status(ledger, "ff", "issued", "[]", "x"), CARD_ERR_NOT_FOUND);
	assert_int_equal(flow_ledger_status(ledger, TXN, "lost", "[]", "x"),
			 CARD_ERR_INVALID_ARGUMENT);
	assert_ok(flow_ledger_status(ledger, TXN, "issued", "[1]", "2026-11-20T09:01:00+09:00"));
	assert_ok(flow_ledger_status(ledger, TXN, "issued", "[1]", "2026-11-20T09:02:00+09:00"));
	assert_int_equal(flow_ledger_status(ledger, TXN, "withdrawn", "[]", "x"),
			 CARD_ERR_BAD_STATE);
	assert_ok(flow_ledger_find(ledger, TXN, 2, see, &s));
	assert_int_equal(s.n, 1);
	assert_string_equal(s.state, "issued");
	assert_string_equal(s.copies, "[1]");
}

static void a_refusal_has_nothing_to_withdraw(void **state)
{
	const struct flow_ledger_entry e =
		entry(TXN, 1, "2026-11-20T09:00:00+09:00", "not_available_here", "protected");

	(void)state;
	assert_ok(flow_ledger_add(ledger, &e));
	assert_int_equal(flow_ledger_status(ledger, TXN, "withdrawn", "[]", "x"),
			 CARD_ERR_NOT_FOUND);
}

/* 23:59:59 is of the day, 00:00:00 of the next (PD-35: Japan time). */
static void the_list_of_the_next_morning_has_the_refusals_of_the_day(void **state)
{
	static const struct {
		const char *transaction, *received, *outcome, *why;
	} all[] = {{"a1", "2026-11-20T00:00:00+09:00", "not_available_here", "moved"},
		   {"a2", "2026-11-20T12:00:00+09:00", "made", "none"},
		   {"a3", "2026-11-20T13:00:00+09:00", "under_age", "none"},
		   {"a4", "2026-11-20T23:59:59+09:00", "document_error", "glyph"},
		   {"a5", "2026-11-21T00:00:00+09:00", "not_available_here", "protected"}};
	struct seen s = {.n = 0};

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		const struct flow_ledger_entry e =
			entry(all[i].transaction, 1, all[i].received, all[i].outcome, all[i].why);

		assert_ok(flow_ledger_add(ledger, &e));
	}
	assert_ok(flow_ledger_day(ledger, "2026-11-20", true, see, &s));
	assert_int_equal(s.n, 2);
	assert_string_equal(s.first, "a1");
	assert_string_equal(s.why, "glyph");
	s.n = 0;
	assert_ok(flow_ledger_day(ledger, "2026-11-20", false, see, &s));
	assert_int_equal(s.n, 4);
}

static enum card_error try_in(const char *transaction, int attempt, const char *kind,
			      const char *digits, int *left)
{
	card_secret_t *pin = NULL;
	enum card_error err;

	assert_ok(card_secret_new(&pin));
	assert_ok(card_secret_set(pin, card_bytes(digits, strlen(digits))));
	err = flow_kind_pin_check(
		town.store, ledger,
		&(const struct flow_kind_attempt){"A1", kind, transaction, attempt}, pin, left);
	card_secret_free(&pin);
	return err;
}

static enum card_error try_pin(const char *kind, const char *digits, int *left)
{
	return try_in(NULL, 0, kind, digits, left);
}

static enum card_error set_pin_of(const char *atena, const char *kind, const char *digits,
				  const char *by)
{
	card_secret_t *pin = NULL;
	enum card_error err;

	assert_ok(card_secret_new(&pin));
	assert_ok(card_secret_set(pin, card_bytes(digits, strlen(digits))));
	err = flow_kind_pin_set(
		town.store, ledger,
		&(const struct flow_kind_setting){atena, kind, by, "2026-06-02T10:00:00+09:00"},
		pin);
	card_secret_free(&pin);
	return err;
}

static enum card_error set_pin(const char *kind, const char *digits)
{
	return set_pin_of("A1", kind, digits, "sato");
}

static void three_wrong_pins_lock_this_kind_and_no_other(void **state)
{
	int left;

	(void)state;
	assert_int_equal(set_pin("juminhyo", "12345"), CARD_ERR_PIN_FORMAT);
	assert_int_equal(set_pin("juminhyo", "12a4"), CARD_ERR_PIN_FORMAT);
	assert_ok(set_pin("juminhyo", "1234"));
	assert_ok(set_pin("inkan", "5678"));
	assert_int_equal(try_pin("tax", "1234", &left), CARD_ERR_NOT_FOUND);
	assert_int_equal(try_pin("juminhyo", "0000", &left), CARD_ERR_PIN_WRONG);
	assert_int_equal(left, 2);
	assert_ok(try_pin("juminhyo", "1234", &left));
	assert_int_equal(left, 3);
	assert_int_equal(try_pin("juminhyo", "5678", &left), CARD_ERR_PIN_WRONG);
	assert_int_equal(try_pin("juminhyo", "0001", &left), CARD_ERR_PIN_WRONG);
	/* The store is closed and opened: the counter is where it was. */
	flow_store_close(&ledger);
	assert_ok(flow_store_open(&ledger, where_ledger, 0, NULL));
	assert_int_equal(try_pin("juminhyo", "0002", &left), CARD_ERR_PIN_LOCKED);
	assert_int_equal(left, 0);
	assert_int_equal(try_pin("juminhyo", "1234", &left), CARD_ERR_PIN_LOCKED);
	assert_ok(try_pin("inkan", "5678", &left));
	/* An import of records does not unlock. */
	assert_ok(town_import(&town, true));
	assert_int_equal(try_pin("juminhyo", "1234", &left), CARD_ERR_PIN_LOCKED);
	assert_ok(set_pin("juminhyo", "1234"));
	assert_ok(try_pin("juminhyo", "1234", &left));
}

/* K17: an attempt counts once, also when the process ended before its answer was kept. */
static void an_attempt_is_counted_once(void **state)
{
	static const char one[] = "00000000000000000000000000000001",
			  two[] = "00000000000000000000000000000002";
	int left;

	(void)state;
	assert_ok(set_pin("juminhyo", "1234"));
	for (int i = 0; i < 3; i++) {
		assert_int_equal(try_in(one, 1, "juminhyo", "0000", &left), CARD_ERR_PIN_WRONG);
		assert_int_equal(left, 2);
		flow_store_close(&ledger);
		assert_ok(flow_store_open(&ledger, where_ledger, 0, NULL));
	}
	assert_int_equal(try_in(one, 2, "juminhyo", "0000", &left), CARD_ERR_PIN_WRONG);
	assert_int_equal(left, 1);
	assert_int_equal(try_in(two, 1, "juminhyo", "0000", &left), CARD_ERR_PIN_LOCKED);
	assert_int_equal(left, 0);
	/* The right one came too late, and does not become earlier by being sent again. */
	for (int i = 0; i < 2; i++)
		assert_int_equal(try_in(two, 2, "juminhyo", "1234", &left), CARD_ERR_PIN_LOCKED);
	assert_ok(set_pin("juminhyo", "1234"));
	assert_int_equal(try_in(two, 2, "juminhyo", "1234", &left), CARD_ERR_PIN_WRONG);
	/* A right one that is repeated stays right, whatever came in between. */
	assert_ok(try_in(two, 3, "juminhyo", "1234", &left));
	for (int i = 4; i < 7; i++)
		(void)try_in(two, i, "juminhyo", "0000", &left);
	assert_int_equal(left, 0);
	assert_ok(try_in(two, 3, "juminhyo", "1234", &left));
}

static enum card_error one_kind(void *ctx, const char *kind, int tries, const char *by,
				const char *when)
{
	char *text = ctx;
	size_t n = strlen(text);

	snprintf(text + n, 300 - n, "%s %d %s %.10s\n", kind, tries, by, when);
	return CARD_OK;
}

/* Who unlocked it is kept; only a resident has one. */
static void setting_is_done_by_somebody(void **state)
{
	char text[300] = "";
	int left;

	(void)state;
	assert_int_equal(set_pin_of("A1", "juminhyo", "1234", ""), CARD_ERR_INVALID_ARGUMENT);
	assert_int_equal(set_pin_of("A1", "juminhyo", "1234", NULL), CARD_ERR_INVALID_ARGUMENT);
	assert_int_equal(set_pin_of("nobody", "juminhyo", "1234", "sato"), CARD_ERR_NOT_FOUND);
	assert_ok(set_pin_of("A1", "juminhyo", "1234", "sato"));
	assert_ok(set_pin_of("A1", "inkan", "1234", "ito"));
	for (int i = 0; i < 3; i++)
		(void)try_pin("juminhyo", "0000", &left);
	assert_ok(flow_kind_pin_list(town.store, ledger, "A1", one_kind, text));
	assert_string_equal(text, "inkan 3 ito 2026-06-02\njuminhyo 0 sato 2026-06-02\n");
	assert_ok(set_pin_of("A1", "juminhyo", "4321", "ito"));
	text[0] = '\0';
	assert_ok(flow_kind_pin_list(town.store, ledger, "A1", one_kind, text));
	assert_string_equal(text, "inkan 3 ito 2026-06-02\njuminhyo 3 ito 2026-06-02\n");
	text[0] = '\0';
	assert_ok(flow_kind_pin_list(town.store, ledger, "nobody", one_kind, text));
	assert_string_equal(text, "");
}

static void the_pin_is_nowhere_in_clear(void **state)
{
	char command[300];

	(void)state;
	assert_ok(set_pin("juminhyo", "8362"));
	flow_store_close(&town.store);
	snprintf(command, sizeof command,
		 "grep -qa 'argon2id' %s/records.db* && ! grep -qa 8362 %s/*.db*", town.folder,
		 town.folder);
	assert_int_equal(system(command), 0);
}

/* Guessing in parallel gives no more tries. */
static void *guess(void *ctx)
{
	flow_store_t *records = NULL, *mine = NULL;
	card_secret_t *pin = NULL;
	int left, *wrong = ctx;

	assert_ok(flow_store_open(&records, town.where, 0, NULL));
	assert_ok(flow_store_open(&mine, where_ledger, 0, NULL));
	assert_ok(card_secret_new(&pin));
	assert_ok(card_secret_set(pin, BYTES("0000")));
	for (int i = 0; i < 3; i++)
		*wrong += flow_kind_pin_check(
				  records, mine,
				  &(const struct flow_kind_attempt){"A1", "juminhyo", NULL, 0}, pin,
				  &left) == CARD_ERR_PIN_WRONG;
	card_secret_free(&pin);
	flow_store_close(&records);
	flow_store_close(&mine);
	return NULL;
}

static void guessing_in_parallel_has_no_more_tries(void **state)
{
	pthread_t thread[4];
	int wrong[4] = {0}, sum = 0, left;

	(void)state;
	assert_ok(set_pin("juminhyo", "1234"));
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, guess, &wrong[i]), 0);
	for (size_t i = 0; i < 4; i++) {
		pthread_join(thread[i], NULL);
		sum += wrong[i];
	}
	assert_true(sum <= 2); /* the third says locked */
	assert_int_equal(try_pin("juminhyo", "1234", &left), CARD_ERR_PIN_LOCKED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(an_attempt_is_written_once_and_ends_once),
		BOTH(a_refusal_has_nothing_to_withdraw),
		BOTH(the_list_of_the_next_morning_has_the_refusals_of_the_day),
		BOTH(three_wrong_pins_lock_this_kind_and_no_other),
		BOTH(an_attempt_is_counted_once),
		BOTH(setting_is_done_by_somebody),
		ON_SQLITE(the_pin_is_nowhere_in_clear),
		BOTH(guessing_in_parallel_has_no_more_tries),
	};

	return run_on_both(tests);
}
