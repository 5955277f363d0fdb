/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves logins, tries and command budgets of the module on the virtual card in this process:
 * which commands a login and a signature cost, what another program's commands do to them, and
 * that no try is ever used without a person.
 */
#include "source_sim.h"

static CK_FLAGS token_flags(CK_SLOT_ID slot)
{
	CK_TOKEN_INFO info;

	assert_rv(p11->C_GetTokenInfo(slot, &info), CKR_OK);
	return info.flags;
}

static void initialising_and_looking_sends_nothing(void **state)
{
	CK_SLOT_ID ids[8];
	CK_ULONG n = 8;
	CK_SLOT_INFO info;

	(void)state;
	p11_start(NULL, NULL);
	assert_rv(p11->C_GetSlotList(CK_TRUE, ids, &n), CKR_OK);
	assert_int_equal(n, 2);
	assert_rv(p11->C_GetSlotInfo(ids[0], &info), CKR_OK);
	assert_true((info.flags & CKF_TOKEN_PRESENT) != 0);
	assert_int_equal(p11_commands(), 0);
	p11_stop();
}

static void both_tokens_are_known_after_six_commands(void **state)
{
	(void)state;
	p11_start(NULL, NULL);
	(void)token_flags(AUTH_SLOT);
	(void)token_flags(SIGN_SLOT);
	assert_in_range(p11_commands(), 1, 6);
	p11_stop();
}

static void an_auth_login_costs_three_and_a_signature_two(void **state)
{
	CK_SESSION_HANDLE h;
	unsigned long before;

	(void)state;
	p11_start(NULL, NULL);
	h = p11_open(AUTH_SLOT, 0);
	before = p11_commands();
	assert_rv(p11_login(h, CKU_USER, "1234"), CKR_OK);
	assert_int_equal(p11_commands() - before, 3);
	for (int i = 0; i < 3; i++) {
		assert_rv(p11_sign_init(h), CKR_OK); /* reads the certificate once */
		before = p11_commands();
		assert_rv(p11_sign(h), CKR_OK);
		assert_int_equal(p11_commands() - before, 2);
	}
	p11_stop();
}

static void session_information_and_lookups_send_nothing(void **state)
{
	CK_SESSION_HANDLE h;
	CK_SESSION_INFO info;
	unsigned long before;

	(void)state;
	p11_start(NULL, NULL);
	h = p11_open(AUTH_SLOT, 0);
	before = p11_commands();
	assert_rv(p11->C_GetSessionInfo(h, &info), CKR_OK);
	assert_int_equal(info.state, CKS_RO_PUBLIC_SESSION);
	assert_int_not_equal(p11_object(h, CKO_CERTIFICATE), 0);
	assert_int_not_equal(p11_object(h, CKO_PUBLIC_KEY), 0);
	assert_int_equal(p11_object(h, CKO_PRIVATE_KEY), 0);
	assert_int_equal(p11_commands(), before);
	p11_stop();
}

static void a_signature_costs_one_login_of_three_and_three_more(void **state)
{
	CK_SESSION_HANDLE h;
	unsigned long before;

	(void)state;
	p11_start(NULL, NULL);
	h = p11_open(SIGN_SLOT, 0);
	assert_rv(p11_login(h, CKU_USER, "ABC123"), CKR_OK);
	for (int i = 0; i < 2; i++) {
		assert_rv(p11_sign_init(h), CKR_OK);
		before = p11_commands();
		assert_rv(p11_login(h, CKU_CONTEXT_SPECIFIC, "ABC123"), CKR_OK);
		assert_int_equal(p11_commands() - before, 3 + 1); /* and the clearing SELECT */
		before = p11_commands();
		assert_rv(p11_sign(h), CKR_OK);
		assert_int_equal(p11_commands() - before, 3 + 1);
		assert_int_equal(p11_foreign_sign(0x1A), 0x6982);
	}
	p11_stop();
}

static void every_signature_needs_its_own_login(void **state)
{
	CK_SESSION_HANDLE h;
	unsigned long before;

	(void)state;
	p11_start(NULL, NULL);
	h = p11_open(SIGN_SLOT, 0);
	assert_rv(p11_sign_init(h), CKR_USER_NOT_LOGGED_IN);
	assert_rv(p11_login(h, CKU_CONTEXT_SPECIFIC, "ABC123"), CKR_OPERATION_NOT_INITIALIZED);
	assert_rv(p11_login(h, CKU_USER, "abc123"), CKR_OK); /* lower case is sent in upper */
	assert_rv(p11_login(h, CKU_CONTEXT_SPECIFIC, "ABC123"), CKR_OPERATION_NOT_INITIALIZED);
	assert_rv(p11_sign_init(h), CKR_OK);
	before = p11_commands();
	assert_rv(p11_sign(h), CKR_USER_NOT_LOGGED_IN);
	assert_int_equal(p11_commands(), before);
	assert_rv(p11_sign_init(h), CKR_OK);
	assert_rv(p11_login(h, CKU_CONTEXT_SPECIFIC, "ABC999"), CKR_PIN_INCORRECT);
	assert_rv(p11_login(h, CKU_CONTEXT_SPECIFIC, "ABC123"), CKR_OK);
	assert_rv(p11_sign(h), CKR_OK);
	assert_rv(p11_sign(h), CKR_OPERATION_NOT_INITIALIZED);
	assert_rv(p11_sign_init(h), CKR_OK);
	assert_rv(p11_sign(h), CKR_USER_NOT_LOGGED_IN);
	p11_stop();
}

