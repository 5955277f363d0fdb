/* SPDX-License-Identifier: Apache-2.0 */
/* Proves: messages between terminal, centre and issuer are read back as written; whatever is cut,
 * altered, doubled or added is refused whole; what the card signs is what docs/issuance.md says. */
#include "test.h"

#include <stdlib.h>

#include <openssl/sha.h>

#include <cardflow/issue_message.h>

static card_buf_t sample(void)
{
	const struct flow_issue_part parts[] = {
		{"front", "application/pdf", BYTES("%PDF\nfront"), NULL},
		{"back-1", "application/pdf", BYTES("back"), NULL}};
	json_t *json = json_pack("{s:s,s:i}", "state", "delivered", "seq", 3);
	card_buf_t out = {0};

	assert_ok(flow_issue_message_write(json, parts, 2, &out));
	json_decref(json);
	return out;
}

static void a_digest_that_is_known_is_written_as_it_is(void **state)
{
	/* Of "abc" (FIPS 180-2, B.1). */
	struct flow_issue_part part = {
		"front", "application/pdf", BYTES("abc"),
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"};
	card_buf_t out = {0};
	struct flow_issue_message m;
	json_t *json = json_object();

	(void)state;
	assert_ok(flow_issue_message_write(json, &part, 1, &out));
	assert_ok(flow_issue_message_read(&m, card_buf_bytes(&out)));
	flow_issue_message_free(&m);
	card_buf_clear(&out);
	part.bytes = BYTES("abd");
	assert_ok(flow_issue_message_write(json, &part, 1, &out));
	assert_int_equal(flow_issue_message_read(&m, card_buf_bytes(&out)), CARD_ERR_MALFORMED);
	json_decref(json);
	card_buf_free(&out);
}

static void a_message_is_read_back_as_it_was_written(void **state)
{
	card_buf_t b = sample();
	struct flow_issue_message m;

	(void)state;
	assert_ok(flow_issue_message_read(&m, card_buf_bytes(&b)));
	assert_string_equal(flow_issue_text(m.json, "state", 20), "delivered");
	assert_int_equal(m.parts, 2);
	assert_true(card_bytes_equal(flow_issue_message_part(&m, "front"), BYTES("%PDF\nfront")));
	assert_true(card_bytes_equal(flow_issue_message_part(&m, "back-1"), BYTES("back")));
	assert_null(flow_issue_message_part(&m, "back-2").p);
	flow_issue_message_free(&m);
	card_buf_free(&b);
}

static void plain_json_is_a_message(void **state)
{
	struct flow_issue_message m;

	(void)state;
	assert_ok(flow_issue_message_read(&m, BYTES("{\"seq\":1}")));
	assert_int_equal(m.parts, 0);
	flow_issue_message_free(&m);
}

/* Cut at every length, and each byte of the parts and their description altered. */
static void nothing_cut_or_altered_is_taken(void **state)
{
	card_buf_t b = sample();
	struct flow_issue_message m;
	const uint8_t *parts = memmem(b.p, b.n, "\"parts\"", 7);

	(void)state;
	assert_non_null(parts);
	for (size_t n = 0; n < b.n; n++)
		assert_int_not_equal(flow_issue_message_read(&m, card_bytes(b.p, n)), CARD_OK);
	for (size_t i = (size_t)((uint8_t *)memchr(b.p, '\n', b.n) - b.p) + 1; i < b.n; i++) {
		b.p[i] ^= 1;
		assert_int_equal(flow_issue_message_read(&m, card_buf_bytes(&b)),
				 CARD_ERR_MALFORMED);
		b.p[i] ^= 1;
	}
	assert_ok(card_buf_append_byte(&b, 'x'));
	assert_int_equal(flow_issue_message_read(&m, card_buf_bytes(&b)), CARD_ERR_MALFORMED);
	card_buf_free(&b);
}

static void odd_json_is_refused(void **state)
{
	static const char *const odd[] = {
		"",
		"[]",
		"1",
		"{\"a\":1,\"a\":2}",
		"{\"a\":1} x",
		"{\"parts\":1}",
		"{\"parts\":[1]}",
		"{\"parts\":[{\"name\":\"a\",\"type\":\"b\",\"length\":-1,\"sha256\":\"\"}]}\n",
		"{\"parts\":[{\"name\":\"a\",\"type\":\"b\",\"length\":99999999999999,\"sha256\":\"\"}]}\n"};
	struct flow_issue_message m;

	(void)state;
	for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
		assert_int_equal(flow_issue_message_read(&m, card_bytes(odd[i], strlen(odd[i]))),
				 CARD_ERR_MALFORMED);
}

static void long_json_is_refused(void **state)
{
	const size_t n = FLOW_ISSUE_JSON_MAX + 1;
	char *text = malloc(n);
	struct flow_issue_message m;

	(void)state;
	assert_non_null(text);
	memset(text, ' ', n);
	assert_int_equal(flow_issue_message_read(&m, card_bytes(text, n)), CARD_ERR_TOO_LONG);
	free(text);
}

static void hexadecimal_and_base64_have_one_form(void **state)
{
	json_t *json = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "good", "00ff", "upper", "00FF",
				 "short", "00f", "b64", "AAEC", "pad", "AAE=", "bad", "AA=C");
	uint8_t raw[2];
	card_buf_t out = {0};

	(void)state;
	assert_ok(flow_issue_hex(json, "good", raw, 2));
	assert_int_equal(raw[1], 0xFF);
	assert_int_equal(flow_issue_hex(json, "upper", raw, 2), CARD_ERR_MALFORMED);
	assert_int_equal(flow_issue_hex(json, "short", raw, 2), CARD_ERR_MALFORMED);
	assert_int_equal(flow_issue_hex(json, "none", raw, 2), CARD_ERR_MALFORMED);
	assert_ok(flow_issue_base64(json, "b64", &out));
	assert_hex(card_buf_bytes(&out), "000102");
	assert_ok(flow_issue_base64(json, "pad", &out));
	assert_hex(card_buf_bytes(&out), "0001020001");
	assert_int_equal(flow_issue_base64(json, "bad", &out), CARD_ERR_MALFORMED);
	card_buf_free(&out);
	json_decref(json);
}

