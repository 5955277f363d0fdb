/* SPDX-License-Identifier: Apache-2.0 */
/* Proves documents, policies, agents (rules 3.2–3.4, TV-09), assessment classes (8.3), check digits
 * and opening days (PD-13). */
#include "test.h"
#include "tree.h"

#include <stdio.h>

#include <cardflow/digits.h>
#include <cardflow/rules.h>

static struct flow_rules rules;
static const struct card_date today = {2025, 6, 2};

static struct card_date day(int y, int m, int d)
{
	return (struct card_date){(int16_t)y, (uint8_t)m, (uint8_t)d};
}

static int start(void **state)
{
	(void)state;
	return flow_rules_read(&rules, tree_path("libcard/flow/rules/data"), NULL) == CARD_OK ? 0
											      : -1;
}

static int stop(void **state)
{
	(void)state;
	flow_rules_free(&rules);
	return 0;
}

static struct flow_evidence_answer judge(const char *policy, struct card_date d,
					 const struct flow_document *docs, size_t n)
{
	struct flow_evidence_answer a;

	assert_ok(flow_evidence_judge(rules.evidence, policy, d, docs, n, false, &a));
	return a;
}

#define JUDGE(policy, ...)                                                                         \
	judge(policy, today, (const struct flow_document[]){__VA_ARGS__},                          \
	      sizeof((const struct flow_document[]){__VA_ARGS__}) / sizeof(struct flow_document))
#define LICENCE                                                                                    \
	{                                                                                          \
		.kind = "menkyo", .expiry = { 2027, 1, 1 }                                         \
	}

static void evidence_counts_as_the_policy_says(void **state)
{
	(void)state; /* the tests of rules 3.3, word for word */
	assert_true(JUDGE("notice", LICENCE).fulfilled);
	assert_false(JUDGE("notice", {.kind = "hoken"}).fulfilled);
	assert_string_equal(JUDGE("notice", {.kind = "hoken"}).missing, "photo:1|any:2");
	assert_true(JUDGE("notice", {.kind = "hoken"}, {.kind = "gakusei"}).fulfilled);
	assert_int_equal(JUDGE("notice", {.kind = "hoken"}, {.kind = "hoken"}).document[1],
			 FLOW_DOC_TWICE);
	assert_false(JUDGE("notice", {.kind = "hoken"}, {.kind = "hoken"}).fulfilled);
	assert_false(JUDGE("notice", {.kind = "tsuchi-card", .register_equal = true}).fulfilled);
	assert_int_equal(JUDGE("notice", {.kind = "menkyo", .expiry = {2025, 6, 1}}).document[0],
			 FLOW_DOC_EXPIRED);
	assert_true(JUDGE("notice", {.kind = "menkyo", .expiry = {2025, 6, 2}}).fulfilled);
	assert_int_equal(JUDGE("notice", {.kind = "menkyo"}).document[0], FLOW_DOC_NO_EXPIRY);
	assert_int_equal(JUDGE("notice", {.kind = "menkyo", .expiry = {2027, 1, 1}, .copy = true})
				 .document[0],
			 FLOW_DOC_COPY);
	assert_int_equal(JUDGE("notice", {.kind = "tegami"}).document[0], FLOW_DOC_UNKNOWN_KIND);
	assert_false(JUDGE("photo-only", {.kind = "hoken"}, {.kind = "gakusei"}).fulfilled);
}

