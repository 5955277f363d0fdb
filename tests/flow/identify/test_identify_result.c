/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves the identity check row by row, from the comparison to the end (flows ch. 2, C06, C20–C25),
 * and that nothing of the person is left. Each test names its rows; the last sees that none is left.
 */
#include "counter.h"

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

/* C21 */
static void c21_another_person_is_not_made_right_by_documents(void **state)
{
	const struct flow_document licence = {.kind = "menkyo", .expiry = {2030, 1, 1}};

	(void)state;
	to_comparing("honnin", false);
	assert_ok(go(flow_identify_answer(id, FLOW_FACE_DIFFERENT, FLOW_SEEN_SAME)));
	assert_row("C21", FLOW_EVIDENCE);
	assert_int_equal(flow_identify_view(id).person, FLOW_PERSON_REFUSED);
	assert_true(flow_identify_view(id).supervisor);
	assert_null(flow_identify_view(id).face); /* screen wiped */
	assert_int_equal(go(flow_identify_evidence(id, &licence, 1)), CARD_ERR_DENIED);
	assert_row("C23", FLOW_CLOSED);
	assert_int_equal(flow_identify_view(id).person, FLOW_PERSON_REFUSED);
	new_check(false);
	to_comparing("honnin", false);
	assert_ok(go(flow_identify_answer(id, FLOW_FACE_UNSURE, FLOW_SEEN_SAME)));
	assert_int_equal(flow_identify_view(id).person, FLOW_PERSON_UNDETERMINED);
	assert_ok(go(flow_identify_evidence(id, &licence, 1)));
	assert_int_equal(flow_identify_view(id).person, FLOW_PERSON_CONFIRMED);
	new_check(false);
	to_comparing("honnin", false);
	assert_ok(go(flow_identify_answer(id, FLOW_FACE_SAME, FLOW_SEEN_TEXT)));
	assert_true(has_code("attribute_differs"));
	assert_int_equal(flow_identify_view(id).person, FLOW_PERSON_UNDETERMINED);
	new_check(false);
	to_comparing("honnin", false);
	assert_ok(go(flow_identify_answer(id, FLOW_FACE_SAME, FLOW_SEEN_PRINT)));
	assert_true(has_code("face_tampered") && flow_identify_view(id).supervisor);
	new_check(false);
	to_comparing("honnin", false);
	assert_ok(go(flow_identify_answer(id, FLOW_FACE_SAME, FLOW_SEEN_ADDRESS)));
	assert_true(has_code("address_not_endorsed"));
	assert_row("C21", FLOW_EVIDENCE);
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
		{NUMBERS "A1," TEST_NUMBER_A
			 ",2015-10-05,2024-03-31\nA1,000000000000,2024-04-01,\n",
		 "A1", FLOW_NUMBER_CHANGED},
		{NUMBERS "A1,000000000000,2015-10-05,\n", "A1", FLOW_NUMBER_MISMATCH},
		{NUMBERS, "A1", FLOW_NUMBER_UNDETERMINED},
		{NUMBERS "A1," TEST_NUMBER_A ",2015-10-05,\n", "A7", FLOW_NUMBER_UNDETERMINED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		import(table[i].numbers);
		new_check(true);
		to_comparing("kokuho", true);
		assert_ok(go(flow_identify_answer(id, FLOW_FACE_SAME, FLOW_SEEN_SAME)));
		assert_row("C20", FLOW_NUMBER);
		number_step(CARD_PIN_TEXT_NUMBER_A, TEST_NUMBER_A, table[i].atena);
		assert_int_equal(flow_identify_view(id).number, table[i].want);
		if (table[i].want == FLOW_NUMBER_CHANGED)
			assert_int_equal(card_date_compare(flow_identify_view(id).number_since,
							   (struct card_date){2024, 4, 1}),
					 0);
		assert_ok(go(flow_identify_decide(id)));
	}
	assert_int_equal(desk_journal(&d, "correction-case").n, 1);
	assert_int_equal(desk_journal(&d, "provision").n, 5);
}

static enum card_error keep_case(void *ctx, const struct flow_case *c)
{
	*(struct flow_case *)ctx = *c;
	return CARD_OK;
}

