/* SPDX-License-Identifier: Apache-2.0 */
/* Proves that the DER cursor takes exactly what X.690 §10 allows, and its values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include <card/date.h>
#include <card/der.h>

static card_buf_t hex(const char *text)
{
	card_buf_t b = {0};
	assert_int_equal(card_hex_decode(text, &b), CARD_OK);
	return b;
}

static enum card_error next_of(const char *text, struct card_der_item *item, size_t *left)
{
	static card_buf_t b;
	card_buf_free(&b);
	b = hex(text);
	struct card_der c = card_der_over(card_buf_bytes(&b));
	enum card_error err = card_der_next(&c, item);
	*left = (size_t)(c.end - c.p);
	return err;
}

static void headers_are_minimal_and_definite(void **state)
{
	(void)state;
	static const struct {
		const char *in;
		enum card_error err;
	} rows[] = {
		{"0500", CARD_OK},
		{"0401AA", CARD_OK},
		{"", CARD_ERR_TRUNCATED},
		{"04", CARD_ERR_TRUNCATED},
		{"0402AA", CARD_ERR_TRUNCATED},
		{"0481", CARD_ERR_TRUNCATED},
		{"048101AA", CARD_ERR_MALFORMED},        /* long form for a short length */
		{"04820001AA", CARD_ERR_MALFORMED},      /* leading zero */
		{"0480AA0000", CARD_ERR_MALFORMED},      /* indefinite */
		{"04FF", CARD_ERR_MALFORMED},            /* reserved */
		{"048501000000 00", CARD_ERR_MALFORMED}, /* five octets of length */
		{"0484FFFFFFFF", CARD_ERR_TRUNCATED},    /* 2^32 - 1 announced */
		{"1F2100", CARD_ERR_MALFORMED},          /* high tag number */
		{"0000", CARD_ERR_MALFORMED},            /* end of contents */
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct card_der_item item;
		size_t left;
		assert_int_equal(next_of(rows[i].in, &item, &left), rows[i].err);
		if (rows[i].err == CARD_OK)
			assert_int_equal(left, 0);
	}
}

static void a_failed_step_does_not_move_the_cursor(void **state)
{
	(void)state;
	card_buf_t b = hex("0201050402AA");
	struct card_der c = card_der_over(card_buf_bytes(&b));
	struct card_bytes v;
	assert_int_equal(card_der_take(&c, CARD_DER_OID, &v), CARD_ERR_MALFORMED);
	assert_int_equal(card_der_take(&c, CARD_DER_INTEGER, &v), CARD_OK);
	const uint8_t *at = c.p;
	assert_int_equal(card_der_take(&c, CARD_DER_OCTET_STRING, &v), CARD_ERR_TRUNCATED);
	assert_ptr_equal(c.p, at);
	assert_int_equal(card_der_finish(&c), CARD_ERR_MALFORMED);
	card_buf_free(&b);
}

static void lengths_are_known_from_the_header_alone(void **state)
{
	(void)state;
	card_buf_t b = hex("30820511");
	size_t whole;
	assert_int_equal(card_der_length(card_buf_bytes(&b), &whole), CARD_OK);
	assert_int_equal(whole, 0x511 + 4);
	assert_int_equal(card_der_length(card_bytes(b.p, 3), &whole), CARD_ERR_TRUNCATED);
	assert_int_equal(card_der_length(card_bytes(b.p, 0), &whole), CARD_ERR_TRUNCATED);
	card_buf_free(&b);
}

static void nesting_is_walked_without_recursion_and_bounded(void **state)
{
	(void)state;
	uint8_t deep[2 * 40];
	for (size_t i = 0; i < 40; i++) {
		deep[2 * i] = 0x30;
		deep[2 * i + 1] = (uint8_t)(2 * (39 - i));
	}
	struct card_bytes all = card_bytes(deep, sizeof(deep));
	assert_int_equal(card_der_check(all, CARD_DER_DEPTH_MAX), CARD_ERR_TOO_LONG);
	struct card_bytes inner = card_bytes(deep + 2 * 30, 2 * 10);
	assert_int_equal(card_der_check(inner, 10), CARD_OK);
	assert_int_equal(card_der_check(inner, 9), CARD_ERR_TOO_LONG);
	card_buf_t two = hex("05000500"), broken = hex("3003040201");
	assert_int_equal(card_der_check(card_buf_bytes(&two), 4), CARD_ERR_MALFORMED);
	assert_int_equal(card_der_check(card_buf_bytes(&broken), 4), CARD_ERR_TRUNCATED);
	card_buf_free(&two);
	card_buf_free(&broken);
}

