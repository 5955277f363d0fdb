/* SPDX-License-Identifier: Apache-2.0 */
/* timestamp.c — RFC 3161 requests, answers and tokens. */
#include "timestamp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ts.h>
#include <openssl/x509.h>

#include <card/date.h>

#include "der_out.h"
#include "oid.h"

struct flow_tsa_trust {
	STACK_OF(X509) * roots;
};

enum card_error flow_tsa_trust_new(flow_tsa_trust_t **out)
{
	flow_tsa_trust_t *t;

	if (out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	t = calloc(1, sizeof(*t));
	if (t != NULL)
		t->roots = sk_X509_new_null();
	if (t == NULL || t->roots == NULL) {
		free(t);
		return CARD_ERR_NO_MEMORY;
	}
	*out = t;
	return CARD_OK;
}

void flow_tsa_trust_free(flow_tsa_trust_t **t)
{
	if (t == NULL || *t == NULL)
		return;
	sk_X509_pop_free((*t)->roots, X509_free);
	free(*t);
	*t = NULL;
}

enum card_error flow_tsa_trust_add_file(flow_tsa_trust_t *t, const char *path)
{
	size_t added = 0;
	FILE *f;
	X509 *x;

	if (t == NULL || path == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	f = fopen(path, "re");
	if (f == NULL)
		return CARD_ERR_IO;
	while ((x = PEM_read_X509(f, NULL, NULL, NULL)) != NULL) {
		if (sk_X509_push(t->roots, x) <= 0) {
			X509_free(x);
			break;
		}
		added++;
	}
	fclose(f);
	ERR_clear_error();
	return added > 0 ? CARD_OK : CARD_ERR_MALFORMED;
}

size_t flow_tsa_trust_count(const flow_tsa_trust_t *t)
{
	return t != NULL ? (size_t)sk_X509_num(t->roots) : 0;
}

/* ---- checking a token ---- */

static enum card_error imprint(const struct timestamp_subject *s, enum card_hash hash,
			       uint8_t out[CARD_HASH_MAX])
{
	return s->file != NULL ? flow_file_digest(s->file, hash, s->ranges, s->n, out)
			       : card_hash_digest(hash, s->data, out);
}

/* The token speaks of this data, by a hash that is taken here. */
static enum card_error check_imprint(TS_TST_INFO *info, const struct timestamp_subject *s)
{
	TS_MSG_IMPRINT *mi = TS_TST_INFO_get_msg_imprint(info);
	const ASN1_OCTET_STRING *got = TS_MSG_IMPRINT_get_msg(mi);
	const ASN1_OBJECT *oid;
	enum card_hash hash;
	enum card_error err;
	uint8_t want[CARD_HASH_MAX];

	X509_ALGOR_get0(&oid, NULL, NULL, TS_MSG_IMPRINT_get_algo(mi));
	switch (OBJ_obj2nid(oid)) {
	case NID_sha256:
		hash = CARD_HASH_SHA256;
		break;
	case NID_sha384:
		hash = CARD_HASH_SHA384;
		break;
	case NID_sha512:
		hash = CARD_HASH_SHA512;
		break;
	default:
		return CARD_ERR_SIGNATURE;
	}
	err = imprint(s, hash, want);
	if (err != CARD_OK)
		return err;
	return card_bytes_equal(
		       card_bytes(ASN1_STRING_get0_data(got), (size_t)ASN1_STRING_length(got)),
		       card_bytes(want, card_hash_size(hash)))
		       ? CARD_OK
		       : CARD_ERR_SIGNATURE;
}

static enum card_error time_of(TS_TST_INFO *info, int64_t *out)
{
	const ASN1_GENERALIZEDTIME *t = TS_TST_INFO_get_time(info);
	struct tm tm;
	struct card_date d;

