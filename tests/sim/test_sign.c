/* SPDX-License-Identifier: Apache-2.0 */
/* Signing modes, the 券面 keys, INTERNAL AUTHENTICATE and secure messaging, each answer
 * checked with OpenSSL: card-spec 4.1, 4.2, 4.5. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "simtalk.h"

/* 51 bytes: DigestInfo of SHA-256 of nothing in particular. */
#define DIGEST "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"
#define INFO   "3031300D060960864801650304020105000420" DIGEST

/* The public key of the certificate in the current answers' EF. */
static EVP_PKEY *certificate_key(card_sim_t *c, const char *select_ef)
{
	static uint8_t file[65536];
	const unsigned char *p = file;

	say(c, select_ef, "9000");
	size_t n = simtalk_read_all(c, file, sizeof file);
	X509 *x = d2i_X509(NULL, &p, (long)n);
	assert_non_null(x);
	EVP_PKEY *key = X509_get_pubkey(x);
	X509_free(x);
	return key;
}

/* A key from a "public key object" (90 03 010001 91 82 0100 modulus). */
static EVP_PKEY *object_key(const uint8_t *p, size_t n)
{
	size_t en, mn;
	const uint8_t *e = simtalk_tlv(p, n, 0x90, &en), *m = simtalk_tlv(p, n, 0x91, &mn);

	assert_non_null(e);
	assert_non_null(m);
	assert_int_equal(en, 3);
	assert_int_equal(mn, 256);
	BIGNUM *bn = BN_bin2bn(m, 256, NULL), *be = BN_bin2bn(e, 3, NULL);
	OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
	OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_N, bn);
	OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_E, be);
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(bld);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	EVP_PKEY *key = NULL;
	assert_int_equal(EVP_PKEY_fromdata_init(ctx), 1);
	assert_int_equal(EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params), 1);
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(bld);
	BN_free(bn);
	BN_free(be);
	return key;
}

/* What PKCS#1 v1.5 padding held. */
static const char *recovered(EVP_PKEY *key)
{
	uint8_t out[256];
	size_t n = sizeof out;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);

	assert_int_equal(told_n, 256);
	assert_int_equal(EVP_PKEY_verify_recover_init(ctx), 1);
	EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING);
	assert_int_equal(EVP_PKEY_verify_recover(ctx, out, &n, told, told_n), 1);
	EVP_PKEY_CTX_free(ctx);
	return simtalk_hex(out, n);
}

static int pss_verifies(EVP_PKEY *key, const char *digest_hex)
{
	uint8_t digest[32];
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);

	simtalk_bytes(digest_hex, digest, sizeof digest);
	EVP_PKEY_verify_init(ctx);
	EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING);
	EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256());
	int r = EVP_PKEY_verify(ctx, told, told_n, digest, sizeof digest);
	EVP_PKEY_CTX_free(ctx);
	return r == 1;
}

/* SHA-256("abc"): FIPS 180-4 example. */
#define ABC        "616263"
#define ABC_DIGEST "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"

static void modes_of_the_authentication_key(void **state)
{
	card_sim_t *c = simtalk_card("test-person", NULL);

	(void)state;
	say(c, SELECT_JPKI, "9000");
	EVP_PKEY *key = certificate_key(c, "00A4020C02000A");
	say(c, "802A009733" INFO "00", "6982");
	say(c, "0020009804" DATA_1234, "9000");
	say(c, "00A4020C020017", "9000");
	say(c, "802A008033" INFO "00", "*9000"); /* current EF */
	assert_string_equal(recovered(key), INFO);
	say(c, "802A009733" INFO "00", "*9000"); /* short identifier */
	assert_string_equal(recovered(key), INFO);
	say(c, "802A009703" ABC "00", "*9000"); /* P1 00: as given */
	assert_string_equal(recovered(key), ABC);
	say(c, "802A019703" ABC "00", "*9000"); /* 01: bare hash */
	assert_string_equal(recovered(key), ABC_DIGEST);
	say(c, "802A029720" DIGEST "00", "*9000"); /* 02: given hash in a DigestInfo */
	assert_string_equal(recovered(key), INFO);
	say(c, "802A039703" ABC "00", "*9000"); /* 03 */
	assert_string_equal(recovered(key), "3031300D060960864801650304020105000420" ABC_DIGEST);
	say(c, "802A049720" DIGEST "00", "*9000"); /* 04: PSS */
	assert_true(pss_verifies(key, DIGEST));
	uint8_t first[256];
	memcpy(first, told, sizeof first);
	say(c, "802A049720" DIGEST "00", "*9000");
	assert_memory_not_equal(first, told, sizeof first); /* random salt */
	say(c, "802A059703" ABC "00", "*9000");             /* 05 */
	assert_true(pss_verifies(key, ABC_DIGEST));
	say(c, "802A069703" ABC "00", "6A86");
	say(c, "802A029703" ABC "00", "6985");
	say(c, "802A049703" ABC "00", "6985");
	say(c, "802A009733" INFO, "6700");      /* no Le */
	say(c, "802A000033" INFO "00", "6A86"); /* no default key here */
	say(c, "802A009833" INFO "00", "6985"); /* a PIN is no key */
	say(c, "802A009A33" INFO "00", "6982"); /* the other key needs the other secret */
	EVP_PKEY_free(key);
	card_sim_free(&c);
}

