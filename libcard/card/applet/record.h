/* SPDX-License-Identifier: Apache-2.0 */
/* Walking the fixed records of the surface and text applications. */
#ifndef CARD_RECORD_H
#define CARD_RECORD_H

#include <card/date.h>
#include <card/tlv.h>

/*
 * Open the outer object of a record: its tag must be this one and its content nest properly.
 * CARD_ERR_MALFORMED, CARD_ERR_TRUNCATED.
 */
enum card_error record_open(struct card_bytes record, uint32_t tag, struct card_bytes *content);

/* The object with a tag; absent is CARD_ERR_MALFORMED. */
enum card_error record_field(struct card_bytes content, uint32_t tag, struct card_tlv *out);

/* The same, with a value of exactly n bytes. */
enum card_error record_field_sized(struct card_bytes content, uint32_t tag, size_t n,
				   struct card_tlv *out);

/* From the start of object a to the end of object b, both within one record; NULL-safe never. */
struct card_bytes record_span(const struct card_tlv *a, const struct card_tlv *b);

/* True if object a ends before object b begins: what is signed must stand where the signature
 * covers it. */
bool record_before(const struct card_tlv *a, const struct card_tlv *b);

/* A date of 8 digits, {0} if it is none: some holders' dates are partly unknown. */
struct card_date record_date(struct card_bytes value);

/* Starts like a PNG, or like a JPEG 2000 file or code stream. */
bool record_is_png(struct card_bytes b);
bool record_is_jp2(struct card_bytes b);

/* True if b is well-formed UTF-8 without NUL. */
bool record_is_utf8(struct card_bytes b);

#endif
