/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that certificates are read by the JPKI profile: the published roots
 * against their published figures (card-spec 7.1), made certificates field by
 * field, and that each way to be malformed has its own name.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <openssl/pem.h>

#include <card/cert.h>

#include "made_pki.h"

static struct made_key root_key, holder_key;

static const int64_t from_2025 = 1761523200, to_2030 = 1897570799;

static struct made_cert holder(enum made_kind kind)
{
	struct made_cert c = {.kind = kind,
			      .serial = 0x0132C4AB,
			      .not_before = from_2025,
			      .not_after = to_2030,
			      .key = &holder_key,
			      .issuer = &root_key};
	return c;
}

static card_cert_t *parse(const struct made_cert *made)
{
	card_buf_t der = {0};
	made_cert(made, &der);
	card_cert_t *c = NULL;
	enum card_cert_fault fault;
	assert_int_equal(card_cert_parse(&c, card_buf_bytes(&der), &fault), CARD_OK);
	assert_int_equal(fault, CARD_CERT_FAULT_NONE);
	card_buf_free(&der);
	return c;
}

static void assert_text(struct card_bytes b, const char *text)
{
	assert_int_equal(b.n, strlen(text));
	assert_memory_equal(b.p, text, b.n);
}

static card_cert_t *read_pem(const char *path)
{
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	char *name, *header;
	unsigned char *der;
	long n;
	assert_int_equal(PEM_read(f, &name, &header, &der, &n), 1);
	fclose(f);
	card_cert_t *c;
	assert_int_equal(card_cert_new(&c, card_bytes(der, (size_t)n)), CARD_OK);
	OPENSSL_free(name);
	OPENSSL_free(header);
	OPENSSL_free(der);
	return c;
}

static void published_roots_show_their_published_figures(void **state)
{
	(void)state;
	static const struct {
		const char *file;
		enum card_cert_kind kind;
		const char *serial, *ski, *from, *to;
		size_t size;
	} rows[] = {
		{"trust/jpki-sign-1.pem", CARD_CERT_SIGN_CA, "01",
		 "0D034CBB34D0714F45E45A1CAFD8FD143FAB54A7", "2015-10-20T02:40:28Z",
		 "2025-10-19T14:59:59Z", 1301},
		{"trust/jpki-sign-2.pem", CARD_CERT_SIGN_CA, "0132C4AB",
		 "4DE017DE4B7F473DCD867A62D38B134ACE83558A", "2019-09-14T23:41:56Z",
		 "2029-09-14T14:59:59Z", 1304},
		{"trust/jpki-sign-3.pem", CARD_CERT_SIGN_CA, "067C6A21",
		 "D21EA55895617E93ADBF966B941AB4EDF653F08F", "2023-07-16T00:50:27Z",
		 "2033-07-15T14:59:59Z", 1304},
		{"trust/jpki-auth-1.pem", CARD_CERT_AUTH_CA, "01",
		 "9567951B5CA70D84A0FFF1D85A87F1AAB1340385", "2015-10-20T03:08:13Z",
		 "2025-10-19T14:59:59Z", 1316},
		{"trust/jpki-auth-3.pem", CARD_CERT_AUTH_CA, "06D18006",
		 "1AC100F596A3BC8C4B3DF195E32699249E9E308A", "2023-07-16T01:01:04Z",
		 "2033-07-15T14:59:59Z", 1319},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		card_cert_t *c = read_pem(rows[i].file);
		char text[300];
		assert_int_equal(card_cert_kind(c), rows[i].kind);
		assert_false(card_cert_is_test(c));
		assert_true(card_cert_is_ca(c));
		assert_int_equal(card_cert_path_length(c), -1);
		assert_int_equal(card_cert_der(c).n, rows[i].size);
		card_hex_encode(card_cert_serial(c), text, sizeof(text));
		assert_string_equal(text, rows[i].serial);
		card_hex_encode(card_cert_subject_key_id(c), text, sizeof(text));
		assert_string_equal(text, rows[i].ski);
		card_time_format_utc(card_cert_not_before(c), text);
		assert_string_equal(text, rows[i].from);
		card_time_format_utc(card_cert_not_after(c), text);
		assert_string_equal(text, rows[i].to);
		assert_int_equal(card_cert_key(c)->kind, CARD_KEY_RSA);
		assert_int_equal(card_cert_key(c)->bits, 2048);
		assert_int_equal(card_cert_key_usage(c), CARD_KU_KEY_CERT_SIGN | CARD_KU_CRL_SIGN);
		assert_true(card_cert_has_critical(c, CARD_EXT_KEY_USAGE));
		assert_true(card_cert_has_critical(c, CARD_EXT_BASIC_CONSTRAINTS));
		assert_int_equal(card_cert_issuer_text(c, text, sizeof(text)), CARD_OK);
		assert_string_equal(
			text, rows[i].kind == CARD_CERT_SIGN_CA
				      ? "OU=Japan Agency for Local Authority Information "
					"Systems,OU=JPKI for digital signature,O=JPKI,C=JP"
				      : "OU=Japan Agency for Local Authority Information "
					"Systems,OU=JPKI for user authentication,O=JPKI,C=JP");
		assert_true(card_name_equal(card_cert_dist_point(c), card_cert_subject(c)));
		assert_int_equal(card_cert_verify_issued(c, c), CARD_OK);
		card_cert_free(&c);
		assert_null(c);
	}
}

