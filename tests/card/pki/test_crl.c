/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that a list becomes an index that answers exactly what the list says, in the
 * place of its issuer's key and its distribution point.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/evp.h>
#include <cmocka.h>

#include <card/crl.h>

#include "lists.h"

static void a_list_is_taken_and_answers_with_dates_and_reasons(void **state)
{
	(void)state;
	struct made_crl c = lists_usual();
	struct card_crl_report r = lists_import(&c);
	lists_assert_refused(r, CARD_CRL_TAKEN);
	assert_false(r.unchanged);
	assert_int_equal(r.info.entries, 3);
	assert_true(r.info.whole);
	assert_false(r.info.test);
	char number[CARD_CRL_NUMBER_TEXT];
	card_crl_number_text(&r.info, number);
	assert_string_equal(number, "100");
	assert_non_null(strstr(r.info.issuer, "OU=JPKI for digital signature,O=JPKI,C=JP"));
	card_crl_index_t *x = lists_index(&lists.ca, NULL);
	assert_non_null(x);
	const struct card_crl_info *info = card_crl_index_info(x);
	assert_int_equal(info->this_update, lists_now - lists_day);
	assert_int_equal(info->next_update, lists_now + lists_day);
	assert_int_equal(info->imported_at, lists_now);
	struct card_crl_entry e;
	assert_true(lists_find(x, "0132C4AB", &e));
	assert_int_equal(e.revoked_at, 1770000000);
	assert_int_equal(e.reason, CARD_CRL_SUPERSEDED);
	assert_true(lists_find(x, "000132C4AB", &e)); /* leading zeros do not matter */
	assert_true(lists_find(x, "05", &e));
	assert_int_equal(e.reason, CARD_CRL_NO_REASON);
	assert_true(lists_find(x, "FFFFFFFE", &e));
	assert_int_equal(e.reason, CARD_CRL_KEY_COMPROMISE);
	assert_false(lists_find(x, "0132C4AC", &e));
	assert_false(lists_find(x, "0132C4AB00", &e));
	assert_false(lists_find(x, "06", &e));
	assert_int_equal(card_crl_index_verify(x), CARD_OK);
	card_crl_index_close(&x);
}

static void an_empty_list_says_that_nothing_is_revoked(void **state)
{
	(void)state;
	struct made_crl c = lists_usual();
	c.entries = 0;
	lists_assert_refused(lists_import(&c), CARD_CRL_TAKEN);
	card_crl_index_t *x = lists_index(&lists.ca, NULL);
	struct card_crl_entry e;
	assert_false(lists_find(x, "05", &e));
	assert_int_equal(card_crl_index_verify(x), CARD_OK);
	card_crl_index_close(&x);
}

static void numbers_only_go_up(void **state)
{
	(void)state;
	struct made_crl c = lists_usual();
	lists_assert_refused(lists_import(&c), CARD_CRL_TAKEN);
	struct card_crl_report r = lists_import(&c);
	lists_assert_refused(r, CARD_CRL_TAKEN);
	assert_true(r.unchanged);
	c.entries = 2;
	lists_assert_refused(lists_import(&c), CARD_CRL_REFUSED_CONFLICT);
	c.number = 99;
	lists_assert_refused(lists_import(&c), CARD_CRL_REFUSED_OLDER);
	card_crl_index_t *x = lists_index(&lists.ca, NULL);
	assert_int_equal(card_crl_index_info(x)->entries, 3);
	card_crl_index_close(&x);
	c.number = 256; /* longer as octets */
	lists_assert_refused(lists_import(&c), CARD_CRL_TAKEN);
	c.number = 255;
	lists_assert_refused(lists_import(&c), CARD_CRL_REFUSED_OLDER);
	x = lists_index(&lists.ca, NULL);
	assert_int_equal(card_crl_index_info(x)->entries, 2);
	card_crl_index_close(&x);
}

