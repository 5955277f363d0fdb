/* SPDX-License-Identifier: Apache-2.0 */
#include <card/sw.h>
#include <card/tlv.h>

#include "applet.h"

#define INS_READ_BINARY 0xB0u
#define INS_READ_RECORD 0xB2u
#define OFFSET_MAX      0x7FFFu /* 15 bits: card-spec 4.1 */
#define SHORT_ID_MAX    0x1Eu   /* card-spec 3.1: 0001–001E have a short id */
#define SW_END          0x6282u

bool short_id_refused(uint16_t sw)
{
	return sw == CARD_SW_P1P2 || sw == CARD_SW_FUNCTION || sw == CARD_SW_OFFSET ||
	       sw == CARD_SW_FILE_NOT_FOUND || sw == CARD_SW_NO_CURRENT_EF ||
	       sw == CARD_SW_NO_DATA_OBJECT;
}

static bool has_short_id(uint16_t file)
{
	return file >= 1 && file <= SHORT_ID_MAX;
}

static enum card_error read_at(card_channel_t *ch, uint8_t p1, uint8_t p2, size_t want,
			       card_buf_t *out, size_t *got)
{
	struct card_apdu read = {.ins = INS_READ_BINARY, .p1 = p1, .p2 = p2, .le = (uint32_t)want};
	size_t before = out->n;
	enum card_error err = card_channel_transmit(ch, &read, out);

	*got = out->n - before;
	return err;
}

/* What the status word of a read means. End of the file is CARD_OK with nothing got. */
static enum card_error read_result(card_channel_t *ch, size_t offset, card_buf_t *out,
				   size_t before)
{
	uint16_t sw = card_channel_sw(ch);

	if (sw == CARD_SW_OK || sw == SW_END)
		return CARD_OK;
	out->n = before;
	if (sw == CARD_SW_OFFSET && offset > 0)
		return CARD_OK;
	return card_sw_error(sw);
}

static enum card_error read_selected(card_channel_t *ch, uint16_t file, size_t offset, size_t want,
				     card_buf_t *out, size_t *got)
{
	enum card_error err = card_channel_select_file(ch, file);

	if (err != CARD_OK)
		return err;
	return read_at(ch, (uint8_t)(offset >> 8), (uint8_t)offset, want, out, got);
}

enum card_error file_read_block(card_channel_t *ch, uint16_t file, size_t offset, size_t want,
				card_buf_t *out, size_t *got)
{
	size_t before = out->n;
	bool refused = false;
	enum card_error err;

	*got = 0;
	if (offset > OFFSET_MAX || want == 0 || want > card_channel_block(ch))
		return CARD_ERR_TOO_LONG;
	/* At offset 0 the short form makes the file current; later blocks go on from there. */
	if (offset == 0 && has_short_id(file) && card_channel_short_ids(ch)) {
		err = read_at(ch, (uint8_t)(0x80u | file), 0, want, out, got);
		refused = err == CARD_OK && short_id_refused(card_channel_sw(ch));
		if (err == CARD_OK && !refused)
			card_channel_set_file(ch, card_channel_sw(ch) == CARD_SW_OK ? file : 0);
		if (refused) {
			out->n = before;
			card_channel_set_file(ch, 0);
			err = read_selected(ch, file, offset, want, out, got);
			if (err == CARD_OK && card_channel_sw(ch) == CARD_SW_OK)
				card_channel_refuse_short_ids(ch, file);
		}
	} else {
		err = read_selected(ch, file, offset, want, out, got);
	}
	if (err == CARD_OK)
		err = read_result(ch, offset, out, before);
	if (err != CARD_OK)
		out->n = before;
	*got = out->n - before;
	return err;
}

/* The card answered, with a status word that is no: nothing was lost, and another form may do. */
static bool answered(enum card_error err)
{
	return err != CARD_ERR_REMOVED && err != CARD_ERR_RESET &&
	       err != CARD_ERR_OUTCOME_UNKNOWN && err != CARD_ERR_NO_MEMORY &&
	       err != CARD_ERR_SECURITY_STATUS;
}