static void longest_and_too_long_input(void **state)
{
	card_sim_t *c = simtalk_card("test-person", NULL);
	char cmd[600];

	(void)state;
	say(c, SELECT_JPKI, "9000");
	say(c, "0020009804" DATA_1234, "9000");
	for (int n = 245; n <= 246; n++) {
		int at = snprintf(cmd, sizeof cmd, "802A0097%02X", (unsigned)n);

		for (int i = 0; i < n; i++)
			at += snprintf(cmd + at, sizeof cmd - (size_t)at, "5A");
		snprintf(cmd + at, sizeof cmd - (size_t)at, "00");
		say(c, cmd, n == 245 ? "*9000" : "6985");
	}
	card_sim_free(&c);
}

static void the_sign_key(void **state)
{
	card_sim_t *c = simtalk_card("test-person", NULL);

	(void)state;
	say(c, SELECT_JPKI, "9000");
	say(c, "0020009B06" DATA_SIGN, "9000");
	EVP_PKEY *key = certificate_key(c, "00A4020C020001");
	say(c, "802A009A33" INFO "00", "*9000");
	assert_string_equal(recovered(key), INFO);
	say(c, "802A009733" INFO "00", "6982");
	EVP_PKEY_free(key);
	card_sim_free(&c);
}

static void face_applications_sign_without_a_secret(void **state)
{
	card_sim_t *c = simtalk_card("test-person", NULL);
	static uint8_t file[65536];
	size_t n, len;

	(void)state;
	say(c, SELECT_TEXT, "9000");
	say(c, "0020009104" DATA_1234, "9000");
	say(c, "00A4020C020007", "9000");
	n = simtalk_read_all(c, file, sizeof file);
	const uint8_t *record = simtalk_tlv(file, n, 0xFF50, &len);
	assert_non_null(record);
	const uint8_t *object = simtalk_tlv(record, len, 0xDF51, &len);
	EVP_PKEY *key = object_key(object, len);
	say(c, SELECT_ISD, "9000");
	say(c, SELECT_TEXT, "9000");
	say(c, "802A000033" INFO "00", "*9000"); /* 6.1 step 3 */
	assert_string_equal(recovered(key), INFO);
	say(c, "802A050003" ABC "00", "*9000");
	assert_true(pss_verifies(key, ABC_DIGEST));
	say(c, "802A009333" INFO "00", "*9000"); /* 0013 by its own name */
	assert_string_equal(recovered(key), INFO);
	EVP_PKEY_free(key);

	say(c, SELECT_SURFACE, "9000");
	say(c, "802A000033" INFO "00", "*9000");
	uint8_t sig[256];
	memcpy(sig, told, sizeof sig);
	say(c, "002000930C" DATA_A, "9000");
	static const char *const files[3] = {"00A4020C020005", "00A4020C020002", "00A4020C020001"};
	static const unsigned outer[3] = {0xFF40, 0xFF20, 0xFF10},
			      inner[3] = {0xDF42, 0xDF24, 0xDF12};
	for (int i = 0; i < 3; i++) { /* the same key in all three (3.3) */
		if (i == 2)
			say(c, "0020009106" DATA_BIRTH, "9000");
		say(c, files[i], "9000");
		n = simtalk_read_all(c, file, sizeof file);
		record = simtalk_tlv(file, n, outer[i], &len);
		assert_non_null(record);
		object = simtalk_tlv(record, len, inner[i], &len);
		assert_int_equal(len, 265);
		key = object_key(object, len);
		memcpy(told, sig, sizeof sig);
		told_n = 256;
		assert_string_equal(recovered(key), INFO);
		EVP_PKEY_free(key);
	}
	card_sim_free(&c);
}

