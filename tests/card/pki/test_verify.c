/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that a verification is valid only if path, signature and status all
 * are, that what is missing or stale leaves it undetermined, and that it names
 * every reason.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include <openssl/ocsp.h>
#include <openssl/x509.h>

#include <card/verify.h>

#include "made_crl.h"

static struct made_key ca, stranger, holder;
static card_trust_t *trust;
static card_buf_t ca_der, stranger_der, cert_der, auth_der, signature;
static char dir[64];

static const int64_t day = 86400, now = 1780000000;
static const char challenge[] = "KAZASU-TEST challenge";

static void import_list(const struct made_crl *c)
{
	char path[128];
	card_buf_t der = {0};
	struct card_crl_report report;
	struct card_crl_import how = {.store = dir, .trust = trust, .now = c->this_update + 1};
	made_crl(c, &der);
	snprintf(path, sizeof(path), "%s/list", dir);
	made_file(path, card_buf_bytes(&der));
	int fd = open(path, O_RDONLY);
	assert_int_equal(card_crl_import(&how, fd, &report), CARD_OK);
	close(fd);
	unlink(path);
	card_buf_free(&der);
}

static struct made_crl list(const char *city, const char *revoked_serial, int reason)
{
	static struct made_revoked entry;
	entry = (struct made_revoked){revoked_serial, now - 2 * day, reason};
	struct made_crl c = {.key = &ca,
			     .this_update = now - day,
			     .next_update = now + day,
			     .number = 5,
			     .city = city,
			     .entry = &entry,
			     .entries = 1};
	return c;
}

static struct card_verify_request request(void)
{
	struct card_verify_request r = {.parts = CARD_VERIFY_ALL,
					.certificate = card_buf_bytes(&cert_der),
					.use = CARD_USE_SIGN,
					.at = now,
					.hash = CARD_HASH_SHA256,
					.message = card_bytes(challenge, sizeof(challenge)),
					.signature = card_buf_bytes(&signature)};
	return r;
}

static struct card_verify_result verify_with(const struct card_verify_config *config,
					     const struct card_verify_request *r)
{
	card_verify_t *v;
	struct card_verify_result out;
	assert_int_equal(card_verify_new(&v, config), CARD_OK);
	assert_int_equal(card_verify(v, r, &out), CARD_OK);
	assert_int_equal(out.verdict, card_verdict_of(out.reasons));
	card_verify_free(&v);
	return out;
}

static struct card_verify_result verify(const struct card_verify_request *r)
{
	struct card_verify_config c = {.trust = trust, .store = dir};
	return verify_with(&c, r);
}

static void assert_only(struct card_verify_result r, enum card_reason reason)
{
	if (r.reasons != card_reason_bit(reason))
		fprintf(stderr, "reasons %llx, wanted only %s\n", (unsigned long long)r.reasons,
			card_reason_code(reason));
	assert_true(r.reasons == card_reason_bit(reason));
	assert_int_not_equal(r.verdict, CARD_VERDICT_VALID);
}

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

/* ---- OCSP ---- */

struct responder {
	int status;
	int64_t this_update, next_update;
	const struct made_key *key;
	enum card_error fail;
	bool nonce;
	int asked;
	char url[64];
};

