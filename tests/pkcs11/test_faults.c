/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that the module gives out no wrong signature and names its errors whatever the card does:
 * every quirk of the virtual card, and a card pulled at every command, after which the next works.
 */
#include "source_sim.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

static const CK_BYTE text[] = "kazasu";

/* The certificate as the module shows it, read by libcrypto. NULL: none. */
static X509 *shown(CK_SESSION_HANDLE h, CK_OBJECT_HANDLE object)
{
	static CK_BYTE der[8192];
	CK_ATTRIBUTE a = {CKA_VALUE, der, sizeof(der)};
	const unsigned char *p = der;

	if (p11->C_GetAttributeValue(h, object, &a, 1) != CKR_OK)
		return NULL;
	return d2i_X509(NULL, &p, (long)a.ulValueLen);
}

static bool verifies(X509 *cert, const CK_BYTE *sig, CK_ULONG n)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	bool ok;

	assert_non_null(md);
	ok = EVP_DigestVerifyInit(md, NULL, EVP_sha256(), NULL, X509_get0_pubkey(cert)) == 1 &&
	     EVP_DigestVerify(md, sig, n, text, sizeof(text)) == 1;
	EVP_MD_CTX_free(md);
	return ok;
}

/* From nothing to one signature: the first thing that fails. A signature that is given is right. */
static CK_RV whole(CK_SLOT_ID slot, const char *pin, CK_OBJECT_HANDLE certificate)
{
	CK_MECHANISM m = {CKM_SHA256_RSA_PKCS, NULL, 0};
	CK_SESSION_HANDLE h = 0;
	CK_BYTE sig[512], data[sizeof(text)];
	CK_ULONG n = sizeof(sig);
	CK_TOKEN_INFO info;
	X509 *cert;
	CK_RV rv = p11->C_GetTokenInfo(slot, &info);

	memcpy(data, text, sizeof(text));
	if (rv == CKR_OK)
		rv = p11->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &h);
	if (rv != CKR_OK)
		return rv;
	rv = p11_login(h, CKU_USER, pin);
	if (rv == CKR_OK)
		rv = p11->C_SignInit(h, &m, slot == SIGN_SLOT ? 10 : 5);
	if (rv == CKR_OK && slot == SIGN_SLOT)
		rv = p11_login(h, CKU_CONTEXT_SPECIFIC, pin);
	if (rv == CKR_OK)
		rv = p11->C_Sign(h, data, sizeof(data), sig, &n);
	if (rv == CKR_OK) {
		cert = shown(h, certificate);
		assert_non_null(cert);
		assert_true(verifies(cert, sig, n));
		X509_free(cert);
	}
	assert_rv(p11->C_CloseSession(h), CKR_OK);
	return rv;
}

static CK_RV whole_of(CK_SLOT_ID slot)
{
	return slot == SIGN_SLOT ? whole(slot, "ABC123", 8) : whole(slot, "1234", 3);
}

/* What stops a signature; every other quirk is only another way of being a card. */
static const struct fault {
	const char *quirk;
	CK_RV auth, sign;
} faults[] = {
	{"61xx-endless", CKR_DEVICE_ERROR, CKR_DEVICE_ERROR},
	/* a token without a readable signing certificate has no such key */
	{"wrong-length-answer", CKR_DEVICE_ERROR, CKR_KEY_HANDLE_INVALID},
	{"empty-answer", CKR_DEVICE_ERROR, CKR_KEY_HANDLE_INVALID},
	{"garbage-certificate", CKR_DEVICE_ERROR, CKR_KEY_HANDLE_INVALID},
	{"truncated-certificate", CKR_DEVICE_ERROR, CKR_DEVICE_ERROR},
	{"huge-certificate", CKR_DEVICE_ERROR, CKR_DEVICE_ERROR},
	{"wrong-signature", CKR_DEVICE_ERROR, CKR_DEVICE_ERROR},
	{"short-signature", CKR_DEVICE_ERROR, CKR_DEVICE_ERROR},
};

