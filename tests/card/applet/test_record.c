/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that a field is taken from a record only if the record's signature covers it: a field
 * slipped in before the signed range, or after it, must not be shown as authentic.
 */
#include "test.h"

#include <card/surface.h>
#include <card/text.h>
#include <card/tlv.h>

#define PNG "\x89PNG\r\n\x1A\n0123456789"

static const uint8_t signature[256] = {0x5A};
static const uint8_t key_object[265] = {0x90, 0x03, 0x01, 0x00, 0x01, 0x91, 0x82, 0x01, 0x00};

static void put(card_buf_t *b, uint32_t tag, const void *value, size_t n)
{
	assert_ok(card_tlv_put(b, tag, card_bytes(value, n)));
}

static void put_text(card_buf_t *b, uint32_t tag, const char *value)
{
	put(b, tag, value, strlen(value));
}

/* Closes content into a record with this tag; content is released. */
static void close_record(card_buf_t *content, uint32_t tag, card_buf_t *record)
{
	put(record, tag, content->p, content->n);
	card_buf_free(content);
}

static bool inside(struct card_bytes part, struct card_bytes whole)
{
	return part.p >= whole.p && part.p + part.n <= whole.p + whole.n;
}

/* text EF 0002, card-spec 3.4: DF32 is the digest from DF22 to the end. */
static void attributes_before_the_signed_range_are_refused(void **state)
{
	static const struct {
		uint32_t tag;
		const char *value;
	} slipped[] = {{0xDF23, "somewhere else"}, {0xDF24, "19000101"}, {0xDF25, "2"}};

	(void)state;
	for (size_t i = 0; i < sizeof(slipped) / sizeof(slipped[0]); i++) {
		card_buf_t content = {0}, record = {0};
		struct card_text_attributes a;

		put(&content, 0xDF21, "\0\x0E\0\x20\0\x59\0\x64", 8);
		put_text(&content, slipped[i].tag, slipped[i].value);
		put_text(&content, 0xDF22, "name");
		put_text(&content, 0xDF23, "address");
		put_text(&content, 0xDF24, "19800217");
		put_text(&content, 0xDF25, "1");
		close_record(&content, 0xFF20, &record);
		assert_int_equal(card_text_parse_attributes(card_buf_bytes(&record), &a),
				 CARD_ERR_MALFORMED);
		card_buf_free(&record);
	}
}

static void attributes_in_their_order_are_taken(void **state)
{
	card_buf_t content = {0}, record = {0};
	struct card_text_attributes a;

	(void)state;
	put(&content, 0xDF21, "\0\x0E\0\x20\0\x59\0\x64", 8);
	put_text(&content, 0xDF22, "name");
	put_text(&content, 0xDF23, "address");
	put_text(&content, 0xDF24, "19800217");
	put_text(&content, 0xDF25, "1");
	close_record(&content, 0xFF20, &record);
	assert_ok(card_text_parse_attributes(card_buf_bytes(&record), &a));
	assert_true(card_bytes_equal(a.address, BYTES("address")));
	assert_true(inside(a.address, a.signed_part));
	card_buf_free(&record);
}

/* surface EF 0001, card-spec 3.3: DF13 signs what stands before it. */
static void age_after_the_signature_is_refused(void **state)
{
	card_buf_t content = {0}, record = {0};
	struct card_surface_age age;

	(void)state;
	/* A genuine number record's fields and signature under the age record's tags: whoever
	 * holds a card has such a signature. */
	put_text(&content, 0xDF41, PNG);
	put(&content, 0xDF42, key_object, sizeof(key_object));
	put(&content, 0xDF13, signature, sizeof(signature));
	put_text(&content, 0xDF11, "19000101");
	put(&content, 0xDF12, key_object, sizeof(key_object));
	close_record(&content, 0xFF10, &record);
	assert_int_equal(card_surface_parse_age(card_buf_bytes(&record), &age), CARD_ERR_MALFORMED);
	card_buf_free(&record);

	put_text(&content, 0xDF11, "19800217");
	put(&content, 0xDF13, signature, sizeof(signature));
	put(&content, 0xDF12, key_object, sizeof(key_object)); /* the key alone outside */
	close_record(&content, 0xFF10, &record);
	assert_int_equal(card_surface_parse_age(card_buf_bytes(&record), &age), CARD_ERR_MALFORMED);
	card_buf_free(&record);

	put_text(&content, 0xDF11, "19800217");
	put(&content, 0xDF12, key_object, sizeof(key_object));
	put(&content, 0xDF13, signature, sizeof(signature));
	close_record(&content, 0xFF10, &record);
	assert_ok(card_surface_parse_age(card_buf_bytes(&record), &age));
	assert_true(inside(age.public_key, age.signed_part));
	assert_int_equal(age.signed_part.n, 3 + 8 + 5 + 265);
	card_buf_free(&record);
}

static void number_image_after_the_signature_is_refused(void **state)
{
	card_buf_t content = {0}, record = {0};
	struct card_surface_number number;

	(void)state;
	put_text(&content, 0xDF11, "19800217");
	put(&content, 0xDF12, key_object, sizeof(key_object));
	put(&content, 0xDF43, signature, sizeof(signature));
	put_text(&content, 0xDF41, PNG);
	put(&content, 0xDF42, key_object, sizeof(key_object));
	close_record(&content, 0xFF40, &record);
	assert_int_equal(card_surface_parse_number(card_buf_bytes(&record), &number),
			 CARD_ERR_MALFORMED);
	card_buf_free(&record);

	put_text(&content, 0xDF41, PNG);
	put(&content, 0xDF42, key_object, sizeof(key_object));
	put(&content, 0xDF43, signature, sizeof(signature));
	close_record(&content, 0xFF40, &record);
	assert_ok(card_surface_parse_number(card_buf_bytes(&record), &number));
	card_buf_free(&record);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(attributes_before_the_signed_range_are_refused),
		cmocka_unit_test(attributes_in_their_order_are_taken),
		cmocka_unit_test(age_after_the_signature_is_refused),
		cmocka_unit_test(number_image_after_the_signature_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
