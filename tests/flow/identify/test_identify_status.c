/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that a procedure which requires the status of the card's certificate gets it from trust
 * anchors and revocation sources: every way it can come out (flows C09, C18, PD-15), and that
 * nothing is read of a certificate where no procedure asks for it.
 */
#include "counter.h"

static card_trust_t *trust;
static struct card_revocation_answer answer;

static enum card_error tell(void *ctx, const struct card_revocation_query *q,
			    struct card_revocation_answer *out)
{
	(void)ctx;
	(void)q;
	*out = answer;
	return CARD_OK;
}

static int begin_with_source(void **state)
{
	const struct card_verify_config config = {.more = {{tell, NULL}}, .more_n = 1};
	struct card_verify_config c = config;
	const int rc = start(state);

	answer = (struct card_revocation_answer){.status = CARD_REVOCATION_GOOD,
						 .method = CARD_REVOCATION_BY_CRL};
	assert_ok(card_trust_new(&trust, CARD_TRUST_TEST_ROOTS));
	assert_ok(card_trust_load(trust, "build/fixtures/trust", NULL, NULL));
	c.trust = trust;
	assert_ok(card_verify_new(&verify, &c));
	return rc;
}

static int end_with_source(void **state)
{
	const int rc = stop(state);

	card_verify_free(&verify);
	card_trust_free(&trust);
	return rc;
}

#define BASE "card_chain;record_signature;card_challenge;in_force;consistency"

static void as_far_as_the_secret(void)
{
	new_check(false);
	begin("honnin", false);
	assert_ok(go(flow_identify_card(id, card.channel, FLOW_ROUTE_NUMBER_B)));
}

static void c18_every_answer_of_the_source_counts_as_it_should(void **state)
{
	static const struct {
		enum card_revocation_status status;
		card_reasons_t reasons;
		const char *code;
		enum flow_card_result card;
		bool supervisor;
	} table[] = {
		{CARD_REVOCATION_REVOKED, (card_reasons_t)1 << CARD_REASON_CERT_REVOKED, "revoked",
		 FLOW_CARD_INVALID, false},
		{CARD_REVOCATION_REVOKED, (card_reasons_t)1 << CARD_REASON_CERT_ON_HOLD, "on_hold",
		 FLOW_CARD_INVALID, true},
		{CARD_REVOCATION_UNDETERMINED, (card_reasons_t)1 << CARD_REASON_REVOCATION_MISSING,
		 "status_unknown", FLOW_CARD_UNDETERMINED, false},
		{CARD_REVOCATION_UNDETERMINED, (card_reasons_t)1 << CARD_REASON_REVOCATION_STALE,
		 "status_unknown", FLOW_CARD_UNDETERMINED, false},
	};

	(void)state;
	require_checks("honnin", BASE ";certificate_path;revocation");
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		answer.status = table[i].status;
		answer.reasons = table[i].reasons;
		as_far_as_the_secret();
		assert_ok(secret(FLOW_ROUTE_NUMBER_B, TEST_NUMBER_B, 0, NULL));
		assert_row("C18", FLOW_EVIDENCE);
		assert_true(has_code(table[i].code));
		assert_int_equal(flow_identify_view(id).card, table[i].card);
		assert_int_equal(flow_identify_view(id).supervisor, table[i].supervisor);
		assert_null(flow_identify_view(id).face); /* wiped */
		assert_int_equal(flow_identify_view(id).check[FLOW_CHECK_CERTIFICATE_PATH],
				 CARD_CHECK_PASS);
	}
}

/* C19 */
static void c19_a_good_status_lets_it_go_on(void **state)
{
	(void)state;
	require_checks("honnin", BASE ";certificate_path;revocation");
	as_far_as_the_secret();
	assert_ok(secret(FLOW_ROUTE_NUMBER_B, TEST_NUMBER_B, 0, NULL));
	assert_row("C19", FLOW_COMPARING);
	assert_int_equal(flow_identify_view(id).card, FLOW_CARD_VALID);
	for (int c = 0; c < FLOW_CHECK_COUNT_; c++)
		assert_int_equal(flow_identify_view(id).check[c], CARD_CHECK_PASS);
}

