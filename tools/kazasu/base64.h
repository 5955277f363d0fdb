/* SPDX-License-Identifier: Apache-2.0 */
/* base64.h — octets in a JSON text (RFC 4648 §4). */
#ifndef KAZASU_BASE64_H
#define KAZASU_BASE64_H

#include <card/bytes.h>

/*
 * Append the octets of a text: the standard alphabet, padded, nothing else in it, unused bits zero
 * (RFC 4648 §3.3, §3.5: what is lenient here lets one value be written in two ways).
 * CARD_ERR_MALFORMED, and those of card_buf_append; *out is then as before.
 */
enum card_error kz_base64_read(const char *text, size_t n, card_buf_t *out);

#endif