static void a_card_number_needs_its_ladder(void **state)
{
	struct flow_evidence_answer a;
	const struct flow_document card = {.kind = "kojin-bango-card", .expiry = {2030, 1, 1}};

	(void)state; /* rules 3.2: 1, 2, 2b; PD-12 */
	a = JUDGE("number", {.kind = "tsuchi-card", .register_equal = true}, LICENCE);
	assert_true(a.fulfilled && a.number_proven);
	a = JUDGE("number", {.kind = "tsuchi-card"}, LICENCE);
	assert_int_equal(a.document[0], FLOW_DOC_REGISTER);
	assert_false(a.fulfilled);
	assert_true(JUDGE("number", {.kind = "juminhyo-bango"}, LICENCE).fulfilled);
	assert_false(JUDGE("number", {.kind = "juminhyo-bango"}).fulfilled);
	a = JUDGE("number", {.kind = "bango-tsuchisho"}, LICENCE);
	assert_int_equal(a.document[0], FLOW_DOC_NEVER);
	assert_false(a.fulfilled);
	assert_ok(flow_evidence_judge(rules.evidence, "number", today, &card, 1, false, &a));
	assert_int_equal(a.document[0], FLOW_DOC_CHIP);
	assert_false(a.fulfilled);
	assert_ok(flow_evidence_judge(rules.evidence, "number", today, &card, 1, true, &a));
	assert_true(a.fulfilled);
	assert_int_equal(flow_evidence_judge(rules.evidence, "nanika", today, &card, 1, true, &a),
			 CARD_ERR_NOT_FOUND);
}

static void a_kind_of_document_ends_on_its_day(void **state)
{
	const struct flow_document hoken = {.kind = "hoken"};
	const struct flow_document juki = {.kind = "juki-card", .expiry = {2026, 3, 1}};

	(void)state;
	assert_int_equal(judge("notice", day(2025, 12, 1), &hoken, 1).document[0],
			 FLOW_DOC_ACCEPTED);
	assert_int_equal(judge("notice", day(2025, 12, 2), &hoken, 1).document[0],
			 FLOW_DOC_NOT_VALID_TODAY);
	assert_int_equal(judge("notice", day(2025, 12, 31), &juki, 1).document[0],
			 FLOW_DOC_ACCEPTED);
	assert_int_equal(judge("notice", day(2026, 1, 1), &juki, 1).document[0],
			 FLOW_DOC_NOT_VALID_TODAY); /* PD-10 */
}

/* The documents of a case of TV-09. */
struct agent_case {
	const char *id, *who;
	const char *papers[8];
};

static const struct agent_case cases[] = {
	{"A",
	 "household",
	 {"kofu-tsuchi", "ininjo", "agent-photo", "holder-photo", "household", "difficulty"}},
	{"B1",
	 "relative",
	 {"kofu-tsuchi", "ininjo", "agent-photo", "holder-photo", "difficulty", "koseki"}},
	{"B2",
	 "care-worker",
	 {"kofu-tsuchi", "ininjo", "agent-photo", "holder-photo", "difficulty", "contract",
	  "employment"}},
	{"C1",
	 "relative",
	 {"kofu-tsuchi", "ininjo", "agent-photo", "holder-photo", "residence", "koseki",
	  "approval"}},
	{"C2",
	 "facility-staff",
	 {"kofu-tsuchi", "ininjo", "agent-photo", "holder-photo", "residence", "staff",
	  "approval"}},
};

static struct flow_agent_answer agent(const struct agent_case *c, const char *without,
				      const char *copied, const char *no_photo, bool sign,
				      struct card_date seal)
{
	struct flow_agent_document docs[9];
	struct flow_agent a = {.agent_case = c->id,
			       .who = c->who,
			       .sign_certificate = sign,
			       .visit = day(2016, 5, 31),
			       .documents = docs};
	struct flow_agent_answer out;

	memset(docs, 0, sizeof docs);
	for (size_t i = 0; i < 8 && c->papers[i] != NULL; i++) {
		if (without != NULL && strcmp(c->papers[i], without) == 0)
			continue;
		docs[a.n].kind = c->papers[i];
		docs[a.n].copy = copied != NULL && strcmp(c->papers[i], copied) == 0;
		docs[a.n++].no_photo = no_photo != NULL && strcmp(c->papers[i], no_photo) == 0;
	}
	if (card_date_valid(seal)) {
		docs[a.n].kind = "inkan-shomei";
		docs[a.n++].day = seal;
	}
	assert_ok(flow_agent_check(rules.evidence, &a, &out));
	return out;
}

