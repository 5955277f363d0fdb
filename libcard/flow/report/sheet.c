/* SPDX-License-Identifier: Apache-2.0 */
#include "sheet.h"

#include <stdlib.h>
#include <string.h>

#include <card/secret.h>

#define WIDTH_MAX 60.0

struct ink sheet_ink(enum flow_tone tone)
{
	static const struct ink inks[] = {
		{31, 41, 55}, {22, 101, 52}, {179, 38, 30}, {133, 77, 14}};

	return inks[tone];
}

struct ink sheet_paper(enum flow_tone tone)
{
	static const struct ink papers[] = {
		{243, 244, 246}, {236, 247, 240}, {253, 238, 237}, {254, 246, 228}};

	return papers[tone];
}

/* ---- clean text ---- */

/* One character of UTF-8 (RFC 3629), or 0 bytes if there is none. */
static size_t decode(const uint8_t *p, size_t n, uint32_t *code)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const size_t length = p[0] < 0x80             ? 1
			      : (p[0] & 0xE0) == 0xC0 ? 2
			      : (p[0] & 0xF0) == 0xE0 ? 3
			      : (p[0] & 0xF8) == 0xF0 ? 4
						      : 0;

	if (length == 0 || length > n)
		return 0;
	*code = length == 1 ? p[0] : p[0] & (0x7Fu >> length);
	for (size_t i = 1; i < length; i++) {
		if ((p[i] & 0xC0) != 0x80)
			return 0;
		*code = *code << 6 | (p[i] & 0x3Fu);
	}
	if (*code < least[length] || *code > 0x10FFFF || (*code >= 0xD800 && *code <= 0xDFFF))
		return 0;
	return length;
}

/* Controls but the line feed, and what turns the direction of writing (UAX #9) or is no
 * character of XML, so that a name cannot show as another. */
static bool unfit(uint32_t c)
{
	return (c < 0x20 && c != '\n') || (c >= 0x7F && c < 0xA0) || c == 0x200E || c == 0x200F ||
	       c == 0x061C || (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) ||
	       c == 0xFEFF || (c & 0xFFFE) == 0xFFFE;
}

static char *clean(const char *text)
{
	const size_t n = text != NULL ? strlen(text) : 0;
	char *out = malloc(3 * n + 1);
	size_t used = 0;

	if (out == NULL)
		return NULL;
	for (size_t i = 0; i < n;) {
		uint32_t code = 0;
		const size_t length = decode((const uint8_t *)text + i, n - i, &code);

		if (length == 0 || unfit(code)) {
			memcpy(out + used, "\xEF\xBF\xBD", 3);
			used += 3;
		} else {
			memcpy(out + used, text + i, length);
			used += length;
		}
		i += length == 0 ? 1 : length;
	}
	out[used] = '\0';
	return out;
}

static void wipe(char **text)
{
	if (*text != NULL)
		card_wipe(*text, strlen(*text));
	free(*text);
	*text = NULL;
}

/* ---- the sheet ---- */

enum card_error flow_sheet_new(flow_sheet_t **out, const char *title, enum card_lang lang)
{
	flow_sheet_t *s = calloc(1, sizeof(*s));

	*out = NULL;
	if (s == NULL)
		return CARD_ERR_NO_MEMORY;
	s->lang = lang;
	s->title = clean(title);
	s->mark = clean("");
	s->foot = clean("");
	if (s->title == NULL || s->mark == NULL || s->foot == NULL) {
		flow_sheet_free(&s);
		return CARD_ERR_NO_MEMORY;
	}
	*out = s;
	return CARD_OK;
}

void flow_sheet_free(flow_sheet_t **s)
{
	if (s == NULL || *s == NULL)
		return;
	for (size_t i = 0; i < (*s)->n; i++) {
		wipe(&(*s)->blocks[i].first);
		wipe(&(*s)->blocks[i].second);
		card_buf_free(&(*s)->blocks[i].picture);
	}
	free((*s)->blocks);
	wipe(&(*s)->title);
	wipe(&(*s)->mark);
	wipe(&(*s)->foot);
	free(*s);
	*s = NULL;
}

static void replace(flow_sheet_t *s, char **text, const char *by)
{
	char *made = s->err == CARD_OK ? clean(by) : NULL;

	if (made == NULL) {
		s->err = s->err == CARD_OK ? CARD_ERR_NO_MEMORY : s->err;
		return;
	}
	wipe(text);
	*text = made;
}

void flow_sheet_mark(flow_sheet_t *s, const char *mark)
{
	replace(s, &s->mark, mark);
}

void flow_sheet_foot(flow_sheet_t *s, const char *text)
{
	replace(s, &s->foot, text);
}

static struct block *add(flow_sheet_t *s, enum block_kind kind, const char *first,
			 const char *second)
{
	struct block b = {.kind = kind};

	if (s->err != CARD_OK)
		return NULL;
	if (s->n == s->cap) {
		const size_t cap = s->cap > 0 ? 2 * s->cap : 32;
		struct block *more = reallocarray(s->blocks, cap, sizeof(*more));

		if (more == NULL) {
			s->err = CARD_ERR_NO_MEMORY;
			return NULL;
		}
		s->blocks = more;
		s->cap = cap;
	}
	b.first = clean(first);
	b.second = clean(second);
	if (b.first == NULL || b.second == NULL) {
		wipe(&b.first);
		wipe(&b.second);
		s->err = CARD_ERR_NO_MEMORY;
		return NULL;
	}
	s->blocks[s->n] = b;
	return &s->blocks[s->n++];
}

void flow_sheet_verdict(flow_sheet_t *s, enum flow_tone tone, const char *word,
			const char *sentence)
{
	struct block *b = add(s, BLOCK_VERDICT, word, sentence);

	if (b != NULL)
		b->tone = tone;
}

void flow_sheet_heading(flow_sheet_t *s, const char *text)
{
	(void)add(s, BLOCK_HEADING, text, NULL);
}

void flow_sheet_row(flow_sheet_t *s, const char *label, const char *value)
{
	(void)add(s, BLOCK_ROW, label, value);
}

void flow_sheet_item(flow_sheet_t *s, enum flow_tone tone, const char *text)
{
	struct block *b = add(s, BLOCK_ITEM, text, NULL);

	if (b != NULL)
		b->tone = tone;
}

void flow_sheet_text(flow_sheet_t *s, const char *text)
{
	(void)add(s, BLOCK_TEXT, text, NULL);
}

void flow_sheet_picture(flow_sheet_t *s, struct card_bytes png, double width, const char *what)
{
	/* PNG 5.2 */
	static const uint8_t signature[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
	struct block *b;

	if (s->err == CARD_OK &&
	    (png.n < sizeof signature || memcmp(png.p, signature, sizeof signature) != 0))
		s->err = CARD_ERR_MALFORMED;
	b = add(s, BLOCK_PICTURE, what, NULL);
	if (b == NULL)
		return;
	b->width = width > 0 && width < WIDTH_MAX ? width : WIDTH_MAX;
	s->err = card_buf_append(&b->picture, png);
}

void flow_sheet_page(flow_sheet_t *s)
{
	(void)add(s, BLOCK_PAGE, NULL, NULL);
}

enum card_error flow_sheet_write(const flow_sheet_t *s, enum flow_sheet_form form, card_buf_t *out)
{
	if (s->err != CARD_OK)
		return s->err;
	return form == FLOW_SHEET_PDF ? sheet_write_pdf(s, out) : sheet_write_html(s, out);
}
