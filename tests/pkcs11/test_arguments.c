/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that every function checks what it is given and that operations follow the order of
 * PKCS#11 §5.2: NULL pointers, bad handles, lengths asked first, operations that end or go on.
 */
#include "source_sim.h"

#define BAD_SESSION 12345u

static CK_BYTE text[] = "abc";

static void nothing_works_before_initialisation(void **state)
{
	CK_SLOT_ID slot;
	CK_SLOT_INFO slot_info;
	CK_TOKEN_INFO token;
	CK_SESSION_HANDLE h = 1;
	CK_BYTE out[256];
	CK_ULONG n = sizeof(out);
	CK_INFO info;

	(void)state;
	p11_start(NULL, NULL);
	assert_rv(p11->C_Finalize(&n), CKR_ARGUMENTS_BAD);
	assert_rv(p11->C_Initialize(NULL), CKR_CRYPTOKI_ALREADY_INITIALIZED);
	assert_rv(p11->C_Finalize(NULL), CKR_OK);
	assert_rv(p11->C_Finalize(NULL), CKR_CRYPTOKI_NOT_INITIALIZED);
	assert_rv(p11->C_GetInfo(&info), CKR_CRYPTOKI_NOT_INITIALIZED);
	assert_rv(p11->C_GetSlotList(CK_FALSE, NULL, &n), CKR_CRYPTOKI_NOT_INITIALIZED);
	assert_rv(p11->C_GetSlotInfo(0, &slot_info), CKR_CRYPTOKI_NOT_INITIALIZED);
	assert_rv(p11->C_GetTokenInfo(0, &token), CKR_CRYPTOKI_NOT_INITIALIZED);
	assert_rv(p11->C_OpenSession(0, CKF_SERIAL_SESSION, NULL, NULL, &h),
		  CKR_CRYPTOKI_NOT_INITIALIZED);
	assert_rv(p11->C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, NULL),
		  CKR_CRYPTOKI_NOT_INITIALIZED);
	assert_rv(p11->C_Login(h, CKU_USER, text, 3), CKR_CRYPTOKI_NOT_INITIALIZED);
	assert_rv(p11->C_Sign(h, text, 3, out, &n), CKR_CRYPTOKI_NOT_INITIALIZED);
	assert_rv(p11->C_GenerateRandom(h, out, 1), CKR_CRYPTOKI_NOT_INITIALIZED);
	assert_rv(p11->C_GenerateKey(h, NULL, NULL, 0, NULL), CKR_CRYPTOKI_NOT_INITIALIZED);
	p11_stop();
}

static CK_RV no_mutex(CK_VOID_PTR *m)
{
	*m = NULL;
	return CKR_OK;
}

static CK_RV mutex_ok(CK_VOID_PTR m)
{
	(void)m;
	return CKR_OK;
}

static void initialisation_arguments(void **state)
{
	CK_C_INITIALIZE_ARGS a;
	CK_INFO info;

	(void)state;
	p11_start(NULL, NULL);
	assert_rv(p11->C_Finalize(NULL), CKR_OK);
	memset(&a, 0, sizeof(a));
	a.LibraryParameters = (CK_CHAR_PTR *)&a; /* where the standard has pReserved */
	assert_rv(p11->C_Initialize(&a), CKR_ARGUMENTS_BAD);
	a.LibraryParameters = NULL;
	a.CreateMutex = no_mutex;
	assert_rv(p11->C_Initialize(&a), CKR_ARGUMENTS_BAD);
	a.DestroyMutex = a.LockMutex = a.UnlockMutex = mutex_ok;
	assert_rv(p11->C_Initialize(&a), CKR_OK);
	assert_rv(p11->C_Finalize(NULL), CKR_OK);
	memset(&a, 0, sizeof(a));
	a.flags = CKF_OS_LOCKING_OK | CKF_LIBRARY_CANT_CREATE_OS_THREADS;
	assert_rv(p11->C_Initialize(&a), CKR_OK);
	assert_rv(p11->C_GetInfo(NULL), CKR_ARGUMENTS_BAD);
	assert_rv(p11->C_GetInfo(&info), CKR_OK);
	assert_int_equal(info.cryptokiVersion.major, 3);
	p11_stop();
}

