/* SPDX-License-Identifier: Apache-2.0 */
/* name_compare.c — are these two writings one name? Differences are named, not removed. */
#include <cardflow/register.h>

#include <string.h>

/* The next character; 0 at the end. Texts were checked to be UTF-8. */
static uint32_t next(const char **at)
{
	const unsigned char *p = (const unsigned char *)*at;
	const size_t n = p[0] < 0x80 ? 1 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
	uint32_t c = n == 1 ? p[0] : p[0] & (0x7Fu >> n);

	if (*p == '\0')
		return 0;
	for (size_t i = 1; i < n && p[i] != '\0'; i++)
		c = c << 6 | (p[i] & 0x3Fu);
	*at += n;
	return c;
}

/* Unicode: variation selectors 1–16 and the ideographic ones 17–256. */
static bool selector(uint32_t c)
{
	return (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0xE0100 && c <= 0xE01EF);
}

static bool blank(uint32_t c)
{
	return c == ' ' || c == 0x3000 || c == 0xA0;
}

/* What registers and cards put for a character they cannot write: 〓, U+FFFD, ●. */
static bool substitute(uint32_t c)
{
	return c == 0x3013 || c == 0xFFFD || c == 0x25CF;
}

static uint32_t half(uint32_t c)
{
	return c >= 0xFF01 && c <= 0xFF5E ? c - 0xFEE0 : c;
}

static uint32_t lower(uint32_t c)
{
	return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

/* The next character that counts; what is passed over is marked by the caller. */
static uint32_t next_letter(const char **at, uint32_t *glyph, bool *spaced)
{
	uint32_t c;
	const char *ahead;

	*glyph = 0;
	*spaced = false;
	while (blank(c = next(at)))
		*spaced = true;
	ahead = *at;
	if (c != 0 && selector(next(&ahead))) {
		const char *from = *at;

		*glyph = next(&from);
		*at = ahead;
	}
	return c;
}

static bool same(const char *a, const char *b, unsigned *marks)
{
	*marks = 0;
	for (;;) {
		uint32_t glyph_a, glyph_b, x, y;
		bool spaced_a, spaced_b;

		x = next_letter(&a, &glyph_a, &spaced_a);
		y = next_letter(&b, &glyph_b, &spaced_b);
		if (spaced_a != spaced_b)
			*marks |= FLOW_NAME_SPACING;
		if (x == 0 && y == 0)
			return true;
		if (x == 0 || y == 0)
			return false;
		if (x == y) {
			*marks |= glyph_a != glyph_b ? FLOW_NAME_VARIANT : 0;
		} else if (substitute(x) || substitute(y)) {
			*marks |= FLOW_NAME_SUBSTITUTED;
		} else if (half(x) == half(y)) {
			*marks |= FLOW_NAME_WIDTH;
		} else if (lower(half(x)) == lower(half(y))) {
			*marks |= FLOW_NAME_CASE | (half(x) != x || half(y) != y ? FLOW_NAME_WIDTH : 0);
		} else {
			return false;
		}
	}
}

bool flow_name_compare(const char *card, const char *registered, const char *former,
		       const char *alias, unsigned *marks)
{
	if (card == NULL || registered == NULL || marks == NULL)
		return false;
	if (same(card, registered, marks))
		return true;
	if (former != NULL && *former != '\0' && same(card, former, marks)) {
		*marks |= FLOW_NAME_FORMER;
		return true;
	}
	if (alias != NULL && *alias != '\0' && same(card, alias, marks)) {
		*marks |= FLOW_NAME_ALIAS;
		return true;
	}
	*marks = 0;
	return false;
}
