/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <card/path.h>

#include "openssl_cert.h"

/* One store for each anchor: OpenSSL takes the first issuer of a name that has no
 * other mark, and all generations share one. Valid below any of them is valid. */
#define ANCHORS 5
static X509_STORE *store[ANCHORS];
static unsigned anchors;

static char why[256]; /* of the last verdict */

bool openssl_cert_valid(struct card_bytes der, int64_t at)
{
	const unsigned char *p = der.p;
	X509 *x = d2i_X509(NULL, &p, (long)der.n);
	bool valid = false;
	ERR_error_string_n(ERR_peek_last_error(), why, sizeof(why));
	for (unsigned i = 0; i < anchors && x && p == der.p + der.n && !valid; i++) {
		X509_STORE_CTX *ctx = X509_STORE_CTX_new();
		assert_int_equal(X509_STORE_CTX_init(ctx, store[i], x, NULL), 1);
		X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);
		X509_VERIFY_PARAM_set_time(param, at);
		valid = X509_verify_cert(ctx) == 1;
		snprintf(why, sizeof(why), "%s",
			 X509_verify_cert_error_string(X509_STORE_CTX_get_error(ctx)));
		X509_STORE_CTX_free(ctx);
	}
	X509_free(x);
	ERR_clear_error();
	return valid;
}

/* Every field that both read must be the same. */
void openssl_cert_compare(struct card_bytes der)
{
	const unsigned char *p = der.p;
	X509 *x = d2i_X509(NULL, &p, (long)der.n);
	card_cert_t *c;
	assert_non_null(x);
	assert_int_equal(card_cert_new(&c, der), CARD_OK);
	/* serial number */
	BIGNUM *serial = ASN1_INTEGER_to_BN(X509_get0_serialNumber(x), NULL);
	uint8_t octets[32];
	int n = BN_bn2bin(serial, octets);
	assert_true(card_bytes_equal(card_cert_serial(c), card_bytes(octets, (size_t)n)));
	BN_free(serial);
	/* dates */
	struct tm tm;
	assert_int_equal(ASN1_TIME_to_tm(X509_get0_notBefore(x), &tm), 1);
	assert_int_equal(timegm(&tm), card_cert_not_before(c));
	assert_int_equal(ASN1_TIME_to_tm(X509_get0_notAfter(x), &tm), 1);
	assert_int_equal(timegm(&tm), card_cert_not_after(c));
	/* names */
	unsigned char *name = NULL;
	int name_n = i2d_X509_NAME(X509_get_issuer_name(x), &name);
	assert_true(card_bytes_equal(card_cert_issuer(c), card_bytes(name, (size_t)name_n)));
	OPENSSL_free(name);
	name = NULL;
	name_n = i2d_X509_NAME(X509_get_subject_name(x), &name);
	assert_true(card_bytes_equal(card_cert_subject(c), card_bytes(name, (size_t)name_n)));
	OPENSSL_free(name);
	/* extensions */
	uint32_t flags = X509_get_extension_flags(x);
	if (flags & EXFLAG_KUSAGE) {
		/* OpenSSL keeps the octets in wire order */
		uint32_t theirs = X509_get_key_usage(x), ours = card_cert_key_usage(c), turned = 0;
		for (unsigned i = 0; i < 8; i++)
			turned |= (ours >> i & 1) << (7 - i);
		assert_int_equal(theirs & 0xFF, turned);
	} else {
		assert_false(card_cert_has(c, CARD_EXT_KEY_USAGE));
	}
	assert_int_equal(!!(flags & EXFLAG_CA), card_cert_is_ca(c));
	const ASN1_OCTET_STRING *id = X509_get0_subject_key_id(x);
	assert_int_equal(id ? ASN1_STRING_length(id) : 0, card_cert_subject_key_id(c).n);
	if (id)
		assert_memory_equal(ASN1_STRING_get0_data(id), card_cert_subject_key_id(c).p,
				    card_cert_subject_key_id(c).n);
	id = X509_get0_authority_key_id(x);
	assert_int_equal(id ? ASN1_STRING_length(id) : 0, card_cert_authority_key_id(c).n);
	if (id)
		assert_memory_equal(ASN1_STRING_get0_data(id), card_cert_authority_key_id(c).p,
				    card_cert_authority_key_id(c).n);
	CERTIFICATEPOLICIES *pol = X509_get_ext_d2i(x, NID_certificate_policies, NULL, NULL);
	/* OpenSSL may fail at a qualifier, which we only check for form. */
	if (pol)
		assert_int_equal(sk_POLICYINFO_num(pol), card_cert_policies(c));
	for (int i = 0; pol && i < sk_POLICYINFO_num(pol); i++) {
		const ASN1_OBJECT *o = sk_POLICYINFO_value(pol, i)->policyid;
		assert_true(card_bytes_equal(card_cert_policy(c, (size_t)i),
					     card_bytes(OBJ_get0_data(o), OBJ_length(o))));
	}
	CERTIFICATEPOLICIES_free(pol);
	card_cert_free(&c);
	X509_free(x);
}

const char *openssl_cert_why(void)
{
	return why;
}

void openssl_cert_anchor(struct card_bytes der)
{
	const unsigned char *p = der.p;
	X509 *x = d2i_X509(NULL, &p, (long)der.n);
	assert_non_null(x);
	assert_true(anchors < ANCHORS);
	store[anchors] = X509_STORE_new();
	assert_int_equal(X509_STORE_add_cert(store[anchors++], x), 1);
	X509_free(x);
}

void openssl_cert_end(void)
{
	while (anchors > 0)
		X509_STORE_free(store[--anchors]);
}