enum card_error file_read_rest(card_channel_t *ch, uint16_t file, size_t whole, size_t before,
			       card_buf_t *out)
{
	size_t had = out->n;

	while (out->n - before < whole) {
		size_t offset = out->n - before, got = 0;
		size_t block = card_channel_block(ch);
		size_t want = whole - offset < block ? whole - offset : block;
		enum card_error err = file_read_block(ch, file, offset, want, out, &got);

		/* A card without extended lengths says so in one of many ways. */
		if ((err != CARD_OK || got == 0) && want > CARD_BLOCK_SHORT && answered(err)) {
			card_channel_set_block(ch, CARD_BLOCK_SHORT);
			continue;
		}
		if (err == CARD_OK && got == 0)
			err = CARD_ERR_TRUNCATED;
		if (err == CARD_OK && got > want)
			err = CARD_ERR_MALFORMED;
		if (err != CARD_OK) {
			out->n = had;
			return err;
		}
	}
	return CARD_OK;
}

enum card_error file_read_object(card_channel_t *ch, uint16_t file, file_length_fn *length,
				 size_t max, card_buf_t *out)
{
	size_t before = out->n, got = 0, whole = 0;
	enum card_error err = file_read_block(ch, file, 0, CARD_BLOCK_SHORT, out, &got);

	if (err == CARD_OK && got > CARD_BLOCK_SHORT)
		err = CARD_ERR_MALFORMED;
	if (err == CARD_OK)
		err = length(card_bytes(out->p == NULL ? NULL : out->p + before, got), &whole);
	if (err == CARD_OK && whole > max)
		err = CARD_ERR_TOO_LONG;
	if (err == CARD_OK && whole <= got)
		out->n = before + whole; /* what follows is filler */
	if (err == CARD_OK)
		err = file_read_rest(ch, file, whole, before, out);
	if (err != CARD_OK)
		out->n = before;
	return err;
}

enum card_error file_read_tlv(card_channel_t *ch, uint16_t file, card_buf_t *out)
{
	return file_read_object(ch, file, card_tlv_length, RECORD_MAX, out);
}

enum card_error file_read_view(card_channel_t *ch, uint16_t file, card_buf_t *out,
			       struct card_bytes *view)
{
	size_t before = out->n;
	enum card_error err = file_read_tlv(ch, file, out);

	if (err == CARD_OK)
		*view = card_bytes(out->p + before, out->n - before);
	return err;
}

enum card_error file_read_in(card_channel_t *ch, struct card_bytes aid, uint32_t secrets,
			     uint16_t file, card_buf_t *out, struct card_bytes *view)
{
	enum card_error err = card_channel_select(ch, aid);

	if (err == CARD_OK && secrets != 0)
		err = access_needs(ch, secrets);
	return err == CARD_OK ? file_read_view(ch, file, out, view) : err;
}

enum card_error file_read_record(card_channel_t *ch, uint16_t file, uint8_t record, card_buf_t *out)
{
	struct card_apdu read = {
		.ins = INS_READ_RECORD, .p1 = record, .p2 = 0x04, .le = CARD_BLOCK_SHORT};
	size_t before = out->n;
	enum card_error err;

	if (card_channel_short_ids(ch)) {
		read.p2 = (uint8_t)(file << 3 | 0x04);
		err = card_channel_transmit(ch, &read, out);
		if (err != CARD_OK)
			return err;
		if (!short_id_refused(card_channel_sw(ch)))
			goto answered;
		out->n = before;
		read.p2 = 0x04;
	}
	err = card_channel_select_file(ch, file);
	if (err == CARD_OK)
		err = card_channel_transmit(ch, &read, out);
	if (err != CARD_OK)
		return err;
	if (card_channel_sw(ch) == CARD_SW_OK)
		card_channel_refuse_short_ids(ch, file);
answered:
	if (card_channel_sw(ch) != CARD_SW_OK)
		out->n = before;
	return card_sw_error(card_channel_sw(ch));
}
