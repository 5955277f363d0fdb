/* SPDX-License-Identifier: Apache-2.0 */
/* Proves that signatures verify if and only if they are right, for every scheme. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include <openssl/rsa.h>

#include <card/cert.h>

#include "made_pki.h"

static struct made_key rsa, rsa_other, p384;

static card_cert_t *cert_of(const struct made_key *key)
{
	struct made_cert m = {.kind = MADE_AUTH,
			      .serial = 5,
			      .not_before = 1700000000,
			      .not_after = 1900000000,
			      .key = key,
			      .issuer = &rsa};
	card_buf_t der = {0};
	made_cert(&m, &der);
	card_cert_t *c;
	assert_int_equal(card_cert_new(&c, card_buf_bytes(&der)), CARD_OK);
	card_buf_free(&der);
	return c;
}

static void hashes_match_published_digests(void **state)
{
	(void)state;
	/* FIPS 180-4 examples: "abc" */
	static const struct {
		enum card_hash hash;
		const char *digest;
	} rows[] = {
		{CARD_HASH_SHA1, "A9993E364706816ABA3E25717850C26C9CD0D89D"},
		{CARD_HASH_SHA256,
		 "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"},
		{CARD_HASH_SHA384,
		 "CB00753F45A35E8BB5A03D699AC65007272C32AB0EDED1631A8B605A43FF5BED"
		 "8086072BA1E7CC2358BAECA134C825A7"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t digest[CARD_HASH_MAX];
		char text[2 * CARD_HASH_MAX + 1];
		assert_int_equal(card_hash_digest(rows[i].hash, card_bytes("abc", 3), digest),
				 CARD_OK);
		card_hex_encode(card_bytes(digest, card_hash_size(rows[i].hash)), text,
				sizeof(text));
		assert_string_equal(text, rows[i].digest);
	}
	uint8_t digest[CARD_HASH_MAX];
	assert_int_equal(card_hash_digest(CARD_HASH_NONE, card_bytes("abc", 3), digest),
			 CARD_ERR_UNSUPPORTED);
}

static void every_scheme_verifies_and_every_flipped_bit_fails(void **state)
{
	(void)state;
	static const struct {
		struct made_key *key;
		enum card_hash hash;
		unsigned flags;
	} rows[] = {
		{&rsa, CARD_HASH_SHA256, 0},
		{&rsa, CARD_HASH_SHA384, 0},
		{&rsa, CARD_HASH_SHA512, 0},
		{&rsa, CARD_HASH_SHA1, CARD_VERIFY_ALLOW_SHA1},
		{&rsa, CARD_HASH_SHA256, CARD_VERIFY_PSS},
		{&rsa, CARD_HASH_SHA384, CARD_VERIFY_PSS},
		{&p384, CARD_HASH_SHA384, 0},
		{&p384, CARD_HASH_SHA256, 0},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t digest[CARD_HASH_MAX];
		card_cert_t *c = cert_of(rows[i].key);
		assert_int_equal(card_hash_digest(rows[i].hash, card_bytes("challenge", 9), digest),
				 CARD_OK);
		struct card_bytes d = card_bytes(digest, card_hash_size(rows[i].hash));
		card_buf_t sig = {0};
		made_sign_digest(rows[i].key, rows[i].hash, rows[i].flags & CARD_VERIFY_PSS, d,
				 &sig);
		struct card_bytes s = card_buf_bytes(&sig);
		assert_int_equal(card_cert_verify_signature(c, rows[i].hash, d, s, rows[i].flags),
				 CARD_OK);
		for (size_t bit = 0; bit < 8 * sig.n; bit += 37) {
			sig.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
			assert_int_equal(
				card_cert_verify_signature(c, rows[i].hash, d, s, rows[i].flags),
				CARD_ERR_SIGNATURE);
			sig.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
		}
		digest[0] ^= 1;
		assert_int_equal(card_cert_verify_signature(c, rows[i].hash, d, s, rows[i].flags),
				 CARD_ERR_SIGNATURE);
		digest[0] ^= 1;
		assert_int_equal(card_cert_verify_signature(c, rows[i].hash, d,
							    card_bytes(s.p, s.n - 1),
							    rows[i].flags),
				 CARD_ERR_SIGNATURE);
		assert_int_equal(card_cert_verify_signature(c, rows[i].hash, d, card_bytes(NULL, 0),
							    rows[i].flags),
				 CARD_ERR_SIGNATURE);
		assert_int_equal(card_cert_verify_signature(c, rows[i].hash, card_bytes(digest, 7),
							    s, rows[i].flags),
				 CARD_ERR_INVALID_ARGUMENT);
		card_buf_free(&sig);
		card_cert_free(&c);
	}
}