/* C22: changed: the history is shown, a correction case is opened and closed by somebody. */
static void c22_a_changed_number_opens_a_case(void **state)
{
	struct flow_identify_view v;
	struct flow_case c = {.id = ""};
	const char *code;

	(void)state;
	import(NUMBERS "A1," TEST_NUMBER_A ",2015-10-05,2024-03-31\nA1,000000000000,2024-04-01,\n");
	new_check(true);
	to_comparing("kokuho", true);
	assert_ok(go(flow_identify_answer(id, FLOW_FACE_SAME, FLOW_SEEN_SAME)));
	number_step(CARD_PIN_TEXT, TEST_TEXT_PIN, NULL); /* name and birth date find the person */
	v = flow_identify_view(id);
	assert_int_equal(v.number, FLOW_NUMBER_CHANGED);
	assert_int_equal(v.periods, 2);
	assert_int_equal(card_date_compare(v.history[0].to, (struct card_date){2024, 3, 31}), 0);
	assert_false(card_date_valid(v.history[1].to));
	assert_int_equal(v.ladder[FLOW_LADDER_CARD], FLOW_LADDER_CONFIRMED);
	assert_int_equal(v.ladder[FLOW_LADDER_ATENA], FLOW_LADDER_CHANGED);
	assert_int_equal(v.ladder[FLOW_LADDER_JUKI], FLOW_LADDER_NOT_TRIED);
	assert_ok(flow_case_list(d.store, false, keep_case, &c));
	assert_string_equal(c.id, v.record_id);
	assert_string_equal(c.kind, "number_changed");
	assert_string_equal(c.subject, "atena:A1");
	assert_int_equal(card_date_compare(c.since, (struct card_date){2024, 4, 1}), 0);
	assert_int_equal(flow_case_close(d.store, d.journal, "T1", "nobody", c.id, "旧カード回収",
					 d.now, &code),
			 CARD_ERR_DENIED);
	assert_ok(flow_case_close(d.store, d.journal, "T1", token, c.id, "旧カード回収", d.now,
				  &code));
	assert_int_equal(flow_case_close(d.store, d.journal, "T1", token, c.id, "旧カード回収",
					 d.now, &code),
			 CARD_ERR_BAD_STATE);
	assert_int_equal(
		flow_case_close(d.store, d.journal, "T1", token, "T1-9", "x", d.now, &code),
		CARD_ERR_NOT_FOUND);
	memset(&c, 0, sizeof c);
	assert_ok(flow_case_list(d.store, false, keep_case, &c));
	assert_string_equal(c.id, "");
	assert_ok(flow_case_list(d.store, true, keep_case, &c));
	assert_string_equal(c.subject, ""); /* gone with its reason */
	assert_string_equal(c.closed_by, "abe");
}

/* C20, C22: the register's name is compared; marked differences are passed over, others are not. */
static void c22_the_name_in_the_register_is_compared(void **state)
{
	static const struct {
		const char *person;
		unsigned marks;
		enum flow_number_result number;
		const char *code;
	} table[] = {
		{"黒桐　幹也,東京都,1980-02-17,1,yes,,", 0, FLOW_NUMBER_CONFIRMED, "number_equal"},
		{"黒桐幹也,東京都,1980-02-17,1,yes,,", FLOW_NAME_SPACING, FLOW_NUMBER_CONFIRMED,
		 "name_marked"},
		{"黒〓　幹也,東京都,1980-02-17,1,yes,,", FLOW_NAME_SUBSTITUTED,
		 FLOW_NUMBER_CONFIRMED, "name_marked"},
		{"両儀　幹也,東京都,1980-02-17,1,yes,黒桐　幹也,", FLOW_NAME_FORMER,
		 FLOW_NUMBER_CONFIRMED, "name_marked"},
		{"両儀　式,東京都,1980-02-17,1,yes,,", 0, FLOW_NUMBER_UNDETERMINED, "name_differs"},
		{"黒桐　幹也,東京都,1981-02-17,1,yes,,", 0, FLOW_NUMBER_UNDETERMINED,
		 "birth_differs"},
	};
	char a[128], b[128], text[512];
	struct flow_register_import got;

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		snprintf(a, sizeof a, "%s/p.csv", d.folder);
		snprintf(b, sizeof b, "%s/n.csv", d.folder);
		snprintf(text, sizeof text,
			 "atena,name,address,birth_date,sex,alive,former_name,alias,prefecture,"
			 "resident_code\nA1,%s,13,\n",
			 table[i].person);
		tree_write(a, text);
		tree_write(b, NUMBERS "A1," TEST_NUMBER_A ",2015-10-05,\n");
		assert_ok(flow_register_import(
			d.store, &(struct flow_register_source){.persons = a, .numbers = b}, &got,
			NULL));
		new_check(true);
		to_comparing("kokuho", true);
		assert_ok(go(flow_identify_answer(id, FLOW_FACE_SAME, FLOW_SEEN_SAME)));
		number_step(CARD_PIN_TEXT, TEST_TEXT_PIN, "A1");
		assert_int_equal(flow_identify_view(id).number, table[i].number);
		assert_int_equal(flow_identify_view(id).name_marks, table[i].marks);
		assert_true(flow_identify_view(id).name_compared);
		assert_true(has_code(table[i].code));
		assert_int_equal(flow_identify_view(id).supervisor,
				 table[i].number != FLOW_NUMBER_CONFIRMED);
	}
}

