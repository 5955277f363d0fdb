/* SPDX-License-Identifier: Apache-2.0 */
/* Proves text and comparison of distinguished names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include <card/name.h>

#include "made_pki.h"

static card_buf_t name_of(const char *slashes)
{
	card_buf_t b = {0};
	made_name(&b, slashes);
	return b;
}

static void assert_text(const char *hex, const char *text)
{
	card_buf_t name = {0}, out = {0};
	made_hex(&name, hex);
	assert_int_equal(card_name_text(card_buf_bytes(&name), &out), CARD_OK);
	assert_int_equal(out.n, strlen(text));
	assert_memory_equal(out.p, text, out.n);
	card_buf_free(&name);
	card_buf_free(&out);
}

static void text_of_awkward_values(void **state)
{
	(void)state;
	static const struct {
		const char *value; /* of CN, UTF-8 */
		const char *text;
	} rows[] = {
		{"plain", "CN=plain"}, {"a,b", "CN=a\\,b"},
		{"#a", "CN=\\#a"},     {"a#", "CN=a#"},
		{" a ", "CN=\\ a\\ "}, {"a+b;c<d>e\"f\\g", "CN=a\\+b\\;c\\<d\\>e\\\"f\\\\g"},
		{"a=b", "CN=a=b"},     {"清瀬市", "CN=清瀬市"},
		{"a\nb", "CN=a\\0Ab"}, {"", "CN="},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		card_buf_t name = {0}, out = {0}, canonical = {0}, parsed = {0};
		made_oid(&name, "2.5.4.3");
		made_text(&name, 0x0C, rows[i].value);
		made_wrap(&name, 0, 0x30);
		made_wrap(&name, 0, 0x31);
		made_wrap(&name, 0, 0x30);
		assert_int_equal(card_name_text(card_buf_bytes(&name), &out), CARD_OK);
		assert_int_equal(card_buf_append_byte(&out, 0), CARD_OK);
		assert_string_equal((char *)out.p, rows[i].text);
		/* and back */
		assert_int_equal(card_name_canonical(card_buf_bytes(&name), &canonical), CARD_OK);
		assert_int_equal(card_name_canonical_from_text((char *)out.p, &parsed), CARD_OK);
		assert_true(card_bytes_equal(card_buf_bytes(&canonical), card_buf_bytes(&parsed)));
		card_buf_free(&name);
		card_buf_free(&out);
		card_buf_free(&canonical);
		card_buf_free(&parsed);
	}
	/* an unknown type and a multi-valued RDN */
	assert_text("301A311830090602 2A03 0C03616263 300B 0603 550403 0C04 61626364 ",
		    "1.2.3=#0C03616263+CN=abcd");
}

static void names_equal_by_rfc_5280(void **state)
{
	(void)state;
	card_buf_t a = name_of("C=JP/O=JPKI/CN=Kiyose-shi  CRLDP");
	card_buf_t b = name_of("C=JP/O=jpki/CN= kiyose-SHI CRLDP ");
	card_buf_t c = name_of("C=JP/O=JPKI/CN=Kiyose-shiCRLDP");
	card_buf_t d = name_of("O=JPKI/C=JP/CN=Kiyose-shi CRLDP");
	card_buf_t e = name_of("C=JP/O=JPKI");
	assert_true(card_name_equal(card_buf_bytes(&a), card_buf_bytes(&b)));
	assert_false(card_name_equal(card_buf_bytes(&a), card_buf_bytes(&c)));
	assert_false(card_name_equal(card_buf_bytes(&a), card_buf_bytes(&d)));
	assert_false(card_name_equal(card_buf_bytes(&a), card_buf_bytes(&e)));
	/* BMPString and UTF8String of the same characters */
	card_buf_t utf8 = {0}, bmp = {0};
	made_hex(&utf8, "3010310E300C06035504030C05E6B885 4142");
	made_hex(&bmp, "3011310F300D06035504031E06 6E05 0041 0042");
	assert_true(card_name_equal(card_buf_bytes(&utf8), card_buf_bytes(&bmp)));
	card_buf_t *all[] = {&a, &b, &c, &d, &e, &utf8, &bmp};
	for (size_t i = 0; i < 7; i++)
		card_buf_free(all[i]);
}

static void rfc_4514_text_names_the_distribution_point(void **state)
{
	(void)state;
	card_buf_t name = {0}, a = {0}, b = {0};
	made_dist_point(&name, true, false, "Kiyose-shi");
	assert_int_equal(card_name_canonical(card_buf_bytes(&name), &a), CARD_OK);
	assert_int_equal(
		card_name_canonical_from_text("cn=Kiyose-shi CRLDP, ou=Tokyo-to, "
					      "OU=CRL Distribution Points,2.5.4.11=JPKI for "
					      "digital signature,O=JPKI,C=JP",
					      &b),
		CARD_OK);
	assert_true(card_bytes_equal(card_buf_bytes(&a), card_buf_bytes(&b)));
	static const char *const bad[] = {"CN",      "CN=a,",   "XX=a",   "CN=a\\",
					  "CN=a\\0", "CN=a\"b", "CN=#0C", "CN=#zz",
					  "=a",      "1=a",     "3.1=a",  "1.2.=a"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		size_t before = b.n;
		assert_int_not_equal(card_name_canonical_from_text(bad[i], &b), CARD_OK);
		assert_int_equal(b.n, before);
	}
	card_buf_free(&name);
	card_buf_free(&a);
	card_buf_free(&b);
}

static void attributes_are_found_by_type_and_place(void **state)
{
	(void)state;
	card_buf_t name = name_of("C=JP/O=JPKI/OU=first/OU=second");
	static const struct card_bytes ou = {(const uint8_t *)"\x55\x04\x0B", 3};
	struct card_bytes v;
	assert_int_equal(card_name_attribute(card_buf_bytes(&name), ou, 1, &v), CARD_OK);
	assert_memory_equal(v.p, "second", 6);
	assert_int_equal(card_name_attribute(card_buf_bytes(&name), ou, 2, &v), CARD_ERR_NOT_FOUND);
	card_buf_free(&name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_of_awkward_values),
		cmocka_unit_test(names_equal_by_rfc_5280),
		cmocka_unit_test(rfc_4514_text_names_the_distribution_point),
		cmocka_unit_test(attributes_are_found_by_type_and_place),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