static void generations_share_a_name_but_not_a_key(void **state)
{
	(void)state;
	card_cert_t *two = read_pem("trust/jpki-sign-2.pem");
	card_cert_t *three = read_pem("trust/jpki-sign-3.pem");
	assert_true(card_name_equal(card_cert_subject(two), card_cert_subject(three)));
	assert_int_equal(card_cert_verify_issued(two, three), CARD_ERR_SIGNATURE);
	card_cert_free(&two);
	card_cert_free(&three);
}

static void a_sign_certificate_shows_every_field(void **state)
{
	(void)state;
	struct made_cert m = holder(MADE_SIGN);
	card_cert_t *c = parse(&m);
	char text[300];
	assert_int_equal(card_cert_kind(c), CARD_CERT_SIGN);
	assert_false(card_cert_is_test(c));
	assert_false(card_cert_is_smartphone(c));
	card_hex_encode(card_cert_serial(c), text, sizeof(text));
	assert_string_equal(text, "0132C4AB");
	assert_int_equal(card_cert_subject_text(c, text, sizeof(text)), CARD_OK);
	assert_string_equal(text, "CN=997794E9AGCIEG13221003A,L=Kiyose-shi,L=Tokyo-to,C=JP");
	assert_int_equal(card_cert_subject_text(c, text, 10), CARD_ERR_BUFFER_TOO_SMALL);
	assert_string_equal(text, "");
	assert_text(card_cert_common_name(c), "997794E9AGCIEG13221003A");
	assert_text(card_cert_municipality_code(c), "13221");
	assert_int_equal(card_cert_not_before(c), from_2025);
	assert_int_equal(card_cert_not_after(c), to_2030);
	assert_int_equal(card_cert_key(c)->bits, 2048);
	assert_int_equal(card_cert_sig_alg(c).scheme, CARD_SIG_PKCS1);
	assert_int_equal(card_cert_sig_alg(c).hash, CARD_HASH_SHA256);
	assert_int_equal(card_cert_key_usage(c),
			 CARD_KU_DIGITAL_SIGNATURE | CARD_KU_NON_REPUDIATION);
	assert_false(card_cert_has(c, CARD_EXT_EXT_KEY_USAGE));
	assert_int_equal(card_cert_policies(c), 1);
	assert_int_equal(card_cert_policy_text(c, text, sizeof(text)), CARD_OK);
	assert_string_equal(text, "1.2.392.200149.8.5.1.1.20");
	assert_memory_equal(card_cert_authority_key_id(c).p, root_key.id, 20);
	assert_memory_equal(card_cert_subject_key_id(c).p, holder_key.id, 20);
	assert_int_equal(card_cert_dist_point_text(c, text, sizeof(text)), CARD_OK);
	assert_string_equal(text, "CN=Kiyose-shi CRLDP,OU=Tokyo-to,OU=CRL Distribution Points,"
				  "OU=JPKI for digital signature,O=JPKI,C=JP");
	assert_text(card_cert_prefecture(c), "Tokyo-to");
	assert_text(card_cert_municipality(c), "Kiyose-shi");
	assert_text(card_cert_ocsp_uri(c), "http://ocsp.example.jp/");
	assert_text(card_cert_attribute(c, CARD_ATTR_NAME), "黒桐　幹也");
	assert_text(card_cert_attribute(c, CARD_ATTR_NAME_SUBSTITUTES), "00000");
	assert_text(card_cert_attribute(c, CARD_ATTR_SEX), "1");
	assert_text(card_cert_attribute(c, CARD_ATTR_BIRTH), "319800217");
	assert_text(card_cert_attribute(c, CARD_ATTR_ADDRESS),
		    "東京都清瀬市観布子南１２－７－２０２");
	assert_text(card_cert_attribute(c, CARD_ATTR_ADDRESS_SUBSTITUTES), "000000000000000000");
	struct card_date birth = card_cert_birth(c), want = {1980, 2, 17};
	assert_int_equal(card_date_compare(birth, want), 0);
	assert_int_equal(card_cert_birth_era(c), 3);
	card_cert_free(&c);
}

