/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that a timestamp is embedded only if it holds, and counts only under the roots that are
 * installed for it; and that no changed byte of a signature with a timestamp makes a proven time.
 * The authority is libcrypto's, with one thing wrong at a time.
 */
#include "made_document.h"
#include "test.h"

#include <stdlib.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>

#include <cardflow/timestamp.h>

#include "tree.h"

static struct made_person person;
static char folder[64];

/* What is wrong with the answer. */
enum twist {
	RIGHT = 0,
	EXPIRED,     /* at the time it names */
	SHA1_SIGNER, /* signed over SHA-1 */
	OTHER_DATA,  /* of another request */
	OTHER_NONCE,
	REFUSED,
	FUTURE /* a time that is yet to come */
};

static EVP_PKEY *ca_key, *tsa_key;
static X509 *ca, *tsa;
static enum twist twist;

static X509 *issue(EVP_PKEY *key, const char *name, X509 *issuer, EVP_PKEY *by, const char *eku,
		   int64_t from, int64_t to)
{
	static long serial = 1;
	X509 *x = X509_new();
	X509_NAME *n = X509_NAME_new();
	X509V3_CTX ctx;
	X509_EXTENSION *e;

	assert_true(x != NULL && n != NULL);
	assert_int_equal(X509_set_version(x, 2), 1);
	assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(x), ++serial), 1);
	assert_int_equal(X509_NAME_add_entry_by_txt(n, "CN", MBSTRING_ASC,
						    (const unsigned char *)name, -1, -1, 0),
			 1);
	X509_set_subject_name(x, n);
	X509_set_issuer_name(x, issuer != NULL ? X509_get_subject_name(issuer) : n);
	ASN1_TIME_set(X509_getm_notBefore(x), (time_t)from);
	ASN1_TIME_set(X509_getm_notAfter(x), (time_t)to);
	X509_set_pubkey(x, key);
	X509V3_set_ctx(&ctx, issuer != NULL ? issuer : x, x, NULL, NULL, 0);
	e = X509V3_EXT_conf_nid(NULL, &ctx, issuer != NULL ? NID_key_usage : NID_basic_constraints,
				issuer != NULL ? "critical,digitalSignature" : "critical,CA:TRUE");
	assert_non_null(e);
	X509_add_ext(x, e, -1);
	X509_EXTENSION_free(e);
	if (eku != NULL) {
		e = X509V3_EXT_conf_nid(NULL, &ctx, NID_ext_key_usage, eku);
		assert_non_null(e);
		X509_add_ext(x, e, -1);
		X509_EXTENSION_free(e);
	}
	assert_true(X509_sign(x, by, EVP_sha256()) > 0);
	X509_NAME_free(n);
	return x;
}

static ASN1_INTEGER *next_serial(struct TS_resp_ctx *ctx, void *data)
{
	ASN1_INTEGER *i = ASN1_INTEGER_new();

	(void)ctx, (void)data;
	ASN1_INTEGER_set(i, 7);
	return i;
}

static int the_time(struct TS_resp_ctx *ctx, void *data, long *sec, long *usec)
{
	(void)ctx, (void)data;
	*sec = (long)(MADE_NOW + (twist == FUTURE ? 86400 : 60));
	*usec = 0;
	return 1;
}

/* The request as the authority takes it. */
static void twisted_request(struct card_bytes query, card_buf_t *out)
{
	const uint8_t *p = query.p;
	TS_REQ *req = d2i_TS_REQ(NULL, &p, (long)query.n);
	ASN1_INTEGER *nonce;
	uint8_t other[32] = {9};
	uint8_t *der = NULL;
	int n;

	assert_non_null(req);
	if (twist == OTHER_DATA)
		assert_int_equal(TS_MSG_IMPRINT_set_msg(TS_REQ_get_msg_imprint(req), other, 32), 1);
	if (twist == OTHER_NONCE) {
		nonce = ASN1_INTEGER_new();
		ASN1_INTEGER_set(nonce, 5);
		assert_int_equal(TS_REQ_set_nonce(req, nonce), 1);
		ASN1_INTEGER_free(nonce);
	}
	n = i2d_TS_REQ(req, &der);
	assert_true(n > 0);
	assert_ok(card_buf_append(out, card_bytes(der, (size_t)n)));
	OPENSSL_free(der);
	TS_REQ_free(req);
}

static enum card_error authority(void *data, const char *url, const char *type,
				 struct card_bytes query, card_buf_t *answer)
{
	static const char *const policy = "1.2.3.4";
	card_buf_t request = {0};
	TS_RESP_CTX *ctx = TS_RESP_CTX_new();
	ASN1_OBJECT *oid = OBJ_txt2obj(policy, 1);
	TS_RESP *resp;
	X509 *as = tsa;
	BIO *in;
	uint8_t *der = NULL;
	int n;

