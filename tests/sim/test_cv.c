/* SPDX-License-Identifier: Apache-2.0 */
/* The card-verifiable chains of card-spec 3.8 and 6.1 and the record signatures of 3.3 and 3.4,
 * verified by OpenSSL. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "simtalk.h"

static uint8_t file[65536];

static EVP_PKEY *rsa_key(const uint8_t modulus[256])
{
	BIGNUM *n = BN_bin2bn(modulus, 256, NULL);
	OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	EVP_PKEY *key = NULL;

	OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_N, n);
	OSSL_PARAM_BLD_push_uint32(bld, OSSL_PKEY_PARAM_RSA_E, 65537);
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(bld);
	assert_int_equal(EVP_PKEY_fromdata_init(ctx), 1);
	assert_int_equal(EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params), 1);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(bld);
	EVP_PKEY_CTX_free(ctx);
	BN_free(n);
	return key;
}

/* The issuer key with this id in trust/cv-ca.csv. */
static EVP_PKEY *cv_issuer(const char *id_hex)
{
	char path[1200], line[1024];
	uint8_t modulus[256];
	EVP_PKEY *key = NULL;

	snprintf(path, sizeof path, "%s/trust/cv-ca.csv", simtalk_fixtures());
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	while (!key && fgets(line, sizeof line, f)) {
		char *end = strchr(line, '\n');

		if (end)
			*end = 0;
		if (strncmp(line, id_hex, 32) != 0)
			continue;
		assert_int_equal(simtalk_bytes(strrchr(line, ',') + 1, modulus, 256), 256);
		key = rsa_key(modulus);
	}
	fclose(f);
	assert_non_null(key);
	return key;
}

static int verifies(EVP_PKEY *key, const uint8_t *data, size_t n, const uint8_t *sig)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int r = EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
		EVP_DigestVerify(ctx, sig, 256, data, n) == 1;

	EVP_MD_CTX_free(ctx);
	return r;
}

/* Check 563 bytes (5F4E, 5F37) against a key; the certified key. */
static EVP_PKEY *cv_subject(const uint8_t *p, size_t n, EVP_PKEY *issuer, const char *issuer_id,
			    const char *subject_id)
{
	size_t len;

	assert_int_equal(n, 563);
	assert_memory_equal(p, "\x5F\x4E\x82\x01\x29", 5); /* 3.8 */
	const uint8_t *body = simtalk_tlv(p, n, 0x5F4E, &len);
	assert_int_equal(len, 297);
	assert_string_equal(simtalk_hex(body, 16), issuer_id);
	assert_string_equal(simtalk_hex(body + 16, 16), subject_id);
	assert_memory_equal(body + 32, "\x90\x03\x01\x00\x01\x91\x82\x01\x00", 9);
	const uint8_t *sig = simtalk_tlv(p, n, 0x5F37, &len);
	assert_int_equal(len, 256);
	assert_true(verifies(issuer, body, 297, sig));
	return rsa_key(body + 41);
}

#define ID_MF        "363030303032300805393031000000A8"
#define ID_MIDDLE    "36303030303231080539303100000000"
#define ID_SURFACE   "36303030303233080539303100000000"
#define ID_TEXT      "36303030303333080539303100000000"
#define ID_MUNICIPAL "31333232313231080530303000000000" /* 1322121/000 */

static void chain_of_the_card_manager(void **state)
{
	card_sim_t *c = simtalk_card("test-person", NULL);
	EVP_PKEY *root = cv_issuer(ID_MF);

	(void)state;
	say(c, "00CA00F8000000", "*9000"); /* 6.1 step 4 */
	EVP_PKEY *middle = cv_subject(told, told_n, root, ID_MF, ID_MIDDLE);
	say(c, "00CA7F21000000", "*9000");
	EVP_PKEY *lower = cv_subject(told, told_n, middle, ID_MIDDLE, ID_MUNICIPAL);
	EVP_PKEY_free(lower);
	EVP_PKEY_free(middle);
	EVP_PKEY_free(root);
	card_sim_free(&c);
}