static void an_agent_brings_everything_or_is_told_what_is_missing(void **state)
{
	const struct card_date none = {0};

	(void)state; /* TV-09 */
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_true(agent(&cases[i], NULL, NULL, NULL, false, none).accepted);
		for (size_t k = 0; k < 8 && cases[i].papers[k] != NULL; k++) {
			struct flow_agent_answer a =
				agent(&cases[i], cases[i].papers[k], NULL, NULL, false, none);

			assert_false(a.accepted);
			assert_string_equal(a.code, "document_missing");
			assert_string_equal(a.missing, cases[i].papers[k]);
			assert_true(strlen(a.name) > 0);
		}
	}
	assert_string_equal(agent(&cases[2], NULL, "contract", NULL, false, none).code,
			    "document_copy");
	assert_string_equal(agent(&cases[0], NULL, NULL, "agent-photo", false, none).code,
			    "document_without_photo");
	assert_string_equal(agent(&cases[0], NULL, NULL, "holder-photo", false, none).missing,
			    "holder-photo");
}

static void a_seal_certificate_is_at_most_three_months_old(void **state)
{
	(void)state; /* R2-39, PD-09; +S */
	assert_string_equal(agent(&cases[0], NULL, NULL, NULL, true, day(0, 0, 0)).missing,
			    "inkan-shomei");
	assert_true(agent(&cases[0], NULL, NULL, NULL, true, day(2016, 2, 29)).accepted);
	assert_string_equal(agent(&cases[0], NULL, NULL, NULL, true, day(2016, 2, 28)).code,
			    "document_too_old");
	assert_true(agent(&cases[0], NULL, NULL, NULL, true, day(2016, 5, 31)).accepted);
	assert_string_equal(agent(&cases[0], NULL, NULL, NULL, true, day(2016, 6, 1)).code,
			    "document_from_the_future");
	/* Holder under 15: no 署名用, +S is not asked. */
	assert_true(agent(&cases[0], NULL, NULL, NULL, false, day(0, 0, 0)).accepted);
}

static void being_busy_is_no_reason(void **state)
{
	static const char *const who[] = {"household", "relative", "neighbour", "agency",
					  "gyosei-shoshi"};
	const struct agent_case stranger = {"A", "neighbour", {"ininjo"}};

	(void)state; /* case D */
	for (size_t i = 0; i < 5; i++) {
		struct agent_case d = cases[0];

		d.id = "D";
		d.who = who[i];
		assert_string_equal(agent(&d, NULL, NULL, NULL, false, day(0, 0, 0)).code,
				    "agent_case_refused");
	}
	assert_string_equal(agent(&stranger, NULL, NULL, NULL, false, day(0, 0, 0)).code,
			    "agent_kind_refused");
}

static enum flow_pia_level pia(long subjects, long handlers, struct card_date incident)
{
	const struct flow_pia_file file = {.kind = "electronic", .subjects = subjects};
	const struct flow_pia_case c = {.files = &file,
					.n = 1,
					.handlers = handlers,
					.incident = incident,
					.day = day(2026, 6, 30)};
	struct flow_pia_answer a;

	assert_ok(flow_pia_judge(rules.pia, &c, &a));
	return a.level;
}

static void assessments_follow_the_table(void **state)
{
	const struct card_date none = {0}, recent = day(2026, 1, 1);
	const struct flow_pia_file two[] = {{"electronic", 6000, false},
					    {"electronic", 6000, false}};
	const struct flow_pia_file odd[] = {{"paper", 500000, false},
					    {"staff-hr", 500000, false},
					    {"electronic", 500000, true}};
	struct flow_pia_case c = {
		.files = two, .n = 2, .day = day(2026, 6, 30), .incident = day(2026, 1, 1)};
	struct flow_pia_answer a;

	(void)state; /* the tests of rules 8.3, word for word */
	assert_int_equal(pia(999, 0, none), FLOW_PIA_OUT_OF_SCOPE);
	assert_int_equal(pia(1000, 0, none), FLOW_PIA_THRESHOLD);
	assert_int_equal(pia(9999, 0, recent), FLOW_PIA_THRESHOLD);
	assert_int_equal(pia(10000, 0, recent), FLOW_PIA_FOCUSED);
	assert_int_equal(pia(99999, 499, none), FLOW_PIA_THRESHOLD);
	assert_int_equal(pia(99999, 500, none), FLOW_PIA_FOCUSED);
	assert_int_equal(pia(100000, 500, none), FLOW_PIA_FULL);
	assert_int_equal(pia(299999, 0, none), FLOW_PIA_FOCUSED);
	assert_int_equal(pia(300000, 0, none), FLOW_PIA_FULL);
	assert_int_equal(pia(10000, 0, day(2025, 6, 29)), FLOW_PIA_THRESHOLD); /* 366 days ago */
	assert_int_equal(pia(10000, 0, day(2025, 6, 30)), FLOW_PIA_FOCUSED);
	assert_ok(flow_pia_judge(rules.pia, &c, &a));
	assert_int_equal(a.level, FLOW_PIA_THRESHOLD); /* not 12,000 */
	c.raised = FLOW_PIA_FULL;
	assert_ok(flow_pia_judge(rules.pia, &c, &a));
	assert_int_equal(a.level, FLOW_PIA_FULL);
	assert_string_equal(a.public_comment, "required");
	c = (struct flow_pia_case){.files = odd, .n = 3, .handlers = 1000, .day = day(2026, 6, 30)};
	assert_ok(flow_pia_judge(rules.pia, &c, &a));
	assert_int_equal(a.level, FLOW_PIA_OUT_OF_SCOPE);
}

