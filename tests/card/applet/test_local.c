/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The dialogue with a 条例利用AP, byte for byte (docs/issuance.md): what is sent, within which
 * budget, what is refused, and that the card is closed again whatever happened. Then the same with
 * the virtual card, whose keys are derived here from the document.
 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <card/common.h>
#include <card/local.h>
#include <card/sim.h>
#include <card/token.h>

#include "script.h"

#define SELECT "00A4040C08F04B415A41535501"
#define ABOUT  "C205 3133323231 C308 0102030405060708"
#define CLEAR                                                                                      \
	{                                                                                          \
		"00A4040C07A0000001510000", "9000", CARD_OK, false                                 \
	}
#define OPEN                                                                                       \
	{                                                                                          \
		SELECT, "9000", CARD_OK, false                                                     \
	}
#define ONES   "0101010101010101010101010101010101010101010101010101010101010101"
#define TWOS   "0202020202020202020202020202020202020202020202020202020202020202"
#define THREES "0303030303030303030303030303030303030303030303030303030303030303"
#define MUTUAL "0082009640" ONES TWOS "20"

static const uint8_t digest[32] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
				   1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
static const uint8_t proof[32] = {2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
				  2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2};

static void a_hello_takes_three_commands_and_no_clearing(void **state)
{
	static const struct script_line lines[] = {
		OPEN,
		{"00B0820000", ABOUT "9000", CARD_OK, false},
		{"0084000010", "A0A1A2A3A4A5A6A7A8A9AAABACADAEAF 9000", CARD_OK, false}};
	struct dialogue d;
	struct card_local_hello h;

	(void)state;
	dialogue_start(&d, LINES(lines));
	assert_ok(card_local_hello(d.channel, &h));
	assert_string_equal(h.municipality, "13221");
	assert_int_equal(h.reference[7], 8);
	assert_int_equal(h.challenge[15], 0xAF);
	assert_int_equal(card_channel_commands(d.channel), 3);
	dialogue_finish(&d);
}

static void a_proof_takes_three_commands_and_one_that_closes(void **state)
{
	static const struct script_line lines[] = {
		OPEN,
		{MUTUAL, THREES "9000", CARD_OK, false},
		{"00B0810000", "C103 412D31 FFFF 9000", CARD_OK, false},
		CLEAR};
	struct dialogue d;
	struct card_local_answer a;

	(void)state;
	dialogue_start(&d, LINES(lines));
	assert_ok(card_local_prove(d.channel, card_grant_own_card(), digest, proof, &a));
	assert_string_equal(a.user_id, "A-1");
	assert_int_equal(a.response[31], 3);
	assert_int_equal(card_channel_commands(d.channel), 3);
	assert_ok(card_channel_end(d.channel));
	assert_int_equal(card_channel_clearings(d.channel), 1);
	dialogue_finish(&d);
}

static void nothing_is_sent_without_a_grant(void **state)
{
	struct dialogue d;
	struct card_local_answer a;
	card_grant_t *g = NULL;

	(void)state;
	dialogue_start(&d, NULL, 0);
	assert_ok(card_grant_new(&g, CARD_OBJECT_AUTH_CERTIFICATE));
	assert_int_equal(card_local_prove(d.channel, g, digest, proof, &a), CARD_ERR_DENIED);
	assert_int_equal(card_local_prove(d.channel, NULL, digest, proof, &a), CARD_ERR_DENIED);
	card_grant_free(&g);
	dialogue_finish(&d);
}

static void cards_without_it(void **state)
{
	static const struct script_line lines[] = {{SELECT, "6A82", CARD_OK, false}};
	struct dialogue d;
	struct card_local_hello h;

	(void)state;
	dialogue_start(&d, LINES(lines));
	assert_int_equal(card_local_hello(d.channel, &h), CARD_ERR_NOT_FOUND);
	dialogue_finish(&d);
}