static void integers_are_minimal(void **state)
{
	(void)state;
	static const struct {
		const char *in;
		enum card_error err;
		uint32_t value;
	} rows[] = {
		{"00", CARD_OK, 0},
		{"7F", CARD_OK, 127},
		{"0080", CARD_OK, 128},
		{"00FFFFFFFF", CARD_OK, 0xFFFFFFFF},
		{"0100000000", CARD_ERR_TOO_LONG, 0},
		{"", CARD_ERR_MALFORMED, 0},
		{"0001", CARD_ERR_MALFORMED, 0},
		{"FF80", CARD_ERR_MALFORMED, 0},
		{"80", CARD_ERR_MALFORMED, 0}, /* negative */
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		card_buf_t b = hex(rows[i].in);
		uint32_t v = 0;
		assert_int_equal(card_der_u32(card_buf_bytes(&b), &v), rows[i].err);
		if (rows[i].err == CARD_OK)
			assert_int_equal(v, rows[i].value);
		card_buf_free(&b);
	}
	bool negative;
	card_buf_t b = hex("80");
	assert_int_equal(card_der_integer_check(card_buf_bytes(&b), &negative), CARD_OK);
	assert_true(negative);
	card_buf_free(&b);
}

static void booleans_and_bits_follow_the_distinguished_rules(void **state)
{
	(void)state;
	static const struct {
		const char *in;
		enum card_error boolean, named;
		unsigned bits;
	} rows[] = {
		{"FF", CARD_OK, CARD_ERR_MALFORMED, 0},
		{"00", CARD_OK, CARD_OK, 0},
		{"01", CARD_ERR_MALFORMED, CARD_ERR_MALFORMED, 0},
		{"0106", CARD_ERR_MALFORMED, CARD_OK, 0x60},
		{"06C0", CARD_ERR_MALFORMED, CARD_OK, 0x03},
		{"0780", CARD_ERR_MALFORMED, CARD_OK, 0x01},
		{"0680", CARD_ERR_MALFORMED, CARD_ERR_MALFORMED, 0}, /* trailing zero bit */
		{"0781", CARD_ERR_MALFORMED, CARD_ERR_MALFORMED, 0}, /* unused bit set */
		{"0880", CARD_ERR_MALFORMED, CARD_ERR_MALFORMED, 0},
		{"070080", CARD_ERR_MALFORMED, CARD_OK, 0x100},
		{"00000001", CARD_ERR_MALFORMED, CARD_ERR_TOO_LONG, 0},
		{"", CARD_ERR_MALFORMED, CARD_ERR_MALFORMED, 0},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		card_buf_t b = hex(rows[i].in);
		bool flag;
		uint16_t bits = 0;
		assert_int_equal(card_der_boolean(card_buf_bytes(&b), &flag), rows[i].boolean);
		assert_int_equal(card_der_named_bits(card_buf_bytes(&b), &bits), rows[i].named);
		assert_int_equal(bits, rows[i].bits);
		card_buf_free(&b);
	}
}

static void object_identifiers_become_dotted_text(void **state)
{
	(void)state;
	static const struct {
		const char *in, *text;
	} rows[] = {
		{"2A83088C9B550805010114", "1.2.392.200149.8.5.1.1.20"}, /* card-spec 7.3 */
		{"2A83088C9B55080501031E", "1.2.392.200149.8.5.1.3.30"}, /* card-spec 7.2 */
		{"551D0F", "2.5.29.15"},
		{"883703", "2.999.3"},
		{"00", "0.0"},
		{"8100", "2.48"},
	};
	char text[64];
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		card_buf_t b = hex(rows[i].in);
		assert_int_equal(card_der_oid_text(card_buf_bytes(&b), text, sizeof(text)),
				 CARD_OK);
		assert_string_equal(text, rows[i].text);
		assert_int_equal(card_der_oid_text(card_buf_bytes(&b), text, strlen(rows[i].text)),
				 CARD_ERR_BUFFER_TOO_SMALL);
		assert_string_equal(text, "");
		card_buf_free(&b);
	}
	static const char *const bad[] = {"", "2A80", "2A8003", "80"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		card_buf_t b = hex(bad[i]);
		assert_int_equal(card_der_oid_text(card_buf_bytes(&b), text, sizeof(text)),
				 CARD_ERR_MALFORMED);
		card_buf_free(&b);
	}
	card_buf_t huge = hex("2AFFFFFFFFFFFFFFFFFF7F");
	assert_int_equal(card_der_oid_text(card_buf_bytes(&huge), text, sizeof(text)),
			 CARD_ERR_TOO_LONG);
	card_buf_free(&huge);
}