static void interfaces(void **state)
{
	CK_UTF8CHAR name[] = "PKCS 11", other[] = "PKCS 12";
	CK_INTERFACE list[2], *one = NULL;
	CK_VERSION v = {2, 40};
	CK_ULONG n = 0;

	(void)state;
	p11_start(NULL, NULL);
	assert_rv(C_GetFunctionList(NULL), CKR_ARGUMENTS_BAD);
	assert_int_equal(p11->version.major, 2);
	assert_int_equal(p11->version.minor, 40);
	assert_rv(C_GetInterfaceList(NULL, NULL), CKR_ARGUMENTS_BAD);
	assert_rv(C_GetInterfaceList(NULL, &n), CKR_OK);
	assert_int_equal(n, 2);
	n = 1;
	assert_rv(C_GetInterfaceList(list, &n), CKR_BUFFER_TOO_SMALL);
	assert_int_equal(n, 2);
	assert_rv(C_GetInterfaceList(list, &n), CKR_OK);
	assert_rv(C_GetInterface(NULL, NULL, &one, 0), CKR_OK);
	assert_int_equal(((CK_FUNCTION_LIST *)one->pFunctionList)->version.major, 3);
	assert_rv(C_GetInterface(name, &v, &one, 0), CKR_OK);
	assert_ptr_equal(one->pFunctionList, p11);
	assert_rv(C_GetInterface(other, NULL, &one, 0), CKR_ARGUMENTS_BAD);
	v.major = 4;
	assert_rv(C_GetInterface(NULL, &v, &one, 0), CKR_ARGUMENTS_BAD);
	assert_rv(C_GetInterface(NULL, NULL, &one, CKF_INTERFACE_FORK_SAFE), CKR_ARGUMENTS_BAD);
	assert_rv(C_GetInterface(NULL, NULL, NULL, 0), CKR_ARGUMENTS_BAD);
	p11_stop();
}

static void what_version_3_added(void **state)
{
	CK_UTF8CHAR pin[] = "1234", user[] = "someone";
	CK_MECHANISM m = {CKM_SHA256_RSA_PKCS, NULL, 0};
	CK_FUNCTION_LIST_3_0 *f;
	CK_INTERFACE *i = NULL;
	CK_SESSION_HANDLE h;
	CK_BYTE out[256];
	CK_ULONG n = sizeof(out);

	(void)state;
	p11_start(NULL, NULL);
	assert_rv(C_GetInterface(NULL, NULL, &i, 0), CKR_OK);
	f = i->pFunctionList;
	h = p11_open(AUTH_SLOT, 0);
	assert_rv(f->C_LoginUser(h, CKU_USER, pin, 4, user, 7), CKR_USER_TYPE_INVALID);
	assert_rv(f->C_LoginUser(h, CKU_USER, pin, 4, NULL, 0), CKR_OK);
	assert_rv(f->C_SignInit(h, &m, 5), CKR_OK);
	assert_rv(f->C_SessionCancel(h, CKF_SIGN | CKF_DIGEST), CKR_OK);
	assert_rv(f->C_Sign(h, text, 3, out, &n), CKR_OPERATION_NOT_INITIALIZED);
	assert_rv(f->C_SessionCancel(BAD_SESSION, CKF_SIGN), CKR_SESSION_HANDLE_INVALID);
	assert_rv(f->C_MessageSignInit(h, &m, 5), CKR_FUNCTION_NOT_SUPPORTED);
	assert_rv(f->C_MessageSignInit(BAD_SESSION, &m, 5), CKR_SESSION_HANDLE_INVALID);
	p11_stop();
}