/* The responder of the CA, answering what it is asked. */
static enum card_error respond(void *ctx, const char *url, const char *type, struct card_bytes body,
			       card_buf_t *answer)
{
	struct responder *r = ctx;
	r->asked++;
	snprintf(r->url, sizeof(r->url), "%s", url);
	assert_string_equal(type, "application/ocsp-request");
	if (r->fail)
		return r->fail;
	const card_buf_t *signer = r->key == &ca ? &ca_der : &stranger_der;
	const unsigned char *p = body.p, *q = signer->p;
	OCSP_REQUEST *req = d2i_OCSP_REQUEST(NULL, &p, (long)body.n);
	X509 *x = d2i_X509(NULL, &q, (long)signer->n);
	assert_true(req && x);
	OCSP_BASICRESP *bs = OCSP_BASICRESP_new();
	ASN1_GENERALIZEDTIME *t = ASN1_GENERALIZEDTIME_set(NULL, r->this_update),
			     *n = r->next_update ? ASN1_GENERALIZEDTIME_set(NULL, r->next_update)
						 : NULL;
	OCSP_basic_add1_status(bs, OCSP_onereq_get0_id(OCSP_request_onereq_get0(req, 0)), r->status,
			       -1, t, t, n);
	if (r->nonce)
		OCSP_copy_nonce(bs, req);
	assert_int_equal(OCSP_basic_sign(bs, x, r->key->pkey, EVP_sha256(), NULL, OCSP_NOCERTS), 1);
	OCSP_RESPONSE *resp = OCSP_response_create(0, bs);
	unsigned char *der = NULL;
	int len = i2d_OCSP_RESPONSE(resp, &der);
	assert_int_equal(card_buf_append(answer, card_bytes(der, (size_t)len)), CARD_OK);
	OPENSSL_free(der);
	OCSP_RESPONSE_free(resp);
	OCSP_BASICRESP_free(bs);
	ASN1_GENERALIZEDTIME_free(t);
	ASN1_GENERALIZEDTIME_free(n);
	OCSP_REQUEST_free(req);
	X509_free(x);
	return CARD_OK;
}

static void ocsp_answers_when_there_is_no_list(void **state)
{
	(void)state;
	/* producedAt is the responder's clock, so these run at the real time. */
	int64_t real = time(NULL);
	struct responder who = {.status = V_OCSP_CERTSTATUS_GOOD,
				.this_update = real,
				.next_update = real + 600,
				.key = &ca,
				.nonce = true};
	struct card_verify_config c = {
		.trust = trust, .store = dir, .fetch = respond, .fetch_ctx = &who, .ocsp = true};
	struct card_verify_request r = request();
	r.at = real;
	struct card_verify_result out = verify_with(&c, &r);
	assert_int_equal(out.verdict, CARD_VERDICT_VALID);
	assert_int_equal(out.answer.method, CARD_REVOCATION_BY_OCSP);
	assert_int_equal(who.asked, 1);
	assert_string_equal(who.url, "http://ocsp.example.jp/");
	c.ocsp_nonce_required = true;
	assert_int_equal(verify_with(&c, &r).verdict, CARD_VERDICT_VALID);
	who.nonce = false;
	assert_true(card_reasons_have(verify_with(&c, &r).reasons, CARD_REASON_REVOCATION_DAMAGED));
	c.ocsp_nonce_required = false;
	c.ocsp_url = "http://other.example.jp/";
	assert_int_equal(verify_with(&c, &r).verdict, CARD_VERDICT_VALID);
	assert_string_equal(who.url, "http://other.example.jp/");
	c.ocsp_url = NULL;

	who.status = V_OCSP_CERTSTATUS_REVOKED;
	assert_only(verify_with(&c, &r), CARD_REASON_CERT_REVOKED);
	who.status = V_OCSP_CERTSTATUS_UNKNOWN;
	assert_only(verify_with(&c, &r), CARD_REASON_REVOCATION_MISSING);
	who.status = V_OCSP_CERTSTATUS_GOOD;
	who.next_update = real - 1;
	who.this_update = real - 600;
	out = verify_with(&c, &r);
	assert_true(card_reasons_have(out.reasons, CARD_REASON_REVOCATION_STALE));
	assert_int_equal(out.verdict, CARD_VERDICT_UNDETERMINED);
	/* without an end it counts for an hour */
	who.next_update = 0;
	assert_int_equal(verify_with(&c, &r).verdict, CARD_VERDICT_VALID);
	who.this_update = real - 3601;
	assert_int_equal(verify_with(&c, &r).verdict, CARD_VERDICT_UNDETERMINED);
	who.this_update = real;
	who.key = &stranger;
	out = verify_with(&c, &r);
	assert_true(card_reasons_have(out.reasons, CARD_REASON_REVOCATION_DAMAGED));
	assert_int_equal(out.verdict, CARD_VERDICT_UNDETERMINED);
	who.fail = CARD_ERR_TIMEOUT;
	assert_only(verify_with(&c, &r), CARD_REASON_REVOCATION_MISSING);
	/* Not asked when the signature is false. */
	int asked = who.asked;
	r.signature = card_bytes(signature.p, signature.n - 1);
	assert_only(verify_with(&c, &r), CARD_REASON_TAMPERED);
	assert_int_equal(who.asked, asked);
}

