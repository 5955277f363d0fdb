/* SPDX-License-Identifier: Apache-2.0 */
/*
 * front_code.h — the picture of a page in black and white, small enough for the field of dots.
 *
 *     "KZF1"  width u16  height u16  dpi u16  length u32   (big-endian)
 *     length bytes: zlib over rows of bits (1 is black, padded to bytes), each row XORed with the
 *     row above it
 */
#ifndef CARDFLOW_FRONT_CODE_H
#define CARDFLOW_FRONT_CODE_H

#include <cardflow/grey.h>

#include <card/bytes.h>

/* Code a page of 300 dpi at the finest of 200, 150, 120, 100 dpi that fits into `room` bytes;
 * appended to out. CARD_ERR_TOO_LONG: none does. */
enum card_error front_encode(const struct flow_grey *front, size_t room, card_buf_t *out);

/* Decode; used: bytes of the code within `in`, the rest being padding. Pixels become 0 or 255.
 * CARD_ERR_MALFORMED, CARD_ERR_TRUNCATED. */
enum card_error front_decode(struct card_bytes in, struct flow_grey *out, uint32_t *dpi,
			     size_t *used);

#endif
