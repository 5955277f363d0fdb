/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <card/common.h>
#include <card/local.h>
#include <card/secret.h>
#include <card/sw.h>
#include <card/tlv.h>

#include "applet.h"
#include "channel_notes.h"

/* docs/issuance.md, 条例利用AP: our assumption. */
#define EF_USER_ID 0x0001u
#define EF_ABOUT   0x0002u
#define EF_KEYS    0x0016u

#define TAG_USER_ID      0xC1u
#define TAG_MUNICIPALITY 0xC2u
#define TAG_REFERENCE    0xC3u

#define INS_MUTUAL 0x82u /* ISO/IEC 7816-4: EXTERNAL (MUTUAL) AUTHENTICATE */
#define BLOCK      256u

enum card_error card_local_select(card_channel_t *ch)
{
	return ch == NULL ? CARD_ERR_INVALID_ARGUMENT : card_channel_select(ch, aid_local);
}

/* The value of the object that must come next, of this tag and length. */
static enum card_error field(struct card_bytes *rest, uint32_t tag, size_t least, size_t most,
			     struct card_bytes *value)
{
	struct card_tlv t;
	enum card_error err = card_tlv_next(rest, &t);

	if (err != CARD_OK)
		return err == CARD_ERR_NOT_FOUND ? CARD_ERR_MALFORMED : err;
	if (t.tag != tag || t.value.n < least || t.value.n > most)
		return CARD_ERR_MALFORMED;
	*value = t.value;
	return CARD_OK;
}

/* Two objects one after the other; the file is short, one block holds it. */
static enum card_error read_about(card_channel_t *ch, struct card_local_hello *out)
{
	uint8_t memory[BLOCK];
	card_buf_t b = card_buf_fixed(memory, sizeof(memory));
	struct card_bytes rest, municipality, reference;
	size_t got;
	enum card_error err = file_read_block(ch, EF_ABOUT, 0, BLOCK, &b, &got);

	rest = card_buf_bytes(&b);
	if (err == CARD_OK)
		err = field(&rest, TAG_MUNICIPALITY, 5, 5, &municipality);
	if (err == CARD_OK)
		err = field(&rest, TAG_REFERENCE, CARD_LOCAL_REFERENCE, CARD_LOCAL_REFERENCE,
			    &reference);
	for (size_t i = 0; err == CARD_OK && i < municipality.n; i++)
		if (municipality.p[i] < '0' || municipality.p[i] > '9')
			err = CARD_ERR_MALFORMED;
	if (err != CARD_OK)
		return err;
	memcpy(out->municipality, municipality.p, 5);
	memcpy(out->reference, reference.p, CARD_LOCAL_REFERENCE);
	return CARD_OK;
}

enum card_error card_local_hello(card_channel_t *ch, struct card_local_hello *out)
{
	enum card_error err;

	if (ch == NULL || out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	memset(out, 0, sizeof(*out));
	err = card_local_select(ch);
	if (err == CARD_OK)
		err = read_about(ch, out);
	if (err == CARD_OK) {
		card_buf_t b = card_buf_fixed(out->challenge, sizeof(out->challenge));

		err = card_get_challenge(ch, CARD_LOCAL_CHALLENGE, &b);
	}
	if (err != CARD_OK)
		memset(out, 0, sizeof(*out));
	return err;
}

/* By short file id where the card takes it, else with the file selected first. */
static enum card_error send(card_channel_t *ch, struct card_apdu *cmd, card_buf_t *out)
{
	enum card_error err;

	if (card_channel_short_ids(ch)) {
		err = card_channel_transmit(ch, cmd, out);
		if (err != CARD_OK || !short_id_refused(card_channel_sw(ch)))
			return err;
	}
	err = card_channel_select_file(ch, EF_KEYS);
	if (err != CARD_OK)
		return err;
	cmd->p2 = 0x80;
	out->n = 0;
	return card_channel_transmit(ch, cmd, out);
}

static enum card_error authenticate(card_channel_t *ch, const uint8_t *digest, const uint8_t *proof,
				    uint8_t response[CARD_LOCAL_RESPONSE])
{
	uint8_t said[CARD_LOCAL_DIGEST + CARD_LOCAL_PROOF], memory[BLOCK];
	struct card_apdu cmd = {.ins = INS_MUTUAL,
				.p2 = 0x80 | EF_KEYS,
				.data = card_bytes(said, sizeof(said)),
				.le = CARD_LOCAL_RESPONSE};
	card_buf_t b = card_buf_fixed(memory, sizeof(memory));
	enum card_error err;

	memcpy(said, digest, CARD_LOCAL_DIGEST);
	memcpy(said + CARD_LOCAL_DIGEST, proof, CARD_LOCAL_PROOF);
	/* Whatever becomes of it, the card may be open now: the end of the transaction closes it. */
	card_channel_notes(ch)->opened = true;
	err = send(ch, &cmd, &b);
	if (err != CARD_OK)
		return err;
	if (card_channel_sw(ch) == CARD_SW_NO_LIMIT || card_channel_sw(ch) == CARD_SW_CONDITIONS ||
	    card_channel_sw(ch) == CARD_SW_SECURITY_STATUS)
		return CARD_ERR_UNTRUSTED;
	if (card_channel_sw(ch) != CARD_SW_OK)
		return card_sw_error(card_channel_sw(ch));
	if (b.n != CARD_LOCAL_RESPONSE)
		return CARD_ERR_MALFORMED;
	memcpy(response, b.p, CARD_LOCAL_RESPONSE);
	return CARD_OK;
}

static enum card_error read_user_id(card_channel_t *ch, char out[CARD_LOCAL_USER_ID_MAX + 1])
{
	uint8_t memory[BLOCK];
	card_buf_t b = card_buf_fixed(memory, sizeof(memory));
	struct card_bytes rest, id;
	size_t got;
	enum card_error err = file_read_block(ch, EF_USER_ID, 0, BLOCK, &b, &got);

	rest = card_buf_bytes(&b);
	if (err == CARD_OK)
		err = field(&rest, TAG_USER_ID, 1, CARD_LOCAL_USER_ID_MAX, &id);
	for (size_t i = 0; err == CARD_OK && i < id.n; i++)
		if (id.p[i] < '!' || id.p[i] > '~')
			err = CARD_ERR_MALFORMED;
	if (err == CARD_OK)
		memcpy(out, id.p, id.n);
	card_wipe(memory, sizeof(memory));
	return err;
}

enum card_error card_local_prove(card_channel_t *ch, const card_grant_t *grant,
				 const uint8_t digest[CARD_LOCAL_DIGEST],
				 const uint8_t proof[CARD_LOCAL_PROOF],
				 struct card_local_answer *out)
{
	enum card_error err;

	if (ch == NULL || digest == NULL || proof == NULL || out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	memset(out, 0, sizeof(*out));
	if (!card_grant_permits(grant, CARD_OBJECT_USER_ID))
		return CARD_ERR_DENIED;
	err = card_local_select(ch);
	if (err == CARD_OK)
		err = authenticate(ch, digest, proof, out->response);
	if (err == CARD_OK)
		err = read_user_id(ch, out->user_id);
	if (err != CARD_OK)
		card_wipe(out, sizeof(*out));
	return err;
}