static void partitions_and_generations_are_kept_apart(void **state)
{
	(void)state;
	static const struct made_revoked one[] = {{"11", 1770000000, 3}},
					 two[] = {{"22", 1770000000, 3}},
					 whole[] = {{"33", 1770000000, 3}},
					 old[] = {{"44", 1770000000, 3}};
	struct made_crl c = lists_usual();
	c.entries = 1;
	c.city = "Kiyose-shi";
	c.entry = one;
	lists_assert_refused(lists_import(&c), CARD_CRL_TAKEN);
	c.city = "Tanashi-shi";
	c.entry = two;
	c.number = 7; /* numbers of partitions do not meet */
	lists_assert_refused(lists_import(&c), CARD_CRL_TAKEN);
	c.city = NULL;
	c.entry = whole;
	lists_assert_refused(lists_import(&c), CARD_CRL_TAKEN);
	c.key = &lists.ca_old;
	c.entry = old;
	lists_assert_refused(lists_import(&c), CARD_CRL_TAKEN);
	assert_int_equal(lists_files(), 4);
	static const struct {
		struct made_key *key;
		const char *city;
		const char *serial;
	} rows[] = {{&lists.ca, "Kiyose-shi", "11"},
		    {&lists.ca, "Tanashi-shi", "22"},
		    {&lists.ca, NULL, "33"},
		    {&lists.ca_old, NULL, "44"}};
	for (size_t i = 0; i < 4; i++) {
		card_crl_index_t *x = lists_index(rows[i].key, rows[i].city);
		struct card_crl_entry e;
		assert_non_null(x);
		for (size_t k = 0; k < 4; k++)
			assert_int_equal(lists_find(x, rows[k].serial, &e), i == k);
		card_crl_index_close(&x);
	}
	assert_null(lists_index(&lists.ca, "Nowhere-shi"));
}

static void a_list_for_another_municipality_is_refused(void **state)
{
	(void)state;
	struct made_crl c = lists_usual();
	card_buf_t der = {0};
	c.city = "Tanashi-shi";
	made_crl(&c, &der);
	lists_assert_refused(
		lists_import_bytes(
			card_buf_bytes(&der),
			"CN=Kiyose-shi CRLDP,OU=Tokyo-to,OU=CRL Distribution Points,OU=JPKI "
			"for digital signature,O=JPKI,C=JP"),
		CARD_CRL_REFUSED_PARTITION);
	assert_int_equal(lists_files(), 0);
	lists_assert_refused(
		lists_import_bytes(
			card_buf_bytes(&der),
			"cn=tanashi-shi crldp,OU=Tokyo-to,OU=CRL Distribution Points,OU=JPKI "
			"for digital signature,O=JPKI,C=JP"),
		CARD_CRL_TAKEN);
	assert_int_equal(lists_files(), 1);
	card_buf_free(&der);
	c.city = NULL;
	made_crl(&c, &der);
	lists_assert_refused(lists_import_bytes(card_buf_bytes(&der), "CN=Kiyose-shi CRLDP"),
			     CARD_CRL_REFUSED_PARTITION);
	card_buf_free(&der);
}

static void long_serial_numbers_are_exact(void **state)
{
	(void)state;
	static const struct made_revoked e[] = {
		{"0102030405060708090A0B0C0D0E0F1011121314", 1770000000, 1},
		{"0102030405060708090A0B0C0D0E0F1011121315", 1770000001, 3},
		{"0100000000", 1770000002, 4},
		{"00FFFFFFFF", 1770000003, 5},
		{"7F", 1770000004, -1},
	};
	struct made_crl c = lists_usual();
	c.entry = e;
	c.entries = 5;
	lists_assert_refused(lists_import(&c), CARD_CRL_TAKEN);
	card_crl_index_t *x = lists_index(&lists.ca, NULL);
	struct card_crl_entry got;
	for (size_t i = 0; i < 5; i++) {
		assert_true(lists_find(x, e[i].serial, &got));
		assert_int_equal(got.revoked_at, e[i].at);
	}
	assert_false(lists_find(x, "0102030405060708090A0B0C0D0E0F1011121316", &got));
	assert_false(lists_find(x, "02030405060708090A0B0C0D0E0F1011121314", &got));
	assert_false(lists_find(x, "000102030405060708090A0B0C0D0E0F101112131400", &got));
	assert_false(lists_find(x, "0100000001", &got));
	assert_int_equal(card_crl_index_verify(x), CARD_OK);
	card_crl_index_close(&x);
	/* duplicates among them */
	static const struct made_revoked twice[] = {
		{"0102030405060708090A0B0C0D0E0F1011121314", 1770000000, 1},
		{"0102030405060708090A0B0C0D0E0F1011121314", 1770000001, 3},
	};
	c.entry = twice;
	c.entries = 2;
	c.number++;
	lists_assert_refused(lists_import(&c), CARD_CRL_REFUSED_DUPLICATE);
}