static void a_foreign_select_costs_the_auth_slot_one_presentation(void **state)
{
	CK_SESSION_HANDLE h;
	unsigned long before;

	(void)state;
	p11_start(NULL, NULL);
	h = p11_open(AUTH_SLOT, 0);
	assert_rv(p11_login(h, CKU_USER, "1234"), CKR_OK);
	assert_rv(p11_sign_init(h), CKR_OK);
	assert_rv(p11_sign(h), CKR_OK);
	p11_foreign_select();
	assert_rv(p11_sign_init(h), CKR_OK);
	before = p11_commands();
	assert_rv(p11_sign(h), CKR_OK);
	assert_int_equal(p11_commands() - before, 5); /* SELECT, SIGN, query, VERIFY, SIGN */
	assert_rv(p11_sign_init(h), CKR_OK);
	before = p11_commands();
	assert_rv(p11_sign(h), CKR_OK);
	assert_int_equal(p11_commands() - before, 2);
	p11_foreign_unpower();
	assert_rv(p11_sign_init(h), CKR_OK);
	assert_rv(p11_sign(h), CKR_OK);
	p11_stop();
}

static void the_pin_is_not_presented_again_after_somebody_failed(void **state)
{
	CK_SESSION_HANDLE h;

	(void)state;
	p11_start(NULL, NULL);
	h = p11_open(AUTH_SLOT, 0);
	assert_rv(p11_login(h, CKU_USER, "1234"), CKR_OK);
	p11_foreign_select();
	p11_foreign_wrong_pin(0x18);
	assert_rv(p11_sign_init(h), CKR_OK);
	assert_rv(p11_sign(h), CKR_USER_NOT_LOGGED_IN);
	assert_true((token_flags(AUTH_SLOT) & CKF_USER_PIN_COUNT_LOW) != 0);
	assert_rv(p11_sign_init(h), CKR_USER_NOT_LOGGED_IN);
	assert_rv(p11_login(h, CKU_USER, "1234"), CKR_OK);
	assert_rv(p11_sign_init(h), CKR_OK);
	assert_rv(p11_sign(h), CKR_OK);
	assert_int_equal(token_flags(AUTH_SLOT) & CKF_USER_PIN_COUNT_LOW, 0);
	p11_stop();
}

static void a_foreign_reset_ends_the_login_of_a_signature(void **state)
{
	CK_SESSION_HANDLE h;
	unsigned long before;

	(void)state;
	p11_start(NULL, NULL);
	h = p11_open(SIGN_SLOT, 0);
	assert_rv(p11_login(h, CKU_USER, "ABC123"), CKR_OK);
	assert_rv(p11_sign_init(h), CKR_OK);
	assert_rv(p11_login(h, CKU_CONTEXT_SPECIFIC, "ABC123"), CKR_OK);
	p11_foreign_reset();
	before = p11_commands();
	assert_rv(p11_sign(h), CKR_USER_NOT_LOGGED_IN);
	assert_int_equal(p11_commands(), before); /* the password was not presented again */
	assert_rv(p11_sign_init(h), CKR_OK);
	assert_rv(p11_login(h, CKU_CONTEXT_SPECIFIC, "ABC123"), CKR_OK);
	assert_rv(p11_sign(h), CKR_OK);
	p11_stop();
}

static void logging_out_clears_the_card(void **state)
{
	CK_SESSION_HANDLE h;

	(void)state;
	p11_start(NULL, NULL);
	h = p11_open(AUTH_SLOT, 0);
	assert_rv(p11->C_Logout(h), CKR_USER_NOT_LOGGED_IN);
	assert_rv(p11_login(h, CKU_USER, "1234"), CKR_OK);
	assert_rv(p11_login(h, CKU_USER, "1234"), CKR_USER_ALREADY_LOGGED_IN);
	assert_int_equal(p11_foreign_sign(0x17), 0x9000); /* the one status that stays */
	assert_rv(p11->C_Logout(h), CKR_OK);
	assert_int_equal(p11_foreign_sign(0x17), 0x6982);
	assert_rv(p11_login(h, CKU_USER, "1234"), CKR_OK);
	assert_rv(p11->C_CloseSession(h), CKR_OK); /* the last one */
	assert_int_equal(p11_foreign_sign(0x17), 0x6982);
	h = p11_open(AUTH_SLOT, 0);
	assert_rv(p11_login(h, CKU_USER, "1234"), CKR_OK);
	assert_rv(p11->C_CloseAllSessions(AUTH_SLOT), CKR_OK);
	assert_int_equal(p11_foreign_sign(0x17), 0x6982);
	h = p11_open(AUTH_SLOT, 0);
	assert_rv(p11_login(h, CKU_USER, "1234"), CKR_OK);
	assert_rv(p11->C_Finalize(NULL), CKR_OK);
	assert_int_equal(p11_foreign_sign(0x17), 0x6982);
	p11_stop();
}

