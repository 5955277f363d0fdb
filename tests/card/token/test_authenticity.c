/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves the authenticity checks of card-spec 6 and the signing budget against the virtual card:
 * genuine data passes, each single changed byte of a record fails, unknown CA keys are skipped.
 */
#include "test.h"

#include <card/authenticity.h>
#include <card/token.h>

#include "sim_card.h"

static void verify_ok(struct sim_card *c, enum card_pin pin, const char *value)
{
	card_secret_t *s = sim_card_secret(value);

	assert_ok(card_pin_verify(c->channel, pin, s, 0, NULL));
	card_secret_free(&s);
}

/* The face record with number B presented. */
static void read_face(struct sim_card *c, card_buf_t *record, struct card_surface_face *face)
{
	verify_ok(c, CARD_PIN_SURFACE_NUMBER_B, TEST_NUMBER_B);
	assert_ok(card_surface_read_face(c->channel, card_grant_own_card(), record, face));
}

static void a_genuine_face_passes_all_three(void **state)
{
	struct sim_card c;
	card_buf_t record = {0};
	struct card_surface_face face;
	struct card_authenticity a;
	struct card_authenticity_input in = {.face = &face, .challenge = true};
	unsigned before;

	(void)state;
	sim_card_start(&c, "test-person", NULL);
	read_face(&c, &record, &face);
	/* face <= 4 + one command per 256 bytes */
	assert_in_range(sim_card_commands(&c), 1, 4 + (record.n + 255) / 256);
	assert_int_equal(face.expiry.year, 2035);
	assert_int_equal(face.sex, '1');
	before = sim_card_commands(&c);
	assert_ok(card_authenticity_surface(c.channel, c.cas, &in, &a));
	assert_int_equal(sim_card_commands(&c) - before, 4);
	assert_int_equal(a.chain, CARD_CHECK_PASS);
	assert_int_equal(a.record, CARD_CHECK_PASS);
	assert_int_equal(a.challenge, CARD_CHECK_PASS);
	assert_true(a.test);
	card_buf_free(&record);
	sim_card_stop(&c);
}

static void the_age_and_number_records_pass_too(void **state)
{
	struct sim_card c;
	card_buf_t age_record = {0}, number_record = {0};
	struct card_surface_age age;
	struct card_surface_number number;
	struct card_authenticity a;
	struct card_authenticity_input in = {.age = &age, .number = &number, .challenge = true};
	card_grant_t *grant = NULL;

	(void)state;
	assert_ok(card_grant_new(&grant, (unsigned)CARD_OBJECT_BIRTH | CARD_OBJECT_NUMBER_IMAGE));
	sim_card_start(&c, "test-person", NULL);
	verify_ok(&c, CARD_PIN_SURFACE_BIRTH, TEST_BIRTH_KEY);
	assert_ok(card_surface_read_age(c.channel, grant, &age_record, &age));
	verify_ok(&c, CARD_PIN_SURFACE_NUMBER_A, TEST_NUMBER_A);
	assert_ok(card_surface_read_number(c.channel, grant, &number_record, &number));
	assert_int_equal(age.birth.year, 1980);
	assert_ok(card_authenticity_surface(c.channel, c.cas, &in, &a));
	assert_int_equal(a.chain, CARD_CHECK_PASS);
	assert_int_equal(a.record, CARD_CHECK_PASS);
	assert_int_equal(a.challenge, CARD_CHECK_PASS);
	card_buf_free(&age_record);
	card_buf_free(&number_record);
	card_grant_free(&grant);
	sim_card_stop(&c);
}

static void every_changed_byte_of_what_is_signed_fails(void **state)
{
	struct sim_card c;
	card_buf_t record = {0};
	struct card_surface_face face;
	struct card_authenticity a;
	struct card_authenticity_input in = {.face = &face};
	size_t part_start[3], part_end[3];

	(void)state;
	sim_card_start(&c, "test-person", NULL);
	read_face(&c, &record, &face);
	for (int i = 0; i < 3; i++) {
		part_start[i] = (size_t)(face.part[i].p - record.p);
		part_end[i] = part_start[i] + face.part[i].n;
	}
	for (int i = 0; i < 3; i++) {
		/* a spread of positions in each of the three signed parts, ends included */
		size_t step = (part_end[i] - part_start[i]) / 7 + 1;

		for (size_t at = part_start[i]; at < part_end[i]; at += step) {
			record.p[at] ^= 0x01;
			assert_ok(card_authenticity_surface(c.channel, c.cas, &in, &a));
			assert_int_equal(a.record, CARD_CHECK_FAIL);
			assert_int_equal(a.chain, CARD_CHECK_PASS);
			record.p[at] ^= 0x01;
		}
	}
	assert_ok(card_authenticity_surface(c.channel, c.cas, &in, &a));
	assert_int_equal(a.record, CARD_CHECK_PASS);
	card_buf_free(&record);
	sim_card_stop(&c);
}