static void check_digits_are_computed(void **state)
{
	char code[7];

	(void)state;
	/* Tokyo Chiyoda 131016, Kiyose 132217, Sapporo 011002: published codes. */
	assert_true(flow_municipality_code_valid("131016"));
	assert_true(flow_municipality_code_valid("132217"));
	assert_true(flow_municipality_code_valid("011002"));
	assert_false(flow_municipality_code_valid("131017"));
	assert_false(flow_municipality_code_valid("13101"));
	assert_false(flow_municipality_code_valid("1310１"));
	assert_true(flow_municipality_code_complete("13221", code));
	assert_string_equal(code, "132217");
	/* 1×2+2×3+3×4+4×5+5×6+6×7+7×2+8×3+9×4+0×5 = 186 = 16×11 + 10: digit 1. */
	assert_true(flow_resident_code_valid("09876543211"));
	for (char d = '0'; d <= '9'; d++) {
		char text[] = "0987654321x";

		text[10] = d;
		assert_int_equal(flow_resident_code_valid(text), d == '1');
	}
	assert_false(flow_resident_code_valid("0987654321"));
}

static void opening_days_are_data(void **state)
{
	char folder[64], path[128];
	flow_calendar_t *c = NULL;
	struct flow_problem problem;

	(void)state;
	assert_int_equal(flow_weekday(day(2026, 1, 1)), 4);
	assert_int_equal(flow_weekday(day(1969, 12, 31)), 3);
	tree_scratch(folder);
	snprintf(path, sizeof path, "%s/days.csv", folder);
	tree_write(path, "organ,date,open,note\n*,2026-01-01,no,元日\n*,2026-01-02,no,\n"
			 "市民課,2026-01-04,yes,日曜開庁\n");
	assert_ok(flow_calendar_read(&c, path, &problem));
	assert_int_equal(card_date_compare(flow_calendar_next(c, "市民課", day(2025, 12, 31)),
					   day(2026, 1, 4)),
			 0);
	assert_int_equal(card_date_compare(flow_calendar_next(c, "税務課", day(2025, 12, 31)),
					   day(2026, 1, 5)),
			 0);
	flow_calendar_free(&c);
	tree_write(path, "organ,date,open,note\n*,2026-01-32,no,\n");
	assert_int_equal(flow_calendar_read(&c, path, &problem), CARD_ERR_MALFORMED);
	tree_scratch_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(evidence_counts_as_the_policy_says),
		cmocka_unit_test(a_card_number_needs_its_ladder),
		cmocka_unit_test(a_kind_of_document_ends_on_its_day),
		cmocka_unit_test(an_agent_brings_everything_or_is_told_what_is_missing),
		cmocka_unit_test(a_seal_certificate_is_at_most_three_months_old),
		cmocka_unit_test(being_busy_is_no_reason),
		cmocka_unit_test(assessments_follow_the_table),
		cmocka_unit_test(check_digits_are_computed),
		cmocka_unit_test(opening_days_are_data),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
