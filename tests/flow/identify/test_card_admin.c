/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves who may change the state of a card and on what grounds (rules R2-19…R2-28): callers by four
 * attributes, releases with paper and an identity check that stands in the journal, final steps by two
 * persons; that every refusal has its code and its record, and that a change is INTENT, change, OUTCOME.
 */
#include "counter.h"

#include <cardflow/card_admin.h>

static const uint8_t key[FLOW_CARDS_KEY] = "a key of thirty-two octets, so..";
static flow_store_t *register_store;
static flow_cards_t *cards;
static char second[FLOW_SESSION_TOKEN + 1], boss[FLOW_SESSION_TOKEN + 1];
static char record[64];
static struct flow_card_outcome outcome;

#define SERIAL "400000012719843"

static int begin_admin(void **state)
{
	static const char *const rights[] = {"procedure:ichiji-teishi", "procedure:ichiji-kaijo",
					     "procedure:horyu-kaijo", "procedure:haishi",
					     "procedure:kofu"};
	const struct flow_card_new n = {
		.serial = SERIAL, .subject = "atena:A1", .expiry = {2035, 2, 17}, .now = DESK_NOW};
	struct flow_card_entry e;
	const char *code;
	char path[128];
	const int rc = start(state);

	snprintf(path, sizeof path, "%s/cards.db", d.folder);
	assert_ok(flow_store_open(&register_store, path, FLOW_STORE_CREATE, NULL));
	assert_ok(flow_cards_setup(register_store));
	assert_ok(flow_cards_open(&cards, register_store, key));
	for (size_t i = 0; i < sizeof rights / sizeof *rights; i++)
		assert_ok(
			flow_right_grant(d.store, d.journal, "abe", rights[i], "update", "kanri"));
	assert_ok(desk_add(&d, "bando", "checker", "kanri"));
	assert_ok(desk_add(&d, "joshi", "supervisor", "kanri"));
	assert_int_equal(desk_login(&d, "T1", "bando", DESK_PASSWORD, second), FLOW_LOGIN_OK);
	assert_int_equal(desk_login(&d, "T1", "joshi", DESK_PASSWORD, boss), FLOW_LOGIN_OK);
	assert_ok(flow_card_enrol(cards, d.store, d.journal, "T1", token, &n, &e, &code));
	proof_key = key;
	return rc;
}

static int end_admin(void **state)
{
	flow_cards_close(&cards);
	flow_store_close(&register_store);
	return stop(state);
}

/* An order as it would succeed. */
static struct flow_card_order order(enum flow_card_event event)
{
	const bool two = event == FLOW_EVENT_ABOLISH || event == FLOW_EVENT_CERT_REVOKE;
	const bool release = event == FLOW_EVENT_RELEASE || event == FLOW_EVENT_CERT_RELEASE;

	return (struct flow_card_order){.event = event,
					.subject = "atena:A1",
					.terminal = "T1",
					.token = token,
					.now = d.now,
					.channel = event == FLOW_EVENT_SUSPEND ||
								   event == FLOW_EVENT_CERT_HOLD
							   ? FLOW_BY_TELEPHONE
							   : FLOW_BY_VISIT,
					.caller_identified = true,
					.reason = CARD_CRL_CESSATION,
					.application = release ? "KJ-1" : NULL,
					.record = release ? record : NULL,
					.approver_token = two ? boss : NULL};
}

static void refused(const struct flow_card_order *o, enum card_error want, const char *reason)
{
	const size_t before = desk_journal(&d, "card-state").n;
	const char *code = "";
	struct flow_card_entry e;
	struct desk_seen last;
	enum flow_card_state was;

	assert_ok(
		flow_cards_of(cards, "atena:A1", FLOW_EVENT_ABOLISH, FLOW_BY_VISIT, 0, d.now, &e));
	was = e.state;
	assert_int_equal(flow_card_administer(cards, d.store, d.journal, o, &outcome, &code), want);
	assert_string_equal(code, reason);
	last = desk_journal(&d, "card-state");
	assert_int_equal(last.n, before + 1);
	assert_string_equal(last.code, reason);
	assert_string_equal(last.result, "refused");
	assert_ok(
		flow_cards_of(cards, "atena:A1", FLOW_EVENT_ABOLISH, FLOW_BY_VISIT, 0, d.now, &e));
	assert_int_equal(e.state, was);
}