static void sha1_needs_the_flag(void **state)
{
	(void)state;
	card_cert_t *c = cert_of(&rsa);
	uint8_t digest[20] = {0};
	card_buf_t sig = {0};
	made_sign_digest(&rsa, CARD_HASH_SHA1, false, card_bytes(digest, 20), &sig);
	assert_int_equal(card_cert_verify_signature(c, CARD_HASH_SHA1, card_bytes(digest, 20),
						    card_buf_bytes(&sig), 0),
			 CARD_ERR_DENIED);
	assert_int_equal(card_cert_verify_signature(c, CARD_HASH_SHA1, card_bytes(digest, 20),
						    card_buf_bytes(&sig), CARD_VERIFY_ALLOW_SHA1),
			 CARD_OK);
	card_buf_free(&sig);
	card_cert_free(&c);
}

/* A raw private-key operation over a block of the test's making. */
static void raw_sign(const struct made_key *k, const uint8_t block[256], uint8_t out[256])
{
	size_t n = 256;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, k->pkey, NULL);
	assert_int_equal(EVP_PKEY_sign_init(ctx), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING), 1);
	assert_int_equal(EVP_PKEY_sign(ctx, out, &n, block, 256), 1);
	EVP_PKEY_CTX_free(ctx);
}

/* card-spec 3.3: SHA-256 OID, but an OCTET STRING of 96 bytes. */
static void a_digest_info_of_96_bytes_verifies_as_a_whole(void **state)
{
	(void)state;
	static const uint8_t head[19] = {0x30, 0x71, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
					 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x60};
	uint8_t info[115], block[256], sig[256];
	memcpy(info, head, sizeof(head));
	for (size_t i = 0; i < 96; i++)
		info[19 + i] = (uint8_t)(i * 7);
	memset(block, 0xFF, sizeof(block));
	block[0] = 0x00;
	block[1] = 0x01;
	block[256 - 115 - 1] = 0x00;
	memcpy(block + 256 - 115, info, 115);
	raw_sign(&rsa, block, sig);
	card_cert_t *c = cert_of(&rsa), *other = cert_of(&rsa_other);
	const struct card_key *k = card_cert_key(c);
	struct card_bytes s = card_bytes(sig, 256), d = card_bytes(info, 115);
	assert_int_equal(card_rsa_verify_digest_info(k->modulus, k->exponent, d, s), CARD_OK);
	const struct card_key *o = card_cert_key(other);
	assert_int_equal(card_rsa_verify_digest_info(o->modulus, o->exponent, d, s),
			 CARD_ERR_SIGNATURE);
	/* Leading zeros of the card's objects do not matter. */
	uint8_t padded[257] = {0};
	memcpy(padded + 1, k->modulus.p, 256);
	assert_int_equal(card_rsa_verify_digest_info(card_bytes(padded, 257),
						     card_bytes("\0\1\0\1", 4), d, s),
			 CARD_OK);
	for (size_t i = 0; i < 115; i++) {
		info[i] ^= 0x01;
		assert_int_equal(card_rsa_verify_digest_info(k->modulus, k->exponent, d, s),
				 CARD_ERR_SIGNATURE);
		info[i] ^= 0x01;
	}
	card_cert_free(&c);
	card_cert_free(&other);
}

/* The forgeries of padding that a lazy verifier takes. */
static void padding_is_compared_to_the_last_octet(void **state)
{
	(void)state;
	card_cert_t *c = cert_of(&rsa);
	uint8_t digest[CARD_HASH_MAX], info[CARD_DIGEST_INFO_MAX], block[256], sig[256];
	size_t n;
	assert_int_equal(card_hash_digest(CARD_HASH_SHA256, card_bytes("x", 1), digest), CARD_OK);
	assert_int_equal(card_digest_info(CARD_HASH_SHA256, card_bytes(digest, 32), info, &n),
			 CARD_OK);
	assert_int_equal(n, 51);
	for (int twist = 0; twist < 5; twist++) {
		memset(block, 0xFF, sizeof(block));
		block[0] = 0x00;
		block[1] = 0x01;
		block[256 - n - 1] = 0x00;
		memcpy(block + 256 - n, info, n);
		if (twist == 1)
			block[1] = 0x02; /* block type of encryption */
		if (twist == 2)
			block[100] = 0xFE; /* padding not all FF */
		if (twist == 3) {          /* digest early, rubbish after it */
			memmove(block + 20, block + 256 - n - 1, n + 1);
			memset(block + 21 + n, 0xAA, 256 - 21 - n);
		}
		if (twist == 4) /* no separator */
			block[256 - n - 1] = 0xFF;
		raw_sign(&rsa, block, sig);
		assert_int_equal(card_cert_verify_signature(c, CARD_HASH_SHA256,
							    card_bytes(digest, 32),
							    card_bytes(sig, 256), 0),
				 twist == 0 ? CARD_OK : CARD_ERR_SIGNATURE);
	}
	card_cert_free(&c);
}

