/* SPDX-License-Identifier: Apache-2.0 */
/* What the content octets of primitive elements mean (X.690 §8, §11). */
#include <stdio.h>
#include <string.h>

#include <card/date.h>
#include <card/der.h>

enum card_error card_der_integer_check(struct card_bytes content, bool *negative)
{
	if (content.n == 0)
		return CARD_ERR_MALFORMED;
	/* X.690 §8.3.2: the first nine bits are not all the same. */
	if (content.n > 1) {
		if (content.p[0] == 0x00 && content.p[1] < 0x80)
			return CARD_ERR_MALFORMED;
		if (content.p[0] == 0xFF && content.p[1] >= 0x80)
			return CARD_ERR_MALFORMED;
	}
	if (negative)
		*negative = content.p[0] >= 0x80;
	return CARD_OK;
}

enum card_error card_der_unsigned(struct card_bytes content, struct card_bytes *magnitude)
{
	bool negative;
	enum card_error err = card_der_integer_check(content, &negative);
	if (err)
		return err;
	if (negative)
		return CARD_ERR_MALFORMED;
	if (content.n > 1 && content.p[0] == 0)
		content = card_bytes(content.p + 1, content.n - 1);
	*magnitude = content;
	return CARD_OK;
}

enum card_error card_der_u32(struct card_bytes content, uint32_t *out)
{
	struct card_bytes m;
	enum card_error err = card_der_unsigned(content, &m);
	if (err)
		return err;
	if (m.n > 4)
		return CARD_ERR_TOO_LONG;
	uint32_t v = 0;
	for (size_t i = 0; i < m.n; i++)
		v = v << 8 | m.p[i];
	*out = v;
	return CARD_OK;
}

enum card_error card_der_boolean(struct card_bytes content, bool *out)
{
	if (content.n != 1 || (content.p[0] != 0x00 && content.p[0] != 0xFF))
		return CARD_ERR_MALFORMED;
	*out = content.p[0] == 0xFF;
	return CARD_OK;
}

enum card_error card_der_bits(struct card_bytes content, unsigned *unused,
			      struct card_bytes *octets)
{
	if (content.n == 0 || content.p[0] > 7)
		return CARD_ERR_MALFORMED;
	unsigned u = content.p[0];
	if (content.n == 1 && u != 0)
		return CARD_ERR_MALFORMED;
	/* X.690 §11.2.1: unused bits are zero. */
	if (content.n > 1 && (content.p[content.n - 1] & ((1u << u) - 1)) != 0)
		return CARD_ERR_MALFORMED;
	*unused = u;
	*octets = card_bytes(content.p + 1, content.n - 1);
	return CARD_OK;
}

enum card_error card_der_named_bits(struct card_bytes content, uint16_t *out)
{
	unsigned unused;
	struct card_bytes o;
	enum card_error err = card_der_bits(content, &unused, &o);
	if (err)
		return err;
	if (o.n > 2)
		return CARD_ERR_TOO_LONG;
	uint16_t v = 0;
	for (unsigned bit = 0; bit < 8 * o.n - unused; bit++) {
		if (o.p[bit / 8] & (0x80u >> (bit % 8)))
			v = (uint16_t)(v | 1u << bit);
	}
	if (o.n > 0 && !(o.p[o.n - 1] & (1u << unused)))
		return CARD_ERR_MALFORMED;
	*out = v;
	return CARD_OK;
}

enum card_error card_der_oid_check(struct card_bytes content)
{
	if (content.n == 0 || (content.p[content.n - 1] & 0x80))
		return CARD_ERR_MALFORMED;
	bool start = true;
	for (size_t i = 0; i < content.n; i++) {
		if (start && content.p[i] == 0x80)
			return CARD_ERR_MALFORMED;
		start = !(content.p[i] & 0x80);
	}
	return CARD_OK;
}