static void done(const struct flow_card_order *o)
{
	const char *code = "x";
	struct desk_seen last;

	assert_ok(flow_card_administer(cards, d.store, d.journal, o, &outcome, &code));
	assert_null(code);
	assert_true(outcome.changed && outcome.seq > 0);
	last = desk_journal(&d, "card-state");
	assert_string_equal(last.phase, "outcome");
	assert_string_equal(last.result, "ok");
}

/* An identity check with documents at the counter; its id in `record`. */
static void identify(const char *procedure, const char *subject, const char *document)
{
	const struct flow_document one = {
		.kind = document, .expiry = {2030, 1, 1}, .reference = "301234567890"};
	enum card_error err;

	new_check(false);
	assert_ok(go(flow_identify_start(id, token, procedure, 0, false)));
	assert_ok(go(flow_identify_presenter(id, NULL, subject)));
	assert_ok(go(flow_identify_no_card(id)));
	err = go(flow_identify_evidence(id, &one, 1));
	if (err == CARD_OK)
		assert_ok(go(flow_identify_decide(id)));
	snprintf(record, sizeof record, "%s", flow_identify_view(id).record_id);
}

static void suspend_it(void)
{
	const struct flow_card_order o = order(FLOW_EVENT_SUSPEND);

	done(&o);
	assert_int_equal(outcome.is.state, FLOW_CARD_SUSPENDED);
}

static void a_card_goes_and_comes_back_in_two_steps(void **state)
{
	struct flow_card_order o;
	struct desk_seen last;

	(void)state;
	suspend_it();
	last = desk_journal(&d, "card-state");
	assert_string_equal(last.code, "card=active>suspended;auth=none>none;sign=none>none");
	identify("ichiji-kaijo", "atena:A1", "menkyo");
	o = order(FLOW_EVENT_RELEASE);
	done(&o);
	assert_int_equal(outcome.is.state, FLOW_CARD_ACTIVE);
	last = desk_journal(&d, "card-state");
	assert_string_equal(last.reason, "application=KJ-1");
	assert_string_equal(last.related, strrchr(record, '-') + 1);
	assert_string_equal(last.operator_id, "abe");
}

static void only_who_may(void **state)
{
	struct flow_card_order o = order(FLOW_EVENT_SUSPEND);

	(void)state;
	o.token = "nobody's";
	refused(&o, CARD_ERR_DENIED, "no_session");
	o.token = second; /* a checker */
	refused(&o, CARD_ERR_DENIED, "role");
	o.token = token;
	assert_ok(flow_right_revoke(d.store, d.journal, "abe", "procedure:ichiji-teishi", "update",
				    "kanri"));
	refused(&o, CARD_ERR_DENIED, "no_right");
	o.event = FLOW_EVENT_CERT_HOLD;
	refused(&o, CARD_ERR_DENIED, "no_right");
}

static void a_telephone_suspends_and_releases_nothing(void **state)
{
	static const enum flow_card_event events[] = {FLOW_EVENT_RELEASE, FLOW_EVENT_CERT_RELEASE,
						      FLOW_EVENT_ABOLISH, FLOW_EVENT_CERT_REVOKE,
						      FLOW_EVENT_COLLECT, FLOW_EVENT_DESTROY};
	struct flow_card_order o = order(FLOW_EVENT_SUSPEND);

	(void)state;
	o.caller_identified = false;
	refused(&o, CARD_ERR_DENIED, "caller_not_identified");
	suspend_it();
	identify("ichiji-kaijo", "atena:A1", "menkyo");
	for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
		o = order(events[i]);
		o.channel = FLOW_BY_TELEPHONE;
		refused(&o, CARD_ERR_DENIED, "telephone");
	}
}

