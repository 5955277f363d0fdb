/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that every list that must not be taken is refused by its own name and leaves
 * the store as it was.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <card/crl.h>

#include "lists.h"

static void every_wrong_list_is_refused_by_name(void **state)
{
	(void)state;
	struct made_crl good = lists_usual(), c;
	good.city = "Kiyose-shi";
	lists_assert_refused(lists_import(&good), CARD_CRL_TAKEN);
	card_crl_index_t *before = lists_index(&lists.ca, "Kiyose-shi");
	good.number = 101;
#define ROW(change, why)                                                                           \
	c = good;                                                                                  \
	change;                                                                                    \
	lists_assert_refused(lists_import(&c), why);
	ROW(c.key = &lists.stranger, CARD_CRL_REFUSED_ISSUER)
	ROW((c.key = &lists.stranger, c.aki_tlv = ""), CARD_CRL_REFUSED_SIGNATURE)
	ROW(c.issuer_tlv = "300D310B3009060355040613024A50", CARD_CRL_REFUSED_ISSUER)
	ROW(c.next_update = lists_now, CARD_CRL_REFUSED_EXPIRED)
	ROW((c.this_update = lists_now + lists_day, c.next_update = lists_now + 2 * lists_day),
	    CARD_CRL_REFUSED_FUTURE)
	ROW((c.this_update = lists_now, c.next_update = lists_now - lists_day),
	    CARD_CRL_REFUSED_FUTURE)
	ROW(c.next_update = 0, CARD_CRL_REFUSED_NO_NEXT_UPDATE)
	ROW(c.number = 0, CARD_CRL_REFUSED_NO_NUMBER)
	ROW(c.number = 99, CARD_CRL_REFUSED_OLDER)
	ROW(c.version_tlv = "", CARD_CRL_REFUSED_VERSION)
	ROW(c.version_tlv = "020100", CARD_CRL_REFUSED_VERSION)
	ROW(c.inner_alg_tlv = "300D06092A864886F70D01010C0500", CARD_CRL_REFUSED_ALGORITHM)
	ROW(c.inner_alg_tlv = "300906052A03040506", CARD_CRL_REFUSED_ALGORITHM)
	ROW(c.base = 5, CARD_CRL_TAKEN) /* a delta on what is there */
	good.number = 102;
	ROW((c.city = "Nowhere-shi", c.base = 5), CARD_CRL_REFUSED_DELTA_BASE)
	ROW(c.base = 200, CARD_CRL_REFUSED_DELTA_BASE)
	ROW(c.extra_tlv = "300C06032A03040101FF04020500", CARD_CRL_REFUSED_CRITICAL)
	ROW(c.extra_tlv = "300A0603551D140403020105", CARD_CRL_REFUSED_MALFORMED) /* twice */
	/* issuingDistributionPoint: CA certificates, some reasons, indirect, attributes */
	ROW(c.idp_tlv = "300F0603551D1C0101FF04053003 8201FF", CARD_CRL_REFUSED_SCOPE)
	ROW(c.idp_tlv = "30100603551D1C0101FF04063004 83020640", CARD_CRL_REFUSED_SCOPE)
	ROW(c.idp_tlv = "300F0603551D1C0101FF04053003 8401FF", CARD_CRL_REFUSED_SCOPE)
	ROW(c.idp_tlv = "300F0603551D1C0101FF04053003 8501FF", CARD_CRL_REFUSED_SCOPE)
	ROW(c.idp_tlv = "300F0603551D1C0101FF04053003 810100", CARD_CRL_REFUSED_MALFORMED)
#undef ROW
	static const struct {
		const char *entry; /* SEQUENCE of one entry */
		enum card_crl_refusal why;
	} rows[] = {
		{"30120201 80 170D3236303130323033303430355A", CARD_CRL_REFUSED_NEGATIVE_SERIAL},
		{"30260215 010203040506070809101112131415161718192021 170D3236303130323033303430355A",
		 CARD_CRL_REFUSED_LONG_SERIAL},
		{"30130202 0001 170D3236303130323033303430355A", CARD_CRL_REFUSED_ENTRY},
		{"30120201 05 170D3236313330323033303430355A", CARD_CRL_REFUSED_ENTRY},
		{"30120201 05 170D3236303130323035363036305A", CARD_CRL_REFUSED_ENTRY},
		{"30200201 05 170D3236303130323033303430355A 300C300A0603551D1504030A0107",
		 CARD_CRL_REFUSED_ENTRY},
		{"30200201 05 170D3236303130323033303430355A 300C300A0603551D1504030A0108",
		 CARD_CRL_REFUSED_ENTRY}, /* removeFromCRL outside a delta */
		{"30220201 05 170D3236303130323033303430355A 300E300C06032A03040101FF04020500",
		 CARD_CRL_REFUSED_CRITICAL},
		{"30230201 05 170D3236303130323033303430355A 300F300D0603551D1D0101FF04033001 00",
		 CARD_CRL_REFUSED_SCOPE},
		{"30140201 05 170D3236303130323033303430355A 3000", CARD_CRL_REFUSED_ENTRY},
		{"30120201 05 170D3236303130323033303430355A 30120201 05 "
		 "170D3236303130323033303430355A",
		 CARD_CRL_REFUSED_DUPLICATE},
		{"30130201 05 170D3236303130323033303430355A", CARD_CRL_REFUSED_MALFORMED},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		card_buf_t raw = {0};
		made_hex(&raw, rows[i].entry);
		/* alone (the cursor) and before many others (the fast path) */
		for (int many = 0; many < 2; many++) {
			if (many) {
				card_buf_t more = {0};
				assert_int_equal(card_buf_append(&more, card_buf_bytes(&raw)),
						 CARD_OK);
				for (uint8_t k = 0; k < 20; k++)
					made_crl_entry(&more, card_bytes((uint8_t[]){0x40, k}, 2),
						       1770000000, -1);
				card_buf_free(&raw);
				raw = more;
			}
			c = good;
			c.entries = 0;
			c.raw_entries = card_buf_bytes(&raw);
			struct card_crl_report r = lists_import(&c);
			/* A length that is wrong by one breaks something else in a longer list. */
			if (rows[i].why == CARD_CRL_REFUSED_MALFORMED && many)
				assert_int_not_equal(r.refusal, CARD_CRL_TAKEN);
			else
				lists_assert_refused(r, rows[i].why);
		}
		card_buf_free(&raw);
	}
	/* What was there is there. */
	assert_int_equal(lists_files(), 1);
	card_crl_index_close(&before);
	for (unsigned r = 0; r < CARD_CRL_REFUSED_COUNT_; r++) {
		assert_true(strlen(card_crl_refusal_text((enum card_crl_refusal)r, CARD_LANG_JA)) >
			    10);
		assert_true(strlen(card_crl_refusal_text((enum card_crl_refusal)r, CARD_LANG_EN)) >
			    10);
	}
}