/* Append decimal digits (and a dot before them unless first). */
static enum card_error put_arc(char *out, size_t cap, size_t *at, uint64_t v)
{
	int n = snprintf(out + *at, cap - *at, *at ? ".%llu" : "%llu", (unsigned long long)v);
	if (n < 0 || (size_t)n >= cap - *at)
		return CARD_ERR_BUFFER_TOO_SMALL;
	*at += (size_t)n;
	return CARD_OK;
}

static enum card_error oid_text(struct card_bytes content, char *out, size_t cap)
{
	enum card_error err = card_der_oid_check(content);
	if (err)
		return err;
	size_t at = 0;
	uint64_t v = 0;
	bool first = true;
	for (size_t i = 0; i < content.n; i++) {
		if (v >> 57)
			return CARD_ERR_TOO_LONG;
		v = v << 7 | (content.p[i] & 0x7Fu);
		if (content.p[i] & 0x80)
			continue;
		/* X.690 §8.19.4: the first subidentifier holds two components. */
		if (first) {
			uint64_t root = v < 40 ? 0 : v < 80 ? 1 : 2;
			err = put_arc(out, cap, &at, root);
			if (err)
				return err;
			v -= 40 * root;
			first = false;
		}
		err = put_arc(out, cap, &at, v);
		if (err)
			return err;
		v = 0;
	}
	return CARD_OK;
}

enum card_error card_der_oid_text(struct card_bytes content, char *out, size_t cap)
{
	if (!out || cap == 0)
		return CARD_ERR_BUFFER_TOO_SMALL;
	enum card_error err = oid_text(content, out, cap);
	if (err)
		out[0] = '\0';
	return err;
}

static bool two_digits(const uint8_t *p, int *out)
{
	if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9')
		return false;
	*out = (p[0] - '0') * 10 + (p[1] - '0');
	return true;
}

enum card_error card_der_time(unsigned tag, struct card_bytes content, int64_t *out)
{
	bool utc = tag == CARD_DER_UTC_TIME;
	if (!utc && tag != CARD_DER_GENERALIZED_TIME)
		return CARD_ERR_MALFORMED;
	if (content.n != (utc ? 13u : 15u) || content.p[content.n - 1] != 'Z')
		return CARD_ERR_MALFORMED;
	int century = 0;
	int f[6]; /* year in the century, month, day, hour, minute, second */
	const uint8_t *p = content.p;
	if (!utc) {
		if (!two_digits(p, &century))
			return CARD_ERR_MALFORMED;
		p += 2;
	}
	for (int i = 0; i < 6; i++) {
		if (!two_digits(p + 2 * i, &f[i]))
			return CARD_ERR_MALFORMED;
	}
	if (utc)
		century = f[0] >= 50 ? 19 : 20;
	struct card_date d = {(int16_t)(century * 100 + f[0]), (uint8_t)f[1], (uint8_t)f[2]};
	if (card_time_from_utc(d, f[3], f[4], f[5], out))
		return CARD_ERR_MALFORMED;
	return CARD_OK;
}

enum card_error card_der_utf8_check(struct card_bytes text)
{
	size_t i = 0;
	while (i < text.n) {
		uint8_t b = text.p[i++];
		if (b == 0)
			return CARD_ERR_MALFORMED;
		if (b < 0x80)
			continue;
		/* RFC 3629 §4: lead octet, number of octets after it, smallest value. */
		size_t more = b >= 0xF0 ? 3 : b >= 0xE0 ? 2 : 1;
		static const uint32_t least[4] = {0, 0x80, 0x800, 0x10000};
		if (b < 0xC2 || b > 0xF4 || text.n - i < more)
			return CARD_ERR_MALFORMED;
		uint32_t v = b & (0x3Fu >> more);
		for (size_t k = 0; k < more; k++) {
			if ((text.p[i] & 0xC0) != 0x80)
				return CARD_ERR_MALFORMED;
			v = v << 6 | (text.p[i++] & 0x3Fu);
		}
		if (v < least[more] || v > 0x10FFFF || (v >= 0xD800 && v <= 0xDFFF))
			return CARD_ERR_MALFORMED;
	}
	return CARD_OK;
}
