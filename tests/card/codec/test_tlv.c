/* SPDX-License-Identifier: Apache-2.0 */
/* Proves the TLV reader on this card's odd forms (card-spec 3.1) and on broken input. */
#include "test.h"

#include <stdlib.h>

#include <card/tlv.h>

/* Decoded on the heap at its exact size, so that the sanitizer sees any read beyond it. */
static struct card_bytes heap(const char *hex)
{
	card_buf_t b = {0};
	uint8_t *p;

	assert_ok(card_hex_decode(hex, &b));
	p = malloc(b.n > 0 ? b.n : 1);
	assert_non_null(p);
	if (b.n > 0)
		memcpy(p, b.p, b.n);
	struct card_bytes out = card_bytes(p, b.n);
	card_buf_free(&b);
	return out;
}

static void release(struct card_bytes b)
{
	union {
		const uint8_t *in;
		void *out;
	} u = {.in = b.p};

	free(u.out);
}

static enum card_error first(const char *hex, struct card_tlv *t, size_t *left)
{
	struct card_bytes all = heap(hex), rest = all;
	enum card_error err = card_tlv_next(&rest, t);

	*left = rest.n;
	release(all);
	return err;
}

static void tags_and_lengths_longer_than_needed_are_read(void **state)
{
	static const struct {
		const char *hex;
		uint32_t tag;
		size_t length, left;
		bool constructed;
	} table[] = {
		{"FF10023132FFFF", 0xFF10, 2, 2, true}, /* text EF 0001 form: number below 31 */
		{"DF110141", 0xDF11, 1, 0, false},      /* card-spec 3.1 */
		{"FF4082000141", 0xFF40, 1, 0, true},   /* 82 00 xx: card-spec 3.4 EF 0005 */
		{"7F218101AA", 0x7F21, 1, 0, true},          {"9003010001", 0x90, 3, 0, false},
		{"5F4E8400000002BEEF", 0x5F4E, 2, 0, false}, {"0400", 0x04, 0, 0, false},
		{"9F81820300", 0x9F818203, 0, 0, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct card_tlv t;
		size_t left;

		assert_ok(first(table[i].hex, &t, &left));
		assert_int_equal(t.tag, table[i].tag);
		assert_int_equal(t.value.n, table[i].length);
		assert_int_equal(left, table[i].left);
		assert_int_equal(t.constructed, table[i].constructed);
	}
}

static void broken_headers_have_their_own_errors(void **state)
{
	static const struct {
		const char *hex;
		enum card_error err;
	} table[] = {
		{"", CARD_ERR_NOT_FOUND},
		{"FFFFFF", CARD_ERR_NOT_FOUND},
		{"0000", CARD_ERR_NOT_FOUND},
		{"FF10", CARD_ERR_TRUNCATED},
		{"DF", CARD_ERR_TRUNCATED},
		{"0405AABB", CARD_ERR_TRUNCATED},
		{"0482", CARD_ERR_TRUNCATED},
		{"048201", CARD_ERR_TRUNCATED},
		{"0480AA0000", CARD_ERR_MALFORMED},
		{"0485000000000100", CARD_ERR_MALFORMED},
		{"1F8181818100", CARD_ERR_MALFORMED},
		{"0484FFFFFFFF00", CARD_ERR_TRUNCATED},
		{"04847FFFFFFF00", CARD_ERR_TRUNCATED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct card_tlv t;
		size_t left;

		assert_int_equal(first(table[i].hex, &t, &left), table[i].err);
	}
}

static void the_length_of_a_file_is_known_from_its_start(void **state)
{
	struct card_bytes b = heap("FF20820123DF21");
	size_t whole = 0;

	(void)state;
	assert_ok(card_tlv_length(b, &whole));
	assert_int_equal(whole, 5 + 0x123);
	for (size_t n = 0; n < 5; n++)
		assert_int_equal(
			card_tlv_length(card_bytes(b.p, n), &whole),
			n == 1 ? CARD_ERR_NOT_FOUND /* a lone FF is filler as far as one can see */
			       : CARD_ERR_TRUNCATED);
	release(b);
}

static void an_object_is_found_among_others(void **state)
{
	/* The text record of card-spec 10.2, its content only. */
	struct card_bytes b = heap("DF2108000E002000590064DF220FE9BB92E6A190E38080E5B9B9E4B99F"
				   "DF240831393830303231 37DF250131");
	struct card_tlv t;

	(void)state;
	assert_ok(card_tlv_find(b, 0xDF24, &t));
	assert_memory_equal(t.value.p, "19800217", 8);
	assert_ok(card_tlv_find(b, 0xDF25, &t));
	assert_memory_equal(t.value.p, "1", 1);
	assert_int_equal(card_tlv_find(b, 0xDF23, &t), CARD_ERR_NOT_FOUND);
	release(b);
}

static void nesting_is_checked_to_a_bounded_depth(void **state)
{
	struct card_bytes good = heap("30063004300204 00"), over = heap("3004300504000000"),
			  deep = heap("3010300E300C300A300830063004300230000000");

	(void)state;
	assert_ok(card_tlv_check(good, 4));
	assert_int_equal(card_tlv_check(good, 3), CARD_ERR_MALFORMED);
	assert_int_equal(card_tlv_check(over, 4), CARD_ERR_TRUNCATED);
	assert_int_equal(card_tlv_check(deep, CARD_TLV_DEPTH_MAX), CARD_ERR_MALFORMED);
	assert_int_equal(card_tlv_check(good, CARD_TLV_DEPTH_MAX + 1), CARD_ERR_INVALID_ARGUMENT);
	release(good);
	release(over);
	release(deep);
}

static void what_is_written_is_read_back(void **state)
{
	static const size_t lengths[] = {0, 1, 127, 128, 255, 256, 65535, 65536};
	static const uint32_t tags[] = {0x04, 0x90, 0x7F21, 0xDF22, 0xFF10, 0x9F818203};
	uint8_t *value = calloc(1, 65536);

	(void)state;
	assert_non_null(value);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		for (size_t k = 0; k < sizeof(tags) / sizeof(tags[0]); k++) {
			card_buf_t b = {0};
			struct card_bytes rest;
			struct card_tlv t;

			assert_ok(card_tlv_put(&b, tags[k], card_bytes(value, lengths[i])));
			rest = card_buf_bytes(&b);
			assert_ok(card_tlv_next(&rest, &t));
			assert_int_equal(t.tag, tags[k]);
			assert_int_equal(t.value.n, lengths[i]);
			assert_int_equal(rest.n, 0);
			card_buf_free(&b);
		}
	}
	free(value);
}

static void what_is_no_tag_is_not_written(void **state)
{
	static const uint32_t wrong[] = {0x1F, 0xDF, 0x0401, 0x7F81, 0x90909090};
	card_buf_t b = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(card_tlv_put(&b, wrong[i], card_bytes(NULL, 0)),
				 CARD_ERR_INVALID_ARGUMENT);
	assert_int_equal(b.n, 0);
}

static void simple_tlv_of_the_record_files(void **state)
{
	struct card_bytes record = heap("0102 3132 02FF0003 414243 00"), cut = heap("010531"),
			  half = heap("01FF00"), rest = record;
	struct card_tlv t;

	(void)state;
	assert_ok(card_simple_tlv_next(&rest, &t));
	assert_int_equal(t.tag, 1);
	assert_memory_equal(t.value.p, "12", 2);
	assert_ok(card_simple_tlv_next(&rest, &t));
	assert_int_equal(t.value.n, 3);
	assert_int_equal(card_simple_tlv_next(&rest, &t), CARD_ERR_NOT_FOUND);
	rest = cut;
	assert_int_equal(card_simple_tlv_next(&rest, &t), CARD_ERR_TRUNCATED);
	rest = half;
	assert_int_equal(card_simple_tlv_next(&rest, &t), CARD_ERR_TRUNCATED);
	release(record);
	release(cut);
	release(half);
}

static void any_bytes_give_views_inside_them_or_an_error(void **state)
{
	uint32_t seed = 99;

	(void)state;
	for (int round = 0; round < 300000; round++) {
		uint8_t in[32];
		size_t n;
		struct card_bytes b, rest;
		struct card_tlv t;

		for (size_t i = 0; i < sizeof(in); i++) {
			seed = seed * 1664525u + 1013904223u;
			in[i] = (uint8_t)(seed >> 24);
			if ((round & 1) != 0)
				in[i] &= 0x37; /* many short nested objects */
		}
		n = (seed >> 8) % 32u;
		uint8_t *p = malloc(n + 1);
		assert_non_null(p);
		memcpy(p, in, n);
		b = card_bytes(p, n);
		rest = b;
		while (card_tlv_next(&rest, &t) == CARD_OK)
			assert_true(t.value.p >= p && t.value.p + t.value.n <= p + n);
		(void)card_tlv_check(b, CARD_TLV_DEPTH_MAX);
		rest = b;
		while (card_simple_tlv_next(&rest, &t) == CARD_OK)
			assert_true(t.value.p + t.value.n <= p + n);
		free(p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tags_and_lengths_longer_than_needed_are_read),
		cmocka_unit_test(broken_headers_have_their_own_errors),
		cmocka_unit_test(the_length_of_a_file_is_known_from_its_start),
		cmocka_unit_test(an_object_is_found_among_others),
		cmocka_unit_test(nesting_is_checked_to_a_bounded_depth),
		cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(what_is_no_tag_is_not_written),
		cmocka_unit_test(simple_tlv_of_the_record_files),
		cmocka_unit_test(any_bytes_give_views_inside_them_or_an_error),
	};

	return cmocka_run_group_tests_name("tlv", tests, NULL, NULL);
}
