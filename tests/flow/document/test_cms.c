/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that CMS signatures made here are verified, and that each known way to make a signature
 * speak of something else is refused with its own reason.
 */
#include "cms_case.h"

#include <stdio.h>

static void reasons_of(const struct variant *v, unsigned flags, struct flow_reasons *out,
		       enum card_verdict *verdict)
{
	struct flow_verify how = made_verify(&person);
	const struct card_bytes c = content();
	card_buf_t cms = make(v);
	struct flow_report r;

	how.flags = flags;
	made_verify_bytes(&how, card_buf_bytes(&cms), &c, &r);
	*out = r.reasons;
	*verdict = r.verdict;
	for (size_t i = 0; i < r.n; i++) {
		out->card |= r.signatures[i].reasons.card;
		out->document |= r.signatures[i].reasons.document;
	}
	flow_report_free(&r);
	card_buf_free(&cms);
}

static void assert_reason_line(struct variant v, enum flow_reason want, int line)
{
	struct flow_reasons got;
	enum card_verdict verdict;

	reasons_of(&v, 0, &got, &verdict);
	if (!flow_reasons_have(&got, want))
		fail_msg("line %d: %s is missing (document %llx, card %llx)", line,
			 flow_reason_code(want), (unsigned long long)got.document,
			 (unsigned long long)got.card);
	assert_int_equal(verdict, CARD_VERDICT_INVALID);
}
#define assert_reason(want, ...) assert_reason_line((struct variant){__VA_ARGS__}, want, __LINE__)

/* ---- tests ---- */

static void what_is_signed_here_is_valid(void **state)
{
	struct flow_verify how = made_verify(&person);
	const struct card_bytes c = content();
	struct flow_report r;
	card_buf_t cms;

	(void)state;
	how.flags = FLOW_REQUIRE_CADES;
	person.signs = 0;
	cms = sign_as(&person, true, 0);
	assert_int_equal(person.signs, 1);
	made_verify_bytes(&how, card_buf_bytes(&cms), NULL, &r);
	assert_int_equal(r.format, FLOW_FORMAT_CMS);
	assert_int_equal(r.verdict, CARD_VERDICT_VALID);
	assert_int_equal(r.n, 1);
	assert_int_equal(r.signatures[0].level, FLOW_LEVEL_B_B);
	assert_int_equal(r.signatures[0].claimed_time, MADE_NOW);
	assert_true(r.covers_whole_file);
	flow_report_free(&r);
	card_buf_free(&cms);
	cms = sign_as(&person, false, 0);
	assert_int_equal(made_verdict(&how, card_buf_bytes(&cms), &c), CARD_VERDICT_VALID);
	card_buf_free(&cms);
}

static void a_detached_signature_without_its_content_is_undetermined(void **state)
{
	const struct flow_verify how = made_verify(&person);
	card_buf_t cms = sign_as(&person, false, 0);
	struct flow_report r;

	(void)state;
	made_verify_bytes(&how, card_buf_bytes(&cms), NULL, &r);
	assert_int_equal(r.verdict, CARD_VERDICT_UNDETERMINED);
	assert_true(flow_reasons_have(&r.signatures[0].reasons, FLOW_REASON_CONTENT_MISSING));
	flow_report_free(&r);
	card_buf_free(&cms);
}

static void without_revocation_data_nothing_is_valid(void **state)
{
	struct flow_verify how = made_verify(&person);
	card_buf_t cms = sign_as(&person, true, 0);

	(void)state;
	how.revocation = NULL;
	assert_int_equal(made_verdict(&how, card_buf_bytes(&cms), NULL), CARD_VERDICT_UNDETERMINED);
	how.revocation = made_no_answer;
	assert_int_equal(made_verdict(&how, card_buf_bytes(&cms), NULL), CARD_VERDICT_UNDETERMINED);
	how.revocation = made_revoked;
	assert_int_equal(made_verdict(&how, card_buf_bytes(&cms), NULL), CARD_VERDICT_INVALID);
	card_buf_free(&cms);
}