	(void)data, (void)url;
	assert_string_equal(type, "application/timestamp-query");
	twisted_request(query, &request);
	if (twist == EXPIRED)
		as = issue(tsa_key, "old", ca, ca_key, "critical,timeStamping",
			   MADE_NOW - 86400 * 20, MADE_NOW - 86400);
	assert_true(ctx != NULL && oid != NULL);
	assert_int_equal(TS_RESP_CTX_set_signer_cert(ctx, as), 1);
	assert_int_equal(TS_RESP_CTX_set_signer_key(ctx, tsa_key), 1);
	assert_int_equal(TS_RESP_CTX_set_signer_digest(ctx, twist == SHA1_SIGNER ? EVP_sha1()
										 : EVP_sha256()),
			 1);
	assert_int_equal(TS_RESP_CTX_set_ess_cert_id_digest(ctx, EVP_sha256()), 1);
	assert_int_equal(TS_RESP_CTX_set_def_policy(ctx, oid), 1);
	if (twist != REFUSED)
		assert_int_equal(TS_RESP_CTX_add_md(ctx, EVP_sha256()), 1);
	else
		assert_int_equal(TS_RESP_CTX_add_md(ctx, EVP_sha512()), 1);
	TS_RESP_CTX_set_serial_cb(ctx, next_serial, NULL);
	TS_RESP_CTX_set_time_cb(ctx, the_time, NULL);
	in = BIO_new_mem_buf(request.p, (int)request.n);
	resp = TS_RESP_create_response(ctx, in);
	assert_non_null(resp);
	n = i2d_TS_RESP(resp, &der);
	assert_true(n > 0);
	assert_ok(card_buf_append(answer, card_bytes(der, (size_t)n)));
	OPENSSL_free(der);
	TS_RESP_free(resp);
	BIO_free(in);
	if (as != tsa)
		X509_free(as);
	ASN1_OBJECT_free(oid);
	TS_RESP_CTX_free(ctx);
	card_buf_free(&request);
	return CARD_OK;
}

/* The root in a file, as an operator installs it. */
static flow_tsa_trust_t *trust_in(X509 *root, const char *name)
{
	flow_tsa_trust_t *t = NULL;
	char path[128];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(PEM_write_X509(f, root), 1);
	fclose(f);
	assert_ok(flow_tsa_trust_new(&t));
	assert_ok(flow_tsa_trust_add_file(t, path));
	return t;
}

static enum card_error sign_with(const flow_tsa_trust_t *trust, card_buf_t *out)
{
	static const char text[] = "content";
	const struct card_bytes c = card_bytes(text, sizeof text - 1);
	const struct flow_tsa at = {"http://tsa.invalid/", authority, NULL, trust};
	struct flow_signer s = made_signer(&person);
	uint8_t digest[CARD_HASH_MAX];

	s.tsa = &at;
	assert_ok(card_hash_digest(CARD_HASH_SHA256, c, digest));
	return flow_cms_sign(&s, card_bytes(digest, 32), &c, 0, out);
}

static void only_a_timestamp_that_holds_is_embedded(void **state)
{
	flow_tsa_trust_t *trust = trust_in(ca, "ca.pem");

	(void)state;
	for (twist = EXPIRED; twist < FUTURE; twist++) {
		card_buf_t out = {0};

		if (sign_with(trust, &out) == CARD_OK)
			fail_msg("twist %d was embedded", (int)twist);
		assert_int_equal(out.n, 0);
		card_buf_free(&out);
	}
	twist = RIGHT;
	flow_tsa_trust_free(&trust);
}

static void its_root_is_one_for_timestamps(void **state)
{
	EVP_PKEY *key = EVP_RSA_gen(2048);
	X509 *same_name =
		issue(key, "Test root", NULL, key, NULL, MADE_NOW - 86400, MADE_NOW + 86400 * 90);
	flow_tsa_trust_t *right = trust_in(ca, "ca.pem"), *other = trust_in(same_name, "other.pem");
	struct flow_verify how = made_verify(&person);
	struct flow_report r;
	card_buf_t out = {0}, none = {0};

	(void)state;
	twist = RIGHT;
	assert_int_equal(sign_with(other, &none), CARD_ERR_UNTRUSTED);
	assert_int_equal(none.n, 0);
	card_buf_free(&none);
	assert_ok(sign_with(right, &out));
	for (int i = 0; i < 2; i++) {
		how.tsa_trust = i == 0 ? NULL : other;
		made_verify_bytes(&how, card_buf_bytes(&out), NULL, &r);
		assert_int_equal(r.verdict, CARD_VERDICT_UNDETERMINED);
		assert_true(flow_reasons_have(&r.signatures[0].reasons,
					      FLOW_REASON_TIMESTAMP_UNTRUSTED));
		assert_int_equal(r.signatures[0].timestamp, 0);
		assert_int_equal(r.signatures[0].level, FLOW_LEVEL_B_B);
		flow_report_free(&r);
	}
	how.tsa_trust = right;
	made_verify_bytes(&how, card_buf_bytes(&out), NULL, &r);
	assert_int_equal(r.verdict, CARD_VERDICT_VALID);
	assert_int_equal(r.signatures[0].timestamp, MADE_NOW + 60);
	assert_int_equal(r.signatures[0].checked_at, MADE_NOW + 60);
	flow_report_free(&r);
	card_buf_free(&out);
	flow_tsa_trust_free(&right);
	flow_tsa_trust_free(&other);
	X509_free(same_name);
	EVP_PKEY_free(key);
}

