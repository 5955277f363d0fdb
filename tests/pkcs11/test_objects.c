/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves what the two tokens show, to whom, and that the certificates are those of the card, byte
 * for byte, read once.
 */
#include <card/cert.h>
#include <card/jpki.h>

#include "source_sim.h"

static size_t count_objects(CK_SESSION_HANDLE h, CK_OBJECT_HANDLE out[32])
{
	CK_ULONG n = 0, total = 0;

	assert_rv(p11->C_FindObjectsInit(h, NULL, 0), CKR_OK);
	do {
		assert_rv(p11->C_FindObjects(h, out + total, 1, &n), CKR_OK);
		total += n;
	} while (n > 0);
	assert_rv(p11->C_FindObjectsFinal(h), CKR_OK);
	return total;
}

static size_t value(CK_SESSION_HANDLE h, CK_OBJECT_HANDLE o, CK_ATTRIBUTE_TYPE type, uint8_t *out,
		    size_t cap)
{
	CK_ATTRIBUTE a = {type, NULL, 0};

	assert_rv(p11->C_GetAttributeValue(h, o, &a, 1), CKR_OK);
	assert_true(a.ulValueLen <= cap);
	a.pValue = out;
	assert_rv(p11->C_GetAttributeValue(h, o, &a, 1), CKR_OK);
	return a.ulValueLen;
}

/* The file of the card, read by libcard over a connection of its own. */
static card_buf_t from_card(enum card_jpki_certificate which)
{
	card_reader_t *reader = NULL;
	card_channel_t *ch = NULL;
	card_secret_t *s = NULL;
	card_buf_t out = {0};

	assert_ok(card_sim_reader_new(&reader, p11_card()));
	assert_ok(card_channel_new(&ch, reader));
	assert_ok(card_channel_begin(ch, 0));
	if (which == CARD_JPKI_SIGN) {
		assert_ok(card_secret_new(&s));
		assert_ok(card_secret_set(s, BYTES("ABC123")));
		assert_ok(card_pin_verify(ch, CARD_PIN_SIGN, s, 0, NULL));
		card_secret_free(&s);
	}
	assert_ok(card_jpki_certificate(ch, which, card_grant_own_card(), &out));
	assert_ok(card_channel_end(ch));
	card_channel_free(&ch);
	card_reader_free(&reader);
	return out;
}

static void certificates_are_those_of_the_card(void **state)
{
	static const struct {
		CK_SLOT_ID slot;
		CK_OBJECT_HANDLE object;
		enum card_jpki_certificate file;
	} rows[] = {{AUTH_SLOT, 3, CARD_JPKI_AUTH},
		    {AUTH_SLOT, 6, CARD_JPKI_AUTH_CA},
		    {SIGN_SLOT, 8, CARD_JPKI_SIGN},
		    {SIGN_SLOT, 11, CARD_JPKI_SIGN_CA}};

	(void)state;
	p11_start(NULL, NULL);
	for (size_t i = 0; i < 4; i++) {
		CK_SESSION_HANDLE h = p11_open(rows[i].slot, 0);
		card_buf_t file = from_card(rows[i].file);
		uint8_t der[4096];
		size_t n;

		if (rows[i].slot == SIGN_SLOT && i == 2)
			assert_rv(p11_login(h, CKU_USER, "ABC123"), CKR_OK);
		n = value(h, rows[i].object, CKA_VALUE, der, sizeof(der));
		assert_int_equal(n, file.n);
		assert_memory_equal(der, file.p, n);
		card_buf_free(&file);
	}
	p11_stop();
}

static void a_file_is_read_once(void **state)
{
	CK_SESSION_HANDLE h, other;
	unsigned long before;
	uint8_t der[4096];

	(void)state;
	p11_start(NULL, NULL);
	h = p11_open(AUTH_SLOT, 0);
	(void)value(h, 3, CKA_VALUE, der, sizeof(der));
	before = p11_commands();
	(void)value(h, 3, CKA_SUBJECT, der, sizeof(der));
	(void)value(h, 4, CKA_MODULUS, der, sizeof(der));
	other = p11_open(AUTH_SLOT, 0);
	assert_rv(p11->C_CloseSession(h), CKR_OK);
	(void)value(other, 3, CKA_VALUE, der, sizeof(der));
	assert_int_equal(p11_commands(), before);
	p11_stop();
}