static void every_truncation_and_flip_is_refused(void **state)
{
	(void)state;
	struct made_crl c = lists_usual();
	card_buf_t der = {0};
	size_t by_signature = 0;
	made_crl(&c, &der);
	for (size_t n = 0; n < der.n; n++) {
		struct card_crl_report r = lists_import_bytes(card_bytes(der.p, n), NULL);
		lists_assert_refused(r, CARD_CRL_REFUSED_TRUNCATED);
	}
	for (size_t i = 0; i < der.n; i++) {
		der.p[i] ^= (uint8_t)(1u << i % 8);
		struct card_crl_report r = lists_import_bytes(card_buf_bytes(&der), NULL);
		assert_int_not_equal(r.refusal, CARD_CRL_TAKEN);
		by_signature += r.refusal == CARD_CRL_REFUSED_SIGNATURE;
		der.p[i] ^= (uint8_t)(1u << i % 8);
	}
	assert_true(by_signature > 256); /* the signature itself at least */
	assert_int_equal(card_buf_append_byte(&der, 0), CARD_OK);
	lists_assert_refused(lists_import_bytes(card_buf_bytes(&der), NULL),
			     CARD_CRL_REFUSED_TRAILING);
	assert_int_equal(lists_files(), 0);
	der.n--;
	lists_assert_refused(lists_import_bytes(card_buf_bytes(&der), NULL), CARD_CRL_TAKEN);
	card_buf_free(&der);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LISTS_TEST(every_wrong_list_is_refused_by_name),
		LISTS_TEST(every_truncation_and_flip_is_refused),
	};
	return cmocka_run_group_tests(tests, lists_set_up, lists_tear_down);
}
