/* SPDX-License-Identifier: Apache-2.0 */
/* Proves the life-cycle calculator with every vector of rules 2.4 (TV-01…TV-08, TV-11…TV-13), the
 * windows of TV-07 and the states of TV-10. */
#include "test.h"
#include "tree.h"

#include <stdio.h>

#include <cardflow/lifecycle.h>

static flow_lifecycle_rules_t *rules;

static struct card_date day(int y, int m, int d)
{
	return (struct card_date){(int16_t)y, (uint8_t)m, (uint8_t)d};
}

static int start(void **state)
{
	struct flow_problem problem = {.text = ""};

	(void)state;
	if (flow_lifecycle_rules_read(&rules, tree_path("libcard/flow/rules/data/lifecycle.csv"),
				      &problem) != CARD_OK) {
		print_error("%s:%u: %s\n", problem.file, problem.line, problem.text);
		return -1;
	}
	return 0;
}

static int stop(void **state)
{
	(void)state;
	flow_lifecycle_rules_free(&rules);
	return 0;
}

static const char *const columns[] = {"id",
				      "object",
				      "event",
				      "birth_date",
				      "application_date",
				      "issue_date",
				      "base_date",
				      "age_class",
				      "rule_set",
				      "flags",
				      "card_expiry",
				      "auth_expiry",
				      "sign_expiry",
				      "renewal_window_start",
				      "renewal_window_end",
				      "precision",
				      "note",
				      "source",
				      NULL};
enum {
	ID,
	OBJECT,
	EVENT,
	BIRTH,
	APPLIED,
	ISSUED,
	BASE,
	CLASS,
	SET,
	FLAGS,
	CARD,
	AUTH,
	SIGN,
	FIRST,
	LAST
};

static struct card_date at(const flow_table_t *t, size_t row, size_t column)
{
	struct card_date d;

	assert_ok(flow_table_date(t, row, column, &d, NULL));
	return d;
}

static void assert_day(const flow_table_t *t, size_t row, size_t column, struct card_date got)
{
	char text[11];

	card_date_format(got, text);
	if (strcmp(text, flow_table_get(t, row, column)) != 0)
		fail_msg("%s %s: %s, want %s", flow_table_get(t, row, ID), columns[column], text,
			 flow_table_get(t, row, column));
}

static void check_juki(const flow_table_t *t, size_t row)
{
	const char *flags = flow_table_get(t, row, FLAGS);
	struct card_date number = {0}, last;

	if (strncmp(flags, "number-card:", 12) == 0)
		assert_ok(card_date_parse(card_bytes(flags + 12, strlen(flags + 12)), &number));
	assert_ok(flow_juki_card_expiry(at(t, row, ISSUED), number, &last));
	assert_day(t, row, CARD, last);
}

static void check_vector(const flow_table_t *t, size_t row)
{
	const char *object = flow_table_get(t, row, OBJECT), *event = flow_table_get(t, row, EVENT);
	struct flow_lifecycle_case c = {.birth = at(t, row, BIRTH),
					.issued = at(t, row, ISSUED),
					.applied = at(t, row, APPLIED)};
	struct flow_lifecycle got;

	c.ward = flow_list_has(flow_table_get(t, row, FLAGS), "ward");
	/* "Run each row with the rule set named in it"; an application date chooses it alone. */
	if (!card_date_valid(c.applied))
		c.rules_at = strcmp(flow_table_get(t, row, SET), "seed2013") == 0 ? day(2022, 3, 31)
										  : day(2022, 4, 1);
	if (strcmp(event, "renewal") == 0)
		c.renewed_from = at(t, row, BASE);
	if (strcmp(object, "cert") == 0) {
		c.object = FLOW_LIFE_CERT;
		c.card_expiry = at(t, row, CARD);
	} else if (strcmp(object, "sign") == 0) {
		c.object = FLOW_LIFE_SIGN;
		c.card_expiry = at(t, row, CARD);
		c.auth_expiry = at(t, row, AUTH);
	} else {
		assert_string_equal(object, "card");
	}
	assert_ok(flow_lifecycle_compute(rules, &c, &got));
	assert_day(t, row, CARD, got.card_expiry);
	assert_day(t, row, AUTH, got.auth_expiry);
	if (strcmp(flow_table_get(t, row, SIGN), "none") == 0)
		assert_false(card_date_valid(got.sign_expiry));
	else
		assert_day(t, row, SIGN, got.sign_expiry);
	assert_day(t, row, FIRST, got.window_start);
	assert_day(t, row, LAST, got.window_end);
	if (*flow_table_get(t, row, BASE) != '\0')
		assert_day(t, row, BASE, got.base);
	assert_string_equal(got.rule->name, flow_table_get(t, row, SET));
	assert_string_equal(got.age_class, flow_table_get(t, row, CLASS));
	assert_int_equal(got.renewal, strcmp(event, "renewal") == 0);
}

