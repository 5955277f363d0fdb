/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls in no order with arguments good and bad, the card going and coming, other programs
 * interfering: nothing crashes, no PIN is ever locked, and the module works afterwards. The
 * sequence is the same in every run.
 */
#include "source_sim.h"

#define CALLS 10000

static uint32_t seed;

static uint32_t dice(uint32_t n)
{
	seed = seed * 1664525u + 1013904223u; /* Numerical Recipes' constants: any will do */
	return (seed >> 8) % n;
}

static CK_SESSION_HANDLE open_ones[8];

static CK_SESSION_HANDLE any_session(void)
{
	return dice(10) == 0 ? dice(50) : open_ones[dice(8)];
}

static CK_BYTE memory[600];

static unsigned signatures, logins; /* that came about: disorder must not mean nothing happens */

static CK_BYTE *any_buffer(void)
{
	return dice(6) == 0 ? NULL : memory;
}

static CK_ULONG *any_length(CK_ULONG *n)
{
	static const CK_ULONG lengths[] = {0, 1, 31, 32, 64, 255, 256, 300};

	*n = lengths[dice(8)];
	return dice(20) == 0 ? NULL : n;
}

static CK_MECHANISM *any_mechanism(CK_MECHANISM *m)
{
	static const CK_MECHANISM_TYPE types[] = {
		CKM_RSA_PKCS, CKM_SHA256_RSA_PKCS, CKM_SHA512_RSA_PKCS, CKM_SHA256,
		CKM_SHA384,   CKM_RSA_PKCS_PSS,    CKM_SHA1_RSA_PKCS,   CKM_RSA_X_509};

	*m = (CK_MECHANISM){types[dice(8)], dice(9) == 0 ? memory : NULL, dice(9) == 0 ? 24 : 0};
	return dice(20) == 0 ? NULL : m;
}

static CK_ATTRIBUTE *any_template(CK_ATTRIBUTE t[3])
{
	static const CK_ATTRIBUTE_TYPE types[] = {CKA_CLASS, CKA_VALUE,   CKA_ID,
						  CKA_LABEL, CKA_MODULUS, CKA_ISSUER,
						  CKA_SIGN,  CKA_PRIME_1, 0x12345};

	for (int i = 0; i < 3; i++)
		t[i] = (CK_ATTRIBUTE){types[dice(9)], dice(3) == 0 ? NULL : memory, dice(40)};
	return dice(20) == 0 ? NULL : t;
}

/* What the world does. */
static void world_turns(void)
{
	switch (dice(400)) {
	case 0:
		p11_remove();
		break;
	case 1:
		p11_foreign_select();
		break;
	case 2:
		p11_foreign_reset();
		break;
	case 3:
		p11_foreign_unpower();
		break;
	default:
		break;
	}
}

static void log_in(CK_SESSION_HANDLE h)
{
	static const char *const pins[] = {"1234", "ABC123", "0000", "", "AAAAA1"};

	if (p11_login(h, dice(3) == 0 ? CKU_CONTEXT_SPECIFIC : CKU_USER,
		      pins[dice(200) < 198 ? dice(2) : dice(5)]) == CKR_OK)
		logins++;
}

static void call_session(void)
{
	CK_SESSION_HANDLE h = any_session();
	CK_SESSION_INFO info;
	size_t i = dice(8);

	switch (dice(8)) {
	case 0:
		(void)p11->C_OpenSession(dice(3),
					 CKF_SERIAL_SESSION | (dice(2) ? CKF_RW_SESSION : 0), NULL,
					 NULL, &open_ones[i]);
		break;
	case 3:
		if (dice(4) == 0)
			(void)p11->C_CloseSession(h);
		break;
	case 4:
		if (dice(100) == 0)
			(void)p11->C_CloseAllSessions(dice(4));
		break;
	case 5:
		(void)p11->C_GetSessionInfo(h, dice(10) == 0 ? NULL : &info);
		break;
	case 6:
		log_in(h);
		break;
	default:
		if (dice(30) == 0)
			(void)p11->C_Logout(h);
	}
}

static void call_object(void)
{
	CK_SESSION_HANDLE h = any_session();
	CK_OBJECT_HANDLE found[4];
	CK_ATTRIBUTE t[3];
	CK_ULONG n = 0;

	switch (dice(5)) {
	case 0:
		(void)p11->C_FindObjectsInit(h, any_template(t), dice(4));
		break;
	case 1:
		(void)p11->C_FindObjects(h, dice(9) == 0 ? NULL : found, dice(4), &n);
		break;
	case 2:
		(void)p11->C_FindObjectsFinal(h);
		break;
	case 3:
		memset(t, 0, sizeof(t));
		(void)p11->C_GetAttributeValue(h, dice(13), any_template(t), dice(4));
		break;
	default:
		(void)p11->C_GetObjectSize(h, dice(13), dice(9) == 0 ? NULL : &n);
	}
}