static void an_auth_certificate_has_no_attributes(void **state)
{
	(void)state;
	struct made_cert m = holder(MADE_AUTH);
	card_cert_t *c = parse(&m);
	assert_int_equal(card_cert_kind(c), CARD_CERT_AUTH);
	assert_int_equal(card_cert_key_usage(c), CARD_KU_DIGITAL_SIGNATURE);
	assert_int_equal(card_cert_ext_key_usage(c), CARD_EKU_CLIENT_AUTH);
	assert_int_equal(card_cert_attribute(c, CARD_ATTR_NAME).n, 0);
	assert_int_equal(card_cert_birth(c).year, 0);
	assert_int_equal(card_cert_birth_era(c), -1);
	card_cert_free(&c);
}

static void test_and_smartphone_certificates_are_told_apart(void **state)
{
	(void)state;
	struct made_cert m = holder(MADE_SIGN);
	m.test = true;
	card_cert_t *c = parse(&m);
	assert_int_equal(card_cert_kind(c), CARD_CERT_SIGN);
	assert_true(card_cert_is_test(c));
	card_cert_free(&c);
	m = holder(MADE_SIGN);
	/* 1.2.392.200149.8.5.1.1.40 (card-spec 7.3) */
	m.policies_tlv = "301B0603551D200101FF0411300F300D060B2A83088C9B550805010128";
	c = parse(&m);
	assert_int_equal(card_cert_kind(c), CARD_CERT_SIGN);
	assert_true(card_cert_is_smartphone(c));
	card_cert_free(&c);
	/* A policy nobody published: not a JPKI certificate. */
	m.policies_tlv = "301B0603551D200101FF0411300F300D060B2A83088C9B550805010163";
	c = parse(&m);
	assert_int_equal(card_cert_kind(c), CARD_CERT_OTHER);
	card_cert_free(&c);
}

static void filler_is_cut_by_the_exact_length(void **state)
{
	(void)state;
	struct made_cert m = holder(MADE_AUTH);
	card_buf_t der = {0};
	made_cert(&m, &der);
	size_t exact = der.n, length;
	for (int i = 0; i < 100; i++)
		assert_int_equal(card_buf_append_byte(&der, 0xFF), CARD_OK);
	assert_int_equal(card_cert_der_length(card_bytes(der.p, 4), &length), CARD_OK);
	assert_int_equal(length, exact);
	card_cert_t *c;
	enum card_cert_fault fault;
	assert_int_equal(card_cert_parse(&c, card_buf_bytes(&der), &fault), CARD_ERR_MALFORMED);
	assert_int_equal(fault, CARD_CERT_FAULT_LENGTH);
	assert_null(c);
	assert_int_equal(card_cert_new(&c, card_bytes(der.p, length)), CARD_OK);
	card_cert_free(&c);
	assert_int_equal(card_cert_der_length(card_bytes("\xFF\xFF\xFF\xFF", 4), &length),
			 CARD_ERR_MALFORMED);
	assert_int_equal(card_cert_der_length(card_bytes("\x30\x83\x02\x00\x00", 5), &length),
			 CARD_ERR_TOO_LONG);
	card_buf_free(&der);
}

