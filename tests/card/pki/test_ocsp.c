/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that OCSP requests are understood by libcrypto and that its answers are
 * taken exactly when they are authentic and about this certificate.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include <openssl/ocsp.h>
#include <openssl/x509.h>

#include <card/ocsp.h>

#include "made_pki.h"

static struct made_key ca, other, holder, responder;
static card_buf_t ca_der, other_der, cert_der, responder_der;
static card_cert_t *issuer, *cert;
static const int64_t day = 86400, now = 1780000000;

static X509 *x509(const card_buf_t *der)
{
	const unsigned char *p = der->p;
	X509 *x = d2i_X509(NULL, &p, (long)der->n);
	assert_non_null(x);
	return x;
}

struct how {
	int status; /* V_OCSP_CERTSTATUS_… */
	int reason; /* -1: none */
	int64_t revoked_at;
	int64_t this_update, next_update; /* 0: none */
	const card_buf_t *signer_der;
	const struct made_key *signer_key;
	const card_buf_t *about, *about_issuer; /* certificates of the CertID */
	struct card_bytes nonce;
	unsigned long flags;
};

static struct how usual(void)
{
	struct how h = {.status = V_OCSP_CERTSTATUS_GOOD,
			.reason = -1,
			.this_update = now - 60,
			.next_update = now + 3600,
			.signer_der = &responder_der,
			.signer_key = &responder,
			.about = &cert_der,
			.about_issuer = &ca_der};
	return h;
}

static ASN1_GENERALIZEDTIME *at(int64_t t)
{
	return t ? ASN1_GENERALIZEDTIME_set(NULL, t) : NULL;
}

static card_buf_t answer(const struct how *h)
{
	X509 *subject = x509(h->about), *ca_x = x509(h->about_issuer),
	     *signer = x509(h->signer_der);
	OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), subject, ca_x);
	OCSP_BASICRESP *bs = OCSP_BASICRESP_new();
	ASN1_GENERALIZEDTIME *rev = at(h->status == V_OCSP_CERTSTATUS_REVOKED ? h->revoked_at : 0),
			     *this = at(h->this_update), *next = at(h->next_update);
	assert_non_null(OCSP_basic_add1_status(bs, id, h->status, h->reason, rev, this, next));
	if (h->nonce.n > 0) {
		uint8_t copy[32];
		memcpy(copy, h->nonce.p, h->nonce.n);
		assert_int_equal(OCSP_basic_add1_nonce(bs, copy, (int)h->nonce.n), 1);
	}
	assert_int_equal(
		OCSP_basic_sign(bs, signer, h->signer_key->pkey, EVP_sha256(), NULL, h->flags), 1);
	OCSP_RESPONSE *r = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, bs);
	unsigned char *der = NULL;
	int n = i2d_OCSP_RESPONSE(r, &der);
	assert_true(n > 0);
	card_buf_t out = {0};
	assert_int_equal(card_buf_append(&out, card_bytes(der, (size_t)n)), CARD_OK);
	OPENSSL_free(der);
	OCSP_RESPONSE_free(r);
	OCSP_BASICRESP_free(bs);
	OCSP_CERTID_free(id);
	ASN1_GENERALIZEDTIME_free(rev);
	ASN1_GENERALIZEDTIME_free(this);
	ASN1_GENERALIZEDTIME_free(next);
	X509_free(subject);
	X509_free(ca_x);
	X509_free(signer);
	return out;
}

static enum card_error check(const struct how *h, struct card_bytes nonce,
			     struct card_ocsp_answer *a)
{
	card_buf_t der = answer(h);
	enum card_error err = card_ocsp_check(card_buf_bytes(&der), cert, issuer, nonce, now, a);
	card_buf_free(&der);
	return err;
}

static const struct card_bytes no_nonce = {NULL, 0};

static enum card_error sign_request(void *ctx, struct card_bytes tbs, card_buf_t *signature)
{
	made_sign(ctx, tbs, signature);
	return CARD_OK;
}