static void every_vector_gives_its_dates(void **state)
{
	flow_table_t *t = NULL;
	struct flow_problem problem;

	(void)state;
	assert_ok(flow_table_read(&t, tree_path("tests/flow/rules/lifecycle-vectors.csv"), columns,
				  &problem));
	assert_int_equal(flow_table_rows(t), 38);
	for (size_t i = 0; i < flow_table_rows(t); i++) {
		if (strcmp(flow_table_get(t, i, OBJECT), "juki") == 0)
			check_juki(t, i);
		else
			check_vector(t, i);
	}
	flow_table_free(&t);
}

/* TV-02, TV-03: the columns that follow from the events before, as a chain without given results. */
static void a_chain_of_renewals_reaches_the_stated_maximum(void **state)
{
	struct flow_lifecycle_case c = {.birth = day(1980, 1, 10), .issued = day(2016, 1, 10)};
	struct flow_lifecycle n, m;

	(void)state;
	assert_ok(flow_lifecycle_compute(rules, &c, &n));
	c = (struct flow_lifecycle_case){.object = FLOW_LIFE_CERT,
					 .birth = c.birth,
					 .issued = day(2020, 10, 10),
					 .renewed_from = n.auth_expiry,
					 .card_expiry = n.card_expiry};
	assert_ok(flow_lifecycle_compute(rules, &c, &m));
	assert_int_equal(card_date_compare(m.auth_expiry, day(2026, 1, 10)), 0);
	c = (struct flow_lifecycle_case){
		.birth = c.birth, .issued = day(2025, 10, 10), .renewed_from = n.card_expiry};
	assert_ok(flow_lifecycle_compute(rules, &c, &n));
	assert_int_equal(card_date_compare(n.card_expiry, day(2036, 1, 10)), 0);
	c = (struct flow_lifecycle_case){.object = FLOW_LIFE_CERT,
					 .birth = c.birth,
					 .issued = day(2030, 10, 10),
					 .renewed_from = n.auth_expiry,
					 .card_expiry = n.card_expiry};
	assert_ok(flow_lifecycle_compute(rules, &c, &m));
	assert_int_equal(card_date_compare(m.auth_expiry, day(2036, 1, 10)), 0);
	/* 5 years 3 months, used 5 years 0 months (R2-16). */
	assert_int_equal(card_date_compare(flow_months_add(day(2030, 10, 10), 63), m.auth_expiry),
			 0);
}

static void the_window_is_three_months_with_both_ends(void **state)
{
	const struct card_date expiry = day(2026, 1, 10);

	(void)state; /* TV-07 */
	assert_int_equal(flow_lifecycle_action(expiry, day(2025, 10, 9)), FLOW_LIFE_TOO_EARLY);
	assert_int_equal(flow_lifecycle_action(expiry, day(2025, 10, 10)), FLOW_LIFE_RENEW);
	assert_int_equal(flow_lifecycle_action(expiry, day(2026, 1, 10)), FLOW_LIFE_RENEW);
	assert_int_equal(flow_lifecycle_action(expiry, day(2026, 1, 11)), FLOW_LIFE_REISSUE);
}

static void one_day_early_is_a_reissue_and_costs_a_year(void **state)
{
	struct flow_lifecycle_case c = {.object = FLOW_LIFE_CERT,
					.birth = day(1980, 1, 10),
					.issued = day(2020, 10, 9),
					.renewed_from = day(2021, 1, 10),
					.card_expiry = day(2026, 1, 10)};
	struct flow_lifecycle got;

	(void)state;
	assert_ok(flow_lifecycle_compute(rules, &c, &got));
	assert_false(got.renewal);
	assert_int_equal(card_date_compare(got.auth_expiry, day(2025, 1, 10)), 0);
}

