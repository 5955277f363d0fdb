/* SPDX-License-Identifier: Apache-2.0 */
#include <card/juki.h>

#include "applet.h"
#include "key_reference.h"

#define EF_KEY_REFERENCE 0x0002u

enum card_error card_juki_select(card_channel_t *ch)
{
	return ch == NULL ? CARD_ERR_INVALID_ARGUMENT : card_channel_select(ch, aid_juki);
}

enum card_error card_juki_key_reference(card_channel_t *ch, uint8_t out[16])
{
	enum card_error err;

	if (out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	err = card_juki_select(ch);
	return err == CARD_OK ? key_reference_read(ch, EF_KEY_REFERENCE, out) : err;
}