/* C22: each step of the ladder only if the one before could not tell; every one that was tried is kept. */
static void c22_silent_registers_hand_on_to_the_next(void **state)
{
	flow_register_t *empty = NULL, *juki = NULL, *net = NULL;
	flow_store_t *other = NULL;
	struct flow_check_record r;
	char path[128], record[64];

	(void)state;
	snprintf(path, sizeof path, "%s/other.db", d.folder);
	assert_ok(flow_store_open(&other, path, FLOW_STORE_CREATE, NULL));
	assert_ok(flow_register_setup(other));
	assert_ok(flow_register_open(&empty, other, FLOW_REGISTER_ATENA, "13"));
	assert_ok(flow_register_open(&juki, d.store, FLOW_REGISTER_JUKI, "13"));
	assert_ok(flow_register_open(&net, d.store, FLOW_REGISTER_JUKINET, "13"));
	for (int with_juki = 1; with_juki >= 0; with_juki--) {
		const struct flow_identify_setup setup = {.rules = &rules,
							  .store = d.store,
							  .journal = d.journal,
							  .terminal = "T1",
							  .entity = FLOW_ENTITY_NUMBER_USER,
							  .cas = card.cas,
							  .reg = empty,
							  .juki = with_juki ? juki : NULL,
							  .jukinet = net,
							  .clock = desk_clock,
							  .clock_ctx = &d};

		flow_identify_free(&id);
		assert_ok(flow_identify_new(&id, &setup));
		to_comparing("kokuho", true);
		assert_ok(go(flow_identify_answer(id, FLOW_FACE_SAME, FLOW_SEEN_SAME)));
		number_step(CARD_PIN_TEXT, TEST_TEXT_PIN, "A1");
		assert_int_equal(flow_identify_view(id).ladder[FLOW_LADDER_ATENA],
				 FLOW_LADDER_UNDETERMINED);
		if (with_juki) {
			assert_int_equal(flow_identify_view(id).number, FLOW_NUMBER_CONFIRMED);
			assert_int_equal(flow_identify_view(id).ladder[FLOW_LADDER_JUKI],
					 FLOW_LADDER_CONFIRMED);
			assert_int_equal(flow_identify_view(id).ladder[FLOW_LADDER_JUKINET],
					 FLOW_LADDER_NOT_TRIED);
		} else { /* this procedure has no purpose in the catalogue */
			assert_int_equal(flow_identify_view(id).number, FLOW_NUMBER_UNDETERMINED);
			assert_int_equal(flow_identify_view(id).ladder[FLOW_LADDER_JUKINET],
					 FLOW_LADDER_REFUSED);
			assert_true(has_code("purpose_unknown"));
		}
		snprintf(record, sizeof record, "%s", flow_identify_view(id).record_id);
		assert_ok(go(flow_identify_decide(id)));
		assert_ok(flow_check_get(d.store, record, &r));
		assert_non_null(strstr(r.detail, "ladder-1=confirmed;ladder-3=undetermined;"));
		assert_non_null(strstr(r.detail, with_juki ? "ladder-4-juki=confirmed"
							   : "ladder-4-jukinet=refused"));
	}
	flow_identify_free(&id);
	flow_register_close(&empty);
	flow_register_close(&juki);
	flow_register_close(&net);
	flow_store_close(&other);
	new_check(false);
}

/* C05, C22: the number on the agent's card is another person's. */
static void c22_an_agents_card_tells_no_number_of_the_subject(void **state)
{
	const struct flow_agent_document docs[] = {{.kind = "ininjo"}, {.kind = "agent-photo"}};
	const struct flow_agent agent = {
		.agent_case = "V", .who = "relative", .documents = docs, .n = 2};
	card_secret_t *pin = sim_card_secret(TEST_TEXT_PIN), *form = sim_card_secret(TEST_NUMBER_A);
	unsigned before;

	(void)state;
	new_check(true);
	assert_ok(go(flow_identify_start(id, token, "kokuho", 0, true)));
	assert_ok(go(flow_identify_presenter(id, &agent, "atena:A1")));
	assert_ok(go(flow_identify_card(id, card.channel, FLOW_ROUTE_NUMBER_B)));
	assert_ok(secret(FLOW_ROUTE_NUMBER_B, TEST_NUMBER_B, 0, NULL));
	assert_ok(go(flow_identify_answer(id, FLOW_FACE_SAME, FLOW_SEEN_SAME)));
	before = sim_card_commands(&card);
	assert_int_equal(flow_identify_number(id, card.channel, CARD_PIN_TEXT, pin, 0, "A1", NULL),
			 CARD_ERR_DENIED);
	assert_int_equal(sim_card_commands(&card), before);
	assert_ok(go(flow_identify_number(id, NULL, CARD_PIN_TEXT, form, 0, "A1", NULL)));
	assert_row("C22", FLOW_DECIDED);
	assert_int_equal(flow_identify_view(id).number, FLOW_NUMBER_CONFIRMED);
	assert_false(
		flow_identify_view(id).name_compared); /* the name on the card is the agent's */
	card_secret_free(&pin);
	card_secret_free(&form);
}