static void requests_are_what_libcrypto_would_ask(void **state)
{
	(void)state;
	static const enum card_hash hashes[] = {CARD_HASH_SHA1, CARD_HASH_SHA256, CARD_HASH_SHA384};
	const EVP_MD *mds[] = {EVP_sha1(), EVP_sha256(), EVP_sha384()};
	uint8_t nonce[32];
	memset(nonce, 0x5A, sizeof(nonce));
	X509 *x = x509(&cert_der), *y = x509(&ca_der);
	for (size_t i = 0; i < 3; i++) {
		card_buf_t out = {0};
		assert_int_equal(card_ocsp_request(cert, issuer, hashes[i],
						   card_bytes(nonce, i ? 32 : 0), NULL, &out),
				 CARD_OK);
		const unsigned char *p = out.p;
		OCSP_REQUEST *req = d2i_OCSP_REQUEST(NULL, &p, (long)out.n);
		assert_non_null(req);
		assert_ptr_equal(p, out.p + out.n);
		assert_int_equal(OCSP_request_onereq_count(req), 1);
		OCSP_CERTID *id = OCSP_cert_to_id(mds[i], x, y);
		assert_int_equal(
			OCSP_id_cmp(id, OCSP_onereq_get0_id(OCSP_request_onereq_get0(req, 0))), 0);
		int at_ext = OCSP_REQUEST_get_ext_by_NID(req, NID_id_pkix_OCSP_Nonce, -1);
		assert_int_equal(at_ext >= 0, i > 0);
		OCSP_CERTID_free(id);
		OCSP_REQUEST_free(req);
		card_buf_free(&out);
	}
	/* signed */
	card_buf_t out = {0};
	struct card_ocsp_signer signer = {
		cert, {CARD_SIG_PKCS1, CARD_HASH_SHA256, 0}, sign_request, &holder};
	assert_int_equal(card_ocsp_request(cert, issuer, CARD_HASH_SHA1, card_bytes(nonce, 32),
					   &signer, &out),
			 CARD_OK);
	const unsigned char *p = out.p;
	OCSP_REQUEST *req = d2i_OCSP_REQUEST(NULL, &p, (long)out.n);
	X509_STORE *store = X509_STORE_new();
	X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store), now);
	X509_STORE_add_cert(store, y);
	STACK_OF(X509) *none = sk_X509_new_null();
	assert_int_equal(OCSP_request_is_signed(req), 1);
	assert_int_equal(OCSP_request_verify(req, none, store, OCSP_NOVERIFY), 1);
	sk_X509_free(none);
	X509_STORE_free(store);
	OCSP_REQUEST_free(req);
	card_buf_free(&out);
	X509_free(x);
	X509_free(y);
}

static void good_and_revoked_are_told_with_dates_and_reason(void **state)
{
	(void)state;
	struct how h = usual();
	struct card_ocsp_answer a;
	assert_int_equal(check(&h, no_nonce, &a), CARD_OK);
	assert_int_equal(a.status, CARD_OCSP_GOOD);
	assert_int_equal(a.this_update, now - 60);
	assert_int_equal(a.next_update, now + 3600);
	h.next_update = 0;
	assert_int_equal(check(&h, no_nonce, &a), CARD_OK);
	assert_int_equal(a.next_update, 0);
	h.status = V_OCSP_CERTSTATUS_UNKNOWN;
	assert_int_equal(check(&h, no_nonce, &a), CARD_OK);
	assert_int_equal(a.status, CARD_OCSP_UNKNOWN);
	h.status = V_OCSP_CERTSTATUS_REVOKED;
	h.revoked_at = now - day;
	assert_int_equal(check(&h, no_nonce, &a), CARD_OK);
	assert_int_equal(a.status, CARD_OCSP_REVOKED);
	assert_int_equal(a.revoked_at, now - day);
	assert_int_equal(a.reason, CARD_CRL_NO_REASON);
	h.reason = OCSP_REVOKED_STATUS_CERTIFICATEHOLD;
	assert_int_equal(check(&h, no_nonce, &a), CARD_OK);
	assert_int_equal(a.reason, CARD_CRL_HOLD);
}

