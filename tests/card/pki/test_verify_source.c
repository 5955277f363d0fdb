/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves where the status of a certificate is asked for: responders, answers that came with it,
 * sources in the order of the policy and those of the caller; what none answers is undetermined.
 */
#include "verify_case.h"

#include <openssl/ocsp.h>
#include <openssl/x509.h>

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ocsp_answers_when_there_is_no_list),
		TEST(a_stapled_answer_is_used_without_a_network),
		TEST(sources_are_asked_in_the_order_of_the_policy),
		TEST(further_sources_are_asked_last),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
