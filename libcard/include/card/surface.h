/* SPDX-License-Identifier: Apache-2.0 */
/*
 * surface.h — 券面事項確認AP (card-spec 3.3): what is printed on the card, as signed images.
 *
 * A record is read into a buffer of the caller; the parsed struct holds views into it and is
 * valid as long as that buffer is unchanged. Read conditions (card-spec 5.2): age record after
 * CARD_PIN_SURFACE_BIRTH; face after number B or A; number image after number A only.
 */
#ifndef CARD_SURFACE_H
#define CARD_SURFACE_H

#include <card/date.h>
#include <card/grant.h>
#include <card/pin.h>

#ifdef __cplusplus
extern "C" {
#endif

/* File 0001. */
struct card_surface_age {
	struct card_date birth;
	struct card_bytes public_key;  /* 90/91 object, 265 bytes */
	struct card_bytes signed_part; /* the TLVs before the signature */
	struct card_bytes signature;
};

/* File 0002. */
struct card_surface_face {
	struct card_date birth; /* {0} if the card's text is no date */
	char sex;               /* '1' male, '2' female, '9' not applicable, '0' not known */
	struct card_bytes name_png, address_png; /* 1-bit PNG */
	struct card_bytes photo_jp2;             /* JPEG 2000, greyscale */
	struct card_bytes public_key;
	struct card_bytes signature;
	struct card_date expiry;             /* outside the signature */
	struct card_bytes security_code_png; /* outside the signature; may be empty */
	struct card_bytes part[3];           /* the three ranges that DF28 signs the hashes of */
};

/* File 0003. */
struct card_surface_info {
	uint8_t key_id[16];
	char municipality[6]; /* 5 digits */
};

/* File 0005. */
struct card_surface_number {
	struct card_bytes number_png; /* 72 x 12, 1-bit */
	struct card_bytes public_key;
	struct card_bytes signed_part;
	struct card_bytes signature;
};

CARD_API enum card_error card_surface_select(card_channel_t *ch);

/*
 * Read and parse. grant: CARD_OBJECT_BIRTH, CARD_OBJECT_FACE, CARD_OBJECT_NUMBER_IMAGE.
 * SELECT + one command per 256 bytes. CARD_ERR_DENIED: grant, or a secret was presented in this
 * transaction that the access matrix says cannot open the file (no command); CARD_ERR_SECURITY_STATUS;
 * CARD_ERR_MALFORMED / CARD_ERR_TRUNCATED: the record breaks card-spec 3.3 (also a photo that is
 * too short to be one).
 */
CARD_API enum card_error card_surface_read_age(card_channel_t *ch, const card_grant_t *grant,
					       card_buf_t *record, struct card_surface_age *out);
CARD_API enum card_error card_surface_read_face(card_channel_t *ch, const card_grant_t *grant,
						card_buf_t *record, struct card_surface_face *out);
CARD_API enum card_error card_surface_read_number(card_channel_t *ch, const card_grant_t *grant,
						  card_buf_t *record,
						  struct card_surface_number *out);

/* Free files: basic information 0003, card-verifiable certificate 0004 (cvc.h parses it). */
CARD_API enum card_error card_surface_read_info(card_channel_t *ch, struct card_surface_info *out);
CARD_API enum card_error card_surface_read_certificate(card_channel_t *ch, card_buf_t *out);

/* Parse records that were read before. Pure. */
CARD_API enum card_error card_surface_parse_age(struct card_bytes record,
						struct card_surface_age *out);
CARD_API enum card_error card_surface_parse_face(struct card_bytes record,
						 struct card_surface_face *out);
CARD_API enum card_error card_surface_parse_number(struct card_bytes record,
						   struct card_surface_number *out);

#ifdef __cplusplus
}
#endif
#endif
