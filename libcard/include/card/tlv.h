/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tlv.h — BER-TLV as this card writes it, and the simple TLV of its record files.
 *
 * card-spec 3.1: tags with a number below 31 may use the two-byte form (FF10, DF11), and
 * lengths may be longer than needed (82 00 9F). Both are accepted. Tags are numbers made of
 * their bytes, most significant first: 0x90, 0x7F21, 0xDF22. Definite lengths only.
 * Pure: no allocation, no I/O, no recursion.
 */
#ifndef CARD_TLV_H
#define CARD_TLV_H

#include <card/bytes.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CARD_TLV_TAG_BYTES_MAX 4u /* longer tags: CARD_ERR_MALFORMED */
#define CARD_TLV_DEPTH_MAX     8u

/* One object; all views point into the input. */
struct card_tlv {
	uint32_t tag;
	bool constructed;        /* bit 6 of the first tag byte */
	struct card_bytes whole; /* tag, length and value */
	struct card_bytes value;
};

/*
 * Take the first object off *rest. On error *rest is unchanged.
 * CARD_ERR_NOT_FOUND: *rest is empty or only filler (bytes FF or 00, card-spec 3.1);
 * CARD_ERR_TRUNCATED: the header or the value ends outside *rest;
 * CARD_ERR_MALFORMED: tag over 4 bytes, indefinite length, length over 4 bytes.
 */
CARD_API enum card_error card_tlv_next(struct card_bytes *rest, struct card_tlv *out);

/*
 * Length of the whole first object, from its first bytes alone (the value need not be there):
 * how much of a file to read. CARD_ERR_TRUNCATED: more bytes of the header are needed;
 * CARD_ERR_MALFORMED, CARD_ERR_NOT_FOUND as card_tlv_next.
 */
CARD_API enum card_error card_tlv_length(struct card_bytes start, size_t *whole);

/* The first object with this tag among those that follow each other in content.
 * CARD_ERR_NOT_FOUND, CARD_ERR_TRUNCATED, CARD_ERR_MALFORMED. */
CARD_API enum card_error card_tlv_find(struct card_bytes content, uint32_t tag,
				       struct card_tlv *out);

/* Walk every constructed object down to depth levels (at most CARD_TLV_DEPTH_MAX) and check
 * that lengths nest. CARD_ERR_MALFORMED also when deeper. */
CARD_API enum card_error card_tlv_check(struct card_bytes content, unsigned depth);

/* Append tag and length (shortest form), or the whole object. CARD_ERR_INVALID_ARGUMENT:
 * a tag whose bytes are no tag. Errors of card_buf_append. */
CARD_API enum card_error card_tlv_put_header(card_buf_t *out, uint32_t tag, size_t length);
CARD_API enum card_error card_tlv_put(card_buf_t *out, uint32_t tag, struct card_bytes value);

/*
 * Simple TLV (record files): one tag byte; length one byte, or FF and two bytes.
 * Errors as card_tlv_next; tags 00 and FF are filler.
 */
CARD_API enum card_error card_simple_tlv_next(struct card_bytes *rest, struct card_tlv *out);

#ifdef __cplusplus
}
#endif
#endif
