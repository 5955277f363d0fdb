/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The 条例利用AP of the virtual card: who is let in, what it answers, its PIN with tries of its own
 * (docs/issuance.md, rules R1-21 to R1-23). The keys are derived here once more, from the document.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/hmac.h>

#include "simtalk.h"

#define SELECT_LOCAL "00A4040C08F04B415A41535501"
#define DIGEST       "0101010101010101010101010101010101010101010101010101010101010101"
#define ZEROS        "0000000000000000000000000000000000000000000000000000000000000000"

static void hmac(const void *key, size_t n, const void *p, size_t m, uint8_t out[32])
{
	unsigned len = 32;

	assert_non_null(HMAC(EVP_sha256(), key, (int)n, p, m, out, &len));
}

static void secret_of(const char *municipality, uint8_t out[32])
{
	char path[1200];
	FILE *f;

	snprintf(path, sizeof path, "%s/keys/local-%s.secret", simtalk_fixtures(), municipality);
	f = fopen(path, "rb");
	assert_non_null(f);
	assert_int_equal(fread(out, 1, 32, f), 32);
	fclose(f);
}

/* MUTUAL AUTHENTICATE for DIGEST, as who knows this secret would send it. */
static const char *proof(card_sim_t *c, const uint8_t secret[32])
{
	static char command[200];
	uint8_t named[23] = "KAZASU-OPEN-v1", key[32], said[48], wanted[32];

	say(c, "00B0820000", "*9000");
	assert_int_equal(told_n, 17);
	memcpy(named + 15, told + 9, 8);
	hmac(secret, 32, named, sizeof named, key);
	assert_int_equal(say(c, "0084000010", "*9000"), 16);
	memcpy(said, told, 16);
	memset(said + 16, 1, 32);
	hmac(key, 32, said, sizeof said, wanted);
	snprintf(command, sizeof command, "0082009640" DIGEST "%s20", simtalk_hex(wanted, 32));
	return command;
}

static void nobody_reads_the_id_without_a_proof(void **state)
{
	card_sim_t *c = simtalk_card("local-use", NULL);

	(void)state;
	say(c, SELECT_LOCAL, "9000");
	say(c, "00B0820000", "C2053133323231C308*9000");
	say(c, "00B0810000", "6982");
	say(c, "0082009640" DIGEST ZEROS "20", "6985"); /* no challenge */
	say(c, "0084000010", "*9000");
	say(c, "0082009640" DIGEST ZEROS "20", "6300");
	say(c, "0082009640" DIGEST ZEROS "20", "6985"); /* a challenge is good for one try */
	say(c, "00B0810000", "6982");
	say(c, "00B0960000", "6981"); /* keys are not read */
	card_sim_free(&c);
}

static void who_knows_the_secret_is_answered(void **state)
{
	uint8_t secret[32], key[32], digest[32], wanted[32];
	card_sim_t *c = simtalk_card("local-use", NULL);

	(void)state;
	secret_of("13221", secret);
	say(c, SELECT_LOCAL, "9000");
	const char *command = proof(c, secret);
	assert_int_equal(say(c, command, "*9000"), 32);
	hmac(secret, 32, "KIYOSE-0000132", 14, key);
	memset(digest, 1, 32);
	hmac(key, 32, digest, 32, wanted);
	assert_memory_equal(told, wanted, 32);
	say(c, "00B0810000", "C10E4B49594F53452D303030303133329000");
	say(c, command, "6985"); /* the same once more: refused */
	/* another application, and it is closed again */
	say(c, SELECT_ISD, "9000");
	say(c, SELECT_LOCAL, "9000");
	say(c, "00B0810000", "6982");
	card_sim_free(&c);
}

static void a_challenge_outlives_a_select_of_the_same_application_only(void **state)
{
	uint8_t secret[32];
	card_sim_t *c = simtalk_card("local-use", NULL);

	(void)state;
	secret_of("13221", secret);
	say(c, SELECT_LOCAL, "9000");
	const char *command = proof(c, secret);
	say(c, SELECT_LOCAL, "9000");
	assert_int_equal(say(c, command, "*9000"), 32);
	command = proof(c, secret);
	say(c, SELECT_JPKI, "9000");
	say(c, SELECT_LOCAL, "9000");
	say(c, command, "6985");
	command = proof(c, secret);
	card_sim_reset(c);
	say(c, SELECT_LOCAL, "9000");
	say(c, command, "6985");
	say(c, "0084000008", "*9000"); /* of another length: not one of ours */
	say(c, command, "6985");
	card_sim_free(&c);
}