static void internal_authenticate(void **state)
{
	card_sim_t *c = simtalk_card("test-person", NULL);
	uint8_t first[256];

	(void)state;
	say(c, SELECT_COMMON, "9000");
	say(c,
	    "0088009910"
	    "00112233445566778899AABBCCDDEEFF"
	    "00",
	    "*9000");
	assert_int_equal(told_n, 256);
	memcpy(first, told, sizeof first);
	say(c, "00A4020C020019", "9000");
	say(c,
	    "0088008010"
	    "00112233445566778899AABBCCDDEEFF"
	    "00",
	    "*9000");
	assert_memory_equal(first, told, sizeof first); /* deterministic */
	say(c, "802A008033" INFO "00", "6985");
	say(c, SELECT_JPKI, "9000");
	say(c,
	    "0088009710"
	    "00112233445566778899AABBCCDDEEFF"
	    "00",
	    "6982");
	say(c, "0020009804" DATA_1234, "9000");
	say(c,
	    "0088009710"
	    "00112233445566778899AABBCCDDEEFF"
	    "00",
	    "6982");
	say(c, SELECT_TEXT, "9000");
	say(c,
	    "0088009310"
	    "00112233445566778899AABBCCDDEEFF"
	    "00",
	    "6985");
	say(c, SELECT_SURFACE, "9000");
	say(c,
	    "0088009A10"
	    "00112233445566778899AABBCCDDEEFF"
	    "00",
	    "6985");
	card_sim_free(&c);
}

/* ---------------------------------------------------------- secure messaging, 4.5 */

struct session {
	card_sim_t *card;
	uint8_t key[16];
	unsigned n;
};

static void crypt(int encrypt, const EVP_CIPHER *cipher, const uint8_t *key, const uint8_t *iv,
		  const uint8_t *in, size_t n, uint8_t *out)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int len;

	assert_int_equal(EVP_CipherInit_ex(ctx, cipher, NULL, key, iv, encrypt), 1);
	EVP_CIPHER_CTX_set_padding(ctx, 0);
	assert_int_equal(EVP_CipherUpdate(ctx, out, &len, in, (int)n), 1);
	EVP_CIPHER_CTX_free(ctx);
}

static void session_iv(const struct session *s, uint8_t iv[16])
{
	uint8_t n[16] = {0};

	n[15] = (uint8_t)s->n;
	crypt(1, EVP_aes_128_ecb(), s->key, NULL, n, 16, iv);
}

/* A0 22 80 20 seed under the key of EF 0006; the answer must be `expected`. */
static void set_key_with(struct session *s, const char *plain_hex, const char *expected)
{
	static uint8_t file[512];
	uint8_t plain[64], secret[256];
	size_t len, out = sizeof secret, n = simtalk_bytes(plain_hex, plain, sizeof plain);
	char cmd[600];

	say(s->card, "00A4020C020006", "9000");
	size_t got = simtalk_read_all(s->card, file, sizeof file);
	const uint8_t *object = simtalk_tlv(file, got, 0xA1, &len);
	EVP_PKEY *key = object_key(object, len);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
	EVP_PKEY_encrypt_init(ctx);
	EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING);
	EVP_PKEY_CTX_set_rsa_oaep_md(ctx, EVP_sha256());
	assert_int_equal(EVP_PKEY_encrypt(ctx, secret, &out, plain, n), 1);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(key);
	snprintf(cmd, sizeof cmd, "80AE0000000100%s", simtalk_hex(secret, out));
	say(s->card, cmd, expected);
	memcpy(s->key, plain + 4, 16);
	s->n = 0;
}

#define SEED "F0E0D0C0B0A090807060504030201000FFEEDDCCBBAA99887766554433221100"

/* header is CLA INS P1 P2; the plain data goes as 86 len 01 cryptogram. */
static void say_protected(struct session *s, const char *header, const char *data,
			  const char *expected)
{
	uint8_t plain[64] = {0}, iv[16], secret[64];
	size_t n = simtalk_bytes(data, plain, 32);
	char cmd[200];

	s->n++;
	plain[n++] = 0x80;
	while (n % 16)
		plain[n++] = 0;
	session_iv(s, iv);
	crypt(1, EVP_aes_128_cbc(), s->key, iv, plain, n, secret);
	snprintf(cmd, sizeof cmd, "%s%02X86%02X01%s", header, (unsigned)n + 3, (unsigned)n + 1,
		 simtalk_hex(secret, n));
	say(s->card, cmd, expected);
}