static void no_changed_byte_is_valid(void **state)
{
	struct flow_verify how = made_verify(&person);
	const struct card_bytes c = content();
	card_buf_t cms = sign_as(&person, true, 0);

	(void)state;
	made_mutations(&how, card_buf_bytes(&cms), NULL, 0, cms.n, 1);
	card_buf_free(&cms);
	cms = sign_as(&person, false, 0);
	made_mutations(&how, card_buf_bytes(&cms), &c, 0, cms.n, 3);
	card_buf_free(&cms);
}

static void cut_short_or_longer_is_not_valid(void **state)
{
	const struct flow_verify how = made_verify(&person);
	card_buf_t cms = sign_as(&person, true, 0);

	(void)state;
	for (size_t n = 0; n < cms.n; n += 7)
		assert_int_not_equal(made_verdict(&how, card_bytes(cms.p, n), NULL),
				     CARD_VERDICT_VALID);
	assert_ok(card_buf_append_byte(&cms, 0));
	assert_int_not_equal(made_verdict(&how, card_buf_bytes(&cms), NULL), CARD_VERDICT_VALID);
	card_buf_free(&cms);
}

static void content_inside_must_be_the_file_that_was_given(void **state)
{
	const struct flow_verify how = made_verify(&person);
	const struct card_bytes same = content(), other = BYTES("something else");
	card_buf_t cms = sign_as(&person, true, 0);

	(void)state;
	assert_int_equal(made_verdict(&how, card_buf_bytes(&cms), &same), CARD_VERDICT_VALID);
	assert_int_equal(made_verdict(&how, card_buf_bytes(&cms), &other), CARD_VERDICT_INVALID);
	card_buf_free(&cms);
}

static void a_plain_signature_is_valid_unless_more_is_required(void **state)
{
	const struct variant plain = {.version = 0};
	struct flow_reasons got;
	enum card_verdict v;

	(void)state;
	reasons_of(&plain, 0, &got, &v);
	assert_int_equal(v, CARD_VERDICT_VALID);
	reasons_of(&plain, FLOW_REQUIRE_CADES, &got, &v);
	assert_int_equal(v, CARD_VERDICT_INVALID);
	assert_true(flow_reasons_have(&got, FLOW_REASON_LEVEL));
	assert_true(flow_reasons_have(&got, FLOW_REASON_SIGNING_CERT_MISSING));
	reasons_of(&(struct variant){.ess = true}, FLOW_REQUIRE_CADES, &got, &v);
	assert_int_equal(v, CARD_VERDICT_VALID);
	reasons_of(&(struct variant){.by_key_id = true}, 0, &got, &v);
	assert_int_equal(v, CARD_VERDICT_VALID);
	/* over the content itself */
	reasons_of(&(struct variant){.no_attrs = true}, 0, &got, &v);
	assert_int_equal(v, CARD_VERDICT_VALID);
	reasons_of(&(struct variant){.no_attrs = true}, FLOW_REQUIRE_CADES, &got, &v);
	assert_int_equal(v, CARD_VERDICT_INVALID);
	assert_true(flow_reasons_have(&got, FLOW_REASON_SIGNING_CERT_MISSING));
}

static void a_wrong_content_type_is_refused(void **state)
{
	(void)state;
	assert_reason(FLOW_REASON_CONTENT_TYPE, .attr_type = "1.2.840.113549.1.7.3");
	assert_reason(FLOW_REASON_CONTENT_TYPE, .no_type = true);
	assert_reason(FLOW_REASON_CONTENT_TYPE, .econtent = "1.2.840.113549.1.7.5",
		      .attr_type = "1.2.840.113549.1.7.5", .version = 3);
}

static void a_digest_of_other_data_is_refused(void **state)
{
	(void)state;
	assert_reason(FLOW_REASON_DIGEST, .wrong_digest = true);
	assert_reason(FLOW_REASON_ATTRIBUTES, .no_digest = true);
	assert_reason(FLOW_REASON_ATTRIBUTES, .two_digests = true);
	assert_reason(FLOW_REASON_ATTRIBUTES, .digest_set_of_two = true);
}

static void ber_is_refused_where_der_is_required(void **state)
{
	(void)state;
	assert_reason(FLOW_REASON_NOT_DER, .unsorted = true);
	assert_reason(FLOW_REASON_NOT_DER, .ber_attrs = true);
	assert_reason(FLOW_REASON_NOT_DER, .ber_cert = true);
}

