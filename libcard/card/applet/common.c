/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <card/common.h>
#include <card/sw.h>
#include <card/tlv.h>

#include "applet.h"
#include "key_reference.h"

#define EF_RECORD         0x0001u
#define EF_KEY_REFERENCE  0x0002u
#define EF_KEY            0x0019u
#define INS_GET_CHALLENGE 0x84u
#define INS_INTERNAL      0x88u
#define INS_GET_DATA      0xCAu
#define BLOCK             256u

/* card-spec 2.1 */
static const uint8_t card_manager_aid[] = {0xA0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00};

enum card_error card_common_select(card_channel_t *ch)
{
	return ch == NULL ? CARD_ERR_INVALID_ARGUMENT : card_channel_select(ch, aid_common);
}

/* card-spec 3.5: serial (15) ‖ municipality (5) ‖ expiry (8), all digits. */
static enum card_error parse_record(struct card_bytes record, struct card_common_record *out)
{
	struct card_bytes rest = record;
	struct card_tlv t;
	enum card_error err = card_simple_tlv_next(&rest, &t);

	if (err != CARD_OK)
		return err == CARD_ERR_NOT_FOUND ? CARD_ERR_MALFORMED : err;
	if (t.tag != 0x01 || t.value.n != 28)
		return CARD_ERR_MALFORMED;
	for (size_t i = 0; i < t.value.n; i++)
		if (t.value.p[i] < '0' || t.value.p[i] > '9')
			return CARD_ERR_MALFORMED;
	memcpy(out->serial, t.value.p, 15);
	memcpy(out->municipality, t.value.p + 15, 5);
	return card_date_parse(card_bytes(t.value.p + 20, 8), &out->expiry);
}

enum card_error card_common_record(card_channel_t *ch, struct card_common_record *out)
{
	uint8_t memory[BLOCK];
	card_buf_t b = card_buf_fixed(memory, sizeof(memory));
	enum card_error err;

	if (ch == NULL || out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	memset(out, 0, sizeof(*out));
	err = card_common_select(ch);
	if (err == CARD_OK)
		err = file_read_record(ch, EF_RECORD, 1, &b);
	if (err == CARD_OK)
		err = parse_record(card_buf_bytes(&b), out);
	if (err != CARD_OK)
		memset(out, 0, sizeof(*out));
	return err;
}

enum card_error key_reference_read(card_channel_t *ch, uint16_t file, uint8_t out[16])
{
	uint8_t memory[BLOCK];
	card_buf_t b = card_buf_fixed(memory, sizeof(memory));
	struct card_bytes rest;
	struct card_tlv t;
	enum card_error err = file_read_record(ch, file, 1, &b);

	if (err != CARD_OK)
		return err;
	rest = card_buf_bytes(&b);
	if (card_simple_tlv_next(&rest, &t) == CARD_OK && t.value.n == 16)
		memcpy(out, t.value.p, 16);
	else if (b.n == 16)
		memcpy(out, b.p, 16);
	else
		return CARD_ERR_MALFORMED;
	return CARD_OK;
}

enum card_error card_common_key_reference(card_channel_t *ch, uint8_t out[16])
{
	enum card_error err;

	if (out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	err = card_common_select(ch);
	return err == CARD_OK ? key_reference_read(ch, EF_KEY_REFERENCE, out) : err;
}

/* One command whose answer must be 9000. */
static enum card_error send(card_channel_t *ch, const struct card_apdu *cmd, card_buf_t *out)
{
	size_t before = out->n;
	enum card_error err = card_channel_transmit(ch, cmd, out);

	if (err == CARD_OK && card_channel_sw(ch) != CARD_SW_OK) {
		out->n = before;
		err = card_sw_error(card_channel_sw(ch));
	}
	return err;
}

enum card_error card_common_internal_authenticate(card_channel_t *ch, struct card_bytes challenge,
						  card_buf_t *out)
{
	struct card_apdu cmd = {.ins = INS_INTERNAL, .data = challenge, .le = BLOCK};
	enum card_error err;

	if (ch == NULL || out == NULL || challenge.p == NULL || challenge.n == 0 ||
	    challenge.n > 255)
		return CARD_ERR_INVALID_ARGUMENT;
	err = card_common_select(ch);
	if (err != CARD_OK)
		return err;
	cmd.p2 = 0x80 | EF_KEY;
	return send(ch, &cmd, out);
}

enum card_error card_get_challenge(card_channel_t *ch, size_t n, card_buf_t *out)
{
	struct card_apdu cmd = {.ins = INS_GET_CHALLENGE, .le = (uint32_t)n};
	size_t before;
	enum card_error err;

	if (ch == NULL || out == NULL || n == 0 || n > BLOCK)
		return CARD_ERR_INVALID_ARGUMENT;
	before = out->n;
	err = send(ch, &cmd, out);
	if (err == CARD_OK && out->n - before != n) {
		out->n = before;
		err = CARD_ERR_MALFORMED;
	}
	return err;
}

enum card_error card_data_object(card_channel_t *ch, enum card_data_object tag, card_buf_t *out)
{
	struct card_apdu cmd = {.ins = INS_GET_DATA, .le = BLOCK};
	enum card_error err;

	if (ch == NULL || out == NULL || (int)tag < 0 || (int)tag > 0xFFFF)
		return CARD_ERR_INVALID_ARGUMENT;
	err = card_channel_select(ch, card_bytes(card_manager_aid, sizeof(card_manager_aid)));
	if (err != CARD_OK)
		return err;
	cmd.p1 = (uint8_t)((unsigned)tag >> 8);
	cmd.p2 = (uint8_t)tag;
	err = send(ch, &cmd, out);
	/* card-spec 3.7: a large object wants the extended Le. */
	if (err == CARD_ERR_STATUS && card_channel_sw(ch) == CARD_SW_WRONG_LENGTH) {
		cmd.le = 65536;
		cmd.extended = true;
		err = send(ch, &cmd, out);
	}
	return err;
}
