/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves how the module treats a PIN: what cannot be right is never sent, the flags tell the tries,
 * the last try is kept, a lock is named; C_SetPIN; and the keys of a reader, for the authentication
 * PIN only.
 */
#include "source_sim.h"

static CK_FLAGS token_flags(CK_SLOT_ID slot)
{
	CK_TOKEN_INFO info;

	assert_rv(p11->C_GetTokenInfo(slot, &info), CKR_OK);
	return info.flags;
}

static void what_cannot_be_right_is_refused_without_a_command(void **state)
{
	static const char *const wrong[] = {"",
					    "1",
					    "123",
					    "12345",
					    "12a4",
					    "abcd",
					    "111111111111111111111111111111111111111111111111111111"
					    "11111111111111111"};
	CK_SESSION_HANDLE h, s;
	unsigned long before;

	(void)state;
	p11_start(NULL, NULL);
	h = p11_open(AUTH_SLOT, 0);
	s = p11_open(SIGN_SLOT, 0);
	before = p11_commands();
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_rv(p11_login(h, CKU_USER, wrong[i]), CKR_PIN_INCORRECT);
		assert_rv(p11_login(s, CKU_USER, wrong[i]), CKR_PIN_INCORRECT);
	}
	assert_rv(p11->C_Login(h, CKU_USER, NULL, 0), CKR_ARGUMENTS_BAD);
	assert_rv(p11->C_Login(h, CKU_USER, NULL, 4), CKR_ARGUMENTS_BAD);
	assert_int_equal(p11_commands(), before);
	p11_stop();
}

#define PIN_FLAGS (CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY | CKF_USER_PIN_LOCKED)

/* COUNT_LOW: "an incorrect user login PIN has been entered at least once since the last successful
 * authentication" (PKCS#11 3.0 §3.2). The count of the card says so; of a PIN that was not sent,
 * nothing but COUNT_LOW may come, however often it is entered. */
static void the_flags_tell_the_tries_of_the_card(void **state)
{
	CK_SESSION_HANDLE h;

	(void)state;
	p11_start(NULL, NULL);
	h = p11_open(AUTH_SLOT, 0);
	assert_int_equal(token_flags(AUTH_SLOT) & PIN_FLAGS, 0);
	assert_rv(p11_login(h, CKU_USER, "0000"), CKR_PIN_INCORRECT);
	assert_int_equal(token_flags(AUTH_SLOT) & PIN_FLAGS, CKF_USER_PIN_COUNT_LOW);
	/* another program enters the right one: nothing here remembers what was wrong */
	p11_foreign_right_pin(0x18);
	assert_int_equal(token_flags(AUTH_SLOT) & PIN_FLAGS, 0);
	/* … or a wrong one */
	p11_foreign_wrong_pin(0x18);
	assert_int_equal(token_flags(AUTH_SLOT) & PIN_FLAGS, CKF_USER_PIN_COUNT_LOW);
	p11_foreign_wrong_pin(0x18);
	assert_int_equal(token_flags(AUTH_SLOT) & PIN_FLAGS,
			 CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY);
	p11_foreign_wrong_pin(0x18);
	assert_int_equal(token_flags(AUTH_SLOT) & PIN_FLAGS,
			 CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_LOCKED);
	assert_int_equal(token_flags(SIGN_SLOT) & PIN_FLAGS, 0);
	p11_stop();

	p11_start(NULL, NULL);
	h = p11_open(AUTH_SLOT, 0);
	for (unsigned i = 0; i < 5; i++)
		assert_rv(p11_login(h, CKU_USER, "simply-wrong"), CKR_PIN_INCORRECT);
	assert_int_equal(token_flags(AUTH_SLOT) & PIN_FLAGS, CKF_USER_PIN_COUNT_LOW);
	assert_int_equal(token_flags(SIGN_SLOT) & PIN_FLAGS, 0);
	assert_rv(p11_login(h, CKU_USER, "1234"), CKR_OK);
	assert_rv(p11->C_Logout(h), CKR_OK);
	assert_int_equal(token_flags(AUTH_SLOT) & PIN_FLAGS, 0);
	p11_stop();
}

static void the_last_try_is_refused(void **state)
{
	CK_SESSION_HANDLE h;

	(void)state;
	p11_start(NULL, NULL);
	h = p11_open(AUTH_SLOT, 0);
	assert_int_equal(token_flags(AUTH_SLOT) & PIN_FLAGS, 0);
	assert_rv(p11_login(h, CKU_USER, "0000"), CKR_PIN_INCORRECT);
	assert_rv(p11_login(h, CKU_USER, "0000"), CKR_PIN_INCORRECT);
	assert_rv(p11_login(h, CKU_USER, "1234"), CKR_FUNCTION_REJECTED);
	assert_int_equal(token_flags(AUTH_SLOT) & PIN_FLAGS,
			 CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY);
	/* the other password is another matter */
	h = p11_open(SIGN_SLOT, 0);
	assert_rv(p11_login(h, CKU_USER, "ABC123"), CKR_OK);
	p11_stop();
}