/* What the free file must not say. */
static void odd_hellos(void **state)
{
	static const struct {
		const char *about, *challenge;
		enum card_error err;
	} odd[] = {
		{"9000", NULL, CARD_ERR_MALFORMED},
		{"FFFF 9000", NULL, CARD_ERR_MALFORMED},
		{"C204 31333232 C308 0102030405060708 9000", NULL, CARD_ERR_MALFORMED},
		{"C206 313332323131 C308 0102030405060708 9000", NULL, CARD_ERR_MALFORMED},
		{"C205 3133323241 C308 0102030405060708 9000", NULL, CARD_ERR_MALFORMED},
		{"C205 3133323231 C307 01020304050607 9000", NULL, CARD_ERR_MALFORMED},
		{"C205 3133323231 C309 010203040506070809 9000", NULL, CARD_ERR_MALFORMED},
		{"C308 0102030405060708 C205 3133323231 9000", NULL, CARD_ERR_MALFORMED},
		{"C205 3133323231 C308 01 9000", NULL, CARD_ERR_TRUNCATED},
		{"C27F 3133323231 9000", NULL, CARD_ERR_TRUNCATED},
		{"C2847FFFFFFF 31 9000", NULL, CARD_ERR_TRUNCATED},
		{"6982", NULL, CARD_ERR_SECURITY_STATUS},
		{ABOUT "9000", "A0A1 9000", CARD_ERR_MALFORMED},
		{ABOUT "9000", "9000", CARD_ERR_MALFORMED},
		{ABOUT "9000", "A0A1A2A3A4A5A6A7A8A9AAABACADAEAFB0 9000", CARD_ERR_TOO_LONG},
		{ABOUT "9000", "6985", CARD_ERR_STATUS},
	};
	static const struct card_local_hello nothing;

	(void)state;
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		const struct script_line lines[] = {
			OPEN,
			{"00B0820000", odd[i].about, CARD_OK, false},
			{"0084000010", odd[i].challenge, CARD_OK, false}};
		struct dialogue d;
		struct card_local_hello h;

		dialogue_start(&d, lines, odd[i].challenge != NULL ? 3 : 2);
		assert_int_equal(card_local_hello(d.channel, &h), odd[i].err);
		assert_memory_equal(&h, &nothing, sizeof(h));
		dialogue_finish(&d);
	}
}

/* What comes back from a proof, and that the card is closed in every case. */
static void odd_answers_to_a_proof(void **state)
{
	static const struct {
		const char *mutual, *id;
		enum card_error err;
	} odd[] = {
		{"6300", NULL, CARD_ERR_UNTRUSTED},
		{"6982", NULL, CARD_ERR_UNTRUSTED},
		{"6985", NULL, CARD_ERR_UNTRUSTED},
		{"6D00", NULL, CARD_ERR_UNSUPPORTED},
		{"9000", NULL, CARD_ERR_MALFORMED},
		{"03 9000", NULL, CARD_ERR_MALFORMED},
		{THREES "03 9000", NULL, CARD_ERR_MALFORMED},
		{THREES "9000", "6982", CARD_ERR_SECURITY_STATUS},
		{THREES "9000", "9000", CARD_ERR_MALFORMED},
		{THREES "9000", "C100 9000", CARD_ERR_MALFORMED},
		{THREES "9000", "C203 412D31 9000", CARD_ERR_MALFORMED},
		{THREES "9000", "C17F 41 9000", CARD_ERR_TRUNCATED},
		{THREES "9000", "C103 410A31 9000", CARD_ERR_MALFORMED}, /* a line feed */
		{THREES "9000", "C103 410031 9000", CARD_ERR_MALFORMED}, /* a NUL */
		{THREES "9000", "C103 412031 9000", CARD_ERR_MALFORMED}, /* a blank */
		{THREES "9000", "C103 E382A2 9000", CARD_ERR_MALFORMED}, /* no ASCII */
		{THREES "9000", "C141 " ONES TWOS "41 9000",
		 CARD_ERR_MALFORMED}, /* 65 characters */
	};
	static const struct card_local_answer nothing;

	(void)state;
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		const struct script_line lines[] = {
			OPEN,
			{MUTUAL, odd[i].mutual, CARD_OK, false},
			{odd[i].id != NULL ? "00B0810000" : "00A4040C07A0000001510000",
			 odd[i].id != NULL ? odd[i].id : "9000", CARD_OK, false},
			CLEAR};
		struct dialogue d;
		struct card_local_answer a;

		dialogue_start(&d, lines, odd[i].id != NULL ? 4 : 3);
		assert_int_equal(
			card_local_prove(d.channel, card_grant_own_card(), digest, proof, &a),
			odd[i].err);
		assert_memory_equal(&a, &nothing, sizeof(a));
		dialogue_finish(&d);
	}
}

