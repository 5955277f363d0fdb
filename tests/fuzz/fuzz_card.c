/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole dialogue with a card whose answers are the input. Besides not crashing: a command whose
 * loss leaves something open is never sent twice in a row, and with one try left none is sent.
 */
#include <string.h>

#include <card/apdu.h>
#include <card/sw.h>

#include "dialogue.h"
#include "fuzz.h"

struct card {
	struct fuzz_input in;
	uint8_t lost[512]; /* the counting command whose answer was lost last */
	size_t lost_len;
	int tries; /* what the last retry query said, -1 unless it did */
};

static void check_command(struct card *c, struct card_bytes cmd, const struct card_apdu *apdu)
{
	if (!card_apdu_counts(apdu))
		return;
	fuzz_require(c->lost_len == 0 || !card_bytes_equal(card_bytes(c->lost, c->lost_len), cmd));
	if (apdu->ins == 0x20)
		fuzz_require(c->tries != 0 && c->tries != 1);
}

static enum card_error transmit(void *ctx, struct card_bytes cmd, uint8_t *resp, size_t cap,
				size_t *len, bool *maybe_executed)
{
	struct card *c = ctx;
	struct card_apdu apdu;
	struct card_bytes answer;
	size_t n;

	fuzz_require(card_apdu_decode(cmd, &apdu) == CARD_OK);
	check_command(c, cmd, &apdu);
	c->lost_len = 0;
	if (c->in.n < 2) {
		*maybe_executed = true;
		n = 0xFFFF;
	} else {
		n = fuzz_byte(&c->in);
		n |= (size_t)fuzz_byte(&c->in) << 8;
	}
	if (n == 0xFFFF) {
		uint8_t e = fuzz_byte(&c->in);
		unsigned error = e & 0x7Fu;

		*maybe_executed = c->in.n == 0 || (e & 0x80u) != 0;
		if (card_apdu_counts(&apdu) && *maybe_executed && cmd.n <= sizeof(c->lost)) {
			memcpy(c->lost, cmd.p, cmd.n);
			c->lost_len = cmd.n;
		}
		/* What a transport may say (reader.h): the caller's and the reader's errors. */
		return error > 0 && error <= CARD_ERR_RESET ? (enum card_error)error
							    : CARD_ERR_REMOVED;
	}
	answer = fuzz_take(&c->in, n);
	if (answer.n > cap)
		return CARD_ERR_TOO_LONG;
	if (answer.n > 0)
		memcpy(resp, answer.p, answer.n);
	*len = answer.n;
	c->tries = -1;
	if (apdu.ins == 0x20 && apdu.data.n == 0 && answer.n == 2)
		c->tries = card_sw_tries((uint16_t)(answer.p[0] << 8 | answer.p[1]));
	return CARD_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct card_reader_ops ops = {.transmit = transmit};
	struct card card = {.in = {data, size}, .tries = -1};
	card_reader_t *reader = NULL;
	card_channel_t *channel = NULL;
	uint8_t choice = fuzz_byte(&card.in), which = fuzz_byte(&card.in);

	fuzz_require(card_reader_new(&reader, &ops, &card) == CARD_OK);
	if ((choice & DIALOGUE_FAIL) != 0)
		fuzz_fail_allocation(which);
	if (card_channel_new(&channel, reader) == CARD_OK)
		dialogue_play(channel, choice);
	fuzz_fail_allocation(0);
	card_channel_free(&channel);
	card_reader_free(&reader);
	return 0;
}
