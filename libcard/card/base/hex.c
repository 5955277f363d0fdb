/* SPDX-License-Identifier: Apache-2.0 */
#include <card/bytes.h>

enum card_error card_hex_encode(struct card_bytes in, char *out, size_t cap)
{
	static const char digits[] = "0123456789ABCDEF";

	if (out == NULL || (in.p == NULL && in.n > 0))
		return CARD_ERR_INVALID_ARGUMENT;
	if (cap == 0 || (cap - 1) / 2 < in.n) {
		if (cap > 0)
			out[0] = '\0';
		return CARD_ERR_BUFFER_TOO_SMALL;
	}
	for (size_t i = 0; i < in.n; i++) {
		out[2 * i] = digits[in.p[i] >> 4];
		out[2 * i + 1] = digits[in.p[i] & 0x0F];
	}
	out[2 * in.n] = '\0';
	return CARD_OK;
}

static int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

static enum card_error decode_into(const char *text, card_buf_t *out)
{
	while (*text != '\0') {
		int high, low;
		enum card_error err;

		if (*text == ' ' || *text == '\t' || *text == ':' || *text == '\n' ||
		    *text == '\r') {
			text++;
			continue;
		}
		high = nibble(text[0]);
		low = high < 0 ? -1 : nibble(text[1]);
		if (low < 0)
			return CARD_ERR_MALFORMED;
		err = card_buf_append_byte(out, (uint8_t)(high << 4 | low));
		if (err != CARD_OK)
			return err;
		text += 2;
	}
	return CARD_OK;
}

enum card_error card_hex_decode(const char *text, card_buf_t *out)
{
	size_t before;
	enum card_error err;

	if (text == NULL || out == NULL)
		return CARD_ERR_INVALID_ARGUMENT;
	before = out->n;
	err = decode_into(text, out);
	if (err != CARD_OK)
		out->n = before;
	return err;
}
