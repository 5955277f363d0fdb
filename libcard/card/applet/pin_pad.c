/* SPDX-License-Identifier: Apache-2.0 */
/* Numeric secrets typed on the keys of the reader: no value passes through here. */
#include "applet.h"
#include "channel_notes.h"
#include "pin_internal.h"

#define PINPAD_TIMEOUT_S 30u
#define LANG_ID_JAPANESE 0x0411u
#define LANG_ID_ENGLISH  0x0409u
#define PINPAD_FILL      0xFFu
#define DIGITS_MAX       16u

/* The command with the places of the digits filled, and the request around it. */
static struct card_pinpad_request request(const struct pin_info *info, enum card_lang lang,
					  const struct card_apdu *command,
					  uint8_t apdu[5 + DIGITS_MAX])
{
	uint8_t max = info->format.max;

	apdu[0] = command->cla;
	apdu[1] = command->ins;
	apdu[2] = command->p1;
	apdu[3] = command->p2;
	apdu[4] = max;
	for (size_t i = 0; i < max; i++)
		apdu[5 + i] = PINPAD_FILL;
	return (struct card_pinpad_request){
		.apdu = card_bytes(apdu, 5u + max),
		.min_digits = info->format.min,
		.max_digits = max,
		.language = lang == CARD_LANG_JA ? LANG_ID_JAPANESE : LANG_ID_ENGLISH,
		.timeout_s = PINPAD_TIMEOUT_S,
	};
}

/* The table has no numeric secret longer than DIGITS_MAX. */
static bool fits_pad(const card_channel_t *ch, const struct pin_info *info, unsigned features)
{
	return info->format.digits && info->format.max <= DIGITS_MAX &&
	       (card_reader_features(card_channel_reader(ch)) & features) == features;
}

/* Both blocks name the current EF: a refused short id would cost the person a second entry. */
static enum card_error present(card_channel_t *ch, enum card_pin pin, enum card_lang lang,
			       unsigned flags, int *tries)
{
	static const struct card_apdu verify = {.ins = INS_VERIFY, .p2 = 0x80};
	const struct pin_info *info = pin_info(pin);
	struct card_pinpad_request req;
	uint8_t apdu[5 + DIGITS_MAX];
	enum card_error err = pin_may_present(ch, pin, flags, tries);

	if (err == CARD_OK)
		err = card_channel_select_file(ch, info->file);
	if (err != CARD_OK)
		return err;
	req = request(info, lang, &verify, apdu);
	pin_note_tries(ch, pin, CHANNEL_NOT_ASKED);
	err = card_channel_pinpad(ch, &req);
	if (err == CARD_OK)
		return pin_verify_result(ch, pin, tries);
	if (err == CARD_ERR_OUTCOME_UNKNOWN)
		*tries = CARD_TRIES_UNKNOWN;
	return err;
}

enum card_error card_pin_verify_pinpad(card_channel_t *ch, enum card_pin pin, enum card_lang lang,
				       unsigned flags, int *tries)
{
	int left = CARD_TRIES_UNKNOWN;
	enum card_error err;

	if (ch == NULL || pin_info(pin) == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	if (!fits_pad(ch, pin_info(pin), CARD_READER_PINPAD_VERIFY))
		return CARD_ERR_UNSUPPORTED;
	err = present(ch, pin, lang, flags, &left);
	if (tries != NULL)
		*tries = left;
	return err;
}

enum card_error card_pin_change_pinpad(card_channel_t *ch, enum card_pin pin, enum card_lang lang,
				       unsigned flags, int *tries)
{
	const struct pin_info *info = pin_info(pin);
	struct card_pinpad_request req;
	struct card_apdu change;
	uint8_t apdu[5 + DIGITS_MAX];
	int left = CARD_TRIES_UNKNOWN;
	enum card_error err;

	if (tries != NULL)
		*tries = CARD_TRIES_UNKNOWN;
	if (ch == NULL || info == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	if (info->change == NO_CHANGE ||
	    !fits_pad(ch, info, CARD_READER_PINPAD_VERIFY | CARD_READER_PINPAD_CHANGE))
		return CARD_ERR_UNSUPPORTED;
	err = present(ch, pin, lang, flags, &left);
	if (tries != NULL)
		*tries = left;
	if (err != CARD_OK)
		return err;
	/* The file stayed the current one. */
	pin_change_header(pin, &change);
	req = request(info, lang, &change, apdu);
	req.change = true;
	err = card_channel_pinpad(ch, &req);
	return err == CARD_OK ? pin_change_result(ch) : err;
}