static void a_release_needs_the_written_application(void **state)
{
	static const char *const wrong[] = {
		"K J",         "申請1",         "123456789012345678901234567890123",
		"12345678901", "1234-5678-901", "a;b"};
	struct flow_card_order o;

	(void)state;
	suspend_it();
	identify("ichiji-kaijo", "atena:A1", "menkyo");
	o = order(FLOW_EVENT_RELEASE);
	o.application = NULL;
	refused(&o, CARD_ERR_DENIED, "application_missing");
	o.application = "";
	refused(&o, CARD_ERR_DENIED, "application_missing");
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		o.application = wrong[i];
		refused(&o, CARD_ERR_DENIED, "application_malformed");
	}
	o.application = "R8-0401-KJ-0000001";
	done(&o);
}

static void the_identity_check_is_looked_up_in_the_journal(void **state)
{
	static const char *const unknown[] = {"",
					      "T1",
					      "T1-",
					      "-17",
					      "T1-x",
					      "T1-9999",
					      "T2-1",
					      "T1-9999999999",
					      "'; DROP TABLE journal; --1"};
	struct flow_card_order o;

	(void)state;
	suspend_it();
	o = order(FLOW_EVENT_RELEASE);
	o.record = NULL;
	refused(&o, CARD_ERR_DENIED, "record_missing");
	for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
		o.record = unknown[i];
		refused(&o, CARD_ERR_DENIED, "record_unknown");
	}
	/* A record of the journal that is no identity check: the INTENT of the suspension. */
	snprintf(record, sizeof record, "T1-%ld", outcome.seq);
	o.record = record;
	refused(&o, CARD_ERR_DENIED, "record_unknown");
	identify("ichiji-kaijo", "atena:A1", "gakusei"); /* no photo: not confirmed */
	o = order(FLOW_EVENT_RELEASE);
	refused(&o, CARD_ERR_DENIED, "record_not_confirmed");
	identify("horyu-kaijo", "atena:A1", "menkyo");
	refused(&o, CARD_ERR_DENIED, "record_other_procedure");
	identify("ichiji-kaijo", "atena:A2", "menkyo");
	refused(&o, CARD_ERR_DENIED, "record_other_subject");
	identify("ichiji-kaijo", NULL, "menkyo"); /* of nobody in particular */
	refused(&o, CARD_ERR_DENIED, "record_other_subject");
	proof_key = NULL; /* a counter without the register */
	identify("ichiji-kaijo", "atena:A1", "menkyo");
	refused(&o, CARD_ERR_DENIED, "record_other_subject");
	proof_key = key;
}

static void the_identity_check_is_of_today(void **state)
{
	struct flow_card_order o;

	(void)state;
	suspend_it();
	d.now = card_date_start_in_japan((struct card_date){2026, 4, 1}) + 86400 - 60; /* 23:59 */
	assert_int_equal(desk_login(&d, "T1", "abe", DESK_PASSWORD, token), FLOW_LOGIN_OK);
	identify("ichiji-kaijo", "atena:A1", "menkyo");
	d.now += 120; /* 0:01 */
	o = order(FLOW_EVENT_RELEASE);
	refused(&o, CARD_ERR_DENIED, "record_not_today");
	d.now += 3 * 86400; /* so long ago that it is looked for everywhere */
	assert_int_equal(desk_login(&d, "T1", "abe", DESK_PASSWORD, token), FLOW_LOGIN_OK);
	o = order(FLOW_EVENT_RELEASE);
	refused(&o, CARD_ERR_DENIED, "record_not_today");
	identify("ichiji-kaijo", "atena:A1", "menkyo");
	done(&o);
}

static void a_check_is_used_once(void **state)
{
	struct flow_card_order o;

	(void)state;
	suspend_it();
	identify("ichiji-kaijo", "atena:A1", "menkyo");
	o = order(FLOW_EVENT_RELEASE);
	done(&o);
	suspend_it();
	refused(&o, CARD_ERR_DENIED, "record_used");
	identify("ichiji-kaijo", "atena:A1", "menkyo");
	done(&o);
}

/* The window may suspend too, with a check. */
static void a_suspension_at_the_window(void **state)
{
	struct flow_card_order o = order(FLOW_EVENT_SUSPEND);

	(void)state;
	o.channel = FLOW_BY_VISIT;
	refused(&o, CARD_ERR_DENIED, "record_missing");
	identify("ichiji-teishi", "atena:A1", "menkyo");
	o.record = record;
	done(&o);
}

