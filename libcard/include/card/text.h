/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text.h — 券面事項入力補助AP (card-spec 3.4): 個人番号 and the four attributes as text.
 *
 * Read conditions (card-spec 5.2): number after the PIN or number A; attributes after the PIN or
 * number B; integrity record after the PIN or A (B is disputed and tried); signed key after any.
 */
#ifndef CARD_TEXT_H
#define CARD_TEXT_H

#include <card/date.h>
#include <card/grant.h>
#include <card/pin.h>

#ifdef __cplusplus
extern "C" {
#endif

/* File 0002; views into the record, UTF-8 as on the card (checked to be UTF-8). */
struct card_text_attributes {
	struct card_bytes name; /* family, U+3000, given */
	struct card_bytes address;
	struct card_date birth;        /* {0} if the card's text is no date */
	char sex;                      /* '1', '2', '9', '0'; other values as they are */
	struct card_bytes signed_part; /* DF22 to the end: what DF32 is the digest of */
};

/* File 0003. */
struct card_text_integrity {
	struct card_bytes number_digest;     /* DF31: SHA-256 of the 17 physical bytes of 0001 */
	struct card_bytes attributes_digest; /* DF32 */
	struct card_bytes signed_part;       /* the DF31 and DF32 TLVs */
	struct card_bytes signature;         /* DF33 */
};

/* File 0007. */
struct card_text_key {
	struct card_bytes public_key;  /* DF51: 90/91 object of the card's own key */
	struct card_bytes signed_part; /* the DF51 TLV */
	struct card_bytes signature;   /* DF52 */
};

/* File 0005. */
struct card_text_info {
	uint8_t key_id[16]; /* DF42 */
};

CARD_API enum card_error card_text_select(card_channel_t *ch);

/* The attributes: SELECT + one command per 256 bytes. grant: CARD_OBJECT_ATTRIBUTES.
 * CARD_ERR_DENIED, CARD_ERR_SECURITY_STATUS, CARD_ERR_MALFORMED, CARD_ERR_TRUNCATED. */
CARD_API enum card_error card_text_read_attributes(card_channel_t *ch, const card_grant_t *grant,
						   card_buf_t *record,
						   struct card_text_attributes *out);

/* The 個人番号: number receives 12 digits and NUL; record (may be NULL) the 17 physical bytes
 * with their filler. grant: CARD_OBJECT_NUMBER. Errors as above. */
CARD_API enum card_error card_text_read_number(card_channel_t *ch, const card_grant_t *grant,
					       card_buf_t *record, char number[13]);

/* Integrity record, signed key, free information, card-verifiable certificate 0004. */
CARD_API enum card_error card_text_read_integrity(card_channel_t *ch, card_buf_t *record,
						  struct card_text_integrity *out);
CARD_API enum card_error card_text_read_key(card_channel_t *ch, card_buf_t *record,
					    struct card_text_key *out);
CARD_API enum card_error card_text_read_info(card_channel_t *ch, struct card_text_info *out);
CARD_API enum card_error card_text_read_certificate(card_channel_t *ch, card_buf_t *out);

/* Parse records that were read before. Pure. */
CARD_API enum card_error card_text_parse_attributes(struct card_bytes record,
						    struct card_text_attributes *out);
CARD_API enum card_error card_text_parse_integrity(struct card_bytes record,
						   struct card_text_integrity *out);
CARD_API enum card_error card_text_parse_key(struct card_bytes record, struct card_text_key *out);

/* True if 12 digits carry the right check digit (card-spec 9.1). */
CARD_API bool card_number_valid(const char *number);

#ifdef __cplusplus
}
#endif
#endif
