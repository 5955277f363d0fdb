/* SPDX-License-Identifier: Apache-2.0 */
/* The test hierarchy, parsed and verified by OpenSSL: every field of card-spec 7, the lists. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "simtalk.h"

static uint8_t file[65536];

static X509 *trusted(const char *name)
{
	char path[1200];

	snprintf(path, sizeof path, "%s/trust/%s.pem", simtalk_fixtures(), name);
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	X509 *x = PEM_read_X509(f, NULL, NULL, NULL);
	fclose(f);
	assert_non_null(x);
	return x;
}

/* A certificate as it lies on a card; verify: the secret to present first. */
static X509 *on_card(const char *persona, const char *select_ef, const char *verify)
{
	card_sim_t *c = simtalk_card(persona, NULL);
	const unsigned char *p = file;

	say(c, SELECT_JPKI, "9000");
	if (verify)
		say(c, verify, "9000");
	say(c, select_ef, "9000");
	size_t n = simtalk_read_all(c, file, sizeof file);
	assert_int_equal(n, 3072);
	X509 *x = d2i_X509(NULL, &p, (long)n);
	assert_non_null(x);
	size_t der = (size_t)(p - file);
	assert_int_equal(der, 4u + ((size_t)file[2] << 8 | file[3]));
	for (size_t i = der; i < n; i++)
		assert_int_equal(file[i], 0xFF);
	card_sim_free(&c);
	return x;
}

/* Extension i: OID, criticality, and its value in hex (with '*' as in say()). */
static void extension(X509 *x, int i, const char *oid, int critical, const char *value)
{
	X509_EXTENSION *e = X509_get_ext(x, i);
	char text[80];

	assert_non_null(e);
	OBJ_obj2txt(text, sizeof text, X509_EXTENSION_get_object(e), 1);
	assert_string_equal(text, oid);
	assert_int_equal(X509_EXTENSION_get_critical(e) != 0, critical);
	ASN1_OCTET_STRING *v = X509_EXTENSION_get_data(e);
	const char *is = simtalk_hex(v->data, (size_t)v->length);
	const char *star = strchr(value, '*');
	size_t n = star ? (size_t)(star - value) : strlen(value);
	if (strncmp(is, value, n) != 0 || (!star && is[n]))
		fail_msg("extension %s is %s", oid, is);
}

static void name_is(const X509_NAME *name, const char *expected)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;

	X509_NAME_print_ex(bio, name, 0,
			   (XN_FLAG_SEP_COMMA_PLUS | XN_FLAG_FN_SN) & ~ASN1_STRFLGS_ESC_MSB);
	long n = BIO_get_mem_data(bio, &text);
	assert_int_equal(n, strlen(expected));
	assert_memory_equal(text, expected, (size_t)n);
	BIO_free(bio);
}

static void time_is(const ASN1_TIME *t, const char *expected)
{
	assert_int_equal(t->type, V_ASN1_UTCTIME);
	assert_int_equal(t->length, strlen(expected));
	assert_memory_equal(t->data, expected, strlen(expected));
}

#define CA_DN(ou)                                                                                  \
	"C=JP,O=JPKI-TEST,OU=" ou ",OU=Japan Agency for Local Authority Information Systems"
#define SIGN_DN CA_DN("JPKI for digital signature")
#define AUTH_DN CA_DN("JPKI for user authentication")

static void authorities(void **state)
{
	static const struct {
		const char *name, *dn, *from, *to;
	} rows[] = {
		{"sign-1", SIGN_DN, "190717010000Z", "290717145959Z"},
		{"sign-2", SIGN_DN, "240828010000Z", "340828145959Z"},
		{"auth-1", AUTH_DN, "190309010000Z", "290308145959Z"},
		{"auth-2", AUTH_DN, "230323010000Z", "330322145959Z"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		X509 *x = trusted(rows[i].name);
		EVP_PKEY *key = X509_get0_pubkey(x);

		assert_int_equal(X509_get_version(x), 2);
		name_is(X509_get_subject_name(x), rows[i].dn);
		name_is(X509_get_issuer_name(x), rows[i].dn);
		time_is(X509_get0_notBefore(x), rows[i].from);
		time_is(X509_get0_notAfter(x), rows[i].to);
		assert_int_equal(X509_verify(x, key), 1);
		assert_int_equal(EVP_PKEY_get_bits(key), 2048);
		assert_int_equal(X509_get_signature_nid(x), NID_sha256WithRSAEncryption);
		assert_int_equal(X509_get_ext_count(x), 5); /* 7.1 */
		extension(x, 0, "2.5.29.15", 1, "03020106");
		extension(x, 1, "2.5.29.17", 0, "3081*");
		extension(x, 2, "2.5.29.19", 1, "30030101FF");
		extension(x, 3, "2.5.29.31", 0, "30*");
		extension(x, 4, "2.5.29.14", 0, "0414*");
		/* C is PrintableString, the others UTF8String */
		const X509_NAME *name = X509_get_subject_name(x);
		for (int k = 0; k < X509_NAME_entry_count(name); k++) {
			ASN1_STRING *s = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, k));

			assert_int_equal(ASN1_STRING_type(s),
					 k == 0 ? V_ASN1_PRINTABLESTRING : V_ASN1_UTF8STRING);
		}
		X509_free(x);
	}
	/* generations share the name, never the key */
	X509 *one = trusted("auth-1"), *two = trusted("auth-2");
	assert_int_equal(X509_NAME_cmp(X509_get_subject_name(one), X509_get_subject_name(two)), 0);
	assert_int_equal(EVP_PKEY_eq(X509_get0_pubkey(one), X509_get0_pubkey(two)), 0);
	X509_free(one);
	X509_free(two);
}