static void what_the_card_signs_is_what_the_document_says(void **state)
{
	uint8_t id[16], session[16], nonce[32], got[32], want[32], bytes[14 + 4 + 64];

	(void)state;
	memset(id, 1, sizeof id);
	memset(session, 2, sizeof session);
	memset(nonce, 3, sizeof nonce);
	memcpy(bytes, "KAZASU-AUTH-v1test", 18);
	memcpy(bytes + 18, id, 16);
	memcpy(bytes + 34, session, 16);
	memcpy(bytes + 50, nonce, 32);
	SHA256(bytes, sizeof bytes, want);
	assert_ok(flow_issue_challenge("test", id, session, nonce, got));
	assert_memory_equal(got, want, 32);
}

/* openssl dgst -sha256 -hmac … over the same bytes. */
static void a_resident_key_is_the_hmac_of_authority_and_serial(void **state)
{
	uint8_t authority[32] = {0}, key[32];

	(void)state;
	assert_ok(flow_issue_resident_key(BYTES("secret"), authority, BYTES("\x01\x02"), key));
	assert_hex(card_bytes(key, 32),
		   "1ACAAADBE00BDD2947C210D5792CBA69CFB4E195C042796B1E3F23F7253A64DA");
	assert_int_equal(flow_issue_resident_key(BYTES(""), authority, BYTES("\x01"), key),
			 CARD_ERR_INVALID_ARGUMENT);
	assert_int_equal(flow_issue_resident_key(BYTES("s"), authority, card_bytes("\0\1", 2), key),
			 CARD_ERR_INVALID_ARGUMENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_is_read_back_as_it_was_written),
		cmocka_unit_test(a_digest_that_is_known_is_written_as_it_is),
		cmocka_unit_test(plain_json_is_a_message),
		cmocka_unit_test(nothing_cut_or_altered_is_taken),
		cmocka_unit_test(odd_json_is_refused),
		cmocka_unit_test(long_json_is_refused),
		cmocka_unit_test(hexadecimal_and_base64_have_one_form),
		cmocka_unit_test(what_the_card_signs_is_what_the_document_says),
		cmocka_unit_test(a_resident_key_is_the_hmac_of_authority_and_serial),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