static void responders_need_authority(void **state)
{
	(void)state;
	struct card_ocsp_answer a;
	struct how h = usual();
	h.flags = OCSP_RESPID_KEY;
	assert_int_equal(check(&h, no_nonce, &a), CARD_OK);
	/* the CA itself */
	h = usual();
	h.signer_der = &ca_der;
	h.signer_key = &ca;
	assert_int_equal(check(&h, no_nonce, &a), CARD_OK);
	/* the holder's own certificate, issued by the CA but not for OCSP */
	h.signer_der = &cert_der;
	h.signer_key = &holder;
	assert_int_equal(check(&h, no_nonce, &a), CARD_ERR_UNTRUSTED);
	/* a stranger of the CA's name */
	h.signer_der = &other_der;
	h.signer_key = &other;
	assert_int_equal(check(&h, no_nonce, &a), CARD_ERR_SIGNATURE);
	/* a responder issued by the stranger; one that has expired; without the purpose */
	struct made_cert m = {.kind = MADE_AUTH,
			      .serial = 900,
			      .not_before = now - day,
			      .not_after = now + day,
			      .key = &responder,
			      .issuer = &other,
			      .subject_tlv = "300E310C300A06035504030C034F4353",
			      .eku_tlv = "30130603551D25040C300A06082B06010505070309"};
	static const enum card_error want[] = {CARD_ERR_UNTRUSTED, CARD_ERR_EXPIRED,
					       CARD_ERR_UNTRUSTED};
	for (int i = 0; i < 3; i++) {
		card_buf_t der = {0};
		struct made_cert one = m;
		if (i > 0)
			one.issuer = &ca;
		if (i == 1)
			one.not_after = now - 1;
		if (i == 2)
			one.eku_tlv = "";
		made_cert(&one, &der);
		h = usual();
		h.signer_der = &der;
		assert_int_equal(check(&h, no_nonce, &a), want[i]);
		card_buf_free(&der);
	}
	h = usual();
	h.flags = OCSP_NOCERTS;
	assert_int_equal(check(&h, no_nonce, &a), CARD_ERR_UNTRUSTED);
}

static void answers_about_others_do_not_count(void **state)
{
	(void)state;
	struct card_ocsp_answer a;
	struct made_cert m = {.kind = MADE_AUTH,
			      .serial = 78,
			      .not_before = now - day,
			      .not_after = now + day,
			      .key = &holder,
			      .issuer = &ca};
	card_buf_t der = {0};
	made_cert(&m, &der);
	struct how h = usual();
	h.about = &der; /* another serial number */
	assert_int_equal(check(&h, no_nonce, &a), CARD_ERR_NOT_FOUND);
	h.about = &cert_der;
	h.about_issuer = &other_der; /* the same name, another key */
	assert_int_equal(check(&h, no_nonce, &a), CARD_ERR_NOT_FOUND);
	card_buf_free(&der);
}

static void nonces_must_not_differ(void **state)
{
	(void)state;
	uint8_t sent[32], got[32];
	struct card_ocsp_answer a;
	memset(sent, 1, sizeof(sent));
	memset(got, 1, sizeof(got));
	struct how h = usual();
	assert_int_equal(check(&h, card_bytes(sent, 32), &a), CARD_OK);
	assert_false(a.nonce);
	h.nonce = card_bytes(got, 32);
	assert_int_equal(check(&h, card_bytes(sent, 32), &a), CARD_OK);
	assert_true(a.nonce);
	got[31] ^= 1;
	assert_int_equal(check(&h, card_bytes(sent, 32), &a), CARD_ERR_DENIED);
	h.nonce = card_bytes(got, 16);
	assert_int_equal(check(&h, card_bytes(sent, 32), &a), CARD_ERR_DENIED);
}