static CK_RV expected(const char *quirk, CK_SLOT_ID slot)
{
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		if (strcmp(faults[i].quirk, quirk) == 0)
			return slot == SIGN_SLOT ? faults[i].sign : faults[i].auth;
	return CKR_OK;
}

static void every_quirk_ends_in_a_right_signature_or_a_named_error(void **state)
{
	size_t n = 0;

	(void)state;
	for (; card_sim_quirk_name(n) != NULL; n++) {
		const char *quirk = card_sim_quirk_name(n);

		for (CK_SLOT_ID slot = AUTH_SLOT; slot <= SIGN_SLOT; slot++) {
			CK_RV rv;

			p11_start(quirk, NULL);
			rv = whole_of(slot);
			if (rv != expected(quirk, slot))
				fail_msg("%s, slot %lu: %#lx", quirk, slot, rv);
			p11_stop();
		}
	}
	assert_true(n > sizeof(faults) / sizeof(faults[0]));
}

/* A wrong signature is never given out, nor made twice. */
static void a_wrong_signature_stays_inside(void **state)
{
	CK_MECHANISM m = {CKM_SHA256_RSA_PKCS, NULL, 0};
	CK_BYTE sig[256] = {0}, data[] = {1}, zero[256] = {0};
	CK_ULONG n = sizeof(sig);
	CK_SESSION_HANDLE h;
	unsigned long before;

	(void)state;
	p11_start("wrong-signature", NULL);
	h = p11_open(AUTH_SLOT, 0);
	assert_rv(p11_login(h, CKU_USER, "1234"), CKR_OK);
	assert_rv(p11->C_SignInit(h, &m, 5), CKR_OK);
	before = p11_commands();
	assert_rv(p11->C_Sign(h, data, 1, sig, &n), CKR_DEVICE_ERROR);
	assert_memory_equal(sig, zero, sizeof(zero));
	assert_true(p11_commands() <= before + 3); /* SELECT, SIGN, and clearing */
	assert_rv(p11->C_Sign(h, data, 1, sig, &n), CKR_OPERATION_NOT_INITIALIZED);
	p11_stop();
}

static void a_card_pulled_at_any_command_leaves_nothing_wrong(void **state)
{
	static const enum card_sim_tear tears[] = {CARD_SIM_TEAR_BEFORE, CARD_SIM_TEAR_AFTER,
						   CARD_SIM_TEAR_COUNTER};
	unsigned long total;

	(void)state;
	for (CK_SLOT_ID slot = AUTH_SLOT; slot <= SIGN_SLOT; slot++) {
		p11_start(NULL, NULL);
		assert_rv(whole_of(slot), CKR_OK);
		total = p11_commands();
		assert_true(total > 8);
		for (size_t t = 0; t < sizeof(tears) / sizeof(tears[0]); t++)
			for (unsigned long n = 1; n <= total; n++) {
				CK_RV rv;

				p11_remove();
				p11_insert();
				card_sim_insert(p11_card(), n, tears[t]);
				rv = whole_of(slot);
				/* the last command clears: nothing is missing then */
				if (rv != CKR_DEVICE_REMOVED && rv != CKR_TOKEN_NOT_PRESENT &&
				    rv != CKR_DEVICE_ERROR && !(rv == CKR_OK && n == total))
					fail_msg("slot %lu, command %lu of %lu: %#lx", slot, n,
						 total, rv);
				p11_remove();
				p11_insert();
				if ((rv = whole_of(slot)) != CKR_OK)
					fail_msg("after command %lu of slot %lu: %#lx", n, slot,
						 rv);
			}
		p11_stop();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_quirk_ends_in_a_right_signature_or_a_named_error),
		cmocka_unit_test(a_wrong_signature_stays_inside),
		cmocka_unit_test(a_card_pulled_at_any_command_leaves_nothing_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