/* C18: a card-management system that knows more is heard first. */
static void c18_a_suspended_card_is_not_saved_by_its_certificate(void **state)
{
	(void)state;
	require_checks("honnin", BASE ";revocation");
	status_is = FLOW_STATUS_SUSPENDED;
	as_far_as_the_secret();
	assert_ok(secret(FLOW_ROUTE_NUMBER_B, TEST_NUMBER_B, 0, NULL));
	assert_row("C18", FLOW_EVIDENCE);
	assert_true(has_code("suspended") && flow_identify_view(id).supervisor);
}

/* PD-15: a card-management system speaks of the card to every procedure; of its certificate only where that
 * is asked for; and what it does not know stays undetermined. */
static void c18_the_state_of_the_card_counts_for_every_procedure(void **state)
{
	static const struct {
		enum flow_status status;
		const char *in_force,
			*revocation; /* code for a procedure that requires no more; and one that does */
		enum flow_card_result card[2];
		bool supervisor;
	} table[] = {
		{FLOW_STATUS_SUSPENDED,
		 "suspended",
		 "suspended",
		 {FLOW_CARD_INVALID, FLOW_CARD_INVALID},
		 true},
		{FLOW_STATUS_ABOLISHED,
		 "card_abolished",
		 "card_abolished",
		 {FLOW_CARD_INVALID, FLOW_CARD_INVALID},
		 true},
		{FLOW_STATUS_UNKNOWN,
		 "card_state_unknown",
		 "card_state_unknown",
		 {FLOW_CARD_UNDETERMINED, FLOW_CARD_UNDETERMINED},
		 false},
		{FLOW_STATUS_ON_HOLD, NULL, "on_hold", {FLOW_CARD_VALID, FLOW_CARD_INVALID}, true},
		{FLOW_STATUS_REVOKED, NULL, "revoked", {FLOW_CARD_VALID, FLOW_CARD_INVALID}, false},
		{FLOW_STATUS_GOOD, NULL, NULL, {FLOW_CARD_VALID, FLOW_CARD_VALID}, false}};

	(void)state;
	ask_status = true;
	for (int asked = 0; asked < 2; asked++) {
		require_checks("honnin", asked ? BASE ";certificate_path;revocation" : BASE);
		for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
			const char *code = asked ? table[i].revocation : table[i].in_force;

			status_is = table[i].status;
			as_far_as_the_secret();
			assert_ok(secret(FLOW_ROUTE_NUMBER_B, TEST_NUMBER_B, 0, NULL));
			assert_row(code != NULL ? "C18" : "C19",
				   code != NULL ? FLOW_EVIDENCE : FLOW_COMPARING);
			assert_int_equal(flow_identify_view(id).card, table[i].card[asked]);
			if (code == NULL)
				continue;
			assert_true(has_code(code));
			assert_string_not_equal(flow_identify_code_text(code, CARD_LANG_JA), code);
			assert_int_equal(flow_identify_view(id).supervisor, table[i].supervisor);
			assert_null(flow_identify_view(id).attributes); /* wiped */
		}
	}
}

/* C09: the route of the certificate tells of the card too. */
static void c09_a_suspended_card_is_named(void **state)
{
	(void)state;
	for (int abolished = 0; abolished < 2; abolished++) {
		status_is = abolished ? FLOW_STATUS_ABOLISHED : FLOW_STATUS_SUSPENDED;
		new_check(false);
		begin("honnin", false);
		assert_ok(go(flow_identify_card(id, card.channel, FLOW_ROUTE_CERTIFICATE)));
		assert_row("C09", FLOW_EVIDENCE);
		assert_true(has_code(abolished ? "card_abolished" : "suspended"));
	}
}