static enum card_error agent_comes(const char *agent_case, const char *who, const char *first)
{
	const struct flow_agent_document documents[] = {{.kind = first}, {.kind = "agent-photo"}};
	const struct flow_agent agent = {
		.agent_case = agent_case, .who = who, .documents = documents, .n = 2};
	const struct flow_document one = {.kind = "menkyo", .expiry = {2030, 1, 1}};
	enum card_error err;

	new_check(false);
	assert_ok(go(flow_identify_start(id, token, "ichiji-kaijo", 0, false)));
	err = go(flow_identify_presenter(id, &agent, "atena:A1"));
	if (err != CARD_OK)
		return err;
	assert_ok(go(flow_identify_no_card(id)));
	assert_ok(go(flow_identify_evidence(id, &one, 1)));
	assert_ok(go(flow_identify_decide(id)));
	snprintf(record, sizeof record, "%s", flow_identify_view(id).record_id);
	return CARD_OK;
}

/* Who speaks for a child by law may; a voluntary agent is not the holder (TV-09 is about delivery). */
static void agents_release_only_by_law(void **state)
{
	struct flow_card_order o = order(FLOW_EVENT_RELEASE);

	(void)state;
	suspend_it();
	assert_int_equal(agent_comes("V", "relative", "ininjo"), CARD_ERR_NOT_FOUND);
	assert_ok(agent_comes("L", "legal", "authority"));
	done(&o);
}

/* A record of an agent, should a table of rules ever let one come: the same but for the presenter. */
static void a_record_of_an_agent_is_not_the_holder_s(void **state)
{
	static const struct {
		const char *presenter, *code;
	} table[] = {{"presenter=self", NULL},
		     {"presenter=legal-agent:L:legal", NULL},
		     {"presenter=agent:V:relative", "record_of_agent"}};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		char txn[JOURNAL_TXN + 1], proof[FLOW_CARDS_PROOF + 1], reason[120], related[24];
		struct journal_record r = {.event = "identity-check",
					   .operator_id = "abe",
					   .procedure = "ichiji-kaijo"};
		const struct flow_card_proof p = {.record = record,
						  .subject = "atena:A1",
						  .procedure = "ichiji-kaijo",
						  .key = key,
						  .today = desk_today(&d)};
		const char *code = "x";
		long seq;

		assert_ok(journal_intent(d.journal, &r, txn, &seq));
		assert_ok(flow_cards_proof(key, txn, "atena:A1", proof));
		snprintf(reason, sizeof reason, "%s;proof=%s", table[i].presenter, proof);
		r.phase = JOURNAL_OUTCOME;
		r.result = JOURNAL_OK;
		r.txn = txn;
		r.reason = reason;
		r.code = "card=not_used;person=confirmed;number=not_asked";
		assert_ok(journal_append(d.journal, &r, 1, NULL));
		snprintf(record, sizeof record, "T1-%ld", seq);
		assert_int_equal(flow_card_proof_check(d.store, d.journal, &p, related, &code),
				 table[i].code == NULL ? CARD_OK : CARD_ERR_DENIED);
		if (table[i].code != NULL)
			assert_string_equal(code, table[i].code);
	}
}

static void a_broken_journal_proves_nothing(void **state)
{
	struct flow_card_order o;
	const char *code = "";

	(void)state;
	suspend_it();
	identify("ichiji-kaijo", "atena:A1", "menkyo");
	assert_ok(flow_store_script(d.store, "DROP TRIGGER IF EXISTS journal_no_update"));
	assert_ok(flow_store_script(
		d.store,
		"UPDATE journal SET body = replace(body, 'kanri', 'kanrj') WHERE seq = 2"));
	o = order(FLOW_EVENT_RELEASE);
	assert_int_equal(flow_card_administer(cards, d.store, d.journal, &o, &outcome, &code),
			 CARD_ERR_DENIED);
	assert_string_equal(code, "journal_broken");
	assert_ok(flow_store_script(
		d.store,
		"UPDATE journal SET body = replace(body, 'kanrj', 'kanri') WHERE seq = 2"));
	done(&o);
}