/* The certificate is looked at as of the proven time, long after it has expired. */
static void a_timestamp_outlives_the_certificate(void **state)
{
	flow_tsa_trust_t *trust = trust_in(ca, "ca.pem");
	struct flow_verify how = made_verify(&person);
	card_buf_t out = {0};

	(void)state;
	twist = RIGHT;
	assert_ok(sign_with(trust, &out));
	how.at = MADE_NOW + 86400 * 40; /* the certificate is good for 30 days */
	assert_int_not_equal(made_verdict(&how, card_buf_bytes(&out), NULL), CARD_VERDICT_VALID);
	how.tsa_trust = trust;
	assert_int_equal(made_verdict(&how, card_buf_bytes(&out), NULL), CARD_VERDICT_VALID);
	card_buf_free(&out);
	flow_tsa_trust_free(&trust);
}

static void what_is_yet_to_come_proves_nothing(void **state)
{
	flow_tsa_trust_t *trust = trust_in(ca, "ca.pem");
	struct flow_verify how = made_verify(&person);
	struct flow_report r;
	card_buf_t out = {0};

	(void)state;
	twist = FUTURE;
	assert_ok(sign_with(trust, &out));
	twist = RIGHT;
	how.tsa_trust = trust;
	made_verify_bytes(&how, card_buf_bytes(&out), NULL, &r);
	assert_int_equal(r.verdict, CARD_VERDICT_INVALID);
	assert_true(flow_reasons_have(&r.signatures[0].reasons, FLOW_REASON_TIMESTAMP));
	flow_report_free(&r);
	card_buf_free(&out);
	flow_tsa_trust_free(&trust);
}

/* A changed byte may leave the certificates of the token's bag unread; it never moves the time. */
static void a_changed_byte_proves_no_other_time(void **state)
{
	flow_tsa_trust_t *trust = trust_in(ca, "ca.pem");
	struct flow_verify how = made_verify(&person);
	card_buf_t out = {0};

	(void)state;
	twist = RIGHT;
	assert_ok(sign_with(trust, &out));
	how.tsa_trust = trust;
	for (size_t i = 0; i < out.n; i++) {
		struct flow_report r;

		out.p[i] ^= (uint8_t)(1u << (i % 8));
		made_verify_bytes(&how, card_buf_bytes(&out), NULL, &r);
		if (r.n > 0 && r.signatures[0].timestamp != 0 &&
		    r.signatures[0].timestamp != MADE_NOW + 60)
			fail_msg("byte %zu moves the time", i);
		flow_report_free(&r);
		out.p[i] ^= (uint8_t)(1u << (i % 8));
	}
	card_buf_free(&out);
	flow_tsa_trust_free(&trust);
}

static int setup(void **state)
{
	(void)state;
	tree_scratch(folder);
	made_person(&person, MADE_SIGN, NULL);
	ca_key = EVP_RSA_gen(2048);
	tsa_key = EVP_RSA_gen(2048);
	ca = issue(ca_key, "Test root", NULL, ca_key, NULL, MADE_NOW - 86400 * 30,
		   MADE_NOW + 86400 * 90);
	tsa = issue(tsa_key, "Test TSA", ca, ca_key, "critical,timeStamping", MADE_NOW - 86400 * 30,
		    MADE_NOW + 86400 * 90);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	made_person_free(&person);
	X509_free(ca);
	X509_free(tsa);
	EVP_PKEY_free(ca_key);
	EVP_PKEY_free(tsa_key);
	tree_scratch_remove(folder);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_a_timestamp_that_holds_is_embedded),
		cmocka_unit_test(its_root_is_one_for_timestamps),
		cmocka_unit_test(a_timestamp_outlives_the_certificate),
		cmocka_unit_test(what_is_yet_to_come_proves_nothing),
		cmocka_unit_test(a_changed_byte_proves_no_other_time),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
