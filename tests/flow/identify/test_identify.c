/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves the identity check row by row (flows ch. 2, C01–C25) on the virtual card, with a real
 * journal, operators and register. Each test names its rows; the last one sees that none is left.
 */
#include "desk.h"
#include "sim_card.h"

#include <cardflow/check.h>
#include <cardflow/identify.h>

static struct desk d;
static struct flow_rules rules;
static struct sim_card card;
static flow_identify_t *id;
static flow_register_t *reg;
static char token[FLOW_SESSION_TOKEN + 1];
static bool reached[26];
static enum flow_status status_is;

#define PERSONS "atena,name,address,birth_date,sex,alive,former_name,alias,prefecture,resident_code\n" \
	"A1,黒桐　幹也,東京都清瀬市,1980-02-17,1,yes,,,13,\n"
#define NUMBERS "atena,number,valid_from,valid_to\n"

static void seen(void)
{
	const char *row = flow_identify_view(id).row;

	if (row[0] == 'C')
		reached[strtol(row + 1, NULL, 10)] = true;
	assert_true(strlen(flow_identify_message(id, CARD_LANG_JA)) > 0);
}

/* Every step of these tests goes through here: the row it took is noted. */
static enum card_error go(enum card_error err)
{
	if (id != NULL)
		seen();
	return err;
}

static void assert_row(const char *row, enum flow_state state)
{
	assert_string_equal(flow_identify_view(id).row, row);
	assert_string_equal(flow_state_name(flow_identify_view(id).state), flow_state_name(state));
}

static bool has_code(const char *code)
{
	const struct flow_identify_view v = flow_identify_view(id);

	for (size_t i = 0; i < v.codes; i++) {
		if (strcmp(v.code[i], code) == 0)
			return true;
	}
	return false;
}

static enum flow_status tell_status(void *ctx, card_channel_t *ch)
{
	(void)ctx;
	(void)ch;
	return status_is;
}

static void new_check(bool with_register)
{
	const struct flow_identify_setup setup = {
		.rules = &rules, .store = d.store, .journal = d.journal, .terminal = "T1",
		.entity = FLOW_ENTITY_NUMBER_USER, .cas = card.cas, .reg = with_register ? reg : NULL,
		.status = status_is != FLOW_STATUS_UNKNOWN ? tell_status : NULL, .clock = desk_clock,
		.clock_ctx = &d};

	flow_identify_free(&id);
	assert_ok(flow_identify_new(&id, &setup));
}

static void use_card(const char *persona, const char *quirk)
{
	flow_identify_free(&id); /* it borrows the keys of the card before */
	sim_card_stop(&card);
	sim_card_start(&card, persona, quirk);
	assert_ok(card_channel_end(card.channel));
	new_check(false);
}

static void import(const char *numbers)
{
	struct flow_register_import got;
	char a[128], b[128];

	snprintf(a, sizeof a, "%s/p.csv", d.folder);
	snprintf(b, sizeof b, "%s/n.csv", d.folder);
	tree_write(a, PERSONS);
	tree_write(b, numbers);
	assert_ok(flow_register_import(d.store, a, b, NULL, &got, NULL));
}

static int start(void **state)
{
	(void)state;
	status_is = FLOW_STATUS_UNKNOWN;
	desk_start(&d);
	assert_ok(flow_checks_setup(d.store));
	assert_ok(flow_register_setup(d.store));
	assert_ok(flow_rules_read(&rules, tree_path("libcard/flow/rules/data"), NULL));
	assert_ok(desk_add(&d, "abe", "operator;reception", "kanri"));
	assert_ok(flow_right_grant(d.store, d.journal, "abe", "*", "inquiry", "kanri"));
	assert_ok(flow_right_grant(d.store, d.journal, "abe", "procedure:kokuho", "number", "kanri"));
	assert_ok(flow_right_grant(d.store, d.journal, "abe", "procedure:jido-teate", "number", "kanri"));
	import(NUMBERS "A1," TEST_NUMBER_A ",2015-10-05,\n");
	assert_ok(flow_register_open(&reg, d.store, FLOW_REGISTER_ATENA, "13"));
	assert_int_equal(desk_login(&d, "T1", "abe", DESK_PASSWORD, token), FLOW_LOGIN_OK);
	sim_card_start(&card, "test-person", NULL);
	assert_ok(card_channel_end(card.channel));
	new_check(false);
	return 0;
}

