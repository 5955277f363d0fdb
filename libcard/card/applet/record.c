/* SPDX-License-Identifier: Apache-2.0 */
#include "record.h"

#include <string.h>

enum card_error record_open(struct card_bytes record, uint32_t tag, struct card_bytes *content)
{
	struct card_bytes rest = record;
	struct card_tlv outer;
	enum card_error err = card_tlv_next(&rest, &outer);

	if (err == CARD_ERR_NOT_FOUND)
		return CARD_ERR_TRUNCATED;
	if (err != CARD_OK)
		return err;
	if (outer.tag != tag)
		return CARD_ERR_MALFORMED;
	*content = outer.value;
	return CARD_OK;
}

enum card_error record_field(struct card_bytes content, uint32_t tag, struct card_tlv *out)
{
	enum card_error err = card_tlv_find(content, tag, out);

	return err == CARD_ERR_NOT_FOUND ? CARD_ERR_MALFORMED : err;
}

enum card_error record_field_sized(struct card_bytes content, uint32_t tag, size_t n,
				   struct card_tlv *out)
{
	enum card_error err = record_field(content, tag, out);

	return err == CARD_OK && out->value.n != n ? CARD_ERR_MALFORMED : err;
}

struct card_bytes record_span(const struct card_tlv *a, const struct card_tlv *b)
{
	const uint8_t *end = b->whole.p + b->whole.n;

	return end > a->whole.p ? card_bytes(a->whole.p, (size_t)(end - a->whole.p))
				: card_bytes(NULL, 0);
}

bool record_before(const struct card_tlv *a, const struct card_tlv *b)
{
	return a->whole.p + a->whole.n <= b->whole.p;
}

struct card_date record_date(struct card_bytes value)
{
	struct card_date d = {0};

	(void)card_date_parse(value, &d);
	return d;
}

static bool starts(struct card_bytes b, const void *with, size_t n)
{
	return b.n >= n && memcmp(b.p, with, n) == 0;
}

bool record_is_png(struct card_bytes b)
{
	return starts(b, "\x89PNG\r\n\x1A\n", 8);
}

bool record_is_jp2(struct card_bytes b)
{
	/* ISO 15444-1: signature box I.5.1, or a bare code stream SOC + SIZ, A.4. */
	return starts(b, "\0\0\0\x0CjP  \r\n\x87\n", 12) || starts(b, "\xFF\x4F\xFF\x51", 4);
}

bool record_is_utf8(struct card_bytes b)
{
	size_t i = 0;

	while (i < b.n) {
		uint8_t c = b.p[i];
		size_t more = c < 0x80 ? 0 : c < 0xE0 ? 1 : c < 0xF0 ? 2 : 3;
		uint32_t v = more == 0   ? c
			     : more == 1 ? c & 0x1Fu
			     : more == 2 ? c & 0x0Fu
					 : c & 0x07u;
		static const uint32_t least[] = {1, 0x80, 0x800, 0x10000};

		if ((c >= 0x80 && c < 0xC2) || c > 0xF4 || more > b.n - i - 1)
			return false;
		for (size_t k = 1; k <= more; k++) {
			if ((b.p[i + k] & 0xC0u) != 0x80)
				return false;
			v = v << 6 | (b.p[i + k] & 0x3Fu);
		}
		if (v < least[more] || v > 0x10FFFF || (v >= 0xD800 && v <= 0xDFFF))
			return false;
		i += more + 1;
	}
	return true;
}
