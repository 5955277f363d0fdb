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

/* 外字: the private use areas of Unicode hold what a municipality drew itself. */
static bool gaiji(uint32_t c)
{
	return (c >= 0xE000 && c <= 0xF8FF) || (c >= 0xF0000 && c <= 0x10FFFD);
}

/* U+FF66 to U+FF9D as full-width katakana (Unicode, Halfwidth and Fullwidth Forms). */
static uint32_t full_kana(uint32_t c)
{
	static const uint16_t full[] = {
		0x30F2, 0x30A1, 0x30A3, 0x30A5, 0x30A7, 0x30A9, 0x30E3, 0x30E5, 0x30E7, 0x30C3,
		0x30FC, 0x30A2, 0x30A4, 0x30A6, 0x30A8, 0x30AA, 0x30AB, 0x30AD, 0x30AF, 0x30B1,
		0x30B3, 0x30B5, 0x30B7, 0x30B9, 0x30BB, 0x30BD, 0x30BF, 0x30C1, 0x30C4, 0x30C6,
		0x30C8, 0x30CA, 0x30CB, 0x30CC, 0x30CD, 0x30CE, 0x30CF, 0x30D2, 0x30D5, 0x30D8,
		0x30DB, 0x30DE, 0x30DF, 0x30E0, 0x30E1, 0x30E2, 0x30E4, 0x30E6, 0x30E8, 0x30E9,
		0x30EA, 0x30EB, 0x30EC, 0x30ED, 0x30EF, 0x30F3};

	return c >= 0xFF66 && c <= 0xFF9D ? full[c - 0xFF66] : 0;
}

/* A half-width kana and the voicing mark behind it are one full-width character. */
static uint32_t voiced(uint32_t c, const char **at)
{
	const char *ahead = *at;
	const uint32_t mark = next(&ahead);
	const bool row_h = c >= 0x30CF && c <= 0x30DB;
	const bool can = (c >= 0x30AB && c <= 0x30C8 && c != 0x30C3) || row_h;

	if (c == 0x30A6 && mark == 0xFF9E) {
		*at = ahead;
		return 0x30F4; /* ヴ */
	}
	if (!can || (mark != 0xFF9E && !(row_h && mark == 0xFF9F)))
		return c;
	*at = ahead;
	return c + (mark == 0xFF9E ? 1 : 2);
}

/* ひらがな as カタカナ, small kana as full-sized ones. */
static uint32_t kana(uint32_t c)
{
	static const uint16_t small[][2] = {{0x30A1, 0x30A2}, {0x30A3, 0x30A4}, {0x30A5, 0x30A6},
					    {0x30A7, 0x30A8}, {0x30A9, 0x30AA}, {0x30C3, 0x30C4},
					    {0x30E3, 0x30E4}, {0x30E5, 0x30E6}, {0x30E7, 0x30E8},
					    {0x30EE, 0x30EF}};

	if (c >= 0x3041 && c <= 0x3096)
		c += 0x60;
	for (size_t i = 0; i < sizeof small / sizeof *small; i++) {
		if (c == small[i][0])
			return small[i][1];
	}
	return c;
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
static uint32_t next_letter(const char **at, uint32_t *glyph, bool *spaced, bool *narrow)
{
	uint32_t c;
	const char *ahead;

	*glyph = 0;
	*spaced = *narrow = false;
	while (blank(c = next(at)))
		*spaced = true;
	if (full_kana(c) != 0) {
		c = voiced(full_kana(c), at);
		*narrow = true;
	}
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
		bool spaced_a, spaced_b, narrow_a, narrow_b;

		x = next_letter(&a, &glyph_a, &spaced_a, &narrow_a);
		y = next_letter(&b, &glyph_b, &spaced_b, &narrow_b);
		if (spaced_a != spaced_b)
			*marks |= FLOW_NAME_SPACING;
		if (x == 0 && y == 0)
			return true;
		if (x == 0 || y == 0)
			return false;
		if (narrow_a != narrow_b)
			*marks |= FLOW_NAME_WIDTH;
		if (x == y) {
			*marks |= glyph_a != glyph_b ? FLOW_NAME_VARIANT : 0;
		} else if (substitute(x) || substitute(y)) {
			*marks |= FLOW_NAME_SUBSTITUTED;
		} else if (gaiji(x) || gaiji(y)) {
			*marks |= FLOW_NAME_GAIJI;
		} else if (kana(x) == kana(y)) {
			*marks |= FLOW_NAME_KANA;
		} else if (half(x) == half(y)) {
			*marks |= FLOW_NAME_WIDTH;
		} else if (lower(half(x)) == lower(half(y))) {
			*marks |= FLOW_NAME_CASE |
				  (half(x) != x || half(y) != y ? FLOW_NAME_WIDTH : 0);
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

static const struct {
	enum flow_name_mark mark;
	const char *name, *text[2]; /* English, Japanese */
} marks_known[] = {
	{FLOW_NAME_SUBSTITUTED,
	 "substituted",
	 {"one side has a substitute character (代替文字)", "一方が代替文字です"}},
	{FLOW_NAME_VARIANT,
	 "variant",
	 {"the same character in another form", "同じ文字の異体字です"}},
	{FLOW_NAME_SPACING, "spacing", {"blanks differ", "空白が異なります"}},
	{FLOW_NAME_WIDTH, "width", {"full and half width differ", "全角と半角が異なります"}},
	{FLOW_NAME_CASE, "case", {"capitals differ", "大文字と小文字が異なります"}},
	{FLOW_NAME_FORMER, "former", {"the card bears the former name (旧氏)", "旧氏と一致します"}},
	{FLOW_NAME_ALIAS, "alias", {"the card bears the alias (通称)", "通称と一致します"}},
	{FLOW_NAME_GAIJI,
	 "gaiji",
	 {"one side has a character of its own (外字): compare it by eye",
	  "一方が外字です。目で確かめてください"}},
	{FLOW_NAME_KANA, "kana", {"kana are written differently", "かなの書き方が異なります"}},
};

const char *flow_name_mark_name(enum flow_name_mark m)
{
	for (size_t i = 0; i < sizeof marks_known / sizeof *marks_known; i++) {
		if (marks_known[i].mark == m)
			return marks_known[i].name;
	}
	return "";
}

const char *flow_name_mark_text(enum flow_name_mark m, enum card_lang lang)
{
	for (size_t i = 0; i < sizeof marks_known / sizeof *marks_known; i++) {
		if (marks_known[i].mark == m)
			return marks_known[i].text[lang == CARD_LANG_JA];
	}
	return "";
}
