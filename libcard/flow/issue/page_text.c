/* SPDX-License-Identifier: Apache-2.0 */
/* page_text.c — text that is drawn whole or not at all. */
#include "page.h"

#include <hb.h>
#include <string.h>

static bool is_selector(gunichar u)
{
	return (u >= 0xFE00 && u <= 0xFE0F) || (u >= 0xE0100 && u <= 0xE01EF);
}

/* Private use: characters of the municipality's own (外字). */
static bool is_gaiji(gunichar u)
{
	return (u >= 0xE000 && u <= 0xF8FF) || u >= 0xF0000;
}

static void add(PangoAttrList *list, PangoAttribute *a, size_t from, size_t to)
{
	a->start_index = (guint)from;
	a->end_index = (guint)to;
	pango_attr_list_insert(list, a);
}

/* Characters of private use come from the installed font only. */
static void add_gaiji(const struct page *p, PangoAttrList *list, const char *text)
{
	for (const char *c = text; *c != '\0'; c = page_next_char(c)) {
		const size_t at = (size_t)(c - text);

		if (is_gaiji(g_utf8_get_char(c)) && p->fonts->gaiji != NULL)
			add(list, pango_attr_family_new(p->fonts->gaiji), at,
			    at + (size_t)(page_next_char(c) - c));
	}
}

static void set(struct page *p, const struct page_style *s, double width, const char *text)
{
	static const PangoAlignment align[] = {PANGO_ALIGN_LEFT, PANGO_ALIGN_CENTER,
					       PANGO_ALIGN_RIGHT};
	PangoFontDescription *d = pango_font_description_new();
	PangoAttrList *list = pango_attr_list_new();
	PangoLayout *l = p->fonts->layout;
	const size_t n = strlen(text);

	pango_font_description_set_family_static(d, p->fonts->family);
	pango_font_description_set_absolute_size(d, s->size * PANGO_SCALE);
	add(list, pango_attr_fallback_new(FALSE), 0, n);
	/* A long name in capitals is broken as it is: a hyphen would be part of another name. */
	add(list, pango_attr_insert_hyphens_new(FALSE), 0, n);
	if (s->spacing > 0)
		add(list, pango_attr_letter_spacing_new((int)(s->spacing * PANGO_SCALE)), 0, n);
	add_gaiji(p, list, text);
	pango_layout_set_font_description(l, d);
	pango_layout_set_attributes(l, list);
	pango_layout_set_alignment(l, align[s->align]);
	pango_layout_set_spacing(l, (int)(s->size * 0.22 * PANGO_SCALE));
	pango_layout_set_width(l, width > 0 ? (int)(width * PANGO_SCALE) : -1);
	pango_layout_set_text(l, text, (int)n);
	pango_attr_list_unref(list);
	pango_font_description_free(d);
}

/* Does the font have this very form? It draws another one in silence if not. */
static bool has_variant(PangoFont *font, gunichar base, gunichar selector)
{
	hb_codepoint_t glyph = 0;

	return hb_font_get_variation_glyph(pango_font_get_hb_font(font), base, selector, &glyph) &&
	       glyph != 0;
}

static uint32_t missing_in_run(const struct page *p, const char *text, const PangoLayoutRun *run)
{
	const char *c = text + run->item->offset, *end = c + run->item->length;
	gunichar before = 0;

	for (; c < end; c = page_next_char(c)) {
		const gunichar u = g_utf8_get_char(c);

		if (is_selector(u) && !has_variant(run->item->analysis.font, before, u))
			return before != 0 ? before : u;
		if (is_gaiji(u) && p->fonts->gaiji == NULL)
			return u;
		before = u;
	}
	for (int i = 0; i < run->glyphs->num_glyphs; i++) {
		const PangoGlyph g = run->glyphs->glyphs[i].glyph;

		c = text + run->item->offset + run->glyphs->log_clusters[i];
		if ((g & PANGO_GLYPH_UNKNOWN_FLAG) != 0 || g == 0)
			return g_utf8_get_char(c);
		if (g == PANGO_GLYPH_EMPTY && !g_unichar_isspace(g_utf8_get_char(c)))
			return g_utf8_get_char(c);
	}
	return 0;
}

static uint32_t missing(const struct page *p, const char *text)
{
	PangoLayoutIter *it = pango_layout_get_iter(p->fonts->layout);
	uint32_t out = 0;

	do {
		const PangoLayoutRun *run = pango_layout_iter_get_run_readonly(it);

		if (run != NULL)
			out = missing_in_run(p, text, run);
	} while (out == 0 && pango_layout_iter_next_run(it));
	pango_layout_iter_free(it);
	return out;
}

static void fail_missing(struct page *p, uint32_t u)
{
	if (u == 0 || p->err != CARD_OK)
		return;
	p->err = CARD_ERR_NOT_FOUND;
	p->missing = u;
}

double page_text_height(struct page *p, const struct page_style *s, double width, const char *text)
{
	PangoRectangle r;

	if (*text == '\0')
		return s->size;
	set(p, s, width, text);
	pango_layout_get_extents(p->fonts->layout, NULL, &r);
	return (double)r.height / PANGO_SCALE;
}

double page_text_width(struct page *p, const struct page_style *s, const char *text)
{
	PangoRectangle r;

	set(p, s, 0, text);
	pango_layout_get_extents(p->fonts->layout, NULL, &r);
	return (double)r.width / PANGO_SCALE;
}

void page_text(struct page *p, const struct page_style *s, double x, double y, double width,
	       const char *text)
{
	if (p->err != CARD_OK || *text == '\0')
		return;
	set(p, s, width, text);
	fail_missing(p, missing(p, text));
	if (p->err != CARD_OK)
		return;
	cairo_move_to(p->cr, x, y);
	pango_cairo_show_layout(p->cr, p->fonts->layout);
	if (p->drawn != NULL)
		p->err = card_buf_append(p->drawn, card_bytes(text, strlen(text)));
	if (p->drawn != NULL && p->err == CARD_OK)
		p->err = card_buf_append_byte(p->drawn, '\n');
}

uint32_t flow_fonts_missing(flow_fonts_t *fonts, const char *text)
{
	struct page p = {.fonts = fonts};
	const struct page_style s = {10, PAGE_LEFT, 0};

	if (fonts == NULL || text == NULL || !g_utf8_validate(text, -1, NULL))
		return 0xFFFD;
	set(&p, &s, 0, text);
	return missing(&p, text);
}