static void the_text_records_are_tied_to_the_issuer(void **state)
{
	struct sim_card c;
	card_buf_t record = {0}, number_record = {0};
	struct card_text_attributes t;
	struct card_authenticity a;
	struct card_authenticity_input in = {.attributes = &t};
	card_grant_t *grant = NULL;
	char number[13];
	size_t at;

	(void)state;
	assert_ok(card_grant_new(&grant, (unsigned)CARD_OBJECT_ATTRIBUTES | CARD_OBJECT_NUMBER));
	sim_card_start(&c, "test-person", NULL);
	verify_ok(&c, CARD_PIN_TEXT, TEST_TEXT_PIN);
	assert_ok(card_text_read_attributes(c.channel, grant, &record, &t));
	assert_ok(card_authenticity_text(c.channel, c.cas, &in, &a));
	/* attrs with integrity record and certificate <= 9 */
	assert_in_range(sim_card_commands(&c), 1, 9);
	assert_int_equal(a.chain, CARD_CHECK_PASS);
	assert_int_equal(a.record, CARD_CHECK_PASS);
	assert_int_equal(a.challenge, CARD_CHECK_SKIPPED);

	assert_ok(card_text_read_number(c.channel, grant, &number_record, number));
	in.text_number = card_buf_bytes(&number_record);
	in.challenge = true;
	assert_ok(card_authenticity_text(c.channel, c.cas, &in, &a));
	assert_int_equal(a.record, CARD_CHECK_PASS);
	assert_int_equal(a.challenge, CARD_CHECK_PASS);

	at = (size_t)(t.name.p - record.p);
	record.p[at + 2] ^= 0x01;
	assert_ok(card_authenticity_text(c.channel, c.cas, &in, &a));
	assert_int_equal(a.record, CARD_CHECK_FAIL);
	assert_int_equal(a.record_why, CARD_ERR_SIGNATURE);
	record.p[at + 2] ^= 0x01;
	number_record.p[16] ^= 0x01; /* even the filler is covered: card-spec 3.4 */
	assert_ok(card_authenticity_text(c.channel, c.cas, &in, &a));
	assert_int_equal(a.record, CARD_CHECK_FAIL);
	card_buf_free(&record);
	card_buf_free(&number_record);
	card_grant_free(&grant);
	sim_card_stop(&c);
}

static void an_unknown_ca_key_is_skipped_not_failed(void **state)
{
	struct sim_card c;
	card_cvca_t *production = NULL;
	card_buf_t record = {0};
	struct card_surface_face face;
	struct card_authenticity a;
	struct card_authenticity_input in = {.face = &face, .challenge = true};

	(void)state;
	assert_ok(card_cvca_new(&production, false));
	/* test keys cannot be slipped into a production set */
	assert_int_equal(card_cvca_load(production, "build/fixtures/trust/cv-ca.csv"),
			 CARD_ERR_DENIED);
	sim_card_start(&c, "test-person", NULL);
	read_face(&c, &record, &face);
	assert_ok(card_authenticity_surface(c.channel, production, &in, &a));
	assert_int_equal(a.chain, CARD_CHECK_SKIPPED);
	assert_int_equal(a.chain_why, CARD_ERR_UNTRUSTED);
	assert_int_equal(a.record, CARD_CHECK_PASS);
	card_buf_free(&record);
	card_cvca_free(&production);
	sim_card_stop(&c);
}

static void the_card_level_chain_verifies(void **state)
{
	struct sim_card c;
	struct card_authenticity a;

	(void)state;
	sim_card_start(&c, "test-person", NULL);
	assert_ok(card_authenticity_card(c.channel, c.cas, &a));
	assert_int_equal(a.chain, CARD_CHECK_PASS);
	sim_card_stop(&c);
}