static void nothing_of_the_signing_certificate_shows_before_its_login(void **state)
{
	CK_OBJECT_HANDLE all[32];
	CK_SESSION_HANDLE h;
	CK_ATTRIBUTE a = {CKA_VALUE, NULL, 0};

	(void)state;
	p11_start(NULL, NULL);
	h = p11_open(SIGN_SLOT, 0);
	assert_int_equal(count_objects(h, all), 1); /* the profile */
	assert_int_equal(p11_object(h, CKO_PUBLIC_KEY), 0);
	for (CK_OBJECT_HANDLE o = 8; o <= 10; o++)
		assert_rv(p11->C_GetAttributeValue(h, o, &a, 1), CKR_OBJECT_HANDLE_INVALID);
	assert_rv(p11_login(h, CKU_USER, "ABC123"), CKR_OK);
	assert_int_equal(count_objects(h, all), 5);
	assert_rv(p11->C_Logout(h), CKR_OK);
	assert_int_equal(count_objects(h, all), 1);
	assert_rv(p11->C_GetAttributeValue(h, 8, &a, 1), CKR_OBJECT_HANDLE_INVALID);
	p11_stop();
}

static void a_triple_shares_its_id_and_its_key(void **state)
{
	CK_SESSION_HANDLE h;
	uint8_t one[600], two[600];
	CK_ULONG bits = 0;
	CK_ATTRIBUTE size = {CKA_MODULUS_BITS, &bits, sizeof(bits)};

	(void)state;
	p11_start(NULL, NULL);
	for (int slot = 0; slot < 2; slot++) {
		CK_OBJECT_HANDLE cert = slot == 0 ? 3 : 8;
		size_t n;

		h = p11_open((CK_SLOT_ID)slot, 0);
		assert_rv(p11_login(h, CKU_USER, slot == 0 ? "1234" : "ABC123"), CKR_OK);
		for (CK_OBJECT_HANDLE o = cert; o < cert + 3; o++) {
			assert_int_equal(value(h, o, CKA_ID, one, sizeof(one)), 1);
			assert_int_equal(one[0], slot + 1);
		}
		n = value(h, cert + 1, CKA_MODULUS, one, sizeof(one));
		assert_int_equal(n, 256);
		assert_int_equal(value(h, cert + 2, CKA_MODULUS, two, sizeof(two)), n);
		assert_memory_equal(one, two, n);
		n = value(h, cert, CKA_PUBLIC_KEY_INFO, one, sizeof(one));
		assert_int_equal(value(h, cert + 1, CKA_PUBLIC_KEY_INFO, two, sizeof(two)), n);
		assert_memory_equal(one, two, n);
		assert_rv(p11->C_GetAttributeValue(h, cert + 1, &size, 1), CKR_OK);
		assert_int_equal(bits, 2048);
	}
	p11_stop();
}

static void attributes_are_answered_one_by_one(void **state)
{
	CK_OBJECT_CLASS class = 0;
	CK_BBOOL sign = 2;
	uint8_t small[2], id[4];
	CK_ATTRIBUTE t[] = {
		{CKA_CLASS, &class, sizeof(class)},  {CKA_PRIVATE_EXPONENT, small, sizeof(small)},
		{CKA_MODULUS, small, sizeof(small)}, {CKA_EC_PARAMS, small, sizeof(small)},
		{CKA_SIGN, &sign, sizeof(sign)},     {CKA_ID, id, sizeof(id)}};
	CK_SESSION_HANDLE h;
	CK_RV rv;

	(void)state;
	p11_start(NULL, NULL);
	h = p11_open(AUTH_SLOT, 0);
	assert_rv(p11_login(h, CKU_USER, "1234"), CKR_OK);
	rv = p11->C_GetAttributeValue(h, 5, t, 6);
	assert_true(rv == CKR_ATTRIBUTE_SENSITIVE || rv == CKR_ATTRIBUTE_TYPE_INVALID ||
		    rv == CKR_BUFFER_TOO_SMALL);
	assert_int_equal(class, CKO_PRIVATE_KEY);
	assert_int_equal(t[1].ulValueLen, CK_UNAVAILABLE_INFORMATION);
	assert_int_equal(t[2].ulValueLen, CK_UNAVAILABLE_INFORMATION);
	assert_int_equal(t[3].ulValueLen, CK_UNAVAILABLE_INFORMATION);
	assert_int_equal(sign, CK_TRUE);
	assert_int_equal(t[5].ulValueLen, 1);
	assert_rv(p11->C_GetAttributeValue(h, 5, &t[1], 1), CKR_ATTRIBUTE_SENSITIVE);
	assert_rv(p11->C_GetAttributeValue(h, 5, &t[3], 1), CKR_ATTRIBUTE_TYPE_INVALID);
	assert_rv(p11->C_GetAttributeValue(h, 5, NULL, 1), CKR_ARGUMENTS_BAD);
	assert_rv(p11->C_GetAttributeValue(h, 99, t, 1), CKR_OBJECT_HANDLE_INVALID);
	p11_stop();
}