static void a_card_ends_with_the_stay(void **state)
{
	struct flow_lifecycle_case c = {.birth = day(1990, 5, 20),
					.issued = day(2024, 4, 1),
					.stay_until = day(2025, 3, 31)};
	struct flow_lifecycle got;

	(void)state;
	assert_ok(flow_lifecycle_compute(rules, &c, &got));
	assert_int_equal(card_date_compare(got.card_expiry, day(2025, 3, 31)), 0);
	assert_int_equal(card_date_compare(got.auth_expiry, day(2025, 3, 31)), 0);
	assert_int_equal(card_date_compare(got.window_start, day(2024, 12, 31)), 0);
	c.stay_until = day(2050, 1, 1);
	assert_ok(flow_lifecycle_compute(rules, &c, &got));
	assert_int_equal(card_date_compare(got.card_expiry, day(2033, 5, 20)), 0);
	c.stay_until = day(2024, 3, 31);
	assert_int_equal(flow_lifecycle_compute(rules, &c, &got), CARD_ERR_EXPIRED);
}

static void the_override_gives_a_ward_a_signature_certificate(void **state)
{
	struct flow_lifecycle_case c = {.birth = day(1960, 7, 1),
					.issued = day(2017, 2, 1),
					.ward = true,
					.sign_anyway = true};
	struct flow_lifecycle got;

	(void)state;
	assert_ok(flow_lifecycle_compute(rules, &c, &got));
	assert_int_equal(card_date_compare(got.sign_expiry, day(2021, 7, 1)), 0);
}

static void what_cannot_be_is_refused(void **state)
{
	struct flow_lifecycle_case c = {.birth = day(1980, 1, 10)};
	struct flow_lifecycle got;
	struct card_date last;

	(void)state;
	assert_int_equal(flow_lifecycle_compute(rules, &c, &got), CARD_ERR_INVALID_ARGUMENT);
	c.issued = day(1979, 1, 1);
	assert_int_equal(flow_lifecycle_compute(rules, &c, &got), CARD_ERR_INVALID_ARGUMENT);
	c.issued = day(2020, 1, 1);
	c.object = FLOW_LIFE_CERT;
	assert_int_equal(flow_lifecycle_compute(rules, &c, &got), CARD_ERR_INVALID_ARGUMENT);
	assert_int_equal(flow_juki_card_expiry(day(2016, 1, 1), day(0, 0, 0), &last),
			 CARD_ERR_INVALID_ARGUMENT);
}

static void states_follow_tv_10(void **state)
{
	struct flow_card_states s = {FLOW_CARD_ACTIVE, FLOW_CERT_VALID};

	(void)state;
	assert_ok(flow_card_step(&s, FLOW_EVENT_SUSPEND, FLOW_BY_TELEPHONE));
	assert_int_equal(s.card, FLOW_CARD_SUSPENDED);
	assert_int_equal(s.certificates, FLOW_CERT_ON_HOLD);
	assert_false(flow_card_usable(&s)); /* PD-15 */
	assert_int_equal(flow_card_step(&s, FLOW_EVENT_RELEASE, FLOW_BY_TELEPHONE),
			 CARD_ERR_DENIED);
	assert_int_equal(flow_card_step(&s, FLOW_EVENT_CERT_RELEASE, FLOW_BY_VISIT),
			 CARD_ERR_BAD_STATE);
	assert_ok(flow_card_step(&s, FLOW_EVENT_RELEASE, FLOW_BY_VISIT));
	/* Releasing the card does not release the certificates. */
	assert_int_equal(s.certificates, FLOW_CERT_ON_HOLD);
	assert_ok(flow_card_step(&s, FLOW_EVENT_CERT_RELEASE, FLOW_BY_VISIT));
	assert_int_equal(s.certificates, FLOW_CERT_VALID);
	assert_ok(flow_card_step(&s, FLOW_EVENT_CARD_EXPIRE, FLOW_BY_VISIT));
	assert_int_equal(s.certificates, FLOW_CERT_EXPIRED);
	assert_ok(flow_card_step(&s, FLOW_EVENT_ABOLISH, FLOW_BY_VISIT)); /* a no-op (R2-26) */
	assert_int_equal(s.certificates, FLOW_CERT_EXPIRED);
	assert_int_equal(flow_card_step(&s, FLOW_EVENT_DESTROY, FLOW_BY_VISIT), CARD_ERR_BAD_STATE);
	assert_ok(flow_card_step(&s, FLOW_EVENT_COLLECT, FLOW_BY_VISIT));
	assert_ok(flow_card_step(&s, FLOW_EVENT_DESTROY, FLOW_BY_VISIT));
	for (int e = FLOW_EVENT_SUSPEND; e <= FLOW_EVENT_CARD_EXPIRE; e++) {
		assert_int_equal(flow_card_step(&s, (enum flow_card_event)e, FLOW_BY_VISIT),
				 CARD_ERR_BAD_STATE);
		assert_int_equal(s.card, FLOW_CARD_DESTROYED);
	}
}