static void slots_and_tokens(void **state)
{
	CK_SLOT_ID ids[8];
	CK_SLOT_INFO slot;
	CK_TOKEN_INFO token;
	CK_MECHANISM_TYPE types[32];
	CK_MECHANISM_INFO mechanism;
	CK_ULONG n = 0, all;

	(void)state;
	p11_start(NULL, NULL);
	assert_rv(p11->C_GetSlotList(CK_FALSE, NULL, NULL), CKR_ARGUMENTS_BAD);
	assert_rv(p11->C_GetSlotList(CK_FALSE, NULL, &all), CKR_OK);
	n = all - 1;
	assert_rv(p11->C_GetSlotList(CK_FALSE, ids, &n), CKR_BUFFER_TOO_SMALL);
	assert_int_equal(n, all);
	assert_rv(p11->C_GetSlotInfo(99, &slot), CKR_SLOT_ID_INVALID);
	assert_rv(p11->C_GetSlotInfo(0, NULL), CKR_ARGUMENTS_BAD);
	assert_rv(p11->C_GetTokenInfo(99, &token), CKR_SLOT_ID_INVALID);
	assert_rv(p11->C_GetTokenInfo(0, NULL), CKR_ARGUMENTS_BAD);
	assert_rv(p11->C_GetTokenInfo(OTHER_AUTH_SLOT, &token), CKR_TOKEN_NOT_PRESENT);
	assert_rv(p11->C_GetMechanismList(99, NULL, &n), CKR_SLOT_ID_INVALID);
	assert_rv(p11->C_GetMechanismList(0, NULL, NULL), CKR_ARGUMENTS_BAD);
	assert_rv(p11->C_GetMechanismList(0, NULL, &all), CKR_OK);
	assert_int_equal(all, 7);
	n = all - 1;
	assert_rv(p11->C_GetMechanismList(0, types, &n), CKR_BUFFER_TOO_SMALL);
	assert_int_equal(n, all);
	assert_rv(p11->C_GetMechanismInfo(0, CKM_RSA_PKCS, NULL), CKR_ARGUMENTS_BAD);
	assert_rv(p11->C_GetMechanismInfo(0, CKM_RSA_PKCS_PSS, &mechanism), CKR_MECHANISM_INVALID);
	assert_rv(p11->C_GetMechanismInfo(0, CKM_SHA_1, &mechanism), CKR_MECHANISM_INVALID);
	assert_rv(p11->C_GetMechanismInfo(0, CKM_RSA_PKCS, &mechanism), CKR_OK);
	assert_int_equal(mechanism.flags, CKF_HW | CKF_SIGN | CKF_VERIFY);
	assert_int_equal(mechanism.ulMinKeySize, 2048);
	p11_stop();
}

static void sessions(void **state)
{
	CK_SESSION_HANDLE h, other;
	CK_SESSION_INFO info;

	(void)state;
	p11_start(NULL, NULL);
	assert_rv(p11->C_OpenSession(0, 0, NULL, NULL, &h), CKR_SESSION_PARALLEL_NOT_SUPPORTED);
	assert_rv(p11->C_OpenSession(99, CKF_SERIAL_SESSION, NULL, NULL, &h), CKR_SLOT_ID_INVALID);
	assert_rv(p11->C_OpenSession(0, CKF_SERIAL_SESSION, NULL, NULL, NULL), CKR_ARGUMENTS_BAD);
	h = p11_open(AUTH_SLOT, 0);
	other = p11_open(AUTH_SLOT, CKF_RW_SESSION);
	assert_rv(p11->C_GetSessionInfo(h, NULL), CKR_ARGUMENTS_BAD);
	assert_rv(p11->C_GetSessionInfo(BAD_SESSION, &info), CKR_SESSION_HANDLE_INVALID);
	assert_rv(p11_login(h, 99, "1234"), CKR_USER_TYPE_INVALID);
	assert_rv(p11_login(h, CKU_SO, "1234"), CKR_SESSION_READ_ONLY_EXISTS);
	assert_rv(p11_login(BAD_SESSION, CKU_USER, "1234"), CKR_SESSION_HANDLE_INVALID);
	assert_rv(p11_login(h, CKU_USER, "1234"), CKR_OK);
	assert_rv(p11->C_GetSessionInfo(other, &info), CKR_OK);
	assert_int_equal(info.state, CKS_RW_USER_FUNCTIONS);
	assert_int_equal(info.flags, CKF_RW_SESSION | CKF_SERIAL_SESSION);
	assert_rv(p11->C_Logout(BAD_SESSION), CKR_SESSION_HANDLE_INVALID);
	assert_rv(p11->C_Logout(other), CKR_OK);
	assert_rv(p11->C_GetSessionInfo(h, &info), CKR_OK);
	assert_int_equal(info.state, CKS_RO_PUBLIC_SESSION);
	assert_rv(p11->C_CloseAllSessions(99), CKR_SLOT_ID_INVALID);
	assert_rv(p11->C_CloseAllSessions(AUTH_SLOT), CKR_OK);
	assert_rv(p11->C_CloseSession(h), CKR_SESSION_HANDLE_INVALID);
	assert_rv(p11->C_CloseSession(other), CKR_SESSION_HANDLE_INVALID);
	assert_rv(p11->C_InitToken(0, text, 3, text), CKR_TOKEN_WRITE_PROTECTED);
	p11_stop();
}