/* C22 without a register: ladder step 1 (rules 3.2), and the number on a form proves nothing. */
static void c22_without_a_register_only_the_card_proves_the_number(void **state)
{
	const struct flow_document licence = {.kind = "menkyo", .expiry = {2030, 1, 1}};
	const struct flow_document docs[] = {licence, {.kind = "juminhyo-bango"}};
	card_secret_t *typed = sim_card_secret(TEST_NUMBER_A),
		      *wrong = sim_card_secret("537686677189");

	(void)state;
	to_comparing("kokuho", true);
	assert_ok(go(flow_identify_answer(id, FLOW_FACE_SAME, FLOW_SEEN_SAME)));
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
	char kanri[FLOW_SESSION_TOKEN + 1], bando[FLOW_SESSION_TOKEN + 1],
		chiba[FLOW_SESSION_TOKEN + 1];
	char record[64];
	struct flow_check_record r;
	const char *code;

	(void)state;
	assert_ok(desk_add(&d, "bando", "checker", "kanri"));
	assert_ok(desk_add(&d, "chiba", "internal", "kanri"));
	to_comparing("tennyu", false);
	assert_ok(go(flow_identify_answer(id, FLOW_FACE_SAME, FLOW_SEEN_SAME)));
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
	assert_ok(go(flow_identify_answer(id, FLOW_FACE_SAME, FLOW_SEEN_SAME)));
	snprintf(record, sizeof record, "%s", flow_identify_view(id).record_id);
	assert_ok(go(flow_identify_decide(id)));
	assert_int_equal(desk_login(&d, "T1", "bando", DESK_PASSWORD, bando), FLOW_LOGIN_OK);
	assert_ok(flow_check_return(d.store, d.journal, "T1", bando, record, "続柄が違う", d.now,
				    &code));
	assert_int_equal(flow_check_review(d.store, d.journal, "T1", bando, record, d.now, &code),
			 CARD_ERR_DENIED);
	/* 2026-04-01 is a Wednesday: overdue from Friday on. */
	assert_ok(flow_check_overdue(d.store, NULL, (struct card_date){2026, 4, 2}, count_check,
				     &late));
	assert_int_equal(late, 0);
	assert_ok(flow_check_overdue(d.store, NULL, (struct card_date){2026, 4, 3}, count_check,
				     &late));
	assert_int_equal(late, 1);
	assert_ok(flow_check_correct(d.store, d.journal, "T1", token, record,
				     "card=valid;person=confirmed;number=not_asked", "続柄を訂正",
				     d.now, &code));
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
	assert_int_equal(flow_identify_answer(id, FLOW_FACE_SAME, FLOW_SEEN_SAME),
			 CARD_ERR_BAD_STATE);
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
	static const char *const words[] = {TEST_NUMBER_A, TEST_NUMBER_B, "黒桐", "清瀬市観布子",
					    "atena:A1"};
	char command[400];

	(void)state;
	import("atena,number,valid_from,valid_to\n");
	assert_ok(flow_store_script(d.store, "DELETE FROM register_person"));
	to_comparing("kokuho", true);
	assert_ok(go(flow_identify_answer(id, FLOW_FACE_SAME, FLOW_SEEN_SAME)));
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
	assert_rows_reached(6, 6);
	assert_rows_reached(20, 25);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(c06_without_a_card_documents_decide),
		T(c23_too_little_evidence_is_refused_by_name),
		T(c21_another_person_is_not_made_right_by_documents),
		T(c21_c25_time_runs_out),
		T(c22_the_number_is_compared_in_the_register),
		T(c22_a_changed_number_opens_a_case),
		T(c22_the_name_in_the_register_is_compared),
		T(c22_silent_registers_hand_on_to_the_next),
		T(c22_an_agents_card_tells_no_number_of_the_subject),
		T(c22_without_a_register_only_the_card_proves_the_number),
		T(c24_two_more_people_look_at_it),
		T(c24_a_discrepancy_goes_back_and_time_is_watched),
		T(c25_a_cancelled_check_says_how_far_it_went),
		T(an_event_without_a_row_changes_nothing),
		T(nothing_of_the_person_is_in_the_store),
		cmocka_unit_test(every_row_was_reached),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