static void pem_is_taken_too(void **state)
{
	(void)state;
	struct made_crl c = lists_usual();
	card_buf_t der = {0}, pem = {0};
	made_crl(&c, &der);
	char *text = malloc(der.n * 2);
	int n = EVP_EncodeBlock((unsigned char *)text, der.p, (int)der.n);
	static const char begin[] = "-----BEGIN X509 CRL-----\n",
			  end[] = "-----END X509 CRL-----\n";
	assert_int_equal(card_buf_append(&pem, card_bytes(begin, sizeof(begin) - 1)), CARD_OK);
	for (int i = 0; i < n; i += 64) {
		int k = n - i < 64 ? n - i : 64;
		assert_int_equal(card_buf_append(&pem, card_bytes(text + i, (size_t)k)), CARD_OK);
		assert_int_equal(card_buf_append_byte(&pem, '\n'), CARD_OK);
	}
	size_t body = pem.n;
	assert_int_equal(card_buf_append(&pem, card_bytes(end, sizeof(end) - 1)), CARD_OK);
	lists_assert_refused(lists_import_bytes(card_bytes(pem.p, body / 2), NULL),
			     CARD_CRL_REFUSED_TRUNCATED);
	lists_assert_refused(lists_import_bytes(card_buf_bytes(&pem), NULL), CARD_CRL_TAKEN);
	free(text);
	card_buf_free(&der);
	card_buf_free(&pem);
}

static void a_test_list_needs_a_test_anchor(void **state)
{
	(void)state;
	struct made_crl c = lists_usual();
	c.test = true;
	lists_assert_refused(lists_import(&c), CARD_CRL_REFUSED_ISSUER);
	struct made_cert root = {.kind = MADE_SIGN_CA,
				 .test = true,
				 .serial = 1,
				 .not_before = lists_now - lists_day,
				 .not_after = lists_now + lists_day,
				 .key = &lists.ca,
				 .issuer = &lists.ca};
	card_buf_t der = {0};
	card_trust_t *usual_trust = lists.trust;
	made_cert(&root, &der);
	assert_int_equal(card_trust_new(&lists.trust, CARD_TRUST_TEST_ROOTS), CARD_OK);
	assert_int_equal(card_trust_add(lists.trust, card_buf_bytes(&der)), CARD_OK);
	struct card_crl_report r = lists_import(&c);
	lists_assert_refused(r, CARD_CRL_TAKEN);
	assert_true(r.info.test);
	card_trust_free(&lists.trust);
	lists.trust = usual_trust;
	card_buf_free(&der);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LISTS_TEST(a_list_is_taken_and_answers_with_dates_and_reasons),
		LISTS_TEST(an_empty_list_says_that_nothing_is_revoked),
		LISTS_TEST(numbers_only_go_up),
		LISTS_TEST(partitions_and_generations_are_kept_apart),
		LISTS_TEST(a_list_for_another_municipality_is_refused),
		LISTS_TEST(long_serial_numbers_are_exact),
		LISTS_TEST(pem_is_taken_too),
		LISTS_TEST(a_test_list_needs_a_test_anchor),
	};
	return cmocka_run_group_tests(tests, lists_set_up, lists_tear_down);
}