static void digests(void **state)
{
	CK_MECHANISM m = {CKM_SHA256, NULL, 0}, bad = {999, NULL, 0};
	CK_BYTE out[64] = {0xAB}, again[64];
	CK_SESSION_HANDLE h;
	CK_ULONG n = 2;

	(void)state;
	p11_start(NULL, NULL);
	h = p11_open(AUTH_SLOT, 0);
	assert_rv(p11->C_DigestInit(h, &bad), CKR_MECHANISM_INVALID);
	assert_rv(p11->C_DigestInit(h, NULL), CKR_ARGUMENTS_BAD);
	assert_rv(p11->C_DigestUpdate(h, text, 1), CKR_OPERATION_NOT_INITIALIZED);
	assert_rv(p11->C_DigestInit(h, &m), CKR_OK);
	assert_rv(p11->C_DigestInit(h, &m), CKR_OPERATION_ACTIVE);
	assert_rv(p11->C_Digest(h, text, 3, out, &n), CKR_BUFFER_TOO_SMALL);
	assert_int_equal(n, 32);
	assert_int_equal(out[0], 0xAB);
	assert_rv(p11->C_Digest(h, text, 3, NULL, &n), CKR_OK);
	assert_rv(p11->C_Digest(h, text, 3, out, &n), CKR_OK);
	assert_int_equal(out[0], 0xBA); /* FIPS 180-2 B.1: ba7816bf … */
	assert_rv(p11->C_Digest(h, text, 3, out, &n), CKR_OPERATION_NOT_INITIALIZED);
	assert_rv(p11->C_DigestInit(h, &m), CKR_OK);
	assert_rv(p11->C_Digest(h, text, 3, out, NULL), CKR_ARGUMENTS_BAD);
	assert_rv(p11->C_Digest(h, text, 3, out, &n), CKR_OPERATION_NOT_INITIALIZED);
	/* in parts */
	assert_rv(p11->C_DigestInit(h, &m), CKR_OK);
	assert_rv(p11->C_DigestUpdate(h, text, 1), CKR_OK);
	assert_rv(p11->C_DigestUpdate(h, NULL, 0), CKR_OK);
	assert_rv(p11->C_Digest(h, text, 3, again, &n), CKR_OPERATION_ACTIVE);
	assert_rv(p11->C_DigestUpdate(h, text + 1, 2), CKR_OK);
	n = 1;
	assert_rv(p11->C_DigestFinal(h, again, &n), CKR_BUFFER_TOO_SMALL);
	assert_int_equal(n, 32);
	assert_rv(p11->C_DigestFinal(h, again, &n), CKR_OK);
	assert_memory_equal(again, out, 32);
	/* single, then final */
	assert_rv(p11->C_DigestInit(h, &m), CKR_OK);
	assert_rv(p11->C_Digest(h, text, 3, NULL, &n), CKR_OK);
	assert_rv(p11->C_DigestFinal(h, out, &n), CKR_OPERATION_ACTIVE);
	assert_rv(p11->C_Digest(h, text, 3, out, &n), CKR_OPERATION_NOT_INITIALIZED);
	assert_rv(p11->C_DigestInit(h, &m), CKR_OK);
	assert_rv(p11->C_DigestKey(h, 99), CKR_KEY_HANDLE_INVALID);
	assert_rv(p11->C_DigestKey(h, 4), CKR_KEY_INDIGESTIBLE);
	assert_rv(p11->C_DigestInit(h, NULL), CKR_OK); /* 3.0: ends it */
	p11_stop();
}

