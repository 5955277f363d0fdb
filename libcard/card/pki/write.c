/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "pki_write.h"

/* Header of an element; its length. */
static size_t header(uint8_t out[6], unsigned tag, size_t n)
{
	out[0] = (uint8_t)tag;
	if (n < 0x80) {
		out[1] = (uint8_t)n;
		return 2;
	}
	size_t octets = n < 0x100 ? 1 : n < 0x10000 ? 2 : n < 0x1000000 ? 3 : 4;
	out[1] = (uint8_t)(0x80 | octets);
	for (size_t i = 0; i < octets; i++)
		out[2 + i] = (uint8_t)(n >> (8 * (octets - 1 - i)));
	return 2 + octets;
}

enum card_error pki_put(card_buf_t *out, unsigned tag, struct card_bytes content)
{
	uint8_t head[6];
	size_t n = header(head, tag, content.n);
	enum card_error err = card_buf_append(out, card_bytes(head, n));
	return err ? err : card_buf_append(out, content);
}

enum card_error pki_wrap(card_buf_t *out, size_t from, unsigned tag)
{
	uint8_t head[6];
	size_t content = out->n - from, n = header(head, tag, content);
	enum card_error err = card_buf_append(out, card_bytes(head, n));
	if (err)
		return err;
	memmove(out->p + from + n, out->p + from, content);
	memcpy(out->p + from, head, n);
	return CARD_OK;
}
