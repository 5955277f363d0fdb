/* SPDX-License-Identifier: Apache-2.0 */
/*
 * common.h — 共通カードAP (card-spec 3.5) and the card-level data objects (3.7).
 */
#ifndef CARD_COMMON_H
#define CARD_COMMON_H

#include <card/channel.h>
#include <card/date.h>

#ifdef __cplusplus
extern "C" {
#endif

/* File 0001, record 1. */
struct card_common_record {
	char serial[16];      /* 15 digits: the last 13 are the manufacture number */
	char municipality[6]; /* 5 digits */
	struct card_date expiry;
};

/* Tags of card_common_data_object. */
enum card_data_object {
	CARD_DATA_ISSUER_ID = 0x0042,
	CARD_DATA_CARD_ID = 0x0045,
	CARD_DATA_RECOGNITION = 0x0066,
	CARD_DATA_MUNICIPALITY = 0x00F0,
	CARD_DATA_EXPIRY = 0x00F2,
	CARD_DATA_INTERMEDIATE_KEY_ID = 0x00F7,
	CARD_DATA_ROOT_CERTIFICATE = 0x00F8,  /* root to intermediate, contents without 7F21 */
	CARD_DATA_LOWER_CERTIFICATE = 0x7F21, /* intermediate to lower; absent on older cards */
	CARD_DATA_ATR = 0x5F51
};

CARD_API enum card_error card_common_select(card_channel_t *ch);

/* SELECT + 1. CARD_ERR_NOT_FOUND, CARD_ERR_MALFORMED, CARD_ERR_TRUNCATED. */
CARD_API enum card_error card_common_record(card_channel_t *ch, struct card_common_record *out);

/* File 0002, record 1: the 16-byte key reference. */
CARD_API enum card_error card_common_key_reference(card_channel_t *ch, uint8_t out[16]);

/* INTERNAL AUTHENTICATE with key 0019: challenge 1–255 bytes. Its public half is not on the
 * card, so nothing can be concluded from it yet. */
CARD_API enum card_error card_common_internal_authenticate(card_channel_t *ch,
							   struct card_bytes challenge,
							   card_buf_t *out);

/* n random bytes (1–256) from the card, in any application. */
CARD_API enum card_error card_get_challenge(card_channel_t *ch, size_t n, card_buf_t *out);

/* GET DATA at card level: the card manager is selected first unless it is current. A large
 * object costs one command more (extended Le). CARD_ERR_NOT_FOUND: absent (6A88). */
CARD_API enum card_error card_data_object(card_channel_t *ch, enum card_data_object tag,
					  card_buf_t *out);

#ifdef __cplusplus
}
#endif
#endif