static void a_certificate_is_found_by_its_issuer_and_number(void **state)
{
	uint8_t issuer[1024], serial[32];
	CK_OBJECT_CLASS class = CKO_CERTIFICATE;
	CK_ATTRIBUTE t[] = {{CKA_ISSUER, issuer, 0},
			    {CKA_SERIAL_NUMBER, serial, 0},
			    {CKA_CLASS, &class, sizeof(class)}};
	CK_OBJECT_HANDLE found[4];
	CK_SESSION_HANDLE h;
	CK_ULONG n = 0;

	(void)state;
	p11_start(NULL, NULL);
	h = p11_open(AUTH_SLOT, 0);
	t[0].ulValueLen = value(h, 3, CKA_ISSUER, issuer, sizeof(issuer));
	t[1].ulValueLen = value(h, 3, CKA_SERIAL_NUMBER, serial, sizeof(serial));
	assert_int_equal(serial[0], 0x02);
	assert_rv(p11->C_FindObjectsInit(h, t, 3), CKR_OK);
	assert_rv(p11->C_FindObjectsInit(h, t, 3), CKR_OPERATION_ACTIVE);
	assert_rv(p11->C_FindObjects(h, found, 4, &n), CKR_OK);
	assert_int_equal(n, 1);
	assert_int_equal(found[0], 3);
	assert_rv(p11->C_FindObjects(h, found, 4, &n), CKR_OK);
	assert_int_equal(n, 0);
	assert_rv(p11->C_FindObjectsFinal(h), CKR_OK);
	assert_rv(p11->C_FindObjectsFinal(h), CKR_OPERATION_NOT_INITIALIZED);
	assert_rv(p11->C_FindObjects(h, found, 4, &n), CKR_OPERATION_NOT_INITIALIZED);
	p11_stop();
}

static void two_cards_have_two_serial_numbers(void **state)
{
	CK_TOKEN_INFO a, b, sign;

	(void)state;
	p11_start(NULL, NULL);
	p11_insert_other("long-names");
	assert_rv(p11->C_GetTokenInfo(AUTH_SLOT, &a), CKR_OK);
	assert_rv(p11->C_GetTokenInfo(SIGN_SLOT, &sign), CKR_OK);
	assert_rv(p11->C_GetTokenInfo(OTHER_AUTH_SLOT, &b), CKR_OK);
	assert_memory_equal(a.serialNumber, sign.serialNumber, 16);
	assert_memory_not_equal(a.serialNumber, b.serialNumber, 16);
	assert_memory_equal(a.label, "My Number Card (auth)           ", 32);
	assert_memory_equal(sign.label, "My Number Card (sign)           ", 32);
	assert_int_equal(a.ulMinPinLen, 4);
	assert_int_equal(a.ulMaxPinLen, 4);
	assert_int_equal(sign.ulMinPinLen, 6);
	assert_int_equal(sign.ulMaxPinLen, 16);
	p11_stop();
}

/* The authentication key of the card in the second reader signs. */
static void sign_with_other(void)
{
	CK_SESSION_HANDLE h = p11_open(OTHER_AUTH_SLOT, 0);

	assert_rv(p11_login(h, CKU_USER, "1234"), CKR_OK);
	assert_rv(p11_sign_init(h), CKR_OK);
	assert_rv(p11_sign(h), CKR_OK);
	assert_rv(p11->C_CloseSession(h), CKR_OK);
}