static void a_card_of_another_municipality_refuses(void **state)
{
	uint8_t secret[32];
	card_sim_t *c = simtalk_card("local-use", NULL);

	(void)state;
	secret_of("13221", secret);
	secret[0] ^= 1;
	say(c, SELECT_LOCAL, "9000");
	say(c, proof(c, secret), "6300");
	say(c, "00B0810000", "6982");
	card_sim_free(&c);
}

static void lengths_and_places(void **state)
{
	card_sim_t *c = simtalk_card("local-use", NULL);

	(void)state;
	say(c, SELECT_LOCAL, "9000");
	say(c, "0084000010", "*9000");
	say(c, "0082009620" DIGEST "20", "6700");
	say(c, "0082009640" DIGEST ZEROS, "6700");
	say(c, "0082009640" DIGEST ZEROS "10", "6700");
	say(c, "0082019640" DIGEST ZEROS "20", "6A86");
	say(c, "0082009740" DIGEST ZEROS "20", "6A82");
	say(c, "0082009C40" DIGEST ZEROS "20", "6985");
	say(c, SELECT_JPKI, "9000");
	say(c, "0082009640" DIGEST ZEROS "20", "6985"); /* as on every application: choice.c */
	card_sim_free(&c);
}

static void its_pin_has_tries_of_its_own(void **state)
{
	card_sim_t *c = simtalk_card("local-use", NULL);

	(void)state;
	say(c, SELECT_LOCAL, "9000");
	say(c, "0020009C", "63C3");
	say(c, "0020009C04" DATA_WRONG, "63C2");
	say(c, "0020009C04" DATA_1234, "9000");
	say(c, "00B0810000", "C10E*9000");
	say(c, "0024019C0439393939", "9000");
	say(c, SELECT_ISD, "9000");
	say(c, SELECT_LOCAL, "9000");
	say(c, "0020009C04" DATA_1234, "63C2");
	say(c, "0020009C04" DATA_1234, "63C1");
	say(c, "0020009C04" DATA_1234, "63C0");
	say(c, "0020009C04" DATA_WRONG, "6984");
	say(c, SELECT_JPKI, "9000");
	say(c, "00200098", "63C3");
	card_sim_free(&c);
}

static void cards_without_it(void **state)
{
	card_sim_t *c = simtalk_card("test-person", NULL);

	(void)state;
	say(c, SELECT_LOCAL, "6A82");
	card_sim_free(&c);
	c = simtalk_card("juki", NULL); /* R4-27: 住基カード carry it */
	say(c, SELECT_LOCAL, "9000");
	say(c, "00B0820000", "C2053133323231*9000");
	card_sim_free(&c);
}

static void quirks(void **state)
{
	uint8_t secret[32], right[32], key[32], digest[32];
	card_sim_t *c = simtalk_card("local-use", "local-response-wrong");

	(void)state;
	secret_of("13221", secret);
	say(c, SELECT_LOCAL, "9000");
	assert_int_equal(say(c, proof(c, secret), "*9000"), 32);
	hmac(secret, 32, "KIYOSE-0000132", 14, key);
	memset(digest, 1, 32);
	hmac(key, 32, digest, 32, right);
	assert_memory_not_equal(told, right, 32);
	card_sim_free(&c);
	c = simtalk_card("local-use", "local-response-short local-id-long");
	say(c, SELECT_LOCAL, "9000");
	assert_int_equal(say(c, proof(c, secret), "*9000"), 31);
	say(c, "00B0810000", "C17F*9000");
	card_sim_free(&c);
	c = simtalk_card("local-use", "local-refused-6982 local-unasked-6982 local-id-odd");
	say(c, SELECT_LOCAL, "9000");
	say(c, "0082009640" DIGEST ZEROS "20", "6982");
	say(c, "0084000010", "*9000");
	say(c, "0082009640" DIGEST ZEROS "20", "6982");
	say(c, proof(c, secret), "*9000");
	say(c, "00B0810000", "C104410A22319000");
	card_sim_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_reads_the_id_without_a_proof),
		cmocka_unit_test(who_knows_the_secret_is_answered),
		cmocka_unit_test(a_challenge_outlives_a_select_of_the_same_application_only),
		cmocka_unit_test(a_card_of_another_municipality_refuses),
		cmocka_unit_test(lengths_and_places),
		cmocka_unit_test(its_pin_has_tries_of_its_own),
		cmocka_unit_test(cards_without_it),
		cmocka_unit_test(quirks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