static void a_stapled_answer_is_used_without_a_network(void **state)
{
	(void)state;
	int64_t real = time(NULL);
	struct responder who = {.status = V_OCSP_CERTSTATUS_GOOD,
				.this_update = real,
				.next_update = real + 600,
				.key = &ca};
	card_buf_t req = {0}, answer = {0};
	card_cert_t *cert, *issuer;
	assert_int_equal(card_cert_new(&cert, card_buf_bytes(&cert_der)), CARD_OK);
	assert_int_equal(card_cert_new(&issuer, card_buf_bytes(&ca_der)), CARD_OK);
	assert_int_equal(
		card_ocsp_request(cert, issuer, CARD_HASH_SHA1, card_bytes(NULL, 0), NULL, &req),
		CARD_OK);
	assert_int_equal(
		respond(&who, "", "application/ocsp-request", card_buf_bytes(&req), &answer),
		CARD_OK);
	struct card_verify_config c = {.trust = trust};
	struct card_verify_request r = request();
	r.at = real;
	r.stapled = card_buf_bytes(&answer);
	assert_int_equal(verify_with(&c, &r).verdict, CARD_VERDICT_VALID);
	answer.p[answer.n - 1] ^= 1;
	assert_only(verify_with(&c, &r), CARD_REASON_REVOCATION_DAMAGED);
	card_buf_free(&req);
	card_buf_free(&answer);
	card_cert_free(&cert);
	card_cert_free(&issuer);
}

static void sources_are_asked_in_the_order_of_the_policy(void **state)
{
	(void)state;
	int64_t real = time(NULL);
	struct responder who = {.status = V_OCSP_CERTSTATUS_GOOD,
				.this_update = real,
				.next_update = real + 600,
				.key = &ca};
	struct card_verify_config c = {
		.trust = trust, .store = dir, .fetch = respond, .fetch_ctx = &who, .ocsp = true};
	struct card_verify_request r = request();
	struct made_crl l = list("Kiyose-shi", "1234", 4);
	l.next_update = real + day;
	import_list(&l);
	r.at = real;
	/* The list first: nobody else is asked. */
	assert_int_equal(verify_with(&c, &r).answer.method, CARD_REVOCATION_BY_CRL);
	assert_int_equal(who.asked, 0);
	c.ocsp_first = true;
	assert_int_equal(verify_with(&c, &r).answer.method, CARD_REVOCATION_BY_OCSP);
	assert_int_equal(who.asked, 1);
	/* No network: the list answers. */
	who.fail = CARD_ERR_IO;
	struct card_verify_result out = verify_with(&c, &r);
	assert_int_equal(out.verdict, CARD_VERDICT_VALID);
	assert_int_equal(out.answer.method, CARD_REVOCATION_BY_CRL);
	who.fail = CARD_OK;
	/* One of them alone. */
	c.store = NULL;
	assert_int_equal(verify_with(&c, &r).answer.method, CARD_REVOCATION_BY_OCSP);
	c.store = dir;
	c.ocsp = false;
	assert_int_equal(verify_with(&c, &r).answer.method, CARD_REVOCATION_BY_CRL);
	/* A responder that says good does not bring back what is on a list. */
	c.ocsp = true;
	l = list("Kiyose-shi", "4D", 4);
	l.number = 6;
	l.next_update = real + day;
	import_list(&l);
	assert_only(verify_with(&c, &r), CARD_REASON_CERT_REVOKED);
	assert_int_equal(verify_with(&c, &r).answer.method, CARD_REVOCATION_BY_CRL);
}

