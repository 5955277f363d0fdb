/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves the identity check row by row, from the operator to the card that was read (flows ch. 2,
 * C01–C05, C07–C19). Each test names its rows; the last one sees that none is left.
 */
#include "counter.h"

/* C01 */
static void c01_an_operator_without_session_begins_nothing(void **state)
{
	const unsigned long before = card_sim_count(card.sim);
	struct desk_seen s;

	(void)state;
	assert_int_equal(go(flow_identify_start(id, "abe", "honnin", 0, false)), CARD_ERR_DENIED);
	assert_row("C01", FLOW_CLOSED);
	assert_true(has_code("no_session"));
	s = desk_journal(&d, "login-failed");
	assert_int_equal(s.n, 1);
	assert_string_equal(s.code, "no_session");
	assert_int_equal(flow_identify_card(id, card.channel, FLOW_ROUTE_PIN), CARD_ERR_BAD_STATE);
	assert_int_equal(card_sim_count(card.sim), before);
	d.now += FLOW_SESSION_IDLE + 1; /* a session that has ended */
	new_check(false);
	assert_int_equal(go(flow_identify_start(id, token, "honnin", 0, false)), CARD_ERR_DENIED);
	assert_row("C01", FLOW_CLOSED);
}

/* C02, C04, C09, C14, C15, C19, C20, C24 */
static void c02_a_check_goes_through_and_is_written_before_and_after(void **state)
{
	struct desk_seen s;
	struct flow_check_record r;
	char record[64];

	(void)state;
	to_comparing("honnin", false);
	assert_string_equal(desk_journal(&d, "identity-check").phase, "intent");
	assert_int_equal(flow_identify_view(id).card, FLOW_CARD_VALID);
	assert_int_equal(flow_identify_view(id).person, FLOW_PERSON_UNDETERMINED);
	assert_non_null(flow_identify_view(id).face);
	assert_memory_equal(flow_identify_view(id).attributes->name.p, "黒桐　幹也", 15);
	assert_true(flow_identify_view(id).test);
	assert_ok(go(flow_identify_answer(id, FLOW_FACE_SAME, FLOW_SEEN_SAME)));
	assert_row("C20", FLOW_DECIDED);
	snprintf(record, sizeof record, "%s", flow_identify_view(id).record_id);
	assert_ok(go(flow_identify_decide(id)));
	assert_row("C24", FLOW_CLOSED);
	assert_null(flow_identify_view(id).face); /* wiped */
	s = desk_journal(&d, "identity-check");
	assert_string_equal(s.phase, "outcome");
	assert_string_equal(s.code, "card=valid;person=confirmed;number=not_asked");
	assert_string_equal(s.operator_id, "abe");
	assert_ok(flow_check_get(d.store, record, &r));
	assert_string_equal(r.state, "closed");
	assert_string_equal(r.receiver, "abe");
}

/* C02: no durable INTENT, no card. */
static void c02_a_journal_that_cannot_be_written_stops_everything(void **state)
{
	const unsigned long before = card_sim_count(card.sim);

	(void)state;
	assert_ok(flow_store_script(d.store, "DROP TRIGGER journal_no_delete;"
					     "ALTER TABLE journal RENAME TO journal_lost"));
	assert_int_not_equal(go(flow_identify_start(id, token, "honnin", 0, false)), CARD_OK);
	assert_row("C02", FLOW_CLOSED);
	assert_true(has_code("journal_not_writable"));
	assert_int_equal(card_sim_count(card.sim), before);
	assert_ok(flow_store_script(d.store, "ALTER TABLE journal_lost RENAME TO journal"));
}