	if (ASN1_TIME_to_tm(t, &tm) != 1)
		return CARD_ERR_MALFORMED;
	d = (struct card_date){(int16_t)(tm.tm_year + 1900), (uint8_t)(tm.tm_mon + 1),
			       (uint8_t)tm.tm_mday};
	return card_time_from_utc(d, tm.tm_hour, tm.tm_min, tm.tm_sec, out);
}

/* The roots as of the instant of the token. */
static X509_STORE *store_at(const flow_tsa_trust_t *trust, int64_t at)
{
	X509_STORE *store = X509_STORE_new();

	if (store == NULL)
		return NULL;
	for (int i = 0; i < sk_X509_num(trust->roots); i++) {
		if (X509_STORE_add_cert(store, sk_X509_value(trust->roots, i)) != 1) {
			X509_STORE_free(store);
			return NULL;
		}
	}
	X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store), (time_t)at);
	return store;
}

static enum card_error verify_signature(const flow_tsa_trust_t *trust, PKCS7 *token, int64_t at)
{
	TS_VERIFY_CTX *ctx = TS_VERIFY_CTX_new();
	X509_STORE *store = store_at(trust, at);
	enum card_error err = CARD_ERR_SIGNATURE;

	if (ctx == NULL || store == NULL) {
		TS_VERIFY_CTX_free(ctx);
		X509_STORE_free(store);
		return CARD_ERR_NO_MEMORY;
	}
	TS_VERIFY_CTX_set_store(ctx, store); /* now the context's */
	TS_VERIFY_CTX_set_flags(ctx, TS_VFY_SIGNATURE | TS_VFY_VERSION);
	ERR_clear_error();
	if (TS_RESP_verify_token(ctx, token) == 1)
		err = CARD_OK;
	else if (ERR_GET_REASON(ERR_peek_last_error()) == TS_R_CERTIFICATE_VERIFY_ERROR)
		err = CARD_ERR_UNTRUSTED;
	ERR_clear_error();
	TS_VERIFY_CTX_free(ctx);
	return err;
}

/* One signer, with a hash that is taken here: no SHA-1 anywhere. */
static bool strong(const PKCS7 *token)
{
	STACK_OF(PKCS7_SIGNER_INFO) *signers =
		PKCS7_type_is_signed(token) ? token->d.sign->signer_info : NULL;
	const ASN1_OBJECT *oid;
	int hash;

	if (signers == NULL || sk_PKCS7_SIGNER_INFO_num(signers) != 1)
		return false;
	X509_ALGOR_get0(&oid, NULL, NULL, sk_PKCS7_SIGNER_INFO_value(signers, 0)->digest_alg);
	hash = OBJ_obj2nid(oid);
	return hash == NID_sha256 || hash == NID_sha384 || hash == NID_sha512;
}

enum card_error timestamp_check(const flow_tsa_trust_t *trust, struct card_bytes token,
				const struct timestamp_subject *subject, int64_t *time)
{
	const uint8_t *p = token.p;
	enum card_error err = CARD_ERR_MALFORMED;
	TS_TST_INFO *info = NULL;
	PKCS7 *p7 = NULL;
	int64_t at = 0;

	if (token.n == 0 || token.n > CARD_BUF_MAX)
		return CARD_ERR_MALFORMED;
	p7 = d2i_PKCS7(NULL, &p, (long)token.n);
	if (p7 != NULL && p == token.p + token.n)
		info = PKCS7_to_TS_TST_INFO(p7);
	if (info != NULL)
		err = strong(p7) ? check_imprint(info, subject) : CARD_ERR_SIGNATURE;
	if (err == CARD_OK)
		err = time_of(info, &at);
	if (err == CARD_OK)
		err = trust == NULL ? CARD_ERR_UNTRUSTED : verify_signature(trust, p7, at);
	if (err == CARD_OK)
		*time = at;
	TS_TST_INFO_free(info);
	PKCS7_free(p7);
	ERR_clear_error();
	return err;
}

/* ---- getting one ---- */

#define NONCE 16u

/* TimeStampReq (RFC 3161 §2.4.1), SHA-256, with a nonce and the certificate asked for. */
static enum card_error request(struct card_bytes data, const uint8_t nonce[NONCE], card_buf_t *out)
{
	static const uint8_t yes = 0xFF;
	struct der_out o = {out, CARD_OK};
	uint8_t digest[CARD_HASH_MAX];
	enum card_error err = card_hash_digest(CARD_HASH_SHA256, data, digest);
	size_t at;