static int stop(void **state)
{
	long bad = -1;

	(void)state;
	flow_identify_free(&id);
	/* Whatever happened, the chain is whole and holds no number. */
	assert_ok(journal_check(d.journal, true, &bad));
	assert_int_equal(bad, 0);
	sim_card_stop(&card);
	flow_register_close(&reg);
	flow_rules_free(&rules);
	desk_stop(&d);
	return 0;
}

static void begin(const char *procedure, bool with_number)
{
	assert_ok(go(flow_identify_start(id, token, procedure, 0, with_number)));
	assert_row("C02", FLOW_AUTHORISED);
	assert_ok(go(flow_identify_presenter(id, NULL, "atena:A1")));
	assert_row("C04", FLOW_CARD_WAITING);
}

static enum card_error secret(enum flow_route route, const char *value, unsigned flags, int *tries)
{
	card_secret_t *s = sim_card_secret(value);
	const enum card_error err = go(flow_identify_secret(id, card.channel, route, s, flags, tries));

	card_secret_free(&s);
	return err;
}

/* As far as the comparison on route number B. */
static void to_comparing(const char *procedure, bool with_number)
{
	begin(procedure, with_number);
	assert_ok(go(flow_identify_card(id, card.channel, FLOW_ROUTE_NUMBER_B)));
	assert_row("C09", FLOW_SECRET);
	assert_ok(secret(FLOW_ROUTE_NUMBER_B, TEST_NUMBER_B, 0, NULL));
	assert_row("C19", FLOW_COMPARING);
	reached[14] = reached[15] = true; /* C14, C15: passed inside the step that led here */
}

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
	assert_ok(go(flow_identify_answer(id, FLOW_FACE_SAME, false)));
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
	const struct flow_identify_setup setup = {
		.rules = &rules, .store = d.store, .journal = d.journal, .terminal = "T1",
		.entity = FLOW_ENTITY_OTHER, .cas = card.cas, .clock = desk_clock, .clock_ctx = &d};

	(void)state;
	flow_identify_free(&id);
	assert_ok(flow_identify_new(&id, &setup));
	assert_int_equal(go(flow_identify_start(id, token, "jido-teate", 0, false)), CARD_ERR_DENIED);
	assert_true(has_code("entity_class"));
}

/* C05 */
static void c05_an_agent_needs_the_list(void **state)
{
	const struct flow_agent_document docs[] = {{.kind = "ininjo"}, {.kind = "agent-photo"}};
	struct flow_agent agent = {.agent_case = "V", .who = "relative", .visit = {2026, 4, 1},
				   .documents = docs, .n = 1};

	(void)state;
	assert_ok(go(flow_identify_start(id, token, "honnin", 0, false)));
	assert_int_equal(go(flow_identify_presenter(id, &agent, "case:1")), CARD_ERR_NOT_FOUND);
	assert_row("C05", FLOW_AUTHORISED);
	assert_string_equal(flow_identify_view(id).missing, "agent-photo");
	agent.n = 2;
	assert_ok(go(flow_identify_presenter(id, &agent, "case:1")));
	assert_row("C05", FLOW_CARD_WAITING);
	assert_string_equal(desk_journal(&d, "identity-check").reason, "presenter=agent:V");
}

/* C06, C23 */
static void c06_without_a_card_documents_decide(void **state)
{
	const struct flow_document licence = {.kind = "menkyo", .expiry = {2030, 1, 1}};

	(void)state;
	begin("honnin", false);
	assert_ok(go(flow_identify_no_card(id)));
	assert_row("C06", FLOW_EVIDENCE);
	assert_ok(go(flow_identify_evidence(id, &licence, 1)));
	assert_row("C23", FLOW_DECIDED);
	assert_int_equal(flow_identify_view(id).card, FLOW_CARD_NOT_USED);
	assert_int_equal(flow_identify_view(id).person, FLOW_PERSON_CONFIRMED);
	assert_ok(go(flow_identify_decide(id)));
}