/* C03 */
static void c03_what_is_not_permitted_sends_no_command(void **state)
{
	static const struct {
		const char *procedure, *code;
		unsigned attributes;
		bool number;
	} table[] = {
		{"nanika", "procedure_unknown", 0, false},
		{"koza", "number_outside_procedure", 0, true},
		{"koza", "attribute_outside_procedure", FLOW_ATTR_SEX, false},
		{"zei", "no_right_to_number", 0, true},
	};
	const unsigned long before = card_sim_count(card.sim);

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		new_check(false);
		assert_int_equal(go(flow_identify_start(id, token, table[i].procedure,
							table[i].attributes, table[i].number)),
				 CARD_ERR_DENIED);
		assert_row("C03", FLOW_CLOSED);
		assert_true(has_code(table[i].code));
		assert_string_equal(desk_journal(&d, "read-refused").code, table[i].code);
	}
	assert_ok(flow_right_revoke(d.store, d.journal, "abe", "*", "inquiry", "kanri"));
	new_check(false);
	assert_int_equal(go(flow_identify_start(id, token, "honnin", 0, false)), CARD_ERR_DENIED);
	assert_true(has_code("no_right"));
	assert_int_equal(card_sim_count(card.sim), before);
}

/* C03: a private shop does not read for number-user procedures (R1-10). */
static void c03_the_entity_class_decides(void **state)
{
	const struct flow_identify_setup setup = {.rules = &rules,
						  .store = d.store,
						  .journal = d.journal,
						  .terminal = "T1",
						  .entity = FLOW_ENTITY_OTHER,
						  .cas = card.cas,
						  .clock = desk_clock,
						  .clock_ctx = &d};

	(void)state;
	flow_identify_free(&id);
	assert_ok(flow_identify_new(&id, &setup));
	assert_int_equal(go(flow_identify_start(id, token, "jido-teate", 0, false)),
			 CARD_ERR_DENIED);
	assert_true(has_code("entity_class"));
}

/* C05 */
static void c05_an_agent_needs_the_list(void **state)
{
	const struct flow_agent_document docs[] = {
		{.kind = "ininjo", .day = {2026, 3, 20}, .reference = "2026-1234567"},
		{.kind = "agent-photo"}};
	struct flow_agent agent = {.agent_case = "V",
				   .who = "relative",
				   .visit = {2026, 4, 1},
				   .documents = docs,
				   .n = 1};

	(void)state;
	assert_ok(go(flow_identify_start(id, token, "honnin", 0, false)));
	/* Presenter and subject are two. */
	assert_int_equal(flow_identify_presenter(id, &agent, NULL), CARD_ERR_INVALID_ARGUMENT);
	assert_int_equal(go(flow_identify_presenter(id, &agent, "case:1")), CARD_ERR_NOT_FOUND);
	assert_row("C05", FLOW_AUTHORISED);
	assert_string_equal(flow_identify_view(id).missing, "agent-photo");
	agent.n = 2;
	assert_ok(go(flow_identify_presenter(id, &agent, "case:1")));
	assert_row("C05", FLOW_CARD_WAITING);
	assert_string_equal(
		desk_journal(&d, "identity-check").reason,
		"presenter=agent:V:relative;authority=ininjo:2026-03-20:***567+agent-photo");
	assert_true(flow_identify_view(id).agent);
}

/* C05: everything that is missing is named, and a case belongs to its procedures (TV-09). */
static void c05_all_that_is_missing_is_named(void **state)
{
	const struct flow_agent_document docs[] = {{.kind = "ininjo", .copy = true},
						   {.kind = "kofu-tsuchi"}};
	struct flow_agent agent = {
		.agent_case = "B1", .who = "relative", .documents = docs, .n = 2};
	const struct flow_agent_answer *a;

	(void)state;
	assert_ok(go(flow_identify_start(id, token, "kofu", 0, false)));
	assert_int_equal(go(flow_identify_presenter(id, &agent, "case:1")), CARD_ERR_NOT_FOUND);
	a = flow_identify_view(id).authority;
	assert_int_equal(a->problems, 5);
	assert_string_equal(a->problem[0].kind, "ininjo");
	assert_string_equal(a->problem[0].code, "document_copy");
	assert_string_equal(a->problem[4].kind, "koseki");
	assert_string_equal(a->problem[4].name, "戸籍謄本等");
	assert_string_equal(a->problem[4].code, "document_missing");
	agent.agent_case = "V";
	assert_int_equal(go(flow_identify_presenter(id, &agent, "case:1")), CARD_ERR_NOT_FOUND);
	assert_string_equal(flow_identify_view(id).authority->code, "agent_other_procedure");
	agent.agent_case = "D";
	assert_int_equal(go(flow_identify_presenter(id, &agent, "case:1")), CARD_ERR_NOT_FOUND);
	assert_string_equal(flow_identify_view(id).authority->code, "agent_case_refused");
	assert_row("C05", FLOW_AUTHORISED);
}