	if (err != CARD_OK)
		return err;
	der_number(&o, 1);
	at = out->n;
	der_algorithm(&o, OID_SHA256, true);
	der_put(&o, CARD_DER_OCTET_STRING, card_bytes(digest, 32));
	der_wrap(&o, at, CARD_DER_SEQUENCE);
	der_unsigned(&o, card_bytes(nonce, NONCE));
	der_put(&o, CARD_DER_BOOLEAN, card_bytes(&yes, 1));
	der_wrap(&o, 0, CARD_DER_SEQUENCE);
	return o.err;
}

/* PKIStatusInfo, then the token: a view into the answer. */
static enum card_error token_of(struct card_bytes reply, struct card_bytes *token)
{
	struct card_der top = card_der_over(reply), resp, info;
	struct card_der_item item;
	struct card_bytes status;
	uint32_t code;

	if (card_der_enter(&top, CARD_DER_SEQUENCE, &resp) != CARD_OK ||
	    card_der_finish(&top) != CARD_OK ||
	    card_der_enter(&resp, CARD_DER_SEQUENCE, &info) != CARD_OK ||
	    card_der_take(&info, CARD_DER_INTEGER, &status) != CARD_OK ||
	    card_der_u32(status, &code) != CARD_OK)
		return CARD_ERR_MALFORMED;
	if (code > 1) /* granted, grantedWithMods */
		return CARD_ERR_DENIED;
	if (card_der_next(&resp, &item) != CARD_OK || card_der_finish(&resp) != CARD_OK)
		return CARD_ERR_MALFORMED;
	*token = item.whole;
	return CARD_OK;
}

/* The token carries the nonce of this request (RFC 3161 §2.4.2). */
static bool nonce_is(struct card_bytes token, const uint8_t nonce[NONCE])
{
	const uint8_t *p = token.p;
	PKCS7 *p7 = d2i_PKCS7(NULL, &p, (long)token.n);
	TS_TST_INFO *info = p7 != NULL ? PKCS7_to_TS_TST_INFO(p7) : NULL;
	const ASN1_INTEGER *got = info != NULL ? TS_TST_INFO_get_nonce(info) : NULL;
	BIGNUM *a = got != NULL ? ASN1_INTEGER_to_BN(got, NULL) : NULL;
	BIGNUM *b = BN_bin2bn(nonce, (int)NONCE, NULL);
	const bool same = a != NULL && b != NULL && BN_cmp(a, b) == 0;

	BN_free(a);
	BN_free(b);
	TS_TST_INFO_free(info);
	PKCS7_free(p7);
	ERR_clear_error();
	return same;
}

enum card_error timestamp_get(const struct flow_tsa *tsa, struct card_bytes data, card_buf_t *token)
{
	const struct timestamp_subject subject = {.data = data};
	card_buf_t query = {0}, reply = {0};
	struct card_bytes found = {NULL, 0};
	uint8_t nonce[NONCE];
	enum card_error err;
	int64_t at;

	if (tsa->fetch == NULL || tsa->url == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	if (RAND_bytes(nonce, (int)sizeof nonce) != 1)
		return CARD_ERR_CRYPTO;
	err = request(data, nonce, &query);
	if (err == CARD_OK)
		err = tsa->fetch(tsa->ctx, tsa->url, "application/timestamp-query",
				 card_buf_bytes(&query), &reply);
	if (err == CARD_OK)
		err = token_of(card_buf_bytes(&reply), &found);
	if (err == CARD_OK && !nonce_is(found, nonce))
		err = CARD_ERR_SIGNATURE;
	if (err == CARD_OK)
		err = timestamp_check(tsa->trust, found, &subject, &at);
	if (err == CARD_OK)
		err = card_buf_append(token, found);
	card_buf_free(&query);
	card_buf_free(&reply);
	return err;
}