static void a_lock_is_told_whatever_its_word(void **state)
{
	static const char *const quirks[] = {NULL, "locked-6983", "locked-63c0", "query-6984",
					     "query-6983"};

	(void)state;
	for (size_t i = 0; i < sizeof(quirks) / sizeof(quirks[0]); i++) {
		CK_SESSION_HANDLE h, s;

		p11_start(quirks[i], "last_try = allow\n");
		h = p11_open(AUTH_SLOT, 0);
		assert_rv(p11_login(h, CKU_USER, "0000"), CKR_PIN_INCORRECT);
		assert_rv(p11_login(h, CKU_USER, "0000"), CKR_PIN_INCORRECT);
		assert_rv(p11_login(h, CKU_USER, "0000"), CKR_PIN_LOCKED);
		assert_rv(p11_login(h, CKU_USER, "1234"), CKR_PIN_LOCKED);
		assert_true((token_flags(AUTH_SLOT) & CKF_USER_PIN_LOCKED) != 0);
		/* a blocked authentication PIN leaves the signature usable */
		s = p11_open(SIGN_SLOT, 0);
		assert_int_equal(token_flags(SIGN_SLOT) & CKF_USER_PIN_LOCKED, 0);
		assert_rv(p11_login(s, CKU_USER, "ABC123"), CKR_OK);
		assert_rv(p11_sign_init(s), CKR_OK);
		assert_rv(p11_login(s, CKU_CONTEXT_SPECIFIC, "ABC123"), CKR_OK);
		assert_rv(p11_sign(s), CKR_OK);
		p11_stop();
	}
}

static void the_pin_can_be_changed(void **state)
{
	CK_UTF8CHAR old_pin[] = "1234", new_pin[] = "9876", bad[] = "12345", letters[] = "12x4";
	CK_SESSION_HANDLE h;

	(void)state;
	p11_start(NULL, NULL);
	h = p11_open(AUTH_SLOT, 0);
	assert_rv(p11->C_SetPIN(h, old_pin, 4, new_pin, 4), CKR_SESSION_READ_ONLY);
	h = p11_open(AUTH_SLOT, CKF_RW_SESSION);
	assert_rv(p11->C_SetPIN(h, NULL, 4, new_pin, 4), CKR_ARGUMENTS_BAD);
	assert_rv(p11->C_SetPIN(h, old_pin, 4, NULL, 4), CKR_ARGUMENTS_BAD);
	assert_rv(p11->C_SetPIN(h, old_pin, 4, bad, 5), CKR_PIN_LEN_RANGE);
	assert_rv(p11->C_SetPIN(h, old_pin, 4, new_pin, 0), CKR_PIN_LEN_RANGE);
	assert_rv(p11->C_SetPIN(h, old_pin, 4, letters, 4), CKR_PIN_INVALID);
	assert_rv(p11->C_SetPIN(h, old_pin, 0, new_pin, 4), CKR_PIN_INCORRECT);
	assert_rv(p11->C_SetPIN(h, new_pin, 4, old_pin, 4), CKR_PIN_INCORRECT);
	assert_rv(p11->C_SetPIN(h, old_pin, 4, new_pin, 4), CKR_OK);
	assert_rv(p11_login(h, CKU_USER, "1234"), CKR_PIN_INCORRECT);
	assert_rv(p11_login(h, CKU_USER, "9876"), CKR_OK);
	/* changed while logged in: the login goes on, with the new PIN */
	assert_rv(p11->C_SetPIN(h, new_pin, 4, old_pin, 4), CKR_OK);
	assert_rv(p11_sign_init(h), CKR_OK);
	assert_rv(p11_sign(h), CKR_OK);
	p11_foreign_select();
	assert_rv(p11_sign_init(h), CKR_OK);
	assert_rv(p11_sign(h), CKR_OK);
	p11_stop();
}