static void authentication_certificate_profile(void **state)
{
	X509 *x = on_card("test-person", "00A4020C02000A", NULL);
	X509 *ca = trusted("auth-2"), *old = trusted("auth-1");

	(void)state;
	name_is(X509_get_subject_name(x), "C=JP,CN=997794E9AGCIEG13221003A"); /* 10.1 */
	name_is(X509_get_issuer_name(x), AUTH_DN);
	time_is(X509_get0_notBefore(x), "251027010000Z");
	time_is(X509_get0_notAfter(x), "300217145959Z");
	assert_int_equal(X509_get0_serialNumber(x)->length, 4);
	assert_int_equal(X509_verify(x, X509_get0_pubkey(ca)), 1);
	assert_int_not_equal(X509_verify(x, X509_get0_pubkey(old)), 1);
	ERR_clear_error();
	assert_int_equal(X509_get_ext_count(x), 8); /* 7.2 */
	extension(x, 0, "2.5.29.15", 1, "03020780");
	extension(x, 1, "2.5.29.37", 0, "300A06082B06010505070302");
	extension(x, 2, "2.5.29.32", 1,
		  "303D303B060B2A83088C9B55080501031E302C302A06082B06010505070201161E"
		  "687474703A2F2F7777772E6A706B692E676F2E6A702F6370732E68746D6C");
	extension(x, 3, "2.5.29.18", 0, "3081ACA481A93081A6310B3009060355040613024A50*");
	extension(x, 4, "2.5.29.31", 0, "30*");
	extension(x, 5, "1.3.6.1.5.5.7.1.1", 0,
		  "302C302A06082B06010505073001861E687474703A2F2F6F6373*"); /* 30 characters */
	extension(x, 6, "2.5.29.35", 0, "3081*");
	extension(x, 7, "2.5.29.14", 0, "0414*");
	/* issuerAltName equals the CA's subjectAltName */
	ASN1_OCTET_STRING *ian = X509_EXTENSION_get_data(X509_get_ext(x, 3));
	ASN1_OCTET_STRING *san = X509_EXTENSION_get_data(X509_get_ext(ca, 1));
	assert_int_equal(ASN1_OCTET_STRING_cmp(ian, san), 0);
	/* authority key identifier: key, name and serial of the CA */
	AUTHORITY_KEYID *akid = X509_get_ext_d2i(x, NID_authority_key_identifier, NULL, NULL);
	assert_non_null(akid);
	assert_int_equal(ASN1_OCTET_STRING_cmp(akid->keyid, X509_get0_subject_key_id(ca)), 0);
	assert_int_equal(ASN1_INTEGER_cmp(akid->serial, X509_get0_serialNumber(ca)), 0);
	GENERAL_NAME *issuer = sk_GENERAL_NAME_value(akid->issuer, 0);
	name_is(issuer->d.directoryName, AUTH_DN);
	AUTHORITY_KEYID_free(akid);
	X509_free(old);
	X509_free(ca);
	X509_free(x);
}

static void generation_1_has_the_sizes_measured(void **state)
{
	X509 *x = on_card("expired", "00A4020C02000A", NULL);
	X509 *ca = trusted("auth-1");
	unsigned char *der = NULL;

	(void)state;
	assert_int_equal(X509_verify(x, X509_get0_pubkey(ca)), 1);
	/* 7.2: AKI + SKI = 209 bytes with O=JPKI and a one-byte serial; JPKI-TEST has 5 more */
	int aki = i2d_X509_EXTENSION(X509_get_ext(x, 6), &der);
	OPENSSL_free(der);
	der = NULL;
	int ski = i2d_X509_EXTENSION(X509_get_ext(x, 7), &der);
	OPENSSL_free(der);
	assert_int_equal(aki, 178 + 5);
	assert_int_equal(ski, 31);
	X509_free(ca);
	X509_free(x);
}