/* READ BINARY of `wanted` bytes at the offset in header; told holds the plain text. */
static void read_protected(struct session *s, const char *header, const char *wanted)
{
	char cmd[64];
	uint8_t iv[16], plain[1024];
	size_t len;

	s->n++;
	snprintf(cmd, sizeof cmd, "%s0000059603%s0000", header, wanted);
	say(s->card, cmd, "86*9000");
	const uint8_t *object = simtalk_tlv(told, told_n, 0x86, &len);
	assert_non_null(object);
	assert_int_equal(object[0], 0x01);
	session_iv(s, iv);
	crypt(0, EVP_aes_128_cbc(), s->key, iv, object + 1, len - 1, plain);
	told_n = len - 1;
	while (told_n && plain[told_n - 1] == 0)
		told_n--;
	assert_int_equal(plain[told_n - 1], 0x80);
	told_n--;
	memcpy(told, plain, told_n);
}

static void secure_messaging_reads_and_verifies(void **state)
{
	struct session s = {.card = simtalk_card("test-person", NULL)};

	(void)state;
	say(s.card, SELECT_TEXT, "9000");
	say(s.card, "0020009104" DATA_1234, "9000");
	set_key_with(&s, "A0228020" SEED, "9000");
	say_protected(&s, "08A4020C", "0001", "9000");
	read_protected(&s, "08B00000", "00000F");
	assert_string_equal(simtalk_hex(told, told_n), "FF100C353337363836363737313838");
	read_protected(&s, "08B00003", "000000"); /* 0: all, filler included */
	assert_string_equal(simtalk_hex(told, told_n), "353337363836363737313838FFFF");
	say_protected(&s, "08200091", DATA_WRONG, "63C2"); /* counts although refused */
	say_protected(&s, "08200091", DATA_1234, "9000");
	say(s.card, "00B0850005", "FF4082009F9000"); /* plain commands do not count */
	read_protected(&s, "08B08100", "000003");
	assert_string_equal(simtalk_hex(told, told_n), "FF100C");
	say(s.card, SELECT_TEXT, "9000"); /* ends it */
	say(s.card,
	    "08B000000000059603000003"
	    "0000",
	    "69FC");
	card_sim_free(&s.card);
}

static void secure_messaging_refusals(void **state)
{
	struct session s = {.card = simtalk_card("test-person", NULL)};

	(void)state;
	say(s.card, SELECT_JPKI, "9000");
	say(s.card, "80AE00000101", "6982");
	say(s.card, "08A4020C0486020101", "6882");
	say(s.card, "08B00000000005960300000F0000", "69FC");
	say(s.card, SELECT_JUKI, "9000");
	say(s.card, "80AE00000101", "6982");
	say(s.card, SELECT_COMMON, "9000");
	say(s.card, "80AE00000101", "66F1");
	say(s.card, SELECT_SURFACE, "9000");
	say(s.card, "80AE00000101", "66F1");
	say(s.card, SELECT_TEXT, "9000");
	say(s.card, "08B00000000005960300000F0000", "69FC"); /* no session */
	say(s.card, "0CA4020C0486020101", "6987");
	say(s.card, "002000940C" DATA_A, "9000");
	set_key_with(&s, "A0228020" SEED, "6982"); /* 照合番号A alone is not enough */
	say(s.card, "0020009104" DATA_1234, "9000");
	set_key_with(&s, "A0228120" SEED, "6A80");
	set_key_with(&s, "A0218020" SEED, "6A80");
	char cmd[600] = "80AE0000000100";
	for (int i = 0; i < 256; i++)
		strcat(cmd, "FF"); /* not below the modulus */
	say(s.card, cmd, "6F00");
	set_key_with(&s, "A0228020" SEED, "9000");
	say(s.card, "08A4020C0687030102 0304 05", "6988"); /* wrong object: the state is dead */
	say_protected(&s, "08A4020C", "0001", "69FC");
	set_key_with(&s, "A0228020" SEED, "9000");
	s.n = 5; /* wrong counter */
	say_protected(&s, "08A4020C", "0001", "6988");
	say_protected(&s, "08A4020C", "0001", "69FC");
	card_sim_free(&s.card);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(modes_of_the_authentication_key),
		cmocka_unit_test(longest_and_too_long_input),
		cmocka_unit_test(the_sign_key),
		cmocka_unit_test(face_applications_sign_without_a_secret),
		cmocka_unit_test(internal_authenticate),
		cmocka_unit_test(secure_messaging_reads_and_verifies),
		cmocka_unit_test(secure_messaging_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