static void other_tokens_are_what_they_are(void **state)
{
	CK_OBJECT_HANDLE all[32];
	CK_SESSION_HANDLE h;
	CK_TOKEN_INFO info;

	(void)state;
	/* a phone guards its authentication certificate too (card-spec 3.2) */
	p11_start(NULL, NULL);
	p11_insert_other("android");
	assert_rv(p11->C_GetTokenInfo(OTHER_AUTH_SLOT, &info), CKR_OK);
	assert_memory_not_equal(info.serialNumber, "                ", 16);
	h = p11_open(OTHER_AUTH_SLOT, 0);
	assert_int_equal(p11_object(h, CKO_CERTIFICATE), 6); /* the CA's */
	assert_int_equal(p11_object(h, CKO_PUBLIC_KEY), 0);
	sign_with_other();
	assert_int_equal(p11_object(h, CKO_CERTIFICATE), 3); /* h keeps the login */
	p11_stop();
	/* below fifteen there is no signing certificate (card-spec 3.2: file 0008) */
	p11_start(NULL, NULL);
	p11_insert_other("child");
	h = p11_open(OTHER_AUTH_SLOT + 1, 0);
	assert_int_equal(count_objects(h, all), 1);
	sign_with_other();
	p11_stop();
	/* a licence has no JPKI application */
	p11_start(NULL, NULL);
	p11_insert_other("licence");
	assert_rv(p11->C_GetTokenInfo(OTHER_AUTH_SLOT, &info), CKR_TOKEN_NOT_RECOGNIZED);
	assert_rv(p11->C_OpenSession(OTHER_AUTH_SLOT, CKF_SERIAL_SESSION, NULL, NULL, &h),
		  CKR_TOKEN_NOT_RECOGNIZED);
	p11_stop();
}

static void nothing_can_be_written(void **state)
{
	CK_OBJECT_CLASS class = CKO_DATA;
	CK_ATTRIBUTE t = {CKA_CLASS, &class, sizeof(class)};
	CK_OBJECT_HANDLE o;
	CK_SESSION_HANDLE h;

	(void)state;
	p11_start(NULL, NULL);
	h = p11_open(AUTH_SLOT, 0);
	assert_rv(p11->C_CreateObject(h, &t, 1, &o), CKR_SESSION_READ_ONLY);
	h = p11_open(AUTH_SLOT, CKF_RW_SESSION);
	assert_rv(p11->C_CreateObject(h, &t, 1, &o), CKR_TOKEN_WRITE_PROTECTED);
	assert_rv(p11->C_CreateObject(h, NULL, 1, &o), CKR_ARGUMENTS_BAD);
	assert_rv(p11->C_CreateObject(h, &t, 1, NULL), CKR_ARGUMENTS_BAD);
	assert_rv(p11->C_DestroyObject(h, 3), CKR_TOKEN_WRITE_PROTECTED);
	assert_rv(p11->C_DestroyObject(h, 99), CKR_OBJECT_HANDLE_INVALID);
	assert_rv(p11->C_SetAttributeValue(h, 3, &t, 1), CKR_TOKEN_WRITE_PROTECTED);
	assert_rv(p11->C_CopyObject(h, 3, NULL, 0, &o), CKR_TOKEN_WRITE_PROTECTED);
	p11_stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(certificates_are_those_of_the_card),
		cmocka_unit_test(a_file_is_read_once),
		cmocka_unit_test(nothing_of_the_signing_certificate_shows_before_its_login),
		cmocka_unit_test(a_triple_shares_its_id_and_its_key),
		cmocka_unit_test(attributes_are_answered_one_by_one),
		cmocka_unit_test(a_certificate_is_found_by_its_issuer_and_number),
		cmocka_unit_test(two_cards_have_two_serial_numbers),
		cmocka_unit_test(other_tokens_are_what_they_are),
		cmocka_unit_test(nothing_can_be_written),
	};

	return cmocka_run_group_tests_name("objects", tests, NULL, NULL);
}