static void distribution_point_names_the_municipality(void **state)
{
	X509 *x = on_card("test-person", "00A4020C02000A", NULL);
	CRL_DIST_POINTS *points = X509_get_ext_d2i(x, NID_crl_distribution_points, NULL, NULL);

	(void)state;
	assert_int_equal(sk_DIST_POINT_num(points), 1);
	GENERAL_NAME *name =
		sk_GENERAL_NAME_value(sk_DIST_POINT_value(points, 0)->distpoint->name.fullname, 0);
	assert_int_equal(name->type, GEN_DIRNAME);
	name_is(name->d.directoryName,
		"C=JP,O=JPKI-TEST,OU=JPKI for user authentication,OU=CRL Distribution "
		"Points,OU=Tokyo-to,CN=Kiyose-shi CRLDP");
	CRL_DIST_POINTS_free(points);
	X509_free(x);
}

/* otherName i of the SAN: last arc of its OID and its text. */
static void attribute(GENERAL_NAMES *names, int i, const char *oid, const char *text)
{
	GENERAL_NAME *n = sk_GENERAL_NAME_value(names, i);
	char is[80];

	assert_int_equal(n->type, GEN_OTHERNAME);
	OBJ_obj2txt(is, sizeof is, n->d.otherName->type_id, 1);
	assert_string_equal(is, oid);
	ASN1_TYPE *v = n->d.otherName->value;
	assert_int_equal(v->type, V_ASN1_UTF8STRING);
	assert_int_equal(v->value.utf8string->length, strlen(text));
	assert_memory_equal(v->value.utf8string->data, text, strlen(text));
}

static void signing_certificate_profile(void **state)
{
	X509 *x = on_card("test-person", "00A4020C020001", "0020009B06" DATA_SIGN);
	X509 *ca = trusted("sign-2");
	static const char dn[] = "C=JP,L=Tokyo-to,L=Kiyose-shi,CN=";
	char text[200];

	(void)state;
	BIO *bio = BIO_new(BIO_s_mem());
	X509_NAME_print_ex(bio, X509_get_subject_name(x), 0,
			   XN_FLAG_SEP_COMMA_PLUS | XN_FLAG_FN_SN);
	int n = BIO_read(bio, text, sizeof text);
	BIO_free(bio);
	assert_true(n > (int)sizeof dn);
	assert_memory_equal(text, dn, sizeof dn - 1);
	assert_int_equal(X509_verify(x, X509_get0_pubkey(ca)), 1);
	assert_int_equal(X509_get_ext_count(x), 8);
	extension(x, 0, "2.5.29.15", 1, "030206C0"); /* 7.3 */
	extension(x, 1, "2.5.29.17", 0, "30*");
	extension(x, 2, "2.5.29.32", 1, "303D303B060B2A83088C9B550805010014*"); /* test policy */
	extension(x, 3, "2.5.29.18", 0, "30*");
	extension(x, 4, "2.5.29.31", 0, "30*");
	extension(x, 5, "1.3.6.1.5.5.7.1.1", 0, "302C302A06082B06010505073001861E*");
	extension(x, 6, "2.5.29.35", 0, "30*");
	extension(x, 7, "2.5.29.14", 0, "0414*");
	GENERAL_NAMES *names = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	assert_int_equal(sk_GENERAL_NAME_num(names), 6); /* 7.4: order .1 .4 .3 .5 .2 .6 */
	attribute(names, 0, "1.2.392.200149.8.5.5.1", "黒桐　幹也");
	attribute(names, 1, "1.2.392.200149.8.5.5.4", "319800217");
	attribute(names, 2, "1.2.392.200149.8.5.5.3", "1");
	attribute(names, 3, "1.2.392.200149.8.5.5.5", "東京都清瀬市観布子南１２－７－２０２");
	attribute(names, 4, "1.2.392.200149.8.5.5.2", "00000");
	attribute(names, 5, "1.2.392.200149.8.5.5.6", "000000000000000000");
	GENERAL_NAMES_free(names);
	X509_free(ca);
	X509_free(x);
}

static void substitute_characters_are_flagged(void **state)
{
	X509 *x = on_card("long-names", "00A4020C020001", "0020009B06" DATA_SIGN);
	GENERAL_NAMES *names = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);

	(void)state;
	attribute(names, 0, "1.2.392.200149.8.5.5.1", "橋邉　葛乃アレクサンドラ辻美");
	attribute(names, 4, "1.2.392.200149.8.5.5.2", "11010000000010");
	ASN1_TYPE *flags = sk_GENERAL_NAME_value(names, 5)->d.otherName->value;
	assert_int_equal(flags->value.utf8string->length, 200);
	GENERAL_NAMES_free(names);
	X509_free(x);
}