static void a_pin_pad_takes_the_authentication_pin_only(void **state)
{
	CK_SESSION_HANDLE h, s;

	(void)state;
	p11_start(NULL, NULL);
	assert_ok(card_sim_set_keypad(p11_card(), "1234"));
	assert_true((token_flags(AUTH_SLOT) & CKF_PROTECTED_AUTHENTICATION_PATH) != 0);
	assert_int_equal(token_flags(SIGN_SLOT) & CKF_PROTECTED_AUTHENTICATION_PATH, 0);
	h = p11_open(AUTH_SLOT, 0);
	s = p11_open(SIGN_SLOT, 0);
	assert_rv(p11->C_Login(s, CKU_USER, NULL, 0), CKR_ARGUMENTS_BAD);
	assert_ok(card_sim_set_keypad(p11_card(), ""));
	assert_rv(p11->C_Login(h, CKU_USER, NULL, 0), CKR_FUNCTION_CANCELED);
	assert_ok(card_sim_set_keypad(p11_card(), "1234"));
	assert_rv(p11->C_Login(h, CKU_USER, NULL, 0), CKR_OK);
	assert_rv(p11_sign_init(h), CKR_OK);
	assert_rv(p11_sign(h), CKR_OK);
	p11_foreign_select(); /* nothing is held that could be presented again */
	assert_rv(p11_sign_init(h), CKR_OK);
	assert_rv(p11_sign(h), CKR_USER_NOT_LOGGED_IN);
	p11_stop();
}

static void a_pin_pad_changes_the_authentication_pin_only(void **state)
{
	CK_UTF8CHAR pin[] = "1234";
	CK_SESSION_HANDLE h, s;

	(void)state;
	p11_start(NULL, NULL);
	h = p11_open(AUTH_SLOT, CKF_RW_SESSION);
	assert_rv(p11->C_SetPIN(h, NULL, 0, NULL, 0), CKR_ARGUMENTS_BAD); /* no pad */
	p11_stop();

	p11_start(NULL, NULL);
	assert_ok(card_sim_set_keypad(p11_card(), "1234 5678 5678"));
	h = p11_open(AUTH_SLOT, CKF_RW_SESSION);
	s = p11_open(SIGN_SLOT, CKF_RW_SESSION);
	assert_rv(p11->C_SetPIN(s, NULL, 0, NULL, 0), CKR_ARGUMENTS_BAD);
	assert_rv(p11->C_SetPIN(h, pin, 4, NULL, 0), CKR_ARGUMENTS_BAD);
	assert_rv(p11->C_SetPIN(h, NULL, 0, pin, 4), CKR_ARGUMENTS_BAD);
	assert_rv(p11->C_SetPIN(h, NULL, 0, NULL, 0), CKR_OK);
	assert_int_equal(p11_foreign_sign(0x17), 0x6982); /* nobody is logged in */
	assert_rv(p11_login(h, CKU_USER, "5678"), CKR_OK);
	/* logged in: the login goes on, but the PIN held for it is the old one, and gone */
	assert_ok(card_sim_set_keypad(p11_card(), "5678 1234"));
	assert_rv(p11->C_SetPIN(h, NULL, 0, NULL, 0), CKR_OK);
	assert_rv(p11_sign_init(h), CKR_OK);
	assert_rv(p11_sign(h), CKR_OK);
	p11_foreign_select();
	assert_rv(p11_sign_init(h), CKR_OK);
	assert_rv(p11_sign(h), CKR_USER_NOT_LOGGED_IN);
	/* what goes wrong on the keys changes nothing, and leaves no status behind */
	assert_rv(p11_login(h, CKU_USER, "1234"), CKR_OK);
	assert_ok(card_sim_set_keypad(p11_card(), "1234 5678 5679"));
	assert_rv(p11->C_SetPIN(h, NULL, 0, NULL, 0), CKR_PIN_INVALID);
	assert_int_equal(p11_foreign_sign(0x17), 0x6982);
	assert_ok(card_sim_set_keypad(p11_card(), "9999 5678"));
	assert_rv(p11->C_SetPIN(h, NULL, 0, NULL, 0), CKR_PIN_INCORRECT);
	assert_ok(card_sim_set_keypad(p11_card(), "1234 -"));
	assert_rv(p11->C_SetPIN(h, NULL, 0, NULL, 0), CKR_FUNCTION_CANCELED);
	assert_int_equal(p11_foreign_sign(0x17), 0x6982);
	assert_rv(p11_login(h, CKU_USER, "1234"), CKR_OK);
	p11_stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_cannot_be_right_is_refused_without_a_command),
		cmocka_unit_test(the_flags_tell_the_tries_of_the_card),
		cmocka_unit_test(the_last_try_is_refused),
		cmocka_unit_test(a_lock_is_told_whatever_its_word),
		cmocka_unit_test(the_pin_can_be_changed),
		cmocka_unit_test(a_pin_pad_takes_the_authentication_pin_only),
		cmocka_unit_test(a_pin_pad_changes_the_authentication_pin_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