static void dates_are_read_from_the_first_block(void **state)
{
	(void)state;
	struct made_cert m = holder(MADE_SIGN);
	card_buf_t der = {0};
	made_cert(&m, &der);
	int64_t from, to;
	assert_int_equal(card_cert_dates_from_prefix(card_bytes(der.p, 256), &from, &to), CARD_OK);
	assert_int_equal(from, from_2025);
	assert_int_equal(to, to_2030);
	size_t need = 0;
	for (size_t n = 0; n < 256; n++) {
		enum card_error err = card_cert_dates_from_prefix(card_bytes(der.p, n), &from, &to);
		if (err == CARD_OK && need == 0)
			need = n;
		assert_int_equal(err, need ? CARD_OK : CARD_ERR_TRUNCATED);
	}
	assert_in_range(need, 150, 256);
	der.p[0] = 0xFF;
	assert_int_equal(card_cert_dates_from_prefix(card_bytes(der.p, 256), &from, &to),
			 CARD_ERR_MALFORMED);
	card_buf_free(&der);
}

static void every_truncation_is_an_error(void **state)
{
	(void)state;
	struct made_cert m = holder(MADE_SIGN);
	card_buf_t der = {0};
	made_cert(&m, &der);
	for (size_t n = 0; n < der.n; n++) {
		card_cert_t *c;
		assert_int_not_equal(card_cert_new(&c, card_bytes(der.p, n)), CARD_OK);
		assert_null(c);
	}
	card_buf_free(&der);
}