static void certificates_of_a_card_do_not_change(void **state)
{
	X509 *one = on_card("revoked", "00A4020C02000A", NULL);
	X509 *two = on_card("revoked", "00A4020C02000A", NULL);

	(void)state;
	assert_int_equal(X509_cmp(one, two), 0);
	X509_free(one);
	X509_free(two);
}

/* ------------------------------------------------------- revocation lists */

static X509_CRL *list_of(const char *name)
{
	char path[1200];

	snprintf(path, sizeof path, "%s/crl/%s.crl", simtalk_fixtures(), name);
	BIO *bio = BIO_new_file(path, "rb");
	assert_non_null(bio);
	X509_CRL *crl = d2i_X509_CRL_bio(bio, NULL);
	BIO_free(bio);
	assert_non_null(crl);
	return crl;
}

static int reason_in(X509_CRL *crl, X509 *x)
{
	X509_REVOKED *r = NULL;

	if (X509_CRL_get0_by_serial(crl, &r, X509_get0_serialNumber(x)) != 1)
		return -1;
	ASN1_ENUMERATED *e = X509_REVOKED_get_ext_d2i(r, NID_crl_reason, NULL, NULL);
	int reason = e ? (int)ASN1_ENUMERATED_get(e) : 0;
	ASN1_ENUMERATED_free(e);
	return reason;
}

static void lists_name_their_point_and_their_revoked(void **state)
{
	X509 *auth = on_card("revoked", "00A4020C02000A", NULL);
	X509 *sign = on_card("revoked", "00A4020C020001", "0020009B06" DATA_SIGN);
	X509 *good = on_card("near-expiry", "00A4020C02000A", NULL);
	static const char *const lists[] = {"auth-2-27127", "auth-2", "sign-2-27127", "sign-2"};

	(void)state;
	for (int i = 0; i < 4; i++) {
		X509_CRL *crl = list_of(lists[i]);
		X509 *ca = trusted(i < 2 ? "auth-2" : "sign-2");
		int critical = -1;
		ISSUING_DIST_POINT *idp =
			X509_CRL_get_ext_d2i(crl, NID_issuing_distribution_point, &critical, NULL);
		AUTHORITY_KEYID *akid =
			X509_CRL_get_ext_d2i(crl, NID_authority_key_identifier, NULL, NULL);
		ASN1_INTEGER *number = X509_CRL_get_ext_d2i(crl, NID_crl_number, NULL, NULL);

		assert_int_equal(X509_CRL_verify(crl, X509_get0_pubkey(ca)), 1);
		assert_true(X509_cmp_current_time(X509_CRL_get0_lastUpdate(crl)) < 0);
		assert_true(X509_cmp_current_time(X509_CRL_get0_nextUpdate(crl)) > 0);
		assert_non_null(akid);
		assert_int_equal(ASN1_OCTET_STRING_cmp(akid->keyid, X509_get0_subject_key_id(ca)),
				 0);
		assert_non_null(number);
		assert_int_equal(idp != NULL, i % 2 == 0); /* the whole-CA list has no point */
		if (idp) {
			assert_int_equal(critical, 1);
			GENERAL_NAME *n = sk_GENERAL_NAME_value(idp->distpoint->name.fullname, 0);
			name_is(n->d.directoryName,
				i == 0 ? "C=JP,O=JPKI-TEST,OU=JPKI for user authentication,OU=CRL "
					 "Distribution Points,OU=Osaka-fu,CN=Osaka-shi-Kita-ku "
					 "CRLDP"
				       : "C=JP,O=JPKI-TEST,OU=JPKI for digital signature,OU=CRL "
					 "Distribution Points,OU=Osaka-fu,CN=Osaka-shi-Kita-ku "
					 "CRLDP");
		}
		/* cessationOfOperation 5, superseded 4 */
		assert_int_equal(reason_in(crl, i < 2 ? auth : sign), i < 2 ? 5 : 4);
		assert_int_equal(reason_in(crl, good), -1);
		ASN1_INTEGER_free(number);
		AUTHORITY_KEYID_free(akid);
		ISSUING_DIST_POINT_free(idp);
		X509_free(ca);
		X509_CRL_free(crl);
	}
	X509_CRL *other = list_of("auth-2-13221");
	assert_int_equal(reason_in(other, auth), -1);
	X509_CRL_free(other);
	X509_free(good);
	X509_free(sign);
	X509_free(auth);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(authorities),
		cmocka_unit_test(authentication_certificate_profile),
		cmocka_unit_test(generation_1_has_the_sizes_measured),
		cmocka_unit_test(distribution_point_names_the_municipality),
		cmocka_unit_test(signing_certificate_profile),
		cmocka_unit_test(substitute_characters_are_flagged),
		cmocka_unit_test(certificates_of_a_card_do_not_change),
		cmocka_unit_test(lists_name_their_point_and_their_revoked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