static void call_sign(void)
{
	CK_SESSION_HANDLE h = any_session();
	CK_MECHANISM m;
	CK_ULONG n, *len = any_length(&n);

	switch (dice(9)) {
	case 0:
	case 1:
		(void)p11->C_SignInit(h, any_mechanism(&m), dice(4) ? 5 + 5 * dice(2) : dice(12));
		break;
	case 2:
		if (p11->C_Sign(h, any_buffer(), dice(240), memory, len) == CKR_OK)
			signatures++;
		break;
	case 3:
		(void)p11->C_SignUpdate(h, any_buffer(), dice(200));
		break;
	case 4:
		(void)p11->C_SignFinal(h, any_buffer(), len);
		break;
	case 5:
		(void)p11->C_VerifyInit(h, any_mechanism(&m), dice(2) ? 4 : dice(12));
		break;
	case 6:
		(void)p11->C_Verify(h, any_buffer(), dice(300), any_buffer(), n);
		break;
	case 7:
		(void)p11->C_VerifyUpdate(h, any_buffer(), dice(200));
		break;
	default:
		(void)p11->C_VerifyFinal(h, any_buffer(), n);
	}
}

static void call_other(void)
{
	CK_SESSION_HANDLE h = any_session();
	CK_MECHANISM m;
	CK_TOKEN_INFO token;
	CK_SLOT_ID slot;
	CK_ULONG n, *len = any_length(&n);

	switch (dice(7)) {
	case 0:
		(void)p11->C_GetTokenInfo(dice(5), dice(9) == 0 ? NULL : &token);
		break;
	case 1:
		(void)p11->C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, NULL);
		break;
	case 2:
		(void)p11->C_DigestInit(h, any_mechanism(&m));
		break;
	case 3:
		(void)p11->C_Digest(h, any_buffer(), dice(300), any_buffer(), len);
		break;
	case 4:
		(void)p11->C_DigestUpdate(h, any_buffer(), dice(300));
		break;
	case 5:
		(void)p11->C_DigestFinal(h, any_buffer(), len);
		break;
	default:
		if (dice(400) == 0) {
			assert_rv(p11->C_Finalize(NULL), CKR_OK);
			assert_rv(p11->C_Initialize(NULL), CKR_OK);
		}
	}
}

/* As it should be, in the midst of it. */
static void call_in_order(void)
{
	size_t i = dice(8);
	CK_MECHANISM m = {CKM_SHA256_RSA_PKCS, NULL, 0};
	CK_ULONG n = sizeof(memory);
	CK_SESSION_INFO info;
	bool sign;

	if (p11->C_GetSessionInfo(open_ones[i], &info) != CKR_OK) {
		(void)p11->C_OpenSession(dice(2), CKF_SERIAL_SESSION, NULL, NULL, &open_ones[i]);
		return;
	}
	sign = info.slotID == SIGN_SLOT;
	if (info.state == CKS_RO_PUBLIC_SESSION || info.state == CKS_RW_PUBLIC_SESSION) {
		logins += p11_login(open_ones[i], CKU_USER, sign ? "ABC123" : "1234") == CKR_OK;
		return;
	}
	if (p11->C_SignInit(open_ones[i], &m, sign ? 10 : 5) != CKR_OK)
		return;
	if (sign)
		(void)p11_login(open_ones[i], CKU_CONTEXT_SPECIFIC, "ABC123");
	signatures += p11->C_Sign(open_ones[i], memory, 20, memory, &n) == CKR_OK;
}

static void disorder(void **state)
{
	static void (*const calls[])(void) = {call_session, call_object, call_sign, call_other,
					      call_in_order};
	CK_SESSION_HANDLE h;
	bool there = true;

	(void)state;
	for (uint32_t round = 1; round <= 3; round++) {
		seed = round;
		p11_start(NULL, NULL);
		for (int i = 0; i < CALLS; i++) {
			calls[dice(5)]();
			if (there && dice(3) == 0) {
				world_turns();
				there = p11_present();
			} else if (!there && dice(30) == 0) {
				p11_insert();
				there = true;
			}
		}
		if (!there)
			p11_insert();
		there = true;
		assert_rv(p11->C_Finalize(NULL), CKR_OK);
		assert_rv(p11->C_Initialize(NULL), CKR_OK);
		/* no PIN was lost in all this: the last try was never used */
		h = p11_open(SIGN_SLOT, 0);
		assert_int_not_equal(p11_login(h, CKU_USER, "ABC123"), CKR_PIN_LOCKED);
		h = p11_open(AUTH_SLOT, 0);
		assert_int_not_equal(p11_login(h, CKU_USER, "1234"), CKR_PIN_LOCKED);
		p11_stop();
	}
	assert_true(signatures > 100);
	assert_true(logins > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(disorder)};

	return cmocka_run_group_tests_name("disorder", tests, NULL, NULL);
}