static void what_is_final_takes_two(void **state)
{
	struct flow_card_order o = order(FLOW_EVENT_ABOLISH);
	const char *code = "x";

	(void)state;
	o.approver_token = NULL;
	refused(&o, CARD_ERR_DENIED, "approver_missing");
	o.approver_token = "nobody's";
	refused(&o, CARD_ERR_DENIED, "no_session");
	o.approver_token = token;
	refused(&o, CARD_ERR_DENIED, "approver_is_operator");
	o.approver_token = second;
	refused(&o, CARD_ERR_DENIED, "approver_role");
	o.approver_token = boss;
	done(&o);
	assert_int_equal(outcome.is.state, FLOW_CARD_ABOLISHED);
	/* R2-26: nothing is left to do, so nobody has to approve. */
	o.approver_token = NULL;
	assert_ok(flow_card_administer(cards, d.store, d.journal, &o, &outcome, &code));
	assert_true(!outcome.changed && outcome.seq == 0);
	assert_string_equal(desk_journal(&d, "card-state").code, "no_change");
	o = order(FLOW_EVENT_COLLECT);
	done(&o);
	o = order(FLOW_EVENT_DESTROY);
	done(&o);
	for (int e = FLOW_EVENT_SUSPEND; e <= FLOW_EVENT_DESTROY; e++) {
		o = order((enum flow_card_event)e);
		refused(&o, CARD_ERR_BAD_STATE, "card_destroyed");
	}
}

static void callers_say_four_attributes(void **state)
{
	static const struct {
		struct flow_caller caller;
		const char *code; /* NULL: it is he */
	} table[] = {{{"黒桐　幹也", "東京都清瀬市", {1980, 2, 17}, '1'}, NULL},
		     {{"黒桐　幹也", "東京都清瀬市 ", {1980, 2, 17}, '1'}, NULL}, /* a blank */
		     {{"黒桐　鮮花", "東京都清瀬市", {1980, 2, 17}, '1'}, "caller_not_identified"},
		     {{"黒桐　幹也", "東京都小平市", {1980, 2, 17}, '1'}, "caller_not_identified"},
		     {{"黒桐　幹也", "東京都清瀬市", {1980, 2, 18}, '1'}, "caller_not_identified"},
		     {{"黒桐　幹也", "東京都清瀬市", {1980, 2, 17}, '2'}, "caller_not_identified"},
		     {{"", "", {1980, 2, 17}, '1'}, "caller_not_identified"}};
	char atena[41];
	const char *code;

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		assert_int_equal(flow_card_caller(reg, d.journal, &rules, "abe", NULL,
						  &table[i].caller, desk_today(&d), atena, &code),
				 table[i].code == NULL ? CARD_OK : CARD_ERR_DENIED);
		if (table[i].code == NULL) {
			assert_string_equal(atena, "A1");
			continue;
		}
		assert_string_equal(code, table[i].code);
		assert_string_equal(desk_journal(&d, "card-state").code, table[i].code);
	}
	/* Of the person who is meant, found by the 宛名番号: the name may be written in another way. */
	assert_ok(flow_card_caller(
		reg, d.journal, &rules, "abe", "A1",
		&(struct flow_caller){"黒桐幹也", "東京都清瀬市", {1980, 2, 17}, '1'},
		desk_today(&d), atena, &code));
	assert_int_equal(flow_card_caller(NULL, d.journal, &rules, "abe", NULL, &table[0].caller,
					  desk_today(&d), atena, &code),
			 CARD_ERR_NO_SERVICE);
	assert_string_equal(code, "register_missing");
	assert_int_equal(flow_card_caller(reg, d.journal, &rules, "abe", NULL,
					  &(struct flow_caller){NULL, "x", {1980, 2, 17}, '1'},
					  desk_today(&d), atena, &code),
			 CARD_ERR_INVALID_ARGUMENT);
}