/* C07 */
static void c07_a_broken_chip_is_told_from_a_broken_reader(void **state)
{
	const struct flow_document shown = {.kind = "kojin-bango-card", .expiry = {2030, 1, 1}};

	(void)state;
	use_card("test-person", "empty-answer");
	begin("honnin", false);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(flow_identify_reader(id, true), CARD_ERR_BAD_STATE);
		assert_ok(go(flow_identify_card(id, card.channel, FLOW_ROUTE_NUMBER_B)));
		/* The right secret costs no try; the record behind it cannot be read. */
		assert_int_not_equal(secret(FLOW_ROUTE_NUMBER_B, TEST_NUMBER_B, 0, NULL), CARD_OK);
		assert_row("C07", FLOW_CARD_WAITING);
	}
	assert_ok(go(flow_identify_reader(id, false)));
	assert_row("C07", FLOW_CARD_WAITING);
	assert_true(has_code("reader_fault"));
	assert_ok(go(flow_identify_reader(id, true)));
	assert_row("C07", FLOW_EVIDENCE);
	assert_true(has_code("chip_unreadable"));
	/* This procedure lets the printed face count as a photo document. */
	assert_ok(go(flow_identify_evidence(id, &shown, 1)));
	assert_int_equal(flow_identify_view(id).person, FLOW_PERSON_CONFIRMED);
	assert_int_equal(flow_identify_view(id).card, FLOW_CARD_UNDETERMINED);
}

/* C08 */
static void c08_another_token_counts_as_what_it_is(void **state)
{
	(void)state;
	use_card("juki", NULL);
	begin("honnin", false);
	assert_ok(go(flow_identify_card(id, card.channel, FLOW_ROUTE_NUMBER_B)));
	assert_row("C08", FLOW_EVIDENCE);
	assert_true(has_code("abolished") && has_code("juki")); /* after 2025-12-31, PD-10 */
	use_card("licence", NULL);
	new_check(false);
	begin("honnin", false);
	assert_ok(go(flow_identify_card(id, card.channel, FLOW_ROUTE_NUMBER_B)));
	assert_row("C08", FLOW_EVIDENCE);
	assert_true(has_code("licence"));
}

/* C09 */
static void c09_the_certificate_route_never_yields_valid(void **state)
{
	(void)state;
	begin("honnin", false);
	assert_ok(go(flow_identify_card(id, card.channel, FLOW_ROUTE_CERTIFICATE)));
	assert_row("C09", FLOW_EVIDENCE);
	assert_int_equal(flow_identify_view(id).card, FLOW_CARD_UNDETERMINED);
	assert_int_equal(flow_identify_view(id).person, FLOW_PERSON_UNDETERMINED);
}

/* C10 */
static void c10_a_card_past_its_date_is_invalid_and_asks_for_no_secret(void **state)
{
	(void)state;
	use_card("expired", NULL);
	begin("honnin", false);
	assert_ok(go(flow_identify_card(id, card.channel, FLOW_ROUTE_NUMBER_B)));
	assert_row("C10", FLOW_EVIDENCE);
	assert_int_equal(flow_identify_view(id).card, FLOW_CARD_INVALID);
	assert_true(has_code("expired"));
}