static void each_malformation_has_its_name(void **state)
{
	(void)state;
	char seq33[2 + 33 * 24 + 1];
	size_t at = 0;
	for (int i = 0; i < 33; i++)
		at += (size_t)snprintf(seq33 + at, sizeof(seq33) - at, "3009060455%02X7F010401%02X",
				       i, i);
	struct made_cert base = holder(MADE_SIGN), m;
#define ROW(member, value, name)                                                                   \
	m = base;                                                                                  \
	m.member = value;                                                                          \
	{                                                                                          \
		card_buf_t der = {0};                                                              \
		made_cert(&m, &der);                                                               \
		card_cert_t *c;                                                                    \
		enum card_cert_fault fault;                                                        \
		assert_int_not_equal(card_cert_parse(&c, card_buf_bytes(&der), &fault), CARD_OK);  \
		assert_int_equal(fault, name);                                                     \
		assert_true(strlen(card_cert_fault_text(fault, CARD_LANG_EN)) > 10);               \
		assert_true(strlen(card_cert_fault_text(fault, CARD_LANG_JA)) > 10);               \
		card_buf_free(&der);                                                               \
	}
	ROW(version_tlv, "", CARD_CERT_FAULT_VERSION)
	ROW(version_tlv, "A003020101", CARD_CERT_FAULT_VERSION)
	ROW(serial_tlv, "020180", CARD_CERT_FAULT_SERIAL)
	ROW(serial_tlv, "020100", CARD_CERT_FAULT_SERIAL)
	ROW(serial_tlv, "0215010000000000000000000000000000000000000000", CARD_CERT_FAULT_SERIAL)
	ROW(serial_tlv, "02020001", CARD_CERT_FAULT_SERIAL)
	ROW(inner_alg_tlv, "300D06092A864886F70D01010C0500", CARD_CERT_FAULT_ALGORITHM)
	ROW(issuer_tlv, "3000", CARD_CERT_FAULT_NAME)
	ROW(issuer_tlv, "300D310B3009060355040613024AFF", CARD_CERT_FAULT_NAME)
	ROW(subject_tlv, "300E310C300A06035504030C03E69DFF", CARD_CERT_FAULT_NAME)
	ROW(validity_tlv, "301E170D3235313032373030303030305A170D3235313332373030303030305A",
	    CARD_CERT_FAULT_VALIDITY)
	ROW(validity_tlv, "3020180F32303235313032373030303030305A170D3330303231373030303030305A",
	    CARD_CERT_FAULT_VALIDITY)
	ROW(spki_tlv, "30090605060355040A030100", CARD_CERT_FAULT_KEY)
	ROW(key_usage_tlv, "300E0603551D0F0101FF0404030206C1", CARD_CERT_FAULT_KEY_USAGE)
	ROW(key_usage_tlv, "300D0603551D0F0101FF0403030100", CARD_CERT_FAULT_KEY_USAGE)
	ROW(key_usage_tlv, "300E0603551D0F0101000404030206C0", CARD_CERT_FAULT_EXTENSIONS)
	ROW(eku_tlv, "30090603551D2504023000", CARD_CERT_FAULT_EXT_KEY_USAGE)
	ROW(bc_tlv, "300C0603551D1304053003010100", CARD_CERT_FAULT_BASIC_CONSTRAINTS)
	ROW(bc_tlv, "300F0603551D130408300602010005003000", CARD_CERT_FAULT_BASIC_CONSTRAINTS)
	ROW(policies_tlv, "30090603551D2004023000", CARD_CERT_FAULT_POLICIES)
	ROW(aki_tlv, "300B0603551D23040430028000", CARD_CERT_FAULT_KEY_ID)
	ROW(ski_tlv, "30090603551D0E04020400", CARD_CERT_FAULT_KEY_ID)
	ROW(ian_tlv, "30090603551D1204023000", CARD_CERT_FAULT_ALT_NAME)
	ROW(cdp_tlv, "30090603551D1F04023000", CARD_CERT_FAULT_DIST_POINT)
	ROW(aia_tlv, "300E06082B0601050507010104023000", CARD_CERT_FAULT_INFO_ACCESS)
	/* name as PrintableString instead of UTF8String */
	ROW(san_tlv, "301F0603551D1104183016A014060A2A83088C9B5508050501A0061304414243 44",
	    CARD_CERT_FAULT_ATTRIBUTE)
	ROW(extra_tlv, "300B0603551D0E040404020102", CARD_CERT_FAULT_DUPLICATE)
	ROW(extra_tlv, seq33, CARD_CERT_FAULT_LIMIT)
#undef ROW
}

static void unknown_critical_extensions_are_named(void **state)
{
	(void)state;
	struct made_cert m = holder(MADE_SIGN);
	m.extra_tlv = "300C06032A03040101FF0402050030090603 2A0305 0402 0500";
	card_cert_t *c = parse(&m);
	assert_memory_equal(card_cert_unknown_critical(c).p, "\x2A\x03\x04", 3);
	card_cert_free(&c);
}

static int set_up(void **state)
{
	(void)state;
	made_rsa(&root_key, 2048);
	made_rsa(&holder_key, 2048);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	made_key_free(&root_key);
	made_key_free(&holder_key);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_roots_show_their_published_figures),
		cmocka_unit_test(generations_share_a_name_but_not_a_key),
		cmocka_unit_test(a_sign_certificate_shows_every_field),
		cmocka_unit_test(an_auth_certificate_has_no_attributes),
		cmocka_unit_test(test_and_smartphone_certificates_are_told_apart),
		cmocka_unit_test(filler_is_cut_by_the_exact_length),
		cmocka_unit_test(dates_are_read_from_the_first_block),
		cmocka_unit_test(every_truncation_is_an_error),
		cmocka_unit_test(each_malformation_has_its_name),
		cmocka_unit_test(unknown_critical_extensions_are_named),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