static void any_small_odd_exponent_verifies(void **state)
{
	(void)state;
	static const unsigned long exponents[] = {3, 5, 17, 257, 65537, 65539, 0xFFFFFFFB};
	for (size_t i = 0; i < sizeof(exponents) / sizeof(exponents[0]); i++) {
		struct made_key k = {.pkey = NULL};
		EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
		BIGNUM *e = BN_new();
		assert_int_equal(BN_set_word(e, exponents[i]), 1);
		assert_int_equal(EVP_PKEY_keygen_init(ctx), 1);
		assert_int_equal(EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, 2048), 1);
		assert_int_equal(EVP_PKEY_CTX_set1_rsa_keygen_pubexp(ctx, e), 1);
		assert_int_equal(EVP_PKEY_keygen(ctx, &k.pkey), 1);
		EVP_PKEY_CTX_free(ctx);
		BIGNUM *n = NULL;
		uint8_t modulus[256], exponent[4], digest[32];
		assert_int_equal(EVP_PKEY_get_bn_param(k.pkey, "n", &n), 1);
		assert_int_equal(BN_bn2binpad(n, modulus, 256), 256);
		assert_int_equal(BN_bn2binpad(e, exponent, 4), 4);
		for (uint8_t round = 0; round < 20; round++) {
			card_buf_t sig = {0};
			memset(digest, round, sizeof(digest));
			made_sign_digest(&k, CARD_HASH_SHA256, false, card_bytes(digest, 32), &sig);
			assert_int_equal(card_rsa_verify(card_bytes(modulus, 256),
							 card_bytes(exponent, 4), CARD_HASH_SHA256,
							 card_bytes(digest, 32),
							 card_buf_bytes(&sig)),
					 CARD_OK);
			digest[31] ^= 1;
			assert_int_equal(card_rsa_verify(card_bytes(modulus, 256),
							 card_bytes(exponent, 4), CARD_HASH_SHA256,
							 card_bytes(digest, 32),
							 card_buf_bytes(&sig)),
					 CARD_ERR_SIGNATURE);
			card_buf_free(&sig);
		}
		BN_free(n);
		BN_free(e);
		EVP_PKEY_free(k.pkey);
	}
}

static void keys_outside_the_limits_are_refused(void **state)
{
	(void)state;
	uint8_t n[1100], sig[1100] = {0}, digest[32] = {0};
	memset(n, 0xFF, sizeof(n));
	struct card_bytes e = card_bytes("\1\0\1", 3), d = card_bytes(digest, 32);
	static const struct {
		size_t size;
		enum card_error err;
	} rows[] = {{0, CARD_ERR_UNSUPPORTED},    {64, CARD_ERR_UNSUPPORTED},
		    {128, CARD_ERR_SIGNATURE},    {1024, CARD_ERR_SIGNATURE},
		    {1025, CARD_ERR_UNSUPPORTED}, {1100, CARD_ERR_UNSUPPORTED}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(card_rsa_verify(card_bytes(n, rows[i].size), e, CARD_HASH_SHA256,
						 d, card_bytes(sig, rows[i].size)),
				 rows[i].err);
	n[255] = 0xFE; /* even */
	assert_int_equal(
		card_rsa_verify(card_bytes(n, 256), e, CARD_HASH_SHA256, d, card_bytes(sig, 256)),
		CARD_ERR_UNSUPPORTED);
	n[255] = 0xFF;
	static const struct card_bytes exponents[] = {{(const uint8_t *)"", 0},
						      {(const uint8_t *)"\1", 1},
						      {(const uint8_t *)"\2", 1},
						      {(const uint8_t *)"\1\0\0\0\1", 5}};
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(card_rsa_verify(card_bytes(n, 256), exponents[i], CARD_HASH_SHA256,
						 d, card_bytes(sig, 256)),
				 CARD_ERR_UNSUPPORTED);
}

static void a_signature_not_below_the_modulus_is_refused(void **state)
{
	(void)state;
	card_cert_t *c = cert_of(&rsa);
	uint8_t sig[256], digest[32] = {0};
	memset(sig, 0xFF, sizeof(sig));
	assert_int_equal(card_cert_verify_signature(c, CARD_HASH_SHA256, card_bytes(digest, 32),
						    card_bytes(sig, 256), 0),
			 CARD_ERR_SIGNATURE);
	card_cert_free(&c);
}

static int set_up(void **state)
{
	(void)state;
	made_rsa(&rsa, 2048);
	made_rsa(&rsa_other, 2048);
	made_ec(&p384, "P-384");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	made_key_free(&rsa);
	made_key_free(&rsa_other);
	made_key_free(&p384);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes_match_published_digests),
		cmocka_unit_test(every_scheme_verifies_and_every_flipped_bit_fails),
		cmocka_unit_test(sha1_needs_the_flag),
		cmocka_unit_test(a_digest_info_of_96_bytes_verifies_as_a_whole),
		cmocka_unit_test(padding_is_compared_to_the_last_octet),
		cmocka_unit_test(any_small_odd_exponent_verifies),
		cmocka_unit_test(keys_outside_the_limits_are_refused),
		cmocka_unit_test(a_signature_not_below_the_modulus_is_refused),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