/* EF 0004 of the selected AP: the municipality's key. */
static EVP_PKEY *municipal_key(card_sim_t *c, const char *issuer_id)
{
	EVP_PKEY *issuer = cv_issuer(issuer_id);

	say(c, "00A4020C020004", "9000");
	size_t n = simtalk_read_all(c, file, sizeof file);
	assert_true(n >= 568);
	assert_memory_equal(file, "\x7F\x21\x82\x02\x33", 5);
	EVP_PKEY *key = cv_subject(file + 5, 563, issuer, issuer_id, ID_MUNICIPAL);
	EVP_PKEY_free(issuer);
	return key;
}

static void text_records_are_signed(void **state)
{
	card_sim_t *c = simtalk_card("test-person", NULL);
	size_t len;

	(void)state;
	say(c, SELECT_TEXT, "9000");
	say(c, "0020009104" DATA_1234, "9000");
	EVP_PKEY *key = municipal_key(c, ID_TEXT);
	say(c, "00A4020C020003", "9000");
	simtalk_read_all(c, file, sizeof file);
	/* DF33 signs the DF31‖DF32 TLVs: 2 × 35 bytes after FF30 82 014B */
	assert_memory_equal(file + 5 + 70, "\xDF\x33\x82\x01\x00", 5);
	assert_true(verifies(key, file + 5, 70, file + 5 + 75));
	say(c, "00A4020C020007", "9000");
	size_t n = simtalk_read_all(c, file, sizeof file);
	const uint8_t *record = simtalk_tlv(file, n, 0xFF50, &len);
	assert_int_equal(len, 0x213);
	/* DF52 signs the DF51 TLV */
	assert_true(verifies(key, record, 5 + 265, record + 270 + 5));
	EVP_PKEY_free(key);
	card_sim_free(&c);
}

static void surface_records_are_signed(void **state)
{
	card_sim_t *c = simtalk_card("test-person", NULL);
	uint8_t info[115] = {0}, out[256];
	size_t n, len, got = sizeof out;
	unsigned dlen = 32;

	(void)state;
	say(c, SELECT_SURFACE, "9000");
	say(c, "002000930C" DATA_A, "9000");
	say(c, "0020009106" DATA_BIRTH, "9000");
	EVP_PKEY *key = municipal_key(c, ID_SURFACE);
	static const char *const selects[] = {"00A4020C020001", "00A4020C020005"};
	static const unsigned outer[] = {0xFF10, 0xFF40}, sig_tag[] = {0xDF13, 0xDF43};
	for (int i = 0; i < 2; i++) {
		say(c, selects[i], "9000");
		n = simtalk_read_all(c, file, sizeof file);
		const uint8_t *record = simtalk_tlv(file, n, outer[i], &n);
		const uint8_t *sig = simtalk_tlv(record, n, sig_tag[i], &len);
		assert_int_equal(len, 256);
		assert_true(verifies(key, record, (size_t)(sig - record) - 5, sig));
	}
	/* DF28: a DigestInfo of 96 bytes over three parts, cut by the offsets */
	say(c, "00A4020C020002", "9000");
	n = simtalk_read_all(c, file, sizeof file);
	size_t at[9];
	for (int k = 0; k < 9; k++)
		at[k] = (size_t)file[8 + 2 * k] << 8 | file[9 + 2 * k];
	simtalk_bytes("3071300D060960864801650304020105000460", info, sizeof info);
	static const int cut[4] = {0, 3, 5, 6};
	for (int k = 0; k < 3; k++)
		EVP_Digest(file + at[cut[k]], at[cut[k + 1]] - at[cut[k]], info + 19 + 32 * k,
			   &dlen, EVP_sha256(), NULL);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
	EVP_PKEY_verify_recover_init(ctx);
	EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING);
	assert_int_equal(EVP_PKEY_verify_recover(ctx, out, &got, file + at[6] + 5, 256), 1);
	assert_int_equal(got, sizeof info);
	assert_memory_equal(out, info, sizeof info);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(key);
	card_sim_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chain_of_the_card_manager),
		cmocka_unit_test(text_records_are_signed),
		cmocka_unit_test(surface_records_are_signed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