static void signing_costs_four_commands_and_verifies(void **state)
{
	static const enum card_hash hashes[] = {CARD_HASH_SHA256, CARD_HASH_SHA384,
						CARD_HASH_SHA512};
	static const struct {
		enum card_jpki_key key;
		enum card_jpki_certificate cert;
		enum card_pin pin;
		const char *secret;
	} keys[] = {
		{CARD_KEY_AUTH, CARD_JPKI_AUTH, CARD_PIN_AUTH, TEST_AUTH_PIN},
		{CARD_KEY_SIGN, CARD_JPKI_SIGN, CARD_PIN_SIGN, TEST_PASSWORD},
	};

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		struct sim_card c;
		card_buf_t der = {0}, sig = {0};
		card_cert_t *cert = NULL;
		uint8_t digest[CARD_HASH_MAX];

		sim_card_start(&c, "test-person", NULL);
		verify_ok(&c, keys[k].pin, keys[k].secret);
		assert_ok(card_jpki_certificate(c.channel, keys[k].cert, card_grant_own_card(),
						&der));
		assert_ok(card_cert_new(&cert, card_buf_bytes(&der)));
		for (size_t i = 0; i < 3; i++) {
			unsigned before;

			assert_ok(card_channel_end(c.channel));
			assert_ok(card_channel_begin(c.channel, 0));
			before = sim_card_commands(&c);
			assert_ok(card_hash_digest(hashes[i], BYTES("contract"), digest));
			verify_ok(&c, keys[k].pin, keys[k].secret);
			card_buf_clear(&sig);
			assert_ok(card_jpki_sign(c.channel, keys[k].key, hashes[i],
						 card_bytes(digest, card_hash_size(hashes[i])), 0,
						 cert, &sig));
			assert_int_equal(sim_card_commands(&c) - before, 4);
			assert_int_equal(sig.n, 256);
		}
		assert_ok(card_hash_digest(CARD_HASH_SHA1, BYTES("contract"), digest));
		assert_int_equal(card_jpki_sign(c.channel, keys[k].key, CARD_HASH_SHA1,
						card_bytes(digest, 20), 0, cert, &sig),
				 CARD_ERR_UNSUPPORTED);
		assert_ok(card_jpki_sign(c.channel, keys[k].key, CARD_HASH_SHA1,
					 card_bytes(digest, 20), CARD_SIGN_ALLOW_SHA1, cert, &sig));
		assert_ok(card_hash_digest(CARD_HASH_SHA256, BYTES("contract"), digest));
		assert_ok(card_jpki_sign(c.channel, keys[k].key, CARD_HASH_SHA256,
					 card_bytes(digest, 32), CARD_SIGN_PSS, cert, &sig));
		card_buf_free(&der);
		card_buf_free(&sig);
		card_cert_free(&cert);
		sim_card_stop(&c);
	}
}

static void a_signature_that_does_not_fit_the_certificate_is_not_returned(void **state)
{
	struct sim_card c;
	card_buf_t der = {0}, sig = {0};
	card_cert_t *other = NULL;
	uint8_t digest[CARD_HASH_MAX];

	(void)state;
	sim_card_start(&c, "test-person", NULL);
	assert_ok(card_jpki_certificate(c.channel, CARD_JPKI_AUTH_CA, NULL, &der));
	assert_ok(card_cert_new(&other, card_buf_bytes(&der)));
	verify_ok(&c, CARD_PIN_AUTH, TEST_AUTH_PIN);
	assert_ok(card_hash_digest(CARD_HASH_SHA256, BYTES("x"), digest));
	assert_int_equal(card_jpki_sign(c.channel, CARD_KEY_AUTH, CARD_HASH_SHA256,
					card_bytes(digest, 32), 0, other, &sig),
			 CARD_ERR_SIGNATURE);
	assert_int_equal(sig.n, 0);
	assert_int_equal(card_jpki_sign_raw(c.channel, CARD_KEY_AUTH, BYTES("raw"), other, &sig),
			 CARD_ERR_SIGNATURE);
	assert_int_equal(sig.n, 0);
	card_buf_free(&der);
	card_buf_free(&sig);
	card_cert_free(&other);
	sim_card_stop(&c);
}

static void the_authentication_certificate_costs_two_and_one_per_256_bytes(void **state)
{
	struct sim_card c;
	card_buf_t der = {0};

	(void)state;
	sim_card_start(&c, "test-person", NULL);
	assert_ok(card_jpki_certificate(c.channel, CARD_JPKI_AUTH, card_grant_own_card(), &der));
	assert_in_range(sim_card_commands(&c), 1, 2 + (der.n + 255) / 256);
	card_buf_free(&der);
	sim_card_stop(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_genuine_face_passes_all_three),
		cmocka_unit_test(the_age_and_number_records_pass_too),
		cmocka_unit_test(every_changed_byte_of_what_is_signed_fails),
		cmocka_unit_test(the_text_records_are_tied_to_the_issuer),
		cmocka_unit_test(an_unknown_ca_key_is_skipped_not_failed),
		cmocka_unit_test(the_card_level_chain_verifies),
		cmocka_unit_test(signing_costs_four_commands_and_verifies),
		cmocka_unit_test(a_signature_that_does_not_fit_the_certificate_is_not_returned),
		cmocka_unit_test(the_authentication_certificate_costs_two_and_one_per_256_bytes),
	};

	return cmocka_run_group_tests_name("authenticity", tests, NULL, NULL);
}
