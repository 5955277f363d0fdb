/* SPDX-License-Identifier: Apache-2.0 */
#include "base64.h"

/* Six bits of a character, or -1. */
static int value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Four characters, of which `digits` are no padding, to digits - 1 octets. */
static bool quad(const char *text, size_t digits, uint8_t out[3])
{
	uint32_t bits = 0;

	for (size_t i = 0; i < 4; i++) {
		const int v = i < digits ? value(text[i]) : 0;

		if (v < 0)
			return false;
		bits = bits << 6 | (uint32_t)v;
	}
	for (size_t i = 0; i < 3; i++)
		out[i] = (uint8_t)(bits >> (16 - 8 * i));
	return (digits > 3 || out[2] == 0) && (digits > 2 || out[1] == 0);
}

enum card_error kz_base64_read(const char *text, size_t n, card_buf_t *out)
{
	const size_t before = out->n;
	size_t padding = 0;
	enum card_error err = n % 4 == 0 ? CARD_OK : CARD_ERR_MALFORMED;

	while (padding < 2 && padding < n && text[n - 1 - padding] == '=')
		padding++;
	if (err == CARD_OK)
		err = card_buf_reserve(out, n / 4 * 3);
	for (size_t i = 0; i < n && err == CARD_OK; i += 4) {
		const size_t digits = i + 4 == n ? 4 - padding : 4;
		uint8_t octets[3];

		err = quad(text + i, digits, octets)
			      ? card_buf_append(out, card_bytes(octets, digits - 1))
			      : CARD_ERR_MALFORMED;
	}
	if (err != CARD_OK)
		out->n = before;
	return err;
}