static void both_logins_live_side_by_side(void **state)
{
	CK_SESSION_HANDLE auth, sign;

	(void)state;
	p11_start(NULL, NULL);
	auth = p11_open(AUTH_SLOT, 0);
	sign = p11_open(SIGN_SLOT, 0);
	assert_rv(p11_login(auth, CKU_USER, "1234"), CKR_OK);
	assert_rv(p11_login(sign, CKU_USER, "ABC123"), CKR_OK);
	for (int i = 0; i < 3; i++) {
		assert_rv(p11_sign_init(auth), CKR_OK);
		assert_rv(p11_sign(auth), CKR_OK);
		assert_rv(p11_sign_init(sign), CKR_OK);
		assert_rv(p11_login(sign, CKU_CONTEXT_SPECIFIC, "ABC123"), CKR_OK);
		assert_rv(p11_sign(sign), CKR_OK); /* clears, the other's status with it */
	}
	/* the end of one login is not the end of the other */
	assert_rv(p11->C_Logout(auth), CKR_OK);
	assert_rv(p11_sign_init(sign), CKR_OK);
	assert_rv(p11_login(sign, CKU_CONTEXT_SPECIFIC, "ABC123"), CKR_OK);
	assert_rv(p11_sign(sign), CKR_OK);
	p11_stop();
}

static void a_card_pulled_at_the_pin_leaves_no_second_try(void **state)
{
	CK_SESSION_HANDLE h;
	CK_RV rv;

	(void)state;
	/* the third command after the load is the VERIFY: its answer is lost */
	p11_start(NULL, NULL);
	h = p11_open(AUTH_SLOT, 0);
	card_sim_insert(p11_card(), 3, CARD_SIM_TEAR_AFTER);
	rv = p11_login(h, CKU_USER, "1234");
	assert_true(rv == CKR_DEVICE_REMOVED || rv == CKR_DEVICE_ERROR);
	assert_int_equal(p11_commands(), 3); /* it was not sent again */
	p11_stop();
}

static void only_the_users_own_file_may_spare_him_the_second_question(void **state)
{
	CK_SESSION_HANDLE h;
	CK_BBOOL always = 2;
	CK_ATTRIBUTE a = {CKA_ALWAYS_AUTHENTICATE, &always, sizeof(always)};

	(void)state;
	p11_start(NULL, "sign_login = session\n");
	h = p11_open(SIGN_SLOT, 0);
	assert_rv(p11_login(h, CKU_USER, "ABC123"), CKR_OK);
	assert_rv(p11->C_GetAttributeValue(h, 10, &a, 1), CKR_OK);
	assert_int_equal(always, CK_FALSE);
	for (int i = 0; i < 2; i++) {
		assert_rv(p11_sign_init(h), CKR_OK);
		assert_rv(p11_sign(h), CKR_OK);
		assert_int_equal(p11_foreign_sign(0x1A), 0x6982);
	}
	p11_foreign_unpower();
	assert_rv(p11_sign_init(h), CKR_OK);
	assert_rv(p11_sign(h), CKR_USER_NOT_LOGGED_IN);
	p11_stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(initialising_and_looking_sends_nothing),
		cmocka_unit_test(both_tokens_are_known_after_six_commands),
		cmocka_unit_test(an_auth_login_costs_three_and_a_signature_two),
		cmocka_unit_test(session_information_and_lookups_send_nothing),
		cmocka_unit_test(a_signature_costs_one_login_of_three_and_three_more),
		cmocka_unit_test(every_signature_needs_its_own_login),
		cmocka_unit_test(a_foreign_select_costs_the_auth_slot_one_presentation),
		cmocka_unit_test(the_pin_is_not_presented_again_after_somebody_failed),
		cmocka_unit_test(a_foreign_reset_ends_the_login_of_a_signature),
		cmocka_unit_test(logging_out_clears_the_card),
		cmocka_unit_test(both_logins_live_side_by_side),
		cmocka_unit_test(a_card_pulled_at_the_pin_leaves_no_second_try),
		cmocka_unit_test(only_the_users_own_file_may_spare_him_the_second_question),
	};

	return cmocka_run_group_tests_name("login", tests, NULL, NULL);
}