static void renewal_revokes_the_old_certificates(void **state)
{
	struct flow_card_states s = {FLOW_CARD_SUSPENDED, FLOW_CERT_ON_HOLD};

	(void)state;
	assert_ok(flow_card_step(&s, FLOW_EVENT_ABOLISH, FLOW_BY_VISIT));
	assert_int_equal(s.card, FLOW_CARD_ABOLISHED);
	assert_int_equal(s.certificates, FLOW_CERT_REVOKED);
}

static void rule_sets_leave_no_gap(void **state)
{
	static const char head[] =
		"rule_set,applied_from,applied_to,sign_age,adult_age,minor_years,"
		"adult_years,certificate_years,note,source\n";
	static const struct {
		const char *rows, *says;
		unsigned line;
	} bad[] = {
		{"a,,2022-03-31,15,20,5,10,5,,\nb,2022-04-02,,15,18,5,10,5,,\n",
		 "begins not on the day after the set before it", 3},
		{"a,,2022-03-31,15,20,5,10,5,,\nb,2022-03-31,,15,18,5,10,5,,\n",
		 "begins not on the day after the set before it", 3},
		{"a,2000-01-01,,15,20,5,10,5,,\n",
		 "only the first rule set has no applied_from and only the last no applied_to", 2},
		{"a,,,15,zwanzig,5,10,5,,\n", "\"zwanzig\" is no count", 2},
		{"a,,,15,0,5,10,5,,\n", "ages and years are 1 to 120", 2},
		{"a,,2022-02-29,15,20,5,10,5,,\n", "\"2022-02-29\" is no date (YYYY-MM-DD)", 2},
		{"", "no rule set", 0},
	};
	char folder[64], path[128], text[1024];

	(void)state;
	tree_scratch(folder);
	snprintf(path, sizeof path, "%s/l.csv", folder);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		flow_lifecycle_rules_t *r = NULL;
		struct flow_problem problem;

		snprintf(text, sizeof text, "%s%s", head, bad[i].rows);
		tree_write(path, text);
		assert_int_equal(flow_lifecycle_rules_read(&r, path, &problem), CARD_ERR_MALFORMED);
		assert_null(r);
		assert_string_equal(problem.text, bad[i].says);
		assert_string_equal(problem.file, "l.csv");
		assert_int_equal(problem.line, bad[i].line);
	}
	tree_scratch_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_vector_gives_its_dates),
		cmocka_unit_test(a_chain_of_renewals_reaches_the_stated_maximum),
		cmocka_unit_test(the_window_is_three_months_with_both_ends),
		cmocka_unit_test(one_day_early_is_a_reissue_and_costs_a_year),
		cmocka_unit_test(a_card_ends_with_the_stay),
		cmocka_unit_test(the_override_gives_a_ward_a_signature_certificate),
		cmocka_unit_test(what_cannot_be_is_refused),
		cmocka_unit_test(states_follow_tv_10),
		cmocka_unit_test(renewal_revokes_the_old_certificates),
		cmocka_unit_test(rule_sets_leave_no_gap),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