static void a_lost_answer_leaves_nothing_open(void **state)
{
	static const struct script_line lines[] = {
		OPEN, {MUTUAL, NULL, CARD_ERR_READER, true}, CLEAR};
	struct dialogue d;
	struct card_local_answer a;

	(void)state;
	dialogue_start(&d, LINES(lines));
	assert_int_equal(card_local_prove(d.channel, card_grant_own_card(), digest, proof, &a),
			 CARD_ERR_READER);
	dialogue_finish(&d);
}

/* ---- with the virtual card ---- */

static card_sim_t *card;
static card_reader_t *reader;
static card_channel_t *channel;

static void insert(const char *persona, const char *quirk)
{
	struct card_sim_problem problem;
	struct card_sim_options opt = {.quirks = &quirk, .n_quirks = quirk != NULL};
	struct card_reader_ops ops;
	void *ctx;

	if (card_sim_new(&card, persona, &opt, &problem) != CARD_OK)
		fail_msg("%s", problem.text);
	assert_ok(card_sim_reader(card, &ops, &ctx));
	assert_ok(card_reader_new(&reader, &ops, ctx));
	assert_ok(card_channel_new(&channel, reader));
}

static void take_away(void)
{
	card_channel_free(&channel);
	card_reader_free(&reader);
	card_sim_free(&card);
}

static void hmac(const uint8_t *key, const void *p, size_t n, uint8_t out[32])
{
	unsigned len = 32;

	assert_non_null(HMAC(EVP_sha256(), key, 32, p, n, out, &len));
}

/* As the centre makes it, with a municipality's secret. */
static void prove(const struct card_local_hello *h, uint8_t out[32])
{
	uint8_t secret[33], named[23] = "KAZASU-OPEN-v1", key[32], said[48];
	const char *folder = getenv("KAZASU_FIXTURES");
	char path[1200];
	FILE *f;

	snprintf(path, sizeof(path), "%s/keys/local-%s.secret",
		 folder != NULL ? folder : "build/fixtures", h->municipality);
	f = fopen(path, "rb");
	assert_non_null(f);
	assert_int_equal(fread(secret, 1, sizeof(secret), f), 32);
	fclose(f);
	memcpy(named + 15, h->reference, 8);
	hmac(secret, named, sizeof(named), key);
	memcpy(said, h->challenge, 16);
	memcpy(said + 16, digest, 32);
	hmac(key, said, sizeof(said), out);
}

/* The whole of 現行方式 at a terminal: which token, the record for its date, hello; then the proof
 * in a transaction of its own. Budget: 2 + 2 + 3, and 3; one clearing. */
static void a_terminal_needs_ten_commands(void **state)
{
	struct card_common_record record;
	struct card_local_hello h;
	struct card_local_answer a;
	enum card_token_kind kind;
	uint8_t right[32];

	(void)state;
	insert("local-use", NULL);
	assert_ok(card_channel_begin(channel, 0));
	assert_ok(card_token_identify(channel, &kind, NULL));
	assert_int_equal(kind, CARD_TOKEN_CARD);
	assert_ok(card_common_record(channel, &record));
	assert_ok(card_local_hello(channel, &h));
	assert_ok(card_channel_end(channel));
	prove(&h, right);
	assert_ok(card_channel_begin(channel, 0));
	assert_ok(card_local_prove(channel, card_grant_own_card(), digest, right, &a));
	assert_ok(card_channel_end(channel));
	assert_string_equal(a.user_id, "KIYOSE-0000132");
	assert_int_equal(card_channel_commands(channel) - card_channel_clearings(channel), 10);
	assert_int_equal(card_channel_clearings(channel), 1);
	take_away();
}