static void times_are_utc_instants(void **state)
{
	(void)state;
	static const struct {
		unsigned tag;
		const char *text;
		enum card_error err;
		int64_t utc;
	} rows[] = {
		{CARD_DER_UTC_TIME, "151020024028Z", CARD_OK, 1445308828},
		{CARD_DER_UTC_TIME, "491231235959Z", CARD_OK, 2524607999},
		{CARD_DER_UTC_TIME, "500101000000Z", CARD_OK, -631152000},
		{CARD_DER_GENERALIZED_TIME, "20500101000000Z", CARD_OK, 2524608000},
		{CARD_DER_GENERALIZED_TIME, "500101000000Z", CARD_ERR_MALFORMED, 0},
		{CARD_DER_UTC_TIME, "1510200240Z", CARD_ERR_MALFORMED, 0},
		{CARD_DER_UTC_TIME, "151020024028+0900", CARD_ERR_MALFORMED, 0},
		{CARD_DER_UTC_TIME, "151320024028Z", CARD_ERR_MALFORMED, 0},
		{CARD_DER_UTC_TIME, "150229000000Z", CARD_ERR_MALFORMED, 0},
		{CARD_DER_UTC_TIME, "150228240000Z", CARD_ERR_MALFORMED, 0},
		{CARD_DER_UTC_TIME, "15022800000aZ", CARD_ERR_MALFORMED, 0},
		{CARD_DER_GENERALIZED_TIME, "20500101000000.0", CARD_ERR_MALFORMED, 0},
		{CARD_DER_OID, "151020024028Z", CARD_ERR_MALFORMED, 0},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t utc = 0;
		assert_int_equal(card_der_time(rows[i].tag,
					       card_bytes(rows[i].text, strlen(rows[i].text)),
					       &utc),
				 rows[i].err);
		assert_int_equal(utc, rows[i].utc);
	}
}

static void utf8_is_checked_strictly(void **state)
{
	(void)state;
	static const struct {
		const char *in;
		enum card_error err;
	} rows[] = {
		{"", CARD_OK},
		{"41", CARD_OK},
		{"E69DB1", CARD_OK},
		{"F0A0AE9F", CARD_OK}, /* U+20B9F */
		{"C080", CARD_ERR_MALFORMED},
		{"C1BF", CARD_ERR_MALFORMED},
		{"E08080", CARD_ERR_MALFORMED},
		{"EDA080", CARD_ERR_MALFORMED}, /* surrogate */
		{"F4908080", CARD_ERR_MALFORMED},
		{"F5808080", CARD_ERR_MALFORMED},
		{"E69D", CARD_ERR_MALFORMED},
		{"80", CARD_ERR_MALFORMED},
		{"4100", CARD_ERR_MALFORMED},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		card_buf_t b = hex(rows[i].in);
		assert_int_equal(card_der_utf8_check(card_buf_bytes(&b)), rows[i].err);
		card_buf_free(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_are_minimal_and_definite),
		cmocka_unit_test(a_failed_step_does_not_move_the_cursor),
		cmocka_unit_test(lengths_are_known_from_the_header_alone),
		cmocka_unit_test(nesting_is_walked_without_recursion_and_bounded),
		cmocka_unit_test(integers_are_minimal),
		cmocka_unit_test(booleans_and_bits_follow_the_distinguished_rules),
		cmocka_unit_test(object_identifiers_become_dotted_text),
		cmocka_unit_test(times_are_utc_instants),
		cmocka_unit_test(utf8_is_checked_strictly),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
