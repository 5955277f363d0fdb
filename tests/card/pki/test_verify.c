/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that a verification is valid only if path, signature and status all
 * are, that what is missing or stale leaves it undetermined, and that it names
 * every reason.
 */
#include "verify_case.h"

static void all_parts_in_order_are_valid(void **state)
{
	(void)state;
	struct made_crl l = list("Kiyose-shi", "1234", 4);
	import_list(&l);
	struct card_verify_request r = request();
	struct card_verify_result out = verify(&r);
	assert_int_equal(out.verdict, CARD_VERDICT_VALID);
	assert_int_equal(out.path, CARD_CHECK_PASS);
	assert_int_equal(out.signature, CARD_CHECK_PASS);
	assert_int_equal(out.revocation, CARD_CHECK_PASS);
	assert_int_equal(out.answer.status, CARD_REVOCATION_GOOD);
	assert_int_equal(out.answer.method, CARD_REVOCATION_BY_CRL);
	assert_int_equal(out.answer.this_update, now - day);
	assert_int_equal(out.answer.number[0], 5);
	assert_int_equal(card_reasons_first(out.reasons), CARD_REASON_COUNT_);
}

static void a_missing_list_leaves_it_undetermined(void **state)
{
	(void)state;
	struct card_verify_request r = request();
	struct card_verify_result out = verify(&r);
	assert_only(out, CARD_REASON_REVOCATION_MISSING);
	assert_int_equal(out.verdict, CARD_VERDICT_UNDETERMINED);
	assert_int_equal(out.revocation, CARD_CHECK_UNDETERMINED);
	/* A list of another municipality is none. */
	struct made_crl l = list("Tanashi-shi", "1234", 4);
	import_list(&l);
	assert_only(verify(&r), CARD_REASON_REVOCATION_MISSING);
	/* No source at all. */
	struct card_verify_config c = {.trust = trust};
	assert_only(verify_with(&c, &r), CARD_REASON_REVOCATION_MISSING);
}

static void a_stale_or_future_list_leaves_it_undetermined(void **state)
{
	(void)state;
	struct made_crl l = list("Kiyose-shi", "1234", 4);
	import_list(&l);
	struct card_verify_request r = request();
	r.at = l.next_update;
	assert_int_equal(verify(&r).verdict, CARD_VERDICT_VALID);
	r.at = l.next_update + 1;
	assert_only(verify(&r), CARD_REASON_REVOCATION_STALE);
	r.at = l.this_update - 1;
	assert_only(verify(&r), CARD_REASON_REVOCATION_FUTURE);
	r.at = now;
	struct card_verify_config c = {.trust = trust, .store = dir, .max_age = day - 1};
	assert_only(verify_with(&c, &r), CARD_REASON_REVOCATION_STALE);
	c.max_age = day;
	assert_int_equal(verify_with(&c, &r).verdict, CARD_VERDICT_VALID);
}

static void a_listed_certificate_is_revoked_or_on_hold(void **state)
{
	(void)state;
	struct made_crl l = list("Kiyose-shi", "4D", 4);
	import_list(&l);
	struct card_verify_request r = request();
	struct card_verify_result out = verify(&r);
	assert_only(out, CARD_REASON_CERT_REVOKED);
	assert_int_equal(out.verdict, CARD_VERDICT_INVALID);
	assert_int_equal(out.answer.status, CARD_REVOCATION_REVOKED);
	assert_int_equal(out.answer.revoked_at, now - 2 * day);
	assert_int_equal(out.answer.reason, CARD_CRL_SUPERSEDED);
	/* It stays revoked when the list is old. */
	r.at = now + 10 * day;
	assert_only(verify(&r), CARD_REASON_CERT_REVOKED);
	/* A later list says nothing about the time before the revocation. */
	r.at = now - 3 * day;
	assert_only(verify(&r), CARD_REASON_REVOCATION_FUTURE);
	l.number = 6;
	l.entry = (struct made_revoked[]){{"4D", now - 2 * day, 6}};
	import_list(&l);
	r.at = now;
	assert_only(verify(&r), CARD_REASON_CERT_ON_HOLD);
}