static void errors_of_the_responder_are_no_statement(void **state)
{
	(void)state;
	struct card_ocsp_answer a;
	for (int status = 1; status <= 6; status++) {
		if (status == 4)
			continue; /* not used */
		OCSP_RESPONSE *r = OCSP_response_create(status, NULL);
		unsigned char *der = NULL;
		int n = i2d_OCSP_RESPONSE(r, &der);
		assert_int_equal(card_ocsp_check(card_bytes(der, (size_t)n), cert, issuer, no_nonce,
						 now, &a),
				 CARD_ERR_UNDETERMINED);
		OPENSSL_free(der);
		OCSP_RESPONSE_free(r);
	}
}

/* Every octet changed, one at a time: libcrypto takes it or not; we never take
 * what it does not, and never another status. */
static void no_change_gets_through(void **state)
{
	(void)state;
	struct how h = usual();
	h.status = V_OCSP_CERTSTATUS_REVOKED;
	h.revoked_at = now - day;
	h.reason = 1;
	card_buf_t der = answer(&h);
	size_t refused = 0;
	for (size_t i = 0; i < der.n; i++) {
		struct card_ocsp_answer a;
		der.p[i] ^= (uint8_t)(1u << i % 8);
		enum card_error err =
			card_ocsp_check(card_buf_bytes(&der), cert, issuer, no_nonce, now, &a);
		if (err)
			refused++;
		else
			assert_int_equal(a.status, CARD_OCSP_REVOKED);
		der.p[i] ^= (uint8_t)(1u << i % 8);
	}
	assert_int_equal(refused, der.n);
	for (size_t n = 0; n < der.n; n++) {
		struct card_ocsp_answer a;
		assert_int_not_equal(
			card_ocsp_check(card_bytes(der.p, n), cert, issuer, no_nonce, now, &a),
			CARD_OK);
	}
	card_buf_free(&der);
}

static int set_up(void **state)
{
	(void)state;
	made_rsa(&ca, 2048);
	made_rsa(&other, 2048);
	made_rsa(&holder, 2048);
	made_rsa(&responder, 2048);
	struct made_cert c = {.kind = MADE_AUTH_CA,
			      .serial = 1,
			      .not_before = now - day,
			      .not_after = now + day,
			      .key = &ca,
			      .issuer = &ca};
	made_cert(&c, &ca_der);
	c.key = c.issuer = &other;
	made_cert(&c, &other_der);
	struct made_cert m = {.kind = MADE_AUTH,
			      .serial = 77,
			      .not_before = now - day,
			      .not_after = now + day,
			      .key = &holder,
			      .issuer = &ca};
	made_cert(&m, &cert_der);
	m.key = &responder;
	m.serial = 900;
	m.subject_tlv = "300E310C300A06035504030C034F4353";
	m.eku_tlv = "30130603551D25040C300A06082B06010505070309";
	m.extra_tlv = "300F06092B0601050507300105 04020500";
	made_cert(&m, &responder_der);
	return card_cert_new(&issuer, card_buf_bytes(&ca_der)) ||
	       card_cert_new(&cert, card_buf_bytes(&cert_der));
}

static int tear_down(void **state)
{
	(void)state;
	made_key_free(&ca);
	made_key_free(&other);
	made_key_free(&holder);
	made_key_free(&responder);
	card_buf_free(&ca_der);
	card_buf_free(&other_der);
	card_buf_free(&cert_der);
	card_buf_free(&responder_der);
	card_cert_free(&issuer);
	card_cert_free(&cert);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_what_libcrypto_would_ask),
		cmocka_unit_test(good_and_revoked_are_told_with_dates_and_reason),
		cmocka_unit_test(responders_need_authority),
		cmocka_unit_test(answers_about_others_do_not_count),
		cmocka_unit_test(nonces_must_not_differ),
		cmocka_unit_test(errors_of_the_responder_are_no_statement),
		cmocka_unit_test(no_change_gets_through),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