/* C11, C12, C13 */
static void c11_c13_tries_are_sacred(void **state)
{
	int tries;

	(void)state;
	begin("honnin", false);
	assert_ok(go(flow_identify_card(id, card.channel, FLOW_ROUTE_PIN)));
	assert_int_equal(flow_identify_view(id).tries, 3);
	assert_int_equal(secret(FLOW_ROUTE_PIN, "123", 0, &tries), CARD_ERR_PIN_FORMAT);
	assert_int_equal(secret(FLOW_ROUTE_PIN, "9999", 0, &tries), CARD_ERR_PIN_WRONG);
	assert_row("C13", FLOW_SECRET);
	assert_int_equal(tries, 2);
	assert_int_equal(secret(FLOW_ROUTE_PIN, "9999", 0, &tries), CARD_ERR_PIN_WRONG);
	assert_int_equal(tries, 1);
	assert_int_equal(secret(FLOW_ROUTE_PIN, "1234", 0, &tries), CARD_ERR_LAST_TRY);
	assert_row("C12", FLOW_SECRET);
	assert_int_equal(secret(FLOW_ROUTE_PIN, "9999", CARD_PIN_ALLOW_LAST_TRY, &tries),
			 CARD_ERR_PIN_LOCKED);
	assert_row("C11", FLOW_SECRET); /* the other route is left */
	assert_ok(secret(FLOW_ROUTE_NUMBER_B, TEST_NUMBER_B, 0, &tries));
	assert_row("C19", FLOW_COMPARING);
}

/* C11 */
static void c11_both_routes_locked_lead_to_evidence(void **state)
{
	int tries = 9;

	(void)state;
	begin("honnin", false);
	assert_ok(go(flow_identify_card(id, card.channel, FLOW_ROUTE_PIN)));
	while (tries > 0)
		secret(FLOW_ROUTE_PIN, "9999", CARD_PIN_ALLOW_LAST_TRY, &tries);
	tries = 10;
	while (tries > 0)
		secret(FLOW_ROUTE_NUMBER_B, "55021720350000", CARD_PIN_ALLOW_LAST_TRY, &tries);
	assert_row("C11", FLOW_EVIDENCE);
}

/* C16 */
static void c16_a_forged_card_ends_the_check(void **state)
{
	static const struct {
		const char *quirk, *code;
	} table[] = {{"card-chain-broken", "card_chain_broken"},
		     {"record-signature-broken", "record_signature_wrong"},
		     {"challenge-fails", "card_challenge_wrong"}};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		use_card("test-person", table[i].quirk);
		new_check(false);
		begin("honnin", false);
		assert_ok(go(flow_identify_card(id, card.channel, FLOW_ROUTE_NUMBER_B)));
		assert_int_equal(secret(FLOW_ROUTE_NUMBER_B, TEST_NUMBER_B, 0, NULL),
				 CARD_ERR_DENIED);
		assert_row("C16", FLOW_CLOSED);
		assert_int_equal(flow_identify_view(id).card, FLOW_CARD_INVALID);
		assert_true(has_code(table[i].code) && flow_identify_view(id).supervisor);
		assert_null(flow_identify_view(id).attributes);
		assert_string_equal(desk_journal(&d, "identity-check").result, "refused");
	}
}

/* C17 */
static void c17_a_card_pulled_away_is_placed_again(void **state)
{
	(void)state;
	begin("honnin", false);
	assert_ok(go(flow_identify_card(id, card.channel, FLOW_ROUTE_NUMBER_B)));
	card_sim_insert(card.sim, 9, CARD_SIM_TEAR_BEFORE);
	assert_int_not_equal(secret(FLOW_ROUTE_NUMBER_B, TEST_NUMBER_B, 0, NULL), CARD_OK);
	assert_row("C17", FLOW_CARD_WAITING);
	assert_null(flow_identify_view(id).attributes);
	card_sim_insert(card.sim, 0, CARD_SIM_TEAR_BEFORE);
	assert_ok(go(flow_identify_card(id, card.channel, FLOW_ROUTE_NUMBER_B)));
	assert_ok(secret(FLOW_ROUTE_NUMBER_B, TEST_NUMBER_B, 0, NULL));
	assert_row("C19", FLOW_COMPARING);
}

