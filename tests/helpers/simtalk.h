/* SPDX-License-Identifier: Apache-2.0 */
/*
 * simtalk.h — dialogues with a virtual card, typed by hand in hexadecimal.
 */
#ifndef TESTS_SIMTALK_H
#define TESTS_SIMTALK_H

#include <stddef.h>
#include <stdint.h>

#include <card/sim.h>

/* AIDs and SELECTs: card-spec 2.1, 4.1. */
#define SELECT_JPKI    "00A4040C0AD392F000260100000001"
#define SELECT_SURFACE "00A4040C0AD3921000310001010402"
#define SELECT_TEXT    "00A4040C0AD3921000310001010408"
#define SELECT_JUKI    "00A4040C0AD3921000310001010401"
#define SELECT_COMMON  "00A4040C0AD3921000310001010100"
#define SELECT_ISD     "00A4040C07A0000001510000"

/* VERIFY data of the test person: card-spec 10.4 and the test PINs. */
#define DATA_A     "353337363836363737313838"
#define DATA_B     "3535303231373230333532323835"
#define DATA_BIRTH "353530323137"
#define DATA_1234  "31323334"
#define DATA_WRONG "39393939"
#define DATA_SIGN  "414243313233"

/* The answer of the last say(), without its status word. */
extern uint8_t told[70000];
extern size_t told_n;

/* A card for a test; fails the test with the card's own words. quirks: names
 * with a blank between, or NULL. */
card_sim_t *simtalk_card(const char *persona, const char *quirks);
card_sim_t *simtalk_card_with(const char *persona, struct card_sim_options opt);

/*
 * Send a command; the answer, data and status word, must be `expected`: hex, with
 * at most one '*' that stands for any bytes. Returns the number of data bytes.
 */
#define say(card, command, expected) say_at(card, command, expected, __FILE__, __LINE__)
size_t say_at(card_sim_t *card, const char *command, const char *expected, const char *file,
	      int line);

/* The whole current EF by READ BINARY until 6B00; its length. */
size_t simtalk_read_all(card_sim_t *card, uint8_t *out, size_t cap);

/* Hexadecimal of bytes (static, overwritten) and back. */
const char *simtalk_hex(const uint8_t *p, size_t n);
size_t simtalk_bytes(const char *hex, uint8_t *out, size_t cap);

/* build/fixtures, found as the card finds it. Static. */
const char *simtalk_fixtures(void);

/* The value of the first BER-TLV with this tag at or inside p (one level). NULL: none. */
const uint8_t *simtalk_tlv(const uint8_t *p, size_t n, unsigned tag, size_t *len);

#endif
