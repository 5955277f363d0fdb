/* SPDX-License-Identifier: Apache-2.0 */
/*
 * der.h — a strict cursor over DER (X.690 §10), for certificates, revocation
 * lists and OCSP answers.
 *
 * Nothing is allocated, copied or called recursively: a cursor walks the
 * elements of one level, and the value of a constructed element is walked by
 * another cursor of the caller. Only definite, minimal lengths of at most four
 * bytes and tags of one byte (numbers up to 30) are taken; X.509 needs no more.
 * The files of the card that bend these rules are read with tlv.h instead.
 *
 * Errors of every function unless it says otherwise:
 * CARD_ERR_TRUNCATED  the input ends before the element does;
 * CARD_ERR_MALFORMED  any other break of the encoding rules, or another tag
 *                     than expected. The cursor then stays where it was.
 */
#ifndef CARD_DER_H
#define CARD_DER_H

#include <card/bytes.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Tags (identifier octets) used by X.509. */
#define CARD_DER_BOOLEAN          0x01u
#define CARD_DER_INTEGER          0x02u
#define CARD_DER_BIT_STRING       0x03u
#define CARD_DER_OCTET_STRING     0x04u
#define CARD_DER_NULL             0x05u
#define CARD_DER_OID              0x06u
#define CARD_DER_ENUMERATED       0x0Au
#define CARD_DER_UTF8_STRING      0x0Cu
#define CARD_DER_PRINTABLE_STRING 0x13u
#define CARD_DER_TELETEX_STRING   0x14u
#define CARD_DER_IA5_STRING       0x16u
#define CARD_DER_UTC_TIME         0x17u
#define CARD_DER_GENERALIZED_TIME 0x18u
#define CARD_DER_UNIVERSAL_STRING 0x1Cu
#define CARD_DER_BMP_STRING       0x1Eu
#define CARD_DER_SEQUENCE         0x30u
#define CARD_DER_SET              0x31u
/* Context tags: primitive [n] and constructed [n]. */
#define CARD_DER_CONTEXT(n)             (0x80u | (n))
#define CARD_DER_CONTEXT_CONSTRUCTED(n) (0xA0u | (n))

/* What is left of one level. Made by card_der_over; copy it to look ahead. */
struct card_der {
	const uint8_t *p;
	const uint8_t *end;
};

/* One element. Views into the input. */
struct card_der_item {
	uint8_t tag;
	struct card_bytes value; /* the content octets */
	struct card_bytes whole; /* header and content */
};

CARD_API struct card_der card_der_over(struct card_bytes in);

/* true if nothing is left. */
CARD_API bool card_der_at_end(const struct card_der *c);

/* CARD_OK if nothing is left, else CARD_ERR_MALFORMED. */
CARD_API enum card_error card_der_finish(const struct card_der *c);

/* Tag of the next element, 0 at the end. Consumes nothing. */
CARD_API unsigned card_der_peek(const struct card_der *c);

/* Take the next element, whatever it is. */
CARD_API enum card_error card_der_next(struct card_der *c, struct card_der_item *out);

/* Take the next element, which must have this tag; its content goes to *value. */
CARD_API enum card_error card_der_take(struct card_der *c, unsigned tag, struct card_bytes *value);

/* Take the next element if it has this tag; *there says whether it was taken. */
CARD_API enum card_error card_der_take_optional(struct card_der *c, unsigned tag,
						struct card_bytes *value, bool *there);

/* Take a constructed element and go on inside it with *inner. */
CARD_API enum card_error card_der_enter(struct card_der *c, unsigned tag, struct card_der *inner);

/*
 * Whole length (header and content) of the element that begins at prefix.p, of
 * which only prefix.n bytes are known: 2 to 6 bytes are enough. The content
 * need not be there. CARD_ERR_TRUNCATED: the header itself is not complete.
 */
CARD_API enum card_error card_der_length(struct card_bytes prefix, size_t *whole);

/*
 * Walk one element through all its levels and check headers, nesting and the
 * rule that nothing follows it. At most max_depth (1 to CARD_DER_DEPTH_MAX)
 * constructed elements lie in one another. The content of primitive elements is not looked at.
 * CARD_ERR_TOO_LONG: deeper than max_depth.
 */
#define CARD_DER_DEPTH_MAX 32u
CARD_API enum card_error card_der_check(struct card_bytes in, unsigned max_depth);

/* ---- values; `content` is the content octets of an element ---- */

/* INTEGER or ENUMERATED: not empty and minimal. negative may be NULL. */
CARD_API enum card_error card_der_integer_check(struct card_bytes content, bool *negative);

/* A non-negative INTEGER without the leading zero octet (one 00 for zero).
 * CARD_ERR_MALFORMED: negative. */
CARD_API enum card_error card_der_unsigned(struct card_bytes content, struct card_bytes *magnitude);

/* A non-negative INTEGER or ENUMERATED that fits. CARD_ERR_TOO_LONG: it does not. */
CARD_API enum card_error card_der_u32(struct card_bytes content, uint32_t *out);

/* BOOLEAN: exactly one octet, 00 or FF. */
CARD_API enum card_error card_der_boolean(struct card_bytes content, bool *out);

/* BIT STRING: unused bits (0 to 7, the bits themselves 0) and the octets. */
CARD_API enum card_error card_der_bits(struct card_bytes content, unsigned *unused,
				       struct card_bytes *octets);

/* BIT STRING with named bits (X.690 §11.2.2: no trailing zero bits) of at most
 * 16 bits: bit n of ASN.1 becomes 1 << n. CARD_ERR_TOO_LONG: more bits. */
CARD_API enum card_error card_der_named_bits(struct card_bytes content, uint16_t *out);

/* OBJECT IDENTIFIER: not empty, minimal subidentifiers, complete. */
CARD_API enum card_error card_der_oid_check(struct card_bytes content);

/* Dotted decimal with NUL. CARD_ERR_BUFFER_TOO_SMALL; CARD_ERR_TOO_LONG: a
 * component above 2^64 - 1. out is then "" (if cap > 0). */
CARD_API enum card_error card_der_oid_text(struct card_bytes content, char *out, size_t cap);

/*
 * UTCTime YYMMDDHHMMSSZ (RFC 5280 §4.1.2.5.1: 50 to 99 are 19xx) or
 * GeneralizedTime YYYYMMDDHHMMSSZ, by tag, as seconds since 1970-01-01T00:00:00Z.
 */
CARD_API enum card_error card_der_time(unsigned tag, struct card_bytes content, int64_t *out);

/* CARD_OK if text is UTF-8 (no surrogates, no overlong forms, no NUL). */
CARD_API enum card_error card_der_utf8_check(struct card_bytes text);

#ifdef __cplusplus
}
#endif
#endif