static void the_whole_list_answers_where_the_partition_is_silent(void **state)
{
	(void)state;
	struct card_verify_request r = request();
	struct made_crl whole = list(NULL, "1234", 4);
	import_list(&whole);
	assert_int_equal(verify(&r).verdict, CARD_VERDICT_VALID);
	/* Revoked in either is revoked. */
	struct made_crl part = list("Kiyose-shi", "4D", 1);
	import_list(&part);
	assert_only(verify(&r), CARD_REASON_CERT_REVOKED);
	part = list("Kiyose-shi", "1234", 1);
	part.number = 6;
	import_list(&part);
	assert_int_equal(verify(&r).verdict, CARD_VERDICT_VALID);
	whole = list(NULL, "4D", 1);
	whole.number = 6;
	import_list(&whole);
	assert_only(verify(&r), CARD_REASON_CERT_REVOKED);
}

static void a_false_signature_is_tampered_and_asks_nobody(void **state)
{
	(void)state;
	struct made_crl l = list("Kiyose-shi", "4D", 4);
	import_list(&l);
	struct card_verify_request r = request();
	r.message = card_bytes(challenge, sizeof(challenge) - 1);
	struct card_verify_result out = verify(&r);
	/* rules 5.3: tampered and revoked is reported as tampered */
	assert_only(out, CARD_REASON_TAMPERED);
	assert_int_equal(out.signature, CARD_CHECK_FAIL);
	assert_int_equal(out.revocation, CARD_CHECK_SKIPPED);
	assert_int_equal(out.answer.status, CARD_REVOCATION_SKIPPED);
	assert_int_equal(card_reasons_first(out.reasons), CARD_REASON_TAMPERED);
}

static void the_wrong_certificate_is_named_so(void **state)
{
	(void)state;
	struct card_verify_request r = request();
	r.certificate = card_buf_bytes(&auth_der);
	struct card_verify_result out = verify(&r);
	assert_int_equal(out.verdict, CARD_VERDICT_INVALID);
	assert_true(card_reasons_have(out.reasons, CARD_REASON_CERT_WRONG_USE));
	r.certificate = card_bytes(cert_der.p, cert_der.n - 1);
	out = verify(&r);
	assert_only(out, CARD_REASON_CERT_MALFORMED);
	assert_int_equal(out.fault, CARD_CERT_FAULT_LENGTH);
	r.certificate = card_bytes(NULL, 0);
	assert_only(verify(&r), CARD_REASON_CERT_MALFORMED);
}

static void parts_not_asked_for_say_skipped(void **state)
{
	(void)state;
	struct card_verify_request r = request();
	r.parts = CARD_VERIFY_PATH;
	struct card_verify_result out = verify(&r);
	assert_int_equal(out.verdict, CARD_VERDICT_VALID);
	assert_int_equal(out.signature, CARD_CHECK_SKIPPED);
	assert_int_equal(out.revocation, CARD_CHECK_SKIPPED);
	assert_string_equal(card_check_name(out.revocation), "skipped");
}

static void digests_and_weak_hashes(void **state)
{
	(void)state;
	struct card_verify_request r = request();
	uint8_t digest[CARD_HASH_MAX];
	r.parts = CARD_VERIFY_PATH | CARD_VERIFY_SIGNATURE;
	card_hash_digest(CARD_HASH_SHA256, r.message, digest);
	r.digest = card_bytes(digest, 32);
	r.message = card_bytes(NULL, 0);
	assert_int_equal(verify(&r).verdict, CARD_VERDICT_VALID);
	digest[0] ^= 1;
	assert_only(verify(&r), CARD_REASON_TAMPERED);
	r.hash = CARD_HASH_SHA1;
	r.digest = card_bytes(digest, 20);
	assert_only(verify(&r), CARD_REASON_SIGNATURE_WEAK_HASH);
	r.digest = card_bytes(digest, 19);
	card_verify_t *v;
	struct card_verify_config c = {.trust = trust};
	struct card_verify_result out;
	assert_int_equal(card_verify_new(&v, &c), CARD_OK);
	assert_int_equal(card_verify(v, &r, &out), CARD_ERR_INVALID_ARGUMENT);
	card_verify_free(&v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_parts_in_order_are_valid),
		TEST(a_missing_list_leaves_it_undetermined),
		TEST(a_stale_or_future_list_leaves_it_undetermined),
		TEST(a_listed_certificate_is_revoked_or_on_hold),
		TEST(the_whole_list_answers_where_the_partition_is_silent),
		TEST(a_false_signature_is_tampered_and_asks_nobody),
		TEST(the_wrong_certificate_is_named_so),
		TEST(parts_not_asked_for_say_skipped),
		TEST(digests_and_weak_hashes),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