static void signatures_and_their_verification(void **state)
{
	static const CK_MECHANISM_TYPE types[] = {CKM_RSA_PKCS, CKM_SHA256_RSA_PKCS,
						  CKM_SHA384_RSA_PKCS, CKM_SHA512_RSA_PKCS};
	CK_MECHANISM m = {CKM_RSA_PKCS, NULL, 0}, bad = {CKM_RSA_X_509, NULL, 0};
	CK_BYTE long_data[246] = {1}, one[256], parts[256];
	CK_SESSION_HANDLE h;
	CK_ULONG n = 1;

	(void)state;
	p11_start(NULL, NULL);
	h = p11_open(AUTH_SLOT, 0);
	assert_rv(p11->C_SignInit(h, &m, 5), CKR_USER_NOT_LOGGED_IN);
	assert_rv(p11_login(h, CKU_USER, "1234"), CKR_OK);
	assert_rv(p11->C_SignInit(h, &bad, 5), CKR_MECHANISM_INVALID);
	assert_rv(p11->C_SignInit(h, NULL, 5), CKR_ARGUMENTS_BAD);
	assert_rv(p11->C_SignInit(h, &m, 99), CKR_KEY_HANDLE_INVALID);
	assert_rv(p11->C_SignInit(h, &m, 3), CKR_KEY_HANDLE_INVALID);
	assert_rv(p11->C_SignInit(h, &m, 4), CKR_KEY_FUNCTION_NOT_PERMITTED);
	assert_rv(p11->C_VerifyInit(h, &m, 5), CKR_KEY_FUNCTION_NOT_PERMITTED);
	assert_rv(p11->C_Sign(h, text, 3, one, &n), CKR_OPERATION_NOT_INITIALIZED);
	assert_rv(p11->C_SignInit(BAD_SESSION, &m, 5), CKR_SESSION_HANDLE_INVALID);
	for (size_t i = 0; i < 4; i++) {
		m.mechanism = types[i];
		assert_rv(p11->C_SignInit(h, &m, 5), CKR_OK);
		assert_rv(p11->C_SignInit(h, &m, 5), CKR_OPERATION_ACTIVE);
		assert_rv(p11->C_Sign(h, text, 3, NULL, &n), CKR_OK);
		assert_int_equal(n, 256);
		n = 255;
		assert_rv(p11->C_Sign(h, text, 3, one, &n), CKR_BUFFER_TOO_SMALL);
		assert_int_equal(n, 256);
		assert_rv(p11->C_Sign(h, text, 3, one, &n), CKR_OK);
		assert_rv(p11->C_SignInit(h, &m, 5), CKR_OK);
		assert_rv(p11->C_SignUpdate(h, text, 2), CKR_OK);
		assert_rv(p11->C_Sign(h, text, 3, one, &n), CKR_OPERATION_ACTIVE);
		assert_rv(p11->C_SignUpdate(h, text + 2, 1), CKR_OK);
		assert_rv(p11->C_SignFinal(h, NULL, &n), CKR_OK);
		assert_rv(p11->C_SignFinal(h, parts, &n), CKR_OK);
		assert_memory_equal(one, parts, 256); /* PKCS#1 v1.5 is deterministic */
		assert_rv(p11->C_VerifyInit(h, &m, 4), CKR_OK);
		assert_rv(p11->C_Verify(h, text, 3, one, 256), CKR_OK);
		assert_rv(p11->C_Verify(h, text, 3, one, 256), CKR_OPERATION_NOT_INITIALIZED);
		assert_rv(p11->C_VerifyInit(h, &m, 4), CKR_OK);
		assert_rv(p11->C_VerifyUpdate(h, text, 3), CKR_OK);
		assert_rv(p11->C_VerifyFinal(h, one, 256), CKR_OK);
		assert_rv(p11->C_VerifyInit(h, &m, 4), CKR_OK);
		assert_rv(p11->C_Verify(h, text, 2, one, 256), CKR_SIGNATURE_INVALID);
		assert_rv(p11->C_VerifyInit(h, &m, 4), CKR_OK);
		assert_rv(p11->C_Verify(h, text, 3, one, 255), CKR_SIGNATURE_LEN_RANGE);
	}
	m.mechanism = CKM_RSA_PKCS;
	assert_rv(p11->C_SignInit(h, &m, 5), CKR_OK);
	n = 256;
	assert_rv(p11->C_Sign(h, long_data, 246, one, &n), CKR_DATA_LEN_RANGE);
	assert_rv(p11->C_SignInit(h, &m, 5), CKR_OK);
	assert_rv(p11->C_Sign(h, long_data, 245, one, &n), CKR_OK);
	assert_rv(p11->C_SignInit(h, &m, 5), CKR_OK);
	assert_rv(p11->C_Sign(h, text, 3, one, NULL), CKR_ARGUMENTS_BAD);
	assert_rv(p11->C_Sign(h, text, 3, one, &n), CKR_OPERATION_NOT_INITIALIZED);
	assert_rv(p11->C_SignInit(h, &m, 5), CKR_OK);
	assert_rv(p11->C_SignInit(h, NULL, 0), CKR_OK); /* 3.0: ends it */
	assert_rv(p11->C_SignUpdate(h, text, 1), CKR_OPERATION_NOT_INITIALIZED);
	p11_stop();
}