static void a_signing_certificate_attribute_that_points_elsewhere_is_refused(void **state)
{
	(void)state;
	assert_reason(FLOW_REASON_SIGNING_CERT_MISMATCH, .ess = true, .ess_other = true);
	assert_reason(FLOW_REASON_SIGNING_CERT_MISMATCH, .ess = true, .ess_wrong_serial = true);
}

static void a_key_identifier_of_another_is_refused(void **state)
{
	(void)state;
	assert_reason(FLOW_REASON_SIGNER_MISSING, .by_key_id = true, .wrong_key_id = true);
	assert_reason(FLOW_REASON_SIGNER_MISSING, .no_cert = true);
}

static void algorithms_that_contradict_each_other_are_refused(void **state)
{
	(void)state;
	assert_reason(FLOW_REASON_ALGORITHMS, .other_hash_alg = true);
	assert_reason(FLOW_REASON_ALGORITHMS, .other_sig_alg = true);
}

static void versions_and_trailing_octets_are_exact(void **state)
{
	(void)state;
	assert_reason(FLOW_REASON_MALFORMED, .version = 5);
	assert_reason(FLOW_REASON_MALFORMED, .signer_version = 2);
	assert_reason(FLOW_REASON_MALFORMED, .trailing = true);
}

static void sha1_is_refused(void **state)
{
	struct flow_reasons got;
	enum card_verdict v;

	(void)state;
	reasons_of(&(struct variant){.sha1 = true}, 0, &got, &v);
	assert_int_equal(v, CARD_VERDICT_INVALID);
	assert_true(card_reasons_have(got.card, CARD_REASON_SIGNATURE_WEAK_HASH));
}

static void one_bad_signer_of_two_spoils_the_file(void **state)
{
	struct flow_reasons got;
	enum card_verdict v;

	(void)state;
	reasons_of(&(struct variant){.second_signer_bad = true}, 0, &got, &v);
	assert_int_equal(v, CARD_VERDICT_INVALID);
	assert_true(card_reasons_have(got.card, CARD_REASON_TAMPERED));
}

static void a_second_certificate_with_the_same_serial_is_refused(void **state)
{
	const struct made_cert twin = {.kind = MADE_SIGN,
				       .serial = 0x1234567,
				       .not_before = MADE_NOW - 5,
				       .not_after = MADE_NOW + 5,
				       .key = &stranger.key,
				       .issuer = &person.ca};
	card_buf_t der = {0};

	(void)state;
	made_cert(&twin, &der);
	assert_reason(FLOW_REASON_SIGNER_AMBIGUOUS, .second_cert = &der);
	card_buf_free(&der);
}

static void expired(struct made_cert *c)
{
	c->not_after = MADE_NOW - 1;
}
static void not_yet(struct made_cert *c)
{
	c->not_before = MADE_NOW + 1;
}
static void key_usage(struct made_cert *c)
{
	c->key_usage_tlv = "300E0603551D0F0101FF0404030205A0"; /* encipherment instead */
}

/* A certificate that is wrong, however good the signature. */
static void assert_certificate(enum made_kind kind, void (*change)(struct made_cert *c),
			       enum card_reason want)
{
	struct made_person p;
	struct flow_verify how;
	struct flow_report r;
	card_buf_t cms;

	made_person(&p, kind, change);
	how = made_verify(&p);
	cms = sign_as(&p, true, 0);
	made_verify_bytes(&how, card_buf_bytes(&cms), NULL, &r);
	assert_int_equal(r.verdict, CARD_VERDICT_INVALID);
	assert_true(card_reasons_have(r.signatures[0].reasons.card, want));
	flow_report_free(&r);
	card_buf_free(&cms);
	made_person_free(&p);
}

static void an_expired_certificate_is_no_signer(void **state)
{
	(void)state;
	assert_certificate(MADE_SIGN, expired, CARD_REASON_CERT_EXPIRED);
}

static void a_certificate_not_yet_valid_is_no_signer(void **state)
{
	(void)state;
	assert_certificate(MADE_SIGN, not_yet, CARD_REASON_CERT_NOT_YET_VALID);
}

static void a_certificate_of_another_key_usage_is_no_signer(void **state)
{
	(void)state;
	assert_certificate(MADE_SIGN, key_usage, CARD_REASON_CERT_KEY_USAGE);
}