/* What is not required is neither read nor judged, and prints skipped. */
static void what_no_procedure_requires_is_skipped(void **state)
{
	unsigned with, without;

	(void)state;
	answer.status = CARD_REVOCATION_REVOKED; /* would refuse */
	as_far_as_the_secret();
	without = sim_card_commands(&card);
	assert_ok(secret(FLOW_ROUTE_NUMBER_B, TEST_NUMBER_B, 0, NULL));
	without = sim_card_commands(&card) - without;
	assert_row("C19", FLOW_COMPARING);
	assert_int_equal(flow_identify_view(id).check[FLOW_CHECK_REVOCATION], CARD_CHECK_SKIPPED);
	assert_int_equal(flow_identify_view(id).check[FLOW_CHECK_CERTIFICATE_PATH],
			 CARD_CHECK_SKIPPED);
	answer.status = CARD_REVOCATION_GOOD;
	require_checks("honnin", "card_chain;record_signature;in_force;certificate_path");
	as_far_as_the_secret();
	with = sim_card_commands(&card);
	assert_ok(secret(FLOW_ROUTE_NUMBER_B, TEST_NUMBER_B, 0, NULL));
	with = sim_card_commands(&card) - with;
	assert_row("C19", FLOW_COMPARING);
	assert_int_equal(flow_identify_view(id).check[FLOW_CHECK_CARD_CHALLENGE],
			 CARD_CHECK_SKIPPED);
	assert_int_equal(flow_identify_view(id).check[FLOW_CHECK_CONSISTENCY], CARD_CHECK_SKIPPED);
	assert_int_equal(flow_identify_view(id).check[FLOW_CHECK_REVOCATION], CARD_CHECK_SKIPPED);
	assert_int_equal(flow_identify_view(id).check[FLOW_CHECK_CERTIFICATE_PATH],
			 CARD_CHECK_PASS);
	assert_true(with > without); /* the certificate, less two challenges */
}

/* C09, C18: an expired certificate leaves the status open; asked for itself, it refuses. */
static void c18_an_expired_certificate_is_no_status(void **state)
{
	static const struct {
		const char *checks;
		enum flow_card_result card;
	} table[] = {{BASE, FLOW_CARD_VALID},
		     {BASE ";revocation", FLOW_CARD_UNDETERMINED},
		     {BASE ";certificate_path", FLOW_CARD_INVALID}};

	(void)state;
	d.now += 5 * 365 * 86400LL; /* the card lives until 2035, its certificates until 2030 */
	assert_ok(flow_store_script(
		d.store,
		"UPDATE operator SET changed = '2031-03-30', training = '2031-03-30', reviewed = '2031-03-30'"));
	assert_int_equal(desk_login(&d, "T1", "abe", DESK_PASSWORD, token), FLOW_LOGIN_OK);
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		require_checks("honnin", table[i].checks);
		as_far_as_the_secret();
		assert_ok(secret(FLOW_ROUTE_NUMBER_B, TEST_NUMBER_B, 0, NULL));
		assert_int_equal(flow_identify_view(id).card, table[i].card);
		assert_int_equal(has_code("certificate_expired"), i > 0);
	}
}

/* C09: the status alone; the card stays undetermined whatever it is. */
static void c09_the_certificate_route_asks_for_the_status_only(void **state)
{
	(void)state;
	for (int revoked = 0; revoked < 2; revoked++) {
		answer.status = revoked ? CARD_REVOCATION_REVOKED : CARD_REVOCATION_GOOD;
		answer.reasons = revoked ? (card_reasons_t)1 << CARD_REASON_CERT_REVOKED : 0;
		new_check(false);
		begin("honnin", false);
		assert_ok(go(flow_identify_card(id, card.channel, FLOW_ROUTE_CERTIFICATE)));
		assert_row("C09", FLOW_EVIDENCE);
		assert_int_equal(flow_identify_view(id).card, FLOW_CARD_UNDETERMINED);
		assert_int_equal(flow_identify_view(id).check[FLOW_CHECK_REVOCATION],
				 revoked ? CARD_CHECK_FAIL : CARD_CHECK_PASS);
		assert_int_equal(has_code("status_not_good"), revoked);
		assert_null(flow_identify_view(id).attributes);
	}
}

#define S(test) cmocka_unit_test_setup_teardown(test, begin_with_source, end_with_source)

int main(void)
{
	const struct CMUnitTest tests[] = {
		S(c18_every_answer_of_the_source_counts_as_it_should),
		S(c19_a_good_status_lets_it_go_on),
		S(c18_a_suspended_card_is_not_saved_by_its_certificate),
		S(c18_the_state_of_the_card_counts_for_every_procedure),
		S(c09_a_suspended_card_is_named),
		S(what_no_procedure_requires_is_skipped),
		S(c18_an_expired_certificate_is_no_status),
		S(c09_the_certificate_route_asks_for_the_status_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