static void pss_and_sha1_by_configuration(void **state)
{
	CK_RSA_PKCS_PSS_PARAMS p = {CKM_SHA256, CKG_MGF1_SHA256, 32};
	CK_MECHANISM m = {CKM_SHA256_RSA_PKCS_PSS, &p, sizeof(p)},
		     sha1 = {CKM_SHA1_RSA_PKCS, NULL, 0};
	CK_BYTE out[256];
	CK_ULONG n = sizeof(out);
	CK_SESSION_HANDLE h;

	(void)state;
	p11_start(NULL, "pss = yes\nsha1 = yes\n");
	h = p11_open(AUTH_SLOT, 0);
	assert_rv(p11_login(h, CKU_USER, "1234"), CKR_OK);
	assert_rv(p11->C_SignInit(h, &m, 5), CKR_OK);
	assert_rv(p11->C_Sign(h, text, 3, out, &n), CKR_OK);
	assert_rv(p11->C_VerifyInit(h, &m, 4), CKR_OK);
	assert_rv(p11->C_Verify(h, text, 3, out, n), CKR_OK);
	p.sLen = 20;
	assert_rv(p11->C_SignInit(h, &m, 5), CKR_MECHANISM_PARAM_INVALID);
	m.pParameter = NULL;
	assert_rv(p11->C_SignInit(h, &m, 5), CKR_MECHANISM_PARAM_INVALID);
	p.sLen = 32;
	m = (CK_MECHANISM){CKM_RSA_PKCS_PSS, &p, sizeof(p)};
	assert_rv(p11->C_SignInit(h, &m, 5), CKR_OK);
	assert_rv(p11->C_Sign(h, text, 3, out, &n), CKR_DATA_LEN_RANGE);
	assert_rv(p11->C_SignInit(h, &sha1, 5), CKR_OK);
	assert_rv(p11->C_Sign(h, text, 3, out, &n), CKR_OK);
	assert_rv(p11->C_VerifyInit(h, &sha1, 4), CKR_OK);
	assert_rv(p11->C_Verify(h, text, 3, out, n), CKR_OK);
	p11_stop();
}

static void random_bytes_and_the_rest(void **state)
{
	CK_MECHANISM m = {CKM_RSA_PKCS, NULL, 0};
	CK_BYTE out[32];
	CK_SESSION_HANDLE h;
	CK_ULONG n = sizeof(out);

	(void)state;
	p11_start(NULL, NULL);
	h = p11_open(AUTH_SLOT, 0);
	assert_rv(p11->C_GenerateRandom(h, out, sizeof(out)), CKR_OK);
	assert_rv(p11->C_GenerateRandom(h, NULL, 1), CKR_ARGUMENTS_BAD);
	assert_rv(p11->C_GenerateRandom(BAD_SESSION, out, 1), CKR_SESSION_HANDLE_INVALID);
	assert_rv(p11->C_SeedRandom(h, out, sizeof(out)), CKR_OK);
	assert_rv(p11->C_SeedRandom(h, NULL, 1), CKR_ARGUMENTS_BAD);
	assert_rv(p11->C_DecryptInit(h, &m, 5), CKR_FUNCTION_NOT_SUPPORTED);
	assert_rv(p11->C_Encrypt(BAD_SESSION, out, 1, out, &n), CKR_SESSION_HANDLE_INVALID);
	assert_rv(p11->C_GetFunctionStatus(h), CKR_FUNCTION_NOT_PARALLEL);
	assert_rv(p11->C_CancelFunction(h), CKR_FUNCTION_NOT_PARALLEL);
	p11_stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_works_before_initialisation),
		cmocka_unit_test(initialisation_arguments),
		cmocka_unit_test(interfaces),
		cmocka_unit_test(what_version_3_added),
		cmocka_unit_test(slots_and_tokens),
		cmocka_unit_test(sessions),
		cmocka_unit_test(digests),
		cmocka_unit_test(signatures_and_their_verification),
		cmocka_unit_test(pss_and_sha1_by_configuration),
		cmocka_unit_test(random_bytes_and_the_rest),
	};

	return cmocka_run_group_tests_name("arguments", tests, NULL, NULL);
}