static void an_authentication_certificate_is_no_signer(void **state)
{
	(void)state;
	assert_certificate(MADE_AUTH, NULL, CARD_REASON_CERT_WRONG_USE);
}

static void an_authority_certificate_is_no_signer(void **state)
{
	(void)state;
	assert_certificate(MADE_SIGN_CA, NULL, CARD_REASON_CERT_IS_CA);
}

static void a_forged_issuer_of_the_same_name_is_not_trusted(void **state)
{
	const struct flow_verify how = made_verify(&stranger);
	card_buf_t cms = sign_as(&person, true, 0);

	(void)state;
	assert_int_not_equal(made_verdict(&how, card_buf_bytes(&cms), NULL), CARD_VERDICT_VALID);
	card_buf_free(&cms);
}

static void a_key_that_refuses_or_lies_makes_no_signature(void **state)
{
	struct flow_signer s = made_signer(&stranger);
	uint8_t digest[32] = {1};
	card_buf_t out = {0};

	(void)state;
	stranger.refuse = CARD_ERR_OUTCOME_UNKNOWN;
	assert_int_equal(flow_cms_sign(&s, card_bytes(digest, 32), NULL, 0, &out),
			 CARD_ERR_OUTCOME_UNKNOWN);
	stranger.refuse = CARD_OK;
	s.cert = person.cert; /* the certificate of another key */
	assert_int_equal(flow_cms_sign(&s, card_bytes(digest, 32), NULL, 0, &out),
			 CARD_ERR_SIGNATURE);
	assert_int_equal(flow_cms_sign(&s, card_bytes(digest, 20), NULL, 0, &out),
			 CARD_ERR_INVALID_ARGUMENT);
	assert_int_equal(out.n, 0);
	card_buf_free(&out);
}

static void other_files_are_not_signed(void **state)
{
	const struct flow_verify how = made_verify(&person);

	(void)state;
	assert_int_equal(made_verdict(&how, BYTES(""), NULL), CARD_VERDICT_INVALID);
	assert_int_equal(made_verdict(&how, BYTES("hello"), NULL), CARD_VERDICT_INVALID);
}

static int setup(void **state)
{
	(void)state;
	made_person(&person, MADE_SIGN, NULL);
	made_person(&stranger, MADE_SIGN, NULL);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	made_person_free(&person);
	made_person_free(&stranger);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_signed_here_is_valid),
		cmocka_unit_test(a_detached_signature_without_its_content_is_undetermined),
		cmocka_unit_test(without_revocation_data_nothing_is_valid),
		cmocka_unit_test(no_changed_byte_is_valid),
		cmocka_unit_test(cut_short_or_longer_is_not_valid),
		cmocka_unit_test(content_inside_must_be_the_file_that_was_given),
		cmocka_unit_test(a_plain_signature_is_valid_unless_more_is_required),
		cmocka_unit_test(a_wrong_content_type_is_refused),
		cmocka_unit_test(a_digest_of_other_data_is_refused),
		cmocka_unit_test(ber_is_refused_where_der_is_required),
		cmocka_unit_test(a_signing_certificate_attribute_that_points_elsewhere_is_refused),
		cmocka_unit_test(a_key_identifier_of_another_is_refused),
		cmocka_unit_test(algorithms_that_contradict_each_other_are_refused),
		cmocka_unit_test(versions_and_trailing_octets_are_exact),
		cmocka_unit_test(sha1_is_refused),
		cmocka_unit_test(one_bad_signer_of_two_spoils_the_file),
		cmocka_unit_test(a_second_certificate_with_the_same_serial_is_refused),
		cmocka_unit_test(an_expired_certificate_is_no_signer),
		cmocka_unit_test(a_certificate_not_yet_valid_is_no_signer),
		cmocka_unit_test(a_certificate_of_another_key_usage_is_no_signer),
		cmocka_unit_test(an_authentication_certificate_is_no_signer),
		cmocka_unit_test(an_authority_certificate_is_no_signer),
		cmocka_unit_test(a_forged_issuer_of_the_same_name_is_not_trusted),
		cmocka_unit_test(a_key_that_refuses_or_lies_makes_no_signature),
		cmocka_unit_test(other_files_are_not_signed),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