static void the_user_id_is_closed_after_the_transaction(void **state)
{
	static const uint8_t aid[] = {0xF0, 0x4B, 0x41, 0x5A, 0x41, 0x53, 0x55, 0x01};
	const struct card_apdu read = {.ins = 0xB0, .p1 = 0x81, .le = 256};
	struct card_local_hello h;
	struct card_local_answer a;
	uint8_t right[32];

	(void)state;
	insert("local-use", NULL);
	assert_ok(card_channel_begin(channel, 0));
	assert_ok(card_local_hello(channel, &h));
	prove(&h, right);
	assert_ok(card_local_prove(channel, card_grant_own_card(), digest, right, &a));
	assert_ok(card_channel_end(channel));
	assert_ok(card_channel_begin(channel, 0));
	assert_ok(card_channel_select(channel, card_bytes(aid, sizeof(aid))));
	assert_ok(card_channel_transmit(channel, &read, NULL));
	assert_int_equal(card_channel_sw(channel), 0x6982);
	take_away();
}

static void quirks_that_are_tolerated(void **state)
{
	static const char *const quirks[] = {
		"no-sfi",          "61xx",       "6cxx",          "filler-00",
		"no-card-manager", "first-6f00", "read-part-6282"};
	struct card_local_hello h;
	struct card_local_answer a;
	uint8_t right[32];

	(void)state;
	for (size_t i = 0; i < sizeof(quirks) / sizeof(quirks[0]); i++) {
		insert("local-use", quirks[i]);
		assert_ok(card_channel_begin(channel, 0));
		assert_ok(card_local_hello(channel, &h));
		assert_ok(card_channel_end(channel));
		prove(&h, right);
		assert_ok(card_channel_begin(channel, 0));
		assert_ok(card_local_prove(channel, card_grant_own_card(), digest, right, &a));
		assert_string_equal(a.user_id, "KIYOSE-0000132");
		take_away();
	}
}

static void broken_and_strange_cards(void **state)
{
	static const struct {
		const char *persona, *quirk;
		enum card_error hello, prove;
	} cards[] = {{"test-person", NULL, CARD_ERR_NOT_FOUND, CARD_OK},
		     {"juki", NULL, CARD_OK, CARD_OK},
		     {"local-use", "local-response-short", CARD_OK, CARD_ERR_MALFORMED},
		     {"local-use", "local-id-long", CARD_OK, CARD_ERR_TRUNCATED},
		     {"local-use", "local-id-odd", CARD_OK, CARD_ERR_MALFORMED},
		     {"local-use", "empty-answer", CARD_ERR_MALFORMED, CARD_OK}};
	struct card_local_hello h;
	struct card_local_answer a;
	uint8_t right[32];

	(void)state;
	for (size_t i = 0; i < sizeof(cards) / sizeof(cards[0]); i++) {
		insert(cards[i].persona, cards[i].quirk);
		assert_ok(card_channel_begin(channel, 0));
		assert_int_equal(card_local_hello(channel, &h), cards[i].hello);
		if (cards[i].hello == CARD_OK) {
			prove(&h, right);
			assert_int_equal(
				card_local_prove(channel, card_grant_own_card(), digest, right, &a),
				cards[i].prove);
		}
		take_away();
	}
	/* A proof for another card, or with another secret. */
	insert("local-use", NULL);
	assert_ok(card_channel_begin(channel, 0));
	assert_ok(card_local_hello(channel, &h));
	h.reference[0] ^= 1;
	prove(&h, right);
	assert_int_equal(card_local_prove(channel, card_grant_own_card(), digest, right, &a),
			 CARD_ERR_UNTRUSTED);
	take_away();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hello_takes_three_commands_and_no_clearing),
		cmocka_unit_test(a_proof_takes_three_commands_and_one_that_closes),
		cmocka_unit_test(nothing_is_sent_without_a_grant),
		cmocka_unit_test(cards_without_it),
		cmocka_unit_test(odd_hellos),
		cmocka_unit_test(odd_answers_to_a_proof),
		cmocka_unit_test(a_lost_answer_leaves_nothing_open),
		cmocka_unit_test(a_terminal_needs_ten_commands),
		cmocka_unit_test(the_user_id_is_closed_after_the_transaction),
		cmocka_unit_test(quirks_that_are_tolerated),
		cmocka_unit_test(broken_and_strange_cards),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