/* C18: a procedure that asks for the status. */
static void c18_a_status_that_is_not_good_makes_the_card_not_count(void **state)
{
	static const struct {
		enum flow_status status;
		const char *code;
		enum flow_card_result card;
		bool supervisor;
	} table[] = {{FLOW_STATUS_REVOKED, "revoked", FLOW_CARD_INVALID, false},
		     {FLOW_STATUS_ON_HOLD, "on_hold", FLOW_CARD_INVALID, true},
		     {FLOW_STATUS_SUSPENDED, "suspended", FLOW_CARD_INVALID, true},
		     {FLOW_STATUS_UNKNOWN, "status_unknown", FLOW_CARD_UNDETERMINED, false}};

	(void)state;
	require_checks(
		"honnin",
		"card_chain;record_signature;card_challenge;revocation;in_force;consistency");
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		status_is = table[i].status;
		new_check(false);
		begin("honnin", false);
		assert_ok(go(flow_identify_card(id, card.channel, FLOW_ROUTE_NUMBER_B)));
		assert_ok(secret(FLOW_ROUTE_NUMBER_B, TEST_NUMBER_B, 0, NULL));
		assert_row("C18", FLOW_EVIDENCE);
		assert_int_equal(flow_identify_view(id).card, table[i].card);
		assert_int_equal(flow_identify_view(id).supervisor, table[i].supervisor);
		assert_true(has_code(table[i].code));
		assert_null(flow_identify_view(id).face);
	}
	status_is = FLOW_STATUS_GOOD;
	new_check(false);
	to_comparing("honnin", false);
	assert_int_equal(flow_identify_view(id).check[FLOW_CHECK_REVOCATION], CARD_CHECK_PASS);
}

/* C18: a key id nobody knows is no failure. */
static void c18_an_unknown_issuer_is_undetermined(void **state)
{
	(void)state;
	use_card("test-person", "unknown-issuer");
	begin("honnin", false);
	assert_ok(go(flow_identify_card(id, card.channel, FLOW_ROUTE_NUMBER_B)));
	assert_ok(secret(FLOW_ROUTE_NUMBER_B, TEST_NUMBER_B, 0, NULL));
	assert_row("C18", FLOW_EVIDENCE);
	assert_int_equal(flow_identify_view(id).card, FLOW_CARD_UNDETERMINED);
	assert_true(has_code("issuer_unknown"));
}

/* C19, C20 on route PIN: no photo is read. */
static void c19_the_pin_opens_attributes_only(void **state)
{
	(void)state;
	begin("honnin", false);
	assert_ok(go(flow_identify_card(id, card.channel, FLOW_ROUTE_PIN)));
	assert_ok(secret(FLOW_ROUTE_PIN, TEST_TEXT_PIN, 0, NULL));
	assert_row("C19", FLOW_COMPARING);
	assert_null(flow_identify_view(id).face);
	assert_non_null(flow_identify_view(id).attributes);
	assert_int_equal(flow_identify_view(id).check[FLOW_CHECK_CONSISTENCY], CARD_CHECK_SKIPPED);
}

static void every_row_was_reached(void **state)
{
	(void)state;
	reached[6] = true; /* C06: test_identify_result.c */
	assert_rows_reached(1, 19);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(c01_an_operator_without_session_begins_nothing),
		T(c02_a_check_goes_through_and_is_written_before_and_after),
		T(c02_a_journal_that_cannot_be_written_stops_everything),
		T(c03_what_is_not_permitted_sends_no_command),
		T(c03_the_entity_class_decides),
		T(c05_an_agent_needs_the_list),
		T(c05_all_that_is_missing_is_named),
		T(c07_a_broken_chip_is_told_from_a_broken_reader),
		T(c08_another_token_counts_as_what_it_is),
		T(c09_the_certificate_route_never_yields_valid),
		T(c10_a_card_past_its_date_is_invalid_and_asks_for_no_secret),
		T(c11_c13_tries_are_sacred),
		T(c11_both_routes_locked_lead_to_evidence),
		T(c16_a_forged_card_ends_the_check),
		T(c17_a_card_pulled_away_is_placed_again),
		T(c18_a_status_that_is_not_good_makes_the_card_not_count),
		T(c18_an_unknown_issuer_is_undetermined),
		T(c19_the_pin_opens_attributes_only),
		cmocka_unit_test(every_row_was_reached),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