/* ---- other sources ---- */

static enum card_error registry(void *ctx, const struct card_revocation_query *q,
				struct card_revocation_answer *out)
{
	assert_non_null(q->issuer);
	out->status = *(enum card_revocation_status *)ctx;
	if (out->status == CARD_REVOCATION_REVOKED)
		out->reasons = card_reason_bit(CARD_REASON_CERT_REVOKED);
	return CARD_OK;
}

static void further_sources_are_asked_last(void **state)
{
	(void)state;
	enum card_revocation_status says = CARD_REVOCATION_GOOD;
	struct card_verify_config c = {
		.trust = trust, .store = dir, .more = {{registry, &says}}, .more_n = 1};
	struct card_verify_request r = request();
	assert_int_equal(verify_with(&c, &r).verdict, CARD_VERDICT_VALID);
	says = CARD_REVOCATION_REVOKED;
	assert_only(verify_with(&c, &r), CARD_REASON_CERT_REVOKED);
	says = CARD_REVOCATION_UNDETERMINED;
	assert_only(verify_with(&c, &r), CARD_REASON_REVOCATION_MISSING);
	struct made_crl l = list("Kiyose-shi", "4D", 1);
	import_list(&l);
	says = CARD_REVOCATION_GOOD;
	assert_only(verify_with(&c, &r), CARD_REASON_CERT_REVOKED);
}

static int each_set_up(void **state)
{
	(void)state;
	made_dir(dir);
	return 0;
}

static int each_tear_down(void **state)
{
	(void)state;
	made_dir_remove(dir);
	return 0;
}

static int set_up(void **state)
{
	(void)state;
	uint8_t digest[CARD_HASH_MAX];
	made_rsa(&ca, 2048);
	made_rsa(&stranger, 2048);
	made_rsa(&holder, 2048);
	struct made_cert root = {.kind = MADE_SIGN_CA,
				 .serial = 1,
				 .not_before = now - 1000 * day,
				 .not_after = now + 1000 * day,
				 .key = &ca,
				 .issuer = &ca};
	made_cert(&root, &ca_der);
	root.key = root.issuer = &stranger;
	made_cert(&root, &stranger_der);
	struct made_cert m = {.kind = MADE_SIGN,
			      .serial = 0x4D,
			      .not_before = now - 1000 * day,
			      .not_after = now + 1000 * day,
			      .key = &holder,
			      .issuer = &ca};
	made_cert(&m, &cert_der);
	m.kind = MADE_AUTH;
	made_cert(&m, &auth_der);
	card_hash_digest(CARD_HASH_SHA256, card_bytes(challenge, sizeof(challenge)), digest);
	made_sign_digest(&holder, CARD_HASH_SHA256, false, card_bytes(digest, 32), &signature);
	return card_trust_new(&trust, 0) || card_trust_add(trust, card_buf_bytes(&ca_der));
}

static int tear_down(void **state)
{
	(void)state;
	made_key_free(&ca);
	made_key_free(&stranger);
	made_key_free(&holder);
	card_buf_free(&ca_der);
	card_buf_free(&stranger_der);
	card_buf_free(&cert_der);
	card_buf_free(&auth_der);
	card_buf_free(&signature);
	card_trust_free(&trust);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, each_set_up, each_tear_down)

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
		TEST(ocsp_answers_when_there_is_no_list),
		TEST(a_stapled_answer_is_used_without_a_network),
		TEST(sources_are_asked_in_the_order_of_the_policy),
		TEST(further_sources_are_asked_last),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
