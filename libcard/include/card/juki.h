/* SPDX-License-Identifier: Apache-2.0 */
/*
 * juki.h — 住基AP (card-spec 3.6). Its data is not readable with published knowledge; what is
 * offered are the PIN (pin.h) and the key reference.
 */
#ifndef CARD_JUKI_H
#define CARD_JUKI_H

#include <card/channel.h>

#ifdef __cplusplus
extern "C" {
#endif

CARD_API enum card_error card_juki_select(card_channel_t *ch);

/* File 0002, record 1: the 16-byte key reference. SELECT + 1. CARD_ERR_NOT_FOUND, CARD_ERR_MALFORMED. */
CARD_API enum card_error card_juki_key_reference(card_channel_t *ch, uint8_t out[16]);

#ifdef __cplusplus
}
#endif
#endif