static void a_person_without_a_card(void **state)
{
	struct flow_card_order o = order(FLOW_EVENT_SUSPEND);
	const char *code = "";

	(void)state;
	o.subject = "atena:A2";
	assert_int_equal(flow_card_administer(cards, d.store, d.journal, &o, &outcome, &code),
			 CARD_ERR_NOT_FOUND);
	assert_string_equal(code, "card_unknown");
	assert_string_equal(desk_journal(&d, "card-state").code, "card_unknown");
	o.subject = "537686677188";
	assert_int_equal(flow_card_administer(cards, d.store, d.journal, &o, &outcome, &code),
			 CARD_ERR_INVALID_ARGUMENT);
	o.subject = NULL;
	assert_int_equal(flow_card_administer(cards, d.store, d.journal, &o, &outcome, &code),
			 CARD_ERR_INVALID_ARGUMENT);
	o = order(FLOW_EVENT_CARD_EXPIRE); /* time does that */
	assert_int_equal(flow_card_administer(cards, d.store, d.journal, &o, &outcome, &code),
			 CARD_ERR_INVALID_ARGUMENT);
}

/* A register that fails in the middle leaves the card as it was, and the journal says so. */
static void a_failed_change_is_an_outcome_too(void **state)
{
	struct flow_card_order o = order(FLOW_EVENT_SUSPEND);
	const char *code = "x";
	struct desk_seen last;
	struct flow_card_entry e;

	(void)state;
	assert_ok(flow_store_script(register_store,
				    "CREATE TRIGGER full BEFORE INSERT ON card_change"
				    " BEGIN SELECT RAISE(ABORT, 'full'); END"));
	assert_int_equal(flow_card_administer(cards, d.store, d.journal, &o, &outcome, &code),
			 CARD_ERR_DENIED);
	assert_null(code);
	last = desk_journal(&d, "card-state");
	assert_string_equal(last.phase, "outcome");
	assert_string_equal(last.result, "failed");
	assert_string_equal(last.code, "card=active>active;auth=none>none;sign=none>none");
	assert_ok(flow_cards_of(cards, "atena:A1", FLOW_EVENT_SUSPEND, FLOW_BY_TELEPHONE, 0, d.now,
				&e));
	assert_int_equal(e.state, FLOW_CARD_ACTIVE);
	assert_ok(flow_store_script(register_store, "DROP TRIGGER full"));
	done(&o);
}

/* Fail closed: without a durable INTENT nothing changes. */
static void without_a_journal_nothing_changes(void **state)
{
	struct flow_card_order o = order(FLOW_EVENT_SUSPEND);
	const char *code = "x";
	struct flow_card_entry e;

	(void)state;
	assert_ok(flow_store_script(d.store, "CREATE TRIGGER full BEFORE INSERT ON journal"
					     " BEGIN SELECT RAISE(ABORT, 'full'); END"));
	assert_int_not_equal(flow_card_administer(cards, d.store, d.journal, &o, &outcome, &code),
			     CARD_OK);
	assert_ok(flow_cards_of(cards, "atena:A1", FLOW_EVENT_SUSPEND, FLOW_BY_TELEPHONE, 0, d.now,
				&e));
	assert_int_equal(e.state, FLOW_CARD_ACTIVE);
	assert_ok(flow_store_script(d.store, "DROP TRIGGER full"));
}

#define A(test) cmocka_unit_test_setup_teardown(test, begin_admin, end_admin)

int main(void)
{
	const struct CMUnitTest tests[] = {
		A(a_card_goes_and_comes_back_in_two_steps),
		A(only_who_may),
		A(a_telephone_suspends_and_releases_nothing),
		A(a_release_needs_the_written_application),
		A(the_identity_check_is_looked_up_in_the_journal),
		A(the_identity_check_is_of_today),
		A(a_check_is_used_once),
		A(a_suspension_at_the_window),
		A(agents_release_only_by_law),
		A(a_record_of_an_agent_is_not_the_holder_s),
		A(a_broken_journal_proves_nothing),
		A(what_is_final_takes_two),
		A(callers_say_four_attributes),
		A(a_person_without_a_card),
		A(a_failed_change_is_an_outcome_too),
		A(without_a_journal_nothing_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