/* C23 */
static void c23_too_little_evidence_is_refused_by_name(void **state)
{
	const struct flow_document one = {.kind = "shikaku-kakunin", .expiry = {2027, 1, 1}};
	const struct flow_document ended = {.kind = "hoken"};
	const struct flow_document both[] = {one, ended};

	(void)state;
	begin("honnin", false);
	assert_ok(go(flow_identify_no_card(id)));
	assert_int_equal(go(flow_identify_evidence(id, both, 2)), CARD_ERR_DENIED);
	assert_row("C23", FLOW_CLOSED);
	assert_string_equal(flow_identify_view(id).missing, "photo:1|any:2");
	assert_int_equal(flow_identify_view(id).evidence->document[1], FLOW_DOC_NOT_VALID_TODAY);
	assert_int_equal(flow_identify_view(id).person, FLOW_PERSON_UNDETERMINED);
	assert_string_equal(desk_journal(&d, "identity-check").phase, "outcome");
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
		assert_int_not_equal(go(flow_identify_card(id, card.channel, FLOW_ROUTE_NUMBER_B)), CARD_OK);
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
		assert_int_equal(secret(FLOW_ROUTE_NUMBER_B, TEST_NUMBER_B, 0, NULL), CARD_ERR_DENIED);
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
	char path[128], *text = NULL;
	size_t n = 0;
	FILE *in = fopen(tree_path("libcard/flow/rules/data/procedures.csv"), "re"), *out;
	char line[1024], *at;

	(void)state;
	assert_non_null(in);
	snprintf(path, sizeof path, "%s/procedures.csv", d.folder);
	out = open_memstream(&text, &n);
	while (fgets(line, sizeof line, in) != NULL) {
		at = strncmp(line, "honnin,", 7) == 0 ? strstr(line, "in_force") : NULL;
		if (at != NULL)
			fprintf(out, "%.*srevocation;%s", (int)(at - line), line, at);
		else
			fputs(line, out);
	}
	fclose(in);
	fclose(out);
	tree_write(path, text);
	free(text);
	flow_procedures_free(&rules.procedures);
	assert_ok(flow_procedures_read(&rules.procedures, path, rules.purposes, rules.evidence, NULL));
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

/* C21 */
static void c21_another_person_is_not_made_right_by_documents(void **state)
{
	const struct flow_document licence = {.kind = "menkyo", .expiry = {2030, 1, 1}};

	(void)state;
	to_comparing("honnin", false);
	assert_ok(go(flow_identify_answer(id, FLOW_FACE_DIFFERENT, false)));
	assert_row("C21", FLOW_EVIDENCE);
	assert_int_equal(flow_identify_view(id).person, FLOW_PERSON_REFUSED);
	assert_true(flow_identify_view(id).supervisor);
	assert_null(flow_identify_view(id).face); /* screen wiped */
	assert_int_equal(go(flow_identify_evidence(id, &licence, 1)), CARD_ERR_DENIED);
	assert_row("C23", FLOW_CLOSED);
	assert_int_equal(flow_identify_view(id).person, FLOW_PERSON_REFUSED);
	new_check(false);
	to_comparing("honnin", false);
	assert_ok(go(flow_identify_answer(id, FLOW_FACE_UNSURE, false)));
	assert_int_equal(flow_identify_view(id).person, FLOW_PERSON_UNDETERMINED);
	assert_ok(go(flow_identify_evidence(id, &licence, 1)));
	assert_int_equal(flow_identify_view(id).person, FLOW_PERSON_CONFIRMED);
	new_check(false);
	to_comparing("honnin", false);
	assert_ok(go(flow_identify_answer(id, FLOW_FACE_SAME, true)));
	assert_true(has_code("attribute_differs"));
	assert_int_equal(flow_identify_view(id).person, FLOW_PERSON_UNDETERMINED);
}

/* C21: no answer in 120 s. C25: idle anywhere else. */
static void c21_c25_time_runs_out(void **state)
{
	(void)state;
	to_comparing("honnin", false);
	d.now += FLOW_IDLE_SECONDS - 1;
	assert_ok(go(flow_identify_tick(id)));
	assert_row("C19", FLOW_COMPARING);
	d.now += 1;
	assert_ok(go(flow_identify_tick(id)));
	assert_row("C21", FLOW_EVIDENCE);
	assert_null(flow_identify_view(id).face);
	d.now += FLOW_IDLE_SECONDS;
	assert_ok(go(flow_identify_tick(id)));
	assert_row("C25", FLOW_CLOSED);
}

static void number_step(enum card_pin pin, const char *value, const char *atena)
{
	card_secret_t *s = sim_card_secret(value);

	assert_ok(go(flow_identify_number(id, card.channel, pin, s, 0, atena, NULL)));
	card_secret_free(&s);
	assert_row("C22", FLOW_DECIDED);
}

/* C22 */
static void c22_the_number_is_compared_in_the_register(void **state)
{
	static const struct {
		const char *numbers, *atena;
		enum flow_number_result want;
	} table[] = {
		{NUMBERS "A1," TEST_NUMBER_A ",2015-10-05,\n", "A1", FLOW_NUMBER_CONFIRMED},
		{NUMBERS "A1," TEST_NUMBER_A ",2015-10-05,2024-03-31\nA1,000000000000,2024-04-01,\n", "A1",
		 FLOW_NUMBER_CHANGED},
		{NUMBERS "A1,000000000000,2015-10-05,\n", "A1", FLOW_NUMBER_MISMATCH},
		{NUMBERS, "A1", FLOW_NUMBER_UNDETERMINED},
		{NUMBERS "A1," TEST_NUMBER_A ",2015-10-05,\n", "A7", FLOW_NUMBER_UNDETERMINED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		import(table[i].numbers);
		new_check(true);
		to_comparing("kokuho", true);
		assert_ok(go(flow_identify_answer(id, FLOW_FACE_SAME, false)));
		assert_row("C20", FLOW_NUMBER);
		number_step(CARD_PIN_TEXT_NUMBER_A, TEST_NUMBER_A, table[i].atena);
		assert_int_equal(flow_identify_view(id).number, table[i].want);
		if (table[i].want == FLOW_NUMBER_CHANGED)
			assert_int_equal(card_date_compare(flow_identify_view(id).number_since,
							   (struct card_date){2024, 4, 1}), 0);
		assert_ok(go(flow_identify_decide(id)));
	}
	assert_int_equal(desk_journal(&d, "correction-case").n, 1);
	assert_int_equal(desk_journal(&d, "provision").n, 5);
}

/* C22 without a register: ladder step 1 (rules 3.2), and the number on a form proves nothing. */
static void c22_without_a_register_only_the_card_proves_the_number(void **state)
{
	const struct flow_document licence = {.kind = "menkyo", .expiry = {2030, 1, 1}};
	const struct flow_document docs[] = {licence, {.kind = "juminhyo-bango"}};
	card_secret_t *typed = sim_card_secret(TEST_NUMBER_A), *wrong = sim_card_secret("537686677189");

	(void)state;
	to_comparing("kokuho", true);
	assert_ok(go(flow_identify_answer(id, FLOW_FACE_SAME, false)));
	number_step(CARD_PIN_TEXT, TEST_TEXT_PIN, NULL);
	assert_int_equal(flow_identify_view(id).number, FLOW_NUMBER_CONFIRMED);
	new_check(false); /* ladder 2b: 住民票の写し with number and a photo document */
	begin("kokuho", true);
	assert_ok(go(flow_identify_no_card(id)));
	assert_ok(go(flow_identify_evidence(id, docs, 2)));
	assert_row("C23", FLOW_DECIDED);
	assert_int_equal(flow_identify_view(id).number, FLOW_NUMBER_CONFIRMED);
	for (int with = 0; with < 2; with++) { /* ladder 3: register against the form */
		const struct flow_document tsuchi[] = {licence, {.kind = "tsuchi-card"}};

		new_check(with == 1);
		begin("tennyu", false);
		assert_ok(go(flow_identify_no_card(id)));
		assert_ok(go(flow_identify_evidence(id, tsuchi, 2)));
		assert_int_equal(flow_identify_view(id).evidence->document[1], FLOW_DOC_REGISTER);
		assert_ok(go(flow_identify_decide(id)));
	}
	assert_int_equal(flow_identify_number(id, NULL, CARD_PIN_TEXT, wrong, 0, "A1", NULL),
			 CARD_ERR_BAD_STATE);
	card_secret_free(&typed);
	card_secret_free(&wrong);
}

/* C24 */
static void c24_two_more_people_look_at_it(void **state)
{
	char kanri[FLOW_SESSION_TOKEN + 1], bando[FLOW_SESSION_TOKEN + 1], chiba[FLOW_SESSION_TOKEN + 1];
	char record[64];
	struct flow_check_record r;
	const char *code;

	(void)state;
	assert_ok(desk_add(&d, "bando", "checker", "kanri"));
	assert_ok(desk_add(&d, "chiba", "internal", "kanri"));
	to_comparing("tennyu", false);
	assert_ok(go(flow_identify_answer(id, FLOW_FACE_SAME, false)));
	snprintf(record, sizeof record, "%s", flow_identify_view(id).record_id);
	assert_ok(go(flow_identify_decide(id)));
	assert_row("C24", FLOW_RECEIVED);
	/* B = A refused; somebody without session; without the role; next day before same day. */
	assert_int_equal(flow_check_review(d.store, d.journal, "T1", token, record, d.now, &code),
			 CARD_ERR_DENIED);
	assert_string_equal(code, "checker_is_receiver");
	assert_int_equal(flow_check_review(d.store, d.journal, "T1", "bando", record, d.now, &code),
			 CARD_ERR_DENIED);
	assert_string_equal(code, "no_session");
	assert_int_equal(desk_login(&d, "T1", "kanri", DESK_PASSWORD, kanri), FLOW_LOGIN_OK);
	assert_int_equal(flow_check_review(d.store, d.journal, "T1", kanri, record, d.now, &code),
			 CARD_ERR_DENIED);
	assert_string_equal(code, "not_checker");
	assert_int_equal(desk_login(&d, "T1", "bando", DESK_PASSWORD, bando), FLOW_LOGIN_OK);
	assert_ok(flow_check_review(d.store, d.journal, "T1", bando, record, d.now, &code));
	assert_ok(flow_check_get(d.store, record, &r));
	assert_string_equal(r.state, "checked_same_day");
	assert_int_equal(desk_login(&d, "T1", "chiba", DESK_PASSWORD, chiba), FLOW_LOGIN_OK);
	assert_int_equal(flow_check_review(d.store, d.journal, "T1", chiba, record, d.now, &code),
			 CARD_ERR_DENIED);
	assert_string_equal(code, "same_day");
	d.now += 86400;
	assert_int_equal(desk_login(&d, "T1", "chiba", DESK_PASSWORD, chiba), FLOW_LOGIN_OK);
	assert_ok(flow_check_review(d.store, d.journal, "T1", chiba, record, d.now, &code));
	assert_ok(flow_check_get(d.store, record, &r));
	assert_string_equal(r.state, "closed");
	assert_string_equal(r.first, "bando");
	assert_string_equal(r.second, "chiba");
}

static enum card_error count_check(void *ctx, const struct flow_check_record *r)
{
	(void)r;
	++*(size_t *)ctx;
	return CARD_OK;
}

/* C24: discrepancy, correction as a new version, overdue list. */
static void c24_a_discrepancy_goes_back_and_time_is_watched(void **state)
{
	char bando[FLOW_SESSION_TOKEN + 1], record[64];
	struct flow_check_record r;
	const char *code;
	size_t late = 0;

	(void)state;
	assert_ok(desk_add(&d, "bando", "checker", "kanri"));
	to_comparing("jido-teate", false);
	assert_ok(go(flow_identify_answer(id, FLOW_FACE_SAME, false)));
	snprintf(record, sizeof record, "%s", flow_identify_view(id).record_id);
	assert_ok(go(flow_identify_decide(id)));
	assert_int_equal(desk_login(&d, "T1", "bando", DESK_PASSWORD, bando), FLOW_LOGIN_OK);
	assert_ok(flow_check_return(d.store, d.journal, "T1", bando, record, "続柄が違う", d.now, &code));
	assert_int_equal(flow_check_review(d.store, d.journal, "T1", bando, record, d.now, &code),
			 CARD_ERR_DENIED);
	/* 2026-04-01 is a Wednesday: overdue from Friday on. */
	assert_ok(flow_check_overdue(d.store, NULL, (struct card_date){2026, 4, 2}, count_check, &late));
	assert_int_equal(late, 0);
	assert_ok(flow_check_overdue(d.store, NULL, (struct card_date){2026, 4, 3}, count_check, &late));
	assert_int_equal(late, 1);
	assert_ok(flow_check_correct(d.store, d.journal, "T1", token, record,
				     "card=valid;person=confirmed;number=not_asked", "続柄を訂正", d.now,
				     &code));
	assert_ok(flow_check_get(d.store, record, &r));
	assert_int_equal(r.version, 2);
	assert_string_equal(r.state, "received");
	assert_ok(flow_check_review(d.store, d.journal, "T1", bando, record, d.now, &code));
	assert_ok(flow_check_get(d.store, record, &r));
	assert_string_equal(r.state, "closed"); /* same-day only */
}

/* C25 */
static void c25_a_cancelled_check_says_how_far_it_went(void **state)
{
	struct desk_seen s;

	(void)state;
	to_comparing("honnin", false);
	assert_ok(go(flow_identify_cancel(id)));
	assert_row("C25", FLOW_CLOSED);
	assert_null(flow_identify_view(id).face);
	s = desk_journal(&d, "identity-check");
	assert_string_equal(s.phase, "outcome");
	assert_non_null(strstr(s.code, "cancelled"));
	assert_non_null(strstr(s.reason, "in comparing"));
	new_check(false);
	begin("honnin", false);
	flow_identify_free(&id); /* a caller that goes away leaves no open INTENT */
	assert_non_null(strstr(desk_journal(&d, "identity-check").code, "cancelled"));
	new_check(false);
}

/* An event without a row changes nothing and is journaled. */
static void an_event_without_a_row_changes_nothing(void **state)
{
	card_secret_t *s = sim_card_secret(TEST_TEXT_PIN);

	(void)state;
	assert_int_equal(flow_identify_decide(id), CARD_ERR_BAD_STATE);
	begin("honnin", false);
	assert_int_equal(flow_identify_decide(id), CARD_ERR_BAD_STATE);
	assert_int_equal(flow_identify_answer(id, FLOW_FACE_SAME, false), CARD_ERR_BAD_STATE);
	assert_int_equal(flow_identify_start(id, token, "honnin", 0, false), CARD_ERR_BAD_STATE);
	assert_int_equal(flow_identify_secret(id, card.channel, FLOW_ROUTE_PIN, s, 0, NULL),
			 CARD_ERR_BAD_STATE);
	assert_int_equal(flow_identify_number(id, card.channel, CARD_PIN_TEXT, s, 0, NULL, NULL),
			 CARD_ERR_BAD_STATE);
	assert_row("C04", FLOW_CARD_WAITING);
	assert_string_equal(desk_journal(&d, "identity-check").code, "bad_state");
	card_secret_free(&s);
}

/* No 個人番号, 照合番号, PIN, name or address in any file of the store. */
static void nothing_of_the_person_is_in_the_store(void **state)
{
	static const char *const words[] = {TEST_NUMBER_A, TEST_NUMBER_B, "黒桐", "清瀬市観布子", "atena:A1"};
	char command[400];

	(void)state;
	import("atena,number,valid_from,valid_to\n");
	assert_ok(flow_store_script(d.store, "DELETE FROM register_person"));
	to_comparing("kokuho", true);
	assert_ok(go(flow_identify_answer(id, FLOW_FACE_SAME, false)));
	number_step(CARD_PIN_TEXT, TEST_TEXT_PIN, NULL);
	assert_ok(go(flow_identify_decide(id)));
	assert_ok(flow_store_script(d.store, "PRAGMA wal_checkpoint(TRUNCATE);VACUUM"));
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		snprintf(command, sizeof command, "grep -q -a '%s' %s", words[i], d.path);
		assert_int_not_equal(system(command), 0);
	}
}

static void every_row_was_reached(void **state)
{
	(void)state;
	for (int row = 1; row <= 25; row++) {
		if (!reached[row])
			fail_msg("C%02d was reached by no test", row);
	}
}

#define T(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(c01_an_operator_without_session_begins_nothing),
		T(c02_a_check_goes_through_and_is_written_before_and_after),
		T(c02_a_journal_that_cannot_be_written_stops_everything),
		T(c03_what_is_not_permitted_sends_no_command),
		T(c03_the_entity_class_decides),
		T(c05_an_agent_needs_the_list),
		T(c06_without_a_card_documents_decide),
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
		T(c21_another_person_is_not_made_right_by_documents),
		T(c21_c25_time_runs_out),
		T(c22_the_number_is_compared_in_the_register),
		T(c22_without_a_register_only_the_card_proves_the_number),
		T(c23_too_little_evidence_is_refused_by_name),
		T(c24_two_more_people_look_at_it),
		T(c24_a_discrepancy_goes_back_and_time_is_watched),
		T(c25_a_cancelled_check_says_how_far_it_went),
		T(an_event_without_a_row_changes_nothing),
		T(nothing_of_the_person_is_in_the_store),
		cmocka_unit_test(every_row_was_reached),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
